"""`kindroom x12`: read and check X12 files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from x12.errors import Finding

app = typer.Typer(
    help="Read and check X12 files (270 271 276 277 277CA 999 TA1 837P 835).", no_args_is_help=True
)

_File = Annotated[Path, typer.Argument(metavar="FILE", help="A file of X12 interchanges.")]
UNREADABLE = 2


@app.command()
def read(file: _File) -> None:
    """Print what a file says as JSON."""
    from x12.errors import X12Error
    from x12.read import plain, read

    try:
        content = read(_bytes(file))
    except X12Error as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(UNREADABLE) from None
    typer.echo(json.dumps({"interchanges": plain(content)}, indent=2, ensure_ascii=False))


@app.command()
def check(file: _File) -> None:
    """Print whether a file is well formed, with findings, as JSON; exit 1 when it is not."""
    from x12.check import check

    findings = check(_bytes(file))
    typer.echo(json.dumps({"valid": not findings, "findings": list(map(_shown, findings))}, indent=2))
    if findings:
        raise typer.Exit(1)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        typer.echo(f"{file}: {error.strerror}", err=True)
        raise typer.Exit(UNREADABLE) from None


def _shown(finding: "Finding") -> dict[str, str]:
    where = f" (segment {finding.position})" if finding.position else ""
    return {
        "code": finding.code,
        "segment": finding.segment,
        "element": finding.element,
        "message": finding.message + where,
    }
