"""`kindroom migrate`: bring the database to the newest schema."""

import typer


def migrate() -> None:
    """Apply every migration that is missing. Safe to run twice, and by several processes at once."""
    from kindroom.settings import load_settings
    from records import migrate as schema

    try:
        schema.migrate(load_settings().database("owner"))
    except schema.LoginsMissing as missing:
        typer.echo(f"The database has no login {missing}: create it first.", err=True)
        raise typer.Exit(1) from None
