"""The Columbia screener: which questions are put, and the risk that its answers show (Posner 2011, triage points).

Questions 3 to 5 are put only after yes to question 2. Question 6 is put to everybody, and after yes whether it was
within the last three months. An answer to what a no had ruled out is not counted.
"""

from collections.abc import Mapping
from typing import Final

KEYS: Final = ("q1", "q2", "q3", "q4", "q5", "q6_ever", "q6_3m")
"""The answers, in the order in which they are asked."""

AFTER_YES: Final[Mapping[str, str]] = {"q3": "q2", "q4": "q2", "q5": "q2", "q6_3m": "q6_ever"}
"""Questions that are put only after yes to another one."""

Given = Mapping[str, bool | None]
_RISK: Final[dict[str | None, tuple[str | None, str | None]]] = {
    "none": (None, None),
    "low": ("yellow", "LA9194-7"),
    "moderate": ("orange", "LA6751-7"),
    "high": ("red", "LA9193-9"),
    None: (None, None),
}


def places_after() -> dict[int, int]:
    """`AFTER_YES` by place, from 1."""
    return {KEYS.index(key) + 1: KEYS.index(other) + 1 for key, other in AFTER_YES.items()}


def missing(given: Given) -> list[str]:
    """Questions that had to be put and have no answer."""
    return [key for key in KEYS if given[key] is None and (key not in AFTER_YES or given[AFTER_YES[key]])]


def risk(given: Given) -> str | None:
    """`high`, `moderate`, `low` or `none`. While a question that had to be put is open it is what the others show,
    never `none` (then None).
    """
    ruled_out = {key for key, other in AFTER_YES.items() if other == "q2" and given[other] is False}
    yes = {key for key, answer in given.items() if answer} - ruled_out
    if yes & {"q4", "q5", "q6_3m"}:
        return "high"
    if yes & {"q3", "q6_ever"}:
        return "moderate"
    if yes & {"q1", "q2"}:
        return "low"
    return None if missing(given) else "none"


def figures(given: Given) -> dict[str, object]:
    """The result under its published keys: LOINC answer list LL465-6; `asked` names question 6 once."""
    found = risk(given)
    colour, code = _RISK[found]
    asked = ["q1", "q2", *(("q3", "q4", "q5") if given["q2"] else ()), "q6"]
    told: dict[str, object] = {"asked": asked, "risk": found, "colour": colour, "loinc_answer_LL465-6": code}
    if left := missing(given):
        told |= {"status": "incomplete", "missing": ["q6" if key == "q6_ever" else key for key in left]}
    return told
