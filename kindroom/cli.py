"""The `kindroom` command. Each sub-command is a file of `kindroom.commands` with its heavy imports inside."""

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import typer

app = typer.Typer(
    name="kindroom",
    help="A messaging-therapy service in which nobody is forgotten.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

FUNCTIONS = ("up", "demo", "api", "worker", "migrate", "seed", "score", "settings")
GROUPS = ("clock", "x12", "audit")


@app.callback()
def _program() -> None:
    """A messaging-therapy service in which nobody is forgotten."""


def _module(name: str) -> ModuleType | None:
    path = f"kindroom.commands.{name}"
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as missing:
        if missing.name != path:
            raise
        return None


def _mount() -> None:
    for name in FUNCTIONS:
        if module := _module(name):
            command: Callable[..., Any] = getattr(module, name)
            app.command(name)(command)
    for name in GROUPS:
        if module := _module(name):
            app.add_typer(module.app, name=name)
    from kindroom.commands.sandbox import sandbox

    everything_is_its_own = {
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    }
    app.command("sandbox", context_settings=everything_is_its_own)(sandbox)


_mount()


def main() -> None:
    """Entry point of `.venv/bin/kindroom` and `python -m kindroom`."""
    app(prog_name="kindroom")
