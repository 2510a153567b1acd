"""`kindroom up`: the whole clinic on this machine, in the foreground."""

from pathlib import Path
from typing import Annotated

import typer


def up(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the API and pages; 0 takes any.")
    ] = 8000,
    data: Annotated[Path | None, typer.Option(help="Where everything is kept (default: .kindroom).")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete what is kept there, and begin anew.")
    ] = False,
    demo: Annotated[bool, typer.Option(help="Seed the demo clinic, once.")] = True,
    ready_file: Annotated[Path | None, typer.Option(help="Written as JSON once all is ready.")] = None,
) -> None:
    """Start PostgreSQL, Temporal, payer sandbox, API with pages, and worker; Ctrl-C stops all in order."""
    import asyncio

    from kindroom.embedded.console import TerminalBoard
    from kindroom.embedded.foreground import stay
    from kindroom.embedded.stack import EmbeddedStack
    from kindroom.settings import Settings

    board = TerminalBoard()
    stack = EmbeddedStack(
        data or Settings().data_dir, port=port, demo=demo, fresh=fresh, ready_file=ready_file, board=board
    )
    raise typer.Exit(asyncio.run(stay(stack, board)))
