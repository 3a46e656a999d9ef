//! `proven LOG...`: what the logs of `cargo test` prove. The last step of `tests/run`.
//!
//! Prints which features of `tests/features.txt` are proven, then `PASSED FAILED` for the script to read.

use callcore_tests::features::{Claim, claims, counts, listed, passed, proven};
use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let mut log = String::new();
    for path in std::env::args().skip(1) {
        match std::fs::read_to_string(&path) {
            Ok(text) => log.push_str(&text),
            Err(why) => {
                eprintln!("proven: cannot read {path}: {why}");
                return ExitCode::FAILURE;
            }
        }
    }
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let list = listed(include_str!("../../features.txt"));
    let result = proven(&list, &all_claims(&top), &passed(&log));
    let whole: Vec<&str> = result.whole.iter().map(String::as_str).collect();
    println!(
        "{} of {} library features are proven, {} more in part",
        whole.len(),
        list.len(),
        result.in_part.len()
    );
    println!("proven: {}", if whole.is_empty() { "none".to_owned() } else { whole.join(" ") });
    for id in &result.unknown {
        println!("a test proves {id}, which tests/features.txt does not have");
    }
    let (passed, failed) = counts(&log);
    println!("{passed} {failed}");
    ExitCode::SUCCESS
}

/// What all tracked sources claim; tests that need peers prove nothing where peers were left out.
fn all_claims(top: &Path) -> Vec<Claim> {
    let listed = Command::new("git").args(["ls-files", "*.rs"]).current_dir(top).output();
    let names = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let with_peers = std::env::var_os("CALLCORE_PEERS").is_some();
    let sources = names.lines().filter_map(|name| std::fs::read_to_string(top.join(name)).ok());
    let ran = sources.filter(|text| with_peers || !text.contains("skip() {"));
    ran.flat_map(|text| claims(&text)).collect()
}
