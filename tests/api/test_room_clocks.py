"""A room's clock over HTTP: more time, waivers, holds, why a time is due; each state of the promise made truly."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from factories import therapist
from people import Api, ClientAs, Person
from scenes import Scene, set_scene

from domain.access import Role
from domain.calendars import calendar_to_json, week
from records import messages

LONG = "Thank you for telling me. I read it twice, and I will think about it until tomorrow."


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    """A room, the welcome said, and a question of the client's that waits."""
    found = await set_scene(api, client_as)
    await write(found.therapist, found, LONG)
    await write(found.client, found, "What should I do about the meeting?")
    return found


async def write(person: Person, scene: Scene, text: str, **more: Any) -> Any:
    answer = await person.http.post(f"{scene.path}/messages", json={"text": text, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def promise(scene: Scene, person: Person | None = None) -> Any:
    return (await (person or scene.client).http.get(scene.path)).json()["promise"]


async def clocks(api: Api, scene: Scene) -> list[dict[str, Any]]:
    async with api.worker.transaction() as tx:
        return await tx.all(
            "SELECT * FROM response_clocks WHERE room_id = %s ORDER BY opened_at", (scene.room_id,)
        )


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_the_client_gives_more_time_once_per_key(scene: Scene) -> None:
    before = instant((await promise(scene))["due_at"])
    asked = [
        await scene.client.http.post(
            f"{scene.path}/clock/extend", json={"by": "PT4H"}, headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    ]
    assert [each.status_code for each in asked] == [201, 201]
    assert asked[0].json() == asked[1].json()
    told = asked[0].json()
    assert instant(told["due_at"]) == before + timedelta(hours=4)
    assert (instant(told["due_before"]), told["extensions_left"]) == (before, 2)
    assert (await promise(scene))["due_at"] == told["promise"]["due_at"] == told["due_at"]


@pytest.mark.parametrize("by", ["PT4M", "P6D", "4 h", 14400, "P1DT", "-PT4H", "1 day, 2:00:00", ""])
async def test_more_time_is_an_iso_duration_within_its_limits(scene: Scene, by: object) -> None:
    before = await promise(scene)
    answer = await scene.client.http.post(f"{scene.path}/clock/extend", json={"by": by})
    assert answer.status_code == 422
    assert await promise(scene) == before


async def test_a_fourth_time_is_refused(scene: Scene) -> None:
    asked = [
        await scene.client.http.post(f"{scene.path}/clock/extend", json={"by": "PT1H"}) for _ in range(4)
    ]
    assert [each.status_code for each in asked] == [201, 201, 201, 409]
    assert asked[-1].json()["code"] == "extended_enough"


async def test_while_risk_is_open_nothing_is_put_off_waived_or_held(scene: Scene) -> None:
    await scene.client.http.post("/v1/help-now")
    review = {"reason": "unreachable", "review_by": tomorrow()}
    tries = [
        await scene.client.http.post(f"{scene.path}/clock/extend", json={"by": "PT1H"}),
        await scene.client.http.post(f"{scene.path}/clock/close-question"),
        await scene.therapist.http.post(f"{scene.path}/clock/waive", json={"reason": "nothing_asked"}),
        await scene.strangers[Role.SUPERVISOR].http.post(f"{scene.path}/hold", json=review),
    ]
    assert [(each.status_code, each.json()["code"]) for each in tries] == [(409, "risk_is_open")] * 4
    assert (await promise(scene))["state"] == "running"


def tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


async def test_help_is_paged_during_a_hold(api: Api, scene: Scene) -> None:
    supervisor = scene.strangers[Role.SUPERVISOR].http
    held = await supervisor.post(
        f"{scene.path}/hold", json={"reason": "care_elsewhere", "review_by": tomorrow()}
    )
    assert held.status_code == 201
    assert (await scene.client.http.post("/v1/help-now")).status_code == 200
    async with api.worker.transaction() as tx:
        (flag,) = await tx.all("SELECT state, urgency FROM risk_flags")
    assert flag == {"state": "open", "urgency": "page_now"}


async def test_a_supervisor_holds_the_room_reviews_it_and_ends_it(scene: Scene) -> None:
    supervisor = scene.strangers[Role.SUPERVISOR].http
    for bad in (
        {"reason": "because", "review_by": tomorrow()},
        {"reason": "unreachable", "review_by": past()},
    ):
        assert (await supervisor.post(f"{scene.path}/hold", json=bad)).status_code == 422
    body = {"reason": "unreachable", "review_by": tomorrow()}
    key = {"Idempotency-Key": "h"}
    first = await supervisor.post(f"{scene.path}/hold", json=body, headers=key)
    again = await supervisor.post(f"{scene.path}/hold", json=body, headers=key)
    assert (first.status_code, again.json()) == (201, first.json())
    told = await promise(scene)
    assert (told["state"], told["due_at"], told["words"]) == ("paused", None, None)
    assert told["on_hold_since"] is not None
    (row,) = (await supervisor.get("/v1/clocks?state=held")).json()["items"]
    assert (row["room_id"], row["held"]) == (str(scene.room_id), "paused")
    assert (await supervisor.post(f"{scene.path}/hold", json=body)).status_code == 201
    assert (await supervisor.delete(f"{scene.path}/hold")).status_code == 204
    assert (await supervisor.delete(f"{scene.path}/hold")).status_code == 409
    assert (await promise(scene))["state"] == "running"


def past() -> str:
    return (datetime.now(UTC) - timedelta(minutes=1)).isoformat()


async def test_a_holding_reply_keeps_the_clock_running_and_is_the_therapists_alone(
    api: Api, scene: Scene
) -> None:
    posted = await write(scene.therapist, scene, "I will get back to you tonight.", holding=True)
    assert posted["promise"]["state"] == "running"
    mine = await write(scene.client, scene, "Good.", holding=True)
    found = (await scene.client.http.get(f"{scene.path}/messages?after={posted['seq'] - 1}")).json()["items"]
    assert [(each["seq"], each["holding"]) for each in found] == [(posted["seq"], True), (mine["seq"], False)]
    assert [clock["state"] for clock in await clocks(api, scene)] == ["met", "running"]


@pytest.mark.parametrize(
    ("text", "sampled"),
    [
        ("Ok, noted.", "short"),
        ("one two three four five six seven eight nine ten eleven", "short"),
        (LONG, None),
    ],
)
async def test_an_answer_of_few_words_is_kept_for_review(
    api: Api, scene: Scene, text: str, sampled: str | None
) -> None:
    await write(scene.therapist, scene, text)
    assert [(clock["state"], clock["sampled"]) for clock in await clocks(api, scene)] == [
        ("met", None),
        ("met", sampled),
    ]


async def test_an_answer_in_the_last_tenth_of_the_time_is_kept_for_review(api: Api, scene: Scene) -> None:
    (_, clock) = await clocks(api, scene)
    tenth = instant(clock["alarms"]["last_tenth_at"])
    assert tenth == clock["opened_at"] + (clock["due_at"] - clock["opened_at"]) * 9 / 10
    opened = datetime.now(UTC) - (tenth - clock["opened_at"])
    async with api.care.transaction() as tx:  # as if the question had come so much earlier
        await tx.run(
            "UPDATE response_clocks SET alarms = jsonb_set(alarms, '{last_tenth_at}', to_jsonb(%s::text))"
            " WHERE id = %s",
            ((opened + (tenth - clock["opened_at"])).isoformat(), clock["id"]),
        )
    await write(scene.therapist, scene, LONG)
    assert [clock["sampled"] for clock in await clocks(api, scene)] == [None, "last_tenth"]


def test_voice_and_video_are_never_short() -> None:
    from domain.answers import is_short

    assert [is_short(None), is_short("Yes"), is_short(LONG)] == [False, True, False]
    assert messages.NewMessage("k", "", "audio").kind == "audio"


async def test_thanks_alone_wait_for_an_answer_while_risk_is_open(api: Api, scene: Scene) -> None:
    await write(scene.therapist, scene, LONG)
    assert (await write(scene.client, scene, "Thank you!"))["promise"]["state"] == "none"
    await scene.client.http.post("/v1/help-now")
    assert (await write(scene.client, scene, "Thanks"))["promise"]["state"] == "running"


async def test_staff_read_the_whole_story_of_a_clock_running_or_closed(api: Api, scene: Scene) -> None:
    await scene.client.http.post(f"{scene.path}/clock/extend", json={"by": "PT30M"})
    closed, open_ = await clocks(api, scene)
    for reader in (scene.therapist, scene.strangers[Role.SUPERVISOR]):
        told = (await reader.http.get(f"/v1/clocks/{open_['id']}/explanation")).json()
        assert (told["state"], told["policy"], told["extension_minutes"]) == ("running", "next_response", 30)
        assert [each["minutes"] for each in told["extensions"]] == [30]
        assert [each["reason"] for each in told["history"]] == ["extension"]
        assert "30 min granted by the client" in told["sentence"]
        assert sum(each["minutes"] for each in told["segments"] if each["counted"]) == 510
        told = (await reader.http.get(f"/v1/clocks/{closed['id']}/explanation")).json()
        assert (told["state"], told["answered_by"], told["kind"]) == ("met", "primary", "welcome")
        assert told["segments"]
    for stranger in (scene.client, scene.strangers[Role.THERAPIST], scene.strangers[Role.BILLING]):
        assert (await stranger.http.get(f"/v1/clocks/{open_['id']}/explanation")).status_code == 404


async def test_thanks_that_were_waived_are_explained_too(api: Api, scene: Scene) -> None:
    await write(scene.therapist, scene, LONG)
    await write(scene.client, scene, "Thank you!")
    waived = (await clocks(api, scene))[-1]
    told = (await scene.therapist.http.get(f"/v1/clocks/{waived['id']}/explanation")).json()
    assert (told["state"], told["segments"]) == ("waived", [])
    assert told["sentence"].startswith("Only thanks")


async def test_the_two_people_of_a_room_read_why_in_plain_words(scene: Scene) -> None:
    await scene.client.http.post(f"{scene.path}/clock/extend", json={"by": "PT1H"})
    mine = (await scene.client.http.get(f"{scene.path}/clock/explanation")).json()
    words = " ".join(mine["sentences"])
    assert words.startswith("You wrote ")
    assert "Therapist Staff answers within 8 h of working time." in words
    assert "You gave more time: 1 h of working time." in words
    assert "So the answer is due " in words
    assert mine["extensions_left"] == 2
    theirs = (await scene.therapist.http.get(f"{scene.path}/clock/explanation")).json()
    assert theirs["sentences"][:2] == [theirs["sentences"][0], "You answer within 8 h of working time."]
    assert "_" not in " ".join([*mine["sentences"], *(each["why"] for each in mine["stretches"])])
    await write(scene.therapist, scene, LONG)
    assert (await scene.client.http.get(f"{scene.path}/clock/explanation")).status_code == 404


# Each word of the promise, made by what it says


async def test_none_running_soon_and_late(api: Api, scene: Scene) -> None:
    assert (await promise(scene))["state"] == "running"
    for left, state in ((timedelta(minutes=29), "soon"), (timedelta(seconds=-1), "late")):
        async with api.care.transaction() as tx:
            await tx.run("UPDATE response_clocks SET due_at = %s WHERE state = 'running'", (tx.now + left,))
        assert (await promise(scene))["state"] == state
    await write(scene.therapist, scene, LONG)
    assert (await promise(scene))["state"] == "none"


async def test_paused_by_the_client_until_they_write(scene: Scene) -> None:
    await scene.client.http.post("/v1/journey/pause")
    told = await promise(scene)
    assert (told["state"], told["on_hold_since"]) == ("paused", None)
    assert (await write(scene.client, scene, "I am back, and have a question."))["promise"][
        "state"
    ] == "running"


async def test_on_leave_covered_only_while_the_therapist_is_away_and_a_colleague_answers(
    api: Api, scene: Scene
) -> None:
    await cover(api, scene)
    assert (await promise(scene))[
        "state"
    ] == "running"  # beside the therapist: nothing changes for the client
    await away(api, scene)
    assert (await promise(scene))["state"] == "on_leave_covered"
    assert (await write(scene.client, scene, "Are you there?"))["promise"]["state"] == "on_leave_covered"
    async with api.care.transaction() as tx:
        await tx.run("UPDATE covers SET ends_at = now()")
    assert (await promise(scene))["state"] == "running"


async def cover(api: Api, scene: Scene) -> None:
    async with api.care.transaction() as tx:
        colleague = await therapist(tx)
        await tx.insert(
            "covers",
            id=uuid4(),
            room_id=scene.room_id,
            therapist_id=colleague,
            starts_at=tx.now - timedelta(hours=1),
            ends_at=tx.now + timedelta(days=3),
        )


async def away(api: Api, scene: Scene) -> None:
    async with api.care.transaction() as tx:
        await tx.insert(
            "leaves",
            id=uuid4(),
            therapist_id=scene.therapist.account_id,
            starts_at=tx.now - timedelta(hours=1),
            ends_at=tx.now + timedelta(days=2),
        )


async def test_no_capacity_where_nobody_works_for_sixty_days(api: Api, scene: Scene) -> None:
    await write(scene.therapist, scene, LONG)
    async with api.care.transaction() as tx:
        await tx.run(
            "UPDATE calendars SET hours = %s::text::jsonb, version = version + 1 WHERE therapist_id = %s",
            (nothing(), scene.therapist.account_id),
        )
    posted = await write(scene.client, scene, "Is anybody there?")
    assert (posted["promise"]["state"], posted["promise"]["due_at"]) == ("no_capacity", None)
    plain = (await scene.client.http.get(f"{scene.path}/clock/explanation")).json()
    assert "A supervisor has been told." in plain["sentences"][-1]


def nothing() -> str:
    from records.database import dumps

    return dumps(calendar_to_json(week("America/New_York", {})))
