"""Intake: saved in parts, sealed under the chart key; who the client is goes to the profile the payer may see."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from domain import zones
from domain.access import ReadableClientId, WritableClientId
from domain.errors import FieldError, Invalid
from domain.intakes import missing_for_submit
from domain.journeys import Step, refuse_too_early
from domain.risk import Source, urgency_of_intake
from domain.states import state as find_state
from encryption.keys import KeyScope
from encryption.rooms import open_field, seal_field
from records import clients, journeys
from records.database import Transaction, dumps
from records.risk import Flag, raise_flag

PROFILE_FIELDS: Final = ("address", "phone", "sex_on_file")
"""Kept in the profile (sealed under the billing key), not in the chart."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What was saved so far. `missing`: dotted names of what a submit still needs."""

    version: int
    values: dict[str, Any] = field(repr=False)
    missing: list[str]
    submitted: bool
    question: Flag | None = None


async def read(tx: Transaction, client: ReadableClientId) -> Intake:
    """The intake as saved, for the client who goes on elsewhere and for those who care for them. Audited."""
    await tx.audit("read_intake", subject_id=client.id)
    return await _found(tx, client.id)


async def save(tx: Transaction, client: WritableClientId, part: dict[str, Any]) -> Intake:
    """Keep a part; what is not in it stays as it was. Thoughts of suicide or of harming others within 30 days
    are asked about at once (`question`).

    Raises Conflict (`confirm_first`), Invalid (`unknown_state`).
    """
    await tx.one("SELECT id FROM clients WHERE id = %s FOR UPDATE", (client.id,))
    refuse_too_early(Step.INTAKE, await journeys.facts(tx, client.id))
    if part.get("state") is not None:
        find_state(part["state"])
    await _save_profile(tx, client.id, part)
    await _save_chart(tx, client.id, {k: v for k, v in part.items() if k not in PROFILE_FIELDS})
    if part.get("state") is not None:
        await clients.set_location(tx, client, part["state"])
    await tx.audit("save_intake", subject_id=client.id)
    urgency = urgency_of_intake(part.get("safety") or {})
    question = None
    if urgency is not None:
        question = await raise_flag(tx, source=Source.INTAKE, urgency=urgency, client_id=client.id)
    return replace(await _found(tx, client.id), question=question)


async def submit(tx: Transaction, client: WritableClientId) -> Intake:
    """The client is done. Raises Conflict (`confirm_first`), Invalid naming each field that is missing."""
    await tx.one("SELECT id FROM clients WHERE id = %s FOR UPDATE", (client.id,))
    refuse_too_early(Step.INTAKE, await journeys.facts(tx, client.id))
    saved = await _found(tx, client.id)
    if saved.missing:
        raise Invalid(*(FieldError(name, "missing") for name in saved.missing), code="intake_incomplete")
    await tx.run(
        "UPDATE clients SET intake_submitted_at = coalesce(intake_submitted_at, %s) WHERE id = %s",
        (tx.now, client.id),
    )
    await tx.audit("submit_intake", subject_id=client.id)
    await journeys.advance(tx, client.id)
    return replace(saved, submitted=True)


async def chart(tx: Transaction, client_id: UUID) -> dict[str, Any]:
    """The intake in the chart, opened: for matching. Raises Unreadable when it is not for this actor."""
    row = await tx.one("SELECT intake_sealed FROM clients WHERE id = %s", (client_id,))
    if row is None or row["intake_sealed"] is None:
        return {}
    key = await tx.key(KeyScope.CHART, client_id)
    text = open_field(key, client_id, "clients", "intake_sealed", client_id, row["intake_sealed"])
    values: dict[str, Any] = json.loads(text)
    return values


async def _found(tx: Transaction, client_id: UUID) -> Intake:
    row = await tx.one(
        "SELECT c.intake_version, c.intake_submitted_at, a.time_zone FROM clients c"
        " JOIN accounts a ON a.id = c.id WHERE c.id = %s",
        (client_id,),
    )
    assert row is not None  # noqa: S101  the permit's client
    who = await clients.profile(tx, client_id)
    values = await chart(tx, client_id)
    values |= {name: getattr(who, name) for name in PROFILE_FIELDS if getattr(who, name) is not None}
    today = tx.now.astimezone(zones.zone(row["time_zone"])).date()
    missing = missing_for_submit(values, age=who.age_on(today))
    return Intake(row["intake_version"], values, missing, row["intake_submitted_at"] is not None)


async def _save_profile(tx: Transaction, client_id: UUID, part: dict[str, Any]) -> None:
    changed = {name: part[name] for name in PROFILE_FIELDS if name in part}
    if changed:
        who = await clients.profile(tx, client_id)
        await clients.save_profile(tx, client_id, replace(who, **changed))


async def _save_chart(tx: Transaction, client_id: UUID, part: dict[str, Any]) -> None:
    values = {**await chart(tx, client_id), **part}
    key = await tx.key(KeyScope.CHART, client_id)
    await tx.run(
        "UPDATE clients SET intake_sealed = %s, intake_version = intake_version + 1 WHERE id = %s",
        (seal_field(key, client_id, "clients", "intake_sealed", client_id, dumps(values)), client_id),
    )
