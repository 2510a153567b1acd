"""Rows of questions to payers: what was asked, what is to be asked next, and what a question says."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from domain.consents import Document
from domain.coverage import Outcome, Verdict
from domain.ids import new_id
from domain.insured import PlanPerson, Relationship
from domain.payer_questions import PayerQuestion, following
from domain.practice import Practice
from domain.probes import KNOWN_WITHIN
from domain.questions import Question, ReaskWith
from records import clients, coverages, payers
from records.database import Row, Transaction
from records.practice import practice


@dataclass(frozen=True, slots=True)
class ToAsk:
    """Everything a question says. `control_number` is unique to it; `trace` is echoed by the answer."""

    check_id: UUID
    trace: str
    control_number: int
    practice: Practice
    payer_name: str
    payer_number: str
    service_types: tuple[str, ...]
    on_date: date | None
    member_id: str = field(repr=False)
    group_number: str | None = field(repr=False)
    patient: PlanPerson
    subscriber: PlanPerson | None
    fewer_fields: bool


async def of_verification(tx: Transaction, coverage_id: UUID, n: int) -> list[Row]:
    """Its attempts, oldest first."""
    return await tx.all(
        "SELECT * FROM eligibility_checks WHERE coverage_id = %s AND verification = %s ORDER BY attempt",
        (coverage_id, n),
    )


def asked_by(check: Row) -> PayerQuestion:
    """The question of a row."""
    return PayerQuestion(
        check["payer_number"],
        Question(
            check["service_type"],
            check["as_dependent"],
            frozenset(ReaskWith(change) for change in check["tried"]),
            check["redirected"],
            check["together"],
        ),
    )


def next_question(last: Row) -> PayerQuestion:
    """What follows the last question by its verdict."""
    outcome = Outcome(last["outcome"] or Outcome.RETRY)
    reask = ReaskWith(last["reask_with"]) if last["reask_with"] else None
    verdict = Verdict(
        outcome,
        last["reason"] or "",
        payer_id=last["next_payer_number"],
        reask_with=reask,
        service_type=last["next_service_type"],
    )
    return following(asked_by(last), verdict)


async def first_question(tx: Transaction, coverage: Row) -> PayerQuestion:
    """Mental health, by the card as it is."""
    payer = await payers.find(tx, coverage["payer_id"])
    card = await coverages.card_of(tx, coverage)
    return PayerQuestion(
        payer["payer_number"], Question(as_dependent=card.relationship is not Relationship.SELF)
    )


def same_question(checks: Sequence[Row], check: Row) -> list[Row]:
    """Earlier attempts at the very question of `check`."""
    same: list[Row] = []
    for each in reversed([other for other in checks if other["attempt"] < check["attempt"]]):
        if each["outcome"] != Outcome.RETRY:
            break
        same.insert(0, each)
    return same


def attempts(checks: Sequence[Row], check: Row) -> list[datetime]:
    """When this very question was asked, this time last."""
    return [each["asked_at"] for each in (*same_question(checks, check), check)]


async def known_member(tx: Transaction, payer_number: str, but: UUID) -> Row | None:
    """The cover of another member to whom this payer said yes lately, and who lets us ask; None when there is none."""
    return await tx.one(
        _KNOWN, {"payer": payer_number, "but": but, "since": tx.now - KNOWN_WITHIN, **_RELEASE}
    )


_RELEASE: Final = {"release": Document.RELEASE_OF_BENEFITS.value}
_KNOWN: Final = """
SELECT v.* FROM eligibility_checks e JOIN coverages v ON v.id = e.coverage_id JOIN clients c ON c.id = v.client_id
WHERE e.payer_number = %(payer)s AND e.outcome = 'active' AND e.answered_at > %(since)s AND v.client_id <> %(but)s
  AND v.status = 'active' AND v.owner IS NULL AND v.ended_at IS NULL AND c.closed_at IS NULL
  AND EXISTS (SELECT 1 FROM consents s WHERE s.client_id = v.client_id AND s.document = %(release)s
              AND s.withdrawn_at IS NULL)
ORDER BY e.answered_at DESC, e.id LIMIT 1
"""


async def write(
    tx: Transaction, coverage: Row, attempt: int, asked: PayerQuestion, about: Row | None = None
) -> ToAsk:
    """The row of an attempt, and all that its question says. `about`: another cover, of a member the payer knows.

    Raises Conflict (`practice_not_set`).
    """
    member = about or coverage
    payer = await payers.by_number(tx, asked.payer_number)
    card = await coverages.card_of(tx, member)
    question = replace(asked.question, together=payers.service_types_per_request(payer))
    if about is not None:
        question = replace(question, as_dependent=card.subscriber is not None)
    check_id = new_id()
    row = await tx.one(
        "INSERT INTO eligibility_checks (id, coverage_id, verification, attempt, trace, payer_number,"
        " service_type, together, as_dependent, redirected, tried, asked_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING control_number",
        (
            check_id,
            coverage["id"],
            coverage["verification"],
            attempt,
            check_id.hex,
            asked.payer_number,
            question.service_type,
            question.together,
            question.as_dependent,
            question.redirected,
            sorted(question.tried),
            tx.now,
        ),
    )
    assert row is not None  # noqa: S101  RETURNING gives the row
    await tx.audit("ask_payer", subject_id=member["id"], attempt=attempt)
    who = await clients.profile(tx, member["client_id"])
    todays = ReaskWith.TODAYS_DATE in question.tried  # then the payer's own today, whatever that is
    return ToAsk(
        check_id=check_id,
        trace=check_id.hex,
        control_number=row["control_number"],
        practice=await practice(tx),
        payer_name=payer["name"] if payer else "",
        payer_number=asked.payer_number,
        service_types=question.service_types,
        on_date=None if todays else await coverages.local_date(tx, member["client_id"]),
        member_id=card.member_id,
        group_number=card.group_number,
        patient=card.patient(who.legal_name, who.date_of_birth, who.sex_on_file),
        subscriber=card.subscriber if question.as_dependent else None,
        fewer_fields=ReaskWith.FEWER_FIELDS in question.tried,
    )
