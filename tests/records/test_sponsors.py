"""Sponsors on the real rows: who may come, the ledger of sessions, rosters that keep no name."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from arrivals import House, arrived, house, permit
from office import attested_week, insured_room, open_office

from domain.access import Action, Actor
from domain.errors import Conflict, Invalid
from domain.sponsors import Terms
from domain.zones import date_everywhere
from records import coverages, receipts, relations, rosters, service_lines, sponsor_terms, sponsors
from records.coverages import NewCoverage
from records.database import Database, Row
from records.sponsor_terms import NewSponsor
from reports.report import Period
from reports.sponsor_utilisation import utilisation

if TYPE_CHECKING:
    from conftest import Databases

SINCE = date(2026, 1, 1)
FERRY = NewSponsor("Harbor Ferry Company", "employer", "HARBOR-2025", 2, SINCE)
LISTED = replace(FERRY, code="LISTED-2025", needs_roster=True)
HEAD = "first_name,last_name,date_of_birth,relationship,authorisation,sessions,authorised_until\n"
ANA = "Ana Maria,Rivera,1990-01-15,,,,\n"  # every client of these tests is called so

YESTERDAY = timedelta(days=1)
"""A roster of yesterday holds for its people by every calendar: theirs may be a day behind ours."""


async def come(care: Database, found: House, me: Actor, code: str) -> UUID:
    async with care.transaction(me) as tx:
        new = NewCoverage(coverages.SPONSOR, sponsor_code=code)
        return await coverages.give(tx, await permit(tx, me), found.index, new)


async def add(care: Database, found: House, new: NewSponsor) -> UUID:
    async with care.transaction() as tx:
        return await sponsor_terms.add_sponsor(tx, found.index, new)


async def send(databases: "Databases", sponsor_id: UUID, text: str, mode: str = "add") -> Row:
    """A roster, worked off to its end."""
    async with databases.care.transaction() as tx:
        roster_id = await rosters.send(
            tx, sponsor_id, (HEAD + text).encode(), mode, tx.now.date() - YESTERDAY
        )
    goes_on = True
    while goes_on:
        async with databases.worker.transaction() as tx:
            goes_on = await rosters.work(tx, roster_id)
    async with databases.care.transaction() as tx:
        return await rosters.find(tx, sponsor_id, roster_id)


async def rows(databases: "Databases", sql: str) -> list[dict[str, Any]]:
    async with databases.care.transaction() as tx:
        return await tx.all(sql)


async def test_sessions_are_granted_once_used_once_and_never_below_zero(databases: "Databases") -> None:
    found, me = await house(databases.care), await arrived(databases.care)
    sponsor_id = await add(databases.care, found, FERRY)
    with pytest.raises(Conflict, match="sponsor_code_taken"):
        await add(databases.care, found, replace(FERRY, name="Another"))
    first = await come(databases.care, found, me, " harbor-2025 ")
    second = await come(databases.care, found, me, "HARBOR-2025")
    async with databases.worker.transaction() as tx:
        assert [await sponsors.credits_left(tx, each) for each in (first, second)] == [2, 2]
        told = await tx.one("SELECT status, reasons FROM coverages WHERE id = %s", (second,))
    assert told == {"status": "active", "reasons": ["sponsor_active"]}
    ledger = "SELECT sessions, reason FROM sponsor_credits"
    assert await rows(databases, ledger) == [{"sessions": 2, "reason": "granted"}]
    for change in ("UPDATE sponsor_credits SET sessions = 9", "DELETE FROM sponsor_credits"):
        async with await psycopg.AsyncConnection.connect(databases.owner_dsn) as owner:
            with pytest.raises(psycopg.errors.RestrictViolation):
                await owner.execute(change)
    async with databases.care.transaction() as tx:
        await sponsor_terms.end_sponsor(tx, sponsor_id, tx.now.date())
        assert await sponsors.credits_left(tx, second, tx.now.date() + timedelta(days=30)) == 2
    stranger = await arrived(databases.care)
    with pytest.raises(Invalid):
        await come(databases.care, found, stranger, "HARBOR-2026")


async def sponsored_room(databases: "Databases", found: House, sponsor_id: UUID) -> Any:
    """A room in care whose cover is the sponsor's since before the week."""
    where = await insured_room(databases, await open_office(databases, code="premera", number="00430"))
    async with databases.care.transaction(where.client) as tx:
        await tx.run(
            "UPDATE coverages SET kind = 'sponsor', sponsor_id = %s, payer_id = NULL WHERE client_id = %s",
            (sponsor_id, where.client.account_id),
        )
        coverage = await tx.one("SELECT * FROM coverages WHERE client_id = %s", (where.client.account_id,))
        assert coverage is not None
        await sponsors.grant(tx, coverage)
        # granted on the day the cover was given
        await tx.run("UPDATE sponsor_authorisations SET valid_from = valid_from - 60")
    return where


async def test_a_session_of_the_sponsor_pays_a_week_and_the_last_one_is_told(databases: "Databases") -> None:
    found = await house(databases.care)
    sponsor_id = await add(databases.care, found, replace(FERRY, sessions_each=1))
    where = await sponsored_room(databases, found, sponsor_id)
    view = await attested_week(databases, where, days_ago=20)
    assert view.line is not None
    assert (view.line["state"], view.line["holds"], view.line["payer_id"]) == ("sponsored", [], None)
    async with databases.billing.transaction() as tx:
        assert await sponsors.use_credit(tx, view.line["coverage_id"], view.line["id"])  # a repeat
        assert await sponsors.credits_left(tx, view.line["coverage_id"]) == 0
    told = await rows(databases, "SELECT account_id FROM notices WHERE template = 'credits_used_up'")
    assert [each["account_id"] for each in told] == [where.client.account_id]

    # The next week finds none and is held: in the days of that grant there is no other one.
    again = await attested_week(databases, where, days_ago=9)
    assert again.line is not None
    assert (again.line["state"], again.line["holds"]) == ("held", ["credits_used_up"])
    async with databases.care.transaction() as tx:  # the days of the first grant are over
        await tx.run(
            "UPDATE sponsor_authorisations SET valid_to = %s",
            (again.line["service_date"] - timedelta(days=1),),
        )
    async with databases.billing.transaction() as tx:
        await service_lines.look_again(tx)
    states = await rows(databases, "SELECT state FROM service_lines ORDER BY service_date")
    assert [each["state"] for each in states] == ["sponsored", "sponsored"]
    used = await rows(databases, "SELECT sum(sessions) AS n FROM sponsor_credits WHERE reason = 'used'")
    assert used == [{"n": -2}]


async def test_who_pays_themselves_is_never_on_a_claim(databases: "Databases") -> None:
    await house(databases.care)
    where = await insured_room(databases, await open_office(databases, code="premera", number="00430"))
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE coverages SET kind = 'fsa_hsa', payer_id = NULL")
    view = await attested_week(databases, where)
    assert view.line is not None
    assert (view.line["state"], str(view.line["charge"]), view.line["holds"]) == ("self_paid", "65.00", [])
    day = view.line["service_date"]
    async with databases.care.transaction(where.client) as tx:
        me = await relations.readable_chart(tx, where.client.account_id, Action.READ_COVERAGE)
        found = await receipts.receipt(tx, me, day, day)
        before = await receipts.receipt(tx, me, day - timedelta(days=9), day - timedelta(days=1))
    (item,) = found.items
    assert (item.amount, item.card, item.service_from, item.clinical_minutes) == (found.amount, True, day, 25)
    assert item.clinician == "Dr. Ngozi Okafor, LCSW"
    assert (found.patient, before.items, str(before.amount)) == ("Ana Maria Rivera", (), "0.00")


async def test_a_roster_lets_in_its_people_once_and_keeps_no_name(databases: "Databases") -> None:
    found = await house(databases.care)
    me, impostor = await arrived(databases.care), await arrived(databases.care)
    sponsor_id = await add(databases.care, found, LISTED)
    for _ in range(2):
        with pytest.raises(Invalid) as refused:
            await come(databases.care, found, me, LISTED.code)
    assert refused.value.errors[0].code == "unknown_code"
    done = await send(
        databases, sponsor_id, ANA + "Ben,Okoro,not a day,,,,\n" + "Mei,Lin,1980-02-03,child,,,\n"
    )
    assert (done["state"], done["total"], done["done"], done["taken"], done["refused"]) == (
        "done",
        3,
        3,
        2,
        1,
    )
    assert done["refusals"] == {"rows": [[3, "date_of_birth", "not_a_date"]]}
    kept = await rows(
        databases, "SELECT r::text || m::text AS whole FROM sponsor_rosters r, sponsor_members m"
    )
    assert not any(
        word in each["whole"] for each in kept for word in ("Rivera", "1990-01-15", "Okoro", "not a day")
    )

    # One place, one account; and two at the same time are not two.
    came = await asyncio.gather(
        *(come(databases.care, found, each, LISTED.code) for each in (me, impostor)), return_exceptions=True
    )
    assert sorted(isinstance(each, Invalid) for each in came) == [False, True]


async def test_nobody_leaves_by_a_list_of_which_a_row_was_refused(databases: "Databases") -> None:
    found = await house(databases.care)
    sponsor_id = await add(databases.care, found, LISTED)
    await send(databases, sponsor_id, ANA + "Mei,Lin,1980-02-03,,,,\n")
    with pytest.raises(Invalid):
        await send(databases, sponsor_id, "", "replace")
    unread = await send(databases, sponsor_id, ANA + "Mei,Lin,3 Feb 80,,,,\n", "replace")
    assert (unread["refused"], unread["left_out"]) == (1, 0)
    async with databases.care.transaction() as tx:
        assert await rosters.counted(tx, sponsor_id, tx.now.date()) == 2
    whole = await send(databases, sponsor_id, ANA, "replace")
    assert (whole["taken"], whole["left_out"]) == (1, 1)
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE sponsor_members SET active_from = active_from - 9")
        await tx.run("UPDATE sponsor_members SET active_to = active_to - 1 WHERE active_to IS NOT NULL")
        assert await rosters.counted(tx, sponsor_id, tx.now.date()) == 1


async def test_an_authorisation_of_the_sponsor_counts_once_and_its_end_is_told(
    databases: "Databases",
) -> None:
    found, me = await house(databases.care), await arrived(databases.care)
    sponsor_id = await add(databases.care, found, replace(LISTED, needs_authorisation=True))
    await send(databases, sponsor_id, ANA)
    with pytest.raises(Invalid):
        await come(databases.care, found, me, LISTED.code)
    soon = datetime.now(UTC).date() + timedelta(days=9)
    await send(databases, sponsor_id, f"Ana,Rivera,1990-01-15,,EAP-77,3,{soon.isoformat()}\n")
    coverage_id = await come(databases.care, found, me, LISTED.code)
    for _ in range(2):
        async with databases.worker.transaction() as tx:
            await sponsors.tell_running_out(tx)
    granted = await rows(databases, "SELECT number, sessions, valid_to FROM sponsor_authorisations")
    assert granted == [{"number": "EAP-77", "sessions": 3, "valid_to": soon}]
    assert len(await rows(databases, "SELECT 1 FROM notices WHERE template = 'credits_run_out'")) == 1

    # Used up, it is not granted again by giving the code again.
    async with databases.care.transaction() as tx:
        authorisation = await tx.one("SELECT id FROM sponsor_authorisations")
        assert authorisation is not None
        await tx.insert(
            "sponsor_credits",
            id=UUID(int=1),
            authorisation_id=authorisation["id"],
            coverage_id=coverage_id,
            sessions=-3,
            reason="used",
            on_day=soon,
            at=tx.now,
        )
    with pytest.raises(Invalid) as refused:
        await come(databases.care, found, me, LISTED.code)
    assert refused.value.errors[0].code == "credits_used_up"

    # The sponsor reads neither of a group of one person, nor of the whole, which is the same one.
    async with databases.care.transaction() as tx:
        report = await utilisation(tx, sponsor_id, Period(None, soon))
    assert [(row["people"], row["sessions"]) for row in report.rows] == [(None, None)] * len(report.rows)


async def test_terms_have_days_and_a_history(databases: "Databases") -> None:
    found = await house(databases.care)
    sponsor_id = await add(databases.care, found, FERRY)
    async with databases.care.transaction() as tx:
        today = date_everywhere(tx.now)
        with pytest.raises(Invalid, match="invalid"):
            await sponsor_terms.set_terms(tx, sponsor_id, Terms(9, today - timedelta(days=1)))
        await sponsor_terms.set_terms(tx, sponsor_id, Terms(9, today + timedelta(days=30)))
        await sponsor_terms.set_terms(tx, sponsor_id, Terms(6, today + timedelta(days=30)))
        said = await sponsor_terms.terms_history(tx, sponsor_id)
        (now,) = await sponsor_terms.listing(tx)
    assert [(row["sessions_each"], row["superseded_at"] is None) for row in said] == [
        (6, True),
        (9, False),
        (2, True),
    ]
    assert now["sessions_each"] == 2
