#!/usr/bin/env python3
"""What a command and an event cost a program in Python, as a ratio to one in Rust, in the same run; and a thousand calls at a time.

    tests/load/binding_cost.py

Not a test: it measures. Builds what it needs with cargo, in release. Figures are the least of several rounds, of this process's own time.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", TOP / "target")) / "release"
ROUNDS, COMMANDS, CALLS = 20, 2_000, 1_000


def build() -> None:
    cargo = ["cargo", "build", "--release", "--quiet"]
    subprocess.run([*cargo, "-p", "callcore-ffi"], cwd=TOP, check=True)
    subprocess.run([*cargo, "-p", "callcore-tests", "--example", "commands"], cwd=TOP, check=True)
    os.environ["CALLCORE_LIBRARY"] = str(TARGET / "libcallcore.so")
    sys.path.insert(0, str(TOP / "bindings" / "python" / "src"))
    sys.path.insert(0, str(TOP / "bindings" / "python" / "tests"))


def rust() -> dict[str, float]:
    said = subprocess.run([TARGET / "examples" / "commands"], check=True, capture_output=True, text=True)
    return {name: float(value) for name, value in map(str.split, said.stdout.splitlines())}


def python() -> dict[str, float]:
    import callcore
    from conftest import centre

    with callcore.Core(centre(2), virtual_time=True) as core:
        agent = core.agents["anna"]
        agent.login()
        command = event = float("inf")
        for _ in range(ROUNDS):
            events = core.events(timeout=0)
            begin = time.perf_counter_ns()
            for number in range(COMMANDS):
                if number % 2:
                    agent.ready()
                else:
                    agent.not_ready("pause")
            command = min(command, time.perf_counter_ns() - begin)
            begin = time.perf_counter_ns()
            assert sum(1 for _ in events) == COMMANDS
            event = min(event, time.perf_counter_ns() - begin)
            events.close()
    return {"command_ns": command / COMMANDS, "event_ns": event / COMMANDS}


def thousand_calls() -> float:
    """Seconds of processor time of a program that asks a thousand callers at a time for a key, and routes them itself."""
    bot = TOP / "bindings" / "python" / "examples" / "ivr_bot.py"
    environment = {**os.environ, "PYTHONPATH": str(TOP / "bindings" / "python" / "src")}
    before = os.times()
    subprocess.run([sys.executable, bot, str(CALLS)], env=environment, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    build()
    native, bound = rust(), python()
    for name in native:
        print(f"{name}: Rust {native[name]:.0f}, Python {bound[name]:.0f}, ratio {bound[name] / native[name]:.1f}")
    print(f"{CALLS} calls at a time: {thousand_calls():.2f} s of processor time")


if __name__ == "__main__":
    main()
