"""How activities are tried, by what is at stake. Named once, used everywhere."""

from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

PROMISE: dict[str, Any] = {
    # A killed worker's activity is tried again only after this long: a rung may be late by an outage and 15 s.
    "start_to_close_timeout": timedelta(seconds=8),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=30)
    ),
}
"""Clocks, pages, check-ins, offers: tried for ever. A promise does not lapse because an engine was down."""

RECORD: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=60),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
    ),
    "schedule_to_close_timeout": timedelta(days=7),
}
"""Writing and reading facts in PostgreSQL: tried for a week, then the workflow fails and the audit reports it."""

RECORDING: dict[str, Any] = {
    "start_to_close_timeout": timedelta(
        minutes=45
    ),  # twice the computing time that one may take, and its bytes
    "heartbeat_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=2), backoff_coefficient=2, maximum_interval=timedelta(minutes=5)
    ),
    "schedule_to_close_timeout": timedelta(days=7),
}
"""Making a recording playable: long, and told alive every few seconds, so that a killed worker's is handed on."""

PAYER: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(maximum_attempts=1),
}
"""One call to a payer. Never repeated by the engine: what to do after a failure is the workflow's decision."""

CARE_QUEUE = "care"
OFFICE_QUEUE = "office"
MEDIA_QUEUE = "media"
