"""The rules the sandbox runs by are those it was ordered by: tests/samples/sandbox_payers.yaml."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.faults import Fault
from sandbox.rules import Member, load
from sandbox.settings import Latency

ORDER = yaml.safe_load((Path(__file__).parent.parent / "samples" / "sandbox_payers.yaml").read_text())
RULES = load()


def test_times_allowed_amounts_and_faults_are_the_ordered_ones() -> None:
    given = ORDER["defaults"]
    assert RULES.latency_ms == (given["latency_ms"]["p50"], given["latency_ms"]["p95"])
    assert RULES.deadline_s == given["core_deadline_s"]
    after = {kind: given["ack"][f"{kind.lower()}_after_s"] for kind in ("999", "277CA", "835")}
    assert dict(RULES.acknowledge_s) == after
    assert dict(RULES.allowed) == {code: Decimal(amount) for code, amount in given["allowed"].items()}
    assert {fault.value for fault in Fault} == set(ORDER["fault_injection"])


def test_answers_take_their_time_by_median_and_95th_percentile_and_never_pass_the_deadline() -> None:
    p50, p95 = RULES.latency_ms
    drawn = sorted(Latency(p50, p95, RULES.deadline_s * 1000).draw() for _ in range(4_000))
    assert 0.9 * p50 < drawn[2_000] * 1000 < 1.1 * p50
    assert 0.8 * p95 < drawn[3_800] * 1000 < 1.25 * p95
    assert 0 < drawn[0] < drawn[-1] <= RULES.deadline_s
    assert Latency(0, p95, 20_000).draw() == 0


def _said(member: Member) -> dict[str, Any]:
    """A member in the words of the order."""
    said: dict[str, Any] = {"eb": None if member.aaa or member.http or member.truncated_isa else "active"}
    if member.latency_ms:
        said = {"latency_ms": member.latency_ms}
    if member.terminated_on:
        said = {"eb": "inactive", "term": member.terminated_on}
    if member.aaa:
        said["aaa"] = {"loop": member.aaa.loop, "code": member.aaa.code, "follow_up": member.aaa.follow_up}
    said |= {
        "recover_after_calls": member.recover_after_calls,
        "recover_after_s": member.recover_after_s,
        "http": member.http,
        "raw": "truncated_isa" if member.truncated_isa else None,
        "telehealth_copay": member.telehealth_copay,
        "coverage_100": member.covered_in_full or None,
        "only_stc": "30" if member.plan_level_only else None,
        "dependents_only": member.dependents_only or None,
        "cob": {"primary_elsewhere": True} if member.primary_elsewhere else None,
        "visits": {"limit": member.visits[0], "used": member.visits[1]} if member.visits else None,
        "stale_after_days": member.ends_in_retrospect_after_days,
        "terminate_retro": member.ends_in_retrospect_after_days is not None or None,
    }
    if member.authorisation_after_visit is not None:
        said["auth"] = {"EB11": "Y", "after_visit": member.authorisation_after_visit}
    if member.carve_out:
        said["carve_out"] = {
            "EB01": "U",
            "entity": member.carve_out.name,
            "payer_id": member.carve_out.payer_id,
        }
    if member.network == "N" and member.deductible:
        said["network"] = "N"
        said["oon"] = {"deductible_remaining": member.deductible.remaining, "coinsurance": member.coinsurance}
    elif member.deductible and member.oop:
        said["deductible"] = {"total": member.deductible.total, "remaining": member.deductible.remaining}
        said |= {
            "oop": {"total": member.oop.total, "remaining": member.oop.remaining},
            "coinsurance": member.coinsurance,
        }
    if member.telehealth_copay is not None:
        said |= {"copay": member.copay, "stc": "MH"}
    return {name: value for name, value in said.items() if value is not None}


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _exact(each) for name, each in value.items()}
    return Decimal(str(value)) if isinstance(value, float) else value


@pytest.mark.parametrize("suffix", sorted(ORDER["member_suffix"]))
def test_each_member_behaves_as_ordered(suffix: str) -> None:
    assert _said(RULES.members[suffix]) == _exact(ORDER["member_suffix"][suffix])


def test_all_22_behaviours_are_there() -> None:
    assert len(ORDER["member_suffix"]) == 22
    assert set(ORDER["member_suffix"]) <= set(RULES.members)


@pytest.mark.parametrize("key", ["premera", "cigna", "optum", "gatorcare", "aetna", "bcbs"])
def test_each_payer_has_the_ordered_habits(key: str) -> None:
    given = ORDER["payers"][key]
    payer_id = given["id"] if "id" in given else given["ids"]["NC"]
    payer = RULES.payers[payer_id]
    extra = given.get("extra", {})
    assert payer.key == key
    assert payer.name == given.get("name", "BLUE CROSS BLUE SHIELD")
    assert (payer.async_text, payer.timely_filing_days) == (given["async_text"], given["timely_filing_days"])
    assert payer.group_required == given.get("group_required", False)
    assert payer.plan_year_start == given.get("plan_year_start", "01-01")
    assert payer.member_id_optional == extra.get("member_id_optional", False)
    assert payer.primary_f_code == ("requires_F_code_primary" in extra)
    assert bool(payer.member_prefix) == ("bad_prefix" in extra or "route" in given)


def test_the_blue_plans_of_other_states_are_the_payers_that_bear_their_ids() -> None:
    others = {state: payer_id for state, payer_id in ORDER["payers"]["bcbs"]["ids"].items() if state != "NC"}
    assert {state: RULES.payers[payer_id].key for state, payer_id in others.items()} == {
        "WA": "premera",
        "FL": "gatorcare",
    }
