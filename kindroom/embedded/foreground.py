"""A stack in the foreground: until Ctrl-C, then in order; a second Ctrl-C makes it quicker."""

import asyncio
import signal

from kindroom.embedded.console import TerminalBoard
from kindroom.embedded.processes import StackError
from kindroom.embedded.stack import EmbeddedStack

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def stay(stack: EmbeddedStack, board: TerminalBoard) -> int:
    """Start the stack and keep it until a signal says stop. Returns the exit status."""
    enough, hurry = asyncio.Event(), asyncio.Event()

    def on_signal() -> None:
        (hurry if enough.is_set() else enough).set()

    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, on_signal)
    try:
        await _serve(stack, board, enough)
    except (StackError, OSError) as refusal:
        board.trouble(str(refusal))
        return 1
    finally:
        await stack.stop(hurry)
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
    return 0


async def _serve(stack: EmbeddedStack, board: TerminalBoard, enough: asyncio.Event) -> None:
    """Until `enough`, also when that comes while the stack is still starting. Raises StackError, OSError."""
    starting = asyncio.create_task(stack.start())
    waiting = asyncio.create_task(enough.wait())
    await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return
    try:
        await starting
    except BaseException:
        waiting.cancel()
        raise
    board.summary(
        {
            "Kindroom": stack.api_url,
            "Temporal UI": stack.temporal.ui_url,
            "payer sandbox": stack.sandbox_url,
            "data and logs": str(stack.data_dir),
        },
        stack.ready.accounts,
    )
    await waiting
