"""Every route of the API by everybody: who is let in, and that nobody else finds or changes a thing.

A route that is not in the table fails the first test: say there who may use it.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import psycopg
from belongings import Belongings, everything, fill_room
from fastapi.routing import APIRoute
from people import Api, ClientAs

import api.app

if TYPE_CHECKING:
    from conftest import Databases

PEOPLE = (
    "client",
    "therapist",
    "other client",
    "other therapist",
    "supervisor",
    "billing",
    "administrator",
    "nobody",
)


@dataclass(frozen=True)
class Door:
    """Who is let in; what other roles get. `purpose`: a supervisor without a purpose is told so (403)."""

    who: frozenset[str]
    otherwise: int = 404
    purpose: bool = False
    body: Any = None
    lets_in: int | None = None  # where even those who may get another answer than success or a state conflict

    def expected(self, person: str) -> set[int]:
        """The answers that are right."""
        if person in self.who:
            return {self.lets_in} if self.lets_in else SUCCESS
        if person == "nobody":
            return {401}
        if person.removeprefix("other ") in self.who:
            return {404}  # of the right role, and not theirs
        return {403} if self.purpose and person == "supervisor" else {self.otherwise}


SUCCESS = {200, 201, 202, 204, 409}


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


ANYONE, SIGNED_IN = frozenset(PEOPLE), frozenset(PEOPLE) - {"nobody"}
CLIENT, THERAPIST, BOTH = _of("client"), _of("therapist"), _of("client", "therapist")
CLIENTS, THERAPISTS = _of("client", "other client"), _of("therapist", "other therapist")
SUPERVISOR, BILLING, ADMINISTRATOR = _of("supervisor"), _of("billing"), _of("administrator")
ROOM = "/v1/rooms/{room_id}"
SOAP = {"kind": "SOAP", "sections": {"plan": "x"}}
WHY = {"purpose": "quality", "reason": "Review after a complaint."}
EMERGENCY = {"client_code": "K-7Q2F", "reason": "Nobody of her care answers.", "password": "not mine"}
CONTRACT = {
    "modality": "async",
    "code": "98972",
    "charge": "75.00",
    "allowed": "45.00",
    "place_of_service": "11",
    "effective_from": "2030-01-01",
}
PAYER = {"code": "optum", "name": "Optum", "payer_number": "87726"}
SPONSOR = {"name": "A", "kind": "school", "code": "SCHOOL-1", "sessions_each": 3, "active_from": "2026-01-01"}
PAYER_CHANGE = {"name": "Optum", "payer_number": "87726", "effective_from": "2031-01-01"}
PLAN = {"code": "ppo", "name": "PPO", "effective_from": "2026-01-01", "group_numbers": ["78358"]}
TERMS = {"sessions_each": 3, "effective_from": "2031-01-01"}
REGISTRATION = {
    "email": "new@example.org",
    "password": "quiet river stones 41",
    "legal_name": "Ben Okoro",
    "date_of_birth": "1990-01-15",
    "time_zone": "America/New_York",
}
ATTESTATION = {
    "note_id": str(uuid4()),
    "clinical_minutes": 20,
    "diagnosis_ids": [str(uuid4())],
    "statement": "As shown.",
}
LICENCE = {"state": "TX", "number": "TX-1", "active_from": "2031-01-01", "expires_on": "2033-01-01"}
HOURS = {"tz": "America/New_York", "weekly": {"mon": [["09:00", "17:00"]]}, "holidays": []}
LEAVE = {"from": "2031-01-01T00:00:00Z", "to": "2031-01-05T00:00:00Z", "note": ""}
INSURANCE = {"kind": "insurance", "payer": "cigna", "member_id": "U1234567801"}
RETENTION = {"effective_from": "2099-01-01", "years": 9, "source": "A new law"}
SIGNATURE = {"document": "privacy_notice", "version": "2025-01", "signature": "Ana"}


def unknown(who: frozenset[str], otherwise: int = 403, body: Any = None) -> Door:
    """Of the office: it is let in and told that there is no such thing."""
    return Door(who, otherwise, lets_in=404, body=body)


TABLE: dict[str, Door] = {
    # Sign-in
    "POST /v1/auth/token": Door(ANYONE, lets_in=422),
    "GET /v1/me": Door(SIGNED_IN),
    "GET /v1/me/devices": Door(SIGNED_IN),
    "GET /v1/me/device-key": Door(SIGNED_IN),
    "GET /v1/me/push-key": Door(SIGNED_IN),
    "POST /v1/me/push-subscriptions": Door(SIGNED_IN, body={"endpoint": "https://fcm.googleapis.com/x"}),
    "DELETE /v1/me/push-subscriptions": Door(SIGNED_IN),
    "GET /v1/me/notice-settings": Door(SIGNED_IN),
    "PUT /v1/me/notice-settings": Door(SIGNED_IN, body={"mail": True, "push": True}),
    "PUT /v1/me/passcode": Door(SIGNED_IN, body={"passcode": "730518"}),
    "POST /v1/clients": Door(ANYONE, body=REGISTRATION),
    "POST /v1/clients/confirm": Door(ANYONE, body={"token": str(uuid4()), "password": "x"}, lets_in=404),
    "POST /v1/help-now": Door(ANYONE),
    "GET /v1/public/payers": Door(ANYONE),
    "GET /v1/public/payers/{payer}": Door(ANYONE),
    # Client
    "GET /v1/journey": Door(CLIENTS, 403),
    "POST /v1/journey/pause": Door(CLIENTS, 403),
    "POST /v1/journey/resume": Door(CLIENTS, 403),
    "GET /v1/intake": Door(CLIENTS, 403),
    "PUT /v1/intake": Door(CLIENTS, 403, body={"focus": ["sleep"]}),
    "GET /v1/intake/form": Door(CLIENTS, 403),
    "POST /v1/intake/submit": Door(CLIENTS, 403, lets_in=422),
    "POST /v1/intake/guardian": Door(CLIENTS, 403),
    "POST /v1/guardian-replies": Door(
        ANYONE,
        body={
            "token": str(uuid4()),
            "answer": "consented",
            "date_of_birth": "2010-06-01",
            "signature": "Somebody",
            "version": "2026-01",
        },
        lets_in=404,
    ),
    "GET /v1/clients/{client_id}/intake": Door(THERAPIST, purpose=True),
    "GET /v1/me/suitability": Door(CLIENTS, 403),
    "GET /v1/suitability": Door(SUPERVISOR, 403),
    "POST /v1/clients/{client_id}/suitability": Door(
        SUPERVISOR, body={"suitability": "messaging", "rationale": "Seen."}
    ),
    "PUT /v1/me/location": Door(CLIENTS, 403, body={"state": "NY"}),
    "GET /v1/consents": Door(CLIENTS, 403),
    "POST /v1/consents": Door(CLIENTS, 403, body=SIGNATURE),
    "POST /v1/consents/part_2/withdraw": Door(CLIENTS, 403, lets_in=409),
    "GET /v1/measures": Door(CLIENTS, 403),
    "GET /v1/measures/PHQ-9": Door(CLIENTS, 403),
    "POST /v1/measures/PHQ-9/responses": Door(CLIENTS, 403, body={"answers": [0] * 9}),
    "GET /v1/measures/PHQ-9/responses": Door(CLIENTS, 403),
    "GET /v1/risk-flags/mine": Door(CLIENTS, 403),
    "GET /v1/payers": Door(SIGNED_IN),
    "GET /v1/receipts": Door(CLIENTS),
    "GET /v1/coverages": Door(CLIENTS),
    "POST /v1/coverages": Door(CLIENTS, body=INSURANCE),
    "GET /v1/coverages/{coverage_id}": Door(CLIENT | BILLING),
    "PUT /v1/coverages/{coverage_id}/letters": Door(CLIENT, body={"letters": "asked"}, lets_in=409),
    "GET /v1/coverages/{coverage_id}/services": Door(CLIENT | BILLING),
    "GET /v1/coverages/{coverage_id}/credits": Door(CLIENT | BILLING),
    "POST /v1/coverages/{coverage_id}/resolve": Door(CLIENT | BILLING, body={}),
    "GET /v1/matches": Door(CLIENTS),
    "POST /v1/matches/choice": Door(CLIENTS, body={"therapist_ids": [str(uuid4())]}),
    "GET /v1/me/erasure": Door(CLIENTS, 403),
    "POST /v1/me/erasure": Door(CLIENTS, 403, body={"password": "not mine"}, lets_in=422),
    "DELETE /v1/me/erasure": Door(CLIENTS, 403, lets_in=404),
    # Room
    "GET /v1/rooms": Door(SIGNED_IN),
    f"GET {ROOM}": Door(BOTH | SUPERVISOR),
    f"POST {ROOM}/messages": Door(BOTH, purpose=True, body={"text": "Hi."}),
    f"GET {ROOM}/messages": Door(BOTH, purpose=True),
    f"PATCH {ROOM}/messages/{{message_id}}": Door(CLIENT, body={"text": "Hi!"}),
    f"GET {ROOM}/messages/{{message_id}}/revisions": Door(BOTH, purpose=True),
    f"GET {ROOM}/stars": Door(BOTH, purpose=True),
    f"PUT {ROOM}/messages/{{message_id}}/star": Door(BOTH),
    f"DELETE {ROOM}/messages/{{message_id}}/star": Door(BOTH),
    f"POST {ROOM}/media": Door(
        BOTH, purpose=True, body={"kind": "audio", "content_type": "audio/webm;codecs=opus"}
    ),
    "PUT /v1/media/{medium_id}": Door(
        CLIENT, purpose=True, lets_in=422
    ),  # it says of no bytes where they belong
    "HEAD /v1/media/{medium_id}": Door(CLIENT, purpose=True),
    "GET /v1/media/{medium_id}/status": Door(CLIENT, purpose=True),
    "PUT /v1/media/{medium_id}/captions": Door(CLIENT, purpose=True, body="WEBVTT\n"),
    "GET /v1/media/{medium_id}": Door(CLIENT, purpose=True, lets_in=404),  # there is nothing to play yet
    "DELETE /v1/media/{medium_id}": Door(CLIENT, purpose=True),
    f"PUT {ROOM}/read": Door(BOTH, purpose=True, body={"seq": 1}),
    f"PUT {ROOM}/draft": Door(BOTH, purpose=True, body={"text": "Hi"}),
    f"GET {ROOM}/draft": Door(BOTH, purpose=True),
    f"POST {ROOM}/search": Door(BOTH, purpose=True, body={"q": "hello"}),
    f"POST {ROOM}/export": Door(CLIENT),
    f"GET {ROOM}/access-log": Door(BOTH | SUPERVISOR),
    f"POST {ROOM}/clock/extend": Door(CLIENT, body={"by": "PT4H"}),
    f"GET {ROOM}/clock/explanation": Door(BOTH | SUPERVISOR, lets_in=404),
    f"POST {ROOM}/hold": Door(
        SUPERVISOR, body={"reason": "unreachable", "review_by": "2199-01-01T00:00:00Z"}, lets_in=422
    ),
    f"DELETE {ROOM}/hold": Door(SUPERVISOR),
    f"POST {ROOM}/clock/waive": Door(THERAPIST | SUPERVISOR, body={"reason": "duplicate"}),
    f"POST {ROOM}/clock/close-question": Door(CLIENT),
    f"GET {ROOM}/goals": Door(BOTH, purpose=True),
    f"POST {ROOM}/goals": Door(BOTH, body={"statement": "Walk."}),
    f"PATCH {ROOM}/goals/{{goal_id}}": Door(BOTH, body={"accepted": True}),
    f"GET {ROOM}/check-ins": Door(BOTH, purpose=True),
    f"POST {ROOM}/check-ins": Door(BOTH),
    f"POST {ROOM}/check-ins/{{check_in_id}}/responses": Door(CLIENT, body={"value": 5}),
    "GET /v1/events": Door(SIGNED_IN),
    "GET /v1/notices": Door(SIGNED_IN),
    "POST /v1/notices/read": Door(SIGNED_IN, body={"notice_ids": [str(uuid4())]}),
    # Therapist
    "GET /v1/inbox": Door(THERAPISTS, 403),
    "POST /v1/matches/switch": Door(CLIENTS, body={"share_history": False}),
    "DELETE /v1/matches/switch": Door(CLIENTS),
    "GET /v1/transfers": Door(THERAPISTS, 403),
    "GET /v1/transfers/{transfer_id}": unknown(THERAPISTS),
    "PUT /v1/transfers/{transfer_id}/note": unknown(THERAPISTS, body={"text": "x"}),
    "GET /v1/licences": Door(_of("supervisor", "administrator"), 403),
    "GET /v1/me/licences": Door(THERAPISTS, 403),
    "GET /v1/therapists/{therapist_id}/licences": Door(_of("supervisor", "administrator"), 403),
    "POST /v1/therapists/{therapist_id}/licences": Door(ADMINISTRATOR, 403, body=LICENCE),
    "POST /v1/licences/{licence_id}/renew": unknown(ADMINISTRATOR, body={"expires_on": "2099-01-01"}),
    "POST /v1/licences/{licence_id}/end": unknown(
        ADMINISTRATOR, body={"on": "2099-01-01", "why": "suspended"}
    ),
    "POST /v1/therapists/{therapist_id}/credentials": Door(
        ADMINISTRATOR, 403, body={"payer": "{payer}", "active_from": "2031-01-01"}
    ),
    "POST /v1/therapists/{therapist_id}/credentials/end": unknown(
        ADMINISTRATOR,
        body={"payer": "{payer}", "active_from": "2032-01-01", "active_to": "2033-01-01"},
    ),
    "GET /v1/offers": Door(THERAPISTS, 403),
    "POST /v1/offers/{offer_id}/decline": Door(THERAPIST, 403),
    "POST /v1/offers/{offer_id}/accept": Door(THERAPIST, 403),
    "GET /v1/me/hours": Door(THERAPISTS, 403),
    "PUT /v1/me/hours": Door(THERAPISTS, 403, body=HOURS),
    "PUT /v1/me/capacity": Door(THERAPISTS, 403, body={"clients": 12}),
    "POST /v1/me/leave": Door(THERAPISTS, 403, body=LEAVE),
    "GET /v1/me/leave": Door(THERAPISTS, 403),
    "GET /v1/covers": Door(THERAPISTS, 403),
    "POST /v1/covers/{cover_offer_id}/decline": Door(THERAPIST, 403),
    "POST /v1/covers/{cover_offer_id}/take": Door(THERAPIST, 403),
    f"GET {ROOM}/notes": Door(THERAPIST, purpose=True),
    f"POST {ROOM}/notes": Door(THERAPIST, body=SOAP),
    f"PUT {ROOM}/notes/{{note_id}}": Door(THERAPIST, body={"sections": {"plan": "y"}}),
    f"POST {ROOM}/notes/{{note_id}}/sign": Door(THERAPIST),
    f"GET {ROOM}/diagnoses": Door(THERAPIST, purpose=True),
    f"PUT {ROOM}/diagnoses": Door(THERAPIST, body={"codes": ["F41.1"]}),
    f"GET {ROOM}/messaging-sessions": Door(BOTH, purpose=True),
    "POST /v1/messaging-sessions/{session_id}/attest": Door(THERAPIST, body=ATTESTATION),
    # Supervisor
    f"POST {ROOM}/consults": Door(THERAPIST, body={"question": "What would you do?"}),
    f"GET {ROOM}/consults": Door(THERAPIST),
    "GET /v1/consults": Door(SUPERVISOR, 403),
    "POST /v1/consults/{consult_id}/answer": Door(SUPERVISOR, 403, body={"answer": "Ask once more."}),
    "GET /v1/clocks": Door(SUPERVISOR, 403),
    "GET /v1/clocks/{clock_id}/explanation": Door(THERAPIST | SUPERVISOR),
    "POST /v1/clocks/{clock_id}/acknowledge": Door(SUPERVISOR, 403),
    "POST /v1/clocks/bulk-acknowledge": Door(SUPERVISOR, 403, body={"clock_ids": [str(uuid4())]}),
    "POST /v1/clocks/bulk-reassign": Door(
        SUPERVISOR,
        403,
        body={"clock_ids": [str(uuid4())], "therapist_id": "auto", "reason": "other", "dry_run": True},
    ),
    "POST /v1/clocks/{clock_id}/review": Door(SUPERVISOR, 403, body={"reason": "workload"}),
    "GET /v1/breaches": Door(SUPERVISOR, 403),
    "POST /v1/undo/{action_id}": unknown(SUPERVISOR),
    "GET /v1/supervision/load": Door(SUPERVISOR, 403),
    "GET /v1/board-views": Door(SUPERVISOR, 403),
    "POST /v1/board-views": Door(SUPERVISOR, 403, body={"name": "Mine", "query": "state=overdue"}),
    "PATCH /v1/board-views/{view_id}": Door(SUPERVISOR, 403, body={"name": "Ours"}, lets_in=404),
    "DELETE /v1/board-views/{view_id}": unknown(SUPERVISOR),
    f"POST {ROOM}/access": Door(SUPERVISOR, body=WHY),
    f"PUT {ROOM}/policy": Door(SUPERVISOR, body={"name": "morning"}),
    "GET /v1/break-glass": Door(SUPERVISOR, 403),
    "POST /v1/break-glass": Door(THERAPISTS | SUPERVISOR, 403, body=EMERGENCY, lets_in=422),
    "POST /v1/break-glass/{access_id}/review": Door(
        SUPERVISOR, 403, body={"review": "justified"}, lets_in=404
    ),
    "GET /v1/response-policies": Door(SUPERVISOR | ADMINISTRATOR, 403),
    "GET /v1/response-terms": Door(SUPERVISOR | ADMINISTRATOR, 403),
    "PUT /v1/response-terms": Door(SUPERVISOR | ADMINISTRATOR, 403, body={"name": "morning"}),
    "GET /v1/service-plans": Door(SUPERVISOR | ADMINISTRATOR, 403),
    "PUT /v1/service-plans/plus/policy": Door(SUPERVISOR | ADMINISTRATOR, 403, body={"name": "morning"}),
    "PUT /v1/clients/{client_id}/service-plan": Door(SUPERVISOR | ADMINISTRATOR, 403, body={"plan": "plus"}),
    "GET /v1/response-policies/morning": Door(SUPERVISOR | ADMINISTRATOR, 403),
    "PUT /v1/response-policies/morning": Door(
        SUPERVISOR | ADMINISTRATOR, 403, body={"kind": "working_minutes", "minutes": 60}
    ),
    "GET /v1/supervision/summary": Door(SUPERVISOR, 403),
    "GET /v1/supervision/reports": Door(SUPERVISOR, 403),
    "GET /v1/supervision/reports/response_times": Door(SUPERVISOR, 403),
    "POST /v1/supervision/back-tests": Door(SUPERVISOR, 403, body={"policy": {"name": "morning"}}),
    "GET /v1/supervision/health": Door(SUPERVISOR | ADMINISTRATOR, 403),
    "GET /v1/clients/{client_id}/timeline": Door(SUPERVISOR),
    "GET /v1/leaves": Door(SUPERVISOR, 403),
    "GET /v1/leaves/{leave_id}": Door(SUPERVISOR, 403),
    "POST /v1/leaves/{leave_id}/covers": Door(
        SUPERVISOR, 403, body={"room_id": "{room_id}", "therapist_id": "{therapist_id}"}
    ),
    "PATCH /v1/leaves/{leave_id}": Door(
        THERAPIST | SUPERVISOR, 403, body={"from": LEAVE["from"], "to": LEAVE["to"]}
    ),
    "DELETE /v1/leaves/{leave_id}": Door(THERAPIST | SUPERVISOR, 403),
    "GET /v1/journey-policies": Door(SUPERVISOR | ADMINISTRATOR, 403),
    "GET /v1/journey-policies/payer_answer": Door(SUPERVISOR | ADMINISTRATOR, 403),
    "PUT /v1/journey-policies/payer_answer": Door(
        SUPERVISOR | ADMINISTRATOR,
        403,
        body={"due_seconds": 60, "ladder": [{"after_seconds": 60, "whom": "supervisor"}]},
    ),
    "GET /v1/stuck-journeys": Door(SUPERVISOR, 403),
    "POST /v1/stuck-journeys/{client_id}/take": Door(SUPERVISOR),
    "POST /v1/stuck-journeys/{client_id}/hand-back": Door(SUPERVISOR),
    "POST /v1/stuck-journeys/{client_id}/remind": Door(SUPERVISOR),
    "GET /v1/match-desk": Door(SUPERVISOR, 403),
    "GET /v1/match-desk/{search_id}": Door(SUPERVISOR),
    "POST /v1/match-desk/{search_id}/place": Door(SUPERVISOR, body={"therapist_id": "{therapist_id}"}),
    "POST /v1/match-desk/{search_id}/offer": Door(SUPERVISOR, body={"therapist_id": "{therapist_id}"}),
    "POST /v1/match-desk/{search_id}/look-again": Door(SUPERVISOR),
    "POST /v1/match-desk/{search_id}/keep-apart": Door(
        SUPERVISOR, body={"therapist_id": "{therapist_id}", "reason": "conflict"}
    ),
    "GET /v1/waiting-lists": Door(SUPERVISOR, 403),
    "POST /v1/waiting-lists": Door(SUPERVISOR, 403),
    "GET /v1/waiting-lists/{run_id}": unknown(SUPERVISOR),
    "GET /v1/waiting-lists/{run_id}/report": unknown(SUPERVISOR),
    "POST /v1/waiting-lists/{run_id}/offers": Door(
        SUPERVISOR, 403, body={"match_ids": [str(uuid4())]}, lets_in=404
    ),
    "GET /v1/matching-reports": Door(SUPERVISOR, 403),
    "GET /v1/matching-reports/exposure": Door(SUPERVISOR, 403),
    "GET /v1/risk-flags": Door(SUPERVISOR, 403),
    "POST /v1/risk-flags/{flag_id}/safe-now": Door(CLIENT, 403, body={"safe": True}),
    "POST /v1/risk-flags/{flag_id}/acknowledge": Door(THERAPIST | SUPERVISOR),
    "POST /v1/risk-flags/{flag_id}/close": Door(THERAPIST | SUPERVISOR, body={"rationale": "Spoke."}),
    # Billing
    "GET /v1/eligibility-worklist": Door(BILLING, 403),
    "POST /v1/eligibility-worklist/ask-again": Door(BILLING, 403, body={"work": "alarm"}),
    "GET /v1/coverages/{coverage_id}/questions": Door(BILLING, 403),
    "GET /v1/services": Door(BILLING, 403),
    "POST /v1/claim-batches": Door(BILLING, 403, body={}),
    "GET /v1/claim-batches": Door(BILLING, 403),
    "GET /v1/claim-batches/{batch_id}": unknown(BILLING),
    "GET /v1/claim-batches/{batch_id}/837": unknown(BILLING),
    "GET /v1/claim-batches/{batch_id}/manifest": unknown(BILLING),
    "GET /v1/claims": Door(BILLING, 403),
    "GET /v1/claims/{claim_id}": unknown(BILLING),
    "POST /v1/remittances": Door(BILLING, 403, body="junk"),
    "GET /v1/remittances/{remittance_id}": unknown(BILLING),
    "GET /v1/reports": Door(BILLING, 403),
    "GET /v1/reports/ageing": Door(BILLING, 403),
    # Administrator
    "POST /v1/payers": Door(ADMINISTRATOR, 403, body=PAYER),
    "GET /v1/payers/{payer_id}/versions": Door(ADMINISTRATOR, 403),
    "POST /v1/payers/{payer_id}/versions": Door(ADMINISTRATOR, 403, body=PAYER_CHANGE),
    "GET /v1/payers/{payer_id}/contracts": Door(ADMINISTRATOR, 403),
    "POST /v1/payers/{payer_id}/contracts": Door(ADMINISTRATOR, 403, body=CONTRACT),
    "POST /v1/contracts/{contract_id}/end": unknown(ADMINISTRATOR, body={"last_day": "2031-01-01"}),
    "GET /v1/payers/{payer_id}/plans": Door(ADMINISTRATOR, 403),
    "POST /v1/payers/{payer_id}/plans": Door(ADMINISTRATOR, 403, body=PLAN),
    "GET /v1/self-pay-prices": Door(ADMINISTRATOR, 403),
    "GET /v1/estimate-policy": Door(ADMINISTRATOR, 403),
    "PUT /v1/estimate-policy": Door(
        ADMINISTRATOR,
        403,
        body={"sessions_per_month": 4, "typical_minutes": 25, "clinician_kind": "prescriber"},
    ),
    "GET /v1/sponsors": Door(ADMINISTRATOR, 403),
    "POST /v1/sponsors": Door(ADMINISTRATOR, 403, body=SPONSOR),
    "GET /v1/sponsors/{sponsor_id}/terms": unknown(ADMINISTRATOR),
    "POST /v1/sponsors/{sponsor_id}/terms": unknown(ADMINISTRATOR, body=TERMS),
    "POST /v1/sponsors/{sponsor_id}/end": unknown(ADMINISTRATOR, body={"last_day": "2031-01-01"}),
    "GET /v1/sponsors/{sponsor_id}/rosters": unknown(ADMINISTRATOR),
    "POST /v1/sponsors/{sponsor_id}/rosters": unknown(ADMINISTRATOR),
    "GET /v1/sponsors/{sponsor_id}/rosters/{roster_id}": unknown(ADMINISTRATOR),
    "GET /v1/sponsors/{sponsor_id}/utilisation": unknown(ADMINISTRATOR),
    "PUT /v1/self-pay-prices": Door(
        ADMINISTRATOR, 403, body={"price": "65.00", "effective_from": "2030-01-01"}
    ),
    "GET /v1/screening-packs": Door(ADMINISTRATOR, 403),
    "PUT /v1/screening-packs": Door(ADMINISTRATOR, 403, body={"packs": ["PCL-5"]}),
    "PUT /v1/screening-packs/PHQ-9/words": Door(ADMINISTRATOR, 403, body={"title": "x"}, lets_in=422),
    "GET /v1/erasures": Door(ADMINISTRATOR, 403),
    "GET /v1/sealed-rooms": Door(frozenset(), 403),  # for a record keeper alone
    "GET /v1/legal-holds": Door(ADMINISTRATOR, 403),
    "POST /v1/clients/{client_id}/legal-holds": Door(ADMINISTRATOR, 403, body={"reason": "Subpoena 42."}),
    "DELETE /v1/clients/{client_id}/legal-holds/{hold_id}": unknown(ADMINISTRATOR),
    "GET /v1/retention-rules": Door(ADMINISTRATOR, 403),
    "GET /v1/retention-rules/NY": Door(ADMINISTRATOR, 403),
    "PUT /v1/retention-rules/NY": Door(ADMINISTRATOR, 403, body=RETENTION),
    # Operations: for machines, without a person
    "GET /healthz": Door(ANYONE),
    "GET /readyz": Door(ANYONE),
    "GET /metrics": Door(ANYONE),
    # Last, because they end a standing or a session
    f"POST {ROOM}/reassign": Door(SUPERVISOR, body={"therapist_id": "{therapist_id}", "reason": "leave"}),
    "POST /v1/journey/close": Door(CLIENTS, 403),
    "POST /v1/me/unlock": Door(SIGNED_IN, body={"passcode": "730518"}),
    "DELETE /v1/me/devices/{device_id}": Door(CLIENT),
    "DELETE /v1/me/devices": Door(SIGNED_IN),
    "POST /v1/me/passcode/remove": Door(SIGNED_IN, body={"current": "730518"}),
    "POST /v1/me/lock": Door(SIGNED_IN),
    "POST /v1/auth/logout": Door(SIGNED_IN),
}
STREAMS = {"GET /v1/events"}
NAMED = {
    "PHQ-9": "{name}",
    "part_2": "{document}",
    "morning": "{name}",
    "payer_answer": "{wait}",
    "NY": "{state}",
    "plus": "{plan}",
    "ageing": "{name}",
    "exposure": "{name}",
    "response_times": "{name}",
}


def modules() -> list[Any]:
    """Every module of the API that has routes."""
    files = sorted(Path(api.app.__file__).parent.glob("*.py"))
    found = [import_module(f"api.{each.stem}") for each in files if each.stem != "__init__"]
    return [module for module in found if hasattr(module, "router")]


def test_every_route_of_the_app_is_in_the_table() -> None:
    assert {module.__name__ for module in modules()} == {f"api.{name}" for name in api.app.ROUTES}
    routes = {
        f"{method} {route.path}"
        for module in modules()
        for route in module.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert routes == {_pattern(route) for route in TABLE}


def _pattern(route: str) -> str:
    for name, parameter in NAMED.items():
        route = route.replace(name, parameter)
    return route


async def ask(api: Api, found: Belongings, person: str, route: str) -> int:
    """The status that this person gets with the ids of the client's things."""
    method, path = route.split(" ")
    who, body = found.people[person], TABLE[route].body
    if isinstance(body, dict):
        body = {name: found.ids.get(str(value)[1:-1], value) for name, value in body.items()}
    http: httpx.AsyncClient = who.http if who else api.http
    sent = {"content": body} if isinstance(body, str) else {"json": body}
    answer = await http.request(method, path.format(**found.ids), **sent)
    return answer.status_code


OF_A_ROOM = ("{room_id}", "{message_id}", "{medium_id}")
STRANGERS = ("other client", "other therapist", "billing")


def of_a_room() -> list[str]:
    """The routes that name a room, a message or a recording."""
    return [route for route in TABLE if any(name in route for name in OF_A_ROOM)]


def test_nothing_of_a_room_is_there_for_another_client_an_unassigned_therapist_and_billing() -> None:
    assert len(of_a_room()) > 40
    told = {
        f"{person}: {route}"
        for route in of_a_room()
        for person in STRANGERS
        if TABLE[route].expected(person) != {404}
    }
    assert told == set()


async def tries(databases: "Databases", found: Belongings) -> dict[str, int]:
    """How many refused tries of each stranger at the room are in the audit log."""
    async with databases.worker.transaction() as tx:
        rows = await tx.all(
            "SELECT actor_id, count(*) AS tries FROM audit_events WHERE outcome = 'refused' AND room_id = %s"
            " GROUP BY actor_id",
            (found.ids["room_id"],),
        )
    counted = {row["actor_id"]: row["tries"] for row in rows}
    people = {name: found.people[name] for name in STRANGERS}
    return {name: counted.get(who.account_id, 0) for name, who in people.items() if who}


async def test_each_route_lets_in_whom_it_should_and_to_others_nothing_is_there(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    found = await fill_room(api, client_as, databases)
    before = await everything(databases)

    async def wrong(inside: bool) -> dict[str, int]:
        """Answers that are not right, of those who are let in or of all others."""
        tries = [
            (person, route)
            for route, door in TABLE.items()
            for person in PEOPLE
            if (person in door.who) is inside
        ]
        got = {
            (person, route): await ask(api, found, person, route)
            for person, route in tries
            if not (inside and route in STREAMS)
        }
        return {
            f"{person}: {route}": status
            for (person, route), status in got.items()
            if status not in TABLE[route].expected(person)
        }

    assert await wrong(inside=False) == {}
    assert await everything(databases) == before
    assert min((await tries(databases, found)).values()) >= len(of_a_room())
    assert await wrong(inside=True) == {}
    after = await everything(databases)
    assert len([name for name in before if after[name] != before[name]]) > 20  # it does see what changes


UNAUDITED = {
    f"GET {ROOM}",  # a header: never a word
    f"GET {ROOM}/draft",  # one's own
    f"GET {ROOM}/clock/explanation",
    "GET /v1/media/{medium_id}/status",  # asked again and again while it is made playable
}
"""What is read of a room without a line in the audit log."""


async def test_what_cannot_be_written_down_is_not_answered(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    found = await fill_room(api, client_as, databases)
    reads = [
        route for route in of_a_room() if route.startswith("GET ") or route.endswith(("/search", "/access"))
    ]
    with psycopg.connect(databases.owner_dsn) as conn:
        conn.execute("REVOKE INSERT ON audit_events FROM kindroom_care")
    answered = {
        f"{person}: {route}"
        for route in reads
        for person in ("client", "therapist", "supervisor")
        if route not in UNAUDITED
        and person in TABLE[route].who
        and await ask(api, found, person, route) == 200
    }
    assert answered == set()
