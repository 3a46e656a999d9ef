//! Samples as bytes of the pool: the two laws of ITU-T G.711 and native-endian L16.

use callcore_codec::{Format, g711};

/// How the samples of a device's pool slots are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// G.711 A-law, one byte a sample.
    A,
    /// G.711 µ-law, one byte a sample.
    Mu,
    /// 16-bit linear in the machine's byte order, two bytes a sample.
    L16,
}

/// A-law by the upper 12 bits of a sample: the law looks at no others.
static TO_ALAW: [u8; 4096] = alaw_table();
/// µ-law by magnitude / 4, positive half: the law looks at no finer bits.
static TO_ULAW: [u8; 8192] = ulaw_table();

const fn alaw_table() -> [u8; 4096] {
    let mut table = [0; 4096];
    let mut index = 0;
    while index < 4096 {
        table[index] = g711::linear_to_alaw(((index as u16) << 4) as i16);
        index += 1;
    }
    table
}

const fn ulaw_table() -> [u8; 8192] {
    let mut table = [0; 8192];
    let mut index = 0;
    while index < 8192 {
        table[index] = g711::linear_to_ulaw((index as i16) << 2);
        index += 1;
    }
    table
}

fn to_alaw(sample: i16) -> u8 {
    TO_ALAW[usize::from((sample as u16) >> 4)]
}

fn to_ulaw(sample: i16) -> u8 {
    let magnitude = sample.unsigned_abs().min(i16::MAX as u16) >> 2;
    TO_ULAW[usize::from(magnitude)] ^ (((sample as u16) >> 8) as u8 & 0x80)
}

impl Law {
    /// The law of a format; `None` for what is not sampled at 8 kHz.
    #[must_use]
    pub const fn of(format: Format) -> Option<Self> {
        match format {
            Format::ALaw => Some(Self::A),
            Format::MuLaw => Some(Self::Mu),
            Format::L16 => Some(Self::L16),
            Format::L16Wide | Format::L16Full | Format::G722 | Format::G729 | Format::Opus => None,
        }
    }

    /// Bytes of one sample.
    #[must_use]
    pub const fn bytes_per_sample(self) -> usize {
        match self {
            Self::A | Self::Mu => 1,
            Self::L16 => 2,
        }
    }

    /// The byte that silence consists of.
    #[must_use]
    pub const fn silence(self) -> u8 {
        match self {
            Self::A => 0xD5,
            Self::Mu => 0xFF,
            Self::L16 => 0,
        }
    }

    /// Bytes to samples, as many as fit in both.
    pub fn decode(self, bytes: &[u8], samples: &mut [i16]) {
        match self {
            Self::A => {
                samples.iter_mut().zip(bytes).for_each(|(to, from)| *to = g711::ALAW[usize::from(*from)])
            }
            Self::Mu => {
                samples.iter_mut().zip(bytes).for_each(|(to, from)| *to = g711::ULAW[usize::from(*from)])
            }
            Self::L16 => {
                for (to, from) in samples.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    *to = i16::from_ne_bytes(*from);
                }
            }
        }
    }

    /// Samples to bytes, as many as fit in both.
    pub fn encode(self, samples: &[i16], bytes: &mut [u8]) {
        match self {
            Self::A => bytes.iter_mut().zip(samples).for_each(|(to, from)| *to = to_alaw(*from)),
            Self::Mu => bytes.iter_mut().zip(samples).for_each(|(to, from)| *to = to_ulaw(*from)),
            Self::L16 => {
                for (to, from) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(samples) {
                    *to = from.to_ne_bytes();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_say_what_the_laws_say() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(to_alaw(sample), g711::linear_to_alaw(sample), "A-law {sample}");
            assert_eq!(to_ulaw(sample), g711::linear_to_ulaw(sample), "µ-law {sample}");
        }
    }

    #[test]
    fn silence_is_silence() {
        for law in [Law::A, Law::Mu, Law::L16] {
            let bytes = [law.silence(); 4];
            let mut samples = [99; 2];
            law.decode(&bytes, &mut samples);
            assert!(samples.iter().all(|sample| sample.abs() <= 8), "{law:?} {samples:?}");
        }
    }

    #[test]
    fn linear_samples_pass_unchanged() {
        let samples = [i16::MIN, -1, 0, 1, i16::MAX];
        let mut bytes = [0; 10];
        Law::L16.encode(&samples, &mut bytes);
        let mut back = [0; 5];
        Law::L16.decode(&bytes, &mut back);
        assert_eq!(back, samples);
    }
}
