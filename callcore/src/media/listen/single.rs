//! Single sines that last: special information, the tones of fax and modem machines, and the beep of an answering machine.

use super::Heard;
use super::look::{LOOK_MS, Look};
use super::patterns::Information;
use crate::media::tone::Tone;

/// Least share of the sine.
const SHARE_MIN: f32 = 0.85;
/// Mean square of the quietest: -38 dBm0.
const POWER_MIN: f32 = 40_000.0;
/// How far a look may be from the run it belongs to.
const OFF_HZ: f32 = 20.0;
/// T.30: 1100 Hz within 38 Hz, 0.5 s within 15 %; a look more or less.
const FAX_CALLING_HZ: [f32; 2] = [1062.0, 1138.0];
const FAX_CALLING_MS: [u32; 2] = [400, 600];
/// T.30 and V.25: 2100 Hz within 15 Hz; and what noise adds.
const ANSWER_HZ: [f32; 2] = [2075.0, 2125.0];
/// Long enough for three reversals of phase, of which one may fall between two looks.
const ANSWER_MS_MIN: u32 = 1500;
/// E.180 lets each sine of special information be off by 50 Hz.
const INFORMATION_OFF_HZ: f32 = 55.0;
/// A gap in which two sines of special information may follow one another.
const INFORMATION_GAP_MS: u32 = 60;
const BEEP_HZ: [f32; 2] = [300.0, 3000.0];
const BEEP_MS: [u32; 2] = [100, 3000];
/// A beep is steadier than a voice: its quietest and its loudest look, as powers; its lowest and its highest.
const BEEP_STEADY: f32 = 1.3;
const BEEP_WANDER: f32 = 0.006;
const BEEP_SHARE_MIN: f32 = 0.92;

/// A sine that lasts.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    hz: f32,
    looks: u32,
    /// Looks within it that were not like it: where the phase turned round.
    dips: u8,
    begin_ms: u32,
    /// Of the looks that are wholly inside: all but the first and, kept apart, the newest.
    quietest: f32,
    loudest: f32,
    share: f32,
    lowest_hz: f32,
    highest_hz: f32,
    newest: Option<[f32; 3]>,
}

impl Run {
    const fn ms(&self) -> u32 {
        self.looks * LOOK_MS
    }

    fn is_at(&self, [from, to]: [f32; 2]) -> bool {
        self.hz >= from && self.hz <= to
    }
}

/// Follows single sines.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Singles {
    run: Run,
    /// The look before was not like the run.
    is_dip: bool,
    /// The two runs before, newest first.
    before: [Run; 2],
    is_told: bool,
}

/// What to report.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    pub(super) information: Option<Information>,
    pub(super) fax: bool,
    pub(super) beep: bool,
}

impl Singles {
    pub(super) fn listen(&mut self, look: &Look, now_ms: u32, wanted: &Wanted, out: &mut impl FnMut(Heard)) {
        let is_sine = look.power >= POWER_MIN && look.single >= SHARE_MIN;
        let is_same =
            is_sine && self.run.looks > 0 && (look.hz - self.run.hz).abs() <= OFF_HZ.max(look.hz * 0.015);
        if is_same {
            self.go_on(look);
            return self.report_lasting(now_ms, wanted, out);
        }
        // one other look may be a reversal of phase; it is one if the run goes on
        let may_be_dip = self.run.looks >= 5 && look.power >= self.run.loudest / 8.0;
        if may_be_dip && !self.is_dip {
            self.is_dip = true;
            return;
        }
        if self.run.looks > 0 {
            self.report_ended(wanted, out);
            self.before = [self.run, self.before[0]];
        }
        *self = Self { before: self.before, ..Self::default() };
        if is_sine {
            let begin_ms = now_ms.saturating_sub(LOOK_MS);
            self.run = Run {
                hz: look.hz,
                looks: 1,
                begin_ms,
                quietest: f32::MAX,
                lowest_hz: f32::MAX,
                share: 1.0,
                ..Run::default()
            };
        }
    }

    fn go_on(&mut self, look: &Look) {
        let run = &mut self.run;
        if std::mem::take(&mut self.is_dip) {
            run.dips = run.dips.saturating_add(1);
            run.looks += 1;
        }
        run.looks += 1;
        if let Some([power, hz, share]) = run.newest.replace([look.power, look.hz, look.single]) {
            run.quietest = run.quietest.min(power);
            run.loudest = run.loudest.max(power);
            run.lowest_hz = run.lowest_hz.min(hz);
            run.highest_hz = run.highest_hz.max(hz);
            run.share = run.share.min(share);
        }
        // the first look may hold the edge
        run.hz += (look.hz - run.hz) / if run.looks == 2 { 1.0 } else { 8.0 };
    }

    fn report_lasting(&mut self, now_ms: u32, wanted: &Wanted, out: &mut impl FnMut(Heard)) {
        if self.is_told {
            return;
        }
        let run = &self.run;
        if wanted.fax && run.is_at(ANSWER_HZ) && run.ms() >= ANSWER_MS_MIN {
            let tone = if run.dips >= 2 { Tone::ModemAnswer } else { Tone::FaxAnswer };
            self.is_told = true;
            return out(Heard::Tone { tone, confidence: 90, since_ms: run.begin_ms });
        }
        let Some(information) = wanted.information else { return };
        let runs = [&self.before[1], &self.before[0], run];
        let is_at = |n: usize| (runs[n].hz - f32::from(information.hz[n])).abs() <= INFORMATION_OFF_HZ;
        let follows = |n: usize| {
            let end = runs[n].begin_ms + runs[n].ms();
            runs[n + 1].begin_ms.abs_diff(end) <= INFORMATION_GAP_MS
        };
        let is_long = |n: usize| {
            let ms = runs[n].ms();
            ms * 10 >= information.ms * 7 && ms * 10 <= information.ms * 14
        };
        let is_begun = run.ms() * 2 >= information.ms;
        if is_begun && (0..3).all(is_at) && (0..2).all(follows) && (0..2).all(is_long) {
            self.is_told = true;
            let since_ms = self.before[1].begin_ms.min(now_ms);
            out(Heard::Tone { tone: Tone::SpecialInformation, confidence: 95, since_ms });
        }
    }

    fn report_ended(&self, wanted: &Wanted, out: &mut impl FnMut(Heard)) {
        let run = &self.run;
        let is_between = |[from, to]: [u32; 2]| run.ms() >= from && run.ms() <= to;
        if wanted.fax && run.is_at(FAX_CALLING_HZ) && is_between(FAX_CALLING_MS) {
            out(Heard::Tone { tone: Tone::FaxCalling, confidence: 85, since_ms: run.begin_ms });
        }
        let is_steady = run.loudest <= run.quietest * BEEP_STEADY
            && run.highest_hz - run.lowest_hz <= run.hz * BEEP_WANDER
            && run.share >= BEEP_SHARE_MIN;
        if wanted.beep && run.is_at(BEEP_HZ) && is_between(BEEP_MS) && is_steady {
            let hz = (run.hz + 0.5) as u16;
            out(Heard::BeepEnded { hz, ms: run.ms(), at_ms: run.begin_ms + run.ms() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quietest_sine_is_38_db_down() {
        assert!((POWER_MIN / super::super::look::power_of_dbm0(-38) - 1.0).abs() < 0.02);
    }
}
