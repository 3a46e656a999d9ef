"""Calls: answered, played to, asked, held, sent on, ended."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

from ._library import check, lib
from .events import Answered, CollectDone, Done, Event, PlayDone, RecordDone, SupervisionEnded, Unbridged
from .request import AnswerRequest, Request
from .tap import Tap

if TYPE_CHECKING:
    from .core import Core
    from .stream import Events

__all__ = ["Call", "Party", "Role", "Supervision"]


class Party(IntEnum):
    """Who of the two parties of a talk: ``CC_CALLER``, ``CC_OTHER``."""

    CALLER = 0
    OTHER = 1


class Role(IntEnum):
    """What a party of a conference does: ``CC_ROLE_*``."""

    TALK = 0
    LISTEN = 1
    #: Talks, and is heard even where a large room leaves others out.
    MODERATE = 2


class Supervision(IntEnum):
    """How a supervisor takes part in a talk: ``CC_SUPERVISE_*``."""

    #: Hears both, is heard by none.
    LISTEN = 0
    #: Hears both, is heard by one.
    WHISPER = 1
    #: Talks with both.
    BARGE = 2


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

    def transfer(self, to: str, *, by: Party = Party.OTHER) -> Request[Done]:
        """One party of a talk leaves, and the other goes where ``to`` says, without being asked (blind transfer). For an attended
        transfer, :meth:`Core.make <callcore.Core.make>` a call and :meth:`bridge` it."""
        return self._command(lib.cc_call_transfer, to.encode(), by)

    def bridge(self, other: Call, *, ends_together: bool = False) -> Request[Unbridged]:
        """Join two calls that the program has: they talk. It ends when they are parted: then the program has both again, or whichever is
        left, which ``ends_together`` ends with the other."""
        return Request(self.core, Unbridged, lib.cc_call_bridge, self.id, other.id, int(ends_together))

    def unbridge(self) -> Request[Done]:
        """Part two calls that were joined; the program has both again."""
        return self._command(lib.cc_call_unbridge)

    def supervise(
        self, supervisor: Call, how: Supervision = Supervision.LISTEN, *, party: Party = Party.OTHER
    ) -> Request[SupervisionEnded]:
        """Let a supervisor's call, which the program has, take part in this talk; ``party`` is whom it whispers to. It ends with the
        talk, or when it is cancelled."""
        return Request(self.core, SupervisionEnded, lib.cc_supervise, self.id, supervisor.id, how, party)

    def intercept(self, supervisor: Call, *, party: Party = Party.OTHER) -> Request[Done]:
        """Let a supervisor's call take the place of a party of this talk, who is released."""
        return self._command(lib.cc_intercept, supervisor.id, party)

    def role(self, role: Role) -> Request[Done]:
        """What this call does in its conference."""
        return self._command(lib.cc_conf_role, role)

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

    def control_play(self, control: str | Mapping[str, Any]) -> Request[Done]:
        """What becomes of prompts that the caller hears: ``"pause"``, ``"resume"``, ``{"speed": 150}`` (50 to 300 per cent, the pitch stays),
        ``{"jump": {"to": 0}}`` (milliseconds of sound from the beginning; 0 repeats), ``{"jump": {"by": -5000}}`` (milliseconds forward, or
        back if negative)."""
        return self._command(lib.cc_play_control, json.dumps(control).encode())

    def collect(
        self,
        *prompts: str,
        digits_min: int = 0,
        digits_max: int = 32,
        terminators: str = "#",
        first_digit: float = 5.0,
        inter_digit: float = 3.0,
        barge_in: bool = True,
        flush: bool = False,
    ) -> Request[CollectDone]:
        """Ask the caller for keys, with prompts first. It is complete with ``digits_max`` of them, at a terminator after ``digits_min``, or
        when no first key comes in ``first_digit`` seconds and no further one in ``inter_digit``. ``barge_in``: a key ends the
        prompts. ``flush``: keys that were pressed before do not count."""
        options = {
            "prompts": prompts,
            "digits_min": digits_min,
            "digits_max": digits_max,
            "terminators": terminators,
            "first_digit_ms": round(first_digit * 1000),
            "inter_digit_ms": round(inter_digit * 1000),
            "barge_in": barge_in,
            "flush": flush,
        }
        return Request(self.core, CollectDone, lib.cc_collect, self.id, json.dumps(options).encode())

    def record(
        self,
        name: str | None = None,
        *,
        who: Literal["both", "said", "heard"] = "both",
        max_seconds: float | None = None,
        silence: float | None = None,
        keys: str = "",
    ) -> Request[RecordDone]:
        """Record the caller or the talk until the request is cancelled, the call is over, it has lasted for ``max_seconds``, the caller has
        said nothing for ``silence`` seconds, or one of the ``keys`` is pressed. ``name``: the file's, as in the configuration."""
        options: dict[str, Any] = {"name": name, "who": who, "keys": keys}
        options["max_ms"] = None if max_seconds is None else round(max_seconds * 1000)
        options["silence_ms"] = None if silence is None else round(silence * 1000)
        return Request(self.core, RecordDone, lib.cc_record, self.id, json.dumps(options).encode())

    def mask_recording(self, on: bool = True) -> Request[Done]:
        """Record silence while something is said that must not be kept, or sound again."""
        return self._command(lib.cc_record_mask, int(on))

    def listen(self, sounds: Mapping[str, Any], *, party: Party = Party.CALLER) -> Request[Done]:
        """Listen for sounds in what a party says, and for nothing else: ``{"voice": {}, "progress": True}``; ``{}`` ends it.
        :class:`~callcore.Heard` tells what is heard."""
        return self._command(lib.cc_listen, party, json.dumps(sounds).encode())

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
