//! What each stream heard, and the sum of it.
//!
//! How late a packet is, is measured against the 20 ms grid of its own stream: its time of arrival less its RTP time,
//! above the least of that in the stream. Zero is the most punctual packet there was.

use crate::run::Options;

/// Samples of A-law in a millisecond.
const SAMPLES_PER_MS: i64 = 8;
/// Samples in a packet.
const SAMPLES: u32 = 160;

/// What the speaker wrote into the sound.
#[derive(Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) stream: u32,
    /// Which of the speaker's samples is the first in the packet.
    pub(crate) first_sample: u32,
    /// By how many samples the speaker's packet is moved in this one.
    pub(crate) moved: i32,
    /// Wall time in microseconds, its low 32 bits.
    pub(crate) sent_us: u32,
}

/// A packet that came.
pub(crate) struct Arrival {
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    /// Wall time in microseconds, from the kernel.
    pub(crate) at_us: i64,
    pub(crate) stamp: Option<Stamp>,
    /// Whether not all samples are the same.
    pub(crate) is_sound: bool,
}

/// What one stream heard.
#[derive(Default)]
pub(crate) struct Account {
    packets: u64,
    /// The first sequence number, the highest so far, and how far that is from the first.
    first: Option<(u32, i64)>,
    last_sequence: u16,
    span: u64,
    /// Arrival less RTP time for each packet, from that of the first.
    offsets_us: Vec<i64>,
    /// From the speaker's mouth, for each packet with a stamp.
    delays_us: Vec<i64>,
    next_sample: Option<u32>,
    jumps: u64,
    strangers: u64,
    silent: u64,
}

impl Account {
    /// Room for the packets of so many seconds.
    pub(crate) fn new(seconds: u64) -> Self {
        let packets = seconds as usize * 50 + 100;
        let (offsets_us, delays_us) = (Vec::with_capacity(packets), Vec::with_capacity(packets));
        Self { offsets_us, delays_us, ..Self::default() }
    }

    /// Takes a packet; `partner` is whom this stream should hear.
    pub(crate) fn add(&mut self, arrival: &Arrival, partner: u32) {
        let (first_timestamp, first_us) = *self.first.get_or_insert((arrival.timestamp, arrival.at_us));
        let ahead = if self.packets == 0 { 1 } else { arrival.sequence.wrapping_sub(self.last_sequence) };
        // one that was overtaken is counted, and moves nothing
        if ahead < 1 << 15 {
            self.last_sequence = arrival.sequence;
            self.span += u64::from(ahead);
        }
        self.packets += 1;
        self.silent += u64::from(!arrival.is_sound);
        let passed = i64::from(arrival.timestamp.wrapping_sub(first_timestamp) as i32);
        self.offsets_us.push(arrival.at_us - first_us - passed * 1000 / SAMPLES_PER_MS);
        let Some(stamp) = arrival.stamp else { return };
        self.strangers += u64::from(stamp.stream != partner);
        let passed_us = (arrival.at_us as u32).wrapping_sub(stamp.sent_us);
        self.delays_us.push(i64::from(passed_us) + i64::from(stamp.moved) * 1000 / SAMPLES_PER_MS);
        self.jumps += u64::from(self.next_sample.is_some_and(|next| next != stamp.first_sample));
        self.next_sample = Some(stamp.first_sample.wrapping_add(SAMPLES));
    }

    fn lateness_us(&self) -> impl Iterator<Item = i64> {
        let least = self.offsets_us.iter().copied().min().unwrap_or(0);
        self.offsets_us.iter().map(move |offset| offset - least)
    }
}

/// The sum over all streams.
pub(crate) struct Report {
    calls: usize,
    streams: usize,
    /// Streams that heard less than 98 % of what they should.
    starved: usize,
    packets: u64,
    lost: u64,
    late_us: [i64; 4],
    delay_us: [i64; 4],
    /// Frames that do not begin with the partner's next sample: after a gap, a repetition, or a join of the jitter buffer.
    jumps: u64,
    /// Frames without the partner's stamp where there are partners: made by callcore to fill a gap.
    filled: u64,
    strangers: u64,
    silent: u64,
    /// How late the talkers themselves were.
    said_late_us: [i64; 4],
}

impl Report {
    /// Of all streams that should hear something: both sides of pairs, else those of callers.
    pub(crate) fn new(accounts: &[Account], said_late_us: Vec<i64>, calls: usize, options: &Options) -> Self {
        let &Options { pairs, seconds, .. } = options;
        let step = if pairs { 1 } else { 2 };
        let listening = || accounts.iter().step_by(step);
        let sum = |of: fn(&Account) -> u64| listening().map(of).sum::<u64>();
        let (packets, stamped) = (sum(|a| a.packets), sum(|a| a.delays_us.len() as u64));
        Self {
            calls,
            streams: listening().count(),
            starved: listening().filter(|account| account.packets < seconds * 49).count(),
            packets,
            lost: sum(|a| a.span.saturating_sub(a.packets)),
            late_us: shares(listening().flat_map(Account::lateness_us).collect()),
            delay_us: shares(listening().flat_map(|a| &a.delays_us).copied().collect()),
            jumps: sum(|a| a.jumps),
            filled: if pairs { packets - stamped } else { 0 },
            strangers: sum(|a| a.strangers),
            silent: sum(|a| a.silent),
            said_late_us: shares(said_late_us),
        }
    }

    /// One line.
    pub(crate) fn json(&self) -> String {
        let Self { calls, streams, starved, packets, lost, late_us, delay_us, .. } = self;
        let Self { jumps, filled, strangers, silent, said_late_us, .. } = self;
        format!(
            "{{\"calls\": {calls}, \"streams\": {streams}, \"starved\": {starved}, \"packets\": {packets}, \"lost\": {lost}, \
             \"late_us\": {late_us:?}, \"delay_us\": {delay_us:?}, \"jumps\": {jumps}, \"filled\": {filled}, \
             \"strangers\": {strangers}, \"silent\": {silent}, \"said_late_us\": {said_late_us:?}}}"
        )
    }
}

/// p50, p99, p99.9 and the most; zeros of nothing.
fn shares(mut values: Vec<i64>) -> [i64; 4] {
    values.sort_unstable();
    let at = |thousandths: usize| values.get(values.len() * thousandths / 1000).or(values.last()).copied();
    [500, 990, 999, 1000].map(|share| at(share).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The packet with this number, so much after its time, with what the partner said then.
    fn arrival(number: u32, late_us: i64, stamp: Option<Stamp>) -> Arrival {
        let at_us = 1_000_000 + i64::from(number) * 20_000 + late_us;
        // both counters turn over within the first packets
        let (sequence, timestamp) =
            (65_533u16.wrapping_add(number as u16), number.wrapping_sub(3).wrapping_mul(160));
        Arrival { sequence, timestamp, at_us, stamp, is_sound: true }
    }

    fn stamped(number: u32, late_us: i64, stream: u32) -> Arrival {
        let sent_us = (1_000_000 + number * 20_000).wrapping_sub(90_000);
        arrival(number, late_us, Some(Stamp { stream, first_sample: number * SAMPLES, moved: 0, sent_us }))
    }

    fn report(accounts: &[Account], words: &[&str]) -> Report {
        let options = Options::read(words.iter().map(ToString::to_string)).expect("known words");
        Report::new(accounts, vec![0, 5, 7], accounts.len() / 2, &options)
    }

    #[test]
    fn what_is_missing_late_or_said_twice_is_seen() {
        let mut account = Account::new(1);
        for number in (0..50).filter(|number| *number != 20) {
            account.add(&stamped(number, if number == 30 { 7000 } else { 100 }, 1), 1);
        }
        account.add(&arrival(50, 100, None), 1);
        account.add(&stamped(51, 100, 9), 1);
        let report = report(&[account, Account::new(1)], &["--seconds", "1"]);
        assert_eq!((report.packets, report.lost, report.starved), (51, 1, 1));
        // after the lost one, and after the one that was filled in
        assert_eq!((report.jumps, report.filled, report.strangers), (2, 1, 1));
        assert_eq!(report.late_us, [0, 6900, 6900, 6900]);
        assert_eq!((report.delay_us[0], report.delay_us[3]), (90_100, 97_000));
        assert_eq!(report.said_late_us, [5, 7, 7, 7]);
    }

    #[test]
    fn who_overtakes_loses_nothing() {
        let mut account = Account::new(1);
        [0, 1, 3, 2, 4].iter().for_each(|number| account.add(&stamped(*number, 0, 1), 1));
        let report = report(&[account, Account::new(1)], &["--seconds", "0"]);
        assert_eq!((report.packets, report.lost, report.starved), (5, 0, 0));
    }

    #[test]
    fn of_conferences_only_the_callers_listen() {
        let mut account = Account::new(1);
        (0..50).for_each(|number| account.add(&arrival(number, 0, None), 1));
        let report = report(&[account, Account::new(1)], &["--seconds", "1", "--pairs", "false"]);
        assert_eq!((report.streams, report.starved, report.filled, report.lost), (1, 0, 0, 0));
    }
}
