"""The page from which a client takes the record of a room with them."""

from __future__ import annotations

from dataclasses import dataclass

from web.views.rooms import Person


@dataclass(frozen=True, slots=True)
class RoomExportView:
    """What the archive will hold. `about`: its size in words."""

    room_id: str
    other: Person
    messages: int
    recordings: int
    goals: int
    check_ins: int
    about: str

    @property
    def parts(self) -> tuple[str, ...]:
        """Everything that is in it, each with its count; what there is none of is not named."""
        counted = (
            (self.messages, "message", "by day: who wrote, and what was said before a correction"),
            (self.recordings, "recording", "to play without a network"),
            (self.goals, "goal", "with all earlier wordings"),
            (self.check_ins, "check-in", "with your answers"),
        )
        return tuple(
            f"{count:,} {noun}{'' if count == 1 else 's'}, {words}" for count, noun, words in counted if count
        )
