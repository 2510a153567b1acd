"""Each day is judged by the state the client was in on that day."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.licences import Licence
from domain.places import Place, Stay, licensed_for, stays

NEW_YORK = Place("NY", datetime(2026, 3, 2, 15, tzinfo=UTC))
# half past 11 PM on the ninth in Texas; already the tenth in New York
TEXAS = Place("TX", datetime(2026, 3, 10, 4, 30, tzinfo=UTC))
BACK = Place("NY", datetime(2026, 3, 20, 15, tzinfo=UTC))
SAID = (NEW_YORK, TEXAS, BACK)


def day(n: int) -> date:
    return date(2026, 3, n)


def test_the_day_of_a_move_belongs_to_both_states_each_on_its_own_calendar() -> None:
    assert stays(SAID, day(5), day(31)) == (
        Stay("NY", day(5), day(10)),
        Stay("TX", day(9), day(20)),
        Stay("NY", day(20), day(31)),
    )


def test_a_day_knows_nothing_of_a_later_move() -> None:
    assert stays(SAID, day(8), day(8)) == (Stay("NY", day(8), day(8)),)
    assert stays(SAID, day(15), day(15)) == (Stay("TX", day(15), day(15)),)


def test_what_is_said_again_is_one_stay() -> None:
    again = (NEW_YORK, Place("NY", NEW_YORK.since + timedelta(days=4)), TEXAS)
    assert stays(again, day(1), day(15)) == (Stay("NY", day(1), day(10)), Stay("TX", day(9), day(15)))


def test_a_licence_is_needed_where_somebody_was_and_nowhere_else() -> None:
    held = [Licence("NY", date(2020, 1, 1), date(2030, 1, 1))]
    assert licensed_for(held, stays(SAID, day(1), day(8)))
    assert not licensed_for(held, stays(SAID, day(1), day(9)))
    assert not licensed_for(held, stays(SAID, day(12), day(18)))
    assert licensed_for(held, stays(SAID, day(21), day(27)))
    assert not licensed_for(held, stays((), day(1), day(8)))


@given(
    st.lists(st.tuples(st.sampled_from(["NY", "TX", "CA", "HI", "AK"]), st.integers(1, 400)), min_size=1),
    st.integers(0, 60),
    st.integers(0, 20),
)
def test_no_day_is_without_a_place(moves: list[tuple[str, int]], start: int, length: int) -> None:
    at, places = datetime(2026, 3, 1, tzinfo=UTC), []
    for state, hours in moves:
        at += timedelta(hours=hours)
        places.append(Place(state, at))
    first = day(1) + timedelta(days=start)
    found = stays(places, first, first + timedelta(days=length))
    days = {
        stay.first + timedelta(days=n) for stay in found for n in range((stay.last - stay.first).days + 1)
    }
    assert days == {first + timedelta(days=n) for n in range(length + 1)}
