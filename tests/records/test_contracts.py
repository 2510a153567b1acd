"""Contract rows know whose services they price: the clinician who attested, and whom the client has."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from arrivals import arrived, contract, give_insurance, house
from factories import actor, therapist
from office import Office, attested_week, insured_room

from domain.access import Role
from domain.clinicians import ClinicianKind
from domain.contracts import ContractRow
from domain.coverage import Outcome, Verdict
from domain.eligibility import Benefit, EligibilityAnswer
from records import contracts, coverage_answers, covered_services, payers
from records.coverages import find
from records.rooms import open_room

if TYPE_CHECKING:
    from conftest import Databases

LONG_AGO = date(2024, 1, 1)
THERAPISTS = replace(contract("premera", LONG_AGO), clinician_kind=ClinicianKind.NON_PRESCRIBER)
PRESCRIBERS = replace(
    contract("premera", LONG_AGO, "60.00"), procedure_code="99423", clinician_kind=ClinicianKind.PRESCRIBER
)
PSYCHIATRIST = "2084P0800X"


async def office_of(databases: "Databases", *rows: ContractRow) -> Office:
    async with databases.care.transaction() as tx:
        payer_id = await payers.add_payer(tx, payers.NewPayer("premera", "Premera", "00430", "CI", 90))
        for row in rows:
            await contracts.add_contract(tx, payer_id, row)
    return Office(payer_id, "premera")


@pytest.mark.parametrize(
    ("taxonomy", "rows", "billed"),
    [
        (PSYCHIATRIST, (THERAPISTS, PRESCRIBERS), ("99423", "unbilled", [])),
        ("1041C0700X", (THERAPISTS, PRESCRIBERS), ("98972", "unbilled", [])),
        (PSYCHIATRIST, (THERAPISTS,), (None, "held", ["no_contract_row"])),
    ],
)
async def test_a_week_is_coded_by_who_attested_it_or_waits_for_billing(
    databases: "Databases", taxonomy: str, rows: tuple[ContractRow, ...], billed: tuple[Any, ...]
) -> None:
    where = await insured_room(databases, await office_of(databases, *rows))
    async with databases.care.transaction() as tx:
        who = where.therapist.account_id
        await tx.run("UPDATE therapists SET taxonomy = %s WHERE id = %s", (taxonomy, who))
    line = (await attested_week(databases, where)).line
    assert line is not None
    assert (line["code"], line["state"], line["holds"]) == billed


async def test_an_estimate_is_for_the_usual_clinician_until_the_client_has_one(
    databases: "Databases",
) -> None:
    """Half of 45.00 with those who do not prescribe, half of 60.00 with those who do."""
    found, me = await house(databases.care), await arrived(databases.care)
    coverage_id = await give_insurance(databases.care, found, me, "U1234567801")
    office = await office_of(databases, THERAPISTS, PRESCRIBERS)
    half = EligibilityAnswer(
        benefits=(
            Benefit("1", service_types=("MH",)),
            Benefit("A", service_types=("MH",), fraction=Decimal("0.5")),
        )
    )
    async with databases.care.transaction(me) as tx:
        payer, row = await payers.find(tx, office.payer_id), await find(tx, coverage_id)
        answer = await coverage_answers.from_payer(
            tx, payer, Verdict(Outcome.ACTIVE, "plan_active"), half, date(2026, 11, 22)
        )
        before = await covered_services.estimate_of(tx, row, answer)
    async with databases.care.transaction() as tx:
        psychiatrist = await therapist(tx)
        await tx.run("UPDATE therapists SET taxonomy = %s WHERE id = %s", (PSYCHIATRIST, psychiatrist))
    async with databases.care.transaction(actor(Role.THERAPIST, psychiatrist)) as tx:
        await open_room(tx, me.account_id, psychiatrist)
    async with databases.care.transaction(me) as tx:
        after = await covered_services.estimate_of(tx, row, answer)
    assert before is not None
    assert after is not None
    said = [
        (each["per_session"], each["inputs"]["clinician_kind"], each["inputs"]["clinician_assumed"])
        for each in (before, after)
    ]
    assert said == [("22.50", "non_prescriber", True), ("30.00", "prescriber", False)]
