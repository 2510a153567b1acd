"""Chapter three: from a signed note to a paid claim."""

import asyncio

from kindroom.demo.arrival import PAYER
from kindroom.demo.house import DemoFailed, Json, until
from kindroom.demo.walk import Walk, dollars

_CLINICAL_MINUTES = 25
_REPORTS_SECONDS = 90.0
_STATIONS = {"file_accepted": "999", "payer_accepted": "277CA", "paid": "835"}
_NOTE = {
    "kind": "DAP",
    "sections": {
        "data": "First week. Client wrote about mornings before work.",
        "assessment": "Engaged; agreed on a first small step. No concern about safety was raised.",
        "plan": "Walks before work; look at it together next week.",
    },
}


async def bill(walk: Walk) -> None:
    """Diagnosis, note, attestation, service line, batch, acknowledgements, payment, report. Raises DemoFailed."""
    walk.screen.chapter("Billing")
    note_id, diagnosis_ids = await _paperwork(walk)
    await _attest(walk, note_id, diagnosis_ids)
    await _batch(walk)
    await _paid(walk)
    await _ageing(walk)


async def _paperwork(walk: Walk) -> tuple[str, list[str]]:
    with walk.screen.step("The clinician enters a diagnosis and signs a note") as step:
        path = f"/v1/rooms/{walk.room_id}"
        found = await walk.therapist.put(f"{path}/diagnoses", {"codes": ["F41.1"]})
        note = await walk.therapist.post(f"{path}/notes", _NOTE)
        signed = await walk.therapist.post(f"{path}/notes/{note['note_id']}/sign", status=200)
        if signed["signed_at"] is None:
            raise DemoFailed("the note should be signed")
        step.say("locked from now on; an addendum is all that can follow")
        return note["note_id"], [each["diagnosis_id"] for each in found["items"]]


async def _attest(walk: Walk, note_id: str, diagnosis_ids: list[str]) -> None:
    path = f"/v1/rooms/{walk.room_id}/messaging-sessions"
    with walk.screen.step("The billable window ends") as step:

        async def ended() -> Json | None:
            found = await walk.therapist.get(path)
            first = found["items"][-1] if found["items"] else None
            over = first is not None and first["state"] == "awaiting_attestation"
            return {**found, "session": first} if over else None

        found = await until("a messaging session that awaits its attestation", ended, 60)
        session = found["session"]
        step.say(f"workload {session['workload']['minutes']:.1f} minutes: a label for people, never a code")
        await walk.show(step, f"messaging-{walk.room_id}-{session['n']}")
    with walk.screen.step(f"The clinician attests {_CLINICAL_MINUTES} clinical minutes") as step:
        attestation = {
            "note_id": note_id,
            "clinical_minutes": _CLINICAL_MINUTES,
            "diagnosis_ids": diagnosis_ids,
            "statement": found["statement"],
        }
        attested = await walk.therapist.post(
            f"/v1/messaging-sessions/{session['messaging_session_id']}/attest", attestation
        )
        line = attested["service_line"]
        if line is None or line["state"] != "unbilled":
            why = ", ".join(line["blocked_by"]) if line else "no service line"
            raise DemoFailed(f"the attested session should be billable ({why})")
        step.say(f"service line {line['code']}, {dollars(line['charge'])}")


async def _batch(walk: Walk) -> None:
    billing = await walk.staff("billing")
    with walk.screen.step("The billing office makes a batch: an 837P that pyx12 accepts") as step:
        await billing.post("/v1/claim-batches", {"payer": PAYER})
        claim = await _own_claim(walk)
        walk.claim_id, walk.batch_id = claim["claim_id"], claim["batch_id"]

        async def sent() -> Json | None:
            found = await billing.get(f"/v1/claim-batches/{walk.batch_id}")
            if found["state"] == "refused":
                raise DemoFailed("our own gate should not refuse the file")
            return found if found["state"] not in ("building", "ready") else None

        found = await until("the batch to be handed in", sent, 60)
        await _check_file(walk)
        step.say(f"{found['claims']} claims, {dollars(found['total'])}, SHA-256 {found['sha256'][:16]}...")
        await walk.show(step, f"claims-{walk.batch_id}")


async def _own_claim(walk: Walk) -> Json:
    """The client's claim; it may be in the batch of somebody who was quicker."""
    billing = await walk.staff("billing")
    claims = (await billing.get("/v1/claims", limit="200"))["items"]
    own: Json | None = next((each for each in claims if each["client_code"] == walk.client_code), None)
    if own is None or own["batch_id"] is None:
        raise DemoFailed("the client's service should be on a claim in a batch")
    return own


async def _check_file(walk: Walk) -> None:
    from x12.gate import gate  # the maps take a second to load

    billing = await walk.staff("billing")
    content = await billing.download(f"/v1/claim-batches/{walk.batch_id}/837")
    findings = await asyncio.to_thread(gate, content)
    if findings:
        raise DemoFailed(f"pyx12 should accept the file; {len(findings)} findings, first {findings[0].code}")


async def _paid(walk: Walk) -> None:
    billing = await walk.staff("billing")
    with walk.screen.step("999, 277CA and 835 move the claim to paid") as step:

        async def paid() -> Json | None:
            found = await billing.get(f"/v1/claims/{walk.claim_id}")
            if found["state"] in ("denied", "payer_rejected", "group_rejected", "interchange_rejected"):
                raise DemoFailed(f"the claim should be paid, not {found['state']}")
            return found if found["state"] == "paid" else None

        claim = await until("the claim to be paid", paid, _REPORTS_SECONDS)
        seen = {event["state"]: event for event in claim["history"]}
        missing = [report for state, report in _STATIONS.items() if state not in seen]
        if missing:
            raise DemoFailed(f"the claim's history should show {', '.join(missing)}")
        for state, report in _STATIONS.items():
            step.say(f"{report}: {state.replace('_', ' ')}")
        step.say(
            f"charged {dollars(claim['charge'])}, allowed {dollars(claim['allowed'])}, paid {dollars(claim['paid'])},"
            f" patient {dollars(claim['patient_share'])}"
        )
        await walk.show(step, f"claims-{walk.batch_id}")


async def _ageing(walk: Walk) -> None:
    billing = await walk.staff("billing")
    with walk.screen.step("The ageing report shows it") as step:
        claim = await billing.get(f"/v1/claims/{walk.claim_id}")
        report = await billing.get("/v1/reports/ageing")
        row = next((each for each in report["rows"] if each["payer"] == claim["payer_name"]), None)
        if row is None:
            raise DemoFailed("the ageing report should have a row for the payer")
        step.say(
            f"{row['payer']}: {row['claims']} claims, paid {dollars(row['paid'])},"
            f" outstanding {dollars(row['outstanding'])}, as of {report['as_of']}"
        )
