"""Answers a 270 by a 271 (005010X279A1): the member's suffix decides what is said, the payer how it is
said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sandbox import benefits
from sandbox.checks import npi_is_valid
from sandbox.inquiry import Inquiry, Person
from sandbox.rules import Member, Payer, Rejection, Rules
from sandbox.store import Store
from sandbox.x12 import Row

_DAY_S = 86400
_OPTIONAL_MEMBER = "U1000000001"
_PAYER_LOOPS = {"2000A", "2100A"}


@dataclass(frozen=True)
class Reply:
    """The rows of one 271, and what happened, in one word, for the page."""

    rows: list[Row]
    outcome: str
    http: int = 200


def _oldest(today: date) -> date:
    """Twelve months back, as CORE's eligibility rule has it."""
    return today - timedelta(days=366)


def _end_of_month(today: date) -> date:
    return (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


class Eligibility:
    """The payers' eligibility desk."""

    def __init__(self, rules: Rules, store: Store) -> None:
        self._rules, self._store = rules, store

    def payer(self, inquiry: Inquiry) -> Payer | None:
        return self._rules.payers.get(inquiry.payer_id)

    def member(self, inquiry: Inquiry) -> Member | None:
        """The behaviour asked for by the member id, as the payer addressed knows it."""
        payer = self.payer(inquiry)
        if payer is None:
            return None
        found = self._rules.member(self._member_id(inquiry, payer))
        return found.at(payer) if found else None

    def _member_id(self, inquiry: Inquiry, payer: Payer) -> str:
        given = inquiry.subscriber.member_id
        return _OPTIONAL_MEMBER if not given and payer.member_id_optional else given

    def answer(self, inquiry: Inquiry, number: str) -> Reply:
        """The 271 for one question; counts the call for the members that recover."""
        payer, member = self.payer(inquiry), self.member(inquiry)
        rejection = self._rejection(inquiry, payer, member)
        if rejection:
            http = 400 if rejection.code == "79" else 200
            return Reply(self._rejected(inquiry, payer, rejection, number), f"AAA {rejection.code}", http)
        if payer is None or member is None:
            raise ValueError("a question without payer or member is always rejected")
        now = self._store.now()
        calls, first_at = self._store.inquire(f"active {payer.key}", inquiry.subscriber.member_id)
        ended = self._ended(member, first_at if calls else now, now)
        told = benefits.inactive() if ended else benefits.active(member, self._rules.plan, inquiry.asked)
        dates = self._dates(payer, member, ended, now)
        rows = self._opening(inquiry, payer, number, [], more=True)
        return Reply(
            [*rows, *self._person(inquiry, payer, [], dates, told)], "inactive" if ended else "active"
        )

    def _ended(self, member: Member, first_at: float, now: float) -> date | None:
        """The last covered day of a member whose cover is over."""
        if member.terminated_on:
            return member.terminated_on
        days = member.ends_in_retrospect_after_days
        if days is not None and now - first_at >= days * _DAY_S:
            return datetime.fromtimestamp(first_at - _DAY_S, UTC).date()
        return None

    def _rejection(self, inquiry: Inquiry, payer: Payer | None, member: Member | None) -> Rejection | None:
        if payer is None:
            return Rejection("2100A", "79", "C")
        if inquiry.provider[8] == "XX" and not npi_is_valid(inquiry.provider[9]):
            return Rejection("2100B", "43", "C")
        if not self._member_id(inquiry, payer):
            return Rejection("2100C", "72", "C")
        if inquiry.subscriber.member_id and not payer.knows_form(inquiry.subscriber.member_id):
            return Rejection("2100C", "72", "C")
        if member is None:
            return Rejection("2100C", "75", "C")
        return self._by_suffix(inquiry, payer, member) or self._by_data(inquiry, member)

    def _by_suffix(self, inquiry: Inquiry, payer: Payer, member: Member) -> Rejection | None:
        found = member.aaa
        if found is None or (member.found_without_first_name and not inquiry.subscriber.first):
            return None
        if member.recover_after_calls is None and member.recover_after_s is None:
            return found
        calls, first_at = self._store.inquire(payer.key, inquiry.subscriber.member_id)
        if member.recover_after_calls is not None:
            return found if calls < member.recover_after_calls else None
        # Whoever asks first is refused, however short the time: noting the question may take longer than that.
        return found if not calls or self._store.now() - first_at < (member.recover_after_s or 0) else None

    def _by_data(self, inquiry: Inquiry, member: Member) -> Rejection | None:
        today = datetime.fromtimestamp(self._store.now(), UTC).date()
        if member.dependents_only and inquiry.dependent is None:
            return Rejection("2100C", "75", "C")
        patient, loop = inquiry.subscriber, "2100C"
        if inquiry.dependent is not None:
            patient, loop = inquiry.dependent, "2100D"
        if not _born(patient, today):
            return Rejection(loop, "58", "C")
        if inquiry.on and inquiry.on < _oldest(today):
            return Rejection(loop, "62", "C")
        if inquiry.on and inquiry.on > _end_of_month(today):
            return Rejection(loop, "63", "C")
        return None

    def _dates(self, payer: Payer, member: Member, ended: date | None, now: float) -> list[Row]:
        today = datetime.fromtimestamp(now, UTC).date()
        if ended:
            return [("DTP", "347", "D8", f"{ended:%Y%m%d}")]
        first, last = payer.plan_year(today)
        since = covered_since(payer, member, today)
        days = (("346", first), ("347", last), ("356", since))
        return [("DTP", code, "D8", f"{day:%Y%m%d}") for code, day in days]

    def _opening(
        self, inquiry: Inquiry, payer: Payer | None, number: str, aaa: list[Row], *, more: bool
    ) -> list[Row]:
        """ST to 2100A. `more`: levels follow below (HL04)."""
        now = datetime.fromtimestamp(self._store.now(), UTC)
        name = payer.name if payer else inquiry.payer_name
        return [
            ("ST", "271", number, "005010X279A1"),
            ("BHT", "0022", "11", inquiry.reference, f"{now:%Y%m%d}", f"{now:%H%M}"),
            ("HL", "1", "", "20", "1" if more else "0"),
            *aaa,
            ("NM1", "PR", "2", name, "", "", "", "", "PI", inquiry.payer_id),
        ]

    def _rejected(self, inquiry: Inquiry, payer: Payer | None, found: Rejection, number: str) -> list[Row]:
        aaa: Row = ("AAA", "N", "", found.code, found.follow_up)
        if found.loop in _PAYER_LOOPS:
            above = [aaa] if found.loop == "2000A" else []
            rows = self._opening(inquiry, payer, number, above, more=False)
            return rows if above else [*rows, aaa]
        rows = self._opening(inquiry, payer, number, [], more=True)
        if found.loop == "2100B":
            return [*rows, *_contact(), *self._provider(inquiry, more=False), aaa]
        return [*rows, *self._person(inquiry, payer, [aaa], [], [], found.loop)]

    def _provider(self, inquiry: Inquiry, *, more: bool) -> list[Row]:
        own = inquiry.provider
        name: Row = ("NM1", own[1], own[2], own[3], own[4], own[5], "", "", own[8], own[9])
        return [("HL", "2", "1", "21", "1" if more else "0"), name]

    def _person(
        self,
        inquiry: Inquiry,
        payer: Payer | None,
        aaa: list[Row],
        dates: list[Row],
        told: list[Row],
        aaa_loop: str = "",
    ) -> list[Row]:
        """2000B down to the person asked for, with rejection or benefits."""
        patient = inquiry.dependent
        below = patient is not None and aaa_loop != "2100C"
        traces: list[Row] = [("TRN", "2", reference, origin) for reference, origin in inquiry.traces]
        if told and payer:
            traces.append(("TRN", "1", f"PT{self._store.count('payer trace'):09d}", f"9{payer.tax_id}"))
        subscriber = self._subscriber(inquiry, payer, rich=bool(told))
        rows = [*_contact(), *self._provider(inquiry, more=True)]
        if not below or patient is None:
            level: Row = ("HL", "3", "2", "22", "0")
            if aaa:
                return [*rows, level, *traces, subscriber[0], *aaa]
            return [*rows, level, *traces, *subscriber, *dates, *told]
        rows += [("HL", "3", "2", "22", "1"), *subscriber, ("HL", "4", "3", "23", "0"), *traces]
        rows.append(("NM1", "03", "1", patient.last, patient.first))
        birth: list[Row] = [("DMG", "D8", patient.birth, patient.sex)] if patient.birth else []
        return [*rows, *aaa, *([] if aaa else birth), *dates, *told]

    def _subscriber(self, inquiry: Inquiry, payer: Payer | None, *, rich: bool) -> list[Row]:
        asked = inquiry.subscriber
        member_id = self._member_id(inquiry, payer) if payer else asked.member_id
        rows: list[Row] = [
            ("NM1", "IL", "1", asked.last, asked.first, "", "", "", "MI" if member_id else "", member_id)
        ]
        if rich:
            rows.append(("REF", "6P", self._rules.plan.group, "ACME EMPLOYEE PLAN"))
            rows += [("N3", "1 ELM ST"), ("N4", "SEATTLE", "WA", "98101")]
        if asked.birth:
            rows.append(("DMG", "D8", asked.birth, asked.sex))
        return rows


def _contact() -> list[Row]:
    return [("PER", "IC", "", "TE", "8005551212")]


def _born(person: Person, today: date) -> bool:
    """Whether a date of birth was given and can be one."""
    try:
        return datetime.strptime(person.birth, "%Y%m%d").date() <= today  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        return False


def covered_since(payer: Payer, member: Member, today: date) -> date:
    """The first covered day: a new member's own, else the start of the plan year before this one."""
    if member.begins_days_ago is not None:
        return today - timedelta(days=member.begins_days_ago)
    this_year = payer.plan_year(today)[0]
    return payer.plan_year(this_year - timedelta(days=1))[0]
