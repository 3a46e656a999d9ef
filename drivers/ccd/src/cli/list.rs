//! `ccd list`: which drivers are where, and what is wrong with those that cannot be used.

use super::{BROKEN, FINE};
use crate::raw::{Entry, Offer};
use callcore_driver_host::discover::{AbiRange, Found, Isolation, Search, discover};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// List the drivers that manifests (*.ccdrv.json) announce: in CALLCORE_DRIVER_PATH and the folders of the system.
///
/// Ends with 1 when one of them cannot be used.
#[derive(Args)]
pub(super) struct List {
    /// Look in these folders instead.
    folders: Vec<PathBuf>,
    /// Load nothing: what the manifests say is all that is shown.
    #[arg(long)]
    unloaded: bool,
    /// Ask this library who it is, in this process.
    #[arg(long, hide = true)]
    ask: Option<PathBuf>,
}

/// Who a library says it is.
#[derive(Serialize, Deserialize)]
struct Identity {
    name: String,
    vendor: String,
    version: String,
    settings: Vec<String>,
}

impl List {
    pub(super) fn run(self) -> Result<u8, String> {
        if let Some(library) = &self.ask {
            println!("{}", serde_json::to_string(&identity(library)?).map_err(|why| why.to_string())?);
            return Ok(FINE);
        }
        let search = match self.folders.as_slice() {
            [] => Search::default(),
            folders => Search { folders: folders.to_vec() },
        };
        let all = discover(&search);
        if all.is_empty() {
            let folders: Vec<_> = search.folders.iter().map(|folder| folder.display().to_string()).collect();
            println!("no driver is announced (*.ccdrv.json) in {}", folders.join(", "));
        }
        let mut is_fine = true;
        for found in &all {
            is_fine &= self.show(found);
        }
        Ok(if is_fine { FINE } else { BROKEN })
    }

    /// Shows one; whether it can be used.
    fn show(&self, found: &Found) -> bool {
        let Ok(manifest) = &found.manifest else {
            println!("{}\n  refused: {}", found.path.display(), reason(found));
            return false;
        };
        let library = found.library().unwrap_or_default();
        let isolation =
            if manifest.isolation == Isolation::Process { ", in a process of its own" } else { "" };
        println!("{}  ABI {}{isolation}", manifest.id, range(manifest.abi));
        println!("  manifest  {}\n  library   {}", found.path.display(), library.display());
        if found.refused.is_some() {
            println!("  refused   {}", reason(found));
            return false;
        }
        if self.unloaded {
            return true;
        }
        match ask(&library) {
            Ok(Identity { name, vendor, version, settings }) => {
                println!("  driver    {name} {version} by {vendor}");
                if !settings.is_empty() {
                    println!("  settings  {}", settings.join(", "));
                }
                true
            }
            Err(why) => {
                println!("  refused   {why}");
                false
            }
        }
    }
}

fn reason(found: &Found) -> String {
    found.refused.as_ref().map_or_else(String::new, ToString::to_string)
}

fn range(abi: AbiRange) -> String {
    let version = |abi: u32| match abi & 0xFFFF {
        0xFFFF => format!("{}.x", abi >> 16),
        minor => format!("{}.{minor}", abi >> 16),
    };
    if abi.min == abi.max {
        version(abi.min)
    } else {
        format!("{} to {}", version(abi.min), version(abi.max))
    }
}

/// Asks a library who it is, in a process of its own: loading runs its code.
fn ask(library: &Path) -> Result<Identity, String> {
    let program = std::env::current_exe().map_err(|why| why.to_string())?;
    let asked = Command::new(program).args(["list", "--ask"]).arg(library).stdin(Stdio::null()).output();
    let output = asked.map_err(|why| why.to_string())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let said = said.strip_prefix("ccd: ").unwrap_or(&said).to_owned();
        return Err(if said.is_empty() {
            format!("it ended the process that asked it ({})", output.status)
        } else {
            said
        });
    }
    let last = String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default().to_owned();
    serde_json::from_str(&last).map_err(|why| format!("it did not say who it is: {why}"))
}

fn identity(library: &Path) -> Result<Identity, String> {
    let entry = Entry::load(library).map_err(|why| why.to_string())?;
    let answer = entry.negotiate(Offer { flags: 4, ..Offer::default() }, 64);
    let driver = entry.driver()?;
    let [_, name, vendor, version] = answer.texts.map(Option::unwrap_or_default);
    let schema = driver.schema().and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    let properties = schema.and_then(|schema| schema["properties"].as_object().cloned());
    let settings = properties.into_iter().flatten().map(|(name, _)| name).collect();
    Ok(Identity { name, vendor, version, settings })
}
