"""A program in Python serves a thousand callers at a time: it routes each itself, plays, asks for a PIN, looks at it, and drops."""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter

import callcore
from callcore import Core
from callcore.testing import Person
from conftest import centre

CALLS = 1_000
#: The program's own routing: what was called, and what is heard there.
PLACES = {"8000": "welcome", "8001": "sales", "8002": "support"}
NUMBERS = list(PLACES)


def pin_of(caller: int) -> str:
    """What this caller's PIN must be."""
    return f"{caller * 7919 % 10000:04}"


class Centre:
    """The program: a coroutine for each call."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.greeted = 0
        self.everybody_listens = asyncio.Event()

    async def serve(self, call: callcore.Call, caller: int, called: str) -> str:
        """One call's way: what became of it."""
        call.tag = caller + 1
        assert called == NUMBERS[caller % len(NUMBERS)]
        answered = await call.answer()
        assert answered.tag == caller + 1
        heard = await call.play(PLACES[called])
        assert heard.end == callcore.End.COMPLETE
        asked = call.collect("pin", digits_max=4, first_digit=20)
        self.greeted += 1
        if self.greeted == CALLS:
            self.everybody_listens.set()
        collected = await asked
        what = "silent" if not collected.digits else "right" if collected.digits == pin_of(caller) else "wrong"
        await call.drop({"right": 16, "wrong": 21, "silent": 19}[what])
        return what

    async def take_all(self) -> Counter[str]:
        """Take every call there is."""
        calls: list[asyncio.Task[str]] = []
        async for event in self.core.events(kinds=[callcore.Offered]):
            assert isinstance(event, callcore.Offered)
            calls.append(asyncio.create_task(self.serve(event.call, int(event.calling[3:]), event.called)))
            if len(calls) == CALLS:
                break
        return Counter(await asyncio.gather(*calls))

    async def people(self) -> int:
        """Everybody calls at once; one in ten says a wrong PIN, one in a hundred none. How many lived at a time."""
        for caller in range(CALLS):
            Person(self.core, caller).calls(NUMBERS[caller % len(NUMBERS)], f"138{caller:07}")
        await self.everybody_listens.wait()
        at_once = len(self.core.calls())
        for caller in range(CALLS):
            if caller % 100 != 7:
                Person(self.core, caller).presses(pin_of(caller + 1 if caller % 10 == 3 else caller))
        return at_once


def test_a_thousand_callers_at_a_time_are_each_routed_asked_and_dropped() -> None:
    config = centre(CALLS, phones=1)
    config["route"] = [{"called": "800x", "to": "application"}]

    async def main(core: Core) -> tuple[Counter[str], int]:
        program = Centre(core)
        async with asyncio.TaskGroup() as group:
            served = group.create_task(program.take_all())
            at_once = group.create_task(program.people())
        return served.result(), at_once.result()

    begin, processor = time.perf_counter(), time.process_time()
    with Core(config, virtual_time=True) as core:
        served, at_once = core.run(main(core))
        core.sim.run(1)
        ends = Counter(record["cause_q850"] for record in core.records())
    assert (served, at_once) == ({"right": 890, "wrong": 100, "silent": 10}, CALLS)
    assert ends == {16: 890, 21: 100, 19: 10}
    took, used = time.perf_counter() - begin, time.process_time() - processor
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\n{CALLS} calls at once: {took:.2f} s, of which {used:.2f} s of processor; {most} KiB at most")
