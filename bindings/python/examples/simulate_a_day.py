"""A day of a support desk in a second: how long callers wait, by the hour, with 12, 14 or 16 agents.

    python simulate_a_day.py [day.svg]

The plot is made with matplotlib where that is installed; else it is an SVG that this file writes itself.
"""

import importlib
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import callcore

HOURS = 10
#: Callers in each hour.
CALLS = [60, 110, 160, 150, 120, 130, 160, 150, 100, 60]
TALK = "exponential 240000"
PATIENCE = "exponential 120000"


def desk(agents: int, trunks: int = 120) -> dict[str, Any]:
    """A desk of so many agents; every call goes to their queue."""
    numbers = [str(1001 + place) for place in range(agents)]
    people = {"trunks": trunks, "extensions": agents, "talk_ms": TALK, "caller_talk_ms": TALK, "patience_ms": PATIENCE}
    return {
        "device": [{"name": "sim", "driver": "sim", "config": {**people, "called": [{"number": "8000"}], "seed": 7}}],
        "trunk_group": [{"name": "city", "device": "sim", "channels": [0, trunks - 1]}],
        "extension": [
            {"number": number, "name": f"Desk {number}", "device": "sim", "channel": trunks + place}
            for place, number in enumerate(numbers)
        ],
        "agent": [
            {"id": number, "name": f"Agent {number}", "extension": number, "queues": ["support"], "login": "at_start"}
            for number in numbers
        ],
        "queue": [{"name": "support", "music": "hold_music", "wrap_up_ms": 20_000}],
        "route": [{"called": "8000", "to": "queue:support"}],
    }


def day(agents: int) -> list[float]:
    """The average wait in each hour, in seconds; prints what the day was like."""
    with callcore.Core(desk(agents), virtual_time=True) as core:
        for calls in CALLS:
            core.sim.act(f"arrivals {calls} per hour")
            core.sim.run(3600)
        core.sim.act("arrivals 0 per hour")
        core.sim.run(3600)
        records = core.records()
        digest = core.sim.digest
    begin = min(record["started"] for record in records)
    waits: list[list[float]] = [[] for _ in range(HOURS)]
    for record in records:
        hour = min((record["started"] - begin) // 3_600_000, HOURS - 1)
        waits[hour].append(record["queue_ms"] / 1000)
    outcomes = Counter(record["outcome"] for record in records)
    answered = outcomes["answered_by_agent"] / len(records)
    print(f"{agents} agents: {len(records)} calls, {answered:.1%} answered, run {digest[:8]}")
    return [sum(wait) / max(len(wait), 1) for wait in waits]


def svg(days: dict[str, list[float]]) -> str:
    """Lines over hours."""
    top = max(max(waits) for waits in days.values()) or 1
    colours = ("#c0392b", "#2980b9", "#27ae60")
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="320" font-family="sans-serif" font-size="12">'
    ]
    parts.append(f'<text x="10" y="20">average wait, up to {top:.0f} s, over {HOURS} hours</text>')
    for place, (name, waits) in enumerate(days.items()):
        points = " ".join(f"{40 + 60 * hour},{290 - 250 * wait / top:.1f}" for hour, wait in enumerate(waits))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colours[place]}" stroke-width="2"/>')
        parts.append(f'<text x="500" y="{20 + 16 * place}" fill="{colours[place]}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def plot(days: dict[str, list[float]], to: Path) -> None:
    """Draw it with what is there."""
    try:
        pyplot: Any = importlib.import_module("matplotlib.pyplot")
    except ImportError:
        to.write_text(svg(days))
        return
    axes = pyplot.figure().add_subplot()
    for name, waits in days.items():
        axes.plot(waits, label=name)
    axes.set(xlabel="hour", ylabel="average wait (s)")
    axes.legend()
    axes.figure.savefig(to)


if __name__ == "__main__":
    plotted = Path(sys.argv[1] if len(sys.argv) > 1 else "day.svg")
    plot({f"{agents} agents": day(agents) for agents in (12, 14, 16)}, plotted)
    print(f"plotted in {plotted}")
