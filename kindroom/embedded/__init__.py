"""The embedded stack: PostgreSQL, Temporal and our own processes under one supervisor."""
