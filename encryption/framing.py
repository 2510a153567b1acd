"""Length-prefixed joining, so that no two different lists of parts give the same bytes."""

from uuid import UUID

Part = bytes | str | int | UUID | None


def _as_bytes(part: Part) -> bytes:
    match part:
        case None:
            return b""
        case bytes():
            return part
        case str():
            return part.encode()
        case UUID():
            return part.bytes
        case int():
            return part.to_bytes(8, "big")


def framed(*parts: Part) -> bytes:
    """Each part behind its length (4 bytes, big-endian). `None` is the empty part."""
    chunks: list[bytes] = []
    for part in parts:
        raw = _as_bytes(part)
        chunks += (len(raw).to_bytes(4, "big"), raw)
    return b"".join(chunks)
