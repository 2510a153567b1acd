"""Sponsors as an administrator keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from web.views.payers import Said
from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class SponsorLine:
    """A sponsor in the list; `grants`: its terms of today in words."""

    sponsor_id: str
    name: str
    kind: str
    grants: str
    since: date
    until: date | None
    ended: bool


@dataclass(frozen=True, slots=True)
class SponsorsView:
    """By name."""

    sponsors: tuple[SponsorLine, ...]


@dataclass(frozen=True, slots=True)
class NewSponsorView:
    """The form for one that is not there yet."""

    kinds: tuple[Choice, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class TermsLine:
    """Terms as they were said."""

    since: date
    words: str
    said: Said


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A roster that was sent; `share` of it is done, from 0 to 1."""

    roster_id: str
    mode: str
    sent_at: datetime
    sent_by: str
    since: date
    total: int
    done: int
    taken: int
    refused: int
    left_out: int
    finished: bool

    @property
    def share(self) -> float:
        """How far it is."""
        return self.done / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure for the sponsor; `hidden`: too small to be shown, or protecting one that is."""

    group: str
    value: str
    people: str
    sessions: str


@dataclass(frozen=True, slots=True)
class SponsorView:
    """One sponsor. `refused`: which of the forms was ("terms", "end", "roster")."""

    sponsor: SponsorLine
    terms: tuple[TermsLine, ...]
    rosters: tuple[RosterLine, ...]
    listed: int
    figures: tuple[FigureLine, ...]
    formula: str
    forms: dict[str, Form] = field(default_factory=dict)

    def form(self, name: str) -> Form:
        """The form of this name, empty unless it was refused or begun."""
        return self.forms.get(name, Form())


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """Why a row was not taken: where it stands, and what to do."""

    line: int
    column: str
    words: str


@dataclass(frozen=True, slots=True)
class RosterView:
    """One roster, while it is worked off and after."""

    sponsor_id: str
    sponsor: str
    roster: RosterLine
    refusals: tuple[RefusalLine, ...]
