"""The payers, members and prices of the sandbox, read from `payers.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

OWN_RULES = Path(__file__).with_name("payers.yaml")


@dataclass(frozen=True)
class Rejection:
    """An AAA answer: the loop it stands in, AAA03 (reason) and AAA04 (follow-up)."""

    loop: str
    code: str
    follow_up: str


@dataclass(frozen=True)
class ClaimRejection:
    """A 277CA status: category code, status code and, where it applies, the entity it speaks of."""

    category: str
    code: str
    entity: str = ""


@dataclass(frozen=True)
class Amounts:
    """A yearly limit in dollars and what is left of it."""

    total: Decimal
    remaining: Decimal


@dataclass(frozen=True)
class OtherPayer:
    """A payer the member is pointed to."""

    name: str
    payer_id: str


@dataclass(frozen=True)
class Member:
    """How a member id suffix behaves. Money in dollars, rates as fractions."""

    suffix: str
    copay: Decimal | None = None
    telehealth_copay: Decimal | None = None
    deductible: Amounts | None = None
    oop: Amounts | None = None
    coinsurance: Decimal | None = None
    covered_in_full: bool = False
    terminated_on: date | None = None
    begins_days_ago: int | None = None
    ends_in_retrospect_after_days: int | None = None
    aaa: Rejection | None = None
    found_without_first_name: bool = False
    recover_after_calls: int | None = None
    recover_after_s: float | None = None
    latency_ms: int | None = None
    http: int | None = None
    truncated_isa: bool = False
    authorisation_after_visit: int | None = None
    visits: tuple[int, int] | None = None
    carve_out: OtherPayer | None = None
    network: str = "Y"
    plan_level_only: bool = False
    primary_elsewhere: OtherPayer | None = None
    dependents_only: bool = False
    claim_reject: ClaimRejection | None = None

    def at(self, payer: Payer) -> Member:
        """The same member as `payer` knows it: at the carve-out payer itself there is no carve-out."""
        if self.carve_out and self.carve_out.payer_id in payer.ids:
            return replace(self, carve_out=None)
        return self


@dataclass(frozen=True)
class Payer:
    """A payer with its filing habits."""

    key: str
    ids: tuple[str, ...]
    name: str
    tax_id: str
    async_text: str
    timely_filing_days: int
    group_required: bool = False
    member_id_optional: bool = False
    primary_f_code: bool = False
    member_prefix: str = ""
    plan_year_start: str = "01-01"

    def plan_year(self, on: date) -> tuple[date, date]:
        """First and last day of the plan year that holds `on`."""
        month, day = (int(part) for part in self.plan_year_start.split("-"))
        start = date(on.year, month, day)
        if start > on:
            start = date(on.year - 1, month, day)
        return start, date(start.year + 1, month, day) - timedelta(days=1)

    def knows_form(self, member_id: str) -> bool:
        """Whether a member id begins as this payer's ids do."""
        pattern = {"letter": r"[A-Z]", "three_letters": r"[A-Z]{3}"}.get(self.member_prefix, "")
        return re.match(pattern, member_id) is not None


@dataclass(frozen=True)
class Plan:
    """What every member's plan says beside the behaviour of the suffix."""

    name: str
    group: str
    office_copay: Decimal
    out_of_network_coinsurance: Decimal
    deductible: Amounts
    oop: Amounts
    out_of_network_deductible: Amounts


@dataclass(frozen=True)
class Rules:
    """Everything in `payers.yaml`."""

    latency_ms: tuple[int, int]
    deadline_s: float
    acknowledge_s: Mapping[str, float]
    interest_after_days: int
    interest_rate: Decimal
    allowed: Mapping[str, Decimal]
    unpriced: frozenset[str]
    live: frozenset[str]
    asynchronous: frozenset[str]
    plan: Plan
    payers: Mapping[str, Payer]
    members: Mapping[str, Member] = field(repr=False)

    def member(self, member_id: str) -> Member | None:
        """The behaviour of a member id, None when no such member exists."""
        return self.members.get(member_id[-2:])


def _amounts(value: Mapping[str, str] | None) -> Amounts | None:
    return Amounts(Decimal(value["total"]), Decimal(value["remaining"])) if value else None


def _needed(value: Mapping[str, str]) -> Amounts:
    return Amounts(Decimal(value["total"]), Decimal(value["remaining"]))


def _member(suffix: str, data: dict[str, Any]) -> Member:
    given = dict(data)
    for name in ("copay", "telehealth_copay", "coinsurance"):
        if name in given:
            given[name] = Decimal(given[name])
    for name in ("deductible", "oop"):
        given[name] = _amounts(given.get(name))
    for name in ("carve_out", "primary_elsewhere"):
        given[name] = OtherPayer(**given[name]) if name in given else None
    if "visits" in given:
        given["visits"] = (given["visits"]["limit"], given["visits"]["used"])
    if "terminated_on" in given:
        given["terminated_on"] = date.fromisoformat(given["terminated_on"])
    if "aaa" in given:
        given["aaa"] = Rejection(**given["aaa"])
    if "claim_reject" in given:
        given["claim_reject"] = ClaimRejection(**given["claim_reject"])
    return Member(suffix, **given)


def _payer(key: str, data: dict[str, Any]) -> Payer:
    return Payer(key, **{**data, "ids": tuple(data["ids"])})


def load(path: Path = OWN_RULES) -> Rules:
    """Read a rules file. Unknown keys are refused (TypeError), so a misspelt rule never passes for a
    default.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    plan = data["plan"]
    payers = [_payer(key, value) for key, value in data["payers"].items()]
    return Rules(
        latency_ms=(data["latency_ms"]["p50"], data["latency_ms"]["p95"]),
        deadline_s=data["deadline_s"],
        acknowledge_s=data["acknowledge_s"],
        interest_after_days=data["interest"]["after_days"],
        interest_rate=Decimal(data["interest"]["yearly_rate"]),
        allowed={code: Decimal(value) for code, value in data["allowed"].items()},
        unpriced=frozenset(data["unpriced"]),
        live=frozenset(data["live"]),
        asynchronous=frozenset(data["asynchronous"]),
        plan=Plan(
            plan["name"],
            plan["group"],
            Decimal(plan["office_copay"]),
            Decimal(plan["out_of_network_coinsurance"]),
            _needed(plan["deductible"]),
            _needed(plan["oop"]),
            _needed(plan["out_of_network_deductible"]),
        ),
        payers={payer_id: payer for payer in payers for payer_id in payer.ids},
        members={suffix: _member(suffix, value) for suffix, value in data["member_suffix"].items()},
    )
