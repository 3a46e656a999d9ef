//! A centre behind the C face, as a stage for scenarios: what a program in C would do with the same functions.

use crate::callcore::call::CallId;
use crate::callcore::exchange::Command;
use crate::callcore::ledger::Entry;
use crate::callcore::sim::model::Act;
use crate::callcore::sim::scenario::Stage;
use libloading::Library;
use std::ffi::{CString, c_char, c_void};
use std::path::PathBuf;
use std::ptr;
use std::sync::OnceLock;
use std::time::Duration;

/// Of the header.
const CC_ABI: u32 = 0x0001_0000;
const CC_VIRTUAL_TIME: u32 = 1;
const CC_EV_DONE: u16 = 1;
const CC_EV_OFFERED: u16 = 16;
const CC_EV_FACT: u16 = 112;

/// `cc_core_params`.
#[repr(C)]
struct Params {
    size: u32,
    abi: u32,
    config: *const c_char,
    path: *const c_char,
    flags: u32,
    reserved: u32,
}

/// `cc_event`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Event {
    size: u32,
    kind: u16,
    flags: u16,
    t_ns: u64,
    seq: u64,
    call: u64,
    peer: u64,
    req: u64,
    user: u64,
    status: i32,
    cause: u16,
    end: u16,
    text_off: u32,
    text_len: u32,
    json_off: u32,
    json_len: u32,
}

/// A function of the header.
macro_rules! face {
    ($name:literal, fn($($argument:ty),*) $(-> $result:ty)?) => {{
        type Function = unsafe extern "C" fn($($argument),*) $(-> $result)?;
        // SAFETY: the type is the header's.
        let found = unsafe { library().get::<Function>($name) };
        found.expect("the header's functions are exported")
    }};
}

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        // SAFETY: it is this package's own; its initialisation does nothing.
        unsafe { Library::new(built()) }.expect("it is just built")
    })
}

/// A test is not linked with a C library, so cargo does not build it for the test.
fn built() -> PathBuf {
    let here = std::env::current_exe().expect("a test is a file");
    let target = here.ancestors().nth(3).expect("a test is in target/debug/deps");
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "callcore-ffi"]).env("CARGO_TARGET_DIR", target);
    assert!(cargo.status().expect("cargo runs").success(), "callcore-ffi does not build");
    target.join("debug/libcallcore.so")
}

pub(crate) struct CStage {
    core: *mut c_void,
    queue: *mut c_void,
    last_call: Option<CallId>,
    facts: Vec<Entry>,
}

impl CStage {
    /// A started centre in virtual time.
    pub(crate) fn new(config: &str) -> Self {
        let config = CString::new(config).expect("JSON has no NUL");
        let params = Params {
            size: size_of::<Params>() as u32,
            abi: CC_ABI,
            config: config.as_ptr(),
            path: ptr::null(),
            flags: CC_VIRTUAL_TIME,
            reserved: 0,
        };
        let (mut core, mut queue) = (ptr::null_mut::<c_void>(), ptr::null_mut::<c_void>());
        let new = face!(b"cc_core_new", fn(*const Params, *mut *mut c_void) -> i32);
        let queue_new = face!(b"cc_queue_new", fn(*mut c_void, *const c_char, u32, *mut *mut c_void) -> i32);
        let start = face!(b"cc_core_start", fn(*mut c_void) -> i32);
        // SAFETY: as the header wants it: texts end with NUL, places can be written.
        unsafe {
            accepted(new(&raw const params, &raw mut core)).expect("the centre is right");
            accepted(queue_new(core, c"{\"facts\":true}".as_ptr(), 1 << 24, &raw mut queue))
                .expect("a queue");
            accepted(start(core)).expect("it starts");
        }
        Self { core, queue, last_call: None, facts: Vec::new() }
    }

    /// Take what the queue has.
    fn read(&mut self) {
        let read = face!(b"cc_queue_read", fn(*mut c_void, *mut c_void, usize, *mut usize, i32) -> i32);
        let mut buffer = vec![0_u64; 8192];
        let mut got = 0;
        // SAFETY: the buffer has as many bytes as it is said to have.
        while unsafe { read(self.queue, buffer.as_mut_ptr().cast(), buffer.len() * 8, &raw mut got, 0) } == 0
        {
            // SAFETY: so many bytes were written.
            let bytes = unsafe { std::slice::from_raw_parts(buffer.as_ptr().cast::<u8>(), got) };
            self.take(bytes);
        }
    }

    /// Walk records by their size.
    fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            // SAFETY: a record begins with an event, and is as long as it says.
            let event = unsafe { bytes.as_ptr().cast::<Event>().read_unaligned() };
            let json = &bytes[event.json_off as usize..][..event.json_len as usize];
            match event.kind {
                CC_EV_FACT => self.facts.push(serde_json::from_slice(json).expect("an entry of the ledger")),
                CC_EV_OFFERED | CC_EV_DONE if event.call != 0 => {
                    self.last_call = CallId::from_bits(event.call)
                }
                _ => {}
            }
            bytes = &bytes[event.size as usize..];
        }
    }
}

impl Drop for CStage {
    fn drop(&mut self) {
        let core_free = face!(b"cc_core_free", fn(*mut c_void));
        let queue_free = face!(b"cc_queue_free", fn(*mut c_void));
        // SAFETY: they are this stage's, and used no more.
        unsafe {
            core_free(self.core);
            queue_free(self.queue);
        }
    }
}

/// What the last function that failed has to say.
fn accepted(status: i32) -> Result<(), String> {
    if status >= 0 {
        return Ok(());
    }
    let last_error = face!(b"cc_last_error", fn(*mut c_char, usize) -> usize);
    let mut words = vec![0_u8; 4096];
    // SAFETY: the buffer has so many bytes.
    let need = unsafe { last_error(words.as_mut_ptr().cast(), words.len()) };
    words.truncate(need.saturating_sub(1));
    Err(String::from_utf8_lossy(&words).into_owned())
}

fn c_text(text: &str) -> CString {
    CString::new(text).expect("words have no NUL")
}

impl Stage for CStage {
    fn act(&mut self, act: &Act) -> Result<(), String> {
        let function = face!(b"cc_sim_act", fn(*mut c_void, *const c_char, *const c_char) -> i32);
        let line = c_text(&act.to_string());
        // SAFETY: the texts end with NUL.
        accepted(unsafe { function(self.core, c"sim".as_ptr(), line.as_ptr()) })
    }

    fn command(&mut self, command: Command) -> Result<(), String> {
        let function = face!(b"cc_command", fn(*mut c_void, *const c_char, *mut u64) -> i32);
        let words = c_text(&serde_json::to_string(&command).map_err(|why| why.to_string())?);
        // SAFETY: the text ends with NUL; the place may be NULL.
        accepted(unsafe { function(self.core, words.as_ptr(), ptr::null_mut()) })
    }

    fn last_call(&mut self) -> Option<CallId> {
        self.read();
        self.last_call
    }

    fn entries(&mut self, within: Duration) -> Vec<Entry> {
        self.read();
        if self.facts.is_empty() { self.wait(within) } else { std::mem::take(&mut self.facts) }
    }

    fn wait(&mut self, time: Duration) -> Vec<Entry> {
        let function = face!(b"cc_sim_run", fn(*mut c_void, u64) -> i32);
        let ms = u64::try_from(time.as_millis()).expect("scenarios are short");
        // SAFETY: the core lives.
        accepted(unsafe { function(self.core, ms) }).expect("time goes on");
        self.read();
        std::mem::take(&mut self.facts)
    }
}
