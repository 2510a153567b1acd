"""Plans of a payer, and by which of them a card is insured. Which marks a plan has is data of the payer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.errors import FieldError, Invalid
from domain.insured import Card


@dataclass(frozen=True, slots=True)
class InsurancePlan:
    """A plan. Days are inclusive, None is open. `plan_year_from` is the (month, day) on which limits begin anew.

    Raises Invalid when a card could not be told by it, or its days cannot be right.
    """

    code: str
    name: str
    effective_from: date
    effective_to: date | None = None
    group_numbers: tuple[str, ...] = ()
    member_prefixes: tuple[str, ...] = ()
    plan_year_from: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        errors = []
        if not any(map(_plain, (*self.group_numbers, *self.member_prefixes))):
            errors.append(FieldError("group_numbers", "required"))
        if self.effective_to is not None and self.effective_to < self.effective_from:
            errors.append(FieldError("effective_to", "range_empty"))
        if not _is_day(*self.plan_year_from):
            errors.append(FieldError("plan_year_from", "not_a_date"))
        if errors:
            raise Invalid(*errors)

    def in_force(self, on: date) -> bool:
        """Whether the plan is sold on a day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def year_of(self, on: date) -> date:
        """The first day of the plan year that holds a day: deductible and limits run from it."""
        begins = date(on.year, *self.plan_year_from)
        return begins if begins <= on else date(on.year - 1, *self.plan_year_from)


def year_start(text: str) -> tuple[int, int]:
    """Month and day of text such as 08-16. Raises Invalid (`not_a_date`)."""
    month, _, day = text.partition("-")
    if not (month.isdigit() and day.isdigit() and _is_day(int(month), int(day))):
        raise Invalid(FieldError("plan_year_from", "not_a_date"))
    return int(month), int(day)


def plan_of(plans: Iterable[InsurancePlan], card: Card, on: date) -> str | None:
    """The code of the plan a card is of; None when none fits, or several do. A group number says more than how a
    member number begins.
    """
    sold = [plan for plan in plans if plan.in_force(on)]
    group, member = _plain(card.group_number or ""), _plain(card.member_id)
    by_group = {plan.code for plan in sold if group and group in map(_plain, plan.group_numbers)}
    by_member = {
        plan.code
        for plan in sold
        if any(member.startswith(p) for p in map(_plain, plan.member_prefixes) if p)
    }
    found = by_group or by_member
    return found.pop() if len(found) == 1 else None


def _plain(text: str) -> str:
    """As typed, without blanks, hyphens and case."""
    return "".join(each for each in text if each.isalnum()).upper()


def _is_day(month: int, day: int) -> bool:
    try:
        date(2001, month, day)  # no plan year begins on 29 February
    except ValueError:
        return False
    return True
