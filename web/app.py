"""The pages and their static files, beside the API in one application."""

from importlib import import_module

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from domain.errors import KindroomError
from web.assets import HashedFiles
from web.pages.refusals import refuses_in_pages

PAGES = (
    "accounts",
    "devices",
    "journeys",
    "intake",
    "intake_records",
    "suitability",
    "guardians",
    "locations",
    "consents",
    "letters",
    "measures",
    "screening",
    "risk",
    "rooms",
    "access",
    "break_glass",
    "messages",
    "searches",
    "room_exports",
    "plans",
    "notes",
    "inbox",
    "board",
    "assignments",
    "reviews",
    "loads",
    "clock_audits",
    "room_clocks",
    "changes",
    "service_lines",
    "claim_batches",
    "claims",
    "reports",
    "figures",
    "back_tests",
    "eligibility_worklist",
    "stuck_journeys",
    "coverages",
    "matches",
    "offers",
    "match_desk",
    "waiting_lists",
    "covers",
    "working_hours",
    "leaves",
    "licences",
    "transfers",
    "public_payers",
    "payers",
    "contracts",
    "estimate_policies",
    "sponsors",
    "receipts",
    "policies",
    "journey_policies",
    "consults",
    "notices",
    "erasures",
    "retention",
    "shell",
    "notice_settings",
)


def mount_pages(app: FastAPI) -> None:
    """Add every page and `/static` to an API. The pages call the same records as the API."""
    for name in PAGES:
        app.include_router(import_module(f"web.pages.{name}").router, include_in_schema=False)
    for kind in (KindroomError, RequestValidationError):
        app.add_exception_handler(kind, refuses_in_pages(app.exception_handlers[kind]))
    app.mount("/static", HashedFiles(), name="static")
