//! What the shell is told at its start: folders, devices, the clock's speed. The core's configuration is apart.

use super::journal::JournalSync;
use super::prompts::PromptOptions;
use callcore_driver_host::discover::Search;
use callcore_driver_host::layer::Layer;
use callcore_driver_sys::ccd_negotiate_fn;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of a node.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the journal and the store are.
    pub data_dir: PathBuf,
    /// Where the prompts are: every WAV file in it, named without `.wav`; those of a language in a folder of its name.
    /// It need not exist.
    pub prompts_dir: PathBuf,
    /// How prompts are kept, and which command speaks texts.
    pub prompts: PromptOptions,
    /// Where recordings go.
    pub recordings_dir: PathBuf,
    /// Whose tones callers hear: `cn us gb de fr jp au in`.
    pub country: String,
    /// The devices, in the order in which they are opened and numbered.
    pub devices: Vec<DeviceSettings>,
    /// Drivers that are part of the program.
    pub built_in: Vec<BuiltIn>,
    /// Where installed drivers are looked for.
    pub search: Search,
    /// How fast the clock runs: 1.0, or more in tests and demonstrations. Real devices know only 1.0.
    pub speed: f64,
    /// How long a driver may keep a call or a frame before its device is given up.
    pub stuck_after: Duration,
    /// How many channels devices may have that are added while the node runs.
    pub spare_channels: usize,
    /// How hard the journal holds on to facts.
    pub journal_sync: JournalSync,
}

impl Settings {
    /// Settings for a folder, with no devices yet: prompts in `prompts` and recordings in `recordings` below it.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        let data_dir = data_dir.into();
        Self {
            prompts_dir: data_dir.join("prompts"),
            recordings_dir: data_dir.join("recordings"),
            prompts: PromptOptions::default(),
            data_dir,
            country: "cn".to_owned(),
            devices: Vec::new(),
            built_in: Vec::new(),
            search: Search::default(),
            speed: 1.0,
            stuck_after: Duration::from_secs(10),
            spare_channels: 256,
            journal_sync: JournalSync::default(),
        }
    }
}

/// A driver that is part of the program; it goes through the same contract as a loaded one.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// Its name in [`DeviceSettings::driver`].
    pub name: &'static str,
    /// Its entry.
    pub negotiate: ccd_negotiate_fn,
}

/// One device.
#[derive(Clone, Debug)]
pub struct DeviceSettings {
    /// Its name in the core's configuration.
    pub name: String,
    /// The name of a built-in driver, the id or name of an installed one, or the path of a library.
    pub driver: String,
    /// What the driver is told. A `uid` chooses among several devices that the driver finds.
    pub config: serde_json::Value,
    /// What stands between the host and the device, the first of them next to the host.
    pub layers: Vec<Layer>,
}

impl DeviceSettings {
    /// A device without layers.
    #[must_use]
    pub fn new(name: &str, driver: &str, config: serde_json::Value) -> Self {
        Self { name: name.to_owned(), driver: driver.to_owned(), config, layers: Vec::new() }
    }
}
