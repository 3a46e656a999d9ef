"""Each scenario file has the same facts here as in Rust, whose facts are in the folder that CALLCORE_TRACES names."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import callcore
from callcore.scenario import Scenario, ScenarioError

FILES = sorted((Path(__file__).parents[3] / "tests" / "scenarios").glob("*.txt"))


def traces() -> Path:
    """The folder with what Rust saw."""
    named = os.environ.get("CALLCORE_TRACES")
    if named is None:
        pytest.skip(
            "CALLCORE_TRACES is not set: cargo test -p callcore-tests --test python writes what Rust sees, and runs this"
        )
    return Path(named)


def test_there_are_scenarios() -> None:
    assert len(FILES) >= 30


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_scenario_has_the_facts_that_it_has_in_rust(file: Path) -> None:
    folder = traces()
    configuration = (folder / f"{file.stem}.json").read_text()
    rust = [json.loads(line) for line in (folder / f"{file.stem}.jsonl").read_text().splitlines()]
    core = callcore.Core(configuration, virtual_time=True)
    try:
        assert Scenario.parse(file.read_text()).play(core) == rust
    finally:
        core.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("channel 0 calls 8000\nexpect bridged within 1s", "line 2: 'bridged' did not come"),
        ("channel 0 calls 8000\nnever arrived\nwait 1s", "line 2: 'arrived' came"),
        ("command agent zoe login", "line 1: agent zoe"),
        ("refused agent anna login", "was not refused"),
        ("command call last answer", "has not had a call yet"),
        ("dance", "use wait, command, refused, expect, never"),
        ("wait 5", "is not a time"),
        ("expect queued queue", "is not KEY=VALUE"),
    ],
)
def test_a_scenario_that_does_not_go_as_written_fails_at_its_line(
    text: str, words: str, callcore_config: dict[str, object]
) -> None:
    core = callcore.Core(callcore_config, virtual_time=True)
    try:
        with pytest.raises(ScenarioError) as failed:
            Scenario.parse(text).play(core)
        assert words in str(failed.value)
    finally:
        core.close()
