"""One client after the other: what there is without a solver, and what a solver is compared with."""

from typing import ClassVar

from domain.waiting_lists import Assignment, WaitingList, in_turn


class InTurn:
    """Who comes first is served first; later ones may find every place taken that a better plan had kept."""

    best: ClassVar[bool] = False

    def assign(self, waiting: WaitingList) -> Assignment:
        """In the list's order."""
        return in_turn(waiting)
