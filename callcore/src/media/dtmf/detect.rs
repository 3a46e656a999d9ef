//! Listening for keys: blocks are cut out of frames, looked at, and followed from the first one of a key to its last.

use super::dial::DialTone;
use super::key_at;
use super::look::{self, BLOCK_SAMPLES, Pair};
use super::verify::{self, WINDOW_SAMPLES};
use crate::board::Digit;

/// Row and column of a key.
type Place = (u8, u8);

/// Most that [`Detector::began_samples_ago`] says when a key is recognised as early as it can be, without what follows
/// it in the same frame: four blocks, 51 ms. Two are the key, a third is there in the worst case because noise spoilt the
/// first, the fourth holds the beginning.
pub const BEGAN_SAMPLES_AGO_MAX: usize = 4 * BLOCK_SAMPLES;

/// Blocks without a key after which it is over: a break of 10 ms is shorter.
const MISSES_MAX: u8 = 2;

/// The key that sounds.
#[derive(Clone, Copy, Debug)]
struct Sounding {
    place: Place,
    /// Blocks in a row without it.
    misses: u8,
}

/// A key that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which key.
    pub digit: Digit,
    /// Samples from its first to its last, to within 20 ms each way.
    pub samples: u32,
    /// Its sound was over this many samples before the last one listened to, or earlier.
    pub samples_ago: u32,
}

/// Listens for keys in one direction of one channel.
#[derive(Clone, Debug)]
pub struct Detector {
    /// The block before, and the block that is being filled.
    samples: [i16; WINDOW_SAMPLES],
    /// The same without the dial tone, while there is one.
    cleared: [i16; WINDOW_SAMPLES],
    dial: DialTone,
    filled: u8,
    /// What the block before seemed to hold the whole of.
    likely: Option<Place>,
    /// What the last blocks seemed to hold at least a part of, and how many these are.
    run: Option<Place>,
    run_blocks: u8,
    sounding: Option<Sounding>,
    /// Samples since the last key began, at most, counted on.
    began: u32,
    ended: Option<Ended>,
}

impl Default for Detector {
    fn default() -> Self {
        Self {
            samples: [0; WINDOW_SAMPLES],
            cleared: [0; WINDOW_SAMPLES],
            dial: DialTone::default(),
            filled: 0,
            likely: None,
            run: None,
            run_blocks: 0,
            sounding: None,
            began: 0,
            ended: None,
        }
    }
}

impl Detector {
    /// Listen to the next samples (8000 a second), at most 160 of them; the key that was recognised in them, once, as
    /// soon as it is sure of it: 26 to 51 ms after its beginning.
    pub fn listen(&mut self, samples: &[i16]) -> Option<Digit> {
        let mut heard = None;
        let mut rest = samples;
        while !rest.is_empty() {
            let from = BLOCK_SAMPLES + usize::from(self.filled);
            let (now, later) = rest.split_at(rest.len().min(WINDOW_SAMPLES - from));
            self.samples[from..from + now.len()].copy_from_slice(now);
            self.filled += now.len() as u8;
            self.count(now.len() as u32);
            rest = later;
            if usize::from(self.filled) == BLOCK_SAMPLES {
                heard = self.handle_block().or(heard);
                self.samples.copy_within(BLOCK_SAMPLES.., 0);
                self.filled = 0;
            }
        }
        heard
    }

    /// Whether the last whole block sounded like a key, or a key that was recognised still sounds. It is true from one to
    /// two blocks after the beginning of a key on; in speech now and then.
    #[must_use]
    pub const fn is_suspected(&self) -> bool {
        self.likely.is_some() || self.sounding.is_some()
    }

    /// Whether the key that was recognised last has not ended yet. Its end is noticed 13 to 38 ms later.
    #[must_use]
    pub const fn is_sounding(&self) -> bool {
        self.sounding.is_some()
    }

    /// While a key sounds: how many samples ago it began, counted from the last one listened to, at most. So many are to
    /// be blanked for nothing of it to be left.
    ///
    /// When [`Self::listen`] has just recognised it after a frame of n samples, this is at most
    /// [`BEGAN_SAMPLES_AGO_MAX`] + n - 1 for every key that is within the limits of Q.24 from its beginning on. Who passes
    /// on each sample only after [`BEGAN_SAMPLES_AGO_MAX`] more have been listened to can blank all of it. (A key that is
    /// spoilt at first is recognised later; then this is more.)
    #[must_use]
    pub fn began_samples_ago(&self) -> Option<usize> {
        self.sounding.map(|_| self.began as usize)
    }

    /// When the last key has ended and none sounds: how many samples ago its sound was over for sure.
    #[must_use]
    pub fn ended_samples_ago(&self) -> Option<usize> {
        self.last_ended().map(|ended| ended.samples_ago as usize)
    }

    /// The last key, when it has ended and none sounds.
    #[must_use]
    pub fn last_ended(&self) -> Option<Ended> {
        self.ended.filter(|_| self.sounding.is_none())
    }

    fn count(&mut self, samples: u32) {
        self.began = self.began.saturating_add(samples);
        if let Some(ended) = &mut self.ended {
            ended.samples_ago = ended.samples_ago.saturating_add(samples);
        }
    }

    fn handle_block(&mut self) -> Option<Digit> {
        let pair = self.look();
        self.follow(pair);
        let likely = pair.filter(Pair::is_likely).map(|pair| pair.place);
        let before = std::mem::replace(&mut self.likely, likely);
        let place = likely?;
        if before != likely || self.sounding.is_some_and(|sounding| sounding.place == place) {
            return None;
        }
        let samples = if self.dial.is_on() { &self.cleared } else { &self.samples };
        if !verify::is_key(samples, place) {
            return None;
        }
        self.sounding = Some(Sounding { place, misses: 0 });
        self.began = (u32::from(self.run_blocks) + 1) * BLOCK_SAMPLES as u32;
        self.ended = None;
        Some(digit_at(place))
    }

    /// The strongest pair of the last block, without a dial tone.
    fn look(&mut self) -> Option<Pair> {
        let [_, block] = verify::blocks(&self.samples);
        let power = look::power(block);
        if look::is_silence(power) {
            self.dial.handle_silence();
            return None;
        }
        let all = self.run.is_some();
        if self.dial.is_running() {
            self.cleared.copy_within(BLOCK_SAMPLES.., 0);
            self.dial.take_away(block, &mut self.cleared[BLOCK_SAMPLES..]);
        }
        let pair = if self.dial.is_on() {
            let [_, cleared] = verify::blocks(&self.cleared);
            let power = look::power(cleared);
            if look::is_silence(power) { None } else { look::strongest_pair(cleared, power, all) }
        } else {
            look::strongest_pair(block, power, all)
        };
        if !pair.is_some_and(|pair| pair.lasts(pair.place)) {
            self.dial.handle_other(&self.samples, power);
        }
        pair
    }

    /// What the last blocks have in common, and whether the key that sounds still does.
    fn follow(&mut self, pair: Option<Pair>) {
        let part = pair.filter(|pair| pair.lasts(pair.place)).map(|pair| pair.place);
        let goes_on = part.is_some() && part == self.run;
        self.run_blocks = if goes_on { self.run_blocks.saturating_add(1) } else { u8::from(part.is_some()) };
        self.run = part;
        let Some(sounding) = &mut self.sounding else { return };
        sounding.misses = if part == Some(sounding.place) { 0 } else { sounding.misses + 1 };
        if sounding.misses == MISSES_MAX {
            self.end();
        }
    }

    /// It was over by the end of the first block without it.
    fn end(&mut self) {
        let Some(sounding) = self.sounding.take() else { return };
        let samples_ago = (u32::from(MISSES_MAX) - 1) * BLOCK_SAMPLES as u32;
        // the first and the last block of it are a block and a half too much, on the average
        let samples = self.began.saturating_sub(samples_ago + 3 * BLOCK_SAMPLES as u32 / 2);
        self.ended = Some(Ended { digit: digit_at(sounding.place), samples, samples_ago });
    }
}

fn digit_at((row, column): Place) -> Digit {
    key_at(usize::from(row), usize::from(column))
}
