//! The codecs that can go over RTP: their names, numbers and clocks in a description.
//!
//! G.711 and G.729 (RFC 3551 §4.5, RFC 4856), G.722 (RFC 3551 §4.5.2: its clock is said to be 8000 although it is sampled
//! at 16 kHz), Opus (RFC 7587). A payload goes between the wire and the pool as it is.

use callcore_driver_sdk::Format;

/// A codec as descriptions name it.
#[derive(Debug)]
pub(crate) struct Codec {
    pub(crate) format: Format,
    name: &'static str,
    /// Our number for it where we choose it; the static one where there is one (RFC 3551 table 4).
    pub(crate) payload_type: u8,
    /// Of RTP timestamps.
    clock_hz: u32,
    /// As in `rtpmap`; 1 is not written.
    channels: u8,
    /// Format parameters in our offers and answers. Without Annex B nobody sends G.729 in pieces of 2 bytes to somebody who
    /// may not know them; Opus is for telephones: mono, 16 kHz.
    fmtp: &'static str,
}

const CODECS: [Codec; 5] = [
    Codec { format: Format::ALaw, name: "PCMA", payload_type: 8, clock_hz: 8000, channels: 1, fmtp: "" },
    Codec { format: Format::MuLaw, name: "PCMU", payload_type: 0, clock_hz: 8000, channels: 1, fmtp: "" },
    Codec { format: Format::G722, name: "G722", payload_type: 9, clock_hz: 8000, channels: 1, fmtp: "" },
    Codec {
        format: Format::G729,
        name: "G729",
        payload_type: 18,
        clock_hz: 8000,
        channels: 1,
        fmtp: "annexb=no",
    },
    Codec {
        format: Format::Opus,
        name: "opus",
        payload_type: 111,
        clock_hz: 48_000,
        channels: 2,
        fmtp: "maxplaybackrate=16000;sprop-maxcapturerate=16000;useinbandfec=1;stereo=0",
    },
];

/// The names of all, for messages.
pub(crate) const NAMES: &str = "PCMA, PCMU, G722, G729, opus";

/// The codec of this name, whatever its case.
pub(crate) fn named(name: &str) -> Option<&'static Codec> {
    CODECS.iter().find(|codec| codec.name.eq_ignore_ascii_case(name))
}

/// The codec of a format; linear sound does not go over the wire.
pub(crate) fn of(format: Format) -> Option<&'static Codec> {
    CODECS.iter().find(|codec| codec.format == format)
}

/// Clock of a format's RTP timestamps for each of 8 kHz: 1, or 6 for Opus.
pub(crate) fn clock_times(format: Format) -> u32 {
    of(format).map_or(1, |codec| codec.clock_hz / 8000)
}

impl Codec {
    /// What a payload type means without an `rtpmap`.
    pub(crate) fn of_static_type(payload_type: u8) -> Option<&'static Self> {
        CODECS.iter().find(|codec| payload_type < 96 && codec.payload_type == payload_type)
    }

    /// The codec of `PCMA/8000`, `opus/48000/2` and the like.
    pub(crate) fn of_map(map: &str) -> Option<&'static Self> {
        let mut parts = map.split('/');
        let codec = named(parts.next()?)?;
        let clock_hz: u32 = parts.next()?.trim().parse().ok()?;
        let channels: u8 = parts.next().map_or(Some(1), |channels| channels.trim().parse().ok())?;
        (clock_hz == codec.clock_hz && channels == codec.channels).then_some(codec)
    }

    /// The lines of a description that say what `payload_type` is.
    pub(crate) fn lines(&self, payload_type: u8) -> String {
        let channels = if self.channels == 1 { String::new() } else { format!("/{}", self.channels) };
        let map = format!("a=rtpmap:{payload_type} {}/{}{channels}\r\n", self.name, self.clock_hz);
        if self.fmtp.is_empty() {
            return map;
        }
        format!("{map}a=fmtp:{payload_type} {}\r\n", self.fmtp)
    }

    pub(crate) const fn clock_hz(&self) -> u32 {
        self.clock_hz
    }
}

/// Whether a format can go in frames of so many samples at 8 kHz: G.729 comes in pieces of 10 ms, Opus in packets of 20 ms.
pub(crate) const fn fits(format: Format, frame_samples: u32) -> bool {
    match format {
        Format::G729 => frame_samples.is_multiple_of(80),
        Format::Opus => frame_samples == 160,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codec_is_known_by_its_map() {
        for codec in &CODECS {
            let lines = codec.lines(99);
            let map = lines.lines().next().and_then(|line| line.strip_prefix("a=rtpmap:99 "));
            let read = map.and_then(Codec::of_map).map(|codec| codec.format);
            assert_eq!(read, Some(codec.format), "{lines}");
            assert_eq!(named(&codec.name.to_lowercase()).map(|codec| codec.format), Some(codec.format));
        }
        for wrong in
            ["PCMA/16000", "opus/48000", "opus/8000/2", "G722/16000", "PCMU/8000/2", "L16/8000", "", "/"]
        {
            assert!(Codec::of_map(wrong).is_none(), "{wrong}");
        }
        assert!(Codec::of_map("PCMA/8000/1").is_some());
        let statics = [0u8, 8, 9, 18].map(|number| Codec::of_static_type(number).map(|codec| codec.format));
        assert_eq!(statics, [Format::MuLaw, Format::ALaw, Format::G722, Format::G729].map(Some));
        assert!(Codec::of_static_type(111).is_none(), "a dynamic number means nothing by itself");
    }
}
