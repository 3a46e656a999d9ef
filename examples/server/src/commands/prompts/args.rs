//! The command line of `prompts`.

use callcore::media::prompt::{Edit, WavCoding};
use callcore::shell::prompts::PromptKey;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

const HELP: &str = "\
A prompt is called welcome, or zh/welcome in one language. Files are WAV (PCM, float, A-law, µ-law), AIFF, FLAC, Ogg
Vorbis, MP3, and raw G.711 (.alaw .ulaw). A server that runs takes changes over within a second: new calls hear them.

Examples:
  callcore-server prompts list
  callcore-server prompts add zh/welcome recorded.wav --trim --speech -16
  callcore-server prompts edit welcome --from-ms 200 --to-ms 3500 --fade-out-ms 50
  callcore-server prompts edit welcome --gain-db 3 --dry-run
  callcore-server prompts say closed 'We are closed now. Please call again tomorrow.'
  callcore-server prompts versions welcome
  callcore-server prompts rollback welcome 2

Exit codes: 0 done, 1 something failed, 2 it cannot be: a wrong name, a file that cannot be played, nonsense to edit.";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct PromptsArgs {
    #[command(subcommand)]
    pub(super) action: Action,
    /// Take the folder of prompts of this configuration; left out: as `run` takes it
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
    /// Whose change it is, for `versions`; left out: the user of this terminal
    #[arg(long, value_name = "NAME", global = true)]
    pub(super) who: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// All prompts with length, level and file
    List {
        /// Print each as one line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a sound file, or put it in the place of the prompt that is there
    Add {
        /// What flows call it: welcome, or zh/welcome
        prompt: PromptKey,
        /// The sound file
        file: PathBuf,
        #[command(flatten)]
        edit: EditArgs,
    },
    /// Edit a prompt: in the order in which the options stand in this help
    Edit {
        /// Which
        prompt: PromptKey,
        #[command(flatten)]
        edit: EditArgs,
        /// Show what it would become, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Write a prompt to a file
    Export {
        /// Which
        prompt: PromptKey,
        /// Where to
        file: PathBuf,
    },
    /// Take a prompt out; `rollback` brings it back
    Remove {
        /// Which
        prompt: PromptKey,
    },
    /// What a prompt was before, by whom and when
    Versions {
        /// Which
        prompt: PromptKey,
    },
    /// Play an older version again
    Rollback {
        /// Which
        prompt: PromptKey,
        /// Its number in `versions`
        version: u32,
    },
    /// Let the speech command of the configuration speak a text, and add that
    Say {
        /// What flows call it: closed, or zh/closed; its language is spoken
        prompt: PromptKey,
        /// The text
        text: String,
        #[command(flatten)]
        edit: EditArgs,
    },
}

/// What is done with a sound; in this order.
#[derive(Debug, Default, Args)]
#[command(allow_negative_numbers = true)]
pub(super) struct EditArgs {
    /// Keep it from here
    #[arg(long, value_name = "MS")]
    from_ms: Option<u64>,
    /// Keep it up to here
    #[arg(long, value_name = "MS")]
    to_ms: Option<u64>,
    /// Cut silence off at both ends: all that is quieter than this
    #[arg(long, value_name = "DBM0", num_args = 0..=1, default_missing_value = "-45", allow_negative_numbers = true)]
    trim: Option<f64>,
    /// How much silence --trim leaves in front
    #[arg(long, value_name = "MS", default_value_t = 50)]
    lead_in_ms: u64,
    /// How much silence --trim leaves behind
    #[arg(long, value_name = "MS", default_value_t = 150)]
    lead_out_ms: u64,
    /// Samples a second
    #[arg(long, value_name = "HZ")]
    rate: Option<u32>,
    /// Bring the voice to this level (ITU-T P.56); -16 is right for telephones
    #[arg(long, value_name = "DBM0", allow_negative_numbers = true)]
    speech: Option<f64>,
    /// Bring the peak to this
    #[arg(long, value_name = "DBFS", allow_negative_numbers = true, conflicts_with = "speech")]
    peak: Option<f64>,
    /// Louder or quieter; never clipped
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    gain_db: Option<f64>,
    /// Begin softly
    #[arg(long, value_name = "MS")]
    fade_in_ms: Option<u64>,
    /// End softly
    #[arg(long, value_name = "MS")]
    fade_out_ms: Option<u64>,
    /// Silence in front
    #[arg(long, value_name = "MS")]
    pause_ms: Option<u64>,
    /// How it is written
    #[arg(long, value_enum)]
    coding: Option<Coding>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Coding {
    /// 16-bit linear
    Pcm,
    /// G.711 A-law, half the size
    Alaw,
    /// G.711 µ-law, half the size
    Ulaw,
}

impl EditArgs {
    /// Whether it changes nothing at all.
    pub(super) fn is_nothing(&self) -> bool {
        self.edits().is_empty() && self.coding.is_none()
    }

    pub(super) fn coding(&self) -> WavCoding {
        match self.coding {
            None | Some(Coding::Pcm) => WavCoding::Pcm16,
            Some(Coding::Alaw) => WavCoding::ALaw,
            Some(Coding::Ulaw) => WavCoding::MuLaw,
        }
    }

    /// The steps; a law is for 8 kHz. Levels come after the rate: what a telephone does not hear does not count.
    pub(super) fn edits(&self) -> Vec<Edit> {
        let (from_ms, to_ms) = (self.from_ms, self.to_ms);
        let keep = (from_ms.is_some() || to_ms.is_some())
            .then(|| Edit::Keep { from_ms: from_ms.unwrap_or(0), to_ms });
        let (lead_in_ms, lead_out_ms) = (self.lead_in_ms, self.lead_out_ms);
        let trim =
            self.trim.map(|threshold_dbm0| Edit::TrimSilence { threshold_dbm0, lead_in_ms, lead_out_ms });
        let fade = (self.fade_in_ms.is_some() || self.fade_out_ms.is_some()).then(|| Edit::Fade {
            in_ms: self.fade_in_ms.unwrap_or(0),
            out_ms: self.fade_out_ms.unwrap_or(0),
        });
        let is_law = self.coding.is_some_and(|coding| coding != Coding::Pcm);
        let rate = self.rate.or(is_law.then_some(8000));
        let steps = [
            keep,
            trim,
            rate.map(|hz| Edit::Rate { hz }),
            self.speech.map(|dbm0| Edit::NormaliseSpeech { dbm0 }),
            self.peak.map(|dbfs| Edit::NormalisePeak { dbfs }),
            self.gain_db.map(|db| Edit::Gain { db }),
            fade,
            self.pause_ms.map(|ms| Edit::InsertSilence { at_ms: 0, ms }),
        ];
        steps.into_iter().flatten().collect()
    }
}
