"""What a site asks beside the first two questionnaires: packs, switched on in words that ship or that it brings."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.deps import Care, allowed
from api.measures import InstrumentOut, instrument_out
from api.schemas import Input, ShortText
from domain.access import Action
from records import screening

router = APIRouter(
    prefix="/v1/screening-packs",
    tags=["screening"],
    dependencies=[Depends(allowed(Action.MANAGE_SCREENING))],
)


class PackOut(BaseModel):
    """A pack. `words` null: the site has to bring them before it can be switched on."""

    name: str
    on: bool
    ships: bool
    words: InstrumentOut | None


class PacksOut(BaseModel):
    """Every pack that there is."""

    items: list[PackOut]
    next_cursor: str | None = None


class PacksIn(Input):
    """The packs to ask from now on, in this order."""

    packs: Annotated[list[ShortText], Field(max_length=20)]


class WordsIn(BaseModel):
    """The words of a pack as its owner licensed them to the site; `licence` says by whose leave."""

    title: Any = None
    stem: Any = None
    licence: Any = None
    items: Any = None
    options: Any = None


@router.get("")
async def list_packs(tx: Care) -> PacksOut:
    """Every pack, whether it is on, and its words."""
    return PacksOut(
        items=[
            PackOut(name=p.name, on=p.on, ships=p.ships, words=p.words and instrument_out(p.words))
            for p in await screening.packs(tx)
        ]
    )


@router.put("", status_code=204)
async def switch_packs(body: PacksIn, tx: Care) -> None:
    """Ask these from now on. 422 `words_missing` where a pack has no words here. Nobody is thrown back."""
    await screening.switch(tx, body.packs)


@router.put("/{name}/words")
async def bring_words(name: str, body: WordsIn, tx: Care) -> InstrumentOut:
    """Bring the words of a pack that does not ship; 422 names the places that do not fit its score."""
    return instrument_out(await screening.bring(tx, name, body.model_dump(exclude_none=True)))
