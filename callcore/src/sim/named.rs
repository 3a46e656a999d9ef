//! The centres that scenario files name: small, with times short enough to be lived through on a real clock.
//!
//! All have 4 trunks (channels 0 to 3) and five phones: 1001 to 1003 (channels 4 to 6) of agents 1 to 3, who are logged out
//! at first, and 1004 and 1005 (channels 7 and 8) of nobody; `spans` and `tie` have 30 trunks, and their phones after them. Codes `*10` to `*13` are for agents; 9 leads outside.

use super::CentreConfig;
use crate::acd::Start;
use crate::call::Target;
use crate::ivr::{FlowConfig, NodeConfig, config::Collect};
use crate::line::HangUpBy;
use crate::route::{DialTone, ExtensionConfig, OutboundConfig, Pattern, RouteConfig};
use callcore_sim_model::{E1_CHANNELS, E1Config, FxoConfig};
use std::collections::BTreeMap;

const TRUNKS: u32 = 4;
const AGENTS: u32 = 3;
const PHONES: u32 = 5;

impl CentreConfig {
    /// The centre of a scenario's `config` line; `None` for a name that is none of these.
    ///
    /// * `support`: 8000 leads to a menu (1: queue `support`; 2: the hours; 3: a member number of 2 to 4 digits, then the
    ///   queue; 4: the menu in Cantonese), 8001 straight to the queue; 3 s of ringing, 2 s of wrap-up.
    /// * `overflow`: as `support`, but the queue holds two callers for 3 s; then extension 1004 has them.
    /// * `analogue`: as `support`, on boards of exchange lines and phones whose calls the host runs. Lines tell a hang-up by a
    ///   busy tone; the first three lead to the menu, the last to the queue. Agents' phones have a dial tone while they
    ///   are logged in.
    /// * `spans`: as `support`, on a span of 30 channels; the number called comes in piece by piece.
    /// * `tie`: as `spans`; channel 5 is a line to another house, the extension 1006 here, whose callers dial piece by piece,
    ///   too. Numbers to the outside go out while they are dialled; the far exchange knows 110 and 555xxxx.
    /// * `application`: as `support`, but 8000 leads to the application, which has 4 s to take it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let trunks = if matches!(name, "spans" | "tie") { E1_CHANNELS } else { TRUNKS };
        let mut centre = support(trunks);
        match name {
            "analogue" => centre = centre.with_analogue(&FxoConfig::default(), &[HangUpBy::Tone]),
            "spans" => centre = centre.with_spans(&E1Config { overlap: true, ..E1Config::default() }),
            "tie" => {
                let numbers = ["110", "555xxxx"].map(str::to_owned).to_vec();
                centre = centre.with_spans(&E1Config { overlap: true, numbers });
            }
            _ => {}
        }
        let exchange = &mut centre.exchange;
        match name {
            "support" | "spans" => {}
            "tie" => {
                exchange.trunk_group[0].overlap = true;
                let tie = ExtensionConfig { number: "1006".into(), channel: Some(5), ..phone(trunks, 0) };
                exchange.extension.push(tie);
            }
            "analogue" => {
                exchange.extension_ring_ms = 40_000;
                (exchange.line[0].answer_assumed_ms, exchange.line[0].inter_digit_ms) = (4_000, 2_000);
                exchange.extension[..AGENTS as usize]
                    .iter_mut()
                    .for_each(|it| it.dial_tone = DialTone::LoggedIn);
                exchange.route.insert(0, line_route(TRUNKS - 1, "queue:support"));
            }
            "overflow" => {
                exchange.queue[0].wait_ms_max = Some(3_000);
                exchange.queue[0].callers_max = Some(2);
                exchange.queue[0].overflow = Target::Extension("1004".into());
            }
            "application" => {
                exchange.route[0].to = Target::Application;
                exchange.application_ms = 4_000;
            }
            _ => return None,
        }
        Some(centre)
    }
}

fn support(trunks: u32) -> CentreConfig {
    let mut centre = CentreConfig::support(trunks, AGENTS, 1);
    centre.world.extensions = PHONES;
    centre.prompt_ms = 500;
    let exchange = &mut centre.exchange;
    exchange.extension_ring_ms = 3_000;
    exchange.busy_tone_ms = 2_000;
    exchange.agent.iter_mut().for_each(|agent| agent.login = Start::Manual);
    exchange.extension.extend((AGENTS..PHONES).map(|place| phone(trunks, place)));
    exchange.queue[0].ring_ms = 3_000;
    exchange.queue[0].wrap_up_ms = 2_000;
    exchange.route.extend(
        [
            ("8001", "queue:support"),
            ("*10", "agent:login"),
            ("*11", "agent:logout"),
            ("*12", "agent:ready"),
            ("*13", "agent:not_ready"),
        ]
        .map(|(called, to)| route(called, to)),
    );
    exchange.outbound = vec![OutboundConfig {
        prefix: "9".into(),
        strip: 1,
        trunk_group: "city".into(),
        ..OutboundConfig::default()
    }];
    exchange.flow = BTreeMap::from([("main".to_owned(), flow())]);
    centre
}

fn phone(trunks: u32, place: u32) -> ExtensionConfig {
    ExtensionConfig {
        number: (1001 + place).to_string(),
        name: format!("Room {}", place + 1),
        device: "sim".into(),
        channel: Some(trunks + place),
        endpoint: None,
        dial_tone: DialTone::Always,
        password: None,
    }
}

fn route(called: &str, to: &str) -> RouteConfig {
    let called = Pattern::try_from(called.to_owned()).expect("digits and a star are a pattern");
    let to = to.parse().expect("these are targets");
    RouteConfig { called: Some(called), calling: None, device: None, channel: None, hours: None, to }
}

/// Calls that come in on one line.
fn line_route(channel: u32, to: &str) -> RouteConfig {
    RouteConfig { called: None, channel: Some(channel), ..route("0", to) }
}

fn flow() -> FlowConfig {
    let menu = NodeConfig::PlayOption {
        prompts: vec!["welcome".into(), "menu".into()],
        options: [("1", "queue:support"), ("2", "hours"), ("3", "member"), ("4", "cantonese")]
            .map(|(keys, next)| (keys.to_owned(), next.to_owned()))
            .into(),
        collect: Collect {
            first_digit_ms: 1_500,
            retries: 1,
            invalid_prompts: vec!["invalid".into()],
            on_timeout: Some("queue:support".into()),
            on_invalid: Some("bye".into()),
            ..Collect::default()
        },
    };
    let member = NodeConfig::PlayDigit {
        prompts: vec!["member".into()],
        digits_min: 2,
        digits_max: 4,
        terminator: Some('#'),
        store: "member".into(),
        next: "queue:support".into(),
        collect: Collect { first_digit_ms: 1_500, inter_digit_ms: 1_500, ..Collect::default() },
    };
    let cantonese = NodeConfig::SelectLanguage { language: "zh-HK".into(), next: "menu".into() };
    let hours = NodeConfig::PlayOnly { prompts: vec!["hours".into()], next: "bye".into() };
    let bye = NodeConfig::StopFlow { cause: 16 };
    let node = [("menu", menu), ("member", member), ("cantonese", cantonese), ("hours", hours), ("bye", bye)];
    FlowConfig {
        start: "menu".into(),
        language: None,
        node: node.into_iter().map(|(name, node)| (name.to_owned(), node)).collect(),
    }
}
