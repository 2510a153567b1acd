"""A small XMPP client: a stream on localhost, SASL PLAIN, one group room, its archive (XEP-0313)."""

import asyncio
import base64
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import cast
from uuid import uuid4
from xml.etree.ElementTree import Element, XMLPullParser
from xml.sax.saxutils import escape

from bench.peers.devices import PAGE, Failed, Place

DOMAIN = "localhost"
ROOMS = f"rooms.{DOMAIN}"
_OPEN = (
    f"<?xml version='1.0'?><stream:stream to='{DOMAIN}' version='1.0' xmlns='jabber:client'"
    " xmlns:stream='http://etherx.jabber.org/streams'>"
)
_C = "{jabber:client}"


class Xmpp:
    """An occupant of a room. What it posts is kept when the room sends it back to everybody in it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._room = f"{place.room}@{ROOMS}"
        self._waiting: dict[str, asyncio.Future[Element]] = {}
        self._archived: dict[str, int] = {}
        self._heard: asyncio.Queue[str] = asyncio.Queue()
        self._listening = False

    async def open(self) -> None:
        """Connect, register where the account is new, sign in, enter the room."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._place.port)
        await self._begin()
        await self._register()
        secret = base64.b64encode(f"\0{self._place.person}\0{self._place.secret}".encode()).decode()
        self._write(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>")
        answer = await self._stanza()
        if not answer.tag.endswith("success"):
            raise Failed("not signed in")
        await self._begin()
        device = uuid4().hex[:8]
        self._write(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            f"<resource>{device}</resource></bind></iq><presence/>"
        )
        self._task = asyncio.create_task(self._read())
        entered = self._expect("entered")
        self._write(
            f"<presence to='{self._room}/{self._place.person}-{device}'><x xmlns='http://jabber.org/protocol/muc'>"
            "<history maxstanzas='0'/></x></presence>"
        )
        await asyncio.wait_for(entered, 20)

    async def post(self, text: str) -> None:
        message = uuid4().hex
        kept = self._expect(message)
        self._write(
            f"<message type='groupchat' to='{self._room}' id='{message}'><body>{escape(text)}</body></message>"
        )
        await kept

    async def page(self) -> int:
        query = uuid4().hex
        done = self._expect(query)
        self._archived[query] = 0
        self._write(
            f"<iq type='set' to='{self._room}' id='{query}'><query xmlns='urn:xmpp:mam:2' queryid='{query}'>"
            f"<set xmlns='http://jabber.org/protocol/rsm'><max>{PAGE}</max><before/></set></query></iq>"
        )
        if (await done).get("type") != "result":
            raise Failed("no archive")
        return self._archived.pop(query)

    async def listen(self) -> None:
        self._listening = True

    async def hear(self) -> str:
        return await self._heard.get()

    async def close(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._writer.close()

    async def _begin(self) -> None:
        self._parser: XMLPullParser[Element] = XMLPullParser(events=("start", "end"))
        self._depth, self._ready = 0, deque[Element]()
        self._write(_OPEN)
        await self._stanza()  # the features

    async def _register(self) -> None:
        """In-band registration; a conflict means that the account is there."""
        self._write(
            "<iq type='set' id='register'><query xmlns='jabber:iq:register'>"
            f"<username>{self._place.person}</username><password>{self._place.secret}</password></query></iq>"
        )
        answer = await self._stanza()
        if answer.get("type") != "result" and b"conflict" not in _text(answer):
            raise Failed("not registered")

    def _write(self, text: str) -> None:
        self._writer.write(text.encode())

    def _expect(self, name: str) -> asyncio.Future[Element]:
        future: asyncio.Future[Element] = asyncio.get_running_loop().create_future()
        self._waiting[name] = future
        return future

    async def _stanza(self) -> Element:
        while not self._ready:
            data = await self._reader.read(1 << 16)
            if not data:
                raise Failed("the server hung up")
            self._parser.feed(data)
            for event, element in cast(Iterator[tuple[str, Element]], self._parser.read_events()):
                self._depth += 1 if event == "start" else -1
                if event == "start" and self._depth == 1:
                    self._root = element
                elif event == "end" and self._depth == 1:
                    self._ready.append(element)
                    self._root.remove(element)  # a stream is one document that never ends
        return self._ready.popleft()

    async def _read(self) -> None:
        while True:
            self._take(await self._stanza())

    def _take(self, stanza: Element) -> None:
        if (archived := stanza.find("{urn:xmpp:mam:2}result")) is not None:
            self._archived[archived.get("queryid", "")] += 1
            return
        if stanza.tag == _C + "presence" and stanza.find(".//*[@code='110']") is not None:
            self._answer("entered", stanza)
            return
        body = stanza.findtext(_C + "body")
        if self._listening and stanza.tag == _C + "message" and body is not None:
            self._heard.put_nowait(body)
        self._answer(stanza.get("id", ""), stanza)

    def _answer(self, name: str, stanza: Element) -> None:
        waiting = self._waiting.pop(name, None)
        if waiting is None or waiting.done():
            return
        if stanza.get("type") == "error":
            waiting.set_exception(Failed("refused by the server"))
        else:
            waiting.set_result(stanza)


def _text(stanza: Element) -> bytes:
    return b" ".join(each.tag.encode() for each in stanza.iter())
