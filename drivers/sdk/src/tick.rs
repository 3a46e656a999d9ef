//! One frame of media for all channels of a device.

use crate::types::Codec;

/// Where the samples of a device are, and how they are laid out; checked at start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pool {
    pub(crate) rx: *mut u8,
    pub(crate) tx: *const u8,
    pub(crate) depth: u64,
    pub(crate) stride: usize,
    pub(crate) channels: u32,
    pub(crate) frame_bytes: usize,
    pub(crate) codec: Codec,
}

// SAFETY: the pool is plain memory of the host that outlives the media half; the contract gives the slots of a frame to
// one `exchange` at a time.
unsafe impl Send for Pool {}

/// What [`Media::exchange`](crate::Media::exchange) gets: a frame number, who is on, and the samples.
pub struct Tick<'a> {
    pub(crate) pool: Pool,
    pub(crate) frame: u64,
    pub(crate) t_ns: u64,
    pub(crate) late: u32,
    pub(crate) active: &'a [u64],
    pub(crate) tx_valid: &'a [u64],
    pub(crate) rx_valid: &'a mut [u64],
}

fn bit(set: &[u64], channel: u32) -> bool {
    set.get(channel as usize / 64).is_some_and(|word| word >> (channel % 64) & 1 == 1)
}

impl<'a> Tick<'a> {
    /// Number of this frame; a jump means that frames were left out.
    #[must_use]
    pub fn frame(&self) -> u64 {
        self.frame
    }

    /// The host's time of this frame, in nanoseconds.
    #[must_use]
    pub fn t_ns(&self) -> u64 {
        self.t_ns
    }

    /// How many deadlines the host has missed just now.
    #[must_use]
    pub fn late(&self) -> u32 {
        self.late
    }

    /// Sample format of the pool.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.pool.codec
    }

    /// Samples of a frame.
    #[must_use]
    pub fn frame_samples(&self) -> usize {
        self.pool.frame_bytes / self.pool.codec.sample_bytes()
    }

    /// The channels that are on, in rising order. The iterator does not borrow the tick.
    #[must_use]
    pub fn active(&self) -> Channels<'a> {
        Channels {
            set: self.active,
            word: 0,
            left: self.active.first().copied().unwrap_or(0),
            end: self.pool.channels,
        }
    }

    /// Whether `channel` is on.
    #[must_use]
    pub fn is_active(&self, channel: u32) -> bool {
        channel < self.pool.channels && bit(self.active, channel)
    }

    fn slot(&self, channel: u32) -> usize {
        let row = (self.frame & (self.pool.depth - 1)) as usize * self.pool.channels as usize;
        (row + channel as usize) * self.pool.stride
    }

    /// What the host says on `channel`; `None` when it says nothing or there is no such channel.
    #[must_use]
    pub fn tx(&self, channel: u32) -> Option<&[u8]> {
        if channel >= self.pool.channels || !bit(self.tx_valid, channel) {
            return None;
        }
        // SAFETY: start checked that depth * channels * stride bytes lie in the pool and that stride holds a frame.
        Some(unsafe {
            std::slice::from_raw_parts(self.pool.tx.add(self.slot(channel)), self.pool.frame_bytes)
        })
    }

    /// [`Tick::tx`] as linear samples; `None` also when the pool is not L16.
    #[must_use]
    pub fn tx_i16(&self, channel: u32) -> Option<&[i16]> {
        let bytes = self.tx(channel).filter(|_| self.pool.codec == Codec::L16)?;
        // SAFETY: every i16 is valid; slots are aligned to 64 bytes because base, offsets and stride are.
        Some(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / 2) })
    }

    /// The place for what is heard on `channel`; empty when there is no such channel. Say [`Tick::set_rx_valid`] after
    /// filling it.
    #[must_use]
    pub fn rx(&mut self, channel: u32) -> &mut [u8] {
        if channel >= self.pool.channels {
            return &mut [];
        }
        // SAFETY: as in `tx`; `&mut self` makes this the only view of the slot.
        unsafe { std::slice::from_raw_parts_mut(self.pool.rx.add(self.slot(channel)), self.pool.frame_bytes) }
    }

    /// [`Tick::rx`] as linear samples; empty when the pool is not L16.
    #[must_use]
    pub fn rx_i16(&mut self, channel: u32) -> &mut [i16] {
        if self.pool.codec != Codec::L16 {
            return &mut [];
        }
        let bytes = self.rx(channel);
        if bytes.is_empty() {
            return &mut [];
        }
        // SAFETY: as in `tx_i16`.
        unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len() / 2) }
    }

    /// Says that `rx` of this channel holds audio; without it the host conceals.
    pub fn set_rx_valid(&mut self, channel: u32) {
        if channel < self.pool.channels
            && let Some(word) = self.rx_valid.get_mut(channel as usize / 64)
        {
            *word |= 1 << (channel % 64);
        }
    }
}

/// Iterator over the channels of a set; see [`Tick::active`].
#[derive(Clone, Debug)]
pub struct Channels<'a> {
    set: &'a [u64],
    word: usize,
    left: u64,
    end: u32,
}

impl Iterator for Channels<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        while self.left == 0 {
            self.word += 1;
            self.left = *self.set.get(self.word)?;
        }
        let channel = self.word as u32 * 64 + self.left.trailing_zeros();
        self.left &= self.left - 1;
        (channel < self.end).then_some(channel)
    }
}
