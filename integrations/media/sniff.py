"""Which format a recording is in, by its bytes. Names and announced types are claims; and this is no fence either:
what counts is that it decodes, and that only what was decoded is kept.
"""

from typing import Final

from domain.media import RecordingRefused, Refusal

LOOKED_AT: Final = 64 * 1024 + 22
"""Bytes at either end that are looked at: a ZIP's end record and its longest comment."""

_EBML: Final = b"\x1a\x45\xdf\xa3"
_ZIP_END: Final = b"PK\x05\x06"
_FOREIGN: Final = (b"%pdf-", b"<script", b"<html", b"<!doctype", b"<svg", b"<?php", b"<?xml")


def demuxer_of(head: bytes, tail: bytes) -> str:
    """The one reader that is let near it: `matroska`, `mov` or `ogg`. Raises RecordingRefused."""
    if head.startswith(_EBML):
        name = "matroska"
    elif head[4:8] == b"ftyp":
        name = "mov"
    elif head.startswith(b"OggS"):
        name = "ogg"
    else:
        raise RecordingRefused(Refusal.NOT_PLAYABLE)
    begins = head[:1024].lower()
    if any(mark in begins for mark in _FOREIGN) or _ends_as_zip(tail):
        raise RecordingRefused(Refusal.MIXED_FORMATS)
    return name


def _ends_as_zip(tail: bytes) -> bool:
    """Whether the file is an archive, too: those are read from their end."""
    at = tail.rfind(_ZIP_END)
    if at < 0 or at + 22 > len(tail):
        return False
    return at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)
