//! The structs of the header, and the numbers that stand in them.
#![allow(non_camel_case_types)]

use crate::guard::Growing;
use std::ffi::{c_char, c_void};
use std::mem::offset_of;

/// The version of the contract that this header is: major in the upper half, minor in the lower.
pub const CC_ABI: u32 = 0x0001_0000;

/// Names anything: `kind(8) | generation(24) | index(32)`. One that is stale is `CC_E_GONE`, never somebody else's; 0 is none.
pub type cc_id = u64;
/// Names an accepted command; the events that come of it carry it. 0 is none.
pub type cc_req = u64;
/// 0, or below 0 one of `CC_E_*`.
pub type cc_status = i32;

/// In `cc_core_params.flags`: the centre runs in virtual time, with simulated lines and people. Time stands still until a function
/// that waits lets it go on: `cc_sim_run`, `cc_queue_read`, `cc_wait`.
pub const CC_VIRTUAL_TIME: u32 = 1;

/// What a core is made from.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct cc_core_params {
    /// `sizeof(cc_core_params)`.
    pub size: u32,
    /// `CC_ABI`: the version that the program was written for.
    pub abi: u32,
    /// The configuration as text, TOML or JSON: what `callcore-server` takes. Or NULL, and `path` names a file.
    pub config: *const c_char,
    /// A file with the configuration, or NULL. Both NULL: a small simulated centre.
    pub path: *const c_char,
    /// `CC_VIRTUAL_TIME`, or 0.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
}

/// Something that happened. In a queue it is followed by its text and its JSON; `size` leads to the next.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct cc_event {
    /// Bytes of the whole record, a multiple of 8.
    pub size: u32,
    /// `CC_EV_*`.
    pub r#type: u16,
    /// 0.
    pub flags: u16,
    /// When, in nanoseconds of the core's clock.
    pub t_ns: u64,
    /// Number in this queue, from 1; a gap is announced by `CC_EV_LOST`.
    pub seq: u64,
    /// The call, or 0.
    pub call: cc_id,
    /// Another thing that it is about: the other call of a bridge, or 0.
    pub peer: cc_id,
    /// The command that it comes of, or 0.
    pub req: cc_req,
    /// The tag that was given to the call by `cc_make.user` or `cc_call_tag`.
    pub user: u64,
    /// 0, or why a command failed after it was accepted: `CC_E_*`.
    pub status: cc_status,
    /// Q.850 cause, 1 to 127; 0: none.
    pub cause: u16,
    /// How something ended, `CC_END_*`.
    pub end: u16,
    /// Where the short text begins inside this record, and its bytes without the NUL that ends it: a number, digits, a name, a path.
    pub text_off: u32,
    /// See `text_off`.
    pub text_len: u32,
    /// Where the JSON begins inside this record, and its bytes without the NUL that ends it: everything that is known.
    pub json_off: u32,
    /// See `json_off`.
    pub json_len: u32,
}

/// Constants with their names.
macro_rules! named {
    ($($name:ident)*) => { &[$((stringify!($name), $name as i64)),*] };
}

/// A command is complete, or has failed (`status`). `call`: the call it made.
pub const CC_EV_DONE: u16 = 1;
/// Events were lost: the queue was full. The text is how many; `cc_get` tells what there is now.
pub const CC_EV_LOST: u16 = 2;
/// The core has stopped; nothing follows.
pub const CC_EV_STOPPED: u16 = 3;
/// A call is the program's: answer it, send it on, or drop it. Text: who calls.
pub const CC_EV_OFFERED: u16 = 16;
/// More is known of who calls. Text: who calls.
pub const CC_EV_INFO: u16 = 17;
/// A call that the program made or holds was answered.
pub const CC_EV_ANSWERED: u16 = 18;
/// A key was pressed. Text: the key.
pub const CC_EV_DIGIT: u16 = 19;
/// Something was heard that the program listens for. JSON: what, from whom.
pub const CC_EV_HEARD: u16 = 20;
/// Nobody has spoken for long.
pub const CC_EV_LONG_SILENCE: u16 = 21;
/// A party of a conference begins to speak, or stops. Text: "1" or "0".
pub const CC_EV_SPEAKING: u16 = 22;
/// A call is in a conference. Text: which.
pub const CC_EV_JOINED: u16 = 23;
/// And no more. Text: which.
pub const CC_EV_LEFT: u16 = 24;
/// A call went where it was sent, and is no longer the program's.
pub const CC_EV_SENT: u16 = 25;
/// A call that the program made or was offered is over. `cause`.
pub const CC_EV_ENDED: u16 = 26;
/// Two calls talk to each other. `peer`: the other.
pub const CC_EV_BRIDGED: u16 = 27;
/// They no longer do.
pub const CC_EV_UNBRIDGED: u16 = 28;
/// Two lines that cannot tell a hang-up are parted soon. Text: in how many milliseconds.
pub const CC_EV_PARTING: u16 = 29;
/// A supervisor's call takes part in no talk any more, and is the program's again.
pub const CC_EV_SUPERVISION_ENDED: u16 = 30;
/// A call that the program makes has begun; `req`: its `cc_call_make`. The first event of such a call; from here on it can be tagged and dropped.
pub const CC_EV_ORIGINATED: u16 = 31;
/// Prompts are over. `end`.
pub const CC_EV_PLAY_DONE: u16 = 64;
/// Digits are collected. Text: the digits. `end`.
pub const CC_EV_COLLECT_DONE: u16 = 65;
/// A recording has begun. Text: its path.
pub const CC_EV_RECORD_STARTED: u16 = 66;
/// A recording's file is closed. Text: its path.
pub const CC_EV_RECORD_DONE: u16 = 67;
/// What an analogue line measures has changed. JSON: the channel, voltage and current.
pub const CC_EV_LINE: u16 = 96;
/// An entry of the ledger, for queues that ask for "facts". Text: its name. JSON: the entry.
pub const CC_EV_FACT: u16 = 112;

/// All of them.
pub(crate) const EVENTS: &[(&str, i64)] = named! {
    CC_EV_DONE CC_EV_LOST CC_EV_STOPPED CC_EV_OFFERED CC_EV_INFO CC_EV_ANSWERED CC_EV_DIGIT CC_EV_HEARD CC_EV_LONG_SILENCE CC_EV_SPEAKING CC_EV_JOINED CC_EV_LEFT CC_EV_SENT CC_EV_ENDED CC_EV_BRIDGED CC_EV_UNBRIDGED CC_EV_PARTING CC_EV_SUPERVISION_ENDED CC_EV_ORIGINATED CC_EV_PLAY_DONE CC_EV_COLLECT_DONE CC_EV_RECORD_STARTED CC_EV_RECORD_DONE CC_EV_LINE CC_EV_FACT
};

/// It came to its own end.
pub const CC_END_COMPLETE: u16 = 0;
/// The program stopped it.
pub const CC_END_STOPPED: u16 = 1;
/// The call ended.
pub const CC_END_CALL: u16 = 2;
/// A digit that ends the collection was pressed; it is not in the text.
pub const CC_END_TERMINATOR: u16 = 3;
/// No digit came.
pub const CC_END_FIRST_DIGIT: u16 = 4;
/// No further digit came.
pub const CC_END_INTER_DIGIT: u16 = 5;
/// A key was pressed that stops it.
pub const CC_END_KEY: u16 = 6;
/// It failed: a prompt is missing, a file cannot be written.
pub const CC_END_FAILED: u16 = 7;
/// Nobody has spoken for long.
pub const CC_END_SILENCE: u16 = 8;

/// All of them.
pub(crate) const ENDS: &[(&str, i64)] = named! {
    CC_END_COMPLETE CC_END_STOPPED CC_END_CALL CC_END_TERMINATOR CC_END_FIRST_DIGIT CC_END_INTER_DIGIT CC_END_KEY CC_END_FAILED CC_END_SILENCE
};

/// A call out.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct cc_make {
    /// `sizeof(cc_make)`.
    pub size: u32,
    /// 0.
    pub flags: u32,
    /// Whom: `"extension:1001"` or `"number:02087000000"`.
    pub to: *const c_char,
    /// The number to show; NULL: none.
    pub calling: *const c_char,
    /// Comes back in every event of the call, from the first, `CC_EV_ORIGINATED`, on.
    pub user: u64,
}

/// Who of two parties.
pub const CC_CALLER: u32 = 0;
/// See `CC_CALLER`: the agent or called party.
pub const CC_OTHER: u32 = 1;

/// A party of a conference talks.
pub const CC_ROLE_TALK: u32 = 0;
/// It only listens.
pub const CC_ROLE_LISTEN: u32 = 1;
/// It talks, and is heard even where a large room leaves others out.
pub const CC_ROLE_MODERATE: u32 = 2;

/// A supervisor hears both parties, and is heard by none.
pub const CC_SUPERVISE_LISTEN: u32 = 0;
/// Hears both, and is heard by one.
pub const CC_SUPERVISE_WHISPER: u32 = 1;
/// Talks with both.
pub const CC_SUPERVISE_BARGE: u32 = 2;

/// A program's own audio, connected to a call: two rings of 16-bit samples in shared memory, one each way. Positions count samples since
/// the beginning and only grow; sample number n is at index n modulo `samples`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct cc_tap {
    /// `sizeof(cc_tap)`.
    pub size: u32,
    /// Samples a second.
    pub rate: u32,
    /// Samples of each ring, a power of two.
    pub samples: u32,
    /// 0.
    pub reserved: u32,
    /// What the caller says: `samples` 16-bit samples. Read up to `*heard_end`, from `*heard_begin` which is yours to move.
    pub heard: *const i16,
    /// See `heard`. Written by the library.
    pub heard_end: *const u64,
    /// See `heard`. Written by the program.
    pub heard_begin: *mut u64,
    /// What the caller is to hear. Write up to `samples` beyond `*said_begin`, then move `*said_end`.
    pub said: *mut i16,
    /// See `said`. Written by the program.
    pub said_end: *mut u64,
    /// See `said`. Written by the library.
    pub said_begin: *const u64,
    /// The memory of all this, from its beginning.
    pub memory: *mut c_void,
    /// Its bytes.
    pub bytes: u64,
    /// An eventfd that becomes readable every 20 ms while the rings move; read 8 bytes of it. Do not close it.
    pub wake_fd: i64,
}

/// The structs that programs make, with the member that was their last in 1.0: later versions only append.
macro_rules! growing {
    ($($name:ident: $last:ident $kind:ty)*) => {$(
        // SAFETY: `#[repr(C)]`, `size: u32` first; integers and pointers, all of which may be zero.
        unsafe impl Growing for $name {
            const BYTES_1_0: usize = offset_of!($name, $last) + size_of::<$kind>();
        }
    )*};
}

growing! { cc_core_params: reserved u32 cc_make: user u64 cc_tap: wake_fd i64 }
