"""Sixty invented clients of the demo clinic and where each stands."""

import csv
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from domain.states import STATES


class Story(StrEnum):
    """How far a client has come."""

    UNCONFIRMED = "unconfirmed"
    INTAKE_BEGUN = "intake_begun"
    CONSENTS = "consents"
    MEASURES = "measures"
    COVERAGE = "coverage"
    VERIFYING = "verifying"
    NEEDS_INFORMATION = "needs_information"
    INACTIVE = "inactive"
    MANUAL_REVIEW = "manual_review"
    CHOOSING = "choosing"
    HUMAN_MATCH = "human_match"
    OFFERED = "offered"
    IN_CARE = "in_care"
    CLOSED = "closed"


class Promise(StrEnum):
    """What stands in the room of a client in care."""

    NOTHING = "nothing"
    RUNNING = "running"
    SOON = "soon"
    LATE = "late"
    PAUSED = "paused"
    HELD = "held"


class Bill(StrEnum):
    """What became of the last billed week. WAITING: accepted by the payer, not paid yet."""

    NONE = "none"
    UNBILLED = "unbilled"
    HELD = "held"
    WAITING = "waiting"
    PAID = "paid"
    DENIED = "denied"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Person:
    """An invented client. `days`: since registration; `billed`: days since the billed week began.

    `payer` is a code of `clinic.payers`; `member` the last two digits of the member id, by which the payer
    sandbox chooses its answer. `weeks` of care are told; who is `steady` answers check-ins.
    """

    name: str
    state: str
    born: date
    story: Story
    days: int
    payer: str
    member: str
    therapist: str
    promise: Promise
    bill: Bill
    billed: int
    weeks: int
    steady: bool

    @property
    def zone(self) -> str:
        """Where most people of their state live."""
        return STATES[self.state].zones[0]

    @property
    def email(self) -> str:
        """Where notices would go: a reserved domain, so nowhere."""
        return f"{self.name.lower().replace(' ', '.')}@clients.example"

    @property
    def member_id(self) -> str:
        """In the form of the payer's cards: some begin with letters."""
        number = f"{zlib.crc32(self.name.encode()) % 10**7:07}{self.member}"
        return {"premera": "P", "bcbs": "BCN"}.get(self.payer, "") + number

    @property
    def seed(self) -> int:
        """A number of their own, for choices that should differ between people and stay between runs."""
        return zlib.crc32(self.email.encode())


SIGN_IN_AS: Final = {"client": "Robin Hale", "client2": "Jamie Soto"}
"""The demo accounts of clients, by the names of the ready file."""


def _read() -> Iterator[Person]:
    with Path(__file__).with_name("people.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield Person(
                row["name"],
                row["state"],
                date.fromisoformat(row["born"]),
                Story(row["story"]),
                int(row["days"]),
                row["payer"],
                row["member"],
                row["therapist"],
                Promise(row["promise"]),
                Bill(row["bill"]),
                int(row["billed"] or 0),
                int(row["weeks"] or 0),
                row["steady"] != "no",
            )


PEOPLE: Final = tuple(_read())
