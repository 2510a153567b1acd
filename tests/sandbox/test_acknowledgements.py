"""TA1 and 999: what is wrong with a file is said at the level and in the place where it is wrong."""

import io
from typing import Any

import pytest
from pyx12.params import params
from pyx12.x12n_document import x12n_document


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("~IEA*1*", "~IEA*2*", "021"),
        ("~IEA*1*0", "~IEA*1*9", "001"),
        ("*00501*", "*00401*", "017"),
        ("~GS*", "~ZZ*1~GS*", "022"),
    ],
)
def test_a_broken_interchange_is_rejected_by_ta1_alone(
    sandbox: Any, claim: Any, file_of: Any, old: str, new: str, code: str
) -> None:
    text = file_of(claim(), control=990)
    ((kind, ta1),) = sandbox.send(text.replace(old, new))
    assert kind == "TA1"
    assert ta1.one("TA1") == ["TA1", "000000990", "261122", "1030", "R", code]
    assert ta1.one("IEA")[1] == "0"


def test_a_truncated_file_is_rejected_by_ta1_and_may_be_sent_again(
    sandbox: Any, claim: Any, file_of: Any
) -> None:
    text = file_of(claim())
    ((kind, ta1),) = sandbox.send(text[: len(text) // 2])
    assert (kind, ta1.one("TA1")[4:]) == ("TA1", ["R", "023"])
    assert [kind for kind, _ in sandbox.send(text)] == ["999", "277CA", "835"]


def test_the_same_control_number_twice_is_rejected_by_ta1_025(sandbox: Any, claim: Any, file_of: Any) -> None:
    first, second = claim(), claim()
    assert len(sandbox.send(file_of(first, control=777001))) == 3
    ((kind, ta1),) = sandbox.send(file_of(second, control=777001))
    assert kind == "TA1"
    assert ta1.one("TA1") == ["TA1", "000777001", "261122", "1030", "R", "025"]


def test_ta1_a_is_given_to_who_asks_for_it(sandbox: Any, claim: Any, file_of: Any) -> None:
    found = sandbox.send(file_of(claim()).replace("*0*T*:~", "*1*T*:~"))
    assert [kind for kind, _ in found] == ["TA1", "999", "277CA", "835"]
    assert found[0][1].one("TA1")[4:] == ["A", "000"]


def rejected(sandbox: Any, text: str) -> Any:
    ((kind, raw),) = sandbox.raw(text)
    assert kind == "999"
    assert x12n_document(params(), io.StringIO(raw), None, None)
    return raw


@pytest.mark.parametrize(
    ("old", "new", "ik5", "ak9"),
    [
        ("~SE*", "~SE*9", ["R", "4"], ["R", "1", "1", "0"]),
        ("*0001~GE", "*0002~GE", ["R", "3"], ["R", "1", "1", "0"]),
        ("GE*1*", "GE*3*", ["A"], ["R", "3", "1", "0", "5"]),
        ("GE*1*", "GE*1*9", ["A"], ["R", "1", "1", "0", "4"]),
        ("*X*005010X222A1~", "*X*005010X223A2~", ["A"], ["R", "1", "1", "0", "2"]),
    ],
)
def test_wrong_counts_and_numbers_are_named_in_the_999(
    sandbox: Any, claim: Any, file_of: Any, document: Any, old: str, new: str, ik5: list[str], ak9: list[str]
) -> None:
    ack = document(rejected(sandbox, file_of(claim()).replace(old, new)))
    assert ack.one("IK5")[1:] == ik5
    assert ack.one("AK9")[1:] == ak9


def test_a_bad_code_is_named_by_segment_element_and_value(
    sandbox: Any, claim: Any, file_of: Any, document: Any
) -> None:
    ack = document(rejected(sandbox, file_of(claim(filing="Q7"))))
    assert ack.one("IK3") == ["IK3", "SBR", "13", "2000", "8"]
    assert ack.one("IK4") == ["IK4", "9", "1032", "7", "Q7"]
    assert ack.one("IK5")[1:] == ["R", "5"]
    assert ack.one("AK9")[1:] == ["R", "1", "1", "0"]


@pytest.mark.parametrize(
    ("old", "new", "ik3"),
    [
        ("REF*EI*123456789~", "", ["REF", "2010", "3"]),
        ("HI*ABK:F411~", "", ["HI", "2300", "3"]),
        ("BHT*", "XYZ*1~BHT*", ["XYZ", "", "1"]),
        ("LX*1~", "LX*2~", ["LX", "2400", "8"]),
        ("HL*2*1*22", "HL*3*1*22", ["HL", "2000", "8"]),
        ("DMG*D8*19900115*F", "DMG*D8*19901315*F", ["DMG", "2010", "8"]),
        ("N4*SEATTLE*WA*98101~", "N4*SEATTLE*WA*98101~N4*SEATTLE*WA*98101~", ["N4", "2010", "5"]),
        ("HI*ABK:F411~", "REF*F8*1~HI*ABK:F411~REF*F8*1~", ["REF", "2300", "2"]),
    ],
)
def test_a_fault_of_structure_is_placed_by_ik3(
    sandbox: Any, claim: Any, file_of: Any, document: Any, old: str, new: str, ik3: list[str]
) -> None:
    text = file_of(claim()).replace(old, new)
    count = text[text.index("ST*") : text.index("GE*")].count("~")
    place = text.index("~SE*") + 1
    counted = text[:place] + f"SE*{count}" + text[text.index("*0001~GE", place) :]
    ack = document(rejected(sandbox, counted))
    found = ack.all("IK3")[0]
    assert [found[1], found[3], found[4]] == ik3
    assert not valid_to_pyx12_as_837(counted)


def valid_to_pyx12_as_837(text: str) -> bool:
    return bool(x12n_document(params(), io.StringIO(text), None, None))


def test_one_bad_set_does_not_hold_up_the_other(sandbox: Any, claim: Any, file_of: Any) -> None:
    good, bad = file_of(claim(), control=555001), file_of(claim(filing="Q7"), control=555001)
    second = (
        bad[bad.index("ST*837") : bad.index("GE*")].replace("*0001*", "*0002*").replace("*0001~", "*0002~")
    )
    both = good.replace("GE*1*", f"{second}GE*2*")
    found = sandbox.send(both)
    assert [kind for kind, _ in found] == ["999", "277CA", "835"]
    ack = found[0][1]
    assert [row[1] for row in ack.all("IK5")] == ["A", "R"]
    assert ack.one("AK9")[1:] == ["P", "2", "2", "1"]


@pytest.mark.parametrize("sample", [1, 2, 3])
def test_what_pyx12_accepts_is_accepted(
    sandbox: Any, claim: Any, service: Any, file_of: Any, sample: int
) -> None:
    claims = [
        claim(dependent=n == 1, services=[service(days=3 + n), service("96127", "", "5")])
        for n in range(sample)
    ]
    text = file_of(*claims)
    assert valid_to_pyx12_as_837(text)
    assert sandbox.report("999", text).one("AK9")[1] == "A"


def test_byte_order_mark_line_ends_and_other_separators_are_read(
    sandbox: Any, claim: Any, file_of: Any
) -> None:
    broken_into_lines = "\ufeff" + file_of(claim()).replace("~", "~\r\n")
    assert len(sandbox.send(broken_into_lines)) == 3
    other = file_of(claim()).replace("*", "|").replace(":", ">").replace("~", "\n")
    assert len(sandbox.send(other)) == 3


def test_what_is_no_interchange_gets_no_receipt(sandbox: Any) -> None:
    before = sandbox.end()
    answer = sandbox.post("/x12/claims", "not an interchange")
    assert (answer.status_code, answer.json()) == (400, {"error": "no_interchange"})
    assert sandbox.reports(before)["items"] == []
