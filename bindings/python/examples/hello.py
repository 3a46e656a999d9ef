import callcore

with callcore.Core(virtual_time=True) as core:
    events = core.events(kinds=[callcore.Offered, callcore.Digit])
    core.sim.act("channel 0 calls 8000 from 13800000000")
    print(next(events).text, "rings")
    call = core.calls()[0]
    call.answer().wait()
    print("answered")
    core.sim.act("channel 0 digit 1")
    print("pressed", next(events).text)
    call.send("queue:support").wait()
    print("waits in the queue")
