//! The sound of all streams on one socket: what each says, when it is due, and what comes back with its time of arrival.
//!
//! ```text
//! payload of 160 bytes:  stamp  noise ... | stamp  noise ...     a stamp: mark(2) check(2) stream(4) count(4) sent, us(4)
//! ```
//!
//! Where A-law goes through untouched, the other side sees by it whom it hears, what is missing, and how long it took. A
//! jitter buffer may cut the frames elsewhere: in any 160 bytes there is one whole stamp of the two. Where it joins, stamps
//! are mixed: the check tells.

use crate::account::{Account, Arrival, Stamp};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use std::io::IoSliceMut;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// An RTP header and 20 ms of G.711.
const PACKET: usize = 172;
const HEADER: usize = 12;
const SAMPLES: u32 = 160;
const FRAME: Duration = Duration::from_millis(20);
/// Begins a stamp.
const MARK: [u8; 2] = [0x3C, 0xA5];
const HALF: usize = SAMPLES as usize / 2;
const STAMP: usize = 16;
/// Enough for what comes while this process has to wait for the processor.
const RECEIVE_BUFFER: usize = 16 << 20;

/// One person's mouth.
struct Mouth {
    /// The port of callcore.
    port: u16,
    due: Instant,
    packet: [u8; PACKET],
    count: u32,
}

/// All streams.
pub(crate) struct Sound {
    socket: UdpSocket,
    rtcp: UdpSocket,
    server: SocketAddr,
    mouths: Vec<Option<Mouth>>,
    /// Streams by callcore's port; `NOBODY` where there is none.
    by_port: Vec<u32>,
    accounts: Option<Vec<Account>>,
    /// How late we were ourselves with each packet, while it is accounted for.
    said_late_us: Vec<i64>,
    begun: Instant,
}

const NOBODY: u32 = u32::MAX;

impl Sound {
    /// Binds the sockets; `rtp` has an even port.
    pub(crate) fn open(rtp: SocketAddr, streams: usize) -> std::io::Result<Self> {
        let socket = UdpSocket::bind(rtp)?;
        let rtcp = UdpSocket::bind((rtp.ip(), rtp.port() + 1))?;
        rtcp.set_nonblocking(true)?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        if setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER).is_err() {
            setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER)?;
        }
        let mut mouths = Vec::new();
        mouths.resize_with(streams, || None);
        Ok(Self {
            socket,
            rtcp,
            server: rtp,
            mouths,
            by_port: vec![NOBODY; 1 << 16],
            accounts: None,
            said_late_us: Vec::new(),
            begun: Instant::now(),
        })
    }

    /// A stream begins to talk to this port of callcore, and is heard from there.
    pub(crate) fn begin(&mut self, stream: usize, port: u16) {
        // the streams are spread evenly over the frame
        let streams = self.mouths.len() as u32;
        let since = self.begun.elapsed().as_millis() / FRAME.as_millis() + 1;
        let due = self.begun + FRAME * since as u32 + FRAME * stream as u32 / streams;
        let mut packet = [0; PACKET];
        packet[..2].copy_from_slice(&[0x80, 8]);
        packet[8..HEADER].copy_from_slice(&(stream as u32 + 1).to_be_bytes());
        let mut mouth = Mouth { port, due, packet, count: 0 };
        mouth.stamp(stream as u32);
        self.mouths[stream] = Some(mouth);
        self.by_port[usize::from(port)] = stream as u32;
    }

    /// A stream ends.
    pub(crate) fn end(&mut self, stream: usize) {
        if let Some(mouth) = self.mouths[stream].take() {
            self.by_port[usize::from(mouth.port)] = NOBODY;
        }
    }

    /// From now on what comes is accounted for.
    pub(crate) fn account(&mut self, seconds: u64) {
        self.accounts = Some((0..self.mouths.len()).map(|_| Account::new(seconds)).collect());
        self.said_late_us.reserve(self.mouths.len() * (seconds as usize * 50 + 100));
    }

    /// What was heard by each stream, and how late we spoke ourselves; what comes later is not accounted for.
    pub(crate) fn accounts(&mut self) -> (Vec<Account>, Vec<i64>) {
        (self.accounts.take().unwrap_or_default(), std::mem::take(&mut self.said_late_us))
    }

    /// Says what is due, and takes what has come.
    pub(crate) fn tick(&mut self) {
        let (now, wall_us) = (Instant::now(), wall_us());
        for mouth in self.mouths.iter_mut().flatten() {
            while mouth.due <= now {
                mouth.fill(wall_us as u32);
                self.server.set_port(mouth.port);
                let _ = self.socket.send_to(&mouth.packet, self.server);
                if self.accounts.is_some() {
                    self.said_late_us.push((now - mouth.due).as_micros() as i64);
                }
                mouth.due += FRAME;
            }
        }
        self.receive();
        while self.rtcp.recv(&mut [0; 64]).is_ok() {}
    }

    fn receive(&mut self) {
        let (mut buffer, mut control) = ([0; 512], nix::cmsg_space!(TimeSpec));
        loop {
            let mut slices = [IoSliceMut::new(&mut buffer)];
            let (handle, now) = (self.socket.as_raw_fd(), MsgFlags::MSG_DONTWAIT);
            let Ok(message) = recvmsg::<SockaddrIn>(handle, &mut slices, Some(&mut control), now) else {
                return;
            };
            let (length, from) = (message.bytes, message.address.map_or(0, |address| address.port()));
            let at = message.cmsgs().into_iter().flatten().find_map(|control| match control {
                ControlMessageOwned::ScmTimestampns(time) => {
                    Some(time.tv_sec() * 1_000_000 + time.tv_nsec() / 1000)
                }
                _ => None,
            });
            let stream = self.by_port[usize::from(from)] as usize;
            let account = self.accounts.as_mut().and_then(|accounts| accounts.get_mut(stream));
            if let (Some(account), Some(at_us)) = (account, at) {
                account.add(&arrival(&buffer[..length], at_us), (stream ^ 1) as u32);
            }
        }
    }
}

impl Mouth {
    /// Writes what is the same in all stamps.
    fn stamp(&mut self, stream: u32) {
        for payload in self.packet[HEADER..].chunks_mut(HALF) {
            payload[..2].copy_from_slice(&MARK);
            payload[4..8].copy_from_slice(&stream.to_be_bytes());
        }
    }

    /// The next packet.
    fn fill(&mut self, wall_us: u32) {
        let packet = &mut self.packet;
        packet[2..4].copy_from_slice(&(self.count as u16).to_be_bytes());
        packet[4..8].copy_from_slice(&self.count.wrapping_mul(SAMPLES).to_be_bytes());
        let mut chance = self.count.wrapping_mul(747_796_405).wrapping_add(u32::from(self.port));
        for (place, half) in packet[HEADER..].chunks_mut(HALF).enumerate() {
            half[8..12].copy_from_slice(&self.count.to_be_bytes());
            half[12..STAMP].copy_from_slice(&wall_us.to_be_bytes());
            let check = check(half, place);
            half[2..4].copy_from_slice(&check.to_be_bytes());
            for sample in &mut half[STAMP..] {
                chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // A-law on the wire has every other bit turned; segments 0 to 5 are as loud as speech
                let loud = (chance >> 24) as u8;
                *sample = (loud & 0x8F | (loud >> 4 & 7).min(5) << 4) ^ 0x55;
            }
        }
        self.count = self.count.wrapping_add(1);
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

fn arrival(packet: &[u8], at_us: i64) -> Arrival {
    let payload = packet.get(HEADER..).unwrap_or(&[]);
    let is_sound = payload.windows(2).any(|pair| pair[0] != pair[1]);
    let (sequence, timestamp) = ((word(packet, 0) & 0xFFFF) as u16, word(packet, 4));
    Arrival { sequence, timestamp, at_us, stamp: stamp(payload), is_sound }
}

/// A sum of a stamp's words; its last bit says in which half the stamp is.
fn check(stamp: &[u8], half: usize) -> u16 {
    let mix = |sum: u32, at: usize| (sum ^ word(stamp, at)).wrapping_mul(0x9E37_79B1);
    ([4, 8, 12].into_iter().fold(1, mix) >> 16) as u16 & !1 | half as u16
}

/// The first whole stamp.
fn stamp(payload: &[u8]) -> Option<Stamp> {
    let half = |bytes: &[u8]| usize::from(bytes[3] & 1);
    let is_stamp =
        |bytes: &[u8]| bytes.starts_with(&MARK) && word(bytes, 0) as u16 == check(bytes, half(bytes));
    let at = payload.windows(STAMP).position(is_stamp)?;
    let within = half(&payload[at..]) * HALF;
    let spoken = word(payload, at + 8).wrapping_mul(SAMPLES).wrapping_add(within as u32);
    Some(Stamp {
        stream: word(payload, at + 4),
        first_sample: spoken.wrapping_sub(at as u32),
        moved: at as i32 - within as i32,
        sent_us: word(payload, at + 12),
    })
}

fn wall_us() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_micros() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wherever_the_frames_are_cut_each_has_a_stamp() {
        let mut mouth = Mouth { port: 20_000, due: Instant::now(), packet: [0; PACKET], count: 0 };
        mouth.packet[..HEADER].copy_from_slice(&[0x80, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8]);
        mouth.stamp(7);
        let mut spoken = Vec::new();
        for sent_us in [1000, 21_000, 41_000] {
            mouth.fill(sent_us);
            spoken.extend_from_slice(&mouth.packet[HEADER..]);
        }
        for cut in 0..2 * SAMPLES {
            let found = stamp(&spoken[cut as usize..][..SAMPLES as usize]).expect("one of two is whole");
            assert_eq!((found.stream, found.first_sample), (7, cut));
            // whichever stamp it is, the first sample was spoken when it was
            assert_eq!(found.sent_us as i32 - found.moved * 125, 1000 + cut as i32 * 125);
        }
        // a join that mixes two of them makes no third
        let mixed: Vec<u8> =
            spoken[..160].iter().zip(&spoken[160..]).map(|(a, b)| a & 0xF0 | b & 0x0F).collect();
        assert!(stamp(&mixed).is_none());
    }
}
