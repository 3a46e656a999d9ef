//! The interpreter: one caller in one flow.
//!
//! ```text
//!             ┌──────────── repeat ◀── nothing or wrong, retries left ──┐
//!   enter ▶ Playing ──played──▶ Waiting ──complete──▶ next node         │
//!             │  └──key (barge-in)──▶ Collecting ──────────┴────────────┘
//!             └─ PLAY ONLY: played ──▶ next node
//! ```
//!
//! Keys pressed before a node asks for them are kept (type-ahead) and answer it without its prompt, if it allows barge-in.

use super::flow::{Ask, Flow, Next, Prompts, Work};
use crate::base::limits::{DIGITS_PENDING_MAX, FLOW_STEPS_PER_FACT_MAX};
use crate::board::{Cause, Digit};
use crate::call::{CallTimer, Decision, Target};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What happened to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The flow takes the call.
    Started,
    /// The prompts have been played to their end, or cannot be played.
    Played,
    /// A key.
    Digit(Digit),
    /// No key came after the prompt.
    FirstDigitTimeout,
    /// No further key came.
    InterDigitTimeout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Prompts are being played.
    Playing,
    /// The prompt is over, no key yet.
    Waiting,
    /// At least one key.
    Collecting,
    /// The call has been handed on.
    Left,
}

/// One caller in one flow.
#[derive(Debug)]
pub struct Session {
    flow: Arc<Flow>,
    node: usize,
    phase: Phase,
    keys: String,
    ahead: VecDeque<Digit>,
    attempts: u32,
    variables: BTreeMap<Arc<str>, String>,
    out: Vec<Decision>,
}

/// What the keys so far mean to a node.
enum Verdict<'a> {
    More,
    /// Right as it is, but more could follow.
    Enough,
    Complete(&'a Next),
    Wrong,
}

impl Session {
    /// A caller who is about to enter a flow.
    #[must_use]
    pub fn new(flow: Arc<Flow>) -> Self {
        let node = flow.start;
        Self {
            flow,
            node,
            phase: Phase::Playing,
            keys: String::new(),
            ahead: VecDeque::new(),
            attempts: 0,
            variables: BTreeMap::new(),
            out: Vec::new(),
        }
    }

    /// The flow's name.
    #[must_use]
    pub fn flow(&self) -> &Arc<str> {
        &self.flow.name
    }

    /// The language of the flow's prompts for a caller who has chosen none.
    #[must_use]
    pub fn language(&self) -> Option<&Arc<str>> {
        self.flow.language.as_ref()
    }

    /// What PLAY DIGIT nodes have stored.
    #[must_use]
    pub fn variables(&self) -> &BTreeMap<Arc<str>, String> {
        &self.variables
    }

    /// Take what happened; the decisions that follow from it, in order.
    pub fn handle(&mut self, happened: Happened) -> Vec<Decision> {
        match (self.phase, happened) {
            (Phase::Left, _) => {}
            (_, Happened::Started) => self.enter(self.flow.start),
            (Phase::Playing, Happened::Played) => self.on_played(),
            (Phase::Playing, Happened::Digit(digit)) => self.on_key_while_playing(digit),
            (Phase::Waiting | Phase::Collecting, Happened::Digit(digit)) => self.on_key(digit),
            (Phase::Waiting, Happened::FirstDigitTimeout) => self.on_nothing(),
            (Phase::Collecting, Happened::InterDigitTimeout) => self.on_pause(),
            // a timer or an end of play that crossed with a key
            (Phase::Playing, Happened::FirstDigitTimeout | Happened::InterDigitTimeout)
            | (Phase::Waiting, Happened::Played | Happened::InterDigitTimeout)
            | (Phase::Collecting, Happened::Played | Happened::FirstDigitTimeout) => {}
        }
        std::mem::take(&mut self.out)
    }

    /// Enter a node, and go on as long as nothing has to be waited for.
    fn enter(&mut self, node: usize) {
        let flow = Arc::clone(&self.flow);
        let mut next = Some(node);
        for _ in 0..FLOW_STEPS_PER_FACT_MAX {
            let Some(node) = next else { return };
            self.node = node;
            self.attempts = 0;
            self.keys.clear();
            self.out.push(Decision::Enter { node: Arc::clone(&flow.nodes[node].name) });
            next = self.begin(&flow, node);
        }
        if next.is_some() {
            self.leave(Target::Hangup(Cause::TEMPORARY_FAILURE));
        }
    }

    /// Begin the work of a node; the next node if it is done at once.
    fn begin(&mut self, flow: &Flow, node: usize) -> Option<usize> {
        match &flow.nodes[node].work {
            Work::Play { prompts, .. } => self.play(prompts),
            Work::Menu { prompts, ask, .. } | Work::Number { prompts, ask, .. } => {
                if !ask.barge_in || self.ahead.is_empty() {
                    self.play(prompts);
                    return None;
                }
                return self.take_ahead(flow);
            }
            Work::SelectLanguage { language, next } => {
                self.out.push(Decision::SelectLanguage(Arc::clone(language)));
                return self.follow(next.clone());
            }
            Work::Leave(target) => self.leave(target.clone()),
        }
        None
    }

    /// Feed the keys that were pressed ahead to the present node.
    fn take_ahead(&mut self, flow: &Flow) -> Option<usize> {
        self.phase = Phase::Waiting;
        while let Some(digit) = self.ahead.pop_front() {
            if let Some(next) = self.judge_key(flow, digit) {
                return self.follow(next);
            }
            if self.phase == Phase::Playing || self.phase == Phase::Left {
                return None;
            }
        }
        None
    }

    fn follow(&mut self, next: Next) -> Option<usize> {
        match next {
            Next::Node(node) => Some(node),
            Next::Leave(target) => {
                self.leave(target);
                None
            }
        }
    }

    fn go(&mut self, next: Next) {
        if let Some(node) = self.follow(next) {
            self.enter(node);
        }
    }

    fn play(&mut self, prompts: &Prompts) {
        self.phase = Phase::Playing;
        self.out.push(Decision::Play(Arc::clone(prompts)));
    }

    fn leave(&mut self, target: Target) {
        self.phase = Phase::Left;
        self.out.push(match target {
            Target::Hangup(cause) => Decision::Release(cause),
            target => Decision::Send(target),
        });
    }

    fn on_played(&mut self) {
        let flow = Arc::clone(&self.flow);
        match &flow.nodes[self.node].work {
            Work::Play { next, .. } => self.go(next.clone()),
            Work::Menu { ask, .. } | Work::Number { ask, .. } => {
                self.phase = Phase::Waiting;
                self.out.push(Decision::StopPlay);
                self.out.push(Decision::StartTimer(CallTimer::FirstDigit, ask.first_digit_ms));
                if let Some(node) = self.take_ahead(&flow) {
                    self.enter(node);
                }
            }
            Work::SelectLanguage { .. } | Work::Leave(_) => {}
        }
    }

    fn on_key_while_playing(&mut self, digit: Digit) {
        let flow = Arc::clone(&self.flow);
        match flow.nodes[self.node].work.ask() {
            Some(ask) if ask.barge_in => {
                self.phase = Phase::Waiting;
                self.out.push(Decision::StopPlay);
                self.on_key(digit);
            }
            _ if self.ahead.len() < DIGITS_PENDING_MAX => self.ahead.push_back(digit),
            _ => {}
        }
    }

    fn on_key(&mut self, digit: Digit) {
        let flow = Arc::clone(&self.flow);
        if let Some(next) = self.judge_key(&flow, digit) {
            self.go(next);
        }
    }

    /// Add a key; where it leads if the input is complete with it.
    fn judge_key(&mut self, flow: &Flow, digit: Digit) -> Option<Next> {
        self.out.push(Decision::StopTimer(CallTimer::FirstDigit));
        let work = &flow.nodes[self.node].work;
        let ask = work.ask()?;
        if let Some(next) = self.terminated(work, digit) {
            return next;
        }
        self.keys.push(digit.char());
        match work.judge(&self.keys) {
            Verdict::More | Verdict::Enough => {
                self.phase = Phase::Collecting;
                self.out.push(Decision::StartTimer(CallTimer::InterDigit, ask.inter_digit_ms));
                None
            }
            Verdict::Complete(next) => Some(self.complete(work, next.clone())),
            Verdict::Wrong => self.wrong(ask),
        }
    }

    /// The key that ends a number: where it leads, if `digit` is that key.
    fn terminated(&mut self, work: &Work, digit: Digit) -> Option<Option<Next>> {
        let Work::Number { terminator: Some(end), range, next, ask, .. } = work else { return None };
        if digit.char() != *end {
            return None;
        }
        Some(match range.contains(&self.keys.len()) {
            true => Some(self.complete(work, next.clone())),
            false => self.wrong(ask),
        })
    }

    fn complete(&mut self, work: &Work, next: Next) -> Next {
        self.out.push(Decision::StopTimer(CallTimer::InterDigit));
        if let Work::Number { store, .. } = work {
            self.variables.insert(Arc::clone(store), std::mem::take(&mut self.keys));
        }
        next
    }

    /// No further key came: what is there must do.
    fn on_pause(&mut self) {
        let flow = Arc::clone(&self.flow);
        let work = &flow.nodes[self.node].work;
        let Some(ask) = work.ask() else { return };
        let next = match work.enough(&self.keys) {
            Some(next) => Some(self.complete(work, next.clone())),
            None => self.wrong(ask),
        };
        if let Some(next) = next {
            self.go(next);
        }
    }

    fn on_nothing(&mut self) {
        let flow = Arc::clone(&self.flow);
        let Some(ask) = flow.nodes[self.node].work.ask() else { return };
        if let Some(next) = self.again(ask, &ask.timeout_prompts, &ask.on_timeout) {
            self.go(next);
        }
    }

    fn wrong(&mut self, ask: &Ask) -> Option<Next> {
        self.out.push(Decision::StopTimer(CallTimer::InterDigit));
        self.ahead.clear();
        self.again(ask, &ask.invalid_prompts, &ask.on_invalid)
    }

    /// Ask once more, or go where it goes on when the retries are used up.
    fn again(&mut self, ask: &Ask, apology: &Prompts, exhausted: &Next) -> Option<Next> {
        self.keys.clear();
        self.attempts += 1;
        if self.attempts > ask.retries {
            return Some(exhausted.clone());
        }
        let flow = Arc::clone(&self.flow);
        let prompts: Prompts = apology.iter().chain(flow.nodes[self.node].work.prompts()).cloned().collect();
        self.play(&prompts);
        None
    }
}

impl Work {
    fn ask(&self) -> Option<&Ask> {
        match self {
            Self::Menu { ask, .. } | Self::Number { ask, .. } => Some(ask),
            Self::Play { .. } | Self::SelectLanguage { .. } | Self::Leave(_) => None,
        }
    }

    fn prompts(&self) -> &[Arc<str>] {
        match self {
            Self::Play { prompts, .. } | Self::Menu { prompts, .. } | Self::Number { prompts, .. } => prompts,
            Self::SelectLanguage { .. } | Self::Leave(_) => &[],
        }
    }

    fn judge(&self, keys: &str) -> Verdict<'_> {
        match self {
            Self::Menu { options, .. } => {
                let longer = options
                    .range(keys.to_owned()..)
                    .any(|(option, _)| option != keys && option.starts_with(keys));
                match (options.get(keys), longer) {
                    (Some(next), false) => Verdict::Complete(next),
                    (Some(_), true) => Verdict::Enough,
                    (None, true) => Verdict::More,
                    (None, false) => Verdict::Wrong,
                }
            }
            Self::Number { range, next, .. } if keys.len() >= *range.end() => Verdict::Complete(next),
            Self::Number { range, .. } if range.contains(&keys.len()) => Verdict::Enough,
            Self::Number { .. } | Self::Play { .. } | Self::SelectLanguage { .. } | Self::Leave(_) => {
                Verdict::More
            }
        }
    }

    /// Where the keys lead when no further one comes.
    fn enough(&self, keys: &str) -> Option<&Next> {
        match (self, self.judge(keys)) {
            (Self::Menu { options, .. }, Verdict::Enough | Verdict::Complete(_)) => options.get(keys),
            (Self::Number { next, .. }, Verdict::Enough | Verdict::Complete(_)) => Some(next),
            _ => None,
        }
    }
}
