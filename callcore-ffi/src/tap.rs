//! A program's own audio: two rings of samples in shared memory, moved by one thread of the library between programs and the node.

use crate::call::call_id;
use crate::core::Core;
use crate::guard::{entry, give, give_sized, require_size};
use crate::handles::{CORES, cc_core};
use crate::status::{Answer, CC_E_NOMEM, Trouble};
use crate::types::*;
use callcore_rs::exchange::Command;
use callcore_rs::media::Rate;
use callcore_rs::shell::AudioPort;
use parking_lot::Mutex;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Samples of a ring: more than four seconds at 8 kHz.
const SAMPLES: usize = 1 << 15;
const PAGE: usize = 4096;
/// Positions have a page of their own, a cache line each.
const BYTES: usize = PAGE + 2 * SAMPLES * 2;
const TICK: Duration = Duration::from_millis(10);
/// Samples that are moved at a time: what a port holds, 500 ms at 16 kHz.
const FRAME_MAX: usize = 8_000;

/// The shared memory of one tap. The program maps nothing: it is this process's own.
struct Memory {
    base: *mut c_void,
    wake_fd: i32,
}

// SAFETY: the memory is only touched through atomics and by the side that owns a part of a ring by its positions.
unsafe impl Send for Memory {}
// SAFETY: as for Send.
unsafe impl Sync for Memory {}

/// The four positions, a cache line apart.
#[derive(Clone, Copy)]
enum At {
    HeardEnd = 0,
    HeardBegin = 64,
    SaidEnd = 128,
    SaidBegin = 192,
}

impl Memory {
    fn new() -> Answer<Self> {
        // SAFETY: a private mapping of zeros; no pointers go in.
        let base = unsafe {
            let (read_write, private) =
                (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
            libc::mmap(ptr::null_mut(), BYTES, read_write, private, -1, 0)
        };
        if base == libc::MAP_FAILED {
            return Err(Trouble::new(CC_E_NOMEM, "no memory for the rings"));
        }
        // SAFETY: no pointers.
        let wake_fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        let memory = Self { base, wake_fd };
        if wake_fd < 0 {
            return Err(Trouble::new(CC_E_NOMEM, "no descriptor is free: raise the limit (ulimit -n)"));
        }
        Ok(memory)
    }

    fn position(&self, at: At) -> &AtomicU64 {
        // SAFETY: inside the first page, aligned to 64, zeroed; both sides use it as an atomic.
        unsafe { &*self.base.cast::<u8>().add(at as usize).cast::<AtomicU64>() }
    }

    fn heard(&self) -> *mut i16 {
        // SAFETY: inside the mapping.
        unsafe { self.base.cast::<u8>().add(PAGE).cast() }
    }

    fn said(&self) -> *mut i16 {
        // SAFETY: inside the mapping.
        unsafe { self.base.cast::<u8>().add(PAGE + 2 * SAMPLES).cast() }
    }

    fn wake(&self) {
        let one = 1_u64;
        // SAFETY: the descriptor is ours; a full counter is as good as a wake.
        unsafe { libc::write(self.wake_fd, (&raw const one).cast(), 8) };
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: mapped and opened by `new`, and nobody's any more.
        unsafe {
            libc::munmap(self.base, BYTES);
            if self.wake_fd >= 0 {
                libc::close(self.wake_fd);
            }
        }
    }
}

struct Tap {
    number: cc_id,
    call: cc_id,
    memory: Memory,
    /// Until the core stops: the rings then stand still, and are there for the program until it closes them.
    port: Option<AudioPort>,
}

/// The taps of a core.
#[derive(Default)]
pub(crate) struct Taps(Arc<Mutex<Moved>>);

/// Whoever has it locked may use the rings.
#[derive(Default)]
struct Moved {
    taps: Vec<Tap>,
    has_mover: bool,
}

/// Top byte of a tap's id.
const KIND: u64 = 0x7A << 56;

impl Taps {
    /// The core stops.
    pub(crate) fn disconnect_all(&self) {
        self.0.lock().taps.iter_mut().for_each(|tap| tap.port = None);
    }
}

impl Moved {
    /// One thread moves the samples of all taps, while there are any. What the node says could be waited for, but not what the program
    /// writes: it moves a position in memory, and tells nobody.
    fn require_mover(&mut self, moved: &Arc<Mutex<Self>>) -> Answer {
        if self.has_mover {
            return Ok(());
        }
        let moved = Arc::clone(moved);
        let thread = std::thread::Builder::new().name("callcore-taps".to_owned());
        let spawned = thread.spawn(move || {
            while moved.lock().tick() {
                std::thread::sleep(TICK);
            }
        });
        spawned.map_err(|why| Trouble::new(CC_E_NOMEM, format!("no thread: {why}")))?;
        self.has_mover = true;
        Ok(())
    }

    /// False when there is nothing to move: the mover goes.
    fn tick(&mut self) -> bool {
        self.has_mover = self.taps.iter().any(|tap| tap.port.is_some());
        let mut frame = [0_i16; FRAME_MAX];
        for Tap { memory, port, .. } in &mut self.taps {
            let Some(port) = port else { continue };
            if hear(memory, port, &mut frame) + say(memory, port, &mut frame) > 0 {
                memory.wake();
            }
        }
        self.has_mover
    }
}

/// From the node to the program; what the program has no room for is lost, as the port counts it.
fn hear(memory: &Memory, port: &mut AudioPort, frame: &mut [i16]) -> usize {
    let end = memory.position(At::HeardEnd).load(Ordering::Relaxed);
    let begin = memory.position(At::HeardBegin).load(Ordering::Acquire);
    let room = SAMPLES.saturating_sub(end.wrapping_sub(begin) as usize).min(frame.len());
    let count = port.read(&mut frame[..room]);
    for (place, sample) in frame[..count].iter().enumerate() {
        // SAFETY: the index is below SAMPLES; positions say that this part is ours to write.
        unsafe { memory.heard().add((end as usize + place) % SAMPLES).write(*sample) };
    }
    memory.position(At::HeardEnd).store(end + count as u64, Ordering::Release);
    count
}

/// From the program to the node, as much as it takes.
fn say(memory: &Memory, port: &mut AudioPort, frame: &mut [i16]) -> usize {
    let begin = memory.position(At::SaidBegin).load(Ordering::Relaxed);
    let end = memory.position(At::SaidEnd).load(Ordering::Acquire);
    let there = (end.wrapping_sub(begin) as usize).min(SAMPLES).min(frame.len());
    for (place, sample) in frame[..there].iter_mut().enumerate() {
        // SAFETY: the index is below SAMPLES; positions say that this part is written.
        *sample = unsafe { memory.said().add((begin as usize + place) % SAMPLES).read() };
    }
    let count = port.write(&frame[..there]);
    memory.position(At::SaidBegin).store(begin + count as u64, Ordering::Release);
    count
}

/// Connects a call that the program has to rings of samples: what the caller says comes, what the program writes the caller hears.
/// `rate` is 8000, or 16000 where a board has it. Prompts are heard instead while they last.
///
/// Threads: any; each ring has one reader and one writer. Blocks: no. Ownership: the memory is the library's, valid until
/// `cc_tap_close` returns or the core is freed; when the core stops the rings stand still. Errors: `CC_E_ARG`, `CC_E_STATE` (not the program's call), `CC_E_GONE`, `CC_E_FULL` (64 taps), `CC_E_NOMEM`, `CC_E_UNSUPPORTED` (virtual time).
///
/// # Safety
/// `out` is NULL or as long as its `size`; `tap` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_tap_open(
    core: *mut cc_core,
    call: cc_id,
    rate: u32,
    out: *mut cc_tap,
    tap: *mut cc_id,
) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        let id = call_id(call)?;
        let rate = match rate {
            8_000 => Rate::Narrow,
            16_000 => Rate::Wide,
            other => return Err(Trouble::arg(format!("{other} is no rate: use 8000 or 16000"))),
        };
        if tap.is_null() {
            return Err(Trouble::arg("the place for the tap's id is NULL"));
        }
        // SAFETY: the caller's promise; here and below.
        unsafe { require_size(out, "the tap") }?;
        let (number, view) = open(&core, call, id, rate)?;
        // SAFETY: as above.
        unsafe {
            give_sized(out, view, "the tap")?;
            give(tap, number, "the tap's id")
        }
    })
}

fn open(core: &Arc<Core>, call: cc_id, id: callcore_rs::call::CallId, rate: Rate) -> Answer<(cc_id, cc_tap)> {
    let (memory, port) = (Memory::new()?, core.engine().open_audio(rate)?);
    core.command(Command::ConnectAudio { call: id, port: Some(port.channel()) })?;
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    let number = KIND | NUMBERS.fetch_add(1, Ordering::Relaxed);
    let view = view(&memory, rate);
    let mut moved = core.taps().0.lock();
    moved.require_mover(&core.taps().0)?;
    moved.taps.push(Tap { number, call, memory, port: Some(port) });
    Ok((number, view))
}

fn view(memory: &Memory, rate: Rate) -> cc_tap {
    let place = |at: At| std::ptr::from_ref(memory.position(at)).cast_mut().cast::<u64>();
    cc_tap {
        size: size_of::<cc_tap>() as u32,
        rate: rate.hz(),
        samples: SAMPLES as u32,
        reserved: 0,
        heard: memory.heard(),
        heard_end: place(At::HeardEnd),
        heard_begin: place(At::HeardBegin),
        said: memory.said(),
        said_end: place(At::SaidEnd),
        said_begin: place(At::SaidBegin),
        memory: memory.base,
        bytes: BYTES as u64,
        wake_fd: memory.wake_fd.into(),
    }
}

/// Disconnects a tap. Its memory and its descriptor are gone when this returns.
///
/// Threads: any, when no thread of the program uses the rings any more. Blocks: no. Ownership: the memory is dead. Errors: `CC_E_GONE`.
#[unsafe(no_mangle)]
pub extern "C" fn cc_tap_close(core: *mut cc_core, tap: cc_id) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        let mut moved = core.taps().0.lock();
        let place =
            moved.taps.iter().position(|it| it.number == tap).ok_or_else(|| Trouble::gone("the tap"))?;
        let closed = moved.taps.swap_remove(place);
        drop(moved);
        if let Ok(call) = call_id(closed.call) {
            // the call may be over, or somebody else's by now
            let _ = core.command(Command::ConnectAudio { call, port: None });
        }
        Ok(())
    })
}
