"""Nobody is forgotten before the room opens: stages, waits and ladders from facts."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.coverage import CoverageStatus
from domain.errors import Conflict
from domain.guardians import Pathway
from domain.journeys import Facts, Step, StepState, journey, refuse_too_early
from domain.stages import POLICIES, STAFF, Party, Rung, Stage, Wait
from domain.suitability import Suitability

START = datetime(2026, 3, 6, 20, tzinfo=UTC)  # a Friday evening before a change of clocks
DAY = timedelta(days=1)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


# One client's way, one fact after another, with where each fact puts them.
WAY: list[tuple[dict[str, object], Stage, Wait, Party]] = [
    ({}, Stage.REGISTERED, Wait.CONFIRMATION, Party.CLIENT),
    ({"confirmed_at": at(1)}, Stage.INTAKE, Wait.INTAKE, Party.CLIENT),
    (
        {"suitability_at": at(2), "intake_submitted_at": at(2), "suitability": Suitability.LIVE},
        Stage.INTAKE,
        Wait.SUITABILITY,
        Party.MATCHER,
    ),
    (
        {
            "suitability_at": at(2.2),
            "suitability": Suitability.MESSAGING,
            "guardian_pathway": Pathway.GUARDIAN,
        },
        Stage.CONSENTS,
        Wait.GUARDIAN,
        Party.GUARDIAN,
    ),
    ({"guardian_consented_at": at(2.5)}, Stage.CONSENTS, Wait.CONSENTS, Party.CLIENT),
    ({"consents_signed_at": at(3)}, Stage.SCREENING, Wait.MEASURES, Party.CLIENT),
    ({"measures_done_at": at(4)}, Stage.COVERAGE, Wait.COVERAGE, Party.CLIENT),
    (
        {"coverage_status": CoverageStatus.VERIFYING, "coverage_at": at(5)},
        Stage.COVERAGE,
        Wait.PAYER_ANSWER,
        Party.PAYER,
    ),
    (
        {"coverage_status": CoverageStatus.NEEDS_INFORMATION, "coverage_at": at(6)},
        Stage.COVERAGE,
        Wait.COVERAGE_DETAILS,
        Party.CLIENT,
    ),
    (
        {"coverage_status": CoverageStatus.MANUAL_REVIEW, "coverage_at": at(7)},
        Stage.COVERAGE,
        Wait.COVERAGE_REVIEW,
        Party.BILLING,
    ),
    (
        {"coverage_status": CoverageStatus.INACTIVE, "coverage_at": at(8)},
        Stage.COVERAGE,
        Wait.OTHER_COVERAGE,
        Party.CLIENT,
    ),
    (
        {"coverage_status": CoverageStatus.ACTIVE, "coverage_at": at(9)},
        Stage.MATCHING,
        Wait.CANDIDATES,
        Party.NOBODY,
    ),
    ({"candidates_at": at(10)}, Stage.MATCHING, Wait.CHOICE, Party.CLIENT),
    ({"chosen_at": at(11)}, Stage.OFFER, Wait.NEXT_OFFER, Party.NOBODY),
    (
        {"offered_at": at(12), "offer_expires_at": at(70)},
        Stage.OFFER,
        Wait.OFFER_ANSWER,
        Party.THERAPIST,
    ),
    (
        {"offered_at": None, "offer_expires_at": None, "offer_missed_at": at(70)},
        Stage.OFFER,
        Wait.NEXT_OFFER,
        Party.NOBODY,
    ),
    ({"human_match_at": at(71)}, Stage.MATCHING, Wait.HUMAN_MATCH, Party.MATCHER),
    ({"room_opened_at": at(72)}, Stage.IN_CARE, Wait.NOTHING, Party.NOBODY),
    ({"closed_at": at(900)}, Stage.CLOSED, Wait.NOTHING, Party.NOBODY),
]


def facts_until(n: int) -> Facts:
    merged: dict[str, object] = {}
    for added, *_ in WAY[: n + 1]:
        merged |= added
    return dataclasses.replace(Facts(registered_at=START), **merged)  # type: ignore[arg-type]


def facts_waiting_for(wait: Wait) -> Facts:
    return facts_until(next(n for n, row in enumerate(WAY) if row[2] is wait))


@pytest.mark.parametrize("n", range(len(WAY)))
def test_each_fact_puts_the_client_where_it_should(n: int) -> None:
    added, stage, wait, waiting_on = WAY[n]
    now = journey(facts_until(n))
    assert (now.stage, now.wait, now.waiting_on) == (stage, wait, waiting_on)
    instants = [v for k, v in added.items() if isinstance(v, datetime) and k != "offer_expires_at"]
    assert now.since == (instants[0] if instants else START)
    assert now.next_step
    assert now.owner


def test_the_way_tells_every_wait_but_a_pause() -> None:
    assert {wait for _, _, wait, _ in WAY} == set(Wait) - {Wait.RESUMING}
    assert {stage for _, stage, _, _ in WAY} == set(Stage)
    assert set(POLICIES) == set(Wait)


@pytest.mark.parametrize("n", [n for n, (_, _, wait, _) in enumerate(WAY) if wait is not Wait.NOTHING])
@pytest.mark.parametrize("paused", [False, True])
def test_if_nobody_acts_for_ten_days_a_named_person_was_told_in_time(n: int, paused: bool) -> None:
    facts = facts_until(n)
    if paused:
        facts = dataclasses.replace(facts, paused_at=at(80))
    now = journey(facts)
    told_by = [rung.at for rung in now.ladder if rung.whom in STAFF]
    assert told_by
    assert min(told_by) < now.since + 10 * DAY
    assert any(rung.whom is Party.SUPERVISOR and rung.at < now.since + 10 * DAY for rung in now.ladder)


@pytest.mark.parametrize("wait", Wait)
def test_the_rungs_of_a_ladder_come_in_order(wait: Wait) -> None:
    after = [rung.after for rung in POLICIES[wait].ladder]
    assert after == sorted(set(after))


@pytest.mark.parametrize("n", [n for n, row in enumerate(WAY) if row[2] is not Wait.NOTHING])
def test_every_open_wait_has_a_due_time_after_its_start(n: int) -> None:
    now = journey(facts_until(n))
    assert now.due_at is not None
    assert now.due_at > now.since


def test_an_offer_is_due_when_it_expires_in_the_therapists_working_hours() -> None:
    n = next(n for n, row in enumerate(WAY) if row[2] is Wait.OFFER_ANSWER)
    assert journey(facts_until(n)).due_at == at(70)


def test_rungs_are_climbed_one_by_one_and_end() -> None:
    now = journey(facts_until(1))
    climbed: list[tuple[Party, datetime]] = []
    for place, rung in enumerate(now.ladder):
        assert now.unclimbed(climbed) == now.ladder[place:]
        climbed.append((rung.whom, rung.at + timedelta(seconds=3)))
    assert now.unclimbed(climbed) == ()


def test_a_ladder_that_changes_meanwhile_leaves_nobody_out() -> None:
    """The client was told twice by the old ladder; by the new one a matcher is first, and is not taken for told."""
    policy = dataclasses.replace(
        POLICIES[Wait.INTAKE], ladder=(Rung(DAY, Party.MATCHER), Rung(2 * DAY, Party.CLIENT))
    )
    now = journey(facts_until(1), {**POLICIES, Wait.INTAKE: policy})
    told = [(Party.CLIENT, now.since + days * DAY) for days in (1, 3)]
    assert [rung.whom for rung in now.unclimbed(told)] == [Party.MATCHER]


def test_a_pause_silences_reminders_to_the_client_and_keeps_the_stage() -> None:
    facts = facts_waiting_for(Wait.CONSENTS)
    paused = journey(dataclasses.replace(facts, paused_at=at(10)))
    assert (paused.stage, paused.paused, paused.due_at) == (Stage.CONSENTS, True, None)
    assert Party.CLIENT not in {rung.whom for rung in paused.ladder}
    assert journey(facts).paused is False
    assert journey(dataclasses.replace(facts, paused_at=at(10), closed_at=at(11))).paused is False


@pytest.mark.parametrize("n", range(len(WAY)))
def test_the_steps_tell_one_turn_at_a_time(n: int) -> None:
    now = journey(facts_until(n))
    states = [line.state for line in now.steps]
    assert [line.name for line in now.steps] == list(Step)
    active = [s for s in states if s not in (StepState.DONE, StepState.TODO)]
    if now.wait is Wait.NOTHING:
        assert states == [StepState.DONE] * len(Step)
    else:
        expected = {Party.CLIENT: StepState.NEEDS_YOU, Party.NOBODY: StepState.CURRENT}
        assert active == [expected.get(now.waiting_on, StepState.WAITING)]
    for line in now.steps:
        assert (line.at is None) == (line.state is StepState.TODO)


def test_a_payer_asked_before_the_measures_are_done_shows_as_waiting() -> None:
    facts = dataclasses.replace(
        facts_waiting_for(Wait.MEASURES), coverage_status=CoverageStatus.VERIFYING, coverage_at=at(3.5)
    )
    now = journey(facts)
    assert now.stage is Stage.SCREENING
    states = {line.name: line.state for line in now.steps}
    assert states[Step.MEASURES] is StepState.NEEDS_YOU
    assert states[Step.COVERAGE] is StepState.WAITING


@given(st.integers(0, len(WAY) - 2), st.sampled_from([Step.MEASURES, Step.COVERAGE, Step.MATCHING]))
def test_nothing_clinical_or_payable_precedes_consent(n: int, step: Step) -> None:
    facts = facts_until(n)
    if facts.consents_signed_at is None:
        with pytest.raises(Conflict, match=r"suitability_first|guardian_first|consents_first"):
            refuse_too_early(step, facts)
    elif step is not Step.MATCHING:
        refuse_too_early(step, facts)


@pytest.mark.parametrize(
    ("wait", "step", "code"),
    [
        (Wait.CONFIRMATION, Step.INTAKE, "confirm_first"),
        (Wait.INTAKE, Step.CONSENTS, "intake_first"),
        (Wait.SUITABILITY, Step.CONSENTS, "suitability_first"),
        (Wait.GUARDIAN, Step.CONSENTS, "guardian_first"),
        (Wait.MEASURES, Step.MATCHING, "measures_first"),
        (Wait.COVERAGE_REVIEW, Step.MATCHING, "coverage_first"),
    ],
)
def test_a_step_too_early_is_refused_with_what_comes_first(wait: Wait, step: Step, code: str) -> None:
    with pytest.raises(Conflict, match=code):
        refuse_too_early(step, facts_waiting_for(wait))


def test_nothing_goes_on_after_the_end() -> None:
    with pytest.raises(Conflict, match="journey_closed"):
        refuse_too_early(Step.COVERAGE, facts_until(len(WAY) - 1))


def test_whom_no_pathway_serves_waits_for_a_person_and_not_for_a_document() -> None:
    now = journey(dataclasses.replace(facts_waiting_for(Wait.CONSENTS), guardian_pathway=Pathway.NOT_SERVED))
    assert (now.wait, now.waiting_on) == (Wait.SUITABILITY, Party.MATCHER)
    assert "of your age" in now.next_step


def test_whom_messages_do_not_fit_is_told_what_we_recommend_and_whom_to_call_at_once() -> None:
    facts = facts_waiting_for(Wait.SUITABILITY)
    said = {
        fits: journey(dataclasses.replace(facts, suitability=fits)).next_step
        for fits in (Suitability.LIVE, Suitability.HIGHER_CARE)
    }
    assert said[Suitability.LIVE] != said[Suitability.HIGHER_CARE]
    assert all("recommend" in words and "988" in words for words in said.values())


def test_who_is_in_care_stays_in_care_whatever_changes_about_what_fits() -> None:
    facts = dataclasses.replace(
        facts_waiting_for(Wait.COVERAGE), room_opened_at=at(72), suitability=Suitability.LIVE
    )
    assert journey(facts).stage is Stage.IN_CARE
    refuse_too_early(Step.MEASURES, dataclasses.replace(facts, suitability=Suitability.MESSAGING))


def test_matching_may_begin_once_all_before_it_is_done() -> None:
    refuse_too_early(Step.MATCHING, facts_waiting_for(Wait.CANDIDATES))


instants = st.none() | st.floats(0.1, 300).map(at)
any_facts = st.builds(
    Facts,
    registered_at=st.just(START),
    **{
        field.name: instants
        for field in dataclasses.fields(Facts)
        if field.name.endswith("_at") and field.name != "registered_at"
    },
    suitability=st.none() | st.sampled_from(Suitability),
    guardian_pathway=st.none() | st.sampled_from(Pathway),
    coverage_status=st.none() | st.sampled_from(CoverageStatus),
)


@given(any_facts)
@settings(max_examples=150)
def test_whatever_has_happened_somebody_must_act_or_care_has_begun_or_ended(facts: Facts) -> None:
    """Facts in any mixture, also such as no way leads to: nobody falls between two stages."""
    now = journey(facts)
    known = [
        value
        for field in dataclasses.fields(Facts)
        if isinstance(value := getattr(facts, field.name), datetime) and field.name != "offer_expires_at"
    ]
    assert now.since in known
    assert now.next_step
    assert len([line for line in now.steps if line.state is StepState.NEEDS_YOU]) <= 2
    if now.wait is Wait.NOTHING:
        assert now.stage in (Stage.IN_CARE, Stage.CLOSED)
        return
    assert now.stage is not Stage.CLOSED
    assert now.owner
    assert any(rung.whom in STAFF and rung.at < now.since + 10 * DAY for rung in now.ladder)
    assert [rung.at for rung in now.ladder] == sorted(rung.at for rung in now.ladder)
    assert now.due_at is not None or now.paused or now.wait is Wait.OFFER_ANSWER
