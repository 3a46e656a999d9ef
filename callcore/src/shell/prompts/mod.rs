//! The prompt store: the sound files of a folder, decoded once, replaced while calls play them, kept as they were before.
//!
//! ```text
//! get("welcome", "zh-HK")  ─▶ zh-HK/welcome, zh/welcome, welcome, then the same for the default language
//! get("tone:busy:3000"), get("silence:500") ─▶ made, and the last few kept
//! get("say:Your turn", "en") ─▶ the speech command's file, from memory; else Pending until it is there
//! upload, edit, remove, roll_back ─▶ checked first, then one rename; the old file becomes a version
//! ```
//!
//! A call that plays a prompt holds it: it goes on with the old one when a new one has come.

mod change;
mod folder;
mod key;
mod speech;
mod spoken;
mod versions;

use super::failed::Failed;
use crate::base::language::stand_ins;
use crate::base::{Problem, Refused};
use crate::media::prompt::{Forms, Made};
use crate::media::{Country, Prompt};
use folder::{Entry, Stamp};
use speech::Speech;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use versions::Versions;

pub use change::{PromptInfo, PromptVersion};
pub use key::PromptKey;
pub use speech::{SAY, SpeechOptions};

/// Tones and silences that are kept.
const MADE_MAX: usize = 32;

/// How prompts are kept.
#[derive(Clone, Debug)]
pub struct PromptOptions {
    /// Whose prompts stand in when there is none in the caller's language and none without a language.
    pub default_language: Option<String>,
    /// In which forms they are kept in memory: what the node's channels can carry.
    pub forms: Forms,
    /// Largest file, in bytes.
    pub file_bytes_max: u64,
    /// Most prompts.
    pub prompts_max: usize,
    /// Most memory for all of them, in bytes.
    pub memory_bytes_max: u64,
    /// Old files kept of each prompt.
    pub versions_max: usize,
    /// Whose tones are played by their names.
    pub country: Country,
    /// The command that makes prompts of text.
    pub speech: Option<SpeechOptions>,
}

impl Default for PromptOptions {
    fn default() -> Self {
        Self {
            default_language: None,
            forms: Forms::default(),
            file_bytes_max: 128 << 20,
            prompts_max: 10_000,
            memory_bytes_max: 2 << 30,
            versions_max: 10,
            country: Country::default(),
            speech: None,
        }
    }
}

/// Why something could not be done with prompts; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum PromptsError {
    /// It cannot be: the name, the file, a bound.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The disk failed.
    #[error(transparent)]
    Failed(#[from] Failed),
}

impl From<PromptsError> for Failed {
    fn from(why: PromptsError) -> Self {
        match why {
            PromptsError::Refused(refused) => Self::Prompts(refused),
            PromptsError::Failed(failed) => failed,
        }
    }
}

/// What there is of a name.
#[derive(Clone, Debug)]
pub enum Found {
    /// It can be played.
    Ready(Arc<Prompt>),
    /// It is being spoken; whoever asked with [`Prompts::request`] is told when it can be played.
    Pending,
    /// There is none, and there will be none.
    Missing(Missing),
}

/// What was looked for and is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub name: String,
    /// The language that was asked for.
    pub language: Option<String>,
    /// What is wrong, and what to do.
    pub why: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no prompt '{}'", self.name)?;
        if let Some(language) = &self.language {
            write!(f, " in {language}")?;
        }
        write!(f, ": {}", self.why)
    }
}

/// Called once, on the thread that speaks: the prompt, or why there is none.
pub type WhenReady = Box<dyn FnOnce(Result<Arc<Prompt>, Missing>) + Send>;

/// The names of the prompts in a folder, in whatever language; nothing is read but the folder.
///
/// # Errors
/// The folder cannot be read, or a file has a name that no prompt can have.
pub fn names(folder: &Path) -> Result<BTreeSet<String>, Failed> {
    Ok(folder::files(folder)?.into_keys().map(|key| key.name().to_owned()).collect())
}

/// Prompts of a name by language; without a language it is empty.
type Named = BTreeMap<String, Entry>;

/// Prompts and music by name and language. All of it may be used from any thread but the media thread.
pub struct Prompts {
    folder: PathBuf,
    options: PromptOptions,
    table: RwLock<BTreeMap<String, Named>>,
    /// What the configuration plays: name to the place that plays it.
    wanted: RwLock<BTreeMap<String, String>>,
    versions: Versions,
    speech: Option<Speech>,
    made: Mutex<BTreeMap<String, Arc<Prompt>>>,
    missing: AtomicU64,
    /// The index of changes as it was when the folder was last looked through.
    seen: Mutex<Option<Stamp>>,
}

impl fmt::Debug for Prompts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prompts").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Prompts {
    /// Read a folder; one that does not exist is empty.
    ///
    /// # Errors
    /// A file that cannot be read or played, or a bound that is reached.
    pub fn open(folder: &Path, options: PromptOptions) -> Result<Self, PromptsError> {
        let speech = options.speech.clone().map(|speech| Speech::start(speech, folder, options.forms));
        let prompts = Self {
            versions: Versions::new(folder, options.versions_max),
            folder: folder.to_owned(),
            table: RwLock::default(),
            wanted: RwLock::default(),
            speech: speech.transpose()?,
            made: Mutex::default(),
            missing: AtomicU64::new(0),
            seen: Mutex::default(),
            options,
        };
        *prompts.seen() = folder::stamp(&prompts.versions.index()).ok();
        for (key, path) in folder::files(folder)? {
            let entry = folder::load(&path, prompts.options.forms, prompts.options.file_bytes_max)?;
            prompts.require_room(&key, &entry)?;
            prompts.insert(&key, entry);
        }
        Ok(prompts)
    }

    /// What there is of a name in a language. A text to be spoken (`say:...`) that is not ready is begun.
    #[must_use]
    pub fn get(&self, name: &str, language: Option<&str>) -> Found {
        self.request(name, language, Box::new(drop))
    }

    /// As [`Prompts::get`]; after [`Found::Pending`], and only then, `when_ready` is called, exactly once. It must not wait.
    #[must_use]
    pub fn request(&self, name: &str, language: Option<&str>, when_ready: WhenReady) -> Found {
        let found = match name.strip_prefix(SAY) {
            Some(text) => self.speak(text, language, when_ready),
            None => match Made::parse(name) {
                Some(Ok(made)) => Found::Ready(self.make(name, made)),
                Some(Err(why)) => Found::Missing(missing(name, language, why)),
                None => self.look_up(name, language),
            },
        };
        if let Found::Missing(_) = found {
            self.missing.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    /// A tone or a silence.
    fn make(&self, name: &str, made: Made) -> Arc<Prompt> {
        // what is under the lock is whole at any moment
        let mut kept = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prompt) = kept.get(name) {
            return Arc::clone(prompt);
        }
        if kept.len() >= MADE_MAX {
            kept.clear();
        }
        let prompt = Arc::new(Prompt::of(&made.sound(self.options.country), self.options.forms));
        kept.insert(name.to_owned(), Arc::clone(&prompt));
        prompt
    }

    fn look_up(&self, name: &str, language: Option<&str>) -> Found {
        let table = self.read_table();
        let Some(named) = table.get(name) else {
            let why = format!("put {name}.wav into {}", self.folder.display());
            return Found::Missing(missing(name, language, why));
        };
        match self.nearest(named, language) {
            Some(entry) => Found::Ready(Arc::clone(&entry.prompt)),
            None => {
                let others = named.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                let why = format!("there is one in {others} only; add it without a language");
                Found::Missing(missing(name, language, why))
            }
        }
    }

    /// The language and those that stand for it, then without one, then the default and those that stand for that.
    fn nearest<'a>(&self, named: &'a Named, language: Option<&str>) -> Option<&'a Entry> {
        let default = self.options.default_language.as_deref();
        let chain = language.into_iter().flat_map(stand_ins).chain([""]);
        let mut chain = chain.chain(default.into_iter().flat_map(stand_ins));
        chain.find_map(|tag| {
            named.iter().find(|(language, _)| language.eq_ignore_ascii_case(tag)).map(|(_, entry)| entry)
        })
    }

    fn speak(&self, text: &str, language: Option<&str>, when_ready: WhenReady) -> Found {
        let language = language.or(self.options.default_language.as_deref());
        match &self.speech {
            Some(speech) => speech.request(text, language, when_ready),
            None => {
                let why = "no command speaks texts: set [prompts.speech]".to_owned();
                Found::Missing(missing(&format!("{SAY}{text}"), language, why))
            }
        }
    }

    /// How often something was looked for in vain.
    #[must_use]
    pub fn missing_count(&self) -> u64 {
        self.missing.load(Ordering::Relaxed)
    }

    /// How often the speech command has been run.
    #[must_use]
    pub fn spoken_count(&self) -> u64 {
        self.speech.as_ref().map_or(0, Speech::runs)
    }

    /// What a configuration plays and cannot: names with their places. Texts are spoken now, and waited for.
    #[must_use]
    pub fn check(&self, wanted: Vec<(String, String)>) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (at, name) in &wanted {
            // any language will do
            let is_there = !name.starts_with(SAY) && self.read_table().contains_key(name);
            if !is_there && let Err(missing) = self.wait_for(name, None) {
                problems.push(Problem::new(at, missing.to_string()));
            }
        }
        self.set_wanted(wanted.into_iter().map(|(at, name)| (name, at)));
        problems
    }

    /// A prompt, waited for while it is spoken.
    fn wait_for(&self, name: &str, language: Option<&str>) -> Result<Arc<Prompt>, Missing> {
        let (to, from) = crossbeam_channel::bounded(1);
        match self.request(name, language, Box::new(move |spoken| drop(to.try_send(spoken)))) {
            Found::Ready(prompt) => Ok(prompt),
            Found::Missing(missing) => Err(missing),
            // the command has a time limit, and its thread always answers
            Found::Pending => from.recv().unwrap_or_else(|_| {
                Err(missing(name, language, "the thread that speaks has ended".to_owned()))
            }),
        }
    }

    /// What is not to be removed: names, with the place of the configuration that plays each.
    pub fn set_wanted(&self, wanted: impl IntoIterator<Item = (String, String)>) {
        *self.wanted.write().unwrap_or_else(PoisonError::into_inner) = wanted.into_iter().collect();
    }

    // what is under the lock is whole at any moment: a panic elsewhere does not matter
    fn read_table(&self) -> RwLockReadGuard<'_, BTreeMap<String, Named>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_table(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Named>> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> MutexGuard<'_, Option<Stamp>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry(&self, key: &PromptKey) -> Option<Entry> {
        self.read_table().get(key.name())?.get(key.language().unwrap_or_default()).cloned()
    }

    fn insert(&self, key: &PromptKey, entry: Entry) {
        let language = key.language().unwrap_or_default().to_owned();
        self.write_table().entry(key.name().to_owned()).or_default().insert(language, entry);
    }
}

fn missing(name: &str, language: Option<&str>, why: String) -> Missing {
    Missing { name: name.to_owned(), language: language.map(str::to_owned), why }
}

#[cfg(test)]
mod tests;
