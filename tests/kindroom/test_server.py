"""The process of the API: an inherited socket outlives it, and a signal closes what the application holds."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from kindroom.embedded.ports import listening_socket, port_of
from kindroom.settings import ROOT

SERVE = """
import asyncio, pathlib, sys
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from kindroom.server import serve_api
from kindroom.settings import Settings

async def hello(request):
    return PlainTextResponse("hello")

async def stream(request):
    async def ticks():
        while True:
            yield b"tick\\n"
            await asyncio.sleep(0.05)
    return StreamingResponse(ticks())

@asynccontextmanager
async def front():
    try:
        yield Starlette(routes=[Route("/", hello), Route("/stream", stream)])
    finally:
        pathlib.Path(sys.argv[2]).write_text("closed")

serve_api(front(), Settings(), int(sys.argv[1]))
"""


def serve(listener: socket.socket, closed: Path) -> "subprocess.Popen[bytes]":
    fd = listener.fileno()
    return subprocess.Popen([sys.executable, "-c", SERVE, str(fd), str(closed)], cwd=ROOT, pass_fds=(fd,))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_streams_and_closes_what_the_application_holds(
    tmp_path: Path, number: signal.Signals
) -> None:
    closed = tmp_path / "closed"
    with listening_socket(0) as listener, serve(listener, closed) as process:
        url = f"http://127.0.0.1:{port_of(listener)}"
        with httpx.Client(timeout=20) as client, client.stream("GET", f"{url}/stream") as answer:
            assert next(answer.iter_lines()) == "tick"
            process.send_signal(number)
            assert process.wait(timeout=5) == 0
    assert closed.read_text() == "closed"


def test_visitors_wait_for_the_next_process_on_the_same_socket(tmp_path: Path) -> None:
    with listening_socket(0) as listener:
        url = f"http://127.0.0.1:{port_of(listener)}/"
        with serve(listener, tmp_path / "first") as process:
            assert httpx.get(url, timeout=20).text == "hello"
            os.kill(process.pid, signal.SIGKILL)
        with serve(listener, tmp_path / "second") as process:
            assert httpx.get(url, timeout=20).text == "hello"
            process.terminate()
            assert process.wait(timeout=5) == 0
