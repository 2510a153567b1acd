"""The port to a store of sealed files. Nothing unsealed is ever given to it; names hold ids, never words."""

import re
from collections.abc import AsyncIterator
from typing import Final, Protocol

from domain.errors import NotFound

_NAME: Final = re.compile("[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)*")


class BlobMissing(NotFound):
    """There is no file of this name."""


class Blobs(Protocol):
    """Keeps files by name: `rooms/<room>/<recording>/<file>`. Every method raises Unavailable when it cannot."""

    @property
    def refuses_production(self) -> bool:
        """Whether wiring must refuse this adapter in production."""
        ...

    async def put(self, key: str, chunks: AsyncIterator[bytes] | bytes) -> None:
        """Keep a file. When this returns it is durable; until then an earlier file of the name is whole."""
        ...

    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes `[start, end)` in pieces of at most a few MiB. Raises BlobMissing."""
        ...

    async def size(self, key: str) -> int:
        """Bytes of the file. Raises BlobMissing."""
        ...

    async def delete_all(self, prefix: str) -> int:
        """Remove every file whose name begins so; how many there were. Safe to repeat."""
        ...


def checked(key: str) -> str:
    """The name, if it can be one: it leads nowhere else. Raises ValueError."""
    if _NAME.fullmatch(key) is None:
        raise ValueError("not a name of a file")
    return key


def checked_prefix(prefix: str) -> str:
    """The beginning of names, of one folder at least: nobody empties a store by mistake. Raises ValueError."""
    if "/" not in prefix:
        raise ValueError("not a beginning of names")
    checked(prefix.removesuffix("/"))
    return prefix
