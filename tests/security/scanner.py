"""Finds words that nobody but their readers should see, however they were written down."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path


def forms(word: str) -> dict[str, bytes]:
    """The byte strings by which a word shows: plain and folded, wide, hexadecimal, base64 at three offsets."""
    plain = word.encode()
    found = {
        "utf-8": plain,
        "utf-8 lower": word.lower().encode(),
        "utf-8 upper": word.upper().encode(),
        "utf-16 little": word.encode("utf-16-le"),
        "utf-16 big": word.encode("utf-16-be"),
        "hex": plain.hex().encode(),
        "hex upper": plain.hex().upper().encode(),
    }
    for offset in range(3):
        # The first and the last characters depend on the neighbours: what is left depends on the word alone.
        encoded = base64.b64encode(b"\0" * offset + plain)
        first = (offset * 8 + 5) // 6
        last = (offset + len(plain)) * 8 // 6
        found[f"base64 at {offset}"] = encoded[first:last]
    return found


class Scanner:
    """Looks for one word in many places, in one pass over each."""

    def __init__(self, word: str) -> None:
        if len(word) < 12 or not word.isalnum():
            raise ValueError("a word that chance does not write: twelve letters and digits or more")
        self._forms = forms(word)
        self._pattern = re.compile(b"|".join(re.escape(form) for form in self._forms.values()))

    def finds(self, content: bytes) -> list[str]:
        """In which forms the word is there, each with the bytes that follow it."""
        found = []
        for match in self._pattern.finditer(content):
            name = next(name for name, form in self._forms.items() if form == match.group())
            found.append(f"{name}: ...{content[match.end() : match.end() + 24]!r}")
        return found

    def in_file(self, path: Path) -> list[str]:
        """The finds in one file, named."""
        return [f"{path.name}: {find}" for find in self.finds(path.read_bytes())]

    def below(self, folder: Path) -> list[str]:
        """The finds in every file below a directory."""
        return [find for path in files(folder) for find in self.in_file(path)]


def files(folder: Path) -> Iterator[Path]:
    """Every regular file below a directory, following the directory's own link."""
    for path in sorted(folder.resolve().rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path
