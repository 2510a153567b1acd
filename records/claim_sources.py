"""From a service line to the claim that may leave: demographics opened from the client's billing key.

Nothing is guessed: what is missing is a finding, and the claim stays.
"""

from dataclasses import dataclass
from uuid import UUID

from domain.billing_consents import ConsentFinding, consent_findings
from domain.claims import Claim, ClaimLine, PayerEdits, Provider, scrub
from domain.contracts import Modality
from domain.errors import NotFound
from domain.insured import Card, PlanPerson, Relationship
from domain.letters import Letters
from domain.practice import Practice
from domain.zones import zone
from records import consents
from records.clients import Profile, profile
from records.coverages import card_of
from records.coverages import find as find_coverage
from records.database import Row, Transaction
from records.diagnoses import codes_of
from records.service_lines import has_release
from x12 import ts837p
from x12.codes import ClaimFiling
from x12.parties import Address
from x12.ts837p_edits import claim_findings

_RELATIONSHIPS = {
    Relationship.SPOUSE: "01",
    Relationship.CHILD: "19",
    Relationship.OTHER: "G8",
}  # PAT01

_LINE = """
SELECT l.*, c.number AS claim_number, c.payer_claim_number, p.name AS payer_name, p.payer_number,
       p.claim_filing, p.filing_limit_days, p.settings AS payer_settings, t.npi, t.taxonomy,
       a.display_name AS therapist_name, a.time_zone
FROM claims c JOIN service_lines l ON l.id = c.service_line_id JOIN payers p ON p.id = c.payer_id
JOIN therapists t ON t.id = l.therapist_id JOIN accounts a ON a.id = l.therapist_id
WHERE c.id = %s
"""


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
    card = await _card(tx, row)
    diagnoses = await codes_of(tx, row["client_id"], row["diagnosis_ids"])
    released = await has_release(tx, row["client_id"], tx.now)
    checked = _checked(row, practice, card, diagnoses)
    written = _written(row, practice, who, card, diagnoses, released=released)
    today = tx.now.astimezone(zone(row["time_zone"])).date()
    found = [f"{each.edit} {each.where}" for each in scrub(checked, _edits(row), today)]
    found += [f"{each.code} {each.element}" for each in claim_findings(written)]
    found += [f"{each} claim" for each in await _missing_consents(tx, row, diagnoses)]
    return ClaimSource(checked, written, tuple(dict.fromkeys(found)))


async def _missing_consents(tx: Transaction, row: Row, diagnoses: list[str]) -> tuple[ConsentFinding, ...]:
    """What the client took back, or did not give, since the care was given."""
    held = await consents.held(tx, row["client_id"])
    withdrawn = await consents.withdrawn(tx, row["client_id"])
    cover = await find_coverage(tx, row["coverage_id"]) if row["coverage_id"] else None
    pending = cover is not None and cover["letters"] == Letters.ASKED
    return consent_findings(held, withdrawn, diagnoses, letters_pending=pending)


async def _card(tx: Transaction, row: Row) -> Card:
    """What the client gave of their cover; empty when the service has none."""
    if row["coverage_id"] is None:
        return Card()
    return await card_of(tx, await find_coverage(tx, row["coverage_id"]))


def _edits(row: Row) -> PayerEdits:
    settings = row["payer_settings"]
    names = ("requires_f_code_primary", "group_required", "requires_authorisation", "telehealth_on_e_visits")
    return PayerEdits(row["filing_limit_days"], **{name: bool(settings.get(name)) for name in names})


def _checked(row: Row, practice: Practice, card: Card, diagnoses: list[str]) -> Claim:
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
        member_id=card.member_id,
        total_charge=row["charge"],
        billing=Provider(practice.npi, practice.taxonomy),
        rendering=Provider(row["npi"], row["taxonomy"]),
        diagnoses=tuple(diagnoses),
        lines=(line,),
        group_number=card.group_number,
    )


def _written(
    row: Row, practice: Practice, who: Profile, card: Card, diagnoses: list[str], *, released: bool
) -> ts837p.Claim:
    first_name, last_name = person_name(row["therapist_name"])
    consent = "Y" if released else "N"
    return ts837p.Claim(
        number=row["claim_number"],
        billing=_billing(practice),
        subscriber=_subscriber(row, who, card),
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
        patient=_patient(who, card),
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


def _subscriber(row: Row, who: Profile, card: Card) -> ts837p.Subscriber:
    """The client; or, when they are insured through somebody, that person, of whom a name is enough."""
    filing, other = ClaimFiling(row["claim_filing"]), card.subscriber
    if other is not None:
        return ts837p.Subscriber(
            last_name=other.last_name,
            first_name=other.first_name,
            member_id=card.member_id,
            claim_filing=filing,
            group_number=card.group_number or "",
        )
    me = _plan_person(who, card)
    return ts837p.Subscriber(
        last_name=me.last_name,
        first_name=me.first_name,
        member_id=card.member_id,
        claim_filing=filing,
        birth_date=me.birth_date,
        sex=_sex(who, me),
        address=_address(who),
        group_number=card.group_number or "",
    )


def _patient(who: Profile, card: Card) -> ts837p.Patient | None:
    """The client, when somebody else is the subscriber."""
    if card.subscriber is None:
        return None
    me = _plan_person(who, card)
    return ts837p.Patient(
        last_name=me.last_name,
        first_name=me.first_name,
        birth_date=me.birth_date or who.date_of_birth,
        sex=_sex(who, me),
        relationship=_RELATIONSHIPS[card.relationship],
        address=_address(who) or Address(),
    )


def _plan_person(who: Profile, card: Card) -> PlanPerson:
    return card.patient(who.legal_name, who.date_of_birth, who.sex_on_file)


def _sex(who: Profile, me: PlanPerson) -> str:
    """As the payer has it. U only when intake says so; what was not given is a finding, never a default."""
    return me.sex or ("U" if who.sex_on_file == "unknown" else "")


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
