//! AIFF and AIFF-C files: big-endian PCM, or (`sowt`) little-endian, as audio editors of another house save them.

use super::read::require_length;
use super::{PromptError, Sound, resample};

/// What the COMM chunk says.
struct Common {
    channels: usize,
    bytes: usize,
    rate_hz: u32,
    is_little: bool,
}

pub(super) fn read(bytes: &[u8]) -> Result<Sound, PromptError> {
    let is_compressed = match bytes.get(8..12) {
        Some(b"AIFF") => false,
        Some(b"AIFC") => true,
        _ => return Err(PromptError::NotWav),
    };
    let (mut common, mut sound) = (None, None);
    let mut rest = &bytes[12..];
    while let Some((head, body)) = rest.split_at_checked(8) {
        let size = u32::from_be_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let chunk = body.get(..size).unwrap_or(body);
        match &head[..4] {
            b"COMM" => common = Some(parse_common(chunk, is_compressed)?),
            // offset and block size come before the samples
            b"SSND" => sound = chunk.get(8..),
            _ => {}
        }
        rest = body.get(size.saturating_add(size & 1)..).unwrap_or(&[]);
    }
    let common = common.ok_or(PromptError::Damaged("it has no COMM chunk"))?;
    let data = sound.ok_or(PromptError::Damaged("it has no SSND chunk"))?;
    let frame = common.bytes * common.channels;
    require_length((data.len() / frame) as u64, common.rate_hz)?;
    let samples = data.chunks_exact(frame).map(|frame| mix(&common, frame)).collect();
    Ok(Sound { rate_hz: common.rate_hz, samples })
}

fn parse_common(chunk: &[u8], is_compressed: bool) -> Result<Common, PromptError> {
    let Some(fixed) = chunk.first_chunk::<18>() else {
        return Err(PromptError::Damaged("the COMM chunk is cut off"));
    };
    let u16_at = |at: usize| u16::from_be_bytes([fixed[at], fixed[at + 1]]);
    let (channels, bits) = (u16_at(0), u16_at(6));
    let kind = if is_compressed { chunk.get(18..22).unwrap_or_default() } else { b"NONE" };
    if !(kind == b"NONE" || kind == b"sowt") || ![8, 16, 24, 32].contains(&bits) {
        return Err(PromptError::Coding { format: 0, bits });
    }
    let rate_hz = rate(fixed);
    if !(1..=2).contains(&channels) || !resample::can_resample(rate_hz) {
        return Err(PromptError::Shape { channels, rate_hz });
    }
    let (channels, bytes) = (usize::from(channels), usize::from(bits) / 8);
    Ok(Common { channels, bytes, rate_hz, is_little: kind == b"sowt" })
}

/// An 80-bit float: exponent, and a mantissa with its one written out. Rates are whole; others become 0.
fn rate(fixed: &[u8; 18]) -> u32 {
    let exponent = u16::from_be_bytes([fixed[8], fixed[9]]);
    let mantissa = u32::from_be_bytes([fixed[10], fixed[11], fixed[12], fixed[13]]);
    let shift = 16_383u16.saturating_add(31).saturating_sub(exponent);
    mantissa.checked_shr(shift.into()).unwrap_or(0)
}

fn mix(common: &Common, frame: &[u8]) -> i16 {
    let sample = |bytes: &[u8]| match (bytes, common.is_little) {
        ([one], _) => i16::from(*one as i8) << 8,
        ([.., low, high], true) => i16::from_le_bytes([*low, *high]),
        ([high, low, ..], false) => i16::from_be_bytes([*high, *low]),
        ([], _) => 0,
    };
    let sum: i32 = frame.chunks_exact(common.bytes).map(|bytes| i32::from(sample(bytes))).sum();
    (sum / common.channels as i32) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aiff(kind: Option<&[u8; 4]>, channels: u16, bits: u16, rate: [u8; 4], data: &[u8]) -> Vec<u8> {
        let mut common = [channels.to_be_bytes(), [0, 0], [0, 9], bits.to_be_bytes()].concat();
        common.extend(rate);
        common.extend([0; 6]);
        common.extend(kind.into_iter().flatten());
        let mut file = b"FORM\0\0\0\0".to_vec();
        file.extend(if kind.is_some() { b"AIFC" } else { b"AIFF" });
        file.extend(b"COMM");
        file.extend((common.len() as u32).to_be_bytes());
        file.extend(common);
        file.extend(b"NAME\0\0\0\x01x\0SSND");
        file.extend((data.len() as u32 + 8).to_be_bytes());
        file.extend([0; 8]);
        file.extend(data);
        file
    }

    /// 44,100 and 8000 Hz as the first bytes of an 80-bit float.
    const CD: [u8; 4] = [0x40, 0x0E, 0xAC, 0x44];
    const NARROW: [u8; 4] = [0x40, 0x0B, 0xFA, 0x00];

    #[test]
    fn integers_of_either_order_are_read() {
        let sound = read(&aiff(None, 1, 16, CD, &[1, 2, 0xFF, 0])).expect("right");
        assert_eq!((sound.rate_hz, sound.samples), (44_100, vec![0x0102, -256]));
        let sound = read(&aiff(Some(b"sowt"), 2, 16, NARROW, &[2, 1, 4, 1])).expect("right");
        assert_eq!((sound.rate_hz, sound.samples), (8000, vec![0x0103]));
        let sound = read(&aiff(Some(b"NONE"), 1, 24, NARROW, &[1, 2, 3])).expect("right");
        assert_eq!(sound.samples, [0x0102]);
        assert_eq!(read(&aiff(None, 1, 8, NARROW, &[0x80])).expect("right").samples, [i16::MIN]);
    }

    #[test]
    fn others_are_refused() {
        assert_eq!(
            read(&aiff(Some(b"ima4"), 1, 16, CD, &[])),
            Err(PromptError::Coding { format: 0, bits: 16 })
        );
        let shape = Err(PromptError::Shape { channels: 6, rate_hz: 8000 });
        assert_eq!(read(&aiff(None, 6, 16, NARROW, &[])), shape);
        let whole = aiff(None, 1, 16, CD, &[1, 2]);
        for length in 0..whole.len() - 10 {
            assert!(read(&whole[..length]).is_err(), "cut at {length}");
        }
    }
}
