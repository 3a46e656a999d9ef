//! What the control calls, the line thread and the media half share: the world behind a lock, and one atomic word
//! per line each way for the media half, which takes no lock.

use crate::teller::Message;
use callcore_driver_sdk::{
    CallerIdForm, Cause, DigitEdge, DigitKind, Error, Event, Host, Place, PostError, Supervision, sys,
};
use callcore_sim_model::{BoardKind, Heard, Refusal, Signal, Sound, What, World};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// Length of a pressed key in the event that reports it, milliseconds.
const KEY_MS: u32 = 100;
/// Events that wait for a host whose ring is full; then acts and new calls are refused.
const PENDING_MAX: usize = 4_096;
/// What fits beside two bits in a link's word.
const CONNECTION_MASK: u32 = u32::MAX >> 2;

pub(crate) struct Shared {
    pub(crate) host: Host,
    pub(crate) core: Mutex<Core>,
    pub(crate) links: Vec<Link>,
    /// Some link's `heard` is new.
    pub(crate) heard_is_new: AtomicBool,
    pub(crate) keys_lost: AtomicU64,
    pub(crate) frames: AtomicU64,
    uid: String,
}

/// One line between the world and the media half. Both words carry the number of the connection in their upper bits,
/// so that neither side takes a word about the last call for one about this one.
#[derive(Default)]
pub(crate) struct Link {
    /// World to media: connection << 2 | up << 1 | speaks.
    pub(crate) state: AtomicU32,
    /// Media to world: connection << 2 | 0 silence, 1 machine, 2 person, 3 busy tone.
    pub(crate) heard: AtomicU32,
    /// Control to media: the echo canceller, as `CCD_TUNE_EC` has it.
    pub(crate) canceller: AtomicU32,
    /// World to media: what an exchange sends on the line, one of [`SOUNDS`].
    pub(crate) sound: AtomicU32,
}

/// The sounds of an exchange by their place in a link's word.
pub(crate) const SOUNDS: [Sound; 7] = [
    Sound::Silence,
    Sound::Dial,
    Sound::Ringback,
    Sound::Busy,
    Sound::Congestion,
    Sound::Noise,
    Sound::Voice,
];

/// A key on its way to be sounded.
pub(crate) struct Key {
    pub(crate) channel: u32,
    pub(crate) connection: u32,
    pub(crate) digit: u8,
}

pub(crate) struct Core {
    pub(crate) world: World,
    pub(crate) stopping: bool,
    /// Call that is up on each line (0: none) and the number of the connection.
    up: Vec<(u64, u32)>,
    pending: VecDeque<Event>,
    /// With in-band digits: to the media half.
    keys: Option<rtrb::Producer<Key>>,
    /// Keys that boards have heard in the sound of their lines.
    heard_keys: Option<rtrb::Consumer<Key>>,
    /// Who calls: to the media half, and back from the boards.
    ids: Option<Ids>,
}

/// The control side of what lines are told of their callers.
pub(crate) struct Ids {
    pub(crate) form: CallerIdForm,
    pub(crate) to_send: rtrb::Producer<Message>,
    pub(crate) received: rtrb::Consumer<Message>,
}

impl Shared {
    pub(crate) fn new(host: Host, world: World, uid: String) -> Self {
        let channels = world.channels() as usize;
        let up = vec![(0, 0); channels];
        let core = Core {
            world,
            stopping: true,
            up,
            pending: VecDeque::new(),
            keys: None,
            heard_keys: None,
            ids: None,
        };
        let links = std::iter::repeat_with(Link::default).take(channels).collect();
        let (keys_lost, frames) = (AtomicU64::new(0), AtomicU64::new(0));
        let heard_is_new = AtomicBool::new(false);
        Self { host, core: Mutex::new(core), links, heard_is_new, keys_lost, frames, uid }
    }

    /// The world begins, or begins again after a stop.
    pub(crate) fn begin(&self, keys: Option<rtrb::Producer<Key>>, heard_keys: rtrb::Consumer<Key>, ids: Ids) {
        let mut core = self.core.lock();
        core.world.resume(self.host.now_ns());
        core.pending.clear();
        (core.stopping, core.keys, core.heard_keys, core.ids) = (false, keys, Some(heard_keys), Some(ids));
        self.links.iter().for_each(|link| link.canceller.store(1, Ordering::Release));
        self.settle(&mut core);
    }

    /// Does something to the world and lets the outcome out.
    pub(crate) fn with_world(
        &self,
        run: impl FnOnce(&mut World, u64) -> Result<(), Refusal>,
    ) -> Result<(), Error> {
        let mut core = self.core.lock();
        let now = self.host.now_ns();
        let result = run(&mut core.world, now);
        self.settle(&mut core);
        result.map_err(|refusal| error(&refusal))
    }

    /// Refused while the host does not take its events; dropping a call never is.
    pub(crate) fn room(&self) -> Result<(), Error> {
        if self.core.lock().pending.len() > PENDING_MAX {
            return Err(Error::new(sys::CCD_E_FULL, "the host does not take its events"));
        }
        Ok(())
    }

    /// Everything that is due: what people have heard, what they do, what follows.
    pub(crate) fn advance(&self, core: &mut Core) {
        let now = self.host.now_ns();
        core.world.handle_timeout(now);
        Self::take_ids(core);
        Self::take_keys(core);
        if self.heard_is_new.swap(false, Ordering::AcqRel) {
            self.hear(core, now);
        }
        self.settle(core);
    }

    /// What boards have received of callers' numbers.
    fn take_ids(core: &mut Core) {
        let Some(ids) = &mut core.ids else { return };
        while let Ok(message) = ids.received.pop() {
            let Some(caller) = message.caller() else { continue };
            core.pending.push_back(Event::CallerId {
                channel: message.channel,
                number: caller.number,
                name: caller.name,
                presentation: 0,
                form: ids.form,
            });
        }
    }

    /// What boards have heard of keys; one of a call that is over since is nobody's.
    fn take_keys(core: &mut Core) {
        while let Some(key) = core.heard_keys.as_mut().and_then(|keys| keys.pop().ok()) {
            let (call, connection) = core.up[key.channel as usize];
            if call == 0 || connection != key.connection {
                continue;
            }
            let is_line =
                matches!(core.world.config().kind(key.channel), Some(BoardKind::Fxo(_) | BoardKind::Fxs));
            let (call, kind, edge) = (if is_line { 0 } else { call }, DigitKind::Dtmf, DigitEdge::Whole);
            core.pending.push_back(Event::Digit {
                channel: key.channel,
                call,
                kind,
                digit: key.digit,
                edge,
                ms: KEY_MS,
            });
        }
    }

    /// Whether events still wait for room in the host's ring.
    pub(crate) fn is_behind(core: &Core) -> bool {
        !core.pending.is_empty()
    }

    fn hear(&self, core: &mut Core, now: u64) {
        for (channel, link) in self.links.iter().enumerate() {
            let word = link.heard.load(Ordering::Acquire);
            let (call, connection) = core.up[channel];
            if call != 0 && word >> 2 == connection {
                core.world.handle_heard(now, channel as u32, heard_from(word));
            }
        }
    }

    /// After the world has moved: events out, and the media half told who is up and who speaks.
    fn settle(&self, core: &mut Core) {
        // connections first: a key that follows is one of the new connection
        for channel in 0..self.links.len() as u32 {
            self.tell_media(core, channel);
        }
        while let Some(event) = core.world.poll_event() {
            self.queue(core, event);
        }
        self.post_pending(core);
    }

    fn queue(&self, core: &mut Core, event: callcore_sim_model::Event) {
        if let (What::Line(Signal::CallerId(id)), Some(ids)) = (&event.what, &mut core.ids) {
            // it goes out as sound; a line whose modem is not served is not told
            let _ = ids.to_send.push(Message::new(event.channel, &id.number, &id.name));
            return;
        }
        let digit = match &event.what {
            What::Digit { digit } | What::Line(Signal::Digit { digit }) => Some(digit),
            _ => None,
        };
        if let (Some(digit), Some(keys)) = (digit, &mut core.keys) {
            let connection = core.up[event.channel as usize].1;
            if keys.push(Key { channel: event.channel, connection, digit: *digit as u8 }).is_err() {
                self.keys_lost.fetch_add(1, Ordering::Relaxed);
            }
            return;
        }
        core.pending.extend(event_for_host(event, &self.uid));
    }

    fn post_pending(&self, core: &mut Core) {
        while let Some(event) = core.pending.front() {
            match self.host.post(event) {
                Ok(()) | Err(PostError::Closed | PostError::Refused) => drop(core.pending.pop_front()),
                Err(PostError::Full) => return,
            }
        }
    }

    fn tell_media(&self, core: &mut Core, channel: u32) {
        let is_up = core.world.listens(channel);
        let sound = core.world.sound(channel);
        let place = SOUNDS.iter().position(|known| *known == sound).unwrap_or(0);
        self.links[channel as usize].sound.store(place as u32, Ordering::Release);
        let call = core.world.call_on(channel).filter(|_| is_up).unwrap_or(0);
        let (last, connection) = &mut core.up[channel as usize];
        if *last != call {
            *last = call;
            *connection = connection.wrapping_add(u32::from(call != 0)) & CONNECTION_MASK;
        }
        let bits = u32::from(call != 0) << 1 | u32::from(core.world.speaks(channel));
        self.links[channel as usize].state.store(*connection << 2 | bits, Ordering::Release);
    }
}

fn heard_from(word: u32) -> Heard {
    match word & 3 {
        0 => Heard::Silence,
        1 => Heard::Machine,
        2 => Heard::Person,
        _ => Heard::Busy,
    }
}

/// The word a person's hearing is told by.
pub(crate) fn heard_word(connection: u32, heard: Heard) -> u32 {
    let bits = match heard {
        Heard::Silence => 0,
        Heard::Machine => 1,
        Heard::Person => 2,
        Heard::Busy => 3,
    };
    connection << 2 | bits
}

fn event_for_host(event: callcore_sim_model::Event, uid: &str) -> Option<Event> {
    let (channel, call) = (event.channel, event.call);
    Some(match event.what {
        What::Incoming { called, calling, more } => {
            let (called, calling) = (called.to_string(), calling.to_string());
            let [name, redirecting, via] = [const { String::new() }; 3];
            Event::Incoming { channel, call, called, calling, name, redirecting, via, complete: !more }
        }
        What::CallInfo { called, more } => {
            let called = called.to_string();
            let [calling, name, redirecting, via] = [const { String::new() }; 4];
            Event::CallInfo { channel, call, called, calling, name, redirecting, via, complete: !more }
        }
        What::Line(signal) => return line_event(channel, &signal),
        What::Alarm { span, now, was } => Event::Alarm { place: Place::Span(span), now: now.0, was: was.0 },
        // it is in the sound of the line
        What::Sound(_) => return None,
        What::Dialing => Event::Dialing { channel, call },
        What::Proceeding => Event::Proceeding { channel, call },
        What::Alerting => Event::Alerting { channel, call, inband: false },
        What::Connected => {
            let (supervision, connected) = (Supervision::Signalled, String::new());
            Event::Connected { channel, call, supervision, connected, inband_digits: false }
        }
        What::Disconnected { q850 } => Event::Disconnected { channel, call, cause: Cause::signalled(q850) },
        What::Released { q850 } => Event::Released { channel, call, cause: Cause::signalled(q850) },
        What::Held => Event::Held { channel, call },
        What::Retrieved => Event::Retrieved { channel, call },
        What::Digit { digit } => {
            let (kind, edge) = (DigitKind::Dtmf, DigitEdge::Whole);
            Event::Digit { channel, call, kind, digit: digit as u8, edge, ms: KEY_MS }
        }
        What::DeviceRemoved => Event::DeviceRemoved,
        What::DeviceAdded => Event::DeviceAdded { uid: uid.to_owned(), location: String::new() },
        What::Blocked { now, was } => {
            Event::Blocked { place: Place::Channel(channel), now: now.0, was: was.0 }
        }
    })
}

fn line_event(channel: u32, signal: &Signal) -> Option<Event> {
    Some(match *signal {
        Signal::RingOn => Event::RingOn { channel, pattern: 0 },
        Signal::RingOff => Event::RingOff { channel },
        Signal::Polarity { reversed } => Event::Polarity { channel, reversed },
        Signal::Loop { current, battery, voltage_mv, current_ua } => {
            let (voltage_mv, current_ua) = (Some(voltage_mv), Some(current_ua));
            Event::Loop { channel, current, battery, voltage_mv, current_ua }
        }
        Signal::Hook { off } => Event::Hook { channel, off },
        Signal::Digit { digit } => {
            let (kind, edge) = (DigitKind::Dtmf, DigitEdge::Whole);
            Event::Digit { channel, call: 0, kind, digit: digit as u8, edge, ms: KEY_MS }
        }
        // it is in the sound of the line
        Signal::CallerId(_) => return None,
    })
}

/// A refusal of the model in the contract's codes.
pub(crate) fn error(refusal: &Refusal) -> Error {
    let code = match refusal {
        Refusal::NoChannel { .. } | Refusal::Argument { .. } => sys::CCD_E_ARG,
        Refusal::Gone { .. } | Refusal::Removed => sys::CCD_E_GONE,
        Refusal::Busy { .. } => sys::CCD_E_BUSY,
        Refusal::Glare { .. } => sys::CCD_E_GLARE,
        Refusal::OutOfService { .. } | Refusal::State { .. } => sys::CCD_E_STATE,
        Refusal::Full => sys::CCD_E_FULL,
    };
    Error::new(code, refusal.to_string())
}
