"""What is asked of every page that is wired to the records."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Page, expect

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
ONLY_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What the dark scheme can change: the rest of a page is the same in both."""
ALL_BUT_COLOURS = {**RULES, "rules": {"color-contrast": {"enabled": False}}}
"""What another width can change: colours are the same in each."""
_SETTLED = """async dark => {
  const frame = () => new Promise(requestAnimationFrame);
  while (matchMedia("(prefers-color-scheme: dark)").matches !== dark) await frame();
  for (const _ of [1, 2, 3]) {
    await frame();
    await Promise.all(document.getAnimations().filter(a => a.effect.getComputedTiming().endTime < 5000)
      .map(a => a.finished.catch(() => null)));
  }
}"""


def findings(result: dict[str, Any], name: str) -> list[str]:
    """What axe found, in words short enough to act on."""
    return [
        f"{name}: {violation['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


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
    await expect(page).to_have_url(re.compile(rf"^https?://[^/]+{segments}(\?.*)?$"))
