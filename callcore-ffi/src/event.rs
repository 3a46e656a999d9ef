//! News of the core as records: the fixed part that every event has, a short text, and all of it as JSON.

use crate::status::{self, CC_OK};
use crate::types::*;
use callcore_rs::exchange::{CollectEnd, Event, PlayEnd, RecordEnd};
use callcore_rs::ledger::Entry;
use serde_json::Value;

/// One record, whole but for its number in a queue.
pub(crate) struct Record {
    head: cc_event,
    tail: Vec<u8>,
}

const HEAD: usize = size_of::<cc_event>();

impl Record {
    fn new(mut head: cc_event, text: &str, json: &str) -> Self {
        let mut tail = Vec::with_capacity((text.len() + json.len() + 2).next_multiple_of(8));
        for part in [text, json] {
            tail.extend_from_slice(part.as_bytes());
            tail.push(0);
        }
        tail.resize(tail.len().next_multiple_of(8), 0);
        (head.text_off, head.text_len) = (HEAD as u32, text.len() as u32);
        (head.json_off, head.json_len) = ((HEAD + text.len() + 1) as u32, json.len() as u32);
        head.size = (HEAD + tail.len()) as u32;
        Self { head, tail }
    }

    /// So many events were lost to a queue.
    pub(crate) fn lost(count: u64, t_ns: u64) -> Self {
        let head = cc_event { t_ns, r#type: CC_EV_LOST, ..empty() };
        Self::new(head, &count.to_string(), &format!("{{\"event\":\"lost\",\"count\":{count}}}"))
    }

    /// The core has stopped.
    pub(crate) fn stopped(t_ns: u64) -> Self {
        Self::new(cc_event { t_ns, r#type: CC_EV_STOPPED, ..empty() }, "", "{\"event\":\"stopped\"}")
    }

    /// An entry of the ledger.
    pub(crate) fn fact(entry: &Entry, t_ns: u64) -> Self {
        let json = serde_json::to_value(entry).unwrap_or_default();
        let name = find(&json, "fact").and_then(Value::as_str).unwrap_or_default().to_owned();
        Self::new(cc_event { t_ns, r#type: CC_EV_FACT, ..empty() }, &name, &json.to_string())
    }

    /// News for the application; `user` is the tag of its call.
    pub(crate) fn event(event: &Event, t_ns: u64, user: u64) -> Self {
        let (head, text) = parts(event);
        let json = serde_json::to_string(event).unwrap_or_default();
        Self::new(cc_event { t_ns, user, ..head }, &text, &json)
    }

    pub(crate) fn size(&self) -> usize {
        HEAD + self.tail.len()
    }

    pub(crate) fn t_ns(&self) -> u64 {
        self.head.t_ns
    }

    /// Its JSON.
    pub(crate) fn json(&self) -> String {
        let begin = self.head.json_off as usize - HEAD;
        String::from_utf8_lossy(&self.tail[begin..begin + self.head.json_len as usize]).into_owned()
    }

    pub(crate) fn head(&self) -> &cc_event {
        &self.head
    }

    /// Its bytes as number `seq` of a queue, to a place of [`Record::size`] bytes.
    ///
    /// # Safety
    /// There are so many.
    pub(crate) unsafe fn write(&self, seq: u64, to: *mut u8) {
        let head = cc_event { seq, ..self.head };
        // SAFETY: the caller's promise; a cc_event has no padding.
        unsafe {
            std::ptr::copy_nonoverlapping((&raw const head).cast(), to, HEAD);
            std::ptr::copy_nonoverlapping(self.tail.as_ptr(), to.add(HEAD), self.tail.len());
        }
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

/// The call that an event is about.
pub(crate) fn call_of(event: &Event) -> u64 {
    parts(event).0.call
}

/// The fixed part and the text of an event; without its size, number and time.
fn parts(event: &Event) -> (cc_event, String) {
    let of = |kind: u16, call: callcore_rs::call::CallId| cc_event {
        r#type: kind,
        call: call.to_bits(),
        ..empty()
    };
    let by = |kind, call, req| cc_event { req, ..of(kind, call) };
    let plain = |kind, call| (of(kind, call), String::new());
    match event {
        Event::Done { request, call, failed } => {
            let status = failed.as_ref().map_or(CC_OK, |refused| status::of(refused.why));
            let call = call.map_or(0, |call| call.to_bits());
            let text = failed.as_ref().map_or_else(String::new, |refused| refused.text.clone());
            (cc_event { r#type: CC_EV_DONE, req: *request, call, status, ..empty() }, text)
        }
        Event::Offered { call, incoming, .. } => (of(CC_EV_OFFERED, *call), incoming.calling.clone()),
        Event::CallInfo { call, incoming } => (of(CC_EV_INFO, *call), incoming.calling.clone()),
        Event::Answered { call } => plain(CC_EV_ANSWERED, *call),
        Event::Digit { call, digit } => (of(CC_EV_DIGIT, *call), digit.char().to_string()),
        Event::Heard { call, .. } => plain(CC_EV_HEARD, *call),
        Event::LongSilence { call, silent_ms } => (of(CC_EV_LONG_SILENCE, *call), silent_ms.to_string()),
        Event::Speaking { call, on } => (of(CC_EV_SPEAKING, *call), u8::from(*on).to_string()),
        Event::Joined { call, conference } => (of(CC_EV_JOINED, *call), conference.to_string()),
        Event::Left { call, conference } => (of(CC_EV_LEFT, *call), conference.to_string()),
        Event::Sent { call } => plain(CC_EV_SENT, *call),
        Event::Played { call, request, end } => {
            (cc_event { end: play_end(*end), ..by(CC_EV_PLAY_DONE, *call, *request) }, String::new())
        }
        Event::Collected { call, request, digits, end } => {
            let head = by(CC_EV_COLLECT_DONE, *call, *request);
            (cc_event { end: collect_end(*end), ..head }, digits.as_str().to_owned())
        }
        Event::RecordingStarted { call, request, path } => {
            (by(CC_EV_RECORD_STARTED, *call, request.unwrap_or(0)), path.to_string())
        }
        Event::RecordingCompleted { call, request, path, end, .. } => {
            let head = by(CC_EV_RECORD_DONE, *call, request.unwrap_or(0));
            (cc_event { end: record_end(*end), ..head }, path.to_string())
        }
        Event::RecordingFailed { call, request, path, .. } => {
            let head = by(CC_EV_RECORD_DONE, *call, request.unwrap_or(0));
            (cc_event { end: CC_END_FAILED, ..head }, path.to_string())
        }
        Event::Bridged { call, with, request } => {
            let head = by(CC_EV_BRIDGED, *call, *request);
            (cc_event { peer: with.to_bits(), ..head }, String::new())
        }
        Event::Unbridged { call, with, request, cause } => {
            let head = by(CC_EV_UNBRIDGED, *call, *request);
            (cc_event { peer: with.to_bits(), cause: cause.q850.into(), ..head }, cause.text().to_owned())
        }
        Event::SupervisionEnded { call, request } => {
            (by(CC_EV_SUPERVISION_ENDED, *call, *request), String::new())
        }
        Event::PartingAnnounced { call, left_ms } => (of(CC_EV_PARTING, *call), left_ms.to_string()),
        Event::Ended { call, cause } => {
            (cc_event { cause: cause.q850.into(), ..of(CC_EV_ENDED, *call) }, cause.text().to_owned())
        }
        Event::LineMeasured { channel, .. } => {
            (cc_event { r#type: CC_EV_LINE, ..empty() }, channel.to_string())
        }
        Event::Stopped => (cc_event { r#type: CC_EV_STOPPED, ..empty() }, String::new()),
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
