"""Durable journeys: deterministic Temporal workflows that carry ids, instants and enums only."""
