//! The folder of prompts as files: which of them are prompts, what is in them.
//!
//! ```text
//! prompts/welcome.wav              for every language
//! prompts/zh/welcome.wav           for one
//! prompts/.versions/zh/welcome/    what it was before (see versions.rs)
//! ```

use super::key::PromptKey;
use crate::base::language;
use crate::media::prompt::{Forms, Sound};
use crate::media::{Prompt, prompt::PromptError};
use crate::shell::failed::Failed;
use callcore_codec::Format;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Endings of files that are read; without feature `prompt-formats` others are left alone.
const ENDINGS: &[&str] = if cfg!(feature = "prompt-formats") {
    &["wav", "aif", "aiff", "alaw", "al", "ulaw", "ul", "flac", "ogg", "mp3"]
} else {
    &["wav", "aif", "aiff", "alaw", "al", "ulaw", "ul"]
};

/// Tells a file from what it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) bytes: u64,
    pub(super) changed: SystemTime,
}

/// A prompt of the folder.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) stamp: Stamp,
    /// What the file has, before it became what channels play.
    pub(super) rate_hz: u32,
    pub(super) prompt: Arc<Prompt>,
}

/// Every file of the folder that is a prompt; a folder that does not exist is empty.
pub(super) fn files(folder: &Path) -> Result<BTreeMap<PromptKey, PathBuf>, Failed> {
    let mut found = BTreeMap::new();
    for path in listed(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if !path.is_dir() {
            add(&mut found, path, None)?;
        } else if language::canonical(&name).is_ok_and(|written| written == name) {
            for file in listed(&path)? {
                add(&mut found, file, Some(&name))?;
            }
        } else {
            tracing::warn!(path = %path.display(), "no prompts are read here: a language is written as in zh, en, zh-HK");
        }
    }
    Ok(found)
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let unreadable = |why| Failed::Io { what: "read the folder of prompts", path: folder.to_owned(), why };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(unreadable)).collect()
}

fn add(
    found: &mut BTreeMap<PromptKey, PathBuf>,
    path: PathBuf,
    language: Option<&str>,
) -> Result<(), Failed> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let is_sound = ending.is_some_and(|ending| ENDINGS.contains(&&*ending));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if !is_sound || stem.starts_with('.') {
        return Ok(());
    }
    let wrong = |text: String| Failed::Prompt { path: path.clone(), text };
    let key = PromptKey::new(&stem, language).map_err(|refused| wrong(refused.text))?;
    if let Some(other) = found.get(&key) {
        return Err(wrong(format!("{} has the same name: remove one of them", other.display())));
    }
    found.insert(key, path);
    Ok(())
}

/// Read a prompt.
pub(super) fn load(path: &Path, forms: Forms, bytes_max: u64) -> Result<Entry, Failed> {
    let stamp = stamp(path)?;
    if stamp.bytes > bytes_max {
        let text = format!("it has {} bytes, {bytes_max} are allowed: shorten it", stamp.bytes);
        return Err(Failed::Prompt { path: path.to_owned(), text });
    }
    let sound = sound(path)?;
    let prompt = Arc::new(Prompt::of(&sound, forms));
    Ok(Entry { path: path.to_owned(), stamp, rate_hz: sound.rate_hz, prompt })
}

/// The file's length and age now.
pub(super) fn stamp(path: &Path) -> Result<Stamp, Failed> {
    let about = std::fs::metadata(path).and_then(|about| Ok((about.len(), about.modified()?)));
    let (bytes, changed) = about.map_err(|why| unreadable(path, why))?;
    Ok(Stamp { bytes, changed })
}

/// What is in a file; raw G.711 by its ending, all others by their first bytes.
pub(super) fn sound(path: &Path) -> Result<Sound, Failed> {
    let bytes = std::fs::read(path).map_err(|why| unreadable(path, why))?;
    read(path, &bytes).map_err(|why| Failed::Prompt { path: path.to_owned(), text: why.to_string() })
}

/// What is in the bytes of a file of this name.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Sound, PromptError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("alaw" | "al") => Ok(Sound::from_g711(bytes, Format::ALaw)),
        Some("ulaw" | "ul") => Ok(Sound::from_g711(bytes, Format::MuLaw)),
        _ => Sound::read(bytes),
    }
}

fn unreadable(path: &Path, why: std::io::Error) -> Failed {
    Failed::Io { what: "read", path: path.to_owned(), why }
}
