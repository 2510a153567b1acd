"""Where one is signed in, and signing out there."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.deps import Care, own
from api.schemas import InWindow, Page
from domain.access import Action
from records import devices

router = APIRouter(
    prefix="/v1/me/devices", tags=["accounts"], dependencies=[Depends(own(Action.MANAGE_DEVICES))]
)


class DeviceOut(BaseModel):
    """A signed-in device; `this` for the one that asks."""

    device_id: UUID
    name: str
    signed_in_at: datetime
    last_seen_at: datetime
    this: bool


@router.get("")
async def list_devices(tx: Care, window: InWindow) -> Page[DeviceOut]:
    """Where one is signed in."""
    found = await devices.devices(tx)
    shown = [
        DeviceOut(
            device_id=device.id,
            name=device.name,
            signed_in_at=device.signed_in_at,
            last_seen_at=device.last_seen_at,
            this=device.this,
        )
        for device in found
    ]
    return Page(**window.of(shown))


@router.delete("", status_code=204)
async def revoke_other_devices(tx: Care) -> None:
    """Sign out everywhere but here, at once."""
    await devices.revoke_others(tx)


@router.delete("/{device_id}", status_code=204)
async def revoke_device(device_id: UUID, tx: Care) -> None:
    """Sign a device out, at once: its requests, its streams, and what would wake it."""
    await devices.revoke(tx, device_id)
