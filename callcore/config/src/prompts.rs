//! `[prompts]`: whose language stands in, and the command that speaks texts.

use callcore::shell::prompts::{PromptOptions, SpeechOptions};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// How prompts are kept.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromptSettings {
    /// Stands in where a prompt is there neither in the caller's language nor without one.
    pub default_language: Option<String>,
    /// Old files kept of each prompt; left out: 10.
    pub versions_max: Option<usize>,
    /// Speaks the prompts that are called `say:...`.
    pub speech: Option<SpeechSettings>,
}

/// `[prompts.speech]`; empty, it is espeak-ng.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpeechSettings {
    /// Program and arguments, with `{text}`, `{file}`, `{language}`, `{voice}`.
    command: Vec<String>,
    /// `{voice}` by language.
    voices: BTreeMap<String, String>,
    /// Of texts of which nobody says it.
    language: String,
    /// Longest run.
    time_ms_max: u64,
    /// Most that is kept on disk.
    disk_bytes_max: u64,
}

impl Default for SpeechSettings {
    fn default() -> Self {
        let SpeechOptions { command, voices, language, time_max, disk_bytes_max, .. } =
            SpeechOptions::default();
        let time_ms_max = u64::try_from(time_max.as_millis()).unwrap_or(u64::MAX);
        Self { command, voices, language, time_ms_max, disk_bytes_max }
    }
}

impl PromptSettings {
    /// For the store.
    pub fn options(&self) -> PromptOptions {
        let options = PromptOptions::default();
        PromptOptions {
            default_language: self.default_language.clone(),
            versions_max: self.versions_max.unwrap_or(options.versions_max),
            speech: self.speech.as_ref().map(SpeechSettings::options),
            ..options
        }
    }
}

impl SpeechSettings {
    /// For the store.
    pub fn options(&self) -> SpeechOptions {
        SpeechOptions {
            command: self.command.clone(),
            voices: self.voices.clone(),
            language: self.language.clone(),
            time_max: Duration::from_millis(self.time_ms_max),
            disk_bytes_max: self.disk_bytes_max,
            ..SpeechOptions::default()
        }
    }
}
