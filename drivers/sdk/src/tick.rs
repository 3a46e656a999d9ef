//! One frame of media for all channels of a device, each in a format of its own.

use callcore_codec::Format;

/// Where the samples of a device are, and how they are laid out; checked at start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pool {
    pub(crate) rx: *mut u8,
    pub(crate) tx: *const u8,
    pub(crate) depth: u64,
    pub(crate) stride: usize,
    pub(crate) channels: u32,
    /// Of a frame at 8 kHz.
    pub(crate) samples: usize,
    pub(crate) format: Format,
    /// The set of formats that the device's channels can have.
    pub(crate) formats: u32,
}

impl Pool {
    /// Bytes of a slot that is written so; `None` when no channel can, or slots are shorter.
    fn bytes(&self, format: Format) -> Option<usize> {
        let bytes = format.slot_bytes(self.samples);
        let can = format == self.format || format.code() & self.formats != 0;
        (can && bytes <= self.stride).then_some(bytes)
    }
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
    /// A byte for each channel, or nothing of a host that knows one format only.
    pub(crate) rx_format: &'a mut [u8],
    pub(crate) tx_format: &'a [u8],
}

fn bit(set: &[u64], channel: u32) -> bool {
    set.get(channel as usize / 64).is_some_and(|word| word >> (channel % 64) & 1 == 1)
}

fn is_linear(format: Format) -> bool {
    matches!(format, Format::L16 | Format::L16Wide | Format::L16Full)
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

    /// Samples of a frame at 8 kHz, whatever the format.
    #[must_use]
    pub fn frame_samples(&self) -> usize {
        self.pool.samples
    }

    /// How `rx` of a channel is written: as was said last, else as the pool.
    #[must_use]
    pub fn format(&self, channel: u32) -> Format {
        self.said(self.rx_format, channel).unwrap_or(self.pool.format)
    }

    /// How the host has written `tx` of a channel. When that is not what the channel needs by now, nothing is sent: the
    /// host follows with the next frame.
    #[must_use]
    pub fn tx_format(&self, channel: u32) -> Format {
        self.said(self.tx_format, channel).unwrap_or(self.pool.format)
    }

    fn said(&self, formats: &[u8], channel: u32) -> Option<Format> {
        let code = formats.get(channel as usize).copied()?;
        Format::from_code(code.into()).filter(|format| self.pool.bytes(*format).is_some())
    }

    /// Says how `rx` of a channel is written from this frame on, and how its `tx` is wanted from the next one on. `false`,
    /// and nothing is changed, when there is no such channel, no [`ChannelInfo`](crate::ChannelInfo) of the device names the
    /// format, or the host knows the pool's own format only.
    pub fn set_format(&mut self, channel: u32, format: Format) -> bool {
        if channel >= self.pool.channels || self.pool.bytes(format).is_none() {
            return false;
        }
        match self.rx_format.get_mut(channel as usize) {
            Some(place) => *place = format as u8,
            None => return format == self.pool.format,
        }
        true
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

    /// The whole slot of what the host says on `channel`, in [`Tick::tx_format`]; `None` when it says nothing or there is no
    /// such channel.
    #[must_use]
    pub fn tx(&self, channel: u32) -> Option<&[u8]> {
        if channel >= self.pool.channels || !bit(self.tx_valid, channel) {
            return None;
        }
        let bytes = self.pool.bytes(self.tx_format(channel))?;
        // SAFETY: start checked that depth * channels * stride bytes lie in the pool; `bytes` are no more than stride.
        Some(unsafe { std::slice::from_raw_parts(self.pool.tx.add(self.slot(channel)), bytes) })
    }

    /// [`Tick::tx`] without the length that slots of varying payloads begin with; `None` also when that cannot be.
    #[must_use]
    pub fn tx_payload(&self, channel: u32) -> Option<&[u8]> {
        let slot = self.tx(channel)?;
        if !self.tx_format(channel).has_length() {
            return Some(slot);
        }
        let (length, payload) = slot.split_first_chunk()?;
        payload.get(..usize::from(u16::from_ne_bytes(*length)))
    }

    /// [`Tick::tx`] as linear samples; `None` also when it is not linear.
    #[must_use]
    pub fn tx_i16(&self, channel: u32) -> Option<&[i16]> {
        let bytes = self.tx(channel).filter(|_| is_linear(self.tx_format(channel)))?;
        // SAFETY: every i16 is valid; slots are aligned to 64 bytes because base, offsets and stride are.
        Some(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / 2) })
    }

    /// The place for what is heard on `channel`, a whole slot of its [`Tick::format`]; empty when there is no such channel.
    /// Say [`Tick::set_rx_valid`] after filling it.
    #[must_use]
    pub fn rx(&mut self, channel: u32) -> &mut [u8] {
        let bytes = self.pool.bytes(self.format(channel)).filter(|_| channel < self.pool.channels);
        let Some(bytes) = bytes else { return &mut [] };
        // SAFETY: as in `tx`; `&mut self` makes this the only view of the slot.
        unsafe { std::slice::from_raw_parts_mut(self.pool.rx.add(self.slot(channel)), bytes) }
    }

    /// Gives what is heard on `channel`: a payload of just the length of its format, or for one whose payloads vary, as much
    /// as there is, which is written behind its length. `false`, and nothing is said, when it does not fit.
    pub fn set_rx_payload(&mut self, channel: u32, payload: &[u8]) -> bool {
        let has_length = self.format(channel).has_length();
        let slot = self.rx(channel);
        let place = if has_length {
            let Some((length, place)) = slot.split_first_chunk_mut() else { return false };
            // too long for 16 bits is too long for the slot
            *length = (payload.len() as u16).to_ne_bytes();
            place.get_mut(..payload.len())
        } else {
            Some(slot).filter(|slot| slot.len() == payload.len())
        };
        let Some(place) = place else { return false };
        place.copy_from_slice(payload);
        self.set_rx_valid(channel);
        true
    }

    /// [`Tick::rx`] as linear samples; empty when the channel is not linear.
    #[must_use]
    pub fn rx_i16(&mut self, channel: u32) -> &mut [i16] {
        let is_linear = is_linear(self.format(channel));
        let bytes = self.rx(channel);
        if bytes.is_empty() || !is_linear {
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
