"""The main end-to-end test: a whole stack on this machine, and the demonstration on it, twice."""

import asyncio
import json
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from kindroom.demo.house import DemoFailed, House, until
from kindroom.demo.screen import Screen
from kindroom.embedded.stack import EmbeddedStack
from kindroom.settings import ROOT

Lines = list[str]


@dataclass(frozen=True)
class Running:
    """A stack: its ready file, what stands in it, and the file's mode."""

    file: Path
    ready: dict[str, Any]
    mode: int


@pytest.fixture(scope="module")
def whole_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A seeded stack on ports of its own. The disk is not waited for: nothing is kept."""
    home = tmp_path_factory.mktemp("demo")
    ready = home / "ready.json"
    stack = EmbeddedStack(home / "data", ready_file=ready, postgres_settings={"fsync": "off"})
    with asyncio.Runner() as runner:
        try:
            runner.run(stack.start())
            yield Running(ready, json.loads(ready.read_text()), stat.S_IMODE(ready.stat().st_mode))
        finally:
            runner.run(stack.stop())
            stack.postgres.destroy()


async def _demo(ready: Path) -> tuple[int, Lines]:
    """Run the command as a person would; its status and its lines."""
    command = (sys.executable, "-m", "kindroom", "demo", "--ready-file", str(ready))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), 150)
    return process.returncode or 0, output.decode().splitlines()


@pytest.mark.timeout(400)
async def test_one_client_goes_from_registration_to_a_paid_claim_as_often_as_asked(
    whole_stack: Running,
) -> None:
    ready = whole_stack.ready
    assert whole_stack.mode == 0o600
    first, second = await asyncio.gather(_demo(whole_stack.file), _demo(whole_stack.file))
    for status, lines in (first, second):
        text = "\n".join(lines)
        assert status == 0, text
        steps = [line for line in lines if re.match(r"ok +[0-9.]+ s {2}", line)]
        assert len(steps) == 24, text
        shown = {address.rsplit("/", 1)[1].split("-")[0] for address in lines if "/workflows/" in address}
        assert shown == {"journey", "coverage", "match", "room", "plan", "messaging", "claims"}
        assert all(
            line.strip().startswith(f"{ready['temporal_ui']}/namespaces/{ready['namespace']}/workflows/")
            for line in lines
            if "/workflows/" in line
        )
    await _nothing_of_it_was_lost(ready)


async def _nothing_of_it_was_lost(ready: dict[str, Any]) -> None:
    """Behind the demonstration nobody waits unseen: every note was sent, every running clock has its workflow."""
    async with House(ready) as house:
        supervisor = await house.staff("supervisor")

        async def quiet() -> bool:
            found = await supervisor.get("/v1/supervision/health")
            return found["outbox_depth"] == 0 and found["waiting_without_clock"] == 0

        assert await until("an empty outbox", quiet, 30)


async def test_the_demo_accounts_stand_in_quiet_rooms(whole_stack: Running) -> None:
    async with House(whole_stack.ready) as house:
        for client, therapist in (("client", "therapist"), ("client2", "therapist2")):
            rooms = (await (await house.staff(client)).get("/v1/rooms"))["items"]
            me = await (await house.staff(therapist)).get("/v1/me")
            assert [room["therapist"]["therapist_id"] for room in rooms] == [me["account_id"]]
            assert rooms[0]["promise"]["state"] == "none"
            assert rooms[0]["last_seq"] > 0
        for role in ("supervisor", "billing", "administrator"):
            me = await (await house.staff(role)).get("/v1/me")
            assert me["role"] == role


async def test_a_step_that_fails_says_what_was_expected_and_nothing_of_what_was_written(
    tmp_path: Path,
) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json={"code": "invalid", "errors": [{"field": "email", "code": "taken"}]})

    house = House({"api": "http://nobody.invalid", "accounts": {}})
    house._http = httpx.AsyncClient(base_url="http://nobody.invalid", transport=httpx.MockTransport(refuse))
    with pytest.raises(DemoFailed) as failure:
        await house.visitor("a new client").post("/v1/clients", {"legal_name": "Secret Person"}, 202)
    assert "202" in str(failure.value)
    assert "email: taken" in str(failure.value)
    assert "Secret" not in str(failure.value)
    with pytest.raises(DemoFailed, match="make up"):
        House.of(tmp_path / "ready.json")
    status, lines = await _demo(tmp_path / "ready.json")
    assert status == 1
    assert lines == [line for line in lines if "FAILED" in line]


@pytest.mark.parametrize("terminal", [True, False])
def test_the_screen_shows_every_step_with_its_time_and_address(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    console = Console(highlight=False, force_terminal=terminal, width=60)
    screen = Screen(console)
    screen.chapter("Arriving")
    with screen.step("A client [registers]") as step:
        step.say("a line")
        step.workflow("http://localhost:1/namespaces/kindroom/workflows/journey-1")
    screen.finished("done")
    shown = capsys.readouterr().out
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert "A client [registers]" in plain
    assert "a line" in plain
    assert "http://localhost:1/namespaces/kindroom/workflows/journey-1\n" in plain
    assert "1 steps in" in plain
    assert ("✓" in shown) is terminal
