//! A simulated caller rings, is answered, presses 1 and hears the music of a queue.
use callcore::exchange::{Command, Event};
use callcore::sim::{Centre, CentreConfig};
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut centre = Centre::new(CentreConfig::for_program(2, 0)).map_err(|wrong| format!("{wrong:?}"))?;
    let queue: callcore::call::Target = "queue:support".parse()?;
    centre.act(&"channel 0 calls 8000 from 13800000000".parse()?)?;
    while let Some(event) = centre.next_event()? {
        let said = match &event {
            Event::Offered { incoming, .. } => format!("{} rings", incoming.calling),
            Event::Answered { .. } => "answered".to_owned(),
            Event::Digit { digit, .. } => format!("pressed {}", digit.char()),
            Event::Sent { .. } => "waits in the queue".to_owned(),
            _ => continue,
        };
        println!("{said}");
        match event {
            Event::Offered { call, .. } => centre.command(1, Command::Answer { call })?,
            Event::Answered { .. } => centre.act(&"channel 0 digit 1".parse()?)?,
            Event::Digit { call, .. } => centre.command(2, Command::Send { call, to: queue.clone() })?,
            _ => break,
        }
    }
    Ok(())
}
