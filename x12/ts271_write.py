"""Writing the eligibility answer, 271 (005010X279A1), from the values its reader makes.

What was read and not changed is written as it stood: amounts keep their decimals, segments that say more than the
values hold go back whole, each in the place that the guide gives it.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from x12.benefits import Benefit, Delivery, RelatedEntity
from x12.parties import Address, Contact, Party, Period, Specialty
from x12.ts271 import EligibilityResponse, Person
from x12.writing import Composer, Envelope, Parts, Repeats, Value, write_interchange, written

VERSION = "005010X279A1"


def write_271(answers: Sequence[EligibilityResponse], envelope: Envelope) -> bytes:
    """One interchange: a transaction set for each run of answers under one reference.

    Answers one after the other about people of one payer, provider or subscriber share its level. Raises `X12Error`
    for a value that X12 or the guide does not allow.
    """
    bodies = []
    for (reference, made), run in groupby(answers, lambda answer: (answer.reference, answer.made)):
        out = Composer(envelope.separators)
        day = (envelope.created, envelope.created.strftime("%H%M"))
        out.add("BHT", "0022", "11", reference, *(made if any(made) else day))
        _payers(out, list(run))
        bodies.append(out)
    return write_interchange(envelope, "HB", "271", VERSION, bodies)


def _payers(out: Composer, answers: Sequence[EligibilityResponse]) -> None:
    for payer, group in groupby(answers, lambda answer: answer.payer):
        theirs = list(group)
        below = [answer for answer in theirs if answer.provider != Person()]
        level = out.level("20", None, bool(below))
        _person(out, payer, theirs[0], "A")
        for provider, run in groupby(below, lambda answer: answer.provider):
            _provider(out, level, provider, list(run))


def _provider(out: Composer, parent: int, provider: Person, answers: Sequence[EligibilityResponse]) -> None:
    members = [answer for answer in answers if answer.subscriber is not None]
    level = out.level("21", parent, bool(members))
    _person(out, provider, answers[0], "B")
    for subscriber, run in groupby(members, lambda answer: answer.subscriber):
        if subscriber is not None:
            _subscriber(out, level, subscriber, list(run))


def _subscriber(
    out: Composer, parent: int, subscriber: Person, answers: Sequence[EligibilityResponse]
) -> None:
    own = [answer for answer in answers if answer.dependent is None]
    dependents = [answer for answer in answers if answer.dependent is not None]
    level = out.level("22", parent, bool(dependents))
    for answer in own[:1]:
        _traces(out, answer)
    _person(out, subscriber, answers[0], "C")
    for answer in own:
        _benefits(out, answer)
    for answer in dependents:
        out.level("23", level, False)
        _traces(out, answer)
        _person(out, answer.dependent or Person(), answer, "D")
        _benefits(out, answer)


def _traces(out: Composer, answer: EligibilityResponse) -> None:
    for each in answer.traces:
        out.add("TRN", each.kind, each.trace.number, each.trace.originator, each.detail)


class _Place:
    """Where segments are written, and those that were kept whole because they say more than a value holds."""

    def __init__(self, out: Composer, kept: Iterable[tuple[str, ...]]) -> None:
        self.out = out
        self.kept = [tuple(value.strip() for value in values) for values in kept]

    def add(self, segment_id: str, *values: Value) -> None:
        """A segment, in its fuller form where that was kept."""
        self.out.add(segment_id, *values)
        said = self.out.segments[-1].split(self.out.separators.element)
        fuller = next((values for values in self.kept if _covers(values, said)), None)
        if fuller is not None:
            self.kept.remove(fuller)
            self.out.segments.pop()
            self.out.copy(fuller)

    def rest(self) -> None:
        """The segments that no value speaks of."""
        for values in self.kept:
            self.out.copy(values)


def _covers(fuller: Sequence[str], said: Sequence[str]) -> bool:
    return len(fuller) >= len(said) and all(not b or a == b for a, b in zip(fuller, said, strict=False))


def _person(out: Composer, person: Person, answer: EligibilityResponse, letter: str) -> None:
    """What stands in a level before its first benefit."""
    rejections = [each for each in answer.rejections if each.loop[4:] == letter]
    place = _Place(out, person.other)
    for each in rejections:
        if each.loop.startswith("2000"):
            _rejection(place, each.request_valid, each.code, each.follow_up)
    if person.party:
        _party(place, person.party)
    for reference in person.references:
        place.add("REF", *reference)
    _address(place, person.address)
    _contacts(place, person.contacts)
    for each in rejections:
        if each.loop.startswith("2100"):
            _rejection(place, each.request_valid, each.code, each.follow_up)
    _specialty(place, person.specialty)
    _about(place, person, is_subscriber=letter == "C")
    _dates(place, person.dates)
    place.rest()


def _about(place: _Place, person: Person, *, is_subscriber: bool) -> None:
    born = person.demographics
    if born:
        place.add("DMG", "D8" if born.birth_date else None, born.birth_date, born.sex)
    if person.relationship:
        place.add("INS", "Y" if is_subscriber else "N", person.relationship, *person.changed)
    if person.diagnoses:
        place.add("HI", *map(Parts, person.diagnoses))


def _rejection(place: _Place, valid: bool, code: str, follow_up: str) -> None:
    place.add("AAA", "Y" if valid else "N", None, code, str(follow_up))


def _party(place: _Place, party: Party) -> None:
    who = "1" if party.is_person else "2"
    names = (party.name, party.first_name, party.middle_name, None, party.suffix)
    place.add("NM1", party.entity, who, *names, party.identifier_kind, party.identifier)


def _address(place: _Place, address: Address | None) -> None:
    if address is None:
        return
    if address.lines:
        place.add("N3", *address.lines)
    if any(address[1:]):
        place.add("N4", address.city, address.state, address.postal_code, address.country)


def _contacts(place: _Place, contacts: Iterable[Contact]) -> None:
    for contact in contacts:
        place.add("PER", "IC", contact.name, *(value for pair in contact.numbers for value in pair))


def _specialty(place: _Place, specialty: Specialty | None) -> None:
    if specialty:
        place.add("PRV", *specialty)


def _dates(place: _Place, dates: Iterable[Period]) -> None:
    for each in dates:
        place.add("DTP", each.kind, "RD8" if "-" in each.text else "D8", each.text)


def _benefits(out: Composer, answer: EligibilityResponse) -> None:
    for benefit in answer.benefits:
        _benefit(out, benefit)


def _benefit(out: Composer, benefit: Benefit) -> None:
    place = _Place(out, benefit.other)
    place.add(
        "EB",
        *(str(benefit.information), str(benefit.level), Repeats(benefit.service_types)),
        *(benefit.insurance_type, benefit.plan, str(benefit.period)),
        *(written(benefit.amount), written(benefit.percent)),
        *(str(benefit.quantity_kind), written(benefit.quantity)),
        *(str(benefit.authorization), str(benefit.network)),
        *(Parts(benefit.procedure), Parts(benefit.diagnosis_pointers)),
    )
    for delivery in benefit.deliveries:
        _delivery(place, delivery)
    for reference in benefit.references:
        place.add("REF", *reference)
    _dates(place, benefit.dates)
    for each in benefit.rejections:
        _rejection(place, each.request_valid, each.code, each.follow_up)
    for message in benefit.messages:
        place.add("MSG", message)
    for where in benefit.places:
        place.add("III", where.kind, where.code, None, where.text)
    place.rest()
    _entities(out, benefit.entities)


def _delivery(place: _Place, delivery: Delivery) -> None:
    kind, quantity, frequency, sample, period, *more = delivery
    place.add("HSD", str(kind), written(quantity), frequency, sample, str(period), *more)


def _entities(out: Composer, entities: Sequence[RelatedEntity]) -> None:
    if not entities:
        return
    out.add("LS", "2120")
    for entity in entities:
        place = _Place(out, entity.other)
        _party(place, entity.party)
        _address(place, entity.address)
        _contacts(place, entity.contacts)
        _specialty(place, entity.specialty)
        place.rest()
    out.add("LE", "2120")
