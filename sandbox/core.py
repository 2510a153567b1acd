"""CAQH CORE connectivity, HTTP+MIME (rule 2.2.0): the envelope fields of a real-time request and of its
answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

RULE_VERSION = "2.2.0"
ANSWERS: Mapping[str, str] = {
    "X12_270_Request_005010X279A1": "X12_271_Response_005010X279A1",
    "X12_276_Request_005010X212": "X12_277_Response_005010X212",
}
_OTHER_ANSWERS: Mapping[str, str] = {
    "999": "X12_999_Response_005010X231A1",
    "TA1": "X12_TA1_Response_00501X231A1",
}
_REQUIRED = (
    "PayloadType",
    "ProcessingMode",
    "PayloadID",
    "TimeStamp",
    "UserName",
    "Password",
    "SenderID",
    "ReceiverID",
    "CORERuleVersion",
    "Payload",
)
_TOLD = ("ErrorCode", "ErrorMessage")
_UNSEEN = {"Password", "Payload"}


@dataclass(frozen=True)
class Credentials:
    """The user name and password the sandbox asks for; None lets any pair in that is not empty."""

    user: str | None = None
    password: str | None = None

    def fit(self, user: str, password: str) -> bool:
        return (self.user is None or self.user == user) and (
            self.password is None or self.password == password
        )


@dataclass(frozen=True)
class EnvelopeError:
    """An envelope fault: the CORE error code and words for it."""

    code: str
    message: str


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return "T" in text


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def check(fields: Mapping[str, str], credentials: Credentials) -> EnvelopeError | None:
    """The first fault of a request's envelope: `<Field>Required`, `<Field>Illegal`,
    `VersionMismatch`, `UnAuthorized`, `PayloadTypeNotUnderstood`.
    """
    missing = next((name for name in _REQUIRED if not fields.get(name)), None)
    if missing:
        return EnvelopeError(f"{missing}Required", f"The field {missing} is required but was not provided.")
    checks = (
        (fields["CORERuleVersion"] == RULE_VERSION, "VersionMismatch", "This rule version is not supported."),
        (
            credentials.fit(fields["UserName"], fields["Password"]),
            "UnAuthorized",
            "User name or password is wrong.",
        ),
        (
            fields["ProcessingMode"] == "RealTime",
            "ProcessingModeIllegal",
            "This address takes RealTime only.",
        ),
        (_is_uuid(fields["PayloadID"]), "PayloadIDIllegal", "PayloadID must be a UUID."),
        (
            _is_instant(fields["TimeStamp"]),
            "TimeStampIllegal",
            "TimeStamp must be a date and time of XML Schema.",
        ),
        (
            fields["PayloadType"] in ANSWERS,
            "PayloadTypeNotUnderstood",
            "This payload type is not taken here.",
        ),
    )
    return next((EnvelopeError(code, message) for good, code, message in checks if not good), None)


def shown(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of an envelope that may be kept and shown: those of the rule, but for password and payload."""
    return {name: fields[name] for name in (*_REQUIRED, *_TOLD) if name in fields and name not in _UNSEEN}


def answer_type(asked: str, kind: str) -> str:
    """The PayloadType of an answer of X12 kind 271, 277, 999 or TA1."""
    return _OTHER_ANSWERS.get(kind, ANSWERS.get(asked, "CoreEnvelopeError"))


def answer_fields(
    asked: Mapping[str, str], payload_type: str, payload: str, error: EnvelopeError | None
) -> dict[str, str]:
    """The fields of an answer. Sender and receiver change places; the payload id is the request's."""
    fields = {
        "PayloadType": payload_type,
        "ProcessingMode": "RealTime",
        "PayloadID": asked.get("PayloadID", ""),
        "TimeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "SenderID": asked.get("ReceiverID", ""),
        "ReceiverID": asked.get("SenderID", ""),
        "CORERuleVersion": RULE_VERSION,
        "ErrorCode": error.code if error else "Success",
        "ErrorMessage": error.message if error else "None",
    }
    return {**fields, "Payload": payload} if payload else fields


def multipart(fields: Mapping[str, str]) -> tuple[str, bytes]:
    """The media type and body of a multipart/form-data message."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{_safe(name, value)}\r\n'
        for name, value in fields.items()
    ]
    body = "".join(parts) + f"--{boundary}--\r\n"
    return f'multipart/form-data; boundary="{boundary}"', body.encode()


def _safe(name: str, value: str) -> str:
    """A field that came from the caller goes back as one line; the payload goes as it is."""
    return value if name == "Payload" else " ".join(value.split())
