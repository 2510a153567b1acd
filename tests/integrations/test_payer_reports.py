"""A real 837P in the sandbox comes back as reports that move the claim, step by step, to its money."""

import itertools
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from activities.claim_mapping import (
    batch_reports,
    claim_reports,
    group_events,
    interchange_event,
    remittance_key,
    remitted_claims,
    status_event,
)
from domain.claim_states import ClaimEvent, ClaimState, advance
from domain.remittances import DenialGroup, Posting, check_payment, post
from integrations.clearinghouse.http import Exchange
from integrations.clearinghouse.port import ReportItem, ReportKind
from integrations.clearinghouse.raw import RawClearingHouse
from x12.ts277 import read_277
from x12.ts277ca import read_277ca
from x12.ts835 import read_835
from x12.ts999 import read_999, read_ta1

SAMPLES = Path(__file__).parents[1] / "samples" / "x12"
CHARGE = Decimal("315.00")
_numbers = itertools.count(7001)


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def claim_file(member_suffix: str) -> tuple[bytes, str]:
    """The sample claim with recent days, a member and numbers of its own; and its CLM01."""
    number = next(_numbers)
    claim_number = f"KRCLM{number:06d}"
    text = sample("837p_subscriber_teletherapy.x12").decode()
    days = itertools.count(5, 7)
    today = datetime.now(UTC).date()
    text = re.sub(
        r"DTP\*472\*D8\*\d{8}", lambda _: f"DTP*472*D8*{today - timedelta(next(days)):%Y%m%d}", text
    )
    text = text.replace("000000001", f"{number:09d}").replace("TWCLM000001", claim_number)
    return text.replace("U1234567801", f"U{number:08d}{member_suffix}").encode(), claim_number


async def reports_on(url: str, content: bytes) -> list[ReportItem]:
    """Hand in a file, read all that waits behind it."""
    async with httpx.AsyncClient() as client:
        house = RawClearingHouse(Exchange(client, url))
        cursor = None
        while (page := await house.poll_reports(cursor)).items:
            cursor = page.next
        await house.submit(content)
        found: list[ReportItem] = []
        while (page := await house.poll_reports(cursor)).items:
            found.extend(page.items)
            cursor = page.next
    return found


def events_of(report: ReportItem, claim_number: str) -> list[ClaimEvent]:
    """What one report says of the claim. (The money is posted apart.)"""
    if report.kind is ReportKind.ACK_999:
        return [event for group in read_999(report.content) for event in group_events(group).values()]
    if report.kind is ReportKind.TA1:
        return [event for ta1 in read_ta1(report.content) if (event := interchange_event(ta1))]
    if report.kind is ReportKind.CLAIM_ACK_277CA:
        said = [each for ack in read_277ca(report.content) for each in claim_reports(ack)]
        return [each.event for each in said if each.claim_number == claim_number]
    return []


def postings_of(reports: list[ReportItem], claim_number: str) -> list[Posting]:
    posted = []
    for report in reports:
        if report.kind is ReportKind.REMITTANCE_835:
            (remittance,) = read_835(report.content)
            claims = remitted_claims(remittance)
            check_payment(
                remittance.amount, claims, [each.amount for each in remittance.provider_adjustments]
            )
            posted += [post(claim, CHARGE) for claim in claims if claim.control_number == claim_number]
    return posted


async def test_a_clean_claim_walks_through_every_station_to_its_payment(sandbox_url: str) -> None:
    content, number = claim_file("01")
    reports = await reports_on(sandbox_url, content)
    state, stations = ClaimState.SENT, []
    for report in reports:
        for event in events_of(report, number):
            state = advance(state, event)
            stations.append(state)
    (posting,) = postings_of(reports, number)
    assert stations == [ClaimState.FILE_ACCEPTED, ClaimState.PAYER_ACCEPTED]
    assert advance(state, posting.event) is ClaimState.PAID
    assert posting.payer_claim_number
    assert posting.denials == ()
    assert posting.paid + posting.contractual + posting.patient_share == CHARGE


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("15", DenialGroup.MAXIMUM_REACHED),
        ("16", DenialGroup.WRONG_PAYER),
        ("19", DenialGroup.OTHER_PAYER_FIRST),
        ("21", DenialGroup.COVERAGE),
    ],
)
async def test_a_denied_claim_is_denied_for_its_reason(
    sandbox_url: str, suffix: str, kind: DenialGroup
) -> None:
    content, number = claim_file(suffix)
    (posting,) = postings_of(await reports_on(sandbox_url, content), number)
    assert posting.event is ClaimEvent.DENIED
    assert {denial.kind for denial in posting.denials} == {kind}


async def test_a_file_sent_twice_is_refused_as_an_interchange(sandbox_url: str) -> None:
    content, number = claim_file("01")
    await reports_on(sandbox_url, content)
    again = await reports_on(sandbox_url, content)
    events = [event for report in again for event in events_of(report, number)]
    assert ClaimEvent.INTERCHANGE_REJECTED in events
    assert postings_of(again, number) == []


async def test_a_claim_the_payer_will_not_take_is_rejected_with_its_codes(sandbox_url: str) -> None:
    content, number = claim_file("01")
    broken = content.replace(b"1987654328", b"1987654321")
    reports = await reports_on(sandbox_url, broken)
    events = [event for report in reports for event in events_of(report, number)]
    assert events[-1] in {ClaimEvent.PAYER_REJECTED, ClaimEvent.CH_REJECTED, ClaimEvent.GROUP_REJECTED}


# --- the mapping, on recorded reports


def test_a_recorded_277ca_accepts_one_claim_and_rejects_the_other() -> None:
    (ack,) = read_277ca(sample("277ca_mixed.x12"))
    accepted, rejected = claim_reports(ack)
    assert (accepted.claim_number, accepted.event) == ("TWCLM000001", ClaimEvent.PAYER_ACCEPTED)
    assert accepted.payer_claim_number == "2026111500099"
    assert (rejected.event, rejected.codes) == (ClaimEvent.PAYER_REJECTED, ("A3:164",))
    assert batch_reports(ack) == ()


def test_the_same_277ca_from_a_clearing_house_is_its_own_station() -> None:
    relayed = sample("277ca_mixed.x12").replace(
        b"NM1*PR*2*CIGNA*****PI*62308", b"NM1*AY*2*HOUSE*****46*62308", 1
    )
    (ack,) = read_277ca(relayed)
    assert [each.event for each in claim_reports(ack)] == [ClaimEvent.CH_ACCEPTED, ClaimEvent.CH_REJECTED]


@pytest.mark.parametrize(
    ("name", "event"),
    [("999_accept.x12", ClaimEvent.FILE_ACCEPTED), ("999_reject.x12", ClaimEvent.GROUP_REJECTED)],
)
def test_a_recorded_999_speaks_of_its_transaction_sets(name: str, event: ClaimEvent) -> None:
    (group,) = read_999(sample(name))
    assert set(group_events(group).values()) == {event}


def test_a_recorded_277_says_pending_or_waits_for_the_money() -> None:
    answers = read_277(sample("277_status.x12"))
    pending = sample("277_status.x12").replace(b"STC*F1", b"STC*P1")
    assert [status_event(answer) for answer in answers] == [None] * len(answers)
    assert {status_event(answer) for answer in read_277(pending)} == {ClaimEvent.PENDED}


def test_a_recorded_835_is_posted_to_the_cent() -> None:
    (remittance,) = read_835(sample("835_mh.x12"))
    claims = remitted_claims(remittance)
    check_payment(remittance.amount, claims, [each.amount for each in remittance.provider_adjustments])
    posting = post(claims[0], CHARGE)
    assert (posting.event, posting.paid) == (ClaimEvent.PAID, Decimal("180.00"))
    assert (posting.contractual, posting.patient_share) == (Decimal("80.00"), Decimal("55.00"))
    assert [line.control_number for line in posting.lines] == ["TWLN000001", "TWLN000002"]
    key = remittance_key(remittance)
    assert (key.payer_origin, key.trace, key.amount) == ("1999999999", "EFT00012345", Decimal("170.00"))
