"""Agents: logged in and out, ready and not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ._library import lib
from .errors import GoneError
from .events import Done
from .request import Request
from .views import AgentView

if TYPE_CHECKING:
    from .core import Core

__all__ = ["Agent", "Agents"]


class Agent:
    """An agent, by its id in the configuration. Each method is refused when it does not go with the state the agent is in."""

    __slots__ = ("core", "id")

    def __init__(self, core: Core, name: str) -> None:
        self.core = core
        self.id = name

    def __repr__(self) -> str:
        return f"<Agent {self.id}>"

    def login(self) -> Request[Done]:
        """Begin to work."""
        return self._set("login")

    def logout(self) -> Request[Done]:
        """End to work."""
        return self._set("logout")

    def ready(self) -> Request[Done]:
        """Take calls."""
        return self._set("ready")

    def not_ready(self, reason: str) -> Request[Done]:
        """Take no calls; ``reason`` is for records and figures."""
        return self._set("not_ready", reason)

    def view(self) -> AgentView:
        """What the agent does now."""
        for view in self.core.agents.views():
            if view["id"] == self.id:
                return view
        raise GoneError(f"agent {self.id} is not in the configuration")

    def _set(self, state: str, reason: str | None = None) -> Request[Done]:
        words = None if reason is None else reason.encode()
        return Request(self.core, Done, lib.cc_agent_set, self.id.encode(), state.encode(), words)


class Agents:
    """The agents of a core: ``core.agents["anna"]``."""

    __slots__ = ("_core",)

    def __init__(self, core: Core) -> None:
        self._core = core

    def __getitem__(self, name: str) -> Agent:
        return Agent(self._core, name)

    def __iter__(self) -> Iterator[Agent]:
        return iter([Agent(self._core, view["id"]) for view in self.views()])

    def views(self) -> list[AgentView]:
        """What they all do now."""
        return self._core.get_agents()
