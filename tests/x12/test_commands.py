"""`kindroom x12 read` and `check`, as scripts use them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kindroom.commands.x12 import app

FOLDER = Path(__file__).parent.parent / "samples" / "x12"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.x12")), ids=lambda path: path.stem)
def test_read_prints_any_file_as_json_and_check_finds_it_valid(path: Path) -> None:
    shown = CliRunner().invoke(app, ["read", str(path)])
    assert shown.exit_code == 0
    (interchange,) = json.loads(shown.stdout)["interchanges"]
    assert path.stem.upper().startswith(interchange["transactions"][0]["transaction_set"])
    checked = CliRunner().invoke(app, ["check", str(path)])
    assert (checked.exit_code, json.loads(checked.stdout)) == (0, {"valid": True, "findings": []})


def test_check_names_the_fault_and_exits_1() -> None:
    checked = CliRunner().invoke(app, ["check", str(FOLDER / "negative" / "837p_bad_total.x12")])
    assert checked.exit_code == 1
    answer = json.loads(checked.stdout)
    (finding,) = answer["findings"]
    assert answer["valid"] is False
    assert set(finding) == {"code", "segment", "element", "message"}
    assert (finding["segment"], finding["element"]) == ("CLM", "CLM02")


def test_read_shows_decimals_and_dates_as_text() -> None:
    shown = CliRunner().invoke(app, ["read", str(FOLDER / "271_active_mh.x12")])
    (answer,) = json.loads(shown.stdout)["interchanges"][0]["transactions"][0]["content"]
    assert answer["coverage"] == "active"
    assert answer["benefits"][2]["amount"] == "25.00"
    assert answer["subscriber"]["dates"][0]["first"] == "2026-01-01"


def test_what_cannot_be_read_exits_2_with_a_message(tmp_path: Path) -> None:
    cut = tmp_path / "cut.x12"
    cut.write_bytes((FOLDER / "835_mh.x12").read_bytes()[:300])
    for arguments in (
        ["read", str(tmp_path / "none")],
        ["check", str(tmp_path / "none")],
        ["read", str(cut)],
    ):
        refused = CliRunner().invoke(app, arguments)
        assert refused.exit_code == 2
        assert refused.stderr
    checked = CliRunner().invoke(app, ["check", str(cut)])
    assert checked.exit_code == 1
    assert json.loads(checked.stdout)["findings"][0]["code"] == "truncated"
