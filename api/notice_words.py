"""What a notice says in the app, and where one acts on it: neutral sentences, no health word, nobody's name.

A glance over a shoulder tells no more than the letter does. An address is empty of everything but ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.access import CLINIC, Action, Actor, Role, can

HOME: Final = "/"
"""Leads everybody to where they begin: the place of a notice that somebody gets who has no page for it."""

_FLAGS: Final = "/flags"


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence, and the page of each role; `{room}` and `{subject}` stand for ids."""

    text: str
    places: Mapping[Role, str]


def _told(text: str, /, **places: str) -> Words:
    return Words(text, {Role(role): path for role, path in places.items()})


def _both(text: str, path: str = "/rooms/{room}") -> Words:
    """For the two people of a room."""
    return _told(text, client=path, therapist=path)


_ROOM, _GOALS, _REPLY = "/rooms/{room}", "/rooms/{room}/goals", "/rooms/{room}/reply-time"
_CLOCK, _LEAVE, _CONSULTS = "/board/clocks/{subject}", "/leaves/{subject}", "/board/consults"
_CHANGE, _RECORD, _BATCH = "/rooms/{room}/change", "/rooms/{room}#session", "/billing/batches/{subject}"
_STUCK = "/board/journeys"

_TRANSFER = "/transfers/{subject}"
_LICENCES = {"therapist": "/licences", "supervisor": "/licences", "administrator": "/licences"}

_PAGE = _told(
    "You are being paged. Please open this now.", therapist=_FLAGS, supervisor=_FLAGS, administrator=_FLAGS
)

WORDS: Final[dict[str, Words]] = {
    # Answers
    "answer_due_soon": _told("An answer of yours is due soon.", therapist=_ROOM),
    "answer_late": _told("An answer of yours is late.", therapist=_ROOM),
    "promise_broken": _told("An answer is late.", supervisor=_CLOCK),
    "nobody_answers": _told("An answer is due soon, and nobody is there to give it.", supervisor=_CLOCK),
    "no_capacity": _told("Nobody has free hours for an answer that was promised.", supervisor=_CLOCK),
    "offer_cover": _told("An answer is long overdue. Others have been asked to give it.", supervisor=_CLOCK),
    "cover_not_found": _told(
        "An answer is long overdue, and nobody could be asked to give it.", supervisor=_CLOCK
    ),
    "answer_is_late": _told("The answer you wait for is late. See what happens next.", client=_ROOM),
    "more_time": _told("You were given more time for an answer.", therapist=_ROOM),
    "room_held": _both("Reply times are on hold.", _REPLY),
    "hold_ended": _both("Reply times count again.", _REPLY),
    "hold_review_due": _told("A hold is due for another look.", supervisor=_REPLY),
    # Who answers
    "room_opened": _both("Your room is open."),
    "room_reassigned": _told(
        "Somebody else answers in a room of yours now.", client=_ROOM, therapist="/inbox"
    ),
    "transfer_note_due": _told(
        "A room of yours went on elsewhere. A hand-over note is due.", therapist=_TRANSFER
    ),
    "transfer_note_missing": _told("A hand-over note of yours is late.", therapist=_TRANSFER),
    "transfer_note_late": _told("A hand-over note is late.", supervisor=_REPLY),
    "transfer_note_ready": _told("A hand-over note is there to read.", therapist=_TRANSFER),
    "licence_ends": _told("A licence ends soon.", **_LICENCES),
    "licence_ended": _told("A licence has ended.", **_LICENCES),
    "licence_no_cover": _told("Nobody licensed is free to cover a room.", supervisor=_REPLY),
    "licence_closed_room": _told(
        "Who answers in a room changes: a licence does not reach where its client is.",
        client=_ROOM,
        therapist=_ROOM,
        supervisor=_REPLY,
    ),
    "licence_opened_room": _both("You can write to each other again."),
    "licence_ended_cover": _told("Cover of a room ended: a licence does not reach.", supervisor=_REPLY),
    "rematch_offered": _told("You may choose somebody else, if you like.", client=_CHANGE),
    "rematch_offer": _told("You may choose somebody else, if you like.", client=_CHANGE),
    # Time off and cover
    "therapist_will_be_away": _told("Whoever answers you will be away for some days.", client=_ROOM),
    "therapist_is_away": _told("Whoever answers you is away now.", client=_ROOM),
    "therapist_is_back": _told("Whoever answers you is back.", client=_ROOM),
    "leave_moved": _told("The days away have changed.", client=_ROOM),
    "leave_called_off": _told("The days away were called off.", client=_ROOM),
    "back_from_leave": _told("Welcome back. Your rooms are with you again.", therapist="/inbox"),
    "cover_asked": _told("You are asked to cover a room.", therapist="/covers"),
    "cover_yours": _told("A room is yours to cover.", therapist="/covers"),
    "cover_begins": _told("Your cover begins now.", therapist="/covers"),
    "cover_ends": _told("Your cover is over. Thank you.", therapist="/covers"),
    "cover_not_needed": _told("Cover you were asked for is not needed any more.", therapist="/covers"),
    "cover_arranged": _told("Cover was arranged for a room of yours.", client=_ROOM, therapist="/leave"),
    "cover_missing": _told("Some rooms have no cover for coming days off.", supervisor=_LEAVE),
    "cover_gap": _told("A room has no cover while days off have begun.", supervisor=_LEAVE),
    # Emergency openings
    "glass_broken": _both(
        "Your room was opened in an emergency. See by whom, and why.", "/rooms/{room}/access"
    ),
    "glass_broken_review": _told(
        "A room was opened in an emergency. It waits for a second look.", supervisor="/openings"
    ),
    "opening_unreviewed": _told(
        "A room that was opened in an emergency still waits for a second look.", supervisor="/openings"
    ),
    "opening_unjustified": _told("A room was opened without need.", supervisor="/openings"),
    # Second opinions
    "consult_asked": _told("A second opinion is asked for.", supervisor=_CONSULTS),
    "consult_due_soon": _told("A second opinion is due soon.", supervisor=_CONSULTS),
    "consult_late": _told(
        "A second opinion is late.", supervisor=_CONSULTS, therapist="/rooms/{room}/consults"
    ),
    "consult_unanswered": _told("A second opinion has waited for long.", supervisor=_CONSULTS),
    "consult_answered": _told("Your second opinion is here.", therapist="/rooms/{room}/consults"),
    # Leaving
    "care_ended": _told("Somebody has left. Their room is closed.", therapist="/inbox", supervisor="/board"),
    "record_sealed": _told(
        "Somebody asked to be forgotten. What is kept of them is sealed.",
        supervisor="/records",
        administrator="/retention",
    ),
    "erasure_held": _told("Something is due to be erased, and held.", administrator="/retention"),
    "erasure_waits_for_flag": _told(
        "Something is due to be erased, and waits for an open flag.", supervisor=_FLAGS
    ),
    "consent_withdrawn": _told(
        "Somebody took back an agreement. See what goes on.",
        therapist=_ROOM,
        supervisor="/board",
        billing="/billing",
    ),
    "consent_waits": _told(
        "An agreement is to be read and signed where the client is now. Replies wait for it.",
        client="/agreements",
        therapist=_ROOM,
        supervisor=_REPLY,
    ),
    "consent_given": _both("You can write to each other again."),
    # Goals and questions
    "goal_changed": _both("Something new stands under Goals.", _GOALS),
    "check_in_asked": _told("A few questions wait for you.", client=_GOALS),
    "check_in_reminder": _told("A few questions still wait for you.", client=_GOALS),
    "check_in_answered": _told("Your questions were answered.", therapist=_GOALS),
    "check_ins_missed": _told("Your questions were not answered for a while.", therapist=_GOALS),
    "client_silent": _told("A room has been quiet for a while.", supervisor=_ROOM),
    "discharge_review": _told("A quiet room is due for another look.", supervisor=_ROOM),
    # The way in
    "confirm_address": _told("Please confirm your address.", client="/account"),
    "guardian_answered": _told("There is news about a step of yours.", client="/journey/guardian"),
    "guardian_said_no": _told(
        "Somebody did not agree, or took it back.", therapist=_STUCK, supervisor=_STUCK
    ),
    "guardian_needed": _told("A guardian's answer is needed for somebody.", supervisor=_ROOM),
    "care_decided": _told("There is news about your way in.", client="/journey/recommendation"),
    "step_waiting": _told("A step waits for you.", client="/journey"),
    "coverage_answered": _told("The answer about your cover is here.", client="/journey"),
    "credits_used_up": _told(
        "What your organisation pays for is used up. See what comes next.",
        client="/journey/cover",
        billing="/billing",
    ),
    "credits_run_out": _told("What your organisation pays for ends soon.", client="/journey/cover"),
    "candidates_ready": _told("People for you to choose from are here.", client="/journey/people"),
    "person_looks": _told("A person of ours looks for who fits you.", client="/journey"),
    "somebody_found": _told("Somebody was found for you, and is asked now.", client="/journey/people"),
    "search_goes_on": _told("The next person is asked for you.", client="/journey"),
    "offer_waiting": _told("An offer waits for your answer.", therapist="/offers"),
    "offer_waits": _told("An offer still waits for your answer.", therapist="/offers"),
    "offer_withdrawn": _told("An offer was taken back.", therapist="/offers"),
    "client_placed": _told("A new room is yours.", therapist="/inbox"),
    "match_needs_person": _told(
        "A search needs a person.", therapist="/match-desk/{subject}", supervisor="/match-desk/{subject}"
    ),
    "journey_waits": _told(
        "Somebody waits for one of us.", therapist=_STUCK, supervisor=_STUCK, administrator="/board/health"
    ),
    "journey_stuck": _told(
        "Somebody is stuck on their way in.",
        therapist=_STUCK,
        supervisor=_STUCK,
        administrator="/board/health",
    ),
    # On call
    "risk_task": _told("Something needs you today.", therapist=_FLAGS, supervisor=_FLAGS),
    "page_first_page": _PAGE,
    "page_second_page": _PAGE,
    "page_supervisor": _PAGE,
    "page_clinical_director": _PAGE,
    # Attesting and billing
    "attestation_due": _told("A week is ready to be attested.", therapist=_RECORD),
    "attestation_reminder": _told("A week still waits to be attested.", therapist=_RECORD),
    "attestation_last_day": _told("A week waits to be attested today, or never.", therapist=_RECORD),
    "attestation_lapsed": _told("A week was not attested in time.", supervisor=_ROOM),
    "coverage_in_doubt": _told("A question about your cover waits for you.", client="/journey/cover"),
    "cost_changed": _told("What you pay has changed.", client="/journey/estimate"),
    "coverage_ended": _told("Please look at who pays for you here.", client="/journey/cover"),
    "room_cover_ended": _told(
        "Who pays for a room of yours is being settled. The room stays open.", therapist=_ROOM
    ),
    "cover_ended_back": _told("A cover has ended, perhaps days ago.", billing="/billing/worklist"),
    "cover_overdue": _told("A cover waits longer than it should.", billing="/billing/worklist"),
    "coverage_waits": _told("A question about cover waits for the office.", billing="/billing/worklist"),
    "clearing_house_alarm": _told("The clearing house needs a look.", administrator="/board/health"),
    "batch_not_sent": _told("A batch could not be sent.", billing=_BATCH),
    "batch_refused": _told("A batch was refused.", billing=_BATCH),
    "claims_need_work": _told("Claims of a batch need work.", billing=_BATCH),
    "claim_overdue_file_ack": _told("The receipt for a batch is overdue.", billing=_BATCH),
    "claim_overdue_claim_ack": _told("The first answer to a batch is overdue.", billing=_BATCH),
    "claim_overdue_remittance": _told("The payment for a batch is overdue.", billing=_BATCH),
    "report_quarantined": _told("A report could not be read.", billing="/billing/batches"),
}

_OTHERWISE: Final = Words("There is something new for you.", {})

_PROOFS: Final = {"confirm_address"}
"""Their subject is a proof that was mailed: it is shown nowhere else."""


def text_of(template: str) -> str:
    """The sentence of a notice. One of a later version says that there is something new."""
    return WORDS.get(template, _OTHERWISE).text


def subject_of(template: str, subject_id: UUID) -> UUID | None:
    """What the notice is about, unless its id is a proof."""
    return None if template in _PROOFS else subject_id


def place_of(actor: Actor, template: str, room_id: UUID | None, subject_id: UUID) -> str:
    """Where this person acts on it: a path of ours."""
    path = WORDS.get(template, _OTHERWISE).places.get(actor.role, HOME)
    if path == _FLAGS and not can(actor, Action.READ_RISK_FLAGS, CLINIC).allowed:
        path = _ROOM  # whoever is in charge of the room, and not on call
    if "{room}" in path and room_id is None:
        return HOME
    return path.format(room=room_id, subject=subject_id)
