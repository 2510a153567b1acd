"""Calendars and policies read from their stored JSON once, however many clocks count by them.

Whoever re-projects a thousand rooms asks for the same few calendars and policies a thousand times. The text itself
is the key, so nothing can be stale; equal texts give the same object, which `domain.calendars` remembers days by.
"""

import json
from functools import lru_cache

from domain.calendars import Calendar, calendar_from_json
from domain.policies import ResponsePolicy, policy_from_json


@lru_cache(maxsize=1 << 14)
def calendar(text: str) -> Calendar:
    """The calendar of a stored text (`hours::text`). Raises `Invalid`."""
    return calendar_from_json(json.loads(text))


@lru_cache(maxsize=1 << 12)
def policy(name: str, text: str) -> ResponsePolicy:
    """The response policy of a stored text (`definition::text`). Raises `Invalid`."""
    return policy_from_json(name, json.loads(text))
