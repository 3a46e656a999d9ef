//! Click to dial: Anna clicks on a number. Her own phone rings first; when she has answered, the number is dialled and she is
//! put through to it. In virtual time; people answer as soon as it rings.
//!
//! `cargo run -p callcore-examples --bin click_to_dial`

use callcore::call::{CallId, Fact};
use callcore::exchange::{Command, Event, RequestId};
use callcore::route::OutboundConfig;
use callcore::sim::{Centre, CentreConfig};
use std::error::Error;
use std::time::Duration;

/// What Anna clicks on.
const NUMBER: &str = "02087000000";
/// The command of a click; what comes of it has this number.
const CLICK: RequestId = 1;

fn main() -> Result<(), Box<dyn Error>> {
    // two lines to the outside, then Anna's phone
    let mut config = CentreConfig::for_program(2, 1);
    let outside =
        OutboundConfig { prefix: "0".into(), trunk_group: "city".into(), ..OutboundConfig::default() };
    config.exchange.outbound.push(outside);
    let mut centre = Centre::new(config).map_err(|problems| format!("{problems:?}"))?;

    centre.command(CLICK, Command::Originate { to: "extension:1001".parse()?, calling: NUMBER.into() })?;
    loop {
        let (entries, events) = (centre.take_entries(), centre.take_events());
        // time goes on when nothing is left to do
        if entries.is_empty() && events.is_empty() && !centre.step()? {
            return Ok(());
        }
        for entry in entries {
            on_fact(&mut centre, entry.fact)?;
        }
        for event in events {
            if let Event::Done { request: CLICK, call, failed } = event {
                put_through(&mut centre, call.ok_or_else(|| format!("Anna does not answer: {failed:?}"))?)?;
            }
        }
    }
}

/// Anna has answered.
fn put_through(centre: &mut Centre, call: CallId) -> Result<(), Box<dyn Error>> {
    println!("Anna is there");
    centre.command(CLICK + 1, Command::Send { call, to: format!("number:{NUMBER}").parse()? })?;
    Ok(())
}

/// What people do, and what is seen of it.
fn on_fact(centre: &mut Centre, fact: Fact) -> Result<(), Box<dyn Error>> {
    match fact {
        Fact::LegBegun { number, .. } if number == "1001" => println!("Anna's phone rings"),
        Fact::LegBegun { .. } => println!("the number rings"),
        // what is idle refuses to answer
        Fact::LegAlerting { .. } => centre
            .act(&"channel 2 answers".parse()?)
            .or_else(|_| centre.act(&"channel 1 answers".parse().expect("an act")))?,
        Fact::Bridged { .. } => {
            println!("they talk");
            let moment = centre.now().instant + Duration::from_secs(30);
            centre.go_to(moment)?;
            centre.act(&"channel 2 hangs up".parse()?)?;
        }
        Fact::Ended { .. } => println!("the call is over"),
        _ => {}
    }
    Ok(())
}
