"""Intake: saved answer by answer, sealed under the chart key; who the client is goes to the profile for the payer."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from domain import intake_editions, intakes, zones
from domain.access import ReadableClientId, WritableClientId
from domain.errors import Conflict, FieldError, Invalid
from domain.guardians import Pathway
from domain.intake_forms import PATHWAY, IntakeForm
from domain.intakes import leaves, nested
from domain.journeys import Step, refuse_too_early
from domain.risk import Source, urgency_of_intake
from domain.states import state as find_state
from encryption.keys import KeyScope
from encryption.rooms import open_field, seal_field
from records import (
    charts,
    clients,
    guardian_letters,
    guardians,
    intake_corrections,
    journeys,
    needs,
    places,
    suitability,
)
from records.database import Row, Transaction, dumps
from records.risk import Flag, raise_flag

PROFILE_FIELDS: Final = ("address", "phone", "sex_on_file")
"""Kept in the profile (sealed under the billing key), not in the chart."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What was saved so far. `missing`: dotted names of what a submit still needs; `overwrote`: answers that another
    device had given meanwhile, and that count no longer.
    """

    version: int
    form: IntakeForm
    values: dict[str, Any] = field(repr=False)
    missing: list[str]
    submitted: bool
    pathway: Pathway | None
    marks: dict[str, int] = field(repr=False)
    question: Flag | None = None
    overwrote: tuple[str, ...] = ()

    @property
    def answers(self) -> dict[str, Any]:
        """By dotted name, with `pathway` for the form's conditions."""
        return leaves(self.values) | {PATHWAY: self.pathway}


async def read(tx: Transaction, client: ReadableClientId) -> Intake:
    """The intake as saved, for the client who goes on elsewhere and for those who care for them. Audited."""
    await tx.audit("read_intake", subject_id=client.id)
    return await _found(tx, client.id)


async def save(
    tx: Transaction, client: WritableClientId, part: dict[str, Any], seen: int | None = None
) -> Intake:
    """Keep a part; what is not in it stays as it was, answer by answer. `seen`: the version the writer looked at.
    Thoughts of suicide or of harming others within 30 days are asked about at once (`question`).

    Raises Conflict (`confirm_first`), Invalid (`unknown_state`).
    """
    await (places.hold_to_move if part.get("state") else journeys.hold)(tx, client.id)
    refuse_too_early(Step.INTAKE, await journeys.facts(tx, client.id))
    before = await _found(tx, client.id)
    said = intakes.changes(part, before.answers)
    for name in ("state", "address.state"):
        if said.get(name) is not None:
            find_state(said[name], name)
    saved = intakes.write(leaves(before.values), before.marks, said, version=before.version + 1, seen=seen)
    await _keep(tx, client.id, before, saved)
    if said.get("state") is not None:
        await places.say(tx, client, said["state"])
    await tx.audit("save_intake", subject_id=client.id)
    if before.submitted:
        await judge(tx, client.id)
        await needs.keep(tx, client.id)
        await journeys.advance(tx, client.id)
    found = await _found(tx, client.id)
    return replace(found, question=await _question(tx, client.id, part), overwrote=saved.overwrote)


async def _keep(tx: Transaction, client_id: UUID, before: Intake, saved: intakes.Saved) -> None:
    values = nested(saved.answers)
    mine: dict[str, Any] = {name: values.get(name) for name in PROFILE_FIELDS}
    if mine != {name: before.values.get(name) for name in PROFILE_FIELDS}:
        who = await clients.profile(tx, client_id)
        await clients.save_profile(tx, client_id, replace(who, **mine))
    if before.submitted and (earlier := intakes.corrected(leaves(before.values), saved.answers)):
        await intake_corrections.keep(tx, client_id, before.version + 1, earlier)
    rest = {name: value for name, value in values.items() if name not in PROFILE_FIELDS}
    key = await tx.key(KeyScope.CHART, client_id)
    await tx.run(
        "UPDATE clients SET intake_sealed = %s, intake_version = intake_version + 1, intake_marks = %s,"
        " intake_form = %s WHERE id = %s",
        (
            seal_field(key, client_id, "clients", "intake_sealed", client_id, dumps(rest)),
            dumps(saved.marks),
            before.form.version,
            client_id,
        ),
    )


async def _question(tx: Transaction, client_id: UUID, part: dict[str, Any]) -> Flag | None:
    urgency = urgency_of_intake(part.get("safety") or {})
    if urgency is None:
        return None
    return await raise_flag(tx, source=Source.INTAKE, urgency=urgency, client_id=client_id)


async def submit(tx: Transaction, client: WritableClientId) -> Intake:
    """The client is done: what care fits is judged, a guardian is written to where one is needed.

    Raises Conflict (`confirm_first`), Invalid naming each field that is missing, TooMany letters to a guardian.
    """
    await journeys.hold(tx, client.id)
    refuse_too_early(Step.INTAKE, await journeys.facts(tx, client.id))
    who = await clients.profile(tx, client.id)
    await guardians.settle(tx, client.id, who.date_of_birth, await _state(tx, client.id))
    saved = await _found(tx, client.id)
    if saved.missing:
        raise Invalid(*(FieldError(name, "missing") for name in saved.missing), code="intake_incomplete")
    await tx.run(
        "UPDATE clients SET intake_submitted_at = coalesce(intake_submitted_at, %s) WHERE id = %s",
        (tx.now, client.id),
    )
    await judge(tx, client.id)
    await needs.keep(tx, client.id)
    if saved.pathway is Pathway.GUARDIAN:
        await _write_to_guardian(tx, client.id, saved)
    await tx.audit("submit_intake", subject_id=client.id)
    await journeys.advance(tx, client.id)
    return replace(saved, submitted=True)


async def write_again(tx: Transaction, client: WritableClientId) -> None:
    """Another letter to the guardian, with a new link; none where the client is of age by now and goes on alone.

    Raises Conflict (`no_guardian_asked`), TooMany.
    """
    await journeys.hold(tx, client.id)
    who = await clients.profile(tx, client.id)
    await guardians.settle(tx, client.id, who.date_of_birth, await _state(tx, client.id))
    saved = await _found(tx, client.id)
    if saved.submitted and saved.pathway in (Pathway.ADULT, Pathway.MINOR):
        await journeys.advance(tx, client.id)
        return
    if (
        saved.pathway is not Pathway.GUARDIAN
        or not saved.submitted
        or "guardian_contact.email" not in saved.answers
    ):
        raise Conflict("no_guardian_asked")
    await _write_to_guardian(tx, client.id, saved, again=True)


async def _write_to_guardian(tx: Transaction, client_id: UUID, saved: Intake, *, again: bool = False) -> None:
    born = (await clients.profile(tx, client_id)).date_of_birth
    email, state = saved.answers["guardian_contact.email"], saved.answers["state"]
    await guardian_letters.ask(tx, client_id, email, born, state, again=again)


async def judge(tx: Transaction, client_id: UUID) -> None:
    """Judge anew what care fits, by the answers and the last C-SSRS screener. The caller moves the journey on."""
    answers = leaves(await charts.chart(tx, client_id)) | {"c_ssrs": await _c_ssrs(tx, client_id)}
    await suitability.settle(tx, client_id, answers)


async def _c_ssrs(tx: Transaction, client_id: UUID) -> object:
    row = await tx.one(
        "SELECT id, result_sealed FROM measure_responses WHERE client_id = %s AND instrument = 'C-SSRS'"
        " ORDER BY taken_at DESC, id LIMIT 1",
        (client_id,),
    )
    if row is None:
        return None
    key = await tx.key(KeyScope.CHART, client_id)
    text = open_field(key, client_id, "measure_responses", "result_sealed", row["id"], row["result_sealed"])
    figures: dict[str, object] = json.loads(text)
    return figures.get("risk")


async def _state(tx: Transaction, client_id: UUID) -> str | None:
    row = await tx.one("SELECT state FROM clients WHERE id = %s", (client_id,))
    return row["state"] if row else None


async def _found(tx: Transaction, client_id: UUID) -> Intake:
    row = await tx.one(
        "SELECT c.intake_version, c.intake_form, c.intake_marks, c.intake_submitted_at, c.guardian_pathway,"
        " a.time_zone FROM clients c JOIN accounts a ON a.id = c.id WHERE c.id = %s",
        (client_id,),
    )
    assert row is not None  # noqa: S101  the permit's client
    who = await clients.profile(tx, client_id)
    values = await charts.chart(tx, client_id)
    values |= {name: getattr(who, name) for name in PROFILE_FIELDS if getattr(who, name) is not None}
    form = _form(tx, row)
    pathway = Pathway(row["guardian_pathway"]) if row["guardian_pathway"] else None
    missing = form.missing(leaves(values) | {PATHWAY: pathway})
    submitted = row["intake_submitted_at"] is not None
    return Intake(row["intake_version"], form, values, missing, submitted, pathway, row["intake_marks"] or {})


def _form(tx: Transaction, row: Row) -> IntakeForm:
    """Who handed it in keeps the edition they were asked; who is still at it goes on in the present one."""
    today = tx.now.astimezone(zones.zone(row["time_zone"])).date()
    if row["intake_submitted_at"] is None:
        return intake_editions.form_on(today)
    return intake_editions.form_of(row["intake_form"], today)
