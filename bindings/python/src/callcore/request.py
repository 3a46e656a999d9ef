"""Requests: commands that were accepted, and end once."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from . import _abi
from ._library import check, lib, milliseconds, trouble
from .errors import Error, GoneError, TimedOutError, error_of
from .events import Answered, Ended, Event, records

if TYPE_CHECKING:
    from .call import Call
    from .core import Core

__all__ = ["Request"]

T = TypeVar("T")

#: Bytes of the event that ends a command.
_ROOM = 16 * 1024


def _error(event: Event) -> Error:
    """The exception for an event that tells that a command failed."""
    words = event.text or f"the command failed: {event.json}"
    return error_of(event.status, words)


class Request(Generic[T]):
    """A command that was accepted. It ends once, with an event: :class:`~callcore.PlayDone` for :meth:`Call.play
    <callcore.Call.play>`, :class:`~callcore.Done` for most others; or with an exception, when it failed.

    ``number``: the command's, which the events that come of it carry.
    """

    __slots__ = ("_end", "_future", "core", "kind", "number")

    def __init__(self, core: Core, kind: type[Event], function: Any, *arguments: Any) -> None:
        number = ctypes.c_uint64()
        check(function(core.handle, *arguments, ctypes.byref(number)))
        self.core = core
        self.kind = kind
        self.number = number.value
        self._end: Event | None = None
        self._future: asyncio.Future[Event] | None = None
        if core.has_pump():
            core.pump().expect(self)

    def __repr__(self) -> str:
        return f"<Request {self.number}: {self.kind.__name__}>"

    def wait(self, timeout: float | None = None) -> T:
        """Wait for the end, ``timeout`` seconds at most. In virtual time the centre lives on meanwhile.

        Raises :class:`~callcore.TimedOutError`, or what the command failed with.
        """
        if self._end is None:
            self._end = self._wait(milliseconds(timeout))
        return self._told(self._end)

    def cancel(self) -> None:
        """End the command before its time: a prompt stops, a call out is given up. No error when it has ended."""
        status = lib.cc_cancel(self.core.handle, self.number)
        if status != _abi.STATUSES["CC_E_GONE"]:
            check(status)

    @property
    def key(self) -> int:
        """What its end is known by: the number that the end carries."""
        return self.number

    def is_end(self, event: Event) -> bool:
        """Whether an event of this key is the end."""
        return event.status < 0 or isinstance(event, self.kind)

    def end(self, event: Event) -> None:
        """The end has come: for the event loop's side of this package."""
        self._end = event
        if self._future is not None and not self._future.done():
            self._future.set_result(event)

    def fail(self, why: Exception) -> None:
        """The end will not come."""
        if self._future is not None and not self._future.done():
            self._future.set_exception(why)

    def _wait(self, timeout_ms: int) -> Event:
        room = ctypes.create_string_buffer(_ROOM)
        status: int = lib.cc_wait(self.core.handle, self.number, timeout_ms, room, len(room))
        # a command that failed has an end to tell as well
        there = memoryview(room).cast("B")
        told = list(records(self.core, there, 1)) if any(there[:4]) else []
        if not told:
            raise trouble(status)
        return told[0]

    def _told(self, event: Event) -> T:
        if event.status < 0:
            raise _error(event)
        return cast("T", event)

    def __await__(self) -> Generator[Any, None, T]:
        return self._ended().__await__()

    async def _ended(self) -> T:
        if self._end is None:
            pump = self.core.pump()
            if not pump.expects(self):
                self.look_back()
        if self._end is None:
            self._future = asyncio.get_running_loop().create_future()
            try:
                await self._future
            except asyncio.CancelledError:
                # whoever does not wait any more does not want it any more
                self.cancel()
                raise
        assert self._end is not None
        return self._told(self._end)

    def look_back(self) -> None:
        """The command may have ended where the event loop did not see it: before there was one, or among events that were lost."""
        pump = self.core.pump()
        pump.expect(self)
        try:
            self.end(self._wait(0))
        except TimedOutError:
            return
        pump.forget(self)


class AnswerRequest(Request[Answered]):
    """The answering of a call: accepted at once, at its end when the line is open."""

    __slots__ = ("_events", "call")

    def __init__(self, core: Core, call: Call) -> None:
        self.call = call
        # outside of an event loop the end is read from a queue, which must be there before the command
        self._events = None if core.has_pump() else core.events(calls=[call], kinds=[Answered, Ended])
        super().__init__(core, Answered, lib.cc_call_answer, call.id)

    @property
    def key(self) -> int:
        """The call's, below 0: its end is an event of the call."""
        return -self.call.id

    def is_end(self, event: Event) -> bool:
        """Always: only what ends it has its key."""
        return True

    def wait(self, timeout: float | None = None) -> Answered:
        """Wait until the line is open, ``timeout`` seconds at most."""
        if self._end is None and self._events is not None:
            self._events.timeout = timeout
            self._end = next(self._events, None)
        if self._end is None:
            raise TimedOutError(f"{self.call!r} is not answered yet")
        return self._told(self._end)

    def cancel(self) -> None:
        """An answer cannot be taken back: drop the call."""

    def look_back(self) -> None:
        """Its end is an event of its call: looked for in the queue that was made with it."""
        pump = self.core.pump()
        pump.expect(self)
        if self._events is None:
            return
        self._events.timeout = 0
        for event in self._events:
            self.end(event)
            pump.forget(self)

    def _told(self, event: Event) -> Answered:
        if isinstance(event, Ended):
            raise GoneError(f"{self.call!r} ended before it was answered: {event.text}")
        return super()._told(event)
