"""The examples and the blocks of the guide run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[3]
EXAMPLES = Path(__file__).parents[1] / "examples"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", (TOP / "docs" / "python.md").read_text(), re.MULTILINE | re.DOTALL)


def run(folder: Path, *arguments: str | Path) -> list[str]:
    """The lines that a program prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_hello_says_what_hello_says_in_every_language(tmp_path: Path) -> None:
    lines = run(tmp_path, EXAMPLES / "hello.py")
    assert lines == ["13800000000 rings", "answered", "pressed 1", "waits in the queue"]


def test_answer_answers_on_a_real_clock(tmp_path: Path) -> None:
    assert run(tmp_path, EXAMPLES / "answer.py") == [
        "13800000000 calls",
        "answered",
        "the welcome is over",
        "the call has ended with cause 16",
    ]


def test_the_bot_serves_all_callers_and_every_run_is_the_same(tmp_path: Path) -> None:
    first = run(tmp_path, EXAMPLES / "ivr_bot.py", "50")
    assert sum(int(line.split()[0]) for line in first[:-1]) == 50
    assert any("queue:support" in line for line in first)
    assert run(tmp_path, EXAMPLES / "ivr_bot.py", "50") == first


def test_a_day_is_simulated_and_plotted(tmp_path: Path) -> None:
    lines = run(tmp_path, EXAMPLES / "simulate_a_day.py", "day.svg")
    assert [line.split(":")[0] for line in lines[:-1]] == ["12 agents", "14 agents", "16 agents"]
    assert "<svg" in (tmp_path / "day.svg").read_text()


def test_a_message_is_recorded(tmp_path: Path) -> None:
    message, file = run(tmp_path, EXAMPLES / "recorder.py")
    assert message.endswith("ended by key")
    assert int(file.split()[0]) > 8000


@pytest.mark.parametrize("place", range(len(BLOCKS)))
def test_a_block_of_the_guide_runs(place: int, tmp_path: Path) -> None:
    block = BLOCKS[place]
    file = tmp_path / f"test_block_{place}.py"
    file.write_text(block)
    if "def test_" in block:
        run(tmp_path, "-m", "pytest", "-q", "-p", "callcore.testing", "-p", "no:cacheprovider", file)
    else:
        run(tmp_path, file)
