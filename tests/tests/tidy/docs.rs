//! What the documents promise exists.

use crate::source::{File, files, require_none, root};

fn documents() -> Vec<File> {
    files(&[".md"])
}

/// The lines of all fenced code blocks that a shell would run.
fn commands(file: &File) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            inside = !inside && ["", "sh", "bash", "console"].contains(&language.trim());
        } else if inside {
            found.push((number + 1, line.trim_start().trim_start_matches("$ ")));
        }
    }
    found
}

/// The subcommands of callcore-server, from the enum that makes them.
fn subcommands() -> Vec<String> {
    let text =
        std::fs::read_to_string(root().join("examples/server/src/cli.rs")).expect("the server has a cli.rs");
    let file = syn::parse_file(&text).expect("it is Rust");
    let command = file.items.iter().find_map(|item| match item {
        syn::Item::Enum(item) if item.ident == "Command" => Some(item),
        _ => None,
    });
    let command = command.expect("cli.rs has an enum Command");
    command.variants.iter().map(|variant| variant.ident.to_string().to_lowercase()).collect()
}

#[test]
fn commands_in_documents_exist() {
    let known = subcommands();
    let mut complaints = Vec::new();
    for file in documents() {
        for (line, command) in commands(&file) {
            let words: Vec<&str> = command.split_whitespace().collect();
            let server = words
                .iter()
                .position(|word| *word == "callcore-server" || word.ends_with("/callcore-server"));
            let after = server.and_then(|at| words[at + 1..].iter().find(|word| **word != "--"));
            if let Some(word) = after.filter(|word| word.chars().all(|c| c.is_ascii_lowercase()))
                && !known.iter().any(|name| name == word)
            {
                complaints.push(format!("{}:{line}: callcore-server has no subcommand '{word}'", file.path));
            }
            if let Some(package) =
                words.iter().position(|word| *word == "-p").and_then(|at| words.get(at + 1))
                && words.contains(&"cargo")
                && !is_package(package)
            {
                complaints.push(format!("{}:{line}: there is no package '{package}'", file.path));
            }
            let script = words.first().filter(|word| word.starts_with("tests/") || word.starts_with("./"));
            if let Some(script) = script.filter(|script| !root().join(script).exists()) {
                complaints.push(format!("{}:{line}: there is no '{script}'", file.path));
            }
        }
    }
    require_none(&complaints);
}

fn is_package(name: &str) -> bool {
    let line = format!("name = \"{name}\"");
    files(&["Cargo.toml"]).iter().any(|file| file.text.lines().any(|known| known == line))
}

#[test]
fn links_in_documents_lead_somewhere() {
    let mut complaints = Vec::new();
    for file in documents() {
        let folder = root().join(&file.path).parent().expect("a file is in a folder").to_owned();
        for (number, line) in file.text.lines().enumerate() {
            for target in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let target = target.split('#').next().unwrap_or_default();
                let outside = target.contains("://") || target.is_empty();
                if !outside && !folder.join(target).exists() {
                    complaints.push(format!("{}:{}: there is no '{target}'", file.path, number + 1));
                }
            }
        }
    }
    require_none(&complaints);
}
