//! Pairs of UDP ports for RTP and RTCP (RFC 3550 §11: even, and the next).

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Pairs that are tried when others on the machine use some.
const TRIES_MAX: u32 = 512;

/// The pairs of one device.
pub(crate) struct Ports {
    first: u16,
    last: u16,
    next: u16,
    used: HashSet<u16>,
}

/// An open pair.
pub(crate) struct Pair {
    pub(crate) rtp: UdpSocket,
    pub(crate) rtcp: UdpSocket,
    pub(crate) port: u16,
}

impl Ports {
    pub(crate) fn new(first: u16, last: u16) -> Self {
        Self { first, last, next: first, used: HashSet::new() }
    }

    /// Opens the next free pair. A port rests as long as possible before it is used again, so that late packets of an
    /// old call do not reach a new one.
    pub(crate) fn open(&mut self, ip: IpAddr) -> io::Result<Pair> {
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

    pub(crate) fn give_back(&mut self, port: u16) {
        self.used.remove(&port);
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

    #[test]
    fn pairs_are_even_and_come_back_last() {
        let mut ports = Ports::new(42_000, 42_007);
        let ip = IpAddr::from([127, 0, 0, 1]);
        let pairs: Vec<_> = std::iter::from_fn(|| ports.open(ip).ok()).collect();
        assert!(
            !pairs.is_empty() && pairs.len() <= 4 && pairs.iter().all(|p| p.port % 2 == 0 && p.port < 42_007)
        );
        let freed = pairs[0].port;
        drop(pairs);
        ports.give_back(freed);
        assert_eq!(ports.open(ip).map(|p| p.port).ok(), Some(freed));
    }
}
