"""The installed app in a real browser: what it keeps, what it shows without a connection, when it shows nothing."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.checks import accessible, arrives, in_scheme
from tests.browser.clinic import Clinic
from tests.browser.test_rooms import write

SECRET = "Violet marmalade on a Tuesday"
STORED = """async () => {
  const found = { caches: {}, local: { ...localStorage }, session: { ...sessionStorage }, rows: [] };
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      found.caches[new URL(request.url).pathname] = await (await cache.match(request)).text();
    }
  }
  const open = indexedDB.open("kindroom");
  await new Promise(done => open.onsuccess = done);
  if (open.result.objectStoreNames.contains("queue")) {
    const all = open.result.transaction("queue").objectStore("queue").getAll();
    await new Promise(done => all.onsuccess = done);
    for (const row of all.result) {
      found.rows.push(Object.values(row).map(value => value instanceof ArrayBuffer || ArrayBuffer.isView(value)
        ? new TextDecoder("latin1").decode(value) : String(value)).join(" "));
    }
  }
  return found;
}"""


async def installed(clinic: Clinic, page: Page, path: str) -> None:
    """The page is open, live, and under the worker."""
    await page.goto(f"{clinic.address}{path}")
    await page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    await page.wait_for_function("() => navigator.serviceWorker.controller !== null")


async def passcode(page: Page) -> None:
    """This person's devices lock from now on."""
    await page.evaluate(
        """async () => {
            const token = document.cookie.match(/kindroom_csrf=([^;]*)/)[1];
            await fetch("/v1/me/passcode", { method: "PUT",
                headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
                body: JSON.stringify({ passcode: "482915" }) });
        }"""
    )


async def pushed(clinic: Clinic, page: Page, words: str) -> list[str]:
    """What the notification of a push says, whatever the push brought with it."""
    cdp = await page.context.new_cdp_session(page)
    known: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def learned(event: dict[str, Any]) -> None:
        for each in event["registrations"]:
            if not known.done():
                known.set_result(each["registrationId"])

    cdp.on("ServiceWorker.workerRegistrationUpdated", learned)
    await cdp.send("ServiceWorker.enable")
    await cdp.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": clinic.address, "registrationId": await known, "data": words},
    )
    shown: list[str] = await page.evaluate(
        """async () => {
          const worker = await navigator.serviceWorker.ready;
          for (;;) {
            const [one] = await worker.getNotifications();
            if (one) return [one.title, one.body, one.tag, JSON.stringify(one.data)];
            await new Promise(requestAnimationFrame);
          }
        }"""
    )
    return shown


async def test_the_worker_keeps_no_word_and_says_when_there_is_no_connection(
    clinic: Clinic, axe_source: str
) -> None:
    page = await clinic.device(clinic.room.client, 390, installs=True)
    # What an earlier release kept goes when this one begins.
    await page.goto(f"{clinic.address}/manifest.webmanifest")
    await page.evaluate("async () => { await caches.open('kindroom-earlier'); }")
    await installed(clinic, page, f"/rooms/{clinic.room.id}")
    assert await page.evaluate("async () => (await caches.keys()).length") == 1
    await page.wait_for_selector("html[data-online=yes]")
    await write(page, SECRET)
    await expect(page.locator(".message.mine .receipt")).to_have_text("· Sent")
    await page.reload()
    await expect(page.locator(".bubble")).to_have_text([SECRET])

    stored = await page.evaluate(STORED)
    assert all(path == "/offline" or path.startswith("/static/") for path in stored["caches"])
    assert "/offline" in stored["caches"]
    said = json.dumps(stored)
    assert SECRET not in said
    assert str(clinic.room.id) not in said

    await page.context.set_offline(True)
    await write(page, "In a tunnel")
    await expect(page.locator(".message.failed .receipt")).to_contain_text("Your words are kept")
    await page.reload()
    await expect(page.locator("h1")).to_have_text("No connection")
    await expect(page.locator("#kept")).to_contain_text("One message that you wrote is kept here")
    assert SECRET not in await page.content()
    for scheme in ("light", "dark"):
        await in_scheme(page, scheme)
        await accessible(page, axe_source)
    await page.context.set_offline(False)
    await expect(page.locator(".bubble")).to_have_text([SECRET, "In a tunnel"])  # it left by itself


async def test_a_lock_empties_every_tab_and_the_passcode_brings_the_room_back(clinic: Clinic) -> None:
    first = await clinic.in_room(clinic.room.client)
    await passcode(first)
    await write(first, SECRET)
    await expect(first.locator(".message.mine .receipt")).to_have_text("· Sent")
    await first.reload()
    await first.fill("[data-text]", "An unsent thought")
    second = await first.context.new_page()
    await second.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await expect(second.locator(".bubble")).to_have_text([SECRET])
    # Nobody is at either of them any more: the page's clock goes on by two minutes.
    later = "() => { const then = Date.now; Date.now = () => then() + 125_000; }"
    await asyncio.gather(second.evaluate(later), first.evaluate(later))  # whoever sees it first locks both
    for page in (first, second):
        await arrives(page, "/locked")
        await expect(page).to_have_title(re.compile("Locked"))
        content = await page.content()
        assert SECRET not in content
        assert "An unsent thought" not in content
    await second.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await arrives(second, "/locked")
    await second.fill("[name=passcode]", "482915")
    await second.click("button.primary")
    await arrives(second, "/rooms/*")
    await expect(second.locator(".bubble")).to_have_text([SECRET])
    await arrives(first, "/rooms/*")


async def test_a_page_kept_in_memory_asks_first_and_a_lock_elsewhere_empties_it(clinic: Clinic) -> None:
    page = await clinic.in_room(clinic.room.client)
    await passcode(page)
    await page.reload()
    await page.wait_for_selector("html[data-online=yes]")
    moves = "kind => dispatchEvent(new PageTransitionEvent(kind, { persisted: true }))"
    await page.evaluate(moves, "pagehide")
    await expect(page.locator("h1")).to_be_hidden()
    await page.evaluate(moves, "pageshow")
    await expect(page.locator("h1")).to_be_visible()
    await page.evaluate(moves, "pagehide")
    async with clinic.databases.care.transaction() as tx:  # locked, and nobody announced it
        await tx.run("UPDATE sessions SET locked_at = now()")
    await page.evaluate(moves, "pageshow")
    await arrives(page, "/locked")
    await page.fill("[name=passcode]", "482915")
    await page.click("button.primary")
    await arrives(page, "/rooms/*")
    await page.wait_for_selector("html[data-online=yes]")
    await page.evaluate(
        """() => {
            const token = document.cookie.match(/kindroom_csrf=([^;]*)/)[1];
            fetch("/v1/me/lock", { method: "POST", headers: { "X-CSRF-Token": token } });
        }"""
    )
    await arrives(page, "/locked")  # announced, it is emptied at once


async def test_a_device_asks_to_be_woken_is_woken_without_a_word_and_stops_again(
    clinic: Clinic, axe_source: str
) -> None:
    page = await clinic.device(clinic.room.client, 390, installs=True)
    await page.context.grant_permissions(["notifications"], origin=clinic.address)
    # The push service of a browser is out of reach here: its part is played, ours is real.
    await page.add_init_script(
        """
        let current = null;
        const subscription = { endpoint: "https://push.example/abc", unsubscribe: async () => { current = null; } };
        PushManager.prototype.subscribe = async () => (current = subscription);
        PushManager.prototype.getSubscription = async () => current;
        """
    )
    await installed(clinic, page, "/account")
    await page.get_by_role("link", name="Choose how you hear of it").click()
    state = page.locator("[data-state]")
    await expect(state).to_have_text("This device is not notified.")
    await page.get_by_role("button", name="Notify me on this device").click()
    await expect(state).to_have_text("This device is notified until you sign out.")
    await accessible(page, axe_source)
    assert await pushed(clinic, page, SECRET) == ["You have a message in Kindroom", "", "waiting", "null"]
    settings = "async () => (await fetch('/v1/me/notice-settings')).json()"
    assert await page.evaluate(settings) == {"mail": True, "push": True, "this_device": True}
    await page.get_by_role("button", name="Stop on this device").click()
    await expect(state).to_have_text("This device is not notified.")
    await page.get_by_label("By e-mail").uncheck()
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".toast")).to_have_text("Saved.")
    assert await page.evaluate(settings) == {"mail": False, "push": True, "this_device": False}
