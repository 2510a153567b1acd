"""`kindroom clock due` answers every vector in the vector's own keys, and refuses bad input with exit 2."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kindroom.commands.clock import app

FILE = Path(__file__).parents[1] / "vectors" / "clock_vectors.json"
VECTORS = json.loads(FILE.read_text())
OWN = FILE.with_name("reply_by_own.json")
WORKING: list[dict[str, Any]] = VECTORS["business_minutes"]
REPLY_BY: list[dict[str, Any]] = VECTORS["reply_by_window"]["vectors"]
SEQUENCES: list[dict[str, Any]] = VECTORS["event_sequences"]["vectors"]
OURS: list[dict[str, Any]] = json.loads(OWN.read_text())["vectors"]


def expected(case: dict[str, Any]) -> dict[str, Any]:
    if "expected" in case:
        answer: dict[str, Any] = case["expected"]
        return answer
    return {
        key.removeprefix("expected_"): value for key, value in case.items() if key.startswith("expected_")
    }


def due(tmp_path: Path, document: object) -> Any:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(document))
    done = CliRunner().invoke(app, ["due", str(file)])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", [*WORKING, *REPLY_BY, *SEQUENCES, *OURS], ids=lambda case: case["id"])
def test_a_case_is_answered_in_its_own_keys_with_an_explanation(case: dict[str, Any], tmp_path: Path) -> None:
    answer = due(tmp_path, case)
    explanation = answer.pop("explanation")
    assert answer == expected(case)
    assert explanation["sentence"]


def test_a_list_a_family_and_the_whole_file_are_answered_in_order(tmp_path: Path) -> None:
    listed = due(tmp_path, REPLY_BY)
    assert [answer["due_utc"] for answer in listed] == [case["expected_due_utc"] for case in REPLY_BY]
    assert due(tmp_path, VECTORS["reply_by_window"]) == listed
    whole = due(tmp_path, VECTORS)
    assert list(whole) == ["business_minutes", "reply_by_window", "event_sequences"]
    assert whole["reply_by_window"] == listed
    assert len(whole["business_minutes"]) == len(WORKING)


def test_the_same_case_gives_the_same_bytes(tmp_path: Path) -> None:
    runs = [CliRunner().invoke(app, ["due", str(FILE)]).stdout for _ in range(2)]
    assert runs[0] == runs[1]


def test_the_projection_may_be_later_than_the_start(tmp_path: Path) -> None:
    away = {"pto": [{"from": "2026-05-01T00:00:00Z", "to": "2026-07-20T00:00:00Z"}]}
    case = {**WORKING[0], **away}
    assert due(tmp_path, case)["status"] == "NO_CAPACITY"
    assert due(tmp_path, {**case, "now": "2026-06-01T00:00:00Z"})["status"] == "DUE"


def test_risk_opens_a_crisis_item_of_fifteen_minutes(tmp_path: Path) -> None:
    events = [
        {"type": "clinician_message", "at": "2026-05-11T09:00:00-04:00"},
        {"type": "client_message", "at": "2026-05-11T10:00:00-04:00", "text": "...", "risk_flag": True},
        {"type": "clinician_no_reply", "at": "2026-05-11T10:05:00-04:00", "reason": "nothing_asked"},
        {"type": "discharge", "at": "2026-05-11T10:06:00-04:00"},
        {"type": "crisis_read", "at": "2026-05-11T10:07:00-04:00"},
    ]
    answer = due(tmp_path, {"events": events})
    assert [item["status"] for item in answer["items"]] == ["open"]
    assert answer["crisis_items"] == [
        {
            "opened": "2026-05-11T10:00:00-04:00",
            "due": "2026-05-11T10:15:00-04:00",
            "status": "answered",
            "closed": "2026-05-11T10:07:00-04:00",
        }
    ]


CASE = {key: value for key, value in WORKING[0].items() if key != "expected"}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in CASE.items() if name != key}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({**CASE, "calendar": {"tz": "America/Gotham", "weekly": {}}}, "calendar.tz: unknown zone"),
        ([CASE, {**CASE, "calendar": {"weekly": {}}}], "[1].calendar.tz: missing"),
        ({**CASE, "start": "2026-05-11T10:00:00"}, "start: no offset"),
        ({**CASE, "target_minutes": 0}, "target_minutes: not positive"),
        ({**CASE, "target_minutes": "240"}, "target_minutes: not a number"),
        ({**CASE, "puases": []}, "unknown field"),
        ({**CASE, "events": []}, "not one of target minutes table events"),
        (without("start"), "start: missing"),
        (without("target_minutes"), "not one of target minutes table events"),
        ({**without("target_minutes"), "table": "noon"}, "table: unknown table"),
        ({**without("target_minutes"), "table": "welcome"}, "table: unknown table"),
        (
            {"events": [{"type": "moon_landing", "at": "1969-07-20T20:17:40Z"}]},
            "events[0].type: unknown event",
        ),
        (
            {"events": [{"type": "discharge", "at": "2026-05-11T09:00:00Z", "text": "x"}]},
            "events[0]: unknown field",
        ),
        (
            {"events": [{"type": "clinician_no_reply", "at": "2026-05-11T09:00:00Z"}]},
            "events[0].reason: unknown reason",
        ),
        ("always", "case: not an object"),
    ],
)
def test_bad_input_is_refused_clearly_with_exit_2(document: object, words: str, tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(document))
    done = CliRunner().invoke(app, ["due", str(file)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr


def test_what_is_no_json_or_no_file_is_refused_with_exit_2(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    for content in (b"{", b"\xff\xfe\x00"):
        file.write_bytes(content)
        done = CliRunner().invoke(app, ["due", str(file)])
        assert done.exit_code == 2
        assert "not JSON" in done.stderr
    assert CliRunner().invoke(app, ["due", str(tmp_path / "none.json")]).exit_code == 2
