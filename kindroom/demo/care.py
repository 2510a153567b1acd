"""Chapter two: messages, the promise kept and broken, a goal and a check-in."""

from functools import partial

from kindroom.clinic.policies import DEMO_SECONDS, DEMO_WEEK, DEMO_WINDOW_SECONDS
from kindroom.demo.house import DemoFailed, Json, until
from kindroom.demo.walk import Walk

_LADDER = ("nudge", "breach", "cover")


async def care(walk: Walk) -> None:
    """Everyday life of a room, and one promise that is broken. Raises DemoFailed."""
    walk.screen.chapter("In care")
    await _welcome(walk)
    await _kept_promise(walk)
    await _broken_promise(walk)
    await _goal(walk)
    await _check_in(walk)


async def _say(walk: Walk, who: str, text: str) -> Json:
    found: Json = await walk.people[who].post(
        f"/v1/rooms/{walk.room_id}/messages", {"kind": "text", "text": text}
    )
    return found


async def _policy(walk: Walk, name: str) -> None:
    supervisor = await walk.staff("supervisor")
    await supervisor.put(f"/v1/rooms/{walk.room_id}/policy", {"name": name}, 204)


async def _welcome(walk: Walk) -> None:
    with walk.screen.step("The therapist says hello; the welcome promise is kept") as step:
        if (await walk.room())["promise"]["state"] == "none":
            raise DemoFailed("a new room should promise a welcome")
        await _say(walk, "therapist", "Welcome, I am glad you are here. Write whenever it suits you.")
        await _expect_promise(walk, "none")
        await _policy(walk, DEMO_WEEK)
        step.say(
            f"for this demonstration the room is put on the policy {DEMO_WEEK}: its billable window of seven days"
            f" lasts {DEMO_WINDOW_SECONDS} seconds"
        )


async def _kept_promise(walk: Walk) -> None:
    with walk.screen.step("The client writes, and sees when an answer is due") as step:
        posted = await _say(walk, "client", "Hello. I am not sure where to begin.")
        if posted["promise"]["due_at"] is None or posted["promise"]["state"] not in ("running", "soon"):
            raise DemoFailed("the client's message should come back with a running promise")
        step.say(f"an answer by {posted['promise']['words']}")
        await walk.show(step, f"messaging-{walk.room_id}-1")
    with walk.screen.step("The therapist answers in time") as step:
        read = await walk.therapist.get(f"/v1/rooms/{walk.room_id}/messages")
        if not any(each["sender_role"] == "client" for each in read["items"]):
            raise DemoFailed("the therapist should read the client's message")
        await _say(walk, "therapist", "Begin anywhere, we have time. What was this week like for you so far?")
        await _expect_promise(walk, "none")
        kept = await _clock(walk, "met")
        if kept is None:
            raise DemoFailed("the promise should be on record as met")
        step.say("on record as kept")


async def _broken_promise(walk: Walk) -> None:
    supervisor = await walk.staff("supervisor")
    with walk.screen.step(
        f"The room is put on {DEMO_SECONDS}, and a second message stays unanswered"
    ) as step:
        await _policy(walk, DEMO_SECONDS)
        posted = await _say(walk, "client", "One more thing: could we look at the mornings?")
        step.say(f"an answer within six seconds is promised now (policy {posted['promise']['policy']})")
    with walk.screen.step("The breach reaches the supervisor's board and climbs its ladder") as step:
        for rung in _LADDER:
            row = await until(f"rung {rung} of the ladder", partial(_at_rung, walk, rung), 60)
            step.say(f"{rung}: fired" + (f", {row['overdue_by']} over" if row["overdue_by"] else ""))
        if await _clock(walk, "breached") is None:
            raise DemoFailed("the breach should be on the supervisor's board")
        await supervisor.post(f"/v1/clocks/{row['clock_id']}/acknowledge", status=204)
        await _expect_promise(walk, "late")
        step.say("the client is told that it is late; a supervisor has seen it")
        await walk.show(step, f"room-{walk.room_id}")
    with walk.screen.step("The therapist answers late; the breach stays on record") as step:
        await _say(
            walk, "therapist", "Sorry that this took longer than promised. Mornings it is: how do they begin?"
        )
        await _expect_promise(walk, "none")
        if await _clock(walk, "late") is None or await _clock(walk, "breached") is None:
            raise DemoFailed("a late answer should not undo the breach")
        await _policy(walk, DEMO_WEEK)


async def _at_rung(walk: Walk, rung: str) -> Json | None:
    """The room's row on the board once its ladder has come at least this far."""
    row = await _clock(walk, "running")
    if row is None or row["rung"] not in _LADDER:
        return None
    return row if _LADDER.index(row["rung"]) >= _LADDER.index(rung) else None


async def _clock(walk: Walk, state: str) -> Json | None:
    """The newest clock of this room on the board in a state; page by page, for a clinic has many."""
    supervisor = await walk.staff("supervisor")
    further: dict[str, str] = {}
    while True:
        page = await supervisor.get(
            "/v1/clocks", state=state, therapist=walk.therapist_id, limit="200", **further
        )
        own = [row for row in page["items"] if row["room_id"] == walk.room_id]
        if own:
            newest: Json = max(own, key=lambda row: row["opened_at"])
            return newest
        if page["next_cursor"] is None:
            return None
        further = {"cursor": page["next_cursor"]}


async def _expect_promise(walk: Walk, expected: str) -> None:
    found = (await walk.room())["promise"]["state"]
    if found != expected:
        raise DemoFailed(f"the room's promise should be {expected}, not {found}")


async def _goal(walk: Walk) -> None:
    with walk.screen.step("A goal is worded by the therapist and accepted by the client") as step:
        goal = {"statement": "A walk before work on most days", "measure": "Walks in a week", "baseline": "0"}
        made = await walk.therapist.post(f"/v1/rooms/{walk.room_id}/goals", {**goal, "target": "4"})
        path = f"/v1/rooms/{walk.room_id}/goals/{made['goal_id']}"
        accepted = await walk.client.call("PATCH", path, 200, {"accepted": True})
        if sorted(accepted["accepted_by"]) != ["client", "clinician"]:
            raise DemoFailed("the goal should be accepted by both")
        active = await walk.therapist.call("PATCH", path, 200, {"lifecycle": "active"})
        if active["lifecycle"] != "active":
            raise DemoFailed("the goal should be active")
        step.say(f"version {active['version']}; every earlier one is kept")
        await walk.show(step, f"plan-{walk.room_id}")


async def _check_in(walk: Walk) -> None:
    with walk.screen.step("A check-in is asked and answered") as step:
        asked = await walk.therapist.post(f"/v1/rooms/{walk.room_id}/check-ins")
        path = f"/v1/rooms/{walk.room_id}/check-ins/{asked['check_in_id']}/responses"
        answered = await walk.client.post(path, {"value": 6, "words": "Better than last week."})
        if answered["state"] != "answered":
            raise DemoFailed("the check-in should be answered")
        later = await walk.client.get(f"/v1/rooms/{walk.room_id}/check-ins")
        step.say(f"the plan asks next on {later['next_at'][:10]}")
