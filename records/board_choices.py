"""Whom and what the filters of the board offer: therapists, teams, policies."""

from domain.policies import PRESETS
from records.database import Row, Transaction


async def teams(tx: Transaction) -> list[str]:
    """The names of the teams, by name."""
    rows = await tx.all("SELECT DISTINCT team FROM therapists WHERE team IS NOT NULL ORDER BY team")
    return [row["team"] for row in rows]


async def policies(tx: Transaction) -> list[str]:
    """The names of response policies: built in, or made here; by name."""
    rows = await tx.all("SELECT DISTINCT name FROM policies WHERE kind = 'response'")
    return sorted({*PRESETS, *(row["name"] for row in rows)})


async def therapists(tx: Transaction) -> list[Row]:
    """Id and name of each therapist who can sign in, by name."""
    return await tx.all(
        "SELECT a.id, a.display_name AS name FROM therapists t JOIN accounts a ON a.id = t.id"
        " WHERE a.disabled_at IS NULL ORDER BY a.display_name, a.id"
    )
