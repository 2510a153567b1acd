"""Who is insured, as the card and the plan have it. What the client corrects wins over what intake said."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

_SEXES = {"female": "F", "male": "M"}


class Relationship(StrEnum):
    """What the client is to the subscriber: themselves, their spouse, their child, or something else."""

    SELF = "self"
    SPOUSE = "spouse"
    CHILD = "child"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PlanPerson:
    """A person as a payer knows them. `sex` is F, M or empty (DMG03)."""

    last_name: str = field(repr=False)
    first_name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: str = field(default="", repr=False)

    @classmethod
    def of(cls, name: str, birth_date: date | None, sex_on_file: str | None) -> "PlanPerson":
        """From a whole name, its last word the last name, and intake's word for the sex on file."""
        *first, last = name.split() or [""]
        return cls(last, " ".join(first), birth_date, _SEXES.get(sex_on_file or "", ""))


@dataclass(frozen=True, slots=True)
class Card:
    """What the client gave. The last three are the patient's, where the plan has them otherwise than intake."""

    member_id: str = field(default="", repr=False)
    group_number: str | None = field(default=None, repr=False)
    relationship: Relationship = Relationship.SELF
    subscriber_name: str | None = field(default=None, repr=False)
    subscriber_born: date | None = field(default=None, repr=False)
    name_on_card: str | None = field(default=None, repr=False)
    date_of_birth: date | None = field(default=None, repr=False)
    sex_on_file: str | None = field(default=None, repr=False)

    def patient(self, legal_name: str, born: date, sex_on_file: str | None) -> PlanPerson:
        """The client as the plan knows them; the arguments are what intake says."""
        return PlanPerson.of(
            self.name_on_card or legal_name, self.date_of_birth or born, self.sex_on_file or sex_on_file
        )

    @property
    def subscriber(self) -> PlanPerson | None:
        """The subscriber, when that is somebody else."""
        if self.relationship is Relationship.SELF or not self.subscriber_name:
            return None
        return PlanPerson.of(self.subscriber_name, self.subscriber_born, None)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for sealing."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
            if value is not None
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Card":
        """The reverse of `to_json`."""
        given = dict(values)
        for name in ("subscriber_born", "date_of_birth"):
            if name in given:
                given[name] = date.fromisoformat(given[name])
        return cls(**{**given, "relationship": Relationship(given.get("relationship", Relationship.SELF))})
