//! A program that answers the phone: a simulated caller rings, hears a greeting, and is released.
//!
//! `cargo run -p callcore-examples --bin answer`

use callcore::board::Cause;
use callcore::call::Target;
use callcore::exchange::{Command, Event};
use callcore::sim::{Centre, CentreConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut config = CentreConfig::support(2, 0, 1);
    config.exchange.route[0].to = Target::Application;
    config.world.by_hand = true;
    config.keep_entries = true;
    let mut centre = Centre::new(config).map_err(|problems| format!("{problems:?}"))?;

    centre.act(&"channel 0 calls 8000 from 13800000000".parse()?)?;
    let mut requests = 0;
    while centre.exchange().calls_live() > 0 {
        for event in centre.take_events() {
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
        centre.step()?;
    }
    let record = centre.last_record().ok_or("the call has a record")?;
    println!(
        "the call took {} ms and ended with cause {}",
        record.duration_ms,
        record.cause.as_deref().unwrap_or("?")
    );
    Ok(())
}
