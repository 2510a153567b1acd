"""What estimates take for usual: kept by administrators over the API or by the page, now or for later."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from people import Api, ClientAs

from domain.access import Role
from domain.clinicians import ClinicianKind
from domain.estimate_policies import EstimatePolicy
from records import estimate_policies
from web.app import mount_pages

if TYPE_CHECKING:
    from conftest import Databases

POLICY, PAGE = "/v1/estimate-policy", "/admin/estimates"


async def test_what_is_usual_changes_on_its_day_and_who_said_so_stays_readable(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    mount_pages(api.app)
    keeper = await client_as(Role.ADMINISTRATOR)
    keeper.http.cookies.set("kindroom_csrf", "t")
    assert "Nothing else was ever set" in (await keeper.http.get(PAGE)).text
    form = {
        "csrf_token": "t",
        "sessions_per_month": "0",
        "typical_minutes": "25",
        "clinician_kind": "prescriber",
    }
    wrong = await keeper.http.post(PAGE, data=form)
    assert wrong.status_code == 422
    assert "This is out of range." in wrong.text
    past = await keeper.http.post(
        PAGE, data={**form, "sessions_per_month": "3", "starts": "2001-01-01T00:00"}
    )
    assert past.status_code == 422
    assert "Choose a time to come" in past.text
    saved = await keeper.http.post(PAGE, data={**form, "sessions_per_month": "3"})
    assert saved.headers["location"] == f"{PAGE}?said=saved"

    tomorrow = datetime.now(UTC) + timedelta(days=1)
    body = {"typical_minutes": 15, "clinician_kind": "non_prescriber", "effective_from": tomorrow.isoformat()}
    for sessions in (5, 2):  # the second takes the first back
        given = {**body, "sessions_per_month": sessions}
        assert (await keeper.http.put(POLICY, json=given)).status_code == 204
    found = (await keeper.http.get(POLICY)).json()
    assert (found["sessions_per_month"], found["clinician_kind"]) == (3, "prescriber")
    assert [(each["sessions_per_month"], each["superseded_at"] is None) for each in found["versions"]] == [
        (2, True),
        (5, False),
        (3, True),
    ]
    assert all(each["entered_by"] for each in found["versions"])
    page = (await keeper.http.get(PAGE)).text
    assert page.index("To come") < page.index("Taken back")
    async with databases.care.transaction(at=tomorrow) as tx:
        now = await estimate_policies.in_force(tx)
    assert now == EstimatePolicy(2, 15, ClinicianKind.NON_PRESCRIBER)
