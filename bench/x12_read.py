"""271s read into typed benefits, on one core: `python -m bench.x12_read`.

Different answers of the size of the sample (43 segments, 15 benefits): other people, ids, traces, dates and amounts in
each and in each round, so that no file is read twice. Payer, provider and what the plan says of everybody are the same,
as they are in practice, and the reader knows them after the first; a row tells of a reader that knows nothing. What is
timed is all of it, from bytes to values, and beside it how far of that way the segments alone are. x12sdk cannot read
the sample (it takes the unit of visits for a number and loses a contact, then refuses the count of segments), so it
gets the same answers without those, and so do we beside it.
"""

import argparse
import json
import os
import platform
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from x12 import benefit_reader, ts271
from x12.check import check
from x12.read import read
from x12.tokenizer import tokenize
from x12.ts271 import read_271

RESULTS = Path(__file__).parent / "results"
SAMPLE = Path(__file__).parent.parent / "tests" / "samples" / "x12" / "271_active_mh.x12"
GOAL = 10_000
DIFFERENT = 1_000  # in a round
NAMES = ("RIVERA", "OKONKWO", "LINDQVIST", "PATEL", "NAKAMURA", "DELACROIX", "ABERNATHY", "SZABO")


@dataclass(frozen=True)
class Reading:
    """One way to read: files a second of processor time, the median and the best of the rounds."""

    what: str
    answers: str
    segments: int
    a_second: int
    best: int


def answers(count: int, *, plain: bool) -> list[bytes]:
    """Different answers, `plain`: without what x12sdk cannot read."""
    chance = random.Random(271)
    lines = SAMPLE.read_text().splitlines()
    if plain:
        lines = [line for line in lines if "*VS*" not in line and not line.startswith("PER*")]
        lines = [f"SE*{len(lines) - 4}*0001~" if line.startswith("SE*") else line for line in lines]
    return [_another("\n".join(lines) + "\n", chance).encode() for _ in range(count)]


def _another(text: str, chance: random.Random) -> str:
    number = chance.randrange(10**7)
    left = f"{chance.randrange(150_000) / 100:.2f}"
    changes = {
        "RIVERA": chance.choice(NAMES),
        "U1234567801": f"U{number:08d}01",
        "TW-ELG-000001": f"TW-ELG-{number:07d}",
        "PAYERTRACE99": f"PT{number:08d}",
        "19900115": f"{chance.randrange(1940, 2008)}0{chance.randrange(1, 10)}{chance.randrange(10, 29)}",
        "*29*320.50*": f"*29*{left}*",
        "*29*4100.25*": f"*29*{chance.randrange(600_000) / 100:.2f}*",
        "*27*25.00*": f"*27*{chance.randrange(5, 60)}.00*",
    }
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def _timed(
    what: str, shape: str, one: Callable[[bytes], object], files: Sequence[bytes], rounds: int
) -> Reading:
    """Each round reads its own share of the files."""
    share = len(files) // (rounds + 1)
    for data in files[:share]:
        one(data)
    speeds = []
    for number in range(1, rounds + 1):
        began = time.process_time()
        for data in files[number * share : (number + 1) * share]:
            one(data)
        speeds.append(share / (time.process_time() - began))
    segments = len(tokenize(files[0]).segments)
    return Reading(what, shape, segments, round(statistics.median(speeds)), round(max(speeds)))


def _read_anew(data: bytes) -> object:
    """With nothing kept of the answers before."""
    benefit_reader._known.clear()
    ts271._known.clear()
    return read_271(data)


def _x12sdk(data: bytes) -> object:
    """x12sdk's models: the peer."""
    from x12sdk.io import X12ModelReader

    with X12ModelReader(data.decode()) as reader:
        return list(reader.models())


def measure(count: int, rounds: int) -> list[Reading]:
    """Every way, slowest last."""
    total = count * (rounds + 1)
    rich, plain = answers(total, plain=False), answers(total, plain=True)
    if any(check(data) for data in (*rich[:20], *plain[:20])):
        raise ValueError("the answers to be read are not valid")
    fewer = total // 10
    return [
        _timed("typed benefits", "the sample's", read_271, rich, rounds),
        _timed("segments only", "the sample's", tokenize, rich, rounds),
        _timed("typed benefits, nothing known before", "the sample's", _read_anew, rich, rounds),
        _timed("any transaction set, by its kind", "the sample's", read, rich, rounds),
        _timed("typed benefits", "plainer", read_271, plain, rounds),
        _timed("x12sdk's models", "plainer", _x12sdk, plain[:fewer], rounds),
        _timed("all findings of a check", "the sample's", check, rich[:fewer], rounds),
    ]


def report(measured: Sequence[Reading], count: int, rounds: int) -> str:
    """The whole report."""
    typed = measured[0]
    peer = next(each for each in measured if each.what.startswith("x12sdk"))
    beside = next(each for each in measured if each.answers == peer.answers and each is not peer)
    size = len(SAMPLE.read_bytes())
    return "\n".join(
        [
            "# Reading 271s",
            "",
            f"{platform.machine()}, {os.cpu_count()} processors, one used; Python {platform.python_version()};"
            f" {count:,} different answers of {size:,} bytes in each of {rounds} rounds, processor time;"
            f" load average at the end {os.getloadavg()[0]:.1f}.",
            "",
            f"**{typed.a_second:,} answers a second into typed benefits** (best round {typed.best:,}). Goal: {GOAL:,}.",
            f"Beside x12sdk 2.2, on what it can read of them: {beside.a_second:,} to its {peer.a_second:,}.",
            "",
            "| what is made | of which answers | segments each | a second, median | best round |",
            "|---|---|---:|---:|---:|",
            *(
                f"| {each.what} | {each.answers} | {each.segments} | {each.a_second:,} | {each.best:,} |"
                for each in measured
            ),
            "",
            *_between(measured),
            "Plainer: without visit limits and contacts, which x12sdk reads wrongly or loses.",
            "",
        ]
    )


def _between(measured: Sequence[Reading]) -> list[str]:
    """What stands between the figure and its goal."""
    typed, segments = measured[0], measured[1]
    if typed.a_second >= GOAL:
        return []
    share = typed.a_second / segments.a_second
    return [
        f"What stands between: {share:.0%} of the time makes segments; the rest opens envelopes and makes a named tuple"
        " of each statement, person, reference and date. A processor that is shared with others gives less of itself.",
        "",
    ]


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="271s read into typed benefits, on one core.")
    parser.add_argument(
        "--quick", action="store_true", help="two hundred answers, three rounds; nothing is kept"
    )
    quick = parser.parse_args().quick
    count, rounds = (200, 3) if quick else (DIFFERENT, 15)
    measured = measure(count, rounds)
    text = report(measured, count, rounds)
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "x12_read.json").write_text(
            json.dumps([asdict(each) for each in measured], indent=1) + "\n"
        )
        (RESULTS / "x12_read.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
