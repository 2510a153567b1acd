"""Goals of a room: their words sealed under its key, every change kept as a version."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.access import ReadableRoomId, Role, WritableRoomId
from domain.errors import Conflict, NotFound
from domain.goals import (
    Achievement,
    GoalState,
    GoalTerms,
    Lifecycle,
    Side,
    accept,
    assess,
    check_terms,
    move,
    propose,
    revise,
)
from domain.ids import GoalId, new_id
from domain.zones import zone
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records.database import Row, Transaction, dumps
from records.notices import notify
from records.opening import Opening, opening


@dataclass(frozen=True, slots=True)
class GoalVersion:
    """The goal as it stood after one change. `terms` None: its words cannot be opened."""

    version: int
    terms: GoalTerms | None
    reason: str = field(repr=False)
    lifecycle: str
    achievement: str | None
    author_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal with all its versions, newest first; the newest is how it stands."""

    id: UUID
    state: GoalState
    created_at: datetime
    versions: tuple[GoalVersion, ...]

    @property
    def terms(self) -> GoalTerms | None:
        """What is to be reached, as last worded; None when that cannot be opened."""
        return self.versions[0].terms


@dataclass(frozen=True, slots=True)
class GoalChange:
    """What a person changes: the terms, their acceptance, the standing. None leaves it as it is."""

    terms: dict[str, Any] | None = field(default=None, repr=False)
    accepted: bool = False
    lifecycle: Lifecycle | None = None
    achievement: Achievement | None = None
    reason: str = field(default="", repr=False)
    review_on: date | None = None


async def listing(tx: Transaction, room: ReadableRoomId) -> list[Goal]:
    """Oldest first, each with its versions. The read is audited."""
    await tx.audit("read_goals", room_id=room.id)
    goals = await tx.all("SELECT * FROM goals WHERE room_id = %s ORDER BY created_at, id", (room.id,))
    versions = await tx.all(
        "SELECT * FROM goal_versions WHERE room_id = %s ORDER BY goal_id, version DESC", (room.id,)
    )
    async with opening(tx, room.id) as stored:
        return [_goal(stored, row, [v for v in versions if v["goal_id"] == row["id"]]) for row in goals]


async def add(tx: Transaction, room: WritableRoomId, terms: GoalTerms) -> Goal:
    """A new goal, accepted by whoever writes it. Raises Invalid."""
    check_terms(terms, await _clients_today(tx, room.id))
    state, goal_id = propose(_side(room)), GoalId(new_id())
    await tx.insert(
        "goals",
        id=goal_id,
        room_id=room.id,
        version=state.version,
        lifecycle=state.lifecycle.value,
        accepted_by=[side.value for side in state.accepted_by],
        due_on=terms.due_on,
        created_at=tx.now,
    )
    await _keep_version(tx, room, goal_id, state, terms, "")
    await tx.audit("add_goal", room_id=room.id, subject_id=goal_id)
    await _tell_the_other(tx, room, goal_id)
    return await _one(tx, room.id, goal_id)


async def change(tx: Transaction, room: WritableRoomId, goal_id: UUID, wanted: GoalChange) -> Goal:
    """Reword, accept, assess or move a goal; one new version holds it all, the earlier ones are kept.

    Raises NotFound, Conflict (also `goal_damaged`), Invalid as the lifecycle says; then nothing was changed.
    """
    row = await tx.one("SELECT id FROM goals WHERE id = %s AND room_id = %s FOR UPDATE", (goal_id, room.id))
    if row is None:
        raise NotFound
    goal = await _one(tx, room.id, goal_id)
    terms, state = goal.terms, goal.state
    if terms is None:
        raise Conflict("goal_damaged")
    if wanted.terms:
        terms = replace(terms, **wanted.terms)
        check_terms(terms, await _clients_today(tx, room.id))
        state = revise(state, _side(room))
    if wanted.accepted:
        state = accept(state, _side(room))
    if wanted.lifecycle is not None and wanted.lifecycle is not state.lifecycle:
        state = move(
            state,
            wanted.lifecycle,
            achievement=wanted.achievement,
            reason=wanted.reason,
            review_on=wanted.review_on,
        )
    elif wanted.achievement is not None:
        state = assess(state, wanted.achievement)
    if state == goal.state and terms == goal.terms:
        return goal
    state = replace(state, version=goal.state.version + 1)
    await _update(tx, goal_id, state, terms)
    await _keep_version(tx, room, goal_id, state, terms, wanted.reason)
    await tx.audit("change_goal", room_id=room.id, subject_id=goal_id, version=state.version)
    await _tell_the_other(tx, room, goal_id)
    return await _one(tx, room.id, goal_id)


async def _update(tx: Transaction, goal_id: UUID, state: GoalState, terms: GoalTerms) -> None:
    await tx.run(
        "UPDATE goals SET version = %s, lifecycle = %s, achievement = %s, accepted_by = %s, due_on = %s,"
        " review_on = %s WHERE id = %s",
        (
            state.version,
            state.lifecycle.value,
            state.achievement.value if state.achievement else None,
            sorted(side.value for side in state.accepted_by),
            terms.due_on,
            state.review_on,
            goal_id,
        ),
    )


async def _keep_version(
    tx: Transaction, room: WritableRoomId, goal_id: UUID, state: GoalState, terms: GoalTerms, reason: str
) -> None:
    key = await tx.key(KeyScope.ROOM, room.id)
    body = dumps(
        {
            "statement": terms.statement,
            "measure": terms.measure,
            "baseline": terms.baseline,
            "target": terms.target,
            "due_on": terms.due_on.isoformat() if terms.due_on else None,
            "reason": reason,
        }
    )
    await tx.insert(
        "goal_versions",
        goal_id=goal_id,
        version=state.version,
        room_id=room.id,
        body=seal_field(key, room.id, "goal_versions", f"body {state.version}", goal_id, body),
        lifecycle=state.lifecycle.value,
        achievement=state.achievement.value if state.achievement else None,
        author_id=room.actor.account_id,
        at=tx.now,
    )


async def _tell_the_other(tx: Transaction, room: WritableRoomId, goal_id: UUID) -> None:
    people = await tx.one("SELECT client_id, therapist_id FROM rooms WHERE id = %s", (room.id,))
    assert people is not None  # noqa: S101  the permit was minted from this row
    other = people["therapist_id"] if room.actor.role is Role.CLIENT else people["client_id"]
    await notify(tx, other, "goal_changed", goal_id, room.id)


async def _clients_today(tx: Transaction, room_id: UUID) -> date:
    row = await tx.one(
        "SELECT a.time_zone FROM rooms r JOIN accounts a ON a.id = r.client_id WHERE r.id = %s", (room_id,)
    )
    assert row is not None  # noqa: S101  the permit was minted from this row
    return tx.now.astimezone(zone(row["time_zone"])).date()


async def _one(tx: Transaction, room_id: UUID, goal_id: UUID) -> Goal:
    row = await tx.one("SELECT * FROM goals WHERE id = %s AND room_id = %s", (goal_id, room_id))
    if row is None:
        raise NotFound
    versions = await tx.all(
        "SELECT * FROM goal_versions WHERE goal_id = %s ORDER BY version DESC", (goal_id,)
    )
    async with opening(tx, room_id) as stored:
        return _goal(stored, row, versions)


def _side(room: WritableRoomId) -> Side:
    return Side.CLIENT if room.actor.role is Role.CLIENT else Side.CLINICIAN


def _goal(stored: Opening, row: Row, versions: list[Row]) -> Goal:
    state = GoalState(
        version=row["version"],
        lifecycle=Lifecycle(row["lifecycle"]),
        accepted_by=frozenset(map(Side, row["accepted_by"])),
        achievement=Achievement(row["achievement"]) if row["achievement"] else None,
        review_on=row["review_on"],
    )
    return Goal(row["id"], state, row["created_at"], tuple(_version(stored, each) for each in versions))


def _version(stored: Opening, row: Row) -> GoalVersion:
    terms, reason = None, ""
    text = stored.field("goal_versions", f"body {row['version']}", row["goal_id"], row["body"])
    if text is not None:
        words = json.loads(text)
        due_on, reason = words.pop("due_on"), words.pop("reason")
        terms = GoalTerms(**words, due_on=date.fromisoformat(due_on) if due_on else None)
    return GoalVersion(
        version=row["version"],
        terms=terms,
        reason=reason,
        lifecycle=row["lifecycle"],
        achievement=row["achievement"],
        author_id=row["author_id"],
        at=row["at"],
    )
