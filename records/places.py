"""Where clients are and were: said at intake, asked again after a month and on a move. The one place to ask.

`clients.state` is the state they are in now. The database keeps each word of it as a row of `client_places`, from its
instant on, and changes none.
"""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from domain.access import WritableClientId
from domain.licences import Licence
from domain.places import Place, Stay, licensed_for, stays
from domain.states import state as find_state
from records import clients, consent_holds, guardians, journeys, licences
from records.database import Transaction

ASK_AFTER: Final = timedelta(days=30)
"""So long what a client said of where they are is believed, unless they say otherwise [policy]."""


async def say(tx: Transaction, client: WritableClientId, state: str) -> None:
    """The client is in this state now. Care by state is agreed to anew there, whose consent a minor needs is looked up
    anew, and rooms are checked for a licence. Raises Invalid (`unknown_state`).
    """
    find_state(state)
    await hold_to_move(tx, client.id)
    await tx.run("UPDATE clients SET state = %s, located_at = %s WHERE id = %s", (state, tx.now, client.id))
    await guardians.settle(tx, client.id, (await clients.profile(tx, client.id)).date_of_birth, state)
    await licences.recheck_client(tx, client.id)
    await consent_holds.settle(tx, client.id)
    await tx.audit("set_location", subject_id=client.id)
    await journeys.advance(tx, client.id)


async def hold_to_move(tx: Transaction, client_id: UUID) -> None:
    """Lock what a move may touch, in the one order of all: calendars of those who answer the client, then the client.
    To be called before anything else of the change is written.
    """
    await tx.all(
        "SELECT therapist_id FROM calendars WHERE therapist_id IN (SELECT whose_time(ARRAY("
        "SELECT id FROM rooms WHERE client_id = %s AND state = 'open'))) ORDER BY therapist_id FOR SHARE",
        (client_id,),
    )
    await journeys.hold(tx, client_id)


async def now(tx: Transaction, client_id: UUID) -> tuple[str | None, datetime | None]:
    """The state the client said they are in, and when."""
    row = await tx.one("SELECT state, located_at FROM clients WHERE id = %s", (client_id,))
    return (row["state"], row["located_at"]) if row else (None, None)


async def must_say(tx: Transaction, client_id: UUID) -> bool:
    """Whether it is time to ask again where the client is: said more than 30 days ago, and not closed."""
    row = await tx.one(
        "SELECT 1 FROM clients WHERE id = %s AND state IS NOT NULL AND closed_at IS NULL AND located_at < %s",
        (client_id, tx.now - ASK_AFTER),
    )
    return row is not None


async def said(tx: Transaction, client_id: UUID) -> tuple[Place, ...]:
    """Everything the client ever said of where they are, oldest first."""
    rows = await tx.all(
        "SELECT state, since FROM client_places WHERE client_id = %s ORDER BY n", (client_id,)
    )
    return tuple(Place(row["state"], row["since"]) for row in rows)


async def during(tx: Transaction, client_id: UUID, first: date, last: date) -> tuple[Stay, ...]:
    """Where the client was on each day from `first` to `last`, both included."""
    return stays(await said(tx, client_id), first, last)


async def on(tx: Transaction, client_id: UUID, day: date) -> tuple[str, ...]:
    """The state the client was in on a day, the last one last; of a day of a move there is more than one."""
    return tuple(stay.state for stay in await during(tx, client_id, day, day))


async def licensed(tx: Transaction, therapist_id: UUID, client_id: UUID, first: date, last: date) -> bool:
    """Whether a licence of the therapist reached where the client was, on every day from `first` to `last`."""
    rows = await tx.all(
        "SELECT state, active_from, expires_on FROM licences WHERE therapist_id = %s", (therapist_id,)
    )
    held = [Licence(row["state"], row["active_from"], row["expires_on"]) for row in rows]
    return licensed_for(held, await during(tx, client_id, first, last))
