"""The last exchanges by HTTP: pages for people, `/control/exchanges` for programs."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from sandbox.control import same_site
from sandbox.desk import Desk, iso
from sandbox.exchange_pages import exchange_page, gone_page, list_page
from sandbox.exchanges import Exchange, Wanted, Wire
from sandbox.html import POLICY
from sandbox.x12 import decoded

_Text = Annotated[str, Query(max_length=80)]
_Before = Annotated[int | None, Query(ge=1)]


def exchange_routes(desk: Desk) -> APIRouter:
    """Both kinds."""
    routes, ring = APIRouter(), desk.exchanges

    @routes.get("/exchanges", response_class=HTMLResponse)
    def show_list(
        kind: _Text = "", member: _Text = "", behaviour: _Text = "", before: _Before = None
    ) -> HTMLResponse:
        return list_page(ring, Wanted(kind, member.strip(), behaviour), before)

    @routes.get("/exchanges/{number}", response_class=HTMLResponse)
    def show(number: int) -> HTMLResponse:
        found = ring.find(number)
        return exchange_page(ring, found) if found else gone_page()

    @routes.get("/exchanges/{number}/{side}.x12")
    def download(number: int, side: str) -> Response:
        found = ring.find(number)
        if found is None or side not in {"request", "reply"}:
            return gone_page()
        wire: Wire = getattr(found, side)
        named = {"Content-Disposition": f'attachment; filename="exchange-{number}-{side}.x12"'}
        return Response(wire.content, media_type="application/edi-x12", headers=POLICY | named)

    @routes.post("/forget")
    def forget(request: Request) -> Response:
        same_site(request)
        ring.forget()
        return RedirectResponse("exchanges", 303)

    @routes.get("/control/exchanges")
    def get_list(
        kind: _Text = "",
        member: _Text = "",
        behaviour: _Text = "",
        before: _Before = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, Any]:
        found = list(islice(ring.fitting(Wanted(kind, member, behaviour), before), limit))
        following = found[-1].id if len(found) == limit else None
        return {"items": [_brief(each) for each in found], "next": following, "dropped": ring.dropped}

    @routes.get("/control/exchanges/{number}")
    def get(number: int) -> dict[str, Any]:
        found = ring.find(number)
        if found is None:
            raise HTTPException(404, "no_such_exchange")
        return {**_brief(found), "request": _whole(found.request), "reply": _whole(found.reply)}

    @routes.delete("/control/exchanges")
    def forget_all() -> dict[str, Any]:
        ring.forget()
        return {"items": [], "next": None, "dropped": 0}

    return routes


def _brief(each: Exchange) -> dict[str, Any]:
    return {
        "id": each.id,
        "at": iso(each.at),
        "transport": each.transport,
        "door": each.door,
        "kind": each.kind,
        "reply_kind": each.reply.glance.kind,
        "sender": each.shown.sender,
        "trace": each.shown.trace,
        "members": each.shown.members,
        "answers": [
            {"suffix": suffix, "answer": answer, "times": times}
            for (suffix, answer), times in each.trail.answers.items()
        ],
        "faults": each.faults,
        "status": each.status,
        "ms": round(each.ms, 1),
    }


def _whole(wire: Wire) -> dict[str, Any]:
    return {"content": decoded(wire.content), "bytes": len(wire.content), "envelope": wire.envelope}
