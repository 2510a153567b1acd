"""Fetch the few browser files we did not write, unmodified, and pin what was fetched.

    python tools/vendor.py            download by npm, copy, rewrite the lock (needs npm and a network)
    python tools/vendor.py --check    offline: every vendored file is exactly what the lock says

Production never needs Node: the copied files and the lock are committed. The lock holds names, versions,
integrity and licences; where npm fetches from is the business of whoever runs it.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVED = ROOT / "web" / "static" / "vendor"
TESTS = ROOT / "tests" / "browser" / "vendor"
LOCK = ROOT / "web" / "static" / "vendor.lock.json"
SPRITE = SERVED / "lucide" / "sprite.svg"


@dataclass(frozen=True)
class Package:
    """One npm package: the files we take from it and where they go."""

    name: str
    version: str
    home: Path
    files: dict[str, str] = field(default_factory=dict)


PACKAGES = (
    Package("htmx.org", "4.0.1", SERVED / "htmx", {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"}),
    Package(
        "@fontsource-variable/figtree",
        "5.3.0",
        SERVED / "figtree",
        {
            "files/figtree-latin-wght-normal.woff2": "figtree-latin-wght-normal.woff2",
            "files/figtree-latin-ext-wght-normal.woff2": "figtree-latin-ext-wght-normal.woff2",
            "LICENSE": "LICENSE",
        },
    ),
    Package("lucide-static", "1.62.0", SERVED / "lucide", {"LICENSE": "LICENSE"}),
    Package("axe-core", "4.14.1", TESTS / "axe", {"axe.min.js": "axe.min.js", "LICENSE": "LICENSE"}),
)

# The icons our pages use, by their Lucide names. `icon()` in the templates refuses any other.
ICONS = (
    "arrow-down",
    "arrow-left",
    "arrow-right",
    "badge-check",
    "bell",
    "calendar",
    "check",
    "circle",
    "circle-check",
    "circle-dot",
    "clock",
    "download",
    "ellipsis",
    "eye",
    "flag",
    "goal",
    "hourglass",
    "inbox",
    "info",
    "keyboard",
    "layers",
    "life-buoy",
    "list-checks",
    "lock",
    "log-out",
    "mail",
    "message-circle",
    "mic",
    "package",
    "paperclip",
    "pause",
    "pen-line",
    "phone",
    "play",
    "receipt-text",
    "reply",
    "rotate-cw",
    "search",
    "send",
    "shield-check",
    "square",
    "star",
    "target",
    "timer",
    "trash-2",
    "triangle-alert",
    "user-plus",
    "user-round",
    "users",
    "video",
    "wifi-off",
    "x",
)


def main(argv: list[str] | None = None) -> int:
    """Fetch, or with --check verify. Returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="verify the committed files offline")
    if parser.parse_args(argv).check:
        findings = check()
        for finding in findings:
            print(finding, file=sys.stderr)
        return 1 if findings else 0
    fetch()
    return 0


def fetch() -> None:
    """Download every package, copy its files, draw the sprite and write the lock."""
    entries = []
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            tarball = npm_pack(package, Path(folder))
            unpacked = Path(folder) / "unpacked"
            with tarfile.open(tarball) as archive:
                archive.extractall(unpacked, filter="data")
            source = unpacked / "package"
            entries.append(take(package, source, tarball.read_bytes()))
    LOCK.write_text(json.dumps({"packages": entries}, indent=2) + "\n", encoding="utf-8")


def npm_pack(package: Package, folder: Path) -> Path:
    """The package's tarball, as npm downloads and verifies it."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to fetch (not to check).")
    command = [
        npm,
        "pack",
        f"{package.name}@{package.version}",
        "--silent",
        "--pack-destination",
        str(folder),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)  # noqa: S603 - fixed arguments
    # npm writes into its working directory.
    (tarball,) = folder.glob("*.tgz")
    return tarball


def take(package: Package, source: Path, tarball: bytes) -> dict[str, object]:
    """Copy the wanted files and return the package's lock entry."""
    shutil.rmtree(package.home, ignore_errors=True)
    package.home.mkdir(parents=True)
    for inside, outside in package.files.items():
        shutil.copyfile(source / inside, package.home / outside)
    if package.name == "lucide-static":
        SPRITE.write_text(sprite(source / "icons"), encoding="utf-8")
    manifest = json.loads((source / "package.json").read_text(encoding="utf-8"))
    return {
        "name": package.name,
        "version": package.version,
        "licence": manifest["license"],
        "integrity": "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode(),
        "tarball_sha256": hashlib.sha256(tarball).hexdigest(),
        "files": hashes(package.home),
    }


def sprite(icons: Path) -> str:
    """One SVG of `<symbol>`s, each holding a Lucide icon's own shapes as they came."""
    symbols = []
    for name in ICONS:
        text = (icons / f"{name}.svg").read_text(encoding="utf-8")
        match = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
        if match is None:
            raise SystemExit(f"{name}.svg is not in the form we read")
        shapes = " ".join(match[1].split())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    body = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Lucide icons, see LICENSE -->\n{body}\n</svg>\n'


def hashes(home: Path) -> dict[str, str]:
    """SHA-256 of every file under a folder, by path from the repository's root."""
    return {
        str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


def check() -> list[str]:
    """What is not as locked; an empty list means all is well."""
    locked = {entry["name"]: entry for entry in json.loads(LOCK.read_text(encoding="utf-8"))["packages"]}
    findings = []
    for package in PACKAGES:
        entry = locked.pop(package.name, None)
        if entry is None or entry["version"] != package.version:
            findings.append(f"{package.name} {package.version} is not in the lock")
        elif entry["files"] != hashes(package.home):
            findings.append(f"{package.name}: files differ from the lock")
    findings += [f"{name} is locked but not wanted" for name in locked]
    known = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8")))
    if known != set(ICONS):
        findings.append(f"sprite and icon list differ: {sorted(known ^ set(ICONS))}")
    homes = {package.home.name for package in PACKAGES}
    for folder in (SERVED, TESTS):
        findings += [f"unknown: {path.name}" for path in folder.iterdir() if path.name not in homes]
    return findings


if __name__ == "__main__":
    raise SystemExit(main())
