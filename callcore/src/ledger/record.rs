//! Call records (CDR): every call of the ledger becomes exactly one, when its last fact comes.
//!
//! A record is a projection: fed the same entries it is the same, byte for byte, so it may be thrown away and made
//! again. All durations come from the monotonic clock, all times of day from the wall clock; the two are never mixed.

use super::Entry;
use crate::base::{Instant, WallTime};
use crate::board::Cause;
use crate::call::{CallNumber, Dequeue, Fact, OfferEnd, Party, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most keys a record keeps; a caller may press more, the ledger has them all.
pub const RECORD_DIGITS_MAX: usize = 64;

/// What became of a call. The first line that fits is the outcome:
///
/// 1. `cut_off`: the program ended while the call lived (fact `CutOff`).
/// 2. `answered_by_agent`: an agent was ever connected with the caller.
/// 3. `answered_by_extension`: an extension or outside number was, and never an agent.
/// 4. `failed`: a line, a board or the program ended it (`Ended` by `failure`).
/// 5. by the end of its last wait in a queue: `abandoned`, `timed_out` (it overflowed after the longest wait), or
///    `refused` (the queue was full or nobody serves it).
/// 6. `not_answered`: somebody was rung for it, or it was a call from here, and nobody answered.
/// 7. `self_service`: it was answered and a flow or the application alone served it, it was a dialled agent code, or it was
///    somebody else's, on a line that is only listened to.
/// 8. `refused`: it was never answered and the system ended it: no route, a block, a limit.
/// 9. `not_answered`: everything else; the caller gave up before anybody or anything answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // defined above, in the order in which they are tried
pub enum Outcome {
    AnsweredByAgent,
    AnsweredByExtension,
    SelfService,
    Abandoned,
    TimedOut,
    Refused,
    Failed,
    CutOff,
    NotAnswered,
}

/// Which way a call went at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It came in by a channel, from outside or from an extension.
    In,
    /// It was made from here.
    Out,
}

/// One finished call. The names are those of the JSON form and of the columns of the database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The call's number, unique for ever on its node.
    pub call: CallNumber,
    /// In or out.
    pub direction: Direction,
    /// Whose number it came from (ANI); empty if unknown.
    pub calling: String,
    /// The number that was dialled (DNIS, or whom we called); empty on a line that has none.
    pub called: String,
    /// The caller's name, if the line told it.
    pub name: String,
    /// Endpoint or trunk it came by.
    pub via: String,
    /// The caller's channel as `device:index`; empty if the call never had one.
    pub channel: String,
    /// Whether an extension of the node called.
    pub internal: bool,
    /// When it came in or was made: milliseconds since 1970.
    pub started: WallTime,
    /// When the caller's leg was answered, by whomever or whatever: milliseconds since 1970.
    pub answered: Option<WallTime>,
    /// When it was over: milliseconds since 1970. Of a call that was cut off: its last fact known.
    pub ended: WallTime,
    /// From its start to its end.
    pub duration_ms: u64,
    /// From the answer of the caller's leg to the end: what the caller pays for. 0 if it was never answered.
    pub connected_ms: u64,
    /// The last flow it was in.
    pub flow: Option<Arc<str>>,
    /// The last node of that flow.
    pub node: Option<Arc<str>>,
    /// Keys the caller pressed before the first conversation, at most [`RECORD_DIGITS_MAX`].
    pub digits: String,
    /// The last queue it waited in.
    pub queue: Option<Arc<str>>,
    /// Time in all queues together, ringing of agents included.
    pub queue_ms: u64,
    /// How long the phone rang of whoever answered it first.
    pub ring_ms: Option<u64>,
    /// How many offers were made to agents.
    pub offers: u32,
    /// The last agent who talked with the caller.
    pub agent: Option<Arc<str>>,
    /// The number of the last other party that talked with the caller.
    pub party: Option<String>,
    /// Time the caller and another party heard each other, all conversations together.
    pub talk_ms: u64,
    /// How often a far end put the call on hold.
    pub holds: u32,
    /// The last recording's file, below the recordings' folder.
    pub recording: Option<Arc<str>>,
    /// The sound in the call's recordings; none if none was completed.
    pub recording_ms: Option<u64>,
    /// Why a recording is not whole.
    pub recording_error: Option<String>,
    /// Frames of audio that are missing in its recordings.
    pub gap_frames: u64,
    /// Why it ended: Q.850 cause value; none if it was cut off.
    pub cause_q850: Option<u8>,
    /// That cause in words.
    pub cause: Option<String>,
    /// Who ended it; none if it was cut off.
    pub ended_by: Option<Party>,
    /// What became of it.
    pub outcome: Outcome,
}

/// Folds ledger entries into call records. Holds no more than the calls that live.
///
/// There is no state worth saving: fed the ledger from its begin, or from any point at which no call lived, it is
/// the same again.
#[derive(Clone, Debug, Default)]
pub struct Records {
    open: BTreeMap<CallNumber, Open>,
}

impl Records {
    /// No call yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Take the next entry; the record of the call that it ends, if it ends one.
    ///
    /// An entry of a call whose begin was not seen changes nothing.
    pub fn push(&mut self, entry: &Entry) -> Option<CallRecord> {
        let number = entry.call?;
        match &entry.fact {
            Fact::Arrived { .. } | Fact::Originated { .. } => {
                self.open.entry(number).or_insert_with(|| Open::begin(number, entry));
                None
            }
            Fact::Ended { cause, by } => {
                self.open.remove(&number).map(|open| open.finish(entry.at, entry.wall, Some((*cause, *by))))
            }
            Fact::CutOff => self.open.remove(&number).map(Open::cut_off),
            fact => {
                self.open.get_mut(&number)?.push(entry, fact);
                None
            }
        }
    }

    /// The calls that have begun and not ended, in the order of their numbers.
    pub fn open(&self) -> impl ExactSizeIterator<Item = CallNumber> {
        self.open.keys().copied()
    }

    /// The file and number of each recording of open calls that nobody has reported complete or failed.
    pub fn open_recordings(&self) -> impl Iterator<Item = (CallNumber, u64, Arc<str>)> {
        self.open.iter().flat_map(|(&call, open)| {
            open.recordings.iter().map(move |(recording, path)| (call, *recording, Arc::clone(path)))
        })
    }
}

/// A call that lives, as far as its facts tell.
#[derive(Clone, Debug)]
struct Open {
    record: CallRecord,
    began: Instant,
    answered_at: Option<Instant>,
    last: (Instant, WallTime),
    waiting: Option<Instant>,
    wait_end: Option<Dequeue>,
    bridged: Option<Instant>,
    talked: Option<Outcome>,
    rung: bool,
    code: bool,
    legs: Vec<(u64, Instant)>,
    recordings: Vec<(u64, Arc<str>)>,
}

impl Open {
    fn begin(number: CallNumber, entry: &Entry) -> Self {
        let mut record = empty(number, entry.wall);
        match &entry.fact {
            Fact::Arrived { channel, calling, called, name, via, internal } => {
                record.channel = channel.to_string();
                record.internal = *internal;
                (record.calling, record.called) = (calling.clone(), called.clone());
                (record.name, record.via) = (name.clone(), via.clone());
            }
            Fact::Originated { to } => {
                record.direction = Direction::Out;
                record.called = to.split_once(':').map_or(to.as_str(), |(_, number)| number).to_owned();
            }
            _ => {}
        }
        Self {
            rung: record.direction == Direction::Out,
            record,
            began: entry.at,
            answered_at: None,
            last: (entry.at, entry.wall),
            waiting: None,
            wait_end: None,
            bridged: None,
            talked: None,
            code: false,
            legs: Vec::new(),
            recordings: Vec::new(),
        }
    }

    fn push(&mut self, entry: &Entry, fact: &Fact) {
        self.last = (entry.at, entry.wall);
        let record = &mut self.record;
        match fact {
            Fact::CallInfo { calling, called, name } => {
                (record.calling, record.called) = (calling.clone(), called.clone());
                record.name.clone_from(name);
            }
            Fact::Routed { to } => self.code = to.starts_with("agent:"),
            Fact::Answered if self.answered_at.is_none() => {
                self.answered_at = Some(entry.at);
                record.answered = Some(entry.wall);
            }
            Fact::NodeEntered { flow, node } => {
                (record.flow, record.node) = (Some(Arc::clone(flow)), Some(Arc::clone(node)));
            }
            Fact::DigitReceived { digit }
                if self.talked.is_none() && record.digits.len() < RECORD_DIGITS_MAX =>
            {
                record.digits.push(digit.char());
            }
            Fact::LegHeld { .. } | Fact::Held { .. } => record.holds += 1,
            Fact::Queued { .. } | Fact::Offered { .. } | Fact::OfferEnded { .. } | Fact::Dequeued { .. } => {
                self.push_queue(entry.at, fact);
            }
            Fact::LegBegun { .. } | Fact::LegAnswered { .. } | Fact::LegEnded { .. } => {
                self.push_leg(entry.at, fact)
            }
            Fact::Bridged { .. } | Fact::Unbridged { .. } => self.push_talk(entry.at, fact),
            Fact::RecordingStarted { .. }
            | Fact::RecordingGap { .. }
            | Fact::RecordingCompleted { .. }
            | Fact::RecordingFailed { .. } => self.push_recording(fact),
            _ => {}
        }
    }

    fn push_queue(&mut self, at: Instant, fact: &Fact) {
        let record = &mut self.record;
        match fact {
            Fact::Queued { queue } => {
                record.queue = Some(Arc::clone(queue));
                self.waiting = Some(at);
            }
            Fact::Offered { .. } => {
                record.offers += 1;
                self.rung = true;
            }
            Fact::OfferEnded { end: OfferEnd::Answered, ring_ms, .. } => {
                record.ring_ms.get_or_insert(*ring_ms);
            }
            Fact::Dequeued { end, wait_ms, .. } => {
                record.queue_ms += wait_ms;
                self.waiting = None;
                self.wait_end = Some(*end);
            }
            _ => {}
        }
    }

    fn push_leg(&mut self, at: Instant, fact: &Fact) {
        match fact {
            Fact::LegBegun { role: Role::Caller, channel, .. } => self.record.channel = channel.to_string(),
            Fact::LegBegun { leg, .. } => {
                self.rung = true;
                self.legs.push((*leg, at));
            }
            Fact::LegAnswered { leg, .. } => {
                if let Some(&(_, begun)) = self.legs.iter().find(|(it, _)| it == leg) {
                    self.record.ring_ms.get_or_insert(at.millis_since(begun));
                }
            }
            Fact::LegEnded { leg, .. } => self.legs.retain(|(it, _)| it != leg),
            _ => {}
        }
    }

    fn push_talk(&mut self, at: Instant, fact: &Fact) {
        match fact {
            Fact::Bridged { agent, number, .. } => {
                self.bridged = Some(at);
                self.record.party = Some(number.clone());
                if let Some(agent) = agent {
                    self.record.agent = Some(Arc::clone(agent));
                    self.talked = Some(Outcome::AnsweredByAgent);
                }
                self.talked.get_or_insert(Outcome::AnsweredByExtension);
            }
            Fact::Unbridged { talk_ms } => {
                self.bridged = None;
                self.record.talk_ms += talk_ms;
            }
            _ => {}
        }
    }

    fn push_recording(&mut self, fact: &Fact) {
        let record = &mut self.record;
        match fact {
            Fact::RecordingStarted { recording, path } => {
                record.recording = Some(Arc::clone(path));
                self.recordings.push((*recording, Arc::clone(path)));
            }
            Fact::RecordingGap { frames, .. } => record.gap_frames += frames,
            Fact::RecordingCompleted { recording, duration_ms } => {
                *record.recording_ms.get_or_insert(0) += duration_ms;
                self.recordings.retain(|(it, _)| it != recording);
            }
            Fact::RecordingFailed { recording, text } => {
                record.recording_error = Some(text.clone());
                self.recordings.retain(|(it, _)| it != recording);
            }
            _ => {}
        }
    }

    /// What lasted when the program ended is counted up to the last fact known, and no further.
    fn cut_off(mut self) -> CallRecord {
        let (at, wall) = self.last;
        self.record.queue_ms += self.waiting.map_or(0, |since| at.millis_since(since));
        self.record.talk_ms += self.bridged.map_or(0, |since| at.millis_since(since));
        self.finish(at, wall, None)
    }

    fn finish(mut self, at: Instant, wall: WallTime, end: Option<(Cause, Party)>) -> CallRecord {
        self.record.outcome = self.outcome(end.map(|(_, by)| by));
        let mut record = self.record;
        record.ended = wall;
        record.duration_ms = at.millis_since(self.began);
        record.connected_ms = self.answered_at.map_or(0, |answered| at.millis_since(answered));
        if let Some((cause, by)) = end {
            record.cause_q850 = Some(cause.q850);
            record.cause = Some(cause.text().to_owned());
            record.ended_by = Some(by);
        }
        record
    }

    /// The order of the definitions at [`Outcome`].
    fn outcome(&self, by: Option<Party>) -> Outcome {
        let Some(by) = by else { return Outcome::CutOff };
        if let Some(talked) = self.talked {
            return talked;
        }
        match (by, self.wait_end) {
            (Party::Failure, _) => Outcome::Failed,
            (_, Some(Dequeue::Abandoned)) => Outcome::Abandoned,
            (_, Some(Dequeue::TimedOut)) => Outcome::TimedOut,
            (_, Some(Dequeue::Refused)) => Outcome::Refused,
            _ if self.rung => Outcome::NotAnswered,
            _ if self.code || self.answered_at.is_some() => Outcome::SelfService,
            (Party::System, _) => Outcome::Refused,
            (Party::Caller | Party::Called, _) => Outcome::NotAnswered,
        }
    }
}

fn empty(call: CallNumber, wall: WallTime) -> CallRecord {
    CallRecord {
        call,
        direction: Direction::In,
        calling: String::new(),
        called: String::new(),
        name: String::new(),
        via: String::new(),
        channel: String::new(),
        internal: false,
        started: wall,
        answered: None,
        ended: wall,
        duration_ms: 0,
        connected_ms: 0,
        flow: None,
        node: None,
        digits: String::new(),
        queue: None,
        queue_ms: 0,
        ring_ms: None,
        offers: 0,
        agent: None,
        party: None,
        talk_ms: 0,
        holds: 0,
        recording: None,
        recording_ms: None,
        recording_error: None,
        gap_frames: 0,
        cause_q850: None,
        cause: None,
        ended_by: None,
        outcome: Outcome::NotAnswered,
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
