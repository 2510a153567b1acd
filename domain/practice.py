"""The organisation that bills: what payers and clearing houses know it by. Data of the clinic, not of the code."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final

from domain.claims import npi_is_valid
from domain.errors import FieldError, Invalid
from domain.zones import is_zone

TIME_ZONE: Final = "America/New_York"
"""Whose days and weeks figures are counted in, unless the practice says otherwise."""


@dataclass(frozen=True, slots=True)
class Practice:
    """Billing provider (2010AA), submitter (1000A) and receiver (1000B) of claims; provider of eligibility.

    `postal_code` has nine digits, `tax_id` nine. `production` false marks files as tests (ISA15 T).
    `time_zone` (IANA) is the clinic's own: its days and weeks are those of reports.
    """

    name: str
    npi: str
    taxonomy: str
    tax_id: str
    street: str
    city: str
    state: str
    postal_code: str
    contact: str
    phone: str
    submitter_id: str
    receiver_name: str
    receiver_id: str
    production: bool = False
    time_zone: str = TIME_ZONE


def practice_from_json(definition: Mapping[str, Any]) -> Practice:
    """Read a stored definition. Raises Invalid naming what is missing, unknown or wrong."""
    names = {each.name: each for each in fields(Practice)}
    errors = [FieldError(name, "unknown_field") for name in definition if name not in names]
    for name, each in names.items():
        given = definition.get(name)
        if each.default is MISSING and not (isinstance(given, str) and given.strip()):
            errors.append(FieldError(name, "required"))
    if not errors and not npi_is_valid(definition["npi"]):
        errors.append(FieldError("npi", "npi_invalid"))
    for name in ("postal_code", "tax_id"):
        if not errors and not (len(definition[name]) == 9 and definition[name].isdigit()):
            errors.append(FieldError(name, "nine_digits"))
    if not is_zone(str(definition.get("time_zone", TIME_ZONE))):
        errors.append(FieldError("time_zone", "unknown_zone"))
    if errors:
        raise Invalid(*errors)
    return Practice(**definition)
