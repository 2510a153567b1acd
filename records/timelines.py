"""The timeline of a client's journey, as it stood at an instant."""

from dataclasses import dataclass
from datetime import datetime

from domain.access import ReadableClientId
from domain.errors import NotFound
from domain.stages import Stage
from records.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened to a client up to an instant: ids, codes and instants, never content."""

    code: str
    stage: str
    entries: list[Row]


async def timeline(tx: Transaction, client: ReadableClientId, as_of: datetime) -> Timeline:
    """The client's history as it stood at `as_of`, oldest first."""
    who = await tx.one("SELECT code FROM clients WHERE id = %s", (client.id,))
    if who is None:
        raise NotFound
    entries = await tx.all(_TIMELINE, {"id": client.id, "as_of": as_of})
    await tx.audit("read_timeline", subject_id=client.id)
    stages = [entry["code"] for entry in entries if entry["kind"] == "stage"]
    return Timeline(who["code"], stages[-1] if stages else Stage.REGISTERED.value, entries)


_TIMELINE = """
SELECT at, kind, code, subject_id FROM (
    SELECT created_at AS at, 'registered' AS kind, NULL AS code, id AS subject_id FROM clients WHERE id = %(id)s
    UNION ALL SELECT at, 'stage', stage, client_id FROM journey_steps WHERE client_id = %(id)s
    UNION ALL SELECT fired_at, 'journey_rung', whom, id FROM journey_rungs WHERE client_id = %(id)s
    UNION ALL SELECT since, 'located', state, client_id FROM client_places WHERE client_id = %(id)s
    UNION ALL SELECT at, CASE WHEN decided_by IS NULL THEN 'care_judged' ELSE 'care_decided' END, suitability, id
        FROM suitability_decisions WHERE client_id = %(id)s
    UNION ALL SELECT asked_at, 'guardian_asked', state, id FROM guardian_consents WHERE client_id = %(id)s
    UNION ALL SELECT answered_at, 'guardian_answered', answer, id FROM guardian_consents WHERE client_id = %(id)s
    UNION ALL SELECT created_at, 'coverage_given', kind, id FROM coverages WHERE client_id = %(id)s
    UNION ALL SELECT answered_at, 'coverage_answered', status, id FROM coverages WHERE client_id = %(id)s
    UNION ALL SELECT created_at, 'match_started', NULL, id FROM matches WHERE client_id = %(id)s
    UNION ALL SELECT offered_at, 'offered', NULL, id FROM offers WHERE client_id = %(id)s
    UNION ALL SELECT decided_at, 'offer_decided', state, id FROM offers WHERE client_id = %(id)s
    UNION ALL SELECT opened_at, 'room_opened', NULL, id FROM rooms WHERE client_id = %(id)s
    UNION ALL SELECT closed_at, 'room_closed', NULL, id FROM rooms WHERE client_id = %(id)s
    UNION ALL SELECT c.opened_at, 'clock_opened', c.kind, c.id FROM response_clocks c
        JOIN rooms r ON r.id = c.room_id WHERE r.client_id = %(id)s
    UNION ALL SELECT b.breached_at, 'clock_breached', NULL, b.clock_id FROM clock_breaches b
        JOIN rooms r ON r.id = b.room_id WHERE r.client_id = %(id)s
    UNION ALL SELECT c.closed_at, 'clock_closed', c.state, c.id FROM response_clocks c
        JOIN rooms r ON r.id = c.room_id WHERE r.client_id = %(id)s
    UNION ALL SELECT opened_at, 'risk_opened', urgency, id FROM risk_flags WHERE client_id = %(id)s
    UNION ALL SELECT acknowledged_at, 'risk_acknowledged', NULL, id FROM risk_flags WHERE client_id = %(id)s
    UNION ALL SELECT closed_at, 'risk_closed', NULL, id FROM risk_flags WHERE client_id = %(id)s
    UNION ALL SELECT e.at, 'claim', e.state, e.claim_id FROM claim_events e
        JOIN claims k ON k.id = e.claim_id WHERE k.client_id = %(id)s
) events
WHERE at IS NOT NULL AND at <= %(as_of)s
ORDER BY at, kind, subject_id
"""
