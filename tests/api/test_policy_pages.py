"""The pages of policies: read in words, changed by plain forms, refused with what was typed still there."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from people import Api, ClientAs
from scenes import Scene, set_scene

from domain.access import Role
from web.app import mount_pages

VERSION = {
    "kind": "working_minutes",
    "minutes": "90",
    "nudge": "50",
    "cover": "200",
    "capped": "yes",
    "starts": "",
}
TABLE = {
    "kind": "reply_by",
    "minutes": "",
    "nudge": "75",
    "cover": "",
    **{"from_0": "08:00", "to_0": "20:00", "by_0": "21:00", "day_0": "0"},
    **{"from_1": "20:00", "to_1": "08:00", "by_1": "10:00", "day_1": "1"},
    **{"from_2": "", "to_2": "", "by_2": "", "day_2": "0"},
}


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    mount_pages(api.app)
    found = await set_scene(api, client_as)
    for person in found.strangers.values():
        person.http.cookies.set("kindroom_csrf", "t")
    return found


async def send(scene: Scene, path: str, role: Role = Role.SUPERVISOR, **form: str) -> tuple[int, str]:
    """The status and text of the page that a form leads to."""
    answer = await scene.strangers[role].http.post(path, data={"csrf_token": "t", **form})
    return answer.status_code, answer.text


async def read(scene: Scene, path: str, role: Role = Role.SUPERVISOR) -> str:
    answer = await scene.strangers[role].http.get(path)
    assert answer.status_code == 200
    return answer.text


async def test_a_policy_is_read_in_words_with_its_table_its_ladder_and_its_history(scene: Scene) -> None:
    page = await read(scene, "/policies")
    assert 'href="/policies/morning"' in page
    assert "Within 8 h of working time" in page
    assert "Everyone is promised the same" in page
    page = await read(scene, "/policies/morning", Role.ADMINISTRATOR)
    assert "10:00 AM, the next working day" in page
    assert "At 150 % of the time cover is offered" in page
    assert "The beginning" in page


async def test_a_form_puts_a_version_in_force_and_the_page_keeps_the_one_before(scene: Scene) -> None:
    assert await send(scene, "/policies/welcome", **VERSION) == (303, "")
    page = await read(scene, "/policies/welcome")
    assert "Within 1 h 30 min of working time" in page
    assert "50 %, 100 %, 200 %" in page
    assert "Within 3 h of working time" in page
    assert "Earlier" in page


async def test_a_table_is_made_of_the_rows_that_were_filled(scene: Scene) -> None:
    assert (await send(scene, "/policies/new", name="long-days", **TABLE))[0] == 303
    found = (await scene.strangers[Role.SUPERVISOR].http.get("/v1/response-policies/long-days")).json()
    assert found["table"] == [["08:00", "20:00", "21:00", 0], ["20:00", "08:00", "10:00", 1]]
    assert [each["percent"] for each in found["ladder"]] == [75, 100]


async def test_when_it_begins_is_said_by_the_clock_of_who_says_it(scene: Scene) -> None:
    assert (await send(scene, "/policies/new", name="later", **{**VERSION, "starts": "2099-07-01T09:00"}))[
        0
    ] == 303
    found = (await scene.strangers[Role.SUPERVISOR].http.get("/v1/response-policies")).json()["items"]
    (later,) = [each for each in found if each["name"] == "later"]
    zone = (await scene.strangers[Role.SUPERVISOR].http.get("/v1/me")).json()["time_zone"]
    begins = datetime.fromisoformat(later["upcoming"][0]["effective_from"])
    assert begins == datetime(2099, 7, 1, 9, tzinfo=ZoneInfo(zone))
    assert "Not in force yet" in await read(scene, "/policies")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"minutes": "soon"}, "A number, please."),
        ({"minutes": "-5"}, "at most a year"),
        ({"nudge": "120"}, "The reminder comes before 100 %"),
        ({"cover": "5000"}, "at most 1,000 %"),
        ({"starts": "2020-01-01T09:00"}, "That has passed."),
        ({"kind": "reply_by"}, "Each window begins where"),
        ({"name": "Two Words"}, "Small letters"),
    ],
)
async def test_what_makes_no_sense_is_refused_where_it_was_typed_and_stays_there(
    scene: Scene, change: dict[str, str], words: str
) -> None:
    status, page = await send(scene, "/policies/new", **{"name": "odd", **VERSION, **change})
    assert status == 422
    assert words in page
    assert all(value in page for value in change.values())
    assert "odd" not in await read(scene, "/policies")


async def test_a_plan_is_put_on_a_policy_and_only_staff_who_manage_them_may(scene: Scene) -> None:
    terms = {"plan": "plus", "items": "first_response", "policy": "evening", "starts": ""}
    assert (await send(scene, "/policies/terms", **terms))[0] == 303
    page = await read(scene, "/policies")
    assert "Clients on plus" in page
    assert "First answers" in page
    assert (await send(scene, "/policies/terms", **{**terms, "policy": "nothing"}))[0] == 422
    assert (await send(scene, "/policies/terms", **{**terms, "plan": "No Plan"}))[0] == 422
    for role in (Role.CLIENT, Role.THERAPIST, Role.BILLING):
        assert (await send(scene, "/policies/terms", role, **terms))[0] == 403
        assert (await send(scene, "/policies/welcome", role, **VERSION))[0] == 403
        assert (await scene.strangers[role].http.get("/policies")).status_code == 403


@pytest.mark.parametrize("path", ["/policies", "/board/health"])
async def test_how_far_the_running_promises_have_moved_is_shown_until_they_have(
    scene: Scene, api: Api, path: str
) -> None:
    assert "<progress" not in await read(scene, path)
    await send(scene, "/policies/next_response", **VERSION)
    assert "Moving running promises to the new policy: counting them" in await read(scene, path)
    async with api.worker.transaction() as tx:
        await tx.run("UPDATE reprojections SET total = 10000, done = 3400")
    page = await read(scene, path)
    assert "Moving 3,400 of 10,000 running promises to the new policy" in page
    assert 'max="10000" value="3400"' in page
    async with api.worker.transaction() as tx:
        await tx.run("UPDATE reprojections SET done = 10010")  # the pass at the end found late arrivals
    assert "Moving 10,000 of 10,000" in await read(scene, path)
    async with api.worker.transaction() as tx:
        await tx.run("UPDATE reprojections SET finished_at = now()")
    assert "<progress" not in await read(scene, path)
