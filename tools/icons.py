"""Make the icons of the installed app from web/static/mark.svg: `python tools/icons.py`. A browser draws them."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).resolve().parent.parent / "web" / "static"
FOLDER = STATIC / "icons"
TEAL = "#0f4c4a"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
ICONS = (  # name, pixels, share of the width that the mark takes, background
    ("icon-192", 192, 1.0, "transparent"),
    ("icon-512", 512, 1.0, "transparent"),
    # Cut to any shape by the phone: the mark keeps to the inner circle that is always shown.
    ("maskable-512", 512, 0.75, TEAL),
    ("touch-180", 180, 0.9, TEAL),
)


def main() -> None:
    """Draw each and write it beside the mark."""
    FOLDER.mkdir(exist_ok=True)
    mark = (STATIC / "mark.svg").read_text(encoding="utf-8")
    white = mark.replace('<rect width="32" height="32" rx="9" fill="#0f4c4a"/>', "").replace(
        "#efb26c", "#faf8f4"
    )
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, size, share, background in ICONS:
            draw(browser.new_page(viewport={"width": size, "height": size}), mark, share, background, name)
        # Beside a notification, where only the shape is shown.
        draw(browser.new_page(viewport={"width": 96, "height": 96}), white, 1.2, "transparent", "badge-96")
        browser.close()


def draw(page, svg: str, share: float, background: str, name: str) -> None:
    """One icon."""
    page.set_content(
        f"<style>body{{margin:0;height:100vh;display:grid;place-items:center;overflow:hidden;background:{background}}}"
        f"svg{{width:{share * 100}vw;height:{share * 100}vw}}</style>{svg}"
    )
    page.screenshot(path=FOLDER / f"{name}.png", omit_background=True)
    print(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
