"""Every page with believable content, at one fixed instant. Tests render them; so does the preview."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from api.notice_words import text_of
from domain.policies import preset
from domain.promises import Pronoun
from records import loads
from tests.web import (
    access_samples,
    clock_samples,
    consent_samples,
    coverage_samples,
    intake_samples,
    journey_samples,
    leave_samples,
    leaving_samples,
    licence_samples,
    match_samples,
    media_samples,
    notice_settings_samples,
    payer_samples,
    room_samples,
)
from tests.web import figures as trials
from web import choices
from web.charts import Band, Score, money_bars, score_trend, trend_words
from web.heat import heat_map
from web.pages import policy_words
from web.pages.access import PURPOSES
from web.views import (
    access,
    accounts,
    claims,
    clock_audits,
    clocks,
    consults,
    inbox,
    journeys,
    messages,
    notices,
    plans,
    policies,
    reviews,
    risk,
    room_exports,
    rooms,
    working_time,
)
from web.views import help as crisis
from web.views import loads as load_views
from web.views.shell import Choice, Form, Shell, navigation

NOW = datetime(2026, 11, 22, 10, 14, tzinfo=UTC)
LA, NY = "America/Los_Angeles", "America/New_York"
ROOM = "0b5d5a0e-3c1e-4f7a-9a53-6a4a1d1f4c11"


def at(**delta: float) -> datetime:
    """An instant this far from the fixed now."""
    return NOW + timedelta(**delta)


def ident(number: int) -> str:
    """A fixed UUID."""
    return f"00000000-0000-4000-8000-{number:012d}"


def shell(
    role: str | None, here: str = "", zone: str = LA, room: str | None = ROOM, toast: str = ""
) -> Shell:
    """The frame as each role sees it."""
    names = {
        "client": "Maya Reyes",
        "therapist": "Dr. Mei Lin",
        "supervisor": "Ruth Ade",
        "billing": "Tom Berg",
        "administrator": "Alex Berg",
    }
    counts = {"inbox": 3, "offers": 1, "board": 2, "flags": 1, "unbilled": 4}
    nav = navigation(role, room=room, counts=counts)
    return Shell(NOW, zone, "sample-token", role, names.get(role or "", ""), nav, here, toast)


STEPS = tuple(
    journeys.Step(name, "done" if place < 4 else "current" if place == 4 else "ahead", "", when, note)
    for place, (name, when, note) in enumerate(
        [
            ("Account", at(days=-1), ""),
            ("About you", at(hours=-22), ""),
            ("Agreements", at(hours=-21), ""),
            ("Short questionnaires", at(minutes=-40), ""),
            ("Who pays", None, "Now"),
            ("A therapist who fits", None, ""),
            ("Your room", None, ""),
        ]
    )
)


def journey(step: int, title: str, sub: str = "") -> journeys.Journey:
    """The steps with the given one current."""
    steps = tuple(
        replace(
            item,
            state="done" if place < step else "current" if place == step else "ahead",
            at=item.at if place < step else None,
            note="Now" if place == step else "",
        )
        for place, item in enumerate(STEPS, start=1)
    )
    return journeys.Journey(steps, step, title, sub)


PAYERS = tuple(
    Choice(name.lower(), name)
    for name in ("Aetna", "Blue Cross Blue Shield", "Cigna", "GatorCare", "Optum", "Premera")
)
STEM = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
OPTIONS = tuple(
    Choice(str(value), label)
    for value, label in enumerate(
        ["Not at all", "Several days", "More than half the days", "Nearly every day"]
    )
)
QUESTIONS = tuple(
    journeys.Question(number, text, OPTIONS)
    for number, text in enumerate(
        [
            "Feeling nervous, anxious, or on edge",
            "Not being able to stop or control worrying",
            "Worrying too much about different things",
            "Trouble relaxing",
            "Being so restless that it is hard to sit still",
            "Becoming easily annoyed or irritable",
            "Feeling afraid, as if something awful might happen",
        ],
        start=1,
    )
)
TOLD = tuple(
    notices.Notice(ident(200 + n), text_of(template), "/journey", at(hours=-ago), n < 2)
    for n, (template, ago) in enumerate(
        [("answer_is_late", 1), ("check_in_asked", 2), ("cover_arranged", 30), ("room_opened", 34)]
    )
)
NOTICES = notices.NoticesView(
    days=(notices.Day(at(hours=-1), TOLD[:2]), notices.Day(at(hours=-30), TOLD[2:])),
    filters=tuple(
        clocks.Filter(name, path, None, name == "All")
        for name, path in (("All", "/notices"), ("Unread", "/notices?unread=true"))
    ),
    address="/notices",
    newest=TOLD[0].notice_id,
    next_href=f"/notices?cursor={TOLD[3].notice_id}",
)
CANDIDATES = (
    journeys.Candidate(
        ident(1),
        "Dr. Mei Lin",
        "ML",
        "PsyD, licensed in Oregon and Washington",
        (
            "You asked for help with anxiety, which is most of her work",
            "Writes in the evenings, when you do",
            "Gives exercises between messages",
        ),
        "I like small steps that fit into an ordinary day, and I remember what worked last time.",
    ),
    journeys.Candidate(
        ident(2),
        "Rafael Ortiz",
        "RO",
        "LCSW, licensed in Oregon",
        ("Works with family conflict", "Speaks Spanish and English"),
        "Families are where I started.",
    ),
    journeys.Candidate(
        ident(3),
        "Dr. Ada Boateng",
        "AB",
        "PhD, licensed in Oregon and California",
        ("Twelve years with grief and sleep", "A direct style"),
        "",
    ),
)
LIN = rooms.Person("Dr. Lin", "ML", NY, Pronoun.SHE)
MAYA = rooms.Person("Maya R.", "MR", LA)


def _message(
    seq: int, mine: bool, text: str, when: datetime, receipt: str = "", holding: bool = False
) -> messages.Message:
    return messages.Message(
        ident(seq), seq, when, "You" if mine else "Dr. Lin", mine, text, holding=holding, receipt=receipt
    )


TALK = (
    _message(
        41,
        False,
        "Hi Maya, thanks for writing yesterday. How did the talk with your sister go?",
        at(hours=-24),
    ),
    _message(
        42, True, "Better than I feared. I used the pause we practised before I answered her.", at(hours=-23)
    ),
    _message(
        43,
        False,
        "I am between two sessions and want to answer this properly. You hear from me today.",
        at(hours=-18),
        holding=True,
    ),
    _message(
        44,
        False,
        "That pause is a real skill, and you used it under pressure. What did you notice in your body right then?",
        at(hours=-16),
    ),
    _message(
        45,
        True,
        "My shoulders came down.\n\nThen I could not sleep and wrote a long list of all I never said to her.",
        at(minutes=-8),
        receipt="sent",
    ),
)

CLIENT_ROOM = room_samples.complete(
    rooms.RoomView(
        ROOM,
        "client",
        LIN,
        MAYA,
        rooms.Promise("running", at(hours=8, minutes=46), at(hours=6)),
        TALK,
        45,
        45,
        earlier=True,
        send_key=ident(99),
    )
)
RECORD = rooms.RecordView(
    (rooms.Diagnosis("F41.1", at(days=-40)),),
    (
        rooms.Note(ident(7), "DAP", at(days=-2), at(days=-2)),
        rooms.Note(ident(8), "SOAP", at(hours=-20), None),
    ),
    rooms.MessagingSession(ident(5), at(days=-4), at(days=3), 38),
    (("SOAP", ("subjective", "objective", "assessment", "plan")), ("DAP", ("data", "assessment", "plan"))),
    in_charge=True,
    can_attest=True,
)
THERAPIST_ROOM = replace(
    CLIENT_ROOM,
    reader="therapist",
    other=MAYA,
    me=LIN,
    promise=rooms.Promise("soon", at(minutes=17), at(minutes=-30)),
    messages=tuple(
        replace(message, mine=not message.mine, sender="Maya R." if message.mine else "You", receipt="")
        for message in TALK
    ),
    read_seq=44,
    record=RECORD,
)
BANDS = (
    Band(0, "minimal"),
    Band(5, "mild"),
    Band(10, "moderate"),
    Band(15, "mod. severe"),
    Band(20, "severe"),
)
SCORES = tuple(
    Score(at(days=-21 * (5 - place)), value) for place, value in enumerate([19, 17, 13, None, 11, 8])
)
PLAN = rooms.PlanView(
    ROOM,
    LIN,
    plans.GoalsView(
        (
            plans.Goal(
                ident(11),
                "Sleep through four nights a week",
                "Now at two, measured in the weekly check-in",
                "Getting better",
                "good",
                at(days=60),
            ),
            plans.Goal(
                ident(12),
                "Say no once a week without a speech",
                "",
                "Proposed by Dr. Lin",
                "",
                None,
                can_accept=True,
            ),
        ),
        (
            plans.CheckIn(ident(21), "How was your week, all in all?", at(hours=-5), "open", at(hours=43)),
            plans.CheckIn(
                ident(22), "How was your week?", at(days=-7), "answered", None, 6, "Two good nights."
            ),
            plans.CheckIn(ident(23), "How was your week?", at(days=-14), "missed"),
        ),
        (score_trend(trend_words(SCORES), "Every three weeks", SCORES, BANDS, 27),),
        results=(plans.MeasureResult("AUDIT-C", at(days=-20), "3 of 12, below 4"),),
        can_answer=True,
        next_at=at(days=7),
    ),
)

INBOX = inbox.InboxView(
    (
        inbox.Waiting(
            ident(31), "Maya R.", "MR", "late", "Message, 41 words", 2, at(minutes=-22), at(hours=-1)
        ),
        inbox.Waiting(
            ident(32), "Jon A.", "JA", "soon", "Message, 120 words", 1, at(minutes=17), at(minutes=-20)
        ),
        inbox.Waiting(
            ident(33),
            "Priya S.",
            "PS",
            "running",
            "3 messages, 214 words",
            3,
            at(hours=1, minutes=3),
            at(minutes=40),
            "R. Ortiz",
        ),
        inbox.Waiting(ident(34), "Sam O.", "SO", "no_capacity", "Message, 12 words", 1),
    ),
    (inbox.Waiting(ident(35), "Lee W.", "LW", "none", "You answered yesterday, 4:10 PM EST"),),
)
OFFERS = inbox.OffersView(
    (
        inbox.Offer(
            ident(41),
            "K-2041",
            "Oregon",
            ("Anxiety, sleep", "Writes in the evenings", "Your exercises between messages were asked for"),
            at(hours=3),
            "Premera",
            Decimal("96.00"),
        ),
    ),
    3,
)
ROWS = (
    clocks.ClockRow(
        ident(51),
        ROOM,
        "K-1007",
        "Dr. Mei Lin",
        at(hours=-5),
        "running",
        at(minutes=-22),
        at(hours=-1),
        "",
        "Therapist, supervisor and client told",
        False,
        "",
        "late",
    ),
    clocks.ClockRow(
        ident(52),
        ROOM,
        "K-1019",
        "R. Ortiz, LCSW",
        at(hours=-9),
        "running",
        at(minutes=-6, seconds=-4),
        at(hours=-1),
        "",
        "Therapist, supervisor and client told",
        True,
        "Ruth Ade",
        "late",
    ),
    clocks.ClockRow(
        ident(53),
        ROOM,
        "K-1044",
        "Dr. Mei Lin",
        at(hours=-3),
        "running",
        at(minutes=17),
        at(minutes=-20),
        "",
        "Therapist reminded",
        False,
        "",
        "soon",
    ),
    clocks.ClockRow(
        ident(54),
        ROOM,
        "K-1052",
        "Dr. Ada Boateng",
        at(hours=-2),
        "running",
        at(hours=1, minutes=3),
        at(minutes=40),
    ),
    clocks.ClockRow(
        ident(55),
        ROOM,
        "K-1060",
        "R. Ortiz, LCSW",
        at(hours=-1),
        "running",
        at(hours=6, minutes=49),
        at(hours=5),
    ),
    clocks.ClockRow(
        ident(56),
        ROOM,
        "K-1071",
        "H. Sato, LMFT",
        at(days=-1),
        "running",
        None,
        None,
        "no_capacity",
        "Supervisor told",
        True,
    ),
)
_THERAPISTS = (Choice(ident(1), "Dr. Mei Lin"), Choice(ident(2), "R. Ortiz, LCSW"))
BOARD = clocks.BoardView(
    rows=ROWS,
    filters=tuple(
        clocks.Filter(name, f"/board?state={state}", count, state == "running")
        for name, state, count in [
            ("Waiting", "running", "1,000+"),
            ("Overdue", "overdue", "2"),
            ("Held", "held", "1"),
            ("Breached", "breached", None),
        ]
    ),
    columns={
        "due_at": clocks.Column("Due", "/board?sort=-due_at", "ascending"),
        "client_code": clocks.Column("Client", "/board?sort=client_code"),
        "therapist": clocks.Column("Therapist", "/board?sort=who"),
        "opened_at": clocks.Column("Waiting since", "/board?sort=opened_at"),
        "rung": clocks.Column("Told so far", "/board?sort=rung"),
    },
    therapists=_THERAPISTS,
    teams=(Choice("North", "North"), Choice("Nights", "Nights")),
    policies=(Choice("morning", "Morning"),),
    chosen=clocks.Chosen(team="North", gap="yes", kept={"state": "running", "sort": "due_at"}),
    address="/board?team=North&gap=yes",
    query="team=North&gap=yes",
    saved=(clocks.SavedView(ident(71), "North, nobody there", "/board?team=North&gap=yes", True),),
    next_href="/board?team=North&gap=yes&cursor=abc",
    undo=clocks.Undo(ident(72), 3, at(minutes=-3)),
)
MOVE = clocks.MoveView(
    stage="preview",
    clock_ids=(ident(51), ident(52)),
    rows=(
        clocks.MoveRow(
            ident(51),
            "K-1007",
            "Dr. Mei Lin",
            "Dr. Ada Boateng",
            at(minutes=-22),
            at(hours=2),
            "2 h 22 min later",
        ),
        clocks.MoveRow(
            ident(52),
            "K-1019",
            "R. Ortiz, LCSW",
            due_before=at(minutes=-6),
            refused="No licence where the client is",
        ),
    ),
    therapists=_THERAPISTS,
    reasons=choices.ASSIGNMENT_REASON,
    back="/board?team=North",
    reason="illness",
    movable=1,
)
BREACHES = reviews.ReviewView(
    items=(
        reviews.Item(
            ident(51),
            "K-1007",
            "Dr. Mei Lin",
            at(hours=-2),
            "Promise broken",
            at(hours=-9),
            at(hours=-2),
        ),
        reviews.Item(
            ident(52),
            "K-1019",
            "R. Ortiz, LCSW",
            at(hours=-5),
            "A very short answer",
            at(hours=-9),
            at(hours=-2),
            at(hours=-5),
            "Short answer, and fine",
            "She had said it all on Monday.",
            "Ruth Ade",
            at(hours=-1),
        ),
    ),
    filters=(clocks.Filter("To look at", "/board/breaches?reviewed=no", None, True),),
    reasons=(reviews.Count("Too much at once", 6, 1.0),),
    therapists=(reviews.Count("Dr. Mei Lin", 4, 1.0),),
    choices=choices.BREACH_REASON,
    address="/board/breaches?reviewed=no",
)
_WEEK = NOW.replace(minute=0)
_LOAD = loads.Load(
    UUID(ident(1)),
    "Dr. Mei Lin",
    NY,
    "North",
    20,
    18,
    9,
    2,
    1,
    {0: 1, 4: 3, 30: 2, 31: 7, 100: 1},
    tuple((_WEEK + timedelta(days=day, hours=4), _WEEK + timedelta(days=day, hours=12)) for day in (0, 1, 2)),
    (loads.Absence(_WEEK + timedelta(days=4), _WEEK + timedelta(days=6), 3),),
)
LOAD = load_views.LoadView(
    gaps=(
        load_views.Gap("K-1071", "H. Sato, LMFT", f"/board/clocks/{ident(56)}", "no_capacity"),
        load_views.Gap(
            "K-1007", "Dr. Mei Lin", "", "away", at(days=4), at(days=6), due_at=at(days=4, hours=2)
        ),
    ),
    more_gaps=True,
    heat=heat_map(
        (_LOAD, replace(_LOAD, name="R. Ortiz, LCSW", absences=(), due={})), _WEEK.replace(second=0), NY
    ),
    teams=(Choice("North", "North"),),
    therapists=_THERAPISTS,
    next_href="/board/load?cursor=abc",
)
_HEALTH = clock_audits.HealthView(
    tuple(
        clock_audits.Figure(name, "0", True, meaning, act)
        for name, meaning, act in [
            (
                "Waiting without a reply time",
                "Clients nobody counts time for.",
                "The next audit gives them one.",
            ),
            ("Notes set aside", "Changes that could not be told.", "They are written anew."),
        ]
    ),
    at(seconds=-20),
    False,
    0,
    tuple(clock_audits.Hour(at(hours=hour - 24), 60, 0, 0, hour * 24.0, 72.0, "") for hour in range(24)),
    "1440 audits in a day, nothing to repair",
)
_FORGOTTEN = replace(
    _HEALTH,
    figures=(replace(_HEALTH.figures[0], value="2", fine=False), _HEALTH.figures[1]),
    last_audit_at=at(minutes=-7),
    silent=True,
    hours=(
        *_HEALTH.hours[:22],
        replace(_HEALTH.hours[22], found=2, repaired=2, tone="late"),
        replace(_HEALTH.hours[23], runs=30, height=36.0, tone="soon"),
    ),
)
CLOCK = clock_samples.clock(ROOM, ident(51), NOW)
REPLY_TIMES = clock_samples.reply_times(CLIENT_ROOM, NOW)
FLAGS = risk.FlagsView(
    (
        risk.Flag(
            ident(61), "K-1007", "Asked for help now", at(minutes=-4), "open", "On-call paged twice", ROOM
        ),
        risk.Flag(
            ident(62),
            "K-1019",
            "Answer in a questionnaire",
            at(hours=-2),
            "acknowledged",
            "",
            ROOM,
            "Ruth Ade",
        ),
    )
)
BUCKETS = ("0–30", "31–60", "61–90", "91–120", "over 120")


def _amounts(*values: int) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) for value in values)


AGEING_ROWS = tuple(
    claims.AgeingRow(payer, _amounts(*values), Decimal(sum(values)))
    for payer, values in [
        ("Aetna", (4180, 960, 0, 120, 0)),
        ("Blue Cross Blue Shield", (9240, 2210, 480, 0, 96)),
        ("Cigna", (3120, 0, 240, 0, 0)),
        ("Premera", (6010, 1150, 96, 240, 480)),
    ]
)
TOTALS = tuple(sum((row.amounts[place] for row in AGEING_ROWS), Decimal(0)) for place in range(5))
TONES = ("", "", "soon", "late", "late")
AGEING = claims.AgeingView(
    NOW,
    "service_date",
    BUCKETS,
    AGEING_ROWS,
    TOTALS,
    sum(TOTALS, Decimal(0)),
    money_bars(
        "79 % of what is open is younger than 30 days",
        "Open balance by age in days, all payers",
        [(f"{bucket} days", total, tone) for bucket, total, tone in zip(BUCKETS, TOTALS, TONES, strict=True)],
    ),
    "/v1/reports/ageing?format=csv&basis=service_date",
    "Open balance = charge − payments − contractual adjustments − patient share. Age in whole days.",
)
LINES = (
    claims.ServiceLine(ident(71), date(2026, 11, 20), "K-1007", "Premera", "98972", Decimal("96.00")),
    claims.ServiceLine(
        ident(72),
        date(2026, 11, 18),
        "K-1019",
        "Aetna",
        "98971",
        Decimal("64.00"),
        (
            claims.Blocked("No contract row prices this service", "An administrator acts"),
            claims.Blocked("The note is not signed", "The clinician acts"),
        ),
    ),
    claims.ServiceLine(
        ident(73),
        date(2026, 11, 16),
        "K-1044",
        "Cigna",
        "98970",
        Decimal("38.00"),
        (claims.Blocked("The clinician has entered no diagnosis for these days", "The clinician acts"),),
    ),
)
UNBILLED = claims.UnbilledView(
    LINES,
    PAYERS,
    "",
    "",
    1,
    Decimal("96.00"),
    2,
    Decimal("102.00"),
    Form(many={"since_last_export": ("yes",)}),
)
BATCH_ROWS = (
    claims.BatchRow(
        ident(81),
        "0000000042",
        "Premera",
        at(minutes=-12),
        3,
        Decimal("288.00"),
        "Accepted by the payer",
        "good",
    ),
    claims.BatchRow(
        ident(82), "0000000041", "Cigna", at(days=-1), 1, Decimal("38.00"), "Refused, 1 finding", "late"
    ),
)
CLAIM_ROWS = (
    claims.ClaimRow(
        ident(91),
        "K-1007",
        "Premera",
        date(2026, 11, 10),
        "Paid",
        "good",
        Decimal("96.00"),
        Decimal("71.00"),
        at(minutes=-3),
    ),
    claims.ClaimRow(
        ident(92),
        "K-1044",
        "Premera",
        date(2026, 11, 9),
        "Pending",
        "",
        Decimal("96.00"),
        Decimal("0.00"),
        at(minutes=-6),
    ),
    claims.ClaimRow(
        ident(93),
        "K-1052",
        "Premera",
        date(2026, 11, 9),
        "Denied",
        "late",
        Decimal("96.00"),
        Decimal("0.00"),
        at(minutes=-3),
    ),
)
BATCH = claims.BatchView(
    BATCH_ROWS[0],
    "9f2c" * 16,
    (
        claims.Ack("999", at(minutes=-10), "Accepted, every set", "good"),
        claims.Ack("277CA", at(minutes=-6), "3 of 3 claims accepted", "good"),
    ),
    CLAIM_ROWS,
    "835",
    at(days=30),
)


@dataclass(frozen=True)
class Page:
    """One sample: the template, what it shows, the frame around it."""

    template: str
    view: object
    shell: Shell


def _estimate(status: str, **more: object) -> journeys.EstimateView:
    plain = journeys.EstimateView(
        journey(5, "What it costs"), status, "Premera", Decimal("89.00"), asked_at=at(seconds=-70)
    )
    return replace(plain, **more)  # type: ignore[arg-type]


OUT = shell(None)
CLIENT = shell("client", "/journey", room=None)
IN_ROOM = shell("client", f"/rooms/{ROOM}")
THERAPIST = shell("therapist", zone=NY)

_NEXT, _MORNING = preset("next_response"), preset("morning")
POLICIES = policies.PoliciesView(
    policies=(
        policies.PolicyLine("evening", policy_words.in_words(preset("evening")), 0, 75),
        policies.PolicyLine("morning", policy_words.in_words(_MORNING), 41, 75),
        policies.PolicyLine("next_response", policy_words.in_words(_NEXT), 1204, 75, at(days=8)),
        policies.PolicyLine("weekends-2", "", 0, None, at(days=20)),
    ),
    terms=(
        policies.TermLine("Everyone", "First answers", "morning", at(days=-90), True),
        policies.TermLine("Clients on plus", "Everything", "evening", at(days=8), False),
    ),
    choices=(Choice("evening", "evening"), Choice("morning", "morning")),
    kinds=(Choice("welcome", "The welcome, when a room opens"), Choice("first_response", "First answers")),
    plans=("plus",),
    form=Form(),
)
POLICY = policies.PolicyView(
    name="next_response",
    words=policy_words.in_words(_NEXT),
    rows=(),
    rungs=policy_words.rungs_of(_NEXT),
    running=1204,
    versions=(
        policies.VersionLine(
            "Within 6 h of working time", "75 %, 100 %, 150 %", at(days=8), "To come", "soon"
        ),
        policies.VersionLine("Within 8 h of working time", "75 %, 100 %, 150 %", None, "In force", "good"),
    ),
    form=policy_words.form_of(_NEXT),
    windows=4,
    zone=NY,
)
BY_TABLE = replace(
    POLICY,
    name="morning",
    words=policy_words.in_words(_MORNING),
    rows=policy_words.rows_of(_MORNING),
    form=replace(
        policy_words.form_of(_MORNING), errors={"table": "An answer cannot be due before its window ends."}
    ),
)

ASKED = (
    consults.Consult(
        ident(91),
        "K-1007",
        "Dr. Mei Lin",
        at(hours=-3),
        "She writes at three every night and sleeps little. Would you ask for a visit, or wait for the check-in?",
        at(minutes=40),
        at(minutes=10),
    ),
    consults.Consult(
        ident(92), "K-1019", "R. Ortiz, LCSW", at(days=-2), "Ending early?", at(days=-1), None, True
    ),
    consults.Consult(
        ident(93),
        "K-1040",
        "H. Sato, LMFT",
        at(days=-3),
        "Which goal first?",
        at(days=-2),
        None,
        False,
        "The one she named herself.",
        "Ruth Ade",
        at(days=-2, hours=-1),
    ),
)
CONSULTS = consults.QueueView(
    ASKED[:2],
    (
        clocks.Filter("Waiting", "/board/consults?state=waiting", None, True),
        clocks.Filter("Answered", "/board/consults?state=answered", None, False),
    ),
    True,
    Form(errors={"answer": "Please write a few words."}),
    ident(92),
)

PAGES: dict[str, Page] = {
    "sign-in": Page("sign_in.html", accounts.SignInView(), OUT),
    "sign-in-code": Page(
        "sign_in.html",
        accounts.SignInView(
            Form(
                {"username": "lin@example.org"},
                problem="That did not match. Check the name and the password.",
            ),
            "",
            True,
        ),
        OUT,
    ),
    "sign-up": Page(
        "sign_up.html",
        accounts.SignUpView(
            Form({"time_zone": LA}, errors={"password": "Use at least 12 characters."}),
            (LA, NY, "America/Chicago"),
        ),
        OUT,
    ),
    "sign-up-sent": Page("sign_up.html", accounts.SignUpView(sent=True), OUT),
    "confirm": Page(
        "confirm.html", accounts.ConfirmView(ident(1), "That was not the password you chose."), OUT
    ),
    "locked": Page("locked.html", accounts.LockedView(3), OUT),
    "help": Page("help.html", crisis.HelpView(), OUT),
    "help-paged": Page("help.html", crisis.HelpView(at(seconds=-90)), IN_ROOM),
    "help-failed": Page("help.html", crisis.HelpView(failed=True), OUT),
    "problem": Page(
        "problem.html",
        accounts.ProblemView("Not here", "There is no such page, or it is not yours to open."),
        OUT,
    ),
    "account": Page(
        "account.html",
        accounts.AccountView(
            (
                accounts.Device(ident(1), "Firefox on a laptop", at(days=-1), at(minutes=-1), True),
                accounts.Device(ident(2), "Chrome on a phone", at(days=-3), at(hours=-9), False),
            )
        ),
        shell("client", "/account"),
    ),
    "account-passcode": Page(
        "account.html",
        accounts.AccountView(
            (accounts.Device(ident(1), "Firefox on a laptop", at(days=-1), at(minutes=-1), True),),
            True,
            Form(
                errors={"current": "That was not the passcode. 4 tries left, then this device is signed out."}
            ),
        ),
        shell("supervisor", "/account", NY),
    ),
    "journey": Page(
        "journey/overview.html",
        journeys.JourneyView(
            journey(6, ""),
            "Waiting for Dr. Mei Lin",
            "Dr. Lin has been asked to take you on",
            at(hours=3),
            "/journey/people",
            "Look at it",
        ),
        CLIENT,
    ),
    "journey-contact": Page(
        "journey/intake.html",
        intake_samples.part(
            "contact",
            journey(2, "About you", "How to reach you"),
            Form(
                {"address.state": "OR", "address.city": "Portland"},
                errors={"phone": "Please fill this in.", "address.line1": "Please fill this in."},
            ),
            ("Your phone",),
        ),
        CLIENT,
    ),
    "journey-wellbeing": Page(
        "journey/intake.html",
        intake_samples.part("wellbeing", journey(2, "About you", "A few plain questions"), Form()),
        CLIENT,
    ),
    "journey-care": Page(
        "journey/care.html", intake_samples.care(journey(2, "The care that fits you"), NOW), CLIENT
    ),
    "journey-guardian": Page(
        "journey/guardian.html",
        intake_samples.guardian_asked(journey(3, "Your parent or guardian"), NOW),
        CLIENT,
    ),
    "guardian": Page("guardian.html", intake_samples.guardian(), OUT),
    "where": Page("where.html", intake_samples.where(NOW), CLIENT),
    "suitability": Page(
        "staff/suitability.html", intake_samples.undecided(NOW), shell("supervisor", "/suitability", NY)
    ),
    "journey-consents": Page(
        "journey/consents.html", consent_samples.to_sign(journey(3, "Agreements"), NOW), CLIENT
    ),
    "screening": Page(
        "admin/screening.html",
        consent_samples.screening(),
        shell("administrator", "/admin/questionnaires", NY),
    ),
    "letters": Page("account/letters.html", consent_samples.letters(), replace(CLIENT, here="/letters")),
    "agreements": Page(
        "account/agreements.html", consent_samples.signed(NOW), replace(CLIENT, here="/agreements")
    ),
    "agreement": Page(
        "account/agreement.html", consent_samples.reworded(NOW), replace(CLIENT, here="/agreements")
    ),
    "journey-measures": Page(
        "journey/measures.html", consent_samples.measures(journey(4, "Short questionnaires"), NOW), CLIENT
    ),
    "journey-measure": Page(
        "journey/measure.html",
        journeys.MeasureView(
            journey(4, "Short questionnaires"), 2, 2, STEM, QUESTIONS, Form({"item-1": "1"})
        ),
        CLIENT,
    ),
    "journey-safety": Page("journey/safety.html", journeys.SafetyView(ident(3), at(minutes=5)), CLIENT),
    "journey-coverage": Page(
        "journey/coverage.html",
        journeys.CoverageView(journey(5, "Who pays"), PAYERS, Form({"kind": "insurance"})),
        CLIENT,
    ),
    "journey-verifying": Page("journey/estimate.html", _estimate("verifying"), CLIENT),
    "journey-estimate": Page(
        "journey/estimate.html",
        _estimate(
            "active",
            per_session=Decimal("25.00"),
            per_month=Decimal("100.00"),
            confidence="high",
            basis=(
                "Copay of $25.00 for outpatient mental health by telehealth, in network",
                "Your deductible does not apply to it",
            ),
            as_of=date(2026, 11, 22),
            self_pay_per_month=Decimal("356.00"),
            services=journey_samples.SERVICES,
        ),
        CLIENT,
    ),
    "journey-needs": Page(
        "journey/estimate.html",
        _estimate(
            "needs_information",
            reasons=(
                "The member ID and the date of birth do not belong together. Look at both on the card.",
            ),
        ),
        CLIENT,
    ),
    "journey-inactive": Page(
        "journey/estimate.html", _estimate("inactive", reasons=("Cover ended on October 31, 2026.",)), CLIENT
    ),
    "journey-review": Page(
        "journey/estimate.html",
        _estimate("manual_review", reasons=("Your insurer did not answer for 24 hours.",)),
        CLIENT,
    ),
    "journey-searching": Page(
        "journey/matches.html",
        journeys.MatchesView(
            journey(6, "A therapist who fits"), (), "searching", "We are looking for therapists who fit you."
        ),
        CLIENT,
    ),
    "journey-matches": Page(
        "journey/matches.html",
        journeys.MatchesView(journey(6, "A therapist who fits", "Picked from your answers"), CANDIDATES),
        CLIENT,
    ),
    "journey-person": Page(
        "journey/matches.html",
        journeys.MatchesView(
            journey(6, "A therapist who fits"),
            (),
            "person",
            "A person in our matching team is looking for a therapist for you and will write to you.",
            "Dr. Mei Lin cannot take you now.",
            at(hours=26),
        ),
        CLIENT,
    ),
    "journey-self-pay": Page(
        "journey/estimate.html",
        _estimate(
            "active",
            kind="self_pay",
            reasons=("You pay yourself. You get a receipt for every payment.",),
            per_session=Decimal("89.00"),
            per_month=Decimal("356.00"),
            confidence="high",
        ),
        CLIENT,
    ),
    "journey-cover-again": Page(
        "journey/coverage.html",
        journeys.CoverageView(
            journey(5, "Who pays"),
            PAYERS,
            Form({"kind": "insurance", "member_id": "W1234", "relationship": "spouse"}),
            "Your plan did not find this member number. Please compare it with your card, letters included.",
            True,
        ),
        CLIENT,
    ),
    "journey-offered": Page(
        "journey/offered.html",
        journeys.OfferedView(
            journey(6, "A therapist who fits"),
            "Dr. Mei Lin",
            "ML",
            at(hours=3),
            "If she cannot take you, Rafael Ortiz is asked next, without any doing of yours.",
        ),
        CLIENT,
    ),
    "room": Page("room/room.html", CLIENT_ROOM, IN_ROOM),
    "room-late": Page(
        "room/room.html",
        replace(
            CLIENT_ROOM,
            promise=rooms.Promise(
                "late",
                at(minutes=-12),
                at(hours=-1),
                "Dr. Lin and a supervisor have been told. You hear from one of them by 11:00 AM PST.",
            ),
        ),
        IN_ROOM,
    ),
    "room-new": Page(
        "room/room.html",
        replace(
            CLIENT_ROOM, messages=(), earlier=False, promise=rooms.Promise("none"), last_seq=0, read_seq=0
        ),
        IN_ROOM,
    ),
    "room-media": Page("room/room.html", media_samples.room(CLIENT_ROOM, NOW), IN_ROOM),
    "room-shut": Page(
        "room/room.html",
        room_samples.shut(replace(CLIENT_ROOM, promise=rooms.Promise("paused"))),
        IN_ROOM,
    ),
    "room-cover": Page(
        "room/room.html",
        room_samples.covering(replace(THERAPIST_ROOM, record=None)),
        replace(THERAPIST, here="/inbox"),
    ),
    "room-find": Page("room/find.html", room_samples.found(CLIENT_ROOM, NOW), IN_ROOM),
    "room-find-nothing": Page("room/find.html", room_samples.nothing_found(CLIENT_ROOM), IN_ROOM),
    "room-message": Page("room/message.html", room_samples.corrected(CLIENT_ROOM), IN_ROOM),
    "room-therapist": Page("room/room.html", THERAPIST_ROOM, replace(THERAPIST, here="/inbox")),
    "room-change": Page("room/change.html", rooms.ChangeView(ROOM, CLIENT_ROOM.other, True), IN_ROOM),
    "room-changing": Page("room/change.html", rooms.ChangeView(ROOM, CLIENT_ROOM.other, True, NOW), IN_ROOM),
    "transfer": Page("staff/transfer.html", licence_samples.transfer(NOW), replace(THERAPIST, here="/inbox")),
    "licences": Page(
        "admin/licences.html", licence_samples.everybody(), shell("administrator", "/licences", NY)
    ),
    "licence-holder": Page(
        "admin/licence_holder.html", licence_samples.holder(NOW), shell("administrator", "/licences", NY)
    ),
    "break-glass": Page(
        "staff/break_glass.html", access_samples.refused(), replace(THERAPIST, here="/break-glass")
    ),
    "openings": Page(
        "staff/openings.html", access_samples.openings(ROOM, NOW, ident), shell("supervisor", "/openings", NY)
    ),
    "openings-empty": Page(
        "staff/openings.html", access.OpeningsView((), ()), shell("supervisor", "/openings", NY)
    ),
    "room-purpose": Page(
        "room/purpose.html", access.PurposeView(ROOM, PURPOSES), shell("supervisor", "/board", NY)
    ),
    "room-promise": Page("room/promise.html", CLIENT_ROOM, IN_ROOM),
    "room-goals": Page("room/goals.html", PLAN, shell("client", f"/rooms/{ROOM}/goals")),
    "room-export": Page(
        "room/export.html",
        room_exports.RoomExportView(ROOM, LIN, 412, 3, 2, 9, "about 14 MB"),
        shell("client", f"/rooms/{ROOM}/access"),
    ),
    "room-access": Page(
        "room/access.html",
        access_samples.log(ROOM, NOW),
        shell("client", f"/rooms/{ROOM}/access"),
    ),
    "inbox": Page("staff/inbox.html", INBOX, replace(THERAPIST, here="/inbox")),
    "inbox-empty": Page("staff/inbox.html", inbox.InboxView((), ()), replace(THERAPIST, here="/inbox")),
    "offers": Page("staff/offers.html", OFFERS, replace(THERAPIST, here="/offers")),
    "notice-settings": Page(
        "account/notices.html", notice_settings_samples.clients(), replace(CLIENT, here="/account")
    ),
    "notice-settings-off": Page(
        "account/notices.html", notice_settings_samples.therapists(), replace(THERAPIST, here="/account")
    ),
    "hours": Page("staff/hours.html", leave_samples.hours(), replace(THERAPIST, here="/hours")),
    "hours-refused": Page(
        "staff/hours.html",
        leave_samples.hours({"tue": "Give both a beginning and an end.", "tz": "Choose a zone of the list."}),
        replace(THERAPIST, here="/hours"),
    ),
    "records": Page(
        "staff/records.html", leaving_samples.records(NOW, ident(1)), shell("supervisor", "/records", NY)
    ),
    "leaving": Page("account/leaving.html", leaving_samples.leaving(NOW, ident(1)), CLIENT),
    "leaving-no-care": Page("account/leaving.html", leaving_samples.no_care(NOW), CLIENT),
    "leaving-sealed": Page("account/leaving.html", leaving_samples.sealed(NOW), CLIENT),
    "retention": Page(
        "admin/retention.html",
        leaving_samples.retention(NOW, ident(1)),
        shell("administrator", "/retention", NY),
    ),
    "leave": Page("staff/leave.html", leave_samples.leave(NOW, ident(1)), replace(THERAPIST, here="/hours")),
    "leave-story": Page(
        "staff/leave_story.html", leave_samples.story(NOW, ident(1)), replace(THERAPIST, here="/hours")
    ),
    "covers": Page(
        "staff/covers.html", leave_samples.covers(NOW, ident(1)), replace(THERAPIST, here="/covers")
    ),
    "covers-empty": Page(
        "staff/covers.html", working_time.CoversView((), (), ()), replace(THERAPIST, here="/covers")
    ),
    "leaves": Page(
        "staff/leaves.html",
        working_time.AwayView(leave_samples.away(NOW, ident(1))),
        shell("supervisor", "/leaves", NY),
    ),
    "leave-cover": Page(
        "staff/leave_cover.html", leave_samples.leave_cover(NOW, ident(1)), shell("supervisor", "/leaves", NY)
    ),
    "board": Page("staff/board.html", BOARD, shell("supervisor", "/board", NY)),
    "board-undo": Page(
        "staff/board.html",
        BOARD,
        replace(shell("supervisor", "/board", NY, toast="Reassigned."), undo=ident(72)),
    ),
    "board-move": Page("staff/move.html", MOVE, shell("supervisor", "/board", NY)),
    "board-moved": Page(
        "staff/move.html", replace(MOVE, stage="done", undo=ident(72)), shell("supervisor", "/board", NY)
    ),
    "board-breaches": Page("staff/breaches.html", BREACHES, shell("supervisor", "/board", NY)),
    "board-load": Page("staff/load.html", LOAD, shell("supervisor", "/board", NY)),
    "board-empty": Page(
        "staff/board.html",
        replace(BOARD, rows=(), waiting_without_clock=1),
        shell("supervisor", "/board", NY),
    ),
    "figures": Page("staff/figures.html", trials.figures(), shell("supervisor", "/figures", NY)),
    "figures-empty": Page("staff/figures.html", trials.no_figures(), shell("supervisor", "/figures", NY)),
    "back-test": Page("staff/back_test.html", trials.trial(done=True), shell("supervisor", "/figures", NY)),
    "back-test-form": Page(
        "staff/back_test.html", trials.trial(done=False), shell("supervisor", "/figures", NY)
    ),
    "health": Page("staff/health.html", _HEALTH, shell("supervisor", "/board/health", NY)),
    "health-silent": Page("staff/health.html", _FORGOTTEN, shell("administrator", "/board/health", NY)),
    "clock": Page("staff/clock.html", CLOCK, shell("supervisor", "/board", NY)),
    "reply-time": Page("room/reply_time.html", REPLY_TIMES["client"], shell("client", f"/rooms/{ROOM}")),
    "reply-time-bound": Page("room/reply_time.html", REPLY_TIMES["bound"], shell("client", f"/rooms/{ROOM}")),
    "reply-time-therapist": Page(
        "room/reply_time.html", REPLY_TIMES["therapist"], shell("therapist", "/inbox", NY)
    ),
    "reply-time-hold": Page("room/reply_time.html", REPLY_TIMES["hold"], shell("supervisor", "/board", NY)),
    "flags": Page("staff/flags.html", FLAGS, shell("supervisor", "/flags", NY)),
    "unbilled": Page(
        "billing/unbilled.html",
        UNBILLED,
        shell("billing", "/billing", NY, toast="Batch 0000000042 is on its way to Premera."),
    ),
    "batches": Page(
        "billing/batches.html", claims.BatchesView(BATCH_ROWS), shell("billing", "/billing/batches", NY)
    ),
    "batch": Page("billing/batch.html", BATCH, shell("billing", "/billing/batches", NY)),
    "claims": Page(
        "billing/claims.html",
        claims.ClaimsView(CLAIM_ROWS, (Choice("paid", "Paid"),), ""),
        shell("billing", "/billing/claims", NY),
    ),
    "unbilled-tried": Page(
        "billing/unbilled.html",
        replace(UNBILLED, tried=claims.Tried(3, Decimal("152.00"), 1, 2, 0)),
        shell("billing", "/billing", NY),
    ),
    "batch-refused": Page(
        "billing/batch.html",
        replace(
            BATCH,
            sha256="",
            acks=(),
            claims=(),
            waiting_for="",
            findings=("claim 2: missing_subscriber NM109",),
        ),
        shell("billing", "/billing/batches", NY),
    ),
    "worklist": Page(
        "billing/worklist.html",
        coverage_samples.worklist(NOW, ident),
        shell("billing", "/billing/worklist", NY),
    ),
    "cover_that_waits": Page(
        "billing/cover.html", coverage_samples.cover(NOW, ident), shell("billing", "/billing/worklist", NY)
    ),
    "payers": Page(
        "admin/payers.html", payer_samples.payers(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "payer": Page(
        "admin/payer.html", payer_samples.payer(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "contracts": Page(
        "admin/contracts.html", payer_samples.contracts(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "insurance-plans": Page(
        "admin/plans.html", payer_samples.plans(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "prices": Page("admin/prices.html", payer_samples.prices(), shell("administrator", "/admin/payers", NY)),
    "sponsors": Page(
        "admin/sponsors.html",
        payer_samples.sponsor_list(ident(1)),
        shell("administrator", "/admin/payers", NY),
    ),
    "sponsor-new": Page(
        "admin/sponsor_new.html", payer_samples.sponsor_new(), shell("administrator", "/admin/payers", NY)
    ),
    "sponsor": Page(
        "admin/sponsor.html", payer_samples.sponsor(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "roster": Page(
        "admin/roster.html", payer_samples.roster(ident(1)), shell("administrator", "/admin/payers", NY)
    ),
    "receipts": Page("account/receipts.html", payer_samples.receipts(), CLIENT),
    "public-payers": Page("public/payers.html", payer_samples.public_list(), OUT),
    "public-payer": Page("public/payer.html", payer_samples.public_payer(), OUT),
    "consults": Page("staff/consults.html", CONSULTS, shell("supervisor", "/board", NY)),
    "consults-none": Page(
        "staff/consults.html", replace(CONSULTS, items=(), waiting=False), shell("supervisor", "/board", NY)
    ),
    "match-desk": Page("staff/match_desk.html", match_samples.desk(NOW), shell("supervisor", "/board", NY)),
    "match-search": Page(
        "staff/match_search.html", match_samples.search(NOW), shell("supervisor", "/board", NY)
    ),
    "waiting-list": Page(
        "staff/waiting_list.html", match_samples.waiting_list(NOW), shell("supervisor", "/board", NY)
    ),
    "journey-policies": Page(
        "staff/journey_policies.html", journey_samples.waits(), shell("supervisor", "/policies", NY)
    ),
    "journey-policy": Page(
        "staff/journey_policy.html", journey_samples.wait(), shell("supervisor", "/policies", NY)
    ),
    "stuck-journeys": Page(
        "staff/journeys.html", journey_samples.stuck(NOW, ROOM), shell("supervisor", "/board", NY)
    ),
    "room-consults": Page(
        "room/consults.html",
        consults.RoomConsultsView(ROOM, "K-1007", (ASKED[0], ASKED[2]), True, Form()),
        shell("therapist", "/inbox", NY),
    ),
    "room-consults-none": Page(
        "room/consults.html",
        consults.RoomConsultsView(
            ROOM, "K-1007", (), False, Form(errors={"question": "Please write a few words."})
        ),
        shell("therapist", "/inbox", NY),
    ),
    "policies": Page("staff/policies.html", POLICIES, shell("supervisor", "/policies", NY)),
    "policies-none-set": Page(
        "staff/policies.html", replace(POLICIES, terms=(), plans=()), shell("administrator", "/policies", NY)
    ),
    "policy": Page("staff/policy.html", POLICY, shell("supervisor", "/policies", NY)),
    "policy-by-table": Page("staff/policy.html", BY_TABLE, shell("supervisor", "/policies", NY)),
    "policy-new": Page(
        "staff/policy.html",
        replace(
            POLICY,
            name="",
            words="",
            rungs=(),
            running=0,
            versions=(),
            form=Form(
                {"kind": "working_minutes", "minutes": "-3"}, errors={"minutes": "More than nothing, please."}
            ),
        ),
        shell("administrator", "/policies", NY),
    ),
    "notices": Page("notices.html", NOTICES, replace(shell("client", "/notices"), unread=2)),
    "notices-none": Page(
        "notices.html",
        replace(NOTICES, days=(), newest="", only_unread=True, next_href=""),
        replace(shell("supervisor", "/notices", NY), unread=100),
    ),
    "ageing": Page("billing/ageing.html", AGEING, shell("billing", "/billing/ageing", NY)),
}
