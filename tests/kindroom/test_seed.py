"""The demo clinic: everybody is there, every state is shown, and seeding twice is seeding once."""

import json
import stat
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest
from psycopg.rows import dict_row

from domain.ageing import Bucket, bucket_of
from domain.calendars import calendar_from_json, round_the_clock
from domain.claims import npi_is_valid
from encryption.keys import KeyRing
from encryption.passwords import Passwords, check_password
from kindroom.clinic import people, staff, therapists
from kindroom.clinic.past import past
from kindroom.clinic.seeding import Seeded, seed
from records.database import Database


class Fresh(Protocol):
    """What the fixture `databases` offers here."""

    owner_dsn: str
    ring: KeyRing
    care: Database


Rows = list[dict[str, Any]]


class Clinic:
    """A seeded clinic, looked at as its owner."""

    def __init__(self, dsn: str, seeded: Seeded, told: list[str]) -> None:
        self.dsn, self.seeded, self.told = dsn, seeded, told

    async def rows(self, sql: str) -> Rows:
        async with await psycopg.AsyncConnection.connect(self.dsn, row_factory=dict_row) as conn:
            return await (await conn.execute(sql)).fetchall()

    async def count(self, sql: str) -> dict[str, int]:
        """The rows of a grouped count, `word` to `n`."""
        return {row["word"]: row["n"] for row in await self.rows(sql)}


@pytest.fixture
async def clinic(databases: Fresh, tmp_path: Path) -> Clinic:
    told: list[str] = []
    seeded = await seed(databases.owner_dsn, databases.ring, tmp_path, told.append)
    return Clinic(databases.owner_dsn, seeded, told)


TABLES = (
    *("accounts", "clients", "messages", "outbox", "notices", "audit_events", "claims", "claim_batches"),
    *("remittances", "offers", "rooms", "response_clocks", "check_ins", "goals", "notes", "payers"),
)


STAGES = {
    "registered": 2,
    "intake": 4,
    "consents": 3,
    "screening": 3,
    "coverage": 10,
    "matching": 5,
    "offer": 3,
    "in_care": 27,
    "closed": 3,
}


async def _sizes(clinic: Clinic) -> dict[str, int]:
    counts = " UNION ALL ".join(f"SELECT '{name}' AS word, count(*) AS n FROM {name}" for name in TABLES)
    return await clinic.count(counts)


async def test_the_demo_clinic_shows_every_state_and_seeding_twice_is_seeding_once(
    clinic: Clinic, databases: Fresh, tmp_path: Path
) -> None:
    assert clinic.seeded.written
    assert clinic.told
    await _everybody_works_there(clinic)
    await _clients_stand_everywhere(clinic)
    await _promises_run_late_and_rest(clinic)
    await _claims_have_every_age(clinic)
    await _living_promises_are_told_once(clinic)
    await _who_may_sign_in(clinic, databases)

    before = await _sizes(clinic)
    accounts = clinic.seeded.accounts.read_text()
    clinic.seeded.accounts.unlink()
    again = await seed(databases.owner_dsn, databases.ring, tmp_path, clinic.told.append)
    assert not again.written
    assert again.accounts.read_text() == accounts
    assert await _sizes(clinic) == before


async def _everybody_works_there(clinic: Clinic) -> None:
    rows = await clinic.rows(
        "SELECT t.*, a.time_zone, c.hours FROM therapists t JOIN accounts a ON a.id = t.id"
        " JOIN calendars c ON c.therapist_id = t.id"
    )
    assert len(rows) == 12
    assert len({row["time_zone"] for row in rows}) == 3
    assert all(npi_is_valid(row["npi"]) for row in rows)
    assert len({row["npi"] for row in rows}) == 12
    always = {
        row["id"] for row in rows if calendar_from_json(row["hours"]) == round_the_clock(row["time_zone"])
    }
    licences = await clinic.rows(
        "SELECT therapist_id, state FROM licences WHERE expires_on > current_date + 300"
    )
    states = {row["state"] for row in licences if row["therapist_id"] in always}
    assert states == {"WA", "OR", "CA", "TX", "FL", "NY"}
    duties = await clinic.count("SELECT duty AS word, count(*) AS n FROM duties GROUP BY 1")
    assert set(duties) == {"on_call", "clinical_director", "matcher", "co_signer", "record_keeper"}
    roles = await clinic.count("SELECT role AS word, count(*) AS n FROM accounts GROUP BY 1")
    assert roles["client"] == 60
    assert min(roles["supervisor"], roles["billing"]) >= 2
    assert roles["administrator"] >= 1
    assert len(await clinic.rows("SELECT 1 FROM payers")) == 6
    assert len(await clinic.rows("SELECT 1 FROM sponsors")) == 1


async def _clients_stand_everywhere(clinic: Clinic) -> None:
    assert await clinic.count("SELECT stage AS word, count(*) AS n FROM clients GROUP BY 1") == STAGES
    trends = await clinic.rows(
        "SELECT client_id FROM measure_responses GROUP BY 1, instrument HAVING count(*) >= 3"
    )
    assert len(trends) >= 20
    searches = await clinic.count("SELECT status AS word, count(*) AS n FROM matches GROUP BY 1")
    assert searches == {"matched": 30, "offering": 3, "choosing": 4, "human": 1}


async def _promises_run_late_and_rest(clinic: Clinic) -> None:
    clocks = await clinic.rows(
        "SELECT held, due_at < now() AS late FROM response_clocks WHERE state = 'running'"
    )
    held = [row["held"] for row in clocks]
    assert held.count("paused") == 2
    assert held.count("no_capacity") == 2
    assert sum(row["late"] is True for row in clocks) >= 4
    assert sum(row["late"] is False for row in clocks) >= 8
    assert await clinic.rows("SELECT 1 FROM clock_breaches")


async def _claims_have_every_age(clinic: Clinic) -> None:
    owed = await clinic.rows(
        "SELECT current_date - service_date AS age FROM claims WHERE state IN ('payer_accepted', 'sent')"
    )
    assert {bucket_of(row["age"]) for row in owed} == set(Bucket)
    states = await clinic.count("SELECT state AS word, count(*) AS n FROM claims GROUP BY 1")
    assert states["paid"] >= 10
    assert states["denied"] >= 2
    assert states["payer_rejected"] >= 1
    lines = await clinic.count("SELECT state AS word, count(*) AS n FROM service_lines GROUP BY 1")
    assert lines["unbilled"] >= 2
    assert lines["held"] >= 2
    reports = await clinic.rows("SELECT kind, state FROM clearinghouse_reports")
    assert {row["kind"] for row in reports} == {"999", "277CA", "835"}
    assert {row["state"] for row in reports} == {"posted"}
    assert await clinic.rows("SELECT 1 FROM clearinghouse_cursor") == []


async def _living_promises_are_told_once(clinic: Clinic) -> None:
    notes = await clinic.rows("SELECT kind, subject_id, payload->>'n' AS n FROM outbox")
    keys = [(note["kind"], note["subject_id"], note["n"]) for note in notes]
    assert len(keys) == len(set(keys))
    rooms = await clinic.rows("SELECT id FROM rooms WHERE state = 'open'")
    told = {note["subject_id"] for note in notes if note["kind"] == "clock_changed"}
    assert told == {row["id"] for row in rooms}
    assert not await clinic.rows(
        "SELECT 1 FROM notices WHERE emailed_at IS NULL AND created_at < now() - interval '1 hour'"
    )


async def _who_may_sign_in(clinic: Clinic, databases: Fresh) -> None:
    path = clinic.seeded.accounts
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    accounts = json.loads(path.read_text())
    assert set(accounts) == {
        "client",
        "client2",
        "therapist",
        "therapist2",
        "supervisor",
        "billing",
        "administrator",
    }
    assert all(set(account) == {"username", "password"} for account in accounts.values())
    password = accounts["client"]["password"]
    check_password(password)
    hashes = await clinic.rows("SELECT DISTINCT password_hash FROM accounts")
    passwords = Passwords()
    assert all([await passwords.verify(row["password_hash"], password) for row in hashes])
    passwords.close()
    quiet = await clinic.rows(
        "SELECT r.id, a.display_name AS therapist FROM rooms r JOIN accounts a ON a.id = r.therapist_id"
        " WHERE r.state = 'open' AND r.first_answered_at IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM response_clocks c WHERE c.room_id = r.id AND c.state = 'running')"
    )
    theirs = {person.username: person.name for person in therapists.THERAPISTS}
    for role in ("therapist", "therapist2"):
        name = theirs[staff.SIGN_IN_AS[role]]
        assert name in {row["therapist"] for row in quiet}
    assert set(people.SIGN_IN_AS) == {"client", "client2"}


async def test_a_crash_halfway_leaves_nothing_behind(databases: Fresh, tmp_path: Path) -> None:
    told: list[str] = []

    def die_at_the_second(text: str) -> None:
        told.append(text)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await seed(databases.owner_dsn, databases.ring, tmp_path, die_at_the_second)
    async with past(databases.owner_dsn, databases.ring) as story, story.transaction() as tx:
        assert await tx.one("SELECT 1 AS there FROM accounts") is None
        assert await tx.one("SELECT 1 AS there FROM policies") is None
    assert not (tmp_path / "accounts.json").exists()


@pytest.mark.parametrize("present", ["2026-11-01T09:30:00+00:00", "2026-12-25T18:00:00+00:00"])
async def test_the_story_is_the_same_in_a_dst_night_and_on_a_holiday(
    databases: Fresh, tmp_path: Path, present: str
) -> None:
    now = datetime.fromisoformat(present)
    seeded = await seed(databases.owner_dsn, databases.ring, tmp_path, lambda _: None, now=now)
    clinic = Clinic(databases.owner_dsn, seeded, [])
    assert await clinic.count("SELECT stage AS word, count(*) AS n FROM clients GROUP BY 1") == STAGES
    late = f"due_at < '{present}'"
    clocks = await clinic.rows(f"SELECT {late} AS late FROM response_clocks WHERE state = 'running'")
    assert [row["late"] for row in clocks].count(True) == 5
