//! A voice menu, tried in virtual time: the caller presses a wrong key, then 1, and waits in a queue.
//!
//! `cargo run -p callcore-examples --bin menu`

use callcore::call::Fact;
use callcore::sim::{Centre, CentreConfig};
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut config = CentreConfig::support(2, 0, 1);
    config.world.by_hand = true;
    config.keep_entries = true;
    let mut centre = Centre::new(config).map_err(|problems| format!("{problems:?}"))?;

    let story = [
        (0, "channel 0 calls 8000 from 13800000000"),
        (4, "channel 0 digit 7"),
        (6, "channel 0 digit 1"),
        (30, "channel 0 hangs up"),
    ];
    for (second, act) in story {
        centre.go_to(callcore::base::Instant::ZERO + Duration::from_secs(second))?;
        centre.act(&act.parse()?)?;
    }
    while centre.exchange().calls_live() > 0 && centre.step()? {}

    for entry in centre.take_entries() {
        let second = entry.at.as_millis() / 1000;
        match entry.fact {
            Fact::Arrived { calling, called, .. } => println!("{second:>3} s  {calling} calls {called}"),
            Fact::NodeEntered { flow, node } => println!("{second:>3} s  hears node {node} of flow {flow}"),
            Fact::DigitReceived { digit } => println!("{second:>3} s  presses {digit}"),
            Fact::Queued { queue } => println!("{second:>3} s  waits in {queue}"),
            Fact::Dequeued { end, wait_ms, .. } => {
                println!("{second:>3} s  {end:?} after {} s", wait_ms / 1000)
            }
            Fact::Ended { by, .. } => println!("{second:>3} s  the end, by {by:?}"),
            _ => {}
        }
    }
    Ok(())
}
