"""Sample agreements and questionnaires: to sign, signed, reworded, taken back; and what a site switches on."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.consents import WORDINGS, Document
from domain.letters import REQUEST, WORDS, Letters
from domain.withdrawals import stopped_by
from web.views.consents import AgreementsView, AgreementView, Consent, ConsentsView, LettersView
from web.views.journeys import Journey, MeasureLine, MeasuresView
from web.views.screening import PackLine, ScreeningView
from web.views.shell import Choice, Form


def _consents(now: datetime) -> tuple[Consent, ...]:
    return tuple(
        Consent(
            place=place,
            document=wording.document.value,
            version=wording.version,
            title=wording.title,
            paragraphs=tuple(wording.words("CA").split("\n\n")),
            required=wording.document is not Document.PART_2,
            signed_at=now - timedelta(hours=3) if place < 3 else None,
            signed_version=wording.version if place < 3 else "",
            withdrawn_at=now - timedelta(minutes=20) if place == 3 else None,
        )
        for place, wording in enumerate(WORDINGS, start=1)
    )


def to_sign(journey: Journey, now: datetime) -> ConsentsView:
    """Two are signed; the release is needed unless they pay themselves."""
    return ConsentsView(
        journey, _consents(now), Form(errors={"signature": "Type your full legal name."}), True
    )


def signed(now: datetime) -> AgreementsView:
    """All of them."""
    return AgreementsView(_consents(now), letters=True)


def reworded(now: datetime) -> AgreementView:
    """One that was signed in older words, and what stops without it."""
    stopped = stopped_by(Document.TELEHEALTH)
    old = _consents(now)[1]
    paper = Consent(
        place=old.place,
        document=old.document,
        version="2026-01",
        title=old.title,
        paragraphs=old.paragraphs,
        signed_at=old.signed_at,
        signed_version=old.version,
        new_words=old.paragraphs,
    )
    return AgreementView(paper, stopped.sentences, stopped.goes_on)


def letters() -> LettersView:
    """The insurer is asked, and claims wait."""
    return LettersView("asked", WORDS[Letters.ASKED], REQUEST)


def measures(journey: Journey, now: datetime) -> MeasuresView:
    """One answered, one asked."""
    lines = (
        MeasureLine(1, "Mood over the last two weeks", now - timedelta(hours=1)),
        MeasureLine(2, "Worry over the last two weeks", wanted=True),
        MeasureLine(3, "After a stressful experience"),
    )
    return MeasuresView(journey, lines)


def screening() -> ScreeningView:
    """One switched on, one whose words are missing and asked for in vain."""
    packs = (
        PackLine(
            "PCL-5",
            True,
            True,
            False,
            "After a stressful experience",
            20,
            "Work of the United States government.",
        ),
        PackLine("C-SSRS", False, False, False),
    )
    return ScreeningView(
        packs,
        tuple(
            Choice(pack.name, pack.name, "20 questions" if pack.title else "Its words are not on file")
            for pack in packs
        ),
        (Choice("C-SSRS", "C-SSRS"),),
        Form(many={"packs": ("PCL-5",)}),
        Form(
            {"name": "C-SSRS", "words": "{}"}, errors={"words": "This does not fit how it is scored: items."}
        ),
    )
