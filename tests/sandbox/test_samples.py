"""The sample files: each is answered as it should be, and a 271 looks like the rich one from a real payer."""

import itertools
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[1] / "samples" / "x12"
_controls = itertools.count(880_000_001)


def sample(name: str) -> str:
    """A sample with an interchange number of its own, so that it may be sent again."""
    return (SAMPLES / name).read_text().replace("000000001", str(next(_controls)))


def named(document: Any) -> list[str]:
    return [segment[0] for segment in document.segments]


def test_the_sample_question_gets_an_answer_built_like_the_sample_answer(
    sandbox: Any, document: Any, question: Any
) -> None:
    asked = sample("270_mh_subscriber.x12")
    today = question("01").text().split("DTP*291*D8*")[1][:8]
    reply = document(
        sandbox.post("/x12/realtime", asked.replace("DTP*291*D8*20261122", f"DTP*291*D8*{today}")).text
    )
    model = document((SAMPLES / "271_active_mh.x12").read_text())
    head = named(model)[: named(model).index("EB")]
    assert named(reply)[: len(head)] == head
    assert reply.segments[8] == model.segments[8]
    assert {len(row) for row in reply.all("EB")} <= {len(row) for row in model.all("EB")} | {5}
    assert {row[1] for row in reply.all("EB")} <= {row[1] for row in model.all("EB")}
    assert ["TRN", "2", "TW-ELG-000001", "9TALKWELL1"] in reply.segments


def test_a_rejection_is_built_like_the_sample_rejection(sandbox: Any, document: Any, question: Any) -> None:
    reply = sandbox.ask(question("05"))
    model = document((SAMPLES / "271_aaa75.x12").read_text())
    assert named(reply) == named(model)
    assert reply.one("AAA") == model.one("AAA")


def test_an_inactive_answer_is_built_like_the_sample(sandbox: Any, document: Any, question: Any) -> None:
    reply = sandbox.ask(question("04"))
    model = document((SAMPLES / "271_inactive.x12").read_text())
    assert set(named(model)) <= set(named(reply))
    assert (reply.lines("EB"), reply.one("DTP")) == (model.lines("EB"), model.one("DTP"))


def test_the_sample_claim_is_accepted_at_every_gate(sandbox: Any) -> None:
    found = sandbox.send(sample("837p_subscriber_teletherapy.x12"))
    assert [kind for kind, _ in found] == ["999", "277CA", "835"]
    assert found[1][1].all("STC")[-1][1:5:3] == ["A2:20:PR", "315"]


def test_acknowledgements_and_remittance_are_built_like_the_samples(
    sandbox: Any, claim: Any, service: Any, file_of: Any, document: Any
) -> None:
    services = [service(), service("90834", charge="140", days=9)]
    (_, ack), (_, accepted), (_, payment) = sandbox.send(file_of(claim(services=services), claim("05")))
    assert named(ack) == named(document((SAMPLES / "999_accept.x12").read_text()))
    assert named(accepted) == named(document((SAMPLES / "277ca_mixed.x12").read_text()))
    model = named(document((SAMPLES / "835_mh.x12").read_text()))
    second_claim = model.index("CLP", model.index("CLP") + 1)
    built = named(payment)
    assert built[: built.index("SE")] == model[:second_claim]


@pytest.mark.parametrize(
    ("name", "kind", "segment"),
    [
        ("837p_bad_claim_filing", "999", ["IK4", "9", "1032", "7", "Q7"]),
        ("837p_bad_se_count", "999", ["IK5", "R", "4"]),
        ("837p_bad_total", "277CA", ["STC", "A8:400"]),
        ("837p_bad_icd", "277CA", ["STC", "A7:254"]),
    ],
)
def test_each_bad_sample_is_refused_for_its_fault(
    sandbox: Any, name: str, kind: str, segment: list[str]
) -> None:
    found = sandbox.send(sample(f"negative/{name}.x12"))
    assert found[-1][0] == kind
    assert segment in [row[: len(segment)] for row in found[-1][1].segments]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("NM1*IL*1*RIVERA*ANA****MI*", "NM1*IL*1*RIVERA*ANA*****"),
        ("PER*IC*BILLING DESK*TE*2125550100", "PER*IC*BILLING DESK*TE*2125550100*EM"),
        ("SV1*HC:90837:95*175*UN*1**", "SV1*HC:90837:95*175*UN*1*QQ*"),
    ],
)
def test_halves_of_pairs_and_unknown_places_are_structural_faults(sandbox: Any, old: str, new: str) -> None:
    text = sample("837p_subscriber_teletherapy.x12")
    ((kind, ack),) = sandbox.send(text.replace(old, new))
    assert (kind, ack.one("AK9")[1]) == ("999", "R")
