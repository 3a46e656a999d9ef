//! WAV containers for recordings, as bytes.
//!
//! ```text
//!  0 "RIFF"  4 size of all that follows  8 "WAVE"  12 "fmt " 16  20 PCM, channels, rate, bytes/s, align, bits
//! 36 "data" 40 size of the samples      44 samples, little-endian, left right left right ...
//! ```
//!
//! Both sizes are 0xFFFFFFFF from the first byte, which players take as "to the end": a file that a crash cut off plays
//! whole. At the close they are set to what they are; a file of 4 GiB and more (37 hours of stereo) keeps them.

/// Bytes of the header; samples begin here.
pub const HEADER_LEN: usize = 44;
/// A size that is not known, or does not fit.
pub const SIZE_OPEN: u32 = u32::MAX;
const RIFF_SIZE_AT: u64 = 4;
const DATA_SIZE_AT: u64 = 40;
const BYTES_PER_SAMPLE: u16 = 2;

/// What is recorded: 16-bit PCM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WavFormat {
    /// 1, or 2 for one party a side.
    pub channels: u16,
    /// Samples a second of each channel.
    pub sample_rate_hz: u32,
}

/// Four bytes to be written at a place of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patch {
    /// From the beginning of the file.
    pub offset: u64,
    /// What is to stand there.
    pub bytes: [u8; 4],
}

/// How it stands with a file of an earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is recorded in it.
    pub format: WavFormat,
    /// Bytes of whole sample frames in it.
    pub data_len: u64,
    /// Whether its sizes were right already.
    pub is_final: bool,
    /// The length that the file must have: shorter than it is if it ends inside a sample.
    pub file_len: u64,
}

/// Why a file is not one of our recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// It ends before its samples.
    #[error("the file has {0} bytes, a recording's header alone has {HEADER_LEN}")]
    Short(u64),
    /// The header is another's.
    #[error(
        "the file does not begin with the header of a recording (RIFF, WAVE, 16-bit PCM, data at byte 36)"
    )]
    Foreign,
}

impl WavFormat {
    /// Two parties at 8 kHz.
    pub const STEREO_8KHZ: Self = Self { channels: 2, sample_rate_hz: 8000 };
    /// One party at 8 kHz.
    pub const MONO_8KHZ: Self = Self { channels: 1, sample_rate_hz: 8000 };

    /// Bytes of one sample of all channels.
    #[must_use]
    pub const fn frame_len(self) -> u64 {
        self.channels as u64 * BYTES_PER_SAMPLE as u64
    }

    /// The header for the first byte of a file, sizes open.
    #[must_use]
    pub fn open_header(self) -> [u8; HEADER_LEN] {
        self.header(SIZE_OPEN, SIZE_OPEN)
    }

    /// The header of a whole file with `data_len` bytes of samples.
    #[must_use]
    pub fn final_header(self, data_len: u64) -> [u8; HEADER_LEN] {
        let (riff, data) = final_sizes(data_len);
        self.header(riff, data)
    }

    fn header(self, riff_size: u32, data_size: u32) -> [u8; HEADER_LEN] {
        let align = self.channels * BYTES_PER_SAMPLE;
        let mut header = [0; HEADER_LEN];
        header[..4].copy_from_slice(b"RIFF");
        header[4..8].copy_from_slice(&riff_size.to_le_bytes());
        header[8..16].copy_from_slice(b"WAVEfmt ");
        header[16..20].copy_from_slice(&16u32.to_le_bytes());
        header[20..22].copy_from_slice(&1u16.to_le_bytes());
        header[22..24].copy_from_slice(&self.channels.to_le_bytes());
        header[24..28].copy_from_slice(&self.sample_rate_hz.to_le_bytes());
        header[28..32].copy_from_slice(&self.sample_rate_hz.saturating_mul(u32::from(align)).to_le_bytes());
        header[32..34].copy_from_slice(&align.to_le_bytes());
        header[34..36].copy_from_slice(&(8 * BYTES_PER_SAMPLE).to_le_bytes());
        header[36..40].copy_from_slice(b"data");
        header[40..44].copy_from_slice(&data_size.to_le_bytes());
        header
    }

    /// How long so many bytes of samples play, in milliseconds, rounded down.
    #[must_use]
    pub const fn duration_ms(self, data_len: u64) -> u64 {
        data_len / self.frame_len() * 1000 / self.sample_rate_hz as u64
    }
}

/// What stands at 4 and at 40 in the end.
fn final_sizes(data_len: u64) -> (u32, u32) {
    match u32::try_from(data_len + HEADER_LEN as u64 - 8) {
        // the data size then fits too
        Ok(riff_size) => (riff_size, data_len as u32),
        Err(_) => (SIZE_OPEN, SIZE_OPEN),
    }
}

/// The sizes to be written when a file is closed, in place of a new header.
#[must_use]
pub fn final_patches(data_len: u64) -> [Patch; 2] {
    let (riff, data) = final_sizes(data_len);
    [
        Patch { offset: RIFF_SIZE_AT, bytes: riff.to_le_bytes() },
        Patch { offset: DATA_SIZE_AT, bytes: data.to_le_bytes() },
    ]
}

/// Samples as bytes of the file, appended.
pub fn push_samples(bytes: &mut Vec<u8>, samples: &[i16]) {
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
}

/// Look at a file that may have been cut off: its first bytes and its length tell what to do.
///
/// If [`Found::is_final`] is not set, cut it to [`Found::file_len`] and write [`final_patches`] of [`Found::data_len`].
///
/// # Errors
/// The file is none of ours.
pub fn inspect(head: &[u8], file_len: u64) -> Result<Found, WavError> {
    let Some(head) = head.first_chunk::<HEADER_LEN>() else { return Err(WavError::Short(file_len)) };
    let Some(have) = file_len.checked_sub(HEADER_LEN as u64) else { return Err(WavError::Short(file_len)) };
    let format = WavFormat {
        channels: u16::from_le_bytes([head[22], head[23]]),
        sample_rate_hz: u32::from_le_bytes([head[24], head[25], head[26], head[27]]),
    };
    let size_at = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    // all but the two sizes must be as we write it
    let is_possible = (1..=2).contains(&format.channels) && format.sample_rate_hz > 0;
    if !is_possible || *head != format.header(size_at(4), size_at(40)) {
        return Err(WavError::Foreign);
    }
    let data_len = have - have % format.frame_len();
    let is_final = data_len == have && (size_at(4), size_at(40)) == final_sizes(data_len);
    Ok(Found { format, data_len, is_final, file_len: HEADER_LEN as u64 + data_len })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_this_byte_by_byte() {
        let golden = b"RIFF\xFF\xFF\xFF\xFFWAVEfmt \x10\0\0\0\x01\0\x02\0\x40\x1F\0\0\0\x7D\0\0\x04\0\x10\0data\xFF\xFF\xFF\xFF";
        assert_eq!(&WavFormat::STEREO_8KHZ.open_header(), golden);
        let golden =
            b"RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1F\0\0\x80\x3E\0\0\x02\0\x10\0data\x04\0\0\0";
        assert_eq!(&WavFormat::MONO_8KHZ.final_header(4), golden);
    }

    #[test]
    fn patches_lead_from_the_open_header_to_the_final_one() {
        for data_len in [0, 4, 32_000, 0xFFFF_FFD8, 0xFFFF_FFDC, 1 << 40] {
            let mut header = WavFormat::STEREO_8KHZ.open_header();
            for patch in final_patches(data_len) {
                header[patch.offset as usize..][..4].copy_from_slice(&patch.bytes);
            }
            assert_eq!(header, WavFormat::STEREO_8KHZ.final_header(data_len));
        }
    }

    #[test]
    fn four_gigabytes_keep_open_sizes() {
        assert_eq!(final_sizes(0xFFFF_FFD8), (0xFFFF_FFFC, 0xFFFF_FFD8));
        assert_eq!(final_sizes(0xFFFF_FFDC), (SIZE_OPEN, SIZE_OPEN));
        let found = inspect(&WavFormat::STEREO_8KHZ.open_header(), 44 + (1 << 33)).expect("ours");
        assert!(found.is_final, "nothing is to be done");
        assert_eq!(found.data_len, 1 << 33);
    }

    #[test]
    fn a_file_cut_anywhere_is_repaired() {
        let mut file = WavFormat::STEREO_8KHZ.open_header().to_vec();
        push_samples(&mut file, &[1, 2, 3, 4, 5, 6]);
        for length in 0..=file.len() {
            let cut = &file[..length];
            let found = inspect(cut, length as u64);
            let Ok(found) = found else {
                assert_eq!((found, length < HEADER_LEN), (Err(WavError::Short(length as u64)), true));
                continue;
            };
            assert!(!found.is_final);
            assert_eq!(found.data_len, (length - HEADER_LEN) as u64 / 4 * 4);
            let mut repaired = cut[..found.file_len as usize].to_vec();
            for patch in final_patches(found.data_len) {
                repaired[patch.offset as usize..][..4].copy_from_slice(&patch.bytes);
            }
            let again = inspect(&repaired, repaired.len() as u64).expect("ours");
            assert!(again.is_final);
            let prompt = crate::media::prompt::decode_wav(&repaired).expect("it can be played");
            assert_eq!(prompt.samples.len() as u64, found.data_len / 4);
        }
    }

    #[test]
    fn other_files_are_left_alone() {
        let good = WavFormat::STEREO_8KHZ.open_header();
        for at in (0..4).chain(8..40) {
            let mut bad = good;
            bad[at] ^= 0x81;
            assert_eq!(inspect(&bad, 100), Err(WavError::Foreign), "byte {at}");
        }
        assert_eq!(inspect(&good[..40], 40), Err(WavError::Short(40)));
    }

    #[test]
    fn durations_are_milliseconds() {
        assert_eq!(WavFormat::STEREO_8KHZ.duration_ms(32_000), 1000);
        assert_eq!(WavFormat::MONO_8KHZ.duration_ms(16_031), 1001);
    }
}
