"""Changing therapist: asked for by the client at any time; the transfer note that goes over with them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, StringConstraints

from api.deps import Care, OnceOnly, SignedIn, own
from api.matches import MatchesOut, matches_out
from api.schemas import Input
from domain.access import Action
from records import relations, switches, transfer_notes
from records.match_views import search_view
from records.transfer_notes import TransferNote

router = APIRouter(prefix="/v1", tags=["matches"])

Reason = Annotated[str, StringConstraints(max_length=2_000, strip_whitespace=True)]


class SwitchIn(Input):
    """No reason is needed, and the present therapist never reads one. `share_history`: the next one may read the
    messages of the present room."""

    reason: Reason | None = None
    share_history: bool = False


class TransferOut(BaseModel):
    """One room that went on in another. `mine`: this therapist writes the note; `text` once it is there."""

    transfer_id: UUID
    client_code: str
    mine: bool
    other: str
    room_id: UUID
    history_shared: bool
    at: datetime
    due_at: datetime
    written_at: datetime | None
    text: str | None


class OwedOut(BaseModel):
    """A transfer note that this therapist owes."""

    transfer_id: UUID
    client_code: str
    at: datetime
    due_at: datetime


class OwedListOut(BaseModel):
    """The one that is due first at the top."""

    items: list[OwedOut]
    next_cursor: str | None = None


class NoteIn(Input):
    """The transfer note."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True)]


Therapist = Depends(own(Action.READ_INBOX))


@router.post("/matches/switch", status_code=202, response_model=MatchesOut)
async def switch(body: SwitchIn, tx: Care, actor: SignedIn, once: OnceOnly) -> JSONResponse:
    """Look for another therapist. The present room and its promises stand until somebody has said yes."""
    me = await relations.writable_chart(tx, actor.account_id, Action.SWITCH_THERAPIST)

    async def work() -> MatchesOut:
        await switches.ask(tx, me, body.reason or None, share_history=body.share_history)
        readable = await relations.readable_chart(tx, actor.account_id, Action.READ_MATCHES)
        return matches_out(await search_view(tx, readable))

    return await once(tx, body, work, 202)


@router.delete("/matches/switch", status_code=204)
async def stay(tx: Care, actor: SignedIn) -> None:
    """Stay where one is: the search ends."""
    await switches.stay(tx, await relations.writable_chart(tx, actor.account_id, Action.SWITCH_THERAPIST))


@router.get("/transfers", dependencies=[Therapist])
async def read_owed(tx: Care) -> OwedListOut:
    """Transfer notes that the therapist owes."""
    rows = await transfer_notes.owed(tx)
    return OwedListOut(
        items=[
            OwedOut(
                transfer_id=row["id"], client_code=row["client_code"], at=row["at"], due_at=row["note_due_at"]
            )
            for row in rows
        ]
    )


@router.get("/transfers/{transfer_id}", dependencies=[Therapist])
async def read_transfer(transfer_id: UUID, tx: Care) -> TransferOut:
    """For its two therapists: the one who writes, the one who goes on."""
    return _out(await transfer_notes.read(tx, transfer_id))


@router.put("/transfers/{transfer_id}/note", dependencies=[Therapist])
async def write_note(transfer_id: UUID, body: NoteIn, tx: Care) -> TransferOut:
    """Hand the note over; it is not changed any more."""
    await transfer_notes.write(tx, transfer_id, body.text)
    return _out(await transfer_notes.read(tx, transfer_id))


def _out(found: TransferNote) -> TransferOut:
    return TransferOut(
        transfer_id=found.id,
        client_code=found.client_code,
        mine=found.mine_to_write,
        other=found.other,
        room_id=found.to_room_id,
        history_shared=found.history_shared,
        at=found.at,
        due_at=found.due_at,
        written_at=found.written_at,
        text=found.text,
    )
