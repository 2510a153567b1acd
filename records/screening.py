"""What this site asks of its clients: packs switched on by policy, in words that ship or that it brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import instruments
from domain.errors import FieldError, Invalid, NotFound
from domain.instruments import INSTRUMENTS, Instrument
from domain.screening_packs import (
    PACKS,
    ScreeningPolicy,
    screening_policy_from_json,
    screening_policy_to_json,
    words_from_json,
)
from records import policies
from records.database import Row, Transaction

_POLICY, _WORDS = "screening", "words"


async def policy(tx: Transaction, at: datetime | None = None) -> ScreeningPolicy:
    """What is asked now, or was asked `at` an instant. Without a row the first two alone."""
    row = await _version(tx, _POLICY, "default", at)
    return screening_policy_from_json(row["definition"]) if row else ScreeningPolicy()


async def asked_of(tx: Transaction, since: datetime | None) -> tuple[str, ...]:
    """What a client answers on the way in: what was switched on when they came (`since`) and still is. A pack
    that is switched on later throws nobody back.
    """
    now = (await policy(tx)).before_matching
    then = now if since is None else (await policy(tx, since)).before_matching
    return tuple(name for name in then if name in now)


async def instrument(tx: Transaction, name: str) -> Instrument:
    """A questionnaire that can be put to clients here: it ships, or it is switched on in words the site brought.

    Raises NotFound.
    """
    if name in INSTRUMENTS:
        return instruments.instrument(name)
    if name not in (await policy(tx)).packs:
        raise NotFound
    brought = await _brought(tx, name)
    if brought is None:
        raise NotFound
    return brought


@dataclass(frozen=True, slots=True)
class Pack:
    """One that can be switched on. `words` None: the site has to bring them first."""

    name: str
    on: bool
    ships: bool
    words: Instrument | None


async def packs(tx: Transaction) -> list[Pack]:
    """Every pack that there is."""
    on = (await policy(tx)).packs
    return [
        Pack(name, name in on, name in INSTRUMENTS, INSTRUMENTS.get(name) or await _brought(tx, name))
        for name in PACKS
    ]


async def switch(tx: Transaction, names: Sequence[str]) -> ScreeningPolicy:
    """Ask these packs from now on, in this order.

    Raises Invalid (`unknown_pack`, `named_twice`, `words_missing`).
    """
    chosen = screening_policy_from_json({"packs": list(names)})
    silent = [name for name in chosen.packs if name not in INSTRUMENTS and await _brought(tx, name) is None]
    if silent:
        raise Invalid(FieldError("packs", "words_missing"))
    await policies.add_version(tx, _POLICY, "default", screening_policy_to_json(chosen))
    return chosen


async def bring(tx: Transaction, name: str, words: dict[str, Any]) -> Instrument:
    """Keep the words of a pack that does not ship. Earlier words are kept beside them. Raises Invalid."""
    read = words_from_json(name, words)
    await policies.add_version(tx, _WORDS, name, words)
    return read


async def last_taken(tx: Transaction, client_id: UUID) -> dict[str, datetime]:
    """When the client finished each questionnaire last."""
    rows = await tx.all(
        "SELECT instrument, max(taken_at) AS at FROM measure_responses"
        " WHERE client_id = %s AND complete IS NOT FALSE GROUP BY instrument",
        (client_id,),
    )
    return {row["instrument"]: row["at"] for row in rows}


async def _brought(tx: Transaction, name: str) -> Instrument | None:
    row = await _version(tx, _WORDS, name, None)
    return words_from_json(name, row["definition"]) if row else None


async def _version(tx: Transaction, kind: str, name: str, at: datetime | None) -> Row | None:
    return await tx.one(
        "SELECT definition FROM policies WHERE kind = %s AND name = %s AND effective_from <= %s"
        " AND superseded_at IS NULL ORDER BY effective_from DESC LIMIT 1",
        (kind, name, at or tx.now),
    )
