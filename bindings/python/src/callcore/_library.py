"""The shared library: found, loaded, compared with the header, called."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

from . import _abi
from .errors import AbiError, ArgumentError, Error, error_of

#: Names another library than the one that comes with the package, for those who build their own.
LIBRARY_VARIABLE = "CALLCORE_LIBRARY"

_FIRST_ROOM = 64 * 1024


def _find() -> str:
    named = os.environ.get(LIBRARY_VARIABLE)
    if named:
        return named
    beside = Path(__file__).with_name("libcallcore.so")
    # without one of its own the package takes that of the system
    return str(beside) if beside.exists() else "libcallcore.so.1"


def _load() -> ctypes.CDLL:
    path = _find()
    try:
        library = ctypes.CDLL(path)
    except OSError as why:
        raise AbiError(
            f"the library of callcore cannot be loaded: {why}; install the wheel, or set {LIBRARY_VARIABLE} to its path"
        ) from why
    _abi.bind(library, path)
    described: bytes = library.cc_abi_describe()
    different = _abi.differences(described.decode())
    if different:
        more = f", and {len(different) - 3} more" if len(different) > 3 else ""
        raise AbiError(
            f"{path} is not the libcallcore of this package: {'; '.join(different[:3])}{more}. Install the package and the library of one version."
        )
    return library


#: The functions of the header, by their names.
lib: Any = _load()


def version() -> str:
    """The version of the library, such as ``"0.1.0"``."""
    text: bytes = lib.cc_version()
    return text.decode()


def last_words() -> str:
    """What this thread's last function that failed has left."""
    room = ctypes.create_string_buffer(1024)
    need: int = lib.cc_last_error(room, len(room))
    if need > len(room):
        room = ctypes.create_string_buffer(need)
        lib.cc_last_error(room, len(room))
    return room.value.decode(errors="replace")


def trouble(status: int) -> Error:
    """The exception for a function of this thread that has just failed."""
    return error_of(status, last_words())


def check(status: int) -> None:
    """Raise what a status says, if it says anything."""
    if status < 0:
        raise trouble(status)


def text_of(function: Any, *arguments: Any) -> bytes:
    """The text of a function whose last arguments are a buffer, its bytes, and a place for how many it needs."""
    need = ctypes.c_size_t(_FIRST_ROOM)
    while True:
        room = ctypes.create_string_buffer(need.value)
        status: int = function(*arguments, room, len(room), ctypes.byref(need))
        # what was counted may have grown meanwhile
        if status != _abi.STATUSES["CC_E_SHORT"]:
            check(status)
            return ctypes.string_at(room, need.value - 1)


def milliseconds(seconds: float | None) -> int:
    """A wait in the header's words: below 0 is for ever."""
    if seconds is None:
        return -1
    if seconds < 0:
        raise ArgumentError(f"{seconds} s: a wait is 0 s or more, or None to wait for ever")
    # a wait must not end before its time; and seconds are no exact number of milliseconds
    return min(int(seconds * 1000 + 0.999_999), 2**31 - 1)
