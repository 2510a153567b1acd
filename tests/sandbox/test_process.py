"""The process: it starts on any port or a passed socket, ends in order, and forgets nothing when killed."""

import re
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DELAYED = ("--ack-999=0.2", "--ack-277ca=0.6", "--remit-835=1.2", "--latency-p50-ms=0")


def test_reports_fall_due_one_after_the_other_even_when_killed_in_between(
    start: Any, claim: Any, file_of: Any, tmp_path: Any
) -> None:
    first = start(tmp_path, *DELAYED)
    assert first.post("/x12/claims", file_of(claim())).status_code == 202
    assert first.reports()["items"] == []
    assert [item["kind"] for item in first.wait_for(1)] == ["999"]
    seen = first.reports()["items"]
    first.kill()
    second = start(tmp_path, *DELAYED)
    after = second.wait_for(3)
    assert [item["kind"] for item in after] == ["999", "277CA", "835"]
    assert after[0] == seen[0]
    assert [item["created_at"] for item in after] == sorted(item["created_at"] for item in after)
    second.close()


def test_what_was_received_is_remembered_after_a_kill(
    start: Any, claim: Any, file_of: Any, question: Any, tmp_path: Any
) -> None:
    first = start(tmp_path)
    own = claim()
    text = file_of(own, control=424242)
    (_, ack), (_, accepted), _ = first.send(text)
    icn = accepted.one("REF", "1K")[2]
    for _ in range(2):
        assert first.ask(question("09", member="U00000009")).all("AAA")
    first.fault("drop_999", count=3)
    before = first.reports()
    first.kill()
    second = start(tmp_path)
    assert second.reports() == before
    assert [item["fault"] for item in second.http.get("/control/faults").json()["items"]] == ["drop_999"]
    second.http.delete("/control/faults")
    ((kind, ta1),) = second.send(text)
    assert (kind, ta1.one("TA1")[5]) == ("TA1", "025")
    again = second.report("835", file_of(claim(member=own.member)))
    assert again.one("CAS")[2] == "18"
    assert again.one("CLP")[7] != icn
    assert again.one("ISA")[13] > ack.one("ISA")[13]
    assert second.ask(question("09", member="U00000009")).all("AAA")
    assert second.ask(question("09", member="U00000009")).all("EB")
    second.close()


def test_the_mailbox_is_read_again_and_in_pages(sandbox: Any, claim: Any, file_of: Any) -> None:
    before = sandbox.end()
    sandbox.post("/x12/claims", file_of(claim()))
    whole = sandbox.reports(before)
    assert sandbox.reports(before) == whole
    assert [set(item) for item in whole["items"]] == [{"id", "kind", "created_at", "content"}] * 3
    cursor, paged = before, []
    while page := sandbox.reports(cursor, limit=1)["items"]:
        paged += page
        cursor = sandbox.reports(cursor, limit=1)["next"]
    assert paged == whole["items"]
    assert sandbox.reports(whole["next"]) == {"items": [], "next": whole["next"]}
    assert sandbox.http.get("/x12/reports", params={"after": "x"}).status_code == 422


def test_it_serves_a_socket_its_parent_has_bound_and_ends_in_order(start: Any, tmp_path: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        sandbox = start(tmp_path, listening=listening)
        assert sandbox.first_line == f"sandbox ready on http://127.0.0.1:{port}\n"
        assert sandbox.http.get("/healthz").json()["status"] == "ok"
        assert sandbox.close() == 0


def test_the_page_shows_counts_by_suffix_without_names_or_scripts(
    sandbox: Any, question: Any, claim: Any, file_of: Any
) -> None:
    sandbox.ask(question("02"))
    sandbox.send(file_of(claim("02")))
    page = sandbox.http.get("/")
    rows = re.findall("<tr[^>]*>(.*?)</tr>", page.text)
    cells = [re.findall("<td[^>]*>([^<]*)</td>", row)[:3] for row in rows]
    assert ["270", "02", "active"] in cells
    assert ["claim", "02", "277CA A2"] in cells
    assert "RIVERA" not in page.text
    assert "<script" not in page.text
    assert "http" not in page.text.replace("http-equiv", "")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert sandbox.http.get("/style.css").headers["Content-Type"].startswith("text/css")


def test_the_page_sets_and_clears_faults_moves_time_and_latency(
    start: Any, tmp_path: Any, question: Any
) -> None:
    sandbox = start(tmp_path, "--latency-p50-ms=0")
    order = {"fault": "down", "count": "2", "minutes": "5", "delay_ms": ""}
    assert sandbox.http.post("/faults", data=order).status_code == 303
    (standing,) = sandbox.http.get("/control/faults").json()["items"]
    assert (standing["fault"], standing["count"], standing["delay_ms"]) == ("down", 2, None)
    assert standing["until"] is not None
    assert 'aria-label="Clear down"' in sandbox.http.get("/").text
    assert sandbox.post("/x12/realtime", question("01").text()).status_code == 503
    sandbox.http.post("/clear", data={"fault": "down"})
    assert "No fault is set." in sandbox.http.get("/").text
    assert sandbox.http.post("/faults", data={**order, "count": "0"}).status_code == 422
    assert (
        sandbox.http.post("/faults", data=order, headers={"Origin": "http://evil.example"}).status_code == 403
    )
    before = sandbox.http.get("/healthz").json()["now"]
    sandbox.http.post("/clock", data={"days": "45"})
    after = sandbox.http.get("/healthz").json()["now"]
    assert (datetime.fromisoformat(after) - datetime.fromisoformat(before)).days == 45
    assert sandbox.http.post("/latency", data={"p50_ms": "120", "p95_ms": "120"}).status_code == 303
    assert sandbox.http.get("/control/latency").json() == {"p50_ms": 120, "p95_ms": 120}
    began = time.monotonic()
    assert sandbox.ask(question("01")).all("EB")
    assert time.monotonic() - began >= 0.12
    sandbox.kill()
    again = start(tmp_path, "--latency-p50-ms=0")
    assert again.http.get("/control/latency").json()["p50_ms"] == 120
    again.close()


def test_alone_it_lists_its_members_and_needs_no_folder() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "sandbox", "--members"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert (
        "..16   copay 25.00; behavioural health at OPTUM BEHAVIORAL HEALTH, 87726; a claim here: CO 109"
        in said
    )
    assert [line[:4] for line in said[:22]] == [f"..{number:02d}" for number in range(1, 23)]
    alone = subprocess.Popen([sys.executable, "-m", "sandbox"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert alone.stdout is not None
    assert alone.stdout.readline().startswith("sandbox ready on http://127.0.0.1:")
    alone.terminate()
    assert alone.wait(10) == 0
    alone.stdout.close()


def test_it_shares_no_code_with_the_clinic() -> None:
    ours = {"kindroom", "web", "api", "workflows", "activities", "reports", "records", "integrations"}
    ours |= {"encryption", "x12", "domain", "pyx12", "oxedi", "sqlalchemy", "temporalio"}
    program = "import sys, sandbox.__main__; print(' '.join({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "fastapi" in loaded.stdout.split()
    assert ours.isdisjoint(loaded.stdout.split())
