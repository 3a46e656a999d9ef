"""A program's own audio, connected to a call: two rings of 16-bit samples in shared memory, one each way."""

from __future__ import annotations

import array
import asyncio
import ctypes
import os
import select
import weakref
from typing import TYPE_CHECKING, Any, Self

from . import _abi
from ._library import check, lib
from .errors import GoneError, StateError

if TYPE_CHECKING:
    from ._types import ReadableBuffer
    from .call import Call
    from .core import Core

__all__ = ["Tap"]

_BYTES = 2


class Tap:
    """What a caller says, and what the caller is to hear, as 16-bit samples in the machine's order; ``with call.tap() as tap``.

    ``rate``: samples a second. ``samples``: how many a ring holds. ``heard`` is the ring of what the caller says and ``said`` that
    of what the caller hears, in the library's own memory: numpy arrays of ``int16`` where numpy is installed, else memoryviews.
    Sample number n is at index n modulo ``samples``. :meth:`read` and :meth:`write` do the counting.
    """

    def __init__(self, core: Core, call: Call, rate: int) -> None:
        view = _abi.TapView(size=ctypes.sizeof(_abi.TapView))
        number = ctypes.c_uint64()
        check(lib.cc_tap_open(core.handle, call.id, rate, ctypes.byref(view), ctypes.byref(number)))
        self._core = core
        self._number = number.value
        self.call = call
        self.rate: int = view.rate
        self.samples: int = view.samples
        self._addresses = (int(view.heard), int(view.said))
        self._heard_view, self._said_view = (self._ring(address) for address in self._addresses)
        #: Rings that were shown to the program, as long as it has views of them.
        self._shown: list[weakref.ref[ctypes.Array[ctypes.c_int16]]] = []
        self._positions = {
            name: ctypes.c_uint64.from_address(getattr(view, name))
            for name in ("heard_begin", "heard_end", "said_begin", "said_end")
        }
        self._wake_fd: int = view.wake_fd
        self._is_open = True

    def _ring(self, address: int) -> memoryview:
        return memoryview(self._array(address)).cast("B").cast("h")

    def _array(self, address: int) -> ctypes.Array[ctypes.c_int16]:
        return (ctypes.c_int16 * self.samples).from_address(address)

    def _show(self, address: int) -> Any:
        self._at("said_end")
        ring = self._array(address)
        self._shown = [shown for shown in self._shown if shown() is not None]
        self._shown.append(weakref.ref(ring))
        return _shown(memoryview(ring).cast("B").cast("h"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect. Raises :class:`~callcore.StateError` while views of the rings are held, as their memory goes; twice is no error."""
        if not self._is_open:
            return
        if any(shown() is not None for shown in self._shown):
            raise StateError("views of this tap's rings are still held, and their memory goes with it: del them first")
        self._is_open = False
        self._positions = {}
        try:
            check(lib.cc_tap_close(self._core.handle, self._number))
        except GoneError:
            # the core was stopped, and closed its taps
            return

    @property
    def heard(self) -> Any:
        """The ring of what the caller says."""
        return self._show(self._addresses[0])

    @property
    def said(self) -> Any:
        """The ring of what the caller hears."""
        return self._show(self._addresses[1])

    @property
    def unread(self) -> int:
        """Samples that the caller has said and nobody has read."""
        return int(self._at("heard_end") - self._at("heard_begin"))

    @property
    def room(self) -> int:
        """Samples that can be written now."""
        return self.samples - int(self._at("said_end") - self._at("said_begin"))

    def read(self, samples: int | None = None) -> Any:
        """Take what the caller has said, so many samples at most: a copy, a numpy array or a memoryview of ``h``."""
        count = self.unread if samples is None else min(samples, self.unread)
        begin = self._at("heard_begin") % self.samples
        first = min(count, self.samples - begin)
        taken = array.array("h", bytes(self._heard_view[begin : begin + first]))
        taken.frombytes(bytes(self._heard_view[: count - first]))
        self._positions["heard_begin"].value += count
        return _shown(memoryview(taken))

    def write(self, samples: ReadableBuffer) -> int:
        """Say samples of 16 bits to the caller, as many as there is room for; how many those were."""
        there = memoryview(samples).cast("B")
        count = min(len(there) // _BYTES, self.room)
        said = there[: count * _BYTES].cast("h")
        begin = self._at("said_end") % self.samples
        first = min(count, self.samples - begin)
        self._said_view[begin : begin + first] = said[:first]
        self._said_view[: count - first] = said[first:]
        self._positions["said_end"].value += count
        return count

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the rings have moved, some 10 to 20 ms; False: not within ``timeout`` seconds."""
        ready, _, _ = select.select([self._wake_fd], [], [], timeout)
        if ready:
            self._hush()
        return bool(ready)

    async def moved(self) -> None:
        """Wait until the rings have moved, in a coroutine."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self._wake_fd, _tell, future)
        try:
            await future
        finally:
            loop.remove_reader(self._wake_fd)
        self._hush()

    def _hush(self) -> None:
        os.read(self._wake_fd, 8)

    def _at(self, name: str) -> int:
        if not self._is_open:
            raise StateError("the tap is closed")
        return self._positions[name].value


def _tell(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _shown(samples: memoryview) -> Any:
    try:
        import numpy
    except ImportError:
        return samples[:]
    return numpy.asarray(samples)
