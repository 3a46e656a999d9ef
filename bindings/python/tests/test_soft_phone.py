"""An agent's desktop: it logs in and out, dials, holds, transfers, hangs up, and reads calls and recordings."""

from __future__ import annotations

import callcore
from callcore import Core
from callcore.testing import Clock, Person


def state(core: Core, agent: str = "anna") -> str:
    """What an agent does now."""
    return core.agents[agent].view()["state"]


def test_an_agent_registers_is_ready_or_not_and_leaves(core: Core) -> None:
    anna = core.agents["anna"]
    assert [agent.id for agent in core.agents] == ["anna", "ben"]
    assert state(core) == "logged_out"
    anna.login().wait(1)
    assert state(core) == "ready"
    anna.not_ready("lunch").wait(1)
    assert (state(core), anna.view()["reason"]) == ("not_ready", "lunch")
    anna.ready().wait(1)
    assert state(core) == "ready"
    anna.logout().wait(1)
    assert state(core) == "logged_out"


def test_an_agent_takes_holds_and_ends_a_call_and_reads_its_record(core: Core, caller: Person, clock: Clock) -> None:
    core.agents["anna"].login()
    offers = core.events(kinds=[callcore.Offered], timeout=1)
    caller.calls("8000", "13800000000")
    offered = next(offers)
    assert isinstance(offered, callcore.Offered)
    call = offered.call
    call.answer().wait(1)
    call.send("queue:support").wait(1)
    clock.run(1)
    Person(core, 4).answers()
    clock.run(1)
    assert state(core) == "talking"
    [view] = core.snapshot()["calls"]
    assert (view["calling"], view["called"]) == ("13800000000", "8000")
    call.hold(by=callcore.Party.OTHER).wait(1)
    call.hold(False, by=callcore.Party.OTHER).wait(1)
    call.mute(party=callcore.Party.OTHER).wait(1)
    call.digits("12", to=callcore.Party.CALLER).wait(1)
    call.drop(16).wait(1)
    clock.run(1)
    assert state(core) == "wrap_up"
    [record] = core.records(agent="anna")
    assert (record["calling"], record["queue"], record["outcome"]) == ("13800000000", "support", "answered_by_agent")
    assert record["recording"] is not None and record["talk_ms"] > 0
    assert core.records(calling="nobody") == []


def test_an_agent_dials_from_the_screen(core: Core, clock: Clock) -> None:
    made = core.make("extension:1001", calling="8000")
    clock.run(1)
    Person(core, 4).answers()
    call = made.wait(5)
    # to another desk
    call.send("extension:1002").wait(1)
    clock.run(1)
    Person(core, 5).answers()
    clock.run(1)
    assert [view["called"] for view in core.snapshot()["calls"]] != []
    call.drop().wait(1)
    clock.run(1)
    assert core.calls() == []


def talking(core: Core, clock: Clock) -> callcore.Call:
    """A caller who talks with anna."""
    core.agents["anna"].login()
    offers = core.events(kinds=[callcore.Offered], timeout=1)
    Person(core, 0).calls("8000", "13800000000")
    offered = next(offers)
    assert isinstance(offered, callcore.Offered)
    offered.call.answer().wait(1)
    offered.call.send("queue:support").wait(1)
    clock.run(1)
    Person(core, 4).answers()
    clock.run(1)
    assert state(core) == "talking"
    return offered.call


def supervisor(core: Core, clock: Clock) -> callcore.Call:
    """A supervisor at the second telephone."""
    made = core.make("extension:1002")
    clock.run(1)
    Person(core, 5).answers()
    return made.wait(5)


def test_a_talk_is_transferred_to_another_desk(core: Core, clock: Clock) -> None:
    call = talking(core, clock)
    call.transfer("extension:1002").wait(1)
    clock.run(1)
    assert state(core) == "wrap_up"
    Person(core, 5).answers()
    clock.run(1)
    assert [view["controller"] for view in core.snapshot()["calls"]] == ["extension:1002"]
    Person(core, 0).hangs_up()
    clock.run(1)
    [record] = core.records()
    assert (record["agent"], record["party"]) == ("anna", "1002")


def test_a_supervisor_listens_whispers_barges_in_and_takes_over(core: Core, clock: Clock) -> None:
    call, boss = talking(core, clock), supervisor(core, clock)
    for how in callcore.Supervision:
        supervising = call.supervise(boss, how)
        clock.run(2)
        supervising.cancel()
        assert isinstance(supervising.wait(1), callcore.SupervisionEnded)
    call.intercept(boss).wait(1)
    clock.run(1)
    assert state(core) == "wrap_up"
    call.drop().wait(1)
    clock.run(1)
    assert core.calls() == []


def test_a_forced_release_ends_a_talk_for_both(core: Core, clock: Clock) -> None:
    call = talking(core, clock)
    call.drop(31).wait(1)
    clock.run(1)
    [record] = core.records()
    assert (record["cause_q850"], core.calls(), state(core)) == (31, [], "wrap_up")


def test_a_client_asks_for_a_recording_and_is_told_where_it_is(core: Core, clock: Clock) -> None:
    call = talking(core, clock)
    clock.run(10)
    call.drop().wait(1)
    clock.run(1)
    [record] = core.records(called="8000", limit=1)
    assert record["recording"] is not None and record["recording"].endswith(".wav")
    assert record["recording_ms"] is not None and record["recording_ms"] >= 10_000
    assert record["recording_error"] is None
