//! What prompts were before: every file that was replaced, and who did it when.
//!
//! ```text
//! .versions/index.jsonl            one line for each change
//! .versions/lock                   held by whoever changes something
//! .versions/zh/welcome/0001.wav    the first sound; the file of the folder itself is the newest
//! ```
//!
//! A new file is written beside the old one, flushed, and renamed: at any moment there is a whole one. Version numbers
//! only rise; the sound that counts has the number after the highest that is kept.

use super::key::PromptKey;
use crate::shell::failed::Failed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const FOLDER: &str = ".versions";
const INDEX: &str = "index.jsonl";
/// The index is written anew when it is longer.
const INDEX_BYTES_MAX: u64 = 4 << 20;

/// A change, as it stands in the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    /// Milliseconds since 1970, UTC.
    pub(super) at_ms: i64,
    pub(super) prompt: String,
    /// The number that its result has.
    pub(super) version: u32,
    pub(super) who: String,
    pub(super) what: String,
}

/// The kept files of a folder of prompts.
#[derive(Debug)]
pub(super) struct Versions {
    prompts: PathBuf,
    /// Old files that are kept of each prompt.
    kept_max: usize,
}

impl Versions {
    pub(super) fn new(prompts: &Path, kept_max: usize) -> Self {
        Self { prompts: prompts.to_owned(), kept_max }
    }

    /// The file that tells that something has changed.
    pub(super) fn index(&self) -> PathBuf {
        self.prompts.join(FOLDER).join(INDEX)
    }

    /// Wait until nobody else, in this program or another, changes the folder; until the file is dropped.
    pub(super) fn lock(&self) -> Result<File, Failed> {
        let folder = self.prompts.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|why| failed("make", &folder, why))?;
        let path = folder.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let locked = file.and_then(|file| file.lock().map(|()| file));
        locked.map_err(|why| failed("lock", &path, why))
    }

    /// The old files of a prompt by their numbers.
    pub(super) fn kept(&self, key: &PromptKey) -> Result<BTreeMap<u32, PathBuf>, Failed> {
        let folder = self.folder(key);
        if !folder.exists() {
            return Ok(BTreeMap::new());
        }
        let entries = fs::read_dir(&folder).map_err(|why| failed("read", &folder, why))?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let paths = paths.collect::<io::Result<Vec<_>>>().map_err(|why| failed("read", &folder, why))?;
        let numbered = |path: PathBuf| Some((path.file_stem()?.to_str()?.parse().ok()?, path));
        Ok(paths.into_iter().filter(|path| path.is_file()).filter_map(numbered).collect())
    }

    /// The number of the sound that counts, or that the next one will have.
    pub(super) fn current(&self, key: &PromptKey) -> Result<u32, Failed> {
        Ok(self.kept(key)?.last_key_value().map_or(0, |(number, _)| *number) + 1)
    }

    /// Put a new file in the place of the old one, which is kept. The number of the new one, and its path.
    pub(super) fn replace(
        &self,
        key: &PromptKey,
        old: Option<&Path>,
        wav: &[u8],
    ) -> Result<(u32, PathBuf), Failed> {
        let folder = key.folder(&self.prompts);
        fs::create_dir_all(&folder).map_err(|why| failed("make", &folder, why))?;
        let path = folder.join(format!("{}.wav", key.name()));
        let beside = folder.join(format!(".{}.wav.new", key.name()));
        write_flushed(&beside, wav).map_err(|why| failed("write", &beside, why))?;
        if let Some(old) = old {
            self.keep(key, old)?;
        }
        let renamed = fs::rename(&beside, &path).and_then(|()| flush_folder(&folder));
        renamed.map_err(|why| failed("write", &path, why))?;
        // a file of another kind had another ending
        if let Some(old) = old.filter(|old| **old != path) {
            fs::remove_file(old).map_err(|why| failed("remove", old, why))?;
        }
        self.prune(key)?;
        Ok((self.current(key)?, path))
    }

    /// Take a file out of the folder; it is kept.
    pub(super) fn remove(&self, key: &PromptKey, old: &Path) -> Result<u32, Failed> {
        let number = self.keep(key, old)?;
        let folder = key.folder(&self.prompts);
        let removed = fs::remove_file(old).and_then(|()| flush_folder(&folder));
        removed.map_err(|why| failed("remove", old, why))?;
        self.prune(key)?;
        Ok(number)
    }

    /// A second name for the file (or, where the disk knows no such thing, a copy): it is never without one.
    fn keep(&self, key: &PromptKey, old: &Path) -> Result<u32, Failed> {
        let folder = self.folder(key);
        fs::create_dir_all(&folder).map_err(|why| failed("make", &folder, why))?;
        let number = self.current(key)?;
        let ending = old.extension().unwrap_or_default().to_string_lossy();
        let kept = folder.join(format!("{number:04}.{ending}"));
        let linked = fs::hard_link(old, &kept).or_else(|_| fs::copy(old, &kept).map(|_| ()));
        linked.and_then(|()| flush_folder(&folder)).map_err(|why| failed("write", &kept, why))?;
        Ok(number)
    }

    fn prune(&self, key: &PromptKey) -> Result<(), Failed> {
        let kept = self.kept(key)?;
        for path in kept.values().take(kept.len().saturating_sub(self.kept_max)) {
            fs::remove_file(path).map_err(|why| failed("remove", path, why))?;
        }
        Ok(())
    }

    fn folder(&self, key: &PromptKey) -> PathBuf {
        key.folder(&self.prompts.join(FOLDER)).join(key.name())
    }

    /// Write a change down.
    pub(super) fn note(&self, change: &Change) -> Result<(), Failed> {
        let path = self.index();
        let wrong = |why| failed("write", &path, why);
        let line = serde_json::to_string(change).expect("strings and numbers always have a JSON form");
        let mut file = File::options().create(true).append(true).open(&path).map_err(wrong)?;
        // in front, too: a crash may have left half a line
        let written = write!(file, "\n{line}\n").and_then(|()| file.sync_data());
        written.map_err(wrong)?;
        let is_long = file.metadata().is_ok_and(|about| about.len() > INDEX_BYTES_MAX);
        if is_long { self.shorten() } else { Ok(()) }
    }

    /// Keep of each prompt as many changes as it has versions.
    fn shorten(&self) -> Result<(), Failed> {
        let mut left: BTreeMap<String, usize> = BTreeMap::new();
        let mut kept: Vec<Change> = self.changes()?;
        kept.reverse();
        kept.retain(|change| {
            let count = left.entry(change.prompt.clone()).or_default();
            *count += 1;
            *count <= self.kept_max + 1
        });
        let line = |change: &Change| serde_json::to_string(change).unwrap_or_default() + "\n";
        let text: String = kept.iter().rev().map(line).collect();
        let (path, beside) = (self.index(), self.index().with_extension("new"));
        let written = write_flushed(&beside, text.as_bytes()).and_then(|()| fs::rename(&beside, &path));
        written.map_err(|why| failed("write", &path, why))
    }

    /// All changes that are still known, the oldest first.
    pub(super) fn changes(&self) -> Result<Vec<Change>, Failed> {
        let path = self.index();
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()),
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(why) => Err(failed("read", &path, why)),
        }
    }
}

/// Milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn write_flushed(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn failed(what: &'static str, path: &Path, why: io::Error) -> Failed {
    Failed::Io { what, path: path.to_owned(), why }
}
