"""The example of the guide for tests, as it stands there; and the fixtures on their own."""

from __future__ import annotations

import asyncio

import callcore
from callcore import Core
from callcore.testing import Clock, Person


async def greet(core: Core) -> None:
    """The program that is tested: it answers, and sends whoever presses 1 to the queue."""
    async for event in core.events():
        match event:
            case callcore.Offered(call=call):
                await call.answer()
            case callcore.Digit(call=call, digit="1"):
                await call.send("queue:support")
                return
            case _:
                pass


def test_whoever_presses_1_waits_in_the_queue(core: Core, caller: Person) -> None:
    async def story() -> None:
        program = asyncio.create_task(greet(core))
        await asyncio.sleep(1)
        caller.calls("8000")
        await asyncio.sleep(2)
        caller.presses("1")
        await program

    core.run(story())
    assert core.snapshot()["queues"][0]["waiting"] == 1


def test_the_clock_goes_only_when_it_is_told(core: Core, clock: Clock) -> None:
    clock.run(90.5)
    assert (clock.now, core.now) == (90.5, 90.5)
