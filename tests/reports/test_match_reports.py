"""Who is shown how often beside how often they could be; how long searches take, who stays, who still waits."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from factories import account, actor, client, therapist

from domain.access import Role
from domain.ids import ClientId, TherapistId
from records.database import Database, Transaction
from records.rooms import open_room
from reports.cells import iso_duration
from reports.exports import FORMATS, to_json
from reports.exposure_report import exposure
from reports.periods import stretch
from reports.report import NOT_REACHED, Report
from reports.search_report import SearchesBy, searches

if TYPE_CHECKING:
    from conftest import Databases

UTC = ZoneInfo("UTC")
HOUR = timedelta(hours=1)


async def search(
    tx: Transaction, client_id: ClientId, status: str, places: dict[UUID, int | None], **more: object
) -> UUID:
    """A search begun ten weeks ago, and everyone considered with their place."""
    match_id = uuid4()
    row = {"n": 1, "version": 1, "choice": [], "misses": 0, "created_at": tx.now - timedelta(weeks=10)}
    await tx.insert("matches", id=match_id, client_id=client_id, status=status, **(row | more))
    for therapist_id, place in places.items():
        await tx.insert(
            "match_candidates", match_id=match_id, therapist_id=therapist_id, position=place, rejected=[]
        )
    return match_id


async def offer(tx: Transaction, match_id: UUID, client_id: ClientId, to: TherapistId, state: str) -> None:
    await tx.insert(
        "offers",
        id=uuid4(),
        match_id=match_id,
        client_id=client_id,
        therapist_id=to,
        n=1 if state != "accepted" else 2,
        state=state,
        offered_at=tx.now,
        expires_at=tx.now,
        decided_at=tx.now,
    )


async def reports_of(care: Database, by: SearchesBy) -> tuple[Report, Report]:
    async with care.transaction() as tx:
        during = stretch(None, None, tx.now, UTC)
        return await exposure(tx, during), await searches(tx, during, by)


async def test_exposure_and_searches_count_what_happened(databases: "Databases") -> None:
    """Worked by hand: both could three times; Ada was shown three times of four. One is found, two wait."""
    care = databases.care
    async with care.transaction() as tx:
        a, b = await therapist(tx), await therapist(tx)
        for who, name in ((a, "Ada"), (b, "Ben")):
            await tx.run("UPDATE accounts SET display_name = %s WHERE id = %s", (name, who))
        here, there, waits = [await client(tx, state=state) for state in ("NY", "NY", "TX")]
        matcher = await account(tx, Role.SUPERVISOR)
    async with care.transaction(actor(Role.SUPERVISOR, matcher)) as tx:
        room = await open_room(tx, here, a)
        found = await search(tx, here, "matched", {a: 1, b: 4}, choice=[a], room_id=room)
        opened = tx.now - timedelta(weeks=10) + 2 * HOUR
        await tx.run(
            "UPDATE rooms SET opened_at = %s, first_answered_at = %s WHERE id = %s",
            (opened, opened + HOUR, room),
        )
        await offer(tx, found, here, b, "declined")
        await offer(tx, found, here, a, "accepted")
        await search(tx, there, "choosing", {a: 2, b: 1})
        await search(tx, waits, "human", {a: None, b: None})
        await search(tx, waits, "withdrawn", {a: 1, b: 5}, n=2)
    shown, told = await reports_of(care, SearchesBy.STATE)
    ada, ben = shown.rows
    assert (
        ada["therapist"],
        ada["eligible"],
        ada["shown"],
        ada["chosen"],
        ada["asked"],
        ada["accepted"],
    ) == (
        "Ada",
        3,
        3,
        1,
        1,
        1,
    )
    assert (ben["eligible"], ben["shown"], ben["asked"], ben["accepted"]) == (3, 1, 1, 0)
    assert (ada["exposure"], ben["exposure"]) == (1.5, 0.5)
    ny, tx_row = told.rows
    assert (ny["group"], ny["searches"], ny["matched"], ny["unmet"], ny["by_us"]) == ("NY", 2, 1, 1, 0)
    assert (ny["time_to_match"], ny["said_yes"], ny["first_answer"], ny["stayed"]) == (
        7200.0,
        0.5,
        3600.0,
        1.0,
    )
    assert (tx_row["group"], tx_row["unmet"], tx_row["by_us"], tx_row["time_to_match"]) == (
        "TX",
        1,
        1,
        NOT_REACHED,
    )
    assert to_json(told)["totals"]["searches"] == 3
    assert to_json(told)["rows"][0]["time_to_match"] == iso_duration(7200)
    assert told.totals["time_to_match"] == NOT_REACHED
    for report in (shown, told):
        assert all(write(report) for _, write in FORMATS.values())
    _, by_payer = await reports_of(care, SearchesBy.PAYER)
    assert [(row["group"], row["searches"]) for row in by_payer.rows] == [("No payer", 3)]
