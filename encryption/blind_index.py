"""Looking up a sealed value by equality: a keyed hash, one key per field. Never used on notes or messages."""

import hmac
import unicodedata
from enum import StrEnum

from encryption.keys import DataKey


class IndexedField(StrEnum):
    """The fields that may be looked up. That two rows are equal shows, so no short closed lists."""

    EMAIL = "email"
    MEMBER_ID = "member_id"
    SPONSOR_CODE = "sponsor_code"
    ROSTER_MEMBER = "roster_member"


def normalised(value: str) -> str:
    """Compatibility-composed (NFKC), lower case, without outer blanks: what people mean by "the same"."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).lower()).strip()


class BlindIndex:
    """HMAC-SHA256 of a normalised value. The key comes from the installation's key and must never change
    without re-indexing: give it the first version, whatever the current one is."""

    def __init__(self, clinic_key: DataKey) -> None:
        self._keys = {field: clinic_key.derive(f"blind index {field.value}") for field in IndexedField}

    def __repr__(self) -> str:
        return "BlindIndex(***)"

    def of(self, field: IndexedField, value: str) -> bytes:
        """32 bytes, equal for equal values of the same field only."""
        return hmac.digest(self._keys[field], normalised(value).encode(), "sha256")
