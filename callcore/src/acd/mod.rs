//! Automatic call distribution: callers wait in queues, agents are offered their calls.
//!
//! Two promises hold after every step: no caller waits un-offered in a queue while an agent of that queue is ready and
//! has a free phone; and an agent has at most one offer, none in wrap-up. A caller whose offer fails keeps his place.

pub mod agent;
#[cfg(test)]
mod agent_tests;
pub mod config;
pub mod distribute;
pub mod erlang;
pub mod queue;
#[cfg(test)]
mod queue_tests;
pub mod verbs;

use crate::base::{Instant, Problem};
use crate::call::{CallId, Dequeue, Fact, Target, TimerName};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use agent::{Agent, AgentState, NotReady};
pub use config::{AgentConfig, QueueConfig, Start};
pub use queue::{Queue, Waiter};

/// What the distribution wants done, or has found.
#[derive(Clone, Debug, PartialEq)]
pub enum AcdOutput {
    /// Ring this agent's phone for this call.
    Offer {
        /// The waiting call.
        call: CallId,
        /// The agent, by place.
        agent: usize,
    },
    /// Stop ringing for it.
    CancelOffer {
        /// The waiting call.
        call: CallId,
        /// The agent, by place.
        agent: usize,
    },
    /// The call leaves its queue for elsewhere.
    Leave {
        /// The call.
        call: CallId,
        /// Where it goes.
        to: Target,
    },
    /// Set a timer, in milliseconds from now.
    StartTimer(TimerName, u64),
    /// Clear it.
    StopTimer(TimerName),
    /// For the ledger; with the call it is about.
    Fact(Option<CallId>, Fact),
}

/// All queues and agents of a node.
#[derive(Debug, Default)]
pub struct Acd {
    queues: Vec<Queue>,
    agents: Vec<Agent>,
    queue_by_name: BTreeMap<String, usize>,
    agent_by_id: BTreeMap<String, usize>,
    waiting: BTreeMap<CallId, (usize, u64)>,
    talking: BTreeMap<CallId, usize>,
    joined_count: u64,
    out: Vec<AcdOutput>,
}

impl Acd {
    /// Queues and agents from a configuration; all agents logged out.
    ///
    /// # Errors
    /// Names that are given twice, or mean nothing.
    pub fn new(queues: Vec<QueueConfig>, agents: Vec<AgentConfig>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut acd = Self::default();
        for (place, config) in queues.into_iter().enumerate() {
            if acd.queue_by_name.insert(config.name.clone(), place).is_some() {
                let text = format!("queue '{}' is there twice: give each its own name", config.name);
                problems.push(Problem::new(format!("queue[{place}].name"), text));
            }
            acd.queues.push(Queue::new(config));
        }
        for (place, config) in agents.into_iter().enumerate() {
            acd.add_agent(place, config, &mut problems);
        }
        if problems.is_empty() { Ok(acd) } else { Err(problems) }
    }

    fn add_agent(&mut self, place: usize, config: AgentConfig, problems: &mut Vec<Problem>) {
        let at = format!("agent[{place}]");
        if self.agent_by_id.insert(config.id.clone(), place).is_some() {
            let text = format!("agent '{}' is there twice: give each an id of its own", config.id);
            problems.push(Problem::new(format!("{at}.id"), text));
        }
        let mut queues = Vec::new();
        for (index, name) in config.queues.iter().enumerate() {
            match self.queue_by_name.get(name) {
                Some(&queue) => queues.push(queue),
                None => {
                    let text = format!("no queue is called '{name}': add a [[queue]] or mend the name");
                    problems.push(Problem::new(format!("{at}.queues[{index}]"), text));
                }
            }
        }
        self.agents.push(Agent::new(config, queues));
    }

    /// What follows from the last step, in order.
    pub fn take_outputs(&mut self) -> Vec<AcdOutput> {
        std::mem::take(&mut self.out)
    }

    /// The place of a queue.
    #[must_use]
    pub fn queue_index(&self, name: &str) -> Option<usize> {
        self.queue_by_name.get(name).copied()
    }

    /// The place of an agent.
    #[must_use]
    pub fn agent_index(&self, id: &str) -> Option<usize> {
        self.agent_by_id.get(id).copied()
    }

    /// All queues.
    #[must_use]
    pub fn queues(&self) -> &[Queue] {
        &self.queues
    }

    /// All agents.
    #[must_use]
    pub fn agents(&self) -> &[Agent] {
        &self.agents
    }

    /// The queue a call waits in.
    #[must_use]
    pub fn queue_of(&self, call: CallId) -> Option<&Queue> {
        self.waiting.get(&call).map(|&(queue, _)| &self.queues[queue])
    }

    /// The agent who talks in a call.
    #[must_use]
    pub fn agent_of(&self, call: CallId) -> Option<&Agent> {
        self.talking.get(&call).map(|&agent| &self.agents[agent])
    }

    /// Whether a call waits or talks here.
    #[must_use]
    pub fn knows(&self, call: CallId) -> bool {
        self.waiting.contains_key(&call) || self.talking.contains_key(&call)
    }

    /// Take a caller out of its queue.
    fn remove_waiter(&mut self, now: Instant, call: CallId, end: Dequeue) -> Option<(usize, Waiter)> {
        let (queue, place) = self.waiting.remove(&call)?;
        let waiter = self.queues[queue].remove(place)?;
        self.out.push(AcdOutput::StopTimer(TimerName::Call(call, crate::call::CallTimer::MaxWait)));
        let wait_ms = now.millis_since(waiter.since);
        let queue_name = Arc::clone(&self.queues[queue].name);
        self.out.push(AcdOutput::Fact(Some(call), Fact::Dequeued { queue: queue_name, end, wait_ms }));
        Some((queue, waiter))
    }
}

/// For tests that break what the self-check must find.
#[cfg(test)]
impl Acd {
    pub(crate) fn agents_mut(&mut self) -> &mut [Agent] {
        &mut self.agents
    }

    pub(crate) fn list_as_free(&mut self, queue: usize, agent: usize) {
        self.queues[queue].available.insert((Instant::ZERO, agent));
    }
}
