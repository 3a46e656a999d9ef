//! News of the core as records: the fixed part that every event has, a short text, and all of it as JSON.

use crate::status::{self, CC_OK};
use crate::types::*;
use callcore_rs::call::CallId;
use callcore_rs::exchange::{CollectEnd, Event, PlayEnd, RecordEnd};
use callcore_rs::ledger::Entry;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::mem::offset_of;

/// One record, whole but for its number in a queue.
pub(crate) struct Record(Vec<u8>);

const HEAD: usize = size_of::<cc_event>();
const SEQ: usize = offset_of!(cc_event, seq);
/// Bytes that the JSON of most events has room in.
const JSON_USUAL: usize = 160;

/// The JSON of events that are not the exchange's.
#[derive(Serialize)]
struct Own {
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

impl Record {
    fn new(mut head: cc_event, text: &str, json: &impl Serialize) -> Self {
        let mut bytes = Vec::with_capacity(HEAD + text.len() + JSON_USUAL);
        bytes.resize(HEAD, 0);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        (head.text_off, head.text_len) = (HEAD as u32, text.len() as u32);
        head.json_off = bytes.len() as u32;
        // a vector takes everything, and the names of an event's members are texts
        let _ = serde_json::to_writer(&mut bytes, json);
        head.json_len = bytes.len() as u32 - head.json_off;
        bytes.push(0);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        head.size = bytes.len() as u32;
        // SAFETY: a cc_event has no padding, and the vector begins with room for one.
        unsafe { std::ptr::copy_nonoverlapping((&raw const head).cast(), bytes.as_mut_ptr(), HEAD) };
        Self(bytes)
    }

    /// So many events were lost to a queue.
    pub(crate) fn lost(count: u64, t_ns: u64) -> Self {
        let head = cc_event { t_ns, r#type: CC_EV_LOST, ..empty() };
        Self::new(head, &count.to_string(), &Own { event: "lost", count: Some(count) })
    }

    /// The core has stopped.
    pub(crate) fn stopped(t_ns: u64) -> Self {
        let head = cc_event { t_ns, r#type: CC_EV_STOPPED, ..empty() };
        Self::new(head, "", &Own { event: "stopped", count: None })
    }

    /// An entry of the ledger.
    pub(crate) fn fact(entry: &Entry, t_ns: u64) -> Self {
        let json = serde_json::to_value(entry).unwrap_or_default();
        let name = find(&json, "fact").and_then(Value::as_str).unwrap_or_default();
        Self::new(cc_event { t_ns, r#type: CC_EV_FACT, ..empty() }, name, &json)
    }

    /// News for the application; `head` is what [`head`] says of it, with its time and the tag of its call.
    pub(crate) fn event(event: &Event, head: cc_event) -> Self {
        Self::new(head, &text(event), event)
    }

    pub(crate) fn size(&self) -> usize {
        self.0.len()
    }

    /// Its JSON.
    pub(crate) fn json(&self) -> String {
        let at = |member: usize| {
            let bytes = self.0[member..].first_chunk().copied().unwrap_or_default();
            u32::from_ne_bytes(bytes) as usize
        };
        let (begin, len) = (at(offset_of!(cc_event, json_off)), at(offset_of!(cc_event, json_len)));
        String::from_utf8_lossy(&self.0[begin..begin + len]).into_owned()
    }

    /// Its bytes, as number 0 of a queue.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its bytes as this number of a queue, in three pieces.
    pub(crate) fn numbered<'a>(&'a self, seq: &'a [u8; 8]) -> [&'a [u8]; 3] {
        [&self.0[..SEQ], seq, &self.0[SEQ + seq.len()..]]
    }
}

/// A member anywhere in an entry.
fn find<'a>(json: &'a Value, name: &str) -> Option<&'a Value> {
    json.get(name).or_else(|| json.as_object()?.values().find_map(|value| value.get(name)))
}

pub(crate) const fn empty() -> cc_event {
    cc_event {
        size: 0,
        r#type: 0,
        flags: 0,
        t_ns: 0,
        seq: 0,
        call: 0,
        peer: 0,
        req: 0,
        user: 0,
        status: CC_OK,
        cause: 0,
        end: 0,
        text_off: 0,
        text_len: 0,
        json_off: 0,
        json_len: 0,
    }
}

/// The fixed part of an event, without its size, number and time: all that a queue's filter looks at.
pub(crate) fn head(event: &Event) -> cc_event {
    let of = |kind: u16, call: &CallId| cc_event { r#type: kind, call: call.to_bits(), ..empty() };
    let by = |kind, call, req: &cc_req| cc_event { req: *req, ..of(kind, call) };
    match event {
        Event::Done { request, call, failed } => {
            let status = failed.as_ref().map_or(CC_OK, |refused| status::of(refused.why));
            let call = call.map_or(0, |call| call.to_bits());
            cc_event { r#type: CC_EV_DONE, req: *request, call, status, ..empty() }
        }
        Event::Offered { call, .. } => of(CC_EV_OFFERED, call),
        Event::Originated { call, request } => by(CC_EV_ORIGINATED, call, request),
        Event::CallInfo { call, .. } => of(CC_EV_INFO, call),
        Event::Answered { call } => of(CC_EV_ANSWERED, call),
        Event::Digit { call, .. } => of(CC_EV_DIGIT, call),
        Event::Heard { call, .. } => of(CC_EV_HEARD, call),
        Event::LongSilence { call, .. } => of(CC_EV_LONG_SILENCE, call),
        Event::Speaking { call, .. } => of(CC_EV_SPEAKING, call),
        Event::Joined { call, .. } => of(CC_EV_JOINED, call),
        Event::Left { call, .. } => of(CC_EV_LEFT, call),
        Event::Sent { call } => of(CC_EV_SENT, call),
        Event::Played { call, request, end } => {
            cc_event { end: play_end(*end), ..by(CC_EV_PLAY_DONE, call, request) }
        }
        Event::Collected { call, request, end, .. } => {
            cc_event { end: collect_end(*end), ..by(CC_EV_COLLECT_DONE, call, request) }
        }
        Event::RecordingStarted { call, request, .. } => {
            by(CC_EV_RECORD_STARTED, call, &request.unwrap_or(0))
        }
        Event::RecordingCompleted { call, request, end, .. } => {
            cc_event { end: record_end(*end), ..by(CC_EV_RECORD_DONE, call, &request.unwrap_or(0)) }
        }
        Event::RecordingFailed { call, request, .. } => {
            cc_event { end: CC_END_FAILED, ..by(CC_EV_RECORD_DONE, call, &request.unwrap_or(0)) }
        }
        Event::Bridged { call, with, request } => {
            cc_event { peer: with.to_bits(), ..by(CC_EV_BRIDGED, call, request) }
        }
        Event::Unbridged { call, with, request, cause } => {
            let cause = cause.q850.into();
            cc_event { peer: with.to_bits(), cause, ..by(CC_EV_UNBRIDGED, call, request) }
        }
        Event::SupervisionEnded { call, request } => by(CC_EV_SUPERVISION_ENDED, call, request),
        Event::PartingAnnounced { call, .. } => of(CC_EV_PARTING, call),
        Event::Ended { call, cause } => cc_event { cause: cause.q850.into(), ..of(CC_EV_ENDED, call) },
        Event::LineMeasured { .. } => cc_event { r#type: CC_EV_LINE, ..empty() },
        Event::Stopped => cc_event { r#type: CC_EV_STOPPED, ..empty() },
    }
}

/// The short text of an event.
fn text(event: &Event) -> Cow<'_, str> {
    match event {
        Event::Done { failed: Some(refused), .. } => refused.text.as_str().into(),
        Event::Offered { incoming, .. } | Event::CallInfo { incoming, .. } => {
            incoming.calling.as_str().into()
        }
        Event::Digit { digit, .. } => digit.char().to_string().into(),
        Event::LongSilence { silent_ms, .. } => silent_ms.to_string().into(),
        Event::Speaking { on, .. } => if *on { "1" } else { "0" }.into(),
        Event::Joined { conference, .. } | Event::Left { conference, .. } => (&**conference).into(),
        Event::Collected { digits, .. } => digits.as_str().into(),
        Event::RecordingStarted { path, .. }
        | Event::RecordingCompleted { path, .. }
        | Event::RecordingFailed { path, .. } => (&**path).into(),
        Event::Unbridged { cause, .. } | Event::Ended { cause, .. } => cause.text().into(),
        Event::PartingAnnounced { left_ms, .. } => left_ms.to_string().into(),
        Event::LineMeasured { channel, .. } => channel.to_string().into(),
        Event::Done { failed: None, .. }
        | Event::Originated { .. }
        | Event::Answered { .. }
        | Event::Heard { .. }
        | Event::Sent { .. }
        | Event::Played { .. }
        | Event::Bridged { .. }
        | Event::SupervisionEnded { .. }
        | Event::Stopped => "".into(),
    }
}

const fn play_end(end: PlayEnd) -> u16 {
    match end {
        PlayEnd::Whole => CC_END_COMPLETE,
        PlayEnd::Failed => CC_END_FAILED,
        PlayEnd::Stopped => CC_END_STOPPED,
        PlayEnd::Ended => CC_END_CALL,
    }
}

const fn collect_end(end: CollectEnd) -> u16 {
    match end {
        CollectEnd::Full => CC_END_COMPLETE,
        CollectEnd::Terminator(_) => CC_END_TERMINATOR,
        CollectEnd::FirstDigitTimeout => CC_END_FIRST_DIGIT,
        CollectEnd::InterDigitTimeout => CC_END_INTER_DIGIT,
        CollectEnd::Stopped => CC_END_STOPPED,
        CollectEnd::Ended => CC_END_CALL,
    }
}

const fn record_end(end: RecordEnd) -> u16 {
    match end {
        RecordEnd::Full => CC_END_COMPLETE,
        RecordEnd::Stopped => CC_END_STOPPED,
        RecordEnd::Silence => CC_END_SILENCE,
        RecordEnd::Key(_) => CC_END_KEY,
        RecordEnd::Ended => CC_END_CALL,
    }
}
