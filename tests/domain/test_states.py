from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Invalid
from domain.states import STATES, state


def test_there_are_fifty_states_and_the_district() -> None:
    assert len(STATES) == 51
    assert len({s.name for s in STATES.values()}) == 51


@pytest.mark.parametrize("code", sorted(STATES))
def test_every_zone_of_a_state_is_known_and_american(code: str) -> None:
    winter = datetime(2026, 1, 15, 12, tzinfo=UTC)
    for zone in STATES[code].zones:
        offset = winter.astimezone(ZoneInfo(zone)).utcoffset()
        assert offset is not None
        assert timedelta(hours=-10) <= offset <= timedelta(hours=-5)


def test_arizona_does_not_change_its_clocks() -> None:
    zone = state("AZ").zone
    assert datetime(2026, 1, 1, tzinfo=zone).utcoffset() == datetime(2026, 7, 1, tzinfo=zone).utcoffset()


@pytest.mark.parametrize("code", ["", "ny", "XX", "PR ", "New York"])
def test_an_unknown_state_is_refused_by_field_and_not_echoed(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        state(code, "address.state")
    assert [(e.field, e.code) for e in refused.value.errors] == [("address.state", "unknown_state")]
    assert str(refused.value) == "invalid"
