"""What several tests need."""

from __future__ import annotations

from typing import Any

import pytest


def centre(trunks: int, *, phones: int = 1, **settings: Any) -> dict[str, Any]:
    """A centre of so many lines, whose callers of 8000 are the program's."""
    sim = {"trunks": trunks, "extensions": phones, "people": "manual", **settings}
    agents = [
        {"id": name, "name": name, "extension": str(1001 + place), "queues": ["support"], "login": "manual"}
        for place, name in enumerate(["anna", "ben"][:phones])
    ]
    extensions = [
        {"number": str(1001 + place), "name": f"Room {place}", "device": "sim", "channel": trunks + place}
        for place in range(phones)
    ]
    return {
        "hold_music": "hold_music",
        "device": [{"name": "sim", "driver": "sim", "config": sim}],
        "trunk_group": [{"name": "city", "device": "sim", "channels": [0, trunks - 1]}],
        "extension": extensions,
        "agent": agents,
        "queue": [{"name": "support", "music": "hold_music", "wrap_up_ms": 2_000}],
        "route": [{"called": "8000", "to": "application"}],
        "outbound": [{"prefix": "9", "strip": 1, "trunk_group": "city"}],
    }


@pytest.fixture
def callcore_config() -> dict[str, Any]:
    """Four lines and two telephones."""
    return centre(4, phones=2)
