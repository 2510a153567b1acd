"""The page that shows zeros: for each figure what it means, and what to do when it is not zero."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Response

from api.deps import Care
from domain.access import CLINIC, Action, require
from records import clock_audits
from records.clock_audits import LATE, Health
from records.database import Row
from web.pages.frame import InFrame
from web.pages.refusals import PageRoute
from web.pages.reprojections import moving
from web.views.clock_audits import Figure, HealthView, Hour

router = APIRouter(route_class=PageRoute)

RUNS_AN_HOUR = 60
_HIGH = 72.0
_STEP = 24.0


@router.get("/board/health")
async def show_health(frame: InFrame, tx: Care) -> Response:
    """The figures of now, and the audits of a day."""
    require(frame.signed_in(), Action.READ_SUPERVISION_HEALTH, CLINIC)
    health = await clock_audits.health(tx)
    hours = tuple(_hour(place, row) for place, row in enumerate(await clock_audits.runs_of_a_day(tx)))
    view = HealthView(
        figures=_figures(health),
        last_audit_at=health.last_audit_at,
        silent=health.audit_is_silent,
        repaired=health.repaired_in_a_day,
        hours=hours,
        message=_message(hours),
        moving=await moving(tx),
    )
    return frame.page("staff/health.html", view, "/board/health")


def _figures(health: Health) -> tuple[Figure, ...]:
    waits = timedelta(seconds=health.outbox_oldest_seconds)
    return (
        _zero(
            "Waiting without a reply time",
            health.waiting_without_clock,
            "Clients whose last message has neither an answer nor a reply time.",
            "The next audit gives them one, from the minute they wrote. If it stays, answer them from the room"
            " and call whoever runs the service.",
        ),
        _zero(
            "Alarms that did not ring",
            health.clocks_without_workflow,
            "Reply times whose next reminder is half a minute late.",
            "The board is right all the same: work from it. If this grows, the worker or Temporal is down.",
        ),
        Figure(
            "Notes on their way",
            f"{health.outbox_depth}",
            waits <= LATE,
            f"Changes not yet told to the workflows. A few for a second are fine; the oldest waits {waits.seconds} s.",
            "Nothing is lost: they are sent when Temporal answers again. See that it is running.",
        ),
        _zero(
            "Notes set aside",
            health.outbox_parked,
            "Changes that could not be told after many tries.",
            "About reply times, the audit writes them anew every ten minutes. Others need whoever runs the service.",
        ),
        _zero(
            "Reply times on an old calendar",
            health.stale_clocks,
            "Working hours, leave or cover changed, and these have not moved yet.",
            "They move within a minute. If this stays, the worker is down.",
        ),
        _zero(
            "Running, though finished",
            health.contradicted_clocks,
            "Reply times that run although their question was answered or their room is closed.",
            "Open them on the board and close them there; then tell whoever runs the service.",
        ),
        _zero(
            "Rooms with something damaged",
            health.damaged_rooms,
            "Rooms in which a key, a message, a recording or a signal could not be opened in the last day.",
            "Everybody else is served as ever. Call whoever runs the service: a backup holds what was there.",
        ),
        _zero(
            "Rooms without a workflow",
            health.missing_workflows or 0,
            "Open rooms that Temporal did not know at the last daily count.",
            "They were started again at once. If the next count finds more, Temporal has lost its store.",
        ),
        _zero(
            "Stuck on their way",
            health.stuck_journeys,
            "Clients on the way into care, or to another therapist, whose next step is past due.",
            "Look at the board's list of stuck journeys: it shows these very clients, who must act, and why.",
        ),
        _zero(
            "Covers that no payer can be asked about",
            health.blocked_covers,
            "The clearing house refuses our connection or our question, or the practice's details are not entered.",
            "Put it right: where the practice's details were missing, payers are asked by themselves; else the billing"
            " office asks again for all.",
        ),
    )


def _zero(name: str, count: int, meaning: str, act: str) -> Figure:
    return Figure(name, f"{count}", count == 0, meaning, act)


def _hour(place: int, row: Row) -> Hour:
    tone = "late" if row["found"] or row["repaired"] else "soon" if row["runs"] < RUNS_AN_HOUR * 0.9 else ""
    return Hour(
        starts_at=row["starts_at"],
        runs=row["runs"],
        found=row["found"],
        repaired=row["repaired"],
        x=place * _STEP,
        height=round(min(row["runs"] / RUNS_AN_HOUR, 1.0) * _HIGH, 1),
        tone=tone,
    )


def _message(hours: tuple[Hour, ...]) -> str:
    runs, repaired = sum(hour.runs for hour in hours), sum(hour.repaired for hour in hours)
    looked = f"{runs} audit{'' if runs == 1 else 's'} in a day"
    return f"{looked}, nothing to repair" if repaired == 0 else f"{looked}, {repaired} repaired"
