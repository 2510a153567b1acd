"""Every page and form that names a thing by its id: to those it does not belong to, it is not there."""

from importlib import import_module
from typing import TYPE_CHECKING

from belongings import Belongings, everything, fill_room
from fastapi.routing import APIRoute
from people import Api, ClientAs

from web.app import PAGES, mount_pages

if TYPE_CHECKING:
    from conftest import Databases

STRANGERS = ("other client", "other therapist", "billing", "administrator")
FORM = {
    "csrf_token": "t",
    "text": "Hi.",
    "rationale": "Spoke.",
    "question": "What would you do?",
    "answer": "Ask once more.",
    "purpose": "quality",
    "reason": "Review after a complaint.",
    "statement": "Walk.",
    "value": "5",
    "codes": "F41.1",
    "kind": "SOAP",
    "plan": "x",
    "decision": "ask_again",
    "clinical_minutes": "20",
}
"""Something for every form: what a stranger sends is not refused for what it lacks."""


def named_by_id() -> list[tuple[str, str]]:
    """Method and path of every page that has an id in its path."""
    routes = [
        route
        for name in PAGES
        for route in import_module(f"web.pages.{name}").router.routes
        if isinstance(route, APIRoute) and "_id}" in route.path
    ]
    return [(method, route.path) for route in routes for method in sorted(route.methods)]


async def test_a_stranger_finds_no_page_and_changes_nothing(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    mount_pages(api.app)
    found = await fill_room(api, client_as, databases)
    before, wrong = await everything(databases), {}
    for method, path in named_by_id():
        for name in STRANGERS:
            status = await ask(found, name, method, path)
            if status not in {403, 404} and not theirs(name, path):
                wrong[f"{name}: {method} {path}"] = status
    assert wrong == {}
    assert await everything(databases) == before


def theirs(name: str, path: str) -> bool:
    """What the office keeps is no client's own: a cover is billing's, a payer the administrators'."""
    return (name == "billing" and "coverage_id" in path) or (
        name == "administrator" and path.startswith("/admin/payers/")
    )


async def ask(found: Belongings, name: str, method: str, path: str) -> int:
    """The status of a page or a form that this person sends."""
    person = found.people[name]
    assert person is not None
    form = {**FORM, "therapist_id": found.ids["therapist_id"]} if method == "POST" else None
    person.http.cookies.set("kindroom_csrf", "t")
    answer = await person.http.request(method, path.format(**found.ids), data=form)
    return answer.status_code
