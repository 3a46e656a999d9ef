"""Scenarios: plain text files that say who does what and when, and which facts must follow.

The same file goes in Rust, in C and here, with the same facts::

    config support
    # a caller presses 1 and is offered to agent 1
    channel 0 calls 8000 from 13800000000
    expect arrived called=8000
    wait 1s
    channel 0 digit 1
    expect offered agent=1 within 2s
    command agent 1 not_ready lunch
    never abandoned

``config``, on the first line, names a centre, for whoever plays the file. ``call last`` is the newest call that the program was
offered or made; ``refused``, in place of ``command``, wants the command to be refused. ``expect`` waits for the next fact of that name
with these values (5 s if nothing else is said); facts between are passed over. ``never``: no such fact in the rest of the file.
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from .call import Call
from .core import Core
from .errors import Error
from .events import Done, Event, Fact, Offered

__all__ = ["Scenario", "ScenarioError"]

#: How long an ``expect`` waits that does not say.
_WITHIN_MS = 5_000
#: How far time goes on between two looks.
_LOOK_MS = 100
_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000}


class ScenarioError(Exception):
    """A line is wrong, or did not go as it is written. ``line``: its number, when it is not the one that was played."""

    def __init__(self, words: str, line: int | None = None) -> None:
        super().__init__(words)
        self.line = line


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fact's name, and values that it must have."""

    name: str
    values: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> Wanted:
        name, *pairs = text.split() or [""]
        if not name:
            raise ScenarioError("name a fact, such as arrived or offered")
        values = [pair.partition("=") for pair in pairs]
        for key, equals, _ in values:
            if not equals:
                raise ScenarioError(f"'{key}' is not KEY=VALUE")
        return cls(name, tuple((key, value) for key, _, value in values))

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{key}={value}" for key, value in self.values)])

    def fits(self, fact: dict[str, Any]) -> bool:
        return fact.get("fact") == self.name and all(_fits(fact.get(key), value) for key, value in self.values)


def _fits(found: Any, value: str) -> bool:
    """``cause=17`` looks into the cause; other values are compared as they are written."""
    if isinstance(found, dict):
        found = found.get("q850")  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
    return bool(found == value if isinstance(found, str) else json.dumps(found) == value)


def _milliseconds(text: str) -> int:
    found = re.fullmatch(r"(\d+)(ms|s|m)", text)
    if found is None:
        raise ScenarioError(f"'{text}' is not a time: use a form such as 250ms, 3s or 2m")
    return int(found[1]) * _UNITS_MS[found[2]]


@dataclass(slots=True)
class Scenario:
    """A scenario. ``config``: the name of the centre it is played in."""

    config: str
    lines: list[tuple[int, str]]

    @classmethod
    def parse(cls, text: str) -> Scenario:
        """Read one. Its lines are judged when they are played."""
        config, lines = "support", list[tuple[int, str]]()
        for number, line in enumerate((line.strip() for line in text.splitlines()), 1):
            if number == 1 and line.startswith("config "):
                config = line.removeprefix("config ")
            elif line and not line.startswith("#"):
                lines.append((number, line))
        return cls(config, lines)

    def play(self, core: Core) -> list[dict[str, Any]]:
        """Play it in a centre that is made and not started; the facts that there were.

        Raises :class:`ScenarioError` with the number of the line that did not go as written.
        """
        stage = _Stage(core)
        for number, line in self.lines:
            try:
                stage.play(number, line)
            except ScenarioError as why:
                at = why.line or number
                raise ScenarioError(f"line {at}: {why}", at) from None
        stage.look()
        return stage.facts


@dataclass(slots=True)
class _Stage:
    """A centre in which a scenario is played."""

    core: Core
    facts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    pending: deque[dict[str, Any]] = field(default_factory=deque[dict[str, Any]])
    forbidden: list[tuple[int, Wanted]] = field(default_factory=list[tuple[int, Wanted]])
    last_call: Call | None = None

    def __post_init__(self) -> None:
        self._events = self.core.events(facts=True, timeout=0)
        self.core.start()

    _events: Any = field(init=False)

    def play(self, number: int, line: str) -> None:
        verb, _, rest = line.partition(" ")
        match verb:
            case "wait":
                self.live(_milliseconds(rest))
            case "command":
                try:
                    self.command(rest)
                except Error as refused:
                    raise ScenarioError(refused.words) from None
            case "refused":
                self.refused(rest)
            case "expect":
                wanted, _, within = rest.partition(" within ")
                self.expect(Wanted.parse(wanted), _milliseconds(within) if within else _WITHIN_MS)
            case "never":
                self.forbidden.append((number, Wanted.parse(rest)))
            case _:
                self.act(line)
        for fact in self.pending:
            self.judge(fact)

    def act(self, line: str) -> None:
        try:
            self.core.sim.act(line)
        except Error as why:
            raise ScenarioError(f"{why.words}; or use wait, command, refused, expect, never") from None

    def refused(self, text: str) -> None:
        try:
            self.command(text)
        except Error:
            return
        raise ScenarioError(f"'{text}' was not refused")

    def expect(self, wanted: Wanted, within_ms: int) -> None:
        passed: list[str] = []
        while True:
            while self.pending:
                fact = self.pending.popleft()
                self.judge(fact)
                if wanted.fits(fact):
                    return
                passed.append(json.dumps(fact))
            if within_ms == 0:
                came = "\n  ".join(passed)
                raise ScenarioError(f"'{wanted}' did not come in its time; there came:\n  {came}")
            self.look()
            step_ms = min(within_ms, _LOOK_MS)
            within_ms -= step_ms
            if not self.pending:
                self.live(step_ms)

    def judge(self, fact: dict[str, Any]) -> None:
        for number, wanted in self.forbidden:
            if wanted.fits(fact):
                raise ScenarioError(f"'{wanted}' came: {json.dumps(fact)}", number)

    def live(self, ms: int) -> None:
        self.core.sim.run(ms / 1000)
        self.look()

    def look(self) -> None:
        for event in self._events:
            self.see(event)

    def see(self, event: Event) -> None:
        if isinstance(event, Fact):
            self.facts.append(event.json)
            self.pending.append(event.json)
        elif isinstance(event, Offered | Done) and event.call is not None:
            self.last_call = event.call

    def command(self, text: str) -> None:
        self.look()
        match text.split():
            case ["agent", agent, "login"]:
                self.core.agents[agent].login()
            case ["agent", agent, "logout"]:
                self.core.agents[agent].logout()
            case ["agent", agent, "ready"]:
                self.core.agents[agent].ready()
            case ["agent", agent, "not_ready", reason]:
                self.core.agents[agent].not_ready(reason)
            case ["originate", to]:
                self.core.make(to)
            case ["stop"]:
                self.core.stop()
            case ["call", "last", *words]:
                self.call_command(words, text)
            case _:
                raise ScenarioError(f"'{text}' is not a command")

    def call_command(self, words: list[str], text: str) -> None:
        if self.last_call is None:
            raise ScenarioError("the application has not had a call yet")
        match words:
            case ["answer"]:
                self.last_call.answer()
            case ["play", *prompts]:
                self.last_call.play(*prompts)
            case ["collect", *prompts]:
                self.last_call.collect(*prompts)
            case ["record", time]:
                self.last_call.record(max_seconds=_milliseconds(time) / 1000)
            case ["transfer", to]:
                self.last_call.transfer(to)
            case ["send", to]:
                self.last_call.send(to)
            case ["release"]:
                self.last_call.drop()
            case _:
                raise ScenarioError(f"'{text}' is not a command")
