"""The whole demonstration."""

from kindroom.demo.arrival import arrive
from kindroom.demo.billing import bill
from kindroom.demo.care import care
from kindroom.demo.house import House
from kindroom.demo.screen import Screen
from kindroom.demo.walk import Walk


async def walk_through(house: House, screen: Screen) -> None:
    """One new client, all the way. Raises DemoFailed at the first step that does not come out as expected."""
    async with house:
        walk = Walk(house, screen)
        await arrive(walk)
        await care(walk)
        await bill(walk)
        screen.finished(
            "One client went from registration to a paid claim; nobody was forgotten on the way.",
            f"Pages          {house.ready['web']}",
            f"Temporal UI    {house.ready['temporal_ui']}",
            f"Payer sandbox  {house.ready['sandbox']}",
        )
