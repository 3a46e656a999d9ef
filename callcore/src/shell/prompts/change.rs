//! Changes of the store while it is used: upload, edit, remove, roll back; and what there is, with its versions.

use super::folder::{self, Entry};
use super::key::PromptKey;
use super::versions::{Change, now_ms};
use super::{Missing, Prompts, PromptsError, SAY};
use crate::base::{Refused, Why};
use crate::media::Prompt;
use crate::media::prompt::{Edit, Levels, Sound, WavCoding, edit, measure};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

/// A prompt that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptInfo {
    /// Which.
    pub key: PromptKey,
    /// Its file.
    pub path: PathBuf,
    /// How long it plays, in milliseconds.
    pub duration_ms: u64,
    /// Samples a second in its file.
    pub rate_hz: u32,
    /// Bytes of its file.
    pub file_bytes: u64,
    /// Bytes of memory.
    pub memory_bytes: u64,
}

/// A prompt as it is or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptVersion {
    /// Rises with each change.
    pub number: u32,
    /// Whether it is the one that is played.
    pub is_current: bool,
    /// Its file.
    pub path: PathBuf,
    /// When it came, in milliseconds since 1970 UTC; `None`: it was put there by hand.
    pub at_ms: Option<i64>,
    /// Who brought it; empty: unknown.
    pub who: String,
    /// How: `upload`, `edit`, `roll back to 3`; empty: unknown.
    pub what: String,
}

impl Prompts {
    /// All prompts, by name and language.
    #[must_use]
    pub fn list(&self) -> Vec<PromptInfo> {
        let table = self.read_table();
        let all =
            table.iter().flat_map(|(name, named)| named.iter().map(move |(tag, entry)| (name, tag, entry)));
        let key = |name: &str, tag: &str| PromptKey::new(name, (!tag.is_empty()).then_some(tag));
        all.filter_map(|(name, tag, entry)| Some(info(key(name, tag).ok()?, entry))).collect()
    }

    /// A new sound for a prompt, from the bytes of a file; `who` is written beside it. New calls hear it at once.
    ///
    /// A WAV file is kept as it is, another becomes one (16-bit PCM, mono, of its own rate).
    ///
    /// # Errors
    /// It cannot be played, is too large, or there are too many; or the disk failed. Nothing has changed then.
    pub fn upload(&self, key: &PromptKey, bytes: &[u8], who: &str) -> Result<PromptInfo, PromptsError> {
        self.require_size(key, bytes)?;
        let sound = Sound::read(bytes).map_err(|why| refused(key, Why::Argument, why))?;
        if bytes.starts_with(b"RIFF") {
            self.put(key, &sound, bytes, who, "upload")
        } else {
            self.put(key, &sound, &sound.to_wav(WavCoding::Pcm16), who, "upload")
        }
    }

    /// Edit a prompt: its newest sound through the editor, as a new version.
    ///
    /// # Errors
    /// There is no such prompt, or an edit makes no sense; or the disk failed. Nothing has changed then.
    pub fn edit(
        &self,
        key: &PromptKey,
        edits: &[Edit],
        coding: WavCoding,
        who: &str,
    ) -> Result<PromptInfo, PromptsError> {
        let edited = edit::apply(&self.sound(key)?, edits).map_err(|why| refused(key, Why::Argument, why))?;
        self.put(key, &edited, &edited.to_wav(coding), who, "edit")
    }

    /// A sound that was edited elsewhere, as a new version.
    ///
    /// # Errors
    /// It is too large, or there are too many; or the disk failed. Nothing has changed then.
    pub fn store(
        &self,
        key: &PromptKey,
        sound: &Sound,
        coding: WavCoding,
        who: &str,
        what: &str,
    ) -> Result<PromptInfo, PromptsError> {
        self.put(key, sound, &sound.to_wav(coding), who, what)
    }

    /// The sound of a prompt's file, as the editor takes it.
    ///
    /// # Errors
    /// There is no such prompt, or its file cannot be read.
    pub fn sound(&self, key: &PromptKey) -> Result<Sound, PromptsError> {
        Ok(folder::sound(&self.present(key)?.path)?)
    }

    /// How loud a prompt is.
    ///
    /// # Errors
    /// There is no such prompt, or its file cannot be read.
    pub fn levels(&self, key: &PromptKey) -> Result<Levels, PromptsError> {
        Ok(measure(&self.sound(key)?))
    }

    /// The bytes of a prompt's file.
    ///
    /// # Errors
    /// There is no such prompt, or its file cannot be read.
    pub fn export(&self, key: &PromptKey) -> Result<Vec<u8>, PromptsError> {
        read(&self.present(key)?.path)
    }

    /// A text as the speech command speaks it, at the command's own rate; waits for it.
    ///
    /// # Errors
    /// There is no command, or it failed.
    pub fn speak_now(&self, text: &str, language: Option<&str>) -> Result<Sound, PromptsError> {
        let not = |missing: Missing| Refused::new(Why::Unsupported, missing.to_string());
        match self.wait_for(&format!("{SAY}{text}"), language) {
            Err(missing) => Err(not(missing).into()),
            Ok(prompt) => {
                let language = language.or(self.options.default_language.as_deref());
                let file =
                    self.speech.as_ref().and_then(|speech| folder::sound(&speech.file(text, language)).ok());
                // what was removed from the disk meanwhile is still in memory
                Ok(file.unwrap_or_else(|| Sound { rate_hz: 8000, samples: prompt.samples.to_vec() }))
            }
        }
    }

    /// Take a prompt out; its file is kept as a version. Calls that play it go on.
    ///
    /// # Errors
    /// There is no such prompt, or the configuration plays it and no other language has it; or the disk failed.
    pub fn remove(&self, key: &PromptKey, who: &str) -> Result<(), PromptsError> {
        let lock = self.versions.lock()?;
        let entry = self.present(key)?;
        self.require_unused(key)?;
        let version = self.versions.remove(key, &entry.path)?;
        let mut table = self.write_table();
        if let Some(named) = table.get_mut(key.name()) {
            named.remove(key.language().unwrap_or_default());
        }
        table.retain(|_, named| !named.is_empty());
        drop(table);
        self.versions.note(&change(key, version, who, "remove"))?;
        drop(lock);
        Ok(())
    }

    /// What a prompt is and was, the newest first.
    ///
    /// # Errors
    /// The folder cannot be read, or nothing is known of the prompt.
    pub fn versions(&self, key: &PromptKey) -> Result<Vec<PromptVersion>, PromptsError> {
        let mut files = self.versions.kept(key)?;
        let current = self.entry(key).map(|entry| Ok((self.versions.current(key)?, entry.path)));
        let current = current.transpose().map_err(PromptsError::Failed)?;
        files.extend(current.clone());
        if files.is_empty() {
            return Err(Refused::gone(format!("prompt {key}")).into());
        }
        let changes = self.versions.changes()?;
        let name = key.to_string();
        let version = |(number, path): (u32, PathBuf)| {
            let mut known =
                changes.iter().rev().filter(|change| change.prompt == name && change.version == number);
            let change = known.find(|change| change.what != "remove");
            PromptVersion {
                number,
                is_current: current.as_ref().is_some_and(|(newest, _)| *newest == number),
                path,
                at_ms: change.map(|change| change.at_ms),
                who: change.map(|change| change.who.clone()).unwrap_or_default(),
                what: change.map(|change| change.what.clone()).unwrap_or_default(),
            }
        };
        Ok(files.into_iter().rev().map(version).collect())
    }

    /// An old version once more, as the newest one; so nothing is lost, and it works for what was removed as well.
    ///
    /// # Errors
    /// There is no such version; or the disk failed. Nothing has changed then.
    pub fn roll_back(&self, key: &PromptKey, number: u32, who: &str) -> Result<PromptInfo, PromptsError> {
        let kept = self.versions.kept(key)?;
        let Some(path) = kept.get(&number) else {
            return Err(Refused::gone(format!("version {number} of prompt {key}")).into());
        };
        let bytes = read(path)?;
        let sound = folder::read(path, &bytes).map_err(|why| refused(key, Why::Argument, why))?;
        let what = format!("roll back to {number}");
        if bytes.starts_with(b"RIFF") {
            self.put(key, &sound, &bytes, who, &what)
        } else {
            self.put(key, &sound, &sound.to_wav(WavCoding::Pcm16), who, &what)
        }
    }

    /// Take over what another program has changed in the folder: how many prompts are new, different or gone.
    ///
    /// It costs next to nothing when there was no change. Files that were put there by hand, and not by a change of a
    /// store, are seen together with the next one. A file that cannot be played is logged, and the old sound stays.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn refresh(&self) -> Result<usize, PromptsError> {
        let index = folder::stamp(&self.versions.index()).ok();
        if std::mem::replace(&mut *self.seen(), index) == index {
            return Ok(0);
        }
        let lock = self.versions.lock()?;
        let files = folder::files(&self.folder)?;
        let gone: Vec<PromptKey> =
            self.list().into_iter().map(|info| info.key).filter(|key| !files.contains_key(key)).collect();
        let mut changed = gone.len();
        for key in &gone {
            if let Some(named) = self.write_table().get_mut(key.name()) {
                named.remove(key.language().unwrap_or_default());
            }
        }
        self.write_table().retain(|_, named| !named.is_empty());
        for (key, path) in &files {
            changed += usize::from(self.reload(key, path));
        }
        drop(lock);
        Ok(changed)
    }

    /// Whether a file is not what it was; then it is read again.
    fn reload(&self, key: &PromptKey, path: &Path) -> bool {
        let is_same =
            |entry: Entry| folder::stamp(path).is_ok_and(|now| now == entry.stamp && path == entry.path);
        if self.entry(key).is_some_and(is_same) {
            return false;
        }
        let loaded = folder::load(path, self.options.forms, self.options.file_bytes_max);
        let fits = loaded.map_err(PromptsError::from).and_then(|entry| {
            self.require_room(key, &entry)?;
            Ok(entry)
        });
        match fits {
            Ok(entry) => {
                tracing::info!(prompt = %key, "the prompt has changed");
                self.insert(key, entry);
                true
            }
            Err(why) => {
                tracing::error!(prompt = %key, "the prompt stays as it was: {why}");
                false
            }
        }
    }

    fn put(
        &self,
        key: &PromptKey,
        sound: &Sound,
        wav: &[u8],
        who: &str,
        what: &str,
    ) -> Result<PromptInfo, PromptsError> {
        self.require_size(key, wav)?;
        // before the lock and before the disk: this is the long part
        let prompt = Arc::new(Prompt::of(sound, self.options.forms));
        let lock = self.versions.lock()?;
        let old = self.entry(key);
        self.require_memory(key, old.as_ref(), prompt.bytes())?;
        let (version, path) =
            self.versions.replace(key, old.as_ref().map(|entry| entry.path.as_path()), wav)?;
        let entry = Entry { stamp: folder::stamp(&path)?, path, rate_hz: sound.rate_hz, prompt };
        let about = info(key.clone(), &entry);
        self.insert(key, entry);
        self.versions.note(&change(key, version, who, what))?;
        drop(lock);
        tracing::info!(prompt = %key, version, who, what, "the prompt has changed");
        Ok(about)
    }

    fn present(&self, key: &PromptKey) -> Result<Entry, PromptsError> {
        self.entry(key).ok_or_else(|| Refused::gone(format!("prompt {key}")).into())
    }

    fn require_size(&self, key: &PromptKey, bytes: &[u8]) -> Result<(), PromptsError> {
        let max = self.options.file_bytes_max;
        if bytes.len() as u64 <= max {
            return Ok(());
        }
        let text = format!("the file has {} bytes, {max} are allowed: shorten it", bytes.len());
        Err(refused(key, Why::Full, text))
    }

    /// That the bounds allow one more, or another in its place.
    pub(super) fn require_room(&self, key: &PromptKey, entry: &Entry) -> Result<(), PromptsError> {
        self.require_memory(key, self.entry(key).as_ref(), entry.prompt.bytes())
    }

    fn require_memory(&self, key: &PromptKey, old: Option<&Entry>, bytes: u64) -> Result<(), PromptsError> {
        let table = self.read_table();
        let entries = || table.values().flat_map(|named| named.values());
        let (count, max) = (entries().count(), self.options.prompts_max);
        if old.is_none() && count >= max {
            return Err(refused(
                key,
                Why::Full,
                format!("there are {max} prompts, more are not allowed: remove one"),
            ));
        }
        let others: u64 = entries().map(|entry| entry.prompt.bytes()).sum();
        let total = others - old.map_or(0, |entry| entry.prompt.bytes()) + bytes;
        let max = self.options.memory_bytes_max;
        if total > max {
            let text =
                format!("all prompts would take {total} bytes of memory, {max} are allowed: remove some");
            return Err(refused(key, Why::Full, text));
        }
        Ok(())
    }

    fn require_unused(&self, key: &PromptKey) -> Result<(), PromptsError> {
        let wanted = self.wanted.read().unwrap_or_else(PoisonError::into_inner);
        let is_last = self.read_table().get(key.name()).is_some_and(|named| named.len() == 1);
        match wanted.get(key.name()) {
            Some(at) if is_last => {
                Err(refused(key, Why::Busy, format!("{at} plays it: change the configuration first")))
            }
            _ => Ok(()),
        }
    }
}

fn info(key: PromptKey, entry: &Entry) -> PromptInfo {
    PromptInfo {
        key,
        path: entry.path.clone(),
        duration_ms: entry.prompt.duration_ms(),
        rate_hz: entry.rate_hz,
        file_bytes: entry.stamp.bytes,
        memory_bytes: entry.prompt.bytes(),
    }
}

fn change(key: &PromptKey, version: u32, who: &str, what: &str) -> Change {
    let (prompt, who, what) = (key.to_string(), who.to_owned(), what.to_owned());
    Change { at_ms: now_ms(), prompt, version, who, what }
}

fn read(path: &Path) -> Result<Vec<u8>, PromptsError> {
    let failed = |why| super::Failed::Io { what: "read", path: path.to_owned(), why };
    Ok(std::fs::read(path).map_err(failed)?)
}

fn refused(key: &PromptKey, why: Why, text: impl std::fmt::Display) -> PromptsError {
    Refused::new(why, format!("prompt {key}: {text}")).into()
}
