"""Every notice that is sent anywhere has a neutral sentence and a page to act on: read from the sources themselves."""

import ast
import re
from collections.abc import Collection, Iterator
from importlib import import_module
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from factories import actor
from fastapi.routing import APIRoute

import records
from api.notice_words import HOME, WORDS, place_of, subject_of, text_of
from domain.access import Actor, Duty, Role
from domain.claim_timers import Awaited
from domain.ids import SessionId
from domain.risk import Rung
from records.notices import MAILED
from web.app import PAGES

ROOT = Path(records.__file__).parent.parent
PLACE_OF_TEMPLATE = {"notify": 2, "notify_duty": 2, "notify_role": 2, "notify_lead": 1}
MADE_OF = {"page_": [rung.value for rung in Rung], "claim_overdue_": [each.name.lower() for each in Awaited]}
"""Templates that are put together from a code: what can follow each beginning."""

HEALTH = re.compile(
    r"depress|anxi|suicid|phq|gad-|diagnos|therap|symptom|crisis|risk|health|clinic|patient|treat|medic|mental"
    r"|care\b|session|harm|safe",
    re.IGNORECASE,
)

OF_THE_SERVICE = {"/board/health"}
"""Whose health is meant there: that of the service itself."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module:
    """One source file, and what it tells people."""

    def __init__(self, path: Path) -> None:
        self.name = str(path.relative_to(ROOT))
        self._tree = ast.parse(path.read_text(encoding="utf-8"))
        self._functions = {node.name: node for node in ast.walk(self._tree) if isinstance(node, Function)}

    def templates(self) -> Iterator[str]:
        """Every template it sends."""
        for function in self._functions.values():
            if self.name == "records/notices.py" and function.name in PLACE_OF_TEMPLATE:
                continue  # they hand on what they were given
            for call in _calls(function, PLACE_OF_TEMPLATE.keys()):
                at = PLACE_OF_TEMPLATE[ast.unparse(call.func)]
                yield from self._values(call.args[at], function)

    def _values(self, found: ast.expr, function: Function) -> Iterator[str]:
        match found:
            case ast.Constant(value=str(text)):
                yield text
            case ast.IfExp(body=one, orelse=other):
                yield from self._values(one, function)
                yield from self._values(other, function)
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue()]):
                yield from (start + end for end in MADE_OF[start])
            case ast.Subscript(value=ast.Name(id=name)):
                table = self._assigned(name, self._tree)
                assert isinstance(table, ast.Dict), (self.name, name)
                for value in table.values:
                    yield from self._values(value, function)
            case ast.Call(func=ast.Name(id=name)):
                made = self._functions[name]
                for node in ast.walk(made):
                    if isinstance(node, ast.Return) and node.value is not None:
                        yield from self._values(node.value, made)
            case ast.Name(id=name):
                yield from self._named(name, function)
            case _:
                raise AssertionError(f"{self.name}: cannot read {ast.unparse(found)}")

    def _named(self, name: str, function: Function) -> Iterator[str]:
        """Of a parameter: what callers hand in. Of anything else: what it was set to."""
        parameters = [each.arg for each in function.args.args]
        if name in parameters:
            callers = [
                (each, call) for each in self._functions.values() for call in _calls(each, {function.name})
            ]
            assert callers, (self.name, function.name)
            for caller, call in callers:
                yield from self._values(call.args[parameters.index(name)], caller)
            return
        value = self._assigned(name, function) or self._assigned(name, self._tree)
        assert value is not None, (self.name, name)
        yield from self._values(value, function)

    @staticmethod
    def _assigned(name: str, where: ast.AST) -> ast.expr | None:
        for node in ast.walk(where):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                return node.value
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name:
                return node.value
        return None


def _calls(where: ast.AST, names: Collection[str]) -> list[ast.Call]:
    return [
        node for node in ast.walk(where) if isinstance(node, ast.Call) and ast.unparse(node.func) in names
    ]


def sent() -> set[str]:
    """Templates of every notice that any source sends, SQL included."""
    found: set[str] = set()
    for folder in ("records", "activities", "kindroom", "api", "web"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(Module(path).templates())
    for path in (ROOT / "records/migrations/sql").glob("*.sql"):
        for told in re.findall(r"INSERT INTO notices.*?;", path.read_text(encoding="utf-8"), re.DOTALL):
            found |= set(re.findall(r"'([a-z_]+)'", told))
    return found


def test_every_notice_that_is_sent_has_a_sentence_and_a_place() -> None:
    templates = sent()
    assert {"promise_broken", "attestation_last_day", "rematch_offer", "page_supervisor"} <= templates
    assert templates - WORDS.keys() == set()
    assert WORDS.keys() - templates == set()  # and none stands here for nothing
    assert all(words.text and words.places for words in WORDS.values())


def test_every_letter_is_about_a_notice_with_a_sentence() -> None:
    assert MAILED.keys() - WORDS.keys() == set()


@pytest.mark.parametrize("template", WORDS)
def test_no_health_word_stands_in_a_sentence_or_an_address(template: str) -> None:
    words = WORDS[template]
    assert words.text.endswith((".", "?"))
    for text in (words.text, *(path for path in words.places.values() if path not in OF_THE_SERVICE)):
        assert not HEALTH.search(text.replace("#session", "")), text  # a heading's name, sent to no server


def _pages() -> list[re.Pattern[str]]:
    return [
        route.path_regex
        for name in PAGES
        for route in import_module(f"web.pages.{name}").router.routes
        if isinstance(route, APIRoute) and "GET" in route.methods
    ]


@pytest.mark.parametrize("role", Role)
def test_every_place_is_a_page_of_ours(role: Role) -> None:
    pages, who = _pages(), _on_call(role)
    for template in WORDS:
        path = place_of(who, template, uuid4(), uuid4()).partition("#")[0]
        assert any(page.fullmatch(path) for page in pages), (template, path)
        assert "{" not in path


def _on_call(role: Role) -> Actor:
    plain = actor(role)
    return Actor(plain.account_id, role, frozenset({Duty.ON_CALL}), SessionId(uuid4()))


def test_one_acts_where_ones_role_can() -> None:
    room, clock = UUID(int=7), UUID(int=8)
    places = {
        (Role.THERAPIST, "answer_due_soon"): f"/rooms/{room}",
        (Role.SUPERVISOR, "promise_broken"): f"/board/clocks/{clock}",
        (Role.CLIENT, "rematch_offered"): f"/rooms/{room}/change",
        (Role.THERAPIST, "offer_waiting"): "/offers",
        (Role.THERAPIST, "cover_asked"): "/covers",
        (Role.THERAPIST, "cover_arranged"): "/leave",
        (Role.CLIENT, "cover_arranged"): f"/rooms/{room}",
        (Role.SUPERVISOR, "cover_missing"): f"/leaves/{clock}",
        (Role.CLIENT, "step_waiting"): "/journey",
        (Role.SUPERVISOR, "consult_late"): "/board/consults",
        (Role.THERAPIST, "consult_late"): f"/rooms/{room}/consults",
        (Role.BILLING, "batch_refused"): f"/billing/batches/{clock}",
        (Role.SUPERVISOR, "page_first_page"): "/flags",
        (Role.THERAPIST, "page_first_page"): f"/rooms/{room}",  # in charge, not on call
    }
    assert {key: place_of(actor(key[0]), key[1], room, clock) for key in places} == places
    assert place_of(_on_call(Role.THERAPIST), "page_first_page", room, clock) == "/flags"


def test_without_a_page_of_their_own_or_a_room_everybody_is_led_home() -> None:
    assert place_of(actor(Role.ADMINISTRATOR), "promise_broken", uuid4(), uuid4()) == HOME
    assert place_of(actor(Role.THERAPIST), "risk_task", None, uuid4()) == HOME
    assert place_of(actor(Role.CLIENT), "of_a_later_version", uuid4(), uuid4()) == HOME
    assert text_of("of_a_later_version") == "There is something new for you."


def test_a_proof_that_was_mailed_is_shown_nowhere_else() -> None:
    proof = uuid4()
    assert subject_of("confirm_address", proof) is None
    assert str(proof) not in place_of(actor(Role.CLIENT), "confirm_address", None, proof)
    assert subject_of("offer_waiting", proof) == proof
