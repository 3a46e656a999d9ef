"""Programs of coroutines, in virtual time and in real time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import callcore
from callcore import Core
from callcore.testing import Person
from conftest import centre


async def offered(core: Core) -> callcore.Call:
    """The next call that is the program's."""
    async for event in core.events(kinds=[callcore.Offered]):
        assert isinstance(event, callcore.Offered)
        return event.call
    raise AssertionError("the core has stopped")


def test_an_hour_of_sleep_is_no_wait_and_timers_come_in_their_order(core: Core) -> None:
    async def main() -> list[tuple[str, float]]:
        seen: list[tuple[str, float]] = []

        async def sleeper(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append((name, asyncio.get_running_loop().time()))

        await asyncio.gather(sleeper("hour", 3600), sleeper("tick", 0.02), sleeper("minute", 60.5))
        return seen

    assert core.run(main()) == [("tick", 0.02), ("minute", 60.5), ("hour", 3600.0)]
    assert core.sim.now == 3600.0


def test_a_call_is_answered_played_to_and_sent_on(core: Core, caller: Person) -> None:
    async def main() -> list[str]:
        waiting = asyncio.ensure_future(offered(core))
        await asyncio.sleep(0)
        caller.calls("8000", "13800000000")
        call = await waiting
        told = [type(await call.answer()).__name__]
        caller.presses("5")
        async for event in call.events(kinds=[callcore.Digit]):
            told.append(event.text)
            break
        await call.send("queue:support")
        return told

    assert core.run(main()) == ["Answered", "5"]
    assert core.snapshot()["queues"][0]["waiting"] == 1


def test_a_refused_command_is_an_exception_of_its_status(core: Core, caller: Person) -> None:
    async def main() -> None:
        waiting = asyncio.ensure_future(offered(core))
        await asyncio.sleep(0)
        caller.calls("8000")
        call = await waiting
        with pytest.raises(callcore.StateError, match="not answered yet"):
            call.play("welcome")
        await call.answer()
        caller.hangs_up()
        await asyncio.sleep(1)
        with pytest.raises(callcore.GoneError) as gone:
            await call.play("welcome")
        assert (gone.value.name, gone.value.status) == ("CC_E_GONE", -6)
        with pytest.raises(ValueError, match="the cause must be 1 to 127"):
            call.drop(1000)

    core.run(main())


def test_a_task_that_is_cancelled_stops_its_prompt(core: Core, caller: Person) -> None:
    async def main() -> list[callcore.Event]:
        waiting = asyncio.ensure_future(offered(core))
        await asyncio.sleep(0)
        caller.calls("8000")
        call = await waiting
        await call.answer()
        ends = call.events(kinds=[callcore.PlayDone], timeout=60)

        async def play() -> None:
            await call.play("welcome", "menu")

        playing = asyncio.create_task(play())
        await asyncio.sleep(1)
        playing.cancel()
        return [event async for event in ends]

    [played] = core.run(main())
    assert (played.end, played.time_ns) == (callcore.End.STOPPED, 1_000_000_000)


def test_keys_are_collected_and_a_prompt_lasts_as_long_as_it_is_said_to(core: Core, caller: Person) -> None:
    async def main() -> list[tuple[str, callcore.End, float]]:
        waiting = asyncio.ensure_future(offered(core))
        await asyncio.sleep(0)
        caller.calls("8000")
        call = await waiting
        await call.answer()
        asyncio.get_running_loop().call_later(2, caller.presses, "123#")
        first = await call.collect("welcome")
        at = core.now
        second = await call.collect("welcome", first_digit=4)
        return [(first.digits, first.end, at), (second.digits, second.end, core.now - at)]

    first, second = core.run(main())
    assert first[:2] == ("123", callcore.End.TERMINATOR)
    assert second[:2] == ("", callcore.End.FIRST_DIGIT)
    assert second[2] == pytest.approx(7.0)


def test_two_calls_are_joined_until_one_hangs_up(core: Core) -> None:
    async def main() -> str:
        events = core.events(kinds=[callcore.Offered])
        calls: list[callcore.Call] = []
        for channel in (0, 1):
            Person(core, channel).calls("8000")
        async for event in events:
            assert isinstance(event, callcore.Offered)
            await event.call.answer()
            calls.append(event.call)
            if len(calls) == 2:
                break
        joined = calls[0].bridge(calls[1])
        asyncio.get_running_loop().call_later(30, Person(core, 1).hangs_up)
        parted = await joined
        await calls[0].send("queue:support")
        return f"{type(parted).__name__} {parted.cause} at {core.now:.0f}"

    assert core.run(main()) == "Unbridged 16 at 30"


def test_a_call_that_ends_while_it_is_answered_is_gone(core: Core, caller: Person) -> None:
    async def main() -> None:
        waiting = asyncio.ensure_future(offered(core))
        await asyncio.sleep(0)
        caller.calls("8000")
        call = await waiting
        answering = call.answer()
        caller.hangs_up()
        try:
            await answering
        except callcore.GoneError:
            return
        # the line was open before the caller hung up
        assert core.records() or core.calls()

    core.run(main())


def test_a_call_out_is_made_and_given_back(core: Core) -> None:
    async def main() -> callcore.Call:
        made = core.make("extension:1001", tag=77)
        await asyncio.sleep(1)
        Person(core, 4).answers()
        return await made

    call = core.run(main())
    assert call.tag == 77
    assert call in core.calls()


def test_a_call_out_that_is_refused_raises_its_words(core: Core) -> None:
    async def main() -> None:
        made = core.make("extension:1001")
        await asyncio.sleep(1)
        Person(core, 4).rejects(17)
        with pytest.raises(callcore.Error):
            await made

    core.run(main())


def test_nothing_will_happen_any_more_is_an_error_and_no_endless_wait(core: Core) -> None:
    async def main() -> None:
        await offered(core)

    with pytest.raises(callcore.StateError, match="virtual time stands still"):
        core.run(main())


def test_a_time_out_is_of_virtual_time(core: Core) -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(7200):
                await offered(core)
        return core.now

    assert core.run(main()) == 7200.0


def test_events_end_after_a_while_of_nothing(core: Core) -> None:
    async def main() -> float:
        async for _ in core.events(timeout=12.5):
            raise AssertionError("nobody has called")
        return core.now

    assert core.run(main()) == 12.5


def test_threads_of_the_program_are_waited_for(core: Core) -> None:
    async def main() -> int:
        return await asyncio.to_thread(sum, range(10))

    assert core.run(main()) == 45


def test_another_event_loop_is_refused(core: Core) -> None:
    async def main() -> None:
        core.events()

    with pytest.raises(callcore.StateError, match=r"run the program with core\.run"):
        asyncio.run(main())


def test_events_are_for_the_place_they_were_made_in(core: Core) -> None:
    outside = core.events()

    async def main() -> None:
        with pytest.raises(TypeError, match="made outside of a coroutine"):
            async for _ in outside:
                pass
        with pytest.raises(TypeError, match="use async for"):
            next(core.events())

    core.run(main())


def test_a_core_that_stops_ends_its_streams(core: Core, caller: Person) -> None:
    async def main() -> list[str]:
        events = core.events()
        caller.calls("8000")
        asyncio.get_running_loop().call_later(1, core.stop)
        return [type(event).__name__ async for event in events]

    names = core.run(main())
    assert names[0] == "Offered" and names[-1] == "Stopped"


def test_a_request_that_was_given_before_the_loop_is_awaited_in_it(core: Core) -> None:
    made = core.make("extension:1001")
    core.sim.run(1)
    Person(core, 4).answers()
    core.sim.run(1)

    async def main() -> callcore.Call:
        return await made

    assert core.run(main()) in core.calls()


def test_a_stream_that_nobody_reads_any_more_is_forgotten(core: Core, caller: Person) -> None:
    async def main() -> tuple[int, int]:
        kept = core.events()
        core.events()
        caller.calls("8000")
        call = await offered(core)
        of_call = call.events()
        pump = core.pump()
        before = len(pump._of_call)
        await call.drop()
        await asyncio.sleep(1)
        assert any(isinstance(event, callcore.Ended) for event in of_call._waiting)
        assert kept in pump._everything and len(pump._everything) == 1
        return before, len(pump._of_call)

    assert core.run(main()) == (1, 0)


def test_the_end_of_a_command_is_found_when_its_event_was_lost(callcore_config: dict[str, Any]) -> None:
    async def main(core: Core) -> None:
        core.events()
        agent = core.agents["anna"]
        first = agent.login()
        requests = [agent.ready() if turn % 2 else agent.not_ready("pause") for turn in range(100)]
        await first
        ended = await asyncio.gather(*requests)
        assert {type(event) for event in ended} == {callcore.Done}

    with Core(callcore_config, virtual_time=True, queue_bytes=4096) as core:
        core.run(asyncio.wait_for(main(core), 60))


def test_facts_are_told_to_those_who_ask(core: Core, caller: Person) -> None:
    async def main() -> list[str]:
        plain = core.events()
        facts = core.events(facts=True, timeout=1)
        caller.calls("8000")
        names = [event.name async for event in facts if isinstance(event, callcore.Fact)]
        assert not any(isinstance(event, callcore.Fact) for event in plain._waiting)
        return names

    assert "arrived" in core.run(main())


def test_the_same_program_runs_in_real_time(tmp_path: Any) -> None:
    config = {**centre(2), "node": {"data_dir": str(tmp_path)}}

    async def main(core: Core) -> list[str]:
        waiting = asyncio.ensure_future(offered(core))
        await asyncio.sleep(0)
        Person(core, 0).calls("8000", "13800000000")
        call = await waiting
        await call.answer()
        ends = call.events(kinds=[callcore.Ended])
        played = await call.play("welcome")
        await call.drop(17)
        ended = await anext(ends)
        return [type(played).__name__, played.end.name, str(ended.cause)]

    with Core(config) as core:
        assert core.run(asyncio.wait_for(main(core), 30)) == ["PlayDone", "COMPLETE", "17"]


def test_a_thousand_calls_at_a_time_have_a_program_each() -> None:
    calls = 1000
    talked: list[str] = []

    async def one(call: callcore.Call) -> None:
        digits = call.events(kinds=[callcore.Digit])
        await call.answer()
        Person(call.core, call.tag).presses("1")
        async for event in digits:
            talked.append(event.text)
            break
        await asyncio.sleep(60)
        await call.drop()

    async def main(core: Core) -> int:
        at_a_time = 0
        async with asyncio.TaskGroup() as group:
            events = core.events(kinds=[callcore.Offered])
            for channel in range(calls):
                Person(core, channel).calls("8000", f"1380000{channel:04}")
            async for event in events:
                assert isinstance(event, callcore.Offered)
                # the caller's number ends with the channel
                event.call.tag = int(event.calling[-4:])
                group.create_task(one(event.call))
                at_a_time += 1
                if at_a_time == calls:
                    break
            await asyncio.sleep(30)
            return len(core.calls())

    with Core(centre(calls), virtual_time=True) as core:
        assert core.run(main(core)) == calls
        core.sim.run(1)
        assert (len(talked), len(core.records()), core.calls()) == (calls, calls, [])
