//! Whole calls through the real shell, faster than the wall clock.

use crate::centre::Centre;

#[test]
fn a_caller_hears_the_menu_presses_a_key_and_talks_to_the_agent() {
    let centre = Centre::start(10.0);
    centre.act("channel 1 calls 8000 from 13800000000");
    centre.until_channel(1, "connected");
    centre.act("channel 1 digit 2");
    centre.until_controller("queue:support");
    centre.until("the agent's phone rings", |handle| {
        handle.snapshot().devices[0].channels[4].state == "alerting"
    });
    centre.act("channel 4 answers");
    centre.until_controller("agent:1");
    centre.act("channel 1 hangs up");
    centre.until("the call is over", |handle| handle.snapshot().calls.is_empty());
    let stats = centre.handle.stats();
    assert_eq!(stats.devices[0].events_malformed, 0);
    centre.node.stop().expect("it stops in an orderly way");
}
