"""A claim's way to the payer and back, over the real sandbox process: every step twice, as after a kill."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import httpx
import pytest
from factories import actor
from office import PRACTICE, Office, attested_week, insured_room, open_office

from activities.claims import ClaimActivities
from activities.shapes.claims import BatchRef, BatchStanding
from domain.access import Role
from domain.claim_batches import BatchState
from domain.claim_states import ClaimEvent
from domain.errors import Conflict
from integrations.clearinghouse.fake import FakeClearingHouse
from integrations.clearinghouse.http import Exchange
from integrations.clearinghouse.port import PayerDown
from integrations.clearinghouse.raw import RawClearingHouse
from records import acknowledgements, batch_files, batch_gathering, claim_batches, claims
from records.batch_gathering import Prepared
from records.database import Row
from x12.gate import gate

if TYPE_CHECKING:
    from conftest import Databases

ROOT = Path(__file__).resolve().parents[2]
CLERK = actor(Role.BILLING)


@pytest.fixture
def payer_url(tmp_path: Path) -> Iterator[str]:
    """A payer sandbox of the test's own, with an empty mailbox, that answers at once."""
    command = [sys.executable, "-m", "sandbox", "--data", str(tmp_path), "--latency-p50-ms=0"]
    at_once = ["--ack-999=0", "--ack-277ca=0", "--remit-835=0"]
    with subprocess.Popen([*command, *at_once], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        assert words[:2] == ["sandbox", "ready"], "the sandbox did not start"
        yield words[-1]
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
async def house(payer_url: str) -> AsyncIterator[RawClearingHouse]:
    """The real adapter to it."""
    async with httpx.AsyncClient(trust_env=False) as http:
        yield RawClearingHouse(Exchange(http, payer_url))


async def prepare(databases: "Databases", **options: object) -> Prepared:
    async with databases.billing.transaction(CLERK) as tx:
        return await batch_gathering.prepare(tx, **options)  # type: ignore[arg-type]


async def only_claim(databases: "Databases") -> Row:
    async with databases.billing.transaction(CLERK) as tx:
        rows = await claims.listing(tx, state=None, batch_id=None, limit=10, offset=0)
    assert len(rows) == 1
    return rows[0]


async def batch_of(databases: "Databases", **details: object) -> tuple[Office, UUID]:
    """One attested week, batched."""
    office = await open_office(databases)
    where = await insured_room(databases, office, **details)  # type: ignore[arg-type]
    await attested_week(databases, where)
    prepared = await prepare(databases)
    assert prepared.claims == 1
    return office, prepared.batch_ids[0]


async def test_every_step_twice_brings_one_claim_to_paid(
    databases: "Databases", house: RawClearingHouse
) -> None:
    _, batch_id = await batch_of(databases)
    steps, ask = ClaimActivities(databases.worker, house), BatchRef(batch_id)
    built = [await steps.build_batch(ask) for _ in range(2)]
    assert [standing.state for standing in built] == [BatchState.READY] * 2
    sent = [await steps.send_batch(ask) for _ in range(2)]
    assert [standing.state for standing in sent] == [BatchState.SENT] * 2
    for _ in range(2):
        await steps.read_mailbox(ask)
    reviewed = [await steps.review_batch(ask) for _ in range(2)]
    assert reviewed[1].state is BatchState.SETTLED
    claim = await only_claim(databases)
    assert (claim["state"], claim["charge"]) == ("paid", Decimal("60.00"))
    # The sandbox allows 45.00 for 98972 and this member's copay is 25.00.
    assert (claim["allowed"], claim["paid"], claim["patient_share"]) == (
        Decimal("45.00"),
        Decimal("20.00"),
        Decimal("25.00"),
    )
    async with databases.billing.transaction(CLERK) as tx:
        events = [row["event"] for row in await claims.history(tx, claim["id"])]
        lines = await tx.all("SELECT state FROM service_lines")
    assert events == [
        "scrub_passed", "batched", "sent", "file_accepted", "payer_accepted", "paid",
    ]  # fmt: skip
    assert lines == [{"state": "closed"}]


async def test_the_same_batch_built_again_has_the_same_bytes(
    databases: "Databases", house: RawClearingHouse
) -> None:
    _, batch_id = await batch_of(databases)
    async with databases.worker.transaction() as tx:
        drafts = [await batch_files.compose(tx, batch_id) for _ in range(2)]
    assert drafts[0] == drafts[1]
    assert drafts[0] is not None
    assert drafts[0].content is not None
    assert gate(drafts[0].content) == ()
    await ClaimActivities(databases.worker, house).build_batch(BatchRef(batch_id))
    async with databases.billing.transaction(CLERK) as tx:
        stored = await batch_files.content(tx, batch_id)
        row = await claim_batches.find(tx, batch_id)
    assert stored == drafts[0].content
    assert row["sha256"] == sha256(stored).digest()
    assert stored not in row["content_sealed"]
    text = stored.decode()
    for wanted in (
        "SBR*P*18*3340001******CI~",
        "NM1*82*1*OKAFOR*NGOZI",
        "REF*6R*",
        "HI*ABK:F411~",
        ":B:1*Y*A*Y*Y~",
    ):
        assert wanted.upper() in text.upper()


async def test_a_child_insured_through_a_parent_is_sent_as_the_patient(databases: "Databases") -> None:
    details = {"relationship": "child", "subscriber_name": "Luz Rivera", "subscriber_born": "1960-02-03"}
    _, batch_id = await batch_of(databases, **details)
    async with databases.worker.transaction() as tx:
        draft = await batch_files.compose(tx, batch_id)
    assert draft is not None
    assert draft.content is not None
    assert gate(draft.content) == ()
    text = draft.content.decode().upper()
    assert "NM1*IL*1*RIVERA*LUZ****MI*U1234567801~" in text
    assert "PAT*19~" in text
    assert "NM1*QC*1*RIVERA*ANA MARIA~" in text


async def test_a_kill_between_sending_and_marking_sends_nothing_twice_to_effect(
    databases: "Databases", house: RawClearingHouse
) -> None:
    """The file is handed in twice under one control number: the second is refused as a duplicate, and is no harm."""
    _, batch_id = await batch_of(databases)
    steps, ask = ClaimActivities(databases.worker, house), BatchRef(batch_id)
    await steps.build_batch(ask)
    async with databases.worker.transaction() as tx:
        await house.submit(await batch_files.content(tx, batch_id))
    await steps.send_batch(ask)
    await steps.read_mailbox(ask)
    assert (await steps.review_batch(ask)).state is BatchState.SETTLED
    claim = await only_claim(databases)
    assert (claim["state"], claim["paid"]) == ("paid", Decimal("20.00"))
    async with databases.billing.transaction(CLERK) as tx:
        reports = await tx.all(
            "SELECT kind, state FROM clearinghouse_reports WHERE batch_id = %s", (batch_id,)
        )
        duplicates = await tx.one("SELECT count(*) AS n FROM clearinghouse_reports WHERE kind = 'TA1'")
    assert duplicates is not None
    assert duplicates["n"] >= 1
    assert {row["state"] for row in reports} == {"posted"}


async def test_reports_that_come_before_our_own_mark_are_not_lost(
    databases: "Databases", house: RawClearingHouse
) -> None:
    _, batch_id = await batch_of(databases)
    steps, ask = ClaimActivities(databases.worker, house), BatchRef(batch_id)
    await steps.build_batch(ask)
    async with databases.worker.transaction() as tx:
        await house.submit(await batch_files.content(tx, batch_id))
    await steps.read_mailbox(ask)
    assert (await only_claim(databases))["state"] == "paid"
    await steps.send_batch(ask)
    assert (await steps.review_batch(ask)).state is BatchState.SETTLED
    assert (await only_claim(databases))["state"] == "paid"


async def test_a_rejected_member_ends_with_a_person_and_goes_again_under_a_new_number(
    databases: "Databases", house: RawClearingHouse
) -> None:
    _, batch_id = await batch_of(databases, member="U1234567805")
    steps, ask = ClaimActivities(databases.worker, house), BatchRef(batch_id)
    await steps.build_batch(ask)
    await steps.send_batch(ask)
    await steps.read_mailbox(ask)
    assert (await steps.review_batch(ask)).state is BatchState.WITH_PERSON
    rejected = await only_claim(databases)
    assert rejected["state"] == "payer_rejected"
    assert (await prepare(databases)).claims == 0
    again = await prepare(databases, since_last_export=False)
    assert again.claims == 1
    claim = await only_claim(databases)
    assert (claim["state"], claim["number"]) == ("batched", f"{rejected['number']}R1")
    assert again.batch_ids != (batch_id,)


async def test_a_denial_is_posted_with_its_reason_and_waits_for_a_person(
    databases: "Databases", house: RawClearingHouse
) -> None:
    _, batch_id = await batch_of(databases, member="U1234567815")  # all visits used: CO 119
    steps, ask = ClaimActivities(databases.worker, house), BatchRef(batch_id)
    await steps.build_batch(ask)
    await steps.send_batch(ask)
    await steps.read_mailbox(ask)
    assert (await steps.review_batch(ask)).state is BatchState.WITH_PERSON
    claim = await only_claim(databases)
    async with databases.billing.transaction(CLERK) as tx:
        last = (await claims.history(tx, claim["id"]))[-1]
    assert (claim["state"], claim["paid"]) == ("denied", Decimal("0.00"))
    assert [(d["group"], d["carc"]) for d in last["codes"]["denials"]] == [("CO", "119")]


async def test_an_835_that_does_not_balance_is_quarantined_whole(
    databases: "Databases", house: RawClearingHouse, payer_url: str
) -> None:
    _, batch_id = await batch_of(databases)
    steps, ask = ClaimActivities(databases.worker, house), BatchRef(batch_id)
    await steps.build_batch(ask)
    async with httpx.AsyncClient(base_url=payer_url, trust_env=False) as control:
        answer = await control.post("/control/faults", json={"fault": "835_unbalanced_by_0.01", "count": 1})
        assert answer.status_code == 200, answer.text
        await steps.send_batch(ask)
        await steps.read_mailbox(ask)
        await control.delete("/control/faults")
    assert (await steps.review_batch(ask)).state is BatchState.SENT
    claim = await only_claim(databases)
    assert (claim["state"], claim["paid"]) == ("payer_accepted", None)
    async with databases.billing.transaction(CLERK) as tx:
        rows = await tx.all("SELECT kind, reason FROM clearinghouse_reports WHERE state = 'quarantined'")
        assert await tx.all("SELECT * FROM remittances") == []
    assert [row["kind"] for row in rows] == ["835"]
    assert rows[0]["reason"] in {"line_unbalanced", "claim_unbalanced", "payment_unbalanced"}


async def test_a_dry_run_tells_and_changes_nothing(databases: "Databases") -> None:
    office = await open_office(databases)
    await attested_week(databases, await insured_room(databases, office))
    told = await prepare(databases, dry_run=True)
    assert (told.claims, told.total, told.batch_ids) == (1, Decimal("60.00"), ())
    async with databases.billing.transaction(CLERK) as tx:
        assert await tx.all("SELECT * FROM claims") == []
        assert await tx.all("SELECT * FROM claim_batches") == []
        assert await tx.all("SELECT * FROM outbox WHERE kind = 'batch_changed'") == []
    assert (await prepare(databases)).claims == 1


async def test_one_service_is_one_claim_however_often_it_is_asked_for(databases: "Databases") -> None:
    await batch_of(databases)
    again = await prepare(databases)
    assert (again.claims, again.batch_ids) == (0, ())
    assert len({(await only_claim(databases))["id"]}) == 1


async def test_a_claim_whose_data_fails_an_edit_stays_and_says_why(databases: "Databases") -> None:
    office = await open_office(databases)
    where = await insured_room(databases, office, member="")
    await attested_week(databases, where)
    told = await prepare(databases)
    assert (told.claims, told.stopped) == (0, 1)
    claim = await only_claim(databases)
    async with databases.billing.transaction(CLERK) as tx:
        last = (await claims.history(tx, claim["id"]))[-1]
    assert claim["state"] == "scrub_failed"
    assert "member_missing claim" in last["codes"]["findings"]


async def test_each_payer_has_its_own_file_and_number(databases: "Databases") -> None:
    for number, code in (("62308", "cigna"), ("00430", "premera")):
        office = await open_office(databases, number=number, code=code)
        await attested_week(databases, await insured_room(databases, office))
    prepared = await prepare(databases)
    async with databases.billing.transaction(CLERK) as tx:
        batches = [await claim_batches.find(tx, batch_id) for batch_id in prepared.batch_ids]
    assert sorted(batch["payer_code"] for batch in batches) == ["cigna", "premera"]
    assert len({batch["control_number"] for batch in batches}) == 2


async def test_without_the_practices_data_nothing_is_batched(databases: "Databases") -> None:
    with pytest.raises(Conflict, match="practice_not_set"):
        await prepare(databases)
    assert PRACTICE.npi


class Silent(FakeClearingHouse):
    """Takes files and never answers."""

    def __init__(self) -> None:
        super().__init__(b"", b"")


async def test_silence_is_told_after_a_business_day_and_handed_over_after_thirty(
    databases: "Databases",
) -> None:
    _, batch_id = await batch_of(databases)
    async with databases.care.transaction() as tx:
        clerk = actor(Role.BILLING)
        await tx.insert(
            "accounts",
            id=clerk.account_id,
            role="billing",
            username_index=b"clerk",
            display_name="Clerk",
            password_hash="-",
            time_zone="America/New_York",
            created_at=tx.now,
        )
    steps, ask = ClaimActivities(databases.worker, Silent()), BatchRef(batch_id)
    await steps.build_batch(ask)
    await steps.send_batch(ask)
    told = [await looked_after(databases, batch_id, days) for days in (0, 4, 8)]
    assert told == [
        ("sent", set()),
        ("sent", {"claim_overdue_file_ack"}),
        ("sent", {"claim_overdue_file_ack"}),
    ]
    async with databases.worker.transaction() as tx:
        for event in (ClaimEvent.FILE_ACCEPTED, ClaimEvent.PAYER_ACCEPTED):
            await acknowledgements.move_batch(tx, batch_id, event, "by phone")
    assert (await looked_after(databases, batch_id, 29))[0] == "sent"
    state, notices = await looked_after(databases, batch_id, 31)
    assert state == "with_person"
    assert notices >= {"claim_overdue_remittance", "claims_need_work"}


async def looked_after(databases: "Databases", batch_id: UUID, days: int) -> tuple[str, set[str]]:
    """The batch's state so many days from now, and what people were told."""
    async with databases.worker.transaction(at=datetime.now(UTC) + timedelta(days=days)) as tx:
        row, _ = await claim_batches.look_after(tx, batch_id)
        notices = await tx.all("SELECT template FROM notices")
    return row["state"], {notice["template"] for notice in notices}


async def test_a_house_that_is_down_leaves_the_batch_ready_to_be_sent(databases: "Databases") -> None:
    _, batch_id = await batch_of(databases)
    down = Silent()
    steps, ask = ClaimActivities(databases.worker, down), BatchRef(batch_id)
    await steps.build_batch(ask)
    down.fail_next(PayerDown(503))
    with pytest.raises(PayerDown):
        await steps.send_batch(ask)
    standing: BatchStanding = await steps.send_batch(ask)
    assert standing.state is BatchState.SENT
    assert len(down.submitted) == 1
