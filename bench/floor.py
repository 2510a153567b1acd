"""The floor a post is measured against: FastAPI, a session look-up, and one sealed INSERT + COMMIT. No more.

It keeps no order, answers no repeat, asks for no permission, keeps no promise and writes no audit entry: what
is left is what any durable post over this framework, driver and pool costs.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel

from encryption.key_files import LocalFileKeys
from encryption.keys import DataKey, KeyRing, KeyScope
from encryption.rooms import seal_message
from records.database import Database
from records.sessions import token_hash

TABLE = """
CREATE TABLE floor_messages (id uuid PRIMARY KEY, room_id uuid NOT NULL, sender_id uuid NOT NULL, body bytea NOT NULL,
                             sent_at timestamptz NOT NULL DEFAULT now());
GRANT INSERT ON floor_messages TO kindroom_care;
"""

_SESSION = """
SELECT s.account_id FROM sessions s JOIN accounts a ON a.id = s.account_id
WHERE s.token_hash = %s AND s.revoked_at IS NULL AND s.expires_at > now()
"""
_INSERT = "INSERT INTO floor_messages (id, room_id, sender_id, body) VALUES (%s, %s, %s, %s)"


class MessageIn(BaseModel):
    """A message."""

    kind: str
    text: str


class PostedOut(BaseModel):
    """It is on disk."""

    message_id: UUID


def create_floor(database: Database, key: DataKey) -> FastAPI:
    """The bare application."""

    @asynccontextmanager
    async def opened(_: FastAPI) -> AsyncIterator[None]:
        await database.open()
        yield
        await database.close()

    app = FastAPI(lifespan=opened)

    @app.post("/rooms/{room_id}/messages", status_code=201)
    async def post(room_id: UUID, body: MessageIn, request: Request) -> PostedOut:
        token = request.headers["authorization"].removeprefix("Bearer ")
        message_id = uuid4()
        async with database.connection() as conn:
            found = await (await conn.execute(_SESSION, (token_hash(token),))).fetchone()
            if found is None:
                raise HTTPException(401)
            sealed = seal_message(key, room_id, message_id, found["account_id"], body.kind, body.text)
            await conn.execute(_INSERT, (message_id, room_id, found["account_id"], sealed))
        return PostedOut(message_id=message_id)

    return app


if __name__ == "__main__":
    ring = KeyRing(LocalFileKeys(Path(os.environ["KINDROOM_KEK_FILE"])))
    key, _ = ring.create(KeyScope.ROOM, uuid4())
    uvicorn.run(
        create_floor(Database(os.environ["KINDROOM_DATABASE_CARE"], ring, size=20), key),
        port=int(os.environ["FLOOR_PORT"]),
        access_log=False,
        server_header=False,
        log_level="warning",
    )
