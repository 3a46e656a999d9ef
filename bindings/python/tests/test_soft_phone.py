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
