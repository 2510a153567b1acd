"""CORE connectivity by HTTP and MIME: the envelope of the rule, its error codes, the same answers inside."""

import uuid
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest


def envelope(payload: str, **changes: str | None) -> dict[str, str]:
    fields: dict[str, str | None] = {
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
    return {name: value for name, value in fields.items() if value is not None}


def send(sandbox: Any, fields: dict[str, str]) -> tuple[int, dict[str, str]]:
    answer = sandbox.http.post(
        "/core/realtime", files={name: (None, value) for name, value in fields.items()}
    )
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + answer.content)
    assert message.get_content_type() == "multipart/form-data"
    parts = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        parts[str(name)] = str(part.get_payload())
    return answer.status_code, parts


def test_a_core_request_gets_the_271_in_an_envelope_turned_round(
    sandbox: Any, question: Any, document: Any
) -> None:
    asked = question("01")
    fields = envelope(asked.text())
    code, answer = send(sandbox, fields)
    assert code == 200
    assert answer["PayloadType"] == "X12_271_Response_005010X279A1"
    assert (answer["ErrorCode"], answer["ProcessingMode"]) == ("Success", "RealTime")
    assert (answer["SenderID"], answer["ReceiverID"]) == ("SANDBOXPAYER", "TALKWELL")
    assert (answer["PayloadID"], answer["CORERuleVersion"]) == (fields["PayloadID"], "2.2.0")
    reply = document(answer["Payload"])
    assert ["TRN", "2", asked.trace, "9TALKWELL1"] in reply.segments
    assert "EB*B*IND*MH***27*25.00*****Y" in reply.lines("EB")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"PayloadType": None}, "PayloadTypeRequired"),
        ({"UserName": None}, "UserNameRequired"),
        ({"Payload": None}, "PayloadRequired"),
        ({"PayloadType": "X12_278_Request_005010X217E1"}, "PayloadTypeNotUnderstood"),
        ({"ProcessingMode": "Batch"}, "ProcessingModeIllegal"),
        ({"PayloadID": "42"}, "PayloadIDIllegal"),
        ({"TimeStamp": "yesterday"}, "TimeStampIllegal"),
        ({"CORERuleVersion": "1.1.0"}, "VersionMismatch"),
        ({"Payload": "hello"}, "PayloadIllegal"),
    ],
)
def test_a_faulty_envelope_gets_its_error_code(
    sandbox: Any, question: Any, change: dict[str, str | None], code: str
) -> None:
    status, answer = send(sandbox, envelope(question("01").text(), **change))
    assert status == 200
    assert answer["ErrorCode"] == code
    assert answer["PayloadType"] == "CoreEnvelopeError"
    assert "Payload" not in answer


def test_wrong_credentials_are_unauthorised(start: Any, question: Any, tmp_path: Any) -> None:
    sandbox = start(tmp_path, "--latency-p50-ms=0", "--core-user=talkwell", "--core-password=right")
    assert send(sandbox, envelope(question("01").text()))[1]["ErrorCode"] == "UnAuthorized"
    fields = envelope(question("01").text(), Password="right")
    assert send(sandbox, fields)[1]["ErrorCode"] == "Success"
    sandbox.close()


def test_a_structure_error_comes_back_as_999_and_a_broken_envelope_as_ta1(
    sandbox: Any, question: Any
) -> None:
    text = question("01").text()
    refused = send(sandbox, envelope(text.replace("~SE*", "~SE*9")))[1]
    assert refused["PayloadType"] == "X12_999_Response_005010X231A1"
    cut = send(sandbox, envelope(text[: text.index("IEA")]))[1]
    assert cut["PayloadType"] == "X12_TA1_Response_00501X231A1"


def test_http_faults_stay_http_faults(sandbox: Any, question: Any) -> None:
    files = {name: (None, value) for name, value in envelope(question("12").text()).items()}
    assert sandbox.http.post("/core/realtime", files=files).status_code == 503
    assert sandbox.http.post("/core/realtime", content=b"ISA").status_code == 400
    unknown = envelope(question("01", payer="99999").text())
    status, answer = send(sandbox, unknown)
    assert status == 400
    assert "AAA*N**79*C~" in answer["Payload"]
