//! How the payload of each format lies in the buffer: in cells that are there or not, at places of RTP time.

use crate::format::{Format, PACKET_BYTES_MAX};

/// The cells of one format. A cell is 1 ms of samples, 10 ms of G.729, or a packet of Opus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) format: Format,
    /// RTP ticks in a millisecond.
    pub(super) ms: u32,
    pub(super) frame_ticks: u32,
    pub(super) slot_bytes: usize,
    pub(super) cell_ticks: u32,
    pub(super) cell_bytes: usize,
}

/// G.729 frames, and what stands for one where the speaker is silent (annex B).
const G729_FRAME: usize = 10;
const G729_SID: usize = 2;
/// A cell of a format with packets begins with their length, as the slot does.
pub(super) const LENGTH_BYTES: usize = 2;

impl Layout {
    pub(super) const fn new(format: Format, frame_ms: u32) -> Self {
        // G.722 counts as if it had 8000 samples a second (RFC 3551, 4.5.2)
        let ms = match format {
            Format::L16Wide => 16,
            Format::L16Full | Format::Opus => 48,
            _ => 8,
        };
        let (cell_ticks, cell_bytes) = match format {
            Format::ALaw | Format::MuLaw | Format::G722 => (ms, ms as usize),
            Format::L16 | Format::L16Wide | Format::L16Full => (ms, 2 * ms as usize),
            Format::G729 => (10 * ms, LENGTH_BYTES + G729_FRAME),
            Format::Opus => (frame_ms * ms, LENGTH_BYTES + PACKET_BYTES_MAX),
        };
        let slot_bytes = format.slot_bytes(frame_ms as usize * 8);
        Self { format, ms, frame_ticks: frame_ms * ms, slot_bytes, cell_ticks, cell_bytes }
    }

    /// Bytes of one tick where each sample or pair of samples has its own; 0 for packets.
    pub(super) const fn tick_bytes(&self) -> usize {
        if self.format.has_length() { 0 } else { self.cell_bytes / self.cell_ticks as usize }
    }

    /// How long a payload lasts, in RTP ticks; `None` when it is not one of this format.
    pub(super) fn ticks(&self, payload: &[u8]) -> Option<u32> {
        let ticks = match self.format {
            Format::G729 => g729_frames(payload) * self.cell_ticks,
            Format::Opus if payload.len() > PACKET_BYTES_MAX => 0,
            // a slot has room for one packet of its own length
            Format::Opus => {
                opus_us(payload).filter(|us| us * self.ms == self.cell_ticks * 1000)? / 1000 * self.ms
            }
            _ => payload.len().checked_div(self.tick_bytes())?.try_into().ok()?,
        };
        (ticks > 0).then_some(ticks)
    }
}

/// Frames of 10 ms in a payload, the SID that may stand at the end among them (RFC 3551, 4.5.6); 0 when it is something else.
fn g729_frames(payload: &[u8]) -> u32 {
    match payload.len() % G729_FRAME {
        0 => (payload.len() / G729_FRAME) as u32,
        G729_SID => (payload.len() / G729_FRAME) as u32 + 1,
        _ => 0,
    }
}

/// The frames of 10 ms of a G.729 payload; the last may be a SID.
pub(super) fn g729(payload: &[u8]) -> std::slice::Chunks<'_, u8> {
    payload.chunks(G729_FRAME)
}

/// Whether these are the bytes of a G.729 frame that says what silence sounds like.
pub(super) fn is_sid(frame: &[u8]) -> bool {
    frame.len() == G729_SID
}

/// How long an Opus packet lasts in microseconds, by its table of contents (RFC 6716, 3.1).
fn opus_us(payload: &[u8]) -> Option<u32> {
    let first = *payload.first()?;
    let config = usize::from(first >> 3);
    let frame = match config {
        0..12 => [10_000, 20_000, 40_000, 60_000][config % 4],
        12..16 => [10_000, 20_000][config % 2],
        _ => [2500, 5000, 10_000, 20_000][config % 4],
    };
    let frames = match first & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(*payload.get(1)? & 0x3F),
    };
    Some(frame * frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_so_many_cells_in_every_format() {
        for format in Format::ALL {
            for frame_ms in [10, 20] {
                let layout = Layout::new(format, frame_ms);
                assert_eq!(layout.frame_ticks % layout.cell_ticks, 0, "{format:?}");
                let cells = (layout.frame_ticks / layout.cell_ticks) as usize;
                let length = if format.has_length() { LENGTH_BYTES } else { 0 };
                assert_eq!(cells * (layout.cell_bytes - length) + length, layout.slot_bytes, "{format:?}");
            }
        }
    }

    #[test]
    fn payloads_last_as_long_as_their_standards_say() {
        let ticks = |format, payload: &[u8]| Layout::new(format, 20).ticks(payload);
        assert_eq!(ticks(Format::ALaw, &[0; 240]), Some(240));
        assert_eq!(ticks(Format::G722, &[0; 160]), Some(160));
        assert_eq!(ticks(Format::L16Full, &[0; 1920]), Some(960));
        assert_eq!(ticks(Format::G729, &[0; 20]), Some(160));
        assert_eq!(ticks(Format::G729, &[0; 12]), Some(160));
        assert_eq!(ticks(Format::G729, &[0; 2]), Some(80));
        assert_eq!(ticks(Format::G729, &[0; 15]), None);
        // SILK wideband 20 ms; CELT 10 ms twice; CELT 20 ms twice; three frames of 20 ms; code 3 without its count
        assert_eq!(ticks(Format::Opus, &[9 << 3, 1, 2]), Some(960));
        assert_eq!(ticks(Format::Opus, &[(30 << 3) | 1, 1, 2]), Some(960));
        assert_eq!(ticks(Format::Opus, &[(31 << 3) | 1, 1, 2]), None);
        assert_eq!(ticks(Format::Opus, &[(9 << 3) | 3, 3, 0]), None);
        assert_eq!(ticks(Format::Opus, &[(9 << 3) | 3]), None);
        assert_eq!(ticks(Format::Opus, &[9 << 3; PACKET_BYTES_MAX + 1]), None);
        for format in Format::ALL {
            assert_eq!(ticks(format, &[]), None, "{format:?}");
        }
    }
}
