"""`python -m sandbox`: serve the payer sandbox until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import socket
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn

from sandbox.app import create
from sandbox.behaviours import listed
from sandbox.core import Credentials
from sandbox.rules import OWN_RULES, load
from sandbox.settings import Latency, Settings, with_member_times

_GRACE_S = 3


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="sandbox",
        description="A stand-in payer and clearing house over HTTP: eligibility (270/271) and claim status (276/277)"
        " by raw X12 or CORE multipart, claims (837P) with TA1, 999, 277CA and 835 in a mailbox, and faults on demand.",
        epilog="The last two digits of the member id choose the behaviour: --members lists them, README.md explains."
        " Its page shows the last exchanges whole, from memory; programs read them under /control/exchanges. For"
        " invented people only.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and says which")
    parser.add_argument(
        "--fd", type=int, help="a listening socket passed by the parent, instead of host and port"
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="folder of its memory (claims, reports, faults; not the exchanges shown); left out: forgotten at the end",
    )
    parser.add_argument("--payers", type=Path, default=OWN_RULES, help="another rules file (YAML)")
    parser.add_argument("--members", action="store_true", help="print what members and payers do, and end")
    for kind in ("999", "277ca", "835"):
        name = "--remit-835" if kind == "835" else f"--ack-{kind}"
        told = f"when the {kind.upper()} of a claim file is due"
        parser.add_argument(name, dest=f"after_{kind}", type=float, metavar="SECONDS", help=told)
    parser.add_argument(
        "--latency-p50-ms", type=float, metavar="N", help="median time of an answer; 0: at once"
    )
    parser.add_argument("--latency-p95-ms", type=float, metavar="N", help="what 95 of 100 answers stay under")
    parser.add_argument(
        "--recover-after-s", type=float, metavar="SECONDS", help="for members that recover in time"
    )
    parser.add_argument("--slow-member-ms", type=int, metavar="N", help="for members that answer too late")
    parser.add_argument("--core-user", help="the only CORE user let in (any, when left out)")
    parser.add_argument("--core-password", help="and the password")
    return parser.parse_args()


def _settings(given: argparse.Namespace, data: Path) -> Settings:
    rules = with_member_times(load(given.payers), given.recover_after_s, given.slow_member_ms)
    chosen = {"999": given.after_999, "277CA": given.after_277ca, "835": given.after_835}
    after_s = {kind: rules.acknowledge_s[kind] if value is None else value for kind, value in chosen.items()}
    p50 = rules.latency_ms[0] if given.latency_p50_ms is None else given.latency_p50_ms
    p95 = rules.latency_ms[1] if given.latency_p95_ms is None else given.latency_p95_ms
    latency = Latency(p50, p95, rules.deadline_s * 1000)
    return Settings(data, rules, after_s, latency, Credentials(given.core_user, given.core_password))


def _listen(given: argparse.Namespace) -> socket.socket:
    if given.fd is not None:
        return socket.socket(fileno=given.fd)
    listening = socket.socket(socket.AF_INET6 if ":" in given.host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((given.host, given.port))
    return listening


class _Server(uvicorn.Server):
    """Says one line once it takes requests."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or []:
            host, port = listening.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            print(f"sandbox ready on http://{shown}:{port}", flush=True)


def main() -> None:
    """Serve until asked to end. The exit status is 0 after SIGTERM and SIGINT: an end in order is no
    failure.
    """
    given = _arguments()
    if given.members:
        for who, does in listed(load(given.payers)):
            print(f"{who:6} {does}")
        return
    with ExitStack() as until_the_end:
        data = given.data or Path(until_the_end.enter_context(TemporaryDirectory(prefix="sandbox-")))
        _serve(given, data)


def _serve(given: argparse.Namespace, data: Path) -> None:
    config = uvicorn.Config(
        create(_settings(given, data)),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    # uvicorn raises the signal again once it has closed; by then there is nothing left to do.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    _Server(config).run(sockets=[_listen(given)])


if __name__ == "__main__":
    main()
