"""Why a payer refuses a question about eligibility, and who can put it right.

Source: X12 AAA03 reject reasons and AAA04 follow-up codes of the 271 (005010X279A1).
"""

from datetime import timedelta
from enum import StrEnum


class ClientTask(StrEnum):
    """What only the client can put right."""

    MEMBER_ID = "member_id"
    NAME = "name"
    DATE_OF_BIRTH = "date_of_birth"
    SEX_ON_FILE = "sex_on_file"
    RELATIONSHIP = "relationship"
    GROUP_NUMBER = "group_number"
    OTHER_INSURANCE = "other_insurance"
    RELEASE = "release"


TASK_WORDS: dict[ClientTask, str] = {
    ClientTask.MEMBER_ID: "Your plan did not find this member number. Please compare it with your card, "
    "letters included.",
    ClientTask.NAME: "Your plan has another name for this number. Please enter it as on your card.",
    ClientTask.DATE_OF_BIRTH: "Your plan has another date of birth for this number. Please check it.",
    ClientTask.SEX_ON_FILE: "Your plan has another entry for sex. Please choose the plan's entry.",
    ClientTask.RELATIONSHIP: "Your plan knows this number under someone else. Please tell us whose plan it "
    "is and how you are related.",
    ClientTask.GROUP_NUMBER: "Your plan needs the group number. It stands on your card, often marked GRP.",
    ClientTask.OTHER_INSURANCE: "Your plan says that another insurance pays first. Please add that one.",
    ClientTask.RELEASE: "We may ask your plan only with your leave. Please sign the release of benefits, or choose to "
    "pay yourself.",
}


class Fault(StrEnum):
    """Who can put a rejection right."""

    OURS = "ours"
    PROVIDER = "provider"
    CLIENT = "client"
    DATES = "dates"
    DEPENDENT = "dependent"
    MISMATCH = "mismatch"
    PAYER = "payer"
    PARTICIPANT = "participant"  # the member, or our set-up with the payer: `domain.probes` tells


FAULT_OF: dict[str, Fault] = {
    **dict.fromkeys(("15", "33"), Fault.OURS),
    "79": Fault.PARTICIPANT,
    **dict.fromkeys(("41", "43", "44", "45", "46", "47", "48", "50", "51"), Fault.PROVIDER),
    **dict.fromkeys(("52", "53", "54", "55", "56", "57", "60", "61", "62", "63"), Fault.DATES),
    **dict.fromkeys(("58", "71", "72", "75", "76", "77", "78"), Fault.CLIENT),
    **dict.fromkeys(("64", "65", "66", "67", "68"), Fault.DEPENDENT),
    **dict.fromkeys(("73", "74"), Fault.MISMATCH),
    **dict.fromkeys(("42", "80"), Fault.PAYER),
}

TASK_OF: dict[str, ClientTask] = {
    "58": ClientTask.DATE_OF_BIRTH,
    "64": ClientTask.MEMBER_ID,
    "65": ClientTask.NAME,
    "66": ClientTask.SEX_ON_FILE,
    "71": ClientTask.DATE_OF_BIRTH,
    "72": ClientTask.MEMBER_ID,
    "73": ClientTask.NAME,
    "74": ClientTask.SEX_ON_FILE,
    "75": ClientTask.MEMBER_ID,
    "76": ClientTask.MEMBER_ID,
    "67": ClientTask.RELATIONSHIP,
    "68": ClientTask.RELATIONSHIP,
    "77": ClientTask.RELATIONSHIP,
    "78": ClientTask.GROUP_NUMBER,
}

STOP = frozenset({"N", "S"})  # AAA04: resubmission not allowed; do not resubmit, a third party is asked
ANSWER_COMES_LATER = "Y"  # do not resubmit: the question is held, and answered later
WAIT_FOR = {"W": timedelta(days=30), "X": timedelta(days=10)}
NO_RESEND = STOP | WAIT_FOR.keys() | {ANSWER_COMES_LATER}
"""After these the same payer is not asked again by itself before its time."""
