//! The far end: told by acts where the driver is a simulator, else whatever the line does by itself, or the device's own
//! other side where its calls come back to it.

use super::Session;
use crate::check::{Dial, Stop, skip};
use callcore_driver_host::sys::*;
use callcore_driver_host::{ChannelInfo, Command, Function};
use std::time::Duration;

/// A call that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Where.
    pub channel: u32,
    /// Its number.
    pub call: ccd_call,
    /// The call of ours that it is the other side of, if the device calls itself.
    pub by: Option<ccd_call>,
}

/// A line that does something by itself does it within this.
const PATIENCE: Duration = Duration::from_secs(6);
/// A call that goes out is connected by then.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);

impl Session<'_> {
    /// Whether people can be told what to do.
    pub fn has_acts(&mut self) -> bool {
        // no such channel anywhere, so that nothing happens to one: a simulator refuses, others do not know the words
        let said = self.device.act("channel 99999 talks");
        !matches!(said, Err(callcore_driver_host::LoadError::Device { .. }))
    }

    /// Lets somebody do something.
    ///
    /// # Errors
    /// The driver is no simulator, or cannot do that.
    pub fn act(&mut self, line: &str) -> Result<(), Stop> {
        self.subject.trail.step(format!("act: {line}"));
        self.device.act(line).or_else(|why| skip(format!("nobody can be told \"{line}\": {why}")))
    }

    /// People do only what they are told from now on, where they can be told.
    fn by_hand(&mut self, channel: u32) {
        if self.has_acts() {
            let _ = self.act(&format!("channel {channel} by hand"));
        }
    }

    /// An incoming call: somebody is told to call, or calls, or we do where calls come back.
    ///
    /// # Errors
    /// Nobody calls.
    pub fn incoming(&mut self) -> Result<Incoming, Stop> {
        self.require_calls()?;
        let first = self.offered;
        if self.has_acts() {
            for channel in 0..self.channels().len() as u32 {
                self.by_hand(channel);
                if self
                    .act(&format!("channel {channel} calls {} from 13800000000", self.subject.dial.called))
                    .is_ok()
                    && let Some(incoming) = self.offer(first, PATIENCE)
                {
                    return Ok(incoming);
                }
            }
            return skip("nobody could be told to call in");
        }
        if self.subject.dial.via.is_none()
            && let Some(incoming) = self.offer(first, PATIENCE)
        {
            return Ok(incoming);
        }
        self.incoming_by_us(first)
    }

    fn incoming_by_us(&mut self, first: usize) -> Result<Incoming, Stop> {
        if self.offers(Function::Make) && self.channels().len() > 1 {
            let (status, call) = self.make(0);
            if status >= 0 {
                if let Some(incoming) = self.offer(first, PATIENCE) {
                    return Ok(Incoming { by: Some(call), ..incoming });
                }
                self.drop_call(call, 16);
                let _ = self.until(call, CCD_EV_RELEASED, PATIENCE);
            }
        }
        skip("no call comes in: the driver cannot be told to, and none came by itself within 6 s")
    }

    /// The next call that comes in.
    pub fn offer(&mut self, first: usize, limit: Duration) -> Option<Incoming> {
        let mut index = first;
        let found = self.wait(first, limit, |seen| {
            index += 1;
            let event = seen.event();
            (event.kind() == CCD_EV_INCOMING).then(|| (index, event.chan(), event.call()))
        });
        let (next, channel, call) = found?;
        self.offered = next;
        Some(Incoming { channel, call, by: None })
    }

    /// Whether the sound of a channel comes back.
    #[must_use]
    pub fn has_loops(&self) -> bool {
        (0..self.channels().len() as u32).any(|channel| self.subject.loops(channel))
    }

    /// A call of ours that is connected, on the first channel that takes one.
    ///
    /// # Errors
    /// None is.
    pub fn connected(&mut self) -> Result<(u32, ccd_call), Stop> {
        self.connected_on(|_, _| true)
    }

    /// The same, on a channel whose sound comes back.
    ///
    /// # Errors
    /// None is.
    pub fn looped(&mut self) -> Result<(u32, ccd_call), Stop> {
        let subject = self.subject;
        if !self.has_loops() {
            return skip(
                "nobody sends the sound back: \"loopback\" in the driver's configuration says who does, true or a list of \
                 channels",
            );
        }
        self.connected_on(|channel, _| subject.loops(channel))
    }

    /// The same, on the first of some channels.
    ///
    /// # Errors
    /// None is.
    pub fn connected_on(
        &mut self,
        is_one: impl Fn(u32, &ChannelInfo) -> bool,
    ) -> Result<(u32, ccd_call), Stop> {
        let first = self.host.count();
        let (channel, call) = self.make_on(is_one, make_usual)?;
        if self.connect(channel, call, first) {
            return Ok((channel, call));
        }
        self.drop_call(call, 16);
        let _ = self.until(call, CCD_EV_RELEASED, PATIENCE);
        skip(format!(
            "a call to {} is not answered within {} s; say whom to call with --called and --via",
            self.subject.dial.called,
            CONNECT_LIMIT.as_secs()
        ))
    }

    /// A call of ours on the first of some channels that takes it, made as `how` says.
    ///
    /// # Errors
    /// None takes it.
    pub fn make_on(
        &mut self,
        is_one: impl Fn(u32, &ChannelInfo) -> bool,
        how: impl Fn(u32, ccd_call, Dial) -> Command,
    ) -> Result<(u32, ccd_call), Stop> {
        self.require(Function::Make)?;
        let channels: Vec<u32> = (0..)
            .zip(self.channels())
            .filter(|(channel, info)| is_one(*channel, info))
            .map(|(n, _)| n)
            .collect();
        if channels.is_empty() {
            return skip("no channel of that kind");
        }
        let mut said = CCD_OK;
        for channel in channels {
            self.by_hand(channel);
            let call = self.new_call();
            said = self.command(&how(channel, call, self.subject.dial.clone())).0;
            if said >= 0 {
                return Ok((channel, call));
            }
        }
        let called = &self.subject.dial.called;
        skip(format!("no channel takes a call to {called}: {}", crate::raw::status_name(said)))
    }

    /// Lets the far end answer.
    fn connect(&mut self, channel: u32, call: ccd_call, first: usize) -> bool {
        let has_acts = self.has_acts();
        self.other_side = None;
        let steps = [CCD_EV_ALERTING, CCD_EV_CONNECTED, CCD_EV_INCOMING];
        let found = self.wait(first, CONNECT_LIMIT, |seen| {
            let event = seen.event();
            let is_ours = event.call() == call || event.kind() == CCD_EV_INCOMING;
            (is_ours && steps.contains(&event.kind())).then(|| (event.kind(), event.call()))
        });
        match found {
            Some((CCD_EV_ALERTING, _)) if has_acts => drop(self.act(&format!("channel {channel} answers"))),
            Some((CCD_EV_INCOMING, other)) if self.subject.dial.via.is_some() => self.answer_other(other),
            Some((CCD_EV_ALERTING, _)) if self.subject.dial.via.is_some() => {
                if let Some(other) = self.offer(first, PATIENCE) {
                    self.answer_other(other.call);
                }
            }
            _ => {}
        }
        self.until(call, CCD_EV_CONNECTED, CONNECT_LIMIT).is_some()
    }

    fn answer_other(&mut self, other: ccd_call) {
        self.other_side = Some(other);
        self.command(&Command::Answer { call: other });
    }

    /// Lets the far end of the call that [`Session::connected`] made hang up, where it does what it is told; whether it was.
    pub fn far_end_hangs_up(&mut self, channel: u32) -> bool {
        match self.other_side {
            Some(other) => self.drop_call(other, 16) >= 0,
            None => self.has_acts() && self.act(&format!("channel {channel} hangs up")).is_ok(),
        }
    }
}

/// A call the way the command line says.
fn make_usual(channel: u32, call: ccd_call, dial: Dial) -> Command {
    super::make(channel, call, &dial.called, dial.via)
}
