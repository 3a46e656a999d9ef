//! What comes in on a channel: this frame, or what hides that it is missing; and what that is at other rates.
//!
//! Nothing is decoded before somebody asks: two channels of one format hand bytes to each other, and a channel that
//! nobody hears costs nothing.

use super::command::SAMPLES_MAX;
use super::delay::Delay;
use super::gain::Gain;
use callcore_codec::{Concealment, Decoder, Format, Rate, Resampler, prefetch};

/// Frames that are kept, to find the pitch of what is missing in: 60 ms.
const KEPT: usize = 3;
/// Frames that are concealed; what is missing longer is silent.
const CONCEALED_MAX: u8 = 10;
static SILENCE: [i16; SAMPLES_MAX] = [0; SAMPLES_MAX];

/// This frame at one rate.
struct Track {
    /// The frame that `samples` is of.
    frame: u64,
    samples: Box<[i16]>,
    /// From the format's own rate; `None` for that itself.
    resampler: Option<Box<Resampler>>,
}

impl Track {
    fn new(from: Rate, to: Rate) -> Self {
        let resampler = (from != to).then(|| Box::new(Resampler::new(from, to)));
        Self { frame: 0, samples: vec![0; to.samples(20)].into(), resampler }
    }
}

/// Held back, so that keys can be blanked: at its own rate, and at 8 kHz.
#[derive(Debug)]
pub(super) struct Guard {
    own: Delay,
    narrow: Delay,
}

impl Guard {
    pub(super) fn new() -> Self {
        Self { own: Delay::new(), narrow: Delay::new() }
    }
}

/// One channel's incoming sound.
pub(super) struct Ear {
    format: Format,
    /// At 8 kHz.
    frame_samples: usize,
    /// The engine's frame that was taken in last.
    frame: u64,
    /// Bytes of a frame.
    length: usize,
    /// Frames that there is room for, and the newest of them.
    places: usize,
    newest: usize,
    /// Frames missing up to and with this one; 0: it is here.
    missing: u8,
    /// Frames in a row that are kept.
    kept: usize,
    /// Nothing comes because the far end is silent, and the decoder makes its noise.
    rests: bool,
    gain: Gain,
    is_muted: bool,
    bytes: Box<[u8]>,
    /// By rate.
    tracks: [Option<Track>; 3],
    /// Apart, as it is large: what each frame needs stays together.
    concealment: Box<Option<Concealment>>,
    history: Box<[i16]>,
    guard: Option<Box<Guard>>,
}

/// The decoder of a voice, if its format needs one.
pub(super) type Coder = Option<Box<dyn Decoder>>;

impl Ear {
    pub(super) fn new(format: Format, rate_max: Rate, frame_samples: usize) -> Self {
        let own = format.rate();
        let track = |rate| (rate == Rate::Narrow || rate <= rate_max).then(|| Track::new(own, rate));
        let places = if format.is_sampled() { KEPT } else { 1 };
        let length = format.slot_bytes(frame_samples);
        let history = if format.is_sampled() { KEPT * frame_samples * own.times() } else { 0 };
        Self {
            format,
            frame_samples,
            frame: 0,
            length,
            places,
            newest: 0,
            missing: CONCEALED_MAX,
            kept: 0,
            rests: false,
            gain: Gain::UNITY,
            is_muted: false,
            bytes: vec![0; places * length].into(),
            tracks: Rate::ALL.map(track),
            concealment: Box::default(),
            history: vec![0; history].into(),
            guard: None,
        }
    }

    pub(super) const fn frame_samples(&self) -> usize {
        self.frame_samples
    }

    pub(super) fn set_levels(&mut self, gain: Gain, is_muted: bool) {
        (self.gain, self.is_muted) = (gain, is_muted);
    }

    /// Hold the sound back from now on, or no more; what is not needed any more.
    pub(super) fn set_guard(&mut self, guard: Option<Box<Guard>>) -> Option<Box<Guard>> {
        if guard.is_some() && self.guard.is_some() {
            guard
        } else {
            std::mem::replace(&mut self.guard, guard)
        }
    }

    /// The other law of G.711.
    pub(super) fn change_law(&mut self, format: Format) {
        (self.format, self.kept, self.missing, *self.concealment) = (format, 0, CONCEALED_MAX, None);
    }

    pub(super) const fn is_loaded(&self, frame: u64) -> bool {
        self.frame == frame
    }

    /// Asks the processor for what each frame looks at first.
    pub(super) fn prefetch(&self) {
        prefetch(&self.frame);
    }

    /// Take in what came in this frame. `false` if that is nothing.
    pub(super) fn load(&mut self, frame: u64, rx: Option<&[u8]>) -> bool {
        if self.frame + 1 != frame {
            // old sound is not what is missing now, and may be another call's
            (self.kept, self.missing, *self.concealment) = (0, CONCEALED_MAX, None);
            self.rests = false;
        }
        self.frame = frame;
        let Some(rx) = rx.and_then(|rx| rx.get(..self.length)) else {
            self.missing = (self.missing + 1).min(CONCEALED_MAX);
            return false;
        };
        if self.missing > 0 {
            self.kept = 0;
        }
        self.missing = 0;
        self.newest = if self.newest + 1 == self.places { 0 } else { self.newest + 1 };
        self.kept = (self.kept + 1).min(self.places);
        self.bytes[self.newest * self.length..][..self.length].copy_from_slice(rx);
        true
    }

    fn payload(&self, ago: usize) -> &[u8] {
        let place = if ago > self.newest { self.newest + self.places - ago } else { self.newest - ago };
        &self.bytes[place * self.length..][..self.length]
    }

    pub(super) const fn format(&self) -> Format {
        self.format
    }

    /// Whether this frame is there.
    pub(super) const fn is_here(&self) -> bool {
        self.missing == 0
    }

    /// The bytes as they came, for a listener of the same format; `None` if they are not fit to be passed on.
    #[inline]
    pub(super) fn untouched(&self, format: Format) -> Option<&[u8]> {
        let is_fit = self.missing == 0
            && self.format == format
            && !self.is_muted
            && self.gain.is_unity()
            && self.concealment.is_none()
            && self.guard.is_none();
        is_fit.then(|| self.payload(0))
    }

    /// The samples of this frame at a rate, as others hear them; at 8 kHz if nobody said that there would be others.
    pub(super) fn read(&mut self, coder: &mut Coder, rate: Rate) -> &[i16] {
        let length = self.frame_samples * rate.times();
        if self.is_quiet() {
            return &SILENCE[..length];
        }
        self.decode(coder);
        self.at(rate)
    }

    /// The samples of this frame at 8 kHz, before they are muted; nothing may be held back yet.
    pub(super) fn fresh(&mut self, coder: &mut Coder) -> &[i16] {
        self.decode(coder);
        self.at(Rate::Narrow)
    }

    /// Whether nobody hears anything of it.
    pub(super) fn is_quiet(&self) -> bool {
        self.is_muted || self.is_silent()
    }

    /// Whether nothing has come for so long that there is silence.
    fn is_silent(&self) -> bool {
        self.missing >= CONCEALED_MAX && !self.rests && self.guard.is_none()
    }

    /// Let the fresh sound into the guard, if there is one, and what is older out of it.
    pub(super) fn hold_back(&mut self) {
        let Some(guard) = &mut self.guard else { return };
        let own = self.format.rate();
        let length = |rate: Rate| self.frame_samples * rate.times();
        if let Some(track) = &mut self.tracks[own as usize] {
            guard.own.pass(&mut track.samples[..length(own)], own.times());
        }
        if own != Rate::Narrow
            && let Some(track) = &mut self.tracks[Rate::Narrow as usize]
        {
            guard.narrow.pass(&mut track.samples[..length(Rate::Narrow)], 1);
        }
    }

    /// Silence in place of what came `from` to `to` samples of 8 kHz before the end of this frame.
    pub(super) fn blank(&mut self, from: usize, to: usize) {
        if let Some(guard) = &mut self.guard {
            let times = self.format.rate().times();
            guard.own.blank(from * times, to * times);
            guard.narrow.blank(from, to);
        }
    }

    /// This frame at its own rate, once.
    fn decode(&mut self, coder: &mut Coder) {
        let (own, frame) = (self.format.rate(), self.frame);
        let Some(track) = self.tracks[own as usize].as_mut().filter(|track| track.frame != frame) else {
            return;
        };
        let goes_on = track.frame + 1 == frame;
        track.frame = frame;
        let mut samples = std::mem::take(&mut track.samples);
        let part = &mut samples[..self.frame_samples * own.times()];
        match coder {
            Some(decoder) => self.decode_payload(decoder.as_mut(), goes_on, part),
            None => self.decode_sampled(part),
        }
        self.gain.apply(part);
        if let Some(track) = &mut self.tracks[own as usize] {
            track.samples = samples;
        }
    }

    fn decode_sampled(&mut self, samples: &mut [i16]) {
        if self.missing > 0 {
            return self.conceal(samples);
        }
        callcore_codec::decode_sampled(self.format, self.payload(0), samples);
        if let Some(concealment) = self.concealment.take() {
            concealment.rejoin(samples);
        }
    }

    fn conceal(&mut self, samples: &mut [i16]) {
        if self.missing >= CONCEALED_MAX {
            *self.concealment = None;
            return samples.fill(0);
        }
        if self.concealment.is_none() && self.kept > 0 {
            let mut history = std::mem::take(&mut self.history);
            let known = &mut history[..self.kept * samples.len()];
            for (ago, part) in known.rchunks_exact_mut(samples.len()).enumerate() {
                callcore_codec::decode_sampled(self.format, self.payload(ago), part);
            }
            *self.concealment = Some(Concealment::begin(known, self.format.rate()));
            self.history = history;
        }
        match &mut *self.concealment {
            Some(concealment) => concealment.fill(samples),
            None => samples.fill(0),
        }
    }

    fn decode_payload(&mut self, decoder: &mut dyn Decoder, goes_on: bool, samples: &mut [i16]) {
        // Opus follows any stream within a packet or two, and to reset it moves a third of a megabyte
        if !goes_on && self.format != Format::Opus {
            decoder.reset();
        }
        let slot = self.payload(0);
        let payload = match slot.split_first_chunk::<2>() {
            Some((head, rest)) if self.format.has_length() => {
                &rest[..usize::from(u16::from_ne_bytes(*head)).min(rest.len())]
            }
            _ => slot,
        };
        let is_good = self.missing == 0 && decoder.decode(payload, samples) == Ok(samples.len());
        if !is_good && (self.missing < CONCEALED_MAX || self.rests) {
            decoder.conceal(samples);
        } else if !is_good {
            samples.fill(0);
        }
        self.rests = decoder.rests();
    }

    /// What is decoded, at a rate; at its own if there is no track of that.
    fn at(&mut self, rate: Rate) -> &[i16] {
        let (own, frame) = (self.format.rate(), self.frame);
        let length = |rate: Rate| self.frame_samples * rate.times();
        if rate == own || self.tracks[rate as usize].is_none() {
            let track = self.tracks[own as usize].as_ref();
            return track.map_or(&SILENCE[..length(rate)], |track| &track.samples[..length(own)]);
        }
        let Ok([Some(from), Some(to)]) = self.tracks.get_disjoint_mut([own as usize, rate as usize]) else {
            return &SILENCE[..length(rate)];
        };
        if to.frame != frame
            && let Some(resampler) = &mut to.resampler
        {
            if to.frame + 1 != frame {
                resampler.reset();
            }
            resampler.process(&from.samples[..length(own)], &mut to.samples[..length(rate)]);
            to.frame = frame;
        }
        &to.samples[..length(rate)]
    }
}
