"""`kindroom seed`: an empty installation becomes the demo clinic, once."""

import typer


def seed() -> None:
    """Fill the clinic with invented people and their history; one that is filled is left as it is."""
    import asyncio
    import time

    from kindroom.clinic.seeding import seed as write
    from kindroom.settings import load_settings
    from kindroom.wiring import key_ring

    settings, began = load_settings(), time.monotonic()
    if not settings.embedded:
        typer.echo("The demo clinic belongs on a machine of one's own, not here.", err=True)
        raise typer.Exit(1)

    def tell(text: str) -> None:
        typer.echo(f"{time.monotonic() - began:5.1f} s  {text}")

    seeded = asyncio.run(write(settings.database("owner"), key_ring(settings), settings.data_dir, tell))
    tell("the demo clinic is ready" if seeded.written else "the demo clinic was there already")
    tell(f"accounts: {seeded.accounts}")
