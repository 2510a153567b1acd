"""Whatever is sent to the sandbox, it answers in X12 or says that it is none: no crash, no hang.

A sample of it runs always. KINDROOM_FUZZ=300 gives it a third of 300 seconds, with other seeds each time.
"""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, seed, settings
from hypothesis import strategies as st

from sandbox.faults import Faults
from sandbox.intake import Intake
from sandbox.mailbox import Mailbox
from sandbox.realtime import RealTime
from sandbox.rules import load
from sandbox.store import Store
from sandbox.x12 import Unreadable, read

SECONDS = float(os.environ.get("KINDROOM_FUZZ", "0")) / 3
EXAMPLES = 300 if SECONDS else 60
SLOWEST_S = 5.0  # of processor time: the machine may have others to serve
FOLDER = Path(__file__).parent.parent / "samples" / "x12"
QUESTIONS = [(FOLDER / f"{name}.x12").read_text() for name in ("270_mh_subscriber", "276_status")]
CLAIMS = [path.read_text() for path in sorted(FOLDER.rglob("837p_*.x12"))]
_QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]

_PIECES = st.text(max_size=6) | st.sampled_from(
    [
        "~",
        "*",
        ":",
        "^",
        "\n",
        "HL*1**20*1~",
        "NM1*QC~",
        "SE*1*1~",
        "ISA*",
        "IEA*1*1~",
        "CLM*A*1~",
        "LX*1~",
        "9" * 3000,
    ]
)
_EDITS = st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 30), _PIECES), max_size=5)
_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="~*"), max_size=6) | st.sampled_from(
    [
        "",
        "-1",
        "1e9",
        "NaN",
        "Infinity",
        "20260231",
        "20260101-20251231",
        "\u00b2",
        "0" * 40,
        "A:B:C",
        "^^",
        "::",
        ".",
    ]
)
_CHANGES = st.lists(st.tuples(st.integers(2, 60), st.integers(1, 16), _TEXTS), max_size=6)


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[tuple[RealTime, Intake, Mailbox]]:
    """The two doors of a sandbox that answers at once, and its mailbox."""
    rules, store = load(), Store(tmp_path)
    faults = Faults(store)
    intake = Intake(rules, store, faults, {"999": 0.0, "277CA": 0.0, "835": 0.0})
    yield RealTime(rules, store, faults), intake, Mailbox(store)
    store.close()


def _changed(text: str, edits: list[tuple[int, int, str]], changes: list[tuple[int, int, str]]) -> str:
    segments = [segment.split("*") for segment in text.split("~\n")[:-1]]
    for place, element, value in changes:
        segment = segments[place % (len(segments) - 2) + 2]
        segment += [""] * (element + 1 - len(segment))
        segment[element] = value
    text = "".join("*".join(segment) + "~\n" for segment in segments)
    for place, length, new in edits:
        at = place % (len(text) + 1)
        text = text[:at] + new + text[at + length :]
    return text


@pytest.mark.timeout(SECONDS + 300)
def test_damaged_questions_and_claims_are_answered_or_are_no_interchange(
    desks: tuple[RealTime, Intake, Mailbox],
) -> None:
    realtime, intake, mailbox = desks

    @settings(max_examples=EXAMPLES, suppress_health_check=_QUIET, deadline=None, database=None)
    @given(st.sampled_from(QUESTIONS + CLAIMS), _EDITS, _CHANGES)
    @example(QUESTIONS[0], [], [(2, 2, "\u00b2")])  # a level under a digit that is no number
    def answered(text: str, edits: list[tuple[int, int, str]], changes: list[tuple[int, int, str]]) -> None:
        given_text = _changed(text, edits, changes)
        began = time.process_time()
        try:
            answer = realtime.answer(given_text)
        except Unreadable:
            return
        assert answer.http == 503 or answer.content.startswith(("ISA", "\ufeffISA"))
        intake.receive(given_text)
        for entry in mailbox.read(0, 200):
            read(entry.content)
        assert time.process_time() - began < SLOWEST_S

    until = time.monotonic() + SECONDS
    while True:
        number = random.randrange(2**32) if SECONDS else 271
        seed(number)(answered)()
        if time.monotonic() >= until:
            break
