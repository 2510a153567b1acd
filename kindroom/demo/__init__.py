"""The demonstration: one new client from registration to a paid claim, on a running stack, over HTTP."""
