//! What is listened for on a channel: keys, which may be blanked; tones, machines, voices and silence.

use super::ear::Guard;
use super::{Engine, FrameIo};
use crate::board::{ChannelId, Digit};
use crate::media::MediaEvent;
use crate::media::dtmf::Detector;
use crate::media::listen::{Listener, ProgressPlan};
use crate::media::plan::{KeyWatch, Listen};
use crate::media::tone::Country;

/// What listens to one channel. Made where one may allocate.
#[derive(Debug)]
pub struct Hearing {
    keys: KeyWatch,
    detector: Detector,
    listener: Listener,
    /// A key that found no room among the events.
    digit: Option<Digit>,
    /// For the channel's ear, if keys are to be blanked; or what it needs no more.
    pub(super) guard: Option<Box<Guard>>,
}

impl Hearing {
    /// For these things, in a country with these tones; `None` if there is nothing to listen for.
    #[must_use]
    pub fn new(listen: &Listen, country: Country) -> Option<Box<Self>> {
        if listen.is_nothing() {
            return None;
        }
        let keys = listen.keys;
        let guard = (keys == KeyWatch::Blank).then(|| Box::new(Guard::new()));
        let mut listener = Listener::new(ProgressPlan::of(country));
        listener.listen_for(listen.sounds);
        Some(Box::new(Self { keys, detector: Detector::default(), listener, digit: None, guard }))
    }

    /// Go on with what another was in the middle of, where both listen for the same: a key that is held is one key.
    pub(super) fn continue_from(&mut self, before: &mut Self) {
        if self.keys != KeyWatch::Pass && before.keys != KeyWatch::Pass {
            std::mem::swap(&mut self.detector, &mut before.detector);
        }
        self.digit = before.digit.take();
        if self.listener.listens() == before.listener.listens() {
            std::mem::swap(&mut self.listener, &mut before.listener);
        }
    }
}

impl Engine {
    /// Listen to a channel in this frame.
    pub(super) fn listen(&mut self, channel: ChannelId, slot: usize, io: &(impl FrameIo + ?Sized)) {
        if self.mouths[slot].hearing.is_none() || self.load(channel, io).is_none() {
            return;
        }
        let (Some(hearing), Some(voice)) = (&mut self.mouths[slot].hearing, &mut self.voices[slot]) else {
            return;
        };
        let samples = voice.fresh();
        let frame = samples.len();
        let heard = if hearing.keys == KeyWatch::Pass { None } else { hearing.detector.listen(samples) };
        let (events, room, lost) = (&mut self.events, self.events_max, &mut self.stats.events_lost);
        hearing.listener.listen(samples, &mut |heard| {
            if events.len() < room {
                events.push_back(MediaEvent::Heard { channel, heard });
            } else {
                *lost += 1;
            }
        });
        voice.ear.hold_back();
        if hearing.keys == KeyWatch::Blank {
            match hearing.detector.began_samples_ago() {
                Some(began_ago) if heard.is_some() => voice.ear.blank(began_ago, 0),
                Some(_) => voice.ear.blank(frame, 0),
                None => {}
            }
        }
        for digit in [hearing.digit.take(), heard].into_iter().flatten() {
            if hearing.digit.is_none() && self.events.len() < self.events_max {
                self.events.push_back(MediaEvent::Digit { channel, digit });
            } else if hearing.digit.replace(digit).is_some() {
                self.stats.events_lost += 1;
            }
        }
    }
}
