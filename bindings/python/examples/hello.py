import callcore

with callcore.Core(virtual_time=True) as core:
    events = core.events(timeout=5)
    core.sim.act("channel 0 calls 8000 from 13800000000")
    for event in events:
        match event:
            case callcore.Offered(call=call):
                print(event.calling, "rings"), call.answer()
            case callcore.Answered():
                print("answered"), core.sim.act("channel 0 digit 1")
            case callcore.Digit(call=call):
                print("pressed", event.digit), call.send("queue:support")
            case callcore.Sent():
                print("waits in the queue")
