//! What a check has done so far, written down as it goes: the parent reads it, also after a crash.

use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Mutex;

/// A line of the trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// What is done next.
    Step(String),
    /// A clause was seen broken, this check's or another's.
    Finding {
        /// The check whose clause it is.
        check: u16,
        /// What was seen.
        seen: String,
    },
    /// It passed; what was measured.
    Passed(String),
    /// It does not apply; why.
    Skipped(String),
    /// It was given up after a finding.
    Ended,
}

/// The trail of a check, while it runs. Usable from any thread.
pub struct Trail(Mutex<Option<File>>);

impl Trail {
    /// Begins a trail in a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(path: &Path) -> io::Result<Self> {
        Ok(Self(Mutex::new(Some(File::create(path)?))))
    }

    /// A trail that nobody reads.
    #[must_use]
    pub const fn nowhere() -> Self {
        Self(Mutex::new(None))
    }

    /// Writes a line.
    pub fn mark(&self, mark: &Mark) {
        let Ok(mut file) = self.0.lock() else { return };
        if let (Some(file), Ok(mut line)) = (file.as_mut(), serde_json::to_string(mark)) {
            line.push('\n');
            // a parent that is gone needs no trail
            let _ = file.write_all(line.as_bytes());
        }
    }

    /// Says what is done next.
    pub fn step(&self, what: impl Into<String>) {
        self.mark(&Mark::Step(what.into()));
    }

    /// Tells of a clause that is broken.
    pub fn finding(&self, check: u16, seen: impl Into<String>) {
        self.mark(&Mark::Finding { check, seen: seen.into() });
    }
}

/// Reads a trail back; a line that was cut off is left out.
#[must_use]
pub fn read(path: &Path) -> Vec<Mark> {
    let text = std::fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_even_when_it_was_cut_off() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("trail");
        let trail = Trail::new(&path).expect("it can be written");
        trail.step("open");
        trail.finding(26, "no DONE");
        let whole = std::fs::read(&path).expect("it is there");
        std::fs::write(&path, [&whole[..], b"{\"passed\":\"al"].concat()).expect("it can be written");
        let finding = Mark::Finding { check: 26, seen: "no DONE".into() };
        assert_eq!(read(&path), [Mark::Step("open".into()), finding]);
    }
}
