"""docker-compose.yml as compose reads it: defaults filled in, nothing from the shell."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
OURS = ("api-1", "api-2", "worker-1", "worker-2", "migrate", "sandbox")


def compose() -> dict[str, Any]:
    """The file with `${NAME:-default}` replaced by the default and `$$` by `$`."""
    text = (ROOT / "docker-compose.yml").read_text()
    filled = re.sub(r"\$\{[A-Z_0-9]+:-([^}]*)\}", r"\1", text)
    assert "${" not in filled, "a variable without a default"
    read: dict[str, Any] = yaml.safe_load(filled.replace("$$", "$"))
    return read


def services() -> dict[str, dict[str, Any]]:
    """Its services by name."""
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found
