"""What the office's pages count: what can leave, what is held, what came back for a batch."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from factories import account, actor, therapist
from office import attested_week, insured_room, open_office

from domain.access import Action, Role
from domain.assignments import AssignmentReason
from domain.claim_states import ClaimEvent
from domain.remittances import Adjustment, RemittanceKey, RemittedClaim, RemittedLine
from domain.service_lines import MENDERS, Hold
from records import (
    assignments,
    batch_answers,
    batch_files,
    batch_gathering,
    claim_batches,
    claims,
    clearinghouse,
    relations,
    remittances,
)
from records.unbilled import lines, totals
from records.waiting import waiting

if TYPE_CHECKING:
    from conftest import Databases

D = Decimal


def test_every_reason_that_holds_a_line_has_somebody_who_acts_or_says_nobody() -> None:
    assert MENDERS.keys() == set(Hold)


async def test_ready_and_held_lines_are_counted_apart_and_add_up(databases: "Databases") -> None:
    office = await open_office(databases)
    await attested_week(databases, await insured_room(databases, office))
    await attested_week(databases, await insured_room(databases, office, member="U1234567802"), minutes=3)
    clerk = actor(Role.BILLING)
    async with databases.billing.transaction(clerk) as tx:
        found = await lines(tx, payer_id=None, ready=None, limit=10, offset=0)
        (ready,) = await lines(tx, payer_id=office.payer_id, ready=True, limit=10, offset=0)
        (held,) = await lines(tx, payer_id=None, ready=False, limit=10, offset=0)
        sums = await totals(tx)
        assert await waiting(tx, clerk) == {"unbilled": 1, "worklist": 0}
    assert len(found) == 2
    assert (ready.holds, ready.findings) == ((), ())
    assert held.holds
    assert (sums.ready, sums.ready_amount, sums.held) == (1, D("60.00"), 1)


async def test_a_line_whose_claim_an_edit_stopped_is_held_with_the_edit(databases: "Databases") -> None:
    office = await open_office(databases)
    await attested_week(databases, await insured_room(databases, office))
    async with databases.billing.transaction(actor(Role.BILLING)) as tx:
        row = await tx.one("SELECT * FROM service_lines")
        assert row is not None
        claim_id = await claims.open_claim(tx, row)
        await claims.apply(
            tx, claim_id, ClaimEvent.SCRUB_FAILED, "check 1", codes={"findings": ["missing NM109"]}
        )
        (held,) = await lines(tx, payer_id=None, ready=False, limit=10, offset=0)
        assert held.findings == ("missing NM109",)
        assert (await totals(tx)).ready == 0


async def test_every_report_that_moved_a_claim_of_the_batch_is_an_answer_to_it(
    databases: "Databases",
) -> None:
    office = await open_office(databases)
    batches = [await sent_batch(databases, office, member) for member in ("U1234567801", "U1234567802")]
    (first, first_claim), (second, second_claim) = batches
    async with databases.worker.transaction() as tx:
        ack = await clearinghouse.keep(tx, clearinghouse.Arrived("mailbox-1", "999", b"ST"))
        await claims.apply(tx, first_claim["id"], ClaimEvent.FILE_ACCEPTED, "mailbox-1")
        await clearinghouse.mark(tx, ack, "posted", None, first)
        paid = await clearinghouse.keep(tx, clearinghouse.Arrived("mailbox-2", "835", b"ST"))
        key = RemittanceKey("1999999999", "TRACE 7", tx.now.date(), D("80.00"))
        both = [remitted(claim["number"]) for claim in (first_claim, second_claim)]
        await remittances.post_payment(tx, paid, key, both, [])
        await clearinghouse.mark(tx, paid, "posted", None, first)
    async with databases.billing.transaction(actor(Role.BILLING)) as tx:
        told = await batch_answers.answers(tx, first)
        other = await batch_answers.answers(tx, second)
    assert [(each.kind, [(m.event, m.claims, m.paid) for m in each.moved]) for each in told] == [
        ("999", [(ClaimEvent.FILE_ACCEPTED, 1, None)]),
        ("835", [(ClaimEvent.PAID, 1, D("40.00"))]),
    ]
    assert [each.kind for each in other] == ["835"]  # the report's own mark names the first batch only


async def sent_batch(databases: "Databases", office: object, member: str) -> tuple[UUID, dict[str, object]]:
    """A batch of one claim that is with the clearing house."""
    await attested_week(databases, await insured_room(databases, office, member=member))  # type: ignore[arg-type]
    async with databases.billing.transaction(actor(Role.BILLING)) as tx:
        (batch_id,) = (await batch_gathering.prepare(tx)).batch_ids
    async with databases.worker.transaction() as tx:
        draft = await batch_files.compose(tx, batch_id)
        assert draft is not None
        assert draft.content is not None
        await batch_files.keep_file(tx, batch_id, draft.content)
        await claim_batches.mark_sent(tx, batch_id, "receipt")
        (claim,) = await claim_batches.claims_of(tx, batch_id)
    return batch_id, claim


def remitted(number: str) -> RemittedClaim:
    """Paid 40 of 60, the rest the contract's."""
    line = RemittedLine("98972", D("60.00"), D("40.00"), (Adjustment("CO", "45", D("20.00")),))
    return RemittedClaim(number, "1", D("60.00"), D("40.00"), "ICN1", (), (line,))


async def test_only_therapists_who_pass_the_rules_of_a_move_are_offered_for_it(
    databases: "Databases",
) -> None:
    office = await open_office(databases)
    where = await insured_room(databases, office)
    async with databases.care.transaction() as tx:
        able, elsewhere, full = await therapist(tx), await therapist(tx, states=("TX",)), await therapist(tx)
        unlisted = await therapist(tx)
        for who in (able, elsewhere, full):
            await tx.insert(
                "payer_credentials",
                therapist_id=who,
                payer_id=office.payer_id,
                active_from=date(2020, 1, 1),
            )
        await tx.run("UPDATE therapists SET active_rooms = capacity WHERE id = %s", (full,))
        watcher = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
    async with databases.care.transaction(watcher) as tx:
        room = await relations.visible(tx, where.id, Action.REASSIGN)
        found = {row["id"] for row in await assignments.could_take(tx, room)}
        assert found == {able}
        assert not found & {elsewhere, full, unlisted}
        await assignments.reassign(tx, room, able, AssignmentReason.ILLNESS)
