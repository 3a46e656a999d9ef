//! Formats each sample of which stands for itself, in blocks: the two laws of G.711, and linear.

use crate::{Format, g711};

/// Bytes to samples, as many as fit in both. `format` is one with [`Format::is_sampled`]; others read as linear.
pub fn decode_sampled(format: Format, bytes: &[u8], samples: &mut [i16]) {
    let count = samples.len().min(bytes.len() / format.sample_bytes().max(1));
    match format {
        Format::ALaw => g711::decode_alaw(&bytes[..count], &mut samples[..count]),
        Format::MuLaw => g711::decode_ulaw(&bytes[..count], &mut samples[..count]),
        _ => {
            let pairs = bytes.as_chunks::<2>().0;
            samples.iter_mut().zip(pairs).for_each(|(to, from)| *to = i16::from_ne_bytes(*from));
        }
    }
}

/// Samples to bytes, as many as fit in both; `format` as for [`decode_sampled`].
pub fn encode_sampled(format: Format, samples: &[i16], bytes: &mut [u8]) {
    let count = samples.len().min(bytes.len() / format.sample_bytes().max(1));
    match format {
        Format::ALaw => g711::encode_alaw(&samples[..count], &mut bytes[..count]),
        Format::MuLaw => g711::encode_ulaw(&samples[..count], &mut bytes[..count]),
        _ => {
            let pairs = bytes.as_chunks_mut::<2>().0;
            pairs.iter_mut().zip(samples).for_each(|(to, from)| *to = from.to_ne_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_fit_and_no_more() {
        for format in Format::ALL.into_iter().filter(|format| format.is_sampled()) {
            let samples = [i16::MIN, -1, 0, 1, i16::MAX];
            let mut bytes = vec![0x77; 5 * format.sample_bytes() - 1];
            encode_sampled(format, &samples, &mut bytes);
            let mut back = [99; 5];
            decode_sampled(format, &bytes, &mut back);
            assert!(
                back[..4].iter().zip(&samples).all(|(a, b)| a.abs_diff(*b) <= 644),
                "{format:?} {back:?}"
            );
            assert_eq!(back[4], 99);
            let quiet = [format.silence(); 4];
            decode_sampled(format, &quiet, &mut back);
            assert!(back[..2].iter().all(|sample| sample.abs() <= 8), "{format:?} {back:?}");
        }
    }
}
