"""The payer sandbox's own pages: by keys, without script, on a small phone, in both schemes."""

from __future__ import annotations

from pathlib import Path

import httpx
from playwright.async_api import Browser, ViewportSize, expect

from sandbox.app import create
from sandbox.rules import load
from sandbox.settings import Latency, Settings
from tests.browser.checks import RULES, arrives, findings, in_scheme
from tests.browser.serving import serving

SMALL: ViewportSize = {"width": 320, "height": 640}
QUESTION = Path(__file__).parents[1] / "samples" / "x12" / "270_mh_subscriber.x12"


async def test_what_came_in_is_found_by_keys_without_script(
    browser: Browser, axe_source: str, tmp_path: Path
) -> None:
    sandbox = create(Settings(tmp_path, load(), dict.fromkeys(("999", "277CA", "835"), 0), Latency(0, 0, 0)))
    async with serving(sandbox) as address:
        bare = await browser.new_page(viewport=SMALL, java_script_enabled=False)
        await bare.goto(f"{address}/exchanges")
        await expect(bare.get_by_text("Nothing yet.")).to_be_visible()
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            await client.post("/x12/realtime", content=QUESTION.read_bytes())
        await bare.get_by_role("link", name="Exchanges").press("Enter")
        await bare.get_by_role("link", name="1: 270").press("Enter")
        await arrives(bare, "/exchanges/*")
        await expect(bare.get_by_role("heading", name="Exchange 1: 270")).to_be_visible()
        await bare.close()
        seeing = await browser.new_page(viewport=SMALL)
        for path in ("/", "/exchanges", "/exchanges/1"):
            await seeing.goto(f"{address}{path}")
            assert await seeing.evaluate("document.documentElement.scrollWidth") == SMALL["width"]
            await seeing.evaluate(axe_source)
            for scheme in ("light", "dark"):
                await in_scheme(seeing, scheme)
                assert findings(await seeing.evaluate("rules => axe.run(document, rules)", RULES), path) == []
        await seeing.close()
