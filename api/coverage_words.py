"""What a client reads of a cover: how it stands, and what is under way about it."""

from dataclasses import dataclass

from domain.coverage import CoverageStatus, Owner
from domain.coverage_words import ASKED_ANEW, CLEARED_UP, words, year_turned
from domain.rejections import ClientTask
from records import plan_years
from records.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class Reason:
    """A plain sentence and the code behind it, if there is one."""

    code: str | None
    words: str


def sentence(row: Row) -> str:
    """How a cover stands."""
    return standing(row)[0].words


def standing(row: Row) -> list[Reason]:
    """How a cover stands, with every reason."""
    task, status = ClientTask(row["task"]) if row["task"] else None, CoverageStatus(row["status"])
    if status is CoverageStatus.ACTIVE and row["owner"] in (Owner.BILLING, Owner.ADMINISTRATOR):
        return [Reason(reason, CLEARED_UP) for reason in row["reasons"] or [None]]
    return [Reason(reason, words(status, reason, task)) for reason in row["reasons"] or [None]]


async def reasons(tx: Transaction, row: Row) -> list[Reason]:
    """How a cover stands; of one in force also that its plan year has turned, and that it is asked about again."""
    told = standing(row)
    if row["status"] != CoverageStatus.ACTIVE:
        return told
    began = await plan_years.turned(tx, row["id"])
    if began is not None:
        told.append(Reason("plan_year_began", year_turned(began)))
    if row["asking"]:
        told.append(Reason("asked_again", ASKED_ANEW))
    return told
