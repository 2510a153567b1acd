"""The steps of an arriving client, as she sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tests.web import consent_samples, intake_samples, journey_samples
from tests.web.given import CLIENT, NOW, OUT, Page, at, ident
from web.views import journeys
from web.views.shell import Choice, Form

STEPS = tuple(
    journeys.Step(name, "done" if place < 4 else "current" if place == 4 else "ahead", "", when, note)
    for place, (name, when, note) in enumerate(
        [
            ("Account", at(days=-1), ""),
            ("About you", at(hours=-22), ""),
            ("Agreements", at(hours=-21), ""),
            ("Short questionnaires", at(minutes=-40), ""),
            ("Who pays", None, "Now"),
            ("A therapist who fits", None, ""),
            ("Your room", None, ""),
        ]
    )
)


def journey(step: int, title: str, sub: str = "") -> journeys.Journey:
    """The steps with the given one current."""
    steps = tuple(
        replace(
            item,
            state="done" if place < step else "current" if place == step else "ahead",
            at=item.at if place < step else None,
            note="Now" if place == step else "",
        )
        for place, item in enumerate(STEPS, start=1)
    )
    return journeys.Journey(steps, step, title, sub)


PAYERS = tuple(
    Choice(name.lower(), name)
    for name in ("Aetna", "Blue Cross Blue Shield", "Cigna", "GatorCare", "Optum", "Premera")
)
STEM = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
OPTIONS = tuple(
    Choice(str(value), label)
    for value, label in enumerate(
        ["Not at all", "Several days", "More than half the days", "Nearly every day"]
    )
)
QUESTIONS = tuple(
    journeys.Question(number, text, OPTIONS)
    for number, text in enumerate(
        [
            "Feeling nervous, anxious, or on edge",
            "Not being able to stop or control worrying",
            "Worrying too much about different things",
            "Trouble relaxing",
            "Being so restless that it is hard to sit still",
            "Becoming easily annoyed or irritable",
            "Feeling afraid, as if something awful might happen",
        ],
        start=1,
    )
)
CANDIDATES = (
    journeys.Candidate(
        ident(1),
        "Dr. Mei Lin",
        "ML",
        "PsyD, licensed in Oregon and Washington",
        (
            "You asked for help with anxiety, which is most of her work",
            "Writes in the evenings, when you do",
            "Gives exercises between messages",
        ),
        "I like small steps that fit into an ordinary day, and I remember what worked last time.",
    ),
    journeys.Candidate(
        ident(2),
        "Rafael Ortiz",
        "RO",
        "LCSW, licensed in Oregon",
        ("Works with family conflict", "Speaks Spanish and English"),
        "Families are where I started.",
    ),
    journeys.Candidate(
        ident(3),
        "Dr. Ada Boateng",
        "AB",
        "PhD, licensed in Oregon and California",
        ("Twelve years with grief and sleep", "A direct style"),
        "",
    ),
)


def _estimate(status: str, **more: object) -> journeys.EstimateView:
    plain = journeys.EstimateView(
        journey(5, "What it costs"), status, "Premera", Decimal("89.00"), asked_at=at(seconds=-70)
    )
    return replace(plain, **more)  # type: ignore[arg-type]


PAGES: dict[str, Page] = {
    "journey": Page(
        "journey/overview.html",
        journeys.JourneyView(
            journey(6, ""),
            "Waiting for Dr. Mei Lin",
            "Dr. Lin has been asked to take you on",
            at(hours=3),
            "/journey/people",
            "Look at it",
        ),
        CLIENT,
    ),
    "journey-contact": Page(
        "journey/intake.html",
        intake_samples.part(
            "contact",
            journey(2, "About you", "How to reach you"),
            Form(
                {"address.state": "OR", "address.city": "Portland"},
                errors={"phone": "Please fill this in.", "address.line1": "Please fill this in."},
            ),
            ("Your phone",),
        ),
        CLIENT,
    ),
    "journey-wellbeing": Page(
        "journey/intake.html",
        intake_samples.part("wellbeing", journey(2, "About you", "A few plain questions"), Form()),
        CLIENT,
    ),
    "journey-care": Page(
        "journey/care.html", intake_samples.care(journey(2, "The care that fits you"), NOW), CLIENT
    ),
    "journey-guardian": Page(
        "journey/guardian.html",
        intake_samples.guardian_asked(journey(3, "Your parent or guardian"), NOW),
        CLIENT,
    ),
    "guardian": Page("guardian.html", intake_samples.guardian(), OUT),
    "where": Page("where.html", intake_samples.where(NOW), CLIENT),
    "journey-consents": Page(
        "journey/consents.html", consent_samples.to_sign(journey(3, "Agreements"), NOW), CLIENT
    ),
    "journey-measures": Page(
        "journey/measures.html", consent_samples.measures(journey(4, "Short questionnaires"), NOW), CLIENT
    ),
    "journey-measure": Page(
        "journey/measure.html",
        journeys.MeasureView(
            journey(4, "Short questionnaires"), 2, 2, STEM, QUESTIONS, Form({"item-1": "1"})
        ),
        CLIENT,
    ),
    "journey-safety": Page("journey/safety.html", journeys.SafetyView(ident(3), at(minutes=5)), CLIENT),
    "journey-coverage": Page(
        "journey/coverage.html",
        journeys.CoverageView(journey(5, "Who pays"), PAYERS, Form({"kind": "insurance"})),
        CLIENT,
    ),
    "journey-verifying": Page("journey/estimate.html", _estimate("verifying"), CLIENT),
    "journey-estimate": Page(
        "journey/estimate.html",
        _estimate(
            "active",
            per_session=Decimal("25.00"),
            per_month=Decimal("100.00"),
            confidence="high",
            basis=(
                "Copay of $25.00 for outpatient mental health by telehealth, in network",
                "Your deductible does not apply to it",
            ),
            as_of=date(2026, 11, 22),
            self_pay_per_month=Decimal("356.00"),
            services=journey_samples.SERVICES,
        ),
        CLIENT,
    ),
    "journey-needs": Page(
        "journey/estimate.html",
        _estimate(
            "needs_information",
            reasons=(
                "The member ID and the date of birth do not belong together. Look at both on the card.",
            ),
        ),
        CLIENT,
    ),
    "journey-inactive": Page(
        "journey/estimate.html", _estimate("inactive", reasons=("Cover ended on October 31, 2026.",)), CLIENT
    ),
    "journey-review": Page(
        "journey/estimate.html",
        _estimate("manual_review", reasons=("Your insurer did not answer for 24 hours.",)),
        CLIENT,
    ),
    "journey-searching": Page(
        "journey/matches.html",
        journeys.MatchesView(
            journey(6, "A therapist who fits"), (), "searching", "We are looking for therapists who fit you."
        ),
        CLIENT,
    ),
    "journey-matches": Page(
        "journey/matches.html",
        journeys.MatchesView(journey(6, "A therapist who fits", "Picked from your answers"), CANDIDATES),
        CLIENT,
    ),
    "journey-person": Page(
        "journey/matches.html",
        journeys.MatchesView(
            journey(6, "A therapist who fits"),
            (),
            "person",
            "A person in our matching team is looking for a therapist for you and will write to you.",
            "Dr. Mei Lin cannot take you now.",
            at(hours=26),
        ),
        CLIENT,
    ),
    "journey-self-pay": Page(
        "journey/estimate.html",
        _estimate(
            "active",
            kind="self_pay",
            reasons=("You pay yourself. You get a receipt for every payment.",),
            per_session=Decimal("89.00"),
            per_month=Decimal("356.00"),
            confidence="high",
        ),
        CLIENT,
    ),
    "journey-cover-again": Page(
        "journey/coverage.html",
        journeys.CoverageView(
            journey(5, "Who pays"),
            PAYERS,
            Form({"kind": "insurance", "member_id": "W1234", "relationship": "spouse"}),
            "Your plan did not find this member number. Please compare it with your card, letters included.",
            True,
        ),
        CLIENT,
    ),
    "journey-offered": Page(
        "journey/offered.html",
        journeys.OfferedView(
            journey(6, "A therapist who fits"),
            "Dr. Mei Lin",
            "ML",
            at(hours=3),
            "If she cannot take you, Rafael Ortiz is asked next, without any doing of yours.",
        ),
        CLIENT,
    ),
}
