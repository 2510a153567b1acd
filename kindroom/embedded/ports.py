"""Free ports and listening sockets, on the loopback address only."""

import random
import socket
from pathlib import Path

from kindroom.embedded.processes import StackError

LOOPBACK = "127.0.0.1"
LOWEST = 15_000
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A port nobody listens on, below those the kernel gives to outgoing connections.

    A killed engine has to get its port back when it is restarted; no outgoing connection must have taken it.
    """
    highest = int(_EPHEMERAL.read_text().split()[0]) if _EPHEMERAL.exists() else 32_768
    candidates = range(LOWEST, highest) if highest > LOWEST + 1000 else range(LOWEST, 60_000)
    for port in random.sample(candidates, 200):
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise StackError("no free port found on 127.0.0.1")


def listening_socket(port: int) -> socket.socket:
    """A socket listening on 127.0.0.1 that a child inherits; port 0 is any free one. Raises StackError."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port or free_port()))
    except OSError:
        listener.close()
        raise StackError(
            f"port {port} on 127.0.0.1 is taken; choose another with --port (0 takes any)"
        ) from None
    listener.listen(1024)
    return listener


def port_of(listener: socket.socket) -> int:
    """The port a socket listens on."""
    return int(listener.getsockname()[1])
