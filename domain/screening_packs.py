"""Questionnaires that a site switches on beside the first two, and the words it brings where none may ship here.

AUDIT-C (World Health Organization; Bush 1998), the C-SSRS screener (Columbia Lighthouse Project) and the WAI-SR
(Hatcher and Gillaspy 2006) belong to others. Their scores are ours to compute; their words come from the site, which
says by whose leave.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain import c_ssrs
from domain.errors import FieldError, Invalid
from domain.instruments import INSTRUMENTS, Instrument, Item, Option
from domain.screening import SCALES, SCORED

FIRST: Final = ("PHQ-9", "GAD-7")
"""Asked of everybody before matching."""

PACKS: Final = tuple(name for name in SCORED if name not in FIRST and name != "WHO-5")
"""What a site can switch on. WHO-5 is left out: its licence is for non-commercial use."""

BROUGHT: Final = tuple(name for name in PACKS if name not in INSTRUMENTS)
"""Those among them whose words the site brings."""

IN_CARE_ONLY: Final = frozenset({"WAI-SR"})
"""About the bond with a therapist: nothing to ask before there is one."""

_MOST: Final = 600
_CODES: Final[Mapping[str, tuple[str, str]]] = {
    "AUDIT-C": ("72109-2", "75626-2"),
    "C-SSRS": ("93373-9", "93374-7"),
}
_YES_NO: Final = (Option(1, "Yes"), Option(0, "No"))


@dataclass(frozen=True, slots=True)
class ScreeningPolicy:
    """What this site asks. `packs` in the order in which they are put."""

    packs: tuple[str, ...] = ()

    @property
    def switched_on(self) -> tuple[str, ...]:
        """Everything a client here can be asked."""
        return (*FIRST, *self.packs)

    @property
    def before_matching(self) -> tuple[str, ...]:
        """What is asked of a client on the way in."""
        return tuple(name for name in self.switched_on if name not in IN_CARE_ONLY)


def screening_policy_from_json(definition: Mapping[str, Any]) -> ScreeningPolicy:
    """Read `{"packs": ["AUDIT-C", ...]}`. Raises Invalid for a pack that there is not, or one named twice."""
    packs = definition.get("packs", [])
    if not isinstance(packs, Sequence) or isinstance(packs, str) or set(definition) - {"packs"}:
        raise Invalid(FieldError("packs", "wrong_type"))
    unknown = [name for name in packs if name not in PACKS]
    if unknown or len(set(packs)) != len(packs):
        raise Invalid(FieldError("packs", "unknown_pack" if unknown else "named_twice"))
    return ScreeningPolicy(tuple(packs))


def screening_policy_to_json(policy: ScreeningPolicy) -> dict[str, Any]:
    """The reverse of `screening_policy_from_json`."""
    return {"packs": list(policy.packs)}


def words_from_json(name: str, words: object) -> Instrument:
    """A questionnaire in the words that a site brings, its shape checked against how it is scored:

    `{"title", "stem", "licence", "items": [{"text", "options"?}], "options"?: [{"value", "text"}]}`. Options may stand
    with each item or once for all; the C-SSRS has yes and no by itself, its items in the order q1 ... q5, ever, three
    months. Raises Invalid naming the places, never what was there.
    """
    if name not in BROUGHT:
        raise Invalid(FieldError("name", "unknown_pack"))
    if not isinstance(words, Mapping):
        raise Invalid(FieldError("words", "wrong_type"))
    faults = [
        FieldError(part, "required") for part in ("title", "stem", "licence") if not _text(words.get(part))
    ]
    count = len(c_ssrs.KEYS) if name == "C-SSRS" else SCALES[name].items
    items = words.get("items")
    if not isinstance(items, Sequence) or isinstance(items, str) or len(items) != count:
        raise Invalid(*faults, FieldError("items", "wrong_count"))
    shared = _options(name, words.get("options"))
    read = [_item(name, n, item, shared) for n, item in enumerate(items, start=1)]
    faults += [
        FieldError(f"items.{n}", "not_an_item") for n, item in enumerate(read, start=1) if item is None
    ]
    if faults:
        raise Invalid(*faults)
    panel, total = _CODES.get(name, (None, None))
    return Instrument(
        name=name,
        title=_text(words["title"]),
        stem=_text(words["stem"]),
        items=tuple(item for item in read if item is not None),
        options=shared or (),
        licence=_text(words["licence"]),
        loinc_panel=panel,
        loinc_total=total,
    )


def _item(name: str, n: int, item: object, shared: tuple[Option, ...] | None) -> Item | None:
    if not isinstance(item, Mapping) or not _text(item.get("text")):
        return None
    own = _options(name, item.get("options"))
    after = c_ssrs.places_after().get(n) if name == "C-SSRS" else None
    return Item(n, _text(item["text"]), options=own or (), after=after) if own or shared else None


def _options(name: str, options: object) -> tuple[Option, ...] | None:
    """Every value of the scale once, in words; None when they are not all there."""
    if name == "C-SSRS":
        return _YES_NO
    scale = SCALES[name]
    if not isinstance(options, Sequence) or isinstance(options, str):
        return None
    read = [
        Option(option["value"], _text(option.get("text")))
        for option in options
        if isinstance(option, Mapping) and type(option.get("value")) is int and _text(option.get("text"))
    ]
    whole = sorted(option.value for option in read) == list(range(scale.low, scale.high + 1))
    return tuple(read) if whole and len(read) == len(options) else None


def _text(value: object) -> str:
    """The text, trimmed; empty for anything that cannot be shown."""
    text = value.strip() if isinstance(value, str) else ""
    return text if len(text) <= _MOST and text.isprintable() else ""
