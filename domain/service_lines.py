"""When an attested messaging session becomes a service line, and what holds it back.

The unit is a messaging session: a 7-day window, attested by the clinician with a signed note and logged
clinical minutes. A hold keeps the line visible with its reasons; nothing is dropped and nothing is billed
around a reason. Sources: CPT rules for online digital visits (98970-98972, 99421-99423): patient-initiated,
established patient, once per 7 days, not within 7 days of a live visit; payers' contracts as data.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from domain.clinicians import ClinicianKind
from domain.contracts import ContractRow, Modality, RateHold, choose_rate

LIVE_SESSION_DISTANCE = timedelta(days=7)


class LineState(StrEnum):
    """UNBILLED waits for the next batch; HELD waits for a person or a date; BILLED is on a claim.

    SPONSORED was paid by a session of a sponsor, SELF_PAID is the client's own: neither is ever on a claim.
    """

    UNBILLED = "unbilled"
    HELD = "held"
    BILLED = "billed"
    SPONSORED = "sponsored"
    SELF_PAID = "self_paid"


class Hold(StrEnum):
    """Why a line is not billed."""

    NOT_ATTESTED = "not_attested"
    UNSIGNED_NOTE = "unsigned_note"
    COSIGN_PENDING = "cosign_pending"
    NO_DIAGNOSIS = "no_diagnosis"
    LICENCE_MISSING = "licence_missing"
    CREDENTIAL_MISSING = "credential_missing"
    CONSENT_MISSING = "consent_missing"
    COVERAGE_NOT_ACTIVE = "coverage_not_active"
    COVER_NOT_CONFIRMED = "cover_not_confirmed"
    AUTHORISATION_MISSING = "authorisation_missing"
    NO_CONTRACT_ROW = "no_contract_row"
    BELOW_MINIMUM_MINUTES = "below_minimum_minutes"
    NOT_ESTABLISHED = "not_established"
    CONTRACT_AMBIGUOUS = "contract_ambiguous"
    NOT_STARTED_BY_CLIENT = "not_started_by_client"
    LIVE_SESSION_WITHIN_7_DAYS = "live_session_within_7_days"
    WINDOW_ALREADY_BILLED = "window_already_billed"
    FILING_LIMIT_PASSED = "filing_limit_passed"
    CREDITS_USED_UP = "credits_used_up"
    NO_OWN_PRICE = "no_own_price"


HOLD_WORDS: dict[Hold, str] = {
    Hold.NOT_ATTESTED: "The clinician has not attested the session",
    Hold.UNSIGNED_NOTE: "The note is not signed",
    Hold.COSIGN_PENDING: "The supervisor has not co-signed the note",
    Hold.NO_DIAGNOSIS: "The clinician has entered no diagnosis for these days",
    Hold.LICENCE_MISSING: "No licence in the client's state on these days",
    Hold.CREDENTIAL_MISSING: "Not credentialed with the payer on these days",
    Hold.CONSENT_MISSING: "Release or assignment of benefits is missing",
    Hold.COVERAGE_NOT_ACTIVE: "Coverage is not active on these days",
    Hold.COVER_NOT_CONFIRMED: "The payer has not lately confirmed the cover for these days",
    Hold.AUTHORISATION_MISSING: "The payer wants an authorisation",
    Hold.NO_CONTRACT_ROW: "No contract row prices this service",
    Hold.BELOW_MINIMUM_MINUTES: "Fewer clinical minutes than the contract's least",
    Hold.NOT_ESTABLISHED: "The contract wants an earlier evaluation or visit",
    Hold.CONTRACT_AMBIGUOUS: "Two contract rows price this service",
    Hold.NOT_STARTED_BY_CLIENT: "The week was not started by the client",
    Hold.LIVE_SESSION_WITHIN_7_DAYS: "A live session lies within 7 days",
    Hold.WINDOW_ALREADY_BILLED: "These 7 days are already billed for this client",
    Hold.FILING_LIMIT_PASSED: "The payer's filing limit has passed",
    Hold.CREDITS_USED_UP: "The sponsor's sessions are used up, or were not good for these days",
    Hold.NO_OWN_PRICE: "We had no price of our own on these days",
}


def hold_words(hold: Hold, confirmed_on: date | None) -> str:
    """The reason as the office reads it: since when a payer has said nothing, where that is the reason."""
    if hold is Hold.COVER_NOT_CONFIRMED and confirmed_on is not None:
        return (
            f"Cover not confirmed since {confirmed_on.isoformat()}: the payer is asked before this is billed"
        )
    return HOLD_WORDS[hold]


class Mender(StrEnum):
    """Who can put a reason right."""

    CLINICIAN = "clinician"
    CO_SIGNER = "co_signer"
    CLIENT = "client"
    BILLING = "billing"
    ADMINISTRATOR = "administrator"
    PAYER = "payer"
    NOBODY = "nobody"


MENDERS: dict[Hold, Mender] = {
    Hold.NOT_ATTESTED: Mender.CLINICIAN,
    Hold.UNSIGNED_NOTE: Mender.CLINICIAN,
    Hold.COSIGN_PENDING: Mender.CO_SIGNER,
    Hold.NO_DIAGNOSIS: Mender.CLINICIAN,
    Hold.LICENCE_MISSING: Mender.ADMINISTRATOR,
    Hold.CREDENTIAL_MISSING: Mender.ADMINISTRATOR,
    Hold.CONSENT_MISSING: Mender.CLIENT,
    Hold.COVERAGE_NOT_ACTIVE: Mender.BILLING,
    Hold.COVER_NOT_CONFIRMED: Mender.PAYER,
    Hold.AUTHORISATION_MISSING: Mender.BILLING,
    Hold.NO_CONTRACT_ROW: Mender.ADMINISTRATOR,
    Hold.BELOW_MINIMUM_MINUTES: Mender.NOBODY,
    Hold.NOT_ESTABLISHED: Mender.NOBODY,
    Hold.CONTRACT_AMBIGUOUS: Mender.ADMINISTRATOR,
    Hold.NOT_STARTED_BY_CLIENT: Mender.NOBODY,
    Hold.LIVE_SESSION_WITHIN_7_DAYS: Mender.NOBODY,
    Hold.WINDOW_ALREADY_BILLED: Mender.NOBODY,
    Hold.FILING_LIMIT_PASSED: Mender.NOBODY,
    Hold.CREDITS_USED_UP: Mender.CLIENT,
    Hold.NO_OWN_PRICE: Mender.ADMINISTRATOR,
}
"""Who acts on each reason. Minutes and dates are what they were: nobody may change them to bill."""


@dataclass(frozen=True, slots=True)
class MessagingSessionFacts:
    """What is known of a session on the day it is assessed. Days are inclusive, clinic's calendar.

    `clinician` is the kind of the rendering clinician, `clinical_minutes` are their own, attested; minutes of two
    clinicians are never added, and workload counted from words never comes here. The yes-or-no facts hold for every
    day of the session.
    """

    service_from: date
    service_to: date
    payer: str
    plan: str | None
    clinician: ClinicianKind
    clinical_minutes: int
    attested: bool
    note_signed: bool
    cosign_pending: bool
    has_diagnosis: bool  # dated within the session or before, by the rendering clinician
    licensed: bool
    credentialed: bool
    consented: bool  # release of information and assignment of benefits
    coverage_active: bool
    started_by_client: bool
    established: bool
    filing_limit_days: int
    cover_confirmed: bool = True  # lately enough for the first day
    authorisation_required: bool = False
    authorised: bool = False
    live_sessions: tuple[date, ...] = ()
    billed_windows: tuple[tuple[date, date], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class LineDecision:
    """UNBILLED comes with the row that prices the line, HELD with every reason that stands."""

    state: LineState
    row: ContractRow | None
    holds: tuple[Hold, ...]


def assess(facts: MessagingSessionFacts, contract: Iterable[ContractRow], today: date) -> LineDecision:
    """Whether the session may be billed as it stands. Priced by its first day."""
    row = choose_rate(
        contract,
        payer=facts.payer,
        plan=facts.plan,
        modality=Modality.ASYNC,
        clinician=facts.clinician,
        clinical_minutes=facts.clinical_minutes,
        on=facts.service_from,
        established=facts.established,
    )
    holds = list(_holds(facts, today))
    if isinstance(row, RateHold):
        return LineDecision(LineState.HELD, None, (*holds, Hold(row.value)))
    if holds:
        return LineDecision(LineState.HELD, row, tuple(holds))
    return LineDecision(LineState.UNBILLED, row, ())


_WHOEVER_PAYS = frozenset(
    {
        Hold.NOT_ATTESTED,
        Hold.UNSIGNED_NOTE,
        Hold.COSIGN_PENDING,
        Hold.LICENCE_MISSING,
        Hold.NOT_STARTED_BY_CLIENT,
    }
)


def assess_unclaimed(facts: MessagingSessionFacts, state: LineState, today: date) -> LineDecision:
    """A session that no payer is asked to pay: `state` (SPONSORED or SELF_PAID) unless the care itself is in doubt.

    Diagnosis, contract, credentials and the release of benefits are a claim's conditions, not a receipt's.
    """
    holds = tuple(hold for hold in _holds(facts, today) if hold in _WHOEVER_PAYS)
    return LineDecision(LineState.HELD if holds else state, None, holds)


def _holds(facts: MessagingSessionFacts, today: date) -> Iterable[Hold]:
    standing = {
        Hold.NOT_ATTESTED: not facts.attested,
        Hold.UNSIGNED_NOTE: not facts.note_signed,
        Hold.COSIGN_PENDING: facts.cosign_pending,
        Hold.NO_DIAGNOSIS: not facts.has_diagnosis,
        Hold.LICENCE_MISSING: not facts.licensed,
        Hold.CREDENTIAL_MISSING: not facts.credentialed,
        Hold.CONSENT_MISSING: not facts.consented,
        Hold.COVERAGE_NOT_ACTIVE: not facts.coverage_active,
        Hold.COVER_NOT_CONFIRMED: facts.coverage_active and not facts.cover_confirmed,
        Hold.AUTHORISATION_MISSING: facts.authorisation_required and not facts.authorised,
        Hold.NOT_STARTED_BY_CLIENT: not facts.started_by_client,
        Hold.LIVE_SESSION_WITHIN_7_DAYS: any(_near(facts, day) for day in facts.live_sessions),
        Hold.WINDOW_ALREADY_BILLED: any(_overlaps(facts, *window) for window in facts.billed_windows),
        Hold.FILING_LIMIT_PASSED: (today - facts.service_from).days > facts.filing_limit_days,
    }
    return (hold for hold, stands in standing.items() if stands)


def _near(facts: MessagingSessionFacts, live: date) -> bool:
    """Within 7 days before the first day or after the last."""
    return facts.service_from - LIVE_SESSION_DISTANCE <= live <= facts.service_to + LIVE_SESSION_DISTANCE


def _overlaps(facts: MessagingSessionFacts, first: date, last: date) -> bool:
    return first <= facts.service_to and facts.service_from <= last
