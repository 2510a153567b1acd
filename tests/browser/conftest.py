"""A real Chromium and the sample pages over HTTP with the real headers."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, Playwright, async_playwright, expect

from tests.browser.clinic import Clinic, open_clinic
from tests.browser.serving import serving
from tests.web.preview import preview

if TYPE_CHECKING:
    from conftest import Databases

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=20_000)  # a loaded machine is no defect
AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"


def system_browser() -> str | None:
    """A browser of this machine; None leaves it to Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The accessibility checker, to be evaluated in a page: the policy of the page does not bind it."""
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as engine:
        yield engine


@pytest.fixture
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """A fresh browser with an empty profile."""
    found = await playwright.chromium.launch(executable_path=system_browser(), args=FLAGS)
    yield found
    await found.close()


@pytest.fixture
async def samples() -> AsyncIterator[str]:
    """The address under which the sample pages are served."""
    async with serving(preview()) as address:
        yield f"{address}/sample"


@pytest.fixture(autouse=True)
def _no_proxy() -> Iterator[None]:
    """Loopback is never asked of a proxy."""
    kept = os.environ.get("NO_PROXY")
    os.environ["NO_PROXY"] = "127.0.0.1,localhost"
    yield
    if kept is None:
        del os.environ["NO_PROXY"]
    else:
        os.environ["NO_PROXY"] = kept


@pytest.fixture
async def clinic(databases: Databases, browser: Browser) -> AsyncIterator[Clinic]:
    """A front with one room between two people."""
    async with open_clinic(databases, browser) as found:
        yield found
