"""The core: a telephone exchange and call centre, from a configuration."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
from collections.abc import Collection, Coroutine, Mapping
from typing import Any, Self, TypeVar, cast

from . import _abi
from ._library import check, lib, text_of
from .agents import Agents
from .aio import VirtualEventLoop
from .call import Call
from .devices import Devices
from .errors import InternalError, StateError
from .events import Done, Event
from .prompts import Prompts
from .request import Request
from .sim import Sim
from .stream import Events, Pump
from .views import AgentView, CallRecord, PromptView, Snapshot

__all__ = ["Core", "Making"]

T = TypeVar("T")

_QUEUE_BYTES = 16 * 1024 * 1024


class Making(Request[Call]):
    """A call out. It ends with the call, when it is answered: ``call = await core.make("number:0208")``."""

    __slots__ = ()

    def _told(self, event: Event) -> Call:
        super()._told(event)
        if event.call is None:
            raise InternalError(f"{self!r} is done and has no call")
        return event.call


class Core:
    """A centre: its lines, calls, queues and agents. ``with Core(...) as core`` starts it and, at the end, stops and frees it.

    ``config``: the configuration, as text (TOML or JSON: what ``callcore-server`` takes), as a mapping of the same keys, or the
    path of a file; None: a small simulated centre. ``virtual_time``: time goes on only while the program waits, as fast as the machine can.
    ``queue_bytes``: what may wait for an event loop; what does not fit is lost, and told by :class:`~callcore.Lost`.

    Raises :class:`~callcore.ConfigError` with every mistake of the configuration.
    """

    def __init__(
        self,
        config: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        *,
        virtual_time: bool = False,
        queue_bytes: int = _QUEUE_BYTES,
    ) -> None:
        text, path = _source(config)
        flags = _abi.VIRTUAL_TIME if virtual_time else 0
        params = _abi.CoreParams(ctypes.sizeof(_abi.CoreParams), _abi.ABI, text, path, flags, 0)
        handle = ctypes.c_void_p()
        check(lib.cc_core_new(ctypes.byref(params), ctypes.byref(handle)))
        #: For functions of the header.
        self.handle: int | None = handle.value
        self.is_virtual = virtual_time
        self.queue_bytes = queue_bytes
        self.sim = Sim(self)
        self.agents = Agents(self)
        self.prompts = Prompts(self)
        self.devices = Devices(self)
        self._pump: Pump | None = None

    def start(self) -> None:
        """Open devices and begin to take calls."""
        check(lib.cc_core_start(self.handle))

    def stop(self, grace: float = 0.0) -> None:
        """Wait up to ``grace`` seconds for calls to end by themselves, end the others, write everything down. Streams of events
        end with :class:`~callcore.Stopped`. A core cannot be started again; stopping twice is no error."""
        check(lib.cc_core_stop(self.handle, round(grace * 1000)))

    def close(self) -> None:
        """Stop, and free everything; twice is no error."""
        handle, self.handle = self.handle, None
        if handle is not None:
            self._drop_pump()
            lib.cc_core_free(handle)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self.handle is not None:
                self.stop()
        finally:
            self.close()

    def __del__(self) -> None:
        if getattr(self, "handle", None) is not None:
            self.close()

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end, in an event loop that goes by the core's clock: ``asyncio.run``, for real and virtual time."""
        factory = (lambda: VirtualEventLoop(self)) if self.is_virtual else None
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                return runner.run(main)
        finally:
            self._drop_pump()

    def events(
        self,
        *,
        calls: Collection[Call] = (),
        kinds: Collection[type[Event]] = (),
        facts: bool = False,
        timeout: float | None = None,
    ) -> Events:
        """What happens from now on: to these calls or to all, of these kinds or of all, with the ledger's facts or without.
        ``timeout``: it ends after so many seconds in which nothing came."""
        return Events(self, calls=calls, kinds=kinds, facts=facts, timeout=timeout)

    def call(self, number: int, tag: int = 0) -> Call:
        """A call by its number."""
        return Call(self, number, tag)

    def calls(self) -> list[Call]:
        """The calls that live, the oldest first."""
        room = 256
        while True:
            ids, need = (ctypes.c_uint64 * room)(), ctypes.c_size_t()
            status: int = lib.cc_calls(self.handle, ids, room, ctypes.byref(need))
            if status != _abi.STATUSES["CC_E_SHORT"]:
                check(status)
                return [Call(self, number) for number in ids[: need.value]]
            room = need.value * 2

    def make(self, to: str, calling: str | None = None, *, tag: int = 0) -> Making:
        """Call somebody: ``"extension:1001"`` or ``"number:02087000000"``, who is shown the number ``calling``. The call is the
        program's when it is answered; cancelled before, it is given up."""
        number = None if calling is None else calling.encode()
        make = _abi.Make(ctypes.sizeof(_abi.Make), 0, to.encode(), number, tag)
        return Making(self, Done, lib.cc_call_make, ctypes.byref(make))

    def command(self, command: Mapping[str, Any]) -> Request[Done]:
        """Any command in the words of the library's Rust: ``{"command": "send", "call": call.id, "to": "queue:support"}``."""
        return Request(self, Done, lib.cc_command, json.dumps(command).encode())

    def snapshot(self) -> Snapshot:
        """Devices, calls, queues and agents as they are now."""
        return cast("Snapshot", self._get("snapshot"))

    def stats(self) -> dict[str, Any]:
        """What has been counted."""
        return cast("dict[str, Any]", self._get("stats"))

    def get_agents(self) -> list[AgentView]:
        """What agents do now; see :attr:`agents`."""
        return cast("list[AgentView]", self._get("agents"))

    def get_prompts(self) -> list[PromptView]:
        """What can be played; see :attr:`prompts`."""
        return cast("list[PromptView]", self._get("prompts"))

    def records(self, **query: int | str) -> list[CallRecord]:
        """The records of finished calls, the newest first. ``query``: ``since``, ``until`` (milliseconds since 1970), ``calling``,
        ``called``, ``agent``, ``queue``, ``call``, ``limit``. In real time a call is in it some 50 ms after its end."""
        words = json.dumps(query).encode()
        return cast("list[CallRecord]", json.loads(text_of(lib.cc_records, self.handle, words)))

    @property
    def now(self) -> float:
        """The core's clock, in seconds: what ``event.time_ns`` is measured with."""
        now_ns = ctypes.c_uint64()
        check(lib.cc_now(self.handle, ctypes.byref(now_ns)))
        return now_ns.value / 1e9

    def _get(self, what: str) -> Any:
        return json.loads(text_of(lib.cc_get, self.handle, what.encode()))

    def has_running_loop(self) -> bool:
        """Whether a coroutine asks."""
        return asyncio._get_running_loop() is not None

    def has_pump(self) -> bool:
        """Whether a coroutine asks whose event loop reads this core's events."""
        return self._pump is not None and asyncio._get_running_loop() is self._pump.loop

    def pump(self, *, facts: bool = False) -> Pump:
        """What reads this core's events for the running event loop."""
        loop = asyncio.get_running_loop()
        if self._pump is None or self._pump.loop is not loop:
            if self.is_virtual and not isinstance(loop, VirtualEventLoop):
                raise StateError(
                    "this core lives in virtual time, and this event loop does not: run the program with core.run(...)"
                )
            self._drop_pump()
            self._pump = Pump(self, loop, facts=facts)
        elif facts:
            self._pump.want_facts()
        return self._pump

    def _drop_pump(self) -> None:
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.close()


def _source(config: str | os.PathLike[str] | Mapping[str, Any] | None) -> tuple[bytes | None, bytes | None]:
    """The configuration as text, or where it is."""
    if config is None:
        return None, None
    if isinstance(config, str):
        return config.encode(), None
    if isinstance(config, Mapping):
        return json.dumps(config).encode(), None
    return None, os.fsencode(config)
