"""Nobody ineligible is ever shown, everybody rejected is told why, and the reasons shown are true."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import week
from domain.ids import ClientId, TherapistId
from domain.licences import Licence
from domain.match_filters import Refusal, refusal_words, refusals
from domain.match_profiles import Acuity, Count, Credential, Search, Seeker, TherapistProfile, Wish
from domain.match_terms import EVEN, WEIGHTS, means_of, shrunk, terms_of
from domain.matching import Pool, rank
from domain.week_hours import week_hours

TODAY = date(2026, 3, 2)
MORNINGS = week_hours(
    week("America/Chicago", {"mon": [("08:00", "12:00")], "tue": [("08:00", "12:00")]}), TODAY
)
MONDAYS = week_hours(week("America/Chicago", {"mon": [("08:00", "18:00")]}), TODAY)

SEEKER = Seeker(
    client_id=ClientId(UUID(int=1)),
    state="TX",
    age=34,
    language="en",
    payer_id="62308",
    focus=frozenset({"anxiety", "sleep"}),
    wishes=(Wish("gender", "woman"), Wish("modality", "audio")),
    hours=MORNINGS,
)


def therapist(number: int, **changes: Any) -> TherapistProfile:
    facts: dict[str, Any] = {
        "therapist_id": TherapistId(UUID(int=number)),
        "licences": (Licence("TX", date(2025, 1, 1), date(2027, 1, 1)),),
        "credentials": (Credential("62308", date(2025, 1, 1)),),
        "languages": frozenset({"en"}),
        "target_load": 20,
        "most_load": 25,
        "load": 15,
    }
    return TherapistProfile(**(facts | changes))


@pytest.mark.parametrize(
    ("seeker", "profile", "code", "words"),
    [
        ({}, {"licences": ()}, Refusal.NO_LICENCE, "no licence in TX"),
        ({"state": "WA"}, {}, Refusal.NO_LICENCE, "no licence in WA"),
        ({}, {"licences": (Licence("TX", date(2025, 1, 1), TODAY),)}, Refusal.NO_LICENCE, "no licence in TX"),
        ({}, {"credentials": ()}, Refusal.NO_CREDENTIAL, "not credentialed with payer 62308"),
        (
            {},
            {"credentials": (Credential("62308", date(2026, 3, 3)),)},
            Refusal.NO_CREDENTIAL,
            "not credentialed with payer 62308",
        ),
        ({"age": 17}, {}, Refusal.AGE_OUTSIDE_BAND, "does not see clients aged 17"),
        ({"language": "es"}, {}, Refusal.LANGUAGE, "does not work in es"),
        ({}, {"load": 25}, Refusal.NO_CAPACITY, "no free place"),
        (
            {"acuity": Acuity.HIGH},
            {},
            Refusal.ACUITY_OUTSIDE_SCOPE,
            "needs more than this therapist takes on",
        ),
        ({"blocked": frozenset({UUID(int=7)})}, {}, Refusal.BLOCKED, "blocked or in conflict"),
        ({}, {"messaging_on": False}, Refusal.MESSAGING_OFF, "does not offer messaging"),
        ({}, {"accepting": False}, Refusal.NOT_ACCEPTING, "takes no new clients now"),
        (
            {"wishes": (Wish("gender", "woman", must=True),)},
            {},
            Refusal.MUST_UNMET,
            "does not meet what the client insists on",
        ),
        (
            {"already_asked": frozenset({UUID(int=7)})},
            {},
            Refusal.ALREADY_ASKED,
            "was asked already in this search",
        ),
    ],
)
def test_each_hard_filter_rejects_with_its_own_words(
    seeker: dict[str, Any], profile: dict[str, Any], code: Refusal, words: str
) -> None:
    ranking = rank(replace(SEEKER, **seeker), [therapist(7, **profile)], TODAY)
    assert ranking.candidates == ()
    (rejection,) = ranking.rejected
    assert (rejection.codes, rejection.words) == ((code,), (words,))


def test_every_reason_is_kept_not_only_the_first() -> None:
    (rejection,) = rank(SEEKER, [therapist(7, licences=(), load=25)], TODAY).rejected
    assert rejection.codes == (Refusal.NO_LICENCE, Refusal.NO_CAPACITY)


def test_a_client_without_a_payer_needs_no_credential() -> None:
    assert refusals(replace(SEEKER, payer_id=None), therapist(7, credentials=()), TODAY) == ()


def test_every_refusal_has_words() -> None:
    assert all(refusal_words(refusal, SEEKER) for refusal in Refusal)


def test_the_weights_are_one_whole() -> None:
    assert sum(WEIGHTS) == pytest.approx(1.0)


def test_a_score_is_the_weighted_sum_worked_by_hand() -> None:
    """.30*1/2 + .15*1 + .15*(4 of 8 h) + .15*0 + .10*(1-15/20) + .10*(30+20*.75)/(40+20) + .05*.5"""
    one = therapist(
        1,
        specialties=frozenset({"anxiety", "grief"}),
        modalities=frozenset({"text", "audio"}),
        hours=MONDAYS,
        promises_kept=Count(30, 40),
    )
    (candidate,) = rank(SEEKER, [one], TODAY).candidates
    assert candidate.terms == pytest.approx((0.5, 1, 0.5, 0, 0.25, 0.75, 0.5))
    assert candidate.score == pytest.approx(0.15 + 0.15 + 0.075 + 0 + 0.025 + 0.075 + 0.025)


def test_what_was_not_asked_for_costs_nobody_anything() -> None:
    anyone = replace(SEEKER, focus=frozenset(), wishes=(), hours=0)
    terms = terms_of(anyone, therapist(1), means_of([]))
    assert (terms.specialty, terms.modality, terms.hours, terms.preferences) == (1, 1, 1, 1)


def test_few_cases_are_drawn_to_the_mean_and_many_speak_for_themselves() -> None:
    mean = 0.8
    assert shrunk(Count(0, 0), mean) == mean
    assert mean < shrunk(Count(2, 2), mean) < 0.83
    assert shrunk(Count(2000, 2000), mean) > 0.99


def test_fewer_than_fifteen_outcomes_say_nothing() -> None:
    means = means_of([therapist(1, outcomes=Count(30, 60))])
    assert means.outcomes == EVEN
    assert terms_of(SEEKER, therapist(2, outcomes=Count(14, 14)), means).outcomes == means.outcomes
    assert terms_of(SEEKER, therapist(2, outcomes=Count(15, 15)), means).outcomes > means.outcomes


def test_the_reasons_are_true_and_the_weightiest_come_first() -> None:
    one = therapist(
        1,
        specialties=frozenset({"anxiety", "sleep"}),
        modalities=frozenset({"audio"}),
        traits=frozenset({("gender", "woman")}),
        hours=MONDAYS,
        promises_kept=Count(58, 60),
        load=2,
    )
    (candidate,) = rank(SEEKER, [one], TODAY).candidates
    assert candidate.reasons[0] == "Works with anxiety and sleep"
    assert set(candidate.reasons[1:]) == {"Works as you wished: audio", "As you wished: a woman"}


def test_small_numbers_and_missed_promises_are_no_reason() -> None:
    for kept in (Count(29, 29), Count(50, 60)):
        plain = therapist(1, promises_kept=kept, load=19)
        assert rank(SEEKER, [plain], TODAY).candidates[0].reasons == ()
    kept_well = therapist(1, promises_kept=Count(29, 30), load=19)
    assert rank(SEEKER, [kept_well], TODAY).candidates[0].reasons == ("Answered 29 of 30 messages in time",)


def strong(number: int) -> TherapistProfile:
    return therapist(number, specialties=frozenset({"anxiety", "sleep"}), load=12)


def test_one_of_three_places_goes_to_a_therapist_under_half_of_target() -> None:
    newcomer, fuller = therapist(9, load=9), therapist(8, load=10)
    ranking = rank(SEEKER, [strong(1), strong(2), strong(3), newcomer, fuller], TODAY)
    assert ranking.candidates[2].therapist_id == newcomer.therapist_id
    assert [candidate.fairness_slot for candidate in ranking.candidates] == [False, False, True]
    assert [candidate.therapist_id for candidate in ranking.candidates[:2]] == [
        candidate.therapist_id for candidate in ranking.eligible[:2]
    ]


def test_nobody_is_displaced_where_one_under_half_is_shown_anyway_or_none_is_eligible() -> None:
    light = replace(strong(4), load=3)
    shown = rank(SEEKER, [strong(1), strong(2), light, therapist(9, load=1)], TODAY).candidates
    assert not any(candidate.fairness_slot for candidate in shown)
    unlicensed = therapist(9, load=1, licences=())
    shown = rank(SEEKER, [strong(1), strong(2), strong(3), strong(4), unlicensed], TODAY).candidates
    assert not any(candidate.fairness_slot for candidate in shown)


def test_equal_scores_do_not_always_favour_the_same_therapist() -> None:
    twins = [therapist(1), therapist(2)]
    first = {
        rank(replace(SEEKER, client_id=ClientId(UUID(int=n))), twins, TODAY).candidates[0].therapist_id
        for n in range(40)
    }
    assert len(first) == 2


def some_therapist(random: Random, number: int) -> TherapistProfile:
    return therapist(
        number,
        licences=random.choice([(), (Licence("TX", date(2025, 1, 1), date(2027, 1, 1)),)]),
        specialties=frozenset(random.sample(["anxiety", "sleep", "grief"], random.randint(0, 3))),
        load=random.randint(0, 26),
        languages=random.choice([frozenset({"en"}), frozenset({"es"}), frozenset({"en", "es"})]),
        promises_kept=Count(random.randint(0, 40), 40),
    )


@given(st.randoms(use_true_random=False), st.integers(0, 12))
def test_everyone_is_either_eligible_or_rejected_and_order_of_input_is_nothing(
    random: Random, size: int
) -> None:
    pool = [some_therapist(random, number) for number in range(1, size + 1)]
    ranking = rank(SEEKER, pool, TODAY)
    shuffled = list(pool)
    random.shuffle(shuffled)
    assert rank(SEEKER, shuffled, TODAY) == ranking
    eligible = [candidate.therapist_id for candidate in ranking.eligible]
    rejected = [rejection.therapist_id for rejection in ranking.rejected]
    assert sorted(eligible + rejected, key=lambda each: each.int) == [each.therapist_id for each in pool]
    assert len(ranking.candidates) == min(3, len(eligible))
    assert {candidate.therapist_id for candidate in ranking.candidates} <= set(eligible)
    assert all(rejection.codes for rejection in ranking.rejected)
    assert all(0 <= candidate.score <= 1 and len(candidate.reasons) <= 3 for candidate in ranking.eligible)


def some_seeker(random: Random) -> Seeker:
    return replace(
        SEEKER,
        client_id=ClientId(UUID(int=random.randint(1, 99))),
        state=random.choice(["TX", "WA"]),
        age=random.choice([17, 34, 70]),
        language=random.choice(["en", "es", "fr"]),
        acuity=random.choice(list(Acuity)),
        payer_id=random.choice([None, "62308", "87726"]),
        focus=frozenset(random.sample(["anxiety", "sleep", "grief"], random.randint(0, 3))),
        wishes=tuple(
            Wish(kind, value, must=random.random() < 0.3)
            for kind, value in [("gender", "woman"), ("modality", "audio"), ("style", "warm")]
            if random.random() < 0.5
        ),
        hours=random.choice([0, MORNINGS, MONDAYS]),
        blocked=frozenset({TherapistId(UUID(int=random.randint(1, 12)))}),
        already_asked=frozenset({TherapistId(UUID(int=random.randint(1, 12)))}),
    )


def anyone(random: Random, number: int) -> TherapistProfile:
    return replace(
        some_therapist(random, number),
        credentials=random.choice(
            [(), (Credential("62308", date(2025, 1, 1), random.choice([None, TODAY])),)]
        ),
        modalities=frozenset(random.sample(["text", "audio"], 1)),
        traits=frozenset(random.sample([("gender", "woman"), ("gender", "man"), ("style", "warm")], 2)),
        ages=random.choice([(18, 120), (13, 34), (34, 69)]),
        acuity_scope=random.choice(list(Acuity)),
        hours=random.choice([0, MORNINGS, MONDAYS]),
        messaging_on=random.random() < 0.8,
        accepting=random.random() < 0.8,
        outcomes=Count(random.randint(0, 10), random.randint(10, 20)),
    )


@given(st.randoms(use_true_random=False))
def test_columns_say_of_every_pair_what_the_rules_of_one_pair_say(random: Random) -> None:
    """One pool for several clients: what was kept from one of them does not colour the next."""
    everyone = {
        each.therapist_id: each
        for each in (anyone(random, number) for number in range(1, random.randint(1, 13)))
    }
    pool, means = Pool(everyone.values()), means_of(everyone.values())
    wanted = [Search(some_seeker(random), random.choice([TODAY, date(2027, 1, 1)])) for _ in range(4)]
    for search in wanted:
        ranking = pool.rank(search)
        for rejection in ranking.rejected:
            assert rejection.codes == refusals(search.seeker, everyone[rejection.therapist_id], search.on)
        for candidate in ranking.eligible:
            profile = everyone[candidate.therapist_id]
            terms = terms_of(search.seeker, profile, means)
            assert refusals(search.seeker, profile, search.on) == ()
            assert candidate.terms == pytest.approx(terms)
            assert candidate.score == pytest.approx(
                sum(weight * term for weight, term in zip(WEIGHTS, terms, strict=True)), abs=1e-4
            )
        assert pool.shortlist(search) == ranking.candidates
    check_list(pool, wanted, everyone)


def check_list(pool: Pool, wanted: list[Search], everyone: dict[TherapistId, TherapistProfile]) -> None:
    """The waiting list holds every pair that may be, in the clients' order, and the places that are free."""
    waiting = pool.waiting_list(wanted, [timedelta(days=n) for n in range(len(wanted))])
    pairs = {(client, waiting.therapists[therapist]) for client, therapist, _ in waiting.pairs()}
    eligible = {
        (n, each.therapist_id) for n, search in enumerate(wanted) for each in pool.rank(search).eligible
    }
    assert pairs == eligible
    assert list(waiting.places) == [
        max(0, everyone[each].most_load - everyone[each].load) for each in waiting.therapists
    ]
    assert all(worth > 0 for worth in waiting.worth)


def test_who_waited_longer_is_worth_more_and_with_whom_the_score_alone_decides() -> None:
    pool = Pool([strong(1), therapist(2)])
    waiting = pool.waiting_list(
        [Search(SEEKER, TODAY)] * 3, [timedelta(), timedelta(days=3), timedelta(days=400)]
    )
    worth = {(client, therapist): each for client, therapist, each in waiting.pairs()}
    assert worth[1, 0] - worth[0, 0] == worth[1, 1] - worth[0, 1] == 300
    assert worth[2, 0] - worth[0, 0] == 3_000
    assert worth[0, 0] - worth[0, 1] == worth[2, 0] - worth[2, 1] > 0
