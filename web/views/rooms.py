"""A room: the promise, the conversation, and for the therapist the record beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.promises import Pronoun, zone_name
from domain.promises import promise as promise_in_words
from web.times import Reader, ago_words, clock_words, exact_words
from web.views.messages import FindView, May, Message
from web.views.plans import GoalsView
from web.views.shell import Form


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the room. `zone` is where they are (IANA)."""

    name: str
    initials: str
    zone: str
    pronoun: Pronoun = Pronoun.THEY

    @property
    def there(self) -> str:
        """`where she is`."""
        return f"where {self.pronoun} {'are' if self.pronoun is Pronoun.THEY else 'is'}"


@dataclass(frozen=True, slots=True)
class Promise:
    """The response promise. `state` as the API: none, running, soon, late, paused, on_leave_covered,
    no_capacity. `on_hold`: by the clinic, whether or not an answer is owed. `extended`: the client gave more time.
    """

    state: str
    due_at: datetime | None = None
    soon_at: datetime | None = None
    told: str = ""
    on_hold: bool = False
    agree_in: str = ""  # the state in which care waits for the client's agreement
    extended: bool = False
    away: str = ""  # the therapist's leave, in words for the client
    change: str = ""  # where the client may ask for somebody else


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """An ICD-10-CM code entered by the clinician; None where it cannot be opened."""

    code: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A progress note; only a signed one can support an attestation, and only one that can be read can be signed."""

    note_id: str
    format: str
    written_at: datetime
    signed_at: datetime | None
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class MessagingSession:
    """The seven-day window. Workload is a label for people; only clinical minutes may reach a claim."""

    session_id: str
    opened_at: datetime
    closes_at: datetime
    workload_minutes: int
    attested_at: datetime | None = None
    attest_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordView:
    """The panel beside a therapist's room. `kinds`: note formats with their sections."""

    diagnoses: tuple[Diagnosis, ...]
    notes: tuple[Note, ...]
    session: MessagingSession | None
    kinds: tuple[tuple[str, tuple[str, ...]], ...] = ()
    in_charge: bool = False
    can_attest: bool = False
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class Lead:
    """Where to go from a room in which one cannot write."""

    href: str
    words: str


@dataclass(frozen=True, slots=True)
class RoomView:
    """Everything on the page of a room. `reader` is client, therapist, cover or supervisor; `shut` says why
    no reply can be written, `lead` where to go instead; `in_place` whose room it is when one writes for somebody else.
    `last_seq` is the room's newest; `earlier` and `later`: whether there is more before and after what is shown.
    `draft` None: it cannot be opened.
    """

    room_id: str
    reader: str
    other: Person
    me: Person
    promise: Promise
    messages: tuple[Message, ...]
    last_seq: int
    read_seq: int
    earlier: bool = False
    later: bool = False
    draft: str | None = ""
    shut: str = ""
    lead: Lead | None = None
    in_place: str = ""
    may: May = field(default_factory=May)
    answering: Message | None = None
    record: RecordView | None = None
    send_key: str = ""
    find: FindView | None = None
    therapist_id: str = ""

    def words(self, reader: Reader) -> PromiseWords:
        """The promise banner."""
        return promise_words(self, reader)


@dataclass(frozen=True, slots=True)
class PromiseWords:
    """The banner: a chip's word, the sentence, what comes then."""

    tone: str
    icon: str
    chip: str
    sentence: str
    then: str


def other_clock(other: Person, reader: Reader) -> str:
    """`It is 2:14 AM EST where she is.`"""
    local = reader.local(reader.now, other.zone)
    return f"It is {clock_words(local)} {zone_name(local)} {other.there}."


def promise_words(view: RoomView, reader: Reader) -> PromiseWords:
    """The promise as its reader understands it: an exact time in both zones where two people meet."""
    if view.reader == "client":
        return _for_client(view, reader)
    return _for_staff(view, reader)


def _for_client(view: RoomView, reader: Reader) -> PromiseWords:
    promise, name = view.promise, view.other.name
    asleep = other_clock(view.other, reader)
    if promise.due_at is not None and promise.state in ("running", "soon"):
        tone = "soon" if promise.state == "soon" else "act"
        by = promise_in_words(
            promise.due_at.replace(second=0, microsecond=0),
            reader.zone,
            view.other.zone,
            view.other.pronoun,
            reader.now,
        )
        words = f"{name} replies by {by}."
        then = f"You gave more time. {asleep}" if promise.extended else asleep
        return PromiseWords(tone, "clock", "Reply on its way", words, then)
    if promise.due_at is not None and promise.state == "late":
        late = ago_words(promise.due_at, reader.now)
        words = f"This reply is late. It was due {late}, {exact_words(promise.due_at, reader)}."
        then = promise.told or f"{name} and a supervisor have been told."
        return PromiseWords("late", "triangle-alert", "Late", words, then)
    if promise.state == "on_leave_covered":
        until = f" by {exact_words(promise.due_at, reader)}" if promise.due_at else ""
        words = f"{name} is away. A colleague answers you{until}."
        return PromiseWords("act", "users", "Covered", words, promise.told)
    return _at_rest_for_client(promise, name, asleep)


def _at_rest_for_client(promise: Promise, name: str, asleep: str) -> PromiseWords:
    """No time runs: held, or nothing is owed."""
    if promise.state == "no_capacity":
        words = "Your message is safe. A supervisor is finding someone to answer it."
        return PromiseWords("soon", "users", "Finding someone", words, promise.told)
    if promise.agree_in:
        words = (
            f"{name} may write to you in {promise.agree_in} once you have agreed to care by messages there."
        )
        then = "Your messages are kept and the reply time rests until then. Help is always there."
        return PromiseWords("", "pause", "On hold", words, then)
    if promise.on_hold:
        words = "The clinic has put reply times on hold."
        then = "You can still write at any hour, and help is always there."
        return PromiseWords("", "pause", "On hold", words, promise.told or then)
    if promise.state == "paused":
        words = "The reply time rests while you are away."
        return PromiseWords("", "pause", "On hold", words, promise.told or "It goes on when you write.")
    return PromiseWords(
        "", "message-circle", "At ease", f"Write at any hour. {name} answers in working time.", asleep
    )


def _for_staff(view: RoomView, reader: Reader) -> PromiseWords:
    promise, name = view.promise, view.other.name
    there = other_clock(view.other, reader)
    if promise.due_at is not None and promise.state in ("running", "soon", "on_leave_covered"):
        tone = "soon" if promise.state == "soon" else "act"
        by = exact_words(promise.due_at, reader)
        words = (
            f"Answer {name} by {by}." if view.reader == "therapist" else f"{name} is owed an answer by {by}."
        )
        chip = "Waiting for you" if view.reader == "therapist" else "Waiting"
        then = f"The client gave more time. {there}" if promise.extended else there
        return PromiseWords(tone, "clock", chip, words, then)
    if promise.due_at is not None and promise.state == "late":
        words = f"{name} has been waiting past {exact_words(promise.due_at, reader)}."
        then = promise.told or f"{name} and a supervisor have been told."
        return PromiseWords("late", "triangle-alert", "Late", words, then)
    if promise.state == "no_capacity":
        words = "Nobody has open hours for this answer. A supervisor has been told."
        return PromiseWords("soon", "users", "No open hours", words, there)
    if (promise.agree_in or promise.on_hold) and promise.state in ("paused", "none"):
        words = "The clinic has put reply times on hold here."
        if promise.agree_in:
            words = f"Replies wait until {name} has agreed to care by messages in {promise.agree_in}."
        return PromiseWords("", "pause", "On hold", words, promise.told or there)
    if promise.state == "paused":
        return PromiseWords("", "pause", "On hold", "The client has paused.", promise.told or there)
    return PromiseWords("", "check", "Answered", "Nothing is waiting for an answer.", there)


@dataclass(frozen=True, slots=True)
class ChangeView:
    """Asking for another therapist. `offered`: after promises that were broken twice; `since`: it is under way."""

    room_id: str
    other: Person
    offered: bool
    since: datetime | None = None
    share_history: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlanView:
    """The goals tab of a room."""

    room_id: str
    other: Person
    plan: GoalsView
    form: Form = field(default_factory=Form)
