#!/usr/bin/env python3
"""What commands and events cost a program in C and in Python, as ratios to one in Rust, in the same run; and a thousand calls at a time.

    tests/load/binding_cost.py            times
    tests/load/binding_cost.py count      instructions of a command and its event in virtual time, which repeat (needs valgrind)

Not a test: it measures. Builds what it needs with cargo, in release. Times of virtual time are the least of several rounds. The programs are
tests/examples/commands.rs, binding_cost.c beside this, and this.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import SimpleQueue

TOP = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", TOP / "target")) / "release"
ROUNDS, COMMANDS, REAL, CALLS = 20, 2_000, 5_000, 500
AT_ONCE = 1_000
COUNTED = 2_000


def build(folder: Path) -> None:
    cargo = ["cargo", "build", "--release", "--quiet"]
    subprocess.run([*cargo, "-p", "callcore-ffi"], cwd=TOP, check=True)
    subprocess.run([*cargo, "-p", "callcore-tests", "--example", "commands"], cwd=TOP, check=True)
    c = ["cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-pthread", f"-I{TOP}/include", TOP / "tests/load/binding_cost.c"]
    link = [f"-L{TARGET}", f"-Wl,-rpath,{TARGET}", "-lcallcore"]
    subprocess.run([*c, "-o", folder / "cost", *link], check=True)
    os.environ["CALLCORE_LIBRARY"] = str(TARGET / "libcallcore.so")
    os.environ["PYTHONPATH"] = str(TOP / "bindings" / "python" / "src")
    sys.path.insert(0, os.environ["PYTHONPATH"])


def said(program: Path) -> dict[str, float]:
    """The figures of a program that prints them, a line each. Its files go to a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        lines = subprocess.run([program], check=True, capture_output=True, text=True, cwd=folder).stdout.splitlines()
    return {name: float(value) for name, value in map(str.split, lines)}


def give(agent, commands: int) -> None:
    for number in range(commands):
        if number % 2:
            agent.ready()
        else:
            agent.not_ready("pause")


def in_virtual_time() -> dict[str, float]:
    import callcore

    with callcore.Core(virtual_time=True) as core:
        agent = core.agents["anna"]
        agent.login()
        command = event = float("inf")
        for _ in range(ROUNDS):
            events = core.events(timeout=0)
            begin = time.perf_counter_ns()
            give(agent, COMMANDS)
            command = min(command, time.perf_counter_ns() - begin)
            begin = time.perf_counter_ns()
            assert sum(1 for _ in events) == COMMANDS
            event = min(event, time.perf_counter_ns() - begin)
            events.close()
    return {"command_ns": command / COMMANDS, "event_ns": event / COMMANDS}


def in_real_time() -> dict[str, float]:
    import callcore

    with callcore.Core() as core:
        agent = core.agents["anna"]
        agent.login().wait(10)
        with core.events(kinds=[callcore.Done], timeout=10) as events:
            reader = threading.Thread(target=lambda: [next(events) for _ in range(REAL)])
            begin = time.perf_counter_ns()
            reader.start()
            give(agent, REAL)
            reader.join()
            figures = {"real_ns": (time.perf_counter_ns() - begin) / REAL}
        return {**figures, **latencies(core)}


def latencies(core) -> dict[str, float]:
    """Somebody dials and hangs up, again and again, in a thread of his own."""
    import callcore

    wishes, begun = SimpleQueue(), SimpleQueue()

    def person() -> None:
        while wish := wishes.get():
            begun.put(time.perf_counter_ns())
            core.sim.act(wish)

    took = {"offered": [], "ended": []}
    threading.Thread(target=person).start()
    with core.events(kinds=[callcore.Offered, callcore.Ended], timeout=10) as events:
        for _ in range(CALLS):
            for what, wish in [("offered", "channel 0 calls 8000 from 13800000000"), ("ended", "channel 0 hangs up")]:
                wishes.put(wish)
                next(events)
                took[what].append(time.perf_counter_ns() - begun.get())
    wishes.put("")
    figures = {}
    for what, times in took.items():
        times.sort()
        figures[f"{what}_p50_us"] = times[len(times) // 2] / 1e3
        figures[f"{what}_p99_us"] = times[len(times) * 99 // 100] / 1e3
    return figures


def instructions(command: list, count: int) -> int:
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--trace-children=no"]
    with tempfile.TemporaryDirectory() as folder:
        out = subprocess.run([*tool, *command, str(count)], check=True, capture_output=True, text=True, cwd=folder).stderr
    return int(re.search(r"Collected : (\d+)", out).group(1))


def count(folder: Path) -> None:
    """Each program with N and with 2N commands: the difference is theirs alone."""
    programs = {
        "Rust": [TARGET / "examples" / "commands"],
        "C": [folder / "cost"],
        "Python": [sys.executable, Path(__file__).resolve(), "--run"],
    }
    native = None
    for name, command in programs.items():
        each = (instructions(command, 2 * COUNTED) - instructions(command, COUNTED)) / COUNTED
        native = native or each
        print(f"{name:6} {each:9.0f} instructions a command with its event, ratio {each / native:.2f}", flush=True)


def run_once(commands: int) -> None:
    import callcore

    with callcore.Core(virtual_time=True) as core, core.events(timeout=0) as events:
        core.agents["anna"].login()
        give(core.agents["anna"], commands)
        assert sum(1 for _ in events) == commands + 1


def thousand_calls() -> float:
    """Seconds of processor time of a program that asks a thousand callers at a time for a key, and routes them itself."""
    bot = TOP / "bindings" / "python" / "examples" / "ivr_bot.py"
    before = os.times()
    subprocess.run([sys.executable, bot, str(AT_ONCE)], check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def times(folder: Path) -> None:
    native, c, python = said(TARGET / "examples" / "commands"), said(folder / "cost"), {**in_virtual_time(), **in_real_time()}
    for figures in (native, c, python):
        figures["both_ns"] = figures["command_ns"] + figures["event_ns"]
        figures["events_per_s"] = 1e9 / figures["real_ns"]
    print(f"{'':16} {'Rust':>9} {'C':>9} {'ratio':>6} {'Python':>9} {'ratio':>6}")
    for name in native:
        print(
            f"{name:16} {native[name]:9.0f} {c[name]:9.0f} {c[name] / native[name]:6.2f}"
            f" {python[name]:9.0f} {python[name] / native[name]:6.2f}"
        )
    print(f"{'unwanted_ns':16} {'':9} {c['unwanted_ns']:9.0f}")
    print(f"{AT_ONCE} calls at a time: {thousand_calls():.2f} s of processor time")


def main() -> None:
    if sys.argv[1:2] == ["--run"]:
        run_once(int(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        # a node in real time writes its files where it is
        os.chdir(folder)
        count(Path(folder)) if sys.argv[1:] == ["count"] else times(Path(folder))


if __name__ == "__main__":
    main()
