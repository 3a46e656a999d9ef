//! Session descriptions (RFC 8866) and the offer/answer of one audio stream (RFC 3264).
//!
//! The reader takes what telephones send: it looks at the lines it needs and passes over the rest, so that an attribute
//! nobody here knows does not cost a call.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

/// The law of G.711 on the wire, and its static payload type (RFC 3551 table 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Law {
    /// PCMA, 8.
    A,
    /// PCMU, 0.
    Mu,
}

impl Law {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            name if name.eq_ignore_ascii_case("PCMA") => Some(Self::A),
            name if name.eq_ignore_ascii_case("PCMU") => Some(Self::Mu),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::A => "PCMA",
            Self::Mu => "PCMU",
        }
    }

    const fn payload_type(self) -> u8 {
        match self {
            Self::A => 8,
            Self::Mu => 0,
        }
    }

    /// The byte of silence.
    pub(crate) const fn idle(self) -> u8 {
        match self {
            Self::A => 0xD5,
            Self::Mu => 0xFF,
        }
    }
}

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
    /// The first common law in the other side's order, and its payload type there.
    pub(crate) law: Law,
    pub(crate) payload_type: u8,
    /// Payload type of telephone events, when it takes them.
    pub(crate) events: Option<u8>,
    pub(crate) direction: Direction,
    /// Media lines as offered; an answer has the same number in the same order.
    pub(crate) lines: Vec<String>,
    /// Which of them is our audio.
    pub(crate) audio: usize,
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

/// Reads a description and chooses among `laws`.
pub(crate) fn read(bytes: &[u8], laws: &[Law]) -> Result<Remote, Refused> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refused::Malformed)?;
    if text.len() > BYTES_MAX || !text.trim_start().starts_with("v=0") {
        return Err(Refused::Malformed);
    }
    let (session, medias) = split(text)?;
    let lines = medias.iter().map(|media| media.line.to_owned()).collect::<Vec<_>>();
    let found = medias
        .iter()
        .enumerate()
        .find_map(|(index, media)| choose(media, &session, laws).map(|c| (index, c)));
    let (audio, chosen) = found.ok_or(Refused::NothingCommon)?;
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

/// The stream of this media line, when it is audio over plain RTP with a law of ours.
fn choose(media: &Media<'_>, session: &Media<'_>, laws: &[Law]) -> Option<Remote> {
    let mut words = media.line.split_ascii_whitespace();
    let (kind, port, proto) = (words.next()?, words.next()?, words.next()?);
    if kind != "audio" || proto != "RTP/AVP" {
        return None;
    }
    let port: u16 = port.split('/').next()?.parse().ok()?;
    let types = words.filter_map(|word| word.parse::<u8>().ok()).filter(|t| *t < 128).collect::<Vec<_>>();
    let codec = |t: u8| media.maps.iter().find(|(mapped, _)| *mapped == t).map(|(_, codec)| *codec);
    let law_of = |t: u8| match codec(t) {
        Some(codec) => law_of_map(codec),
        None => [Law::A, Law::Mu].into_iter().find(|law| law.payload_type() == t),
    };
    let chosen = types.iter().find_map(|t| law_of(*t).filter(|law| laws.contains(law)).map(|law| (*t, law)));
    let (payload_type, law) = chosen?;
    let is_events =
        |t: &u8| codec(*t).is_some_and(|c| c.to_ascii_lowercase().starts_with("telephone-event/8000"));
    Some(Remote {
        address: address(media.connection.or(session.connection)?, port)?,
        law,
        payload_type,
        events: types.iter().copied().find(is_events),
        direction: media.direction.or(session.direction).unwrap_or(Direction::BOTH),
        lines: Vec::new(),
        audio: 0,
    })
}

fn law_of_map(codec: &str) -> Option<Law> {
    let mut parts = codec.split('/');
    let law = Law::named(parts.next()?)?;
    (parts.next()? == "8000" && parts.next().is_none_or(|channels| channels == "1")).then_some(law)
}

/// `IN IP4 address`; an unspecified address or port 0 is nowhere (RFC 3264 §8.4). A name is refused: it would have to be
/// looked up while the call waits.
fn address(connection: &str, port: u16) -> Option<Option<SocketAddr>> {
    let mut words = connection.split_ascii_whitespace();
    let (_, _, address) = (words.next()?, words.next()?, words.next()?);
    let ip: IpAddr = address.split('/').next()?.parse().ok()?;
    Some((port != 0 && !ip.is_unspecified() && !ip.is_multicast()).then(|| SocketAddr::new(ip, port)))
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

/// Our payload type for telephone events where we choose it.
const EVENTS: u8 = 101;

fn head(local: &Local) -> String {
    let family = if local.ip.is_ipv4() { "IP4" } else { "IP6" };
    let (ip, id, version) = (local.ip, local.id, local.version);
    format!("v=0\r\no=callcore {id} {version} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n")
}

fn audio(out: &mut String, local: &Local, laws: &[(u8, Law)], events: Option<u8>) {
    let _ = write!(out, "m=audio {} RTP/AVP", local.port);
    for payload_type in laws.iter().map(|(t, _)| *t).chain(events) {
        let _ = write!(out, " {payload_type}");
    }
    out.push_str("\r\n");
    for (payload_type, law) in laws {
        let _ = write!(out, "a=rtpmap:{payload_type} {}/8000\r\n", law.name());
    }
    if let Some(events) = events {
        let _ = write!(out, "a=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-15\r\n");
    }
    let _ = write!(out, "a=ptime:20\r\na={}\r\n", local.direction.name());
}

/// An offer of all our laws.
pub(crate) fn offer(local: &Local, laws: &[Law]) -> String {
    let mut out = head(local);
    let laws = laws.iter().map(|law| (law.payload_type(), *law)).collect::<Vec<_>>();
    audio(&mut out, local, &laws, Some(EVENTS));
    out
}

/// The answer to an offer: its audio with one law, every other stream refused.
pub(crate) fn answer(local: &Local, remote: &Remote) -> String {
    let mut out = head(local);
    for (index, line) in remote.lines.iter().enumerate() {
        if index == remote.audio {
            audio(&mut out, local, &[(remote.payload_type, remote.law)], remote.events);
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

    const BOTH: [Law; 2] = [Law::A, Law::Mu];

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
        assert_eq!((remote.law, remote.payload_type, remote.events), (Law::Mu, 0, Some(96)));
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
        let text = offer(&local(Direction::BOTH), &[Law::Mu, Law::A]);
        let remote = read(text.as_bytes(), &BOTH).expect("our own");
        assert_eq!((remote.law, remote.events, remote.is_hold()), (Law::Mu, Some(101), false));
        assert_eq!(remote.address, Some("10.0.0.9:4000".parse().expect("an address")));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes, &BOTH);
        }

        #[test]
        fn a_damaged_description_is_read_without_harm(at in 0usize..180, with: u8, cut in 0usize..180) {
            let mut bytes = phone("m=audio 16384/2 RTP/AVP 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\na=sendonly\r\n").into_bytes();
            let length = bytes.len();
            bytes[at % length] = with;
            bytes.truncate(length - cut % length);
            if let Ok(remote) = read(&bytes, &BOTH) {
                let _ = answer(&local(Direction::BOTH), &remote);
            }
        }
    }
}
