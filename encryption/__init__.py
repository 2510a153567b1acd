"""Sealing: key-encryption keys, data keys, message envelopes, the Temporal payload codec."""
