"""What was read before, by how it is written: a payer says the same of thousands of members.

Nothing that tells who a member is belongs here.
"""

from typing import Generic, TypeVar

AT_ONCE = 4096
_Value = TypeVar("_Value")


class Known(dict[tuple[object, ...], _Value], Generic[_Value]):
    """Values by what they were read from. It forgets all of them when there are too many."""

    def keep(self, key: tuple[object, ...], value: _Value) -> _Value:
        """The value, kept for the next time."""
        if len(self) >= AT_ONCE:
            self.clear()
        self[key] = value
        return value
