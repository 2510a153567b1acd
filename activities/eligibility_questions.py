"""From what is to be asked to the X12 of a 270."""

from dataclasses import replace
from datetime import UTC, datetime

from domain.insured import PlanPerson
from records.eligibility_checks import ToAsk
from x12.ts270 import EligibilityInquiry, Member, Trace, write_270
from x12.writing import Envelope


def trace_of(ask: ToAsk) -> Trace:
    """Under which an answer is known as ours: our number, and "1" with our employer number as its giver."""
    return Trace(ask.trace, f"1{ask.practice.tax_id}")


def question_of(ask: ToAsk, now: datetime) -> bytes:
    """The 270. Raises `X12Error` for a name or number that X12 cannot carry."""
    envelope = Envelope(
        ask.practice.submitter_id,
        ask.practice.receiver_id,
        ask.control_number,
        now.astimezone(UTC),
        production=ask.practice.production,
    )
    return write_270(_inquiry(ask), envelope)


def _inquiry(ask: ToAsk) -> EligibilityInquiry:
    insured = ask.subscriber or ask.patient
    return EligibilityInquiry(
        reference=ask.trace[:30],
        trace=trace_of(ask),
        payer_name=ask.payer_name,
        payer_id=ask.payer_number,
        provider_name=ask.practice.name,
        provider_npi=ask.practice.npi,
        subscriber=replace(
            _member(insured, ask.fewer_fields),
            member_id=ask.member_id,
            group_number="" if ask.fewer_fields else ask.group_number or "",
        ),
        service_types=ask.service_types,
        service_date=ask.on_date,
        dependent=_member(ask.patient, ask.fewer_fields) if ask.subscriber else None,
    )


def _member(person: PlanPerson, fewer_fields: bool) -> Member:
    """With fewer fields: without first name and sex, as a payer wants it that has them otherwise."""
    if fewer_fields:
        return Member(person.last_name, birth_date=person.birth_date)
    return Member(person.last_name, person.first_name, birth_date=person.birth_date, sex=person.sex)
