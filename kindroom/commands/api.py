"""`kindroom api`: the HTTP API and the pages, one process."""

from typing import Annotated

import typer


def api(
    host: Annotated[str | None, typer.Option(help="Address to listen on (default: KINDROOM_HOST).")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on (default: KINDROOM_PORT).")
    ] = None,
    fd: Annotated[int | None, typer.Option(help="A listening socket to serve instead.")] = None,
) -> None:
    """Serve the API and the pages."""
    from kindroom.server import serve_api
    from kindroom.settings import load_settings
    from kindroom.wiring import front

    chosen = {"host": host, "port": port}
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = load_settings().model_copy(update=given)
    serve_api(front(settings), settings, fd)
