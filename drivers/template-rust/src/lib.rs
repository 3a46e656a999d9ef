//! A driver to begin with: lines that exist only here. From time to time somebody calls in, hears their own voice once
//! answered, and hangs up after a while; calls out are answered after a second. Put your library's calls where it says BOARD.
//!
//! Settings: `ring_every_ms` (5000; 0: nobody calls).
//!
//! There is no thread here: the host calls `exchange` every 20 ms, and all events of calls are posted there. Commands only
//! note what is wanted.

use callcore_driver_sdk::{
    Cause, ChannelInfo, Device, DeviceInfo, Driver, DriverInfo, Error, Event, Host, Make, Media, MediaSetup,
    PacedBy, Supervision, Tick, export_driver, sys,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const CHANNELS: u32 = 4;
const UID: &str = "1";
const SECOND_NS: u64 = 1_000_000_000;

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Idle,
    Offered,
    Calling {
        due_ns: u64,
        /// Nobody answers by then.
        gives_up: bool,
    },
    Answered,
    Up {
        due_ns: u64,
    },
    Cleared,
    Dropped(u16),
}

#[derive(Clone, Copy, Default)]
struct Line {
    call: u64,
    state: State,
}

#[derive(Default)]
struct Lines {
    lines: [Line; CHANNELS as usize],
    calls: u64,
    next_ring_ns: u64,
}

/// One board.
struct Board {
    host: Host,
    ring_every_ns: u64,
    /// Held only for moments: the media thread takes it, too.
    lines: Arc<Mutex<Lines>>,
}

fn locked(lines: &Mutex<Lines>) -> MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lines {
    fn find(&mut self, call: u64) -> Result<&mut Line, Error> {
        let found = self.lines.iter_mut().find(|line| line.call == call);
        found.ok_or_else(|| Error::gone(format!("there is no call {call}")))
    }
}

impl Device for Board {
    type Media = Sound;

    fn channel(&self, channel: u32) -> Option<ChannelInfo> {
        let caps = [
            sys::CCD_CAPB_ANSWER_SUPERVISION,
            sys::CCD_CAPB_DISCONNECT_SUPERVISION,
            sys::CCD_CAPB_CALLER_ID_RX,
        ];
        (channel < CHANNELS).then(|| ChannelInfo {
            kind: sys::CCD_KIND_BEARER,
            signalling: sys::CCD_SIG_PRI_USER,
            timeslot: channel + 1,
            codecs: sys::CCD_LAW_A,
            law: sys::CCD_LAW_A,
            caps: caps.into_iter().map(sys::ccd_cap).sum(),
            ..ChannelInfo::default()
        })
    }

    fn start(&mut self, _: MediaSetup) -> Result<Sound, Error> {
        let lines = &mut *locked(&self.lines);
        lines.lines = Default::default();
        lines.next_ring_ns = self.host.now_ns() + self.ring_every_ns;
        Ok(Sound {
            host: self.host.clone(),
            lines: Arc::clone(&self.lines),
            ring_every_ns: self.ring_every_ns,
            caller: caller(),
        })
    }

    fn stop(&mut self) {}

    // BOARD: dial `make.called`; give up after `make.timeout_ms`, with 19
    fn make(&mut self, channel: u32, call: u64, make: Make<'_>) -> Result<(), Error> {
        let line = &mut locked(&self.lines).lines[channel as usize];
        if !matches!(line.state, State::Idle) {
            return Err(Error::busy(format!("channel {channel} has a call")));
        }
        let gives_up = (1..1000).contains(&make.timeout_ms);
        let wait_ns = if gives_up { u64::from(make.timeout_ms) * 1_000_000 } else { SECOND_NS };
        *line = Line { call, state: State::Calling { due_ns: self.host.now_ns() + wait_ns, gives_up } };
        Ok(())
    }

    // BOARD: answer
    fn answer(&mut self, call: u64) -> Result<(), Error> {
        let mut lines = locked(&self.lines);
        let line = lines.find(call)?;
        if !matches!(line.state, State::Offered) {
            return Err(Error::state(format!("call {call} is not waiting for an answer")));
        }
        line.state = State::Answered;
        Ok(())
    }

    // BOARD: hang up
    fn drop_call(&mut self, call: u64, q850: u16) -> Result<(), Error> {
        locked(&self.lines).find(call)?.state = State::Dropped(q850);
        Ok(())
    }
}

/// The real-time half.
struct Sound {
    host: Host,
    lines: Arc<Mutex<Lines>>,
    ring_every_ns: u64,
    /// Made beforehand: nothing is allocated here.
    caller: Event,
}

/// Who calls in.
fn caller() -> Event {
    let [name, redirecting, via] = [const { String::new() }; 3];
    let (called, calling) = ("8000".to_owned(), "13800000000".to_owned());
    Event::Incoming { channel: 0, call: 0, called, calling, name, redirecting, via, complete: true }
}

impl Media for Sound {
    fn exchange(&mut self, tick: &mut Tick<'_>) {
        let lines = Arc::clone(&self.lines);
        for channel in 0..CHANNELS {
            self.step(&mut locked(&lines), channel);
        }
        for channel in tick.active() {
            // BOARD: send `tx`, fetch `rx`
            let mut frame = [0; 160];
            let Some(said) = tick.tx(channel) else { continue };
            frame.copy_from_slice(said);
            tick.set_rx_payload(channel, &frame);
        }
    }
}

impl Sound {
    /// What happens by itself. BOARD: ask your library here, or post from its callbacks with the lock held.
    fn step(&mut self, lines: &mut Lines, channel: u32) {
        let now_ns = self.host.now_ns();
        let Line { call, state } = lines.lines[channel as usize];
        let next = match state {
            State::Idle if self.ring_every_ns > 0 && now_ns >= lines.next_ring_ns => {
                return self.ring(lines, channel, now_ns);
            }
            State::Calling { due_ns, gives_up: false } if now_ns >= due_ns => State::Answered,
            State::Calling { due_ns, gives_up: true } if now_ns >= due_ns => {
                if !self.post(&Event::Disconnected { channel, call, cause: Cause::signalled(19) }) {
                    return;
                }
                State::Cleared
            }
            State::Answered => {
                let (supervision, connected) = (Supervision::Signalled, String::new());
                if !self.post(&Event::Connected {
                    channel,
                    call,
                    supervision,
                    connected,
                    inband_digits: false,
                }) {
                    return;
                }
                State::Up { due_ns: now_ns + 3 * SECOND_NS }
            }
            State::Up { due_ns } if now_ns >= due_ns => {
                if !self.post(&Event::Disconnected { channel, call, cause: Cause::signalled(16) }) {
                    return;
                }
                State::Cleared
            }
            State::Dropped(q850) => {
                if self.post(&Event::Released { channel, call, cause: Cause::signalled(q850) }) {
                    lines.lines[channel as usize] = Line::default();
                }
                return;
            }
            State::Idle | State::Offered | State::Calling { .. } | State::Up { .. } | State::Cleared => {
                return;
            }
        };
        lines.lines[channel as usize].state = next;
    }

    fn ring(&mut self, lines: &mut Lines, channel: u32, now_ns: u64) {
        let number = 2 * lines.calls + 1;
        if let Event::Incoming { channel: on, call, .. } = &mut self.caller {
            (*on, *call) = (channel, number);
        }
        if self.post(&self.caller) {
            lines.lines[channel as usize] = Line { call: number, state: State::Offered };
            lines.calls += 1;
            lines.next_ring_ns = now_ns + self.ring_every_ns;
        }
    }

    /// False: the host is full, again with the next frame.
    fn post(&self, event: &Event) -> bool {
        self.host.try_post(event).is_ok()
    }
}

/// The driver.
struct Template;

impl Driver for Template {
    const INFO: DriverInfo = DriverInfo {
        id: c"com.example.NAME",
        name: c"NAME",
        vendor: c"Example",
        version: c"0.1",
        config_schema: c"{\"type\":\"object\",\"properties\":{\"ring_every_ms\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":86400000}}}",
    };
    type Device = Board;

    fn create(_: Host) -> Result<Self, Error> {
        Ok(Self)
    }

    fn enumerate(&mut self) -> Vec<DeviceInfo> {
        vec![DeviceInfo {
            uid: UID.to_owned(),
            location: String::new(),
            model: "NAME".to_owned(),
            firmware: String::new(),
            channels: CHANNELS,
            spans: 0,
            clock_domain: 0,
            paced_by: PacedBy::Host,
        }]
    }

    fn open(&mut self, _: &str, host: Host) -> Result<Board, Error> {
        let ms = host.cfg_int("ring_every_ms")?.unwrap_or(5000);
        let ms = u64::try_from(ms).ok().filter(|ms| *ms <= 86_400_000);
        let ms = ms.ok_or_else(|| Error::config("ring_every_ms: must be milliseconds, 0 to 86400000"))?;
        Ok(Board { host, ring_every_ns: ms * 1_000_000, lines: Arc::default() })
    }
}

export_driver!(Template);
