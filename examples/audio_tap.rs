//! The samples of a call, both ways: measures how loud the caller is, and says a tone of 440 Hz meanwhile. In real time, with a
//! simulated person.
//!
//! `cargo run -p callcore-examples --bin audio_tap`

use callcore::board::Cause;
use callcore::call::CallId;
use callcore::exchange::{Command, Event};
use callcore::media::Rate;
use callcore::shell::{AudioPort, Handle};
use std::error::Error;
use std::f64::consts::TAU;
use std::path::Path;
use std::time::Duration;

const CONFIG: &str = r#"
    [[device]]
    name = "sim"
    driver = "sim"
    config = { trunks = 1, people = "manual" }
    [[trunk_group]]
    name = "city"
    device = "sim"
    channels = [0, 0]
    [[route]]
    to = "application"
"#;

/// Samples of 20 ms, in which sound comes.
const FRAME: usize = 160;
/// Most that is said ahead, a fifth of a second: whatever is said next is heard soon.
const AHEAD: u64 = 1_600;

fn main() -> Result<(), Box<dyn Error>> {
    let loaded =
        callcore_config::load("audio_tap", CONFIG, Path::new("")).map_err(|wrong| wrong.to_string())?;
    let (node, events) = callcore_config::start_with(&loaded, Handle::events)?;
    let handle = node.handle();
    handle.act("sim", "channel 0 calls 8000 from 13800000000")?;
    for event in events {
        match event {
            Event::Offered { call, .. } => drop(handle.command(Command::Answer { call })?),
            Event::Answered { call } => talk(&handle, call)?,
            Event::Ended { .. } => break,
            _ => {}
        }
    }
    println!("the call has ended");
    node.stop()?;
    Ok(())
}

fn talk(handle: &Handle, call: CallId) -> Result<(), Box<dyn Error>> {
    println!("answered");
    let port = handle.open_audio(Rate::Narrow)?;
    handle.command(Command::ConnectAudio { call, port: Some(port.channel()) })?;
    let mut tap = Tap { port, said: 0, heard: 0 };
    handle.act("sim", "channel 0 talks")?;
    tap.wait_until(true);
    println!("the caller speaks");
    handle.act("sim", "channel 0 silent")?;
    tap.wait_until(false);
    println!("the caller is silent");
    handle.command(Command::Release { call, cause: Cause::NORMAL })?;
    Ok(())
}

/// A port, and how many samples have gone each way.
struct Tap {
    port: AudioPort,
    said: u64,
    heard: u64,
}

impl Tap {
    /// Move sound until the caller is loud, or is not, for half a second at a stretch.
    fn wait_until(&mut self, is_loud: bool) {
        let mut frames = 0;
        while frames < 25 {
            self.say();
            match self.hear() {
                Some(level) if (level > 0.01) == is_loud => frames += 1,
                Some(_) => frames = 0,
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// How loud the caller's next frame is, 0 to 1; none if it has not come yet.
    fn hear(&mut self) -> Option<f64> {
        let mut samples = [0; FRAME];
        let came = self.port.read(&mut samples);
        self.heard += came as u64;
        let power: f64 = samples[..came].iter().map(|sample| (f64::from(*sample) / 32_768.0).powi(2)).sum();
        (came > 0).then(|| (power / came as f64).sqrt())
    }

    /// A tone, in step with what is heard.
    fn say(&mut self) {
        while self.said < self.heard + AHEAD {
            let sample = |at: u64| (8_000.0 * (TAU * 440.0 * at as f64 / 8_000.0).sin()) as i16;
            let frame: [i16; FRAME] = std::array::from_fn(|at| sample(self.said + at as u64));
            let taken = self.port.write(&frame);
            self.said += taken as u64;
            if taken < FRAME {
                return;
            }
        }
    }
}
