"""Talking X12 with a clearing house or payer: the port, its values and errors, and the adapters."""
