"""A stand-in payer and clearing house: its own process, its own X12 code. Imports nothing of the clinic."""
