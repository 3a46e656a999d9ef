//! The UDP socket of the SIP stack, with an eye on what comes in: what the stack would silently drop gets an answer here
//! (RFC 3261 §8.2.1, §16.3, §21.5.6), as far as there is anything to answer to.

use crate::incoming::ALLOW;
use async_trait::async_trait;
use rsipstack::sip::{Method, Uri};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Header lines that are looked at; a message with more is not ours to understand.
const LINES_MAX: usize = 256;

/// A socket that answers malformed requests by itself.
pub(crate) struct Gate {
    socket: tokio::net::UdpSocket,
    watch: Arc<Watch>,
}

/// What the gate counts, and what it is told.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Datagrams that were no SIP message.
    pub(crate) malformed: AtomicU64,
    /// Requests that were dropped because of too many transactions.
    pub(crate) flooded: AtomicU64,
    /// Transactions that the stack remembers now.
    pub(crate) transactions: AtomicUsize,
}

/// The stack remembers a transaction for 32 s, in about 1 KiB. Above this many, what begins a new one is dropped, and
/// its sender tries again: the answer to a flood is silence.
const TRANSACTIONS_MAX: usize = 100_000;

impl Gate {
    pub(crate) fn bind(address: SocketAddr, watch: Arc<Watch>) -> std::io::Result<Self> {
        let socket = std::net::UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket: tokio::net::UdpSocket::from_std(socket)?, watch })
    }
}

#[async_trait]
impl rsipstack::platform::net::UdpSocket for Gate {
    async fn recv_from(&self, buf: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        loop {
            let (length, from) = self.socket.recv_from(buf).await?;
            let Some(fault) = inspect(&buf[..length]) else {
                if self.watch.transactions.load(Ordering::Relaxed) < TRANSACTIONS_MAX
                    || !begins(&buf[..length])
                {
                    return Ok((length, from));
                }
                self.watch.flooded.fetch_add(1, Ordering::Relaxed);
                continue;
            };
            self.watch.malformed.fetch_add(1, Ordering::Relaxed);
            if let Some(answer) = fault {
                // lost or not, the sender's next try gets the same
                let _ = self.socket.send_to(&answer, from).await;
            }
        }
    }

    async fn send_to(&self, buf: &[u8], addr: SocketAddr) -> rsipstack::Result<usize> {
        Ok(self.socket.send_to(buf, addr).await?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}

/// Whether a message asks for something new; ACK, BYE, CANCEL and responses help to end what there is.
fn begins(bytes: &[u8]) -> bool {
    ![&b"SIP/2.0 "[..], b"ACK ", b"BYE ", b"CANCEL "].iter().any(|start| bytes.starts_with(start))
}

/// The headers that every request must have, by their long and short names.
const NEEDED: [(&str, &str); 5] =
    [("via", "v"), ("from", "f"), ("to", "t"), ("call-id", "i"), ("cseq", "cseq")];

/// `None` for what the stack can have; else what to answer, if anything.
pub(crate) fn inspect(bytes: &[u8]) -> Option<Option<Vec<u8>>> {
    if bytes.iter().all(u8::is_ascii_whitespace) || bytes.starts_with(b"SIP/2.0 ") {
        return None;
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    let Ok(head) = std::str::from_utf8(&bytes[..end]) else { return Some(None) };
    let mut lines = head.split("\r\n").take(LINES_MAX);
    let mut words = lines.next().unwrap_or("").split(' ');
    let (Some(method), Some(uri), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Some(None);
    };
    if method == "ACK" {
        return None;
    }
    let lines = lines.collect::<Vec<_>>();
    let missing = NEEDED.iter().find(|(long, short)| !lines.iter().any(|line| is_named(line, long, short)));
    let status = if version != "SIP/2.0" {
        "505 Version Not Supported"
    } else if missing.is_some() || Uri::try_from(uri).is_err() || !is_cseq_of(&lines, method) {
        "400 Bad Request"
    } else if method.parse::<Method>().is_err() {
        "501 Not Implemented"
    } else {
        return None;
    };
    Some(answer(status, &lines))
}

fn is_named(line: &str, long: &str, short: &str) -> bool {
    let name = line.split(':').next().unwrap_or("").trim();
    line.contains(':') && (name.eq_ignore_ascii_case(long) || name.eq_ignore_ascii_case(short))
}

fn is_cseq_of(lines: &[&str], method: &str) -> bool {
    let value =
        lines.iter().find(|line| is_named(line, "cseq", "cseq")).and_then(|line| line.split_once(':'));
    let mut words = value.map_or("", |(_, value)| value).split_ascii_whitespace();
    words.next().is_some_and(|number| number.parse::<u32>().is_ok()) && words.next() == Some(method)
}

/// A response made of the request's own lines; none without a `Via`, for then it belongs to no transaction.
fn answer(status: &str, lines: &[&str]) -> Option<Vec<u8>> {
    let kept = lines.iter().filter(|line| NEEDED.iter().any(|(long, short)| is_named(line, long, short)));
    let mut text = format!("SIP/2.0 {status}\r\n");
    let mut via = false;
    for line in kept {
        via |= is_named(line, "via", "v");
        text.push_str(line);
        if is_named(line, "to", "t") && !line.contains(";tag=") {
            text.push_str(";tag=callcore");
        }
        text.push_str("\r\n");
    }
    text.push_str(&format!("Allow: {ALLOW}\r\nContent-Length: 0\r\n\r\n"));
    via.then(|| text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "OPTIONS sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
                        To: <sip:a@b>\r\ni: 1\r\nCSeq: 1 OPTIONS\r\n\r\n";

    fn status(text: &str) -> Option<String> {
        let answer = inspect(text.as_bytes())??;
        Some(String::from_utf8(answer).ok()?.get(8..11)?.to_owned())
    }

    #[test]
    fn only_faults_are_answered() {
        for good in [GOOD, "\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n", "ACK sip:a@b SIP/2.0\r\n\r\n"] {
            assert!(inspect(good.as_bytes()).is_none(), "{good}");
        }
        assert_eq!(status(&GOOD.replace("OPTIONS", "BREW")).as_deref(), Some("501"));
        assert_eq!(status(&GOOD.replace("SIP/2.0\r\nv", "SIP/7.0\r\nv")).as_deref(), Some("505"));
        for fault in ["From: <sip:a@b>;tag=1\r\n", "i: 1\r\n", "CSeq: 1 OPTIONS\r\n", "To: <sip:a@b>\r\n"] {
            assert_eq!(status(&GOOD.replace(fault, "")).as_deref(), Some("400"), "{fault}");
        }
        assert_eq!(status(&GOOD.replace("CSeq: 1 OPTIONS", "CSeq: 1 INVITE")).as_deref(), Some("400"));
        assert_eq!(inspect(b"hello"), Some(None));
    }

    proptest! {
        #[test]
        fn any_datagram_is_inspected_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0usize..150, with: u8) {
            crate::fuzz::message(&bytes);
            let mut damaged = GOOD.as_bytes().to_vec();
            let length = damaged.len();
            damaged[at % length] = with;
            crate::fuzz::message(&damaged);
        }
    }
}
