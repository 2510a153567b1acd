"""Waking a browser when something waits (Web Push, RFC 8030): the port, the adapter, and a fake."""
