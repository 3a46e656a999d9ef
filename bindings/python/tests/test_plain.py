"""Programs that wait, without an event loop."""

from __future__ import annotations

import ast
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

import callcore
from callcore import Core
from callcore.testing import Clock, Person


def test_every_mistake_of_a_configuration_is_told_with_its_line() -> None:
    with pytest.raises(callcore.ConfigError) as wrong:
        Core('[[queue]]\nname = "a"\n[[route]]\ncalled = "1"\nto = "queue:b"\nfrom = "x"\n', virtual_time=True)
    assert "(config):5" in str(wrong.value) or "(config):6" in str(wrong.value)
    assert isinstance(wrong.value, ValueError)


def test_a_configuration_may_be_a_file_or_a_mapping(tmp_path: Path, callcore_config: dict[str, object]) -> None:
    file = tmp_path / "centre.toml"
    file.write_text('[[device]]\nname = "sim"\ndriver = "sim"\n')
    for config in (file, file.read_text(), callcore_config):
        with Core(config, virtual_time=True) as core:
            assert core.snapshot()["calls"] == []
    with pytest.raises(callcore.ConfigError, match=r"absent\.toml"):
        Core(tmp_path / "absent.toml")


def test_a_request_is_waited_for(core: Core, caller: Person) -> None:
    events = core.events(kinds=[callcore.Offered], timeout=5)
    caller.calls("8000", "13800000000")
    offered = next(events)
    assert isinstance(offered, callcore.Offered)
    assert (offered.calling, offered.called) == ("13800000000", "8000")
    offered.call.answer().wait(5)
    with pytest.raises(callcore.StateError, match="answered already"):
        offered.call.answer()
    assert isinstance(offered.call.send("queue:support").wait(5), callcore.Done)


def test_a_wait_that_takes_too_long_is_a_time_out(core: Core) -> None:
    made = core.make("extension:1001")
    with pytest.raises(TimeoutError, match="has not ended"):
        made.wait(1)
    Person(core, 4).answers()
    assert made.wait(5) in core.calls()


def test_a_tag_comes_back_in_every_event_of_its_call(core: Core, caller: Person, clock: Clock) -> None:
    events = core.events(timeout=0)
    caller.calls("8000")
    [offered] = [event for event in events if isinstance(event, callcore.Offered)]
    offered.call.tag = 2**64 - 1
    caller.hangs_up()
    clock.run(1)
    ended = [event for event in events if isinstance(event, callcore.Ended)]
    assert [(event.tag, event.call.tag, event.call) for event in ended] == [(2**64 - 1, 2**64 - 1, offered.call)]
    assert ended[0].cause == 16


def test_events_are_filtered_by_kind_and_by_call(core: Core, clock: Clock) -> None:
    everything = core.events(timeout=0)
    Person(core, 0).calls("8000")
    Person(core, 1).calls("8000")
    first, second = [event.call for event in everything if isinstance(event, callcore.Offered)]
    of_first = first.events(timeout=0)
    of_second = second.events(timeout=0, kinds=[callcore.Ended])
    first.answer()
    second.answer()
    clock.run(1)
    first.drop()
    second.drop()
    clock.run(1)
    assert [type(event).__name__ for event in of_first] == ["Answered", "Ended"]
    assert [type(event).__name__ for event in of_second] == ["Ended"]


def test_a_reader_that_is_late_is_told_how_much_it_missed(core: Core, caller: Person, clock: Clock) -> None:
    events = callcore.Events(core, timeout=0, queue_bytes=4096)
    for _ in range(40):
        caller.calls("8000")
        clock.run(1)
        caller.hangs_up()
        clock.run(1)
    *read, lost = events
    assert isinstance(lost, callcore.Lost)
    assert len(read) + lost.count == 80


def test_two_runs_with_one_seed_are_the_same(callcore_config: dict[str, object]) -> None:
    def run() -> str:
        with Core(callcore_config, virtual_time=True) as core:
            core.sim.act("arrivals 600 per hour")
            core.sim.run(3600)
            return core.sim.digest

    assert run() == run()


def test_events_end_when_nothing_will_happen_any_more(core: Core) -> None:
    assert list(core.events()) == []


def test_what_is_closed_is_gone(callcore_config: dict[str, object]) -> None:
    with Core(callcore_config, virtual_time=True) as core:
        events = core.events()
    *_, last = events
    assert isinstance(last, callcore.Stopped)
    core.close()
    with pytest.raises(callcore.Error):
        core.snapshot()


def test_exceptions_go_between_processes() -> None:
    there = pickle.loads(pickle.dumps(callcore.GoneError("the call is not there")))
    assert (type(there), there.status, there.words, str(there)) == (
        callcore.GoneError,
        -6,
        "the call is not there",
        "the call is not there (CC_E_GONE)",
    )


def test_prompts_and_sound_are_of_real_time(core: Core) -> None:
    with pytest.raises(callcore.UnsupportedError):
        list(core.prompts)
    with pytest.raises(callcore.UnsupportedError):
        core.prompts.add("welcome", b"RIFF")


def shown(method: object) -> list[Any]:
    """The values of JSON that the words of a method show."""
    quoted = re.findall(r"``([{\"].*?)``", str(method.__doc__))
    return [ast.literal_eval(form) for form in quoted]


def test_every_form_that_the_words_of_a_method_show_is_taken(core: Core, caller: Person) -> None:
    events = core.events(kinds=[callcore.Offered], timeout=5)
    caller.calls("8000")
    call = next(events).call
    assert call is not None
    call.answer().wait(5)
    for method, many in ((call.control_play, 5), (call.listen, 2)):
        forms = shown(method)
        assert len(forms) == many, forms
        for form in forms:
            call.play("welcome")
            assert isinstance(method(form).wait(5), callcore.Done), form
