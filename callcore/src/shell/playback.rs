//! Recordings played back: a prompt's name may be `recording:PATH`, a path below the recordings' folder. They are read on
//! a thread of their own, and the last few are kept.
//!
//! ```text
//! request ─▶ kept, and looked at just now? Ready ─ no ─▶ queue (bounded) ─▶ thread: read if it has changed ─▶ kept, and told
//! ```
//!
//! A file may grow while it is recorded, or be recorded anew under its name: only the thread, which may wait for a disk, looks.

use super::prompts::{Found, Missing, WhenReady};
use crate::media::Prompt;
use crate::media::prompt::{Forms, Sound};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::collections::VecDeque;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// What the name of a prompt begins with when the rest of it is a recording's path.
pub const RECORDING: &str = "recording:";
/// Recordings that may wait to be read; more are refused.
const QUEUE_MAX: usize = 64;
/// Memory of those that are kept, in bytes; the ones not asked for the longest time go.
const KEPT_BYTES_MAX: u64 = 256 << 20;

/// So long a recording that was looked at is given without another look: who waited for it asks again at once.
const FRESH: Duration = Duration::from_secs(1);

/// Recordings, the last asked for at the end.
type Kept = VecDeque<Recorded>;

/// A recording as it was when it was looked at.
struct Recorded {
    path: String,
    prompt: Arc<Prompt>,
    stamp: Stamp,
    looked: Instant,
}

/// What changes when a file does: its length, and when it was written.
type Stamp = (u64, Option<SystemTime>);

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
        let entry = take(&mut kept, path)?;
        let prompt = (entry.looked.elapsed() < FRESH).then(|| Arc::clone(&entry.prompt));
        kept.push_back(entry);
        prompt
    }
}

fn take(kept: &mut Kept, path: &str) -> Option<Recorded> {
    let at = kept.iter().position(|known| known.path == path)?;
    kept.remove(at)
}

fn read_all(jobs: &Receiver<Job>, folder: &Path, forms: Forms, kept: &Mutex<Kept>) {
    for Job { path, when_ready } in jobs {
        let before = take(&mut lock(kept), &path);
        let result = read(&folder.join(&path), forms, before).map_err(|why| missing(&path, why));
        when_ready(result.map(|(prompt, stamp)| {
            let (looked, told) = (Instant::now(), Arc::clone(&prompt));
            keep(&mut lock(kept), Recorded { path, prompt, stamp, looked });
            told
        }));
    }
}

/// The recording of a file, which is `before` if it has not changed since.
fn read(path: &Path, forms: Forms, before: Option<Recorded>) -> Result<(Arc<Prompt>, Stamp), String> {
    let failed = |why: io::Error| format!("{}: {why}", path.display());
    let file = std::fs::metadata(path).map_err(failed)?;
    let stamp = (file.len(), file.modified().ok());
    if let Some(before) = before.filter(|before| before.stamp == stamp) {
        return Ok((before.prompt, stamp));
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    let sound = Sound::read_recording(&bytes).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok((Arc::new(Prompt::of(&sound, forms)), stamp))
}

fn keep(kept: &mut Kept, recorded: Recorded) {
    kept.push_back(recorded);
    let bytes = |kept: &Kept| kept.iter().map(|known| known.prompt.bytes()).sum::<u64>();
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
        assert!(playback.find("day/1.wav").is_some(), "who waited for it has it at once");
        let lapse = || {
            for known in lock(&playback.kept).iter_mut() {
                known.looked -= FRESH;
            }
        };
        lapse();
        let again = ask(&playback, "day/1.wav").expect("it is there");
        assert!(Arc::ptr_eq(&again, &prompt), "it has not changed");
        // two parties: recorded anew under its name, each on a side
        lapse();
        let sides: Vec<i16> = (0..8000).flat_map(|n| [n, 30_000]).collect();
        let anew = Sound { samples: sides, rate_hz: 8000 }.to_wav(WavCoding::Pcm16);
        let anew = [&anew[..22], &2u16.to_le_bytes(), &anew[24..]].concat();
        std::fs::write(folder.path().join("day/1.wav"), anew).expect("a file");
        let now = ask(&playback, "day/1.wav").expect("it is there");
        let samples = now.samples(Rate::Narrow);
        assert_eq!((samples[1000], samples[7000]), (31_000, i16::MAX), "both as loud as they were");
        lapse();
        std::fs::remove_file(folder.path().join("day/1.wav")).expect("it was there");
        assert!(ask(&playback, "day/1.wav").is_err(), "it is gone");
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
            let (prompt, looked) = (Arc::clone(&large), Instant::now());
            keep(&mut kept, Recorded { path: n.to_string(), prompt, stamp: (0, None), looked });
        }
        let names: Vec<&str> = kept.iter().map(|known| known.path.as_str()).collect();
        assert_eq!(names, ["2", "3"], "100 MB each");
    }
}
