"""Signing in and out, and who is signed in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel

from api.deps import Address, Care, InServices, own
from api.schemas import ShortText, Text
from api.services import Services
from domain.access import Action, Actor, Role
from records import accounts, devices, places
from records.accounts import Credentials, SignedInSession

router = APIRouter(prefix="/v1", tags=["accounts"])


class TokenOut(BaseModel):
    """A bearer token; `expires_in` in seconds."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105  the name of a scheme, not a secret
    expires_in: int
    role: Role


class MeOut(BaseModel):
    """The account that is signed in. `time_zone` is an IANA name; `ask_location`: a client said long ago where they
    are, and is asked again (`PUT /v1/me/location`).
    """

    account_id: UUID
    role: Role
    display_name: str
    email: str | None
    time_zone: str
    duties: list[str]
    passcode_set: bool
    ask_location: bool


async def open_session(services: Services, shown: Credentials) -> SignedInSession:
    """A session for the API's token and for the pages' cookie alike. Raises Unauthenticated, TooMany."""
    return await accounts.sign_in(
        services.care,
        services.index,
        services.passwords,
        shown,
        lifetime=services.session_lifetime,
        tries=services.limits.get("sign_in", accounts.SIGN_IN_TRIES),
    )


@router.post("/auth/token")
async def sign_in(
    services: InServices,
    address: Address,
    username: Annotated[ShortText, Form()],
    password: Annotated[Text, Form()],
    totp: Annotated[ShortText | None, Form()] = None,
    device_name: Annotated[ShortText, Form()] = "A device",
) -> TokenOut:
    """Sign in: a token for this device. 401 `code_required` asks for the one-time code of staff."""
    session = await open_session(services, Credentials(username, password, totp, device_name, address))
    return TokenOut(
        access_token=session.token,
        expires_in=int(session.lifetime.total_seconds()),
        role=session.role,
    )


@router.post("/auth/logout", status_code=204)
async def sign_out(actor: Annotated[Actor, Depends(own(Action.LOGOUT))], services: InServices) -> None:
    """End this session, also while the device is locked."""
    async with services.care.transaction(actor) as tx:
        await devices.sign_out(tx)


@router.get("/me", dependencies=[Depends(own(Action.READ_ME))])
async def read_me(tx: Care) -> MeOut:
    """Who is signed in."""
    mine = await accounts.me(tx)
    return MeOut(
        account_id=mine.account_id,
        role=mine.role,
        display_name=mine.display_name,
        email=mine.email,
        time_zone=mine.time_zone,
        duties=list(mine.duties),
        passcode_set=mine.passcode_set,
        ask_location=mine.role is Role.CLIENT and await places.must_say(tx, mine.account_id),
    )
