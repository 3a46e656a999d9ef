//! The voice editor: pure functions from sound to sound. Each refuses what makes no sense, and never clips.

use super::decibel::{SILENCE_DBM0, amplitude_of_db, dbm0_of_mean_square};
use super::level::{measure, sum_of_squares};
use super::limit::{CEILING, amplify, round};
use super::{PROMPT_SECONDS_MAX, PromptError, Sound};

/// Silence is looked for in pieces so long, in milliseconds.
const PIECE_MS: u64 = 10;
/// Most gain or loss in decibels.
pub const GAIN_DB_MAX: f64 = 40.0;
/// Longest pause or silence that is put in, in milliseconds.
pub const PAUSE_MS_MAX: u64 = 60_000;

/// One step of editing. Times are milliseconds from the beginning of the sound as the step finds it.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Cut silence off at both ends, keeping a little of it.
    TrimSilence {
        /// Quieter than this is silence, in dBm0: -45 fits a quiet room.
        threshold_dbm0: f64,
        /// How much is kept before the voice.
        lead_in_ms: u64,
        /// How much is kept after it.
        lead_out_ms: u64,
    },
    /// Keep the part from here to there; the rest is gone.
    Keep {
        /// Where it begins.
        from_ms: u64,
        /// Where it ends; `None`: at the end of the sound.
        to_ms: Option<u64>,
    },
    /// From silence up to level, and down to silence, straight lines.
    Fade {
        /// How long the beginning takes.
        in_ms: u64,
        /// How long the end takes.
        out_ms: u64,
    },
    /// Louder or quieter; peaks are limited, not clipped.
    Gain {
        /// In decibels, -40 ..= 40.
        db: f64,
    },
    /// To this peak.
    NormalisePeak {
        /// Decibels below full scale, -40 ..= 0.
        dbfs: f64,
    },
    /// To this level of speech (ITU-T P.56); peaks are limited, not clipped.
    NormaliseSpeech {
        /// In dBm0; -16 is a clear voice on a telephone.
        dbm0: f64,
    },
    /// Put silence in.
    InsertSilence {
        /// Where; at most the end.
        at_ms: u64,
        /// How long.
        ms: u64,
    },
    /// To another rate.
    Rate {
        /// 4000 ..= 192,000 Hz, one of those in use.
        hz: u32,
    },
}

/// Why an edit makes no sense; the sound stays as it was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EditError {
    /// A sound without a voice, or with nothing in it.
    #[error(
        "there is nothing louder than {threshold_dbm0} dBm0 in it: lower the threshold or record it again"
    )]
    Silent {
        /// What was looked for.
        threshold_dbm0: f64,
    },
    /// A place that is not in the sound.
    #[error("{what} is at {ms} ms, and the sound is {length_ms} ms long: name a place inside it")]
    Outside {
        /// Which place.
        what: &'static str,
        /// Where it was said to be.
        ms: u64,
        /// How long the sound is.
        length_ms: u64,
    },
    /// Nothing would be left.
    #[error("from {from_ms} to {to_ms} ms nothing is left: let it end after it begins")]
    Nothing {
        /// Its beginning.
        from_ms: u64,
        /// Its end.
        to_ms: u64,
    },
    /// A figure that is out of its range.
    #[error("{what} is {value}: give a number from {min} to {max}")]
    Range {
        /// Which figure.
        what: &'static str,
        /// What it was.
        value: f64,
        /// The least that is right.
        min: f64,
        /// The most that is right.
        max: f64,
    },
    /// So quiet that little but noise would be heard.
    #[error("it would need {db:.0} dB of gain, {GAIN_DB_MAX} are the most: it is too quiet, record it again")]
    TooQuiet {
        /// The gain that was needed.
        db: f64,
    },
    /// Sounds of different rates cannot be put together.
    #[error("one sound has {first_hz} Hz and another {other_hz} Hz: convert one of them first")]
    Rates {
        /// Of the first.
        first_hz: u32,
        /// Of the one that differs.
        other_hz: u32,
    },
    /// The result cannot be played.
    #[error(transparent)]
    Prompt(#[from] PromptError),
}

/// All edits, one after the other.
///
/// # Errors
/// The first one that makes no sense.
pub fn apply(sound: &Sound, edits: &[Edit]) -> Result<Sound, EditError> {
    let mut sound = sound.clone();
    for edit in edits {
        sound = edit.apply(&sound)?;
    }
    Ok(sound)
}

impl Edit {
    /// The sound after this edit.
    ///
    /// # Errors
    /// Why it makes no sense.
    pub fn apply(&self, sound: &Sound) -> Result<Sound, EditError> {
        match *self {
            Self::TrimSilence { threshold_dbm0, lead_in_ms, lead_out_ms } => {
                trim_silence(sound, threshold_dbm0, lead_in_ms, lead_out_ms)
            }
            Self::Keep { from_ms, to_ms } => keep(sound, from_ms, to_ms),
            Self::Fade { in_ms, out_ms } => fade(sound, in_ms, out_ms),
            Self::Gain { db } => gain(sound, db),
            Self::NormalisePeak { dbfs } => normalise_peak(sound, dbfs),
            Self::NormaliseSpeech { dbm0 } => normalise_speech(sound, dbm0),
            Self::InsertSilence { at_ms, ms } => insert_silence(sound, at_ms, ms),
            Self::Rate { hz } => Ok(sound.at_rate(hz)?),
        }
    }
}

/// Sounds one after the other with a pause between them.
///
/// # Errors
/// Their rates differ, the pause or the whole is too long.
pub fn join(sounds: &[Sound], pause_ms: u64) -> Result<Sound, EditError> {
    let rate_hz = sounds.first().map_or(8000, |first| first.rate_hz);
    if let Some(other) = sounds.iter().find(|sound| sound.rate_hz != rate_hz) {
        return Err(EditError::Rates { first_hz: rate_hz, other_hz: other.rate_hz });
    }
    require_range("the pause in ms", pause_ms as f64, 0.0, PAUSE_MS_MAX as f64)?;
    let pause = vec![0; place(rate_hz, pause_ms)];
    let parts: Vec<&[i16]> = sounds.iter().map(|sound| sound.samples.as_slice()).collect();
    require_length(Sound { rate_hz, samples: parts.join(pause.as_slice()) })
}

fn trim_silence(
    sound: &Sound,
    threshold_dbm0: f64,
    before_ms: u64,
    after_ms: u64,
) -> Result<Sound, EditError> {
    require_range("the threshold in dBm0", threshold_dbm0, SILENCE_DBM0, 0.0)?;
    let piece = place(sound.rate_hz, PIECE_MS).max(1);
    let is_loud = |samples: &[i16]| {
        dbm0_of_mean_square(sum_of_squares(samples) as f64 / samples.len() as f64) > threshold_dbm0
    };
    let mut pieces = sound.samples.chunks(piece);
    let silent = EditError::Silent { threshold_dbm0 };
    let first = pieces.position(is_loud).ok_or(silent)? * piece;
    // counted from the same beginning, so that a piece found once is found again
    let last = sound.samples.chunks(piece).rposition(is_loud).map_or(first, |at| (at + 1) * piece);
    let from = first.saturating_sub(place(sound.rate_hz, before_ms));
    let to = last.saturating_add(place(sound.rate_hz, after_ms)).min(sound.samples.len());
    Ok(part(sound, from, to))
}

fn keep(sound: &Sound, from_ms: u64, to_ms: Option<u64>) -> Result<Sound, EditError> {
    let from = inside(sound, "the beginning", from_ms)?;
    let to = to_ms.map_or(Ok(sound.samples.len()), |to_ms| inside(sound, "the end", to_ms))?;
    if from >= to {
        return Err(EditError::Nothing { from_ms, to_ms: to_ms.unwrap_or_else(|| sound.duration_ms()) });
    }
    Ok(part(sound, from, to))
}

fn fade(sound: &Sound, in_ms: u64, out_ms: u64) -> Result<Sound, EditError> {
    let rise = inside(sound, "the end of the fade in", in_ms)?;
    let fall = inside(sound, "the fade out", out_ms)?;
    let length = sound.samples.len();
    let factor = |at: usize| {
        let up = if at < rise { at as f64 / rise as f64 } else { 1.0 };
        let down = if at >= length - fall { (length - 1 - at) as f64 / fall as f64 } else { 1.0 };
        up * down
    };
    let samples = sound.samples.iter().enumerate();
    let samples = samples.map(|(at, sample)| round(f64::from(*sample) * factor(at))).collect();
    Ok(Sound { rate_hz: sound.rate_hz, samples })
}

fn gain(sound: &Sound, db: f64) -> Result<Sound, EditError> {
    require_range("the gain in dB", db, -GAIN_DB_MAX, GAIN_DB_MAX)?;
    Ok(louder(sound, db))
}

fn louder(sound: &Sound, db: f64) -> Sound {
    let samples = amplify(&sound.samples, amplitude_of_db(db), sound.rate_hz);
    Sound { rate_hz: sound.rate_hz, samples }
}

fn normalise_peak(sound: &Sound, dbfs: f64) -> Result<Sound, EditError> {
    require_range("the peak in dBFS", dbfs, -GAIN_DB_MAX, 0.0)?;
    let peak = f64::from(measure(sound).peak);
    if peak == 0.0 {
        return Err(EditError::Silent { threshold_dbm0: SILENCE_DBM0 });
    }
    // the limiter's ceiling is the loudest there is
    let wanted = (amplitude_of_db(dbfs) * f64::from(i16::MAX)).min(f64::from(CEILING));
    let factor = wanted / peak;
    if factor > amplitude_of_db(GAIN_DB_MAX) {
        return Err(EditError::TooQuiet { db: super::decibel::db_of_power(factor * factor) });
    }
    Ok(Sound { rate_hz: sound.rate_hz, samples: amplify(&sound.samples, factor, sound.rate_hz) })
}

/// The limiter takes a little off, so what is missing is added again, twice at most.
fn normalise_speech(sound: &Sound, dbm0: f64) -> Result<Sound, EditError> {
    require_range("the level in dBm0", dbm0, -GAIN_DB_MAX, 0.0)?;
    let silent = || EditError::Silent { threshold_dbm0: SILENCE_DBM0 };
    let missing = |of: &Sound| measure(of).active_dbm0.map(|level| dbm0 - level).ok_or_else(silent);
    let mut db = missing(sound)?;
    if db > GAIN_DB_MAX {
        return Err(EditError::TooQuiet { db });
    }
    let mut result = louder(sound, db);
    for _ in 0..2 {
        let more = missing(&result)?;
        if more < 0.1 {
            break;
        }
        db = (db + more).min(GAIN_DB_MAX);
        result = louder(sound, db);
    }
    Ok(result)
}

fn insert_silence(sound: &Sound, at_ms: u64, ms: u64) -> Result<Sound, EditError> {
    require_range("the silence in ms", ms as f64, 0.0, PAUSE_MS_MAX as f64)?;
    let at = inside(sound, "the silence", at_ms)?;
    let (before, after) = sound.samples.split_at(at);
    let samples = [before, &vec![0; place(sound.rate_hz, ms)], after].concat();
    require_length(Sound { rate_hz: sound.rate_hz, samples })
}

/// The sample of a time.
const fn place(rate_hz: u32, ms: u64) -> usize {
    (rate_hz as u64).saturating_mul(ms) as usize / 1000
}

/// The sample of a time that must be in the sound, its end included.
fn inside(sound: &Sound, what: &'static str, ms: u64) -> Result<usize, EditError> {
    let at = place(sound.rate_hz, ms);
    let length_ms = sound.duration_ms();
    if at > sound.samples.len() { Err(EditError::Outside { what, ms, length_ms }) } else { Ok(at) }
}

fn part(sound: &Sound, from: usize, to: usize) -> Sound {
    Sound { rate_hz: sound.rate_hz, samples: sound.samples[from..to].to_vec() }
}

fn require_range(what: &'static str, value: f64, min: f64, max: f64) -> Result<(), EditError> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(EditError::Range { what, value, min, max }) }
}

fn require_length(sound: Sound) -> Result<Sound, EditError> {
    let seconds = sound.duration_ms() / 1000;
    if seconds > PROMPT_SECONDS_MAX { Err(PromptError::TooLong { seconds }.into()) } else { Ok(sound) }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
