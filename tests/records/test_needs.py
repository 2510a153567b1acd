"""Every move of a room is judged by age, language and need of care as well, though no supervisor may open a chart."""

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from factories import account, actor, instant, room, therapist

from domain.access import Action, Role
from domain.assignments import AssignmentReason
from domain.consents import Document
from domain.errors import Conflict
from domain.match_profiles import Acuity
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import measures, moves, needs, relations
from records.assignments import could_take, reassign
from records.database import dumps
from records.moves import Wanted

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")
CHILDREN, OTHER_TONGUE, MILD, FITS = (
    "age_from = 3, age_to = 12",
    "languages = '{es}'",
    "acuity = 'low'",
    "npi = npi",
)


async def test_what_was_said_is_kept_by_whoever_changes_it_and_by_nobody_else(databases: "Databases") -> None:
    where, other = await room(databases.care), await room(databases.care)
    me = where.client.account_id
    async with databases.worker.transaction() as tx:
        assert await needs.refresh(tx) == 2  # their intakes came from elsewhere
    async with databases.care.transaction(where.client) as tx:
        for document in (Document.PRIVACY_NOTICE, Document.TELEHEALTH):
            await tx.insert(
                "consents", id=uuid4(), client_id=me, document=document, version="2025-01", state="NY",
                signature_sealed=b"", signed_at=tx.now,
            )  # fmt: skip
        permit = await relations.writable_chart(tx, me, Action.ANSWER_MEASURE)
        await measures.record(tx, permit, "PHQ-9", [3] * 8 + [0])
    async with (
        databases.care.transaction() as tx
    ):  # in the very next moment, by somebody who may read no chart
        known = await needs.known(tx, [{"client_id": me}, {"client_id": other.client.account_id}])
    assert known[me].acuity is Acuity.HIGH
    assert known[other.client.account_id].acuity is not Acuity.HIGH
    async with databases.care.transaction(other.client) as tx:
        assert await tx.run("UPDATE client_needs SET needs_sealed = '' WHERE client_id = %s", (me,)) == 0


async def test_a_move_under_the_same_filters_is_refused_row_by_row(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    me, takers = where.client.account_id, dict[str, UUID]()
    async with databases.care.transaction(at=MONDAY) as tx:
        lead = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
        for what in (CHILDREN, OTHER_TONGUE, MILD, FITS):
            takers[what] = await therapist(tx)
            await tx.run(f"UPDATE therapists SET {what} WHERE id = %s", (takers[what],))
    async with databases.care.transaction(where.client, MONDAY) as tx:
        said = dumps({"safety": {"suicidal": "longer_ago"}})
        chart = await tx.key(KeyScope.CHART, me)
        sealed = seal_field(chart, me, "clients", "intake_sealed", me, said)
        await tx.run("UPDATE clients SET intake_sealed = %s WHERE id = %s", (sealed, me))
        await needs.keep(tx, me)
    async with databases.worker.transaction(at=MONDAY) as tx:
        assert await needs.refresh(tx) == 0
        clock = await tx.one("SELECT id FROM response_clocks")
    assert clock is not None
    expected = {CHILDREN: "age_outside_band", OTHER_TONGUE: "language", MILD: "acuity_outside_scope"}
    async with databases.care.transaction(lead, MONDAY) as tx:
        visible = await relations.visible(tx, where.id)
        for what, code in expected.items():
            (move,) = await moves.plan_moves(tx, [Wanted(clock["id"], takers[what])])
            assert move.refused == code
            with pytest.raises(Conflict, match=code):
                await reassign(tx, visible, takers[what], AssignmentReason.OVERLOAD)
        (anybody,) = await moves.plan_moves(tx, [Wanted(clock["id"], None)])
        assert anybody.therapist_after == takers[FITS]
        assert [each["id"] for each in await could_take(tx, visible)] == [takers[FITS]]
