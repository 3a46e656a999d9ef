//! The keys of one caller: those that answer a question, and those that were pressed before it was asked (type-ahead).
//!
//! ```text
//!            ┌── prompts ──▶ Playing ──played──▶ Waiting ──key──▶ Collecting ──▶ an End
//!   ask ─────┤                  └──key, if it may end the prompt──────▶ ▲
//!            └── none, or keys are there and may end them ──▶ Waiting ──┘
//! ```
//!
//! Menus and PLAY DIGIT nodes of flows ask through it, and so do programs.

use super::flow::Prompts;
use super::session::Happened;
use crate::base::limits::DIGITS_PENDING_MAX;
use crate::board::{Digit, Digits};
use crate::call::{CallTimer, Decision};
use std::collections::VecDeque;

/// How long keys are waited for, and whether they end the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// A key ends the prompt.
    pub barge_in: bool,
    /// The wait for the first key after the prompt, in milliseconds.
    pub first_digit_ms: u64,
    /// The wait for each further key, in milliseconds.
    pub inter_digit_ms: u64,
}

/// What a key means after those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is one of them, and another may follow.
    More,
    /// It is the last of them.
    Full,
    /// It ends them and is none of them.
    Terminator,
    /// It is as if it had not been pressed.
    PassedOver,
    /// No answer begins like this.
    Wrong,
}

/// What is asked.
pub trait Question {
    /// Played first; may be none.
    fn prompts(&self) -> &Prompts;
    /// How long is waited.
    fn patience(&self) -> Patience;
    /// What `digit` means after `keys`.
    fn judge(&self, keys: &Digits, digit: Digit) -> Verdict;
}

/// A number: at most so many keys, and which end it sooner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// With so many it is complete.
    pub digits_max: usize,
    /// Keys that end it and do not belong to it.
    pub terminators: Digits,
    /// They do so from so many keys on, and are passed over before.
    pub terminated_from: usize,
}

impl Number {
    /// What `digit` means after `keys`.
    #[must_use]
    pub fn judge(&self, keys: &Digits, digit: Digit) -> Verdict {
        let terminates = self.terminators.contains(digit);
        match keys.len() {
            have if terminates && have < self.terminated_from => Verdict::PassedOver,
            _ if terminates => Verdict::Terminator,
            have if have + 1 >= self.digits_max => Verdict::Full,
            _ => Verdict::More,
        }
    }
}

/// Why there are no more keys to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// This key ended them.
    Terminator(Digit),
    /// There are as many as there can be.
    Full,
    /// The last one fits no answer.
    Wrong,
    /// None came after the prompt.
    FirstDigitTimeout,
    /// No further one came.
    InterDigitTimeout,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Nothing is asked.
    #[default]
    Idle,
    /// The prompts are being played.
    Playing,
    /// The prompts are over, no key yet.
    Waiting,
    /// At least one key.
    Collecting,
}

/// The keys of one caller.
#[derive(Debug, Default)]
pub struct Collector {
    phase: Phase,
    keys: Digits,
    ahead: VecDeque<Digit>,
}

impl Collector {
    /// Ask. Keys pressed ahead answer it without its prompts, if they may end them; the end, if they are enough.
    pub fn ask(&mut self, question: &impl Question, out: &mut Vec<Decision>) -> Option<End> {
        self.keys = Digits::default();
        if question.prompts().is_empty() {
            return self.wait(question, out);
        }
        if question.patience().barge_in && !self.ahead.is_empty() {
            self.phase = Phase::Waiting;
            return self.take_ahead(question, out);
        }
        self.play(question.prompts(), out);
        None
    }

    /// Play these prompts, and wait for keys after them: the question once more, with something before it.
    pub fn play(&mut self, prompts: &Prompts, out: &mut Vec<Decision>) {
        self.keys = Digits::default();
        self.phase = Phase::Playing;
        out.push(Decision::Play(Prompts::clone(prompts)));
    }

    /// Take what happened to the caller; the end, if the question has its answer by it or will have none.
    pub fn handle(
        &mut self,
        happened: Happened,
        question: &impl Question,
        out: &mut Vec<Decision>,
    ) -> Option<End> {
        match (self.phase, happened) {
            (_, Happened::Started) => self.ask(question, out),
            (Phase::Playing, Happened::Played) => {
                out.push(Decision::StopPlay);
                self.wait(question, out)
            }
            (Phase::Playing, Happened::Digit(digit)) if question.patience().barge_in => {
                self.phase = Phase::Waiting;
                out.push(Decision::StopPlay);
                self.take(digit, question, out)
            }
            (Phase::Idle | Phase::Playing, Happened::Digit(digit)) => {
                self.keep(digit);
                None
            }
            (Phase::Waiting | Phase::Collecting, Happened::Digit(digit)) => self.take(digit, question, out),
            (Phase::Waiting, Happened::FirstDigitTimeout) => Some(self.end(End::FirstDigitTimeout, out)),
            (Phase::Collecting, Happened::InterDigitTimeout) => Some(self.end(End::InterDigitTimeout, out)),
            // a timer or an end of play that crossed with a key
            (Phase::Idle | Phase::Playing, Happened::FirstDigitTimeout | Happened::InterDigitTimeout)
            | (Phase::Idle | Phase::Waiting | Phase::Collecting, Happened::Played)
            | (Phase::Waiting, Happened::InterDigitTimeout)
            | (Phase::Collecting, Happened::FirstDigitTimeout) => None,
        }
    }

    /// Ask no longer; the keys so far.
    pub fn stop(&mut self) -> Digits {
        self.phase = Phase::Idle;
        std::mem::take(&mut self.keys)
    }

    /// A key that nobody has asked for yet; beyond [`DIGITS_PENDING_MAX`] it is lost.
    pub fn keep(&mut self, digit: Digit) {
        if self.ahead.len() < DIGITS_PENDING_MAX {
            self.ahead.push_back(digit);
        }
    }

    /// Forget the keys that were pressed ahead.
    pub fn flush(&mut self) {
        self.ahead.clear();
    }

    fn wait(&mut self, question: &impl Question, out: &mut Vec<Decision>) -> Option<End> {
        self.phase = Phase::Waiting;
        out.push(Decision::StartTimer(CallTimer::FirstDigit, question.patience().first_digit_ms));
        self.take_ahead(question, out)
    }

    fn take_ahead(&mut self, question: &impl Question, out: &mut Vec<Decision>) -> Option<End> {
        while let Some(digit) = self.ahead.pop_front() {
            let end = self.take(digit, question, out);
            if end.is_some() {
                return end;
            }
        }
        None
    }

    fn take(&mut self, digit: Digit, question: &impl Question, out: &mut Vec<Decision>) -> Option<End> {
        let verdict = question.judge(&self.keys, digit);
        if verdict == Verdict::PassedOver && self.phase == Phase::Waiting {
            // it may have ended the prompt: the wait for the first key that counts begins
            out.push(Decision::StartTimer(CallTimer::FirstDigit, question.patience().first_digit_ms));
            return None;
        }
        out.push(Decision::StopTimer(CallTimer::FirstDigit));
        if matches!(verdict, Verdict::More | Verdict::Full | Verdict::Wrong) {
            self.keys.push(digit);
        }
        match verdict {
            Verdict::More | Verdict::PassedOver => {
                self.phase = Phase::Collecting;
                let ms = question.patience().inter_digit_ms;
                out.push(Decision::StartTimer(CallTimer::InterDigit, ms));
                None
            }
            Verdict::Full => Some(self.end(End::Full, out)),
            Verdict::Terminator => Some(self.end(End::Terminator(digit), out)),
            Verdict::Wrong => Some(self.end(End::Wrong, out)),
        }
    }

    fn end(&mut self, end: End, out: &mut Vec<Decision>) -> End {
        self.phase = Phase::Idle;
        if end != End::FirstDigitTimeout {
            out.push(Decision::StopTimer(CallTimer::InterDigit));
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Asked {
        prompts: Prompts,
        number: Number,
    }

    impl Question for Asked {
        fn prompts(&self) -> &Prompts {
            &self.prompts
        }

        fn patience(&self) -> Patience {
            Patience { barge_in: true, first_digit_ms: 5_000, inter_digit_ms: 3_000 }
        }

        fn judge(&self, keys: &Digits, digit: Digit) -> Verdict {
            self.number.judge(keys, digit)
        }
    }

    fn asked(prompts: &[&str], digits_max: usize, terminated_from: usize) -> Asked {
        let terminators = Digits::try_from("*#".to_owned()).expect("keys");
        let prompts = prompts.iter().map(|name| std::sync::Arc::from(*name)).collect();
        Asked { prompts, number: Number { digits_max, terminators, terminated_from } }
    }

    fn press(collector: &mut Collector, question: &Asked, keys: &str) -> (Option<End>, Vec<Decision>) {
        let (mut end, mut out) = (None, Vec::new());
        for key in keys.bytes().filter_map(Digit::new) {
            out.clear();
            end = collector.handle(Happened::Digit(key), question, &mut out);
        }
        (end, out)
    }

    #[test]
    fn without_prompts_the_wait_begins_at_once() {
        let (mut collector, mut out) = (Collector::default(), Vec::new());
        assert_eq!(collector.ask(&asked(&[], 4, 0), &mut out), None);
        assert_eq!(out, [Decision::StartTimer(CallTimer::FirstDigit, 5_000)]);
        let end = collector.handle(Happened::FirstDigitTimeout, &asked(&[], 4, 0), &mut out);
        assert_eq!((end, collector.stop().as_str()), (Some(End::FirstDigitTimeout), ""));
    }

    #[test]
    fn a_terminator_that_comes_too_early_is_passed_over() {
        let question = asked(&["ask"], 4, 2);
        let mut collector = Collector::default();
        collector.ask(&question, &mut Vec::new());
        let (end, out) = press(&mut collector, &question, "#");
        assert_eq!(end, None);
        assert_eq!(out, [Decision::StopPlay, Decision::StartTimer(CallTimer::FirstDigit, 5_000)]);
        assert_eq!(press(&mut collector, &question, "1*2").0, None);
        let hash = Digit::new(b'#').expect("a key");
        assert_eq!(press(&mut collector, &question, "#").0, Some(End::Terminator(hash)));
        assert_eq!(collector.stop().as_str(), "12");
    }

    #[test]
    fn keys_that_nobody_asks_for_are_kept_until_they_are_flushed() {
        let question = asked(&["ask"], 2, 0);
        for (flush, wanted) in [(false, Some(End::Full)), (true, None)] {
            let mut collector = Collector::default();
            press(&mut collector, &question, "12");
            if flush {
                collector.flush();
            }
            assert_eq!(collector.ask(&question, &mut Vec::new()), wanted);
        }
    }
}
