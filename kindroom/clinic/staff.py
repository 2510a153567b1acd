"""Who else works at the demo clinic, and whose accounts visitors are given. Every person is invented."""

from dataclasses import dataclass
from typing import Final

from domain.access import Duty, Role
from kindroom.clinic.therapists import CENTRAL, EASTERN, PACIFIC


@dataclass(frozen=True, slots=True)
class StaffPerson:
    """Somebody of the staff who is no therapist."""

    username: str
    name: str
    role: Role
    zone: str
    duties: frozenset[Duty] = frozenset()


OTHERS: Final = (
    StaffPerson(
        "sam.osei",
        "Sam Osei",
        Role.SUPERVISOR,
        PACIFIC,
        frozenset({Duty.MATCHER, Duty.CO_SIGNER, Duty.ON_CALL}),
    ),
    StaffPerson(
        "ines.haddad",
        "Inês Haddad",
        Role.SUPERVISOR,
        EASTERN,
        frozenset({Duty.CLINICAL_DIRECTOR, Duty.CO_SIGNER, Duty.RECORD_KEEPER}),
    ),
    StaffPerson("bea.novak", "Bea Novak", Role.BILLING, CENTRAL),
    StaffPerson("omar.khalil", "Omar Khalil", Role.BILLING, EASTERN),
    StaffPerson("admin", "Alex Berg", Role.ADMINISTRATOR, EASTERN),
)

SIGN_IN_AS: Final = {
    "therapist": "maya.lindqvist",
    "therapist2": "hannah.weiss",
    "supervisor": "sam.osei",
    "billing": "bea.novak",
    "administrator": "admin",
}
"""The demo accounts of staff, by the names of the ready file."""
