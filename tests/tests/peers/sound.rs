//! Sound to speak and sound that was recorded: RTP captures with a tone for SIPp, and what sox reads from a WAV file.

use std::path::Path;
use std::process::Command;

/// Samples of a 20 ms packet at 8000 Hz.
const PACKET: usize = 160;

/// An RTP packet of a capture.
struct Packet {
    /// Payload type, with the marker bit.
    kind: u8,
    sequence: u16,
    timestamp: u32,
    payload: Vec<u8>,
}

/// Write a capture file with a tone as RTP, PCMA, for SIPp's `play_pcap_audio`.
pub(crate) fn write_tone_capture(path: &Path, hz: f64, seconds: usize) {
    let sample = |at: usize| 8000.0 * (std::f64::consts::TAU * hz * at as f64 / 8000.0).sin();
    let packet = |number: usize| Packet {
        kind: 8,
        sequence: number as u16 + 1000,
        timestamp: (number * PACKET) as u32 + 160_000,
        payload: (0..PACKET).map(|at| a_law(sample(number * PACKET + at) as i16)).collect(),
    };
    write_capture(path, (0..seconds * 50).map(packet));
}

/// Write a capture file with a key as telephone-event (RFC 4733), payload type 101: 160 ms, its end three times.
pub(crate) fn write_key_capture(path: &Path, event: u8) {
    let packet = |number: u16| {
        let duration = (number + 1).min(8) * PACKET as u16;
        let end = if number >= 8 { 0x80 } else { 0 };
        Packet {
            kind: if number == 0 { 0x80 | 101 } else { 101 },
            sequence: number + 900 + 20 * u16::from(event),
            timestamp: 100_000 * u32::from(event),
            payload: [&[event, end | 10][..], &duration.to_be_bytes()].concat(),
        }
    };
    write_capture(path, (0..11).map(packet));
}

/// The layers below RTP only have to be there: SIPp writes its own.
fn write_capture(path: &Path, packets: impl Iterator<Item = Packet>) {
    let mut file = Vec::new();
    for word in [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        file.extend(word.to_le_bytes());
    }
    for (number, packet) in packets.enumerate() {
        let frame = frame(&packet);
        let micros = number * 20_000;
        for word in [micros / 1_000_000, micros % 1_000_000, frame.len(), frame.len()] {
            file.extend(u32::try_from(word).expect("a short capture").to_le_bytes());
        }
        file.extend(frame);
    }
    std::fs::write(path, file).expect("a temporary file");
}

fn frame(packet: &Packet) -> Vec<u8> {
    let udp_len = 8 + 12 + packet.payload.len() as u16;
    let mut frame = vec![0; 12];
    frame.extend([0x08, 0x00]);
    // IPv4 without options, UDP; checksums are SIPp's affair
    frame.extend([0x45, 0]);
    frame.extend((20 + udp_len).to_be_bytes());
    frame.extend([0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
    frame.extend(6000_u16.to_be_bytes());
    frame.extend(6000_u16.to_be_bytes());
    frame.extend(udp_len.to_be_bytes());
    frame.extend([0, 0]);
    frame.extend([0x80, packet.kind]);
    frame.extend(packet.sequence.to_be_bytes());
    frame.extend(packet.timestamp.to_be_bytes());
    frame.extend(0x00C0_FFEE_u32.to_be_bytes());
    frame.extend(&packet.payload);
    frame
}

/// ITU-T G.711 A-law of a 16-bit sample.
fn a_law(sample: i16) -> u8 {
    let (sign, magnitude) = if sample >= 0 { (0x80, sample) } else { (0, !sample) };
    let value = magnitude >> 4;
    let exponent = (16 - (value >> 4).leading_zeros()) as i16;
    let mantissa = if exponent <= 1 { value & 0x0F } else { (value >> (exponent - 1)) & 0x0F };
    (sign | (exponent << 4) as u8 | mantissa as u8) ^ 0x55
}

/// The samples of one side of a recording (1 left, 2 right), as sox reads them.
pub(crate) fn side(path: &Path, number: u8) -> Vec<i16> {
    let remix = number.to_string();
    let mut command = Command::new("sox");
    command.arg(path).args(["-t", "raw", "-e", "signed", "-b", "16", "-r", "8000", "-", "remix", &remix]);
    let output = command.output().expect("sox is installed where CALLCORE_PEERS is set");
    assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    output.stdout.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// Seconds in which a tone is heard and the other is not, measured over pieces of 100 ms.
pub(crate) fn seconds_of(samples: &[i16], hz: f64, not_hz: f64) -> f64 {
    let pieces = samples.chunks_exact(800);
    let heard = pieces.filter(|piece| {
        let (wanted, other) = (amplitude(piece, hz), amplitude(piece, not_hz));
        // 26 dB apart, and not silence
        wanted > 500.0 && wanted > 20.0 * other
    });
    heard.count() as f64 / 10.0
}

/// The amplitude of one frequency (Goertzel).
fn amplitude(samples: &[i16], hz: f64) -> f64 {
    let step = 2.0 * (std::f64::consts::TAU * hz / 8000.0).cos();
    let (mut one, mut two) = (0.0, 0.0);
    for sample in samples {
        (one, two) = (f64::from(*sample) + step * one - two, one);
    }
    2.0 * (one * one + two * two - step * one * two).max(0.0).sqrt() / samples.len() as f64
}

#[test]
fn a_tone_is_told_from_another() {
    let tone = |hz: f64| -> Vec<i16> {
        (0..8000)
            .map(|at| (4000.0 * (std::f64::consts::TAU * hz * f64::from(at) / 8000.0).sin()) as i16)
            .collect()
    };
    assert_eq!(seconds_of(&tone(440.0), 440.0, 660.0), 1.0);
    assert_eq!(seconds_of(&tone(660.0), 440.0, 660.0), 0.0);
    assert_eq!(seconds_of(&[0; 8000], 440.0, 660.0), 0.0);
    let both: Vec<i16> = tone(440.0).iter().zip(tone(660.0)).map(|(a, b)| a + b).collect();
    assert_eq!(seconds_of(&both, 440.0, 660.0), 0.0);
}

#[test]
fn a_law_is_that_of_the_standard() {
    // G.711 table 1a: zero, the smallest steps, and the ends, with every even bit inverted
    for (sample, code) in [(0, 0xD5), (16, 0xD4), (-1, 0x55), (-17, 0x54), (32_767, 0xAA), (-32_768, 0x2A)] {
        assert_eq!(a_law(sample), code, "{sample}");
    }
}
