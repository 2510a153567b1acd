"""The ageing holds every claim that has left, in its bucket, and adds up to what SQL says."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from factories import actor
from office import attested_week, insured_room, open_office

from domain.access import Role
from domain.ageing import AgedBy
from records import batch_gathering
from reports.ageing import ageing
from reports.report import Period, Report
from reports.unbilled import unbilled

if TYPE_CHECKING:
    from conftest import Databases

AS_OF = date(2026, 6, 30)
CLERK = actor(Role.BILLING)


async def claims_of_ages(databases: "Databases", *ages: int) -> None:
    """One sent claim for each age in days, each of 60.00, by rows alone."""
    await attested_week(databases, await insured_room(databases, await open_office(databases)))
    async with databases.billing.transaction(CLERK) as tx:
        await batch_gathering.prepare(tx)
    async with databases.worker.transaction() as tx:
        model = await tx.one("SELECT * FROM claims")
        line = await tx.one("SELECT * FROM service_lines")
        session = await tx.one("SELECT * FROM messaging_sessions")
        assert model
        assert line
        assert session
        await tx.run("UPDATE claims SET state = 'ready'")  # the model itself is left out of the report
        for n, days in enumerate(ages, start=1):
            day = AS_OF - timedelta(days=days)
            week = {**session, "id": uuid4(), "n": session["n"] + n, "note_id": None}
            await tx.insert("messaging_sessions", **week)
            service = {**line, "id": uuid4(), "messaging_session_id": week["id"], "service_date": day}
            await tx.insert("service_lines", **service)
            claim = {name: value for name, value in model.items() if name != "seq"}
            claim |= {"id": uuid4(), "number": f"K{n:015d}", "service_line_id": service["id"]}
            claim |= {"service_date": day, "state": "sent", "batch_id": None}
            claim |= {"changed_at": datetime(2026, 6, 1, tzinfo=UTC)}
            await tx.insert("claims", **claim)


async def made(databases: "Databases", by: AgedBy = AgedBy.SERVICE_DATE) -> Report:
    async with databases.billing.transaction(CLERK) as tx:
        return await ageing(tx, Period(None, AS_OF), by)


async def test_each_bucket_ends_on_its_day_and_the_future_is_not_dropped(databases: "Databases") -> None:
    await claims_of_ages(databases, -5, 0, 30, 31, 60, 61, 90, 91, 120, 121, 500)
    report = await made(databases)
    row = report.frame.iloc[0].to_dict()
    assert [row[f"days_{name}"] for name in ("0_30", "31_60", "61_90", "91_120", "over_120")] == [
        Decimal(n) * 60 for n in (3, 2, 2, 2, 2)
    ]
    assert (row["claims"], row["outstanding"], report.totals["charged"]) == (11, Decimal(660), Decimal(660))


async def test_by_last_activity_the_same_money_is_younger(databases: "Databases") -> None:
    await claims_of_ages(databases, 10, 200)
    report = await made(databases, AgedBy.LAST_ACTIVITY)
    assert report.frame.iloc[0]["days_0_30"] == Decimal(120)
    assert "last activity" in report.formula


async def test_what_is_written_off_or_paid_is_not_owed(databases: "Databases") -> None:
    await claims_of_ages(databases, 10, 20, 30)
    async with databases.worker.transaction() as tx:
        await tx.run("UPDATE claims SET state = 'written_off' WHERE number = 'K000000000000001'")
        await tx.run(
            "UPDATE claims SET state = 'paid', allowed = 45, paid = 20, patient_share = 25"
            " WHERE number = 'K000000000000002'"
        )
    report = await made(databases)
    assert (report.totals["outstanding"], report.totals["paid"]) == (Decimal("60.00"), Decimal("20.00"))


async def test_unbilled_names_what_blocks_each_service(databases: "Databases") -> None:
    office = await open_office(databases)
    await attested_week(databases, await insured_room(databases, office))
    await attested_week(databases, await insured_room(databases, office, member="U0000000101"), minutes=2)
    await attested_week(databases, await insured_room(databases, office, member=""))
    async with databases.billing.transaction(CLERK) as tx:
        await batch_gathering.prepare(tx)
        report = await unbilled(tx, Period(None, tx.now.date()))
    blocked = sorted(report.frame["blocked_by"])
    assert len(blocked) == 2
    assert blocked[0].startswith("Claim edit: member_missing")
    assert blocked[1] == "Fewer clinical minutes than the contract's least"
