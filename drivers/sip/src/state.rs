//! What the signalling side knows: calls, channels, ports, registrations. One lock, held for moments.

use crate::config::Config;
use crate::digest::Nonces;
use crate::gate::Watch;
use crate::media::{Command, Link};
use crate::ports::{Pair, Ports};
use crate::registrar::Bindings;
use crate::sdp::{Direction, Remote};
use crate::session::Counters;
use callcore_driver_sdk::{Cause, Event, Host, PostError, Supervision};
use parking_lot::Mutex;
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invite_dialog::InviteDialog;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Events that wait for room in the host's ring; more are counted as lost.
const OUTBOX_MAX: usize = 4096;

/// Shared by the host's control calls and the signalling thread.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) host: Host,
    /// Where we are, as others see it.
    pub(crate) local: SocketAddr,
    pub(crate) watch: Arc<Watch>,
    pub(crate) state: Mutex<State>,
}

pub(crate) struct State {
    pub(crate) calls: HashMap<u64, Call>,
    /// Our tag of a dialog, which is unique, to its call.
    pub(crate) tags: HashMap<String, u64>,
    /// The INVITEs of incoming calls, to know a merged one (RFC 3261 §8.2.2.2).
    pub(crate) invites: HashSet<InviteKey>,
    pub(crate) slots: Slots,
    pub(crate) ports: Ports,
    pub(crate) nonces: Nonces,
    pub(crate) bindings: Bindings,
    pub(crate) counts: Counts,
    /// Dialogs whose calls are released, but whose 200 is not acknowledged yet; they get a BYE when it is.
    pub(crate) unacknowledged: HashMap<String, InviteDialog>,
    host: Host,
    layer: Arc<DialogLayer>,
    link: Link,
    /// Commands for the media thread that found its ring full.
    backlog: VecDeque<Command>,
    outbox: VecDeque<Event>,
    /// The device's, which goes on after stop and start.
    next_call: Arc<AtomicU64>,
}

/// Totals since start, for statistics.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) incoming: u64,
    pub(crate) outgoing: u64,
    pub(crate) refused: u64,
    pub(crate) packets: Packets,
}

/// What was not heard as it was sent, of calls that are over or of one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Packets {
    /// Packets too late, or too early, for the buffer.
    pub(crate) late: u64,
    /// That never came.
    pub(crate) lost: u64,
    /// Of somebody else, or no RTP.
    pub(crate) foreign: u64,
    /// Of a length that their codec does not have here.
    pub(crate) unfit: u64,
    /// Frames for which nothing was there.
    pub(crate) concealed: u64,
    /// Samples at 8 kHz that were put in and left out.
    pub(crate) added: u64,
    pub(crate) dropped: u64,
}

impl Packets {
    pub(crate) fn add(&mut self, counters: &Counters) {
        for (total, counter) in [
            (&mut self.late, &counters.late),
            (&mut self.lost, &counters.lost),
            (&mut self.foreign, &counters.foreign),
            (&mut self.unfit, &counters.unfit),
            (&mut self.concealed, &counters.concealed),
            (&mut self.added, &counters.added),
            (&mut self.dropped, &counters.dropped),
        ] {
            *total += u64::from(counter.load(Ordering::Relaxed));
        }
    }
}

/// Channels by what they are doing.
pub(crate) struct Slots {
    calls: Vec<u64>,
    free: BTreeSet<u32>,
    out_of_service: BTreeSet<u32>,
}

impl Slots {
    pub(crate) fn new(count: u32) -> Self {
        Self { calls: vec![0; count as usize], free: (0..count).collect(), out_of_service: BTreeSet::new() }
    }

    /// The call on a channel; 0 is none.
    pub(crate) fn call(&self, channel: u32) -> u64 {
        self.calls.get(channel as usize).copied().unwrap_or(0)
    }

    /// The lowest free channel.
    pub(crate) fn lowest_free(&self) -> Option<u32> {
        self.free.first().copied()
    }

    pub(crate) fn is_free(&self, channel: u32) -> bool {
        self.free.contains(&channel)
    }

    pub(crate) fn take(&mut self, channel: u32, call: u64) {
        self.free.remove(&channel);
        self.calls[channel as usize] = call;
    }

    fn give_back(&mut self, channel: u32) {
        self.calls[channel as usize] = 0;
        if !self.out_of_service.contains(&channel) {
            self.free.insert(channel);
        }
    }

    /// Whether that changes anything.
    pub(crate) fn set_service(&mut self, channel: u32, in_service: bool) -> bool {
        if !in_service {
            self.free.remove(&channel);
            return self.out_of_service.insert(channel);
        }
        if self.calls[channel as usize] == 0 {
            self.free.insert(channel);
        }
        self.out_of_service.remove(&channel)
    }

    pub(crate) fn out_of_service(&self) -> impl Iterator<Item = u32> {
        self.out_of_service.iter().copied()
    }
}

/// How far a call is.
///
/// ```text
///   Offered ──answer──▶ Answering ──ACK──▶ Up ──BYE──▶ Gone ──drop──▶ (released)
///      │                    │               │            ▲
///      └────CANCEL──────────┴──no ACK───────┼────────────┘
///   Dialling ──200──────────────────────────┘
///   any ──drop──▶ Clearing ──CANCEL or BYE answered──▶ (released)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// INVITE received, not answered.
    Offered,
    /// 200 sent.
    Answering,
    /// INVITE sent.
    Dialling,
    /// Both sides agree.
    Up,
    /// The far end is gone; the host has been told.
    Gone,
    /// The host has dropped; the far end is being told.
    Clearing,
}

pub(crate) struct Call {
    pub(crate) channel: u32,
    pub(crate) phase: Phase,
    pub(crate) dialog: InviteDialog,
    pub(crate) tag: String,
    pub(crate) remote: Option<Remote>,
    pub(crate) audio: Option<Audio>,
    /// The peer holds us, and we hold the peer.
    pub(crate) held: bool,
    pub(crate) holding: bool,
    /// What our last description was for: an offer of ours waits for its answer.
    pub(crate) offered: bool,
    pub(crate) sdp_version: u64,
    /// Our cause, for the call's end.
    pub(crate) cause: Cause,
    /// No answer came in the time the host gave.
    pub(crate) timed_out: bool,
    pub(crate) invite: InviteKey,
    /// How it was told, while it is not answered.
    pub(crate) incoming: Option<Event>,
}

/// What two copies of one INVITE have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct InviteKey {
    pub(crate) call_id: String,
    pub(crate) from_tag: String,
    pub(crate) sequence: u32,
}

/// The audio of a call on this side; the other half is a `Session`.
pub(crate) struct Audio {
    pub(crate) port: u16,
    pub(crate) rtcp: UdpSocket,
    pub(crate) ssrc: u32,
    pub(crate) counters: Arc<Counters>,
    /// Waits for the first terms; then the session goes to the media thread.
    pub(crate) socket: Option<UdpSocket>,
    pub(crate) attached: bool,
    pub(crate) session_id: u64,
    /// Counts at the last report.
    pub(crate) reported: (u32, u32),
    /// Digits that were queued, until when the last is out (host time).
    pub(crate) digits_until_ns: [u64; 4],
}

impl State {
    pub(crate) fn new(
        config: &Config,
        host: Host,
        link: Link,
        layer: Arc<DialogLayer>,
        next_call: Arc<AtomicU64>,
    ) -> Self {
        Self {
            calls: HashMap::new(),
            tags: HashMap::new(),
            invites: HashSet::new(),
            slots: Slots::new(config.channels),
            ports: Ports::new(config.rtp_first, config.rtp_last),
            nonces: Nonces::default(),
            bindings: Bindings::default(),
            counts: Counts::default(),
            unacknowledged: HashMap::new(),
            host,
            layer,
            link,
            backlog: VecDeque::new(),
            outbox: VecDeque::new(),
            next_call,
        }
    }

    /// A call number of ours: odd, never used again.
    pub(crate) fn new_call(&self) -> u64 {
        self.next_call.fetch_add(2, Ordering::Relaxed)
    }

    /// Posts an event, in order, now or as soon as there is room.
    pub(crate) fn post(&mut self, event: Event) {
        if self.outbox.is_empty() && self.host.post(&event) != Err(PostError::Full) {
            return;
        }
        if self.outbox.len() < OUTBOX_MAX {
            self.outbox.push_back(event);
        } else {
            self.host.give_up();
        }
    }

    /// Posts what waited, and passes on what the media ring had no room for.
    pub(crate) fn flush(&mut self) {
        while let Some(event) = self.outbox.front() {
            if self.host.post(event) == Err(PostError::Full) {
                break;
            }
            self.outbox.pop_front();
        }
        while let Some(command) = self.backlog.pop_front() {
            if let Err(rtrb::PushError::Full(command)) = self.link.commands.push(command) {
                self.backlog.push_front(command);
                break;
            }
        }
        while let Ok(session) = self.link.returned.pop() {
            let Some(session) = *session else { continue };
            let (rtp, port) = session.into_socket();
            self.ports.give_back_rtp(port, rtp, Instant::now());
        }
    }

    /// Sends a command to the media thread; it keeps its order.
    pub(crate) fn tell_media(&mut self, command: Command) {
        self.flush_backlog_first();
        if !self.backlog.is_empty() {
            self.backlog.push_back(command);
        } else if let Err(rtrb::PushError::Full(command)) = self.link.commands.push(command) {
            self.backlog.push_back(command);
        }
    }

    fn flush_backlog_first(&mut self) {
        if !self.backlog.is_empty() {
            self.flush();
        }
    }

    /// Whether the media thread keeps up; when it does not, new calls are refused.
    pub(crate) fn media_keeps_up(&self) -> bool {
        self.backlog.len() < 1024
    }

    /// The far end is gone: tells the host once and stops the audio. The host's drop ends the call.
    pub(crate) fn disconnect(&mut self, id: u64, cause: Cause) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        match call.phase {
            Phase::Gone => {}
            Phase::Clearing => self.release(id),
            _ => {
                call.phase = Phase::Gone;
                call.cause = cause;
                let channel = call.channel;
                self.stop_audio(id);
                self.post(Event::Disconnected { channel, call: id, cause });
            }
        }
    }

    /// Ends a call for good.
    pub(crate) fn release(&mut self, id: u64) {
        self.stop_audio(id);
        let Some(call) = self.calls.remove(&id) else { return };
        self.tags.remove(&call.tag);
        self.invites.remove(&call.invite);
        if call.dialog.state().waiting_ack() {
            self.unacknowledged.insert(call.tag.clone(), call.dialog.clone());
        } else {
            // the stack keeps a dialog until it is told
            self.layer.remove_dialog(&call.dialog.id());
        }
        self.slots.give_back(call.channel);
        self.post(Event::Released { channel: call.channel, call: id, cause: call.cause });
    }

    /// The dialog of a call that is no more, once it is acknowledged or over.
    pub(crate) fn take_unacknowledged(&mut self, tag: &str) -> Option<InviteDialog> {
        let dialog = self.unacknowledged.remove(tag)?;
        self.layer.remove_dialog(&dialog.id());
        Some(dialog)
    }

    /// Ends a call that the host has dropped.
    pub(crate) fn release_cleared(&mut self, id: u64) {
        if self.calls.get(&id).is_some_and(|call| call.phase == Phase::Clearing) {
            self.release(id);
        }
    }

    /// Gives the ports back: the pair, or the half that is here; the other comes back with its session.
    pub(crate) fn give_back(&mut self, audio: Audio) {
        match audio.socket {
            Some(rtp) => {
                let pair = Pair { rtp, rtcp: audio.rtcp, port: audio.port };
                self.ports.give_back(pair, Instant::now());
            }
            None => self.ports.give_back_rtcp(audio.port, audio.rtcp),
        }
    }

    pub(crate) fn stop_audio(&mut self, id: u64) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Some(audio) = call.audio.take() {
            let (channel, attached) = (call.channel, audio.attached);
            self.counts.packets.add(&audio.counters);
            self.give_back(audio);
            if attached {
                self.tell_media(Command::Session(channel, Box::new(None)));
            }
        }
    }
}

impl Call {
    /// What we want of the audio's direction.
    pub(crate) const fn wanted(&self) -> Direction {
        Direction { send: true, receive: !self.holding }
    }
}

impl Call {
    /// Whether the far end takes no telephone events (RFC 4733), so that its keys are audio.
    pub(crate) fn has_inband_digits(&self) -> bool {
        self.remote.as_ref().is_some_and(|remote| remote.events.is_none())
    }

    /// The events that bring a host up to date.
    pub(crate) fn replay(&self, call: u64) -> Vec<Event> {
        let (channel, connected, inband_digits) = (self.channel, String::new(), self.has_inband_digits());
        match self.phase {
            Phase::Dialling => vec![Event::Dialing { channel, call }],
            Phase::Up if self.held => vec![
                Event::Connected {
                    channel,
                    call,
                    supervision: Supervision::Signalled,
                    connected,
                    inband_digits,
                },
                Event::Held { channel, call },
            ],
            Phase::Up => {
                vec![Event::Connected {
                    channel,
                    call,
                    supervision: Supervision::Signalled,
                    connected,
                    inband_digits,
                }]
            }
            Phase::Gone => vec![Event::Disconnected { channel, call, cause: self.cause }],
            Phase::Offered => self.incoming.iter().cloned().collect(),
            Phase::Answering | Phase::Clearing => vec![],
        }
    }
}
