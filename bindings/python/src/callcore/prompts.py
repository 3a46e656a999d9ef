"""Prompts: what callers can be played."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ._library import check, lib
from .views import PromptView

if TYPE_CHECKING:
    from .core import Core

__all__ = ["Prompts"]


class Prompts:
    """The prompts of a core: ``core.prompts``. Virtual time has none: there every name lasts three seconds."""

    __slots__ = ("_core",)

    def __init__(self, core: Core) -> None:
        self._core = core

    def add(self, name: str, sound: bytes | Path) -> None:
        """Add a prompt, or a new version of one: a WAV file (or AIFF, FLAC, Ogg Vorbis, MP3), or its bytes. New calls hear it at
        once. ``name`` may have a language: ``"de/welcome"``."""
        content = sound.read_bytes() if isinstance(sound, Path) else sound
        there = (ctypes.c_uint8 * len(content)).from_buffer_copy(content)
        check(lib.cc_prompt_add(self._core.handle, name.encode(), there, len(content)))

    def __iter__(self) -> Iterator[PromptView]:
        return iter(self._core.get_prompts())
