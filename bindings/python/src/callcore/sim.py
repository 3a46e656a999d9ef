"""Simulated people, and virtual time."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from ._library import check, lib, text_of

if TYPE_CHECKING:
    from .core import Core

__all__ = ["Sim"]

_NEVER = 2**64 - 1


class Sim:
    """The simulator of a core: ``core.sim``. Times are seconds since the core's start."""

    __slots__ = ("_core",)

    def __init__(self, core: Core) -> None:
        self._core = core

    def act(self, line: str, device: str = "sim") -> None:
        """Let simulated people do something: ``"channel 0 calls 8000 from 13800000000"``, ``"channel 0 digit 1"``,
        ``"channel 0 hangs up"``. In real time, too."""
        check(lib.cc_sim_act(self._core.handle, device.encode(), line.encode()))

    def run(self, seconds: float) -> None:
        """Let virtual time go on, with everything that happens in it."""
        check(lib.cc_sim_run(self._core.handle, round(seconds * 1000)))

    def step(self) -> bool:
        """Let the next thing happen, whenever that is; False when nothing ever will."""
        more = ctypes.c_int32()
        check(lib.cc_sim_step(self._core.handle, ctypes.byref(more)))
        return more.value != 0

    @property
    def now(self) -> float:
        """Virtual time."""
        return self._now()[0] / 1000

    @property
    def next(self) -> float | None:
        """When the next thing happens; None: nothing ever will."""
        next_ms = self._now()[1]
        return None if next_ms == _NEVER else next_ms / 1000

    @property
    def digest(self) -> str:
        """Of everything that has happened, in hexadecimal: equal for equal runs."""
        return text_of(lib.cc_sim_digest, self._core.handle).decode()

    def _now(self) -> tuple[int, int]:
        now_ms, next_ms = ctypes.c_uint64(), ctypes.c_uint64()
        check(lib.cc_sim_now(self._core.handle, ctypes.byref(now_ms), ctypes.byref(next_ms)))
        return now_ms.value, next_ms.value
