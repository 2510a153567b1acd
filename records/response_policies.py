"""Response policies as the clinic keeps them: every name with its versions, new ones now or later."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from domain.policies import PRESETS, ResponsePolicy, policy_from_json, policy_to_json
from records.database import Row, Transaction
from records.policies import add_version, effective_at
from records.reprojections import ask_policy_reprojection, due_policies
from records.response_terms import apply_due_terms


@dataclass(frozen=True, slots=True)
class Version:
    """A policy as it holds from an instant on, and who said so. Built in: without id and beginning."""

    policy: ResponsePolicy
    id: UUID | None = None
    effective_from: datetime | None = None
    entered_by: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """A policy by its name. `versions`: newest first, those to come included; `running`: clocks that run under it."""

    name: str
    versions: tuple[Version, ...]
    now: datetime
    running: int = 0

    @property
    def in_force(self) -> Version | None:
        """The version that holds now; None where the first one is still to come."""
        return next((each for each in self.versions if _begun(each, self.now)), None)

    @property
    def upcoming(self) -> tuple[Version, ...]:
        """Those to come, the next one first."""
        return tuple(each for each in reversed(self.versions) if not _begun(each, self.now))

    @property
    def built_in(self) -> bool:
        """Whether the clinic was born with a policy of this name."""
        return self.name in PRESETS


def _begun(version: Version, now: datetime) -> bool:
    return version.effective_from is None or version.effective_from <= now


async def listing(tx: Transaction) -> list[Kept]:
    """Every response policy, by name."""
    rows = await tx.all(
        "SELECT p.id, p.name, p.definition, p.effective_from, a.display_name AS entered_by_name FROM policies p"
        " LEFT JOIN accounts a ON a.id = p.entered_by WHERE p.kind = 'response' AND p.superseded_at IS NULL"
        " ORDER BY p.effective_from DESC"
    )
    running = await tx.all(
        "SELECT policy_name, count(*) AS n FROM response_clocks WHERE state = 'running' GROUP BY policy_name"
    )
    counted = {row["policy_name"]: row["n"] for row in running}
    versions: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        versions[row["name"]].append(row)
    return [
        Kept(name, _versions(name, versions[name]), tx.now, counted.get(name, 0))
        for name in sorted({*versions, *PRESETS})
    ]


async def find(tx: Transaction, name: str) -> Kept:
    """A response policy with its whole history. Raises NotFound (`unknown_policy`)."""
    found = next((each for each in await listing(tx) if each.name == name), None)
    if found is None:
        raise NotFound("unknown_policy")
    return found


async def put_version(
    tx: Transaction, policy: ResponsePolicy, effective_from: datetime | None = None
) -> Version:
    """A new version, in force now or from a later instant. Running clocks move to it when it is.

    A version to come may be replaced until its time; one that has held never changes. Raises Invalid for the past,
    Conflict where another version begins at the same instant and has come.
    """
    since = effective_at(tx, effective_from)
    version_id = await add_version(
        tx, "response", policy.name, policy_to_json(policy), effective_from, applied=False
    )
    if since <= tx.now:
        await ask_policy_reprojection(tx, policy.name, "policy")
    return Version(policy, version_id, since)


async def apply_due(tx: Transaction) -> int:
    """Have the clocks moved of policies and terms whose time has come since. How many; each is asked for once."""
    names = await due_policies(tx)
    for name in names:
        await ask_policy_reprojection(tx, name, "policy")
    return len(names) + await apply_due_terms(tx)


def _versions(name: str, rows: Sequence[Row]) -> tuple[Version, ...]:
    kept = (
        Version(
            policy_from_json(name, row["definition"]),
            row["id"],
            row["effective_from"],
            row["entered_by_name"],
        )
        for row in rows
    )
    built_in: Iterable[Version] = (Version(PRESETS[name]),) if name in PRESETS else ()
    return (*kept, *built_in)
