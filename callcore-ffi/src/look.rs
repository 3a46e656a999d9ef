//! What there is now, and what was: wide and slow-moving things as JSON.

use crate::guard::{entry, give_text, optional_json, put, text};
use crate::handles::{CORES, cc_core};
use crate::status::{Answer, CC_E_IO, CC_E_SHORT, Trouble};
use crate::types::*;
use callcore_rs::base::WallTime;
use callcore_rs::shell::store::Query;
use serde::Deserialize;
use serde_json::{Value, json};
use std::ffi::c_char;

/// Which finished calls are wanted; what is left out does not matter.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    since: Option<i64>,
    until: Option<i64>,
    calling: Option<String>,
    called: Option<String>,
    agent: Option<String>,
    queue: Option<String>,
    call: Option<u64>,
    limit: Option<usize>,
}

impl Wanted {
    fn query(self) -> Query {
        Query {
            since: self.since.map(WallTime),
            until: self.until.map(WallTime),
            calling: self.calling,
            called: self.called,
            agent: self.agent,
            queue: self.queue,
            call: self.call,
            limit: self.limit,
        }
    }
}

/// What there is now, as JSON: `"snapshot"` (devices, calls, queues, agents), `"queues"`, `"agents"`, `"calls"`, `"devices"`, `"stats"` (what has been counted),
/// `"prompts"`.
///
/// Threads: any. Blocks: for a moment. Ownership: a copy. Errors: `CC_E_ARG` (no such thing), `CC_E_SHORT` (`*need` bytes are needed), `CC_E_STATE`, `CC_E_GONE`, `CC_E_UNSUPPORTED`.
///
/// # Safety
/// `what` is NULL or NUL-terminated; `json` has `cap` bytes; `need` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_get(
    core: *mut cc_core,
    what: *const c_char,
    json: *mut c_char,
    cap: usize,
    need: *mut usize,
) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        // SAFETY: the caller's promises; here and below.
        let what = unsafe { text(what, "the name") }?;
        let engine = core.engine();
        let value = match what {
            "snapshot" => whole(engine.snapshot()?),
            "queues" => whole(engine.snapshot()?.queues),
            "agents" => whole(engine.snapshot()?.agents),
            "calls" => whole(engine.snapshot()?.calls),
            "devices" => whole(engine.snapshot()?.devices),
            "stats" => engine.counted()?,
            "prompts" => engine.with_prompts(|prompts| {
                let list = prompts.list();
                Ok(list
                    .iter()
                    .map(|info| json!({"name": info.key.to_string(), "ms": info.duration_ms}))
                    .collect())
            })?,
            other => {
                let text = format!(
                    "'{other}' is not known: use snapshot, queues, agents, calls, devices, stats or prompts"
                );
                return Err(Trouble::arg(text));
            }
        };
        // SAFETY: as above.
        unsafe { give_text(&value.to_string(), json, cap, need) }
    })
}

fn whole(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The records of finished calls, the newest first, as a JSON array. `query` is JSON, or NULL for all: `since`, `until` (milliseconds since 1970),
/// `calling`, `called`, `agent`, `queue`, `call`, `limit`. A call is in it some 50 ms after its end.
///
/// Threads: any. Blocks: while the database is read. Ownership: a copy. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_SHORT`, `CC_E_IO`, `CC_E_STATE`, `CC_E_GONE`.
///
/// # Safety
/// `query` is NULL or NUL-terminated; `json` has `cap` bytes; `need` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_records(
    core: *mut cc_core,
    query: *const c_char,
    json: *mut c_char,
    cap: usize,
    need: *mut usize,
) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        // SAFETY: the caller's promises; here and below.
        let wanted: Wanted = unsafe { optional_json(query, "the query") }?;
        let records = core.engine().records(&wanted.query())?;
        // SAFETY: as above.
        unsafe { give_text(&whole(records).to_string(), json, cap, need) }
    })
}

/// The ids of the calls that live, the oldest first. `*need` is how many there are.
///
/// Threads: any. Blocks: for a moment. Ownership: a copy. Errors: `CC_E_SHORT` (there are more than `cap`; the first `cap` were written), `CC_E_STATE`, `CC_E_GONE`.
///
/// # Safety
/// `ids` is NULL or has room for `cap`; `need` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_calls(
    core: *mut cc_core,
    ids: *mut cc_id,
    cap: usize,
    need: *mut usize,
) -> cc_status {
    entry(|| {
        let calls = CORES.get(core)?.engine().snapshot()?.calls;
        // SAFETY: the caller's promises; here and below.
        unsafe { put(need, calls.len()) };
        if !ids.is_null() {
            for (place, call) in calls.iter().take(cap).enumerate() {
                // SAFETY: as above.
                unsafe { put(ids.add(place), call.id.to_bits()) };
            }
        }
        let room = if ids.is_null() { 0 } else { cap };
        if calls.len() > room {
            return Err(Trouble::new(CC_E_SHORT, format!("there are {} calls", calls.len())));
        }
        Ok(())
    })
}

/// Adds a prompt, or a new version of one: the bytes of a WAV file (or AIFF, FLAC, Ogg Vorbis, MP3). New calls hear it at once. `name` may have a language: `"de/welcome"`.
///
/// Threads: any. Blocks: while it is converted and written. Ownership: `bytes` is borrowed.
/// Errors: `CC_E_ARG` (the name, the sound), `CC_E_UTF8`, `CC_E_IO`, `CC_E_STATE`, `CC_E_GONE`, `CC_E_UNSUPPORTED` (virtual time).
///
/// # Safety
/// `name` is NULL or NUL-terminated; `bytes` has `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_prompt_add(
    core: *mut cc_core,
    name: *const c_char,
    bytes: *const u8,
    len: usize,
) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        // SAFETY: the caller's promises; here and below.
        let name = unsafe { text(name, "the name") }?;
        if bytes.is_null() {
            return Err(Trouble::arg("the sound is NULL"));
        }
        if isize::try_from(len).is_err() {
            return Err(Trouble::arg(format!("{len} bytes are more than there can be")));
        }
        // SAFETY: as above.
        let sound = unsafe { std::slice::from_raw_parts(bytes, len) };
        core.engine().with_prompts(|prompts| add(prompts, name, sound))
    })
}

fn add(prompts: &callcore_rs::shell::Prompts, name: &str, sound: &[u8]) -> Answer {
    let key = name.parse().map_err(|why| Trouble::arg(format!("{name}: {why}")))?;
    let added = prompts.upload(&key, sound, "program");
    added.map(drop).map_err(|why| Trouble::new(CC_E_IO, why.to_string()))
}
