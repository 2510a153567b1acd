"""Passwords of the embedded database, made once and kept in a 0600 file of the data directory."""

import json
import os
import secrets
from pathlib import Path

SUPERUSER = "postgres"
OWNER = "kindroom_owner"
LOGINS = (OWNER, "kindroom_care", "kindroom_billing", "kindroom_worker")


def write_private(path: Path, text: str) -> None:
    """Write a 0600 file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def database_passwords(path: Path) -> dict[str, str]:
    """The password of the superuser and of every login, by name."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in (SUPERUSER, *LOGINS) if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(24) for name in missing}
        write_private(path, json.dumps(known, indent=2))
    return known
