"""The one place that picks adapters: databases by login, keys, ports; and puts API and pages together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from email.utils import parseaddr

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp
from temporalio.client import Client
from temporalio.service import RPCError

from api.app import create_api
from api.hub import Hub
from api.media_links import MediaLinks
from api.services import Services
from api.stream_watch import StreamWatch
from encryption.blind_index import BlindIndex
from encryption.codec import SealingCodec
from encryption.key_files import KeyFile, LocalFileKeys
from encryption.keys import KeyEncryption, KeyRing
from encryption.ledgers import ShredLedger
from encryption.passwords import Passwords
from encryption.vault_transit import VaultTransit
from integrations.blobs.directory import DirectoryBlobs
from integrations.blobs.port import Blobs
from integrations.blobs.s3 import Bucket, S3Blobs
from integrations.clearinghouse.core import CoreAccount, CoreClearingHouse
from integrations.clearinghouse.http import KEPT, Exchange
from integrations.clearinghouse.port import ClearingHouse
from integrations.clearinghouse.raw import RawClearingHouse
from integrations.media.limited import LimitedProcessor
from integrations.media.port import MediaProcessor
from integrations.notify.port import Notifier
from integrations.notify.smtp import Relay, SmtpNotifier
from integrations.notify.spool import SpoolNotifier
from integrations.notify.texts import Letterhead
from integrations.optimiser.port import Optimiser
from integrations.push.vapid import Vapid
from integrations.push.web_push import WebPusher
from kindroom.codec_server import Decoded, codec_app, with_token
from kindroom.restores import refuse_what_came_back
from kindroom.settings import Environment, SettingMissing, Settings
from kindroom.temporal import connect
from records.clinic import clinic_key, ensure_clinic_key
from records.database import Database
from records.events import Announcer
from web.app import mount_pages


class NotForProduction(Exception):
    """An adapter that is fine on one machine was chosen for production."""


def optimiser() -> Optimiser:
    """Who assigns a waiting list at once."""
    from integrations.optimiser.min_cost_flow import MinCostFlow  # forty megabytes that only a worker needs

    return MinCostFlow()


def key_ring(settings: Settings) -> KeyRing:
    """Data keys under a key service, or where there is none the key file. Raises SettingMissing, NotForProduction."""
    keys: KeyEncryption
    if settings.vault_addr is not None:
        keys = VaultTransit(settings.vault_addr, settings.need_file("vault_token_file"), settings.vault_key)
    else:
        keys = LocalFileKeys(settings.need_file("kek_file"))
    _refuse_in_production(settings, keys.refuses_production, "kek_file")
    return KeyRing(keys)


def clearing_house(settings: Settings) -> ClearingHouse:
    """The clearing house, over the transport it speaks. Raises SettingMissing."""
    if settings.clearinghouse_url is None:
        raise SettingMissing("KINDROOM_CLEARINGHOUSE_URL")
    exchange = Exchange(httpx.AsyncClient(limits=KEPT), settings.clearinghouse_url)
    if settings.clearinghouse_transport == "raw":
        return RawClearingHouse(exchange)
    user, password = settings.clearinghouse_user, settings.clearinghouse_password
    if user is None or password is None:
        raise SettingMissing("KINDROOM_CLEARINGHOUSE_USER and KINDROOM_CLEARINGHOUSE_PASSWORD")
    ids = settings.clearinghouse_sender_id, settings.clearinghouse_receiver_id
    return CoreClearingHouse(exchange, CoreAccount(user, password.get_secret_value(), *ids))


def blobs(settings: Settings) -> Blobs:
    """The store of sealed recordings. Raises SettingMissing, NotForProduction."""
    if settings.s3_endpoint is None:
        _refuse_in_production(settings, DirectoryBlobs.refuses_production, "blob_directory")
        return DirectoryBlobs(settings.recordings_directory)
    if settings.s3_access_key is None or settings.s3_secret_key is None:
        raise SettingMissing("KINDROOM_S3_ACCESS_KEY and KINDROOM_S3_SECRET_KEY")
    secret = settings.s3_secret_key.get_secret_value()
    return S3Blobs(
        Bucket(settings.s3_endpoint, settings.s3_bucket, settings.s3_access_key, secret, settings.s3_region)
    )


def shred_ledger(settings: Settings) -> ShredLedger:
    """What was destroyed, outside the database."""
    return ShredLedger(settings.shred_ledger_file)


def recordings() -> MediaProcessor:
    """What looks at recordings and makes them playable."""
    return LimitedProcessor()


def notifier(settings: Settings) -> Notifier:
    """Mail by SMTP where there is a server, else into the spool directory. Raises NotForProduction."""
    letterhead = Letterhead(sender=settings.smtp_sender, link=settings.origin)
    if settings.smtp_host is not None:
        password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
        relay = Relay(settings.smtp_host, settings.smtp_port, settings.smtp_username, password)
        return SmtpNotifier(relay, letterhead)
    _refuse_in_production(settings, SpoolNotifier.refuses_production, "smtp_host")
    return SpoolNotifier(settings.mail_directory, letterhead)


def vapid(settings: Settings) -> Vapid | None:
    """Who signs pushes; None where nothing is pushed. Operators of push services may write to the sender of mail."""
    if settings.push_key_file is None:
        return None
    keys = KeyFile(settings.push_key_file)
    _, address = parseaddr(settings.smtp_sender)
    return Vapid(keys.key(keys.current_version), f"mailto:{address}")


def pusher(settings: Settings, client: httpx.AsyncClient) -> WebPusher | None:
    """Wakes browsers; None where nothing is pushed."""
    signer = vapid(settings)
    return WebPusher(client, signer, settings.push_hosts) if signer else None


def worker_database(settings: Settings, *, announcer: Announcer | None = None, size: int = 20) -> Database:
    """The database as the worker's login sees it."""
    return Database(
        settings.database("worker"), key_ring(settings), announcer=announcer, size=size, name="worker"
    )


@asynccontextmanager
async def front(settings: Settings) -> AsyncIterator[FastAPI]:
    """The API and the pages as one application, with its pools and listeners open."""
    ring = key_ring(settings)
    announcer = Announcer(settings.database("listen"))
    hub = Hub(settings.database("listen"))
    passwords = Passwords()
    care = Database(settings.database("care"), ring, announcer=announcer, size=20, name="care")
    billing = Database(settings.database("billing"), ring, announcer=announcer, size=5, name="billing")
    async with AsyncExitStack() as stack:
        for database in (care, billing):
            await database.open()
            stack.push_async_callback(database.close)
        stack.callback(passwords.close)
        await ensure_clinic_key(care)
        await refuse_what_came_back(care, shred_ledger(settings))
        announcer.start()
        stack.push_async_callback(announcer.stop)
        hub.start()
        stack.push_async_callback(hub.stop)
        temporal = await _lazy_temporal(settings)
        signer = vapid(settings)
        services = Services(
            care=care,
            billing=billing,
            hub=hub,
            index=await _blind_index(care),
            passwords=passwords,
            notifier=notifier(settings),
            blobs=blobs(settings),
            recordings=recordings(),
            links=await _media_links(care),
            temporal_ready=lambda: _answers(temporal),
            origins=settings.public_origins,
            cookie_secure=settings.cookie_secure,
            confirm_at_once=settings.embedded,
            session_lifetime=settings.session_lifetime,
            staff_idle=settings.staff_idle,
            passcode_idle=settings.passcode_idle,
            push_key=signer.public_key if signer else None,
            push_hosts=settings.push_hosts,
        )
        watch = StreamWatch(services)
        watch.start()
        stack.push_async_callback(watch.stop)
        yield _application(settings, services)


def _application(settings: Settings, services: Services) -> FastAPI:
    app = create_api(services)
    mount_pages(app)
    if settings.codec_token is not None:
        token = settings.codec_token.get_secret_value()
        codec = _codec(settings, services, token)
        if settings.embedded:
            app.mount(f"/temporal-codec/{token}", with_token(codec, token))
        app.mount("/temporal-codec", codec)
    return app


def _codec(settings: Settings, services: Services, token: str) -> ASGIApp:
    """The endpoint where the Temporal UI has payloads opened, each opening audited before anything leaves."""

    async def audit(decoded: Decoded) -> None:
        async with services.care.transaction() as tx:
            await tx.audit("decode_payloads", payloads=decoded.payloads)

    return codec_app(
        SealingCodec(KeyFile(settings.need_file("codec_key_file"))),
        token=token,
        origins=[settings.temporal_ui_url] if settings.temporal_ui_url else [],
        namespace=settings.temporal_namespace,
        on_decode=audit,
    )


async def _blind_index(database: Database) -> BlindIndex:
    async with database.transaction() as tx:
        return BlindIndex(await clinic_key(tx))


async def _media_links(database: Database) -> MediaLinks:
    async with database.transaction() as tx:
        return MediaLinks(await clinic_key(tx))


async def _lazy_temporal(settings: Settings) -> Client:
    keys = KeyFile(settings.need_file("codec_key_file"))
    return await connect(
        settings.temporal_address, settings.temporal_namespace, keys, role="front", lazy=True
    )


async def _answers(client: Client) -> bool:
    try:
        return await client.service_client.check_health()
    except (RPCError, RuntimeError):
        return False


def _refuse_in_production(settings: Settings, refuses: bool, name: str) -> None:
    if refuses and settings.environment is Environment.PRODUCTION:
        raise NotForProduction(name)
