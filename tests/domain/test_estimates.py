"""What a client is told to expect, worked by hand to the cent. Prices are those of one session."""

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.eligibility import Benefit, EligibilityAnswer, Network
from domain.estimates import Confidence, Estimate, Inputs, by_credits, by_oneself, estimate

D = Decimal
AS_OF = date(2026, 3, 2)
ACTIVE = Benefit("1", service_types=("30",))


def copay(amount: str, stc: str = "MH", **changes: Any) -> Benefit:
    facts: dict[str, Any] = {"level": "IND", "period": "27", "network": Network.IN}
    return Benefit("B", service_types=(stc,), amount=D(amount), **(facts | changes))


def coinsurance(fraction: str, stc: str = "MH", network: Network = Network.IN) -> Benefit:
    return Benefit("A", "IND", (stc,), "27", fraction=D(fraction), network=network)


def yearly(
    kind: str, amount: str, period: str = "29", level: str = "IND", network: Network = Network.IN
) -> Benefit:
    return Benefit(kind, level, ("30",), period, D(amount), network=network)


def visits(left: int) -> Benefit:
    return Benefit("F", "IND", ("MH",), "29", quantity_kind="VS", quantity=D(left), network=Network.IN)


def told(*rows: Benefit, allowed: str = "95.00", in_network: bool = True, sessions: int = 4) -> Estimate:
    found = estimate(
        EligibilityAnswer(benefits=(ACTIVE, *rows)),
        allowed=D(allowed),
        in_network=in_network,
        sessions_per_month=sessions,
        self_pay=D("79.00"),
        as_of=AS_OF,
    )
    assert found is not None
    return found


def test_a_plain_copay_is_the_price_of_each_session() -> None:
    found = told(copay("25.00"))
    assert (found.per_session, found.per_month, found.confidence) == (
        D("25.00"),
        D("100.00"),
        Confidence.HIGH,
    )
    assert found.self_pay == D("79.00")
    assert not found.up_to


def test_the_telehealth_copay_goes_before_the_plain_one_whichever_way_the_payer_says_it() -> None:
    plain = copay("25.00")
    by_place = copay("10.00", places=("10",))
    by_message = copay("10.00", messages=("TELEHEALTH VIRTUAL VISIT COPAY",))
    assert told(plain, by_place).per_session == told(by_message, plain).per_session == D("10.00")


def test_a_copay_never_exceeds_the_price() -> None:
    """An online visit allowed at 15.00 under a 25.00 copay costs 15.00."""
    assert told(copay("25.00"), allowed="15.00").per_session == D("15.00")


def test_a_deductible_partly_used_comes_before_coinsurance_and_runs_out_within_the_month() -> None:
    """320.50 left, 20 % after it, 95.00 a session: 95 + 95 + 95 + (35.50 + 20 % of 59.50 = 47.40) = 332.40."""
    found = told(coinsurance("0.2"), yearly("C", "1500", "23"), yearly("C", "320.50"))
    assert found.per_session == D("95.00")
    assert found.per_month == D("332.40")
    assert found.confidence is Confidence.HIGH


def test_the_session_in_which_the_deductible_ends_is_part_deductible_part_coinsurance() -> None:
    """35.50 left: 35.50 + 20 % of 59.50 = 47.40; afterwards 20 % of 95.00 = 19.00 each."""
    found = told(coinsurance("0.2"), yearly("C", "35.50"), sessions=3)
    assert (found.per_session, found.per_month) == (D("47.40"), D("85.40"))


def test_the_yearly_limit_caps_what_is_paid() -> None:
    """12.25 to the limit and a used-up deductible: 20 % of 95.00 would be 19.00, then nothing."""
    found = told(coinsurance("0.2"), yearly("C", "0"), yearly("G", "12.25"))
    assert (found.per_session, found.per_month) == (D("12.25"), D("12.25"))
    assert told(copay("25.00"), yearly("G", "30.00")).per_month == D("30.00")


def test_half_a_cent_of_coinsurance_is_rounded_up() -> None:
    """15 % of 70.10 is 10.515."""
    assert told(coinsurance("0.15"), yearly("C", "0"), allowed="70.10").per_session == D("10.52")


def test_cover_of_a_hundred_per_cent_costs_nothing() -> None:
    for rows in ((copay("0"), coinsurance("0")), (coinsurance("0"), yearly("C", "0"))):
        found = told(*rows)
        assert (found.per_session, found.per_month, found.confidence) == (D(0), D(0), Confidence.HIGH)


def test_a_hundred_per_cent_after_the_deductible_still_asks_for_the_deductible() -> None:
    assert told(coinsurance("0"), yearly("C", "100.00")).per_month == D("100.00")


def test_only_the_whole_plan_is_a_low_confidence_shown_as_up_to() -> None:
    found = told(copay("40.00", "30"))
    assert (found.per_session, found.confidence, found.up_to) == (D("40.00"), Confidence.LOW, True)


def test_an_office_visit_copay_is_a_medium_confidence() -> None:
    assert told(copay("40.00", "98")).confidence is Confidence.MEDIUM


def test_where_nothing_is_said_the_price_itself_is_the_most_it_can_be() -> None:
    found = told()
    assert (found.per_session, found.confidence) == (D("95.00"), Confidence.LOW)


def test_the_narrower_service_wins_also_between_copay_and_coinsurance() -> None:
    found = told(copay("40.00", "98"), coinsurance("0.2"), yearly("C", "0"))
    assert found.per_session == D("19.00")
    assert told(copay("30.00", "MH"), copay("12.00", "A6")).per_session == D("12.00")


def test_where_copay_and_coinsurance_both_apply_the_copay_stands_alone() -> None:
    assert told(copay("25.00"), coinsurance("0.2"), yearly("C", "500")).per_session == D("25.00")


def test_a_copay_after_the_deductible_is_read_from_the_payers_words() -> None:
    """20.00 of deductible, then the copay of 25.00; the next ones 25.00 each."""
    found = told(copay("25.00", messages=("COPAY AFTER DEDUCTIBLE",)), yearly("C", "20.00"))
    assert (found.per_session, found.per_month) == (D("45.00"), D("120.00"))


def test_out_of_network_is_priced_by_its_own_rows() -> None:
    """Our side of the network says nothing in these rows: 4,000 of deductible are left, so the whole 95.00."""
    outside = (
        copay("25.00"),
        coinsurance("0.4", network=Network.OUT),
        yearly("C", "4000", network=Network.OUT),
        yearly("C", "0"),
    )
    found = told(*outside, in_network=False)
    assert (found.per_session, found.confidence) == (D("95.00"), Confidence.HIGH)
    used_up = (coinsurance("0.4", network=Network.OUT), yearly("C", "0", network=Network.OUT))
    assert told(*used_up, in_network=False).per_session == D("38.00")


def test_a_plan_that_prices_us_only_as_outsiders_is_believed_but_with_low_confidence() -> None:
    found = told(coinsurance("0.4", network=Network.OUT), yearly("C", "4000", network=Network.OUT))
    assert (found.per_session, found.confidence) == (D("95.00"), Confidence.LOW)


def test_an_outsiders_deductible_never_prices_an_insiders_session() -> None:
    rows = (coinsurance("0.2"), yearly("C", "0"), yearly("C", "4000", network=Network.OUT))
    assert told(*rows).per_session == D("19.00")


def test_the_persons_own_deductible_goes_before_the_familys() -> None:
    rows = (coinsurance("0.2"), yearly("C", "3000", level="FAM"), yearly("C", "10.00"))
    assert told(*rows).per_session == D("27.00")


def test_a_deductible_of_which_nobody_said_what_is_left_counts_as_unused() -> None:
    found = told(coinsurance("0.2"), yearly("C", "1500", "23"))
    assert (found.per_session, found.confidence) == (D("95.00"), Confidence.LOW)
    assert told(coinsurance("0.2"), yearly("C", "0", "23")).per_session == D("19.00")


def test_visits_that_are_used_up_are_paid_at_our_own_price() -> None:
    found = told(copay("25.00"), visits(0))
    assert (found.per_session, found.per_month, found.confidence) == (
        D("79.00"),
        D("316.00"),
        Confidence.HIGH,
    )
    assert told(copay("25.00"), visits(3)).per_month == D("154.00")


def test_an_ended_plan_has_no_estimate() -> None:
    ended = EligibilityAnswer(benefits=(Benefit("6", service_types=("30",)), copay("25.00")))
    no_estimate = estimate(
        ended, allowed=D(95), in_network=True, sessions_per_month=4, self_pay=D(79), as_of=AS_OF
    )
    assert no_estimate is None


def test_the_rows_behind_the_number_are_kept_with_it() -> None:
    found = told(coinsurance("0.2"), yearly("C", "320.50"), yearly("G", "1899.75"))
    assert [(row.what, row.value) for row in found.basis] == [
        ("coinsurance", D("0.2")),
        ("deductible_remaining", D("320.50")),
        ("out_of_pocket_remaining", D("1899.75")),
    ]
    assert (found.as_of, found.rule) == (AS_OF, "estimate-2")
    assert found.inputs == Inputs(D("95.00"), in_network=True, sessions_per_month=4)


def test_a_deductible_that_the_payer_waives_is_not_reckoned_with() -> None:
    """20 % of 95.00 is 19.00, although 1,000 of deductible are left; a copay that it does not precede stays 25.00."""
    waived = dataclasses.replace(coinsurance("0.2"), messages=("DEDUCTIBLE WAIVED FOR  TELEHEALTH",))
    assert told(waived, yearly("C", "1000")).per_month == D("76.00")
    for words in ("NO DEDUCTIBLE APPLIES", "NOT SUBJECT TO DEDUCTIBLE", "DEDUCTIBLE DOES NOT APPLY"):
        assert told(copay("25.00", messages=(words,)), yearly("C", "1000")).per_session == D("25.00")
    subject = copay("25.00", messages=("SUBJECT TO THE DEDUCTIBLE",))
    assert told(subject, yearly("C", "10.00")).per_session == D("35.00")


def test_a_month_in_which_deductible_limit_and_visits_all_run_out() -> None:
    """Price 120.00, 150 of deductible, 30 %, 200 to the limit, 4 visits, 5 sessions.

    120; then 30 + 30 % of 90 = 57; then 36, of which the limit leaves 23; then nothing; the fifth is our own 79.00.
    """
    rows = (coinsurance("0.3"), yearly("C", "150.00"), yearly("G", "200.00"), visits(4))
    found = told(*rows, allowed="120.00", sessions=5)
    assert (found.per_session, found.per_month) == (D("120.00"), D("279.00"))
    assert told(*rows, allowed="120.00", sessions=2).per_month == D("177.00")
    assert told(*rows, allowed="120.00", sessions=3).per_month == D("200.00")


def test_a_sponsors_sessions_cost_nothing_while_they_last() -> None:
    """Three left and four in a month: the fourth is 79.00."""
    by = {
        left: by_credits(left, sessions_per_month=4, self_pay=D("79.00"), as_of=AS_OF) for left in (5, 3, 0)
    }
    assert [(e.per_session, e.per_month) for e in by.values()] == [
        (D(0), D(0)),
        (D(0), D("79.00")),
        (D("79.00"), D("316.00")),
    ]
    assert {row.what: row.value for row in by[3].basis} == {"credits": D(3)}
    assert by[3].self_pay_per_month == D("316.00")


def test_without_a_payer_it_is_our_own_price() -> None:
    found = by_oneself("fsa_hsa", sessions_per_month=4, self_pay=D("79"), as_of=AS_OF)
    assert (found.per_session, found.per_month, found.rule) == (D("79.00"), D("316.00"), "fsa_hsa")


amounts = st.decimals(min_value=0, max_value=500, places=2)


@given(
    price=amounts,
    fraction=st.decimals(min_value=0, max_value=1, places=2),
    deductible=amounts,
    limit=amounts,
    sessions=st.integers(1, 8),
)
def test_nobody_pays_more_than_the_price_or_the_limit(
    price: Decimal, fraction: Decimal, deductible: Decimal, limit: Decimal, sessions: int
) -> None:
    found = told(
        coinsurance(str(fraction)),
        yearly("C", str(deductible)),
        yearly("G", str(limit)),
        allowed=str(price),
        sessions=sessions,
    )
    assert D(0) <= found.per_session <= price
    assert found.per_session <= found.per_month <= min(limit, price * sessions)
