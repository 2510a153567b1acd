"""Answers of an intake by their dotted names: apart, together, and whose word counts when two devices write.

Each answer counts by itself: the last one written stays, and who wrote without having seen an earlier one is told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

GROUPS: Final = frozenset({"address", "preferences", "emergency_contact", "guardian_contact", "safety"})
"""Answers that are told apart by a dot."""


def leaves(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted name -> answer. A group that is None has no answers."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if name in GROUPS and isinstance(value, Mapping):
            flat |= {f"{name}.{part}": answer for part, answer in value.items() if answer is not None}
        elif value is not None:
            flat[name] = value
    return flat


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The way back: groups as objects."""
    values: dict[str, Any] = {}
    for name, answer in flat.items():
        group, dot, part = name.partition(".")
        if dot:
            values.setdefault(group, {})[part] = answer
        else:
            values[name] = answer
    return values


def changes(part: Mapping[str, Any], saved: Iterable[str]) -> dict[str, Any]:
    """What a part says, by dotted name; None takes an answer back, and a group that is None all of its answers."""
    said: dict[str, Any] = {}
    for name, value in part.items():
        if name in GROUPS and isinstance(value, Mapping):
            said |= {f"{name}.{inner}": answer for inner, answer in value.items()}
        elif name in GROUPS:
            said |= {each: None for each in saved if each.startswith(f"{name}.")}
        else:
            said[name] = value
    return said


def corrected(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What stood where the answers differ now, by dotted name; None where nothing had been said."""
    return {name: before.get(name) for name in (*before, *after) if before.get(name) != after.get(name)}


@dataclass(frozen=True, slots=True)
class Saved:
    """Answers after a part was written. `marks`: in which version each was last written; `overwrote`: answers of
    another device which the writer had not seen, and which count no longer.
    """

    answers: dict[str, Any]
    marks: dict[str, int]
    overwrote: tuple[str, ...]


def write(
    answers: Mapping[str, Any],
    marks: Mapping[str, int],
    said: Mapping[str, Any],
    *,
    version: int,
    seen: int | None,
) -> Saved:
    """The last word counts, answer by answer. `seen`: the version the writer looked at; None: the newest."""
    changed = {name: value for name, value in said.items() if answers.get(name) != value}
    unseen = [name for name in changed if seen is not None and marks.get(name, 0) > seen]
    kept = {name: value for name, value in {**answers, **changed}.items() if value is not None}
    return Saved(kept, {**marks, **dict.fromkeys(changed, version)}, tuple(unseen))
