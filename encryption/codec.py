"""What Temporal stores of ours: ids, instants and enums only, and even those sealed.

Two fences. The converter refuses anything but UUIDs, aware instants, enums, whole numbers, booleans and None,
in dataclasses and lists. The codec seals every payload with AES-256-GCM under a key derived for it alone,
bound to its namespace and workflow id, and refuses what is not sealed.

Not imported by workflow modules: the sandbox stops a worker that meets `cryptography` there.
"""

import dataclasses
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, Protocol, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from google.protobuf.message import DecodeError, Message
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    BinaryNullPayloadConverter,
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    JSONPlainPayloadConverter,
    JSONProtoPayloadConverter,
    JSONTypeConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from domain.errors import KindroomError
from encryption.errors import Damaged, KeyStoreRefused, Unreadable
from encryption.framing import framed
from encryption.keys import KEY_BYTES, NONCE_BYTES

ENCODING: Final = b"binary/encrypted"
DAMAGED: Final = b"binary/damaged"
"""What a worker sees in the place of a payload that does not open: nothing converts it."""
_SALT: Final = 32
_TAG: Final = 16
# A Schedule starts "<id>-<instant>" and hands its last result to the next run: both are one place.
_SCHEDULED_AT: Final = re.compile(r"-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
_FAILURE_ATTRIBUTES: Final = {"message", "stack_trace"}


class NotForTemporal(KindroomError):
    """A value that is no id, instant, enum, whole number or boolean was about to reach Temporal."""

    code = "not_for_temporal"


class CodecKeys(Protocol):
    """Versioned 32-byte keys, such as a `KeyFile`. Old versions stay for as long as histories are kept."""

    @property
    def current_version(self) -> int:
        """The version that seals now."""
        ...

    def key(self, version: int) -> bytes:
        """Raises `KeyStoreRefused` if there is no such version."""
        ...


class SealingCodec(PayloadCodec, WithSerializationContext):
    """Seals each payload as `salt 32 | nonce 12 | ciphertext + tag`; key version and place are metadata.

    The place (`namespace/workflow id`) is authenticated. Where the SDK says which workflow a payload belongs
    to, one that was sealed for another is refused; without that (the Temporal UI) the payload's own word
    counts. Raises `Unreadable`, also for a version of the key that is not there.

    With `tell` (a worker's), what is damaged, plain, or another workflow's is told by its place and becomes a payload
    that nothing converts: a signal is dropped by the SDK, and its workflow goes on. What a workflow was started with
    or was answered still fails its task, so that under a wrong key nothing is dropped.
    """

    def __init__(
        self, keys: CodecKeys, place: str | None = None, tell: Callable[[str], None] | None = None
    ) -> None:
        self._keys = keys
        self._place = place
        self._tell = tell

    def with_context(self, context: SerializationContext) -> Self:
        """The codec for one workflow's payloads."""
        return type(self)(self._keys, _place_of(context), self._tell)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal under the current key."""
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open under whatever key each was sealed with. Plain payloads are refused."""
        return [self._opened(payload) for payload in payloads]

    def _opened(self, payload: Payload) -> Payload:
        try:
            return self._open(payload)
        except Damaged:
            if self._tell is None:
                raise
            self._tell(self._place or "")
            return Payload(metadata={"encoding": DAMAGED})

    def _seal(self, payload: Payload) -> Payload:
        version, place = self._keys.current_version, self._place or ""
        salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(NONCE_BYTES)
        sealed = _payload_key(self._keys.key(version), salt).encrypt(
            nonce, payload.SerializeToString(), _bound(version, place)
        )
        metadata = {"encoding": ENCODING, "key-version": b"%d" % version, "place": place.encode()}
        return Payload(metadata=metadata, data=salt + nonce + sealed)

    def _open(self, payload: Payload) -> Payload:
        version, place = _label(payload)
        if self._place is not None and place != self._place:
            raise Damaged("unreadable_other_workflow")
        salt, nonce = payload.data[:_SALT], payload.data[_SALT : _SALT + NONCE_BYTES]
        try:
            aead = _payload_key(self._keys.key(version), salt)
            plain = aead.decrypt(nonce, payload.data[_SALT + NONCE_BYTES :], _bound(version, place))
            return Payload.FromString(plain)
        except (InvalidTag, DecodeError):
            raise Damaged from None
        except KeyStoreRefused:
            raise Unreadable("unreadable_key_version") from None


def place_of(payload: Payload) -> str:
    """`namespace/workflow id` a sealed payload claims; true only if it opens. Raises `Unreadable`."""
    return _label(payload)[1]


def data_converter(keys: CodecKeys, tell: Callable[[str], None] | None = None) -> DataConverter:
    """What every client, worker and replayer of ours uses. `tell`: a worker's, as `SealingCodec` says."""
    return DataConverter(
        payload_converter_class=IdsOnlyConverter,
        payload_codec=SealingCodec(keys, tell=tell),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def _place_of(context: SerializationContext) -> str:
    match context:
        case WorkflowSerializationContext():
            return f"{context.namespace}/{_SCHEDULED_AT.sub('', context.workflow_id)}"
        case ActivitySerializationContext():
            owner = context.workflow_id or context.activity_id or ""
            return f"{context.namespace}/{_SCHEDULED_AT.sub('', owner)}"
        case _:
            return ""


def _label(payload: Payload) -> tuple[int, str]:
    if payload.metadata.get("encoding") != ENCODING or len(payload.data) < _SALT + NONCE_BYTES + _TAG:
        raise Damaged("unreadable_not_sealed")
    try:
        return int(payload.metadata["key-version"]), payload.metadata["place"].decode()
    except (KeyError, ValueError):
        raise Damaged("unreadable_envelope") from None


def _payload_key(root: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"kindroom temporal payload").derive(root))


def _bound(version: int, place: str) -> bytes:
    return framed("temporal payload", version, place)


class _IdsOnlyJson(JSONPlainPayloadConverter):
    """JSON of values that identify or time, never of what a person wrote."""

    def __init__(self) -> None:
        super().__init__(encoder=None, custom_type_converters=[_AwareInstants()])

    def to_payload(self, value: Any) -> Payload | None:
        if isinstance(value, dict) and value.keys() == _FAILURE_ATTRIBUTES:
            return super().to_payload(value)  # the SDK's own: an error's code and stack, sealed like all else
        return super().to_payload(_plain(value))


class _SdkMessages(JSONProtoPayloadConverter):
    """The SDK's answers about itself (current handlers, stack) to the Temporal UI."""

    def to_payload(self, value: Any) -> Payload | None:
        if isinstance(value, Message) and not value.DESCRIPTOR.full_name.startswith("temporal.api.sdk."):
            raise NotForTemporal
        return super().to_payload(value)


class _AwareInstants(JSONTypeConverter):
    def to_typed_value(self, hint: type, value: Any) -> Any:
        if hint != datetime:  # by equality: the workflow sandbox shows its modules a stand-in for the class
            return JSONTypeConverter.Unhandled
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise TypeError("an instant without its zone")
        return instant.astimezone(UTC)


class IdsOnlyConverter(CompositePayloadConverter):
    """UUID, aware datetime (as UTC), Enum, int, bool, None; dataclasses, lists and tuples of them.

    Anything else, a plain `str` above all, raises `NotForTemporal`. Decoding goes by the type hints of the
    receiver; fields it does not know are dropped, fields with defaults may be missing.
    """

    def __init__(self) -> None:
        super().__init__(BinaryNullPayloadConverter(), _SdkMessages(), _IdsOnlyJson())


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case None | bool() | int():
            return value
        case UUID():
            return str(value)
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).isoformat()
        case list() | tuple():
            return [_plain(item) for item in value]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            raise NotForTemporal
