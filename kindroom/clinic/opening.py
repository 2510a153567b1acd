"""How the demo clinic began: policies, payers with their contracts, a sponsor, and the staff."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.access import Role
from kindroom.clinic import payers, policies, staff, therapists
from kindroom.clinic.house import House, hand, known_id
from records.accounts import NewAccount, add_account
from records.contracts import add_contract
from records.database import Transaction
from records.leaves import take_leave
from records.payers import MESSAGING, add_payer, set_self_pay_price
from records.policies import add_version
from records.practice import set_practice
from records.sponsor_terms import add_sponsor
from records.working_hours import set_hours

OPENED_DAYS_AGO = 400


async def open_clinic(house: House) -> None:
    """Everything that stands before the first client comes."""
    with house.past.at(house.present - timedelta(days=OPENED_DAYS_AGO)):
        async with house.past.transaction() as tx:
            await set_practice(tx, payers.PRACTICE)
            for policy in policies.POLICIES:
                await add_version(tx, policy.kind, policy.name, policy.definition)
            for payer in payers.PAYERS:
                house.payers[payer.code] = await _add_payer(tx, payer)
            await add_sponsor(tx, house.index, payers.sponsor(tx.now.date()))
            await set_self_pay_price(tx, MESSAGING, payers.SELF_PAY_MESSAGING, tx.now.date())
        for person in staff.OTHERS:
            await _hire(house, person)
        for therapist in therapists.THERAPISTS:
            await _hire_therapist(house, therapist)


async def _add_payer(tx: Transaction, payer: payers.PayerRow) -> UUID:
    payer_id = await add_payer(tx, payer.new)
    for row in payer.contracts(tx.now.date()):
        await add_contract(tx, payer_id, row)
    return payer_id


async def _hire(house: House, person: staff.StaffPerson) -> None:
    async with house.past.transaction() as tx:
        new = NewAccount(
            person.role,
            person.username,
            house.password_hash,
            person.name,
            person.zone,
            email=f"{person.username}@kindroom.example",
            duties=person.duties,
        )
        account_id = await add_account(tx, house.index, new, known_id("staff", person.username))
    house.staff[person.username] = hand(account_id, person.role, person.duties)


async def _hire_therapist(house: House, person: therapists.TherapistPerson) -> None:
    await _hire(
        house, staff.StaffPerson(person.username, person.name, Role.THERAPIST, person.zone, person.duties)
    )
    who = house.staff[person.username]
    today = house.present.date()
    async with house.past.transaction(who) as tx:
        await tx.insert("therapists", **_profile(person, who.account_id), joined_at=tx.now)
        for licence in person.licences:
            await tx.insert(
                "licences",
                id=known_id("licence", person.username, licence.state),
                therapist_id=who.account_id,
                state=licence.state,
                kind="licence",
                number=f"{licence.state}-{person.credential}-{therapists.THERAPISTS.index(person) + 1:04}",
                active_from=tx.now.date(),
                expires_on=therapists.expiry(today, licence),
            )
        for payer in person.payers:
            await tx.insert(
                "payer_credentials",
                therapist_id=who.account_id,
                payer_id=house.payers[payer],
                active_from=tx.now.date(),
            )
        await set_hours(tx, who.account_id, person.calendar(today))


def _profile(person: therapists.TherapistPerson, account_id: UUID) -> dict[str, Any]:
    return {
        "id": account_id,
        "pronoun": person.pronoun,
        "credential": person.credential,
        "npi": therapists.npi(therapists.THERAPISTS.index(person) + 1),
        "taxonomy": person.taxonomy,
        "gender": person.gender,
        "languages": list(person.languages),
        "specialties": list(person.specialties),
        "modalities": list(person.modalities),
        "styles": list(person.styles),
        "age_from": 18,
        "age_to": 99,
        "acuity": person.acuity,
        "capacity": person.capacity,
        "active_rooms": 0,
        "accepting": person.accepting,
        "messaging": True,
        "associate": person.associate,
        "bio": person.bio,
    }


async def plan_leave(house: House) -> None:
    """One therapist is away for a long time and nobody covers yet: what her rooms hold is on the board."""
    who, since = house.staff[therapists.ON_LEAVE], house.present - timedelta(days=4)
    with house.past.at(house.present - timedelta(days=OPENED_DAYS_AGO - 1)):
        async with house.past.transaction(who) as tx:
            until = house.present + timedelta(days=120)
            await take_leave(tx, who.account_id, since, until, None, "Family leave.")


async def take_no_clients(house: House) -> None:
    """Who is away is not offered to new clients either."""
    who = house.staff[therapists.ON_LEAVE]
    async with house.past.transaction(who) as tx:
        await tx.run("UPDATE therapists SET accepting = false WHERE id = %s", (who.account_id,))
