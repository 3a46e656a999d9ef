//! Conference rooms: one sum of all who speak, and for each party that sum less its own part.
//!
//! ```text
//!   said of each speaker ──▶ level ──(large room: only the loudest)──▶ sum ──┬─ less own ──▶ each speaker
//!                                                                           ├─ as it is ─▶ all others, made once a format
//!                                            coach ─────────────────────────┴─ plus ────▶ the one that is coached
//! ```
//!
//! So the cost of a party does not depend on how many there are. Sums have 32 bits; only what goes out is cut at full
//! scale. Each rate that two parties have gets a sum of its own; a single wideband party hears the 8 kHz sum.

use super::command::{ROOM_LOUDEST_MAX, SAMPLES_MAX};
use super::gain::saturate;
use super::seats::Room;
use super::{Engine, FrameIo};
use crate::board::ChannelId;
use crate::media::MediaEvent;
use crate::media::plan::Role;
use callcore_codec::{Format, Rate};

/// Room for a sum and for what is the same for many.
#[derive(Debug)]
pub(super) struct Mix {
    sum: Box<[i32]>,
    shared: [(Option<Format>, Box<[u8]>); 3],
}

impl Default for Mix {
    fn default() -> Self {
        let empty = || (None, vec![0; 2 * SAMPLES_MAX].into());
        Self { sum: vec![0; SAMPLES_MAX].into(), shared: [empty(), empty(), empty()] }
    }
}

/// Who is in a room in this frame.
#[derive(Clone, Copy, Debug, Default)]
struct Survey {
    speakers: usize,
    by_rate: [u32; 3],
}

impl Survey {
    /// The rate of the sum that a party of this rate hears.
    fn heard_at(&self, rate: Rate) -> Rate {
        if self.by_rate[rate as usize] > 1 { rate } else { Rate::Narrow }
    }
}

impl Engine {
    /// Run this frame of the room at a place.
    pub(super) fn run_room(&mut self, place: usize, io: &mut (impl FrameIo + ?Sized)) {
        let Some(room) = self.rooms.at(place) else { return };
        let survey = self.survey(&room, io);
        if survey.speakers > self.room_exact_max {
            self.choose_loudest(&room);
        }
        for rate in Rate::ALL {
            let is_heard =
                Rate::ALL.iter().any(|of| survey.by_rate[*of as usize] > 0 && survey.heard_at(*of) == rate);
            if is_heard {
                self.sum_up(&room, rate);
                self.give_out(&room, rate, &survey, io);
            }
        }
    }

    /// Take in what all say, and how loud they are.
    fn survey(&mut self, room: &Room, io: &mut (impl FrameIo + ?Sized)) -> Survey {
        let mut survey = Survey::default();
        let mut next = self.rooms.next(room, None);
        while let Some(slot) = next {
            next = self.rooms.next(room, Some(slot));
            let channel = self.slots.channel(slot);
            self.rooms.place_mut(slot).is_heard = false;
            let Some(voice) = self.voices[slot].as_ref().filter(|voice| voice.is_current) else { continue };
            survey.by_rate[voice.rate() as usize] += 1;
            if self.rooms.place(slot).role == Role::Listen || self.load(channel, io).is_none() {
                continue;
            }
            let Some(voice) = &mut self.voices[slot] else { continue };
            let (is_quiet, loudness) = (voice.ear.is_quiet(), loudness(voice.said(Rate::Narrow)));
            let place = self.rooms.place_mut(slot);
            let change = place.follow(loudness);
            place.is_heard = place.role.speaks_to_all() && !is_quiet;
            survey.speakers += usize::from(place.is_heard);
            if let Some(on) = change.filter(|_| self.events.len() < self.events_max) {
                self.rooms.place_mut(slot).is_speaking = on;
                self.events.push_back(MediaEvent::Speaking { channel, room: room.id, on });
            }
        }
        survey
    }

    /// In a large room only those who moderate and the loudest are heard; who is heard stays so while it is about as loud.
    fn choose_loudest(&mut self, room: &Room) {
        let mut loudest = [0u32; ROOM_LOUDEST_MAX];
        let loudest = &mut loudest[..self.room_loudest];
        let mut next = self.rooms.next(room, None);
        while let Some(slot) = next {
            next = self.rooms.next(room, Some(slot));
            let place = self.rooms.place(slot);
            if place.is_heard && place.level > loudest[0] {
                loudest[0] = place.level;
                // the softest first
                let mut at = 0;
                while at + 1 < loudest.len() && loudest[at] > loudest[at + 1] {
                    loudest.swap(at, at + 1);
                    at += 1;
                }
            }
        }
        let softest = loudest[0];
        // those who are as loud as the softest share the places that the louder leave
        let mut left = loudest.iter().filter(|level| **level == softest).count();
        let mut next = self.rooms.next(room, None);
        while let Some(slot) = next {
            next = self.rooms.next(room, Some(slot));
            let place = self.rooms.place_mut(slot);
            if place.is_heard && place.role != Role::Moderate {
                let is_last = place.level == softest && left > 0;
                left -= usize::from(is_last);
                place.is_heard = place.level > softest || is_last;
            }
        }
    }

    /// The sum of all who are heard, at a rate.
    fn sum_up(&mut self, room: &Room, rate: Rate) {
        let length = self.frame_samples * rate.times();
        self.mix.shared.iter_mut().for_each(|(format, _)| *format = None);
        let sum = &mut self.mix.sum[..length];
        sum.fill(0);
        let mut next = self.rooms.next(room, None);
        while let Some(slot) = next {
            next = self.rooms.next(room, Some(slot));
            if self.rooms.place(slot).is_heard
                && let Some(voice) = &mut self.voices[slot]
            {
                add(sum, voice.said(rate));
            }
        }
    }

    /// Give all parties that hear the sum of this rate what they hear.
    fn give_out(&mut self, room: &Room, rate: Rate, survey: &Survey, io: &mut (impl FrameIo + ?Sized)) {
        let mut next = self.rooms.next(room, None);
        while let Some(slot) = next {
            next = self.rooms.next(room, Some(slot));
            let channel = self.slots.channel(slot);
            let Some(voice) = self.voices[slot].as_ref() else { continue };
            if !voice.is_current || survey.heard_at(voice.rate()) != rate {
                continue;
            }
            let own = self.rooms.place(slot).is_heard;
            let is_coached = room.coaches > 0 && self.coaches(room, channel).next().is_some();
            if own || is_coached || !self.share(channel, slot, rate, io) {
                self.make_own(room, channel, slot, rate);
                self.finish(channel, slot, true, io);
            }
        }
    }

    /// The slots of those who coach a channel.
    fn coaches<'a>(&'a self, room: &'a Room, channel: ChannelId) -> impl Iterator<Item = usize> + 'a {
        let all =
            std::iter::successors(self.rooms.next(room, None), |slot| self.rooms.next(room, Some(*slot)));
        all.filter(move |slot| self.rooms.place(*slot).role == Role::Coach(channel))
    }

    /// Hand on the sum in bytes, for who has no part in it. `false`: this party needs more than that.
    fn share(
        &mut self,
        channel: ChannelId,
        slot: usize,
        rate: Rate,
        io: &mut (impl FrameIo + ?Sized),
    ) -> bool {
        let (mouth, frame) = (&mut self.mouths[slot], self.stats.frames);
        let Some(voice) = &self.voices[slot] else { return true };
        let format = voice.format;
        if !mouth.is_plain() || !format.is_sampled() || format.rate() != rate || voice.is_tapped(frame) {
            return false;
        }
        let Mix { sum, shared } = &mut self.mix;
        let length = format.slot_bytes(self.frame_samples);
        let known = shared.iter().position(|(of, _)| *of == Some(format));
        let at = known.or_else(|| shared.iter().position(|(of, _)| of.is_none())).unwrap_or(0);
        let (of, bytes) = &mut shared[at];
        if *of != Some(format) {
            let samples = &mut self.scratch.samples[..self.frame_samples * rate.times()];
            samples.iter_mut().zip(sum.iter()).for_each(|(sample, sum)| *sample = saturate(*sum));
            callcore_codec::encode_sampled(format, samples, &mut bytes[..length]);
            *of = Some(format);
        }
        mouth.last = saturate(sum[self.frame_samples * rate.times() - 1]);
        if let Some(tx) = io.tx(channel, format).and_then(|tx| tx.get_mut(..length)) {
            tx.copy_from_slice(&bytes[..length]);
        }
        true
    }

    /// The sum less the party's own part, with who coaches it, into the scratch at the party's rate.
    fn make_own(&mut self, room: &Room, channel: ChannelId, slot: usize, rate: Rate) {
        let length = self.frame_samples * rate.times();
        let mut mix = std::mem::take(&mut self.scratch.samples);
        let out = &mut mix[..length];
        let sum = &self.mix.sum[..length];
        match self.voices[slot].as_mut().filter(|_| self.rooms.place(slot).is_heard) {
            Some(voice) => {
                let own = voice.said(rate).iter();
                out.iter_mut()
                    .zip(sum)
                    .zip(own)
                    .for_each(|((o, s), own)| *o = saturate(*s - i32::from(*own)));
            }
            None => out.iter_mut().zip(sum).for_each(|(out, sum)| *out = saturate(*sum)),
        }
        let mut next = if room.coaches > 0 { self.coaches(room, channel).next() } else { None };
        while let Some(coach) = next {
            next = self.coaches(room, channel).skip_while(|slot| *slot != coach).nth(1);
            if let Some(voice) = &mut self.voices[coach] {
                let said = voice.said(rate).iter();
                out.iter_mut()
                    .zip(said)
                    .for_each(|(o, said)| *o = saturate(i32::from(*o) + i32::from(*said)));
            }
        }
        self.scratch.samples = mix;
        if rate == Rate::Narrow {
            self.widen_scratch(slot);
        }
    }
}

/// Samples that are worked on without a look at the end between them; frames are multiples.
const ROW: usize = 16;

fn add(sum: &mut [i32], said: &[i16]) {
    let (sums, rest) = sum.as_chunks_mut::<ROW>();
    let (parts, last) = said.as_chunks::<ROW>();
    for (sum, part) in sums.iter_mut().zip(parts) {
        (0..ROW).for_each(|n| sum[n] += i32::from(part[n]));
    }
    rest.iter_mut().zip(last).for_each(|(sum, part)| *sum += i32::from(*part));
}

/// Mean absolute sample.
fn loudness(samples: &[i16]) -> u32 {
    let sum: u32 = samples.iter().map(|sample| u32::from(sample.unsigned_abs())).sum();
    sum / samples.len().max(1) as u32
}
