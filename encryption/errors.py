"""What sealing and opening refuse. The texts are codes: they never carry content, keys or ids."""

from domain.errors import KindroomError


class Unreadable(KindroomError):
    """Sealed bytes that this key, in this place, does not open: damaged, moved, or sealed elsewhere."""

    code = "unreadable"


class Damaged(Unreadable):
    """Sealed bytes that fail authentication, or are no envelope: nothing that comes later will open them.

    A wrong key version or a key service that is away is not this.
    """


class KeyMissing(Unreadable):
    """There is no key for it: destroyed, or not this actor's. Looks the same as what is not there."""

    code = "key_missing"


class KeyStoreRefused(KindroomError):
    """The key store cannot be trusted: its file is open to others, damaged, or lacks a version."""

    code = "key_store_refused"
