//! As much SIP as callers and phones need that never lose a packet: loopback does not.

use crate::run::Options;
use crate::sound::Sound;
use std::collections::{HashMap, HashSet};
use std::net::{SocketAddr, UdpSocket};

#[derive(Clone, Copy, PartialEq)]
enum State {
    Idle,
    Calling,
    Talking,
    Gone,
}

/// The callers' side of a call. The phone's needs no memory.
#[derive(Clone)]
struct Caller {
    state: State,
    /// The address of the other side, and its `To` with the tag: what later requests in the call need.
    contact: String,
    to: String,
}

/// The SIP of all callers and phones.
pub(crate) struct Signalling {
    callers: UdpSocket,
    phones: UdpSocket,
    server: SocketAddr,
    rtp: SocketAddr,
    first: u64,
    parties: u64,
    calls: Vec<Caller>,
    /// Calls that phones have, by their Call-ID.
    answered: HashMap<String, usize>,
    hung_up: HashSet<usize>,
}

impl Signalling {
    /// Binds both sides.
    pub(crate) fn open(options: &Options) -> std::io::Result<Self> {
        let bind = |address: SocketAddr| {
            let socket = UdpSocket::bind(address)?;
            socket.set_nonblocking(true)?;
            Ok::<_, std::io::Error>(socket)
        };
        let nobody = Caller { state: State::Idle, contact: String::new(), to: String::new() };
        Ok(Self {
            callers: bind(options.callers)?,
            phones: bind(options.phones)?,
            server: options.server,
            rtp: options.rtp,
            first: options.first,
            parties: options.parties,
            calls: vec![nobody; options.calls],
            answered: HashMap::new(),
            hung_up: HashSet::new(),
        })
    }

    fn count(&self, state: State) -> usize {
        self.calls.iter().filter(|call| call.state == state).count()
    }

    /// Calls that ring.
    pub(crate) fn pending(&self) -> usize {
        self.count(State::Calling)
    }

    /// Calls that are up.
    pub(crate) fn talking(&self) -> usize {
        self.count(State::Talking)
    }

    /// Begins a call.
    pub(crate) fn invite(&mut self, call: usize) {
        let number = self.first + call as u64 / self.parties;
        self.calls[call].state = State::Calling;
        self.calls[call].contact = format!("sip:{number}@{}", self.server);
        self.calls[call].to = format!("<sip:{number}@{}>", self.server);
        self.request(call, "INVITE", 1, &offer(self.rtp));
    }

    /// Ends a call that is up.
    pub(crate) fn hang_up(&mut self, call: usize) {
        if self.calls[call].state == State::Talking && self.hung_up.insert(call) {
            self.request(call, "BYE", 2, "");
        }
    }

    fn request(&self, call: usize, method: &str, sequence: u32, body: &str) {
        let Caller { contact, to, .. } = &self.calls[call];
        let (own, length) = (self.callers.local_addr().expect("is bound"), body.len());
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let text = format!(
            "{method} {contact} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK-{method}-{call}\r\n\
             From: <sip:138{call:05}@{own}>;tag=c{call}\r\nTo: {to}\r\nCall-ID: talkers-{call}\r\n\
             CSeq: {sequence} {method}\r\nContact: <sip:138{call:05}@{own}>\r\nMax-Forwards: 70\r\n{kind}\
             Content-Length: {length}\r\n\r\n{body}"
        );
        let _ = self.callers.send_to(text.as_bytes(), self.server);
    }

    /// Takes what has come on both sides.
    pub(crate) fn receive(&mut self, sound: &mut Sound) {
        let mut buffer = [0; 4096];
        while let Ok(length) = self.callers.recv(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            self.on_caller(&text, sound);
        }
        while let Ok(length) = self.phones.recv(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            self.on_phone(&text, sound);
        }
    }

    fn on_caller(&mut self, text: &str, sound: &mut Sound) {
        let call = header(text, "Call-ID").and_then(|id| id.strip_prefix("talkers-")?.parse::<usize>().ok());
        let Some(call) = call.filter(|call| *call < self.calls.len()) else { return };
        let status: Option<u16> = text.strip_prefix("SIP/2.0 ").and_then(|rest| rest.get(..3)?.parse().ok());
        let is_invite = header(text, "CSeq").is_some_and(|sequence| sequence.ends_with("INVITE"));
        match status {
            None => {
                if text.starts_with("BYE") {
                    self.calls[call].state = State::Gone;
                    sound.end(2 * call);
                }
                self.reply(&self.callers, text, "");
            }
            Some(..200) => {}
            Some(200..300) if is_invite => self.on_answered(call, text, sound),
            Some(status) => {
                if is_invite {
                    eprintln!("call {call}: {status}");
                    self.request(call, "ACK", 1, "");
                }
                self.calls[call].state = State::Gone;
                sound.end(2 * call);
            }
        }
    }

    fn on_answered(&mut self, call: usize, text: &str, sound: &mut Sound) {
        let (Some(to), Some(contact)) = (header(text, "To"), header(text, "Contact")) else { return };
        self.calls[call].to = to.to_owned();
        let contact = contact.trim_start_matches('<').split('>').next().unwrap_or("");
        self.calls[call].contact = contact.to_owned();
        self.request(call, "ACK", 1, "");
        if self.calls[call].state == State::Calling {
            self.calls[call].state = State::Talking;
            sound.begin(2 * call, audio_port(text));
        }
    }

    fn on_phone(&mut self, text: &str, sound: &mut Sound) {
        let id = header(text, "Call-ID").unwrap_or("").to_owned();
        let user = text.split("sip:").nth(1).and_then(|rest| rest.split('@').next()?.parse::<u64>().ok());
        if text.starts_with("INVITE") {
            let call = user.and_then(|user| usize::try_from(user.checked_sub(self.first)?).ok());
            let Some(call) = call.filter(|call| *call < self.calls.len()) else { return };
            if self.answered.insert(id, call).is_none() {
                sound.begin(2 * call + 1, audio_port(text));
            }
            return self.reply(&self.phones, text, &offer(self.rtp));
        }
        let ended = text.starts_with("BYE").then(|| self.answered.remove(&id)).flatten();
        if let Some(call) = ended {
            sound.end(2 * call + 1);
        }
        if !text.starts_with("ACK") && !text.starts_with("SIP/2.0") {
            self.reply(&self.phones, text, "");
        }
    }

    /// Answers a request with 200.
    fn reply(&self, socket: &UdpSocket, request: &str, body: &str) {
        if request.starts_with("ACK") {
            return;
        }
        let mut text = "SIP/2.0 200 OK\r\n".to_owned();
        for line in head(request) {
            let name = line.split(':').next().unwrap_or("").trim();
            if ["Via", "From", "To", "Call-ID", "CSeq"].iter().any(|kept| name.eq_ignore_ascii_case(kept)) {
                let is_tagged = !name.eq_ignore_ascii_case("To") || line.contains(";tag=");
                text.push_str(&format!("{line}{}\r\n", if is_tagged { "" } else { ";tag=p" }));
            }
        }
        let (own, length) = (socket.local_addr().expect("is bound"), body.len());
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        text.push_str(&format!("Contact: <sip:phone@{own}>\r\n{kind}Content-Length: {length}\r\n\r\n{body}"));
        let _ = socket.send_to(text.as_bytes(), self.server);
    }
}

fn head(message: &str) -> impl Iterator<Item = &str> {
    message.split("\r\n\r\n").next().unwrap_or("").lines()
}

fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let of = |line: &'a str| line.split_once(':').filter(|(n, _)| n.trim().eq_ignore_ascii_case(name));
    head(message).find_map(of).map(|(_, value)| value.trim())
}

/// The port of the audio in a description; 0 when there is none.
fn audio_port(message: &str) -> u16 {
    let port = message.split("m=audio ").nth(1).and_then(|rest| rest.split(' ').next());
    port.and_then(|port| port.parse().ok()).unwrap_or(0)
}

/// A-law and digits, on the one port of all.
fn offer(rtp: SocketAddr) -> String {
    let (ip, port) = (rtp.ip(), rtp.port());
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n\
         a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
    )
}
