"""What kind of work a cover is that somebody must act on, and what the office does about it."""

from enum import StrEnum
from typing import Final

from domain.coverage import CoverageStatus, Owner
from domain.rejections import FAULT_OF, Fault


class CoverageWork(StrEnum):
    """Sorted as the office works through them: what touches money already earned comes first."""

    ALARM = "alarm"
    ENDED = "ended"
    ENROLMENT = "enrolment"
    PAYER_SILENT = "payer_silent"
    UNCLEAR = "unclear"
    CLIENT_DETAILS = "client_details"
    OTHER_COVER = "other_cover"
    ASKING = "asking"


NEXT_STEP: Final[dict[CoverageWork, str]] = {
    CoverageWork.ALARM: "An administrator puts our connection or the practice's details right. Then ask again.",
    CoverageWork.ENDED: "Settle the claims and lines after the last covered day: void or correct them, or bill the "
    "cover that follows.",
    CoverageWork.ENROLMENT: "Look up our enrolment with this payer. Once it is right, ask again for all who wait for "
    "it.",
    CoverageWork.PAYER_SILENT: "Ask the payer by phone or in its portal and enter what it said, or ask again here.",
    CoverageWork.UNCLEAR: "Clear it up with the payer by phone and enter what it said.",
    CoverageWork.CLIENT_DETAILS: "The client was told, and corrects it. On the phone you can correct it for them.",
    CoverageWork.OTHER_COVER: "The client gives another cover or pays. You can ask again if the payer was wrong.",
    CoverageWork.ASKING: "Nobody has to act: the payer is asked until it answers.",
}

ASKED_TOGETHER: Final = frozenset({CoverageWork.ALARM, CoverageWork.ENROLMENT, CoverageWork.PAYER_SILENT})
"""Where one cause often holds up many, and all are asked again once it is gone."""

SILENT: Final = frozenset({"timed_out", "down", "malformed", "aaa_42", "aaa_80"})


def work_of(
    status: CoverageStatus, owner: Owner | None, reason: str | None, *, touched: bool = False
) -> CoverageWork:
    """The kind of work. `touched`: claims or lines of days after the last covered one are not settled."""
    if touched:
        return CoverageWork.ENDED
    if owner is Owner.ADMINISTRATOR:
        return CoverageWork.ALARM
    if status is CoverageStatus.VERIFYING:
        return CoverageWork.ASKING
    if owner is Owner.CLIENT:
        gone = status is CoverageStatus.INACTIVE
        return CoverageWork.OTHER_COVER if gone else CoverageWork.CLIENT_DETAILS
    return _of_billing(reason or "")


def _of_billing(reason: str) -> CoverageWork:
    if FAULT_OF.get(reason.removeprefix("aaa_")) is Fault.PROVIDER:
        return CoverageWork.ENROLMENT
    return CoverageWork.PAYER_SILENT if reason in SILENT else CoverageWork.UNCLEAR
