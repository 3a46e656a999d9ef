"""Types that only the checkers know, for whoever looks at annotations while a program runs, as makers of reference pages do."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["FileDescriptorLike", "ReadableBuffer"]

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike, ReadableBuffer
else:
    FileDescriptorLike = int
    ReadableBuffer = bytes | bytearray | memoryview
