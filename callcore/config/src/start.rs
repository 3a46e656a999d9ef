//! From a checked configuration to a running node.

use crate::{Loaded, voice};
use callcore::shell::{BuiltIn, DeviceSettings, Failed, Handle, LoadError, Node, Settings};
use callcore::sim::model::WorldConfig;
use callcore_driver_host::config;
use callcore_driver_sdk::sys::{CCD_E_CONFIG, CCD_E_GONE};
use callcore_driver_sdk::{Driver, negotiate_fn};
use callcore_driver_sim::{SimDriver, Source};
use callcore_driver_sip::SipDriver;
use std::path::PathBuf;

/// The names of the built-in drivers in configurations.
pub const SIM: &str = "sim";
/// See [`SIM`].
pub const SIP: &str = "sip";

/// Why a centre does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration does not fit the machine or its own devices; with file and line where it has one.
    #[error("{0}")]
    Wrong(String),
    /// Something in the world.
    #[error("{0}")]
    Failed(String),
}

/// The simulated lines and people of a centre in virtual time, those of its one device, which must be the simulator; and how
/// many milliseconds a prompt lasts there.
///
/// # Errors
/// There is another device, or a setting is wrong.
pub fn world(loaded: &Loaded) -> Result<(WorldConfig, u64), StartError> {
    let [device] = loaded.devices.as_slice() else { return Err(no_world(loaded)) };
    if device.driver != SIM || device.name != SIM {
        return Err(no_world(loaded));
    }
    let wrong = |why: callcore_driver_sdk::Error| StartError::Wrong(wrong_setting(loaded, SIM, &why.text));
    let settings = Tree(&device.config);
    let world = callcore_driver_sim::world(&settings).map_err(wrong)?;
    Ok((world, callcore_driver_sim::prompt_ms(&settings).map_err(wrong)?))
}

fn no_world(loaded: &Loaded) -> StartError {
    StartError::Wrong(format!(
        "{}: virtual time has one device: [[device]] name = \"sim\", driver = \"sim\"",
        loaded.name
    ))
}

/// A driver's settings as a tree.
struct Tree<'a>(&'a serde_json::Value);

impl Source for Tree<'_> {
    fn int(&self, path: &str) -> Result<Option<i64>, callcore_driver_sdk::Error> {
        set(config::int(self.0, path), path, "a whole number")
    }

    fn text(&self, path: &str) -> Result<Option<String>, callcore_driver_sdk::Error> {
        set(config::text(self.0, path), path, "a text")
    }
}

fn set<T>(found: Result<T, i32>, path: &str, wanted: &str) -> Result<Option<T>, callcore_driver_sdk::Error> {
    match found {
        Ok(value) => Ok(Some(value)),
        Err(CCD_E_GONE) => Ok(None),
        Err(_) => Err(callcore_driver_sdk::Error::config(format!("{path}: this setting must be {wanted}"))),
    }
}

/// Start what the configuration describes.
///
/// # Errors
/// What does not fit or cannot be had: ports in use, folders that cannot be written, prompts that cannot be played.
pub fn start(loaded: &Loaded) -> Result<Node, StartError> {
    start_with(loaded, |_| ()).map(|(node, ())| node)
}

/// The same, and what `first` takes of the node before anything happens, as with [`Node::start_with`].
///
/// # Errors
/// Those of [`start`].
pub fn start_with<T>(loaded: &Loaded, first: impl FnOnce(&Handle) -> T) -> Result<(Node, T), StartError> {
    let settings = settings(loaded)?;
    Node::start_with(loaded.core.clone(), settings, first).map_err(|why| ended(loaded, &why))
}

fn ended(loaded: &Loaded, why: &Failed) -> StartError {
    match why {
        Failed::Config(_) | Failed::Setting { .. } => StartError::Wrong(format!("{}: {why}", loaded.name)),
        Failed::Device { device, why: LoadError::Refused { text, code, .. } } if *code == CCD_E_CONFIG => {
            StartError::Wrong(wrong_setting(loaded, device, text))
        }
        Failed::Device { .. } if why.to_string().contains("Address already in use") => StartError::Failed(
            format!("{why}; another program uses it: end that one, or change it in [device.config]"),
        ),
        _ => StartError::Failed(why.to_string()),
    }
}

/// A driver's complaint `endpoints.0.address: ...` with the line of that setting.
fn wrong_setting(loaded: &Loaded, device: &str, text: &str) -> String {
    let place = loaded.devices.iter().position(|it| it.name == device).unwrap_or_default();
    let (path, what) = text.split_once(": ").unwrap_or(("", text));
    let steps = path.split('.').map(|step| match step.parse::<usize>() {
        Ok(number) => format!("[{number}]"),
        Err(_) => format!(".{step}"),
    });
    let path = format!("device[{place}].config{}", steps.collect::<String>());
    format!("{}: {path}: {what}", loaded.place_of(&path))
}

fn settings(loaded: &Loaded) -> Result<Settings, StartError> {
    let node = &loaded.node;
    let mut settings = Settings::new(&node.data_dir);
    settings.prompts_dir = prompts_folder(loaded)?;
    settings.prompts = loaded.prompts.options();
    settings.country.clone_from(&node.country);
    settings.journal_sync = node.journal_sync;
    settings.devices = loaded
        .devices
        .iter()
        .map(|device| DeviceSettings {
            layers: device.layers.clone(),
            ..DeviceSettings::new(&device.name, &device.driver, device.config.clone())
        })
        .collect();
    settings.built_in = vec![
        BuiltIn { name: SIM, negotiate: negotiate_fn::<SimDriver>() },
        BuiltIn { name: SIP, negotiate: negotiate_fn::<SipDriver>() },
    ];
    Ok(settings)
}

/// The folder of prompts; the built-in ones are put into it where no other folder is named.
///
/// # Errors
/// It cannot be written.
pub fn prompts_folder(loaded: &Loaded) -> Result<PathBuf, StartError> {
    if let Some(folder) = &loaded.node.prompts_dir {
        return Ok(folder.clone());
    }
    let folder = Settings::new(&loaded.node.data_dir).prompts_dir;
    voice::unpack(&folder).map_err(|why| {
        let folder = folder.display();
        StartError::Failed(format!(
            "cannot write {folder}: {why}; set data_dir in [node] to a folder that can be written"
        ))
    })?;
    Ok(folder)
}

/// What a built-in driver says of its settings, as JSON Schema.
pub(crate) fn schema(driver: &str) -> Option<serde_json::Value> {
    let schema = match driver {
        SIM => SimDriver::INFO.config_schema,
        SIP => SipDriver::INFO.config_schema,
        _ => return None,
    };
    Some(serde_json::from_slice(schema.to_bytes()).expect("the tests of this crate use the schemas of both"))
}
