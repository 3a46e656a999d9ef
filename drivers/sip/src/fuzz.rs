//! What reads the bytes of others, each as a function that takes any bytes and panics when a promise is broken: for fuzzing,
//! and for the tests beside the readers.

use crate::dtmf::Receiver;
use crate::rtp::{HEADER_BYTES, Packet};
use crate::sdp::{self, Direction, Local};
use crate::{cause, digest, gate, incoming};
use callcore_driver_sdk::Format;
use rsipstack::sip::{HeadersExt, SipMessage};
use std::net::{IpAddr, Ipv4Addr};

const ALL: [Format; 5] = [Format::ALaw, Format::MuLaw, Format::G722, Format::G729, Format::Opus];

/// A datagram at the SIP port: the gate's answer is a response, and what it lets through is parsed.
pub fn message(bytes: &[u8]) {
    match gate::inspect(bytes) {
        Some(None) => {}
        Some(Some(answer)) => assert!(answer.starts_with(b"SIP/2.0 ") && answer.ends_with(b"\r\n\r\n")),
        None => {
            if let Ok(SipMessage::Request(request)) = SipMessage::try_from(bytes) {
                let _ = request.from_header().map(|from| from.uri().map(|uri| incoming::user_of(&uri)));
                incoming::user_of(&request.uri);
            }
        }
    }
}

/// A session description: what can be taken is answered, and the answer can be read.
pub fn description(bytes: &[u8]) {
    let Ok(remote) = sdp::read(bytes, &ALL) else { return };
    let local = Local {
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 4000,
        id: 1,
        version: 1,
        direction: Direction::BOTH,
    };
    let answer = sdp::answer(&local, &remote);
    let back = sdp::read(answer.as_bytes(), &ALL).expect("our own answer can be read");
    assert_eq!((back.format, back.payload_type), (remote.format, remote.payload_type));
}

/// The values of headers: digest credentials, a reason, an asserted identity.
pub fn header(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = digest::Answer::parse(text);
    let _ = digest::Answer::parse(&format!("Digest {text}"));
    let _ = incoming::asserted_user(text);
    let cause = cause::of_request(Some(text));
    assert!((1..=127).contains(&cause.q850), "{cause:?}");
}

/// The body of an INFO that relays a key.
pub fn relayed_key(bytes: &[u8]) {
    if let Some((digit, _)) = incoming::read_relay(bytes) {
        assert!(b"0123456789*#ABCD".contains(&digit.to_ascii_uppercase()), "{digit}");
    }
}

/// An RTP packet: its payload is inside, and what is said of it again is read the same.
pub fn rtp(bytes: &[u8]) {
    let Some(packet) = Packet::parse(bytes) else { return };
    assert!(packet.payload.len() + HEADER_BYTES <= bytes.len());
    let mut again = [&[0; HEADER_BYTES], packet.payload].concat();
    packet.write_header(again.first_chunk_mut().expect("a header is in front"));
    assert_eq!(Packet::parse(&again), Some(packet));
}

/// Telephone events, eight bytes each: a timestamp and a payload. No event is heard more than once.
pub fn telephone_event(bytes: &[u8]) {
    for clock_hz in [8000, 48_000] {
        let mut receiver = Receiver::default();
        let (packets, _) = bytes.as_chunks::<8>();
        let mut heard = 0;
        for [a, b, c, d, payload @ ..] in packets {
            let timestamp = u32::from_be_bytes([*a, *b, *c, *d]);
            heard += receiver.packet(timestamp, payload, clock_hz).into_iter().flatten().count();
            heard += usize::from(receiver.pass(160, clock_hz).is_some());
        }
        assert!(heard <= packets.len(), "{heard} heard of {} packets", packets.len());
    }
}
