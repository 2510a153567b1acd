"""Telling people outside the app that something waits inside it: the port, the texts, and the adapters."""
