"""From a service line to the claim that may leave: demographics opened from the client's billing key.

Nothing is guessed: what is missing is a finding, and the claim stays.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.claims import Claim, ClaimLine, PayerEdits, Provider, scrub
from domain.contracts import Modality
from domain.errors import NotFound
from domain.practice import Practice
from domain.zones import zone
from encryption.keys import KeyScope
from encryption.rooms import open_field
from records.clients import Profile, profile
from records.database import Row, Transaction
from records.diagnoses import codes_of
from records.service_lines import has_release
from x12 import ts837p
from x12.codes import ClaimFiling
from x12.parties import Address
from x12.ts837p_edits import claim_findings

_SEXES = {"female": "F", "male": "M", "unknown": "U"}
_RELATIONSHIPS = {"spouse": "01", "child": "19"}
_OTHER_RELATIONSHIP = "G8"

_LINE = """
SELECT l.*, c.number AS claim_number, c.payer_claim_number, v.details_sealed, p.name AS payer_name, p.payer_number,
       p.claim_filing, p.filing_limit_days, p.settings AS payer_settings, t.npi, t.taxonomy,
       a.display_name AS therapist_name, a.time_zone
FROM claims c JOIN service_lines l ON l.id = c.service_line_id JOIN payers p ON p.id = c.payer_id
JOIN therapists t ON t.id = l.therapist_id JOIN accounts a ON a.id = l.therapist_id
LEFT JOIN coverages v ON v.id = l.coverage_id
WHERE c.id = %s
"""


@dataclass(frozen=True, slots=True)
class Member:
    """What the client gave of their cover. `relationship` self: the client is the subscriber."""

    member_id: str = field(repr=False)
    group_number: str = field(repr=False)
    relationship: str
    subscriber: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClaimSource:
    """A claim as our rules check it and as the 837P writer takes it, and what keeps it from leaving."""

    checked: Claim
    written: ts837p.Claim
    findings: tuple[str, ...]


async def source_of(tx: Transaction, claim_id: UUID, practice: Practice) -> ClaimSource:
    """Gather one claim. Findings are "code place" without any value. Raises NotFound, Unreadable."""
    row = await tx.one(_LINE, (claim_id,))
    if row is None:
        raise NotFound
    who = await profile(tx, row["client_id"])
    member = await _member(tx, row)
    diagnoses = await codes_of(tx, row["client_id"], row["diagnosis_ids"])
    released = await has_release(tx, row["client_id"], tx.now)
    checked = _checked(row, practice, member, diagnoses)
    written = _written(row, practice, who, member, diagnoses, released=released)
    today = tx.now.astimezone(zone(row["time_zone"])).date()
    found = [f"{each.edit} {each.where}" for each in scrub(checked, _edits(row), today)]
    found += [f"{each.code} {each.element}" for each in claim_findings(written)]
    return ClaimSource(checked, written, tuple(dict.fromkeys(found)))


async def _member(tx: Transaction, row: Row) -> Member:
    if row["details_sealed"] is None:
        return Member("", "", "self", {})
    key = await tx.key(KeyScope.BILLING, row["client_id"])
    text = open_field(
        key, row["client_id"], "coverages", "details_sealed", row["coverage_id"], row["details_sealed"]
    )
    details = json.loads(text)
    return Member(
        details.get("member_id") or "",
        details.get("group_number") or "",
        details.get("relationship") or "self",
        details.get("subscriber") or {},
    )


def _edits(row: Row) -> PayerEdits:
    settings = row["payer_settings"]
    names = ("requires_f_code_primary", "requires_group", "requires_authorisation", "telehealth_on_e_visits")
    return PayerEdits(row["filing_limit_days"], **{name: bool(settings.get(name)) for name in names})


def _checked(row: Row, practice: Practice, member: Member, diagnoses: list[str]) -> Claim:
    line = ClaimLine(
        control_number=row["claim_number"],
        procedure_code=row["code"],
        charge=row["charge"],
        service_from=row["service_date"],
        service_to=row["service_to"],
        place_of_service=row["place_of_service"],
        modality=Modality(row["modality"]),
        modifiers=_modifiers(row),
        pointers=_pointers(diagnoses),
    )
    return Claim(
        control_number=row["claim_number"],
        payer_id=row["payer_number"],
        member_id=member.member_id,
        total_charge=row["charge"],
        billing=Provider(practice.npi, practice.taxonomy),
        rendering=Provider(row["npi"], row["taxonomy"]),
        diagnoses=tuple(diagnoses),
        lines=(line,),
        group_number=member.group_number or None,
    )


def _written(
    row: Row, practice: Practice, who: Profile, member: Member, diagnoses: list[str], *, released: bool
) -> ts837p.Claim:
    own = member.relationship == "self"
    first_name, last_name = person_name(row["therapist_name"])
    consent = "Y" if released else "N"
    return ts837p.Claim(
        number=row["claim_number"],
        billing=_billing(practice),
        subscriber=_subscriber(row, who, member),
        payer=ts837p.Payer(row["payer_name"], row["payer_number"]),
        lines=(
            ts837p.ServiceLine(
                reference=row["claim_number"],
                procedure=row["code"],
                charge=row["charge"],
                first_day=row["service_date"],
                last_day=row["service_to"],
                modifiers=_modifiers(row),
                pointers=_pointers(diagnoses),
            ),
        ),
        diagnoses=tuple(diagnoses),
        place_of_service=row["place_of_service"],
        patient=None if own else _patient(who, member),
        rendering=ts837p.RenderingProvider(last_name, first_name, row["npi"], row["taxonomy"]),
        benefits_assigned=consent,
        release="Y" if released else "I",
    )


def _billing(practice: Practice) -> ts837p.BillingProvider:
    return ts837p.BillingProvider(
        name=practice.name,
        npi=practice.npi,
        taxonomy=practice.taxonomy,
        tax_id=practice.tax_id,
        address=Address((practice.street,), practice.city, practice.state, practice.postal_code),
    )


def _subscriber(row: Row, who: Profile, member: Member) -> ts837p.Subscriber:
    """The client; or, when they are insured through somebody, that person, of whom a name is enough."""
    filing = ClaimFiling(row["claim_filing"])
    if member.relationship != "self":
        return ts837p.Subscriber(
            last_name=member.subscriber.get("last_name", ""),
            first_name=member.subscriber.get("first_name", ""),
            member_id=member.member_id,
            claim_filing=filing,
            group_number=member.group_number,
        )
    return ts837p.Subscriber(
        last_name=who.last_name,
        first_name=who.first_name,
        member_id=member.member_id,
        claim_filing=filing,
        birth_date=who.date_of_birth,
        sex=_sex(who),
        address=_address(who),
        group_number=member.group_number,
    )


def _patient(who: Profile, member: Member) -> ts837p.Patient:
    return ts837p.Patient(
        last_name=who.last_name,
        first_name=who.first_name,
        birth_date=who.date_of_birth,
        sex=_sex(who),
        relationship=_RELATIONSHIPS.get(member.relationship, _OTHER_RELATIONSHIP),
        address=_address(who) or Address(),
    )


def _sex(who: Profile) -> str:
    """As the payer has it; what was not given is a finding, never U by default."""
    return _SEXES.get(who.sex_on_file or "", "")


def _address(who: Profile) -> Address | None:
    given = who.address
    if not given:
        return None
    lines = tuple(line for line in (given.get("line1"), given.get("line2")) if line)
    digits = given.get("postal_code", "").replace("-", "").replace(" ", "")
    return Address(lines, given.get("city", ""), given.get("state", ""), digits)


def _modifiers(row: Row) -> tuple[str, ...]:
    return (row["modifier"],) if row["modifier"] else ()


def _pointers(diagnoses: list[str]) -> tuple[int, ...]:
    """A line points to at most four diagnoses, the primary one first."""
    return tuple(range(1, min(4, len(diagnoses)) + 1))


_TITLES = frozenset({"dr", "dr.", "prof", "prof."})


def person_name(display_name: str) -> tuple[str, str]:
    """First and last name out of a name as shown: without title before it and credentials behind its comma."""
    words = [word for word in display_name.partition(",")[0].split() if word.lower() not in _TITLES]
    return " ".join(words[:-1]), words[-1] if words else ""
