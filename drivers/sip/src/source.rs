//! Who sends RTP to us: where the description says, or the one source learned instead (symmetric RTP, RFC 4961).

use crate::rtp::Packet;
use std::net::SocketAddr;

/// A new source is believed after so many packets with one SSRC, when the description told another.
const LEARN_PACKETS: u8 = 3;

/// What a packet is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    /// Where the description says.
    pub(crate) described: Option<SocketAddr>,
    /// Whether another place may be learned: symmetric RTP is on, and the payload type is one of the call's.
    pub(crate) may_learn: bool,
    /// The source is silent: what goes on with its SSRC elsewhere is the same sender behind another door, as when a NAT has
    /// forgotten the port it gave.
    pub(crate) silent: Option<u32>,
}

/// The source, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Source {
    locked: Option<SocketAddr>,
    candidate: Option<(SocketAddr, u32, u8)>,
}

impl Source {
    /// Where packets come from, once one was believed.
    pub(crate) fn known(&self) -> Option<SocketAddr> {
        self.locked
    }

    /// Whether a packet is of the call.
    pub(crate) fn admits(&mut self, from: SocketAddr, packet: &Packet<'_>, expected: Expected) -> bool {
        match self.locked {
            Some(locked) if locked == from => true,
            None if expected.described == Some(from) => {
                self.locked = Some(from);
                true
            }
            Some(_) if expected.silent != Some(packet.ssrc) => false,
            _ => expected.may_learn && self.learns(from, packet.ssrc),
        }
    }

    fn learns(&mut self, from: SocketAddr, ssrc: u32) -> bool {
        let seen = match self.candidate {
            Some((address, known, seen)) if address == from && known == ssrc => seen + 1,
            _ => 1,
        };
        if seen < LEARN_PACKETS {
            self.candidate = Some((from, ssrc, seen));
            return false;
        }
        *self = Self { locked: Some(from), candidate: None };
        true
    }
}
