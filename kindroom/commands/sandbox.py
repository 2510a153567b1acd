"""`kindroom sandbox`: the stand-in payer and clearing house, one process."""

import runpy
import sys

import typer


def sandbox(context: typer.Context) -> None:
    """Run the payer sandbox. Every option is its own: `kindroom sandbox --help` shows them."""
    sys.argv = ["sandbox", *context.args]
    runpy.run_module("sandbox", run_name="__main__")
