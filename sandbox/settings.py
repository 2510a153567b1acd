"""How a sandbox process runs: what the command line may change of the rules."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import NormalDist

from sandbox.core import Credentials
from sandbox.rules import Member, Rules

_Z95 = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True)
class Latency:
    """Log-normal answer times in milliseconds, given by median and 95th percentile, never above `most_ms`."""

    p50: float
    p95: float
    most_ms: float

    def draw(self) -> float:
        """Seconds to wait before one ordinary answer."""
        if self.p50 <= 0:
            return 0.0
        spread = NormalDist().inv_cdf(random.uniform(0.001, 0.999))
        ratio = math.log(max(self.p95, self.p50) / self.p50)
        return min(self.p50 * math.exp(ratio * spread / _Z95), self.most_ms) / 1000


@dataclass(frozen=True)
class Settings:
    """One process: its data folder, rules, times."""

    data: Path
    rules: Rules
    after_s: Mapping[str, float]
    latency: Latency
    credentials: Credentials = field(default_factory=Credentials)


def _with_times(member: Member, recover_s: float | None, slow_ms: int | None) -> Member:
    if recover_s is not None and member.recover_after_s is not None:
        member = replace(member, recover_after_s=recover_s)
    if slow_ms is not None and member.latency_ms is not None:
        member = replace(member, latency_ms=slow_ms)
    return member


def with_member_times(rules: Rules, recover_s: float | None, slow_ms: int | None) -> Rules:
    """The rules with other times for the members that recover and for the ones that are slow."""
    members = {suffix: _with_times(member, recover_s, slow_ms) for suffix, member in rules.members.items()}
    return replace(rules, members=members)
