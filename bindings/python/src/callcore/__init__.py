"""callcore: telephony as a library.

::

    import callcore

    with callcore.Core(virtual_time=True) as core:          # a small simulated centre
        events = core.events(timeout=5)
        core.sim.act("channel 0 calls 8000 from 13800000000")
        for event in events:
            if isinstance(event, callcore.Offered):
                event.call.answer()

:class:`Core` is a centre, :class:`Call` a call, :class:`Events` what happens, :class:`Request` a command that can be waited for or
awaited. Waits are seconds; what the library tells as JSON is in milliseconds, and its names end in ``_ms``. All functions can be
called by any thread; what belongs to an event loop belongs to its thread.
"""

from __future__ import annotations

from ._library import version
from .agents import Agent, Agents
from .aio import VirtualEventLoop
from .call import Call, Party, Role, Supervision
from .core import Core
from .devices import Devices
from .errors import (
    AbiError,
    ArgumentError,
    BusyError,
    ConfigError,
    EmptyError,
    Error,
    ForkedError,
    FullError,
    GoneError,
    InternalError,
    IoError,
    NoMemoryError,
    PanicError,
    ReentrantError,
    ShortError,
    StateError,
    TimedOutError,
    UnsupportedError,
    Utf8Error,
    VersionError,
)
from .events import (
    Answered,
    Bridged,
    CollectDone,
    Digit,
    Done,
    End,
    Ended,
    Event,
    Fact,
    Heard,
    Info,
    Joined,
    Left,
    Line,
    LongSilence,
    Lost,
    Offered,
    Originated,
    Parting,
    PlayDone,
    RecordDone,
    RecordStarted,
    Sent,
    Speaking,
    Stopped,
    SupervisionEnded,
    Unbridged,
)
from .prompts import Prompts
from .request import Request
from .sim import Sim
from .stream import Events
from .tap import Tap
from .views import AgentView, CallRecord, CallView, ChannelView, DeviceView, PromptView, QueueView, Snapshot

__version__ = version()

__all__ = [
    "AbiError",
    "Agent",
    "AgentView",
    "Agents",
    "Answered",
    "ArgumentError",
    "Bridged",
    "BusyError",
    "Call",
    "CallRecord",
    "CallView",
    "ChannelView",
    "CollectDone",
    "ConfigError",
    "Core",
    "DeviceView",
    "Devices",
    "Digit",
    "Done",
    "EmptyError",
    "End",
    "Ended",
    "Error",
    "Event",
    "Events",
    "Fact",
    "ForkedError",
    "FullError",
    "GoneError",
    "Heard",
    "Info",
    "InternalError",
    "IoError",
    "Joined",
    "Left",
    "Line",
    "LongSilence",
    "Lost",
    "NoMemoryError",
    "Offered",
    "Originated",
    "PanicError",
    "Parting",
    "Party",
    "PlayDone",
    "PromptView",
    "Prompts",
    "QueueView",
    "RecordDone",
    "RecordStarted",
    "ReentrantError",
    "Request",
    "Role",
    "Sent",
    "ShortError",
    "Sim",
    "Snapshot",
    "Speaking",
    "StateError",
    "Stopped",
    "Supervision",
    "SupervisionEnded",
    "Tap",
    "TimedOutError",
    "Unbridged",
    "UnsupportedError",
    "Utf8Error",
    "VersionError",
    "VirtualEventLoop",
]
