"""What is put to a client to sign, in editions: the words, and for care at a distance what each state adds.

The texts are our own plain words; counsel reviews them before a launch, the states' lines first. A new wording is a
new edition with its date, and what was signed stays as it was shown. Content of informed consent: risks, what
asynchronous care is, not for emergencies, limits of confidentiality, the right to withdraw.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class Document(StrEnum):
    """What is signed, each by itself."""

    PRIVACY_NOTICE = "privacy_notice"
    TELEHEALTH = "telehealth"
    FINANCIAL_RESPONSIBILITY = "financial_responsibility"
    RELEASE_OF_BENEFITS = "release_of_benefits"
    PART_2 = "part_2"


@dataclass(frozen=True, slots=True)
class StateClause:
    """What the law of one state adds. `since` is when the rule cited came into force."""

    text: str
    citation: str
    since: date


@dataclass(frozen=True, slots=True)
class Wording:
    """One edition of a document. `by_state`: the state the client is in is part of what is signed."""

    document: Document
    version: str
    effective_from: date
    title: str
    text: str
    by_state: bool = False
    clauses: Mapping[str, StateClause] = field(default_factory=dict)

    def clause(self, state: str | None) -> StateClause | None:
        """What a state adds to this edition, if anything."""
        return self.clauses.get(state or "")

    def words(self, state: str | None) -> str:
        """The whole text as it is put to a client in a state; paragraphs are parted by an empty line."""
        clause = self.clause(state)
        return self.text if clause is None else f"{self.text}\n\n{clause.text} ({clause.citation})"


# Where nothing is written, the text for all states holds: it names risks, limits and the right to withdraw.
_TELEHEALTH_BY_STATE: Mapping[str, StateClause] = MappingProxyType(
    {
        "AZ": StateClause(
            "In Arizona: what is written and said here is part of your medical record and as confidential "
            "as a visit. Pictures or words that show who you are go to no research or teaching without "
            "your consent.",
            "Arizona Revised Statutes 36-3602",
            date(2021, 5, 5),
        ),
        "CA": StateClause(
            "In California: your therapist tells you the number of their licence, asks where you are and "
            "what help is near you, and judges each time whether care at a distance is right for you. You "
            "may have care in person instead, and to refuse this way of care takes nothing from you.",
            "California Business and Professions Code 2290.5; 16 CCR 1815.5 and 1396.8",
            date(2016, 7, 1),
        ),
        "CO": StateClause(
            "In Colorado: you may ask how your therapist works, how long it may take and what it costs, "
            "seek a second opinion, and end at any time. Intimacy between therapist and client is never "
            "right and should be reported to the State Board at the Department of Regulatory Agencies.",
            "Colorado Revised Statutes 12-245-216",
            date(2019, 10, 1),
        ),
        "CT": StateClause(
            "In Connecticut: you may withdraw this consent at any time, and we write it into your record. "
            "The state does not count plain texting and e-mail as telehealth; your plan may not pay for "
            "care by messages, and we tell you before it costs you anything.",
            "Connecticut General Statutes 19a-906",
            date(2021, 5, 10),
        ),
        "FL": StateClause(
            "In Florida: your therapist is licensed there or registered there to give care from another "
            "state. Care goes through your room here; e-mail is used only to say that something waits.",
            "Florida Statutes 456.47",
            date(2019, 7, 1),
        ),
        "GA": StateClause(
            "In Georgia: this consent is in writing because the state asks for it. Your therapist is "
            "trained in care at a distance, and agrees with you how to reach each other and whom to call "
            "near you if technology fails or you are in danger.",
            "Georgia Rule 135-11-.01",
            date(2015, 9, 22),
        ),
        "NE": StateClause(
            "In Nebraska: you may refuse care at a distance at any time, and it changes neither your right "
            "to later care nor any benefit you have. The same confidentiality holds as in person, you may "
            "see all that is recorded of it, and nothing that shows who you are goes to researchers or "
            "others without your written consent.",
            "Nebraska Revised Statutes 71-8505",
            date(1999, 8, 28),
        ),
        "OH": StateClause(
            "In Ohio: nobody is treated without this signed consent. Your therapist makes sure who you are "
            "when you begin, tells you where their board can be reached, and names somebody trained who "
            "can help you where you are.",
            "Ohio Administrative Code 4757-5-13",
            date(2020, 9, 24),
        ),
        "TX": StateClause(
            "In Texas: your informed consent comes before any care at a distance, and you may complain to "
            "the board that licenses your therapist; we tell you which one that is.",
            "Texas Occupations Code 111.002",
            date(2005, 4, 1),
        ),
        "VT": StateClause(
            "In Vermont: neither you nor your therapist may record a live session. The sound and video "
            "messages that you send each other are no live session and stay in your room.",
            "18 Vermont Statutes Annotated 9361",
            date(2020, 1, 1),
        ),
        "WA": StateClause(
            "In Washington: the first bond with a therapist cannot be made by text messages alone. Yours "
            "arranges with you to see or hear each other before treating you.",
            "Revised Code of Washington chapter 18.134",
            date(2024, 6, 6),
        ),
    }
)

WORDINGS: tuple[Wording, ...] = (
    Wording(
        Document.PRIVACY_NOTICE,
        "2025-01",
        date(2025, 1, 1),
        "How we handle your information",
        "We keep what you write, say and film encrypted in transit and at rest, with a key for your room "
        "alone. Your therapist and whoever covers for them read your room, and the clinician on call if "
        "you may be in danger. A supervisor may open it for a recorded purpose, and you can see when and "
        "why. Our billing office sees codes, minutes and your cover, never your messages or notes. We "
        "share information for your treatment, for payment and for running the service, and otherwise "
        "only with your permission or where the law demands it. You may see your record, take a copy, ask"
        " for corrections, and ask to whom it was disclosed. If you think we broke these promises you may"
        " complain to us or to the United States Department of Health and Human Services.",
    ),
    Wording(
        Document.TELEHEALTH,
        "2025-01",
        date(2025, 1, 1),
        "Care by messages and at a distance",
        "You and your therapist will mostly write to each other, and may send sound and video. Answers "
        "come within the time shown in your room, not at once. This is not for emergencies: call 988 or "
        "911 then. Care by messages has limits: a therapist cannot see how you are between messages, "
        "technology can fail, and for some needs meeting in person or by live video is better; your "
        "therapist will tell you so. What you say is confidential, with limits set by law: abuse of a "
        "child or of someone who cannot protect themselves, a serious threat to you or to others, or a "
        "court's order. Your therapist must hold a licence for the place where you are, so tell us when "
        "you move or travel. You may stop at any time and withdraw this consent.",
        by_state=True,
        clauses=_TELEHEALTH_BY_STATE,
    ),
    Wording(
        Document.FINANCIAL_RESPONSIBILITY,
        "2025-01",
        date(2025, 1, 1),
        "What you may have to pay",
        "We tell you what we expect your care to cost before you agree to it. What your insurance reports"
        " is an estimate and no promise of payment. You are responsible for copays, deductibles, "
        "coinsurance and for services that your cover does not pay for. If you pay yourself you receive a"
        " good faith estimate, and you may dispute a bill that exceeds it by 400 dollars or more.",
    ),
    Wording(
        Document.RELEASE_OF_BENEFITS,
        "2025-01",
        date(2025, 1, 1),
        "Asking and billing your insurance",
        "You allow us to ask your insurance about your cover, to send it what a claim needs (dates, "
        "codes, diagnosis and amounts, never your messages), and to receive its payments directly. Where "
        "the plan is somebody else's, its letters about your care go to that person unless the insurer "
        "agrees to write to you alone. You may withdraw this at any time; it does not undo what was sent "
        "before.",
    ),
    # The elements of 42 CFR 2.31(a) as amended in 2024, in their order: who discloses what to whom and for what, the
    # right to revoke, no end date, what follows from not signing; and the redisclosure statement of 2.32.
    Wording(
        Document.PART_2,
        "2025-01",
        date(2025, 1, 1),
        "Records about alcohol or drugs",
        "Federal law gives records about treatment for alcohol or drug use a protection of their own (42 "
        "CFR Part 2). Sign this only if your care may touch it. You, whose name stands below, allow "
        "Kindroom and its clinicians to use and to disclose those records of yours: the diagnosis, dates, "
        "codes and amounts of claims, and what your treatment needs to be carried on. They may go to my "
        "treating providers, health plans, third-party payers, and people helping to operate this program,"
        " for treatment, payment and health care operations. Whoever receives them may pass them on as the"
        " health privacy rules (HIPAA) permit, but not for use against you in a civil, criminal, "
        "administrative or legislative proceeding without your separate consent or a court's order. It "
        "does not cover counselling notes kept apart, which would need a consent of their own.\n\n"
        "This holds until you withdraw it, which you can do here at any time; what was disclosed before "
        "cannot be called back. If you do not sign, your care goes on: claims that would show such a "
        "diagnosis are not sent, and you may have to pay for those weeks yourself.",
    ),
)
