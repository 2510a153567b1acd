"""An 837P over HTTP until its money: each rule's denial, what is paid, and books that balance."""

import io
from decimal import Decimal
from typing import Any

import oxedi
import pytest
from pyx12.params import params
from pyx12.x12n_document import x12n_document


def valid_to_pyx12(text: str) -> bool:
    return bool(x12n_document(params(), io.StringIO(text), None, None))


def lines_of(document: Any) -> list[dict[str, Any]]:
    """The SVC loops of an 835, each with its adjustments by group and reason."""
    found: list[dict[str, Any]] = []
    for segment in document.segments:
        if segment[0] == "SVC":
            found.append({"charge": Decimal(segment[2]), "paid": Decimal(segment[3]), "cas": {}})
        elif segment[0] == "CAS":
            found[-1]["cas"][f"{segment[1]} {segment[2]}"] = Decimal(segment[3])
        elif segment[0] in {"REF", "LQ"} and found:
            found[-1][segment[1]] = segment[2]
    return found


def assert_balanced(document: Any) -> None:
    for line in lines_of(document):
        assert line["charge"] - sum(line["cas"].values()) == line["paid"]
    paid = sum((Decimal(claim[4]) for claim in document.all("CLP")), Decimal(0))
    held = sum((Decimal(value) for plb in document.all("PLB") for value in plb[4::2]), Decimal(0))
    assert Decimal(document.one("BPR")[2]) == paid - held


def remit(sandbox: Any, text: str) -> Any:
    document = sandbox.report("835", text)
    assert_balanced(document)
    return document


def test_a_clean_claim_brings_999_277ca_and_a_balanced_835(
    sandbox: Any, claim: Any, service: Any, file_of: Any, document: Any
) -> None:
    own = claim(services=[service(), service("90834", charge="140", days=12)])
    raw = sandbox.raw(file_of(own))
    assert [kind for kind, _ in raw] == ["999", "277CA", "835"]
    assert all(valid_to_pyx12(text) for _, text in raw)
    assert oxedi.parse(raw[2][1].encode()).diagnostics == []
    ack, accepted, payment = (document(text) for _, text in raw)
    assert ack.one("IK5") == ["IK5", "A"]
    assert ack.one("AK9") == ["AK9", "A", "1", "1", "1"]
    status = next(found for found in accepted.all("STC") if found[1].startswith("A2"))
    assert status[1:5] == ["A2:20:PR", status[2], "WQ", "315"]
    assert ["TRN", "2", own.number] in accepted.segments
    assert ["TRN", "2", "TWB0001"] in accepted.segments
    icn = accepted.one("REF", "1K")[2]
    assert payment.one("CLP")[1:] == [own.number, "1", "315", "205", "20", "12", icn, "10", "1"]
    assert payment.one("BPR")[2:5] == ["205", "C", "ACH"]
    assert payment.one("TRN")[3] == payment.one("BPR")[10]
    assert payment.one("N1", "PE")[3:] == ["XX", "1345678902"]
    assert payment.one("N1", "PR")[3:] == ["XV", "62308"]
    first, second = lines_of(payment)
    assert first["cas"] == {"CO 45": 45, "PR 3": 10}
    assert second["cas"] == {"CO 45": 45, "PR 3": 10}
    assert [first["6R"], second["6R"]] == [entry.control for entry in own.services]
    assert_balanced(payment)


def test_in_the_office_the_office_copay_is_due(sandbox: Any, claim: Any, service: Any, file_of: Any) -> None:
    payment = remit(sandbox, file_of(claim(place="11", services=[service(modifier="")])))
    assert lines_of(payment)[0]["cas"] == {"CO 45": 45, "PR 3": 25}


def test_the_deductible_comes_before_coinsurance(
    sandbox: Any, claim: Any, service: Any, file_of: Any
) -> None:
    services = [service(days=day) for day in (4, 5, 6)]
    payment = remit(sandbox, file_of(claim("02", services=services)))
    shares = [line["cas"] for line in lines_of(payment)]
    assert shares[0] == {"CO 45": 45, "PR 1": 130}
    assert shares[1] == {"CO 45": 45, "PR 1": 130}
    assert shares[2] == {"CO 45": 45, "PR 1": Decimal("60.5"), "PR 2": Decimal("13.9")}
    assert payment.one("CLP")[4:6] == ["55.6", "334.4"]


def test_full_cover_leaves_the_patient_nothing(sandbox: Any, claim: Any, file_of: Any) -> None:
    payment = remit(sandbox, file_of(claim("03")))
    assert lines_of(payment)[0]["cas"] == {"CO 45": 45}
    assert payment.one("CLP")[5] == ""


def test_out_of_network_the_patient_pays_up_to_the_deductible(sandbox: Any, claim: Any, file_of: Any) -> None:
    payment = remit(sandbox, file_of(claim("17")))
    assert lines_of(payment)[0]["cas"] == {"CO 45": 45, "PR 1": 130}
    assert payment.one("BPR")[1:5] == ["H", "0", "C", "NON"]
    assert payment.one("CLP")[2] == "1"


def test_one_copay_a_day(sandbox: Any, claim: Any, service: Any, file_of: Any) -> None:
    payment = remit(
        sandbox, file_of(claim("14", authorisation="AUTH1", services=[service(), service("96127", "", "5")]))
    )
    assert [line["cas"].get("PR 3") for line in lines_of(payment)] == [25, None]


def test_a_week_of_messages_is_paid_as_one_line_over_its_days(
    sandbox: Any, claim: Any, service: Any, file_of: Any, question: Any
) -> None:
    from_day, to_day = "20260101", "20260107"
    week = service("98972", "", "60", period=f"RD8*{from_day}-{to_day}")
    payment = remit(sandbox, file_of(claim("03", payer="00430", services=[week])))
    assert payment.one("DTM", "150")[2] == from_day
    assert payment.one("DTM", "151")[2] == to_day
    assert lines_of(payment)[0]["paid"] == 45


DENIED = [
    ("timely filing", {"services": [{"days": 100}]}, "29"),
    ("cover ended", {"suffix": "04", "services": [{"days": 5}]}, "27"),
    ("cover ended in retrospect", {"suffix": "21"}, "27"),
    ("cover not begun", {"suffix": "23", "services": [{"days": 20}]}, "26"),
    ("other payer first", {"suffix": "19"}, "22"),
    ("wrong payer", {"suffix": "16"}, "109"),
    ("no authorisation", {"suffix": "14"}, "197"),
    ("visits used up", {"suffix": "15"}, "119"),
    ("video without modifier", {"services": [{"modifier": ""}]}, "4"),
    ("modifier in the office", {"place": "11"}, "5"),
    ("messages with a modifier", {"services": [{"code": "98970", "charge": "20"}]}, "4"),
    (
        "messages the payer does not cover",
        {"payer": "60054", "services": [{"code": "98970", "modifier": ""}]},
        "96",
    ),
    ("a code outside the plan", {"services": [{"code": "90839"}]}, "204"),
]


@pytest.mark.parametrize(("why", "facts", "carc"), DENIED, ids=[case[0] for case in DENIED])
def test_a_claim_against_the_rules_is_denied_with_its_reason(
    sandbox: Any, claim: Any, service: Any, file_of: Any, why: str, facts: dict[str, Any], carc: str
) -> None:
    services = [service(**entry) for entry in facts.get("services", [{}])]
    payment = remit(sandbox, file_of(claim(**{**facts, "services": services})))
    assert payment.one("CLP")[2] == "4"
    assert payment.one("CLP")[4] == "0"
    (line,) = lines_of(payment)
    assert line["cas"] == {f"CO {carc}": line["charge"]}
    assert line.get("HE") == ("N130" if carc == "96" else None)


@pytest.mark.parametrize(
    ("suffix", "facts"),
    [
        ("14", {"authorisation": "AUTH1"}),
        ("16", {"payer": "87726"}),
        ("20", {"dependent": True}),
        ("23", {}),
        ("18", {}),
    ],
)
def test_what_the_rules_ask_for_is_paid(
    sandbox: Any, claim: Any, file_of: Any, suffix: str, facts: dict[str, Any]
) -> None:
    payment = remit(sandbox, file_of(claim(suffix, **facts)))
    assert payment.one("CLP")[2:6] == ["1", "175", "105", "25"]


def test_the_same_service_again_is_a_duplicate_even_after_a_denial(
    sandbox: Any, claim: Any, service: Any, file_of: Any
) -> None:
    denied = claim("14")
    assert "CO 197" in lines_of(remit(sandbox, file_of(denied)))[0]["cas"]
    again = claim("14", member=denied.member, authorisation="AUTH1")
    assert "CO 18" in lines_of(remit(sandbox, file_of(again)))[0]["cas"]
    other_day = claim("14", member=denied.member, authorisation="AUTH1", services=[service(days=6)])
    assert remit(sandbox, file_of(other_day)).one("CLP")[2] == "1"


def test_a_duplicate_line_within_a_claim_leaves_the_other_paid(
    sandbox: Any, claim: Any, service: Any, file_of: Any
) -> None:
    payment = remit(sandbox, file_of(claim(services=[service(), service()])))
    assert payment.one("CLP")[2] == "1"
    assert [line["paid"] for line in lines_of(payment)] == [120, 0]
    assert "CO 18" in lines_of(payment)[1]["cas"]


REFUSED = [
    ("unknown payer", {"payer": "99999"}, "A3:116:PR"),
    ("member not found", {"suffix": "05"}, "A3:164:IL"),
    ("wrong member id", {"suffix": "22"}, "A3:164:IL"),
    ("unknown member", {"suffix": "77"}, "A3:164:IL"),
    ("prefix missing", {"payer": "00430", "member": "1234567801"}, "A7:164:IL"),
    ("birth date", {"suffix": "07"}, "A7:158:IL"),
    ("dependent sent as subscriber", {"suffix": "20"}, "A3:33:IL"),
    ("group missing", {"payer": "00590", "group": ""}, "A6:163:IL"),
    ("provider number", {"rendering": "1987654329"}, "A7:562:82"),
    ("diagnosis", {"diagnosis": "F99999Z"}, "A7:254"),
    ("no mental-health diagnosis", {"payer": "87726", "diagnosis": "Z630"}, "A7:254"),
    ("procedure", {"services": [{"code": "99999"}]}, "A7:454"),
    ("total", {"total": "999"}, "A8:400"),
    ("replacement of nothing", {"frequency": "7", "payer_control": "2026010100001"}, "A7:464"),
    ("replacement without number", {"frequency": "8"}, "A7:464"),
]


@pytest.mark.parametrize(("why", "facts", "status"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_claim_the_front_end_refuses_never_reaches_a_payment(
    sandbox: Any,
    claim: Any,
    service: Any,
    file_of: Any,
    document: Any,
    why: str,
    facts: dict[str, Any],
    status: str,
) -> None:
    services = [service(**entry) for entry in facts.get("services", [{}])]
    raw = sandbox.raw(file_of(claim(**{**facts, "services": services})))
    assert [kind for kind, _ in raw] == ["999", "277CA"]
    assert valid_to_pyx12(raw[1][1])
    refused = document(raw[1][1])
    assert refused.all("STC")[-1][1] == status
    assert refused.all("STC")[-1][3] == "U"
    assert refused.one("QTY", "AA") == ["QTY", "AA", "1"]
    assert not refused.all("REF", "1K")


def test_the_totals_of_a_mixed_277ca_add_up(sandbox: Any, claim: Any, file_of: Any) -> None:
    good, bad = claim(), claim("05")
    ack = sandbox.report("277CA", file_of(good, bad))
    assert ack.one("QTY", "90")[2] == ack.one("QTY", "AA")[2] == "1"
    assert ack.one("QTY", "QA")[2] == ack.one("QTY", "QC")[2] == "1"
    assert [found[2] for found in ack.all("AMT", "YU")] == ["175", "175"]
    assert [found[2] for found in ack.all("AMT", "YY")] == ["175", "175"]
    assert [found[1] for found in ack.all("STC")] == ["A1:19:PR", "A1:19:PR", "A2:20:PR", "A3:164:IL"]
    assert [found[:3] for found in ack.all("HL")][-2:] == [["HL", "4", "3"], ["HL", "5", "3"]]


def test_each_payer_pays_for_itself(sandbox: Any, claim: Any, file_of: Any) -> None:
    found = sandbox.send(file_of(claim(), claim(payer="87726")))
    assert [kind for kind, _ in found] == ["999", "277CA", "277CA", "835", "835"]
    payments = [document for kind, document in found if kind == "835"]
    assert {payment.one("N1", "PR")[4] for payment in payments} == {"62308", "87726"}
    assert len({payment.one("TRN")[2] for payment in payments}) == 2


def test_a_correction_reverses_and_pays_anew(sandbox: Any, claim: Any, service: Any, file_of: Any) -> None:
    first = claim()
    before = remit(sandbox, file_of(first)).one("CLP")
    fixed = claim(
        member=first.member, frequency="7", payer_control=before[7], services=[service("90834", charge="140")]
    )
    payment = remit(sandbox, file_of(fixed))
    reversal, new = payment.all("CLP")
    assert reversal[1:5] == [first.number, "22", "-175", "-120"]
    assert reversal[7] == before[7]
    assert new[1:5] == [fixed.number, "1", "140", "85"]
    assert payment.one("PLB")[3:] == [f"WO:{before[7]}", "-35"]
    assert payment.one("BPR")[2] == "0"
    later = remit(sandbox, file_of(claim()))
    assert later.one("PLB")[3:] == [f"WO:{before[7]}", "35"]
    assert later.one("BPR")[2] == "85"
    settled = remit(sandbox, file_of(claim()))
    assert not settled.all("PLB")


def test_a_void_takes_the_payment_back_and_frees_the_service(sandbox: Any, claim: Any, file_of: Any) -> None:
    first = claim(payer="87726")
    icn = remit(sandbox, file_of(first)).one("CLP")[7]
    void = claim(payer="87726", member=first.member, frequency="8", payer_control=icn)
    payment = remit(sandbox, file_of(void))
    assert [found[2] for found in payment.all("CLP")] == ["22"]
    again = remit(sandbox, file_of(claim(payer="87726", member=first.member)))
    assert again.one("CLP")[2] == "1"
    assert again.one("PLB")[4] == "120"
    twice = claim(payer="87726", member=first.member, frequency="8", payer_control=icn)
    assert sandbox.report("277CA", file_of(twice)).all("STC")[-1][1] == "A7:464"
