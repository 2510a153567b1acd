"""Signing in and up, and the lock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from web.views.shell import Form


@dataclass(frozen=True, slots=True)
class SignInView:
    """Fields `username`, `password`, `totp`; `ask_code` after the password of a staff member was right."""

    form: Form = field(default_factory=Form)
    next_path: str = ""
    ask_code: bool = False


@dataclass(frozen=True, slots=True)
class SignUpView:
    """Fields `email`, `password`, `legal_name`, `date_of_birth`, `time_zone`; `sent` once an account was
    asked for.
    """

    form: Form = field(default_factory=Form)
    zones: tuple[str, ...] = ()
    sent: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmView:
    """Field `password`: the link of a mail opens nothing by itself."""

    token: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LockedView:
    """Field `passcode`; `tries_left` after a wrong one."""

    tries_left: int | None = None


@dataclass(frozen=True, slots=True)
class ProblemView:
    """A page for what did not work: what it was, and what to do next."""

    title: str
    words: str
    href: str = "/"
    action: str = "Back to the start"


@dataclass(frozen=True, slots=True)
class Device:
    """A device that is signed in; `this` for the one in hand."""

    device_id: str
    name: str
    signed_in_at: datetime
    seen_at: datetime
    this: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """Where else I am signed in, and what opens this device. Fields `current`, `password`, `totp`, `passcode`."""

    devices: tuple[Device, ...]
    passcode_set: bool = False
    form: Form = field(default_factory=Form)
