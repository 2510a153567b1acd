"""`kindroom migrate`: the newest schema; and what a restored backup brought back is destroyed again."""

import typer


def migrate() -> None:
    """Apply every migration that is missing. Safe to run twice, and by several processes at once.

    After a restore, run it before API and worker: what was erased since the backup is destroyed again.
    """
    import asyncio

    from kindroom import restores, wiring
    from kindroom.settings import load_settings
    from records import migrate as schema

    settings = load_settings()
    try:
        schema.migrate(settings.database("owner"))
    except schema.LoginsMissing as missing:
        typer.echo(f"The database has no login {missing}: create it first.", err=True)
        raise typer.Exit(1) from None
    ledger = wiring.shred_ledger(settings)
    if ledger.empty:
        return
    again = asyncio.run(restores.replay(settings.database("owner"), wiring.key_ring(settings), ledger))
    if again:
        typer.echo(f"A backup brought {again} erased records back: destroyed again.")
