//! `ccd new`: a driver to begin with, in a folder of its own, that builds with one command.

use super::FINE;
use clap::{Args, ValueEnum};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Begin a new driver: a board whose callers ring from time to time, answer and hear themselves, in one source file.
#[derive(Args)]
pub(super) struct New {
    /// Its name: small letters, digits and '_'; the folder and the library are called so.
    name: String,
    /// The language.
    #[arg(long, value_enum, default_value_t = Language::C)]
    lang: Language,
    /// The folder to write; by default one of its name, here.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Rust: where callcore-driver-sdk is; by default the checkout around this folder, else the published version.
    #[arg(long, value_name = "FOLDER")]
    sdk: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    C,
    Cpp,
    Rust,
}

const HEADER: &str = include_str!("../../../../include/callcore_driver.h");
const HEADER_CPP: &str = include_str!("../../../../include/callcore_driver.hpp");
const C: [&str; 2] =
    [include_str!("../../../template-c/board.c"), include_str!("../../../template-c/Makefile")];
const CPP: [&str; 2] =
    [include_str!("../../../template-cpp/board.cpp"), include_str!("../../../template-cpp/Makefile")];
const RUST: &str = include_str!("../../../template-rust/src/lib.rs");

impl New {
    pub(super) fn run(self) -> Result<u8, String> {
        check_name(&self.name)?;
        let folder = self.folder.clone().unwrap_or_else(|| PathBuf::from(&self.name));
        if folder.exists() {
            return Err(format!("{} is there already: choose another name, or --folder", folder.display()));
        }
        let files = self.files()?;
        for (name, text) in &files {
            let path = folder.join(name);
            let bad = |why: std::io::Error| format!("{} cannot be written: {why}", path.display());
            path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(bad)?;
            std::fs::write(&path, text).map_err(bad)?;
        }
        println!(
            "{}: {}",
            folder.display(),
            files.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
        );
        println!("\n  cd {}\n  {}\n  ccd check {}", folder.display(), self.build(), self.library());
        println!("\nPut your library's calls where the source says BOARD.");
        Ok(FINE)
    }

    fn build(&self) -> &'static str {
        if self.lang == Language::Rust { "cargo build --release" } else { "make" }
    }

    fn library(&self) -> String {
        match self.lang {
            Language::Rust => format!("target/release/lib{}.so", self.name),
            Language::C | Language::Cpp => format!("{}.so", self.name),
        }
    }

    fn files(&self) -> Result<Vec<(&'static str, String)>, String> {
        let named = |text: &str| text.replace("NAME", &self.name);
        Ok(match self.lang {
            Language::C => vec![
                ("board.c", named(C[0])),
                ("Makefile", named(C[1])),
                ("callcore_driver.h", HEADER.to_owned()),
                ("driver.ccdrv.json", self.manifest()),
            ],
            Language::Cpp => vec![
                ("board.cpp", named(CPP[0])),
                ("Makefile", named(CPP[1])),
                ("callcore_driver.h", HEADER.to_owned()),
                ("callcore_driver.hpp", HEADER_CPP.to_owned()),
                ("driver.ccdrv.json", self.manifest()),
            ],
            Language::Rust => vec![
                ("src/lib.rs", named(RUST)),
                ("Cargo.toml", self.cargo()?),
                ("driver.ccdrv.json", self.manifest()),
            ],
        })
    }

    fn manifest(&self) -> String {
        let library = Path::new(&self.library()).file_name().map(|name| name.to_string_lossy().into_owned());
        let manifest = serde_json::json!({
            "abi": 1, "id": format!("com.example.{}", self.name), "library": library.unwrap_or_default(),
        });
        format!("{manifest:#}\n")
    }

    fn cargo(&self) -> Result<String, String> {
        let sdk = match &self.sdk {
            Some(folder) => {
                Some(folder.canonicalize().map_err(|why| format!("--sdk {}: {why}", folder.display()))?)
            }
            None => checkout_sdk(),
        };
        let sdk = match sdk {
            Some(folder) => format!("{{ path = {:?} }}", folder.display().to_string()),
            None => format!("{:?}", env!("CARGO_PKG_VERSION")),
        };
        let mut text =
            format!("[package]\nname = {:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n", self.name);
        let _ = write!(
            text,
            "[lib]\ncrate-type = [\"cdylib\"]\n\n[dependencies]\ncallcore-driver-sdk = {sdk}\n\n[workspace]\n"
        );
        Ok(text)
    }
}

/// The SDK of the checkout that this folder is in.
fn checkout_sdk() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .map(|folder| folder.join("drivers/sdk"))
        .find(|folder| folder.join("Cargo.toml").exists())
}

fn check_name(name: &str) -> Result<(), String> {
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_fine) && name.len() <= 40 {
        return Ok(());
    }
    Err(format!("\"{name}\" is no name: a small letter, then small letters, digits and '_', 40 at most"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_fit_for_files_and_ids() {
        assert!(["e1", "my_board", "x"].iter().all(|name| check_name(name).is_ok()));
        assert!(["", "1e", "My", "a-b", "a/b", "a b"].iter().all(|name| check_name(name).is_err()));
    }

    #[test]
    fn nothing_of_the_placeholder_is_left() {
        for lang in [Language::C, Language::Cpp, Language::Rust] {
            let new = New { name: "e1".into(), lang, folder: None, sdk: None };
            for (name, text) in new.files().expect("they are there") {
                assert!(
                    name.ends_with(".h") || name.ends_with(".hpp") || !text.contains("NAME"),
                    "{lang:?} {name}"
                );
            }
        }
    }
}
