"""The key of a device's offline queue: given to a live session on an open device, kept by nobody."""

from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.deps import Care, own
from domain.access import Action, Actor
from records.device_keys import device_key

router = APIRouter(prefix="/v1/me", tags=["devices"])


class DeviceKeyOut(BaseModel):
    """256 bits in base64, for AES-GCM. To be held in memory only."""

    key: str


@router.get("/device-key")
async def read_device_key(tx: Care, actor: Annotated[Actor, Depends(own(Action.READ_ME))]) -> DeviceKeyOut:
    """The key of this session: another session gets another one. 423 while the device is locked."""
    return DeviceKeyOut(key=b64encode(await device_key(tx, actor)).decode())
