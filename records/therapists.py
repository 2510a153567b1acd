"""Therapists as matching sees them: where they may practise, who pays them, how full they are, what they state."""

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from domain.calendars import calendar_from_json
from domain.clinicians import ClinicianKind, clinician_kind
from domain.ids import TherapistId
from domain.licences import Licence, LicenceKind
from domain.match_profiles import Acuity, Count, Credential, TherapistProfile
from domain.seekers import stated_gender
from domain.week_hours import NEVER, week_hours
from records.database import Row, Transaction

PROMISES_SINCE: Final = timedelta(days=90)

_PROFILES = """
SELECT t.*, c.hours,
       coalesce((SELECT jsonb_agg(jsonb_build_array(l.state, l.active_from, l.expires_on, l.kind))
                 FROM licences l WHERE l.therapist_id = t.id), '[]') AS licences,
       coalesce((SELECT jsonb_agg(jsonb_build_array(p.code, k.active_from, k.active_to))
                 FROM payer_credentials k JOIN payers p ON p.id = k.payer_id WHERE k.therapist_id = t.id), '[]')
           AS credentials,
       coalesce(r.kept, 0) AS kept, coalesce(r.ended, 0) AS ended,
       coalesce(u.improved, 0) AS improved, coalesce(u.cases, 0) AS cases
FROM therapists t
JOIN accounts a ON a.id = t.id AND a.disabled_at IS NULL
LEFT JOIN calendars c ON c.therapist_id = t.id
LEFT JOIN therapist_outcomes u ON u.therapist_id = t.id
LEFT JOIN (SELECT therapist_id, count(*) FILTER (WHERE state = 'met') AS kept, count(*) AS ended
           FROM response_clocks WHERE state IN ('met', 'late') AND closed_at > %(since)s
           GROUP BY therapist_id) r ON r.therapist_id = t.id
WHERE %(only)s::uuid IS NULL OR t.id = %(only)s
"""


async def profiles(
    tx: Transaction, on: date, only: UUID | None = None
) -> dict[TherapistId, TherapistProfile]:
    """Everyone who works here (or the one asked for), with hours as of the week of a day."""
    rows = await tx.all(_PROFILES, {"since": tx.now - PROMISES_SINCE, "only": only})
    return {TherapistId(row["id"]): _profile(row, on) for row in rows}


async def therapist_kind(tx: Transaction, client_id: UUID) -> ClinicianKind | None:
    """Which kind of clinician the client's therapist is to a payer; None while there is none."""
    row = await tx.one(
        "SELECT t.taxonomy FROM rooms r JOIN therapists t ON t.id = r.therapist_id"
        " WHERE r.client_id = %s AND r.state = 'open'",
        (client_id,),
    )
    return clinician_kind(row["taxonomy"]) if row else None


def _profile(row: Row, on: date) -> TherapistProfile:
    hours = week_hours(calendar_from_json(row["hours"]), on) if row["hours"] else NEVER
    return TherapistProfile(
        therapist_id=TherapistId(row["id"]),
        licences=tuple(_licence(values) for values in row["licences"]),
        credentials=tuple(_credential(values) for values in row["credentials"]),
        languages=frozenset(row["languages"]),
        target_load=row["capacity"],
        most_load=row["capacity"],
        load=row["active_rooms"],
        specialties=frozenset(row["specialties"]),
        modalities=frozenset(row["modalities"]),
        traits=frozenset(
            {("gender", stated_gender(row["gender"]))} | {("style", style) for style in row["styles"]}
        ),
        ages=(row["age_from"], row["age_to"]),
        acuity_scope=Acuity[row["acuity"].upper()],
        hours=hours,
        messaging_on=row["messaging"],
        accepting=row["accepting"],
        promises_kept=Count(row["kept"], row["ended"]),
        outcomes=Count(row["improved"], row["cases"]),
    )


_KINDS: Final = {"licence": LicenceKind.STATE_LICENCE, "privilege": LicenceKind.COMPACT_PRIVILEGE}


def _licence(values: list[Any]) -> Licence:
    state, active_from, expires_on, kind = values
    return Licence(state, date.fromisoformat(active_from), date.fromisoformat(expires_on), _KINDS[kind])


def _credential(values: list[Any]) -> Credential:
    payer, active_from, active_to = values
    until = date.fromisoformat(active_to) if active_to else None
    return Credential(payer, date.fromisoformat(active_from), until)
