"""Response policies as the clinic keeps them: every name with its versions, new ones now or later."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.errors import Conflict, NotFound
from domain.ids import new_id
from domain.policies import PRESETS, ResponsePolicy, policy_from_json, policy_to_json
from records.database import Row, Transaction
from records.policies import effective_at
from records.reprojections import ask_policy_reprojection, due_policies
from records.response_terms import apply_due_terms


@dataclass(frozen=True, slots=True)
class Version:
    """A policy as it holds from an instant on. Built in: without id and beginning."""

    policy: ResponsePolicy
    id: UUID | None = None
    effective_from: datetime | None = None


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
        "SELECT id, name, definition, effective_from FROM policies WHERE kind = 'response'"
        " ORDER BY effective_from DESC"
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
    row = await tx.one(
        "INSERT INTO policies AS p (id, kind, name, definition, effective_from) VALUES (%s, 'response', %s, %s, %s)"
        " ON CONFLICT (kind, name, effective_from) DO UPDATE SET id = excluded.id, definition = excluded.definition"
        " WHERE p.effective_from > %s RETURNING id",
        (new_id(), policy.name, Jsonb(policy_to_json(policy)), since, tx.now),
    )
    if row is None:
        raise Conflict("begins_then_already")
    await tx.audit("set_policy", subject_id=row["id"], effective_from=since)
    if since <= tx.now:
        await ask_policy_reprojection(tx, policy.name, "policy")
    return Version(policy, row["id"], since)


async def apply_due(tx: Transaction) -> int:
    """Have the clocks moved of policies and terms whose time has come since. How many; each is asked for once."""
    names = await due_policies(tx)
    for name in names:
        await ask_policy_reprojection(tx, name, "policy")
    return len(names) + await apply_due_terms(tx)


def _versions(name: str, rows: Sequence[Row]) -> tuple[Version, ...]:
    kept = (
        Version(policy_from_json(name, row["definition"]), row["id"], row["effective_from"]) for row in rows
    )
    built_in: Iterable[Version] = (Version(PRESETS[name]),) if name in PRESETS else ()
    return (*kept, *built_in)
