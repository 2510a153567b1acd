"""Reading forms: text within its limits, and which page comes next."""

from __future__ import annotations

from starlette.datastructures import FormData

from domain.errors import FieldError, Invalid


def text_of(form: FormData, name: str, *, least: int = 0, most: int = 200) -> str:
    """A field's text, outer space removed. Raises Invalid: too short, too long, or not text."""
    value = form.get(name, "")
    if not isinstance(value, str) or "\x00" in value:
        raise Invalid(FieldError(name, "not_text"))
    # Browsers send line ends as CR LF.
    text = value.replace("\r\n", "\n").strip()
    if len(text) < least:
        raise Invalid(FieldError(name, "too_short" if text else "missing"))
    if len(text) > most:
        raise Invalid(FieldError(name, "too_long"))
    return text


def many_of(form: FormData, name: str) -> tuple[str, ...]:
    """All texts of a field of many."""
    return tuple(value for value in form.getlist(name) if isinstance(value, str) and value)


def typed(form: FormData) -> dict[str, str]:
    """What was typed, to be shown again after a refusal: never passwords, codes or the token."""
    hidden = {"password", "totp", "passcode", "csrf_token"}
    return {name: value for name, value in form.items() if isinstance(value, str) and name not in hidden}
