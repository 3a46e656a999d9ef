//! Taking a little time out of sound, or putting a little in, so that nobody hears it: what two clocks differ by.
//!
//! ```text
//!   samples   ──────┬───────┬─────┬───────┬─────      `at`: where; `lag`: how much; two pieces that look alike
//!                   a piece  ...   b piece
//!   shorter   ──────┬─a→b───┬─────                    a fades into b, what lies between is gone
//!   longer    ────────────────────┬─b→a───┬─ ... b    b fades into a, what lies between is heard twice
//! ```
//!
//! That is overlap-add at the lag of the best likeness (the voice's own period, where it has one). Sums are of integers,
//! so the same samples give the same join on every machine. Nothing is kept between calls and nothing allocated.

use crate::format::Rate;

/// Shortest and longest time that one join takes out or puts in, in samples of 8 kHz: 2.5 and 15 ms.
const LAG_MIN: usize = 20;
const LAG_MAX: usize = 120;
/// How long the fade is, in samples of 8 kHz: 5 ms; half of it where a frame has only 10 ms.
const OVERLAP: usize = 40;
/// Mean square below which no join is heard: a root of 64, about -48 dBm0.
const QUIET: i64 = 64 * 64;

/// Most samples that are looked at for one join: a frame of 20 ms and 15 ms after it, at 48 kHz.
pub(crate) const WINDOW_MAX: usize = 35 * 48;
/// At first every so manieth sample of 8 kHz is looked at, without its lowest bits so that sums fit in 32.
const COARSE: usize = 2;
const FEW_SHIFT: u32 = 3;

/// Where and how to look for a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    rate: Rate,
    frame: usize,
    lag_max: usize,
    overlap: usize,
}

/// Two pieces of the same sound that can stand for each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Join {
    /// The first sample of the earlier piece.
    pub at: usize,
    /// From the earlier piece to the later one: the samples that are taken out or put in.
    pub lag: usize,
    /// Samples of a piece: how long the fade is.
    pub overlap: usize,
    /// 1 for equal pieces, 0 for pieces that have nothing in common, -1 for opposite ones.
    pub likeness: f64,
    /// Both pieces are so faint that any join will do.
    pub is_quiet: bool,
}

impl Search {
    /// A join whose fade lies in the first `frame` samples and that is of `lag_max` samples at most (and never of more
    /// than 15 ms). `None` when that is less than the shortest, 2.5 ms.
    #[must_use]
    pub fn new(rate: Rate, frame: usize, lag_max: usize) -> Option<Self> {
        let times = rate.times();
        let overlap = if frame >= LAG_MAX * times { OVERLAP * times } else { OVERLAP / 2 * times };
        let lag_max = lag_max.min(LAG_MAX * times);
        (lag_max >= LAG_MIN * times).then_some(Self { rate, frame, lag_max, overlap })
    }

    /// Samples that are looked at when time is to be taken out: the frame and what may come in from behind it.
    #[must_use]
    pub fn window(&self) -> usize {
        self.frame + self.lag_max
    }

    /// The best join in these samples. To shorten, give the frame and as much as there is of what follows it; to
    /// lengthen, the frame alone. `None` when they are too few for any. It is looked for among every second sample of
    /// 8 kHz, then around the best of those among all.
    #[must_use]
    pub fn find(&self, samples: &[i16]) -> Option<Join> {
        let samples = &samples[..samples.len().min(WINDOW_MAX)];
        let step = COARSE * self.rate.times();
        let mut few = [0; WINDOW_MAX / COARSE];
        let count = samples.len() / step;
        few.iter_mut().zip(samples.iter().step_by(step)).for_each(|(to, from)| *to = from >> FEW_SHIFT);
        let (at, lag) = self.look(&few[..count], step)?;
        let lag_last = self.lag_max.min(samples.len() - at - self.overlap);
        let first = (lag + 1 - step).max(LAG_MIN * self.rate.times());
        (first..=(lag + step - 1).min(lag_last)).map(|lag| self.judge(samples, at, lag)).fold(None, better)
    }

    /// The best place and lag among few of the samples.
    fn look(&self, few: &[i16], step: usize) -> Option<(usize, usize)> {
        let (overlap, lag_min) = (self.overlap / step, LAG_MIN * self.rate.times() / step);
        let quiet = (QUIET >> (2 * FEW_SHIFT)) as i32 * 2 * overlap as i32;
        let mut best: Option<((bool, f32), usize, usize)> = None;
        let at_last = (self.frame / step).min(few.len()).checked_sub(overlap)?;
        for at in (0..=at_last).step_by(overlap / 2) {
            let early = &few[at..at + overlap];
            let energy = product(early, early);
            let lag_last = (self.lag_max / step).min((few.len() - at).saturating_sub(overlap));
            for lag in lag_min..=lag_last {
                let late = &few[at + lag..at + lag + overlap];
                let energy = energy + product(late, late);
                let likeness = (2 * product(early, late)) as f32 / energy.max(1) as f32;
                let rank = (energy <= quiet, likeness);
                if best.is_none_or(|(best, ..)| rank > best) {
                    best = Some((rank, at, lag));
                }
            }
        }
        best.map(|(_, at, lag)| (at * step, lag * step))
    }

    fn judge(&self, samples: &[i16], at: usize, lag: usize) -> Join {
        let early = &samples[at..at + self.overlap];
        let late = &samples[at + lag..at + lag + self.overlap];
        let (mut both, mut energy) = (0i64, 0i64);
        for (a, b) in early.iter().zip(late) {
            let (a, b) = (i64::from(*a), i64::from(*b));
            both += a * b;
            energy += a * a + b * b;
        }
        let likeness = if energy == 0 { 1.0 } else { (2 * both) as f64 / energy as f64 };
        let is_quiet = energy <= QUIET * 2 * self.overlap as i64;
        Join { at, lag, overlap: self.overlap, likeness, is_quiet }
    }
}

/// Of samples that were made small enough for sums of 40 of them.
fn product(a: &[i16], b: &[i16]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

/// A quiet place before a loud one; then the more alike; the earlier of equals.
fn better(best: Option<Join>, other: Join) -> Option<Join> {
    let rank = |join: &Join| (join.is_quiet, join.likeness);
    match best {
        Some(best) if rank(&best) >= rank(&other) => Some(best),
        _ => Some(other),
    }
}

/// One piece fades into another; `out` has the length of both.
fn fade(from: &[i16], to: &[i16], out: &mut [i16]) {
    let whole = out.len() as i32 + 1;
    for (n, ((out, from), to)) in (1i32..).zip(out.iter_mut().zip(from).zip(to)) {
        let sum = i32::from(*from) * (whole - n) + i32::from(*to) * n;
        *out = ((sum + sum.signum() * (whole / 2)) / whole) as i16;
    }
}

impl Join {
    /// The samples of the fade that takes time out; they follow `samples[..at]`, and `samples[at + lag + overlap..]`
    /// follows them. `out` has `overlap` samples.
    pub fn shorter(&self, samples: &[i16], out: &mut [i16]) {
        let Self { at, lag, overlap, .. } = *self;
        fade(&samples[at..at + overlap], &samples[at + lag..at + lag + overlap], out);
    }

    /// The samples of the fade that puts time in; they follow `samples[..at + lag]`, and `samples[at + overlap..]`
    /// follows them. `out` has `overlap` samples.
    pub fn longer(&self, samples: &[i16], out: &mut [i16]) {
        let Self { at, lag, overlap, .. } = *self;
        fade(&samples[at + lag..at + lag + overlap], &samples[at..at + overlap], out);
    }
}

/// Most samples of a fade: 5 ms of 48 kHz.
pub const OVERLAP_MAX: usize = OVERLAP * 6;

/// Takes `join.lag` samples out of `samples`; how many are left.
pub fn shorten(samples: &mut [i16], join: &Join) -> usize {
    let Join { at, lag, overlap, .. } = *join;
    let mut faded = [0; OVERLAP_MAX];
    join.shorter(samples, &mut faded[..overlap]);
    samples.copy_within(at + lag + overlap.., at + overlap);
    samples[at..at + overlap].copy_from_slice(&faded[..overlap]);
    samples.len() - lag
}

/// Puts `join.lag` samples into the first `length` of `samples`, which has room for that many more; how many there are.
pub fn lengthen(samples: &mut [i16], length: usize, join: &Join) -> usize {
    let Join { at, lag, overlap, .. } = *join;
    let mut faded = [0; OVERLAP_MAX];
    join.longer(samples, &mut faded[..overlap]);
    samples.copy_within(at + overlap..length, at + lag + overlap);
    samples[at + lag..at + lag + overlap].copy_from_slice(&faded[..overlap]);
    length + lag
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tone(hertz: f64, rate: Rate, length: usize) -> Vec<i16> {
        let turn = hertz * std::f64::consts::TAU / f64::from(rate.hz());
        (0..length).map(|n| ((n as f64 * turn).sin() * 12_000.0) as i16).collect()
    }

    /// The largest second difference: what a click is made of.
    fn roughness(samples: &[i16]) -> i32 {
        let bend = |w: &[i16]| (i32::from(w[0]) - 2 * i32::from(w[1]) + i32::from(w[2])).abs();
        samples.windows(3).map(bend).max().unwrap_or(0)
    }

    #[test]
    fn a_tone_keeps_its_shape_at_every_rate_both_ways() {
        for rate in Rate::ALL {
            let frame = rate.samples(20);
            for hertz in [100.0, 147.0, 233.0, 440.0, 697.0, 1633.0, 3100.0] {
                let whole = tone(hertz, rate, 2 * frame);
                let search = Search::new(rate, frame, rate.samples(15)).expect("15 ms are enough");
                let allowed = roughness(&whole) + roughness(&whole) / 20 + 80;

                let mut shorter = whole.clone();
                let join = search.find(&whole[..search.window()]).expect("there is room");
                assert!(join.likeness > 0.95, "{hertz} Hz {rate:?}: {join:?}");
                let length = shorten(&mut shorter, &join);
                assert!(roughness(&shorter[..length]) <= allowed, "{hertz} Hz {rate:?}: {join:?}");
                assert_eq!(shorter[..join.at], whole[..join.at]);
                let after = join.at + join.overlap;
                assert_eq!(shorter[after..length], whole[after + join.lag..]);

                let join = search.find(&whole[..frame]).expect("there is room");
                let mut longer = whole.clone();
                longer.resize(whole.len() + join.lag, 0);
                assert_eq!(lengthen(&mut longer, whole.len(), &join), whole.len() + join.lag);
                assert!(roughness(&longer) <= allowed, "{hertz} Hz {rate:?}: {join:?}");
                assert_eq!(longer[..join.at + join.lag], whole[..join.at + join.lag]);
                assert_eq!(longer[after + join.lag..], whole[after..]);
            }
        }
    }

    #[test]
    fn a_quiet_place_is_taken_before_a_loud_one() {
        let mut samples = tone(440.0, Rate::Narrow, 280);
        samples[60..260].fill(3);
        let join = Search::new(Rate::Narrow, 160, 120).and_then(|search| search.find(&samples));
        let join = join.expect("there is room");
        assert!(join.is_quiet && join.at >= 60 && join.at + join.lag + join.overlap <= 260, "{join:?}");
    }

    #[test]
    fn a_frame_of_10_ms_has_room_too_and_too_little_has_none() {
        let search = Search::new(Rate::Narrow, 80, 120).expect("15 ms are enough");
        let join =
            search.find(&tone(300.0, Rate::Narrow, 80)).expect("20 ms of overlap and lag fit in 80 samples");
        assert!(join.at + join.lag + join.overlap <= 80 && join.likeness > 0.9, "{join:?}");
        assert_eq!(search.find(&[0; 30]), None);
        assert_eq!(Search::new(Rate::Narrow, 160, 19), None);
        assert_eq!(Search::new(Rate::Wide, 320, 39), None);
    }

    proptest! {
        /// Whatever the sound, only the fade is new; all else is where it was, byte for byte.
        #[test]
        fn only_the_fade_is_touched(samples in prop::collection::vec(any::<i16>(), 60..400), lag_max in 20usize..130) {
            let search = Search::new(Rate::Narrow, 160, lag_max).expect("20 samples and more");
            let Some(join) = search.find(&samples) else {
                prop_assert!(samples.len() < 60);
                return Ok(());
            };
            prop_assert!(join.at + join.overlap <= 160 && (20..=lag_max.min(120)).contains(&join.lag));
            let mut shorter = samples.clone();
            let length = shorten(&mut shorter, &join);
            let (from, to) = (join.at, join.at + join.overlap);
            prop_assert_eq!(&shorter[..from], &samples[..from]);
            prop_assert_eq!(&shorter[to..length], &samples[to + join.lag..]);
            for n in from..to {
                let (a, b) = (samples[n].min(samples[n + join.lag]), samples[n].max(samples[n + join.lag]));
                prop_assert!((a..=b).contains(&shorter[n]));
            }
        }
    }
}
