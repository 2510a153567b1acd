"""What the members and payers of the rules do, in words: for the page, and for `python -m sandbox --members`."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.rules import Member, Payer, Rules


def of_member(member: Member) -> str:
    """How a member id with this suffix behaves."""
    return "; ".join([*_refusals(member), *_shares(member), *_cover(member), *_claims(member)]) or "active"


def of_payer(payer: Payer) -> str:
    """The filing habits of a payer."""
    said = [f"claims within {payer.timely_filing_days} days", f"asynchronous text: {payer.async_text}"]
    if payer.member_id_optional:
        said.append("member id may be left out")
    if payer.group_required:
        said.append("group number needed on claims")
    if payer.primary_f_code:
        said.append("principal diagnosis must be an F code")
    if payer.member_prefix:
        said.append(f"member ids begin with {payer.member_prefix.replace('_', ' ')}")
    if payer.plan_year_start != "01-01":
        said.append(f"plan year from {payer.plan_year_start}")
    return "; ".join(said)


def listed(rules: Rules) -> Iterator[tuple[str, str]]:
    """Every suffix and every payer id with what it does."""
    for suffix, member in sorted(rules.members.items()):
        yield f"..{suffix}", of_member(member)
    for payer_id, payer in rules.payers.items():
        yield payer_id, f"{payer.name}: {of_payer(payer)}"


def _refusals(member: Member) -> Iterator[str]:
    if member.aaa:
        yield f"AAA {member.aaa.code} in {member.aaa.loop}, follow-up {member.aaa.follow_up}"
    if member.found_without_first_name:
        yield "found when asked without first name"
    if member.recover_after_calls is not None:
        yield f"recovers after {member.recover_after_calls} calls"
    if member.recover_after_s is not None:
        yield f"recovers after {member.recover_after_s:g} s"
    if member.http:
        yield f"HTTP {member.http}"
    if member.truncated_isa:
        yield "answer cut off inside its ISA"
    if member.latency_ms is not None:
        yield f"answers after {member.latency_ms / 1000:g} s"


def _shares(member: Member) -> Iterator[str]:
    if member.covered_in_full:
        yield "covered in full"
    if member.copay is not None:
        yield f"copay {member.copay}"
    if member.telehealth_copay is not None:
        yield f"telehealth copay {member.telehealth_copay}"
    if member.deductible:
        yield f"deductible {member.deductible.total}, {member.deductible.remaining} left"
    if member.coinsurance is not None:
        yield f"coinsurance {member.coinsurance}"
    if member.oop:
        yield f"out-of-pocket limit {member.oop.total}, {member.oop.remaining} left"


def _cover(member: Member) -> Iterator[str]:
    if member.network == "N":
        yield "out of network"
    if member.plan_level_only:
        yield "nothing said of behavioural health (30 only)"
    if member.terminated_on:
        yield f"inactive since {member.terminated_on}"
    if member.begins_days_ago is not None:
        yield f"covered for {member.begins_days_ago} days only"
    if member.dependents_only:
        yield "the patient must come as dependent (2000D)"
    if member.carve_out:
        yield f"behavioural health at {member.carve_out.name}, {member.carve_out.payer_id}; a claim here: CO 109"
    if member.primary_elsewhere:
        yield f"other insurance first: {member.primary_elsewhere.name}; a claim as primary: CO 22"


def _claims(member: Member) -> Iterator[str]:
    if member.authorisation_after_visit is not None:
        yield f"authorisation after visit {member.authorisation_after_visit}; a claim without: CO 197"
    if member.visits:
        yield f"{member.visits[1]} of {member.visits[0]} visits used; a claim: CO 119"
    if member.ends_in_retrospect_after_days is not None:
        yield f"ended in retrospect after {member.ends_in_retrospect_after_days} days; a claim: CO 27"
    if member.claim_reject:
        yield f"a claim: 277CA {member.claim_reject.category}:{member.claim_reject.code}"
