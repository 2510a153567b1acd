"""The demo clinic while its story is written: its database, and who acts in it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from domain.access import Actor, Duty, Role
from domain.ids import AccountId, SessionId
from encryption.blind_index import BlindIndex
from kindroom.clinic.past import Past
from records.clinic import CLINIC_ID


def known_id(*names: str) -> UUID:
    """The id of something in the demo clinic: the same in every seeding, and in no other use."""
    return uuid5(CLINIC_ID, "/".join(names))


def hand(account_id: UUID, role: Role, duties: frozenset[Duty] = frozenset()) -> Actor:
    """Somebody signed in on a device of the story."""
    return Actor(AccountId(account_id), role, duties, SessionId(known_id("device", str(account_id))))


@dataclass(frozen=True, slots=True)
class House:
    """What every part of the story needs. `staff` by user name, `payers` by code, `password_hash` of everybody."""

    past: Past
    index: BlindIndex
    password_hash: str = field(repr=False)
    staff: dict[str, Actor] = field(default_factory=dict)
    payers: dict[str, UUID] = field(default_factory=dict)

    @property
    def present(self) -> datetime:
        """The instant of seeding (UTC)."""
        return self.past.present
