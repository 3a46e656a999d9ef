//! A program that answers the phone: a simulated caller rings, hears the welcome, and is released. The one in C also takes real calls.
//!
//! `cargo run -p callcore-examples --bin answer`

use callcore::board::Cause;
use callcore::exchange::{Command, Event};
use callcore::sim::{Centre, CentreConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut centre =
        Centre::new(CentreConfig::for_program(2, 0)).map_err(|problems| format!("{problems:?}"))?;

    centre.act(&"channel 0 calls 8000 from 13800000000".parse()?)?;
    println!("waiting for calls");
    let mut requests = 0;
    while let Some(event) = centre.next_event()? {
        let command = match event {
            Event::Offered { call, incoming, .. } => {
                println!("{} calls", incoming.calling);
                Command::Answer { call }
            }
            Event::Answered { call } => {
                println!("answered");
                Command::Play { call, prompts: vec!["welcome".into()] }
            }
            Event::Played { call, .. } => {
                println!("the welcome is over");
                Command::Release { call, cause: Cause::NORMAL }
            }
            Event::Ended { cause, .. } => {
                println!("the call has ended with cause {}", cause.q850);
                continue;
            }
            _ => continue,
        };
        requests += 1;
        centre.command(requests, command)?;
    }
    Ok(())
}
