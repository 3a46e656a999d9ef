"""Answers each call that is the program's, says welcome, and hangs up.

python answer.py                        a simulated person calls once
python answer.py CONFIG [CALLS]         with examples/answer.toml real SIP calls, so many or for ever
"""

import sys
from pathlib import Path

import callcore


def serve(core: callcore.Core, events: callcore.Events, calls: int | None) -> None:
    """Answer so many calls, or all. Calls end whenever they like: a command that comes too late is refused, and no reason to stop."""
    for event in events:
        try:
            match event:
                case callcore.Offered(call=call):
                    print(event.calling, "calls")
                    call.answer()
                case callcore.Answered(call=call):
                    print("answered")
                    call.play("welcome")
                case callcore.PlayDone(call=call):
                    print("the welcome is over")
                    call.drop()
                case callcore.Ended():
                    print("the call has ended with cause", event.cause)
                    calls = calls - 1 if calls else None
                    if calls == 0:
                        return
                case _:
                    pass
        except (callcore.GoneError, callcore.StateError) as why:
            print(why, file=sys.stderr)


def main() -> None:
    """Serve what the command line says."""
    config = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    calls = int(sys.argv[2]) if len(sys.argv) > 2 else None
    core = callcore.Core(config)
    events = core.events()
    with core:
        if config is None:
            core.sim.act("channel 0 calls 8000 from 13800000000")
            calls = 1
        else:
            print("waiting for calls", flush=True)
        serve(core, events, calls)


if __name__ == "__main__":
    main()
