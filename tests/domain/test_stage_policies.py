"""No policy of the way into care can be set so that somebody waits and nobody of ours is called."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.stage_policies import CALLED_WITHIN, refuse_forgetful, timing_to_json
from domain.stages import POLICIES, STAFF, Party, Rung, Wait, overridden

DAY = timedelta(days=1)
WAITS = [wait for wait in Wait if wait is not Wait.NOTHING]
rungs = st.lists(
    st.builds(Rung, st.integers(-1, 12).map(lambda days: days * DAY), st.sampled_from(Party)), max_size=9
)


@pytest.mark.parametrize("wait", WAITS)
def test_what_is_built_in_may_be_set_and_reads_back_as_it_was(wait: Wait) -> None:
    policy = POLICIES[wait]
    refuse_forgetful(wait, policy.due, policy.ladder)
    assert overridden({wait.value: timing_to_json(policy)})[wait] == policy


@given(st.sampled_from(WAITS), rungs, st.none() | st.integers(-1, 400).map(lambda days: days * DAY))
@settings(max_examples=150)
def test_whatever_is_taken_calls_a_person_of_ours_in_time_and_in_order(
    wait: Wait, ladder: list[Rung], due: timedelta | None
) -> None:
    try:
        refuse_forgetful(wait, due, tuple(ladder))
    except Invalid:
        return
    assert any(rung.whom in STAFF and rung.after < CALLED_WITHIN for rung in ladder)
    assert [rung.after for rung in ladder] == sorted({rung.after for rung in ladder})
    assert wait is Wait.RESUMING or due is not None


@pytest.mark.parametrize(
    ("wait", "due", "ladder", "code"),
    [
        (Wait.INTAKE, DAY, ((DAY, Party.CLIENT),), "nobody_of_ours"),
        (Wait.INTAKE, DAY, ((10 * DAY, Party.SUPERVISOR),), "nobody_of_ours"),
        (Wait.INTAKE, None, ((DAY, Party.SUPERVISOR),), "required"),
        (Wait.INTAKE, 0 * DAY, ((DAY, Party.SUPERVISOR),), "out_of_range"),
        (Wait.INTAKE, DAY, ((2 * DAY, Party.SUPERVISOR), (DAY, Party.CLIENT)), "not_in_order"),
        (Wait.RESUMING, None, ((DAY, Party.CLIENT), (2 * DAY, Party.SUPERVISOR)), "pause_is_left_in_peace"),
        (Wait.NOTHING, DAY, ((DAY, Party.SUPERVISOR),), "waits_for_nothing"),
    ],
)
def test_what_would_forget_somebody_is_refused_by_name(
    wait: Wait, due: timedelta | None, ladder: tuple[tuple[timedelta, Party], ...], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        refuse_forgetful(wait, due, tuple(Rung(after, whom) for after, whom in ladder))
    assert [error.code for error in refused.value.errors] == [code]
