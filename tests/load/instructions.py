#!/usr/bin/env python3
"""Counts the instructions that one channel costs in one frame, case by case, with callgrind.

    tests/load/instructions.py [CASE ...]      all cases of callcore/benches/engine.rs, or those named

Each case runs twice, with N and with 2N frames: the difference is frames alone, without making and filling the engine.
Needs valgrind. The counts repeat to the last digit, whatever else the machine does.
"""
import os
import re
import subprocess
import sys

CHANNELS = 60
FRAMES = {"A-law to Opus": 20, "A-law to G.729": 20}
FRAMES_DEFAULT = 100
# rooms of 300 need as many
CHANNELS_OF = {"conferences of 300": 300, "conferences of 64": 64}


def bench():
    """The bench program, built."""
    build = ["cargo", "bench", "-p", "callcore", "--bench", "engine", "--no-run"]
    out = subprocess.run(build, capture_output=True, text=True, check=True).stderr
    return re.search(r"\((\S*engine-\S+)\)", out).group(1)


def count(program, case, channels, frames):
    """Instructions of one run."""
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    run = [program, "--run", case, str(channels), str(frames)]
    out = subprocess.run(tool + run, capture_output=True, text=True, check=True).stderr
    return int(re.search(r"Collected : (\d+)", out).group(1))


def main():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    os.chdir(root)
    program = bench()
    names = subprocess.run([program, "--names"], capture_output=True, text=True, check=True).stdout.splitlines()
    chosen = sys.argv[1:] or names
    print(f"{'case':28} {'instructions a channel a frame':>32}")
    for case in chosen:
        channels = CHANNELS_OF.get(case, CHANNELS)
        frames = FRAMES.get(case, FRAMES_DEFAULT)
        once, twice = count(program, case, channels, frames), count(program, case, channels, 2 * frames)
        print(f"{case:28} {(twice - once) / frames / channels:32.0f}", flush=True)


if __name__ == "__main__":
    main()
