"""Who pushes: a signed token for each push service (VAPID, RFC 8292), under one P-256 key of the installation."""

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_ORDER: Final = (
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the group (SEC 2, secp256r1)
)
_LIFETIME: Final = timedelta(hours=12)  # RFC 8292 allows a day
_HEADER: Final = {"typ": "JWT", "alg": "ES256"}


class Vapid:
    """Signs as this installation. `contact` is a `mailto:` or `https:` address for the push service's operators."""

    def __init__(self, secret: bytes, contact: str) -> None:
        """`secret`: 32 random bytes, from which the key pair is made."""
        scalar = int.from_bytes(secret, "big") % (_ORDER - 1) + 1
        self._key: EllipticCurvePrivateKey = derive_private_key(scalar, SECP256R1())
        self._contact = contact

    def __repr__(self) -> str:
        return "Vapid(***)"

    @cached_property
    def public_key(self) -> str:
        """What a browser subscribes with: the uncompressed point, in base64 for URLs."""
        return _text(self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def authorization(self, endpoint: str, now: datetime) -> str:
        """The value of the `Authorization` header for a push to this endpoint."""
        parts = urlsplit(endpoint)
        expires = int((now + _LIFETIME).timestamp())
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": expires, "sub": self._contact}
        signed = f"{_text(json.dumps(_HEADER).encode())}.{_text(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ECDSA(SHA256())))
        signature = _text(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"vapid t={signed}.{signature}, k={self.public_key}"


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
