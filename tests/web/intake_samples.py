"""Sample pages of the intake: a part half filled, what we recommend, a guardian's page, where one is, who decides."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from domain.guardians import GUARDIAN_FORM, Pathway
from domain.intake_editions import form_on
from domain.intake_forms import Step
from domain.intake_words import in_words
from domain.suitability import RECOMMENDATION, RULES, Suitability
from web.pages.intake_questions import question, shown_of
from web.pages.suitability import CHOICES, LEVELS
from web.views.intake import (
    CareView,
    EarlierRow,
    GuardianAskedView,
    GuardianView,
    IntakeView,
    Part,
    SuitabilityView,
    UndecidedRow,
    WhereView,
)
from web.views.intake_records import (
    ConsentRow,
    CorrectionRow,
    IntakeRecordView,
    JudgedRow,
    MeasureRow,
)
from web.views.journeys import Journey
from web.views.shell import Form

STEPS = tuple(step for step in form_on(date(2026, 11, 20)).steps)


def part(name: str, journey: Journey, form: Form, elsewhere: tuple[str, ...] = ()) -> IntakeView:
    """One part of the wizard."""
    step: Step = next(each for each in STEPS if each.name == name)
    place = STEPS.index(step)
    return IntakeView(
        journey,
        name,
        place + 1,
        len(STEPS),
        tuple(question(each) for each in step.fields),
        tuple(
            Part(
                each.title,
                f"/journey/intake/{each.name}",
                "done" if n < place else "current" if n == place else "ahead",
            )
            for n, each in enumerate(STEPS)
        ),
        form,
        step.intro,
        4,
        shown_of(step, {}),
        elsewhere,
    )


def care(journey: Journey, now: datetime) -> CareView:
    """Two reasons for live care."""
    live = [rule for rule in RULES if rule.says is Suitability.LIVE]
    words = tuple((rule.words, "/journey/intake/wellbeing") for rule in live[:2])
    return CareView(journey, RECOMMENDATION[Suitability.LIVE], words, by=now + timedelta(hours=20))


def guardian_asked(journey: Journey, now: datetime) -> GuardianAskedView:
    """A letter that went out this morning."""
    sent = now - timedelta(hours=3)
    return GuardianAskedView(journey, "rosa@example.org", sent, sent + timedelta(days=30), sent)


def guardian() -> GuardianView:
    """The page of the link, a wrong date typed."""
    wrong = Form(errors={"date_of_birth": "This is not the date of birth we were told."})
    return GuardianView("7b0a", GUARDIAN_FORM.paragraphs, GUARDIAN_FORM.version, form=wrong)


def where(now: datetime) -> WhereView:
    """Said six weeks ago."""
    return WhereView("OR", now - timedelta(days=42), "/journey", Form({"state": "OR"}))


def undecided(now: datetime) -> SuitabilityView:
    """Two who wait; one form refused."""
    rows = tuple(
        UndecidedRow(
            f"client-{n}",
            code,
            "Oregon",
            LEVELS[level],
            tuple((rule.staff, rule.source) for rule in RULES if rule.says is level)[:2],
            now - timedelta(hours=n),
            now + timedelta(hours=24 - n),
            may_go_on=True,
            earlier=(EarlierRow("Messages suit", "Ruth Ade", now - timedelta(days=3), "Spoke by phone."),)
            if n == 1
            else (),
            form=Form(errors={"rationale": "Say why; it stays with your name."}) if n == 1 else Form(),
        )
        for n, (code, level) in enumerate(
            (("K-7TQ4M", Suitability.HIGHER_CARE), ("K-2HZ9P", Suitability.LIVE)), start=1
        )
    )
    return SuitabilityView(rows, CHOICES)


def record(now: datetime, room_id: str) -> IntakeRecordView:
    """An intake with an answer missing, one corrected, a recommendation that was decided on, and two results."""
    answers = {
        "pathway": Pathway.ADULT,
        "focus": ["sleep", "work"],
        "prior_care": "",
        "state": "OR",
        "location": "Salem",
        "phone": "+1 503 555 0100",
        "safety.suicidal_thoughts": "longer_ago",
        "safety.private_channel": False,
    }
    form = form_on(date(2026, 11, 20))
    rule = next(each for each in RULES if each.code == "no_private_channel")
    said, why = now - timedelta(days=20), ((rule.staff, rule.source),)
    return IntakeRecordView(
        client_code="K-7TQ4M",
        room_id=room_id,
        legal_name="Ana Rivera",
        born=date(1991, 4, 2),
        pathway="Adult",
        state="Oregon",
        located_at=said,
        form=form.version,
        submitted_at=said,
        steps=in_words(form, answers),
        missing=len(form.missing(answers)),
        corrections=(CorrectionRow(now - timedelta(days=2), (("Your phone", "+1 503 555 0199"),)),),
        judged=(
            JudgedRow(
                "Messages suit", "good", now - timedelta(days=19), "Ruth Ade", why, "Has a room of her own."
            ),
            JudgedRow(LEVELS[Suitability.LIVE], "soon", said, "", why),
        ),
        consents=(
            ConsentRow("Privacy notice", "2025-01", said, None, required=True),
            ConsentRow("Care by messages", "", None, now - timedelta(days=1), required=True),
        ),
        measures=(
            MeasureRow("PHQ-9", now - timedelta(days=1), "9 of 27, mild, below 10"),
            MeasureRow("GAD-7", said, "Not complete"),
        ),
    )
