"""Reports as they leave the API: in which form, over which days."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Query, Response
from fastapi.responses import JSONResponse

from domain.errors import FieldError, Invalid
from reports.exports import FORMATS, file_name, to_json
from reports.report import Period, Report

Form = Literal["json", "csv", "xlsx", "html"]
Since = Annotated[date | None, Query(alias="from")]
Until = Annotated[date | None, Query(alias="to")]
AnyForm = Annotated[str, Query(alias="format", max_length=10)]
"""Named freely, so that an unknown one is refused by its code (`asked`)."""


def asked(since: date | None, until: date | None, today: date, form: str) -> Period:
    """The days of a report, up to today unless told. Raises Invalid (`unsupported_format`, `after_to`)."""
    if form != "json" and form not in FORMATS:
        raise Invalid(FieldError("format", "unsupported_format"), code="unsupported_format")
    period = Period(since, until or today)
    if period.since is not None and period.since > period.until:
        raise Invalid(FieldError("from", "after_to"))
    return period


def as_file(report: Report, form: str) -> Response:
    """The report in one of its forms."""
    if form == "json":
        return JSONResponse(to_json(report))
    media_type, write = FORMATS[form]
    disposition = "inline" if form == "html" else "attachment"
    headers = {"Content-Disposition": f'{disposition}; filename="{file_name(report, form)}"'}
    return Response(write(report), media_type=media_type, headers=headers)
