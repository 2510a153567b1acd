"""Every cover that waits is one kind of work, and somebody's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.coverage import CoverageStatus, Owner
from domain.coverage_work import NEXT_STEP, SILENT, CoverageWork, work_of
from domain.rejections import FAULT_OF, Fault

REASONS = [
    *SILENT,
    *(f"aaa_{code}" for code in FAULT_OF),
    "carve_out_unclear",
    "practice_not_set",
    "plan_ended",
]
ENROLMENT = [code for code, fault in FAULT_OF.items() if fault is Fault.PROVIDER]


@given(st.sampled_from(CoverageStatus), st.sampled_from([None, *Owner]), st.sampled_from([None, *REASONS]))
def test_whatever_it_waits_for_the_next_step_is_said(
    status: CoverageStatus, owner: Owner | None, reason: str | None
) -> None:
    assert NEXT_STEP[work_of(status, owner, reason)]
    assert work_of(status, owner, reason, touched=True) is CoverageWork.ENDED


@pytest.mark.parametrize("code", ENROLMENT)
def test_what_concerns_the_provider_is_enrolment(code: str) -> None:
    assert work_of(CoverageStatus.MANUAL_REVIEW, Owner.BILLING, f"aaa_{code}") is CoverageWork.ENROLMENT


@pytest.mark.parametrize(
    ("status", "owner", "reason", "work"),
    [
        (CoverageStatus.VERIFYING, Owner.PAYER, "down", CoverageWork.ASKING),
        (CoverageStatus.MANUAL_REVIEW, Owner.BILLING, "down", CoverageWork.PAYER_SILENT),
        (CoverageStatus.MANUAL_REVIEW, Owner.BILLING, "carve_out_unclear", CoverageWork.UNCLEAR),
        (CoverageStatus.MANUAL_REVIEW, Owner.ADMINISTRATOR, "practice_not_set", CoverageWork.ALARM),
        (CoverageStatus.NEEDS_INFORMATION, Owner.CLIENT, "aaa_75", CoverageWork.CLIENT_DETAILS),
        (CoverageStatus.ACTIVE, Owner.CLIENT, "aaa_75", CoverageWork.CLIENT_DETAILS),
        (CoverageStatus.INACTIVE, Owner.CLIENT, "plan_ended", CoverageWork.OTHER_COVER),
    ],
)
def test_the_kind_of_work_follows_from_who_acts_and_why(
    status: CoverageStatus, owner: Owner, reason: str, work: CoverageWork
) -> None:
    assert work_of(status, owner, reason) is work
