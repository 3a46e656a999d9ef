"""A voice menu as a coroutine: one for each call, however many there are at a time. Simulated callers call it in virtual time.

python ivr_bot.py [CALLERS]
"""

import asyncio
import random
import sys
from collections import Counter
from typing import Any

import callcore

#: Where a key leads; callers who press another one, or none, are asked once more.
PLACES = {"1": "queue:support", "2": "hangup:16"}


async def menu(call: callcore.Call) -> str:
    """One call's way: what became of it."""
    try:
        await call.answer()
        for prompt in ("welcome", "invalid"):
            collected = await call.collect(prompt, "menu", digits_max=1)
            if place := PLACES.get(collected.digits):
                await call.send(place)
                return place
        await call.play("goodbye")
        await call.drop()
    except callcore.GoneError:
        return "hung up"
    return "chose nothing"


async def answer_all(core: callcore.Core, callers: int) -> Counter[str]:
    """The bot: takes so many calls, and tells what became of them."""
    events = core.events(kinds=[callcore.Offered])
    calls: list[asyncio.Task[str]] = []
    async for event in events:
        if isinstance(event, callcore.Offered):
            calls.append(asyncio.create_task(menu(event.call)))
        if len(calls) == callers:
            break
    return Counter(await asyncio.gather(*calls))


async def caller(core: callcore.Core, channel: int, chance: random.Random) -> None:
    """Somebody who calls within a minute, listens for a while, and presses a key, or hangs up."""
    await asyncio.sleep(chance.uniform(0, 60))
    core.sim.act(f"channel {channel} calls 8000 from 1380{channel:07}")
    await asyncio.sleep(chance.uniform(1, 12))
    core.sim.act(f"channel {channel} " + chance.choice(["digit 1", "digit 1", "digit 2", "digit 9", "hangs up"]))


def centre(callers: int) -> dict[str, Any]:
    """A line for each caller; what they call is the program's."""
    return {
        "device": [
            {"name": "sim", "driver": "sim", "config": {"trunks": callers, "extensions": 0, "people": "manual"}}
        ],
        "trunk_group": [{"name": "city", "device": "sim", "channels": [0, callers - 1]}],
        "queue": [{"name": "support", "music": "hold_music"}],
        "route": [{"called": "8000", "to": "application"}],
    }


def main() -> None:
    """Let so many callers call."""
    callers = int(sys.argv[1]) if len(sys.argv) > 1 else 100

    async def everybody(core: callcore.Core) -> Counter[str]:
        chance = random.Random(1)
        async with asyncio.TaskGroup() as group:
            bot = group.create_task(answer_all(core, callers))
            for channel in range(callers):
                group.create_task(caller(core, channel, chance))
        return bot.result()

    with callcore.Core(centre(callers), virtual_time=True) as core:
        for what, count in core.run(everybody(core)).most_common():
            print(f"{count:5} {what}")
        print(f"in {core.now:.0f} s of virtual time")


if __name__ == "__main__":
    main()
