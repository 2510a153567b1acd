"""`kindroom audit`: does the record of who did what still hold?"""

import asyncio

import typer

app = typer.Typer(help="The audit log.")


@app.callback()
def main() -> None:
    """The audit log."""


@app.command()
def verify() -> None:
    """Walk the audit chain; exit 1 and name the first bad entry when it does not hold."""
    from kindroom.settings import load_settings
    from kindroom.wiring import worker_database
    from records.audit import Verification, verify

    async def walk() -> Verification:
        database = worker_database(load_settings(), size=1)
        await database.open()
        try:
            async with database.transaction() as tx:
                return await verify(tx)
        finally:
            await database.close()

    found = asyncio.run(walk())
    if not found.holds:
        typer.echo(f"The chain is broken at entry {found.bad_position}.", err=True)
        raise typer.Exit(1)
    typer.echo(
        f"The chain holds: {found.entries} entries, {found.unchained} not linked yet,"
        f" head {found.head.hex()}."
    )
