"""What there is and what was, as the library tells it in JSON."""

from __future__ import annotations

from typing import TypedDict

__all__ = ["AgentView", "CallRecord", "CallView", "ChannelView", "DeviceView", "PromptView", "QueueView", "Snapshot"]


class ChannelView(TypedDict):
    """A channel. ``state``: ``idle``, ``out_of_service``, ``alarm`` (nothing gets through), or the CSTA connection state of its leg;
    ``call`` is 0 while it is idle."""

    state: str
    number: str
    call: int


class DeviceView(TypedDict):
    """A device and its channels."""

    name: str
    channels: list[ChannelView]


class CallView(TypedDict):
    """A call. ``controller``: who decides for it now, such as ``queue:support`` or ``application``."""

    id: int
    number: int
    calling: str
    called: str
    controller: str
    age_ms: int
    recorded: bool


class QueueView(TypedDict):
    """A queue of callers."""

    name: str
    waiting: int
    longest_wait_ms: int
    agents_available: int
    agents_logged_in: int


class AgentView(TypedDict):
    """An agent. ``reason``: why not ready."""

    id: str
    name: str
    extension: str
    state: str
    reason: str
    since_ms: int
    phone_free: bool


class Snapshot(TypedDict):
    """Everything that lives now. ``calls_count``: calls since the start."""

    devices: list[DeviceView]
    calls: list[CallView]
    queues: list[QueueView]
    agents: list[AgentView]
    calls_count: int


class PromptView(TypedDict):
    """A prompt and how long it lasts."""

    name: str
    ms: int


class CallRecord(TypedDict):
    """The record of a finished call (CDR). Times are milliseconds since 1970."""

    call: int
    direction: str
    calling: str
    called: str
    name: str
    via: str
    channel: str
    internal: bool
    started: int
    answered: int | None
    ended: int
    duration_ms: int
    connected_ms: int
    flow: str | None
    node: str | None
    digits: str
    queue: str | None
    queue_ms: int
    ring_ms: int | None
    offers: int
    agent: str | None
    party: str | None
    talk_ms: int
    holds: int
    recording: str | None
    recording_ms: int | None
    recording_error: str | None
    gap_frames: int
    cause_q850: int | None
    cause: str | None
    ended_by: str | None
    outcome: str
