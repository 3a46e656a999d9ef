//! Snapshots, taken from the living state.

use super::session::Controller;
use super::snapshot::{AgentView, CallView, ChannelView, DeviceView, QueueView, Snapshot};
use super::{Exchange, session::Session};
use crate::acd::{AgentState, Queue};
use crate::base::Now;
use crate::board::{ChannelId, ChannelInfo};
use crate::call::{CallId, CallNumber, LegState};

impl Exchange {
    /// What a channel is, and what it can do; `None` for one that is not there.
    #[must_use]
    pub fn channel_info(&self, channel: ChannelId) -> Option<ChannelInfo> {
        self.boards.channel(channel).map(|it| it.info)
    }

    /// What there is at `now`.
    #[must_use]
    pub fn snapshot(&self, now: Now) -> Snapshot {
        Snapshot {
            devices: self.boards.devices.values().map(|device| self.device_view(device)).collect(),
            calls: self.sessions.iter().map(|(_, session)| self.call_view(now, session)).collect(),
            queues: self
                .acd
                .queues()
                .iter()
                .enumerate()
                .map(|(place, queue)| self.queue_view(now, place, queue))
                .collect(),
            agents: self.agent_views(now),
            calls_count: self.calls_count,
        }
    }

    fn device_view(&self, device: &super::boards::Device) -> DeviceView {
        let channels =
            device.channels.iter().map(|channel| match channel.leg.and_then(|leg| self.legs.get(leg)) {
                Some(leg) => ChannelView {
                    state: state_name(&leg.state),
                    number: leg.number.clone(),
                    call: self.sessions.get(leg.call).map_or(0, |session| session.call.number),
                },
                None => ChannelView {
                    state: match channel {
                        _ if !channel.in_service || channel.suspect.is_some() => "out_of_service",
                        _ if channel.alarm => "alarm",
                        _ => "idle",
                    },
                    ..ChannelView::default()
                },
            });
        DeviceView { name: device.name.clone(), channels: channels.collect() }
    }

    fn call_view(&self, now: Now, session: &Session) -> CallView {
        let call = &session.call;
        CallView {
            id: call.id,
            number: call.number,
            calling: call.incoming.calling.clone(),
            called: call.incoming.called.clone(),
            controller: self.controller_name(session),
            age_ms: now.instant.millis_since(call.started.instant),
            recorded: session.plan.recording.is_some(),
        }
    }

    fn controller_name(&self, session: &Session) -> String {
        let number_of = |leg| self.legs.get(leg).map_or("", |leg| leg.number.as_str());
        match &session.controller {
            Controller::Route => "route".into(),
            Controller::Answering(target) => target.to_string(),
            Controller::Flow(flow) => format!("flow:{}", flow.flow()),
            Controller::Queue => {
                format!("queue:{}", self.acd.queue_of(session.call.id).map_or("", |queue| &queue.name))
            }
            Controller::Dialing(leg) => format!("extension:{}", number_of(*leg)),
            Controller::Talking(talk) => match (self.acd.agent_of(session.call.id), talk.bridge) {
                (Some(agent), _) => format!("agent:{}", agent.id),
                (None, Some(bridge)) => self.call_name(bridge.peer),
                (None, None) => format!("extension:{}", number_of(talk.other)),
            },
            Controller::Conference(attendance) => self.conference_name(attendance),
            Controller::Joined(lead) => self.call_name(*lead),
            Controller::Supervising(lead) => format!("supervises:{}", self.number_of(*lead)),
            Controller::Returning => {
                format!("extension:{}", session.sent_by.as_deref().unwrap_or_default())
            }
            Controller::Monitored => "monitored".into(),
            Controller::Application(_) => "application".into(),
            Controller::Tone(..) | Controller::Ending(..) => "ending".into(),
        }
    }

    fn call_name(&self, call: CallId) -> String {
        format!("call:{}", self.number_of(call))
    }

    fn number_of(&self, call: CallId) -> CallNumber {
        self.sessions.get(call).map_or(0, |session| session.call.number)
    }

    fn queue_view(&self, now: Now, place: usize, queue: &Queue) -> QueueView {
        let serves = |agent: &&crate::acd::Agent| {
            agent.queues.contains(&place) && agent.state != AgentState::LoggedOut
        };
        QueueView {
            name: queue.name.to_string(),
            waiting: queue.waiters().len(),
            longest_wait_ms: queue
                .waiters()
                .next()
                .map_or(0, |waiter| now.instant.millis_since(waiter.since)),
            agents_available: queue.available_count(),
            agents_logged_in: self.acd.agents().iter().filter(serves).count(),
        }
    }

    fn agent_views(&self, now: Now) -> Vec<AgentView> {
        let view = |agent: &crate::acd::Agent| AgentView {
            id: agent.id.to_string(),
            name: agent.config.name.clone(),
            extension: agent.config.extension.clone(),
            state: agent.state.name(),
            reason: match &agent.state {
                AgentState::NotReady(reason) => reason.to_string(),
                _ => String::new(),
            },
            since_ms: now.instant.millis_since(agent.since),
            phone_free: agent.phone_free,
        };
        self.acd.agents().iter().map(view).collect()
    }
}

/// The CSTA local connection state, as it is named in snapshots.
const fn state_name(state: &LegState) -> &'static str {
    match state {
        LegState::Initiated => "initiated",
        LegState::Alerting { .. } => "alerting",
        LegState::Connected => "connected",
        LegState::Hold => "hold",
        LegState::Queued => "queued",
        LegState::Failed { .. } => "failed",
        LegState::Releasing { .. } => "null",
    }
}
