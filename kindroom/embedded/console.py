"""What the person at the terminal sees: steps with seconds, troubles, and a calm summary."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Board(Protocol):
    """Where the stack tells what it does."""

    def step(self, name: str) -> contextlib.AbstractContextManager[None]: ...

    def note(self, text: str) -> None: ...

    def trouble(self, text: str) -> None: ...


class SilentBoard:
    """Tells nobody: for tests and measurements."""

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:  # noqa: ARG002  the shape of Board
        """A step begins and ends."""
        yield

    def note(self, text: str) -> None:
        """Something worth knowing."""

    def trouble(self, text: str) -> None:
        """Something went wrong."""


class TerminalBoard:
    """Spinners and seconds on a terminal; one plain line per finished step elsewhere."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description:<18}"),
            TimeElapsedColumn(),
            console=self.console,
        )
        self._open = 0

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show a step while it lasts, and its seconds when it is done."""
        began = time.monotonic()
        with self._spinner(name) if self.console.is_terminal else contextlib.nullcontext():
            yield
        if not self.console.is_terminal:
            self._say(f"{name:<18} {time.monotonic() - began:5.1f} s")

    def note(self, text: str) -> None:
        """Something worth knowing."""
        self._say(text)

    def trouble(self, text: str) -> None:
        """Something went wrong."""
        self._say(text, style="bold red")

    def summary(self, addresses: Mapping[str, str], accounts: Mapping[str, Mapping[str, str]]) -> None:
        """Where everything is, and who may sign in."""
        self._say("")
        self._columns([(name, address) for name, address in addresses.items()])
        if accounts:
            self._say("")
            heading = ("account", "sign in as", "password", "code (TOTP secret)")
            rows = [
                (role, account["username"], account["password"], account.get("totp_secret", "-"))
                for role, account in accounts.items()
            ]
            self._columns([heading, *rows])
        self._say("\nCtrl-C stops everything in order; the data stays.\n")

    def _columns(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Rows under each other, whole on any width: an address or a password that is cut off opens nothing."""
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        for row in rows:
            self._say(
                "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            )

    def _say(self, text: str, style: str | None = None) -> None:
        self.console.print(text, style=style, markup=False, soft_wrap=True)

    @contextlib.contextmanager
    def _spinner(self, name: str) -> Iterator[None]:
        if not self._open:
            self._progress.start()
        self._open += 1
        task = self._progress.add_task(name, total=1)
        try:
            yield
            self._progress.update(task, completed=1)
        finally:
            self._progress.stop_task(task)
            self._open -= 1
            if not self._open:
                self._progress.stop()
                for shown in self._progress.task_ids:
                    self._progress.remove_task(shown)
