"""What was done in a room, in words."""

from typing import Final

DID: Final = {
    "read_messages": "Read messages",
    "search_room": "Searched",
    "open_medium": "Played a recording",
    "read_notes": "Read notes",
    "read_diagnoses": "Read diagnoses",
    "read_goals": "Looked at the goals",
    "read_check_ins": "Read check-ins",
    "read_consults": "Read second opinions",
    "read_messaging_sessions": "Looked at the weeks to be billed",
    "read_hand_over_note": "Read the note for the time off",
    "export_room": "Downloaded the room",
    "open_with_purpose": "Opened the room",
    "break_glass": "Opened the room in an emergency",
    "review_access": "Took a second look at an opening",
    "reassign": "Gave the room to another therapist",
    "post_message": "Wrote in it",
    "mark_read": "Marked as read",
    "write_note": "Wrote a note",
    "sign_note": "Signed a note",
    "read_intake": "Read the intake",
    "read_measures": "Read measures",
    "acknowledge_risk": "Acknowledged a flag",
}

ROLES: Final = {"therapist": "Therapist", "supervisor": "Supervisor", "administrator": "Administrator"}
FOUND: Final = {"justified": "Justified", "unjustified": "Not justified"}


def did(action: str) -> str:
    """The action in words; of one that has none, that there was something else."""
    return DID.get(action, "Something else")


def times(words: str, number: int) -> str:
    """`Read messages, 3 times`."""
    return words if number == 1 else f"{words}, {number} times"
