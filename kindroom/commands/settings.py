"""`kindroom settings`: every setting, its value and its meaning."""

import typer


def settings() -> None:
    """Print every setting with its value (secrets as ***) and its meaning."""
    from kindroom.settings import describe, load_settings

    for line in describe(load_settings()):
        typer.secho(line.variable, bold=True, nl=False)
        typer.echo(f" = {line.value}\n    {line.meaning}")
