"""Measures that a site brings itself: the Columbia screener pages, asks or gives a task by its triage."""

from typing import Any

import pytest
from factories import actor as signed_in
from test_journeys import ready_client

from domain.access import Action, Role
from domain.risk import Urgency
from records import measures, relations

ALL_NO = {"q1": False, "q2": False, "q3": False, "q4": False, "q5": False, "q6_ever": False, "q6_3m": False}


@pytest.mark.parametrize(
    ("yes", "urgency"),
    [
        ((), None),
        (("q1",), Urgency.ASKING),
        (("q1", "q2", "q3"), Urgency.SAME_DAY),
        (("q1", "q2", "q4"), Urgency.PAGE_NOW),
        (("q6_ever", "q6_3m"), Urgency.PAGE_NOW),
    ],
)
async def test_the_columbia_screener_calls_people_by_its_triage(
    databases: Any, yes: tuple[str, ...], urgency: Urgency | None
) -> None:
    client_id = await ready_client(databases.care)
    async with databases.care.transaction(signed_in(Role.CLIENT, client_id)) as tx:
        permit = await relations.writable_chart(tx, client_id, Action.ANSWER_MEASURE)
        result = await measures.record(tx, permit, "C-SSRS", {**ALL_NO, **dict.fromkeys(yes, True)})
    assert (result.flag.urgency if result.flag else None) == urgency
