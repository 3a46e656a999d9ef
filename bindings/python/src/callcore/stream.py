"""Streams of events: read by a thread that waits, or by a coroutine.

::

    a queue of the library ──▶ Queue ─┬─▶ Events, for ``for``: a queue of its own for each
                                      └─▶ Pump, one for an event loop ─┬─▶ Events, for ``async for``
                                                                       └─▶ requests that are awaited

No thread of the library ever calls into Python: a program reads when it waits, or when its event loop says that the queue's
descriptor is readable.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import weakref
from collections import deque
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Self

from . import _abi
from ._library import check, lib, milliseconds
from .errors import StateError
from .events import Answered, Ended, Event, Fact, Lost, Stopped, records

if TYPE_CHECKING:
    from .call import Call
    from .core import Core
    from .request import Request

__all__ = ["Events"]

_BUFFER = 64 * 1024
_E_SHORT = _abi.STATUSES["CC_E_SHORT"]
_E_EMPTY = _abi.STATUSES["CC_E_EMPTY"]
#: Events that wait for a coroutine.
_WAITING_MAX = 100_000
#: Always told, whatever was asked for.
_ALWAYS = (Lost, Stopped)


class Queue:
    """A queue of the library."""

    def __init__(self, core: Core, wanted: dict[str, Any], size: int = 0) -> None:
        handle = ctypes.c_void_p()
        check(lib.cc_queue_new(core.handle, json.dumps(wanted).encode(), size, ctypes.byref(handle)))
        self._core = core
        self._handle: int | None = handle.value
        self._got = ctypes.c_size_t()
        self._make_room(_BUFFER)

    def _make_room(self, size: int) -> None:
        self._room = ctypes.create_string_buffer(size)
        # without a format of its own a view of bytes is faster to read
        self._view = memoryview(self._room).cast("B")

    def fd(self) -> int:
        """Readable while there is something to read."""
        return int(lib.cc_queue_fd(self._handle))

    def read(self, timeout_ms: int) -> list[Event]:
        """What is there, after a wait for the first; empty: nothing came."""
        while self._handle is not None:
            status: int = lib.cc_queue_read(
                self._handle, self._room, len(self._room), ctypes.byref(self._got), timeout_ms
            )
            if status == _E_SHORT:
                self._make_room(self._got.value)
                continue
            if status == _E_EMPTY:
                break
            check(status)
            return list(records(self._core, self._view, self._got.value))
        return []

    def close(self) -> None:
        """Free it; twice is no error."""
        handle, self._handle = self._handle, None
        if handle is not None:
            lib.cc_queue_free(handle)

    def __del__(self) -> None:
        if getattr(self, "_handle", None) is not None:
            self.close()


class Events:
    """What happens from its making on, for ``for`` or, made inside a coroutine, for ``async for``.

    It ends after :class:`~callcore.Stopped`; after ``timeout`` seconds in which nothing came; and in virtual time when nothing
    will ever happen any more. It can be read on after a time-out.
    """

    def __init__(
        self,
        core: Core,
        *,
        calls: Collection[Call] = (),
        kinds: Collection[type[Event]] = (),
        facts: bool = False,
        timeout: float | None = None,
        queue_bytes: int = 0,
    ) -> None:
        #: Seconds after which it ends when nothing came; None: it waits.
        self.timeout = timeout
        self._waiting: deque[Event] = deque()
        self._is_over = False
        self._lost = 0
        self._future: asyncio.Future[None] | None = None
        self._kinds = tuple(kinds)
        self._calls = frozenset(call.id for call in calls)
        self._facts = facts
        self._queue: Queue | None = None
        self._pump: Pump | None = None
        if core.has_running_loop():
            self._pump = core.pump(facts=facts)
            self._pump.add(self, self._calls)
        else:
            wanted: dict[str, Any] = {"facts": facts}
            if self._kinds:
                wanted["events"] = sorted(kind.code for kind in self._kinds)
            if self._calls:
                wanted["calls"] = sorted(self._calls)
            self._queue = Queue(core, wanted, queue_bytes)

    def close(self) -> None:
        """No more is kept for it; twice is no error."""
        self._is_over = True
        if self._queue is not None:
            self._queue.close()
        if self._pump is not None:
            self._pump.remove(self, self._calls)
        self.wake()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        if self._queue is None:
            raise TypeError("these events were made inside a coroutine: use async for")
        while not self._waiting and not self._is_over:
            read = self._queue.read(milliseconds(self.timeout))
            if not read:
                raise StopIteration
            self._waiting.extend(event for event in read if self._wants(event))
        if not self._waiting:
            raise StopIteration
        return self._next()

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> Event:
        if self._pump is None:
            raise TypeError(
                "these events were made outside of a coroutine: make them in the one that reads them, or use for"
            )
        while not self._waiting:
            if self._is_over or not await self._something():
                raise StopAsyncIteration
        return self._next()

    async def _something(self) -> bool:
        """Wait for the next; false when the time is over."""
        self._future = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self.timeout):
                await self._future
            return True
        except TimeoutError:
            return False
        finally:
            self._future = None

    def _next(self) -> Event:
        event = self._waiting.popleft()
        if isinstance(event, Stopped):
            self.close()
            self._waiting.clear()
        return event

    def _wants(self, event: Event) -> bool:
        if isinstance(event, _ALWAYS):
            return True
        if isinstance(event, Fact):
            return self._facts
        if self._calls and (event.call is None or event.call.id not in self._calls):
            return False
        return not self._kinds or isinstance(event, self._kinds)

    def put(self, event: Event) -> None:
        """One more, from the event loop's queue."""
        if not self._wants(event):
            return
        if len(self._waiting) >= _WAITING_MAX:
            self._lost += 1
            return
        if self._lost:
            self._waiting.append(Lost(event.time_ns, text=str(self._lost)))
            self._lost = 0
        self._waiting.append(event)
        self.wake()

    def wake(self) -> None:
        """Whoever waits looks again."""
        if self._future is not None and not self._future.done():
            self._future.set_result(None)


class Pump:
    """The one queue of an event loop, and who gets what of it."""

    def __init__(self, core: Core, loop: asyncio.AbstractEventLoop, *, facts: bool) -> None:
        self.loop = loop
        self.facts = facts
        self._core = core
        self._queue = Queue(core, {"facts": facts}, core.queue_bytes)
        self._requests: dict[int, Request[Any]] = {}
        # a stream that nobody reads any more is forgotten
        self._everything: weakref.WeakSet[Events] = weakref.WeakSet()
        self._of_call: dict[int, weakref.WeakSet[Events]] = {}
        self._watch()

    def _watch(self) -> None:
        if not self._core.is_virtual:
            self._fd = self._queue.fd()
            self.loop.add_reader(self._fd, self.read, 0)

    def want_facts(self) -> None:
        """From now on the ledger's entries come, too."""
        if self.facts:
            return
        if not self._core.is_virtual:
            words = "facts were not asked for when the event loop's queue was made: ask for them in the first events()"
            raise StateError(words)
        # virtual time stands still: nothing comes between the two queues
        queue, self._queue = self._queue, Queue(self._core, {"facts": True}, self._core.queue_bytes)
        self.facts = True
        while read := queue.read(0):
            for event in read:
                self._pass_on(event)
        queue.close()

    def close(self) -> None:
        """Whoever still waits is told that it is in vain."""
        if not self._core.is_virtual and not self.loop.is_closed():
            self.loop.remove_reader(self._fd)
        self._queue.close()
        self._give_up()

    def expect(self, request: Request[Any]) -> None:
        """The end of this request is wanted."""
        self._requests[request.key] = request

    def expects(self, request: Request[Any]) -> bool:
        """Whether it is."""
        return request.key in self._requests

    def forget(self, request: Request[Any]) -> None:
        """It is not any more."""
        self._requests.pop(request.key, None)

    def add(self, events: Events, calls: Collection[int]) -> None:
        """These want what happens: to some calls, or to all."""
        for call in calls:
            self._of_call.setdefault(call, weakref.WeakSet()).add(events)
        if not calls:
            self._everything.add(events)

    def remove(self, events: Events, calls: Collection[int]) -> None:
        """They do not any more."""
        for call in calls:
            self._of_call.get(call, self._everything).discard(events)
        self._everything.discard(events)

    def read(self, timeout_ms: int) -> bool:
        """Take what is there, after a wait for the first; false: nothing came."""
        read = self._queue.read(timeout_ms)
        for event in read:
            self._pass_on(event)
        return bool(read)

    def _pass_on(self, event: Event) -> None:
        key = -event.call.id if event.call is not None and isinstance(event, Answered | Ended) else event.request
        request = self._requests.get(key) if key else None
        if request is not None and request.is_end(event):
            del self._requests[key]
            request.end(event)
        for events in self._receivers(event):
            events.put(event)
        if isinstance(event, Ended):
            self._of_call.pop(event.call.id, None)
        if isinstance(event, Lost):
            self._ask_again()
        if isinstance(event, Stopped):
            self._give_up()

    def _receivers(self, event: Event) -> list[Events]:
        everything = list(self._everything)
        if isinstance(event, _ALWAYS):
            return everything + [events for some in self._of_call.values() for events in some]
        some = self._of_call.get(event.call.id) if event.call is not None else None
        return everything + list(some) if some else everything

    def _ask_again(self) -> None:
        """Ends of commands may be among what was lost."""
        for request in list(self._requests.values()):
            request.look_back()

    def _give_up(self) -> None:
        requests, self._requests = self._requests, {}
        for request in requests.values():
            request.fail(StateError(f"the core has stopped before {request!r} ended"))
