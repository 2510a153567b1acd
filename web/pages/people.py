"""Names as they are shown beside what people wrote."""

from __future__ import annotations

import re


def initials(name: str) -> str:
    """Two letters for the round mark: of first and last name without title or degree, of a code its end."""
    code = re.fullmatch(r"[A-Z]+-([A-Z0-9]+)|[A-Z]+(\d+)", name)
    if code:
        return (code[1] or code[2])[-2:]
    words = [word for word in name.partition(",")[0].split() if not word.endswith(".") or len(word) <= 2]
    letters = [word[0].upper() for word in words if word[0].isalpha()]
    return "".join(letters[:1] + letters[-1:]) if len(letters) > 1 else "".join(letters) or "?"
