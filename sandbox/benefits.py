"""The 2110 loops of a 271: what a member's plan covers, as EB rows with their messages and other payers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sandbox.rules import Amounts, Member, OtherPayer, Plan
from sandbox.x12 import Row

BEHAVIOURAL = ("MH", "A4", "A6", "A7", "A8", "AI")
_CALENDAR_YEAR, _REMAINING, _VISIT = "23", "29", "27"


def _rate(value: Decimal) -> str:
    """A rate as X12 writes decimals: .2 for a fifth, 0 for nothing."""
    text = format(value.normalize(), "f")
    return text[1:] if text.startswith("0.") else text


def _eb(
    kind: str,
    types: list[str],
    *,
    level: str = "IND",
    plan: str = "",
    period: str = "",
    money: Decimal | None = None,
    rate: Decimal | None = None,
    visits: int | None = None,
    authorisation: str = "",
    network: str = "",
) -> Row:
    """EB01 to EB12. Money with two decimals, rates as decimal fractions, visits as EB09 VS."""
    paid = f"{money:.2f}" if money is not None else ""
    share = _rate(rate) if rate is not None else ""
    unit, number = ("VS", str(visits)) if visits is not None else ("", "")
    return ("EB", kind, level, types, "", plan, period, paid, share, unit, number, authorisation, network)


def _limit(kind: str, level: str, amounts: Amounts, network: str) -> Iterator[Row]:
    for period, money in ((_CALENDAR_YEAR, amounts.total), (_REMAINING, amounts.remaining)):
        yield _eb(kind, ["30"], level=level, period=period, money=money, network=network)


def _family(amounts: Amounts) -> Amounts:
    return Amounts(amounts.total * 2, amounts.remaining * 2)


def _other(payer: OtherPayer, role: str) -> list[Row]:
    """2120C: the payer to turn to."""
    return [
        ("LS", "2120"),
        ("NM1", role, "2", payer.name, "", "", "", "", "PI", payer.payer_id),
        ("PER", "IC", "", "TE", "8008888888"),
        ("LE", "2120"),
    ]


def _visit_share(member: Member, types: list[str]) -> Iterator[Row]:
    """What one visit costs the member."""
    network = member.network
    if member.covered_in_full:
        yield _eb("B", types, period=_VISIT, money=Decimal(0), network=network)
        yield _eb("A", types, period=_VISIT, rate=Decimal(0), network=network)
    if member.copay is not None:
        yield _eb("B", types, period=_VISIT, money=member.copay, network=network)
    if member.telehealth_copay is not None:
        yield _eb("B", types, period=_VISIT, money=member.telehealth_copay, network=network)
        yield ("MSG", "TELEHEALTH VIRTUAL VISIT COPAY")
        yield ("III", "ZZ", "10")
    if member.coinsurance is not None:
        yield _eb("A", types, period=_VISIT, rate=member.coinsurance, network=network)


def _conditions(member: Member, types: list[str]) -> Iterator[Row]:
    """Visit limits and authorisation."""
    if member.visits:
        limit, used = member.visits
        yield _eb("F", types, period=_CALENDAR_YEAR, visits=limit, network=member.network)
        yield _eb("F", types, period=_REMAINING, visits=limit - used, network=member.network)
    if member.authorisation_after_visit is not None:
        yield _eb("CB", types, authorisation="Y")
        yield ("MSG", f"PRIOR AUTHORIZATION AFTER VISIT {member.authorisation_after_visit}")


def _behavioural(member: Member, plan: Plan, types: list[str]) -> Iterator[Row]:
    covered = list(dict.fromkeys(["MH", "A4", "A6", *types, "98"]))
    yield _eb("1", covered, network="N" if member.network == "N" else "")
    yield from _visit_share(member, types)
    if member.network == "Y":
        yield _eb("B", ["98"], period=_VISIT, money=plan.office_copay, network="Y")
        yield _eb("A", types, period=_VISIT, rate=plan.out_of_network_coinsurance, network="N")
    yield from _conditions(member, types)


def _plan_limits(member: Member, plan: Plan) -> Iterator[Row]:
    """Base and remaining deductible and out-of-pocket limit, in and out of network, as CORE asks for."""
    if member.covered_in_full:
        nothing = Amounts(Decimal(0), Decimal(0))
        yield from _limit("C", "IND", nothing, "Y")
        yield from _limit("G", "IND", member.oop or plan.oop, "Y")
        return
    if member.network == "Y":
        own = member.deductible or plan.deductible
        yield from _limit("C", "IND", own, "Y")
        yield from _limit("C", "FAM", _family(own), "Y")
        yield from _limit("G", "IND", member.oop or plan.oop, "Y")
        yield from _limit("C", "IND", plan.out_of_network_deductible, "N")
        return
    yield from _limit("C", "IND", member.deductible or plan.out_of_network_deductible, "N")
    yield ("MSG", "PROVIDER IS NOT IN THE NETWORK OF THIS PLAN")


def active(member: Member, plan: Plan, asked: tuple[str, ...]) -> list[Row]:
    """The benefit rows of an active member. Behavioural rows carry the behavioural types asked for, else MH:
    an unsupported type is answered as 30, and MH is then listed where it is covered."""
    rows: list[Row] = [_eb("1", ["30"], level="", plan=plan.name)]
    if member.plan_level_only:
        rows.append(_eb("B", ["30"], period=_VISIT, money=member.copay, network="Y"))
    elif member.carve_out is None:
        types = [code for code in dict.fromkeys(asked) if code in BEHAVIOURAL] or ["MH"]
        rows += _behavioural(member, plan, types)
    else:
        rows += [_eb("1", ["98"]), _eb("B", ["98"], period=_VISIT, money=plan.office_copay, network="Y")]
    rows += _plan_limits(member, plan)
    if member.carve_out:
        rows += [_eb("U", ["MH"]), *_other(member.carve_out, "PR")]
    if member.primary_elsewhere:
        rows += [_eb("R", ["30"]), *_other(member.primary_elsewhere, "PRP")]
    return rows


def inactive() -> list[Row]:
    """The one benefit row of a member without cover."""
    return [("EB", "6", "", "30")]
