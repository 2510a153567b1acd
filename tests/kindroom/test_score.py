"""`kindroom score`, as a person or a script runs it."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from kindroom.commands.score import score

VECTORS = Path(__file__).parent.parent / "vectors"
PHQ9 = json.loads((VECTORS / "phq9_gad7.json").read_text("utf-8"))["phq9"]
OTHERS = json.loads((VECTORS / "other_instruments.json").read_text("utf-8"))
app = typer.Typer()
app.command("score")(score)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("case", PHQ9)
def test_answers_on_the_line_print_the_published_keys(case: dict[str, Any]) -> None:
    line = ",".join("" if answer is None else str(answer) for answer in case["items"])
    result = run("PHQ-9", line)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == case["expected"]


@pytest.mark.parametrize(("name", "case"), [(name, cases[-1]) for name, cases in OTHERS.items()])
def test_a_case_file_prints_the_published_keys(name: str, case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(case), "utf-8")
    result = run(name, "--file", str(file))
    assert json.loads(result.stdout) == case["expected"]


def test_a_file_may_name_its_measure_and_hold_many_cases(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([{"instrument": "PHQ-9", **case} for case in PHQ9]), "utf-8")
    result = run("--file", str(file))
    assert json.loads(result.stdout) == [case["expected"] for case in PHQ9]


@pytest.mark.parametrize(("name", "case"), [("PHQ-9", PHQ9[3]), *((n, c[0]) for n, c in OTHERS.items())])
def test_a_case_alone_is_told_by_the_number_of_its_items(
    name: str, case: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(case), "utf-8")
    assert json.loads(run("--file", str(file)).stdout) == case["expected"]


def test_two_items_could_be_either_measure_and_are_not_guessed(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text('{"items": [1, 2]}', "utf-8")
    assert run("--file", str(file)).exit_code == 2
    assert json.loads(run("GAD-2", "--file", str(file)).stdout)["total"] == 3


def test_the_columbia_screener_can_be_answered_on_the_line() -> None:
    result = run("C-SSRS", "1,0,,,,0,0")
    assert json.loads(result.stdout)["colour"] == "yellow"


def test_the_cut_off_of_audit_c_follows_the_sex_given() -> None:
    assert json.loads(run("AUDIT-C", "1,1,1", "--sex", "male").stdout)["positive"] is False
    assert json.loads(run("AUDIT-C", "1,1,1").stdout)["positive"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        ["PHQ-9"],
        ["CSQ-8", "1,2"],
        ["PHQ-9", "1,2"],
        ["PHQ-9", "0,0,0,0,0,0,0,0,9"],
        ["PHQ-9", "0,0,0,0,0,0,0,0,secret"],
        ["C-SSRS", "1,0"],
        ["C-SSRS", "2,0,,,,0,0"],
        ["PHQ-9", "--file", "/no/such/file.json"],
    ],
)
def test_bad_input_exits_2_prints_no_result_and_does_not_echo(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "secret" not in result.stderr


@pytest.mark.parametrize(
    "content", ["", "7", "{", '{"items": 3}', '{"items": [1]}', '{"items": "1,2"}', "\x00"]
)
def test_a_file_that_is_no_case_exits_2(content: str, tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(content, "utf-8")
    assert run("PHQ-9", "--file", str(file)).exit_code == 2
