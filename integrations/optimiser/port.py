"""The port for assigning a waiting list at once."""

from typing import ClassVar, Protocol

from domain.errors import KindroomError
from domain.waiting_lists import Assignment, WaitingList


class Optimiser(Protocol):
    """Assigns every client at most one therapist, from the list's pairs alone, and nobody beyond their places."""

    best: ClassVar[bool]  # as many as there can be are placed, and no assignment of so many is worth more

    def assign(self, waiting: WaitingList) -> Assignment:
        """Who goes to whom. Takes processor time: not for the event loop. Raises `NotAssigned`."""
        ...


class NotAssigned(KindroomError):
    """The solver gave no answer: the list is too large for its numbers. Nobody was assigned."""

    code = "not_assigned"
