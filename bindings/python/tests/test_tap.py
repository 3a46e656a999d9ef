"""A program's own sound, in real time: the simulator's people say tones that no other sound has."""

from __future__ import annotations

import array
import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

import callcore
from callcore import Core
from callcore.testing import Person
from conftest import centre

LONG = 20.0


@pytest.fixture
def call(tmp_path: Path) -> Iterator[callcore.Call]:
    """An answered call on a real clock."""
    config = {**centre(2), "node": {"data_dir": str(tmp_path)}}
    core = Core(config)
    offers = core.events(kinds=[callcore.Offered], timeout=LONG)
    with core:
        Person(core, 0).calls("8000", "13800000000")
        offered = next(offers)
        assert isinstance(offered, callcore.Offered)
        offered.call.answer().wait(LONG)
        yield offered.call


def test_what_a_caller_says_is_read_and_what_is_written_is_taken(call: callcore.Call) -> None:
    with call.tap() as tap:
        assert (tap.rate, tap.samples) == (8000, 1 << 15)
        written = tap.write(array.array("h", [1000, -1000] * 4000))
        assert written == 8000
        heard = 0
        while heard < 1600:
            assert tap.wait(LONG)
            heard += len(tap.read())
        while tap.room < tap.samples:
            assert tap.wait(LONG)


def test_the_rings_are_the_librarys_own_memory_and_not_held_beyond_their_time(call: callcore.Call) -> None:
    numpy = pytest.importorskip("numpy")
    tap = call.tap()
    ring = tap.said
    tap.write(numpy.arange(100, dtype=numpy.int16))
    assert ring[:100].tolist() == list(range(100))
    with pytest.raises(callcore.StateError, match="still held"):
        tap.close()
    del ring
    tap.close()
    tap.close()
    with pytest.raises(callcore.StateError, match="closed"):
        tap.read()


def test_a_coroutine_waits_for_sound(call: callcore.Call) -> None:
    async def main() -> int:
        with call.tap() as tap:
            while tap.unread == 0:
                await tap.moved()
            return len(tap.read(80))

    assert 0 < asyncio.run(asyncio.wait_for(main(), LONG)) <= 80


def test_a_rate_that_there_is_not_is_refused(call: callcore.Call) -> None:
    with pytest.raises(callcore.ArgumentError, match="use 8000 or 16000"):
        call.tap(44_100)
