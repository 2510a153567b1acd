"""The HTTP API: every route, the problems, the security headers."""

from importlib import import_module

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.bodies import BodyLimit
from api.problems import install_problems
from api.security import Security
from api.services import Services
from api.unexpected import Unexpected

ROUTES = (
    "messages",  # routes are tried in order: the one that is asked most comes first
    "accounts",
    "devices",
    "passcodes",
    "clients",
    "intake",
    "intake_records",
    "suitability",
    "guardians",
    "consents",
    "licences",
    "switches",
    "measures",
    "screening",
    "risk",
    "coverages",
    "eligibility_worklist",
    "payers",
    "contracts",
    "public_payers",
    "sponsors",
    "receipts",
    "matches",
    "offers",
    "match_desk",
    "waiting_lists",
    "match_reports",
    "stuck_journeys",
    "rooms",
    "break_glass",
    "room_exports",
    "media",
    "marks",
    "searches",
    "inbox",
    "events",
    "clocks",
    "room_clocks",
    "assignments",
    "reviews",
    "board_views",
    "loads",
    "figures",
    "back_tests",
    "clock_audits",
    "policies",
    "journey_policies",
    "estimate_policies",
    "consults",
    "notices",
    "device_keys",
    "push_subscriptions",
    "notice_settings",
    "erasures",
    "legal_holds",
    "retention",
    "response_terms",
    "calendars",
    "covers",
    "leaves",
    "plans",
    "notes",
    "messaging_sessions",
    "service_lines",
    "claim_batches",
    "claims",
    "remittances",
    "reports",
    "health",
)


def create_api(services: Services) -> FastAPI:
    """The API under `/v1`, `/healthz`, `/readyz`, `/metrics`, with its OpenAPI document."""
    app = FastAPI(
        title="Kindroom",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would repeat the Host that was sent
        generate_unique_id_function=_operation_id,
    )
    app.state.services = services
    install_problems(app)
    for name in ROUTES:
        app.include_router(import_module(f"api.{name}").router)
    app.add_middleware(BodyLimit)
    app.add_middleware(Unexpected)
    app.add_middleware(Security, origins=services.origins, secure=services.cookie_secure)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
