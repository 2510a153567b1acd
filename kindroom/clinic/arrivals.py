"""How each client of the demo clinic came: step by step as far as their story goes, by the product's own functions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from domain.access import Action, Actor, Role
from domain.consents import current, required_for
from domain.stages import Stage
from kindroom.clinic.house import House, hand
from kindroom.clinic.people import Person, Story
from records import clients, consents, intake, measures
from records.clients import Registration
from records.relations import writable_chart

SAFE = {
    "suicidal_thoughts": "never",
    "homicidal_thoughts": "never",
    "private_channel": True,
    "recent_attempt": False,
    "recent_discharge": False,
    "imminent_violence": False,
    "psychosis_or_mania": False,
    "withdrawal": False,
}
"""The intake's questions about safety, answered by somebody whom messages suit."""

_ORDER: Final = tuple(Story)
_CITIES: Final = {
    "WA": ("Seattle", "98101"),
    "OR": ("Portland", "97201"),
    "CA": ("Oakland", "94607"),
    "TX": ("Austin", "78701"),
    "FL": ("Gainesville", "32601"),
    "NY": ("Albany", "12207"),
}
_FOCUS: Final = ("anxiety", "stress", "sleep", "work", "relationships", "family", "grief", "self_esteem")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A client on the way: who they are, and when each step of the story happens (UTC)."""

    person: Person
    client: Actor
    begun: datetime
    pace: timedelta

    def after(self, steps: float) -> datetime:
        """The instant so many steps after the beginning."""
        return self.begun + steps * self.pace


def reached(person: Person, story: Story) -> bool:
    """Whether the story goes at least this far."""
    return _ORDER.index(person.story) >= _ORDER.index(story)


async def arrive(house: House, person: Person) -> Arrival:
    """Registration, intake, consents and first measures, as far as the person came."""
    arrival = await _register(house, person)
    if reached(person, Story.INTAKE_BEGUN):
        await _intake(house, arrival)
    if reached(person, Story.MEASURES):
        await _consents(house, arrival)
    if reached(person, Story.MEASURES):
        await _measures(house, arrival)
    return arrival


async def _register(house: House, person: Person) -> Arrival:
    pace = min(timedelta(hours=2), (timedelta(days=person.days) or timedelta(minutes=80)) / 12)
    begun = house.present - timedelta(days=person.days) - timedelta(minutes=90)
    new = Registration(person.email, "", person.name, person.born, person.zone)
    confirmed = person.story is not Story.UNCONFIRMED
    with house.past.at(begun):
        async with house.past.transaction() as tx:
            client_id = await clients.add_client(
                tx, house.index, new, house.password_hash, confirmed=confirmed
            )
    return Arrival(person, hand(client_id, Role.CLIENT), begun, pace)


def intake_of(person: Person) -> dict[str, Any]:
    """A plausible intake."""
    city, postal_code = _CITIES[person.state]
    first = person.seed % len(_FOCUS)
    return {
        "focus": [_FOCUS[first], _FOCUS[(first + 3) % len(_FOCUS)]],
        "address": {
            "line1": f"{person.seed % 900 + 10} Elm Street",
            "city": city,
            "state": person.state,
            "postal_code": postal_code,
        },
        "phone": f"+1 206 555 01{person.seed % 90 + 10}",
        "sex_on_file": ("female", "male")[person.seed % 2],
        "state": person.state,
        "location": f"At home in {city}",
        "prior_care": "",
        "medication": "",
        "preferences": {"gender": "any", "language": "en", "modality": "any", "must": []},
        "availability": ["evenings", "weekends"],
        "emergency_contact": {"name": "A friend", "phone": f"+1 206 555 01{person.seed % 80 + 11}"},
        "safety": SAFE,
    }


async def _intake(house: House, arrival: Arrival) -> None:
    """Saved in two sittings; who only began it never came to the second."""
    whole = intake_of(arrival.person)
    first = {name: whole[name] for name in ("focus", "state", "location", "preferences")}
    with house.past.at(arrival.after(1)):
        async with house.past.transaction(arrival.client) as tx:
            me = await writable_chart(tx, arrival.client.account_id, Action.SAVE_INTAKE)
            await intake.save(tx, me, first)
    if not reached(arrival.person, Story.CONSENTS):
        return
    with house.past.at(arrival.after(2)):
        async with house.past.transaction(arrival.client) as tx:
            me = await writable_chart(tx, arrival.client.account_id, Action.SAVE_INTAKE)
            await intake.save(tx, me, {name: whole[name] for name in whole if name not in first})
            await intake.submit(tx, me)


async def _consents(house: House, arrival: Arrival) -> None:
    with house.past.at(arrival.after(3)) as now:
        async with house.past.transaction(arrival.client) as tx:
            me = await writable_chart(tx, arrival.client.account_id, Action.CONSENT)
            for document in required_for(Stage.CONSENTS):
                version = current(document, now.date()).version
                await consents.sign(tx, me, document.value, version, arrival.person.name)


async def _measures(house: House, arrival: Arrival) -> None:
    """Who stopped in the middle has answered the first of the two."""
    asked = ("PHQ-9", "GAD-7") if reached(arrival.person, Story.COVERAGE) else ("PHQ-9",)
    for place, name in enumerate(asked):
        await take_measure(house, arrival, name, 0, arrival.after(4 + place / 4))


async def take_measure(house: House, arrival: Arrival, name: str, turn: int, at: datetime) -> None:
    """The `turn`-th measure of a client. Figures ease over time, each client in their own way; item 9 stays 0."""
    with house.past.at(at):
        async with house.past.transaction(arrival.client) as tx:
            me = await writable_chart(tx, arrival.client.account_id, Action.ANSWER_MEASURE)
            await measures.record(tx, me, name, _answers(name, arrival.person.seed, turn))


def _answers(name: str, seed: int, turn: int) -> list[int]:
    count = {"PHQ-9": 9, "GAD-7": 7}[name]
    start = 6 + seed % 8
    total = max(2, start - turn * (1 + seed % 3) + (seed >> turn) % 3)
    worries = count - 1 if name == "PHQ-9" else count
    answers = [min(3, max(0, (total + place) // worries)) for place in range(worries)]
    return [*answers, 0] if name == "PHQ-9" else answers
