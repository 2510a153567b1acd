"""The best assignment of many clients to few places: the port and the adapters."""
