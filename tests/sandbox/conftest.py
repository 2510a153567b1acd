"""Starts the live sandbox process and speaks to it over HTTP, with X12 text made here, not by the sandbox's code."""

import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
AT_ONCE = (
    "--ack-999=0",
    "--ack-277ca=0",
    "--remit-835=0",
    "--latency-p50-ms=0",
    "--recover-after-s=0.4",
    "--slow-member-ms=300",
)
_numbers = itertools.count(1)


def today() -> date:
    return datetime.now(UTC).date()


def days_ago(days: int) -> str:
    return f"{today() - timedelta(days=days):%Y%m%d}"


def envelope(group: str, version: str, body: list[str], control: int) -> str:
    head = (
        "ISA*00*          *00*          *ZZ*TALKWELL       *ZZ*SANDBOXPAYER   "
        f"*261122*1030*^*00501*{control:09d}*0*T*:~"
    )
    gs = f"GS*{group}*TALKWELL*SANDBOXPAYER*20261122*1030*{control}*X*{version}~"
    kind = {"HS": "270", "HC": "837", "HR": "276"}[group]
    st = f"ST*{kind}*0001*{version}~"
    segments = "".join(f"{segment}~" for segment in body)
    return f"{head}{gs}{st}{segments}SE*{len(body) + 2}*0001~GE*1*{control}~IEA*1*{control:09d}~"


@dataclass
class Question:
    """A 270 for one person."""

    suffix: str
    payer: str = "62308"
    member: str = ""
    first: str = "ANA"
    birth: str = "19900115"
    asked: tuple[str, ...] = ("MH", "98")
    dependent: bool = False
    on: str = ""
    npi: str = "1345678902"
    trace: str = field(default_factory=lambda: f"TRACE{next(_numbers):06d}")

    def text(self) -> str:
        member = self.member or f"U{next(_numbers):08d}{self.suffix}"
        named = f"NM1*IL*1*RIVERA*{self.first}****MI*{member}"
        body = [
            "BHT*0022*13*ASK1*20261122*1030",
            "HL*1**20*1",
            f"NM1*PR*2*SOMEPAYER*****PI*{self.payer}",
            "HL*2*1*21*1",
            f"NM1*1P*2*TALKWELL THERAPY PC*****XX*{self.npi}",
            f"HL*3*2*22*{int(self.dependent)}",
        ]
        trace = f"TRN*1*{self.trace}*9TALKWELL1"
        birth = [f"DMG*D8*{self.birth}*F"] if self.birth else []
        if self.dependent:
            body += [named, *birth, "HL*4*3*23*0", trace, "NM1*03*1*RIVERA*BEN", "DMG*D8*20120301*M"]
        else:
            body += [trace, named, *birth]
        body += [f"DTP*291*D8*{self.on or days_ago(0)}", *(f"EQ*{code}" for code in self.asked)]
        return envelope("HS", "005010X279A1", body, next(_numbers))


@dataclass
class Service:
    """One line of an 837P."""

    code: str = "90837"
    modifier: str = "95"
    charge: str = "175"
    days: int = 5
    control: str = field(default_factory=lambda: f"LN{next(_numbers):06d}")
    period: str = ""

    def segments(self, number: int) -> list[str]:
        procedure = f"HC:{self.code}:{self.modifier}" if self.modifier else f"HC:{self.code}"
        when = self.period or f"D8*{days_ago(self.days)}"
        return [
            f"LX*{number}",
            f"SV1*{procedure}*{self.charge}*UN*1***1",
            f"DTP*472*{when}",
            f"REF*6R*{self.control}",
        ]


@dataclass
class Claim:
    """One CLM with its subscriber."""

    suffix: str = "01"
    payer: str = "62308"
    member: str = ""
    services: list[Service] = field(default_factory=lambda: [Service()])
    place: str = "10"
    frequency: str = "1"
    authorisation: str = ""
    payer_control: str = ""
    diagnosis: str = "F411"
    filing: str = "CI"
    rendering: str = "1987654328"
    total: str = ""
    group: str = "3340001"
    dependent: bool = False
    number: str = field(default_factory=lambda: f"TWCLM{next(_numbers):06d}")

    def __post_init__(self) -> None:
        self.member = self.member or f"U{next(_numbers):08d}{self.suffix}"

    def segments(self, level: int) -> list[str]:
        total = self.total or str(sum(Decimal(service.charge) for service in self.services))
        relation = "" if self.dependent else "18"
        out = [
            f"HL*{level}*1*22*{int(self.dependent)}",
            f"SBR*P*{relation}*{self.group}******{self.filing}",
            f"NM1*IL*1*RIVERA*ANA****MI*{self.member}",
            "N3*1 ELM ST",
            "N4*SEATTLE*WA*98101",
            "DMG*D8*19900115*F",
            f"NM1*PR*2*SOMEPAYER*****PI*{self.payer}",
        ]
        if self.dependent:
            out += [f"HL*{level + 1}*{level}*23*0", "PAT*19", "NM1*QC*1*RIVERA*BEN", "N3*1 ELM ST"]
            out += ["N4*SEATTLE*WA*98101", "DMG*D8*20120301*M"]
        out.append(f"CLM*{self.number}*{total}***{self.place}:B:{self.frequency}*Y*A*Y*Y")
        out += [f"REF*G1*{self.authorisation}"] if self.authorisation else []
        out += [f"REF*F8*{self.payer_control}"] if self.payer_control else []
        out += [f"HI*ABK:{self.diagnosis}", f"NM1*82*1*OKAFOR*NGOZI****XX*{self.rendering}"]
        out.append("PRV*PE*PXC*101YM0800X")
        for number, service in enumerate(self.services, start=1):
            out += service.segments(number)
        return out


def claim_file(*claims: Claim, control: int | None = None) -> str:
    body = [
        "BHT*0019*00*TWB0001*20261122*1030*CH",
        "NM1*41*2*TALKWELL THERAPY PC*****46*TALKWELL",
        "PER*IC*BILLING DESK*TE*2125550100",
        "NM1*40*2*SANDBOX CLEARINGHOUSE*****46*SANDBOXPAYER",
        "HL*1**20*1",
        "PRV*BI*PXC*251S00000X",
        "NM1*85*2*TALKWELL THERAPY PC*****XX*1345678902",
        "N3*622 3RD AVE FL 10",
        "N4*NEW YORK*NY*100176701",
        "REF*EI*123456789",
    ]
    level = 2
    for claim in claims:
        body += claim.segments(level)
        level += 2 if claim.dependent else 1
    return envelope("HC", "005010X222A1", body, control or next(_numbers))


class Document:
    """An X12 text cut up by its own declared separators."""

    def __init__(self, text: str) -> None:
        bare = text.lstrip("\ufeff")
        assert bare.startswith("ISA")
        self.element, self.component, self.end = bare[3], bare[104], bare[105]
        pieces = [piece.strip("\r\n") for piece in bare.split(self.end)]
        self.segments = [piece.split(self.element) for piece in pieces if piece]
        self._check_counts()

    def _check_counts(self) -> None:
        """Every trailer counts and names what it closes."""
        start = 0
        for place, segment in enumerate(self.segments):
            if segment[0] == "ST":
                start = place
            if segment[0] == "SE":
                assert segment[1:] == [str(place - start + 1), self.segments[start][2]]
        if any(segment[0] == "GS" for segment in self.segments):
            assert self.one("GE")[1:] == [str(len(self.all("ST"))), self.one("GS")[6]]
        assert self.one("IEA")[2] == self.one("ISA")[13]

    def all(self, name: str, first: str = "") -> list[list[str]]:
        return [s for s in self.segments if s[0] == name and (not first or s[1] == first)]

    def one(self, name: str, first: str = "") -> list[str]:
        found = self.all(name, first)
        assert len(found) == 1, (name, first, found)
        return found[0]

    def lines(self, name: str) -> list[str]:
        return ["*".join(segment) for segment in self.all(name)]

    def after(self, name: str, first: str = "") -> list[str]:
        """The segment that follows the one named."""
        return self.segments[self.segments.index(self.one(name, first)) + 1]


class Sandbox:
    """One running process."""

    def __init__(self, data: Path, options: tuple[str, ...], listening: socket.socket | None = None) -> None:
        command = [sys.executable, "-m", "sandbox", "--data", str(data), *options]
        passed = []
        if listening is not None:
            passed = [listening.fileno()]
            command += ["--fd", str(listening.fileno())]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, pass_fds=passed)
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        assert self.first_line.startswith("sandbox ready on http://"), self.first_line
        self.http = httpx.Client(base_url=self.first_line.split()[-1], timeout=10, trust_env=False)

    def close(self) -> int:
        self.http.close()
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def kill(self) -> None:
        self.process.kill()
        self.close()

    def post(self, path: str, text: str) -> httpx.Response:
        return self.http.post(path, content=text.encode(), headers={"Content-Type": "application/edi-x12"})

    def ask(self, question: Question) -> Document:
        answer = self.post("/x12/realtime", question.text())
        assert answer.status_code == 200, answer.text
        return Document(answer.text)

    def reports(self, after: str = "", limit: int = 200) -> dict[str, Any]:
        answer = self.http.get("/x12/reports", params={"after": after, "limit": limit})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def end(self) -> str:
        """The cursor behind everything that is there."""
        cursor = ""
        while True:
            page = self.reports(cursor)
            if not page["items"]:
                return str(page["next"])
            cursor = page["next"]

    def raw(self, text: str) -> list[tuple[str, str]]:
        """Submit a file and read what it brought (with no waits configured)."""
        before = self.end()
        answer = self.post("/x12/claims", text)
        assert answer.status_code == 202, answer.text
        assert set(answer.json()) == {"receipt_id", "received_at"}
        return [(item["kind"], item["content"]) for item in self.reports(before)["items"]]

    def send(self, text: str) -> list[tuple[str, Document]]:
        return [(kind, Document(content)) for kind, content in self.raw(text)]

    def report(self, kind: str, text: str) -> Document:
        found = [document for name, document in self.send(text) if name == kind]
        assert len(found) == 1, found
        return found[0]

    def wait_for(self, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        """Poll until the mailbox holds `count` reports."""
        until = time.monotonic() + seconds
        while True:
            items: list[dict[str, Any]] = self.reports()["items"]
            if len(items) >= count or time.monotonic() > until:
                return items

    def fault(self, name: str, **limits: Any) -> None:
        answer = self.http.post("/control/faults", json={"fault": name, **limits})
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[..., Sandbox]]:
    """Starts sandboxes that are ended with the run."""
    with ExitStack() as stack:

        def launch(data: Path, *options: str, listening: socket.socket | None = None) -> Sandbox:
            sandbox = Sandbox(data, options or AT_ONCE, listening)
            stack.callback(sandbox.close)
            return sandbox

        yield launch


@pytest.fixture(scope="session")
def shared(start: Callable[..., Sandbox], tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """One sandbox that answers at once, for all tests that leave nothing behind."""
    return start(tmp_path_factory.mktemp("sandbox"))


@pytest.fixture
def sandbox(shared: Sandbox) -> Iterator[Sandbox]:
    """The shared sandbox, without faults before and after."""
    yield shared
    shared.http.delete("/control/faults")


@pytest.fixture
def question() -> type[Question]:
    return Question


@pytest.fixture
def claim() -> type[Claim]:
    return Claim


@pytest.fixture
def service() -> type[Service]:
    return Service


@pytest.fixture
def file_of() -> Callable[..., str]:
    return claim_file


@pytest.fixture
def document() -> type[Document]:
    return Document
