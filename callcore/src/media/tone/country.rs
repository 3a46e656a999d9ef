//! The tones of each country as data.
//!
//! Frequencies and cadences are those of ITU-T E.180 Supplement 2 (various tones used in national networks), and of the
//! national standard where one is named. Where the supplement writes `f1 x f2` (f1 modulated by f2) the tone is made as
//! carrier and two side tones, each 6 dB below it. Levels: E.180 recommends -10 dBm0 in all, -13 dBm0 a part of two.

use crate::media::plan::Tone;
use crate::media::sine::peak_of_dbm0;
use serde::{Deserialize, Serialize};

/// One sine of a tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Frequency in whole hertz.
    pub hz: u16,
    /// Peak amplitude in steps of 16-bit linear.
    pub peak: i16,
}

/// One stretch of a cadence; without parts it is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CadenceStep {
    /// Up to three sines.
    pub parts: &'static [Part],
    /// Length in milliseconds; 0: until further notice.
    pub ms: u32,
}

/// Stretches that follow one another, over and over.
#[derive(Debug, PartialEq, Eq)]
pub struct Cadence {
    /// At least one.
    pub steps: &'static [CadenceStep],
}

/// The tones of one country.
#[derive(Debug, PartialEq, Eq)]
pub struct TonePlan {
    dial: Cadence,
    ringback: Cadence,
    busy: Cadence,
    congestion: Cadence,
}

impl TonePlan {
    /// How a tone sounds here.
    #[must_use]
    pub const fn cadence(&self, tone: Tone) -> &Cadence {
        match tone {
            Tone::Dial => &self.dial,
            Tone::Ringback => &self.ringback,
            Tone::Busy => &self.busy,
            Tone::Congestion => &self.congestion,
        }
    }
}

/// A country whose tones are known; in configurations by its ISO 3166 letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Country {
    /// China.
    #[default]
    #[serde(rename = "cn")]
    China,
    /// United States (and Canada).
    #[serde(rename = "us")]
    UnitedStates,
    /// United Kingdom.
    #[serde(rename = "gb")]
    UnitedKingdom,
    /// Germany.
    #[serde(rename = "de")]
    Germany,
    /// France.
    #[serde(rename = "fr")]
    France,
    /// Japan.
    #[serde(rename = "jp")]
    Japan,
    /// Australia.
    #[serde(rename = "au")]
    Australia,
    /// India.
    #[serde(rename = "in")]
    India,
}

impl Country {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::China,
        Self::UnitedStates,
        Self::UnitedKingdom,
        Self::Germany,
        Self::France,
        Self::Japan,
        Self::Australia,
        Self::India,
    ];

    /// Its tones.
    #[must_use]
    pub const fn plan(self) -> &'static TonePlan {
        match self {
            Self::China => &CHINA,
            Self::UnitedStates => &UNITED_STATES,
            Self::UnitedKingdom => &UNITED_KINGDOM,
            Self::Germany => &GERMANY,
            Self::France => &FRANCE,
            Self::Japan => &JAPAN,
            Self::Australia => &AUSTRALIA,
            Self::India => &INDIA,
        }
    }
}

const fn part(hz: u16, dbm0: i8) -> Part {
    Part { hz, peak: peak_of_dbm0(dbm0) }
}
const fn on(parts: &'static [Part], ms: u32) -> CadenceStep {
    CadenceStep { parts, ms }
}
const fn off(ms: u32) -> CadenceStep {
    CadenceStep { parts: &[], ms }
}
const fn steps(steps: &'static [CadenceStep]) -> Cadence {
    Cadence { steps }
}

// GB/T 3380: 450 Hz throughout, -10 dBm0; ringback 1 s / 4 s, busy 0.35 / 0.35, congestion 0.7 / 0.7.
const CN_450: &[Part] = &[part(450, -10)];
static CHINA: TonePlan = TonePlan {
    dial: steps(&[on(CN_450, 0)]),
    ringback: steps(&[on(CN_450, 1000), off(4000)]),
    busy: steps(&[on(CN_450, 350), off(350)]),
    congestion: steps(&[on(CN_450, 700), off(700)]),
};

// E.180 Suppl. 2, as in Telcordia GR-506: levels -13, -19, -24, -24 dBm0 a part.
const US_DIAL: &[Part] = &[part(350, -13), part(440, -13)];
const US_RING: &[Part] = &[part(440, -19), part(480, -19)];
const US_BUSY: &[Part] = &[part(480, -24), part(620, -24)];
static UNITED_STATES: TonePlan = TonePlan {
    dial: steps(&[on(US_DIAL, 0)]),
    ringback: steps(&[on(US_RING, 2000), off(4000)]),
    busy: steps(&[on(US_BUSY, 500), off(500)]),
    congestion: steps(&[on(US_BUSY, 250), off(250)]),
};

// E.180 Suppl. 2, as in BT SIN 350.
const GB_DIAL: &[Part] = &[part(350, -13), part(440, -13)];
const GB_RING: &[Part] = &[part(400, -13), part(450, -13)];
const GB_400: &[Part] = &[part(400, -10)];
static UNITED_KINGDOM: TonePlan = TonePlan {
    dial: steps(&[on(GB_DIAL, 0)]),
    ringback: steps(&[on(GB_RING, 400), off(200), on(GB_RING, 400), off(2000)]),
    busy: steps(&[on(GB_400, 375), off(375)]),
    congestion: steps(&[on(GB_400, 400), off(350), on(GB_400, 225), off(525)]),
};

// E.180 Suppl. 2: 425 Hz throughout.
const DE_425: &[Part] = &[part(425, -10)];
static GERMANY: TonePlan = TonePlan {
    dial: steps(&[on(DE_425, 0)]),
    ringback: steps(&[on(DE_425, 1000), off(4000)]),
    busy: steps(&[on(DE_425, 480), off(480)]),
    congestion: steps(&[on(DE_425, 240), off(240)]),
};

// E.180 Suppl. 2: 440 Hz throughout.
const FR_440: &[Part] = &[part(440, -10)];
static FRANCE: TonePlan = TonePlan {
    dial: steps(&[on(FR_440, 0)]),
    ringback: steps(&[on(FR_440, 1500), off(3500)]),
    busy: steps(&[on(FR_440, 500), off(500)]),
    congestion: steps(&[on(FR_440, 250), off(250)]),
};

// E.180 Suppl. 2: 400 Hz; ringback 400 x 16.
const JP_400: &[Part] = &[part(400, -13)];
const JP_RING: &[Part] = &[part(400, -13), part(384, -19), part(416, -19)];
static JAPAN: TonePlan = TonePlan {
    dial: steps(&[on(JP_400, 0)]),
    ringback: steps(&[on(JP_RING, 1000), off(2000)]),
    busy: steps(&[on(JP_400, 500), off(500)]),
    congestion: steps(&[on(JP_400, 500), off(500)]),
};

// E.180 Suppl. 2, as in AS/CA S002: 425 x 25; every second burst of congestion 10 dB lower.
const AU_425X25: &[Part] = &[part(425, -13), part(400, -19), part(450, -19)];
const AU_425: &[Part] = &[part(425, -10)];
const AU_425_LOW: &[Part] = &[part(425, -20)];
static AUSTRALIA: TonePlan = TonePlan {
    dial: steps(&[on(AU_425X25, 0)]),
    ringback: steps(&[on(AU_425X25, 400), off(200), on(AU_425X25, 400), off(2000)]),
    busy: steps(&[on(AU_425, 375), off(375)]),
    congestion: steps(&[on(AU_425, 375), off(375), on(AU_425_LOW, 375), off(375)]),
};

// E.180 Suppl. 2: 400 x 25 for dial and ringback, 400 Hz else.
const IN_400X25: &[Part] = &[part(400, -13), part(375, -19), part(425, -19)];
const IN_400: &[Part] = &[part(400, -10)];
static INDIA: TonePlan = TonePlan {
    dial: steps(&[on(IN_400X25, 0)]),
    ringback: steps(&[on(IN_400X25, 400), off(200), on(IN_400X25, 400), off(2000)]),
    busy: steps(&[on(IN_400, 750), off(750)]),
    congestion: steps(&[on(IN_400, 250), off(250)]),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cadence_can_be_made() {
        for country in Country::ALL {
            for tone in [Tone::Dial, Tone::Ringback, Tone::Busy, Tone::Congestion] {
                let steps = country.plan().cadence(tone).steps;
                assert!(!steps.is_empty() && steps.len() < 256);
                assert!(steps.iter().all(|step| step.ms > 0) || steps.len() == 1, "endless only if alone");
                assert!(steps.iter().all(|step| step.parts.len() <= 3));
                for step in steps {
                    let sum: i32 = step.parts.iter().map(|part| i32::from(part.peak)).sum();
                    assert!(sum < 32_767, "it cannot clip");
                }
            }
        }
    }
}
