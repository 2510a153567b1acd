"""Sample choices of how one hears that a message waits."""

from __future__ import annotations

from web.views.notice_settings import NoticeSettingsView

KEY = "BAMBAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"


def clients() -> NoticeSettingsView:
    """Mail and devices, this one among them."""
    return NoticeSettingsView(mail=True, push=True, here=True, push_key=KEY)


def therapists() -> NoticeSettingsView:
    """Devices only, this one not yet."""
    return NoticeSettingsView(mail=None, push=True, here=False, push_key=KEY)
