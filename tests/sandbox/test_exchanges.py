"""What the sandbox received and answered can be looked at: by people on its pages, by programs under /control."""

import re
import uuid
from html import unescape
from typing import Any

import pytest
from fastapi import Response

from sandbox.exchanges import Exchanges, Wanted, Wire


def core(payload: str, **changes: str) -> dict[str, tuple[None, str | bytes]]:
    fields = {
        "PayloadType": "X12_270_Request_005010X279A1",
        "ProcessingMode": "RealTime",
        "PayloadID": str(uuid.uuid4()),
        "TimeStamp": "2026-11-22T10:30:00Z",
        "UserName": "talkwell",
        "Password": "open-sesame",
        "SenderID": "TALKWELL",
        "ReceiverID": "SANDBOXPAYER",
        "CORERuleVersion": "2.2.0",
        "Payload": payload,
        **changes,
    }
    return {name: (None, value) for name, value in fields.items()}


@pytest.fixture
def quiet(sandbox: Any) -> Any:
    """A sandbox that has nothing to show."""
    sandbox.end()
    assert sandbox.http.delete("/control/exchanges").json()["items"] == []
    return sandbox


def listed(sandbox: Any, **wanted: Any) -> list[dict[str, Any]]:
    answer = sandbox.http.get("/control/exchanges", params=wanted)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def on_page(page: str) -> list[str]:
    return re.findall(r'<a href="[^"]*exchanges/\d+">\d+: ([^<]*)</a>', page)


def test_a_question_is_shown_whole_and_downloaded_byte_for_byte(quiet: Any, question: Any) -> None:
    asked = question("04", member="U0000000704")
    text = asked.text().replace("~", "~\r\n")
    reply = quiet.post("/x12/realtime", text)
    (found,) = listed(quiet)
    assert (found["transport"], found["kind"], found["reply_kind"]) == ("raw", "270", "271")
    assert (found["sender"], found["trace"], found["members"]) == ("TALKWELL", asked.trace, ["U0000000704"])
    assert [each["suffix"] for each in found["answers"]] == ["04"]
    assert (found["status"], found["faults"]) == (200, [])
    assert found["ms"] > 0
    page = quiet.http.get(f"/exchanges/{found['id']}")
    lines = [re.sub("<[^>]*>", "", unescape(line)) for line in re.findall("<li>(<b>.*?)</li>", page.text)]
    assert lines == [part.strip() + "~" for part in (text + reply.text).split("~") if part.strip()]
    for side, content in (("request", text.encode()), ("reply", reply.content)):
        sent = quiet.http.get(f"/exchanges/{found['id']}/{side}.x12")
        assert sent.content == content
        assert sent.headers["Content-Disposition"].startswith("attachment")
    whole = quiet.http.get(f"/control/exchanges/{found['id']}").json()
    assert (whole["request"]["content"], whole["reply"]["content"]) == (text, reply.text)
    assert "For invented people only" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_of_a_core_envelope_the_fields_are_shown_and_never_the_password(quiet: Any, question: Any) -> None:
    asked = question("01", first="ÁNA")
    text = asked.text()
    files = core(text) | {"Pasword": (None, "open-sesame"), "Payload": (None, text.encode("latin-1"))}
    quiet.http.post("/core/realtime", files=files)
    quiet.http.post("/core/realtime", files=core(text, ProcessingMode="Batch"))
    quiet.http.post("/core/realtime", content=b'name="Password"\r\n\r\nopen-sesame')
    refused, batch, good = (
        quiet.http.get(f"/control/exchanges/{each['id']}").json() for each in listed(quiet)
    )
    assert (good["transport"], good["kind"], good["trace"]) == ("CORE", "270", asked.trace)
    assert good["request"]["content"] == text
    sent = [quiet.http.get(f"/exchanges/{each['id']}/request.x12").content for each in (good, batch)]
    assert sent == [text.encode("latin-1"), text.encode()]
    assert good["request"]["envelope"]["UserName"] == "talkwell"
    assert good["reply"]["envelope"]["ErrorCode"] == "Success"
    assert good["reply"]["content"].startswith("ISA")
    assert batch["reply"]["envelope"]["ErrorCode"] == "ProcessingModeIllegal"
    assert (refused["kind"], refused["status"], refused["request"]["content"]) == ("no X12", 400, "")
    pages = [quiet.http.get(f"/exchanges/{each['id']}").text for each in (refused, batch, good)]
    assert "PayloadID" in pages[2]
    assert "open-sesame" not in f"{pages} {refused} {batch} {good}"


def test_the_list_is_narrowed_by_kind_member_and_what_answered(
    quiet: Any, question: Any, claim: Any, file_of: Any
) -> None:
    quiet.ask(question("02", member="U0000000902"))
    quiet.post("/x12/realtime", question("12").text())
    quiet.send(file_of(claim("02")))
    quiet.fault("down", count=1)
    quiet.post("/x12/realtime", question("01").text())
    quiet.post("/x12/realtime", "hello & <b>good</b> bye")

    def kinds(**wanted: str) -> list[str]:
        return [each["kind"] for each in reversed(listed(quiet, **wanted))]

    assert kinds() == ["270", "270", "837P", "999", "277CA", "835", "270", "no X12"]
    assert kinds(kind="837P") == ["837P"]
    assert kinds(member="0902") == ["270"]
    assert kinds(behaviour="..02") == ["270", "837P"]
    assert [each["status"] for each in listed(quiet, behaviour="down")] == [503]
    assert [each["status"] for each in listed(quiet, behaviour="HTTP 503")] == [503]
    page = quiet.http.get("/exchanges", params={"behaviour": "down"}).text
    assert on_page(page) == ["270"]
    assert '<option value="down" selected>' in page
    assert "No exchange fits." in quiet.http.get("/exchanges", params={"kind": "276"}).text
    odd = quiet.http.get(f"/exchanges/{listed(quiet)[0]['id']}").text
    assert "hello &amp; &lt;b&gt;good&lt;/b&gt; bye" in odd


def test_a_report_is_listed_when_it_is_first_fetched_and_an_empty_poll_never(
    quiet: Any, claim: Any, file_of: Any
) -> None:
    quiet.send(file_of(claim("01")))
    assert [each["kind"] for each in listed(quiet)] == ["835", "277CA", "999", "837P"]
    quiet.reports()
    quiet.end()
    assert len(listed(quiet)) == 4
    (number,) = (each["id"] for each in listed(quiet, kind="835"))
    assert "Nothing to show." in quiet.http.get(f"/exchanges/{number}").text


def test_the_list_goes_on_in_pages_and_is_forgotten_at_a_word(quiet: Any) -> None:
    for _ in range(60):
        quiet.post("/x12/realtime", "ISA")
    first = quiet.http.get("/exchanges").text
    older = unescape(re.findall(r'<a href="(exchanges\?[^"]*)">Older', first)[0])
    rest = quiet.http.get(f"/{older}").text
    assert (len(on_page(first)), len(on_page(rest))) == (50, 10)
    assert "Older exchanges" not in rest
    page = quiet.http.get("/control/exchanges", params={"limit": 40}).json()
    assert len(listed(quiet, before=page["next"])) == 20
    elsewhere = {"Origin": "http://evil.example"}
    assert quiet.http.post("/forget", headers=elsewhere).status_code == 403
    assert quiet.http.post("/forget").status_code == 303
    assert "Nothing yet." in quiet.http.get("/exchanges").text
    gone = quiet.http.get(f"/exchanges/{page['next']}")
    assert (gone.status_code, "Only the last 500" in gone.text) == (404, True)
    assert quiet.http.get(f"/control/exchanges/{page['next']}").status_code == 404


def test_the_ring_drops_the_oldest_by_number_and_by_size_and_says_how_many() -> None:
    ring = Exchanges(lambda: 0.0, most=3, most_bytes=100)
    for size in (10, 10, 10, 10, 95, 101):
        entry = ring.begin("raw", "POST /x12/realtime")
        entry.request = Wire(b"x" * size)
        entry.keep(Response())
        if size == 10:
            assert len(ring.all()) <= 3
        if size == 95:
            assert ([each.id for each in ring.all()], ring.dropped) == ([5], 4)
    assert (ring.all(), ring.dropped) == ([], 6)
    assert list(ring.fitting(Wanted())) == []
