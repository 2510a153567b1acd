"""What is asked of every page that is wired to the records."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.test_samples import RULES, findings

_SETTLED = """async dark => {
  const frame = () => new Promise(requestAnimationFrame);
  while (matchMedia("(prefers-color-scheme: dark)").matches !== dark) await frame();
  for (const _ of [1, 2, 3]) {
    await frame();
    await Promise.all(document.getAnimations().filter(a => a.effect.getComputedTiming().endTime < 5000)
      .map(a => a.finished.catch(() => null)));
  }
}"""


async def in_scheme(page: Page, scheme: str) -> None:
    """Light or dark, once every colour has changed over: axe must not see half of each."""
    dark = scheme == "dark"
    await page.emulate_media(color_scheme="dark" if dark else "light")
    await page.evaluate(_SETTLED, dark)


async def accessible(page: Page, axe_source: str) -> None:
    """Axe finds nothing on the page as it stands."""
    await page.wait_for_selector("html.js")
    before = page.viewport_size or {"width": 1280, "height": 800}
    # As tall as its content: what lies beneath a fixed bar by the chance of scrolling is not the page's fault.
    height = await page.evaluate("() => document.documentElement.scrollHeight")
    await page.set_viewport_size({"width": before["width"], "height": max(before["height"], height + 120)})
    await page.evaluate(axe_source)
    found = findings(await page.evaluate("rules => axe.run(document, rules)", RULES), page.url)
    await page.set_viewport_size(before)
    assert not found, found


async def arrives(page: Page, path: str) -> None:
    """The page comes to an address of ours ("*" for one segment), also when two live updates send it there at once.

    A wait for the navigation itself would fail then: the second cuts the first off.
    """
    segments = "[^/?]+".join(re.escape(part) for part in path.split("*"))
    await expect(page).to_have_url(re.compile(rf"^https?://[^/]+{segments}(\?.*)?$"), timeout=15_000)
