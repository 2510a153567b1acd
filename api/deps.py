"""What routes ask for in their signatures: who is signed in, a transaction of theirs, a once-only answer.

Transactions commit when the route's function returns, before the answer leaves (`scope="function"`):
nobody is told of something that could still be rolled back.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.services import Services
from domain.access import CLINIC, OWN_ACCOUNT, Action, Actor, require
from domain.errors import FieldError, Invalid, NotFound, PasscodeLocked, Unauthenticated
from domain.permissions import WHILE_LOCKED
from records.database import Transaction, dumps
from records.idempotency import first_answer, keep_answer
from records.rooms import Door, arrive
from records.sessions import find_actor

COOKIE = "__Host-kindroom"
PLAIN_COOKIE = "kindroom"  # plain HTTP on this machine only: browsers refuse __Host- there
BACKGROUND = "kindroom-background"
"""Header of what a page or an app asks for by itself. It keeps no idle device open; every other request does."""
_STREAM = "/v1/events"  # browsers open and reopen it by themselves, and can send no header with it


def services_of(request: Request) -> Services:
    """The front's collaborators."""
    services: Services = request.app.state.services
    return services


async def _services(request: Request) -> Services:
    """The same as a dependency; a coroutine, since FastAPI sends a plain function through a thread."""
    return services_of(request)


def token_of(request: Request) -> str | None:
    """The bearer token or the session cookie."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return request.cookies.get(COOKIE) or request.cookies.get(PLAIN_COOKIE)


def by_a_person(request: Request) -> bool:
    """Whether somebody is there: the request is no page's or app's own."""
    return BACKGROUND not in request.headers and request.url.path != _STREAM


async def maybe_signed_in(request: Request) -> Actor | None:
    """Who is signed in, locked or not; None for a visitor."""
    services = services_of(request)
    token = token_of(request)
    if token is None:
        return None
    return await find_actor(
        services.care,
        token,
        staff_idle=services.staff_idle,
        passcode_idle=services.passcode_idle,
        active=by_a_person(request),
    )


async def signed_in_even_if_locked(actor: Annotated[Actor | None, Depends(maybe_signed_in)]) -> Actor:
    """Who is signed in. Raises Unauthenticated."""
    if actor is None:
        raise Unauthenticated
    return actor


async def signed_in(actor: Annotated[Actor, Depends(signed_in_even_if_locked)]) -> Actor:
    """Who is signed in on a device that is open. Raises Unauthenticated, PasscodeLocked."""
    if actor.locked:
        raise PasscodeLocked
    return actor


async def at_the_door(request: Request, room_id: UUID) -> tuple[Actor, Door]:
    """Who is signed in, and the room of the path as they meet it, in one statement.

    Raises Unauthenticated, PasscodeLocked, NotFound.
    """
    services, token = services_of(request), token_of(request)
    arrived = token and await arrive(
        services.care,
        token,
        room_id,
        staff_idle=services.staff_idle,
        passcode_idle=services.passcode_idle,
        active=by_a_person(request),
    )
    if not arrived:
        raise Unauthenticated
    actor, door = await signed_in(arrived[0]), arrived[1]
    if door is None:
        raise NotFound
    return actor, door


def allowed(action: Action) -> Callable[[Actor], Awaitable[Actor]]:
    """A dependency for lists of the clinic: raises Forbidden (`other_role`) for everyone else."""

    async def check(actor: SignedIn) -> Actor:
        require(actor, action, CLINIC)
        return actor

    return check


def own(action: Action) -> Callable[[Actor], Awaitable[Actor]]:
    """A dependency for one's own account and lists: who asks, if their role may do this for themselves.

    Raises Unauthenticated, PasscodeLocked (but for help, unlock and logout), Forbidden (`other_role`).
    """

    async def check(actor: SignedInEvenIfLocked) -> Actor:
        if actor.locked and action not in WHILE_LOCKED:
            raise PasscodeLocked
        require(actor, action, OWN_ACCOUNT)
        return actor

    return check


def address_of(request: Request) -> str:
    """The network address a request came from, for counting tries."""
    return request.client.host if request.client else ""


# FastAPI solves each dependency for itself, at a cost: these take the services from the request.
# Each of these holds its `async with` itself: an error of the route is thrown in at the `yield`, and through a
# generator in between the transaction would neither end at once nor have its errors translated.


async def _care(request: Request, actor: Annotated[Actor, Depends(signed_in)]) -> AsyncIterator[Transaction]:
    async with services_of(request).care.transaction(actor) as tx:
        yield tx


async def _billing(
    request: Request, actor: Annotated[Actor, Depends(signed_in)]
) -> AsyncIterator[Transaction]:
    async with services_of(request).billing.transaction(actor) as tx:
        yield tx


async def _visitor(request: Request) -> AsyncIterator[Transaction]:
    async with services_of(request).care.transaction() as tx:
        yield tx


class Once:
    """Runs a creating request once per Idempotency-Key; repeats get the first answer with its status."""

    def __init__(
        self,
        request: Request,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
    ) -> None:
        route = request.scope.get("route")
        self._route = f"{request.method} {getattr(route, 'path', '')} {dumps(request.path_params)}"
        self._key = idempotency_key

    async def __call__(
        self,
        tx: Transaction,
        body: BaseModel | bytes,
        work: Callable[[], Awaitable[BaseModel]],
        status: int = 201,
    ) -> JSONResponse:
        """The answer of `work`, or of the first request that came with this key."""
        if self._key is None:
            return JSONResponse(_document(await work()), status)
        if not self._key.isprintable():
            raise Invalid(FieldError("Idempotency-Key", "not_printable"))
        if tx.actor is None:
            raise Unauthenticated
        principal = tx.actor.account_id
        content = body if isinstance(body, bytes) else dumps(body.model_dump(mode="json")).encode()
        kept = await first_answer(tx, principal, self._route, self._key, content)
        if kept is not None:
            return JSONResponse(kept[1], kept[0])
        answer = _document(await work())
        await keep_answer(tx, principal, self._route, self._key, status, answer)
        return JSONResponse(answer, status)


def _document(model: BaseModel) -> dict[str, Any]:
    document: dict[str, Any] = jsonable_encoder(model)
    return document


Address = Annotated[str, Depends(address_of)]
InServices = Annotated[Services, Depends(_services)]
SignedIn = Annotated[Actor, Depends(signed_in)]
MaybeSignedIn = Annotated[Actor | None, Depends(maybe_signed_in)]
SignedInEvenIfLocked = Annotated[Actor, Depends(signed_in_even_if_locked)]
AtTheDoor = Annotated[tuple[Actor, Door], Depends(at_the_door)]
Care = Annotated[Transaction, Depends(_care, scope="function")]
Billing = Annotated[Transaction, Depends(_billing, scope="function")]
Visitor = Annotated[Transaction, Depends(_visitor, scope="function")]
OnceOnly = Annotated[Once, Depends(Once)]
