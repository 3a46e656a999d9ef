//! A person's ear: from what the host sends on a line to silence, a machine or a person.
//!
//! Blocks of 20 ms, whatever the host's frame is. In each, two Goertzel filters measure the pilot tones of
//! [`Voice`](crate::Voice) against the whole energy:
//!
//! * person block: both pilots are there, equally strong, and make up a good part of the energy;
//! * machine block: loud, and not a person block; quiet block: neither.
//!
//! Three person blocks out of the last eight are a person, held for 1 s over pauses of speech (not all in a row:
//! the pilots of two people who speak at once beat). Five loud blocks out of the last eight that are not a person's
//! are a machine, held for 5 s over the pauses of ringback. A person outdoes a machine.
//!
//! Sound and silence that take turns four times, all equally long and 0.2 to 0.7 s each, are a busy tone.

use crate::goertzel::Filter;
use crate::voice::PILOT_HZ;
use callcore_sim_model::Heard;

const BLOCK_SAMPLES: u32 = 160;
/// Mean square of a loud block: about -50 dB of full scale.
const LOUD: f32 = 100.0 * 100.0;
/// Of a voice alone the pilots have 44 %; of one as loud as the music behind it, 22 %.
const PILOTS_SHARE_MIN: f32 = 0.12;
/// The weaker pilot has at least this part of the stronger one (6 dB).
const PILOTS_BALANCE_MIN: f32 = 0.25;
const PERSON_BLOCKS: u32 = 3; // of 8
const PERSON_HOLD_BLOCKS: u32 = 50;
const MACHINE_BLOCKS: u32 = 5; // of 8
const MACHINE_HOLD_BLOCKS: u32 = 250;

/// Blocks of one burst or pause of a busy tone, and what they may differ by.
const BUSY_BLOCKS: std::ops::RangeInclusive<u32> = 10..=36;
const BUSY_OFF_BLOCKS: u32 = 3;
/// Bursts and pauses in a row.
const BUSY_TURNS: usize = 4;

/// Listens to one line; see the page's head for the rules.
#[derive(Debug, Clone)]
pub struct Ear {
    pilots: [Filter; 2],
    energy: f32,
    samples: u32,
    /// The last eight blocks, newest in bit 0: a person's.
    person_blocks: u8,
    person_hold: u32,
    /// Likewise: loud and nobody's.
    machine_blocks: u8,
    machine_hold: u32,
    rhythm: Rhythm,
}

/// How long sound and silence have been taking turns.
#[derive(Debug, Clone, Default)]
struct Rhythm {
    loud: bool,
    blocks: u32,
    /// The last turns that have ended, newest first.
    turns: [u32; BUSY_TURNS],
}

impl Rhythm {
    fn note(&mut self, loud: bool) {
        if loud != self.loud {
            self.turns.rotate_right(1);
            self.turns[0] = self.blocks;
            (self.loud, self.blocks) = (loud, 0);
        }
        self.blocks += 1;
    }

    fn is_busy_tone(&self) -> bool {
        let (shortest, longest) =
            self.turns.iter().fold((u32::MAX, 0), |(min, max), turn| (min.min(*turn), max.max(*turn)));
        BUSY_BLOCKS.contains(&shortest)
            && BUSY_BLOCKS.contains(&longest)
            && longest - shortest <= BUSY_OFF_BLOCKS
            && self.blocks <= longest + BUSY_OFF_BLOCKS
    }
}

impl Default for Ear {
    fn default() -> Self {
        Self::new()
    }
}

impl Ear {
    /// An ear that has heard nothing yet.
    pub fn new() -> Self {
        Self {
            pilots: PILOT_HZ.map(Filter::new),
            energy: 0.0,
            samples: 0,
            person_blocks: 0,
            person_hold: 0,
            machine_blocks: 0,
            machine_hold: 0,
            rhythm: Rhythm::default(),
        }
    }

    /// Listens on, 8000 samples per second, and tells what it makes of it.
    pub fn listen(&mut self, samples: &[i16]) -> Heard {
        for sample in samples {
            let x = f32::from(*sample);
            self.energy += x * x;
            self.pilots.iter_mut().for_each(|filter| filter.feed(x));
            self.samples += 1;
            if self.samples == BLOCK_SAMPLES {
                self.end_block();
            }
        }
        self.heard()
    }

    /// What it hears at present.
    pub fn heard(&self) -> Heard {
        match (self.person_hold, self.machine_hold) {
            (0, _) if self.rhythm.is_busy_tone() => Heard::Busy,
            (0, 0) => Heard::Silence,
            (0, _) => Heard::Machine,
            (_, _) => Heard::Person,
        }
    }

    fn end_block(&mut self) {
        let energy = self.energy / BLOCK_SAMPLES as f32;
        let [low, high] = [self.pilots[0].take(BLOCK_SAMPLES), self.pilots[1].take(BLOCK_SAMPLES)];
        (self.energy, self.samples) = (0.0, 0);
        let loud = energy > LOUD;
        let balanced = low.min(high) >= PILOTS_BALANCE_MIN * low.max(high);
        let person = loud && balanced && low + high >= PILOTS_SHARE_MIN * energy;
        self.note_person(person);
        self.note_machine(loud && !person);
        self.rhythm.note(loud);
    }

    fn note_person(&mut self, person: bool) {
        self.person_blocks = (self.person_blocks << 1) | u8::from(person);
        self.person_hold = self.person_hold.saturating_sub(1);
        if self.person_blocks.count_ones() >= PERSON_BLOCKS {
            self.person_hold = PERSON_HOLD_BLOCKS;
            // what was played before the person came says nothing about afterwards
            (self.machine_blocks, self.machine_hold) = (0, 0);
        }
    }

    fn note_machine(&mut self, machine: bool) {
        self.machine_blocks = (self.machine_blocks << 1) | u8::from(machine);
        self.machine_hold = self.machine_hold.saturating_sub(1);
        if self.machine_blocks.count_ones() >= MACHINE_BLOCKS {
            self.machine_hold = MACHINE_HOLD_BLOCKS;
        }
    }
}
