//! Texts that are spoken by a command: one thread, one run for each text, and what was spoken is kept.
//!
//! ```text
//! request ─▶ in memory? Ready ─ no ─▶ queue (bounded) ─▶ thread: on disk? else run the command ─▶ memory, waiters
//! ```

use super::spoken::{self, Spoken};
use super::{Found, WhenReady, missing};
use crate::media::Prompt;
use crate::media::prompt::Forms;
use crate::shell::failed::Failed;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What the name of a prompt begins with when the rest of it is a text to be spoken.
pub const SAY: &str = "say:";
/// Texts that may wait; more are refused.
const QUEUE_MAX: usize = 256;
/// Longest text, in bytes.
const TEXT_BYTES_MAX: usize = 2000;

/// The command that speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpeechOptions {
    /// Program and arguments, without a shell; `{text}`, `{language}`, `{voice}` and `{file}` are put in. It writes `{file}`.
    pub command: Vec<String>,
    /// What `{voice}` is for a language and those it stands in for: `zh` to `cmn`. Left out: the language itself.
    pub voices: BTreeMap<String, String>,
    /// What `{language}` is when nobody asks for one.
    pub language: String,
    /// Longest run.
    pub time_max: Duration,
    /// Largest file that it may write, in bytes.
    pub file_bytes_max: u64,
    /// Files kept on disk, in bytes; the ones not used for the longest time go.
    pub disk_bytes_max: u64,
    /// Prompts kept in memory, in bytes.
    pub memory_bytes_max: u64,
}

impl Default for SpeechOptions {
    /// espeak-ng, English when nothing is said.
    fn default() -> Self {
        let command = ["espeak-ng", "-v", "{voice}", "-w", "{file}", "--", "{text}"];
        Self {
            command: command.map(str::to_owned).to_vec(),
            voices: [("zh".to_owned(), "cmn".to_owned())].into(),
            language: "en".to_owned(),
            time_max: Duration::from_secs(10),
            file_bytes_max: 16 << 20,
            disk_bytes_max: 256 << 20,
            memory_bytes_max: 64 << 20,
        }
    }
}

impl SpeechOptions {
    /// What is wrong with the command, if anything.
    #[must_use]
    pub fn mistake(&self) -> Option<String> {
        let has = |word: &str| self.command.iter().any(|argument| argument.contains(word));
        if self.command.is_empty() {
            return Some("it is empty: write a program and its arguments".to_owned());
        }
        let absent = ["{text}", "{file}"].into_iter().find(|word| !has(word))?;
        Some(format!("{absent} is not in it: add it where the program expects it"))
    }

    fn voice(&self, language: &str) -> String {
        let known = crate::base::language::stand_ins(language).find_map(|tag| {
            self.voices.iter().find(|(name, _)| name.eq_ignore_ascii_case(tag)).map(|(_, voice)| voice)
        });
        known.cloned().unwrap_or_else(|| language.to_owned())
    }
}

/// A text to be spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) key: u128,
    pub(super) language: String,
    pub(super) voice: String,
    pub(super) text: String,
}

/// What is known of texts.
#[derive(Default)]
struct State {
    ready: BTreeMap<u128, (u64, Arc<Prompt>)>,
    waiting: BTreeMap<u128, Vec<WhenReady>>,
    /// Rises with every use: what has the lowest was not used for the longest time.
    uses: u64,
}

struct Shared {
    options: SpeechOptions,
    state: Mutex<State>,
    runs: AtomicU64,
    is_ending: AtomicBool,
}

/// The thread that speaks; dropping it ends it and whatever the command does.
pub(super) struct Speech {
    shared: Arc<Shared>,
    prompts: PathBuf,
    queue: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Speech {
    pub(super) fn start(options: SpeechOptions, prompts: &Path, forms: Forms) -> Result<Self, Failed> {
        if let Some(text) = options.mistake() {
            return Err(Failed::Setting { setting: "prompts.speech.command".to_owned(), text });
        }
        let spoken = Spoken::new(&options, prompts, forms);
        let shared = Arc::new(Shared {
            options,
            state: Mutex::default(),
            runs: AtomicU64::new(0),
            is_ending: AtomicBool::new(false),
        });
        let (queue, jobs) = bounded(QUEUE_MAX);
        let works = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("callcore-speech".into());
        let thread = thread.spawn(move || works.run(&jobs, &spoken));
        let thread = thread.map_err(|why| Failed::Thread { thread: "speech".to_owned(), why })?;
        Ok(Self { shared, prompts: prompts.to_owned(), queue: Some(queue), thread: Some(thread) })
    }

    pub(super) fn runs(&self) -> u64 {
        self.shared.runs.load(Ordering::Relaxed)
    }

    /// Where a text is on disk once it has been spoken.
    pub(super) fn file(&self, text: &str, language: Option<&str>) -> PathBuf {
        spoken::file(&self.prompts, self.shared.job(text.trim(), language).key)
    }

    pub(super) fn request(&self, text: &str, language: Option<&str>, when_ready: WhenReady) -> Found {
        let name = format!("{SAY}{text}");
        let not = |why: String| Found::Missing(missing(&name, language, why));
        let text = text.trim();
        if text.is_empty() || text.len() > TEXT_BYTES_MAX || text.contains(char::is_control) {
            return not(format!("a text to be spoken has 1 to {TEXT_BYTES_MAX} bytes on one line"));
        }
        let job = self.shared.job(text, language);
        let mut state = self.shared.state();
        if let Some(prompt) = state.take_ready(job.key) {
            return Found::Ready(prompt);
        }
        if let Some(waiting) = state.waiting.get_mut(&job.key) {
            waiting.push(when_ready);
            return Found::Pending;
        }
        let key = job.key;
        match self.queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => {
                state.waiting.insert(key, vec![when_ready]);
                Found::Pending
            }
            _ => not(format!("{QUEUE_MAX} texts wait to be spoken already")),
        }
    }
}

impl Drop for Speech {
    fn drop(&mut self) {
        self.shared.is_ending.store(true, Ordering::Release);
        self.queue = None;
        // the last grip on the store may have been in the hands of somebody who was just told
        let thread = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id());
        let _ = thread.map(JoinHandle::join);
    }
}

impl State {
    fn take_ready(&mut self, key: u128) -> Option<Arc<Prompt>> {
        self.uses += 1;
        let (used, prompt) = self.ready.get_mut(&key)?;
        *used = self.uses;
        Some(Arc::clone(prompt))
    }

    fn keep(&mut self, key: u128, prompt: &Arc<Prompt>, bytes_max: u64) {
        self.uses += 1;
        self.ready.insert(key, (self.uses, Arc::clone(prompt)));
        let mut bytes: u64 = self.ready.values().map(|(_, prompt)| prompt.bytes()).sum();
        while bytes > bytes_max
            && let Some((oldest, (_, prompt))) = self.ready.iter().min_by_key(|(_, (used, _))| *used)
        {
            bytes -= prompt.bytes();
            let oldest = *oldest;
            self.ready.remove(&oldest);
        }
    }
}

impl Shared {
    // what is under the lock is whole at any moment
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn job(&self, text: &str, language: Option<&str>) -> Job {
        let language = language.unwrap_or(&self.options.language).to_owned();
        let voice = self.options.voice(&language);
        // everything that decides how it sounds
        let parts = self.options.command.iter().map(String::as_str).chain([&*language, &*voice, text]);
        let key = xxhash_rust::xxh3::xxh3_128(parts.collect::<Vec<_>>().join("\0").as_bytes());
        Job { key, language, voice, text: text.to_owned() }
    }

    fn run(&self, jobs: &Receiver<Job>, spoken: &Spoken) {
        for job in jobs {
            let prompt = spoken.fetch(&job, &self.runs, &self.is_ending).map(Arc::new);
            if let Err(why) = &prompt {
                tracing::error!(text = job.text, language = job.language, "the text cannot be spoken: {why}");
            }
            let mut state = self.state();
            if let Ok(prompt) = &prompt {
                state.keep(job.key, prompt, self.options.memory_bytes_max);
            }
            let waiting = state.waiting.remove(&job.key).unwrap_or_default();
            drop(state);
            let name = format!("{SAY}{}", job.text);
            let prompt = prompt.map_err(|why| missing(&name, Some(&job.language), why));
            waiting.into_iter().for_each(|when_ready| when_ready(prompt.clone()));
        }
    }
}
