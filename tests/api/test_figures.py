"""Figures over HTTP: the same in every form, for supervisors only, each look at them on record."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zipfile import ZipFile

import httpx
import pytest
from people import Api, ClientAs
from promises import promise, quiet_room

from domain.access import Role

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
EVIL = '=HYPERLINK("http://x")'


@pytest.fixture
async def supervisor(client_as: ClientAs) -> httpx.AsyncClient:
    """A supervisor's device."""
    return (await client_as(Role.SUPERVISOR)).http


@pytest.fixture(autouse=True)
async def _march(databases: "Databases") -> None:
    mei = await quiet_room(databases.care, name="Mei Lin", team="East")
    evil = await quiet_room(databases.care, name=EVIL)
    async with databases.care.transaction() as tx:
        for n in range(3):
            await promise(tx, mei, MONDAY + timedelta(days=n), after=timedelta(minutes=90))
        await promise(tx, evil, MONDAY, state="late", after=timedelta(hours=9))
        await promise(tx, evil, MONDAY + timedelta(days=2), state="running", after=None)


async def test_the_summary_has_its_figures_of_the_whole_and_of_each_group(
    supervisor: httpx.AsyncClient,
) -> None:
    body = (await supervisor.get("/v1/supervision/summary", params={**MARCH, "group_by": "therapist"})).json()
    assert (body["n"], body["attainment"], body["p50"], body["p90"]) == (5, 0.6, "PT1H30M", None)
    assert (body["backlog"], body["breaches"], body["items_opened"]) == (1, 1, 5)
    assert body["interval"]["low"] < 0.6 < body["interval"]["high"]
    assert (body["start"], body["time_zone"]) == ("2026-03-01T05:00:00Z", "America/New_York")
    assert [(item["name"], item["n"], item["rank"]) for item in body["items"]] == [
        (EVIL, 2, None),
        ("Mei Lin", 3, None),
    ]
    assert body["items"][1]["p50_seconds"] == 5_400


@pytest.mark.parametrize("group_by", ["all", "therapist", "team", "policy", "week", "kind"])
async def test_every_grouping_answers_in_every_form_with_the_same_figures(
    supervisor: httpx.AsyncClient, group_by: str
) -> None:
    asked = {**MARCH, "group_by": group_by}
    path = "/v1/supervision/reports/response_times"
    document = (await supervisor.get(path, params=asked)).json()
    assert document["totals"]["n"] == sum(row["n"] for row in document["rows"]) == 5
    text = (await supervisor.get(path, params={**asked, "format": "csv"})).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    names = [column["title"] for column in document["columns"]]
    place = rows.index(names)
    told = rows[place + 1 : place + 1 + len(document["rows"])]
    assert [row[names.index("n")] for row in told] == [str(row["n"]) for row in document["rows"]]
    page = await supervisor.get(path, params={**asked, "format": "html"})
    assert "not reached" in page.text
    assert "<svg" in page.text
    book = await supervisor.get(path, params={**asked, "format": "xlsx"})
    with ZipFile(io.BytesIO(book.content)) as parts:
        assert parts.testzip() is None
        assert "xl/charts/chart1.xml" in parts.namelist()
        assert "<f>" not in parts.read("xl/worksheets/sheet1.xml").decode()
    suffix = "" if group_by == "all" else f"_by_{group_by}"
    assert f'"response_times{suffix}-2026-03-31.xlsx"' in book.headers["content-disposition"]


async def test_a_name_that_starts_like_a_formula_is_disarmed(supervisor: httpx.AsyncClient) -> None:
    asked = {**MARCH, "group_by": "therapist", "format": "csv"}
    text = (await supervisor.get("/v1/supervision/reports/response_times", params=asked)).text
    assert f'\n"\'{EVIL.replace(chr(34), chr(34) * 2)}",' in text.replace("\r\n", "\n")


async def test_the_reports_that_are_listed_can_be_asked_for(supervisor: httpx.AsyncClient) -> None:
    for item in (await supervisor.get("/v1/supervision/reports")).json()["items"]:
        for form in item["formats"]:
            answer = await supervisor.get(f"/v1/supervision/reports/{item['name']}", params={"format": form})
            assert answer.status_code == 200
    assert (await supervisor.get("/v1/supervision/reports/nothing")).status_code == 404


async def test_days_and_instants_are_both_understood(supervisor: httpx.AsyncClient) -> None:
    counted = {}
    for since, until in (
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02T15:00:00Z", "2026-03-03T15:00:00Z"),
        ("2026-03-02T10:00:00-05:00", "2026-03-03"),
        ("2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"),
    ):
        asked = {"from": since, "to": until}
        counted[since] = (await supervisor.get("/v1/supervision/summary", params=asked)).json()["n"]
    assert list(counted.values()) == [2, 2, 3, 5]


async def test_what_is_not_a_period_is_refused(supervisor: httpx.AsyncClient) -> None:
    for asked in (
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "0001-01-01"},
        {"to": "9999-12-31"},
        {"from": "2026-03-01T00:00:00"},
        {"from": "yesterday"},
        {"group_by": "client"},
        {"group_by": "week", "from": "1950-01-01"},
    ):
        answer = await supervisor.get("/v1/supervision/summary", params=asked)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), (
            asked
        )


async def test_each_look_is_on_record(supervisor: httpx.AsyncClient, databases: "Databases") -> None:
    for path in ("summary", "reports/response_times"):
        await supervisor.get(f"/v1/supervision/{path}")
    async with databases.worker.transaction() as tx:
        rows = await tx.all("SELECT action FROM audit_events WHERE role = 'supervisor' ORDER BY id")
    assert {"read_figures", "read_report_response_times"} <= {row["action"] for row in rows}


async def test_nobody_else_sees_them(api: Api, client_as: ClientAs) -> None:
    for role in (Role.CLIENT, Role.THERAPIST, Role.BILLING, Role.ADMINISTRATOR):
        person = await client_as(role)
        for path in ("summary", "reports", "reports/response_times"):
            assert (await person.http.get(f"/v1/supervision/{path}")).status_code == 403
    assert (await api.http.get("/v1/supervision/summary")).status_code == 401
