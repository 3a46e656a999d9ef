"""Calls: answered, played to, asked, held, sent on, ended."""

from __future__ import annotations

import json
from collections.abc import Collection
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from ._library import check, lib
from .events import Answered, Done, Event, PlayDone
from .request import AnswerRequest, Request
from .tap import Tap

if TYPE_CHECKING:
    from .core import Core
    from .stream import Events

__all__ = ["Call", "Party"]


class Party(IntEnum):
    """Who of the two parties of a talk: ``CC_CALLER``, ``CC_OTHER``."""

    CALLER = 0
    OTHER = 1


class Call:
    """A call, by its number. It may be over: then what is asked of it raises :class:`~callcore.GoneError`.

    Each method gives a command, which is refused at once (an exception) or accepted: the :class:`~callcore.Request` that
    comes back can be waited for, ``call.play("welcome").wait()``, awaited, ``await call.play("welcome")``, or left alone.
    """

    __slots__ = ("_tag", "core", "id")

    def __init__(self, core: Core, number: int, tag: int = 0) -> None:
        self.core = core
        #: Its number, for logs and other programs; never used for another call while the core lives.
        self.id = number
        self._tag = tag

    def __repr__(self) -> str:
        return f"<Call {self.id:#x}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and other.id == self.id and other.core is self.core

    def __hash__(self) -> int:
        return hash(self.id)

    def answer(self) -> Request[Answered]:
        """Answer a call that was offered. It ends when the line is open, or with :class:`~callcore.GoneError`: the caller has gone."""
        return AnswerRequest(self.core, self)

    def drop(self, cause: int = 16) -> Request[Done]:
        """End a call, whoever has it, with a Q.850 cause: 16 is normal, 17 busy, 21 rejected."""
        return self._command(lib.cc_call_drop, cause if 0 < cause < 128 else 0)

    def send(self, to: str) -> Request[Done]:
        """Send a call on: ``"flow:main"``, ``"queue:support"``, ``"extension:1001"``, ``"number:0208"``, ``"conference:room"``,
        ``"hangup:17"``. It is then no longer the program's."""
        return self._command(lib.cc_call_send, to.encode())

    def hold(self, on: bool = True, *, by: Party = Party.OTHER) -> Request[Done]:
        """One party of a talk holds the other, who hears the hold music, or takes it back."""
        return self._command(lib.cc_call_hold, by, int(on))

    def mute(self, on: bool = True, *, party: Party = Party.CALLER) -> Request[Done]:
        """A party of a talk or of a conference is not heard, nor recorded, or is again."""
        return self._command(lib.cc_call_mute, party, int(on))

    def digits(self, digits: str, *, to: Party = Party.CALLER) -> Request[Done]:
        """Press keys (``0-9 * # A-D``, at most 64) towards a party: through the board where it can, else as tones."""
        return self._command(lib.cc_call_digits, to, digits.encode())

    def play(self, *prompts: str) -> Request[PlayDone]:
        """Play prompts to the caller, one after the other. ``say:TEXT`` is spoken, ``recording:PATH`` is a recording."""
        names = json.dumps(prompts).encode()
        return Request(self.core, PlayDone, lib.cc_play, self.id, names)

    @property
    def tag(self) -> int:
        """The program's own number for the call, 0 to 2**64 - 1, which comes back in all its events; 0: none."""
        return self._tag

    @tag.setter
    def tag(self, tag: int) -> None:
        check(lib.cc_call_tag(self.core.handle, self.id, tag))
        self._tag = tag

    def events(self, *, timeout: float | None = None, kinds: Collection[type[Event]] = ()) -> Events:
        """What happens to this call from now on; see :meth:`Core.events <callcore.Core.events>`."""
        return self.core.events(calls=[self], timeout=timeout, kinds=kinds)

    def tap(self, rate: int = 8000) -> Tap:
        """Connect the caller to the program: what the caller says comes as samples, what the program writes the caller hears."""
        return Tap(self.core, self, rate)

    def _command(self, function: Any, *arguments: Any) -> Request[Done]:
        return Request(self.core, Done, function, self.id, *arguments)
