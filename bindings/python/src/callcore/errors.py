"""What goes wrong: one exception for each status of the header.

Every exception has the status and the words of the library: what, where, and what to do.
"""

from __future__ import annotations

__all__ = [
    "AbiError",
    "ArgumentError",
    "BusyError",
    "ConfigError",
    "EmptyError",
    "Error",
    "ForkedError",
    "FullError",
    "GoneError",
    "InternalError",
    "IoError",
    "NoMemoryError",
    "PanicError",
    "ReentrantError",
    "ShortError",
    "StateError",
    "TimedOutError",
    "UnsupportedError",
    "Utf8Error",
    "VersionError",
    "error_of",
]


class AbiError(ImportError):
    """The library that was found is not the one that this package was written for."""


class Error(Exception):
    """A function of the library was refused or failed.

    ``status``: its number, below 0. ``name``: that number's name, such as ``"CC_E_GONE"``. ``words``: what, where, and what
    to do.
    """

    name: str = "CC_E_UNKNOWN"
    status: int = -99

    def __init__(self, words: str, status: int | None = None) -> None:
        super().__init__(words)
        self.words = words
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return f"{self.words} ({self.name})"

    def __reduce__(self) -> tuple[type[Error], tuple[str, int]]:
        return type(self), (self.words, self.status)


class ArgumentError(Error, ValueError):
    """An argument is wrong in itself."""

    name = "CC_E_ARG"
    status = -1


class StateError(Error):
    """Right in itself, but not in this state."""

    name = "CC_E_STATE"
    status = -2


class UnsupportedError(Error):
    """This kind of line, or this build, cannot do it."""

    name = "CC_E_UNSUPPORTED"
    status = -3


class BusyError(Error):
    """In use by another."""

    name = "CC_E_BUSY"
    status = -4


class GoneError(Error, LookupError):
    """No such thing, or no longer: a call that has ended, a core that was closed."""

    name = "CC_E_GONE"
    status = -6


class NoMemoryError(Error):
    """No memory."""

    name = "CC_E_NOMEM"
    status = -7


class IoError(Error):
    """A file, a socket or a device failed."""

    name = "CC_E_IO"
    status = -8


class TimedOutError(Error, TimeoutError):
    """It took longer than the caller wanted to wait."""

    name = "CC_E_TIMEOUT"
    status = -9


class FullError(Error):
    """A limit is reached: try again later."""

    name = "CC_E_FULL"
    status = -10


class EmptyError(Error):
    """There is nothing to read."""

    name = "CC_E_EMPTY"
    status = -11


class VersionError(Error):
    """The library does not speak the version that the program was written for."""

    name = "CC_E_VERSION"
    status = -12


class ConfigError(Error, ValueError):
    """The configuration is wrong; the words name each mistake with its line."""

    name = "CC_E_CONFIG"
    status = -13


class ShortError(Error):
    """A buffer is too small."""

    name = "CC_E_SHORT"
    status = -17


class ReentrantError(Error):
    """Not from inside a callback."""

    name = "CC_E_REENTRANT"
    status = -18


class ForkedError(Error):
    """Not in a process that was forked from the one that made the core."""

    name = "CC_E_FORKED"
    status = -19


class Utf8Error(Error, ValueError):
    """A text is not UTF-8."""

    name = "CC_E_UTF8"
    status = -20


class PanicError(Error):
    """The library has found a fault of its own in this call."""

    name = "CC_E_PANIC"
    status = -98


class InternalError(Error):
    """The library has found a fault of its own."""

    name = "CC_E_INTERNAL"
    status = -99


_OF_STATUS: dict[int, type[Error]] = {kind.status: kind for kind in Error.__subclasses__()}


def error_of(status: int, words: str) -> Error:
    """The exception for a status."""
    return _OF_STATUS.get(status, Error)(words, status)
