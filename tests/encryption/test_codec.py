from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Any, NewType
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    SerializationContext,
    WorkflowSerializationContext,
)
from temporalio.exceptions import ApplicationError

from encryption.codec import IdsOnlyConverter, NotForTemporal, SealingCodec, data_converter, place_of
from encryption.errors import KeyStoreRefused, Unreadable
from encryption.key_files import KeyFile

CANARY = UUID("5afe5afe-0000-4000-8000-00000000cafe")
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=f'"{CANARY}"'.encode())
Id = NewType("Id", UUID)


class Keys:
    """Codec keys held in memory."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self.keys = dict(keys)

    @property
    def current_version(self) -> int:
        return max(self.keys)

    def key(self, version: int) -> bytes:
        if version not in self.keys:
            raise KeyStoreRefused
        return self.keys[version]


KEYS = Keys({1: bytes(32)})


def workflow(workflow_id: str, namespace: str = "kindroom") -> WorkflowSerializationContext:
    return WorkflowSerializationContext(namespace, workflow_id)


def activity(workflow_id: str | None, activity_id: str = "1") -> ActivitySerializationContext:
    return ActivitySerializationContext("kindroom", activity_id, "a", "q", workflow_id, "W", is_local=False)


async def sealed(context: SerializationContext | None = None, keys: Keys = KEYS) -> Payload:
    codec = SealingCodec(keys)
    [payload] = await (codec.with_context(context) if context else codec).encode([PLAIN])
    return payload


async def opened(payload: Payload, context: SerializationContext | None = None, keys: Keys = KEYS) -> Payload:
    codec = SealingCodec(keys)
    [plain] = await (codec.with_context(context) if context else codec).decode([payload])
    return plain


async def test_a_payload_opens_in_its_workflow_and_shows_nothing_outside() -> None:
    payload = await sealed(workflow("room-1"))
    assert str(CANARY).encode() not in payload.SerializeToString()
    assert payload.metadata["encoding"] == b"binary/encrypted"
    assert await opened(payload, workflow("room-1")) == PLAIN
    assert (await sealed(workflow("room-1"))).data != payload.data


async def test_a_payload_of_another_workflow_or_namespace_is_refused() -> None:
    payload = await sealed(workflow("room-1"))
    for other in (workflow("room-2"), workflow("room-1", "staging"), activity("room-2")):
        with pytest.raises(Unreadable):
            await opened(payload, other)


async def test_an_activity_reads_what_its_workflow_sent() -> None:
    assert await opened(await sealed(activity("room-1")), workflow("room-1")) == PLAIN
    assert await opened(await sealed(workflow("room-1")), activity("room-1")) == PLAIN
    with pytest.raises(Unreadable):
        await opened(await sealed(activity(None, "7")), activity("room-1", "7"))


async def test_a_payload_relabelled_for_another_workflow_is_refused() -> None:
    payload = await sealed(workflow("room-1"))
    payload.metadata["place"] = b"kindroom/room-2"
    with pytest.raises(Unreadable):
        await opened(payload, workflow("room-2"))
    with pytest.raises(Unreadable):
        await opened(payload)


async def test_without_a_workflow_at_hand_the_payload_names_its_own() -> None:
    payload = await sealed(workflow("room-1"))
    assert await opened(payload) == PLAIN
    assert place_of(payload) == "kindroom/room-1"


async def test_a_payload_sealed_for_no_workflow_is_refused_in_one() -> None:
    payload = await sealed()
    assert await opened(payload) == PLAIN
    with pytest.raises(Unreadable):
        await opened(payload, workflow("room-1"))


async def test_runs_of_one_schedule_read_each_others_results() -> None:
    payload = await sealed(workflow("clock-audit-2026-11-01T05:30:00Z"))
    assert await opened(payload, workflow("clock-audit-2026-11-01T05:31:00Z")) == PLAIN
    assert await opened(payload, workflow("clock-audit")) == PLAIN


async def test_plain_payloads_are_refused() -> None:
    for payload in (PLAIN, Payload(), Payload(metadata={"encoding": b"binary/encrypted"}, data=b"x" * 100)):
        with pytest.raises(Unreadable):
            await opened(payload)


async def test_a_worker_is_told_of_what_is_damaged_and_its_converter_refuses_it_but_a_missing_key_is_raised() -> (
    None
):
    told: list[str] = []
    worker = SealingCodec(KEYS, tell=told.append).with_context(workflow("room-1"))
    sealed_here, elsewhere = await sealed(workflow("room-1")), await sealed(workflow("room-2"))
    opened_here, *others = await worker.decode([sealed_here, elsewhere, PLAIN])
    assert (opened_here, told) == (PLAIN, ["kindroom/room-1"] * 2)
    for payload in others:
        with pytest.raises(KeyError):
            IdsOnlyConverter().from_payloads([payload])
    newer = await sealed(workflow("room-1"), Keys({1: bytes(32), 2: b"2" * 32}))
    with pytest.raises(Unreadable, match="unreadable_key_version"):
        await worker.decode([newer])


async def test_old_keys_stay_readable_after_rotation_and_unknown_ones_are_refused() -> None:
    old = await sealed(workflow("room-1"))
    rotated = Keys({1: bytes(32), 2: b"2" * 32})
    new = await sealed(workflow("room-1"), rotated)
    assert await opened(old, workflow("room-1"), rotated) == PLAIN
    assert await opened(new, workflow("room-1"), rotated) == PLAIN
    assert new.metadata["key-version"] == b"2"
    with pytest.raises(Unreadable, match="unreadable_key_version"):
        await opened(new, workflow("room-1"))
    with pytest.raises(Unreadable):
        await opened(old, workflow("room-1"), Keys({1: b"x" * 32}))


async def test_any_flipped_bit_is_refused() -> None:
    payload = await sealed(workflow("room-1"))
    codec = SealingCodec(KEYS)

    @given(bit=st.integers(0, len(payload.data) * 8 - 1))
    def flipped(bit: int) -> None:
        damaged = bytearray(payload.data)
        damaged[bit // 8] ^= 1 << bit % 8
        copy = Payload(metadata=payload.metadata, data=bytes(damaged))
        with pytest.raises(Unreadable):
            codec._open(copy)

    flipped()


async def test_a_file_of_keys_serves_the_codec(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "codec.json")
    worker_converter = data_converter(KeyFile(tmp_path / "codec.json"))
    file.rotate()
    payloads = await data_converter(file).encode([CANARY])
    assert payloads[0].metadata["key-version"] == b"2"
    assert await worker_converter.decode(payloads, [UUID]) == [CANARY]


class Stage(StrEnum):
    INTAKE = "intake"


@dataclass(frozen=True)
class Inner:
    at: datetime
    stage: Stage


@dataclass(frozen=True)
class Everything:
    id: Id
    inner: Inner
    count: int
    held: bool
    many: tuple[Inner, ...]
    ids: list[Id]
    next_alarm_at: datetime | None = None
    stage: Stage | None = None


NOON = datetime(2026, 11, 1, 12, 0, 0, 123456, UTC)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (CANARY, UUID),
        (CANARY, Id),
        (NOON, datetime),
        (Stage.INTAKE, Stage),
        (7, int),
        (True, bool),
        (None, type(None)),
        (None, UUID | None),
        (NOON, datetime | None),
        ([CANARY], list[UUID]),
        (
            Everything(
                Id(CANARY),
                Inner(NOON, Stage.INTAKE),
                3,
                False,
                (Inner(NOON, Stage.INTAKE),),
                [Id(CANARY)],
                next_alarm_at=NOON,
            ),
            Everything,
        ),
    ],
)
async def test_ids_instants_and_enums_come_back_as_they_were(value: object, hint: Any) -> None:
    converter = data_converter(KEYS).with_context(workflow("room-1"))
    [back] = await converter.decode(await converter.encode([value]), [hint])
    assert back == value
    assert type(back) is type(value)


async def test_an_instant_comes_back_in_utc() -> None:
    converter = data_converter(KEYS)
    there = NOON.astimezone(timezone(timedelta(hours=-5)))
    [back] = await converter.decode(await converter.encode([there]), [datetime])
    assert back == there
    assert back.tzinfo is UTC


@dataclass(frozen=True)
class WithText:
    note: str


@pytest.mark.parametrize(
    "value",
    [
        "feeling low",
        b"feeling low",
        1.5,
        {"note": "feeling low"},
        {"message": "feeling low"},
        datetime(2026, 11, 1, 12, 0),  # noqa: DTZ001
        WithText("feeling low"),
        [CANARY, "feeling low"],
        ("feeling low",),
        {CANARY},
        object(),
    ],
)
def test_text_and_anything_else_never_reaches_temporal(value: object) -> None:
    with pytest.raises(NotForTemporal) as refused:
        IdsOnlyConverter().to_payloads([value])
    assert str(refused.value) == "not_for_temporal"


def test_an_instant_without_zone_is_not_accepted_back() -> None:
    naive = Payload(metadata={"encoding": b"json/plain"}, data=b'"2026-11-01T12:00:00"')
    with pytest.raises(TypeError):
        IdsOnlyConverter().from_payloads([naive], [datetime])


def test_the_sdks_own_answers_pass() -> None:
    metadata = WorkflowMetadata(current_details="")
    [payload] = IdsOnlyConverter().to_payloads([metadata])
    assert IdsOnlyConverter().from_payloads([payload], [WorkflowMetadata]) == [metadata]
    with pytest.raises(NotForTemporal):
        IdsOnlyConverter().to_payloads([Failure(message="feeling low")])


async def test_a_failure_keeps_its_text_and_stack_sealed() -> None:
    converter = data_converter(KEYS).with_context(workflow("room-1"))
    failure = Failure()
    try:
        raise ApplicationError("feeling low", CANARY, type="Conflict") from ValueError("lower still")
    except ApplicationError as error:
        await converter.encode_failure(error, failure)
    raw = failure.SerializeToString()
    assert b"Conflict" in raw
    for leak in (b"feeling low", b"lower still", b"test_codec", str(CANARY).encode()):
        assert leak not in raw
    back = await converter.decode_failure(failure)
    assert isinstance(back, ApplicationError)
    assert back.message == "feeling low"


async def test_the_default_converter_would_have_shown_all_of_it() -> None:
    failure = Failure()
    await DataConverter.default.encode_failure(ApplicationError("feeling low", str(CANARY)), failure)
    assert b"feeling low" in failure.SerializeToString()
    assert str(CANARY).encode() in failure.SerializeToString()
