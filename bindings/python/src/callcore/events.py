"""Events: what happens, one class for each ``CC_EV_*`` of the header.

A record of a queue is a fixed part, a short text and a JSON object. The fixed part and the text are read at once; the JSON
only when somebody asks for it, as most programs need nothing of it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, cast

from . import _abi

if TYPE_CHECKING:
    from .call import Call
    from .core import Core

__all__ = [
    "Answered",
    "Bridged",
    "CollectDone",
    "Digit",
    "Done",
    "End",
    "Ended",
    "Event",
    "Fact",
    "Heard",
    "Info",
    "Joined",
    "Left",
    "Line",
    "LongSilence",
    "Lost",
    "Offered",
    "Originated",
    "Parting",
    "PlayDone",
    "RecordDone",
    "RecordStarted",
    "Sent",
    "Speaking",
    "Stopped",
    "SupervisionEnded",
    "Unbridged",
]

#: The layout of ``cc_event``.
HEAD = struct.Struct("<IHHQQQQQQiHHIIII")


class End(IntEnum):
    """How prompts, a collection or a recording ended: ``CC_END_*``."""

    COMPLETE = 0
    STOPPED = 1
    CALL = 2
    TERMINATOR = 3
    FIRST_DIGIT = 4
    INTER_DIGIT = 5
    KEY = 6
    FAILED = 7
    SILENCE = 8


@dataclass(slots=True)
class Event:
    """Something that happened.

    ``time_ns``: when, on the core's clock. ``seq``: its number in its queue, from 1. ``peer``: the other call of a bridge. ``request``: the command that it comes of, or 0. ``tag``: the call's, from
    :attr:`Call.tag <callcore.Call.tag>`. ``status``: 0, or why a command failed after it was accepted. ``cause``: Q.850, 1 to 127, or 0.
    ``end_code``: :class:`End`. ``text``: what is short.
    """

    code: ClassVar[int] = 0

    time_ns: int = 0
    seq: int = 0
    _call: Call | None = None
    peer: Call | None = None
    request: int = 0
    tag: int = 0
    status: int = 0
    cause: int = 0
    end_code: int = 0
    text: str = ""
    raw_json: bytes = field(default=b"", repr=False)

    @property
    def call(self) -> Call | None:
        """The call that it is about; events of calls always have one."""
        return self._call

    @property
    def json(self) -> dict[str, Any]:
        """Everything that is known."""
        return cast("dict[str, Any]", json.loads(self.raw_json)) if self.raw_json else {}

    @property
    def end(self) -> End:
        """How it ended."""
        return End(self.end_code)


@dataclass(slots=True)
class _OfCall(Event):
    @property
    def call(self) -> Call:
        """The call that it is about."""
        assert self._call is not None
        return self._call


@dataclass(slots=True)
class Done(Event):
    """A command is complete, or has failed."""

    code = _abi.EVENTS["CC_EV_DONE"]


@dataclass(slots=True)
class Lost(Event):
    """Events were lost, as nobody read them in time; :meth:`Core.snapshot <callcore.Core.snapshot>` tells what there is now."""

    code = _abi.EVENTS["CC_EV_LOST"]

    @property
    def count(self) -> int:
        """How many."""
        return int(self.text)


@dataclass(slots=True)
class Stopped(Event):
    """The core has stopped; nothing follows."""

    code = _abi.EVENTS["CC_EV_STOPPED"]


@dataclass(slots=True)
class _Incoming(_OfCall):
    @property
    def calling(self) -> str:
        """Who calls; empty: not told."""
        return self.text

    @property
    def called(self) -> str:
        """The number that was called."""
        incoming: dict[str, Any] = self.json.get("incoming", {})
        return str(incoming.get("called", ""))


@dataclass(slots=True)
class Offered(_Incoming):
    """A call is the program's: answer it, send it on, or drop it."""

    code = _abi.EVENTS["CC_EV_OFFERED"]


@dataclass(slots=True)
class Info(_Incoming):
    """More is known of who calls."""

    code = _abi.EVENTS["CC_EV_INFO"]


@dataclass(slots=True)
class Originated(_OfCall):
    """A call that the program makes has begun: the first that is told of it. ``request`` is its :meth:`Core.make <callcore.Core.make>`."""

    code = _abi.EVENTS["CC_EV_ORIGINATED"]


@dataclass(slots=True)
class Answered(_OfCall):
    """A call that the program made or holds was answered."""

    code = _abi.EVENTS["CC_EV_ANSWERED"]


@dataclass(slots=True)
class Digit(_OfCall):
    """A key was pressed."""

    code = _abi.EVENTS["CC_EV_DIGIT"]

    @property
    def digit(self) -> str:
        """The key: ``0-9 * # A-D``."""
        return self.text


@dataclass(slots=True)
class Heard(_OfCall):
    """Something was heard that the program listens for; ``json`` tells what, from whom."""

    code = _abi.EVENTS["CC_EV_HEARD"]


@dataclass(slots=True)
class LongSilence(_OfCall):
    """Nobody has spoken for long."""

    code = _abi.EVENTS["CC_EV_LONG_SILENCE"]

    @property
    def silent_ms(self) -> int:
        """For how long, in milliseconds."""
        return int(self.text)


@dataclass(slots=True)
class Speaking(_OfCall):
    """A party of a conference begins to speak, or stops."""

    code = _abi.EVENTS["CC_EV_SPEAKING"]

    @property
    def on(self) -> bool:
        """Speaks or not."""
        return self.text == "1"


@dataclass(slots=True)
class _InConference(_OfCall):
    @property
    def conference(self) -> str:
        """Its name."""
        return self.text


@dataclass(slots=True)
class Joined(_InConference):
    """A call is in a conference."""

    code = _abi.EVENTS["CC_EV_JOINED"]


@dataclass(slots=True)
class Left(_InConference):
    """A call is no more in a conference."""

    code = _abi.EVENTS["CC_EV_LEFT"]


@dataclass(slots=True)
class Sent(_OfCall):
    """A call went where it was sent, and is no longer the program's."""

    code = _abi.EVENTS["CC_EV_SENT"]


@dataclass(slots=True)
class Ended(_OfCall):
    """A call that the program made or was offered is over; ``cause`` tells why, ``text`` in words."""

    code = _abi.EVENTS["CC_EV_ENDED"]


@dataclass(slots=True)
class Bridged(_OfCall):
    """Two calls talk to each other: ``call`` and ``peer``."""

    code = _abi.EVENTS["CC_EV_BRIDGED"]


@dataclass(slots=True)
class Unbridged(_OfCall):
    """Two calls no longer talk to each other."""

    code = _abi.EVENTS["CC_EV_UNBRIDGED"]


@dataclass(slots=True)
class Parting(_OfCall):
    """Two lines that cannot tell a hang-up are parted soon."""

    code = _abi.EVENTS["CC_EV_PARTING"]

    @property
    def left_ms(self) -> int:
        """In how many milliseconds."""
        return int(self.text)


@dataclass(slots=True)
class SupervisionEnded(_OfCall):
    """A supervisor's call takes part in no talk any more, and is the program's again."""

    code = _abi.EVENTS["CC_EV_SUPERVISION_ENDED"]


@dataclass(slots=True)
class PlayDone(_OfCall):
    """Prompts are over; ``end`` tells how."""

    code = _abi.EVENTS["CC_EV_PLAY_DONE"]


@dataclass(slots=True)
class CollectDone(_OfCall):
    """Digits are collected; ``end`` tells why no more came."""

    code = _abi.EVENTS["CC_EV_COLLECT_DONE"]

    @property
    def digits(self) -> str:
        """The keys, without one that ended it."""
        return self.text


@dataclass(slots=True)
class _Recording(_OfCall):
    @property
    def path(self) -> str:
        """The file."""
        return self.text


@dataclass(slots=True)
class RecordStarted(_Recording):
    """A recording has begun."""

    code = _abi.EVENTS["CC_EV_RECORD_STARTED"]


@dataclass(slots=True)
class RecordDone(_Recording):
    """A recording's file is closed."""

    code = _abi.EVENTS["CC_EV_RECORD_DONE"]


@dataclass(slots=True)
class Line(Event):
    """What an analogue line measures has changed; ``json``: the channel, voltage and current."""

    code = _abi.EVENTS["CC_EV_LINE"]


@dataclass(slots=True)
class Fact(Event):
    """An entry of the ledger, for those who ask for facts; ``json`` is the entry."""

    code = _abi.EVENTS["CC_EV_FACT"]

    @property
    def name(self) -> str:
        """Its name, such as ``"arrived"``."""
        return self.text


#: Every kind of event.
KINDS: tuple[type[Event], ...] = (
    Done,
    Lost,
    Stopped,
    Offered,
    Info,
    Answered,
    Digit,
    Heard,
    LongSilence,
    Speaking,
    Joined,
    Left,
    Sent,
    Ended,
    Bridged,
    Unbridged,
    Parting,
    SupervisionEnded,
    Originated,
    PlayDone,
    CollectDone,
    RecordStarted,
    RecordDone,
    Line,
    Fact,
)
_OF_CODE: dict[int, type[Event]] = {kind.code: kind for kind in KINDS}


def records(core: Core, buffer: memoryview, used: int) -> Iterator[Event]:
    """The events of the records in a buffer.

    A record of a kind that is newer than this package comes as a plain :class:`Event`.
    """
    at = 0
    while at < used:
        (
            size,
            code,
            _,
            time_ns,
            seq,
            call,
            peer,
            request,
            tag,
            status,
            cause,
            end,
            text_off,
            text_len,
            json_off,
            json_len,
        ) = HEAD.unpack_from(buffer, at)
        yield _OF_CODE.get(code, Event)(
            time_ns,
            seq,
            core.call(call, tag) if call else None,
            core.call(peer) if peer else None,
            request,
            tag,
            status,
            cause,
            end,
            str(buffer[at + text_off : at + text_off + text_len], "utf-8") if text_len else "",
            bytes(buffer[at + json_off : at + json_off + json_len]),
        )
        at += size
