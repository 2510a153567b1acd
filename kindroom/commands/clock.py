"""`kindroom clock`: what the response clock decides for a case, and why, as JSON."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

if TYPE_CHECKING:
    from domain.policies import ResponsePolicy
    from domain.response_items import CrisisItem, Event, Item
    from domain.schedules import Schedule

app = typer.Typer(help="The response clock.")

FAMILIES: Final = ("business_minutes", "reply_by_window", "event_sequences")
SCHEDULE_KEYS: Final = ("calendar", "pto", "coverage", "pauses", "now")
EVENT_KEYS: Final = {
    "room_activated": (),
    "client_message": ("text", "media", "risk_flag"),
    "clinician_message": ("text", "by", "substantive", "asked"),
    "client_closed_question": (),
    "clinician_no_reply": ("reason",),
    "client_unsend": (),
    "discharge": (),
    "crisis_read": (),
}


@app.callback()
def main() -> None:
    """The response clock."""


@app.command()
def due(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A case or cases, as JSON.")
    ],
) -> None:
    """Print when the answer of each case in FILE is due, and why.

    A case has `target_minutes` (working minutes), `table` (a reply-by table: morning or evening) or `events`.
    FILE holds one case, a list, a family ({"vectors": [...]}), or all families by name. What a case expects
    is ignored. Exit 2 where the input is refused.
    """
    from domain.errors import Invalid

    try:
        result = answer(json.loads(file.read_bytes()))
    except ValueError:
        _refused("the file is not JSON in UTF-8")
    except Invalid as refused:
        faults = [f"{error.field or 'case'}: {error.code.replace('_', ' ')}" for error in refused.errors]
        _refused("; ".join(faults or [refused.code]) + (f" ({refused.detail})" if refused.detail else ""))
    typer.echo(json.dumps(result, indent=1, ensure_ascii=False))


def answer(document: object, path: str = "") -> Any:
    """The results for a case, a list, a family or all families, in the same form. Raises `Invalid`."""
    from domain import strict

    if isinstance(document, list):
        return [answer(case, f"{path}[{n}]") for n, case in enumerate(document)]
    if not isinstance(document, dict):
        raise strict.refuse(path, "not_an_object")
    if any(family in document for family in FAMILIES):
        return {
            family: answer(document[family], strict.under(path, family))
            for family in FAMILIES
            if family in document
        }
    if "vectors" in document:
        return answer(document["vectors"], strict.under(path, "vectors"))
    case = {
        key: value
        for key, value in document.items()
        if key not in ("id", "note") and not key.startswith("expected")
    }
    told_by = [key for key in ("target_minutes", "table", "events") if key in case]
    if len(told_by) != 1:
        raise strict.refuse(path, "not_one_of_target_minutes_table_events")
    return {"target_minutes": _working_minutes, "table": _reply_by, "events": _events}[told_by[0]](case, path)


def _working_minutes(case: dict[str, object], path: str) -> dict[str, object]:
    from domain import strict
    from domain.clocks import DueState
    from domain.explanations import explain, explanation_to_json
    from domain.policies import RungName, policy_from_json

    strict.fields(case, path, ("start", "target_minutes", "calendar"), SCHEDULE_KEYS)
    minutes_path = strict.under(path, "target_minutes")
    if (minutes := strict.number(case["target_minutes"], minutes_path)) <= 0:
        raise strict.refuse(minutes_path, "not_positive")
    policy = policy_from_json("target_minutes", {"kind": "working_minutes", "minutes": minutes}, path)
    schedule, start, now = _clock_inputs(case, path)
    explanation = explain(policy, schedule, start, now)
    projection = explanation.projection
    nudge = next((alarm.at for alarm in projection.alarms if alarm.rung is RungName.NUDGE), None)
    result: dict[str, object] = {
        **_due(projection.due_at, schedule),
        "warn75_utc": None if nudge is None else strict.iso(nudge),
        "status": projection.state.upper(),
    }
    if projection.state is DueState.PAUSED and projection.remaining is not None:
        result["remaining_minutes_when_paused"] = projection.remaining / timedelta(minutes=1)
    return {**result, "explanation": explanation_to_json(explanation)}


def _reply_by(case: dict[str, object], path: str) -> dict[str, object]:
    from domain import strict
    from domain.explanations import explain, explanation_to_json

    strict.fields(case, path, ("start", "table", "calendar"), SCHEDULE_KEYS)
    policy = _table(case["table"], strict.under(path, "table"))
    schedule, start, now = _clock_inputs(case, path)
    explanation = explain(policy, schedule, start, now)
    return {**_due(explanation.projection.due_at, schedule), "explanation": explanation_to_json(explanation)}


def _table(value: object, path: str) -> "ResponsePolicy":
    from domain import strict
    from domain.policies import PRESETS

    policy = PRESETS.get(strict.text(value, path))
    if policy is None or not policy.table:
        raise strict.refuse(path, "unknown_table")
    return policy


def _clock_inputs(case: dict[str, object], path: str) -> tuple["Schedule", datetime, datetime]:
    """The schedule, the start and the instant of projection (the start itself unless the case says `now`)."""
    from domain import strict
    from domain.schedules import schedule_from_json

    plain = {"calendar": case["calendar"], "leave": case.get("pto", ()), "pauses": case.get("pauses", ())}
    covers = case.get("coverage", ())
    if isinstance(covers, list):
        # A cover's own time off has the same name as the therapist's.
        covers = [
            {"leave" if key == "pto" else key: value for key, value in cover.items()}
            if isinstance(cover, dict)
            else cover
            for cover in covers
        ]
    schedule = schedule_from_json({**plain, "covers": covers}, path)
    start = strict.instant(case["start"], strict.under(path, "start"))
    now = strict.instant(case["now"], strict.under(path, "now")) if "now" in case else start
    return schedule, start, now


def _due(due_at: datetime | None, schedule: "Schedule") -> dict[str, object]:
    from domain import strict

    return {
        "due_utc": None if due_at is None else strict.iso(due_at),
        "due_local": None if due_at is None else due_at.astimezone(schedule.calendar.zone).isoformat(),
    }


def _events(case: dict[str, object], path: str) -> dict[str, object]:
    from domain import strict
    from domain.response_items import ledger

    strict.fields(case, path, ("events",))
    found = ledger(strict.items(case["events"], strict.under(path, "events"), _event))
    return {
        "items": [_item(item) for item in found.items],
        "crisis_items": [_crisis_item(item) for item in found.crisis_items],
        "explanation": {"sentence": "; ".join(_story(item) for item in found.items) or "nothing is owed"},
    }


def _event(value: object, path: str) -> "Event":
    from domain import response_items as items
    from domain import strict
    from domain.answers import asks

    every = tuple(dict.fromkeys(key for keys in EVENT_KEYS.values() for key in keys))
    kind = strict.text(strict.fields(value, path, ("type", "at"), every)["type"], f"{path}.type")
    if kind not in EVENT_KEYS:
        raise strict.refuse(f"{path}.type", "unknown_event")
    raw = strict.fields(value, path, ("type", "at"), EVENT_KEYS[kind])
    at = strict.instant(raw["at"], f"{path}.at")
    text = None if raw.get("text") is None else strict.text(raw["text"], f"{path}.text")

    def flag(key: str, default: bool = False) -> bool:
        return strict.flag(raw.get(key, default), f"{path}.{key}")

    if kind == "client_message":
        return items.ClientMessage(at, text, flag("media"), flag("risk_flag"))
    if kind == "clinician_message":
        by = strict.text(raw.get("by", "primary"), f"{path}.by")
        if by not in list(items.Answerer):
            raise strict.refuse(f"{path}.by", "unknown_role")
        asked = flag("asked", text is not None and asks(text))
        return items.ClinicianMessage(at, items.Answerer(by), flag("substantive", True), asked)
    if kind == "clinician_no_reply":
        reason = strict.text(raw.get("reason", ""), f"{path}.reason")
        if reason not in list(items.NoReplyReason):
            raise strict.refuse(f"{path}.reason", "unknown_reason")
        return items.ClinicianNoReply(at, items.NoReplyReason(reason))
    plain: dict[str, Event] = {
        "room_activated": items.RoomActivated(at),
        "client_closed_question": items.ClientClosedQuestion(at),
        "client_unsend": items.ClientUnsend(at),
        "discharge": items.Discharge(at),
        "crisis_read": items.CrisisRead(at),
    }
    return plain[kind]


def _item(item: "Item") -> dict[str, object]:
    from domain.response_items import ItemKind

    plain: dict[str, object] = {"kind": str(item.kind), "opened": item.opened.isoformat()}
    if item.kind is not ItemKind.ACK_WAIVED:
        plain["client_messages"] = item.client_messages
        plain["last_client_at"] = item.last_client_at.isoformat() if item.last_client_at else None
    plain["status"] = str(item.state)
    if item.closed:
        plain["closed"] = item.closed.isoformat()
    if item.answered_by:
        plain["answered_by"] = str(item.answered_by)
    if item.reason:
        plain["reason"] = item.reason
    return plain


def _crisis_item(item: "CrisisItem") -> dict[str, object]:
    plain = {"opened": item.opened.isoformat(), "due": item.due.isoformat()}
    if item.read_at:
        return {**plain, "status": "answered", "closed": item.read_at.isoformat()}
    return {**plain, "status": "open"}


def _story(item: "Item") -> str:
    from domain.response_items import ItemKind

    if item.kind is ItemKind.ACK_WAIVED:
        return f"the message of {_at(item.opened)} only acknowledges and is waived"
    why = (
        "when the room opened"
        if item.kind is ItemKind.WELCOME
        else "with the first unanswered client message"
    )
    story = f"{item.kind} opened {why}, {_at(item.opened)}; client messages: {item.client_messages}"
    if item.closed is None:
        return f"{story}; still open"
    by = f" by {item.answered_by}" if item.answered_by else f" ({item.reason})"
    return f"{story}; {item.state} at {_at(item.closed)}{by}"


def _at(at: datetime) -> str:
    return at.isoformat(" ")


def _refused(why: str) -> NoReturn:
    typer.echo(f"kindroom clock due: {why}", err=True)
    raise typer.Exit(2)
