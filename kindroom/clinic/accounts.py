"""Who may sign in to the demo clinic: a few accounts by role, one password of this installation for all of them."""

import json
import secrets
from pathlib import Path
from typing import Final

from kindroom.clinic import people, staff
from kindroom.embedded.passwords import write_private

ACCOUNTS_FILE: Final = "accounts.json"
_WORDS: Final = ("amber", "birch", "cedar", "clover", "fern", "grove", "harbor", "hazel", "lantern", "maple")


def demo_password(data_dir: Path) -> str:
    """The password of all demo accounts, made once for a data directory and kept there (0600)."""
    path = data_dir / "secrets" / "demo-password"
    if not path.exists():
        words = [secrets.choice(_WORDS) for _ in range(3)]
        write_private(path, f"{'-'.join(words)}-{secrets.randbelow(9000) + 1000}")
    return path.read_text().strip()


def accounts(password: str) -> dict[str, dict[str, str]]:
    """The demo accounts by the names of the ready file."""
    clients = {
        role: next(person.email for person in people.PEOPLE if person.name == name)
        for role, name in people.SIGN_IN_AS.items()
    }
    return {
        role: {"username": username, "password": password}
        for role, username in {**clients, **staff.SIGN_IN_AS}.items()
    }


def write_accounts(data_dir: Path, password: str) -> Path:
    """Say who may sign in, in a file that only its owner reads, whole or not at all."""
    path = data_dir / ACCOUNTS_FILE
    write_private(path, json.dumps(accounts(password), indent=2) + "\n")
    return path
