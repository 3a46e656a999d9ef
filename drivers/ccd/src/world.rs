//! What a process has, as `/proc` tells it: threads, files, memory; and what a guest must leave as it was.

use crate::check::{Stop, broken};
use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

/// A thread that was joined may be listed so long: the kernel wakes who joins before it takes the thread off its list.
const LEAVING: Duration = Duration::from_secs(2);

/// A look at this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// Names of its threads, by their ids.
    pub threads: BTreeMap<u32, String>,
    /// What its file descriptors are.
    pub files: BTreeMap<u32, String>,
}

impl World {
    /// Looks now.
    #[must_use]
    pub fn now() -> Self {
        Self { threads: threads(), files: files() }
    }

    /// How many threads and files there are more than then.
    #[must_use]
    pub fn grown(&self) -> (usize, usize) {
        let now = Self::now();
        let threads = now.threads.len().saturating_sub(self.threads.len());
        (threads, now.files.len().saturating_sub(self.files.len()))
    }

    /// Ends the check when there are threads or files that were not there before, and that stay.
    ///
    /// # Errors
    /// What is new.
    pub fn require_same(&self, after: &str) -> Result<(), Stop> {
        let end = Instant::now() + LEAVING;
        let mut left = self.left(after);
        while left.is_some() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
            left = self.left(after);
        }
        left.map_or(Ok(()), broken)
    }

    /// What is there now that was not there before.
    fn left(&self, after: &str) -> Option<String> {
        let now = Self::now();
        let told = |what: &str, left: Vec<&str>| {
            let count = left.len();
            (count > 0).then(|| format!("after {after} there are {count} more {what}: {}", left.join(", ")))
        };
        let threads = now.threads.iter().filter(|(id, _)| !self.threads.contains_key(id));
        let files = now.files.iter().filter(|(fd, what)| self.files.get(fd) != Some(what));
        told("threads", threads.map(|(_, name)| name.as_str()).collect())
            .or_else(|| told("open files", files.map(|(_, what)| what.as_str()).collect()))
    }
}

fn entries(folder: &str) -> impl Iterator<Item = (u32, fs::DirEntry)> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| {
        let entry = entry.ok()?;
        Some((entry.file_name().to_str()?.parse().ok()?, entry))
    })
}

fn threads() -> BTreeMap<u32, String> {
    let name = |entry: &fs::DirEntry| {
        fs::read_to_string(entry.path().join("comm")).unwrap_or_default().trim().to_owned()
    };
    entries("/proc/self/task").map(|(id, entry)| (id, name(&entry))).collect()
}

fn files() -> BTreeMap<u32, String> {
    // the folder that is being listed is gone by the time its link is read
    entries("/proc/self/fd")
        .filter_map(|(fd, entry)| {
            Some((fd, fs::read_link(entry.path()).ok()?.to_string_lossy().into_owned()))
        })
        .filter(|(_, what)| !what.starts_with("/proc/"))
        .collect()
}

/// Lines of a file of `/proc/self`.
#[must_use]
pub fn status_lines(file: &str) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/self/{file}")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Resident memory that is the process's own, in bytes.
#[must_use]
pub fn anonymous_bytes() -> u64 {
    let line = status_lines("status").into_iter().find(|line| line.starts_with("RssAnon:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// How many mappings the process has.
#[must_use]
pub fn mappings() -> usize {
    status_lines("maps").len()
}
