"""What is said where something stood that cannot be opened any more."""


def unopened(what: str) -> str:
    """The words in its place: no detail of why. `what`: message, recording, goal and the like."""
    return f"This {what} cannot be opened. It is kept, and the people who run Kindroom have been told."
