"""The passcode that opens one's locked devices."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.deps import Care, InServices, own
from api.schemas import Input, ShortText, Text
from domain.access import Action, Actor
from records import passcodes
from records.passcodes import Proof

router = APIRouter(prefix="/v1/me", tags=["accounts"])


class PasscodeIn(Input):
    """Six digits."""

    passcode: ShortText


class ProofIn(Input):
    """The passcode that is set, or the password (with the one-time code of staff)."""

    current: ShortText | None = None
    password: Text | None = None
    totp: ShortText | None = None

    def proof(self) -> Proof:
        """As the records take it."""
        return Proof(self.current, self.password, self.totp)


class NewPasscodeIn(ProofIn):
    """Six digits; and a proof, where a passcode is set already."""

    passcode: ShortText


@router.put("/passcode", status_code=204)
async def set_passcode(
    body: NewPasscodeIn, services: InServices, actor: Annotated[Actor, Depends(own(Action.SET_PASSCODE))]
) -> None:
    """Set the passcode, or another one: then with the `current` one or the password."""
    await passcodes.change(services.care, services.passwords, actor, body.passcode, body.proof())


@router.post("/passcode/remove", status_code=204)
async def remove_passcode(
    body: ProofIn, services: InServices, actor: Annotated[Actor, Depends(own(Action.SET_PASSCODE))]
) -> None:
    """Have none any more. Every other device is signed out."""
    await passcodes.remove(services.care, services.passwords, actor, body.proof())


@router.post("/lock", status_code=204)
async def lock_device(tx: Care, _: Annotated[Actor, Depends(own(Action.LOCK))]) -> None:
    """Lock this device. 409 `no_passcode` before one is set."""
    await passcodes.lock(tx)


@router.post("/unlock", status_code=204)
async def unlock_device(
    body: PasscodeIn, services: InServices, actor: Annotated[Actor, Depends(own(Action.UNLOCK))]
) -> None:
    """Open this device. 403 `wrong_passcode` with `tries_left`; the fifth wrong one signs it out."""
    await passcodes.unlock(services.care, services.passwords, actor, body.passcode)
