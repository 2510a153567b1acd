"""What the person at the terminal sees of the demonstration: steps with their seconds, and where to look closer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule


@dataclass(slots=True)
class Step:
    """One step while it runs. `say` adds a line under it, `workflow` the address of its workflow."""

    title: str
    lines: list[str] = field(default_factory=list)
    address: str | None = None

    def say(self, line: str) -> None:
        """A line worth reading."""
        self.lines.append(line)

    def workflow(self, address: str) -> None:
        """Where the Temporal UI shows what drives this step."""
        self.address = address


class Screen:
    """Colours and ticks on a terminal, plain lines elsewhere; the same words on both."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._began = time.monotonic()
        self.steps = 0

    def chapter(self, title: str) -> None:
        """A heading."""
        if self.console.is_terminal:
            self.console.print()
            self.console.print(Rule(f"[bold]{title}", align="left", style="dim"))
        else:
            self._plain(f"\n{title}")

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show a step while it lasts; what it said and its seconds once it is done."""
        step, began = Step(title), time.monotonic()
        if self.console.is_terminal:
            with self.console.status(escape(title), spinner="dots"):
                yield step
        else:
            yield step
        self.steps += 1
        self._done(step, time.monotonic() - began)

    def failed(self, reason: str) -> None:
        """The demonstration ends here."""
        mark = "[bold red]✗[/]" if self.console.is_terminal else "FAILED"
        self.console.print(f"{mark} ", end="")
        self.console.print(reason, markup=False, soft_wrap=True)

    def finished(self, *lines: str) -> None:
        """The closing summary."""
        self.chapter(f"{self.steps} steps in {time.monotonic() - self._began:.1f} s")
        for line in lines:
            self._plain(f"  {line}")
        self.console.print()

    def _done(self, step: Step, seconds: float) -> None:
        took = f"{seconds:6.2f} s"
        if self.console.is_terminal:
            self.console.print(f"[green]✓[/] [dim]{took}[/]  {escape(step.title)}", soft_wrap=True)
        else:
            self._plain(f"ok {took}  {step.title}")
        indent = " " * 13
        for line in step.lines:
            self._plain(indent + line, "dim" if self.console.is_terminal else None)
        if step.address:
            self._plain(indent + step.address, "cyan" if self.console.is_terminal else None)

    def _plain(self, text: str, style: str | None = None) -> None:
        self.console.print(text, style=style, markup=False, soft_wrap=True)
