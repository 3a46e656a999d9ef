//! The interpreter: one caller in one flow.
//!
//! ```text
//!             ┌──────── repeat ◀── nothing or wrong, retries left ──┐
//!   enter ▶ ask (see collector) ──complete──▶ next node             │
//!             │  └──────────────────────────────┴───────────────────┘
//!             └─ PLAY ONLY: played ──▶ next node
//! ```
//!
//! Keys pressed before a node asks for them are kept (type-ahead) and answer it without its prompt, if it allows barge-in.

use super::collector::{Collector, End, Patience, Question, Verdict};
use super::flow::{Ask, Flow, Next, Prompts, Work};
use crate::base::limits::FLOW_STEPS_PER_FACT_MAX;
use crate::board::{Cause, Digit, Digits};
use crate::call::{Decision, Target};
use std::collections::BTreeMap;
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

/// One caller in one flow.
#[derive(Debug)]
pub struct Session {
    flow: Arc<Flow>,
    node: usize,
    collector: Collector,
    attempts: u32,
    /// The call has been handed on.
    has_left: bool,
    variables: BTreeMap<Arc<str>, String>,
    out: Vec<Decision>,
}

impl Session {
    /// A caller who is about to enter a flow.
    #[must_use]
    pub fn new(flow: Arc<Flow>) -> Self {
        let node = flow.start;
        Self {
            flow,
            node,
            collector: Collector::default(),
            attempts: 0,
            has_left: false,
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
        let flow = Arc::clone(&self.flow);
        match &flow.nodes[self.node].work {
            _ if self.has_left => {}
            _ if happened == Happened::Started => self.enter(flow.start),
            Work::Play { next, .. } => match happened {
                Happened::Played => self.go(next.clone()),
                Happened::Digit(digit) => self.collector.keep(digit),
                Happened::Started | Happened::FirstDigitTimeout | Happened::InterDigitTimeout => {}
            },
            work => {
                let asked = work.asked();
                let end = asked.and_then(|asked| self.collector.handle(happened, &asked, &mut self.out));
                if let Some(next) = asked.zip(end).and_then(|(asked, end)| self.on_end(asked, end)) {
                    self.go(next);
                }
            }
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
            self.out.push(Decision::Enter {
                flow: Arc::clone(&flow.name),
                node: Arc::clone(&flow.nodes[node].name),
            });
            next = self.begin(&flow, node);
        }
        if next.is_some() {
            self.leave(Target::Hangup(Cause::TEMPORARY_FAILURE));
        }
    }

    /// Begin the work of a node; the next node if it is done at once.
    fn begin(&mut self, flow: &Flow, node: usize) -> Option<usize> {
        match &flow.nodes[node].work {
            Work::Play { prompts, .. } => self.out.push(Decision::Play(Arc::clone(prompts))),
            work @ (Work::Menu { .. } | Work::Number { .. }) => {
                let asked = work.asked()?;
                let end = self.collector.ask(&asked, &mut self.out)?;
                let next = self.on_end(asked, end)?;
                return self.follow(next);
            }
            Work::SelectLanguage { language, next } => {
                self.out.push(Decision::SelectLanguage(Arc::clone(language)));
                return self.follow(next.clone());
            }
            Work::Leave(target) => self.leave(target.clone()),
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

    fn leave(&mut self, target: Target) {
        self.has_left = true;
        self.out.push(match target {
            Target::Hangup(cause) => Decision::Release(cause),
            target => Decision::Send(target),
        });
    }

    /// There are no more keys: where they lead; `None` when it is asked once more.
    fn on_end(&mut self, Asked { work, ask }: Asked<'_>, end: End) -> Option<Next> {
        let keys = self.collector.stop();
        if end == End::FirstDigitTimeout {
            return self.again(ask, &ask.timeout_prompts, &ask.on_timeout);
        }
        let Some(next) = work.answer(&keys, end) else {
            self.collector.flush();
            return self.again(ask, &ask.invalid_prompts, &ask.on_invalid);
        };
        if let Work::Number { store, .. } = work {
            self.variables.insert(Arc::clone(store), keys.into());
        }
        Some(next.clone())
    }

    /// Ask once more, or go where it goes on when the retries are used up.
    fn again(&mut self, ask: &Ask, apology: &Prompts, exhausted: &Next) -> Option<Next> {
        self.attempts += 1;
        if self.attempts > ask.retries {
            return Some(exhausted.clone());
        }
        let prompts: Prompts = apology.iter().chain(ask.prompts.iter()).cloned().collect();
        self.collector.play(&prompts, &mut self.out);
        None
    }
}

/// A node that asks for keys.
#[derive(Clone, Copy)]
struct Asked<'a> {
    work: &'a Work,
    ask: &'a Ask,
}

impl Question for Asked<'_> {
    fn prompts(&self) -> &Prompts {
        &self.ask.prompts
    }

    fn patience(&self) -> Patience {
        self.ask.patience
    }

    fn judge(&self, keys: &Digits, digit: Digit) -> Verdict {
        match self.work {
            Work::Number { number, .. } => number.judge(keys, digit),
            Work::Menu { options, .. } => {
                let mut keys = keys.clone();
                keys.push(digit);
                let keys = keys.as_str();
                let longer = options
                    .range(keys.to_owned()..)
                    .any(|(option, _)| option != keys && option.starts_with(keys));
                match (options.contains_key(keys), longer) {
                    (_, true) => Verdict::More,
                    (true, false) => Verdict::Full,
                    (false, false) => Verdict::Wrong,
                }
            }
            Work::Play { .. } | Work::SelectLanguage { .. } | Work::Leave(_) => Verdict::PassedOver,
        }
    }
}

impl Work {
    fn asked(&self) -> Option<Asked<'_>> {
        match self {
            Self::Menu { ask, .. } | Self::Number { ask, .. } => Some(Asked { work: self, ask }),
            Self::Play { .. } | Self::SelectLanguage { .. } | Self::Leave(_) => None,
        }
    }

    /// Where these keys lead; `None` when they are wrong.
    fn answer(&self, keys: &Digits, end: End) -> Option<&Next> {
        match self {
            _ if end == End::Wrong => None,
            Self::Menu { options, .. } => options.get(keys.as_str()),
            Self::Number { digits_min, next, .. } => (keys.len() >= *digits_min).then_some(next),
            Self::Play { .. } | Self::SelectLanguage { .. } | Self::Leave(_) => None,
        }
    }
}
