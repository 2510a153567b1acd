"""The organisation that bills: what payers and clearing houses know it by. Data of the clinic, not of the code."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from domain.claims import npi_is_valid
from domain.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class Practice:
    """Billing provider (2010AA), submitter (1000A) and receiver (1000B) of claims; provider of eligibility.

    `postal_code` has nine digits, `tax_id` nine. `production` false marks files as tests (ISA15 T).
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
    if errors:
        raise Invalid(*errors)
    return Practice(**definition)
