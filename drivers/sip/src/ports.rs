//! Pairs of UDP ports for RTP and RTCP (RFC 3550 §11: even, and the next). Open pairs are kept for later calls: opening
//! and closing two sockets is dear, and short calls would do little else.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// Pairs that are tried when others on the machine use some.
const TRIES_MAX: u32 = 512;
/// Open pairs that wait for a call; more are closed.
const RESTING_MAX: usize = 256;
/// So long nothing may have come to a pair before another call gets it, so that late packets of an old call do not
/// reach a new one.
const REST: Duration = Duration::from_millis(500);
/// Resting pairs that are looked at for one call.
const LOOKS_MAX: usize = 4;
/// Packets that are thrown away of a pair at one time.
const STRAY_MAX: usize = 256;

/// The pairs of one device.
pub(crate) struct Ports {
    first: u16,
    last: u16,
    next: u16,
    /// Pairs that are open: in calls, on their way back, or resting.
    used: HashSet<u16>,
    /// The RTCP sockets of pairs whose other socket the media thread still has.
    halves: HashMap<u16, UdpSocket>,
    /// The longest rested first.
    resting: VecDeque<(Instant, Pair)>,
}

/// An open pair.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) rtp: UdpSocket,
    pub(crate) rtcp: UdpSocket,
    pub(crate) port: u16,
}

impl Pair {
    /// Throws away what has come; whether that was anything.
    fn drain(&self) -> bool {
        let stray = |socket: &UdpSocket| (0..STRAY_MAX).take_while(|_| socket.recv(&mut [0]).is_ok()).count();
        stray(&self.rtp) + stray(&self.rtcp) > 0
    }
}

impl Ports {
    pub(crate) fn new(first: u16, last: u16) -> Self {
        let (used, halves, resting) = (HashSet::new(), HashMap::new(), VecDeque::new());
        Self { first, last, next: first, used, halves, resting }
    }

    /// A pair that has rested, else the next free one, else the one that has rested longest.
    pub(crate) fn open(&mut self, ip: IpAddr, now: Instant) -> io::Result<Pair> {
        if let Some(pair) = self.rested(now) {
            return Ok(pair);
        }
        self.bind_next(ip).or_else(|error| {
            let (_, pair) = self.resting.pop_front().ok_or(error)?;
            pair.drain();
            Ok(pair)
        })
    }

    fn rested(&mut self, now: Instant) -> Option<Pair> {
        for _ in 0..LOOKS_MAX {
            let (since, _) = self.resting.front()?;
            if now.saturating_duration_since(*since) < REST {
                return None;
            }
            let (_, pair) = self.resting.pop_front()?;
            if !pair.drain() {
                return Some(pair);
            }
            // somebody still sends to it: let it rest once more
            self.resting.push_back((now, pair));
        }
        None
    }

    fn bind_next(&mut self, ip: IpAddr) -> io::Result<Pair> {
        let pairs = (self.last - self.first).div_ceil(2);
        let mut tries = 0;
        for _ in 0..pairs {
            let port = self.next;
            // the pair after this one, if both of its ports are in the range
            self.next = if self.last - port >= 3 { port + 2 } else { self.first };
            if self.used.contains(&port) {
                continue;
            }
            if let Ok((rtp, rtcp)) = bind(ip, port) {
                self.used.insert(port);
                return Ok(Pair { rtp, rtcp, port });
            }
            tries += 1;
            if tries == TRIES_MAX {
                break;
            }
        }
        Err(io::Error::new(io::ErrorKind::AddrInUse, "rtp_ports: every port is in use; widen the range"))
    }

    /// A pair comes back whole.
    pub(crate) fn give_back(&mut self, pair: Pair, now: Instant) {
        if self.resting.len() < RESTING_MAX {
            pair.drain();
            self.resting.push_back((now, pair));
        } else {
            self.used.remove(&pair.port);
        }
    }

    /// The RTCP socket of a pair comes back; the other one will follow.
    pub(crate) fn give_back_rtcp(&mut self, port: u16, rtcp: UdpSocket) {
        self.halves.insert(port, rtcp);
    }

    /// The RTP socket of a pair comes back, after the other one; `None` when it is of no more use.
    pub(crate) fn give_back_rtp(&mut self, port: u16, rtp: Option<UdpSocket>, now: Instant) {
        match (self.halves.remove(&port), rtp) {
            (Some(rtcp), Some(rtp)) => self.give_back(Pair { rtp, rtcp, port }, now),
            _ => drop(self.used.remove(&port)),
        }
    }
}

fn bind(ip: IpAddr, port: u16) -> io::Result<(UdpSocket, UdpSocket)> {
    let rtp = UdpSocket::bind(SocketAddr::new(ip, port))?;
    let rtcp = UdpSocket::bind(SocketAddr::new(ip, port + 1))?;
    rtp.set_nonblocking(true)?;
    rtcp.set_nonblocking(true)?;
    Ok((rtp, rtcp))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn pairs_are_even_and_come_back_when_all_others_are_used() {
        let (mut ports, now) = (Ports::new(42_000, 42_007), Instant::now());
        let mut pairs: VecDeque<_> = std::iter::from_fn(|| ports.open(IP, now).ok()).collect();
        assert!(!pairs.is_empty() && pairs.len() <= 4);
        assert!(pairs.iter().all(|pair| pair.port % 2 == 0 && pair.port < 42_007));
        let freed = pairs.pop_front().expect("there is one");
        let port = freed.port;
        ports.give_back(freed, now);
        assert_eq!(ports.open(IP, now).map(|pair| pair.port).ok(), Some(port));
        assert!(ports.open(IP, now).is_err());
    }

    #[test]
    fn a_pair_is_used_again_when_it_has_been_quiet() {
        let (mut ports, now) = (Ports::new(42_100, 42_199), Instant::now());
        let Pair { rtp, rtcp, port } = ports.open(IP, now).expect("a port is free");
        ports.give_back_rtcp(port, rtcp);
        ports.give_back_rtp(port, Some(rtp), now);
        let other = ports.open(IP, now + REST / 2).expect("a port is free");
        assert_ne!(other.port, port, "it has not rested");
        let stranger = UdpSocket::bind((IP, 0)).expect("a port is free");
        stranger.send_to(b"late", (IP, port)).expect("loopback takes it");
        let third = ports.open(IP, now + REST).expect("a port is free");
        assert!(third.port != port && third.port != other.port, "somebody still sends to it");
        assert_ne!(ports.open(IP, now + REST).map(|pair| pair.port).ok(), Some(port));
        assert_eq!(ports.open(IP, now + REST * 2).map(|pair| pair.port).ok(), Some(port));
    }
}
