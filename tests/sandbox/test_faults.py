"""Faults on demand: each strikes as often as ordered, and what it breaks is exactly what it says."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest


def kinds(found: list[tuple[str, Any]]) -> list[str]:
    return [kind for kind, _ in found]


def test_down_answers_503_as_often_as_ordered_and_then_opens(sandbox: Any, question: Any) -> None:
    sandbox.fault("down", count=2)
    for path in ("/x12/realtime", "/x12/claims"):
        answer = sandbox.post(path, question("01").text())
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    assert sandbox.ask(question("01")).all("EB")
    assert sandbox.http.get("/control/faults").json() == {"items": []}


def test_a_fault_ends_at_its_instant_and_can_be_cleared(sandbox: Any, question: Any) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    sandbox.fault("down", until=past)
    assert sandbox.ask(question("01")).all("EB")
    sandbox.fault("down")
    assert sandbox.http.get("/x12/reports").status_code == 503
    assert sandbox.http.get("/healthz").status_code == 200
    (standing,) = sandbox.http.get("/control/faults").json()["items"]
    assert standing == {"fault": "down", "count": None, "until": None, "delay_ms": None, "taken": 1}
    assert sandbox.http.delete("/control/faults", params={"fault": "down"}).json() == {"items": []}
    assert sandbox.http.get("/x12/reports").status_code == 200


def test_an_unknown_fault_is_refused(sandbox: Any) -> None:
    assert sandbox.http.post("/control/faults", json={"fault": "rain"}).status_code == 422


def test_slow_takes_its_time_and_answers(sandbox: Any, question: Any) -> None:
    sandbox.fault("slow", count=1, delay_ms=300)
    answer = sandbox.post("/x12/realtime", question("01").text())
    assert answer.elapsed >= timedelta(seconds=0.3)
    assert answer.status_code == 200


def test_a_dropped_999_leaves_the_rest(sandbox: Any, claim: Any, file_of: Any) -> None:
    sandbox.fault("drop_999", count=1)
    assert kinds(sandbox.send(file_of(claim()))) == ["277CA", "835"]
    assert kinds(sandbox.send(file_of(claim()))) == ["999", "277CA", "835"]


def test_a_duplicate_835_names_the_same_transfer_in_another_file(
    sandbox: Any, claim: Any, file_of: Any
) -> None:
    sandbox.fault("duplicate_835", count=1)
    found = sandbox.send(file_of(claim()))
    assert kinds(found) == ["999", "277CA", "835", "835"]
    one, two = found[2][1], found[3][1]
    assert (one.one("TRN"), one.one("BPR"), one.one("CLP")) == (
        two.one("TRN"),
        two.one("BPR"),
        two.one("CLP"),
    )
    assert one.one("ISA")[13] != two.one("ISA")[13]


def test_the_277ca_can_come_before_the_999(sandbox: Any, claim: Any, file_of: Any) -> None:
    sandbox.fault("out_of_order_277CA_before_999", count=1)
    before = sandbox.end()
    sandbox.post("/x12/claims", file_of(claim()))
    found: list[dict[str, Any]] = []
    while len(found) < 3:
        found = sandbox.reports(before)["items"]
    order = [item["kind"] for item in found]
    assert order.index("277CA") < order.index("999")


def test_an_unbalanced_835_is_off_by_one_cent(sandbox: Any, claim: Any, file_of: Any) -> None:
    sandbox.fault("835_unbalanced_by_0.01", count=1)
    payment = sandbox.report("835", file_of(claim()))
    assert Decimal(payment.one("BPR")[2]) - Decimal(payment.one("CLP")[4]) == Decimal("0.01")


def test_two_payees_in_one_file(sandbox: Any, claim: Any, file_of: Any) -> None:
    sandbox.fault("835_two_payees", count=1)
    payment = sandbox.report("835", file_of(claim()))
    assert [found[4] for found in payment.all("N1", "PE")] == ["1345678902", "1234567893"]
    assert len({found[2] for found in payment.all("TRN")}) == 2
    assert len(payment.all("ST", "835")) == 2


def test_a_late_835_comes_45_days_after_with_interest(
    start: Any, claim: Any, file_of: Any, document: Any, tmp_path: Any
) -> None:
    sandbox = start(tmp_path)
    sandbox.fault("late_835_45_days", count=1)
    assert kinds(sandbox.send(file_of(claim()))) == ["999", "277CA"]
    cursor = sandbox.end()
    sandbox.http.post("/control/clock", json={"seconds": 44.9 * 86400})
    assert sandbox.reports(cursor)["items"] == []
    sandbox.http.post("/control/clock", json={"seconds": 0.2 * 86400})
    (item,) = sandbox.reports(cursor)["items"]
    payment = document(item["content"])
    reason, amount = payment.one("PLB")[3].split(":")[0], Decimal(payment.one("PLB")[4])
    assert (reason, amount) == ("L6", Decimal("-0.59"))
    assert Decimal(payment.one("BPR")[2]) == Decimal("120.59")
    sandbox.close()


def test_a_split_claim_gets_two_numbers_and_two_payments(
    sandbox: Any, claim: Any, service: Any, file_of: Any
) -> None:
    sandbox.fault("split_claim_A5", count=1)
    own = claim(services=[service(), service("90834", charge="140", days=6)])
    found = sandbox.send(file_of(own))
    ack, payment = found[1][1], found[2][1]
    assert [row[1] for row in ack.all("STC")[2:]] == ["A5:20:PR", "A5:20:PR"]
    assert [row[4] for row in ack.all("STC")[2:]] == ["175", "140"]
    numbers = [row[2] for row in ack.all("REF", "1K")]
    assert len(set(numbers)) == 2
    assert [row[7] for row in payment.all("CLP")] == numbers
    assert {row[1] for row in payment.all("CLP")} == {own.number}
    assert [row[3:5] for row in payment.all("CLP")] == [["175", "120"], ["140", "85"]]


def test_a_reply_may_wear_a_byte_order_mark_and_line_ends(sandbox: Any, question: Any) -> None:
    sandbox.fault("bom_and_crlf", count=1)
    text = sandbox.post("/x12/realtime", question("01").text()).text
    assert text.startswith("\ufeffISA*")
    assert text.count("~\r\n") == text.count("~")


@pytest.mark.parametrize("path", ["realtime", "claims"])
def test_a_reply_may_use_other_separators(
    sandbox: Any, question: Any, claim: Any, file_of: Any, path: str
) -> None:
    sandbox.fault("separators_gt_pipe")
    if path == "realtime":
        reply = sandbox.ask(question("01"))
        assert (reply.element, reply.component) == ("|", ">")
        assert "EB*B*IND*MH***27*25.00*****Y" in reply.lines("EB")
        return
    found = sandbox.send(file_of(claim()))
    assert {(reply.element, reply.component) for _, reply in found} == {("|", ">")}
    assert found[1][1].all("STC")[-1][1] == "A2>20>PR"
