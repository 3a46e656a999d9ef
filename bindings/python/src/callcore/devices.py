"""Boards and SIP stacks that come and go while a core runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._library import check, lib

if TYPE_CHECKING:
    from .core import Core

__all__ = ["Devices"]


class Devices:
    """The devices of a core: ``core.devices``. Virtual time has one, which stays."""

    __slots__ = ("_core",)

    def __init__(self, core: Core) -> None:
        self._core = core

    def add(self, name: str, driver: str, config: Mapping[str, Any] | None = None) -> None:
        """Open another device while the others go on. ``driver``: ``sip``, ``sim``, an installed one's name, or a library's path."""
        device = {"name": name, "driver": driver, "config": dict(config or {})}
        check(lib.cc_device_add(self._core.handle, json.dumps(device).encode()))

    def remove(self, name: str) -> None:
        """Close a device; calls on it end with cause 27. It can be added again."""
        check(lib.cc_device_remove(self._core.handle, name.encode()))

    def restart(self, name: str, patience: float = 0.0) -> None:
        """Take a device out of service, wait up to ``patience`` seconds until its calls are over, close it and open it anew."""
        check(lib.cc_device_restart(self._core.handle, name.encode(), round(patience * 1000)))
