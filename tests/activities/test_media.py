"""Recordings after their upload: made playable once, by whoever holds the key for just that long; swept up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from factories import Room, account, actor, room
from temporalio.testing import ActivityEnvironment

from activities.media import MediaActivities
from activities.shapes.media import MadePlayable, MakePlayable
from domain.access import Role
from domain.errors import Conflict, Unavailable
from domain.media import (
    ABANDONED_AFTER,
    UNSENT_AFTER,
    WAVEFORM_BARS,
    Details,
    FileName,
    MediumKind,
    MediumState,
    RecordingRefused,
    Refusal,
)
from encryption.errors import Unreadable
from encryption.keys import KeyScope
from integrations.blobs.directory import DirectoryBlobs
from integrations.blobs.port import BlobMissing
from integrations.blobs.sealed import read_plain, seal_into
from integrations.media.memory import MemoryFile
from integrations.media.port import Made
from records import media, messages, relations, rooms, uploads
from records.database import Transaction
from records.events import Event
from records.messages import NewMessage

if TYPE_CHECKING:
    from conftest import Databases

DATA = bytes(range(256)) * 4_000
DETAILS = Details(4_200, (7,) * WAVEFORM_BARS)


class Copies:
    """A processor that hands back what it was given; `fails` is raised first."""

    def __init__(self, *fails: Exception) -> None:
        self._fails = list(fails)
        self.seen: list[bytes] = []

    async def probe(self, *_: object) -> None:
        raise AssertionError("a worker does not probe")

    @asynccontextmanager
    async def process(self, _: int, content: AsyncIterator[bytes], kind: MediumKind) -> AsyncIterator[Made]:
        if self._fails:
            raise self._fails.pop(0)
        with MemoryFile() as play, MemoryFile() as poster:
            await play.write(content)
            self.seen.append(b"".join([piece async for piece in play.chunks()]))
            yield Made(DETAILS, play, poster if kind is MediumKind.VIDEO else None)


class Bench:
    """A room, a directory of blobs, and the worker's hands."""

    def __init__(self, databases: "Databases", where: Room, folder: Path) -> None:
        self.databases, self.where = databases, where
        self.blobs = DirectoryBlobs(folder)
        self.heard: list[Event] = []

    async def uploaded(self, *, at: Any = None, whole: bool = True) -> UUID:
        """A recording of the client's, in two parts."""
        async with self.databases.care.transaction(self.where.client, at) as tx:
            permit = await relations.writable(tx, self.where.id)
            medium_id = await uploads.begin(tx, permit, MediumKind.AUDIO, "audio/webm", None)
            for start, stop in ((0, 300_000), (300_000, len(DATA))):
                coming = await uploads.upload(tx, permit, medium_id, hold=True)
                await seal_into(self.blobs, coming.part(start), _once(DATA[start:stop]))
                await uploads.keep_part(tx, coming, start, stop, len(DATA))
            if whole:
                await uploads.hand_over(tx, medium_id)
        return medium_id

    async def send(self, medium_id: UUID) -> int:
        door = await rooms.door(self.databases.care, self.where.client, self.where.id)
        async with self.databases.care.transaction(self.where.client) as tx:
            permit = await relations.writable(tx, self.where.id)
        new = NewMessage(str(medium_id), "", "audio", media_id=medium_id)
        return (await messages.post(self.databases.care, permit, door.key, new)).seq

    async def make(self, medium_id: UUID, processor: Copies) -> MadePlayable:
        work = MediaActivities(self.databases.worker, self.blobs, processor)
        made: MadePlayable = await ActivityEnvironment().run(work.make_playable, MakePlayable(medium_id))
        return made

    async def sweep(self) -> int:
        work = MediaActivities(self.databases.worker, self.blobs, Copies())
        return (await ActivityEnvironment().run(work.sweep_media)).removed

    async def files(self, medium_id: UUID) -> list[str]:
        folder = self.blobs._root / f"rooms/{self.where.id}/{medium_id}"
        return await asyncio.to_thread(lambda: sorted(path.name for path in folder.glob("*")))


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


@pytest.fixture
async def bench(databases: "Databases", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(databases, await room(databases.care), tmp_path)
    monkeypatch.setattr(databases.worker, "announce", made.heard.extend)
    return made


async def test_a_recording_is_made_playable_and_its_message_is_told(bench: Bench) -> None:
    medium_id = await bench.uploaded()
    seq = await bench.send(medium_id)
    copies = Copies()
    assert (await bench.make(medium_id, copies)).state is MediumState.READY
    assert copies.seen == [DATA]
    assert [(event.kind, event.room_id, event.seq) for event in bench.heard] == [
        ("message", bench.where.id, seq)
    ]
    assert await bench.files(medium_id) == ["play"]
    async with bench.databases.care.transaction(bench.where.therapist) as tx:
        permit = await relations.readable(tx, bench.where.id)
        found = await media.one(tx, permit, medium_id)
        stored = await media.stored(tx, permit, medium_id, FileName.PLAY)
        (same,) = await media.stored_of_room(tx, permit)
    assert (found.state, found.details) == (MediumState.READY, DETAILS)
    assert stored == same
    plain = [piece async for piece in read_plain(bench.blobs, stored.sealed, stored.size)]
    assert b"".join(plain) == DATA


async def test_made_twice_it_stays_as_it_was_and_the_message_is_told_again(bench: Bench) -> None:
    medium_id = await bench.uploaded()
    await bench.send(medium_id)
    await bench.make(medium_id, Copies())
    copies = Copies()
    assert (await bench.make(medium_id, copies)).state is MediumState.READY
    assert copies.seen == []
    assert len(bench.heard) == 2


async def test_the_worker_holds_the_key_while_the_recording_is_processed_and_no_longer(bench: Bench) -> None:
    async def key() -> None:
        async with bench.databases.worker.transaction() as tx:
            await tx.key(KeyScope.MEDIA, medium_id)

    medium_id = await bench.uploaded(whole=False)
    with pytest.raises(Unreadable):
        await key()
    async with bench.databases.care.transaction(bench.where.client) as tx:
        await uploads.hand_over(tx, medium_id)
    await key()
    await bench.make(medium_id, Copies())
    with pytest.raises(Unreadable):
        await key()
    async with bench.databases.worker.transaction() as tx:
        with pytest.raises(Unreadable):
            await tx.key(KeyScope.ROOM, bench.where.id)


async def test_what_cannot_be_played_is_refused_for_good_and_its_bytes_are_gone(bench: Bench) -> None:
    medium_id = await bench.uploaded()
    seq = await bench.send(medium_id)
    made = await bench.make(medium_id, Copies(RecordingRefused(Refusal.TOO_LONG)))
    assert made.state is MediumState.REFUSED
    assert await bench.files(medium_id) == []
    assert [event.seq for event in bench.heard] == [seq]
    async with bench.databases.care.transaction(bench.where.therapist) as tx:
        permit = await relations.readable(tx, bench.where.id)
        found = await media.one(tx, permit, medium_id)
    assert (found.state, found.refused) == (MediumState.REFUSED, "too_long")


async def test_trouble_with_an_engine_is_no_verdict(bench: Bench) -> None:
    medium_id = await bench.uploaded()
    with pytest.raises(Unavailable):
        await bench.make(medium_id, Copies(Unavailable()))
    assert len(await bench.files(medium_id)) == 2
    assert (await bench.make(medium_id, Copies())).state is MediumState.READY


async def test_what_is_taken_back_meanwhile_leaves_nothing(bench: Bench) -> None:
    medium_id = await bench.uploaded()

    class Removing(Copies):
        @asynccontextmanager
        async def process(self, *given: Any) -> AsyncIterator[Made]:
            async with super().process(*given) as made:
                async with bench.databases.care.transaction(bench.where.client) as tx:
                    await uploads.remove(tx, await relations.writable(tx, bench.where.id), medium_id)
                yield made

    assert (await bench.make(medium_id, Removing())).state is None
    assert await bench.files(medium_id) == []


async def test_what_nobody_sends_is_swept_up_with_its_key_and_what_was_sent_stays(bench: Bench) -> None:
    async with bench.databases.worker.transaction() as tx:
        now = tx.now
    just, begun, old = (
        now - timedelta(hours=1),
        now - ABANDONED_AFTER - timedelta(hours=1),
        now - UNSENT_AFTER * 2,
    )
    recent, unended = await bench.uploaded(at=just, whole=False), await bench.uploaded(at=begun, whole=False)
    waiting, unsent, told = [await bench.uploaded(at=at) for at in (begun, old, old)]
    await bench.send(told)
    for medium_id in (waiting, unsent, told):
        await bench.make(medium_id, Copies())
    assert await bench.sweep() == 2
    assert await bench.sweep() == 0
    async with bench.databases.worker.transaction() as tx:
        left = {row["id"] for row in await tx.all("SELECT id FROM media")}
    async with bench.databases.care.transaction(bench.where.client) as tx:
        keys = {row["owner_id"] for row in await _media_keys(tx)}
    assert left == keys == {recent, waiting, told}
    assert await bench.files(unended) == await bench.files(unsent) == []
    assert await bench.files(told) == ["play"]
    with pytest.raises(BlobMissing):
        await bench.blobs.size(f"rooms/{bench.where.id}/{unsent}/play")


async def test_what_a_court_holds_is_neither_swept_up_nor_taken_back(bench: Bench) -> None:
    async with bench.databases.worker.transaction() as tx:
        long_ago = tx.now - UNSENT_AFTER * 2
    medium_id = await bench.uploaded(at=long_ago)
    async with bench.databases.care.transaction() as tx:
        who = actor(Role.ADMINISTRATOR, await account(tx, Role.ADMINISTRATOR))
    async with bench.databases.care.transaction(who) as tx:
        await tx.insert(
            "legal_holds",
            id=uuid4(),
            client_id=bench.where.client.account_id,
            reason_sealed=b"-",
            placed_by=who.account_id,
            placed_at=tx.now,
        )
    assert await bench.sweep() == 0
    with pytest.raises(Conflict):
        async with bench.databases.care.transaction(bench.where.client) as tx:
            await uploads.remove(tx, await relations.writable(tx, bench.where.id), medium_id)
    assert len(await bench.files(medium_id)) == 2
    async with bench.databases.care.transaction(bench.where.client) as tx:
        assert len(await _media_keys(tx)) == 1


async def _media_keys(tx: Transaction) -> list[dict[str, Any]]:
    return await tx.all("SELECT owner_id FROM keys.data_keys WHERE scope = 'media'")
