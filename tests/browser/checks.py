"""What is asked of every page that is wired to the records."""

from __future__ import annotations

from playwright.async_api import Page

from tests.browser.test_samples import RULES, findings


async def accessible(page: Page, axe_source: str) -> None:
    """Axe finds nothing on the page as it stands."""
    await page.wait_for_selector("html.js")
    await page.evaluate(axe_source)
    assert findings(await page.evaluate("rules => axe.run(document, rules)", RULES), page.url) == []
