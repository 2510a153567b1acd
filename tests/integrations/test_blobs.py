"""The blob port: what every store keeps to. A directory, and SeaweedFS as an S3-compatible store."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from domain.errors import Unavailable
from encryption.errors import Unreadable
from encryption.keys import KEY_BYTES, DataKey, KeyScope
from encryption.media import SEGMENT, SealedFile
from integrations.blobs.directory import DirectoryBlobs
from integrations.blobs.port import BlobMissing, Blobs
from integrations.blobs.s3 import Bucket, S3Blobs
from integrations.blobs.sealed import read_parts, read_plain, seal_into

WEED = Path(sys.executable).with_name("weed")
MIB = 1024 * 1024


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """A bucket of a SeaweedFS that was started for this module."""
    data = tmp_path_factory.mktemp("weed")
    keys = {"accessKey": "kindroom", "secretKey": uuid4().hex}
    who = {"name": "kindroom", "credentials": [keys], "actions": ["Admin", "Read", "Write", "List"]}
    (data / "s3.json").write_text(json.dumps({"identities": [who]}))
    names = (
        "master.port",
        "master.port.grpc",
        "volume.port",
        "volume.port.grpc",
        "filer.port",
        "filer.port.grpc",
    )
    ports = dict(zip((*names, "s3.port", "s3.port.grpc"), _free_ports(8), strict=True))
    command = [str(WEED), "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
    command += [f"-s3.config={data / 's3.json'}", "-volume.max=4", "-master.volumeSizeLimitMB=64"]
    command += ["-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=data, stdout=log, stderr=subprocess.STDOUT)
    try:
        endpoint = f"http://127.0.0.1:{ports['s3.port']}"
        _wait_for(f"{endpoint}/healthz", process)
        yield Bucket(endpoint, "kindroom", keys["accessKey"], keys["secretKey"])
    finally:
        process.kill()
        process.wait()
        for port in ports.values():
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108  it puts them there itself
                left.unlink()


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx.HTTPError):
            if httpx.get(address).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("SeaweedFS did not start")


@pytest.fixture(params=["directory", "seaweedfs"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "directory":
        return DirectoryBlobs(tmp_path / "blobs")
    bucket: Bucket = request.getfixturevalue("bucket")
    return S3Blobs(bucket)


async def whole(blobs: Blobs, key: str, *span: int) -> bytes:
    return b"".join([piece async for piece in blobs.read(key, *span)])


async def chunks(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def test_what_is_put_is_read_whole_and_in_part_and_can_be_replaced(blobs: Blobs) -> None:
    folder, data = f"rooms/{uuid4()}/{uuid4()}", os.urandom(3 * MIB + 17)
    await blobs.put(f"{folder}/play", chunks(data, 100_000))
    assert await blobs.size(f"{folder}/play") == len(data)
    assert await whole(blobs, f"{folder}/play") == data
    assert await whole(blobs, f"{folder}/play", 5, 9) == data[5:9]
    assert await whole(blobs, f"{folder}/play", MIB - 3, 2 * MIB + 4) == data[MIB - 3 : 2 * MIB + 4]
    assert await whole(blobs, f"{folder}/play", len(data) - 7) == data[-7:]
    await blobs.put(f"{folder}/play", b"other")
    assert await whole(blobs, f"{folder}/play") == b"other"


async def test_what_is_not_there_is_missing(blobs: Blobs) -> None:
    key = f"rooms/{uuid4()}/{uuid4()}/play"
    with pytest.raises(BlobMissing):
        await blobs.size(key)
    with pytest.raises(BlobMissing):
        await whole(blobs, key, 0, 45)


async def test_a_file_that_was_cut_off_while_it_came_is_not_there(blobs: Blobs) -> None:
    key = f"rooms/{uuid4()}/{uuid4()}/play"

    async def cut() -> AsyncIterator[bytes]:
        yield bytes(MIB)
        raise ConnectionError

    with pytest.raises((ConnectionError, Unavailable)):
        await blobs.put(key, cut())
    with pytest.raises(BlobMissing):
        await blobs.size(key)


async def test_deleting_takes_what_begins_so_and_nothing_else(blobs: Blobs) -> None:
    room, other = f"rooms/{uuid4()}", f"rooms/{uuid4()}"
    for key in (
        f"{room}/a1/part-0",
        f"{room}/a1/part-9",
        f"{room}/a1/play",
        f"{room}/b2/play",
        f"{other}/c/play",
    ):
        await blobs.put(key, b"x")
    assert await blobs.delete_all(f"{room}/a1/part-") == 2
    assert await whole(blobs, f"{room}/a1/play") == b"x"
    assert await blobs.delete_all(f"{room}/") == 2
    assert await blobs.delete_all(f"{room}/") == 0
    assert await whole(blobs, f"{other}/c/play") == b"x"


async def test_names_lead_nowhere_else(blobs: Blobs) -> None:
    for name in ("../x", "rooms/../../x", "/etc/passwd", "rooms//x", "rooms/a b", "rooms/Ä", ""):
        with pytest.raises(ValueError, match="not a name"):
            await blobs.put(name, b"x")
    for prefix in ("", "/", "rooms", "../"):
        with pytest.raises(ValueError, match="not a"):
            await blobs.delete_all(prefix)


def _file(name: str = "play") -> SealedFile:
    medium_id = uuid4()
    return SealedFile(uuid4(), medium_id, name, DataKey(KeyScope.MEDIA, medium_id, 1, os.urandom(KEY_BYTES)))


async def plain(blobs: Blobs, file: SealedFile, size: int, *span: int) -> bytes:
    return b"".join([piece async for piece in read_plain(blobs, file, size, *span)])


async def test_a_sealed_file_opens_by_range_with_its_own_key_and_size_alone(blobs: Blobs) -> None:
    file, data = _file(), os.urandom(2 * MIB + 5 * SEGMENT + 3)
    assert await seal_into(blobs, file, chunks(data, 70_001)) == len(data)
    for start, stop in (
        (0, len(data)),
        (0, 1),
        (SEGMENT - 1, SEGMENT + 1),
        (MIB - 9, MIB + 9),
        (len(data) - 4, len(data)),
    ):
        assert await plain(blobs, file, len(data), start, stop) == data[start:stop]
    sealed = await whole(blobs, file.blob)
    assert data[:32] not in sealed
    for another in (_file(), SealedFile(file.room_id, file.medium_id, "play", _file().key)):
        await blobs.put(another.blob, sealed)
        with pytest.raises(Unreadable):
            await plain(blobs, another, len(data))
    await blobs.put(file.blob, sealed[:-20])  # cut
    with pytest.raises(Unreadable):
        await plain(blobs, file, len(data), 0, 1)


async def test_parts_are_read_as_one(blobs: Blobs) -> None:
    data, sizes, parts, first = os.urandom(500_000), (1, 199_999, 65_536, 234_464), [], 0
    whose = _file()
    for size in sizes:
        file = SealedFile(whose.room_id, whose.medium_id, f"part-{first}", whose.key)
        await seal_into(blobs, file, chunks(data[first : first + size], 50_000))
        parts.append((file, first, size))
        first += size
    for start, stop in ((0, len(data)), (0, 2), (200_000, 265_536), (265_535, len(data))):
        got = b"".join([piece async for piece in read_parts(blobs, parts, start, stop)])
        assert got == data[start:stop]


async def test_a_store_that_is_away_is_unavailable(tmp_path: Path) -> None:
    (port,) = _free_ports(1)
    away = S3Blobs(Bucket(f"http://127.0.0.1:{port}", "kindroom", "a", "b"))
    (tmp_path / "blobs").write_text("a file where the directory should be")
    for blobs in (away, DirectoryBlobs(tmp_path / "blobs")):
        with pytest.raises(Unavailable):
            await blobs.put("rooms/a/b", b"x")


async def test_writing_into_a_folder_that_is_being_emptied_succeeds_or_says_that_it_did_not(
    tmp_path: Path,
) -> None:
    blobs = DirectoryBlobs(tmp_path)
    names = [f"rooms/a/b/part-{n}" for n in range(20)]
    ended = await asyncio.gather(
        *(blobs.put(name, b"x") for name in names),
        *(blobs.delete_all("rooms/a/") for _ in range(5)),
        return_exceptions=True,
    )
    assert {type(each) for each in ended} <= {type(None), int, Unavailable}
    await blobs.delete_all("rooms/a/")
    for name in names:
        with pytest.raises(BlobMissing):
            await blobs.size(name)
