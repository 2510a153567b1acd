"""A payment is posted to the cent or quarantined; write-off and the patient's share are no denials."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.claim_states import ClaimEvent
from domain.remittances import (
    Adjustment,
    DenialGroup,
    Quarantined,
    RemittedClaim,
    RemittedLine,
    Share,
    check_payment,
    denial_group,
    post,
    share_of,
)

D = Decimal


def claim(charge: str, paid: str, *adjustments: tuple[str, str, str], status: str = "1") -> RemittedClaim:
    line = RemittedLine(
        "98971",
        D(charge),
        D(paid),
        tuple(Adjustment(group, carc, D(amount)) for group, carc, amount in adjustments),
    )
    return RemittedClaim("KRCLM1", status, D(charge), D(paid), "ICN1", (), (line,))


def test_a_paid_claim_is_split_between_payer_contract_and_patient() -> None:
    posting = post(claim("175.00", "100.00", ("CO", "45", "50.00"), ("PR", "3", "25.00")), D("175.00"))
    assert posting.event is ClaimEvent.PAID
    assert (posting.paid, posting.contractual, posting.patient_share) == (D("100.00"), D("50.00"), D("25.00"))
    assert posting.denials == ()
    assert posting.payer_claim_number == "ICN1"


def test_a_claim_paid_in_full_by_the_deductible_is_the_patients_and_not_denied() -> None:
    posting = post(claim("60.00", "0.00", ("CO", "45", "30.00"), ("PR", "1", "30.00")), D("60.00"))
    assert posting.event is ClaimEvent.ZERO_PAID_PATIENT
    assert posting.denied == D("0.00")


def test_a_claim_at_the_contracts_zero_is_not_denied() -> None:
    assert post(claim("60.00", "0.00", ("CO", "45", "60.00")), D("60.00")).event is ClaimEvent.PAID


def test_a_denied_line_beside_a_paid_one_makes_a_partial_payment() -> None:
    paid = RemittedLine("98971", D("60.00"), D("30.00"), (Adjustment("CO", "45", D("30.00")),))
    denied = RemittedLine("96127", D("10.00"), D("0.00"), (Adjustment("CO", "97", D("10.00")),))
    both = RemittedClaim("KRCLM1", "1", D("70.00"), D("30.00"), lines=(paid, denied))
    posting = post(both, D("70.00"))
    assert posting.event is ClaimEvent.PARTIALLY_PAID
    (denial,) = posting.denials
    assert (denial.carc, denial.kind, denial.amount) == ("97", DenialGroup.BUNDLED, D("10.00"))


@pytest.mark.parametrize("status", ["1", "4"])
def test_a_claim_paid_nothing_for_a_reason_is_denied(status: str) -> None:
    posting = post(claim("60.00", "0.00", ("CO", "96", "60.00"), status=status), D("60.00"))
    assert posting.event is ClaimEvent.DENIED
    assert posting.denials[0].kind is DenialGroup.NON_COVERED


def test_a_denial_that_the_patient_must_bear_says_so() -> None:
    posting = post(claim("60.00", "0.00", ("PR", "119", "60.00")), D("60.00"))
    assert posting.event is ClaimEvent.DENIED
    assert posting.denials[0].patient_liable
    assert posting.patient_share == D("0.00")


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("19", ClaimEvent.FORWARDED),
        ("20", ClaimEvent.FORWARDED),
        ("21", ClaimEvent.FORWARDED),
        ("23", ClaimEvent.DENIED),
    ],
)
def test_the_payers_status_decides_where_it_is_no_plain_payment(status: str, event: ClaimEvent) -> None:
    assert post(claim("60.00", "30.00", ("CO", "45", "30.00"), status=status), D("60.00")).event is event


def test_a_reversal_takes_back_to_the_cent_what_was_posted() -> None:
    first = post(claim("175.00", "100.00", ("CO", "45", "50.00"), ("PR", "3", "25.00")), D("175.00"))
    back = post(
        claim("-175.00", "-100.00", ("CO", "45", "-50.00"), ("PR", "3", "-25.00"), status="22"), D("175.00")
    )
    assert back.event is ClaimEvent.REVERSED
    assert first.paid + back.paid == first.contractual + back.contractual == D(0)
    assert first.patient_share + back.patient_share == D(0)


@pytest.mark.parametrize(
    ("remitted", "code"),
    [
        (claim("60.00", "30.01", ("CO", "45", "30.00")), "line_unbalanced"),
        (replace(claim("60.00", "30.00", ("CO", "45", "30.00")), paid=D("30.01")), "claim_unbalanced"),
        (
            replace(claim("60.00", "30.00", ("CO", "45", "30.00")), charge=D("61.00"), paid=D("31.00")),
            "lines_miss_charge",
        ),
        (claim("61.00", "31.00", ("CO", "45", "30.00")), "charge_differs"),
        (claim("-60.00", "-30.00", ("CO", "45", "-30.00")), "charge_differs"),
        (claim("60.00", "30.00", ("CO", "45", "30.00"), status="25"), "predetermination"),
        (claim("60.00", "30.00", ("CO", "45", "30.00"), status="99"), "status_unknown"),
    ],
)
def test_what_does_not_balance_is_quarantined_and_never_forced(remitted: RemittedClaim, code: str) -> None:
    with pytest.raises(Quarantined) as refusal:
        post(remitted, D("60.00"))
    assert refusal.value.code == code


def test_adjustments_of_the_whole_claim_count_once() -> None:
    whole = RemittedClaim(
        "KRCLM1", "1", D("60.00"), D("30.00"), adjustments=(Adjustment("CO", "45", D("30.00")),)
    )
    assert post(whole, D("60.00")).contractual == D("30.00")


def test_a_whole_payment_balances_with_its_provider_adjustments() -> None:
    claims = [
        claim("60.00", "30.00", ("CO", "45", "30.00")),
        claim("175.00", "100.00", ("CO", "45", "75.00")),
    ]
    check_payment(D("130.50"), claims, [D("-0.50")])  # interest: a negative PLB adds
    with pytest.raises(Quarantined):
        check_payment(D("130.00"), claims, [D("-0.51")])


@pytest.mark.parametrize(
    ("group", "carc", "share"),
    [
        ("CO", "45", Share.CONTRACTUAL),
        ("PR", "45", Share.PATIENT),
        ("PR", "1", Share.PATIENT),
        ("PR", "2", Share.PATIENT),
        ("PR", "3", Share.PATIENT),
        ("OA", "23", Share.PRIOR_PAYER),
        ("PR", "204", Share.DENIED),
        ("CO", "16", Share.DENIED),
    ],
)
def test_each_adjustment_is_somebodys(group: str, carc: str, share: Share) -> None:
    assert share_of(Adjustment(group, carc, D("1.00"))) is share


def test_an_unknown_reason_is_still_listed() -> None:
    assert denial_group("999") is DenialGroup.OTHER
    assert post(claim("60.00", "0.00", ("CO", "999", "60.00")), D("60.00")).denials[0].carc == "999"
