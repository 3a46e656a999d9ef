//! The last sound of a decoder that has no concealment of its own, and what hides a loss after it.

use crate::{Concealment, Rate};

/// As much as [`Concealment::begin`] looks at.
const PAST_MS: u32 = 25;

#[derive(Debug)]
pub(super) struct Past {
    rate: Rate,
    samples: Box<[i16]>,
    loss: Option<Concealment>,
}

impl Past {
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, samples: vec![0; rate.samples(PAST_MS)].into(), loss: None }
    }

    /// These are here: they are joined to what was concealed before, and remembered.
    pub(super) fn hear(&mut self, samples: &mut [i16]) {
        if let Some(loss) = self.loss.take() {
            loss.rejoin(samples);
        }
        let keep = self.samples.len().saturating_sub(samples.len());
        let past = self.samples.len();
        self.samples.copy_within(past - keep.., 0);
        self.samples[keep..].copy_from_slice(&samples[samples.len() - (past - keep)..]);
    }

    pub(super) fn conceal(&mut self, samples: &mut [i16]) {
        let begin = || Concealment::begin(&self.samples, self.rate);
        self.loss.get_or_insert_with(begin).fill(samples);
    }

    pub(super) fn forget(&mut self) {
        self.samples.fill(0);
        self.loss = None;
    }
}
