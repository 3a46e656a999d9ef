//! From a checked configuration to a running node, and back down when a signal says so.

use crate::config::Loaded;
use crate::output::End;
use crate::prompts;
use callcore::shell::{BuiltIn, DeviceSettings, Failed, LoadError, Node, Settings};
use callcore_driver_sdk::sys::CCD_E_CONFIG;
use callcore_driver_sdk::{Driver, negotiate_fn};
use callcore_driver_sim::SimDriver;
use callcore_driver_sip::SipDriver;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};

/// The names of the built-in drivers in configurations.
pub(crate) const SIM: &str = "sim";
pub(crate) const SIP: &str = "sip";

/// Start what the configuration describes.
///
/// # Errors
/// What does not fit or cannot be had: ports in use, folders that cannot be written, prompts that cannot be played.
pub(crate) fn start(loaded: &Loaded) -> Result<Node, End> {
    let settings = settings(loaded)?;
    Node::start(loaded.core.clone(), settings).map_err(|why| ended(loaded, &why))
}

fn ended(loaded: &Loaded, why: &Failed) -> End {
    match why {
        Failed::Config(_) | Failed::Setting { .. } => End::Wrong(format!("{}: {why}", loaded.name)),
        Failed::Device { device, why: LoadError::Refused { text, code, .. } } if *code == CCD_E_CONFIG => {
            End::Wrong(wrong_setting(loaded, device, text))
        }
        Failed::Device { .. } if why.to_string().contains("Address already in use") => End::failed(format!(
            "{why}; another program uses it: end that one, or change it in [device.config]"
        )),
        _ => End::failed(why.to_string()),
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

fn settings(loaded: &Loaded) -> Result<Settings, End> {
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
            name: device.name.clone(),
            driver: device.driver.clone(),
            config: device.config.clone(),
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
pub(crate) fn prompts_folder(loaded: &Loaded) -> Result<PathBuf, End> {
    if let Some(folder) = &loaded.node.prompts_dir {
        return Ok(folder.clone());
    }
    let folder = Settings::new(&loaded.node.data_dir).prompts_dir;
    prompts::unpack(&folder).map_err(|why| {
        let folder = folder.display();
        End::failed(format!(
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
    serde_json::from_slice(schema.to_bytes()).ok()
}

/// Something comes out of it for each SIGINT (Ctrl-C) and SIGTERM, which then no longer kill the program.
///
/// # Errors
/// Why signals cannot be caught.
pub(crate) fn signals() -> Result<Receiver<()>, End> {
    let cannot = |why| End::failed(format!("cannot catch signals: {why}"));
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(cannot)?;
    let (to, from) = channel();
    let wait = move || {
        for _ in signals.forever() {
            if to.send(()).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).map_err(cannot)?;
    Ok(from)
}
