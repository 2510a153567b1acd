"""`kindroom score`: the result of a clinical measure as JSON."""

from pathlib import Path
from typing import Any

import typer

INSTRUMENT = typer.Argument(
    None, help='Such as "PHQ-9"; with --file it may be left out if the case tells it.'
)
ANSWERS = typer.Argument(None, help="Comma-separated, in the order of the items; an empty place is skipped.")
FILE = typer.Option(None, "--file", exists=True, dir_okay=False, help="A case, or a list of cases, as JSON.")
SEX = typer.Option(None, "--sex", help="male, female or unknown: chooses the cut-off of AUDIT-C.")


def score(
    instrument: str | None = INSTRUMENT,
    answers: str | None = ANSWERS,
    file: Path | None = FILE,
    sex: str | None = SEX,
) -> None:
    """Print the result of a measure as JSON. Exit status 2: unknown measure or wrong answers."""
    import json

    from domain.errors import Invalid, KindroomError

    try:
        if (answers is None) == (file is None):
            raise Invalid(code="give_answers_or_a_file")
        if file is not None:
            result = _score_file(instrument, file, sex)
        else:
            result = _score_line(instrument or "", answers or "", sex)
    except KindroomError as refused:
        _explain(refused)
        raise typer.Exit(2) from refused
    typer.echo(json.dumps(result, indent=2))


def _score_line(instrument: str, line: str, sex: str | None) -> dict[str, object]:
    from domain.screening import answers_in_order
    from domain.screening import score as score_measure

    values = [_number(place, text.strip()) for place, text in enumerate(line.split(","))]
    return dict(score_measure(instrument, answers_in_order(instrument, values), sex=sex).figures)


def _number(place: int, text: str) -> int | None:
    from domain.errors import FieldError, Invalid

    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise Invalid(FieldError(f"answers.{place}", "not_a_number"))
    return int(text)


def _score_file(instrument: str | None, file: Path, sex: str | None) -> Any:
    import json

    from domain.errors import Invalid

    try:
        content = json.loads(file.read_text("utf-8"))
    except (UnicodeDecodeError, ValueError) as error:
        raise Invalid(code="not_json") from error
    if isinstance(content, list):
        return [_score_case(instrument, case, sex) for case in content]
    return _score_case(instrument, content, sex)


def _score_case(instrument: str | None, case: Any, sex: str | None) -> dict[str, object]:
    from domain.errors import FieldError, Invalid
    from domain.screening import measure_told_by_its_answers
    from domain.screening import score as score_measure

    if not isinstance(case, dict):
        raise Invalid(code="not_a_case")
    answers = case.get("answers", case.get("items"))
    if not isinstance(answers, list | dict):
        raise Invalid(FieldError("items", "required"))
    name = instrument or case.get("instrument") or measure_told_by_its_answers(answers)
    if not isinstance(name, str):
        raise Invalid(FieldError("instrument", "required"))
    return dict(score_measure(name, answers, sex=sex or case.get("sex")).figures)


def _explain(refused: Exception) -> None:
    from domain.errors import Invalid, NotFound

    if isinstance(refused, NotFound):
        from domain.screening import SCORED

        typer.echo(f"unknown measure; known are: {', '.join(SCORED)}", err=True)
        return
    typer.echo(str(refused), err=True)
    for error in refused.errors if isinstance(refused, Invalid) else ():
        typer.echo(f"  {error.field}: {error.code}", err=True)
