//! Who may import whom: the rooms of the core, the drivers, and what the core must not touch.

use crate::source::{File, each_level, files, ident, is_path_sep, led_to, require_none, tokens};
use proc_macro2::{TokenStream, TokenTree};

/// Each room with the rooms it may import: everything below it, none beside it.
const ROOMS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("board", &["base"]),
    ("media", &["base", "board"]),
    ("line", &["base", "board", "media"]),
    ("record", &["base", "board", "media"]),
    ("call", &["base", "board", "media", "record"]),
    ("ledger", &["base", "board", "media", "record", "call"]),
    ("route", &["base", "board", "media", "record", "call"]),
    ("ivr", &["base", "board", "media", "record", "call"]),
    ("acd", &["base", "board", "media", "record", "call"]),
    ("exchange", &["base", "board", "media", "line", "record", "call", "ledger", "route", "ivr", "acd"]),
    (
        "sim",
        &["base", "board", "media", "line", "record", "call", "ledger", "route", "ivr", "acd", "exchange"],
    ),
    ("shell", &["base", "board", "media", "record", "call", "ledger", "route", "ivr", "acd", "exchange"]),
];

/// A file of the core with its room and the path of its module below the crate.
struct Place {
    file: File,
    room: String,
    module: Vec<String>,
}

fn core_files() -> Vec<Place> {
    let place = |file: File| {
        let below = file.path.strip_prefix("callcore/src/")?.strip_suffix(".rs")?.to_owned();
        let mut module: Vec<String> = below.split('/').map(str::to_owned).collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        (below != "lib").then(|| Place { room: module[0].clone(), module, file })
    };
    files(&[".rs"]).into_iter().filter_map(place).collect()
}

#[test]
fn rooms_import_downwards_only() {
    let mut complaints = Vec::new();
    for place in core_files() {
        let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == place.room) else {
            complaints.push(format!(
                "{}: the room '{}' is not in the table of rooms.rs",
                place.file.path, place.room
            ));
            continue;
        };
        let mut imports = Vec::new();
        collect(tokens(&place.file), place.module.len(), &mut imports);
        for (room, line) in imports {
            let is_room = ROOMS.iter().any(|(known, _)| *known == room);
            if is_room && room != place.room && !allowed.contains(&room.as_str()) {
                let text = format!("'{}' must not import '{room}'; it may import {allowed:?}", place.room);
                complaints.push(format!("{}:{line}: {text}", place.file.path));
            }
        }
    }
    require_none(&complaints);
}

/// Every name right below the crate that is reached by `crate::` or by enough `super::`.
fn collect(stream: TokenStream, depth: usize, found: &mut Vec<(String, usize)>) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    for at in 0..trees.len() {
        match ident(&trees, at).as_deref() {
            Some("crate") if is_path_sep(&trees, at + 1) => found.extend(led_to(&trees, at + 3)),
            Some("super") if !follows_path_sep(&trees, at) => {
                let mut ups = 1;
                let mut end = at + 1;
                while is_path_sep(&trees, end) && ident(&trees, end + 2).as_deref() == Some("super") {
                    ups += 1;
                    end += 3;
                }
                // from the room itself one more leads to the crate
                if ups >= depth && is_path_sep(&trees, end) {
                    found.extend(led_to(&trees, end + 2));
                }
            }
            _ => {}
        }
        if let TokenTree::Group(group) = &trees[at] {
            let inline_module = at >= 2 && ident(&trees, at - 2).as_deref() == Some("mod");
            collect(group.stream(), depth + usize::from(inline_module), found);
        }
    }
}

fn follows_path_sep(trees: &[TokenTree], at: usize) -> bool {
    at >= 2 && is_path_sep(trees, at - 2)
}

/// Below `std::`, what only the shell may touch.
const WORLD: &[&str] = &["env", "fs", "net", "os", "process", "thread"];
/// Names that only the shell may use: they read a clock, or iterate in an order that changes from run to run.
const UNSTEADY: &[&str] = &["HashMap", "HashSet", "SystemTime", "RandomState"];

#[test]
fn the_core_touches_no_clock_file_socket_or_thread() {
    let mut complaints = Vec::new();
    for place in core_files().into_iter().filter(|place| place.room != "shell") {
        let path = &place.file.path;
        let mut see = |trees: &[TokenTree]| {
            for at in 0..trees.len() {
                let Some(name) = ident(trees, at) else { continue };
                let line = trees[at].span().start().line;
                if UNSTEADY.contains(&name.as_str()) {
                    complaints.push(format!(
                        "{path}:{line}: {name} in the core; time is an input, order is BTreeMap"
                    ));
                }
                if name == "std" && is_path_sep(trees, at + 1) {
                    for (below, line) in led_to(trees, at + 3) {
                        if WORLD.contains(&below.as_str()) {
                            complaints.push(format!(
                                "{path}:{line}: std::{below} in the core; that is the shell's"
                            ));
                        }
                    }
                }
            }
        };
        each_level(tokens(&place.file), &mut see);
    }
    require_none(&complaints);
}

#[test]
fn drivers_know_the_contract_and_never_the_core() {
    let mut complaints = Vec::new();
    for file in files(&["Cargo.toml"]).into_iter().filter(|file| file.path.starts_with("drivers/")) {
        for (number, line) in file.text.lines().enumerate() {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            if name == "callcore" || name == "callcore-ffi" {
                complaints.push(format!("{}:{}: a driver must not depend on {name}", file.path, number + 1));
            }
        }
    }
    require_none(&complaints);
}

#[test]
fn the_table_has_no_circle() {
    for (place, (room, allowed)) in ROOMS.iter().enumerate() {
        let above: Vec<&str> = ROOMS[place..].iter().map(|(room, _)| *room).collect();
        let wrong = allowed.iter().find(|below| above.contains(below));
        assert!(wrong.is_none(), "{room} may not import {wrong:?}, which stands above it");
    }
}

#[test]
fn imports_are_found_however_they_are_written() {
    let found = |text: &str, module: &[&str]| {
        let mut imports = Vec::new();
        collect(text.parse().expect("Rust"), module.len(), &mut imports);
        imports.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(found("use crate::{acd::Acd, base::{Id, Now}};", &["call"]), ["acd", "base"]);
    assert_eq!(found("fn f() { crate::route::go() }", &["call"]), ["route"]);
    assert_eq!(found("m!(crate::route::X)", &["call"]), ["route"]);
    assert_eq!(found("use super::ivr::Flow;", &["call"]), ["ivr"]);
    assert_eq!(found("use super::leg::Leg;", &["call", "verb"]), [] as [&str; 0]);
    assert_eq!(found("mod tests { use super::super::acd::X; }", &["call"]), ["acd"]);
    assert_eq!(found("mod tests { use super::*; }", &["call"]), [] as [&str; 0]);
    assert_eq!(found("use super::super::acd::X;", &["call", "verb"]), ["acd"]);
}
