"""Recordings through the API: uploaded in parts, resumed, refused, read by range through links that die."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from people import Api, ClientAs, Person, another_device, http_client
from recordings import pixel_flood, video, voice
from scenes import Scene, set_scene
from temporalio.testing import ActivityEnvironment

from activities.media import MediaActivities
from activities.shapes.media import MakePlayable
from api.deps import COOKIE
from domain.access import Actor, Role
from domain.media import MAX_BYTES, MAX_UNFINISHED, PART_BYTES
from records.sessions import find_actor

KEY = {"Idempotency-Key": "one"}


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    """Two people and nobody else: most tests need no strangers."""
    return await set_scene(api, client_as, strangers=False)


def kept(folder: Path) -> list[Path]:
    """The files on the blob port."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def begin(who: Person, scene: Scene, kind: str = "audio", **more: Any) -> str:
    body = {"kind": kind, "content_type": f"{kind}/webm;codecs=opus", **more}
    answer = await who.http.post(f"{scene.path}/media", json=body)
    assert answer.status_code == 201, answer.text
    medium_id: str = answer.json()["media_id"]
    return medium_id


async def put(who: Person, medium_id: str, content_range: str, data: bytes = b"") -> httpx.Response:
    headers = {"Content-Range": f"bytes {content_range}"}
    return await who.http.put(f"/v1/media/{medium_id}", content=data, headers=headers)


async def upload(who: Person, scene: Scene, data: bytes, kind: str = "audio") -> httpx.Response:
    """As it is recorded: two parts without a total, then the end."""
    medium_id, half = await begin(who, scene, kind), len(data) // 2
    for start, stop in ((0, half), (half, len(data))):
        part = await put(who, medium_id, f"{start}-{stop - 1}/*", data[start:stop])
        assert (part.status_code, part.headers["Upload-Offset"]) == (204, str(stop)), part.text
    return await put(who, medium_id, f"*/{len(data)}")


async def make_playable(api: Api, medium_id: str) -> None:
    """What the worker does, with its own login."""
    work = MediaActivities(api.worker, api.services.blobs, api.services.recordings)
    await ActivityEnvironment().run(work.make_playable, MakePlayable(UUID(medium_id)))


async def sent(who: Person, scene: Scene, medium_id: str, kind: str = "audio", **more: Any) -> httpx.Response:
    body = {"kind": kind, "media_id": medium_id, **more}
    return await who.http.post(f"{scene.path}/messages", json=body, headers=KEY)


async def last(who: Person, scene: Scene) -> dict[str, Any]:
    items = (await who.http.get(f"{scene.path}/messages")).json()["items"]
    found: dict[str, Any] = items[-1]
    return found


def by_cookie(api: Api, who: Person) -> httpx.AsyncClient:
    """The same session as a browser brings it."""
    token = who.http.headers["Authorization"].removeprefix("Bearer ")
    page = http_client(api.app)
    page.headers["Cookie"] = f"{COOKIE}={token}"
    return page


async def whose(api: Api, page: httpx.AsyncClient) -> Actor:
    """Who this browser is to the service."""
    token = page.headers["Cookie"].partition("=")[2]
    limits = {"staff_idle": timedelta(hours=1), "passcode_idle": timedelta(hours=1)}
    found = await find_actor(api.care, token, **limits)
    assert found is not None
    return found


async def ready_voice(api: Api, scene: Scene) -> dict[str, Any]:
    """A voice message of the client's that plays: its media object as the therapist gets it."""
    medium_id = (await upload(scene.client, scene, voice())).json()["media_id"]
    assert (await sent(scene.client, scene, medium_id)).status_code == 201
    await make_playable(api, medium_id)
    media: dict[str, Any] = (await last(scene.therapist, scene))["media"]
    return media


async def test_a_voice_message_is_uploaded_while_it_is_recorded_sent_and_heard(
    api: Api, scene: Scene
) -> None:
    data = voice()
    ended = await upload(scene.client, scene, data)
    assert (ended.status_code, ended.json()["state"]) == (202, "processing")
    medium_id = ended.json()["media_id"]
    assert (await sent(scene.client, scene, medium_id, text="On my walk")).status_code == 201
    waiting = await last(scene.therapist, scene)
    assert (waiting["kind"], waiting["text"]) == ("audio", "On my walk")
    assert (waiting["media"]["state"], waiting["media"]["url"]) == ("processing", None)
    await make_playable(api, medium_id)
    media = (await last(scene.therapist, scene))["media"]
    assert (media["state"], len(media["waveform"]), max(media["waveform"])) == ("ready", 48, 100)
    assert abs(media["duration_ms"] - 1500) < 120
    async with by_cookie(api, scene.therapist) as page:
        heard = await page.get(media["url"])
    assert heard.status_code == 200
    assert heard.content[4:8] == b"ftyp"
    assert heard.headers["content-type"] == "audio/mp4"
    assert heard.headers["x-content-type-options"] == "nosniff"
    assert heard.headers["cache-control"] == "private, no-store"
    assert heard.headers["content-disposition"] == "inline"


async def test_nothing_readable_lies_on_the_blob_port(api: Api, scene: Scene, tmp_path: Path) -> None:
    data = voice()
    medium_id = (await upload(scene.client, scene, data)).json()["media_id"]
    parts = kept(tmp_path)
    assert {path.name for path in parts} == {"part-0", f"part-{len(data) // 2}"}
    assert not any(data[100:140] in path.read_bytes() for path in parts)
    await make_playable(api, medium_id)
    (play,) = kept(tmp_path)  # the parts are gone
    assert play.name == "play"
    assert b"ftyp" not in play.read_bytes()


async def test_a_voice_reply_stops_the_clock_and_a_holding_one_does_not(api: Api, scene: Scene) -> None:
    asked = await scene.client.http.post(
        f"{scene.path}/messages", json={"text": "Could we talk about Monday?"}
    )
    assert asked.json()["promise"]["state"] == "running"
    medium_id = (await upload(scene.therapist, scene, voice())).json()["media_id"]
    held = await scene.therapist.http.post(f"{scene.path}/messages", json={"text": "Soon.", "holding": True})
    assert held.json()["promise"]["state"] == "running"
    answered = await sent(scene.therapist, scene, medium_id)
    assert answered.json()["promise"]["state"] == "none"


async def test_an_upload_that_was_cut_goes_on_where_it_stands(scene: Scene) -> None:
    data = voice(seconds=3)
    cut = len(data) * 6 // 10
    medium_id = await begin(scene.client, scene, size=len(data))
    await put(scene.client, medium_id, f"0-{cut - 1}/{len(data)}", data[:cut])
    lost = await put(scene.client, medium_id, f"{cut}-{len(data) - 1}/{len(data)}", data[cut:-500])
    assert (lost.status_code, lost.json()["code"]) == (422, "size_mismatch")  # fewer bytes than it said
    stands = await scene.client.http.head(f"/v1/media/{medium_id}")
    assert (stands.headers["Upload-Offset"], stands.headers["Upload-Complete"]) == (str(cut), "0")
    again = await put(scene.client, medium_id, f"0-{cut - 1}/{len(data)}", data[:cut])
    assert (again.status_code, again.json()["code"], again.json()["offset"]) == (409, "offset_mismatch", cut)
    assert again.headers["Upload-Offset"] == str(cut)
    ended = await put(scene.client, medium_id, f"{cut}-{len(data) - 1}/{len(data)}", data[cut:])
    assert (ended.status_code, ended.json()["state"]) == (202, "processing")
    repeat = await put(scene.client, medium_id, f"*/{len(data)}")  # the answer was lost
    assert (repeat.status_code, repeat.json()["state"]) == (202, "processing")
    stands = await scene.client.http.head(f"/v1/media/{medium_id}")
    assert stands.headers["Upload-Complete"] == "1"


async def test_of_two_who_send_the_same_part_one_is_kept_and_what_is_kept_is_whole(
    api: Api, scene: Scene
) -> None:
    data = voice()
    medium_id = await begin(scene.client, scene)
    both = await asyncio.gather(
        *(put(scene.client, medium_id, f"0-{len(data) - 1}/*", data) for _ in range(4)),
        *(put(scene.client, medium_id, "0-99/*", data[:100]) for _ in range(2)),
    )
    assert sorted(answer.status_code for answer in both) == [204] + [409] * 5
    offset = int((await scene.client.http.head(f"/v1/media/{medium_id}")).headers["Upload-Offset"])
    assert offset in {100, len(data)}
    if offset == 100:
        await put(scene.client, medium_id, f"100-{len(data) - 1}/*", data[100:])
    assert (await put(scene.client, medium_id, f"*/{len(data)}")).status_code == 202
    await make_playable(api, medium_id)
    assert (await scene.client.http.get(f"/v1/media/{medium_id}/status")).json()["state"] == "ready"


NO_RECORDINGS = (
    (b"MZ" + bytes(range(256)) * 9, "video", "not_playable"),  # a program under another name
    (video(seconds=0.3, sound=False) + b"PK\x05\x06" + bytes(18), "video", "mixed_formats"),
    (pixel_flood(), "video", "too_many_pixels"),
    (voice(seconds=0.3), "video", "wrong_kind"),
)


async def test_what_is_no_recording_is_refused_at_once_and_its_bytes_are_gone(
    api: Api, scene: Scene, tmp_path: Path
) -> None:
    for data, kind, code in NO_RECORDINGS:
        refused = await upload(scene.client, scene, data, kind)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert kept(tmp_path) == []
    async with api.care.transaction() as tx:
        rows = await tx.all("SELECT kind FROM outbox WHERE kind = 'medium_uploaded'")
    assert rows == []


async def test_a_refused_recording_can_be_told_apart_and_not_sent(scene: Scene) -> None:
    medium_id = await begin(scene.client, scene)
    first = await put(scene.client, medium_id, "0-3/4", b"nope")
    again = await put(scene.client, medium_id, "*/4")
    assert [first.status_code, again.status_code] == [422, 422]
    status = (await scene.client.http.get(f"/v1/media/{medium_id}/status")).json()
    assert (status["state"], status["refused_reason"], status["url"]) == ("refused", "not_playable", None)
    answer = await sent(scene.client, scene, medium_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "medium_refused")


async def test_too_large_is_refused_before_its_bytes(scene: Scene) -> None:
    body = {"kind": "video", "content_type": "video/mp4", "size": MAX_BYTES + 1}
    assert (await scene.client.http.post(f"{scene.path}/media", json=body)).status_code == 413
    medium_id = await begin(scene.client, scene, "video")
    part = await put(scene.client, medium_id, f"0-{PART_BYTES}/*", b"")
    assert (part.status_code, part.json()["code"]) == (413, "part_too_large")
    total = await put(scene.client, medium_id, f"0-9/{MAX_BYTES + 1}", bytes(10))
    assert (total.status_code, total.json()["code"]) == (413, "too_large")
    for nonsense in ("", "bytes 5-3/9", "bytes 0-9/5", "items 0-1/2"):
        headers = {"Content-Range": nonsense}
        answer = await scene.client.http.put(f"/v1/media/{medium_id}", content=b"xy", headers=headers)
        assert answer.status_code in {422, 409}, nonsense
    assert (await scene.client.http.head(f"/v1/media/{medium_id}")).headers["Upload-Offset"] == "0"


async def test_uploads_under_way_are_counted(scene: Scene) -> None:
    for _ in range(MAX_UNFINISHED):
        await begin(scene.client, scene)
    body = {"kind": "audio", "content_type": "audio/webm"}
    answer = await scene.client.http.post(f"{scene.path}/media", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_uploads")
    wrong = await scene.therapist.http.post(f"{scene.path}/media", json={**body, "content_type": "text/html"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_kind")


async def test_a_recording_is_its_senders_of_one_room_and_sent_once(api: Api, scene: Scene) -> None:
    unfinished = await begin(scene.client, scene)
    assert (await sent(scene.client, scene, unfinished)).json()["code"] == "medium_unfinished"
    medium_id = (await upload(scene.client, scene, voice())).json()["media_id"]
    assert (await sent(scene.therapist, scene, medium_id)).status_code == 404
    assert (await sent(scene.client, scene, medium_id, "video")).status_code == 404
    assert (
        await scene.therapist.http.get(f"/v1/media/{medium_id}/status")
    ).status_code == 404  # not sent yet
    first = await sent(scene.client, scene, medium_id)
    repeat = await sent(scene.client, scene, medium_id)
    assert first.json()["message_id"] == repeat.json()["message_id"]
    other = await sent(scene.client, scene, unfinished)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    body = {"kind": "audio", "media_id": medium_id}
    twice = await scene.client.http.post(f"{scene.path}/messages", json=body)
    assert (twice.status_code, twice.json()["code"]) == (409, "medium_sent")
    stays = await scene.client.http.delete(f"/v1/media/{medium_id}")
    assert (stays.status_code, stays.json()["code"]) == (409, "medium_sent")


async def test_what_is_not_sent_can_be_taken_back_and_its_key_goes_with_it(
    api: Api, scene: Scene, tmp_path: Path
) -> None:
    medium_id = (await upload(scene.client, scene, voice())).json()["media_id"]
    assert (await scene.therapist.http.delete(f"/v1/media/{medium_id}")).status_code == 404
    assert (await scene.client.http.delete(f"/v1/media/{medium_id}")).status_code == 204
    assert kept(tmp_path) == []
    await make_playable(api, medium_id)  # the note was under way
    assert (await scene.client.http.get(f"/v1/media/{medium_id}/status")).status_code == 404


async def test_ranges_are_answered_as_players_ask_for_them(api: Api, scene: Scene) -> None:
    media = await ready_voice(api, scene)
    async with by_cookie(api, scene.therapist) as page:
        whole = (await page.get(media["url"])).content
        size = len(whole)
        for asked, span in (
            ("bytes=0-", (0, size)),
            ("bytes=5-9", (5, 10)),
            ("bytes=-7", (size - 7, size)),
            (f"bytes={size - 1}-{size + 500}", (size - 1, size)),
        ):
            part = await page.get(media["url"], headers={"Range": asked})
            assert part.status_code == 206
            assert part.content == whole[span[0] : span[1]]
            assert part.headers["content-range"] == f"bytes {span[0]}-{span[1] - 1}/{size}"
            assert part.headers["content-length"] == str(span[1] - span[0])
        beyond = await page.get(media["url"], headers={"Range": f"bytes={size}-"})
        assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
        several = await page.get(media["url"], headers={"Range": "bytes=0-1,4-5"})
        assert (several.status_code, several.content) == (200, whole)


async def test_a_link_is_of_one_session_one_file_and_a_quarter_of_an_hour(api: Api, scene: Scene) -> None:
    media = await ready_voice(api, scene)
    bare = media["url"].partition("?")[0]
    query = {name: values[0] for name, values in parse_qs(urlsplit(media["url"]).query).items()}
    lives = datetime.fromtimestamp(int(query["expires"]), UTC) - datetime.now(UTC)
    assert timedelta(minutes=14) < lives <= timedelta(minutes=15)
    gone = datetime.now(UTC) - timedelta(minutes=16)
    links, medium_id = api.services.links, UUID(media["media_id"])
    async with by_cookie(api, scene.therapist) as page:
        assert (await page.get(media["url"])).status_code == 200
        assert (await page.get(bare)).status_code == 404
        for change in (
            {"signature": query["signature"][:-2] + "xx"},
            {"expires": str(int(query["expires"]) + 60)},
        ):
            assert (await page.get(bare, params={**query, **change})).status_code == 404
        assert (await page.get(bare, params={**query, "file": "poster"})).status_code == 404
        theirs = (await last(scene.client, scene))["media"]["url"]
        assert (await page.get(theirs)).status_code == 404  # the client's own link, in another account
    again = await another_device(api, scene.therapist)
    token = again.headers["Authorization"].removeprefix("Bearer ")
    async with http_client(api.app) as elsewhere:
        elsewhere.headers["Cookie"] = f"{COOKIE}={token}"
        assert (await elsewhere.get(media["url"])).status_code == 404  # the same account, another session
    await again.aclose()
    async with by_cookie(api, scene.therapist) as page:
        me = await whose(api, page)
        assert (await page.get(links.address(me, medium_id, "play", datetime.now(UTC)))).status_code == 200
        assert (await page.get(links.address(me, medium_id, "play", gone))).status_code == 404
    assert (await scene.therapist.http.get(bare)).status_code == 200  # a token brings its own proof


async def test_nobody_else_hears_it_and_the_tries_are_in_the_log(api: Api, client_as: ClientAs) -> None:
    scene = await set_scene(api, client_as)
    media = await ready_voice(api, scene)
    path = f"/v1/media/{media['media_id']}"
    got = {role: (await who.http.get(path)).status_code for role, who in scene.strangers.items()}
    assert got == {
        Role.CLIENT: 404,
        Role.THERAPIST: 404,
        Role.SUPERVISOR: 403,
        Role.BILLING: 404,
        Role.ADMINISTRATOR: 404,
    }
    supervisor = scene.strangers[Role.SUPERVISOR].http
    assert (await supervisor.get(path)).json()["code"] == "purpose_required"
    why = {"purpose": "complaint", "reason": "Review after a complaint by the client."}
    assert (await supervisor.post(f"{scene.path}/access", json=why)).status_code in {200, 204}
    assert (await supervisor.get(path)).status_code == 200
    async with api.worker.transaction() as tx:
        rows = await tx.all(
            "SELECT role, outcome FROM audit_events WHERE action IN ('read_media', 'read_messages') AND room_id = %s",
            (scene.room_id,),
        )
    refused = {row["role"] for row in rows if row["outcome"] != "done"}
    assert {"client", "therapist", "supervisor"} <= refused


async def test_an_opening_is_audited_once_however_many_pieces_a_player_asks_for(
    api: Api, scene: Scene
) -> None:
    media = await ready_voice(api, scene)
    async with by_cookie(api, scene.therapist) as page:
        for start in (900, 0, 300, 600):  # it need not begin at the beginning
            await page.get(media["url"], headers={"Range": f"bytes={start}-{start + 99}"})
    async with api.worker.transaction() as tx:
        rows = await tx.all(
            "SELECT actor_id FROM audit_events WHERE action = 'read_media' AND subject_id = %s",
            (media["media_id"],),
        )
    assert [row["actor_id"] for row in rows] == [scene.therapist.account_id]


async def test_a_video_has_a_picture_and_words(api: Api, scene: Scene) -> None:
    words = "WEBVTT\n\n00:00.000 --> 00:01.000\nI slept at last.\n"
    medium_id = (await upload(scene.therapist, scene, video(), "video")).json()["media_id"]
    put_words = await scene.therapist.http.put(f"/v1/media/{medium_id}/captions", content=words.encode())
    assert put_words.status_code == 204
    bad = await scene.therapist.http.put(f"/v1/media/{medium_id}/captions", content=b"<script>")
    assert (bad.status_code, bad.json()["code"]) == (422, "not_webvtt")
    await sent(scene.therapist, scene, medium_id, "video")
    await make_playable(api, medium_id)
    media = (await last(scene.client, scene))["media"]
    assert (media["width"], media["height"]) == (160, 120)
    async with by_cookie(api, scene.client) as page:
        poster = await page.get(media["poster_url"])
        assert poster.content.startswith(b"\xff\xd8\xff")
        assert poster.headers["content-type"] == "image/jpeg"
        assert poster.headers["content-disposition"].startswith("attachment")
        shown = await page.get(media["captions_url"])
    assert (shown.text, shown.headers["content-type"]) == (words, "text/vtt; charset=utf-8")
    async with api.worker.transaction() as tx:
        row = await tx.one("SELECT captions_sealed, details_sealed FROM media WHERE id = %s", (medium_id,))
    assert row is not None
    assert b"slept" not in row["captions_sealed"]
