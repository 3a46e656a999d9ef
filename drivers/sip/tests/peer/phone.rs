//! A telephone of a few lines, for what `sipp` cannot say or hear: raw messages, and RTP sample by sample.

use std::cell::RefCell;
use std::collections::HashSet;
use std::net::UdpSocket;
use std::time::Duration;

/// A SIP socket and an RTP socket on loopback.
pub(crate) struct Phone {
    pub(crate) sip: UdpSocket,
    pub(crate) rtp: UdpSocket,
    pub(crate) server: u16,
    call_id: String,
    branch: u32,
    /// Messages that have had their answer: a repeat of one is no news.
    done: RefCell<HashSet<String>>,
}

/// A response: status, headers and body as they came.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.text.split("\r\n\r\n").next()?.lines();
        lines
            .filter_map(|line| line.split_once(": "))
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
    }

    /// The port of the audio in the body.
    pub(crate) fn audio_port(&self) -> u16 {
        let line = self.text.split("m=audio ").nth(1).expect("has audio");
        line.split(' ').next().and_then(|port| port.parse().ok()).expect("has a port")
    }

    fn tag(&self) -> &str {
        self.header("To").and_then(|to| to.split(";tag=").nth(1)).unwrap_or("")
    }
}

impl Phone {
    pub(crate) fn new(server: u16) -> Self {
        let open = || {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has ports");
            socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket has a timeout");
            socket
        };
        let (sip, rtp) = (open(), open());
        let call_id = format!("phone-{}", sip.local_addr().expect("is bound").port());
        Self { sip, rtp, server, call_id, branch: 0, done: RefCell::default() }
    }

    fn port(socket: &UdpSocket) -> u16 {
        socket.local_addr().expect("is bound").port()
    }

    /// An offer of PCMA and digits on our RTP socket.
    pub(crate) fn offer(&self) -> String {
        self.offer_of("8 101", &["rtpmap:101 telephone-event/8000"])
    }

    /// An offer of these payload types, with these attributes.
    pub(crate) fn offer_of(&self, types: &str, attributes: &[&str]) -> String {
        let port = Self::port(&self.rtp);
        let mut text = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP {types}\r\n"
        );
        attributes.iter().for_each(|line| text.push_str(&format!("a={line}\r\n")));
        text
    }

    /// Sends a request; `more` are whole header lines.
    pub(crate) fn send(&mut self, method: &str, sequence: u32, to_tag: &str, more: &str, body: &str) {
        let bytes = self.request(method, sequence, to_tag, more, body);
        self.send_raw(&bytes);
    }

    /// The bytes of a request.
    pub(crate) fn request(
        &mut self,
        method: &str,
        sequence: u32,
        to_tag: &str,
        more: &str,
        body: &str,
    ) -> Vec<u8> {
        self.branch += 1;
        let (own, server) = (Self::port(&self.sip), self.server);
        let tag = if to_tag.is_empty() { String::new() } else { format!(";tag={to_tag}") };
        let cseq = method.split(' ').next().unwrap_or(method);
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        format!(
            "{method} sip:100@127.0.0.1:{server} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK-{0}-{1};rport\r\n\
             From: <sip:raw@127.0.0.1>;tag=raw\r\nTo: <sip:100@127.0.0.1>{tag}\r\nCall-ID: {0}\r\nCSeq: {sequence} {cseq}\r\n\
             Contact: <sip:raw@127.0.0.1:{own}>\r\nMax-Forwards: 70\r\n{kind}{more}Content-Length: {2}\r\n\r\n{body}",
            self.call_id,
            self.branch,
            body.len()
        )
        .into_bytes()
    }

    pub(crate) fn send_raw(&self, bytes: &[u8]) {
        self.sip.send_to(bytes, ("127.0.0.1", self.server)).expect("loopback takes it");
    }

    /// The next message, but for repeats of those that were acknowledged or replied to.
    pub(crate) fn message(&self) -> String {
        let mut buffer = [0; 4096];
        loop {
            let length = self.sip.recv(&mut buffer).expect("an answer comes");
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if !self.done.borrow().contains(&text) {
                return text;
            }
        }
    }

    /// The next final response.
    pub(crate) fn response(&self) -> Response {
        loop {
            let text = self.message();
            let status = text.strip_prefix("SIP/2.0 ").and_then(|rest| rest.get(..3)?.parse().ok());
            match status {
                Some(status) if status >= 200 => return Response { status, text },
                _ => {}
            }
        }
    }

    /// One request, one final response.
    pub(crate) fn ask(&mut self, method: &str, sequence: u32, more: &str, body: &str) -> Response {
        self.send(method, sequence, "", more, body);
        self.response()
    }

    /// Acknowledges a 200; gives the tag of the dialog.
    pub(crate) fn acknowledge(&mut self, response: &Response, sequence: u32) -> String {
        let tag = response.tag().to_owned();
        self.done.borrow_mut().insert(response.text.clone());
        self.send("ACK", sequence, &tag, "", "");
        tag
    }

    /// Answers a request that came.
    pub(crate) fn reply(&self, request: &str, status: &str, body: &str) {
        let names = ["Via", "From", "To", "Call-ID", "CSeq"];
        let lines = request.split("\r\n\r\n").next().unwrap_or("").lines();
        let kept = lines.filter(|line| names.iter().any(|name| line.starts_with(&format!("{name}: "))));
        let mut text = format!("SIP/2.0 {status}\r\n");
        for line in kept {
            text.push_str(&format!("{line}\r\n"));
        }
        let (own, length) = (Self::port(&self.sip), body.len());
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        text.push_str(&format!(
            "Contact: <sip:raw@127.0.0.1:{own}>\r\n{kind}Content-Length: {length}\r\n\r\n{body}"
        ));
        self.done.borrow_mut().insert(request.to_owned());
        self.send_raw(text.as_bytes());
    }

    /// Sends an RTP packet to a port.
    pub(crate) fn speak(&self, port: u16, payload_type: u8, sequence: u16, timestamp: u32, payload: &[u8]) {
        let mut bytes = vec![0x80, payload_type];
        bytes.extend(sequence.to_be_bytes());
        bytes.extend(timestamp.to_be_bytes());
        bytes.extend([0, 0, 0, 7]);
        bytes.extend(payload);
        self.rtp.send_to(&bytes, ("127.0.0.1", port)).expect("loopback takes it");
    }

    /// The next RTP packet: payload type, marker, timestamp, payload.
    pub(crate) fn listen(&self) -> (u8, bool, u32, Vec<u8>) {
        let bytes = self.packet();
        let timestamp = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        (bytes[1] & 0x7F, bytes[1] & 0x80 != 0, timestamp, bytes[12..].to_vec())
    }

    /// The next RTP packet as it came.
    pub(crate) fn packet(&self) -> Vec<u8> {
        let mut buffer = [0; 1500];
        let length = self.rtp.recv(&mut buffer).expect("audio comes");
        assert!(length >= 12, "RTP has a header");
        buffer[..length].to_vec()
    }
}
