"""Words that wait are told outside the app once, and again only after their reader came back in between."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest
from factories import Room, room

from domain.access import Action, Actor, RelatedRoom, Relation, readable_room, writable_room
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from integrations.notify.fake import FakeNotifier
from integrations.notify.port import Template
from integrations.push.fake import FakePusher
from integrations.push.port import EndpointGone, NotWoken
from kindroom.alerts import Alerts
from records import marks, notice_settings, push_subscriptions
from records.clinic import CLINIC_ID, clinic_key
from records.database import Transaction
from records.messages import NewMessage, post
from records.notice_settings import Ways

if TYPE_CHECKING:
    from conftest import Databases

BEGIN = datetime.now(UTC) - timedelta(hours=3)
CLIENTS, THERAPISTS = "https://push.example/client", "https://push.example/therapist"


class Scene:
    """A room whose people have a browser each, and the worker that tells them. Times: minutes from a beginning."""

    def __init__(self, databases: "Databases", here: Room) -> None:
        self.databases, self.here = databases, here
        self.post, self.push = FakeNotifier(), FakePusher()
        self.alerts = Alerts(databases.worker, self.post, self.push, mail_after=timedelta(minutes=10))

    async def writes(self, who: Actor, minute: float) -> int:
        """A message; its seq."""
        relation = Relation.OWN if who == self.here.client else Relation.ASSIGNED
        async with self.databases.care.transaction(who) as tx:
            key = await tx.key(KeyScope.ROOM, self.here.id)
        permit = writable_room(who, RelatedRoom(self.here.id, relation))
        new = NewMessage(str(uuid4()), "Words.")
        return (await post(self.databases.care, permit, key, new, at=_at(minute))).seq

    async def reads(self, seq: int, minute: float) -> None:
        """The client has read up to here."""
        who = self.here.client
        permit = readable_room(who, RelatedRoom(self.here.id, Relation.OWN), Action.MARK_READ)
        async with self.databases.care.transaction(who, _at(minute)) as tx:
            await marks.mark_read(tx, permit, seq)

    async def looks(self, minute: float) -> tuple[list[str], int]:
        """What goes out at this minute: the browsers that are woken, and how many letters."""
        before = len(self.push.woken)
        await self.alerts.tell(_at(minute))
        letters = await self.alerts.mail(_at(minute))
        return sorted(self.push.woken[before:]), letters

    async def subscriptions(self) -> int:
        """How many browsers may be woken."""
        async with self.databases.worker.transaction() as tx:
            row = await tx.one("SELECT count(*) AS n FROM push_subscriptions")
        return int(row["n"]) if row else 0


def _at(minute: float) -> datetime:
    return BEGIN + timedelta(minutes=minute)


@pytest.fixture
async def scene(databases: "Databases") -> Scene:
    here = await room(databases.care, at=BEGIN)
    for who, endpoint in ((here.client, CLIENTS), (here.therapist, THERAPISTS)):
        async with databases.care.transaction(who) as tx:
            await _device(tx, who.account_id, who.session_id)
            await push_subscriptions.subscribe(tx, who, endpoint)
    return Scene(databases, here)


async def _device(tx: Transaction, account_id: UUID, session_id: UUID) -> None:
    key = await clinic_key(tx)
    address = seal_field(key, CLINIC_ID, "accounts", "email_sealed", account_id, "somebody@example.org")
    await tx.run("UPDATE accounts SET email_sealed = %s WHERE id = %s", (address, account_id))
    await tx.insert(
        "sessions",
        id=session_id,
        account_id=account_id,
        token_hash=session_id.bytes,
        created_at=tx.now,
        last_seen_at=tx.now,
        expires_at=tx.now + timedelta(hours=12),
        passcode_tries=0,
    )


async def test_a_waiting_answer_wakes_its_reader_once_and_is_mailed_once(scene: Scene) -> None:
    await scene.writes(scene.here.therapist, 0)
    assert await scene.looks(0.5) == ([], 0)  # most are read in the app by then
    assert await scene.looks(1.1) == ([CLIENTS], 0)
    await scene.writes(scene.here.therapist, 2)  # more words while nobody came
    assert await scene.looks(5) == ([], 0)
    assert await scene.looks(10.2) == ([], 1)
    assert await scene.looks(60) == ([], 0)
    assert [(sent.template, sent.reference) for sent in scene.post.sent] == [(Template.MESSAGE_WAITING, None)]


async def test_who_read_in_time_is_not_told(scene: Scene) -> None:
    seq = await scene.writes(scene.here.therapist, 0)
    await scene.reads(seq, 0.5)
    assert await scene.looks(1.1) == ([], 0)
    assert await scene.looks(30) == ([], 0)


async def test_who_read_after_the_push_gets_no_mail_and_is_told_of_the_next(scene: Scene) -> None:
    seq = await scene.writes(scene.here.therapist, 0)
    assert await scene.looks(1.1) == ([CLIENTS], 0)
    await scene.reads(seq, 5)
    assert await scene.looks(10.2) == ([], 0)
    await scene.writes(scene.here.therapist, 20)
    assert await scene.looks(21.1) == ([CLIENTS], 0)
    assert await scene.looks(30.3) == ([], 1)


async def test_a_therapist_is_woken_and_never_mailed_about_words(scene: Scene) -> None:
    await scene.writes(scene.here.client, 0)
    assert await scene.looks(1.1) == ([THERAPISTS], 0)
    assert await scene.looks(60) == ([], 0)


async def test_words_of_ones_own_never_wait_for_oneself(scene: Scene) -> None:
    for minute in range(5):
        await scene.writes(scene.here.client, minute)
    assert (await scene.looks(10))[0] == [THERAPISTS]


async def test_somebody_who_keeps_writing_does_not_put_the_telling_off(scene: Scene) -> None:
    for minute in (0, 0.5, 1.0):
        await scene.writes(scene.here.therapist, minute)
    assert await scene.looks(1.1) == ([CLIENTS], 0)


async def test_two_workers_tell_once(scene: Scene) -> None:
    await scene.writes(scene.here.therapist, 0)
    other = Alerts(scene.databases.worker, scene.post, scene.push)
    assert [await scene.alerts.tell(_at(2)), await other.tell(_at(2))] == [1, 0]
    assert scene.push.woken == [CLIENTS]


async def test_who_wants_neither_push_nor_mail_gets_none(scene: Scene) -> None:
    async with scene.databases.care.transaction(scene.here.client) as tx:
        await notice_settings.choose(tx, scene.here.client, Ways(mail=False, push=False))
    await scene.writes(scene.here.therapist, 0)
    assert await scene.looks(1.1) == ([], 0)
    assert await scene.looks(11) == ([], 0)


async def test_a_browser_that_is_gone_is_forgotten_and_a_busy_service_costs_only_the_push(
    scene: Scene,
) -> None:
    await scene.writes(scene.here.therapist, 0)
    await scene.writes(scene.here.client, 0)
    scene.push.fail_next(EndpointGone(), NotWoken())
    assert await scene.looks(1.1) == ([], 0)
    assert await scene.subscriptions() == 1
    assert await scene.looks(11) == ([], 1)


async def test_a_device_that_is_signed_out_is_woken_no_more(scene: Scene) -> None:
    async with scene.databases.care.transaction(scene.here.client) as tx:
        await tx.run("UPDATE sessions SET revoked_at = now() WHERE id = %s", (scene.here.client.session_id,))
    assert await scene.subscriptions() == 1
    await scene.writes(scene.here.therapist, 0)
    assert await scene.looks(1.1) == ([], 0)


async def test_a_browser_belongs_to_the_session_that_took_it_last(scene: Scene) -> None:
    async with scene.databases.care.transaction(scene.here.therapist) as tx:
        await push_subscriptions.subscribe(tx, scene.here.therapist, CLIENTS)
        assert await push_subscriptions.subscribed(tx, scene.here.therapist)
    assert await scene.subscriptions() == 1
    await scene.writes(scene.here.client, 0)
    assert await scene.looks(1.1) == ([CLIENTS], 0)


async def test_what_is_stored_of_a_browser_is_sealed(scene: Scene) -> None:
    with psycopg.connect(scene.databases.owner_dsn) as owner:
        rows = owner.execute("SELECT push_subscriptions::text FROM push_subscriptions").fetchall()
    assert rows
    for text in (str(row) for row in rows):
        assert "push.example" not in text
        assert CLIENTS.encode().hex() not in text
