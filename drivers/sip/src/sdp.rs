//! Session descriptions (RFC 8866) and the offer/answer of one audio stream (RFC 3264).
//!
//! The reader takes what telephones send: it looks at the lines it needs and passes over the rest, so that an attribute
//! nobody here knows does not cost a call.

use crate::codec::{self, Codec};
use callcore_driver_sdk::Format;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

/// Who sends, seen from the writer of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Direction {
    pub(crate) send: bool,
    pub(crate) receive: bool,
}

impl Direction {
    pub(crate) const BOTH: Self = Self { send: true, receive: true };

    const fn name(self) -> &'static str {
        match (self.send, self.receive) {
            (true, true) => "sendrecv",
            (true, false) => "sendonly",
            (false, true) => "recvonly",
            (false, false) => "inactive",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [(true, true), (true, false), (false, true), (false, false)]
            .map(|(send, receive)| Self { send, receive })
            .into_iter()
            .find(|direction| direction.name() == name)
    }

    /// What we may do when the other side said `self` and we want `own` (RFC 3264 §6.1).
    pub(crate) const fn answered(self, own: Self) -> Self {
        Self { send: self.receive && own.send, receive: self.send && own.receive }
    }
}

/// What a description of the other side says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remote {
    /// Where it wants its audio; none when the stream is refused or the address is 0.0.0.0.
    pub(crate) address: Option<SocketAddr>,
    /// The first common codec in the other side's order (RFC 3264 §6.1), and its payload type there.
    pub(crate) format: Format,
    pub(crate) payload_type: u8,
    /// Telephone events, when it takes them.
    pub(crate) events: Option<Events>,
    pub(crate) direction: Direction,
    /// Media lines as offered; an answer has the same number in the same order.
    pub(crate) lines: Vec<String>,
    /// Which of them is our audio.
    pub(crate) audio: usize,
}

/// How telephone events are sent (RFC 4733 §2.4.1). Their clock is that of the codec, unless a far end knows no better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Events {
    pub(crate) payload_type: u8,
    pub(crate) clock_hz: u32,
}

impl Remote {
    /// Whether the other side put us on hold: it does not listen.
    pub(crate) fn is_hold(&self) -> bool {
        !self.direction.receive || self.address.is_none()
    }
}

/// Why a description cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is not a session description.
    Malformed,
    /// No audio stream, or none with a codec of ours.
    NothingCommon,
}

/// A description is at most so long, and has so many media lines.
const BYTES_MAX: usize = 16_384;
const LINES_MAX: usize = 16;

#[derive(Default)]
struct Media<'a> {
    line: &'a str,
    connection: Option<&'a str>,
    direction: Option<Direction>,
    maps: Vec<(u8, &'a str)>,
}

/// Reads a description and chooses among `codecs`.
pub(crate) fn read(bytes: &[u8], codecs: &[Format]) -> Result<Remote, Refused> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refused::Malformed)?;
    if text.len() > BYTES_MAX || !text.trim_start().starts_with("v=0") {
        return Err(Refused::Malformed);
    }
    let (session, medias) = split(text)?;
    let lines = medias.iter().map(|media| media.line.to_owned()).collect::<Vec<_>>();
    let mut found = medias
        .iter()
        .enumerate()
        .filter_map(|(index, media)| choose(media, &session, codecs).map(|chosen| (index, chosen)))
        .collect::<Vec<_>>();
    // one that is nowhere may be refused (port 0, RFC 3264 §6), and another be the one that is meant
    let best = found.iter().position(|(_, chosen)| chosen.address.is_some()).unwrap_or(0);
    let (audio, chosen) = found.drain(..).nth(best).ok_or(Refused::NothingCommon)?;
    Ok(Remote { lines, audio, ..chosen })
}

fn split(text: &str) -> Result<(Media<'_>, Vec<Media<'_>>), Refused> {
    let mut session = Media::default();
    let mut medias: Vec<Media<'_>> = Vec::new();
    for line in text.lines() {
        let Some((kind, value)) = line.split_once('=') else { continue };
        if kind == "m" {
            if medias.len() == LINES_MAX {
                return Err(Refused::Malformed);
            }
            medias.push(Media { line: value.trim(), ..Media::default() });
            continue;
        }
        let at = medias.last_mut().unwrap_or(&mut session);
        match kind {
            "c" => at.connection = Some(value.trim()),
            "a" => attribute(at, value.trim()),
            _ => {}
        }
    }
    Ok((session, medias))
}

fn attribute<'a>(media: &mut Media<'a>, value: &'a str) {
    if let Some(map) = value.strip_prefix("rtpmap:") {
        if let Some((payload_type, codec)) = map.trim().split_once(' ')
            && let Ok(payload_type) = payload_type.parse()
            && media.maps.len() < 64
        {
            media.maps.push((payload_type, codec.trim()));
        }
    } else if let Some(direction) = Direction::named(value) {
        media.direction = Some(direction);
    }
}

/// The stream of this media line, when it is audio over plain RTP with a codec of ours.
fn choose(media: &Media<'_>, session: &Media<'_>, codecs: &[Format]) -> Option<Remote> {
    let mut words = media.line.split_ascii_whitespace();
    let (kind, port, proto) = (words.next()?, words.next()?, words.next()?);
    if kind != "audio" || proto != "RTP/AVP" {
        return None;
    }
    let port: u16 = port.split('/').next()?.parse().ok()?;
    let types = words.filter_map(|word| word.parse::<u8>().ok()).filter(|t| *t < 128).collect::<Vec<_>>();
    let map = |t: u8| media.maps.iter().find(|(mapped, _)| *mapped == t).map(|(_, map)| *map);
    let codec_of = |t: u8| map(t).map_or_else(|| Codec::of_static_type(t), Codec::of_map);
    let ours = |t: &u8| codec_of(*t).filter(|codec| codecs.contains(&codec.format)).map(|codec| (*t, codec));
    let (payload_type, codec) = types.iter().find_map(ours)?;
    let events =
        types.iter().filter_map(|t| Some(Events { payload_type: *t, clock_hz: events_clock(map(*t)?)? }));
    let events = events.collect::<Vec<_>>();
    let of_clock = events.iter().find(|events| events.clock_hz == codec.clock_hz());
    Some(Remote {
        address: address(media.connection.or(session.connection)?, port)?,
        format: codec.format,
        payload_type,
        events: of_clock.or(events.first()).copied(),
        direction: media.direction.or(session.direction).unwrap_or(Direction::BOTH),
        lines: Vec::new(),
        audio: 0,
    })
}

/// The clock of `telephone-event/8000`; a whole number of kHz that durations are counted in.
fn events_clock(map: &str) -> Option<u32> {
    let mut parts = map.split('/');
    let is_events = parts.next()?.eq_ignore_ascii_case("telephone-event");
    let clock_hz = parts.next()?.trim().parse().ok()?;
    (is_events && [8000, 16_000, 32_000, 48_000].contains(&clock_hz)).then_some(clock_hz)
}

/// `IN IP4 address`; an unspecified address or port 0 is nowhere (RFC 3264 §8.4). A name is refused: it would have to be
/// looked up while the call waits.
fn address(connection: &str, port: u16) -> Option<Option<SocketAddr>> {
    let mut words = connection.split_ascii_whitespace();
    let (_, _, address) = (words.next()?, words.next()?, words.next()?);
    let ip: IpAddr = address.split('/').next()?.parse().ok()?;
    Some((port != 0 && !ip.is_unspecified() && !ip.is_multicast()).then(|| SocketAddr::new(ip, port)))
}

/// How keys go over the wire, both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// As telephone events (RFC 4733) where the far end has them, else as sound.
    Events,
    /// As sound: telephone events are neither offered nor taken.
    Sound,
}

/// Our side of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
    /// Number of the session, and of this description in it (`o=`).
    pub(crate) id: u64,
    pub(crate) version: u64,
    pub(crate) direction: Direction,
}

/// Our payload types for telephone events where we choose them, one for each clock.
const EVENTS: [Events; 2] =
    [Events { payload_type: 101, clock_hz: 8000 }, Events { payload_type: 110, clock_hz: 48_000 }];

/// Ours for a clock, whatever the other side calls it: so what it sends by our own offer is known, too.
pub(crate) fn own_events(clock_hz: u32) -> Option<u8> {
    EVENTS.iter().find(|events| events.clock_hz == clock_hz).map(|events| events.payload_type)
}

fn head(local: &Local) -> String {
    let family = if local.ip.is_ipv4() { "IP4" } else { "IP6" };
    let (ip, id, version) = (local.ip, local.id, local.version);
    format!("v=0\r\no=callcore {id} {version} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n")
}

fn audio(out: &mut String, local: &Local, codecs: &[(u8, &Codec)], events: &[Events]) {
    let _ = write!(out, "m=audio {} RTP/AVP", local.port);
    for payload_type in codecs.iter().map(|(t, _)| *t).chain(events.iter().map(|e| e.payload_type)) {
        let _ = write!(out, " {payload_type}");
    }
    out.push_str("\r\n");
    codecs.iter().for_each(|(payload_type, codec)| out.push_str(&codec.lines(*payload_type)));
    for Events { payload_type, clock_hz } in events {
        let _ = write!(
            out,
            "a=rtpmap:{payload_type} telephone-event/{clock_hz}\r\na=fmtp:{payload_type} 0-15\r\n"
        );
    }
    let _ = write!(out, "a=ptime:20\r\na={}\r\n", local.direction.name());
}

/// An offer of all our codecs, with telephone events in each of their clocks if keys are sent as such.
pub(crate) fn offer(local: &Local, codecs: &[Format], keys: Keys) -> String {
    let mut out = head(local);
    let codecs = codecs.iter().filter_map(|format| codec::of(*format)).collect::<Vec<_>>();
    let is_used = |events: &&Events| {
        keys == Keys::Events && codecs.iter().any(|codec| codec.clock_hz() == events.clock_hz)
    };
    let events = EVENTS.iter().filter(is_used).copied().collect::<Vec<_>>();
    let numbered = codecs.iter().map(|codec| (codec.payload_type, *codec)).collect::<Vec<_>>();
    audio(&mut out, local, &numbered, &events);
    out
}

/// The answer to an offer: its audio with one codec by the other side's number, every other stream refused.
pub(crate) fn answer(local: &Local, remote: &Remote) -> String {
    let mut out = head(local);
    for (index, line) in remote.lines.iter().enumerate() {
        if index == remote.audio {
            let codec = codec::of(remote.format).map(|codec| (remote.payload_type, codec));
            audio(&mut out, local, codec.as_slice(), remote.events.as_slice());
        } else {
            let mut words = line.splitn(3, ' ');
            let (kind, rest) = (words.next().unwrap_or("audio"), words.nth(1).unwrap_or("RTP/AVP 0"));
            let _ = write!(out, "m={kind} 0 {rest}\r\n");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOTH: [Format; 2] = [Format::ALaw, Format::MuLaw];
    const ALL: [Format; 5] = [Format::ALaw, Format::MuLaw, Format::G722, Format::G729, Format::Opus];

    fn local(direction: Direction) -> Local {
        Local { ip: IpAddr::from([10, 0, 0, 9]), port: 4000, id: 7, version: 1, direction }
    }

    fn phone(audio: &str) -> String {
        format!("v=0\r\no=- 1 1 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\n{audio}")
    }

    #[test]
    fn a_common_phone_is_understood() {
        let text = phone(
            "m=audio 16384 RTP/AVP 9 0 8 96\r\na=rtpmap:9 G722/8000\r\na=rtpmap:96 telephone-event/8000\r\n\
             a=strange:%%\r\na=crypto:garbage\r\nm=image 5000 udptl t38\r\n",
        );
        let remote = read(text.as_bytes(), &BOTH).expect("has PCMU");
        assert_eq!((remote.format, remote.payload_type), (Format::MuLaw, 0));
        assert_eq!(remote.events, Some(Events { payload_type: 96, clock_hz: 8000 }));
        assert_eq!(remote.address, Some("10.0.0.5:16384".parse().expect("an address")));
        let answer = answer(&local(Direction::BOTH), &remote);
        assert!(
            answer.contains("m=audio 4000 RTP/AVP 0 96\r\n") && answer.contains("m=image 0 udptl t38\r\n"),
            "{answer}"
        );
    }

    #[test]
    fn hold_is_seen_in_each_of_its_forms() {
        for (line, hold) in [("sendrecv", false), ("sendonly", true), ("inactive", true), ("recvonly", false)]
        {
            let text = phone(&format!("m=audio 4 RTP/AVP 8\r\na={line}\r\n"));
            let remote = read(text.as_bytes(), &BOTH).expect("has PCMA");
            assert_eq!(remote.is_hold(), hold, "{line}");
        }
        let zero = phone("m=audio 4 RTP/AVP 8\r\nc=IN IP4 0.0.0.0\r\n");
        assert!(read(zero.as_bytes(), &BOTH).expect("has PCMA").is_hold());
        let told = Direction::named("sendonly").expect("known").answered(Direction::BOTH);
        assert_eq!(told.name(), "recvonly");
    }

    #[test]
    fn nothing_common_is_told_from_nonsense() {
        for text in [
            phone("m=audio 4 RTP/AVP 18\r\n"),
            phone("m=audio 4 RTP/SAVP 8\r\n"),
            phone("m=video 4 RTP/AVP 8\r\n"),
            phone(""),
        ] {
            assert_eq!(read(text.as_bytes(), &BOTH), Err(Refused::NothingCommon), "{text}");
        }
        for text in ["", "hello", "v=1\r\n", "\u{0}"] {
            assert_eq!(read(text.as_bytes(), &BOTH), Err(Refused::Malformed), "{text}");
        }
        let dynamic = phone("m=audio 4 RTP/AVP 8\r\na=rtpmap:8 PCMA/16000\r\n");
        assert_eq!(read(dynamic.as_bytes(), &BOTH), Err(Refused::NothingCommon));
    }

    #[test]
    fn what_we_offer_we_can_read() {
        let text = offer(&local(Direction::BOTH), &[Format::MuLaw, Format::ALaw], Keys::Events);
        let remote = read(text.as_bytes(), &BOTH).expect("our own");
        assert_eq!((remote.format, remote.events, remote.is_hold()), (Format::MuLaw, Some(EVENTS[0]), false));
        assert_eq!(remote.address, Some("10.0.0.9:4000".parse().expect("an address")));
    }

    #[test]
    fn opus_has_its_own_clock_for_events_and_numbers_are_the_other_sides() {
        let text = phone(
            "m=audio 4 RTP/AVP 96 9 97 98\r\na=rtpmap:96 OPUS/48000/2\r\na=fmtp:96 stereo=1\r\n\
             a=rtpmap:97 telephone-event/8000\r\na=rtpmap:98 telephone-event/48000\r\n",
        );
        let remote = read(text.as_bytes(), &ALL).expect("has opus");
        let wide = Events { payload_type: 98, clock_hz: 48_000 };
        assert_eq!((remote.format, remote.payload_type, remote.events), (Format::Opus, 96, Some(wide)));
        let told = answer(&local(Direction::BOTH), &remote);
        for line in [
            "m=audio 4000 RTP/AVP 96 98\r\n",
            "a=rtpmap:96 opus/48000/2\r\n",
            "a=fmtp:96 maxplaybackrate=16000;sprop-maxcapturerate=16000;useinbandfec=1;stereo=0\r\n",
            "a=rtpmap:98 telephone-event/48000\r\na=fmtp:98 0-15\r\n",
            "a=ptime:20\r\n",
        ] {
            assert!(told.contains(line), "{line} is missing in {told}");
        }
        // without opus on our side it is G.722, whose events are at 8 kHz
        let remote = read(text.as_bytes(), &ALL[..4]).expect("has G.722");
        let narrow = Events { payload_type: 97, clock_hz: 8000 };
        assert_eq!((remote.format, remote.payload_type, remote.events), (Format::G722, 9, Some(narrow)));
        // a far end that has only events of another clock is taken as it is
        let poor = text.replace("a=rtpmap:98 telephone-event/48000\r\n", "");
        assert_eq!(read(poor.as_bytes(), &ALL).expect("has opus").events, Some(narrow));
    }

    #[test]
    fn a_refused_stream_is_passed_over_for_one_that_is_meant() {
        let refused = "m=audio 0 RTP/AVP 0\r\n";
        let remote =
            read(phone(&format!("{refused}m=audio 4 RTP/AVP 8\r\n")).as_bytes(), &BOTH).expect("has A-law");
        assert_eq!(
            (remote.audio, remote.format, remote.address.map(|at| at.port())),
            (1, Format::ALaw, Some(4))
        );
        // where there is no other, it is a call without sound for now
        let remote = read(phone(refused).as_bytes(), &BOTH).expect("has mu-law");
        assert_eq!((remote.audio, remote.address), (0, None));
    }

    #[test]
    fn g729_needs_no_map_and_never_has_annex_b() {
        for text in ["m=audio 4 RTP/AVP 18\r\n", "m=audio 4 RTP/AVP 18\r\na=fmtp:18 annexb=yes\r\n"] {
            let remote = read(phone(text).as_bytes(), &ALL).expect("has G.729");
            assert_eq!((remote.format, remote.payload_type, remote.events), (Format::G729, 18, None));
            assert!(answer(&local(Direction::BOTH), &remote).contains("a=fmtp:18 annexb=no\r\n"));
        }
    }

    proptest! {
        /// Whatever we offer, the first of it that another of us has too is taken, and the answer says the same codec to both.
        #[test]
        fn offer_and_answer_agree(
            offered in prop::sample::subsequence(ALL.to_vec(), 1..=5).prop_shuffle(),
            known in prop::sample::subsequence(ALL.to_vec(), 1..=5),
        ) {
            let offer = offer(&local(Direction::BOTH), &offered, Keys::Events);
            let first = offered.iter().copied().find(|format| known.contains(format));
            let taken = read(offer.as_bytes(), &known);
            prop_assert_eq!(taken.as_ref().ok().map(|remote| remote.format), first);
            if let Ok(taken) = taken {
                let told = answer(&local(Direction::BOTH), &taken);
                let back = read(told.as_bytes(), &offered).expect("the answer is one of what was offered");
                prop_assert_eq!((back.format, back.payload_type, back.events), (taken.format, taken.payload_type, taken.events));
                let clock_hz = codec::of(taken.format).expect("goes over the wire").clock_hz();
                prop_assert_eq!(taken.events.map(|events| events.clock_hz), Some(clock_hz));
            }
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            crate::fuzz::description(&bytes);
        }

        #[test]
        fn a_damaged_description_is_read_without_harm(at in 0usize..180, with: u8, cut in 0usize..180) {
            let mut bytes = phone("m=audio 16384/2 RTP/AVP 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\na=sendonly\r\n").into_bytes();
            let length = bytes.len();
            bytes[at % length] = with;
            bytes.truncate(length - cut % length);
            crate::fuzz::description(&bytes);
        }
    }
}
