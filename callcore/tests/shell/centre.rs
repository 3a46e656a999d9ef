//! A small centre on the simulator driver, through the real shell: the common ground of these tests.

use callcore::call::CallId;
use callcore::exchange::{Config, Event};
use callcore::shell::{BuiltIn, DeviceSettings, Handle, Node, Settings};
use callcore_driver_sdk::negotiate_fn;
use callcore_driver_sim::SimDriver;
use serde_json::{Value, json};
use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Nothing in these tests takes that long on a machine that is alive.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A running node and its folder.
pub(crate) struct Centre {
    pub(crate) node: Node,
    pub(crate) handle: Handle,
    pub(crate) folder: TempDir,
}

/// A PCM file of 8000 samples a second: a tone, so that it is not silence.
pub(crate) fn write_prompt(folder: &Path, name: &str, ms: usize) {
    let samples: Vec<u8> =
        (0..ms * 8).flat_map(|n| ((f64::sin(n as f64 * 0.35) * 8000.0) as i16).to_le_bytes()).collect();
    let mut file = Vec::new();
    let length = samples.len() as u32;
    file.extend(b"RIFF");
    file.extend((36 + length).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(8000u32.to_le_bytes());
    file.extend(16000u32.to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(length.to_le_bytes());
    file.extend(samples);
    std::fs::create_dir_all(folder).expect("a temporary folder can be written");
    std::fs::write(folder.join(format!("{name}.wav")), file).expect("a temporary folder can be written");
}

/// The configuration: 8000 is a menu, its key 2 leads to a queue that one agent serves; 9000 is the application's.
pub(crate) fn config() -> Config {
    let config = json!({
        "hold_music": "music",
        "extension": [{"number": "1001", "name": "Anna", "device": "sim", "channel": 4}],
        "agent": [{"id": "1", "name": "Anna", "extension": "1001", "queues": ["support"], "login": "at_start"}],
        "queue": [{"name": "support", "music": "music"}],
        "route": [
            {"called": "8000", "to": "flow:main"},
            {"called": "9000", "to": "application"},
        ],
        "flow": {"main": {"start": "menu", "node": {
            "menu": {"type": "play_option", "prompts": ["welcome", "menu"], "options": {"2": "queue:support"}},
        }}},
    });
    serde_json::from_value(config).expect("the configuration is right")
}

/// Four lines and four phones, whose people do what they are told.
pub(crate) fn sim(extra: &Value) -> DeviceSettings {
    let mut config = json!({"people": "manual", "trunks": 4, "extensions": 4});
    if let (Value::Object(all), Value::Object(more)) = (&mut config, extra) {
        all.extend(more.clone());
    }
    DeviceSettings::new("sim", "sim", config)
}

/// Settings for a folder, with the simulator built in.
pub(crate) fn settings(folder: &Path, speed: f64) -> Settings {
    let built_in = vec![BuiltIn { name: "sim", negotiate: negotiate_fn::<SimDriver>() }];
    Settings { built_in, devices: vec![sim(&Value::Null)], speed, ..Settings::new(folder) }
}

/// A folder with the prompts of [`config`].
pub(crate) fn folder() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder can be made");
    for (name, ms) in [("welcome", 400), ("menu", 600), ("music", 1000)] {
        write_prompt(&folder.path().join("prompts"), name, ms);
    }
    folder
}

impl Centre {
    /// Start with this speed.
    pub(crate) fn start(speed: f64) -> Self {
        Self::start_with(speed, |_| {})
    }

    /// Start with another configuration.
    pub(crate) fn start_with(speed: f64, change: impl FnOnce(&mut Config)) -> Self {
        let (folder, mut config) = (folder(), config());
        change(&mut config);
        let node = Node::start(config, settings(folder.path(), speed)).expect("everything is right");
        let centre = Self { handle: node.handle(), node, folder };
        centre.until("the device is there", |handle| handle.snapshot().devices.len() == 1);
        centre
    }

    /// Let somebody do something.
    pub(crate) fn act(&self, line: &str) {
        self.handle.act("sim", line).unwrap_or_else(|why| panic!("\"{line}\": {why}"));
    }

    /// Wait until something is so.
    pub(crate) fn until(&self, what: &str, is_so: impl Fn(&Handle) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !is_so(&self.handle) {
            assert!(
                Instant::now() < deadline,
                "not so in time: {what}; {:?} {:#?}",
                self.handle.stats(),
                self.handle.snapshot()
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Wait for the only call that there is.
    pub(crate) fn call(&self) -> CallId {
        let id = Cell::new(None);
        self.until("its call is there", |handle| {
            let calls = &handle.snapshot().calls;
            id.set((calls.len() == 1).then(|| calls[0].id));
            id.get().is_some()
        });
        id.get().expect("just seen")
    }

    /// Wait until a channel of the device is in this state.
    pub(crate) fn until_channel(&self, index: usize, state: &str) {
        let what = format!("channel {index} is {state}");
        self.until(&what, |handle| handle.snapshot().devices[0].channels[index].state == state);
    }

    /// Wait until the call of a number is with a controller.
    pub(crate) fn until_controller(&self, controller: &str) {
        self.until(controller, |handle| {
            handle.snapshot().calls.iter().any(|call| call.controller == controller)
        });
    }

    /// Wait for an event.
    pub(crate) fn event(
        events: &crossbeam_channel::Receiver<Event>,
        what: &str,
        fits: impl Fn(&Event) -> bool,
    ) -> Event {
        let deadline = Instant::now() + LIMIT;
        loop {
            match events.recv_deadline(deadline) {
                Ok(event) if fits(&event) => return event,
                Ok(_) => {}
                Err(why) => panic!("no {what}: {why}"),
            }
        }
    }
}
