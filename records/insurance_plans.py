"""Plans of payers as data, and by which of them a card is insured."""

from datetime import date
from uuid import UUID

from domain.errors import FieldError, Invalid
from domain.ids import new_id
from domain.insurance_plans import InsurancePlan, plan_of
from domain.insured import Card
from records import payers
from records.database import Row, Transaction


async def set_plan(tx: Transaction, payer_id: UUID, plan: InsurancePlan) -> UUID:
    """A plan of a payer, or what is now said of the one with this code. Raises NotFound (`unknown_payer`)."""
    await payers.hold(tx, payer_id)
    await tx.run(
        "UPDATE insurance_plans SET superseded_at = %s"
        " WHERE payer_id = %s AND code = %s AND superseded_at IS NULL",
        (tx.now, payer_id, plan.code),
    )
    plan_id = new_id()
    month, day = plan.plan_year_from
    await tx.insert(
        "insurance_plans",
        id=plan_id,
        payer_id=payer_id,
        code=plan.code,
        name=plan.name,
        group_numbers=list(plan.group_numbers),
        member_prefixes=list(plan.member_prefixes),
        plan_year_from=f"{month:02}-{day:02}",
        effective_from=plan.effective_from,
        effective_to=plan.effective_to,
        entered_at=tx.now,
        entered_by=tx.actor.account_id if tx.actor else None,
    )
    await tx.audit("set_insurance_plan", subject_id=plan_id)
    return plan_id


async def plans(tx: Transaction, payer_id: UUID) -> tuple[InsurancePlan, ...]:
    """The plans of a payer as they stand."""
    rows = await tx.all(
        "SELECT * FROM insurance_plans WHERE payer_id = %s AND superseded_at IS NULL ORDER BY code",
        (payer_id,),
    )
    return tuple(_plan(row) for row in rows)


async def require_plan(tx: Transaction, payer_id: UUID, code: str | None) -> None:
    """Raise Invalid (`unknown_plan`) when a contract row names a plan the payer has not got."""
    if code is not None and code not in {plan.code for plan in await plans(tx, payer_id)}:
        raise Invalid(FieldError("plan", "unknown_plan"))


async def history(tx: Transaction, payer_id: UUID) -> list[Row]:
    """Every plan as it was said, with who said it; by code, newest first."""
    return await tx.all(
        "SELECT i.*, a.display_name AS entered_by_name FROM insurance_plans i"
        " LEFT JOIN accounts a ON a.id = i.entered_by WHERE i.payer_id = %s ORDER BY i.code, i.entered_at DESC",
        (payer_id,),
    )


async def of_card(tx: Transaction, payer_id: UUID, card: Card, on: date) -> str | None:
    """The code of the plan a card is of on a day; None when it cannot be told."""
    return plan_of(await plans(tx, payer_id), card, on)


def _plan(row: Row) -> InsurancePlan:
    month, day = (row["plan_year_from"] or "01-01").split("-")
    return InsurancePlan(
        code=row["code"],
        name=row["name"],
        effective_from=row["effective_from"],
        effective_to=row["effective_to"],
        group_numbers=tuple(row["group_numbers"]),
        member_prefixes=tuple(row["member_prefixes"]),
        plan_year_from=(int(month), int(day)),
    )
