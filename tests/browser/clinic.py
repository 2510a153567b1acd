"""A served front on a real database with one room in it, and signed-in devices to meet there."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

from factories import Room, room
from fastapi import FastAPI
from playwright.async_api import Browser, Page

from api import (
    accounts,
    claim_batches,
    device_keys,
    devices,
    events,
    health,
    intake,
    marks,
    media,
    messages,
    notice_settings,
    passcodes,
    push_subscriptions,
    reports,
    room_exports,
    rooms,
    searches,
)
from api.hub import Hub
from api.media_links import MediaLinks
from api.problems import install_problems
from api.security import Security
from api.services import Services
from domain.access import Actor
from encryption.blind_index import BlindIndex
from encryption.passwords import Passwords
from integrations.blobs.directory import DirectoryBlobs
from integrations.media.limited import LimitedProcessor
from integrations.notify.port import Notice
from integrations.push.vapid import Vapid
from records.clinic import clinic_key
from records.database import Database
from records.events import Announcer
from records.sessions import token_hash
from tests.browser.serving import serving
from web.app import mount_pages

if TYPE_CHECKING:
    from conftest import Databases


VAPID = Vapid(bytes(range(32)), "mailto:care@kindroom.test")


class Heard:
    """Keeps what would be mailed."""

    refuses_production = True

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    async def send(self, notice: Notice) -> None:
        """Keep it."""
        self.notices.append(notice)


async def answers() -> bool:
    """Temporal is not asked here."""
    return True


@dataclass
class Clinic:
    """A served front and one room in it."""

    address: str
    databases: Databases
    browser: Browser
    room: Room
    heard: Heard
    front: Database
    worker: Database
    blobs: DirectoryBlobs

    async def device(
        self, who: Actor, width: int = 1280, *, scripts: bool = True, installs: bool = False
    ) -> Page:
        """A signed-in browser of its own, with a fresh profile; with `installs`, it takes our service worker."""
        token = secrets.token_urlsafe(32)
        async with self.databases.care.transaction() as tx:
            await tx.insert(
                "sessions",
                id=uuid4(),
                account_id=who.account_id,
                token_hash=token_hash(token),
                created_at=tx.now,
                last_seen_at=tx.now,
                expires_at=tx.now + timedelta(hours=1),
                passcode_tries=0,
            )
        context = await self.browser.new_context(
            viewport={"width": width, "height": 800},
            reduced_motion="reduce",
            java_script_enabled=scripts,
            service_workers="allow" if installs else "block",
        )
        await context.add_cookies([{"name": "kindroom", "value": token, "url": self.address}])
        page = await context.new_page()
        page.set_default_timeout(20_000)  # a loaded machine is no defect
        return page

    async def in_room(self, who: Actor, width: int = 1280) -> Page:
        """A device with the room open and live."""
        page = await self.device(who, width)
        await page.goto(f"{self.address}/rooms/{self.room.id}")
        await page.wait_for_selector("html[data-online=yes]")
        return page


@asynccontextmanager
async def open_clinic(databases: Databases, browser: Browser) -> AsyncIterator[Clinic]:
    """A front with the routes a room needs, and one room between two people."""
    hub = Hub(databases.owner_dsn)
    announcer = Announcer(databases.owner_dsn)
    care = Database(
        databases.dsn_of["kindroom_care"], databases.ring, announcer=announcer, size=8, name="care"
    )
    worker = Database(
        databases.dsn_of["kindroom_worker"], databases.ring, announcer=announcer, size=4, name="worker"
    )
    await care.open()
    await worker.open()
    announcer.start()
    hub.start()
    passwords = Passwords()
    async with databases.care.transaction() as tx:
        index = BlindIndex(await clinic_key(tx))
        links = MediaLinks(await clinic_key(tx))
    folder = TemporaryDirectory()
    blobs = DirectoryBlobs(Path(folder.name))
    heard = Heard()
    app = FastAPI()
    app.state.services = Services(
        care=care,
        billing=databases.billing,
        hub=hub,
        index=index,
        passwords=passwords,
        notifier=heard,
        blobs=blobs,
        recordings=LimitedProcessor(),
        links=links,
        temporal_ready=answers,
        origins=(),
        cookie_secure=False,
        confirm_at_once=True,
        push_key=VAPID.public_key,
        push_hosts=("push.example",),
    )
    install_problems(app)
    for module in (
        accounts,
        rooms,
        room_exports,
        messages,
        intake,
        marks,
        media,
        searches,
        events,
        claim_batches,
        reports,
        passcodes,
        devices,
        device_keys,
        push_subscriptions,
        notice_settings,
        health,
    ):
        app.include_router(module.router)
    mount_pages(app)
    app.add_middleware(Security, origins=(), secure=False)
    here = await room(databases.care)
    await hub.listening.wait()  # whoever came before would be sent away once
    async with serving(app) as address:
        yield Clinic(address, databases, browser, here, heard, care, worker, blobs)
    await announcer.stop()
    await hub.stop()
    await worker.close()
    await care.close()
    passwords.close()
    folder.cleanup()
