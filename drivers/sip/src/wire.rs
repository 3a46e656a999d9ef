//! The socket of a call's RTP, connected while the far end is where it was: the kernel then looks up neither route nor
//! socket anew for each packet, and keeps strangers' packets away.
//!
//! ```text
//!             connect                 nothing waits any more
//!   Open ───────────────▶ Connecting ───────────────────────▶ Connected
//!    ▲                        │                                   │
//!    └──── open: it moves, is silent, is over; an error ◀─────────┘
//! ```

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};
use std::net::{SocketAddr, UdpSocket};

/// To whom the socket is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// To nobody: everybody can send to it.
    Open,
    /// What came before may still wait, so each packet is asked whose it is.
    Connecting(SocketAddr),
    /// All that comes is of this one.
    Connected(SocketAddr),
}

/// A socket and its link.
#[derive(Debug)]
pub(crate) struct Wire {
    socket: UdpSocket,
    link: Link,
}

impl Wire {
    /// The socket does not block, is not connected, and was bound to a port by its number: the kernel takes one back that it
    /// chose itself when the socket is disconnected.
    pub(crate) fn new(socket: UdpSocket) -> Self {
        Self { socket, link: Link::Open }
    }

    /// The socket, for others again; `None` when the kernel does not let go of the far end.
    pub(crate) fn into_socket(mut self) -> Option<UdpSocket> {
        self.open();
        (self.link == Link::Open).then_some(self.socket)
    }

    /// Whether all that comes is known to be of one far end.
    #[cfg(test)]
    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.link, Link::Connected(_))
    }

    fn far(&self) -> Option<SocketAddr> {
        match self.link {
            Link::Open => None,
            Link::Connecting(far) | Link::Connected(far) => Some(far),
        }
    }

    /// From now on packets come from this address alone. Without harm when it cannot be: the socket stays open.
    pub(crate) fn connect(&mut self, far: SocketAddr) {
        if self.far() != Some(far) && self.socket.connect(far).is_ok() {
            self.link = Link::Connecting(far);
        }
    }

    /// From now on packets come from everywhere.
    pub(crate) fn open(&mut self) {
        if self.link == Link::Open {
            return;
        }
        // some systems give an error although they have done it (`rustix::net::connect_unspec`), so what counts is what is
        let _ = rustix::net::connect_unspec(&self.socket);
        if self.socket.peer_addr().is_err() {
            self.link = Link::Open;
        }
    }

    /// The next packet: its length, and whose it is.
    pub(crate) fn receive(&mut self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        let came = match self.link {
            // straight to the kernel: libc's calls can be cancelled, which costs each of them two atomic exchanges
            Link::Connected(far) => rustix::net::recv(&self.socket, &mut *buffer, RecvFlags::empty())
                .map(|(length, _)| (length, far)),
            _ => self.receive_from(buffer),
        };
        match (came, self.far()) {
            (Ok(came), _) => Some(came),
            (Err(Errno::WOULDBLOCK), Some(far)) => {
                self.link = Link::Connected(far);
                None
            }
            // nobody was there when we sent (ICMP, RFC 1122 §4.1.3.3); what waits is read
            (Err(_), Some(_)) => {
                self.open();
                self.receive_from(buffer).ok()
            }
            (Err(_), None) => None,
        }
    }

    fn receive_from(&self, buffer: &mut [u8]) -> Result<(usize, SocketAddr), Errno> {
        let (length, _, from) = rustix::net::recvfrom(&self.socket, buffer, RecvFlags::empty())?;
        let from = from.ok_or(Errno::AFNOSUPPORT)?;
        Ok((length, from.try_into()?))
    }

    /// Sends a packet.
    ///
    /// # Errors
    /// Those of the system; that nobody was there for an earlier packet is none.
    pub(crate) fn send(&mut self, packet: &[u8], to: SocketAddr) -> Result<usize, Errno> {
        if self.far() == Some(to) {
            match rustix::net::send(&self.socket, packet, SendFlags::empty()) {
                Err(error) if error != Errno::WOULDBLOCK => self.open(),
                sent => return sent,
            }
        }
        rustix::net::sendto(&self.socket, packet, SendFlags::empty(), &to)
    }
}
