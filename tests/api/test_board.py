"""The supervisors' board over HTTP: filters, orders and cursors; moves before and after; undo; review; load."""

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from belongings import everything
from factories import Room, room, therapist
from people import Api, ClientAs, Person
from scenes import set_scene

from domain.access import Role
from records.rungs import fire_due_rungs

if TYPE_CHECKING:
    from conftest import Databases

NOW = datetime.now(UTC).replace(microsecond=0)
SORTS = ("due_at", "opened_at", "therapist", "rung", "client_code")


async def run_as_owner(databases: "Databases", statement: str, *values: Any) -> None:
    """What no login of the service may do."""
    async with await psycopg.AsyncConnection.connect(databases.owner_dsn, autocommit=True) as conn:
        await conn.execute(statement.encode(), values)


async def change(databases: "Databases", where: Room, **columns: Any) -> None:
    """Set columns of a room's clock."""
    names = ", ".join(f"{name} = %s" for name in columns)
    await run_as_owner(
        databases, f"UPDATE response_clocks SET {names} WHERE room_id = %s", *columns.values(), where.id
    )


async def clock_of(databases: "Databases", where: Room) -> dict[str, Any]:
    async with databases.worker.transaction() as tx:
        row = await tx.one(
            "SELECT c.*, r.therapist_id AS answers FROM response_clocks c JOIN rooms r ON r.id = c.room_id"
            " WHERE c.room_id = %s ORDER BY c.opened_at DESC LIMIT 1",
            (where.id,),
        )
    assert row is not None
    return row


async def rows(person: Person, **query: Any) -> list[dict[str, Any]]:
    answer = await person.http.get("/v1/clocks", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def all_pages(person: Person, limit: int, **query: Any) -> list[str]:
    """The clock ids of every page, one after the other."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        params = {**query, "limit": limit, **({"cursor": cursor} if cursor else {})}
        answer = (await person.http.get("/v1/clocks", params=params)).json()
        found += [row["clock_id"] for row in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            return found


@pytest.fixture
async def watcher(client_as: ClientAs) -> Person:
    """Who keeps the board open."""
    return await client_as(Role.SUPERVISOR)


@pytest.fixture
async def filled(databases: "Databases") -> list[Room]:
    """Six rooms: late, soon, later, held, one of a team under another policy, one on leave; times apart."""
    rooms = [await room(databases.care) for _ in range(6)]
    for place, where in enumerate(rooms):
        due = NOW + timedelta(hours=place * 3 - 3, minutes=30)
        await change(
            databases,
            where,
            due_at=due,
            opened_at=NOW - timedelta(hours=9 - place),
            rung_level=(5 - place) % 4,
        )
    await change(databases, rooms[3], held="no_capacity", due_at=None, next_alarm_at=None)
    await change(databases, rooms[4], policy_name="evening", kind="first_response", acknowledged_at=NOW)
    await run_as_owner(
        databases, "UPDATE therapists SET team = 'Nights' WHERE id = %s", rooms[4].therapist.account_id
    )
    await run_as_owner(
        databases,
        "INSERT INTO leaves (id, therapist_id, starts_at, ends_at) VALUES (%s, %s, %s, %s)",
        *(uuid4(), rooms[5].therapist.account_id, NOW - timedelta(days=1), NOW + timedelta(days=1)),
    )
    return rooms


async def test_every_filter_finds_exactly_what_it_names(
    watcher: Person, filled: list[Room], databases: "Databases"
) -> None:
    code = "K-7QX42"
    await run_as_owner(
        databases, "UPDATE clients SET code = %s WHERE id = %s", code, filled[2].client.account_id
    )
    expected: list[tuple[dict[str, Any], set[int]]] = [
        ({}, {0, 1, 2, 3, 4, 5}),
        ({"state": "overdue"}, {0}),
        ({"state": "held"}, {3}),
        ({"state": "met"}, set()),
        ({"therapist": str(filled[1].therapist.account_id)}, {1}),
        ({"team": "Nights"}, {4}),
        ({"policy": "evening"}, {4}),
        ({"kind": "welcome"}, {0, 1, 2, 3, 5}),
        ({"due_before": (NOW + timedelta(hours=1)).isoformat()}, {0, 1}),
        ({"coverage_gap": "true"}, {3, 5}),
        ({"coverage_gap": "false"}, {0, 1, 2, 4}),
        ({"acknowledged": "true"}, {4}),
        ({"client_code": code.lower()}, {2}),
        ({"client_code": "K-%"}, set()),
        ({"team": "Nights", "state": "overdue"}, set()),
    ]
    for query, places in expected:
        for sort in ("due_at", "therapist", "-client_code"):
            found = {row["room_id"] for row in await rows(watcher, **query, sort=sort)}
            assert found == {str(filled[place].id) for place in places}, (query, sort)
    await change(databases, filled[0], state="late", closed_at=NOW)
    await run_as_owner(
        databases,
        "INSERT INTO clock_breaches SELECT id, room_id, due_at, due_at FROM response_clocks WHERE room_id = %s",
        filled[0].id,
    )
    for state in ("late", "breached"):
        assert [row["room_id"] for row in await rows(watcher, state=state)] == [str(filled[0].id)]


@pytest.mark.parametrize("direction", ["", "-"])
async def test_each_order_is_the_same_page_by_page_and_the_reverse_the_other_way(
    watcher: Person, filled: list[Room], direction: str
) -> None:
    for sort in SORTS:
        whole = await rows(watcher, sort=direction + sort)
        there = [row["clock_id"] for row in whole]
        assert await all_pages(watcher, 2, sort=direction + sort) == there
        back = [row["clock_id"] for row in await rows(watcher, sort=sort if direction else f"-{sort}")]
        assert back == there[::-1]
    by_due = [row["due_at"] or "9" for row in await rows(watcher, sort=f"{direction}due_at")]
    assert by_due == sorted(by_due, reverse=bool(direction))
    by_name = [row["therapist"] for row in await rows(watcher, sort=f"{direction}therapist")]
    assert by_name == sorted(by_name, reverse=bool(direction))


async def test_a_page_goes_on_where_it_ended_whatever_changed_before_it(
    watcher: Person, filled: list[Room], databases: "Databases"
) -> None:
    first = (await watcher.http.get("/v1/clocks", params={"limit": 3})).json()
    seen = [row["clock_id"] for row in first["items"]]
    late = await room(databases.care)
    await change(databases, late, due_at=NOW - timedelta(hours=8))  # comes in before the place
    await change(databases, filled[1], state="met", closed_at=NOW)  # and a row before it goes
    rest = (await watcher.http.get("/v1/clocks", params={"cursor": first["next_cursor"]})).json()["items"]
    unchanged = {str((await clock_of(databases, where))["id"]) for where in filled}
    assert {*seen, *(row["clock_id"] for row in rest)} == unchanged
    assert not set(seen) & {row["clock_id"] for row in rest}


async def test_a_cursor_is_of_its_own_order_and_tells_no_name(watcher: Person, filled: list[Room]) -> None:
    page = (await watcher.http.get("/v1/clocks", params={"limit": 2, "sort": "therapist"})).json()
    for sort, cursor in (
        ("due_at", page["next_cursor"]),
        ("-therapist", page["next_cursor"]),
        ("due_at", "x"),
        ("due_at", "bnVsbA"),
        ("due_at", "e30"),
        ("due_at", "WyJkdWVfYXQiLDEsMl0"),
    ):
        answer = await watcher.http.get("/v1/clocks", params={"sort": sort, "cursor": cursor})
        assert answer.status_code == 422, (sort, cursor)
    plain = base64.urlsafe_b64decode(page["next_cursor"] + "==").decode()
    assert page["items"][1]["therapist"] not in plain
    assert (await watcher.http.get("/v1/clocks", params={"sort": "name"})).status_code == 422


async def bulk(person: Person, clocks: Sequence[Any], to: Any, **more: Any) -> dict[str, Any]:
    body = {
        "clock_ids": [str(each) for each in clocks],
        "therapist_id": str(to),
        "reason": "illness",
        **more,
    }
    answer = await person.http.post("/v1/clocks/bulk-reassign", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ids_of(databases: "Databases", rooms: Sequence[Room]) -> list[UUID]:
    return [(await clock_of(databases, where))["id"] for where in rooms]


async def test_a_dry_run_changes_nothing_and_says_what_the_move_then_does(
    watcher: Person, filled: list[Room], databases: "Databases"
) -> None:
    async with databases.care.transaction() as tx:
        able = await therapist(tx, always=False)
        await tx.run("UPDATE therapists SET capacity = 3 WHERE id = %s", (able,))
        await tx.run("UPDATE clients SET state = 'TX' WHERE id = %s", (filled[1].client.account_id,))
    await change(databases, filled[2], state="met", closed_at=NOW)
    clocks = [*await ids_of(databases, filled), uuid4()]
    before = await everything(databases)
    dry = await bulk(watcher, clocks, able, dry_run=True)
    assert await everything(databases) == before
    assert dry["action_id"] is None
    codes = [row["refused"] for row in dry["items"]]
    assert codes == [None, "no_licence", "clock_ended", None, None, "no_capacity", "not_found"]
    real = await bulk(watcher, clocks, able)
    assert [row["refused"] for row in real["items"]] == codes
    assert [row["therapist_after"] for row in real["items"]] == [
        row["therapist_after"] for row in dry["items"]
    ]
    for told, done in zip(dry["items"], real["items"], strict=True):
        assert told["due_before"] == done["due_before"]
        if done["due_after"] is None:
            assert told["due_after"] is None
            continue
        assert told["due_after"] == done["due_after"]
        assert done["due_after"] != done["due_before"]  # office hours instead of round the clock
    moved = [filled[0], filled[3], filled[4]]
    for where in moved:
        clock = await clock_of(databases, where)
        assert (clock["answers"], clock["therapist_id"]) == (able, able)
    async with databases.worker.transaction() as tx:
        assignments = await tx.all("SELECT reason, action_id FROM room_assignments")
        told = await tx.one(
            "SELECT count(*) AS n FROM notices WHERE template = 'room_reassigned' AND account_id = ANY (%s)",
            ([where.client.account_id for where in moved],),
        )
        load = await tx.one("SELECT active_rooms FROM therapists WHERE id = %s", (able,))
    assert [(a["reason"], str(a["action_id"])) for a in assignments] == [("illness", real["action_id"])] * 3
    assert (told, load) == ({"n": 3}, {"active_rooms": 3})


async def test_whoever_may_and_answers_first_takes_each_room_until_their_places_are_full(
    watcher: Person, filled: list[Room], databases: "Databases"
) -> None:
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE therapists SET capacity = active_rooms")  # nobody there has a place
        quick = await therapist(tx)
        slow = await therapist(tx, always=False)
        away = await therapist(tx)
        await therapist(tx, states=("TX",))
        await tx.run("UPDATE therapists SET capacity = 2 WHERE id = %s", (quick,))
        await tx.run("UPDATE therapists SET capacity = 1 WHERE id = %s", (slow,))
        await tx.insert(
            "leaves",
            id=uuid4(),
            therapist_id=away,
            starts_at=NOW - timedelta(1),
            ends_at=NOW + timedelta(days=9),
        )
    asked = [filled[0], filled[1], filled[2], filled[4]]
    saturday = NOW.replace(hour=17) - timedelta(days=(NOW.weekday() - 5) % 7 or 7)
    for where in asked:  # on a day without office hours, or both would answer at the same time
        await change(databases, where, opened_at=saturday)
    clocks = await ids_of(databases, asked)
    dry = await bulk(watcher, clocks, "auto", dry_run=True)
    taken = [row["therapist_after"] for row in dry["items"]]
    assert taken == [str(quick), str(quick), str(slow), None]
    assert dry["items"][3]["refused"] == "nobody_free"
    real = await bulk(watcher, clocks, "auto")
    assert [row["therapist_after"] for row in real["items"]] == taken


async def test_who_is_away_or_not_listed_with_the_payer_takes_no_room(
    watcher: Person, filled: list[Room], databases: "Databases"
) -> None:
    clock = (await ids_of(databases, [filled[0]]))[0]
    away = filled[5].therapist.account_id
    assert (await bulk(watcher, [clock], away, dry_run=True))["items"][0]["refused"] == "on_leave"
    same = filled[0].therapist.account_id
    assert (await bulk(watcher, [clock], same, dry_run=True))["items"][0]["refused"] == "already_assigned"
    path = f"/v1/rooms/{filled[0].id}/reassign"
    answer = await watcher.http.post(path, json={"therapist_id": str(away), "reason": "leave"})
    assert (answer.status_code, answer.json()["code"]) == (409, "on_leave")
    for reason in ("She is ill today", "undone"):
        answer = await watcher.http.post(
            path, json={"therapist_id": str(filled[1].therapist.account_id), "reason": reason}
        )
        assert answer.status_code == 422
        assert reason not in answer.text


async def test_an_undo_puts_back_what_is_still_there_and_reports_the_rest(
    watcher: Person, filled: list[Room], databases: "Databases", client_as: ClientAs
) -> None:
    async with databases.care.transaction() as tx:
        able, other = await therapist(tx), await therapist(tx)
    moved = filled[:2]
    done = await bulk(watcher, await ids_of(databases, moved), able)
    answer = await watcher.http.post(
        f"/v1/rooms/{moved[1].id}/reassign", json={"therapist_id": str(other), "reason": "risk"}
    )
    assert answer.status_code == 200
    path = f"/v1/undo/{done['action_id']}"
    stranger = await client_as(Role.SUPERVISOR)
    assert (await stranger.http.post(path)).status_code == 404
    undone = (await watcher.http.post(path)).json()["items"]
    by_room = {row["room_id"]: row["refused"] for row in undone}
    assert by_room == {str(moved[0].id): None, str(moved[1].id): "moved_since"}
    assert (await clock_of(databases, moved[0]))["answers"] == moved[0].therapist.account_id
    assert (await clock_of(databases, moved[1]))["answers"] == other
    again = await watcher.http.post(path)
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")
    async with databases.worker.transaction() as tx:
        entries = await tx.all("SELECT action FROM audit_events WHERE action IN ('undo', 'reassign')")
        told = await tx.one(
            "SELECT count(*) AS n FROM notices WHERE template = 'room_reassigned' AND account_id = %s",
            (moved[0].client.account_id,),
        )
    assert sorted(entry["action"] for entry in entries) == ["reassign"] * 4 + ["undo"]
    assert told == {"n": 2}
    second = answer.json()["action_id"]
    await run_as_owner(databases, "UPDATE undoable_actions SET expires_at = now() WHERE id = %s", second)
    late = await watcher.http.post(f"/v1/undo/{second}")
    assert (late.status_code, late.json()["code"]) == (409, "too_late")


async def test_a_move_and_an_answer_at_once_leave_one_of_two_whole_outcomes(
    api: Api, watcher: Person, databases: "Databases", client_as: ClientAs
) -> None:
    scene = await set_scene(api, client_as)
    where = Room(scene.room_id, scene.client, scene.therapist)  # type: ignore[arg-type]
    async with databases.care.transaction() as tx:
        people = [scene.therapist.account_id, await therapist(tx)]
    for turn in range(4):
        # The room is with the first of both, who answers while it is given to the second.
        await scene.client.http.post(
            f"{scene.path}/messages", json={"text": "Are you there? I could not sleep."}
        )
        clock = await clock_of(databases, where)
        assert (clock["state"], clock["answers"]) == ("running", people[0])
        text = {"text": "I am here, and I have read what you wrote. Tell me how the night was for you."}
        answer, moved = await asyncio.gather(
            scene.therapist.http.post(f"{scene.path}/messages", json=text),
            bulk(watcher, [clock["id"]], people[1]),
        )
        after = await clock_of(databases, where)
        refused = moved["items"][0]["refused"]
        if refused is None:
            assert answer.status_code in (201, 404, 409)
            assert after["answers"] == people[1]
            await watcher.http.post(f"/v1/undo/{moved['action_id']}")
        else:
            assert refused == "clock_ended"
            assert (answer.status_code, after["state"], after["answers"]) == (201, "met", people[0])
        if (await clock_of(databases, where))["state"] == "running":
            await scene.therapist.http.post(f"{scene.path}/messages", json=text)
        assert (await clock_of(databases, where))["state"] == "met", turn


async def test_acknowledging_many_says_row_by_row_what_was_not_there(
    watcher: Person, filled: list[Room], databases: "Databases"
) -> None:
    clocks = [*await ids_of(databases, filled[:2]), uuid4()]
    answer = await watcher.http.post(
        "/v1/clocks/bulk-acknowledge", json={"clock_ids": [str(each) for each in clocks]}
    )
    assert [row["refused"] for row in answer.json()["items"]] == [None, None, "not_found"]
    seen = {row["room_id"] for row in await rows(watcher, acknowledged="true")}
    assert seen == {str(where.id) for where in (filled[0], filled[1], filled[4])}


async def test_a_breach_is_reviewed_with_a_cause_and_a_sealed_note_and_stays_as_it_is(
    watcher: Person, databases: "Databases"
) -> None:
    where = await room(databases.care, at=NOW - timedelta(days=2))
    clock = await clock_of(databases, where)
    async with databases.worker.transaction() as tx:
        await fire_due_rungs(tx, where.id, clock["id"])
    sampled = await room(databases.care, at=NOW - timedelta(days=1))
    await change(databases, sampled, state="met", closed_at=NOW, sampled="short")
    fine = await room(databases.care)
    queue = (await watcher.http.get("/v1/breaches", params={"reviewed": "false"})).json()
    assert [row["room_id"] for row in queue["items"]] == [str(where.id), str(sampled.id)]
    path = f"/v1/clocks/{clock['id']}/review"
    said = await watcher.http.post(path, json={"reason": "workload", "note": "Two were ill that day."})
    assert (said.status_code, said.json()) == (201, {"n": 1})
    assert (await watcher.http.post(path, json={"reason": "technical"})).json() == {"n": 2}
    nothing = await watcher.http.post(
        f"/v1/clocks/{(await clock_of(databases, fine))['id']}/review", json={"reason": "other"}
    )
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_review")
    assert (await watcher.http.post(path, json={"reason": "because"})).status_code == 422
    done = (await watcher.http.get("/v1/breaches", params={"reviewed": "true"})).json()
    assert [(row["reason"], row["note"], row["n"]) for row in done["items"]] == [("technical", None, 2)]
    assert done["reasons"] == [{"name": "technical", "n": 1}]
    assert sum(row["n"] for row in done["therapists"]) == 2
    left = (await watcher.http.get("/v1/breaches", params={"reviewed": "false"})).json()["items"]
    assert [row["room_id"] for row in left] == [str(sampled.id)]
    async with databases.worker.transaction() as tx:
        breach = await tx.one("SELECT breached_at FROM clock_breaches WHERE clock_id = %s", (clock["id"],))
    assert breach == {"breached_at": clock["due_at"]}
    async with await psycopg.AsyncConnection.connect(databases.owner_dsn) as conn:
        cursor = await conn.execute("SELECT note_sealed FROM breach_reviews ORDER BY n")
        sealed = await cursor.fetchall()
    assert b"ill" not in sealed[0][0]
    assert sealed[1][0] is None


async def test_load_lists_gaps_first_and_counts_what_comes_due_by_the_hour(
    watcher: Person, filled: list[Room], databases: "Databases"
) -> None:
    found = (await watcher.http.get("/v1/supervision/load")).json()
    assert [(gap["kind"], gap["room_id"]) for gap in found["gaps"]] == [
        ("no_capacity", str(filled[3].id)),
        ("away", str(filled[5].id)),
    ]
    by_person = {item["therapist_id"]: item for item in found["items"]}
    late = by_person[str(filled[0].therapist.account_id)]
    assert (late["overdue"], late["hours"]) == (1, [])
    later = by_person[str(filled[2].therapist.account_id)]
    assert [hour["due"] for hour in later["hours"]] == [1]
    away = by_person[str(filled[5].therapist.account_id)]
    assert away["leave"][0]["rooms_without_cover"] == 1
    assert datetime.fromisoformat(away["open"][0]["from"]) == NOW + timedelta(
        days=1
    )  # not before they are back
    await run_as_owner(
        databases,
        "INSERT INTO covers (id, room_id, therapist_id, starts_at, ends_at) VALUES (%s, %s, %s, %s, %s)",
        *(uuid4(), filled[5].id, filled[1].therapist.account_id),
        *(NOW - timedelta(days=1), NOW + timedelta(days=1)),
    )
    covered = (await watcher.http.get("/v1/supervision/load")).json()
    assert [gap["kind"] for gap in covered["gaps"]] == ["no_capacity"]
    seen, cursor = [], None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await watcher.http.get("/v1/supervision/load", params=params)).json()
        seen += [item["therapist_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(by_person)


async def test_a_view_is_kept_renamed_and_forgotten_by_its_owner_only(
    watcher: Person, client_as: ClientAs
) -> None:
    saved = await watcher.http.post("/v1/board-views", json={"name": "Late", "query": "state=overdue"})
    again = await watcher.http.post("/v1/board-views", json={"name": "Late", "query": "state=held"})
    assert saved.status_code == 201
    assert saved.json() == again.json()
    path = f"/v1/board-views/{saved.json()['id']}"
    other = await client_as(Role.SUPERVISOR)
    assert (await other.http.get("/v1/board-views")).json()["items"] == []
    assert (await other.http.delete(path)).status_code == 404
    assert (await other.http.patch(path, json={"name": "Mine"})).status_code == 404
    assert (await watcher.http.patch(path, json={"name": "On hold"})).status_code == 204
    kept = (await watcher.http.get("/v1/board-views")).json()["items"]
    assert [(view["name"], view["query"]) for view in kept] == [("On hold", "state=held")]
    assert (await watcher.http.delete(path)).status_code == 204
    assert (await watcher.http.get("/v1/board-views")).json()["items"] == []
