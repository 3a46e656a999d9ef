//! What a stretch of sound is like, on average: enough to tell the tones of a country apart, and tones from talk.

use super::look::{BANDS, Look};

/// Looks after which the average stays as it is: 5 s.
const LOOKS_MAX: u16 = 250;
/// Least similarity of two spectra, as the cosine between them.
const SIMILAR_MIN: f32 = 0.9;
/// A sine may be off by so much: 1.5 % of standards, and what noise adds.
const OFF_MAX: f32 = 0.028;
/// Share of a single sine above which a stretch counts as one.
const SINGLE_MIN: f32 = 0.85;
const SHARE_MIN: f32 = 0.7;
/// How much the unevenness of two stretches may differ.
const UNEVEN_MAX: f32 = 0.3;

/// Sums over the looks of a stretch.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gathering {
    looks: u16,
    weight: f32,
    bands: [f32; BANDS],
    hz: f32,
    single: f32,
    slots: f32,
    slot_squares: f32,
}

impl Gathering {
    pub(super) fn add(&mut self, look: &Look, weight: f32) {
        if self.looks >= LOOKS_MAX {
            return;
        }
        self.looks += 1;
        self.weight += weight;
        for (sum, band) in self.bands.iter_mut().zip(&look.bands) {
            *sum += band * weight;
        }
        self.hz += look.hz * weight;
        self.single += look.single * weight;
        for slot in look.slots {
            self.slots += slot * weight;
            self.slot_squares += slot * slot * weight;
        }
    }

    pub(super) const fn looks(&self) -> u16 {
        self.looks
    }

    /// The average; `None` of nothing.
    pub(super) fn sound(&self) -> Option<Sound> {
        if self.looks == 0 || self.slots <= 0.0 {
            return None;
        }
        let scale = 1.0 / self.weight;
        let mean = self.slots * scale / 4.0;
        let variance = (self.slot_squares * scale / 4.0 - mean * mean).max(0.0);
        Some(Sound {
            bands: self.bands.map(|band| (band * scale).sqrt()),
            hz: self.hz * scale,
            single: self.single * scale,
            uneven: variance.sqrt() / mean,
            is_level_free: false,
        })
    }
}

/// A stretch on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sound {
    /// Amplitudes in the bands, the whole being 1.
    bands: [f32; BANDS],
    pub(super) hz: f32,
    single: f32,
    /// Deviation of the power of 5 ms from its mean, over that mean: 0 for a sine, 0.7 for two that beat.
    uneven: f32,
    /// Its level changes by itself.
    is_level_free: bool,
}

impl Sound {
    pub(super) const fn with_free_level(self) -> Self {
        Self { is_level_free: true, ..self }
    }

    /// Share of tones in it.
    pub(super) fn share(&self) -> f32 {
        self.bands.iter().map(|amplitude| amplitude * amplitude).sum::<f32>().max(self.single).min(1.0)
    }

    /// Whether what was heard (`self`) can be a tone that sounds like `tone`.
    pub(super) fn can_be(&self, tone: &Self) -> bool {
        if self.share() < SHARE_MIN {
            return false;
        }
        if !tone.is_level_free && (self.uneven - tone.uneven).abs() > UNEVEN_MAX {
            return false;
        }
        if tone.single >= SINGLE_MIN {
            return self.single >= SINGLE_MIN - 0.1 && (self.hz - tone.hz).abs() <= tone.hz * OFF_MAX;
        }
        self.similarity(tone) >= SIMILAR_MIN
    }

    /// Whether two learned sounds differ in level alone.
    pub(super) fn is_equal(&self, other: &Self) -> bool {
        (self.hz - other.hz).abs() < 1.0
            && (self.uneven - other.uneven).abs() < 0.02
            && self.similarity(other) > 0.999
            && self.is_level_free == other.is_level_free
    }

    /// Cosine between the spectra.
    pub(super) fn similarity(&self, other: &Self) -> f32 {
        let dot = |a: &Self, b: &Self| a.bands.iter().zip(&b.bands).map(|(x, y)| x * y).sum::<f32>();
        dot(self, other) / (dot(self, self) * dot(other, other)).sqrt().max(1e-6)
    }
}
