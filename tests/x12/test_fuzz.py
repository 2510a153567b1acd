"""Whatever a file holds, readers answer with values or with findings: no crash, no hang, nothing said of the content.

A sample of it runs always. KINDROOM_FUZZ=300 goes on for 300 seconds, with other seeds each time.
"""

import faulthandler
import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from x12.check import check
from x12.errors import X12Error
from x12.read import plain, read
from x12.tokenizer import tokenize
from x12.ts271 import read_271
from x12.ts271_write import write_271
from x12.ts276 import read_276, request_of
from x12.ts276_write import write_276
from x12.ts277 import read_277
from x12.ts277_write import write_277
from x12.ts999 import read_999
from x12.ts999_write import write_999
from x12.writing import Envelope

_NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECONDS = float(os.environ.get("KINDROOM_FUZZ", "0"))
EXAMPLES = 500 if SECONDS else 80
SLOWEST_S = 5.0  # of processor time: the machine may have others to serve
SAMPLES = [p.read_bytes() for p in sorted((Path(__file__).parent.parent / "samples" / "x12").rglob("*.x12"))]
_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

_MARKS = [b"~", b"*", b":", b"^", b"\n", b" ", b"*-", b"\xef\xbb\xbf", b"\xff\xfe"]
_SEGMENTS = [b"HL*1**20*1~", b"EB*1~", b"NM1*QC~", b"SE*1*1~", b"ISA*", b"IEA*1*1~", b"LX*1~"]
_LONG = [b"9" * 5000, b"~" * 3000, b"HL*1**22~" * 300, b"*" * 3000]
_PIECES = st.binary(max_size=6) | st.sampled_from([*_MARKS, *_SEGMENTS, *_LONG])
_EDITS = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 40), _PIECES), max_size=6)
_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="~*"), max_size=6) | st.sampled_from(
    [
        "",
        "-1",
        "1e9",
        "NaN",
        "20260231",
        "20260101-20251231",
        "²",
        "٣",
        "0" * 40,
        "A:B:C:D",
        "^^^",
        ":::",
        "1.2.3",
        ".",
    ]
)


def _survives(data: bytes) -> None:
    began = time.process_time()
    with suppress(X12Error):
        assert tokenize(data).write() == data
    findings = check(data)
    try:
        plain(read(data))
    except X12Error:
        assert findings
    _written_again(data)
    assert time.process_time() - began < SLOWEST_S


def _written_again(data: bytes) -> None:
    """What the writers agree to write of it, the readers can read."""
    envelope = Envelope("A", "B", 1, _NOON)
    ways: list[tuple[Callable[[bytes], object], Callable[[bytes], bytes]]] = [
        (read_271, lambda given: write_271(read_271(given), envelope)),
        (read_277, lambda given: write_277(read_277(given), envelope)),
        (read_999, lambda given: write_999(read_999(given), envelope)),
        (read_276, lambda given: b"".join(write_276(request_of(one), envelope) for one in read_276(given))),
    ]
    for again, writing in ways:
        try:
            written = writing(data)
        except X12Error:
            continue
        if written:
            again(written)


@settings(max_examples=EXAMPLES, suppress_health_check=_QUIET, deadline=None, database=None)
@given(st.sampled_from(SAMPLES), _EDITS)
def edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    """A sample with bytes put in, taken out and overwritten."""
    for place, length, new in edits:
        at = place % (len(data) + 1)
        data = data[:at] + new + data[at + length :]
    _survives(data)


@settings(max_examples=EXAMPLES, suppress_health_check=_QUIET, deadline=None, database=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 16), _TEXTS), max_size=8),
    st.data(),
)
def rearranged(data: bytes, changes: list[tuple[int, int, str]], draw: st.DataObject) -> None:
    """A sample whose segments are shuffled, dropped and repeated and whose elements are replaced; counts hold."""
    head, group, start, *body = data.split(b"~\n")[:-4]
    kept = draw.draw(st.lists(st.sampled_from([start, *body]), max_size=60) | st.just(body))
    segments = [segment.split(b"*") for segment in kept]
    for place, element, text in changes:
        if segments:
            segment = segments[place % len(segments)]
            segment += [b""] * (element + 1 - len(segment))
            segment[element] = text.encode()
    told = [b"*".join(segment) for segment in segments]
    count = b"SE*%d*0001" % (len(told) + 2)
    _survives(b"~\n".join([head, group, start, *told, count, b"GE*1*1", b"IEA*1*000000001", b""]))


@settings(max_examples=EXAMPLES, suppress_health_check=_QUIET, deadline=None, database=None)
@given(st.binary(max_size=600) | st.binary(max_size=200).map(SAMPLES[0][:106].__add__))
def arbitrary(data: bytes) -> None:
    """Bytes of any kind, also behind a whole ISA."""
    _survives(data)


@pytest.mark.timeout(SECONDS + 300)
def test_damaged_rearranged_and_arbitrary_files_give_findings_or_values_and_nothing_else() -> None:
    until = time.monotonic() + SECONDS
    faulthandler.dump_traceback_later(SECONDS + 240, exit=True)
    try:
        while True:
            number = random.randrange(2**32) if SECONDS else 271
            if SECONDS:
                print(f"seed {number}, {max(0, until - time.monotonic()):.0f} s left", flush=True)
            for kind in (edited, rearranged, arbitrary):
                seed(number)(kind)()
            if time.monotonic() >= until:
                break
    finally:
        faulthandler.cancel_dump_traceback_later()
