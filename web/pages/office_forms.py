"""Forms of the office read as the API takes them, and refusals of either in words beneath the fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from domain.errors import Conflict, FieldError, Invalid
from web.pages.forms import text_of, typed
from web.views.shell import Form

M = TypeVar("M", bound=BaseModel)

_ONCE_MORE = "Please look at this once more."
_WORDS = {
    "missing": "Please fill this in.",
    "required": "Please fill this in.",
    "in_the_past": "This day is over. Choose today or a later one.",
    "range_empty": "This ends before it begins.",
    "not_money": "Dollars, such as 45.00.",
    "not_positive": "More than nothing, please.",
    "not_within_charge": "This cannot be more than the charge.",
    "live_only_code": "This code is for live sessions only.",
    "not_of_this_kind": "98970 to 98972 are for those who do not prescribe, 99421 to 99423 for those who do.",
    "unknown_plan": "There is no plan with this code. Add it under Plans first.",
    "needs_a_roster": "An authorisation comes with a roster. Ask for one, too.",
    "not_a_date": "Month and day, such as 08-16.",
    "out_of_range": "This is out of range.",
    "under_way": "A roster of this sponsor is still being worked off. Wait until it is done.",
    "too_large": "The file is larger than 5 MB. Send it in parts.",
    "not_text": "This is not a text file in UTF-8.",
    "not_csv": "This is not a CSV file: a quotation mark is not closed.",
    "columns_differ": "The first line must name the columns, and only known ones.",
    "no_rows": "There are no rows in this file.",
    "too_many_rows": "More than 50,000 rows. Send it in parts.",
    "bad_day": "A day, such as 2027-01-31.",
    "string_pattern_mismatch": _ONCE_MORE,
}
_CONFLICTS = {
    "payer_known": ("code", "Another payer has this code."),
    "sponsor_code_taken": ("code", "Another sponsor has this code. Choose one that nobody can guess."),
    "contract_overlaps": (
        "effective_from",
        "Another row prices these minutes in these days. End that one first, or begin later.",
    ),
    "contract_ended": ("last_day", "This row ends earlier already."),
}


def read(form: FormData, model: type[M], *, flags: Iterable[str] = (), lists: Iterable[str] = ()) -> M:
    """A form as the API takes it: what is left empty is left out, `flags` are boxes, `lists` split at commas.

    Raises ValidationError, Invalid.
    """
    boxes, many = set(flags), set(lists)
    given: dict[str, Any] = {name: bool(text_of(form, name)) for name in boxes}
    for name in model.model_fields:
        if name in boxes or not (text := text_of(form, name, most=4_000)):
            continue
        given[name] = [each.strip() for each in text.split(",") if each.strip()] if name in many else text
    return model.model_validate(given)


def refused(form: FormData, refusal: ValidationError | Invalid | Conflict) -> Form:
    """What was typed, with the words beneath the fields."""
    if isinstance(refusal, ValidationError):
        errors = {
            str(each["loc"][0]) if each["loc"] else "": _WORDS.get(each["type"], _ONCE_MORE)
            for each in refusal.errors()
        }
        return Form(typed(form), errors=errors)
    if isinstance(refusal, Conflict):
        field, words = _CONFLICTS.get(refusal.code, ("", _ONCE_MORE))
        return Form(typed(form), errors={field: words}) if field else Form(typed(form), problem=words)
    return Form(
        typed(form), errors={_field(each): _WORDS.get(each.code, _ONCE_MORE) for each in refusal.errors}
    )


def _field(error: FieldError) -> str:
    """The form's name of what the rules call otherwise."""
    return {"procedure_code": "code"}.get(error.field, error.field)


def day_of(form: FormData, name: str) -> date | None:
    """A day of a form; None where it is empty. Raises Invalid."""
    text = text_of(form, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(FieldError(name, "bad_day")) from None
