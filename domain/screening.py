"""Scores of clinical measures. A skipped answer is `None`; a total is never guessed from part of the answers.

Cut-offs: Kroenke 2001 (PHQ-9), Spitzer 2006 (GAD-7), VA National Center for PTSD (PCL-5), Bush 1998 and
the VA (AUDIT-C), the WHO-5 manual, the Columbia screener's triage points (C-SSRS), Munder 2010 (WAI-SR).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain import c_ssrs
from domain.errors import FieldError, Invalid, NotFound

Answers = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Score:
    """A measure's result. `figures` holds it under its published keys, as sent to programs.

    `item9_review`: a person must look at item 9, whatever the total; None where there is no such item.
    """

    instrument: str
    complete: bool
    total: int | None
    band: str | None = None
    missing: tuple[int, ...] = ()
    item9_review: bool | None = None
    figures: Mapping[str, object] = field(default_factory=dict, repr=False)


class Item9Followup(StrEnum):
    """What item 9 of the PHQ-9 (thoughts of being better off dead or of self-harm) asks for at once."""

    NONE = "none"
    ASK_SAFE_NOW = "ask_safe_now"
    ASK_ONCE_MORE = "ask_once_more"
    SAME_DAY_TASK = "same_day_task"


def item9_followup(answer: int | None, *, asked_again: bool = False) -> Item9Followup:
    """What to do about an answer to item 9, whatever the total.

    Any answer above 0: ask "are you safe right now?". Skipped: ask once more, then a clinician's task the
    same day. 0 asks nothing here, and clears nobody: most of those who died by suicide in one
    cohort had answered "not at all".
    """
    if answer is None:
        return Item9Followup.SAME_DAY_TASK if asked_again else Item9Followup.ASK_ONCE_MORE
    return Item9Followup.ASK_SAFE_NOW if answer >= 1 else Item9Followup.NONE


def score(instrument: str, answers: Answers | Mapping[str, object], *, sex: str | None = None) -> Score:
    """Score answers in the order of the items (C-SSRS: by name, `q1` ... `q6_3m`).

    `sex` ("male", "female", else unknown) chooses the AUDIT-C cut-off only.
    Raises NotFound for an unknown measure, Invalid naming each wrong answer by its place, never its value.
    """
    if instrument in _C_SSRS_NAMES:
        return _score_c_ssrs(answers)
    scale = SCALES.get(instrument)
    if scale is None:
        raise NotFound
    checked = _check(answers, scale)
    missing = tuple(n for n, answer in enumerate(checked, start=1) if answer is None)
    if missing:
        return _incomplete(instrument, checked, missing)
    return scale.score([answer for answer in checked if answer is not None], sex)


def _check(answers: object, scale: "Scale") -> Answers:
    if not isinstance(answers, Sequence) or isinstance(answers, str) or len(answers) != scale.items:
        raise Invalid(FieldError("answers", "wrong_count"))
    errors = [
        FieldError(f"answers.{place}", "out_of_range")
        for place, answer in enumerate(answers)
        if answer is not None and not (type(answer) is int and scale.low <= answer <= scale.high)
    ]
    if errors:
        raise Invalid(*errors)
    return answers


def _incomplete(instrument: str, answers: Answers, missing: tuple[int, ...]) -> Score:
    figures: dict[str, object] = {"status": "incomplete", "missing": list(missing)}
    figures |= {"total": None, "band": None}
    review = None
    if instrument == "PHQ-9":
        review = figures["item9_review"] = answers[8] is None or answers[8] >= 1
    return Score(instrument, False, None, missing=missing, item9_review=review, figures=figures)


def _complete(instrument: str, total: int, figures: Mapping[str, object], band: str | None = None) -> Score:
    review = bool(figures["item9_review"]) if "item9_review" in figures else None
    return Score(instrument, True, total, band, item9_review=review, figures=figures)


def _band(total: int, bands: Sequence[tuple[int, str]]) -> str:
    return next(name for floor, name in reversed(bands) if total >= floor)


_PHQ_BANDS = ((0, "minimal"), (5, "mild"), (10, "moderate"), (15, "moderately_severe"), (20, "severe"))
_GAD_BANDS = ((0, "minimal"), (5, "mild"), (10, "moderate"), (15, "severe"))
BANDS = {"PHQ-9": _PHQ_BANDS, "GAD-7": _GAD_BANDS}
"""Where each band begins, for charts (Kroenke 2001, Spitzer 2006)."""
HIGHEST = {"PHQ-9": 27, "GAD-7": 21}


def _score_phq9(items: list[int], _sex: str | None) -> Score:
    total, phq2 = sum(items), items[0] + items[1]
    band = _band(total, _PHQ_BANDS)
    figures = {
        "status": "complete",
        "total": total,
        "band": band,
        "positive_ge10": total >= 10,
        "phq2": phq2,
        "phq2_positive_ge3": phq2 >= 3,
        "item9_review": items[8] >= 1,
        "dsm_algorithm": _dsm_algorithm(items),
    }
    return _complete("PHQ-9", total, figures, band)


def _dsm_algorithm(items: list[int]) -> str:
    """Symptoms present more than half the days (item 9: at all), one of the first two among them."""
    present = [answer >= 2 for answer in items[:8]] + [items[8] >= 1]
    cardinal = present[0] or present[1]
    if cardinal and sum(present) >= 5:
        return "major_depressive_syndrome"
    return "other_depressive_syndrome" if cardinal and sum(present) >= 2 else "none"


def _score_gad7(items: list[int], _sex: str | None) -> Score:
    total, gad2 = sum(items), items[0] + items[1]
    band = _band(total, _GAD_BANDS)
    figures = {
        "status": "complete",
        "total": total,
        "band": band,
        "positive_ge10": total >= 10,
        "gad2": gad2,
        "gad2_positive_ge3": gad2 >= 3,
    }
    return _complete("GAD-7", total, figures, band)


def _score_two_items(instrument: str) -> Callable[[list[int], str | None], Score]:
    def scored(items: list[int], _sex: str | None) -> Score:
        total = sum(items)
        figures = {"status": "complete", "total": total, "positive_ge3": total >= 3}
        return _complete(instrument, total, figures)

    return scored


_PCL5_CLUSTERS = {"B": slice(0, 5), "C": slice(5, 7), "D": slice(7, 14), "E": slice(14, 20)}
_PCL5_NEEDED = {"B": 1, "C": 1, "D": 2, "E": 2}


def _score_pcl5(items: list[int], _sex: str | None) -> Score:
    """A symptom counts as present from 2 ("moderately")."""
    total = sum(items)
    present = {c: sum(answer >= 2 for answer in items[part]) for c, part in _PCL5_CLUSTERS.items()}
    figures = {
        "total": total,
        "clusters": {c: sum(items[part]) for c, part in _PCL5_CLUSTERS.items()},
        "provisional_by_cluster_rule": all(present[c] >= needed for c, needed in _PCL5_NEEDED.items()),
        "positive_ge31": total >= 31,
        "positive_ge33": total >= 33,
    }
    return _complete("PCL-5", total, figures)


def _score_audit_c(items: list[int], sex: str | None) -> Score:
    """Where the sex is not known the lower cut-off holds, so that nobody is missed."""
    total, cutoff = sum(items), 4 if sex == "male" else 3
    return _complete("AUDIT-C", total, {"total": total, "cutoff": cutoff, "positive": total >= cutoff})


def _score_who5(items: list[int], _sex: str | None) -> Score:
    raw = sum(items)
    percent = raw * 4
    figures = {
        "raw": raw,
        "pct": percent,
        "low_le50": percent <= 50,
        "screen_depression_le28": percent <= 28,
    }
    return _complete("WHO-5", raw, figures)


_WAI_SR = {"task": (1, 2, 10, 12), "bond": (3, 5, 7, 9), "goal": (4, 6, 8, 11)}


def _score_wai_sr(items: list[int], _sex: str | None) -> Score:
    total = sum(items)
    scales = {name: sum(items[n - 1] for n in places) for name, places in _WAI_SR.items()}
    return _complete("WAI-SR", total, {**scales, "total": total, "mean": total / len(items)})


@dataclass(frozen=True, slots=True)
class Scale:
    """How many questions a measure has, and the least and the most an answer counts."""

    items: int
    low: int
    high: int
    score: Callable[[list[int], str | None], Score]


SCALES = {
    "PHQ-9": Scale(9, 0, 3, _score_phq9),
    "GAD-7": Scale(7, 0, 3, _score_gad7),
    "PHQ-2": Scale(2, 0, 3, _score_two_items("PHQ-2")),
    "GAD-2": Scale(2, 0, 3, _score_two_items("GAD-2")),
    "PCL-5": Scale(20, 0, 4, _score_pcl5),
    "AUDIT-C": Scale(3, 0, 4, _score_audit_c),
    "WHO-5": Scale(5, 0, 5, _score_who5),
    "WAI-SR": Scale(12, 1, 5, _score_wai_sr),
}

_C_SSRS_NAMES = ("C-SSRS", "C-SSRS screener")
SCORED = (*SCALES, "C-SSRS")
"""Every measure that `score` knows."""


def answers_in_order(instrument: str, answers: Answers) -> Answers | Mapping[str, object]:
    """Answers given by place, as `score` takes them: of the C-SSRS by name, 1 for yes and 0 for no.

    Raises Invalid naming each wrong answer by its place.
    """
    if instrument not in _C_SSRS_NAMES:
        return answers
    if len(answers) != len(c_ssrs.KEYS):
        raise Invalid(FieldError("answers", "wrong_count"))
    wrong = [place for place, answer in enumerate(answers) if answer not in (None, 0, 1)]
    if wrong:
        raise Invalid(*(FieldError(f"answers.{place}", "not_yes_or_no") for place in wrong))
    given = (None if answer is None else bool(answer) for answer in answers)
    return dict(zip(c_ssrs.KEYS, given, strict=True))


def measure_told_by_its_answers(answers: object) -> str | None:
    """The only measure that has answers of this shape, else None (PHQ-2 and GAD-2 cannot be told apart)."""
    if isinstance(answers, Mapping):
        return "C-SSRS"
    if not isinstance(answers, Sequence):
        return None
    fitting = [name for name, scale in SCALES.items() if scale.items == len(answers)]
    return fitting[0] if len(fitting) == 1 else None


def _score_c_ssrs(answers: object) -> Score:
    given = _check_c_ssrs(answers)
    missing = c_ssrs.missing(given)
    places = tuple(c_ssrs.KEYS.index(key) + 1 for key in missing)
    figures = c_ssrs.figures(given)
    return Score("C-SSRS", not missing, None, band=c_ssrs.risk(given), missing=places, figures=figures)


def _check_c_ssrs(answers: object) -> dict[str, bool | None]:
    if not isinstance(answers, Mapping):
        raise Invalid(FieldError("answers", "wrong_type"))
    given = {key: answers.get(key) for key in c_ssrs.KEYS}
    wrong = [key for key, answer in given.items() if answer is not None and not isinstance(answer, bool)]
    unknown = [FieldError("answers", "unknown_question")] if set(answers) - set(c_ssrs.KEYS) else []
    if wrong or unknown:
        raise Invalid(*unknown, *(FieldError(f"answers.{key}", "not_yes_or_no") for key in wrong))
    return given
