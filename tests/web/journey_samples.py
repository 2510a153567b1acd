"""Sample rows of clients who wait on the way into care, as their page shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from web.pages.estimate_words import service_words
from web.pages.journey_policies import PARTIES
from web.pages.stuck_journeys import STAGES, STATES, TAKERS
from web.views.clocks import Filter
from web.views.journey_policies import Timing, WaitLine, WaitsView, WaitView
from web.views.payers import Said
from web.views.shell import Choice, Form
from web.views.stuck_journeys import StuckRow, StuckView, ToldRung

HERE = "/board/journeys"
SERVICES = tuple(
    service_words({"service": service, "answer": answer, "rule": rule})
    for service, answer, rule in (
        ("messaging", "covered", "mental_health_listed"),
        ("live_video", "not", "no_contract_row"),
        ("live_audio", "needs_authorisation", "plan_wants_authorisation"),
        ("psychiatric_emergency", "redirect", "call_988_or_911"),
    )
)


def stuck(now: datetime, ident: str) -> StuckView:
    """A search for a person, an unanswered offer, an intake, a pause."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    rows = (
        StuckRow(
            ident,
            "K-2041",
            "Finding a therapist",
            "Matching team",
            "A therapist has to be found in person",
            now - 2 * day,
            now - day,
            "late",
            told=(
                ToldRung("Ruth Ade, Sam Ito", now - 2 * day),
                ToldRung("The client", now - day),
            ),
            next_whom="Supervisors",
            next_at=now + hour,
            taken_by="Ruth Ade",
            may_remind=True,
            desk=f"/match-desk/{ident}",
            desk_name="Match desk",
        ),
        StuckRow(
            ident.replace("0", "1", 1),
            "K-2050",
            "Offer is out",
            "Dr. Mei Lin",
            "The therapist who was asked has not answered",
            now - 5 * hour,
            now + 2 * hour,
            "",
            next_whom="The therapist asked",
            next_at=now + 19 * hour,
            may_remind=True,
        ),
        StuckRow(
            ident.replace("0", "2", 1),
            "K-1933",
            "Intake",
            "The client",
            "The client has paused",
            now - 9 * day,
            None,
            "soon",
            told=(ToldRung("Ruth Ade", now - hour),),
            taken_by="Sam Ito",
            mine=True,
        ),
    )
    return StuckView(
        rows,
        (Filter("Everyone", HERE, 3, True), Filter("Matching team", f"{HERE}?owner=matcher", 1, False)),
        STATES,
        tuple(Choice(key, name) for key, name in STAGES.items()),
        TAKERS,
        "stuck",
        "",
        "",
        "",
        HERE,
        helps=True,
        supervises=True,
    )


INTAKE = WaitLine(
    "intake",
    "The intake is not finished",
    "The client",
    "3 days",
    ("1 day: The client", "9 days: Supervisors"),
    True,
)


def waits() -> WaitsView:
    """Two steps of the way, one with a timing of the clinic's own."""
    later = WaitLine(
        "human_match",
        "A therapist has to be found in person",
        "Matching team",
        "1 day",
        ("at once: Matching team", "2 days: Supervisors"),
        False,
    )
    return WaitsView((INTAKE, later))


def wait() -> WaitView:
    """One step, as it was sent with a ladder that calls nobody of ours."""
    values = {"due_seconds": "72", "after_1": "24", "whom_1": "client"}
    form = Form(values, errors={"ladder": "Somebody of ours has to be told within ten days."})
    said = Said("In force", "good", "check", "Ada Byrne", datetime(2026, 11, 2, 15, 30, tzinfo=UTC))
    version = Timing(said.at, "3 days", INTAKE.ladder, said)
    return WaitView(INTAKE, False, PARTIES, (1, 2, 3), form, (version,), "America/New_York")
