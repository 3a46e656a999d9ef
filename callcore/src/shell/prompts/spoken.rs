//! What the speech command has written: files by the hash of their text, the ones not used for the longest time go first.

use super::folder;
use super::speech::{Job, SpeechOptions};
use crate::media::Prompt;
use crate::media::prompt::Forms;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

const FOLDER: &str = ".spoken";
/// How often a run is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How much of a complaint is told, in bytes.
const COMPLAINT_BYTES_MAX: u64 = 300;

/// Where the text of a key is kept.
pub(super) fn file(prompts: &Path, key: u128) -> PathBuf {
    prompts.join(FOLDER).join(name(key))
}

fn name(key: u128) -> String {
    format!("{key:032x}.wav")
}

pub(super) struct Spoken {
    folder: PathBuf,
    options: SpeechOptions,
    forms: Forms,
}

impl Spoken {
    pub(super) fn new(options: &SpeechOptions, prompts: &Path, forms: Forms) -> Self {
        Self { folder: prompts.join(FOLDER), options: options.clone(), forms }
    }

    /// The prompt of a text, from the disk or from the command; or what went wrong.
    pub(super) fn fetch(
        &self,
        job: &Job,
        runs: &AtomicU64,
        is_ending: &AtomicBool,
    ) -> Result<Prompt, String> {
        let path = self.folder.join(name(job.key));
        if let Ok(prompt) = self.load(&path) {
            // it has been used: that is what its age is for
            let _ = File::options()
                .append(true)
                .open(&path)
                .and_then(|file| file.set_modified(SystemTime::now()));
            return Ok(prompt);
        }
        fs::create_dir_all(&self.folder).map_err(|why| format!("{}: {why}", self.folder.display()))?;
        let beside = self.folder.join(format!(".{}", name(job.key)));
        let _ = fs::remove_file(&beside);
        runs.fetch_add(1, Ordering::Relaxed);
        let prompt = self.run(job, &beside, is_ending).and_then(|()| self.load(&beside));
        let kept = prompt.and_then(|prompt| {
            fs::rename(&beside, &path).map_err(|why| format!("{}: {why}", path.display()))?;
            Ok(prompt)
        });
        if kept.is_err() {
            let _ = fs::remove_file(&beside);
        }
        self.evict();
        kept
    }

    fn load(&self, path: &Path) -> Result<Prompt, String> {
        let entry =
            folder::load(path, self.forms, self.options.file_bytes_max).map_err(|why| why.to_string())?;
        if entry.prompt.samples.is_empty() {
            return Err("there is no sound in the file that it wrote".to_owned());
        }
        Ok(std::sync::Arc::unwrap_or_clone(entry.prompt))
    }

    /// Run the command to its end, or end it.
    fn run(&self, job: &Job, file: &Path, is_ending: &AtomicBool) -> Result<(), String> {
        let arguments: Vec<String> =
            self.options.command.iter().map(|part| put_in(part, job, &file.to_string_lossy())).collect();
        let (program, arguments) = arguments.split_first().ok_or("there is no command")?;
        let complaint = file.with_extension("txt");
        let told = File::create(&complaint).map_err(|why| format!("{}: {why}", complaint.display()))?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(told);
        let child = command.spawn().map_err(|why| format!("{program}: {why}"));
        let ended = child.and_then(|mut child| self.wait(&mut child, file, is_ending));
        let words = first_words(&complaint).unwrap_or_default();
        let _ = fs::remove_file(&complaint);
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{program} ended with {status}: {}", words.trim())),
            Err(why) => Err(why),
        }
    }

    fn wait(&self, child: &mut Child, file: &Path, is_ending: &AtomicBool) -> Result<ExitStatus, String> {
        let deadline = Instant::now() + self.options.time_max;
        let why = loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) => {}
                Err(why) => break why.to_string(),
            }
            let written = fs::metadata(file).map_or(0, |about| about.len());
            if written > self.options.file_bytes_max {
                break format!("it wrote more than {} bytes and was ended", self.options.file_bytes_max);
            }
            if is_ending.load(Ordering::Acquire) {
                break "the node stops".to_owned();
            }
            if Instant::now() >= deadline {
                break format!("it did not end in {} ms and was ended", self.options.time_max.as_millis());
            }
            std::thread::sleep(LOOK_EVERY);
        };
        let _ = child.kill();
        let _ = child.wait();
        Err(why)
    }

    /// Remove what was not used for the longest time until the rest fits.
    fn evict(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        let stamped = paths.filter_map(|path| Some((folder::stamp(&path).ok()?, path)));
        let mut files: Vec<_> = stamped.collect();
        files.sort_by(|(one, a), (other, b)| (other.changed, a).cmp(&(one.changed, b)));
        let mut total = 0;
        for (stamp, path) in files {
            total += stamp.bytes;
            if total > self.options.disk_bytes_max
                && let Err(why) = fs::remove_file(&path)
            {
                tracing::warn!(path = %path.display(), "a spoken text cannot be removed: {why}");
            }
        }
    }
}

/// An argument with what it stands for; one pass, so that a text is never taken for anything else.
fn put_in(part: &str, job: &Job, file: &str) -> String {
    let mut rest = part;
    let mut whole = String::new();
    while let Some(at) = rest.find('{') {
        let (before, after) = rest.split_at(at);
        whole.push_str(before);
        let words = [
            ("{text}", &*job.text),
            ("{language}", &job.language),
            ("{voice}", &job.voice),
            ("{file}", file),
        ];
        let known = words.into_iter().find(|(word, _)| after.starts_with(word));
        let (word, value) = known.unwrap_or(("{", "{"));
        whole.push_str(value);
        rest = &after[word.len()..];
    }
    whole.push_str(rest);
    // a text must not be an option
    if part.starts_with("{text}") && whole.starts_with('-') { format!(" {whole}") } else { whole }
}

fn first_words(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(COMPLAINT_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).replace(char::is_control, " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_put_in_once_and_a_text_is_no_option() {
        let job = Job { key: 1, language: "zh-HK".into(), voice: "yue".into(), text: "-w {file}".into() };
        let put = |part| put_in(part, &job, "out.wav");
        assert_eq!(put("{text}"), " -w {file}");
        assert_eq!(put("<{voice}>{language} {x} {"), "<yue>zh-HK {x} {");
        assert_eq!(put("--file={file}"), "--file=out.wav");
    }
}
