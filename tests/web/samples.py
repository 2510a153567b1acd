"""Every page with believable content, at one fixed instant. Tests render them; so does the preview."""

from __future__ import annotations

from tests.web import (
    account_samples,
    arrival_samples,
    billing_samples,
    board_samples,
    consult_samples,
    conversation_samples,
    office_samples,
    oversight_samples,
    policy_samples,
    therapist_samples,
)
from tests.web.given import Page

PAGES: dict[str, Page] = {
    **account_samples.PAGES,
    **arrival_samples.PAGES,
    **billing_samples.PAGES,
    **board_samples.PAGES,
    **consult_samples.PAGES,
    **conversation_samples.PAGES,
    **office_samples.PAGES,
    **oversight_samples.PAGES,
    **policy_samples.PAGES,
    **therapist_samples.PAGES,
}
