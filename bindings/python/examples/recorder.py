"""A voice mail: answers, asks for a message, records it until the caller hangs up, presses # or says nothing for three seconds.

python recorder.py                        a simulated person leaves a message
python recorder.py CONFIG [CALLS]         with examples/answer.toml real SIP calls, so many or for ever
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import callcore


async def take_message(call: callcore.Call) -> None:
    """One message."""
    try:
        await call.answer()
        await call.play("welcome")
        recorded = await call.record("voicemail/{date}-{time}", who="said", max_seconds=120, silence=3, keys="#")
        print("message:", recorded.path, "ended by", recorded.end.name.lower())
        await call.drop()
    except callcore.GoneError:
        print("no message")


async def serve(core: callcore.Core, calls: int | None) -> None:
    """Take messages from so many calls, or for ever, several at a time."""
    async with asyncio.TaskGroup() as messages:
        events = core.events(kinds=[callcore.Offered])
        if calls == 1:
            messages.create_task(leave_message(core))
        async for event in events:
            if isinstance(event, callcore.Offered):
                messages.create_task(take_message(event.call))
                calls = calls - 1 if calls else None
                if calls == 0:
                    break


async def leave_message(core: callcore.Core) -> None:
    """Somebody simulated: speaks for two seconds, then presses #."""
    recordings = core.events(kinds=[callcore.RecordStarted])
    core.sim.act("channel 0 calls 8000 from 13800000000")
    await anext(recordings)
    core.sim.act("channel 0 talks")
    await asyncio.sleep(2)
    core.sim.act("channel 0 digit #")


def simulated(folder: str) -> dict[str, Any]:
    """One line, on a real clock, with recordings in a folder."""
    return {
        "node": {"data_dir": folder},
        "recording": {"outside": "on_demand"},
        "device": [{"name": "sim", "driver": "sim", "config": {"trunks": 1, "extensions": 0, "people": "manual"}}],
        "trunk_group": [{"name": "city", "device": "sim", "channels": [0, 0]}],
        "route": [{"called": "8000", "to": "application"}],
    }


def main() -> None:
    """Serve what the command line says."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(sys.argv[1]) if len(sys.argv) > 1 else simulated(folder)
        calls = int(sys.argv[2]) if len(sys.argv) > 2 else None if len(sys.argv) > 1 else 1
        with callcore.Core(config) as core:
            core.run(serve(core, calls))
        for file in Path(folder, "recordings").rglob("*.wav"):
            print(file.stat().st_size, "bytes in", file.name)


if __name__ == "__main__":
    main()
