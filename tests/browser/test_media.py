"""Speaking and filming in a room: recorded, cut off, sent once, prepared, played by the other one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Browser, Locator, Page, Playwright, Response, expect
from temporalio.testing import ActivityEnvironment

from activities.media import MediaActivities
from activities.shapes.media import MakePlayable
from integrations.media.limited import LimitedProcessor
from tests.browser.checks import accessible, in_scheme
from tests.browser.clinic import Clinic, open_clinic
from tests.browser.conftest import FLAGS, system_browser

if TYPE_CHECKING:
    from conftest import Databases

DEVICES = "--use-fake-device-for-media-stream"  # a beeping microphone, a camera that shows a clock
CONSENT = "--use-fake-ui-for-media-stream"


@pytest.fixture
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """A browser with a microphone and a camera that its person lets us use."""
    found = await playwright.chromium.launch(
        executable_path=system_browser(),
        args=[*FLAGS, DEVICES, CONSENT, "--autoplay-policy=no-user-gesture-required"],
    )
    yield found
    await found.close()


async def prepared(clinic: Clinic) -> None:
    """What the worker does with every recording that waits: the real activity, the real fenced process."""
    work = MediaActivities(clinic.worker, clinic.blobs, LimitedProcessor())
    async with clinic.worker.transaction() as tx:
        waiting = await tx.all("SELECT id FROM media WHERE state = 'processing'")
    for row in waiting:
        await ActivityEnvironment().run(work.make_playable, MakePlayable(row["id"]))


def recorder(page: Page, state: str) -> Locator:
    """The recorder, once it has come to this state."""
    return page.locator(f"kind-recorder[data-state={state}]")


async def reached(page: Page, state: str) -> None:
    """Wait until the recorder has come to this state."""
    await expect(recorder(page, state)).to_be_attached()


async def spoken(page: Page, kind: str, length: str) -> None:
    """Record until the timer shows this length."""
    await page.click(f"[data-record={kind}]")
    await reached(page, "recording")
    await expect(page.get_by_role("timer")).to_have_text(re.compile(length))


def ranges(page: Page) -> list[str]:
    """What is sent of a recording, part for part as it was taken."""
    taken: list[str] = []

    def heard(response: Response) -> None:
        if response.request.method == "PUT" and "/v1/media/" in response.url and response.ok:
            taken.append(response.request.headers["content-range"])

    page.on("response", heard)
    return taken


def without_gap(taken: list[str]) -> bool:
    """Whether every byte was taken once, in order, and the last part named the whole."""
    at = 0
    for each in taken:
        found = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", each)
        assert found is not None
        if found[1] is not None:
            if int(found[1]) != at:
                return False
            at = int(found[2]) + 1
    return taken[-1].endswith(f"/{at}")


async def test_a_voice_message_survives_a_cut_is_sent_once_and_played_with_seeking_by_the_other_one(
    clinic: Clinic,
) -> None:
    client = await clinic.in_room(clinic.room.client, 390)
    therapist = await clinic.in_room(clinic.room.therapist)
    taken = ranges(client)

    async with client.expect_response(lambda response: response.request.method == "PUT" and response.ok):
        await spoken(client, "audio", "0:0[2-9]")
    await client.context.set_offline(True)
    await expect(client.get_by_role("timer")).to_have_text(re.compile("0:(0[5-9]|[1-5])"))
    await client.click("[aria-label='Stop and listen']")
    state = client.locator(".recorder-panel .state")
    await expect(state).to_contain_text("Your recording is kept here")
    await expect(client.locator(".recorder-panel kind-player")).to_have_attribute("data-state", "ready")
    await client.click(".recorder-panel [aria-label=Send]")
    await expect(state).to_contain_text("It is sent as soon as it is back")
    await expect(client.get_by_role("button", name="Download it")).to_be_visible()
    await client.context.set_offline(False)

    await reached(client, "idle")
    assert len(taken) > 1
    assert without_gap(taken), taken
    mine = client.locator(".message.mine kind-player")
    theirs = therapist.locator(".message:not(.mine) kind-player")
    await expect(mine).to_have_attribute("data-state", "processing")
    await expect(theirs).to_contain_text("Being prepared")

    await prepared(clinic)
    for player in (mine, theirs):
        await expect(player).to_have_attribute("data-state", "ready")
        await expect(player.locator(".bars rect")).to_have_count(48)
    await expect(theirs).to_have_attribute("aria-label", re.compile(r"^Voice message, 0:(0[5-9]|[1-5].)$"))

    served: list[int] = []
    therapist.on("response", lambda response: "file=play" in response.url and served.append(response.status))
    await theirs.get_by_role("button", name=re.compile("^Play voice message")).press("Enter")
    await expect(theirs).to_have_attribute("data-playing", "true")
    await theirs.get_by_role("button", name="Pause").click()  # it must not come to its end meanwhile
    await expect(theirs).to_have_attribute("data-playing", "false")
    seek = theirs.get_by_role("slider")
    await seek.press("ArrowRight")
    await seek.press("ArrowRight")
    await expect(seek).to_have_attribute(
        "aria-valuetext", re.compile(r"0:(0[2-9]|[1-5].) of 0:(0[5-9]|[1-5].)")
    )
    await theirs.get_by_role("button", name="1× speed").click()
    await expect(theirs.get_by_role("button", name="1.5× speed")).to_be_visible()
    assert set(served) == {206}

    # Nothing plays into a recording.
    await theirs.get_by_role("button", name=re.compile("^Play voice message")).click()
    await expect(theirs).to_have_attribute("data-playing", "true")
    await spoken(therapist, "audio", "0:0")
    await expect(theirs).to_have_attribute("data-playing", "false")
    await therapist.keyboard.press("Escape")
    await reached(therapist, "idle")


async def loses_the_last_answer(page: Page) -> list[int]:
    """The line breaks after the server has taken the whole: the worst moment. Returns what was lost."""
    lost: list[int] = []
    line = await page.context.new_cdp_session(page)

    async def answered(event: dict[str, Any]) -> None:
        at = {"requestId": event["requestId"]}
        if event.get("responseStatusCode") == 202 and not lost:
            lost.append(202)
            await line.send("Fetch.failRequest", {**at, "errorReason": "ConnectionReset"})
        else:
            await line.send("Fetch.continueRequest", at)

    line.on("Fetch.requestPaused", answered)
    pattern = {"urlPattern": "*/v1/media/*", "requestStage": "Response"}
    await line.send("Fetch.enable", {"patterns": [pattern]})
    return lost


async def test_a_lost_answer_doubles_nothing_what_is_said_can_be_read_and_no_script_is_needed_to_listen(
    clinic: Clinic,
) -> None:
    client = await clinic.in_room(clinic.room.client)
    lost = await loses_the_last_answer(client)
    await spoken(client, "audio", "0:0[1-9]")
    await client.click(".recorder-panel [aria-label=Send]")
    await reached(client, "idle")
    assert lost == [202]
    await prepared(clinic)
    mine = client.locator(".message.mine kind-player")
    await expect(mine).to_have_count(1)
    await expect(mine).to_have_attribute("data-state", "ready")
    await mine.get_by_text("Add captions").click()
    await mine.get_by_label("What is said in this recording").fill("00:01 --> now\nI slept.")
    await mine.get_by_role("button", name="Save captions").click()
    await expect(mine.locator(".captions [role=status]")).to_have_text("Saved.")

    reader = await clinic.in_room(clinic.room.therapist)
    await reader.get_by_text("In words").click()
    await expect(reader.locator(".captions p")).to_have_text(["00:01 → now", "I slept."])
    plain = await clinic.device(clinic.room.therapist, 390, scripts=False)
    await plain.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await expect(plain.get_by_text("needs JavaScript")).to_be_visible()
    sound = plain.locator("kind-player audio[controls]")
    await expect(sound).to_be_visible()
    link = await sound.get_attribute("src")
    part = await plain.request.get(f"{clinic.address}{link}", headers={"Range": "bytes=-100"})
    assert (part.status, len(await part.body())) == (206, 100)
    stranger = await client.request.get(f"{clinic.address}{link}")
    assert stranger.status == 404


async def test_a_video_message_has_a_poster_and_outlives_its_link(clinic: Clinic, axe_source: str) -> None:
    client = await clinic.in_room(clinic.room.client)
    therapist = await clinic.in_room(clinic.room.therapist, 320)
    await spoken(therapist, "video", "0:0[2-9]")
    await expect(therapist.locator("video[data-self]")).to_be_visible()
    await therapist.click(".recorder-panel [aria-label=Send]")
    await reached(therapist, "idle")
    await prepared(clinic)

    player = client.locator(".message kind-player")
    await expect(player).to_have_attribute("data-state", "ready")
    video = player.locator("video")
    poster = await video.get_attribute("poster")
    assert poster is not None
    answer = await client.request.get(f"{clinic.address}{poster}")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")

    # The link that this page holds is dead, as after a quarter of an hour: a new one is asked for, and it
    # goes on where it was.
    link = await video.get_attribute("src")
    assert link is not None
    await video.evaluate(
        """async element => {
            await element.play();
            while (element.currentTime < 0.5) await new Promise(requestAnimationFrame);
            element.pause();
        }"""
    )
    await expect(player).to_have_attribute("data-playing", "false")
    dead = re.sub("signature=.{8}", "signature=abcdefgh", link)
    async with client.expect_response(re.compile(r"/v1/media/[^/]+/status$")):
        await video.evaluate(
            "(element, dead) => { element.src = dead; element.play().catch(() => {}); }", dead
        )
    await expect(player).to_have_attribute("data-playing", "true")
    await expect(video).not_to_have_attribute("src", dead)
    assert await video.evaluate("element => element.currentTime") >= 0.5
    for page in (client, therapist):
        for scheme in ("light", "dark"):
            await in_scheme(page, scheme)
            await accessible(page, axe_source)


async def test_what_is_no_recording_is_refused_in_words_and_a_hand_on_the_keyboard_is_enough(
    clinic: Clinic, axe_source: str
) -> None:
    page = await clinic.in_room(clinic.room.client, 320)
    await page.set_input_files(
        "[data-file]",
        {"name": "holiday.mp4", "mimeType": "video/mp4", "buffer": b"MZ\x90\x00" + bytes(range(256)) * 300},
    )
    await reached(page, "failed")
    panel = page.locator(".recorder-panel")
    await expect(panel).to_contain_text("not a sound or video file that can be played here")
    await accessible(page, axe_source)
    await expect(panel.get_by_role("button", name="Close")).to_be_focused()
    await page.keyboard.press("Enter")
    await reached(page, "idle")

    await page.focus("[data-text]")
    await page.keyboard.press("Tab")
    await expect(page.locator("[data-record=audio]")).to_be_focused()
    await page.keyboard.press("Enter")
    await reached(page, "recording")
    await expect(page.get_by_role("button", name="Stop and listen")).to_be_focused()
    await expect(page.get_by_role("timer")).to_have_text(re.compile("0:0[1-9]"))
    for scheme in ("light", "dark"):
        await in_scheme(page, scheme)
        await accessible(page, axe_source)
    await expect(page.get_by_role("timer")).to_have_text(re.compile("0:(0[6-9]|[1-5])"))
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await reached(page, "paused")
    await expect(page.get_by_role("button", name="Go on recording")).to_be_focused()
    # More than five seconds of speech are not thrown away by one key.
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Throw away").press("Enter")
    await reached(page, "idle")
    await expect(page.locator("[data-record=audio]")).to_be_focused()
    assert not await page.evaluate("() => document.documentElement.scrollWidth > innerWidth")


@pytest.fixture
async def wary(databases: Databases, playwright: Playwright) -> AsyncIterator[Clinic]:
    """A clinic whose visitors let no page use their microphone, until they say so."""
    browser = await playwright.chromium.launch(executable_path=system_browser(), args=[*FLAGS, DEVICES])
    async with open_clinic(databases, browser) as found:
        yield found
    await browser.close()


async def test_a_forbidden_microphone_is_explained_a_failure_keeps_the_recording_and_leaving_asks_first(
    wary: Clinic,
) -> None:
    page = await wary.in_room(wary.room.client)
    await page.click("[data-record=audio]")
    await reached(page, "failed")
    await expect(page.locator(".recorder-panel")).to_contain_text("may not use your microphone")
    await page.context.grant_permissions(["microphone"])
    await page.get_by_role("button", name="Try again").click()
    await reached(page, "recording")

    # Something nobody foresaw: what was spoken is kept, can be saved, and goes out when asked.
    await page.route("**/v1/media/*", lambda route: route.fulfill(status=400, body="{}"))
    await expect(page.get_by_role("timer")).to_have_text(re.compile("0:0[1-9]"))
    await page.get_by_role("button", name="Stop and listen").click()
    await reached(page, "failed")
    await expect(page.locator(".recorder-panel")).to_contain_text("Your recording is kept here")
    async with page.expect_download() as saving:
        await page.get_by_role("button", name="Download it").click()
    saved = await saving.value
    assert saved.suggested_filename == "voice-message.mp4"
    assert (await saved.path()).stat().st_size > 1_000
    await page.unroute("**/v1/media/*")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".recorder-panel .state")).to_contain_text("Uploaded")

    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept())[1])
    await page.goto("about:blank")
    assert asked == ["beforeunload"]
