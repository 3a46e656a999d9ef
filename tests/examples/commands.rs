//! What a command and an event cost a program in Rust, in virtual time: the measure for the languages bound to the library.
//!
//! `tests/load/binding_cost.py` runs it and compares. Prints `command_ns` and `event_ns`, the least of several rounds.

use callcore::exchange::Command;
use callcore::sim::{Centre, CentreConfig};
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 50;
const COMMANDS: u32 = 2_000;

fn main() {
    let mut config = CentreConfig::support(2, 1, 1);
    config.keep_entries = true;
    let mut centre = Centre::new(config).expect("a ready-made centre is right");
    let (mut command, mut event) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        for number in 0..COMMANDS {
            centre.command(number.into(), agent(number)).expect("from the state it is in");
        }
        command = command.min(begin.elapsed());
        black_box(centre.take_entries());
        let begin = Instant::now();
        let events = centre.take_events();
        assert_eq!(events.len(), COMMANDS as usize, "each command is done once");
        black_box(events);
        event = event.min(begin.elapsed());
    }
    println!("command_ns {}", command.as_nanos() / u128::from(COMMANDS));
    println!("event_ns {}", event.as_nanos() / u128::from(COMMANDS));
}

/// The agent takes no calls, and takes calls again.
fn agent(number: u32) -> Command {
    let agent = "1".to_owned();
    match number % 2 {
        0 => Command::AgentNotReady { agent, reason: "pause".to_owned() },
        _ => Command::AgentReady { agent },
    }
}
