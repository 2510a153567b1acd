"""Every behaviour of the sandbox's members, asked by real 270 over HTTP, ends in the right next step."""

import asyncio
import itertools
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from activities.eligibility_mapping import answer_of, read_answer
from domain.coverage import Outcome, Verdict, after_answer, after_failure
from domain.eligibility import EligibilityAnswer
from domain.estimates import Confidence, Estimate, estimate
from domain.questions import Question, ReaskWith
from domain.rejections import ClientTask
from integrations.clearinghouse.http import Exchange
from integrations.clearinghouse.port import ClearingHouseError, ConfigurationRefused, Malformed
from integrations.clearinghouse.raw import RawClearingHouse
from x12.ts270 import EligibilityInquiry, Member, Trace, write_270
from x12.ts271 import read_271
from x12.writing import Envelope

SAMPLES = Path(__file__).parents[1] / "samples" / "x12"
CIGNA, OPTUM = "62308", "87726"
_numbers = itertools.count(1)
NOW = datetime.now(UTC)


def inquiry(
    suffix: str,
    *,
    first_name: str = "ANA",
    dependent: bool = False,
    payer: str = CIGNA,
    member: str | None = None,
) -> EligibilityInquiry:
    number = next(_numbers)
    subscriber = Member(
        "RIVERA", first_name, member or f"U{number:08d}{suffix}", NOW.date().replace(1990, 1, 15), "F"
    )
    return EligibilityInquiry(
        reference=f"KR{number}",
        trace=Trace(f"KR-{number:06d}", "9KINDROOM1"),
        payer_name="PAYER",
        payer_id=payer,
        provider_name="KINDROOM THERAPY PC",
        provider_npi="1345678902",
        subscriber=subscriber,
        service_types=("MH",),
        service_date=NOW.date(),
        dependent=Member("RIVERA", "BEN", birth_date=NOW.date().replace(2012, 3, 1), sex="M")
        if dependent
        else None,
    )


async def ask(url: str, asked: EligibilityInquiry, deadline_s: float = 2.0) -> EligibilityAnswer:
    envelope = Envelope("KINDROOM", "SANDBOX", next(_numbers), datetime.now(UTC))
    async with httpx.AsyncClient() as client:
        house = RawClearingHouse(Exchange(client, url, deadline_s))
        return read_answer(await house.check(write_270(asked, envelope)), asked.trace)


async def verdict(url: str, asked: EligibilityInquiry, question: Question = Question()) -> Verdict:
    try:
        answer = await ask(url, asked)
    except ClearingHouseError as error:
        return after_failure(error.failure, [NOW])
    return after_answer(answer, question, [NOW], NOW.date())


def told(answer: EligibilityAnswer, allowed: str = "95.00") -> Estimate:
    found = estimate(
        answer,
        allowed=Decimal(allowed),
        in_network=True,
        sessions_per_month=4,
        self_pay=Decimal("79.00"),
        as_of=NOW.date(),
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("suffix", "outcome"),
    [
        ("01", Outcome.ACTIVE),
        ("02", Outcome.ACTIVE),
        ("03", Outcome.ACTIVE),
        ("04", Outcome.INACTIVE),
        ("05", Outcome.NEEDS_INFORMATION),
        ("06", Outcome.REASK),
        ("07", Outcome.NEEDS_INFORMATION),
        ("08", Outcome.BILLING_QUEUE),
        ("09", Outcome.RETRY),
        ("10", Outcome.RETRY),
        ("11", Outcome.RETRY),
        ("12", Outcome.RETRY),
        ("13", Outcome.RETRY),
        ("14", Outcome.ACTIVE),
        ("15", Outcome.ACTIVE),
        ("16", Outcome.REDIRECT),
        ("17", Outcome.ACTIVE),
        ("18", Outcome.ACTIVE),
        ("19", Outcome.NEEDS_INFORMATION),
        ("20", Outcome.NEEDS_INFORMATION),
        ("21", Outcome.ACTIVE),
        ("22", Outcome.NEEDS_INFORMATION),
    ],
)
async def test_each_member_behaviour_ends_in_its_next_step(
    sandbox_url: str, suffix: str, outcome: Outcome
) -> None:
    assert (await verdict(sandbox_url, inquiry(suffix))).outcome is outcome


@pytest.mark.parametrize(
    ("suffix", "task"),
    [
        ("05", ClientTask.MEMBER_ID),
        ("22", ClientTask.MEMBER_ID),
        ("07", ClientTask.DATE_OF_BIRTH),
        ("19", ClientTask.OTHER_INSURANCE),
    ],
)
async def test_what_the_client_must_put_right_is_named(
    sandbox_url: str, suffix: str, task: ClientTask
) -> None:
    assert (await verdict(sandbox_url, inquiry(suffix))).task is task


async def test_a_name_mismatch_is_solved_by_asking_with_fewer_fields(sandbox_url: str) -> None:
    member = "U7000000106"
    first = await verdict(sandbox_url, inquiry("06", member=member))
    assert first.reask_with is ReaskWith.FEWER_FIELDS
    second = await verdict(sandbox_url, inquiry("06", member=member, first_name=""))
    assert second.outcome is Outcome.ACTIVE


async def test_a_carve_out_is_answered_by_the_payer_it_names(sandbox_url: str) -> None:
    member = "U7000000116"
    first = await verdict(sandbox_url, inquiry("16", member=member))
    assert first.payer_id == OPTUM
    second = await verdict(sandbox_url, inquiry("16", member=member, payer=OPTUM), Question(redirected=True))
    assert second.outcome is Outcome.ACTIVE


async def test_a_payer_that_recovers_gives_its_answer_to_the_repeated_question(sandbox_url: str) -> None:
    member = "U7000000109"
    outcomes = [(await verdict(sandbox_url, inquiry("09", member=member))).outcome for _ in range(4)]
    assert outcomes[0] is Outcome.RETRY
    assert outcomes[-1] is Outcome.ACTIVE


async def test_a_dependent_is_found_as_a_dependent(sandbox_url: str) -> None:
    asked = inquiry("20", dependent=True)
    assert (await verdict(sandbox_url, asked, Question(as_dependent=True))).outcome is Outcome.ACTIVE


@pytest.mark.parametrize(
    ("suffix", "session", "confidence"),
    [
        ("01", "10.00", Confidence.HIGH),  # telehealth copay before the plain one
        ("02", "95.00", Confidence.HIGH),  # 320.50 of deductible left
        ("03", "0.00", Confidence.HIGH),
        ("15", "79.00", Confidence.HIGH),  # no visit left: our own price
        ("17", "95.00", Confidence.LOW),  # the payer prices us as outsiders
    ],
)
async def test_what_the_sandbox_says_becomes_the_right_estimate(
    sandbox_url: str, suffix: str, session: str, confidence: Confidence
) -> None:
    found = told(await ask(sandbox_url, inquiry(suffix)))
    assert (found.per_session, found.confidence) == (Decimal(session), confidence)


async def test_a_plan_level_answer_gives_an_estimate_of_low_confidence(sandbox_url: str) -> None:
    assert told(await ask(sandbox_url, inquiry("18"))).up_to


async def test_concurrent_questions_get_their_own_answers(sandbox_url: str) -> None:
    suffixes = ["01", "02", "03", "05", "08"] * 3
    found = await asyncio.gather(*(verdict(sandbox_url, inquiry(suffix), Question()) for suffix in suffixes))
    by_suffix = {suffix: outcome.outcome for suffix, outcome in zip(suffixes, found, strict=True)}
    assert by_suffix["05"] is Outcome.NEEDS_INFORMATION
    assert by_suffix["08"] is Outcome.BILLING_QUEUE
    assert by_suffix["03"] is Outcome.ACTIVE


# --- the mapping, on recorded answers

OURS = Trace("TW-ELG-000001", "9TALKWELL1")


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def test_a_recorded_answer_keeps_all_that_is_decided_on() -> None:
    answer = read_answer(sample("271_active_mh.x12"), OURS)
    assert answer.active is True
    assert (str(answer.plan_begin), str(answer.plan_end)) == ("2026-01-01", "2026-12-31")
    found = told(answer)
    assert (found.per_session, found.confidence) == (Decimal("25.00"), Confidence.HIGH)
    assert found.basis[0].telehealth


def test_a_recorded_rejection_keeps_its_loop_code_and_follow_up() -> None:
    (rejection,) = read_answer(sample("271_aaa75.x12"), OURS).rejections
    assert (rejection.loop, rejection.code, rejection.follow_up) == ("2100C", "75", "C")


def test_an_answer_to_somebody_elses_question_is_not_taken() -> None:
    with pytest.raises(Malformed):
        read_answer(sample("271_active_mh.x12"), Trace("TW-ELG-000002", "9TALKWELL1"))


def test_a_refusal_of_our_file_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationRefused):
        read_answer(sample("999_reject.x12"), OURS)


@pytest.mark.parametrize("name", ["277_status.x12", "835_mh.x12"])
def test_another_transaction_is_malformed(name: str) -> None:
    with pytest.raises(Malformed):
        read_answer(sample(name), OURS)


def test_every_benefit_row_of_the_recorded_answer_is_mapped() -> None:
    (response,) = read_271(sample("271_active_mh.x12"))
    assert len(answer_of(response).benefits) == len(response.benefits)
