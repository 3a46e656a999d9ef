//! Recordings played back: a prompt's name may be `recording:PATH`, a path below the recordings' folder. They are read on
//! a thread of their own, and the last few are kept.
//!
//! ```text
//! request ─▶ kept? Ready ─ no ─▶ queue (bounded) ─▶ thread: read, mixed down ─▶ kept, and told
//! ```

use super::prompts::{Found, Missing, WhenReady};
use crate::media::Prompt;
use crate::media::prompt::{Forms, Sound};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::collections::VecDeque;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the name of a prompt begins with when the rest of it is a recording's path.
pub const RECORDING: &str = "recording:";
/// Recordings that may wait to be read; more are refused.
const QUEUE_MAX: usize = 64;
/// Memory of those that are kept, in bytes; the ones not asked for the longest time go.
const KEPT_BYTES_MAX: u64 = 256 << 20;

/// Recordings by their paths, the last asked for at the end.
type Kept = VecDeque<(String, Arc<Prompt>)>;

/// A recording to be read.
struct Job {
    path: String,
    when_ready: WhenReady,
}

/// The recordings of a node, to be heard.
pub(crate) struct Playback {
    kept: Arc<Mutex<Kept>>,
    jobs: Sender<Job>,
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    // what is under the lock is whole at any moment
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn missing(path: &str, why: impl Into<String>) -> Missing {
    Missing { name: format!("{RECORDING}{path}"), language: None, why: why.into() }
}

impl Playback {
    /// Start the thread, which ends with the last user of this.
    pub(crate) fn start(folder: PathBuf, forms: Forms) -> io::Result<Self> {
        let (jobs, to_do) = bounded(QUEUE_MAX);
        let kept = Arc::new(Mutex::new(Kept::new()));
        let kept_too = Arc::clone(&kept);
        let run = move || read_all(&to_do, &folder, forms, &kept_too);
        std::thread::Builder::new().name("callcore-playback".into()).spawn(run)?;
        Ok(Self { kept, jobs })
    }

    /// The recording of a path; after [`Found::Pending`], and only then, `when_ready` is called, exactly once.
    pub(crate) fn request(&self, path: &str, when_ready: impl FnOnce() -> WhenReady) -> Found {
        if let Some(prompt) = self.find(path) {
            return Found::Ready(prompt);
        }
        let is_below = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if path.is_empty() || !is_below {
            return Found::Missing(missing(path, "this is no path below the recordings' folder"));
        }
        match self.jobs.try_send(Job { path: path.to_owned(), when_ready: when_ready() }) {
            Ok(()) => Found::Pending,
            Err(_) => Found::Missing(missing(path, "too many recordings wait to be read: try again")),
        }
    }

    fn find(&self, path: &str) -> Option<Arc<Prompt>> {
        let mut kept = lock(&self.kept);
        let at = kept.iter().position(|(known, _)| known == path)?;
        let entry = kept.remove(at)?;
        let prompt = Arc::clone(&entry.1);
        kept.push_back(entry);
        Some(prompt)
    }
}

fn read_all(jobs: &Receiver<Job>, folder: &Path, forms: Forms, kept: &Mutex<Kept>) {
    for Job { path, when_ready } in jobs {
        let result = read(&folder.join(&path), forms).map_err(|why| missing(&path, why));
        if let Ok(prompt) = &result {
            keep(&mut lock(kept), path, prompt);
        }
        when_ready(result);
    }
}

fn read(path: &Path, forms: Forms) -> Result<Arc<Prompt>, String> {
    let bytes = std::fs::read(path).map_err(|why| format!("{}: {why}", path.display()))?;
    let sound = Sound::read(&bytes).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(Arc::new(Prompt::of(&sound, forms)))
}

fn keep(kept: &mut Kept, path: String, prompt: &Arc<Prompt>) {
    kept.push_back((path, Arc::clone(prompt)));
    let bytes = |kept: &Kept| kept.iter().map(|(_, prompt)| prompt.bytes()).sum::<u64>();
    // the one that was just read has to be found when it is asked for again
    while kept.len() > 1 && bytes(kept) > KEPT_BYTES_MAX {
        kept.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Rate;
    use crate::media::prompt::WavCoding;

    /// Ask, and wait for the answer if there is one to come.
    fn ask(playback: &Playback, path: &str) -> Result<Arc<Prompt>, Missing> {
        let (to, from) = bounded(1);
        match playback.request(path, || Box::new(move |result| drop(to.send(result)))) {
            Found::Ready(prompt) => Ok(prompt),
            Found::Missing(missing) => Err(missing),
            Found::Pending => from.recv().expect("it is told exactly once"),
        }
    }

    #[test]
    fn recordings_are_read_once_and_what_cannot_be_is_told() {
        let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
        let sound = Sound { samples: (0..8000).collect(), rate_hz: 8000 };
        std::fs::create_dir(folder.path().join("day")).expect("a folder");
        std::fs::write(folder.path().join("day/1.wav"), sound.to_wav(WavCoding::Pcm16)).expect("a file");
        std::fs::write(folder.path().join("bad.wav"), "words").expect("a file");
        let playback = Playback::start(folder.path().to_owned(), Forms::default()).expect("a thread");
        let prompt = ask(&playback, "day/1.wav").expect("it is there");
        assert_eq!(prompt.samples(Rate::Narrow), &sound.samples[..]);
        std::fs::remove_file(folder.path().join("day/1.wav")).expect("it was there");
        assert!(ask(&playback, "day/1.wav").is_ok(), "it is kept");
        for (path, why) in [("day/2.wav", "day"), ("bad.wav", "RIFF"), ("../x.wav", "below"), ("", "below")] {
            let missing = ask(&playback, path).expect_err("it cannot be played");
            assert!(missing.to_string().contains(why), "{missing}");
            assert!(missing.name.starts_with(RECORDING), "{missing}");
        }
    }

    #[test]
    fn the_oldest_go_first() {
        let mut kept = Kept::new();
        let large = Arc::new(Prompt::new(vec![0; 50 << 20]));
        for n in 0..4 {
            keep(&mut kept, n.to_string(), &large);
        }
        let names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["2", "3"], "100 MB each");
    }
}
