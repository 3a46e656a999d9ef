//! A call centre from one configuration text: read whole, checked whole, every mistake reported with its line; then started
//! with the drivers that are part of callcore, `sip` and `sim`, and any that is loaded.
//!
//! ```text
//! text ─▶ TOML tree ─┬─▶ [node], [prompts], [[device]] ─┐
//!                    └─▶ the core's tables              ─┼─▶ check: names, targets, prompts ─▶ Loaded
//!                        every mistake: path ─▶ line of the tree
//! ```

mod check;
mod place;
mod prompts;
mod read;
mod start;
mod voice;
mod words;

use callcore::base::Problem;
use callcore::exchange::Config;
use callcore::shell::{JournalSync, Layer};
use read::{Mistake, Reading, read};
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::DeTable;

pub use check::named_prompts;
pub use prompts::PromptSettings;
pub use start::{SIM, SIP, StartError, prompts_folder, start, start_with, world};

/// The example that is also what runs without any file.
pub const EXAMPLE: &str = include_str!("../example.toml");
/// How messages name it.
pub const EXAMPLE_NAME: &str = "(built-in example)";

/// `[node]`: where things are on this machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeSettings {
    /// Journal, database and recordings.
    pub data_dir: PathBuf,
    /// The WAV files of prompts; left out: the built-in ones.
    pub prompts_dir: Option<PathBuf>,
    /// Whose tones callers hear, by its ISO 3166 letters.
    #[serde(deserialize_with = "country")]
    pub country: String,
    /// What is logged.
    pub log: Log,
    /// How hard facts are held on to.
    pub journal_sync: JournalSync,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Log {
    /// What failed.
    Error,
    /// And what should not be.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And why.
    Debug,
    /// Everything.
    Trace,
}

/// The letters, if the country's tones are known.
fn country<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let country = callcore::media::Country::deserialize(from)?;
    match serde_json::to_value(country) {
        Ok(serde_json::Value::String(letters)) => Ok(letters),
        _ => Err(serde::de::Error::custom("a country is two letters")),
    }
}

impl Default for NodeSettings {
    fn default() -> Self {
        Self {
            data_dir: "callcore-data".into(),
            prompts_dir: None,
            country: "cn".to_owned(),
            log: Log::default(),
            journal_sync: JournalSync::default(),
        }
    }
}

/// `[[device]]`: one board or SIP stack.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceEntry {
    /// What extensions, trunk groups and routes call it.
    pub name: String,
    /// `sip`, `sim`, or the path of a driver library.
    pub driver: String,
    /// What stands between the server and the device, the first of them next to the server.
    #[serde(default)]
    pub layers: Vec<Layer>,
    /// What the driver reads; the server only adds the extensions to it.
    #[serde(default = "nothing")]
    pub config: serde_json::Value,
}

fn nothing() -> serde_json::Value {
    serde_json::Value::Object(serde_json::Map::new())
}

/// A configuration without a mistake.
#[derive(Debug)]
pub struct Loaded {
    /// The file's name, for messages.
    pub name: String,
    /// For the core.
    pub core: Config,
    /// For the shell; relative paths are below the file's folder.
    pub node: NodeSettings,
    /// How prompts are kept and spoken.
    pub prompts: PromptSettings,
    /// For the drivers, with the extensions' endpoints.
    pub devices: Vec<DeviceEntry>,
    text: String,
}

impl Loaded {
    /// `FILE:LINE` of a path, or of the nearest part of it that is in the file.
    pub fn place_of(&self, path: &str) -> String {
        let line = DeTable::parse(&self.text).ok().and_then(|tree| {
            let span = place::span_at(tree.get_ref(), path)?;
            Some(place::line_of(&self.text, span.start))
        });
        line.map_or_else(|| self.name.clone(), |line| format!("{}:{line}", self.name))
    }
}

/// Everything that is wrong with a file.
#[derive(Debug)]
pub struct Report {
    name: String,
    lines: Vec<(Option<usize>, String)>,
}

impl Report {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), lines: Vec::new() }
    }

    fn add(&mut self, text: &str, mistake: &Mistake) {
        let line = mistake.span.as_ref().map(|span| place::line_of(text, span.start));
        let path = if mistake.path.is_empty() { String::new() } else { format!("{}: ", mistake.path) };
        self.lines.push((line, format!("{path}{}", mistake.text)));
    }

    fn add_problem(&mut self, text: &str, root: &DeTable<'_>, problem: &Problem) {
        let span = place::span_at(root, &problem.path);
        self.add(text, &Mistake { span, path: problem.path.clone(), text: problem.text.clone() });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.lines.clone();
        lines.sort();
        lines.dedup();
        let mut text: Vec<String> = lines
            .iter()
            .map(|(line, text)| {
                let line = line.map_or(String::new(), |line| format!("{line}:"));
                format!("{}:{line} {text}", self.name)
            })
            .collect();
        if text.len() > 1 {
            text.push(format!("{}: {} mistakes", self.name, lines.len()));
        }
        f.write_str(&text.join("\n"))
    }
}

/// Read and check a file.
///
/// # Errors
/// All mistakes at once, or that the file cannot be read.
pub fn load_file(path: &Path) -> Result<Loaded, Report> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|why| {
        let mut report = Report::new(&name);
        report
            .lines
            .push((None, format!("cannot be read: {why}; give the path of a configuration with --config")));
        report
    })?;
    load(&name, &text, path.parent().unwrap_or(Path::new("")))
}

/// Read and check a text that is TOML, or JSON with the same keys: one that begins with `{`.
///
/// # Errors
/// As for [`load`]; in JSON, mistakes of the content have paths and no lines.
pub fn load_any(name: &str, text: &str, folder: &Path) -> Result<Loaded, Report> {
    if !text.trim_start().starts_with('{') {
        return load(name, text, folder);
    }
    let mistake = |why: String| {
        let mut report = Report::new(name);
        report.lines.push((None, why));
        report
    };
    let json: serde_json::Value = serde_json::from_str(text)
        .map_err(|why| mistake(format!("line {}: this is not JSON: {why}", why.line())))?;
    let toml = toml::to_string(&without_nulls(json)).map_err(|why| mistake(why.to_string()))?;
    let mut loaded = load(name, &toml, folder).map_err(|mut report| {
        // the lines are those of a text that nobody has seen
        report.lines.iter_mut().for_each(|(line, _)| *line = None);
        report
    })?;
    loaded.text = String::new();
    Ok(loaded)
}

/// TOML has no word for what is not there.
fn without_nulls(json: serde_json::Value) -> serde_json::Value {
    match json {
        serde_json::Value::Object(map) => {
            map.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_nulls(v))).collect()
        }
        serde_json::Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// Read and check the built-in example; relative paths are below the working directory.
pub fn load_example() -> Result<Loaded, Report> {
    load(EXAMPLE_NAME, EXAMPLE, Path::new(""))
}

/// Read and check a text.
///
/// # Errors
/// All mistakes at once.
pub fn load(name: &str, text: &str, folder: &Path) -> Result<Loaded, Report> {
    let mut report = Report::new(name);
    let (tree, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let text_of = format!("{}; mend the TOML here", words::say(error.message()));
        report.add(text, &Mistake { span: error.span(), path: String::new(), text: text_of });
    }
    if !errors.is_empty() {
        return Err(report);
    }
    let root = tree.get_ref().clone();
    let (node, device, core) = split(tree);
    let node = take(&mut report, text, read::<NodePart>(node));
    let device = take(&mut report, text, read::<DevicePart>(device));
    let core = take(&mut report, text, read::<Config>(core));
    let (Some((node, all_node)), Some((device, all_devices)), Some((core, all_core))) = (node, device, core)
    else {
        return Err(report);
    };
    let NodePart { mut node, prompts } = node;
    node.data_dir = folder.join(&node.data_dir);
    node.prompts_dir = node.prompts_dir.map(|path| folder.join(path));
    let mut loaded =
        Loaded { name: name.to_owned(), core, node, prompts, devices: device.device, text: text.to_owned() };
    // where whole tables are missing, names would seem unknown that are not
    if all_node && all_devices && all_core {
        check::check(&loaded).iter().for_each(|problem| report.add_problem(text, &root, problem));
    }
    if !report.lines.is_empty() {
        return Err(report);
    }
    merge_endpoints(&mut loaded);
    Ok(loaded)
}

#[derive(Deserialize)]
struct NodePart {
    #[serde(default)]
    node: NodeSettings,
    #[serde(default)]
    prompts: PromptSettings,
}

#[derive(Deserialize)]
struct DevicePart {
    #[serde(default)]
    device: Vec<DeviceEntry>,
}

type Table<'i> = Spanned<DeTable<'i>>;

/// The tree as three trees: `node` and `prompts`, `device`, and the core's.
fn split(tree: Table<'_>) -> (Table<'_>, Table<'_>, Table<'_>) {
    let span = tree.span();
    let mut core = tree.into_inner();
    let mut part = |keys: &[&str]| {
        let mut part = DeTable::new();
        for key in keys {
            if let Some((key, value)) = core.remove_entry(*key) {
                part.insert(key, value);
            }
        }
        Spanned::new(span.clone(), part)
    };
    let (node, device) = (part(&["node", "prompts"]), part(&["device"]));
    (node, device, Spanned::new(span, core))
}

/// The value with whether all of it could be read; its mistakes go to the report.
fn take<T>(report: &mut Report, text: &str, reading: Reading<T>) -> Option<(T, bool)> {
    reading.mistakes.iter().for_each(|mistake| report.add(text, mistake));
    let whole = reading.mistakes.is_empty();
    reading.value.map(|value| (value, whole))
}

/// What a device has to know of its extensions: who may register there, and how they prove themselves.
fn merge_endpoints(loaded: &mut Loaded) {
    for extension in &loaded.core.extension {
        let Some(address) = &extension.endpoint else { continue };
        let Some(device) = loaded.devices.iter_mut().find(|device| device.name == extension.device) else {
            continue;
        };
        let endpoint = serde_json::json!({
            "address": address,
            "password": extension.password.as_deref().unwrap_or_default(),
            "name": extension.name,
        });
        let serde_json::Value::Object(config) = &mut device.config else { continue };
        let endpoints = config.entry("endpoints").or_insert_with(|| serde_json::Value::Array(Vec::new()));
        if let serde_json::Value::Array(endpoints) = endpoints {
            endpoints.push(endpoint);
        }
    }
}

#[cfg(test)]
mod tests;
