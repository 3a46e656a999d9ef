"""For tests of programs that use callcore: fixtures of pytest, which are there as soon as the package is installed.

::

    def test_the_first_key_is_told(core, caller):
        events = core.events(kinds=[callcore.Digit], timeout=10)
        caller.calls("8000")
        core.run(my_program(core))
        assert next(events).digit == "1"

``callcore_config``: what the centre is made from; a test module gives its own by a fixture of this name. ``core``: the centre, in
virtual time. ``caller``: a person on its first line. ``clock``: its time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from .core import Core

__all__ = ["Clock", "Person", "callcore_config", "caller", "clock", "core"]


class Person:
    """Somebody on a channel of the simulator: outside callers are on the first channels, telephones on those after them."""

    def __init__(self, core: Core, channel: int, device: str = "sim") -> None:
        self.core = core
        self.channel = channel
        self.device = device

    def calls(self, called: str, calling: str = "") -> None:
        """Dial a number; ``calling`` is shown, if given."""
        self._do(f"calls {called} from {calling}" if calling else f"calls {called}")

    def presses(self, keys: str) -> None:
        """Press keys: ``0-9 * # A-D``."""
        self._do(f"digits {keys}")

    def answers(self) -> None:
        """Answer the telephone that rings."""
        self._do("answers")

    def rejects(self, cause: int = 21) -> None:
        """Refuse the call that rings."""
        self._do(f"rejects with {cause}")

    def hangs_up(self, cause: int = 16) -> None:
        """End the call."""
        self._do(f"hangs up with {cause}")

    def _do(self, what: str) -> None:
        self.core.sim.act(f"channel {self.channel} {what}", self.device)


class Clock:
    """The time of a centre that lives in virtual time."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return self._core.sim.now

    def run(self, seconds: float) -> None:
        """Let so many seconds pass, with everything that happens in them."""
        self._core.sim.run(seconds)


@pytest.fixture
def callcore_config() -> str | Mapping[str, Any] | None:
    """What ``core`` is made from: None is the small simulated centre."""
    return None


@pytest.fixture
def core(callcore_config: str | Mapping[str, Any] | None) -> Iterator[Core]:
    """A centre in virtual time, started; it is stopped after the test."""
    with Core(callcore_config, virtual_time=True) as started:
        yield started


@pytest.fixture
def caller(core: Core) -> Person:
    """Somebody outside, on the first line."""
    return Person(core, 0)


@pytest.fixture
def clock(core: Core) -> Clock:
    """The centre's time."""
    return Clock(core)
