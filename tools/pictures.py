"""Take the pictures of the documentation from a running stack: `python tools/pictures.py --ready-file FILE`.

They are made by the product itself, so they cannot show what it does not do.
"""

import argparse
import json
import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
DESK = {"width": 1360, "height": 850}
PHONE = {"width": 390, "height": 844}
SHOTS = (  # the README shows the first and the fourth, in light
    ("board", "supervisor", "/board", DESK),
    ("inbox", "therapist", "/inbox", DESK),
    ("billing", "billing", "/billing", DESK),
    ("room-phone", "client", "/", PHONE),
    ("journey-phone", "client", "/journey", PHONE),
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main() -> None:
    """Sign in as each person and take their picture, light and dark."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--ready-file", type=Path, required=True)
    options.add_argument("--folder", type=Path, default=FOLDER)
    chosen = options.parse_args()
    ready = json.loads(chosen.ready_file.read_text())
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, person, path, size in SHOTS:
            for scheme in ("light", "dark"):
                shoot(browser, ready, person, path, size, scheme, chosen.folder / f"{name}-{scheme}.png")
        browser.close()


def shoot(
    browser: Browser, ready: dict, person: str, path: str, size: dict, scheme: str, target: Path
) -> None:
    """One picture of one page as one person sees it."""
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    account = ready["accounts"][person]
    page.goto(f"{ready['web']}/sign-in")
    page.fill("[name=username]", account["username"])
    page.fill("[name=password]", account["password"])
    page.click("form button.primary")
    page.wait_for_load_state("load")
    page.goto(f"{ready['web']}{path}")
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)
    page.screenshot(path=target)
    print(target)
    context.close()


if __name__ == "__main__":
    main()
