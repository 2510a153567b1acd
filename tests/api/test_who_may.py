"""Every route of accounts, clients, intake, measures and risk, by every role and by nobody."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute
from people import Api, ClientAs

import api.accounts
import api.clients
import api.consents
import api.devices
import api.intake
import api.measures
import api.passcodes
import api.risk
from domain.access import Role

ALL = frozenset(Role)
CLIENT, SUPERVISOR = frozenset({Role.CLIENT}), frozenset({Role.SUPERVISOR})
NOWHERE = uuid4()

# Who is let in: everyone else meets `otherwise`. `open` routes have no door.
DOORS: dict[str, tuple[frozenset[Role], int]] = {
    "POST /v1/auth/logout": (ALL, 401),
    "GET /v1/me": (ALL, 401),
    "GET /v1/me/devices": (ALL, 401),
    "DELETE /v1/me/devices": (ALL, 401),
    "DELETE /v1/me/devices/{device_id}": (ALL, 401),
    "PUT /v1/me/passcode": (ALL, 401),
    "POST /v1/me/passcode/remove": (ALL, 401),
    "POST /v1/me/lock": (ALL, 401),
    "POST /v1/me/unlock": (ALL, 401),
    "GET /v1/journey": (CLIENT, 403),
    "POST /v1/journey/pause": (CLIENT, 403),
    "POST /v1/journey/resume": (CLIENT, 403),
    "GET /v1/clients/{client_id}/timeline": (SUPERVISOR, 404),
    "GET /v1/intake": (CLIENT, 403),
    "PUT /v1/intake": (CLIENT, 403),
    "GET /v1/intake/form": (CLIENT, 403),
    "POST /v1/intake/submit": (CLIENT, 403),
    "POST /v1/intake/guardian": (CLIENT, 403),
    "GET /v1/me/suitability": (CLIENT, 403),
    "PUT /v1/me/location": (CLIENT, 403),
    "GET /v1/consents": (CLIENT, 403),
    "POST /v1/consents": (CLIENT, 403),
    "POST /v1/consents/{document}/withdraw": (CLIENT, 403),
    "GET /v1/measures": (CLIENT, 403),
    "GET /v1/measures/{name}": (CLIENT, 403),
    "POST /v1/measures/{name}/responses": (CLIENT, 403),
    "GET /v1/measures/{name}/responses": (CLIENT, 403),
    "GET /v1/risk-flags/mine": (CLIENT, 403),
    "POST /v1/risk-flags/{flag_id}/safe-now": (CLIENT, 403),
    "GET /v1/risk-flags": (SUPERVISOR, 403),
    "POST /v1/risk-flags/{flag_id}/acknowledge": (SUPERVISOR, 404),
    "POST /v1/risk-flags/{flag_id}/close": (SUPERVISOR, 404),
}
OPEN = {"POST /v1/auth/token", "POST /v1/clients", "POST /v1/clients/confirm", "POST /v1/help-now"}

BODIES: dict[str, Any] = {
    "PUT /v1/me/passcode": {"passcode": "730518"},
    "POST /v1/me/passcode/remove": {"current": "730518"},
    "POST /v1/me/unlock": {"passcode": "730518"},
    "PUT /v1/intake": {"focus": ["sleep"]},
    "PUT /v1/me/location": {"state": "NY"},
    "POST /v1/consents": {"document": "privacy_notice", "version": "2025-01", "signature": "A"},
    "POST /v1/measures/{name}/responses": {"answers": [0] * 9},
    "POST /v1/risk-flags/{flag_id}/safe-now": {"safe": True},
    "POST /v1/risk-flags/{flag_id}/close": {"rationale": "Spoke by phone."},
}
LET_IN = {200, 201, 204, 404, 409, 422}


def routes() -> set[str]:
    """Every route of these modules."""
    modules = (
        api.accounts,
        api.clients,
        api.consents,
        api.devices,
        api.intake,
        api.measures,
        api.passcodes,
        api.risk,
    )
    return {
        f"{method} {route.path}"
        for module in modules
        for route in module.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }


def test_no_route_is_forgotten_here() -> None:
    assert routes() == set(DOORS) | OPEN


async def ask(http: Any, route: str, ids: dict[str, str]) -> int:
    method, path = route.split(" ")
    answer = await http.request(method, path.format(**ids), json=BODIES.get(route))
    status: int = answer.status_code
    return status


@pytest.mark.parametrize("role", [*Role, None])
async def test_every_route_lets_in_whom_it_should(api: Api, client_as: ClientAs, role: Role | None) -> None:
    ana = await client_as(Role.CLIENT)
    flag_id = (await ana.http.post("/v1/help-now")).json()["flag_id"]
    ids = {
        "client_id": str(ana.account_id),
        "flag_id": flag_id,
        "name": "PHQ-9",
        "device_id": str(NOWHERE),
        "document": "part_2",
    }
    person = await client_as(role) if role else None
    last = "POST /v1/auth/logout"
    wrong = {}
    for route in [*sorted(set(DOORS) - {last, "POST /v1/me/lock"}), "POST /v1/me/lock", last]:
        let_in, otherwise = DOORS[route]
        status = await ask(person.http if person else api.http, route, ids)
        if role is None:
            expected = {401}
        elif role in let_in:
            expected = LET_IN
        else:
            expected = {otherwise}
        if status not in expected:
            wrong[route] = status
    assert wrong == {}


async def test_tries_on_another_are_in_the_audit_log(api: Api, client_as: ClientAs) -> None:
    ana, ben, bea = await client_as(Role.CLIENT), await client_as(Role.CLIENT), await client_as(Role.BILLING)
    for person in (ben, bea):
        assert (await person.http.get(f"/v1/clients/{ana.account_id}/timeline")).status_code == 404
    async with api.worker.transaction() as tx:
        rows = await tx.all(
            "SELECT actor_id, subject_id, action FROM audit_events WHERE outcome = 'refused' ORDER BY id"
        )
    assert [(row["actor_id"], row["subject_id"], row["action"]) for row in rows] == [
        (person.account_id, ana.account_id, "read_timeline") for person in (ben, bea)
    ]
