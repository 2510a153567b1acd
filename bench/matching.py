"""Matching a thousand clients with ten thousand therapists: `python -m bench.matching [--quick]`.

Filtered, scored, top three with reasons, from plain profiles to answers; then the whole list assigned at once, beside
one client after the other, with places enough and with scarce ones. Each in a process of its own, so that its memory
is its own.
"""

import argparse
import json
import multiprocessing
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

from domain.ids import ClientId, TherapistId
from domain.licences import Licence
from domain.match_profiles import Acuity, Count, Credential, Search, Seeker, TherapistProfile, Wish
from domain.states import STATES
from domain.week_hours import HALF_HOURS_A_WEEK

RESULTS = Path(__file__).parent / "results"
CLIENTS, THERAPISTS = 1_000, 10_000
SCARCE_THERAPISTS = 4_000
TODAY = date(2026, 3, 2)
FOCUS = [
    "anxiety",
    "depression",
    "stress",
    "sleep",
    "grief",
    "relationships",
    "trauma",
    "work",
    "self_esteem",
    "anger",
]
PAYERS = [str(60_000 + n) for n in range(12)]
MODALITIES, STYLES, GENDERS = (
    ["cbt", "psychodynamic", "supportive"],
    ["warm", "direct", "calm"],
    ["woman", "man"],
)
LANGUAGES = ["en"] * 9 + ["es"]
GOAL: Final = {"seconds": 1.0, "megabytes": 300}


def searches(random: Random, many: int) -> list[Search]:
    """Clients as they come: most with a payer, two wishes, hours that suit them."""
    return [Search(_seeker(random, n), TODAY) for n in range(many)]


def therapists(random: Random, many: int, scarce: bool = False) -> list[TherapistProfile]:
    """Therapists as they are: one to three states, one to five payers. Scarce: one place in four of them."""
    return [_therapist(random, n, scarce) for n in range(many)]


def _seeker(random: Random, n: int) -> Seeker:
    return Seeker(
        client_id=ClientId(UUID(int=n + 1)),
        state=random.choice(list(STATES)),
        age=random.randint(18, 80),
        language=random.choice(LANGUAGES),
        acuity=random.choice(list(Acuity)),
        payer_id=random.choice([*PAYERS, None]),
        focus=frozenset(random.sample(FOCUS, random.randint(1, 3))),
        wishes=(
            Wish("gender", random.choice(GENDERS), must=random.random() < 0.2),
            Wish("modality", random.choice(MODALITIES)),
        ),
        hours=_hours(random, 16),
    )


def _therapist(random: Random, n: int, scarce: bool) -> TherapistProfile:
    target = random.randint(20, 40)
    load = (
        random.randint(target - 1 if random.random() < 0.25 else target, target)
        if scarce
        else random.randint(0, target)
    )
    return TherapistProfile(
        therapist_id=TherapistId(UUID(int=n + 1)),
        licences=tuple(
            Licence(state, date(2024, 1, 1), date(2027, 1, 1))
            for state in random.sample(list(STATES), random.randint(1, 3))
        ),
        credentials=tuple(
            Credential(payer, date(2024, 1, 1)) for payer in random.sample(PAYERS, random.randint(3, 9))
        ),
        languages=frozenset({"en", random.choice(LANGUAGES)}),
        target_load=target,
        most_load=target,
        load=load,
        specialties=frozenset(random.sample(FOCUS, 4)),
        modalities=frozenset(random.sample(MODALITIES, 2)),
        traits=frozenset({("gender", random.choice(GENDERS)), ("style", random.choice(STYLES))}),
        acuity_scope=random.choice(list(Acuity)),
        hours=_hours(random, 64),
        accepting=random.random() < 0.9,
        promises_kept=Count(random.randint(20, 60), 60),
        outcomes=Count(random.randint(0, 20), 25),
    )


def _hours(random: Random, half_hours: int) -> int:
    return ((1 << half_hours) - 1) << random.randrange(HALF_HOURS_A_WEEK - half_hours)


def shortlists(rounds: int, size: float) -> dict[str, Any]:
    """Top three with reasons for every client, columns made anew each time."""
    from domain.matching import Pool

    random = Random(7)
    wanted, everyone = searches(random, int(CLIENTS * size)), therapists(random, int(THERAPISTS * size))
    before = _peak()

    def work() -> list[Any]:
        pool = Pool(everyone)
        return [pool.shortlist(search) for search in wanted]

    found, seconds = _timed(work, rounds)
    columns = _timed(lambda: Pool(everyone), rounds)[1]
    return {
        "clients": len(wanted),
        "therapists": len(everyone),
        "seconds": seconds,
        "of_which_columns": columns,
        "peak_megabytes": _peak(),
        "of_which_profiles": before,
        "eligible_each": round(_eligible(everyone, wanted), 1),
        "with_three": sum(1 for each in found if len(each) == 3),
        "reasons": sum(len(candidate.reasons) for each in found for candidate in each),
    }


def _eligible(everyone: list[TherapistProfile], wanted: list[Search]) -> float:
    from domain.matching import Pool

    pool = Pool(everyone)
    return len(pool.waiting_list(wanted, [timedelta()] * len(wanted)).worth) / len(wanted)


def one_by_one(size: float) -> dict[str, Any]:
    """The same without columns, pair by pair, for as many clients as are worth waiting for."""
    from domain.match_filters import refusals
    from domain.match_terms import WEIGHTS, means_of, terms_of

    random = Random(7)
    wanted, everyone = searches(random, int(20 * size)), therapists(random, int(THERAPISTS * size))
    means = means_of(everyone)

    def work() -> None:
        for search in wanted:
            scored = [
                sum(
                    weight * term
                    for weight, term in zip(WEIGHTS, terms_of(search.seeker, each, means), strict=True)
                )
                for each in everyone
                if not refusals(search.seeker, each, search.on)
            ]
            sorted(scored)

    return {"clients": len(wanted), "seconds_a_client": _timed(work, 1)[1]["processor"] / len(wanted)}


def assignment(rounds: int, size: float, scarce: bool) -> dict[str, Any]:
    """Every client assigned at once, beside one after the other."""
    from domain.matching import Pool
    from domain.waiting_lists import in_turn
    from integrations.optimiser.min_cost_flow import MinCostFlow

    random = Random(11)
    wanted = searches(random, int(CLIENTS * size))
    everyone = therapists(random, int((SCARCE_THERAPISTS if scarce else THERAPISTS) * size), scarce)
    waited = [timedelta(days=random.randint(0, 20)) for _ in wanted]
    pool = Pool(everyone)
    listed, listing = _timed(lambda: pool.waiting_list(wanted, waited), rounds)
    best, solving = _timed(lambda: MinCostFlow().assign(listed), rounds)
    turn, turning = _timed(lambda: in_turn(listed), rounds)
    return {
        "clients": len(wanted),
        "therapists": len(everyone),
        "places": sum(listed.places),
        "pairs": len(listed.worth),
        "listing_seconds": listing,
        "solving_seconds": solving,
        "in_turn_seconds": turning,
        "placed": {"best": best.placed, "in_turn": turn.placed},
        "worth": {"best": best.worth(listed), "in_turn": turn.worth(listed)},
        "peak_megabytes": _peak(),
    }


def _timed(work: Callable[[], Any], rounds: int) -> tuple[Any, dict[str, float]]:
    """What it gives; the median seconds by the clock, and of the processor: on a busy machine the truer figure."""
    clock, processor = [], []
    for _ in range(rounds):
        began, spent = time.perf_counter(), time.process_time()
        found = work()
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - spent)
    return found, {
        "clock": round(statistics.median(clock), 4),
        "processor": round(statistics.median(processor), 4),
    }


def _peak() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def measure(rounds: int, size: float) -> dict[str, Any]:
    """Each measurement in a fresh process."""
    parts: dict[str, tuple[Callable[..., dict[str, Any]], tuple[Any, ...]]] = {
        "shortlists": (shortlists, (rounds, size)),
        "pair_by_pair": (one_by_one, (size,)),
        "assignment": (assignment, (rounds, size, False)),
        "assignment_scarce": (assignment, (rounds, size, True)),
    }
    fresh = multiprocessing.get_context("spawn")
    found: dict[str, Any] = {"load": os.getloadavg()[0], "cores": os.cpu_count()}
    for name, (work, given) in parts.items():
        with fresh.Pool(1) as processes:
            found[name] = processes.apply(work, given)
    return found


def _both(seconds: dict[str, float]) -> str:
    return f"{seconds['clock']:.2f} s ({seconds['processor']:.2f} s)"


def told(found: dict[str, Any]) -> str:
    """The figures as a page."""
    lists, pair = found["shortlists"], found["pair_by_pair"]
    lines = [
        "# Matching",
        "",
        f"{platform.machine()}, Python {platform.python_version()}, one core. Median: by the clock (of the processor).",
        f"Load of the machine before: {found['load']:.1f} on {found['cores']} cores; where that is more than one, the"
        " processor's is the truer figure.",
        "",
        f"**{lists['clients']:,} clients x {lists['therapists']:,} therapists, filtered, scored, top three with"
        f" reasons: {_both(lists['seconds'])}** (columns {_both(lists['of_which_columns'])} of it), peak memory of the"
        f" process {lists['peak_megabytes']:.0f} MB ({lists['of_which_profiles']:.0f} MB of it before: the program and"
        f" the profiles). Goal: {GOAL['seconds']:.0f} s, {GOAL['megabytes']} MB.",
        "",
        f"{lists['eligible_each']} eligible for each on average; {lists['with_three']:,} clients had three to"
        f" choose from, {lists['reasons']:,} reasons were told. Pair by pair, by the same rules in plain Python:"
        f" {pair['seconds_a_client'] * 1000:.0f} ms a client, {pair['seconds_a_client'] * lists['clients']:.0f} s for"
        " all.",
        "",
        "| all at once | places | pairs | listed | best | in turn | placed, best | placed, in turn |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, words in (("assignment", "places enough"), ("assignment_scarce", "scarce places")):
        each = found[name]
        lines.append(
            f"| {each['clients']:,} x {each['therapists']:,}, {words} | {each['places']:,} | {each['pairs']:,} |"
            f" {_both(each['listing_seconds'])} | {_both(each['solving_seconds'])} |"
            f" {_both(each['in_turn_seconds'])} |"
            f" {each['placed']['best']:,} | {each['placed']['in_turn']:,} |"
        )
    lines += [
        "",
        "Best assignment: OR-Tools min-cost flow; goal: under 1 s. In turn: each client's best who has a place left.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and keep unless it was quick."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, once; nothing is kept")
    given = parser.parse_args()
    found = measure(1, 0.1) if given.quick else measure(given.rounds, 1.0)
    print(told(found))
    if not given.quick:
        (RESULTS / "matching.json").write_text(json.dumps(found, indent=2) + "\n")
        (RESULTS / "matching.md").write_text(told(found))


if __name__ == "__main__":
    main()
