"""Sealed files in an S3-compatible store (SeaweedFS, MinIO, Ceph, Amazon S3)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from domain.errors import Unavailable
from integrations.blobs.port import BlobMissing, checked, checked_prefix

_PIECE = 8 * 1024 * 1024
_TOGETHER = 2  # pieces of one file on their way at a time: memory stays bounded


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the store is, and who we are to it."""

    endpoint: str
    name: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    region: str = "us-east-1"


class S3Blobs:
    """One object per blob. What is written in several parts appears when the last one is there."""

    refuses_production = False

    def __init__(self, bucket: Bucket, *, timeout: timedelta = timedelta(seconds=60)) -> None:
        self._store = S3Store(
            bucket.name,
            endpoint=bucket.endpoint,
            access_key_id=bucket.access_key,
            secret_access_key=bucket.secret_key,
            region=bucket.region,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "timeout": timeout,
                "connect_timeout": timedelta(seconds=5),
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=15)},
        )

    async def put(self, key: str, chunks: AsyncIterator[bytes] | bytes) -> None:
        """See `Blobs.put`."""
        try:
            await obstore.put_async(
                self._store, checked(key), chunks, chunk_size=_PIECE, max_concurrency=_TOGETHER
            )
        except (BaseError, OSError):
            raise Unavailable from None

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See `Blobs.read`."""
        try:
            stop = await self.size(key) if end is None else end
            if stop <= start:
                return
            got = await obstore.get_async(self._store, checked(key), options={"range": (start, stop)})
            async for piece in got.stream(min_chunk_size=1024 * 1024):
                yield bytes(piece)
        except FileNotFoundError:
            raise BlobMissing from None
        except (BaseError, OSError):
            raise Unavailable from None

    async def size(self, key: str) -> int:
        """See `Blobs.size`."""
        try:
            return int((await obstore.head_async(self._store, checked(key)))["size"])
        except FileNotFoundError:
            raise BlobMissing from None
        except (BaseError, OSError):
            raise Unavailable from None

    async def delete_all(self, prefix: str) -> int:
        """See `Blobs.delete_all`."""
        folder, _, start = checked_prefix(prefix).rpartition("/")
        try:
            # The interface lists whole folders only; what begins otherwise is left alone here.
            found = await obstore.list(self._store, prefix=f"{folder}/").collect_async()
            names = [item["path"] for item in found if item["path"].startswith(f"{folder}/{start}")]
            if names:
                await obstore.delete_async(self._store, names)
        except (BaseError, OSError):
            raise Unavailable from None
        return len(names)
