"""Every page in a real browser: accessible in light and dark, on a phone and a desk, within the policy."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page
from playwright.async_api import TimeoutError as TooLong

from tests.browser.checks import ALL_BUT_COLOURS, ONLY_COLOURS, RULES, findings, in_scheme
from tests.web.samples import PAGES
from web.times import ago_words, due_words
from web.times import span_words as spoken

NAMES = [name for name in PAGES if name != "room-promise"]
PHONE, DESK = (360, 740), (1440, 900)
PARTS = 4
"""A page takes about a second: the whole walk would be longer than a test may be on a slow machine."""


async def open_page(browser: Browser, scheme: str, width: int, height: int) -> tuple[Page, list[str]]:
    """A page that writes down every breach of the content security policy and every script error."""
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        service_workers="block",
    )
    page = await context.new_page()
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # The samples have no API behind them: what it would answer is a 404, and not what is tested here.
        if message.type == "error" and "Failed to load resource" not in message.text:
            faults.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return page, faults


async def in_full(page: Page, width: int, least: int) -> None:
    """As tall as its content: what lies beneath a fixed bar by the chance of scrolling is not the page's fault."""
    await page.set_viewport_size({"width": width, "height": least})
    height = await page.evaluate("() => document.documentElement.scrollHeight")
    await page.set_viewport_size({"width": width, "height": max(least, height + 120)})


async def comes(page: Page, holds: str) -> bool:
    """Whether it holds before long: a page that was made narrower is laid out anew in its own time."""
    try:
        await page.wait_for_function(holds, timeout=3_000)
    except TooLong:
        return False
    return True


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_page_is_accessible_keeps_to_the_policy_and_fits(
    browser: Browser, samples: str, axe_source: str, part: int
) -> None:
    """One visit of each page: on a phone in light and dark, at a desk, and on a phone too small for scrolling."""
    page, faults = await open_page(browser, "light", *PHONE)
    found: list[str] = []

    async def look(name: str, rules: dict[str, Any]) -> None:
        found.extend(findings(await page.evaluate("rules => axe.run(document, rules)", rules), name))

    for name in NAMES[part::PARTS]:
        await page.emulate_media(color_scheme="light")
        await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        await page.goto(f"{samples}/{name}")
        await page.wait_for_selector("html.js")
        await in_full(page, *PHONE)
        await page.evaluate(axe_source)
        await look(name, RULES)
        await in_scheme(page, "dark")
        await look(f"{name} (dark)", ONLY_COLOURS)
        await in_scheme(page, "light")
        await in_full(page, *DESK)
        await look(f"{name} (desk)", ALL_BUT_COLOURS)
        await page.set_viewport_size({"width": 320, "height": 740})
        if not await comes(page, "() => innerWidth === 320 && document.documentElement.scrollWidth <= 320"):
            found.append(f"{name}: scrolls sideways at 320 px")
    assert found == []
    assert faults == []


async def test_every_target_on_a_phone_is_large_enough_for_a_thumb(browser: Browser, samples: str) -> None:
    page, _ = await open_page(browser, "light", 360, 740)
    small = []
    for name in ("room", "journey-focus", "journey-measure", "journey-matches", "sign-in", "help"):
        await page.goto(f"{samples}/{name}")
        small += await page.evaluate(
            """() => [...document.querySelectorAll("a.button, button, .choice, .tabs a, .nav a, .way, .help-link")]
                .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 36)
                .map((e) => e.outerHTML.slice(0, 120))"""
        )
    assert small == []


async def test_keys_move_through_rows_and_rest_while_somebody_types(browser: Browser, samples: str) -> None:
    page, _ = await open_page(browser, "light", 1440, 900)
    await page.goto(f"{samples}/board")
    await page.wait_for_selector("html.js")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    focused = "() => document.activeElement.dataset.label"
    assert await page.evaluate(focused) == "K-1007"
    await page.keyboard.press("k")
    assert await page.evaluate(focused) == "Second opinion, K-2044"
    await page.keyboard.press("/")
    assert await page.evaluate("() => document.activeElement.id") == "code"
    await page.keyboard.press("j")
    assert await page.evaluate("() => document.activeElement.id") == "code"
    await page.evaluate("() => document.activeElement.blur()")
    await page.keyboard.press("?")
    assert await page.locator("#keys-dialog").is_visible()


async def test_help_opens_on_the_spot_and_is_a_page_of_its_own_without_scripts(
    browser: Browser, samples: str
) -> None:
    page, _ = await open_page(browser, "light", 360, 740)
    await page.goto(f"{samples}/journey-matches")
    await page.wait_for_selector("html.js")
    await page.click(".help-link")
    assert await page.locator("#help-dialog a[href='tel:988']").is_visible()
    plain = await (await browser.new_context(java_script_enabled=False)).new_page()
    await plain.goto(f"{samples}/journey-matches")
    assert await plain.locator(".help-link").get_attribute("href") == "/help"


async def test_the_browser_and_the_server_tell_times_in_the_same_words(
    browser: Browser, samples: str
) -> None:
    from datetime import UTC, datetime, timedelta

    page, _ = await open_page(browser, "light", 360, 740)
    await page.goto(f"{samples}/sign-in")
    source = await page.get_attribute("script[type=module]", "src")
    assert source is not None
    seconds = [
        0,
        1,
        59,
        60,
        61,
        364,
        599,
        600,
        3599,
        3600,
        14340,
        86399,
        86400,
        90000,
        187200,
        604800,
        900000,
    ]
    heard = await page.evaluate(
        """async ([module, seconds]) => {
            const { spanWords, dueWords, agoWords } = await import(module);
            const told = (s) => [spanWords(s), dueWords(s * 1000, 0), dueWords(-s * 1000, 0), agoWords(-s * 1000, 0)];
            return seconds.map(told);
        }""",
        [source.replace("app.js", "time.js"), seconds],
    )
    now = datetime(2026, 1, 1, tzinfo=UTC)
    expected = [
        [
            spoken(s),
            due_words(now + timedelta(seconds=s), now),
            due_words(now - timedelta(seconds=s), now),
            ago_words(now - timedelta(seconds=s), now),
        ]
        for s in seconds
    ]
    assert heard == expected


async def test_a_countdown_passes_its_due_time_live_and_says_so_once(browser: Browser, samples: str) -> None:
    page, _ = await open_page(browser, "light", 1440, 900)
    await page.clock.install()
    await page.goto(f"{samples}/board")
    await page.wait_for_selector("html.js")
    row = page.locator("tr[data-label='K-1044']")
    assert await row.get_attribute("data-state") == "soon"
    await page.clock.run_for(18 * 60 * 1000)
    assert await row.get_attribute("data-state") == "late"
    assert "overdue" in await row.locator(".due-time").inner_text()
    assert await page.locator("#announce").inner_text() == "K-1044: now overdue"
