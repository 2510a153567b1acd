"""What becomes of a contract's rows when one is added or ended: prices have days, and no day has two.

Nothing is overwritten. A row that changes is said anew with other days, and the old saying is kept beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import inf

from domain.contracts import ContractRow
from domain.errors import Conflict

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shortened:
    """A row of before, and what is said of it now. `after` None: it never came into force, or was a mistake."""

    before: ContractRow
    after: ContractRow | None


def succession(rows: Iterable[ContractRow], new: ContractRow) -> tuple[Shortened, ...]:
    """What a new row changes in those that stand: the row of the same service ends the day before it.

    One that begins on the same day is replaced. Raises Conflict (`contract_overlaps`) where two rows would price the
    same minutes of the same day and it is not clear which gives way: end the other one first.
    """
    changed = []
    for row in rows:
        if not overlap(row, new):
            continue
        if not _same_service(row, new) or row.effective_from > new.effective_from or _outlives(row, new):
            raise Conflict("contract_overlaps")
        begins_earlier = row.effective_from < new.effective_from
        ended = replace(row, effective_to=new.effective_from - _DAY) if begins_earlier else None
        changed.append(Shortened(row, ended))
    return tuple(changed)


def ended(row: ContractRow, last_day: date) -> ContractRow | None:
    """The row when it prices nothing after a day; None when it then never prices anything.

    Raises Conflict (`contract_ended`) when it ends earlier already: it is not made longer this way.
    """
    if row.effective_to is not None and row.effective_to <= last_day:
        raise Conflict("contract_ended")
    return replace(row, effective_to=last_day) if row.effective_from <= last_day else None


def overlap(one: ContractRow, other: ContractRow) -> bool:
    """Whether both would price some number of minutes on some day, of the same plan, by the same clinician.

    A row without a kind of clinician prices everybody's: it meets the rows of either kind.
    """
    starts, ends = max(one.effective_from, other.effective_from), (one.effective_to, other.effective_to)
    days = all(end is None or starts <= end for end in ends)
    minutes = one.minutes_from <= _most(other) and other.minutes_from <= _most(one)
    same = (one.payer, one.plan, one.modality) == (other.payer, other.plan, other.modality)
    kinds = None in (one.clinician_kind, other.clinician_kind) or one.clinician_kind is other.clinician_kind
    return same and kinds and days and minutes


def _most(row: ContractRow) -> float:
    return inf if row.minutes_to is None else row.minutes_to


def _same_service(one: ContractRow, other: ContractRow) -> bool:
    return _service(one) == _service(other)


def _service(row: ContractRow) -> tuple[object, ...]:
    return row.procedure_code, row.modifiers, row.clinician_kind, row.minutes_from, row.minutes_to


def _outlives(row: ContractRow, new: ContractRow) -> bool:
    """It would come back after the new one has ended: nobody said so."""
    if new.effective_to is None:
        return False
    return row.effective_to is None or row.effective_to > new.effective_to
