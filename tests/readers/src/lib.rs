//! What reads bytes from outside, each reader as a function that any bytes can be given to; and what programs in C may do, as bytes
//! choose it. `fuzz/` lets cargo-fuzz look for
//! the bytes; `tests/damaged.rs` gives each a bounded number that are the same in every run.

use callcore::base::language;
use callcore::board::Digit;
use callcore::ivr::{Flow, FlowConfig, Happened, Session};
use callcore::media::Prompt;
use callcore::media::prompt::{Forms, Sound, WavCoding};
use callcore::shell::prompts::PromptKey;
use callcore::sim::scenario::Scenario;
use callcore_driver_host::discover::Manifest;
use callcore_driver_sip::fuzz as sip;
use std::path::Path;
use std::sync::Arc;

/// A reader.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its file in `fuzz/targets`.
    pub name: &'static str,
    /// Reads the bytes, and panics when a promise is broken.
    pub read: fn(&[u8]),
    /// What others are made of: files and folders below the top of the repository.
    pub seeds: &'static [&'static str],
}

/// All readers.
pub const TARGETS: &[Target] = &[
    Target { name: "sip_message", read: sip::message, seeds: &["fuzz/seeds/sip_message"] },
    Target { name: "sip_description", read: sip::description, seeds: &["fuzz/seeds/sip_description"] },
    Target { name: "sip_header", read: sip::header, seeds: &["fuzz/seeds/sip_header"] },
    Target { name: "sip_relayed_key", read: sip::relayed_key, seeds: &["fuzz/seeds/sip_relayed_key"] },
    Target { name: "rtp", read: sip::rtp, seeds: &["fuzz/seeds/rtp"] },
    Target { name: "telephone_event", read: sip::telephone_event, seeds: &["fuzz/seeds/telephone_event"] },
    Target { name: "prompt", read: prompt, seeds: &["fuzz/seeds/prompt", "callcore/tests/sounds"] },
    Target { name: "prompt_name", read: prompt_name, seeds: &["fuzz/seeds/prompt_name"] },
    Target {
        name: "journal_line",
        read: callcore::shell::journal::fuzz_line,
        seeds: &["fuzz/seeds/journal_line"],
    },
    Target { name: "config", read: config, seeds: &["callcore/config/example.toml"] },
    Target {
        name: "manifest",
        read: manifest,
        seeds: &["drivers/sip/callcore_sip.ccdrv.json", "drivers/sim/callcore_sim.ccdrv.json"],
    },
    Target { name: "flow", read: flow, seeds: &["fuzz/seeds/flow"] },
    Target { name: "scenario", read: scenario, seeds: &["tests/scenarios"] },
    Target { name: "c_calls", read: callcore_ffi_monkey::calls, seeds: &["fuzz/seeds/c_calls"] },
];

/// Sound that is longer is read, but not brought to other rates.
const RESAMPLED_SECONDS_MAX: usize = 2;

/// A sound file of any kind: what is read can be written as a WAV file that sounds the same, and played.
pub fn prompt(bytes: &[u8]) {
    let Ok(sound) = Sound::read(bytes) else { return };
    let again = Sound::read(&sound.to_wav(WavCoding::Pcm16)).expect("our own file can be read");
    assert_eq!((again.rate_hz, &again.samples), (sound.rate_hz, &sound.samples));
    if sound.samples.len() <= RESAMPLED_SECONDS_MAX * sound.rate_hz as usize {
        let prompt = Prompt::of(&sound, Forms { wide: true, full: false, alaw: true, mulaw: true });
        assert!(prompt.samples.len() <= 8000 * (RESAMPLED_SECONDS_MAX + 1));
    }
}

/// The name of a prompt: written, it is the same one, in no other folder. And a language, which is written in one way.
pub fn prompt_name(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(key) = text.parse::<PromptKey>() {
        assert!(key.to_string().parse() == Ok(key.clone()), "{key}");
        assert!(!key.name().starts_with('.') && !key.name().contains(['/', '\\']), "{key}");
    }
    if let Ok(written) = language::canonical(text) {
        assert_eq!(language::canonical(&written).as_ref(), Ok(&written));
    }
}

/// A configuration file, TOML or JSON: what is wrong is told with the file's name.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(report) = callcore_config::load_any("config", text, Path::new("")) {
        assert!(report.to_string().starts_with("config:"), "{report}");
    }
}

/// A driver's manifest: written, it is the same.
pub fn manifest(bytes: &[u8]) {
    let Ok(mut manifest) = serde_json::from_slice::<Manifest>(bytes) else { return };
    // a fraction may lose its last bit
    manifest.config = serde_json::Value::Null;
    let written = serde_json::to_string(&manifest).expect("it has a JSON form");
    assert_eq!(serde_json::from_str::<Manifest>(&written).as_ref().ok(), Some(&manifest));
}

/// A flow, as JSON: what compiles runs to its end or waits, whatever is pressed.
pub fn flow(bytes: &[u8]) {
    let Ok(config) = serde_json::from_slice::<FlowConfig>(bytes) else { return };
    let flow = match Flow::compile("main", &config) {
        Ok(flow) => Arc::new(flow),
        Err(problems) => {
            assert!(problems.iter().all(|problem| problem.to_string().starts_with("flow.main.")));
            return;
        }
    };
    for key in "123456789*0#ABCD".bytes().filter_map(Digit::new) {
        let mut session = Session::new(Arc::clone(&flow));
        session.handle(Happened::Started);
        for happened in [
            Happened::Played,
            Happened::Digit(key),
            Happened::InterDigitTimeout,
            Happened::Digit(key),
            Happened::Played,
            Happened::FirstDigitTimeout,
        ] {
            session.handle(happened);
        }
    }
}

/// A scenario: what is wrong is told with its line.
pub fn scenario(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(why) = Scenario::parse(text) {
        assert!(why.starts_with("line "), "{why}");
    }
}
