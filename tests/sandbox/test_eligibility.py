"""A 270 over HTTP: every member suffix ends as the payer rules say, and the 271 is a well-made one."""

import time
from typing import Any

import httpx
import pytest

REJECTED = [("05", "75", "C"), ("06", "73", "C"), ("07", "58", "C"), ("22", "72", "C")]
ACTIVE = ["01", "02", "03", "11", "14", "15", "16", "17", "18", "19", "21", "23"]


def rows(reply: Any, kind: str) -> list[str]:
    return [line for line in reply.lines("EB") if line.startswith(f"EB*{kind}*")]


@pytest.mark.parametrize("suffix", ACTIVE)
def test_an_active_member_gets_plan_dates_and_the_trace_back(
    sandbox: Any, question: Any, suffix: str
) -> None:
    asked = question(suffix)
    reply = sandbox.ask(asked)
    assert reply.one("ST")[1:] == ["271", "0001", "005010X279A1"]
    assert reply.one("GS")[1] == "HB"
    assert reply.one("ISA")[6].strip() == "SANDBOXPAYER"
    assert reply.one("ISA")[8].strip() == "TALKWELL"
    assert reply.one("BHT")[3] == "ASK1"
    assert ["TRN", "2", asked.trace, "9TALKWELL1"] in reply.segments
    assert rows(reply, "1")[0] == "EB*1**30**OPEN ACCESS PLUS"
    begin, end = reply.one("DTP", "346")[3], reply.one("DTP", "347")[3]
    assert begin[4:] == "0101"
    assert end == f"{begin[:4]}1231"
    assert not reply.all("AAA")


@pytest.mark.parametrize(("suffix", "code", "follow_up"), REJECTED)
def test_a_member_the_payer_cannot_match_gets_aaa_at_the_subscriber(
    sandbox: Any, question: Any, suffix: str, code: str, follow_up: str
) -> None:
    asked = question(suffix)
    reply = sandbox.ask(asked)
    assert reply.one("AAA")[1:] == ["N", "", code, follow_up]
    assert reply.segments[-4][0] == "AAA"
    assert reply.one("TRN")[1:] == ["2", asked.trace, "9TALKWELL1"]
    assert not reply.all("EB")
    assert [level[3] for level in reply.all("HL")] == ["20", "21", "22"]


def test_copay_and_telehealth_copay_stand_in_their_own_rows(sandbox: Any, question: Any) -> None:
    reply = sandbox.ask(question("01"))
    assert "EB*B*IND*MH***27*25.00*****Y" in reply.lines("EB")
    place = reply.segments.index(["EB", "B", "IND", "MH", "", "", "27", "10.00", "", "", "", "", "Y"])
    assert reply.segments[place + 1] == ["MSG", "TELEHEALTH VIRTUAL VISIT COPAY"]
    assert reply.segments[place + 2] == ["III", "ZZ", "10"]


def test_deductible_coinsurance_and_limit_are_told_with_what_remains(sandbox: Any, question: Any) -> None:
    lines = sandbox.ask(question("02")).lines("EB")
    assert "EB*C*IND*30***23*1500.00*****Y" in lines
    assert "EB*C*IND*30***29*320.50*****Y" in lines
    assert "EB*G*IND*30***23*6000.00*****Y" in lines
    assert "EB*G*IND*30***29*1899.75*****Y" in lines
    assert "EB*A*IND*MH***27**.2****Y" in lines


def test_full_cover_is_a_zero_and_not_an_absence(sandbox: Any, question: Any) -> None:
    lines = sandbox.ask(question("03")).lines("EB")
    assert "EB*A*IND*MH***27**0****Y" in lines
    assert "EB*B*IND*MH***27*0.00*****Y" in lines


def test_an_ended_plan_is_inactive_with_its_last_day(sandbox: Any, question: Any) -> None:
    reply = sandbox.ask(question("04"))
    assert reply.lines("EB") == ["EB*6**30"]
    assert reply.one("DTP", "347")[2:] == ["D8", "20260630"]
    assert not reply.all("DTP", "346")


def test_a_name_mismatch_is_found_without_the_first_name(sandbox: Any, question: Any) -> None:
    assert sandbox.ask(question("06")).one("AAA")[3] == "73"
    assert "EB*B*IND*MH***27*25.00*****Y" in sandbox.ask(question("06", first="")).lines("EB")


def test_an_unknown_provider_is_told_at_the_receiver_level(sandbox: Any, question: Any) -> None:
    reply = sandbox.ask(question("08"))
    assert reply.after("NM1", "1P") == ["AAA", "N", "", "51", "C"]
    assert [level[3:] for level in reply.all("HL")] == [["20", "1"], ["21", "0"]]
    assert sandbox.ask(question("01", npi="1345678903")).one("AAA")[3] == "43"


def test_a_payer_that_cannot_answer_recovers_after_three_calls(sandbox: Any, question: Any) -> None:
    for _ in range(3):
        reply = sandbox.ask(question("09", member="U77000009"))
        assert reply.after("HL", "1") == ["AAA", "N", "", "42", "R"]
        assert reply.one("HL")[4] == "0"
    assert rows(sandbox.ask(question("09", member="U77000009")), "B")
    assert sandbox.ask(question("09", member="U77000109")).one("AAA")[3] == "42"


def test_a_payer_that_does_not_respond_recovers_after_a_time(sandbox: Any, question: Any) -> None:
    reply = sandbox.ask(question("10", member="U77000010"))
    assert reply.after("NM1", "PR") == ["AAA", "N", "", "80", "P"]
    until = time.monotonic() + 5
    while sandbox.ask(question("10", member="U77000010")).all("AAA"):
        assert time.monotonic() < until
    assert rows(sandbox.ask(question("10", member="U77000010")), "B")


def test_a_slow_member_outlasts_the_patience_of_its_caller(sandbox: Any, question: Any) -> None:
    with httpx.Client(base_url=sandbox.http.base_url, timeout=0.1, trust_env=False) as hasty:
        with pytest.raises(httpx.ReadTimeout):
            hasty.post("/x12/realtime", content=question("11").text())
    began = time.monotonic()
    assert rows(sandbox.ask(question("11")), "B")
    assert time.monotonic() - began >= 0.3


def test_a_gateway_that_is_down_says_503_and_when_to_come_back(sandbox: Any, question: Any) -> None:
    answer = sandbox.post("/x12/realtime", question("12").text())
    assert (answer.status_code, answer.text) == (503, "")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_truncated_answer_ends_inside_its_isa(sandbox: Any, question: Any) -> None:
    answer = sandbox.post("/x12/realtime", question("13").text())
    assert answer.status_code == 200
    assert answer.text.startswith("ISA*00*")
    assert len(answer.text) < 106


def test_authorisation_and_visit_limits_are_told(sandbox: Any, question: Any) -> None:
    authorised = sandbox.ask(question("14"))
    assert "EB*CB*IND*MH********Y" in authorised.lines("EB")
    assert ["MSG", "PRIOR AUTHORIZATION AFTER VISIT 20"] in authorised.segments
    used_up = sandbox.ask(question("15")).lines("EB")
    assert "EB*F*IND*MH***23***VS*30**Y" in used_up
    assert "EB*F*IND*MH***29***VS*0**Y" in used_up


def test_a_carve_out_names_the_other_payer_which_then_answers(sandbox: Any, question: Any) -> None:
    reply = sandbox.ask(question("16", member="U88000016"))
    assert reply.after("LS") == ["NM1", "PR", "2", "OPTUM BEHAVIORAL HEALTH", "", "", "", "", "PI", "87726"]
    assert not [line for line in rows(reply, "B") if "MH" in line]
    there = sandbox.ask(question("16", member="U88000016", payer="87726"))
    assert "EB*B*IND*MH***27*25.00*****Y" in there.lines("EB")
    assert not rows(there, "U")


def test_a_provider_out_of_network_sees_only_out_of_network_rows(sandbox: Any, question: Any) -> None:
    reply = sandbox.ask(question("17"))
    assert "EB*C*IND*30***29*4000.00*****N" in reply.lines("EB")
    assert "EB*A*IND*MH***27**.4****N" in reply.lines("EB")
    assert not [line for line in reply.lines("EB") if line.endswith("*Y")]


def test_a_payer_may_say_nothing_about_behavioural_health(sandbox: Any, question: Any) -> None:
    types = {line.split("*")[3] for line in sandbox.ask(question("18")).lines("EB")}
    assert types == {"30"}


def test_other_insurance_is_named_as_primary(sandbox: Any, question: Any) -> None:
    reply = sandbox.ask(question("19"))
    assert rows(reply, "R") == ["EB*R*IND*30"]
    assert reply.after("LS")[1] == "PRP"


def test_a_dependent_is_found_only_in_the_dependent_loop(sandbox: Any, question: Any) -> None:
    assert sandbox.ask(question("20")).one("AAA")[3] == "75"
    asked = question("20", dependent=True)
    reply = sandbox.ask(asked)
    assert [level[3] for level in reply.all("HL")] == ["20", "21", "22", "23"]
    assert ["TRN", "2", asked.trace, "9TALKWELL1"] in reply.segments
    below = reply.segments[reply.segments.index(["HL", "4", "3", "23", "0"]) :]
    assert [segment for segment in below if segment[0] == "EB"] == reply.all("EB") != []
    assert ["NM1", "03", "1", "RIVERA", "BEN"] in below


def test_an_inquiry_without_name_match_data_or_date_is_refused(sandbox: Any, question: Any) -> None:
    assert sandbox.ask(question("01", birth="")).one("AAA")[3] == "58"
    assert sandbox.ask(question("01", birth="20991231")).one("AAA")[3] == "58"
    assert sandbox.ask(question("01", on="20200101")).one("AAA")[3] == "62"
    assert sandbox.ask(question("01", on="20990101")).one("AAA")[3] == "63"
    assert sandbox.ask(question("77")).one("AAA")[3] == "75"


def test_an_unknown_payer_is_an_error_of_the_caller(sandbox: Any, question: Any, document: Any) -> None:
    answer = sandbox.post("/x12/realtime", question("01", payer="99999").text())
    assert answer.status_code == 400
    assert document(answer.text).after("NM1", "PR") == ["AAA", "N", "", "79", "C"]


@pytest.mark.parametrize("payer", ["00430", "62308", "87726", "00590", "60054"])
def test_every_payer_answers_under_its_own_name(sandbox: Any, question: Any, payer: str) -> None:
    reply = sandbox.ask(question("01", payer=payer))
    assert reply.one("NM1", "PR")[9] == payer
    begin = reply.one("DTP", "346")[3]
    assert begin.endswith("0816" if payer == "00590" else "0101")


def test_a_blue_plan_knows_its_members_by_a_prefix_of_three_letters(sandbox: Any, question: Any) -> None:
    assert sandbox.ask(question("01", payer="BCSNC", member="1234567801")).one("AAA")[3] == "72"
    assert rows(sandbox.ask(question("01", payer="BCSNC", member="YPP12345601")), "1")


def test_the_service_type_asked_is_the_one_answered(sandbox: Any, question: Any) -> None:
    therapy = sandbox.ask(question("01", asked=("A6",)))
    assert "EB*B*IND*A6***27*25.00*****Y" in therapy.lines("EB")
    unsupported = sandbox.ask(question("01", asked=("35",)))
    assert "EB*B*IND*MH***27*25.00*****Y" in unsupported.lines("EB")
    both = sandbox.ask(question("01", asked=("MH^A6",)))
    assert "EB*B*IND*MH^A6***27*25.00*****Y" in both.lines("EB")


def test_a_plan_ended_in_retrospect_shows_at_the_next_check(start: Any, question: Any, tmp_path: Any) -> None:
    sandbox = start(tmp_path)
    assert rows(sandbox.ask(question("21", member="U11000021")), "B")
    sandbox.http.post("/control/clock", json={"seconds": 21 * 86400})
    assert sandbox.ask(question("21", member="U11000021")).lines("EB") == ["EB*6**30"]
    sandbox.close()


def test_a_bad_envelope_is_answered_by_ta1_and_a_bad_structure_by_999(
    sandbox: Any, question: Any, document: Any
) -> None:
    text = question("01").text()
    cut = document(sandbox.post("/x12/realtime", text[: text.index("GE*")]).text)
    assert cut.one("TA1")[4:] == ["R", "023"]
    nameless = text.replace("NM1*1P*2*TALKWELL THERAPY PC*****XX*1345678902~", "")
    counted = nameless.replace("~SE*15*", "~SE*14*")
    refused = document(sandbox.post("/x12/realtime", counted).text)
    assert refused.one("ST")[1] == "999"
    assert ["NM1", "2100", "3"] in [[found[1], found[3], found[4]] for found in refused.all("IK3")]
    assert sandbox.post("/x12/realtime", "hello").json() == {"error": "no_interchange"}


def test_claim_status_follows_the_claim(sandbox: Any, claim: Any, file_of: Any, document: Any) -> None:
    own = claim()
    icn = sandbox.report("277CA", file_of(own)).one("REF", "1K")[2]
    asked = (
        "ISA*00*          *00*          *ZZ*TALKWELL       *ZZ*SANDBOXPAYER   *261122*1030*^*00501*000000001*0*T*:~"
        "GS*HR*TALKWELL*SANDBOXPAYER*20261122*1030*1*X*005010X212~ST*276*0001*005010X212~"
        "BHT*0010*13*TWST1*20261122*1030~HL*1**20*1~NM1*PR*2*CIGNA*****PI*62308~HL*2*1*21*1~"
        "NM1*41*2*TALKWELL THERAPY PC*****46*TALKWELL~HL*3*2*19*1~NM1*1P*2*TALKWELL THERAPY PC*****XX*1345678902~"
        f"HL*4*3*22*0~DMG*D8*19900115*F~NM1*IL*1*RIVERA*ANA****MI*{own.member}~TRN*1*TW-ST-1~REF*1K*{icn}~"
        "AMT*T3*175~DTP*472*D8*20261110~SE*16*0001~GE*1*1~IEA*1*000000001~"
    )
    reply = document(sandbox.post("/x12/realtime", asked).text)
    assert reply.one("TRN")[1:] == ["2", "TW-ST-1"]
    assert reply.one("STC")[1] == "F1:65"
    assert reply.one("STC")[4:6] == ["175", "120"]
    lost = document(sandbox.post("/x12/realtime", asked.replace(icn, "2000010100001")).text)
    assert lost.one("STC")[1] == "A4:35"
