"""The pages and their static files, beside the API in one application."""

from importlib import import_module

from fastapi import FastAPI

from web.assets import HashedFiles

PAGES = (
    "accounts",
    "journeys",
    "intake",
    "measures",
    "risk",
    "rooms",
    "plans",
    "notes",
    "inbox",
    "clocks",
    "services",
    "claim_batches",
    "claims",
    "reports",
    "eligibility_worklist",
    "coverages",
    "matches",
    "offers",
    "payers",
)


def mount_pages(app: FastAPI) -> None:
    """Add every page and `/static`. The pages call the same records as the API."""
    for name in PAGES:
        app.include_router(import_module(f"web.pages.{name}").router, include_in_schema=False)
    app.mount("/static", HashedFiles(), name="static")
