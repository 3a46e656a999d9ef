//! Ready-made centres: what `callcore-server simulate` runs, and what a first test starts from.

use super::CentreConfig;
use super::faults::Faults;
use crate::acd::{AgentConfig, QueueConfig, Start};
use crate::base::WallTime;
use crate::call::Target;
use crate::exchange::Config;
use crate::ivr::config::Collect;
use crate::ivr::{FlowConfig, NodeConfig};
use crate::line::{HangUpBy, LineConfig};
use crate::route::{DialTone, ExtensionConfig, RouteConfig, TrunkGroupConfig};
use callcore_sim_model::{
    Arrivals, BoardConfig, BoardKind, CallerConfig, Dist, E1Config, FxoConfig, WorldConfig,
};
use std::collections::BTreeMap;

/// 2026-01-05T08:00:00Z, a Monday.
const MONDAY: WallTime = WallTime(1_767_600_000_000);

impl CentreConfig {
    /// A support desk: a menu on 8000 (1 leads to the queue), `agents` agents on extensions 1001 and up, and `trunks` lines.
    /// Nobody calls until [`Self::with_calls`] says so.
    #[must_use]
    pub fn support(trunks: u32, agents: u32, seed: u64) -> Self {
        let world = WorldConfig { trunks, extensions: agents, seed, ..WorldConfig::default() };
        Self {
            exchange: exchange(trunks, agents),
            world,
            prompt_ms: 3_000,
            faults: Faults::default(),
            wall: MONDAY,
            check_every: 0,
            keep_entries: false,
        }
    }

    /// For a program to try itself: calls to 8000 are the program's, people do what they are told, what happens is kept.
    #[must_use]
    pub fn for_program(trunks: u32, agents: u32) -> Self {
        let mut config = Self::support(trunks, agents, 1);
        config.exchange.route[0].to = Target::Application;
        config.world.by_hand = true;
        config.keep_entries = true;
        config
    }

    /// `calls` callers at `per_hour`, talks of `talk_ms` on average, patience of `patience_ms` on average.
    #[must_use]
    pub fn with_calls(mut self, calls: u64, per_hour: f64, talk_ms: u64, patience_ms: u64) -> Self {
        self.world.arrivals = Arrivals { per_hour, called: vec![("8000".into(), 1)], total: Some(calls) };
        self.world.caller = CallerConfig {
            digits: vec![('1', 9), ('2', 1)],
            patience_ms: Dist::Exponential(patience_ms),
            wrong_digit_share: 0.02,
            hang_up_in_menu_share: 0.02,
            hangs_up_share: 0.3,
            talk_ms: Dist::Exponential(talk_ms),
            ..CallerConfig::default()
        };
        self.world.agent.talk_ms = Dist::Exponential(talk_ms);
        self
    }
}

impl CentreConfig {
    /// The same centre on analogue boards: its trunks are exchange lines behind such an exchange, its extensions phones.
    /// What comes in on a line goes where `8000` goes, as nobody tells what was dialled.
    #[must_use]
    pub fn with_analogue(mut self, fxo: &FxoConfig, hang_up_by: &[HangUpBy]) -> Self {
        let (trunks, extensions) = (self.world.trunks, self.world.extensions);
        self.world.boards = [(BoardKind::Fxo(fxo.clone()), trunks), (BoardKind::Fxs, extensions)]
            .into_iter()
            .filter(|(_, channels)| *channels > 0)
            .map(|(kind, channels)| BoardConfig { kind, channels })
            .collect();
        let line = LineConfig {
            device: "sim".into(),
            hang_up_by: hang_up_by.to_vec(),
            answer_by_polarity: fxo.answer_by_polarity,
            ..LineConfig::default()
        };
        self.exchange.line = vec![line];
        let to = self.exchange.route[0].to.clone();
        let route = |channel| RouteConfig {
            called: None,
            calling: None,
            device: Some("sim".into()),
            channel: Some(channel),
            hours: None,
            to: to.clone(),
        };
        self.exchange.route.extend((0..trunks).map(route));
        self
    }

    /// The same centre on spans of 30 channels each; its extensions stay as they are.
    #[must_use]
    pub fn with_spans(mut self, e1: &E1Config) -> Self {
        let (trunks, extensions) = (self.world.trunks, self.world.extensions);
        let boards = [(BoardKind::E1(e1.clone()), trunks), (BoardKind::Calls { phones: true }, extensions)];
        let boards = boards.into_iter().filter(|(_, channels)| *channels > 0);
        self.world.boards = boards.map(|(kind, channels)| BoardConfig { kind, channels }).collect();
        self
    }
}

fn exchange(trunks: u32, agents: u32) -> Config {
    let number = |agent: u32| (1001 + agent).to_string();
    let extension = |agent: u32| ExtensionConfig {
        number: number(agent),
        name: format!("Desk {}", agent + 1),
        device: "sim".into(),
        channel: Some(trunks + agent),
        endpoint: None,
        dial_tone: DialTone::Always,
        password: None,
    };
    let agent = |agent: u32| AgentConfig {
        id: (agent + 1).to_string(),
        name: format!("Agent {}", agent + 1),
        extension: number(agent),
        queues: vec!["support".into()],
        login: Start::AtStart,
        no_answers_max: 3,
    };
    Config {
        extension: (0..agents).map(extension).collect(),
        agent: (0..agents).map(agent).collect(),
        trunk_group: vec![TrunkGroupConfig {
            name: "city".into(),
            device: "sim".into(),
            channels: trunks.checked_sub(1).map(|last| (0, last)),
            via: None,
            overlap: false,
        }],
        route: vec![RouteConfig {
            called: Some("8000".to_owned().try_into().expect("digits are a pattern")),
            calling: None,
            device: None,
            channel: None,
            hours: None,
            to: Target::Flow("main".into()),
        }],
        queue: vec![support_queue()],
        flow: BTreeMap::from([("main".to_owned(), main_flow())]),
        hold_music: Some("music".into()),
        ..Config::default()
    }
}

fn support_queue() -> QueueConfig {
    QueueConfig {
        name: "support".into(),
        music: Some("music".into()),
        ring_ms: 15_000,
        wrap_up_ms: 10_000,
        wait_ms_max: None,
        callers_max: None,
        overflow: Target::Hangup(crate::board::Cause::NORMAL),
        service_level_ms: 20_000,
    }
}

fn main_flow() -> FlowConfig {
    let menu = NodeConfig::PlayOption {
        prompts: vec!["welcome".into(), "menu".into()],
        options: BTreeMap::from([("1".into(), "queue:support".into()), ("2".into(), "hours".into())]),
        collect: Collect { on_timeout: Some("queue:support".into()), ..Collect::default() },
    };
    let hours = NodeConfig::PlayOnly { prompts: vec!["hours".into()], next: "bye".into() };
    let bye = NodeConfig::StopFlow { cause: 16 };
    let node = [("menu", menu), ("hours", hours), ("bye", bye)];
    FlowConfig {
        start: "menu".into(),
        language: None,
        node: node.into_iter().map(|(name, node)| (name.to_owned(), node)).collect(),
    }
}
