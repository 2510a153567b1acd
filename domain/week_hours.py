"""A week's hours as half-hours, so that two people's hours can be compared whatever their zones.

A week is a whole number of 336 bits: bit n is the half-hour that begins n/2 hours after Monday 00:00 UTC.
"""

from datetime import UTC, date, datetime, time, timedelta

from domain.calendars import Calendar, shifts_starting

HALF_HOUR = timedelta(minutes=30)
HALF_HOURS_A_WEEK = 7 * 48

NEVER = 0
ALWAYS = (1 << HALF_HOURS_A_WEEK) - 1


def week_hours(calendar: Calendar, on_date: date) -> int:
    """The half-hours of the calendar's weekly plan, at the clock (summer or winter) of the week of `on_date`.

    A half-hour counts when it is wholly open. Holidays are exceptions and not looked at.
    """
    monday = on_date - timedelta(days=on_date.weekday())
    zero = datetime.combine(monday, time(), UTC)
    hours = NEVER
    for weekday in range(7):
        for start, end in shifts_starting(calendar, monday + timedelta(days=weekday)):
            first = -((zero - start) // HALF_HOUR)  # rounded up
            after = (end - zero) // HALF_HOUR
            for half_hour in range(first, after):
                hours |= 1 << (half_hour % HALF_HOURS_A_WEEK)
    return hours


def length(hours: int) -> timedelta:
    """How much time the week has."""
    return hours.bit_count() * HALF_HOUR


def overlap(hours: int, others: int) -> timedelta:
    """How much time two weeks share."""
    return length(hours & others)
