//! A whole centre in virtual time: the live exchange, simulated boards and people, a clock that jumps.
//!
//! ```text
//!   World (lines and people) ──events──▶ faults ──▶ Exchange ──commands──▶ World
//!                  ▲──what each person hears── virtual media ◀──media commands──┘
//! ```
//!
//! The same seed gives the same ledger, byte for byte. Integrators test their own centre with it:
//!
//! ```
//! use callcore::sim::{Centre, CentreConfig};
//! let config = CentreConfig::support(20, 8, 1).with_calls(50, 100.0, 120_000, 90_000);
//! let mut centre = Centre::new(config).expect("the preset is right");
//! centre.run_to_end().expect("no promise is broken");
//! assert_eq!(centre.figures().calls().arrived, 50);
//! ```

mod board;
pub mod checkers;
#[cfg(test)]
mod checkers_tests;
pub mod faults;
mod media;
mod named;
pub mod preset;
pub mod scenario;

use crate::base::{Instant, Now, Problem, Refused, Rng, WallTime};
use crate::exchange::{Command, Config, Event, Exchange, Input, Output, RequestId};
use crate::ledger::{CallRecord, Digest, Entry, Figures, Records};
use board::SimulatedBoard;
use callcore_sim_model::{Act, WorldConfig};
use checkers::Checkers;
use faults::{FaultCounts, FaultDice, Faults};
use media::VirtualMedia;
use std::collections::VecDeque;

pub use callcore_sim_model as model;

/// What a simulated centre is made of.
#[derive(Clone, Debug)]
pub struct CentreConfig {
    /// The centre's own configuration, as a real node has it. Its device is called `sim`.
    pub exchange: Config,
    /// Lines and people.
    pub world: WorldConfig,
    /// How long every prompt is, in milliseconds.
    pub prompt_ms: u64,
    /// What goes wrong, and how often.
    pub faults: Faults,
    /// Civil time at the start.
    pub wall: WallTime,
    /// Look at every promise after every so many steps; 0: never.
    pub check_every: u64,
    /// Keep the ledger's entries for [`Centre::take_entries`].
    pub keep_entries: bool,
}

/// A centre in virtual time.
#[derive(Debug)]
pub struct Centre {
    exchange: Exchange,
    board: SimulatedBoard,
    media: VirtualMedia,
    dice: FaultDice,
    checkers: Checkers,
    now: Now,
    wall_start: WallTime,
    wall_jump_ms: i64,
    steps: u64,
    check_every: u64,
    figures: Figures,
    records: Records,
    records_count: u64,
    digest: DigestOf,
    entries: Option<VecDeque<Entry>>,
    events: VecDeque<Event>,
    last_record: Option<CallRecord>,
    broken: Option<Broken>,
}

/// A digest that can be shown.
#[derive(Default)]
struct DigestOf(Digest);

impl std::fmt::Debug for DigestOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.text())
    }
}

/// A promise was broken: which, when, and the seed to see it again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at {at_ms} ms, step {step}, seed {seed}: {what}")]
pub struct Broken {
    /// Virtual time.
    pub at_ms: u64,
    /// How many steps had been made.
    pub step: u64,
    /// The seed of the world.
    pub seed: u64,
    /// Which promise, by what.
    pub what: String,
}

impl Centre {
    /// A centre at virtual time zero, its board connected.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn new(config: CentreConfig) -> Result<Self, Vec<Problem>> {
        let now = Now { instant: Instant::ZERO, wall: config.wall };
        let thresholds =
            config.exchange.queue.iter().map(|queue| (queue.name.clone(), queue.service_level_ms));
        let figures = Figures::new(thresholds.collect::<Vec<_>>());
        let records = Records::new();
        let mut chance = Rng::new(config.world.seed ^ 0xFA17);
        let mut centre = Self {
            exchange: Exchange::new(config.exchange, now)?,
            board: SimulatedBoard::new(config.world).map_err(|text| vec![Problem::new("world", text)])?,
            media: VirtualMedia::new(config.prompt_ms),
            dice: FaultDice::new(config.faults, chance.fork()),
            checkers: Checkers::default(),
            now,
            wall_start: config.wall,
            wall_jump_ms: 0,
            steps: 0,
            check_every: config.check_every,
            figures,
            records,
            records_count: 0,
            digest: DigestOf::default(),
            entries: config.keep_entries.then(VecDeque::new),
            events: VecDeque::new(),
            last_record: None,
            broken: None,
        };
        let added = centre.board.added();
        centre.feed(Input::Board(added));
        Ok(centre)
    }

    /// Go to the next moment at which something happens, and let it happen; false when nothing ever will.
    ///
    /// # Errors
    /// A promise that is broken.
    pub fn step(&mut self) -> Result<bool, Broken> {
        let Some(next) = self.next_moment() else { return Ok(false) };
        self.go_to(next)?;
        Ok(true)
    }

    /// When something happens next.
    #[must_use]
    pub fn next_moment(&self) -> Option<Instant> {
        let timer = self.exchange.poll_timeout().map(|(at, _)| at);
        [timer, self.board.poll_timeout(), self.media.poll_timeout()].into_iter().flatten().min()
    }

    /// Let everything happen up to and at `moment`, which is then now.
    ///
    /// # Errors
    /// A promise that is broken.
    pub fn go_to(&mut self, moment: Instant) -> Result<(), Broken> {
        while self.next_moment().is_some_and(|next| next < moment) {
            self.step()?;
        }
        self.set_clock(moment);
        self.board.advance(moment, &mut self.dice);
        self.pass_sounds();
        while let Some(event) = self.board.poll_input(moment) {
            self.feed(Input::Board(event));
        }
        while let Some(input) = self.media.poll_input(moment) {
            self.feed(input);
        }
        if self.exchange.poll_timeout().is_some_and(|(at, _)| at <= moment) {
            self.exchange.handle_timeout(self.now);
            self.drain();
        }
        self.after_step()
    }

    fn set_clock(&mut self, moment: Instant) {
        self.wall_jump_ms += self.dice.wall_jump_ms();
        let wall =
            self.wall_start.0 + i64::try_from(moment.as_millis()).unwrap_or(i64::MAX) + self.wall_jump_ms;
        self.now = Now { instant: moment.max(self.now.instant), wall: WallTime(wall) };
    }

    fn after_step(&mut self) -> Result<(), Broken> {
        self.steps += 1;
        let looks = self.check_every > 0 && self.steps.is_multiple_of(self.check_every);
        let found = if looks { self.exchange.self_check().err() } else { None };
        if let Some(what) = self.checkers.take_broken().or(found) {
            // once broken, broken: whoever let the first word of it pass hears it again
            self.broken.get_or_insert(Self::broken(self.now, self.steps, self.board.seed(), what));
        }
        self.broken.clone().map_or(Ok(()), Err)
    }

    fn broken(now: Now, step: u64, seed: u64, what: String) -> Broken {
        Broken { at_ms: now.instant.as_millis(), step, seed, what }
    }

    fn breaks(&self, what: impl Into<String>) -> Broken {
        Self::broken(self.now, self.steps, self.board.seed(), what.into())
    }

    /// Run until all calls that will ever come have come and gone; then look whether anything is left.
    ///
    /// # Errors
    /// A promise that is broken, among them that nothing is left.
    pub fn run_to_end(&mut self) -> Result<(), Broken> {
        while self.step()? {}
        self.check_end()
    }

    /// Stop everything that goes wrong, let no more calls come, and require that the centre comes to rest within
    /// `bound_ms` of virtual time: the second half of a run with faults.
    ///
    /// # Errors
    /// A promise that is broken, among them that nothing is left.
    pub fn heal(&mut self, bound_ms: u64) -> Result<(), Broken> {
        self.dice.stop();
        self.board.heal(self.now.instant);
        let bound = self.now.plus_millis(bound_ms).instant;
        while !(self.exchange.is_empty() && self.board.is_quiet()) {
            match self.next_moment() {
                Some(next) if next <= bound => self.go_to(next)?,
                _ => return Err(self.breaks(format!("calls are left {bound_ms} ms after the faults ended"))),
            }
        }
        self.check_end()
    }

    fn check_end(&mut self) -> Result<(), Broken> {
        self.exchange.self_check().map_err(|what| self.breaks(what))?;
        if !self.exchange.is_empty() {
            return Err(self.breaks("all is quiet, and the exchange is not empty"));
        }
        self.checkers.check_end().map_err(|what| self.breaks(what))?;
        self.figures.advance(self.now.instant);
        self.figures.check().map_err(|what| self.breaks(what))
    }

    /// Let a person or fate do something now.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn act(&mut self, act: &Act) -> Result<(), String> {
        self.board.act(self.now.instant, act, &mut self.dice)?;
        self.pass_sounds();
        let moment = self.now.instant;
        self.go_to(moment).map_err(|broken| broken.to_string())
    }

    /// Give a command as an application does.
    ///
    /// # Errors
    /// The exchange's refusal.
    pub fn command(&mut self, request: RequestId, command: Command) -> Result<(), Refused> {
        let result = self.exchange.handle_input(self.now, Input::Command(request, command));
        self.drain();
        result
    }

    fn feed(&mut self, input: Input) {
        self.exchange.handle_input(self.now, input).expect("events are never refused");
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.exchange.poll_output() {
            match output {
                Output::Fact(entry) => self.on_fact(entry),
                Output::Board(command) => {
                    self.board.handle(self.now.instant, &command, &mut self.dice);
                    self.pass_sounds();
                }
                Output::Media(command) => {
                    let heard = self.media.handle(self.now.instant, &command, &mut self.dice);
                    self.board.hear(self.now.instant, heard, &mut self.dice);
                }
                Output::Event(event) => {
                    if self.entries.is_some() {
                        self.events.push_back(event);
                    }
                }
            }
        }
    }

    /// What lines say is there for the media engine to listen to.
    fn pass_sounds(&mut self) {
        for (channel, sound) in self.board.take_sounds() {
            self.media.sounds(self.now.instant, channel, sound);
        }
    }

    fn on_fact(&mut self, entry: Entry) {
        self.digest.0.push(&entry);
        self.figures.push(&entry);
        self.checkers.push(&entry);
        if let Some(record) = self.records.push(&entry) {
            self.records_count += 1;
            self.checkers.push_record(&record);
            self.last_record = Some(record);
        }
        if let Some(entries) = &mut self.entries {
            entries.push_back(entry);
        }
    }

    /// Now, in virtual time.
    #[must_use]
    pub fn now(&self) -> Now {
        self.now
    }

    /// The exchange, to be looked at.
    #[must_use]
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// The figures so far.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The figures with all times up to now counted in.
    #[must_use]
    pub fn final_figures(&mut self) -> &Figures {
        self.figures.advance(self.now.instant);
        &self.figures
    }

    /// How many call records there are.
    #[must_use]
    pub fn records_count(&self) -> u64 {
        self.records_count
    }

    /// The newest call record.
    #[must_use]
    pub fn last_record(&self) -> Option<&CallRecord> {
        self.last_record.as_ref()
    }

    /// The digest of the ledger so far: equal for equal ledgers.
    #[must_use]
    pub fn digest(&self) -> String {
        self.digest.0.text()
    }

    /// What has gone wrong so far, by kind.
    #[must_use]
    pub fn faults(&self) -> &FaultCounts {
        self.dice.counts()
    }

    /// What the people have counted.
    #[must_use]
    pub fn world_stats(&self) -> &callcore_sim_model::Stats {
        self.board.world().stats()
    }

    /// The number and the name that the display of a phone shows.
    #[must_use]
    pub fn phone_shows(&self, channel: u32) -> Option<(String, String)> {
        let shown = self.board.world().shown(channel)?;
        Some((shown.number.to_string(), shown.name.to_string()))
    }

    /// What a channel of the board hears now: another channel, a room, music, a tone, prompts. `None`: nothing was said to
    /// it since it was opened, or it is closed.
    #[must_use]
    pub fn hears(&self, channel: u32) -> Option<&crate::media::Hear> {
        self.media.hears(self.board.channel(channel))
    }

    /// The number that was dialled from a channel last, as far as its far exchange has it.
    #[must_use]
    pub fn dialled(&self, channel: u32) -> &str {
        self.board.world().dialled(channel)
    }

    /// How many moments the centre has lived through.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The entries since the last time, if they are kept.
    pub fn take_entries(&mut self) -> Vec<Entry> {
        self.entries.as_mut().map(|entries| entries.drain(..).collect()).unwrap_or_default()
    }

    /// The application's events since the last time, if entries are kept.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.events.drain(..).collect()
    }

    /// The application's next event; time goes on until there is one. `None`: nothing will ever happen any more.
    ///
    /// # Errors
    /// A promise that is broken.
    pub fn next_event(&mut self) -> Result<Option<Event>, Broken> {
        while self.events.is_empty() && self.step()? {}
        Ok(self.events.pop_front())
    }
}
