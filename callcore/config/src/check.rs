//! What is right in each table but wrong together: names that mean nothing, targets that lead nowhere, missing prompts.

use super::Loaded;
use callcore::base::Problem;
use callcore::exchange::Config;
use callcore::ivr::NodeConfig;
use callcore::shell::{REPLAY, Search};
use callcore_driver_host::discover;
use callcore_driver_host::schema::{Misfit, misfits, nearest};
use std::collections::BTreeSet;

/// All mistakes, in the order they were found.
pub(super) fn check(loaded: &Loaded) -> Vec<Problem> {
    let mut problems = callcore::exchange::check::check(&loaded.core);
    devices(loaded, &mut problems);
    endpoints(loaded, &mut problems);
    prompts(loaded, &mut problems);
    problems
}

fn devices(loaded: &Loaded, problems: &mut Vec<Problem>) {
    let mut names = BTreeSet::new();
    for (place, device) in loaded.devices.iter().enumerate() {
        let at = format!("device[{place}]");
        if !names.insert(device.name.as_str()) {
            let text = format!("a device '{}' is there twice; give each its own name", device.name);
            problems.push(Problem::new(format!("{at}.name"), text));
        }
        if !device.config.is_object() {
            problems.push(Problem::new(format!("{at}.config"), "write a table: [device.config]"));
        }
        if let Some(text) = driver(&device.driver) {
            problems.push(Problem::new(format!("{at}.driver"), text));
        }
        if let (true, Some(schema)) = (device.config.is_object(), crate::start::schema(&device.driver)) {
            let found = misfits(&schema, &device.config, &format!("{at}.config"));
            problems.extend(found.into_iter().map(|Misfit { path, text }| Problem::new(path, text)));
        }
    }
    for (path, device) in named_devices(&loaded.core) {
        if !names.contains(device) {
            problems.push(Problem::new(path, unknown("device", device, names.iter().copied())));
        }
    }
}

/// Phones that register: each is there once, and can prove itself.
fn endpoints(loaded: &Loaded, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for (place, extension) in loaded.core.extension.iter().enumerate() {
        let Some(endpoint) = &extension.endpoint else { continue };
        if !seen.insert((&extension.device, endpoint)) {
            let text = format!(
                "endpoint '{endpoint}' of device '{}' is there twice; give each its own",
                extension.device
            );
            problems.push(Problem::new(format!("extension[{place}].endpoint"), text));
        }
        let is_sip =
            loaded.devices.iter().any(|it| it.name == extension.device && it.driver == crate::start::SIP);
        if is_sip && extension.password.as_deref().is_none_or(str::is_empty) {
            let text = "anybody could register as this phone; add a password";
            problems.push(Problem::new(format!("extension[{place}].password"), text));
        }
    }
}

/// What is wrong with the name of a driver.
fn driver(name: &str) -> Option<String> {
    let built_in = [crate::start::SIP, crate::start::SIM, REPLAY];
    if built_in.contains(&name) {
        return None;
    }
    if name.contains('/') || name.ends_with(".so") {
        let is_there = std::path::Path::new(name).is_file();
        return (!is_there).then(|| format!("there is no file '{name}'; give the path of a driver library"));
    }
    discover::find(&Search::default(), name, &built_in.join(", ")).err().map(|why| why.to_string())
}

fn named_devices(core: &Config) -> Vec<(String, &str)> {
    let extensions =
        core.extension.iter().enumerate().map(|(i, e)| (format!("extension[{i}].device"), &*e.device));
    let groups =
        core.trunk_group.iter().enumerate().map(|(i, g)| (format!("trunk_group[{i}].device"), &*g.device));
    let routes = core.route.iter().enumerate();
    let routes = routes.filter_map(|(i, r)| Some((format!("route[{i}].device"), r.device.as_deref()?)));
    extensions.chain(groups).chain(routes).collect()
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    match nearest(name, &known) {
        Some(near) => format!("no {what} is called '{name}'; did you mean '{near}'?"),
        None if known.is_empty() => format!("no {what} is called '{name}'; there is none at all: add one"),
        None => format!("no {what} is called '{name}'; use one of {}", known.join(", ")),
    }
}

fn prompts(loaded: &Loaded, problems: &mut Vec<Problem>) {
    let speech = &loaded.prompts.speech;
    if let Some(text) = speech.as_ref().and_then(|speech| speech.options().mistake()) {
        problems.push(Problem::new("prompts.speech.command", text));
    }
    let default = loaded.prompts.default_language.as_deref();
    if let Some(Err(why)) = default.map(callcore::base::language::canonical) {
        problems.push(Problem::new("prompts.default_language", why.text));
    }
    // what was added to the folder that the built-in ones are put into is there, too
    let own = loaded.node.prompts_dir.clone().unwrap_or_else(|| loaded.node.data_dir.join("prompts"));
    let mut known = match callcore::shell::prompts::names(&own) {
        Ok(names) => names,
        Err(why) => return problems.push(Problem::new("node.prompts_dir", why.to_string())),
    };
    let place = match &loaded.node.prompts_dir {
        Some(folder) if !folder.is_dir() => {
            let text = format!("{} is no folder; name a folder of WAV files", folder.display());
            return problems.push(Problem::new("node.prompts_dir", text));
        }
        Some(folder) => format!("in {}", folder.display()),
        None => {
            known.extend(crate::voice::names().map(str::to_owned));
            "among the built-in ones".to_owned()
        }
    };
    for (path, name) in named_prompts(&loaded.core) {
        let is_text = name.starts_with(callcore::shell::prompts::SAY);
        if is_text && speech.is_none() {
            problems.push(Problem::new(path, "no command speaks texts; add [prompts.speech]"));
        } else if !is_text && !known.contains(name) {
            let near =
                nearest(name, &known.iter().map(String::as_str).collect::<Vec<_>>()).map(str::to_owned);
            let hint = near.map_or("add it as NAME.wav".to_owned(), |near| format!("did you mean '{near}'?"));
            problems.push(Problem::new(path, format!("there is no prompt '{name}' {place}; {hint}")));
        }
    }
}

/// Names of prompts with the places that play them.
pub fn named_prompts(core: &Config) -> Vec<(String, &str)> {
    let mut named = Vec::new();
    named.extend(core.hold_music.as_deref().map(|name| ("hold_music".to_owned(), name)));
    for (place, queue) in core.queue.iter().enumerate() {
        named.extend(queue.music.as_deref().map(|name| (format!("queue[{place}].music"), name)));
    }
    for (flow, config) in &core.flow {
        for (node, config) in &config.node {
            named.extend(node_prompts(&format!("flow.{flow}.node.{node}"), config));
        }
    }
    named
}

fn node_prompts<'a>(at: &str, node: &'a NodeConfig) -> Vec<(String, &'a str)> {
    let list = |key: &str, names: &'a [String]| {
        let at = format!("{at}.{key}");
        names
            .iter()
            .enumerate()
            .map(move |(i, name)| (format!("{at}[{i}]"), name.as_str()))
            .collect::<Vec<_>>()
    };
    match node {
        NodeConfig::PlayOnly { prompts, .. } => list("prompts", prompts),
        NodeConfig::PlayOption { prompts, collect, .. } | NodeConfig::PlayDigit { prompts, collect, .. } => [
            list("prompts", prompts),
            list("collect.invalid_prompts", &collect.invalid_prompts),
            list("collect.timeout_prompts", &collect.timeout_prompts),
        ]
        .concat(),
        NodeConfig::SelectLanguage { .. } | NodeConfig::ToQueue { .. } | NodeConfig::StopFlow { .. } => {
            Vec::new()
        }
    }
}
