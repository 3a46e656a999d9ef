"""The package says what the header says, and notices when the library says something else."""

from __future__ import annotations

import ctypes
import json
import re
from pathlib import Path
from typing import Any

import pytest

import callcore
from callcore import _abi, errors, events
from callcore._library import lib

HEADER = (Path(__file__).parents[3] / "include" / "callcore.h").read_text()
DECLARED = re.findall(r"^(\w[\w ]*?[ *]+)(cc_\w+)\(([^;]*?)\);", HEADER, re.MULTILINE | re.DOTALL)


def c_type(declared: str) -> str:
    """A declaration of the header as a kind of value: its width, or a pointer."""
    if "*" in declared or "cc_event_fn" in declared:
        return "pointer"
    name = declared.replace("const ", "").split()[0]
    # ctypes does not tell size_t from the type of its width
    same = {"cc_id": "uint64_t", "cc_req": "uint64_t", "cc_status": "int32_t", "size_t": "uint64_t"}
    return same.get(name, name)


def python_type(kind: Any) -> str:
    """The same of a type of ctypes."""
    if kind is None:
        return "void"
    if kind in (ctypes.c_void_p, ctypes.c_char_p) or issubclass(kind, ctypes._Pointer):
        return "pointer"
    names: dict[Any, str] = {
        ctypes.c_uint16: "uint16_t",
        ctypes.c_int32: "int32_t",
        ctypes.c_uint32: "uint32_t",
        ctypes.c_int64: "int64_t",
        ctypes.c_uint64: "uint64_t",
    }
    return names[kind]


def test_every_function_of_the_header_is_bound_with_its_types() -> None:
    declared = {name: (result, arguments) for result, name, arguments in DECLARED}
    assert declared.keys() == _abi.FUNCTIONS.keys()
    for name, (result, arguments) in declared.items():
        kinds = [] if arguments.strip() == "void" else [c_type(argument) for argument in arguments.split(",")]
        bound_result, bound = _abi.FUNCTIONS[name]
        assert [python_type(kind) for kind in bound] == kinds, name
        assert python_type(bound_result) == c_type(result), name


def test_every_status_has_its_exception_and_every_event_its_class() -> None:
    kinds = {kind.name: kind.status for kind in errors.Error.__subclasses__()}
    assert kinds == {name: number for name, number in _abi.STATUSES.items() if number < 0}
    assert {kind.code for kind in events.KINDS} == set(_abi.EVENTS.values())
    assert {f"CC_END_{end.name}": end.value for end in callcore.End} == _abi.ENDS
    others = {f"CC_ROLE_{it.name}": it.value for it in callcore.Role}
    others |= {f"CC_SUPERVISE_{it.name}": it.value for it in callcore.Supervision}
    others |= {f"CC_{it.name}": it.value for it in callcore.Party}
    assert others.items() <= _abi.CONSTANTS.items()
    for kind in events.KINDS:
        words = re.sub(r"(?<!^)([A-Z])", r"_\1", kind.__name__).upper()
        assert _abi.EVENTS[f"CC_EV_{words}"] == kind.code


def test_the_layout_that_events_are_read_with_is_that_of_the_struct() -> None:
    assert events.HEAD.size == ctypes.sizeof(_abi.EventHead)
    fields = [field[0] for field in _abi.EventHead._fields_]
    for place, name in enumerate(fields):
        head = _abi.EventHead(**{name: 1})
        assert events.HEAD.unpack(bytes(head))[place] == 1, name


def described() -> dict[str, Any]:
    text: bytes = lib.cc_abi_describe()
    said: dict[str, Any] = json.loads(text)
    return said


def test_the_library_and_the_package_say_the_same() -> None:
    assert _abi.differences(json.dumps(described())) == []


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (["constants", "CC_E_GONE"], -7, "CC_E_GONE is -7 in the library and -6 in the package"),
        (["constants", "CC_EV_NEW"], 99, "CC_EV_NEW is 99 in the library and None in the package"),
        (["structs", "cc_event", "size"], 96, "struct cc_event has 96 bytes in the library"),
        (["structs", "cc_tap", "fields", "rate"], 8, "cc_tap.rate is at 8 in the library and at 4"),
        (["structs", "cc_other"], {}, "struct cc_other is only in the library"),
        (["structs"], None, "the library does not describe itself"),
    ],
)
def test_a_difference_is_told_in_a_sentence(path: list[str], value: Any, words: str) -> None:
    theirs = described()
    at = theirs
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    found = _abi.differences(json.dumps(theirs))
    assert len(found) == 1 and found[0].startswith(words)


def test_an_end_that_does_not_fit_can_be_asked_for_again(core: callcore.Core) -> None:
    request = core.agents["anna"].login()
    room = ctypes.create_string_buffer(16)
    assert lib.cc_wait(core.handle, request.number, 0, room, len(room)) == _abi.STATUSES["CC_E_SHORT"]
    assert isinstance(request.wait(0), callcore.Done)
