"""A measure's result in one short line, for the clinician who reads it beside the chart."""

from collections.abc import Mapping
from typing import Any, Final

_HIGHEST: Final = {"PHQ-9": 27, "GAD-7": 21, "PHQ-2": 6, "GAD-2": 6, "PCL-5": 80, "AUDIT-C": 12, "WAI-SR": 60}
_RISK: Final = {
    "none": "No risk shown. It clears nobody.",
    "low": "Low risk",
    "moderate": "Moderate risk",
    "high": "High risk",
}


def result_words(instrument: str, figures: Mapping[str, Any]) -> str:
    """The figures of `domain.screening` in words, each with its published cut-off."""
    if instrument == "C-SSRS":
        return _RISK.get(figures.get("risk") or "", "Not complete")
    total = figures.get("total")
    words = (
        "Not complete"
        if total is None
        else f"{total} of {_HIGHEST[instrument]}{_cut_off(instrument, figures)}"
    )
    return f"{words}. Item 9 asks for a look" if figures.get("item9_review") else words


def _cut_off(instrument: str, figures: Mapping[str, Any]) -> str:
    match instrument:
        case "AUDIT-C":
            return _side(figures["positive"], figures["cutoff"])
        case "PCL-5":
            return _side(figures["positive_ge31"], 31)
        case "PHQ-2" | "GAD-2":
            return _side(figures["positive_ge3"], 3)
        case "WAI-SR":
            return f": task {figures['task']}, bond {figures['bond']}, goal {figures['goal']}"
        case _:
            band = str(figures["band"]).replace("_", " ")
            return f", {band}{_side(figures['positive_ge10'], 10)}"


def _side(positive: bool, cut_off: int) -> str:
    return f", at or above {cut_off}" if positive else f", below {cut_off}"
