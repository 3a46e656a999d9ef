//! A program that answers the phone: a simulated caller rings, hears a greeting, and is released.
//!
//! `cargo run -p callcore-examples --bin answer`

use callcore::board::Cause;
use callcore::exchange::{Command, Event};
use callcore::sim::{Centre, CentreConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut centre =
        Centre::new(CentreConfig::for_program(2, 0)).map_err(|problems| format!("{problems:?}"))?;

    centre.act(&"channel 0 calls 8000 from 13800000000".parse()?)?;
    let mut requests = 0;
    while let Some(event) = centre.next_event()? {
        let command = match event {
            Event::Offered { call, incoming, .. } => {
                println!("{} calls {}", incoming.calling, incoming.called);
                Command::Answer { call }
            }
            Event::Answered { call } => Command::Play { call, prompts: vec!["greeting".into()] },
            Event::Played { call, .. } => {
                println!("the greeting is over");
                Command::Release { call, cause: Cause::NORMAL }
            }
            _ => continue,
        };
        requests += 1;
        centre.command(requests, command)?;
    }
    let record = centre.last_record().ok_or("the call has a record")?;
    println!(
        "the call took {} ms and ended with cause {}",
        record.duration_ms,
        record.cause.as_deref().unwrap_or("?")
    );
    Ok(())
}
