"""Intake in four parts and the documents to sign: plain forms, each part saved by itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from api.deps import Care, own
from api.intake import IntakeIn
from domain.access import Action, Actor
from domain.journeys import Step
from records import consents, intake, relations
from records.database import Transaction
from web.pages.forms import many_of, text_of, typed
from web.pages.frame import Frame, InFrame, PageRoute, go
from web.pages.journeys import journey_at
from web.views.journeys import Consent, ConsentsView, IntakeView
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)

Part = Literal["focus", "contact", "preferences", "wellbeing"]
PARTS: tuple[Part, ...] = ("focus", "contact", "preferences", "wellbeing")
TITLES = {
    "focus": "What brings you here",
    "contact": "Where you are",
    "preferences": "Whom you would like",
    "wellbeing": "A few plain questions",
}
NEEDED: dict[str, tuple[str, ...]] = {
    "focus": ("focus",),
    "contact": (
        "state",
        "line1",
        "city",
        "postal_code",
        "phone",
        "sex_on_file",
        "emergency_name",
        "emergency_phone",
    ),
    "preferences": ("language",),
    "wellbeing": ("suicidal_thoughts", "homicidal_thoughts", "private_channel", "location"),
}
MANY = ("focus", "must", "availability")
WHERE = {
    "focus": "focus",
    "prior_care": "focus",
    "medication": "focus",
    "location": "wellbeing",
    "safety": "wellbeing",
}
"""The part in which a field that is still missing is asked; all others are in `contact`."""

Client = Annotated[Actor, Depends(own(Action.SAVE_INTAKE))]
Signer = Annotated[Actor, Depends(own(Action.CONSENT))]


@router.get("/journey/intake/{part}")
async def show_part(part: Part, frame: InFrame, tx: Care, actor: Client) -> Response:
    """One part, with what was saved."""
    chart = await relations.readable_chart(tx, actor.account_id, Action.READ_INTAKE)
    saved = await intake.read(tx, chart)
    return await _part_page(part, frame, tx, _form_of(saved.values))


@router.post("/journey/intake/{part}")
async def save_part(part: Part, request: Request, frame: InFrame, tx: Care, actor: Client) -> Response:
    """Save a part, whole or not, and go on."""
    form = await request.form()
    later = bool(form.get("later"))
    errors = {} if later else _missing(part, form)
    given = _given(part, form)
    try:
        body = IntakeIn.model_validate(given)
    except ValidationError as refusal:
        errors |= {str(each["loc"][-1]): "Please look at this once more." for each in refusal.errors()}
    if errors:
        many = {name: many_of(form, name) for name in MANY}
        return await _part_page(part, frame, tx, Form(typed(form), many, errors), 422)
    client = await relations.writable_chart(tx, actor.account_id, Action.SAVE_INTAKE)
    found = await intake.save(tx, client, body.model_dump(mode="json", exclude_unset=True))
    if found.question is not None:
        return go("/journey/safe")
    if later:
        return go("/journey", "saved")
    if part != PARTS[-1]:
        return go(f"/journey/intake/{PARTS[PARTS.index(part) + 1]}")
    return await hand_in(tx, actor)


async def hand_in(tx: Transaction, actor: Actor) -> Response:
    """Submit, or to the part that still lacks something."""
    client = await relations.writable_chart(tx, actor.account_id, Action.SAVE_INTAKE)
    chart = await relations.readable_chart(tx, actor.account_id, Action.READ_INTAKE)
    saved = await intake.read(tx, chart)
    if saved.missing:
        return go(f"/journey/intake/{WHERE.get(saved.missing[0].partition('.')[0], 'contact')}", "missing")
    await intake.submit(tx, client)
    return go("/journey/consents")


@router.get("/journey/consents")
async def show_consents(frame: InFrame, tx: Care, actor: Signer) -> Response:
    """The documents in force."""
    return await _consents_page(frame, tx, actor, Form())


@router.post("/journey/consents")
async def sign(request: Request, frame: InFrame, tx: Care, actor: Signer) -> Response:
    """Sign what was ticked, in the version that was shown."""
    form = await request.form()
    agreed, signature = many_of(form, "agree"), text_of(form, "signature")
    papers = await consents.papers(tx, actor.account_id)
    unsigned = [paper for paper in papers if paper.signed_at is None]
    left = [paper for paper in unsigned if paper.required and paper.wording.document.value not in agreed]
    if not signature or left:
        errors = {} if signature else {"signature": "Type your full legal name."}
        problem = "Please read and tick each document." if left else ""
        return await _consents_page(
            frame, tx, actor, Form(typed(form), {"agree": agreed}, errors, problem), 422
        )
    client = await relations.writable_chart(tx, actor.account_id, Action.CONSENT)
    for paper in unsigned:
        if paper.wording.document.value in agreed:
            await consents.sign(tx, client, paper.wording.document, paper.wording.version, signature)
    return go("/journey/questions/1")


async def _consents_page(
    frame: Frame, tx: Transaction, actor: Actor, form: Form, status: int = 200
) -> Response:
    documents = tuple(
        Consent(
            paper.wording.document.value,
            paper.wording.version,
            paper.wording.title,
            tuple(part for part in paper.wording.text.split("\n\n") if part),
            paper.signed_at,
        )
        for paper in await consents.papers(tx, actor.account_id)
        if paper.required or paper.signed_at
    )
    journey = await journey_at(frame, tx, Step.CONSENTS, "Agreements")
    return frame.page("journey/consents.html", ConsentsView(journey, documents, form), "/journey", status)


async def _part_page(part: Part, frame: Frame, tx: Transaction, form: Form, status: int = 200) -> Response:
    journey = await journey_at(frame, tx, Step.INTAKE, "About you", TITLES[part])
    view = IntakeView(journey, part, PARTS.index(part) + 1, len(PARTS), form)
    return frame.page("journey/intake.html", view, "/journey", status)


def _missing(part: Part, form: FormData) -> dict[str, str]:
    return {
        name: "Please choose at least one." if name in MANY else "Please fill this in."
        for name in NEEDED[part]
        if not (many_of(form, name) if name in MANY else text_of(form, name, most=10_000))
    }


def _given(part: Part, form: FormData) -> dict[str, Any]:
    """The part as the API takes it. What is left empty is left out, and stays as it was saved."""
    given: dict[str, Any]
    match part:
        case "focus":
            given = {
                "focus": list(many_of(form, "focus")),
                "prior_care": text_of(form, "prior_care", most=4_000),
                "medication": text_of(form, "medication", most=4_000),
            }
        case "contact":
            given = {
                **_texts(form, "state", "phone", "sex_on_file", "guardian"),
                "address": _whole(_texts(form, "line1", "city", "postal_code", "state"), 4),
                "emergency_contact": _whole(
                    {"name": text_of(form, "emergency_name"), "phone": text_of(form, "emergency_phone")}, 2
                ),
            }
        case "preferences":
            wishes = {**_texts(form, "gender", "language", "modality"), "must": list(many_of(form, "must"))}
            given = {"preferences": wishes, "availability": list(many_of(form, "availability"))}
        case _:
            safety: dict[str, Any] = _texts(form, "suicidal_thoughts", "homicidal_thoughts")
            if form.get("private_channel") in ("yes", "no"):
                safety["private_channel"] = form.get("private_channel") == "yes"
            given = {**_texts(form, "location"), "safety": safety or None}
    return {name: value for name, value in given.items() if value is not None}


def _texts(form: FormData, *names: str) -> dict[str, str]:
    return {name: text for name in names if (text := text_of(form, name))}


def _whole(values: dict[str, str], count: int) -> dict[str, str] | None:
    """Something that only makes sense complete, such as an address."""
    filled = {name: text for name, text in values.items() if text}
    return filled if len(filled) == count else None


def _form_of(saved: dict[str, Any]) -> Form:
    """What was saved, as the fields show it."""
    address, contact = saved.get("address") or {}, saved.get("emergency_contact") or {}
    wishes, safety = saved.get("preferences") or {}, saved.get("safety") or {}
    private = safety.get("private_channel")
    values = {
        **{name: saved.get(name) for name in ("prior_care", "medication", "state", "phone", "sex_on_file")},
        **{name: saved.get(name) for name in ("guardian", "location")},
        **{name: address.get(name) for name in ("line1", "city", "postal_code")},
        "emergency_name": contact.get("name"),
        "emergency_phone": contact.get("phone"),
        **{name: wishes.get(name) for name in ("gender", "language", "modality")},
        **{name: safety.get(name) for name in ("suicidal_thoughts", "homicidal_thoughts")},
        "private_channel": None if private is None else "yes" if private else "no",
    }
    many = {
        "focus": tuple(saved.get("focus") or ()),
        "must": tuple(wishes.get("must") or ()),
        "availability": tuple(saved.get("availability") or ()),
    }
    return Form({name: value for name, value in values.items() if value}, many)
