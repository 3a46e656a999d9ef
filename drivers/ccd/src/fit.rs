//! Whether settings fit what a driver says of them (`config_schema`), looked at before anything of it is created.

use crate::check::{Check, Ran, Subject, skip};
use callcore_driver_host::{Accepted, Entry, schema};
use serde_json::Value;

/// Loading a library runs its code, so this is done where checks are: in a process of its own. Its note is the list.
pub const CHECK: Check = Check {
    number: 0,
    id: "settings",
    level: 0,
    title: "the settings fit the driver's schema",
    clause: "config_schema: static JSON Schema of the device's configuration.",
    seconds: 20,
    run: fit,
};

fn fit(subject: &Subject) -> Ran {
    let accepted = Entry::load(&subject.path, "").and_then(|entry| entry.negotiate());
    let accepted = accepted.or_else(|why| skip(why.to_string()))?;
    serde_json::to_string(&misfits(&accepted, &subject.config)).or_else(|why| skip(why.to_string()))
}

/// All settings that do not fit: path, what, and what to do. None for a driver without a schema that can be read.
#[must_use]
pub fn misfits(accepted: &Accepted, config: &Value) -> Vec<String> {
    let schema = accepted.schema().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let Some(schema) = schema else { return Vec::new() };
    let mut settings = config.clone();
    if let (None, Some(settings)) = (schema["properties"].get("loopback"), settings.as_object_mut()) {
        // it is said to this tool, whether the driver knows it or not
        settings.remove("loopback");
    }
    schema::misfits(&schema, &settings, "").iter().map(ToString::to_string).collect()
}

/// What is said of a file whose settings do not fit.
///
/// # Errors
/// They do not.
pub fn require_fit(file: &std::path::Path, misfits: &[String]) -> Result<(), String> {
    if misfits.is_empty() {
        return Ok(());
    }
    let (file, lines) = (file.display(), misfits.join("\n  "));
    Err(format!(
        "--config {file} does not fit what the driver says of its settings (config_schema):\n  {lines}"
    ))
}
