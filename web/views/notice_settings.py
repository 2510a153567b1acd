"""How one hears, outside the app, that a message waits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoticeSettingsView:
    """What was chosen. `mail` is None for who gets no mail about messages; `push_key` is empty where nothing is pushed;
    `here`: the device in hand is woken.
    """

    mail: bool | None
    push: bool
    here: bool
    push_key: str
