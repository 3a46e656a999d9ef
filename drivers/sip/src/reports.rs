//! RTCP: a sender report every 5 s for each call, and whatever comes back read and put away.

use crate::rtp::{Block, Report, sender_report};
use crate::sdp::Remote;
use crate::state::{Audio, State};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::Ordering::Relaxed;
use std::time::{SystemTime, UNIX_EPOCH};

/// Ticks of 200 ms between the reports of a call: 5 s. Calls take turns.
const EVERY: u64 = 25;
/// Seconds from 1900 to 1970.
const NTP_OFFSET_S: u64 = 2_208_988_800;

pub(crate) fn exchange(state: &mut State, ticks: u64, ip: IpAddr) {
    let cname = format!("callcore@{ip}");
    let mut buffer = [0; 1500];
    for call in state.calls.values_mut() {
        if !(u64::from(call.channel) + ticks).is_multiple_of(EVERY) {
            continue;
        }
        let (Some(audio), Some(remote)) = (&mut call.audio, &call.remote) else { continue };
        // reports of the other side are not used yet, but must not fill the socket
        while audio.rtcp.recv_from(&mut buffer).is_ok() {}
        let sent = audio.counters.sent.load(Relaxed);
        if audio.attached
            && sent > 0
            && let Some(to) = target(audio, remote)
        {
            let report = report(audio);
            let _ = audio.rtcp.send_to(&sender_report(&report, &cname), to);
        }
    }
}

/// The port after that of RTP, where RTP really goes.
fn target(audio: &Audio, remote: &Remote) -> Option<SocketAddr> {
    let learned = audio.counters.learned.load(Relaxed);
    let rtp = match learned {
        0 => remote.address?,
        _ => SocketAddr::new(Ipv4Addr::from_bits((learned >> 16) as u32).into(), learned as u16),
    };
    Some(SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?))
}

fn report(audio: &mut Audio) -> Report {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    Report {
        ssrc: audio.counters.own_ssrc.load(Relaxed),
        ntp: (since.as_secs() + NTP_OFFSET_S) << 32 | fraction,
        timestamp: audio.counters.sent_timestamp.load(Relaxed),
        packets: audio.counters.sent.load(Relaxed),
        octets: audio.counters.sent_octets.load(Relaxed),
        block: block(audio),
    }
}

/// RFC 3550 A.3.
fn block(audio: &mut Audio) -> Option<Block> {
    let counters = &audio.counters;
    let (received, highest) = (counters.received.load(Relaxed), counters.highest.load(Relaxed));
    if received == 0 {
        return None;
    }
    let expected = highest.wrapping_sub(counters.first.load(Relaxed)).wrapping_add(1);
    let (expected_before, received_before) = std::mem::replace(&mut audio.reported, (expected, received));
    let due = expected.saturating_sub(expected_before);
    let missing = due.saturating_sub(received.saturating_sub(received_before));
    Some(Block {
        ssrc: counters.ssrc.load(Relaxed),
        fraction_lost: (u64::from(missing) * 256).checked_div(due.into()).unwrap_or(0).min(255) as u8,
        lost: expected.saturating_sub(received).min(0x7F_FFFF),
        highest,
        jitter: counters.jitter.load(Relaxed),
    })
}
