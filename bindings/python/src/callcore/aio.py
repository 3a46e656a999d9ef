"""An event loop that lives in virtual time: programs that sleep for an hour are done at once.

::

    a turn of the loop: what is ready runs ──▶ nothing is: the centre lives on, to its next event or to the next timer
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

from .errors import Error, StateError

if TYPE_CHECKING:
    from ._types import FileDescriptorLike
    from .core import Core

__all__ = ["VirtualEventLoop"]

#: Less than the shortest step of virtual time, and more than what seconds are wrong by.
_RESOLUTION = 1e-6
#: How long a descriptor of the real world is waited for before virtual time is looked at again.
_REAL_WAIT = 0.05


class _VirtualSelector(selectors.BaseSelector):
    """Descriptors are those of the real world; waiting is the core's."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.loop: VirtualEventLoop | None = None

    def register(self, fileobj: FileDescriptorLike, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: FileDescriptorLike, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[FileDescriptorLike, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or self.loop is None or (timeout is not None and timeout <= 0):
            return ready
        if not self.loop.live(timeout) and timeout is None:
            return self._wait_for_threads()
        return self._real.select(0)

    def _wait_for_threads(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Nothing will happen in virtual time: only a thread of the program's own can still go on."""
        if self.loop is not None and self.loop.has_threads():
            return self._real.select(_REAL_WAIT)
        raise StateError(
            "virtual time stands still: nothing will happen in the centre any more, and every task waits for it"
        )


class VirtualEventLoop(asyncio.SelectorEventLoop):
    """The event loop of a core in virtual time; :meth:`Core.run <callcore.Core.run>` makes one."""

    def __init__(self, core: Core) -> None:
        selector = _VirtualSelector()
        super().__init__(selector)
        self._core = core
        self._last = 0.0
        self._clock_resolution = _RESOLUTION
        selector.loop = self

    def time(self) -> float:
        """The core's time, in seconds since its start."""
        try:
            self._last = self._core.now
        except Error:
            # a core that was closed has no time any more, and loops are closed after it
            return self._last
        return self._last

    def live(self, timeout: float | None) -> bool:
        """Let virtual time go on until something is told, or for so long; False: nothing was."""
        try:
            pump = self._core.pump()
            return pump.read(-1 if timeout is None else ceil((timeout - _RESOLUTION) * 1000))
        except StateError:
            # the core has stopped: whoever still sleeps need not
            self._last += timeout or 0.0
            return False

    def has_threads(self) -> bool:
        """Whether a thread of the program may still have something to say."""
        return getattr(self, "_default_executor", None) is not None
