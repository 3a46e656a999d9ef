"""The header as ctypes: its structs, constants and functions, and the comparison of them with the library that is there."""

from __future__ import annotations

import ctypes
import json
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_size_t, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p
from typing import Any

from .errors import AbiError

ABI = 0x0001_0000
VIRTUAL_TIME = 1


class CoreParams(ctypes.Structure):
    """``cc_core_params``"""

    _fields_ = [
        ("size", c_uint32),
        ("abi", c_uint32),
        ("config", c_char_p),
        ("path", c_char_p),
        ("flags", c_uint32),
        ("reserved", c_uint32),
    ]


class EventHead(ctypes.Structure):
    """``cc_event``; read with :data:`callcore.events.HEAD`, which has the same layout."""

    _fields_ = [
        ("size", c_uint32),
        ("type", c_uint16),
        ("flags", c_uint16),
        ("t_ns", c_uint64),
        ("seq", c_uint64),
        ("call", c_uint64),
        ("peer", c_uint64),
        ("req", c_uint64),
        ("user", c_uint64),
        ("status", c_int32),
        ("cause", c_uint16),
        ("end", c_uint16),
        ("text_off", c_uint32),
        ("text_len", c_uint32),
        ("json_off", c_uint32),
        ("json_len", c_uint32),
    ]


class Make(ctypes.Structure):
    """``cc_make``"""

    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("to", c_char_p),
        ("calling", c_char_p),
        ("user", c_uint64),
    ]


class TapView(ctypes.Structure):
    """``cc_tap``"""

    _fields_ = [
        ("size", c_uint32),
        ("rate", c_uint32),
        ("samples", c_uint32),
        ("reserved", c_uint32),
        ("heard", c_void_p),
        ("heard_end", c_void_p),
        ("heard_begin", c_void_p),
        ("said", c_void_p),
        ("said_end", c_void_p),
        ("said_begin", c_void_p),
        ("memory", c_void_p),
        ("bytes", c_uint64),
        ("wake_fd", c_int64),
    ]


STRUCTS: dict[str, type[ctypes.Structure]] = {
    "cc_core_params": CoreParams,
    "cc_event": EventHead,
    "cc_make": Make,
    "cc_tap": TapView,
}

EVENTS: dict[str, int] = {
    "CC_EV_DONE": 1,
    "CC_EV_LOST": 2,
    "CC_EV_STOPPED": 3,
    "CC_EV_OFFERED": 16,
    "CC_EV_INFO": 17,
    "CC_EV_ANSWERED": 18,
    "CC_EV_DIGIT": 19,
    "CC_EV_HEARD": 20,
    "CC_EV_LONG_SILENCE": 21,
    "CC_EV_SPEAKING": 22,
    "CC_EV_JOINED": 23,
    "CC_EV_LEFT": 24,
    "CC_EV_SENT": 25,
    "CC_EV_ENDED": 26,
    "CC_EV_BRIDGED": 27,
    "CC_EV_UNBRIDGED": 28,
    "CC_EV_PARTING": 29,
    "CC_EV_SUPERVISION_ENDED": 30,
    "CC_EV_ORIGINATED": 31,
    "CC_EV_PLAY_DONE": 64,
    "CC_EV_COLLECT_DONE": 65,
    "CC_EV_RECORD_STARTED": 66,
    "CC_EV_RECORD_DONE": 67,
    "CC_EV_LINE": 96,
    "CC_EV_FACT": 112,
}

ENDS: dict[str, int] = {
    "CC_END_COMPLETE": 0,
    "CC_END_STOPPED": 1,
    "CC_END_CALL": 2,
    "CC_END_TERMINATOR": 3,
    "CC_END_FIRST_DIGIT": 4,
    "CC_END_INTER_DIGIT": 5,
    "CC_END_KEY": 6,
    "CC_END_FAILED": 7,
    "CC_END_SILENCE": 8,
}

STATUSES: dict[str, int] = {
    "CC_OK": 0,
    "CC_E_ARG": -1,
    "CC_E_STATE": -2,
    "CC_E_UNSUPPORTED": -3,
    "CC_E_BUSY": -4,
    "CC_E_GONE": -6,
    "CC_E_NOMEM": -7,
    "CC_E_IO": -8,
    "CC_E_TIMEOUT": -9,
    "CC_E_FULL": -10,
    "CC_E_EMPTY": -11,
    "CC_E_VERSION": -12,
    "CC_E_CONFIG": -13,
    "CC_E_SHORT": -17,
    "CC_E_REENTRANT": -18,
    "CC_E_FORKED": -19,
    "CC_E_UTF8": -20,
    "CC_E_PANIC": -98,
    "CC_E_INTERNAL": -99,
}

CONSTANTS: dict[str, int] = {
    "CC_ABI": ABI,
    "CC_VIRTUAL_TIME": VIRTUAL_TIME,
    "CC_CALLER": 0,
    "CC_OTHER": 1,
    "CC_ROLE_TALK": 0,
    "CC_ROLE_LISTEN": 1,
    "CC_ROLE_MODERATE": 2,
    "CC_SUPERVISE_LISTEN": 0,
    "CC_SUPERVISE_WHISPER": 1,
    "CC_SUPERVISE_BARGE": 2,
    **STATUSES,
    **EVENTS,
    **ENDS,
}

_CORE = c_void_p
_QUEUE = c_void_p
_ID = c_uint64
_REQ = POINTER(c_uint64)
_NEED = POINTER(c_size_t)
_STATUS = c_int32

#: Every function of the header: what it returns, and its arguments.
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "cc_abi": (c_uint32, []),
    "cc_abi_describe": (c_char_p, []),
    "cc_agent_set": (_STATUS, [_CORE, c_char_p, c_char_p, c_char_p, _REQ]),
    "cc_call_answer": (_STATUS, [_CORE, _ID, _REQ]),
    "cc_call_bridge": (_STATUS, [_CORE, _ID, _ID, c_int32, _REQ]),
    "cc_call_digits": (_STATUS, [_CORE, _ID, c_uint32, c_char_p, _REQ]),
    "cc_call_drop": (_STATUS, [_CORE, _ID, c_uint16, _REQ]),
    "cc_call_hold": (_STATUS, [_CORE, _ID, c_uint32, c_int32, _REQ]),
    "cc_call_make": (_STATUS, [_CORE, POINTER(Make), _REQ]),
    "cc_call_mute": (_STATUS, [_CORE, _ID, c_uint32, c_int32, _REQ]),
    "cc_call_send": (_STATUS, [_CORE, _ID, c_char_p, _REQ]),
    "cc_call_tag": (_STATUS, [_CORE, _ID, c_uint64]),
    "cc_call_transfer": (_STATUS, [_CORE, _ID, c_char_p, c_uint32, _REQ]),
    "cc_call_unbridge": (_STATUS, [_CORE, _ID, _REQ]),
    "cc_calls": (_STATUS, [_CORE, POINTER(_ID), c_size_t, _NEED]),
    "cc_cancel": (_STATUS, [_CORE, c_uint64]),
    "cc_collect": (_STATUS, [_CORE, _ID, c_char_p, _REQ]),
    "cc_command": (_STATUS, [_CORE, c_char_p, _REQ]),
    "cc_conf_role": (_STATUS, [_CORE, _ID, c_uint32, _REQ]),
    "cc_core_free": (None, [_CORE]),
    "cc_core_new": (_STATUS, [POINTER(CoreParams), POINTER(_CORE)]),
    "cc_core_start": (_STATUS, [_CORE]),
    "cc_core_stop": (_STATUS, [_CORE, c_uint32]),
    "cc_device_add": (_STATUS, [_CORE, c_char_p]),
    "cc_device_remove": (_STATUS, [_CORE, c_char_p]),
    "cc_device_restart": (_STATUS, [_CORE, c_char_p, c_uint32]),
    "cc_get": (_STATUS, [_CORE, c_char_p, c_void_p, c_size_t, _NEED]),
    "cc_intercept": (_STATUS, [_CORE, _ID, _ID, c_uint32, _REQ]),
    "cc_last_error": (c_size_t, [c_void_p, c_size_t]),
    "cc_listen": (_STATUS, [_CORE, _ID, c_uint32, c_char_p, _REQ]),
    "cc_now": (_STATUS, [_CORE, POINTER(c_uint64)]),
    "cc_play": (_STATUS, [_CORE, _ID, c_char_p, _REQ]),
    "cc_play_control": (_STATUS, [_CORE, _ID, c_char_p, _REQ]),
    "cc_prompt_add": (_STATUS, [_CORE, c_char_p, POINTER(c_uint8), c_size_t]),
    "cc_queue_callback": (_STATUS, [_QUEUE, c_void_p, c_void_p]),
    "cc_queue_fd": (c_int64, [_QUEUE]),
    "cc_queue_free": (None, [_QUEUE]),
    "cc_queue_new": (_STATUS, [_CORE, c_char_p, c_uint32, POINTER(_QUEUE)]),
    "cc_queue_read": (_STATUS, [_QUEUE, c_void_p, c_size_t, _NEED, c_int32]),
    "cc_record": (_STATUS, [_CORE, _ID, c_char_p, _REQ]),
    "cc_record_mask": (_STATUS, [_CORE, _ID, c_int32, _REQ]),
    "cc_records": (_STATUS, [_CORE, c_char_p, c_void_p, c_size_t, _NEED]),
    "cc_sim_act": (_STATUS, [_CORE, c_char_p, c_char_p]),
    "cc_sim_digest": (_STATUS, [_CORE, c_void_p, c_size_t, _NEED]),
    "cc_sim_now": (_STATUS, [_CORE, POINTER(c_uint64), POINTER(c_uint64)]),
    "cc_sim_run": (_STATUS, [_CORE, c_uint64]),
    "cc_sim_step": (_STATUS, [_CORE, POINTER(c_int32)]),
    "cc_status_name": (c_char_p, [c_int32]),
    "cc_supervise": (_STATUS, [_CORE, _ID, _ID, c_uint32, c_uint32, _REQ]),
    "cc_tap_close": (_STATUS, [_CORE, _ID]),
    "cc_tap_open": (_STATUS, [_CORE, _ID, c_uint32, POINTER(TapView), POINTER(_ID)]),
    "cc_version": (c_char_p, []),
    "cc_wait": (_STATUS, [_CORE, c_uint64, c_int32, c_void_p, c_size_t]),
}


def bind(library: ctypes.CDLL, path: str) -> None:
    """Give every function of the header its types.

    Raises :class:`~callcore.errors.AbiError` when one is not there.
    """
    for name, (result, arguments) in FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise AbiError(
                f"{path} has no function {name}: it is not the libcallcore of this package; install both anew"
            ) from None
        function.restype = result
        function.argtypes = arguments


def differences(described: str) -> list[str]:
    """What ``cc_abi_describe`` says that these structs and constants do not, a sentence each."""
    try:
        theirs = json.loads(described)
        structs: dict[str, Any] = dict(theirs["structs"])
        constants: dict[str, int] = dict(theirs["constants"])
    except (ValueError, KeyError, TypeError):
        return ["the library does not describe itself"]
    found: list[str] = []
    for name in sorted(STRUCTS.keys() | structs.keys()):
        mine = STRUCTS.get(name)
        there = structs.get(name)
        if mine is None or there is None:
            found.append(f"struct {name} is only in the {'library' if mine is None else 'package'}")
            continue
        found.extend(_struct_differences(name, mine, there))
    for name in sorted(CONSTANTS.keys() | constants.keys()):
        mine_is, theirs_is = CONSTANTS.get(name), constants.get(name)
        if mine_is != theirs_is:
            found.append(f"{name} is {theirs_is} in the library and {mine_is} in the package")
    return found


def _struct_differences(name: str, mine: type[ctypes.Structure], there: dict[str, Any]) -> list[str]:
    offsets: dict[str, int] = {field[0]: getattr(mine, field[0]).offset for field in mine._fields_}
    sizes = (ctypes.sizeof(mine), there.get("size"))
    found = (
        []
        if sizes[0] == sizes[1]
        else [f"struct {name} has {sizes[1]} bytes in the library and {sizes[0]} in the package"]
    )
    fields: dict[str, int] = there.get("fields", {})
    found += [
        f"{name}.{field} is at {fields.get(field)} in the library and at {offsets.get(field)} in the package"
        for field in sorted(offsets.keys() | fields.keys())
        if offsets.get(field) != fields.get(field)
    ]
    return found
