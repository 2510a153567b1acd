"""`kindroom demo`: one new client from registration to a paid claim, on the stack that runs."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    ready_file: Annotated[Path, typer.Option(help="The file that `kindroom up --ready-file` wrote.")],
) -> None:
    """Walk one new client through the whole journey; exit 1 at the first step that fails."""
    import asyncio

    from kindroom.demo.house import DemoFailed, House
    from kindroom.demo.journey import walk_through
    from kindroom.demo.screen import Screen

    screen = Screen()
    try:
        asyncio.run(walk_through(House.of(ready_file), screen))
    except DemoFailed as failure:
        screen.failed(str(failure))
        raise typer.Exit(1) from None
