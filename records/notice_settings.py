"""Which ways a person wants to hear, outside the app, that a message waits."""

from dataclasses import dataclass

from domain.access import Actor
from records.database import Transaction


@dataclass(frozen=True, slots=True)
class Ways:
    """Both unless somebody said otherwise. Pages and reminders of work are no choice and always go out."""

    mail: bool = True
    push: bool = True


async def ways(tx: Transaction, actor: Actor) -> Ways:
    """The actor's own."""
    row = await tx.one("SELECT mail, push FROM notice_settings WHERE account_id = %s", (actor.account_id,))
    return Ways(row["mail"], row["push"]) if row else Ways()


async def choose(tx: Transaction, actor: Actor, chosen: Ways) -> None:
    """Hear in these ways from now on."""
    await tx.run(
        "INSERT INTO notice_settings (account_id, mail, push) VALUES (%s, %s, %s)"
        " ON CONFLICT (account_id) DO UPDATE SET mail = excluded.mail, push = excluded.push",
        (actor.account_id, chosen.mail, chosen.push),
    )
    await tx.audit("choose_notices", mail=chosen.mail, push=chosen.push)
