"""The `kindroom` command. Each sub-command is a file of `kindroom.commands` with its heavy imports inside."""

import typer

from kindroom.commands import audit, clock, x12
from kindroom.commands.api import api
from kindroom.commands.demo import demo
from kindroom.commands.migrate import migrate
from kindroom.commands.sandbox import sandbox
from kindroom.commands.score import score
from kindroom.commands.seed import seed
from kindroom.commands.settings import settings
from kindroom.commands.up import up
from kindroom.commands.worker import worker

app = typer.Typer(
    name="kindroom",
    help="A messaging-therapy service in which nobody is forgotten.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (up, demo, api, worker, migrate, seed, score, settings):
    app.command()(command)
for name, group in (("clock", clock.app), ("x12", x12.app), ("audit", audit.app)):
    app.add_typer(group, name=name)
# The sandbox is a program of its own: all its options are passed on as they are.
app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    }
)(sandbox)


def main() -> None:
    """Entry point of `.venv/bin/kindroom` and `python -m kindroom`. A setting that lacks is said in a line, exit 2."""
    try:
        app(prog_name="kindroom")
    except Exception as error:
        from kindroom.settings import SettingMissing

        if not isinstance(error, SettingMissing):
            raise
        typer.echo(f"kindroom: {error}.", err=True)
        raise SystemExit(2) from None
