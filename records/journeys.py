"""Journeys: the stage follows from the facts, in the transaction that adds one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import consents
from domain.coverage import CoverageStatus
from domain.errors import NotFound
from domain.guardians import Pathway
from domain.journeys import Facts, Journey, journey
from domain.stages import Stage, Wait, WaitPolicy, overridden
from domain.suitability import Suitability
from records import policies, screening
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.matches import start_match, withdraw_search


async def facts(tx: Transaction, client_id: UUID, *, paid_by: str | None = None) -> Facts:
    """What has happened to the client so far, whoever asks. `paid_by`: the kind of cover whose documents count,
    where it is about to change. Raises NotFound.
    """
    row = await tx.one("SELECT * FROM journey_facts(%s)", (client_id,))
    if row is None:
        raise NotFound
    status = row["coverage_status"]
    return Facts(
        registered_at=row["registered_at"],
        confirmed_at=row["confirmed_at"],
        intake_submitted_at=row["intake_submitted_at"],
        suitability=Suitability(row["suitability"]) if row["suitability"] else None,
        suitability_at=row["suitability_at"],
        guardian_pathway=Pathway(row["guardian_pathway"]) if row["guardian_pathway"] else None,
        guardian_consented_at=row["guardian_consented_at"],
        consents_signed_at=_consents_signed_at(row, paid_by or row["coverage_kind"]),
        measures_done_at=_measures_done_at(
            row["measures"], await screening.asked_of(tx, row["intake_submitted_at"])
        ),
        coverage_status=CoverageStatus(status) if status else None,
        coverage_at=row["coverage_at"],
        candidates_at=row["match_at"] if row["match_status"] not in (None, "ranking") else None,
        chosen_at=(row["first_offered_at"] or row["match_at"]) if row["chosen"] else None,
        offered_at=row["offered_at"],
        offer_expires_at=row["offer_expires_at"],
        offer_missed_at=row["offer_missed_at"],
        human_match_at=_human_match_at(row),
        switching_at=row["switching_at"],
        room_opened_at=row["room_opened_at"],
        paused_at=row["paused_at"],
        closed_at=row["closed_at"],
    )


def _consents_signed_at(row: Row, kind: str | None) -> datetime | None:
    """When the last document that this kind of cover requires was first signed; None while one is missing."""
    required = consents.required_for(Stage.CONSENTS, kind)
    signed = [
        (consents.Signed(consents.Document(s["document"]), s["version"], s["state"]), _instant(s["at"]))
        for s in row["consents"]
    ]
    if consents.missing(required, (s for s, _ in signed), row["state"]):
        return None
    covering = (
        min(at for s, at in signed if not consents.missing([document], [s], row["state"]))
        for document in required
    )
    return max(covering)


def _measures_done_at(taken: list[dict[str, Any]], asked: Iterable[str]) -> datetime | None:
    """When the last measure asked was done; None while one is not."""
    done = [_done_at(taken, name) for name in asked]
    return None if None in done else max(at for at in done if at is not None)


def _done_at(taken: list[dict[str, Any]], name: str) -> datetime | None:
    """When a measure was done. One with skipped questions is asked once more, then taken as it is."""
    times = sorted((_instant(m["at"]), m["complete"]) for m in taken if m["instrument"] == name)
    return min([at for at, complete in times if complete] + [at for at, _ in times[1:]], default=None)


async def measures_left(tx: Transaction, client_id: UUID) -> tuple[str, ...]:
    """The measures that are asked of a client before matching and not done yet. Raises NotFound."""
    row = await tx.one("SELECT intake_submitted_at, measures FROM journey_facts(%s)", (client_id,))
    if row is None:
        raise NotFound
    asked = await screening.asked_of(tx, row["intake_submitted_at"])
    return tuple(name for name in asked if _done_at(row["measures"], name) is None)


def _human_match_at(row: Row) -> datetime | None:
    if row["match_status"] != "human":
        return None
    at: datetime = row["decided_at"] or row["offer_missed_at"] or row["match_at"]
    return at


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def stage_policies(tx: Transaction) -> dict[Wait, WaitPolicy]:
    """Due times and ladders in force: the built-in ones, but for waits that the clinic has set."""
    return overridden(await policies.all_in_force(tx, "stages"))


async def view(tx: Transaction, client_id: UUID) -> Journey:
    """Where the journey stands now. Raises NotFound."""
    return journey(await facts(tx, client_id), await stage_policies(tx))


async def hold(tx: Transaction, client_id: UUID) -> None:
    """Lock the client's row until the commit, before rows that refer to it are written: one order, no deadlock.

    Raises NotFound.
    """
    if await tx.one("SELECT id FROM clients WHERE id = %s FOR UPDATE", (client_id,)) is None:
        raise NotFound


async def advance(tx: Transaction, client_id: UUID) -> None:
    """Move stage and wait to where the facts put them; if they moved, keep the step and tell everyone.
    A client who is ready to be matched gets a search.

    Call it last in every transaction that adds a fact of the journey. Raises NotFound.
    """
    kept = await tx.one(
        "SELECT stage, wait, wait_since, due_at FROM clients WHERE id = %s FOR UPDATE", (client_id,)
    )
    if kept is None:
        raise NotFound
    now = await view(tx, client_id)
    if now.wait is Wait.CANDIDATES:
        await start_match(tx, client_id)  # the fact that makes the client ready begins the search with it
    if kept == {"stage": now.stage, "wait": now.wait, "wait_since": now.since, "due_at": now.due_at}:
        return
    row = await tx.one(
        "UPDATE clients SET stage_since = CASE WHEN stage = %(stage)s THEN stage_since ELSE %(now)s END,"
        " stage = %(stage)s, wait = %(wait)s, wait_since = %(since)s, due_at = %(due)s,"
        " journey_version = journey_version + 1 WHERE id = %(id)s RETURNING journey_version",
        {
            "stage": now.stage,
            "wait": now.wait,
            "since": now.since,
            "due": now.due_at,
            "now": tx.now,
            "id": client_id,
        },
    )
    assert row is not None  # noqa: S101  locked above
    version = row["journey_version"]
    await tx.insert(
        "journey_steps", client_id=client_id, version=version, stage=now.stage, wait=now.wait, at=tx.now
    )
    await _tell(tx, client_id, version, now)


async def _tell(tx: Transaction, client_id: UUID, version: int, now: Journey) -> None:
    await tx.tell("journey_changed", client_id, version, stage=now.stage, since=now.since, paused=now.paused)
    tx.announce(Event(EventKind.JOURNEY, account_id=client_id))
    tx.announce(Event(EventKind.BOARD))


async def close(tx: Transaction, client_id: UUID) -> None:
    """End the journey. The caller has closed the room."""
    await tx.run("UPDATE clients SET closed_at = coalesce(closed_at, %s) WHERE id = %s", (tx.now, client_id))
    await withdraw_search(tx, client_id)
    await tx.audit("close_journey", subject_id=client_id)
    await advance(tx, client_id)


async def retell(tx: Transaction) -> int:
    """Tell the workflow of every journey that is not closed again. How many."""
    return await tx.run(
        "INSERT INTO outbox (kind, subject_id, version, payload, created_at, attempts)"
        " SELECT 'journey_changed', id, journey_version, jsonb_build_object('stage', stage,"
        " 'since', coalesce(wait_since, stage_since), 'paused', paused_at IS NOT NULL), %s, 0"
        " FROM clients WHERE stage <> 'closed'",
        (tx.now,),
    )
