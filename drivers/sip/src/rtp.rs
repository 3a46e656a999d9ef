//! RTP (RFC 3550 §5.1) and RTCP sender reports (§6.4.1), as much as telephony needs.

/// Bytes of a header without contributing sources.
pub(crate) const HEADER_BYTES: usize = 12;

/// One received RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet<'a> {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a packet; `None` for anything that is not whole RTP version 2 (RTCP among it, RFC 5761 §4).
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_first_chunk::<HEADER_BYTES>()?;
        if head[0] >> 6 != 2 || (192..=223).contains(&head[1]) {
            return None;
        }
        rest = rest.get(usize::from(head[0] & 0x0F) * 4..)?;
        if head[0] & 0x10 != 0 {
            let words = u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]);
            rest = rest.get(4 + usize::from(words) * 4..)?;
        }
        if head[0] & 0x20 != 0 {
            let padding = usize::from(*rest.last()?);
            if padding == 0 {
                return None;
            }
            rest = rest.get(..rest.len().checked_sub(padding)?)?;
        }
        Some(Self {
            marker: head[1] & 0x80 != 0,
            payload_type: head[1] & 0x7F,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            payload: rest,
        })
    }

    /// Writes the header of this packet; the payload is the caller's.
    pub(crate) fn write_header(&self, out: &mut [u8; HEADER_BYTES]) {
        out[0] = 0x80;
        out[1] = self.payload_type | if self.marker { 0x80 } else { 0 };
        out[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        out[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        out[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }
}

/// What a sender report says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Report {
    pub(crate) ssrc: u32,
    /// 64-bit NTP time.
    pub(crate) ntp: u64,
    pub(crate) timestamp: u32,
    pub(crate) packets: u32,
    pub(crate) octets: u32,
    /// About what we receive; none before the first packet.
    pub(crate) block: Option<Block>,
}

/// One reception report block.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Block {
    pub(crate) ssrc: u32,
    pub(crate) fraction_lost: u8,
    pub(crate) lost: u32,
    pub(crate) highest: u32,
    pub(crate) jitter: u32,
}

/// A compound packet of a sender report and an SDES with the CNAME, which every compound must have (§6.1).
pub(crate) fn sender_report(report: &Report, cname: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(96);
    let blocks = u8::from(report.block.is_some());
    out.extend([0x80 | blocks, 200, 0, 6 + 6 * blocks]);
    out.extend(report.ssrc.to_be_bytes());
    out.extend(report.ntp.to_be_bytes());
    for word in [report.timestamp, report.packets, report.octets] {
        out.extend(word.to_be_bytes());
    }
    if let Some(block) = &report.block {
        let lost = u32::from(block.fraction_lost) << 24 | block.lost & 0x00FF_FFFF;
        for word in [block.ssrc, lost, block.highest, block.jitter, 0, 0] {
            out.extend(word.to_be_bytes());
        }
    }
    let name = &cname.as_bytes()[..cname.len().min(200)];
    // SSRC, item type and length, name, and at least one NUL up to the word border
    let words = (4 + 2 + name.len() + 1).div_ceil(4);
    out.extend([0x81, 202, 0, words as u8]);
    out.extend(report.ssrc.to_be_bytes());
    out.extend([1, name.len() as u8]);
    out.extend(name);
    out.resize(out.len() + words * 4 - 6 - name.len(), 0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_csrc_extension_and_padding() {
        let mut bytes = vec![0xB1, 0x88, 0, 7, 0, 0, 0, 160, 1, 2, 3, 4];
        bytes.extend([9; 4]); // one contributing source
        bytes.extend([0, 0, 0, 1, 5, 5, 5, 5]); // extension of one word
        bytes.extend([0xD5, 0xD5, 0, 0, 3]); // two samples, three bytes of padding
        let packet = Packet::parse(&bytes).expect("is whole");
        assert_eq!((packet.payload_type, packet.marker, packet.sequence), (8, true, 7));
        assert_eq!((packet.timestamp, packet.ssrc, packet.payload), (160, 0x0102_0304, &[0xD5, 0xD5][..]));
        assert_eq!(Packet::parse(&bytes[..18]), None);
    }

    #[test]
    fn a_report_is_whole_words() {
        for name in ["", "a", "ab", "abc", "abcd@127.0.0.1"] {
            let bytes = sender_report(&Report { block: Some(Block::default()), ..Report::default() }, name);
            let first = (usize::from(bytes[3]) + 1) * 4;
            let second = (usize::from(bytes[first + 3]) + 1) * 4;
            assert_eq!(bytes.len(), first + second, "{name}");
            assert!(Packet::parse(&bytes).is_none(), "RTCP is not taken for RTP");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            crate::fuzz::rtp(&bytes);
        }

        #[test]
        fn a_written_header_is_read_back(pt in 0u8..64, sequence: u16, timestamp: u32, ssrc: u32, marker: bool) {
            let packet = Packet { marker, payload_type: pt, sequence, timestamp, ssrc, payload: &[1, 2] };
            let mut bytes = [0; HEADER_BYTES + 2];
            packet.write_header(bytes.first_chunk_mut().expect("long enough"));
            bytes[HEADER_BYTES..].copy_from_slice(packet.payload);
            prop_assert_eq!(Packet::parse(&bytes), Some(packet));
        }
    }
}
