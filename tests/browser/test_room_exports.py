"""Taking a room's record along in a browser, and reading it where there is no network."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

from playwright.async_api import BrowserContext, Download, Page, Route, expect
from recordings import voice

from domain.access import writable_room
from encryption.keys import KeyScope
from encryption.media import SealedFile
from integrations.blobs.sealed import seal_into
from records import messages, rooms
from records.messages import NewMessage
from tests.browser.checks import RULES, findings, in_scheme
from tests.browser.clinic import Clinic

TEXTS = (
    "Welcome. What brings you here?",
    "I cannot sleep.",
    "<b>Not bold</b> & not run",
    "Since the spring.",
)


_PLAYS = """audio => new Promise(resolve => {
  audio.muted = true;
  audio.addEventListener("timeupdate", () => audio.currentTime > 0.2 && resolve("played"));
  audio.addEventListener("error", () => resolve(audio.error.message));
  audio.play().catch(error => resolve(String(error)));
})"""


async def written(clinic: Clinic) -> None:
    """A short conversation."""
    people = (clinic.room.therapist, clinic.room.client)
    for number, text in enumerate(TEXTS):
        door = await rooms.door(clinic.front, people[number % 2], clinic.room.id)
        room = writable_room(people[number % 2], door.related)
        await messages.post(clinic.front, room, door.key, NewMessage(f"key-{number}", text))


async def spoken(clinic: Clinic) -> None:
    """A voice message of the client's that can be played."""
    room, medium_id, content = clinic.room, uuid4(), voice(form="mp4")
    async with clinic.front.transaction(room.client) as tx:
        await tx.insert(
            "media",
            id=medium_id,
            room_id=room.id,
            sender_id=room.client.account_id,
            kind="audio",
            state="ready",
            content_type="audio/mp4",
            received=len(content),
            version=1,
            created_at=tx.now,
            uploaded_at=tx.now,
            finished_at=tx.now,
        )
        key = await tx.new_key(KeyScope.MEDIA, medium_id)
        await tx.insert(
            "media_files", medium_id=medium_id, name="play", content_type="audio/mp4", size=len(content)
        )

    async def whole() -> AsyncIterator[bytes]:
        yield content

    await seal_into(clinic.blobs, SealedFile(room.id, medium_id, "play", key), whole())
    door = await rooms.door(clinic.front, room.client, room.id)
    mine = writable_room(room.client, door.related)
    await messages.post(clinic.front, mine, door.key, NewMessage("voice", "", "audio", media_id=medium_id))


async def opened(clinic: Clinic, width: int = 1280, *, scripts: bool = True) -> Page:
    """The client's page of the export, reached as a person does."""
    page = await clinic.device(clinic.room.client, width, scripts=scripts)
    await page.goto(f"{clinic.address}/rooms/{clinic.room.id}/access")
    await page.get_by_role("link", name="Take the record with you").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Take the record with you")
    return page


async def unpacked(download: Download, folder: Path) -> Path:
    """The archive's files. None of them leaves its folder."""
    assert download.suggested_filename.startswith("kindroom-room-20")
    await download.save_as(folder / "room.zip")
    with ZipFile(folder / "room.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(folder / "room")
    return folder / "room"


async def offline(clinic: Clinic) -> BrowserContext:
    """A browser without a network."""
    context = await clinic.browser.new_context(offline=True, viewport={"width": 320, "height": 700})
    context.set_default_timeout(10_000)
    return context


async def test_the_record_is_downloaded_and_read_without_a_network(
    clinic: Clinic, tmp_path: Path, axe_source: str
) -> None:
    await written(clinic)
    await spoken(clinic)
    page = await opened(clinic, 320)
    await expect(page.get_by_text("5 messages")).to_be_visible()
    await expect(page.get_by_text("1 recording")).to_be_visible()
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Download").click()
    folder = await unpacked(await waiting.value, tmp_path)
    await expect(page.get_by_role("status").filter(has_text="Done.")).to_be_visible()
    await expect(page.get_by_role("button", name="Download again")).to_be_focused()
    *said, heard = json.loads((folder / "messages.json").read_text())["messages"]
    assert [message["text"] for message in said] == list(TEXTS)
    assert re.fullmatch(r"media/20\d\d-\d\d-\d\d-voice-1\.mp4", heard["recording"]["file"])

    context = await offline(clinic)
    book = await context.new_page()
    wrong: list[str] = []
    book.on("console", lambda message: wrong.append(message.text))
    book.on("pageerror", lambda error: wrong.append(str(error)))
    await book.goto((folder / "index.html").as_uri())
    await expect(book.locator(".message .text")).to_have_text(list(TEXTS))
    assert await book.locator("audio").evaluate(_PLAYS) == "played"
    for scheme in ("light", "dark"):
        await in_scheme(book, scheme)
        await book.evaluate(axe_source)
        found = findings(await book.evaluate("rules => axe.run(document, rules)", RULES), scheme)
        assert not found, found
    assert await book.evaluate("() => document.documentElement.scrollWidth <= 320")
    await book.get_by_label("Search the messages").fill("spring")
    await expect(book.locator(".message:visible")).to_have_count(1)
    await expect(book.get_by_role("status")).to_have_text("1 message with these words")
    assert not wrong, wrong
    await context.close()


async def test_a_download_that_breaks_saves_nothing_and_can_be_tried_again(clinic: Clinic) -> None:
    await written(clinic)
    page = await opened(clinic)
    broken = 0

    async def cut(route: Route) -> None:
        nonlocal broken
        broken += 1
        if broken == 1:
            await route.abort("connectionreset")
        elif broken == 2:
            await route.fulfill(status=503, body="{}", content_type="application/problem+json")
        else:
            await route.continue_()

    await page.route("**/export", cut)
    saved: list[Download] = []
    page.on("download", lambda each: saved.append(each))  # noqa: PLW0108  a method of C takes no mark
    await page.get_by_role("button", name="Download").click()
    await expect(page.get_by_role("status").filter(has_text="connection broke")).to_be_visible()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("status").filter(has_text="away for a moment")).to_be_visible()
    assert not saved
    async with page.expect_download():
        await page.get_by_role("button", name="Try again").click()


async def test_without_a_script_the_archive_is_a_plain_download(clinic: Clinic, tmp_path: Path) -> None:
    await written(clinic)
    page = await opened(clinic, scripts=False)
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Download").click()
    folder = await unpacked(await waiting.value, tmp_path)
    assert "I cannot sleep." in (folder / "index.html").read_text()
