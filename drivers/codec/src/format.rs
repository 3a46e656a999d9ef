//! How the sound of one channel is written in a slot of the pool: G.711, linear, or the payload of a codec.

/// Samples a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rate {
    /// 8 kHz: the telephone's 300 to 3400 Hz.
    #[default]
    Narrow,
    /// 16 kHz: 50 to 7000 Hz ("HD voice").
    Wide,
    /// 48 kHz: all that can be heard.
    Full,
}

impl Rate {
    /// All of them, the lowest first.
    pub const ALL: [Self; 3] = [Self::Narrow, Self::Wide, Self::Full];

    /// In hertz.
    #[must_use]
    pub const fn hz(self) -> u32 {
        match self {
            Self::Narrow => 8000,
            Self::Wide => 16_000,
            Self::Full => 48_000,
        }
    }

    /// Samples for each sample at 8 kHz: 1, 2 or 6.
    #[must_use]
    pub const fn times(self) -> usize {
        (self.hz() / 8000) as usize
    }

    /// Samples of so many milliseconds.
    #[must_use]
    pub const fn samples(self, ms: u32) -> usize {
        (self.hz() / 1000 * ms) as usize
    }
}

/// How sound is written. The numbers are those of the driver contract (`CCD_LAW_A` and so on).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Format {
    /// G.711 A-law as in RFC 3551, one byte a sample, 8 kHz.
    ALaw = 1,
    /// G.711 µ-law as in RFC 3551, one byte a sample, 8 kHz.
    MuLaw = 2,
    /// 16-bit linear in the machine's byte order, 8 kHz.
    L16 = 4,
    /// 16-bit linear, 16 kHz.
    L16Wide = 8,
    /// 16-bit linear, 48 kHz.
    L16Full = 16,
    /// G.722 at 64 kbit/s: one byte for two samples of 16 kHz.
    G722 = 32,
    /// G.729 (with or without annexes A and B): 10 bytes for 10 ms of 8 kHz. See [`Format::has_length`].
    G729 = 64,
    /// Opus (RFC 6716), one packet a frame. See [`Format::has_length`].
    Opus = 128,
}

/// Most bytes of a packet of a format whose packets vary; two more say how many there are.
pub const PACKET_BYTES_MAX: usize = 318;

impl Format {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ALaw,
        Self::MuLaw,
        Self::L16,
        Self::L16Wide,
        Self::L16Full,
        Self::G722,
        Self::G729,
        Self::Opus,
    ];

    /// The format of a number of the contract.
    #[must_use]
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }

    /// Its number in the contract.
    #[must_use]
    pub const fn code(self) -> u32 {
        self as u32
    }

    /// The rate of what it decodes to. Opus decodes to any; 16 kHz is what phones have.
    #[must_use]
    pub const fn rate(self) -> Rate {
        match self {
            Self::ALaw | Self::MuLaw | Self::L16 | Self::G729 => Rate::Narrow,
            Self::L16Wide | Self::G722 | Self::Opus => Rate::Wide,
            Self::L16Full => Rate::Full,
        }
    }

    /// Whether each sample stands for itself: any part of it can be read without what came before.
    #[must_use]
    pub const fn is_sampled(self) -> bool {
        matches!(self, Self::ALaw | Self::MuLaw | Self::L16 | Self::L16Wide | Self::L16Full)
    }

    /// Bytes of one sample of a format whose samples stand for themselves; 0 for others.
    #[must_use]
    pub const fn sample_bytes(self) -> usize {
        match self {
            Self::ALaw | Self::MuLaw => 1,
            Self::L16 | Self::L16Wide | Self::L16Full => 2,
            Self::G722 | Self::G729 | Self::Opus => 0,
        }
    }

    /// Whether a slot begins with the length of its packet, 16 bits in the machine's byte order.
    #[must_use]
    pub const fn has_length(self) -> bool {
        matches!(self, Self::G729 | Self::Opus)
    }

    /// Bytes that a frame of so many samples at 8 kHz (160: 20 ms) takes in a slot, at most.
    #[must_use]
    pub const fn slot_bytes(self, narrow_samples: usize) -> usize {
        match self {
            Self::ALaw | Self::MuLaw | Self::G722 => narrow_samples,
            Self::L16 => 2 * narrow_samples,
            Self::L16Wide => 4 * narrow_samples,
            Self::L16Full => 12 * narrow_samples,
            Self::G729 => 2 + narrow_samples / 8,
            Self::Opus => 2 + PACKET_BYTES_MAX,
        }
    }

    /// The byte that silence consists of, for formats whose samples stand for themselves; 0 for others.
    #[must_use]
    pub const fn silence(self) -> u8 {
        match self {
            Self::ALaw => 0xD5,
            Self::MuLaw => 0xFF,
            Self::L16 | Self::L16Wide | Self::L16Full | Self::G722 | Self::G729 | Self::Opus => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_bits_and_come_back() {
        for format in Format::ALL {
            assert_eq!(format.code().count_ones(), 1);
            assert_eq!(Format::from_code(format.code()), Some(format));
            assert!(format.slot_bytes(160) > 0 && !(format.is_sampled() && format.has_length()));
        }
        assert_eq!(Format::from_code(0), None);
        assert_eq!(Format::from_code(3), None);
    }

    #[test]
    fn frames_are_20_ms() {
        assert_eq!(Rate::ALL.map(|rate| rate.samples(20)), [160, 320, 960]);
        assert_eq!(Format::L16Full.slot_bytes(160), 1920);
        assert_eq!(Format::G729.slot_bytes(160), 22);
    }
}
