"""Reads a 270 that passed the structure check into one question about one person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sandbox.x12 import Segment, TransactionSet


@dataclass(frozen=True)
class Person:
    """A subscriber or dependent as asked for; empty text where nothing was sent."""

    last: str = ""
    first: str = ""
    member_id: str = ""
    birth: str = ""
    sex: str = ""


@dataclass(frozen=True)
class Inquiry:
    """One eligibility question. `traces` are the TRN rows to echo; `asked` the service type codes in
    order.
    """

    reference: str
    payer_id: str
    payer_name: str
    provider: Segment
    subscriber: Person
    dependent: Person | None
    traces: tuple[tuple[str, str], ...]
    asked: tuple[str, ...]
    on: date | None


def _person(segment: Segment) -> Person:
    member = segment[9] if segment[8] in {"MI", "II"} else ""
    return Person(segment[3], segment[4], member)


def _day(segment: Segment) -> date | None:
    try:
        return datetime.strptime(segment[3][:8], "%Y%m%d").date()  # noqa: DTZ007  (a calendar day has no zone)
    except ValueError:
        return None


@dataclass
class _Reading:
    reference: str = ""
    payer: Segment | None = None
    provider: Segment | None = None
    level: str = ""
    on: date | None = None


def _name(reading: _Reading, segment: Segment, people: dict[str, Person]) -> None:
    if reading.level == "20":
        reading.payer = segment
    elif reading.level == "21":
        reading.provider = segment
    else:
        people[reading.level] = _person(segment)


def read(transaction: TransactionSet) -> Inquiry:
    """Read the question. The structure check has made sure of payer, provider and subscriber."""
    reading, people = _Reading(), dict[str, Person]()
    traces: list[tuple[str, str]] = []
    asked: list[str] = []
    for segment in transaction.segments:
        match segment.id:
            case "BHT":
                reading.reference = segment[3]
            case "HL":
                reading.level = segment[3]
            case "NM1":
                _name(reading, segment, people)
            case "TRN":
                traces.append((segment[2], segment[3]))
            case "DMG":
                people[reading.level] = replace(people[reading.level], birth=segment[2], sex=segment[3])
            case "DTP" if segment[1] == "291":
                reading.on = _day(segment)
            case "EQ":
                asked += segment.repeats(1)
    if reading.payer is None or reading.provider is None:
        raise ValueError("the structure check lets no 270 without payer and provider pass")
    return Inquiry(
        reading.reference,
        reading.payer[9],
        reading.payer[3],
        reading.provider,
        people["22"],
        people.get("23"),
        tuple(traces),
        tuple(asked) or ("30",),
        reading.on,
    )
