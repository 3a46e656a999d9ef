//! A centre on analogue boards or on a span, whose people do what they are told.

use callcore::board::{Cause, ChannelId};
use callcore::exchange::Command;
use callcore::ledger::Entry;
use callcore::line::HangUpBy;
use callcore::route::RouteConfig;
use callcore::sim::model::{BoardKind, E1Config, FxoConfig};
use callcore::sim::{Centre, CentreConfig};
use serde_json::Value;
use std::time::Duration;

/// One row of the table: id, property, analogue, E1.
pub(crate) struct Row(pub(crate) &'static str, pub(crate) &'static str, pub(crate) String, pub(crate) String);

impl Row {
    pub(crate) fn print(&self) {
        let Self(id, property, analogue, e1) = self;
        println!("| {id} | {property} | {analogue} | {e1} |");
    }
}

pub(crate) struct Stage {
    pub(crate) config: CentreConfig,
    pub(crate) centre: Centre,
    facts: Vec<(Entry, Value)>,
    /// Facts that `until` has passed.
    passed: usize,
    requests: u64,
}

impl Stage {
    /// Four exchange lines (0 to 2 lead to a menu, 3 to the queue, and 1 to an outside number), phones of agents 1 to 3 at
    /// channels 4 to 6, two more at 7 and 8.
    pub(crate) fn analogue(fxo: &FxoConfig, by: &[HangUpBy]) -> Self {
        let mut config = CentreConfig::named("analogue").expect("it is one of them");
        config.exchange.line[0].hang_up_by = by.to_vec();
        config.exchange.line[0].answer_by_polarity = fxo.answer_by_polarity;
        config.world.boards[0].kind = BoardKind::Fxo(fxo.clone());
        Self::of(config)
    }

    /// Thirty channels to the outside, phones after them.
    pub(crate) fn spans(e1: &E1Config) -> Self {
        let mut config = CentreConfig::named("spans").expect("it is one of them");
        config.world.boards[0].kind = BoardKind::E1(e1.clone());
        Self::of(config)
    }

    pub(crate) fn of(mut config: CentreConfig) -> Self {
        let outside = |called: Option<&str>, channel| RouteConfig {
            called: called.map(|digits| digits.to_owned().try_into().expect("digits")),
            calling: None,
            device: Some("sim".into()),
            channel,
            hours: None,
            to: "number:95551234".parse().expect("a target"),
        };
        let is_span = matches!(config.world.boards[0].kind, BoardKind::E1(_));
        let rule = if is_span { outside(Some("8009"), None) } else { outside(None, Some(1)) };
        config.exchange.route.insert(0, rule);
        config.exchange.extension_ring_ms = 60_000;
        if let Some(line) = config.exchange.line.first_mut() {
            line.answer_assumed_ms = 20_000;
        }
        (config.world.by_hand, config.keep_entries, config.check_every) = (true, true, 1);
        let centre = Centre::new(config.clone()).unwrap_or_else(|problems| panic!("{problems:?}"));
        let mut stage = Self { config, centre, facts: Vec::new(), passed: 0, requests: 0 };
        stage.command(Command::AgentLogin { agent: "1".into() });
        stage
    }

    /// The same centre anew, after its configuration was changed.
    pub(crate) fn again(self) -> Self {
        let mut config = self.config;
        config.exchange.route.remove(0);
        Self::of(config)
    }

    /// With another exchange at the far end.
    pub(crate) fn with(mut self, fxo: &FxoConfig) -> Self {
        self.config.world.boards[0].kind = BoardKind::Fxo(fxo.clone());
        self
    }

    fn phones(&self) -> u32 {
        self.config.world.boards[0].channels
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.requests += 1;
        self.centre.command(self.requests, command).unwrap_or_else(|why| panic!("{why:?}"));
        self.look();
    }

    pub(crate) fn act(&mut self, line: &str) {
        let act = line.parse().unwrap_or_else(|why| panic!("{why}"));
        self.centre.act(&act).unwrap_or_else(|why| panic!("{line}: {why}"));
        self.look();
    }

    fn look(&mut self) {
        let entries = self.centre.take_entries().into_iter();
        self.facts.extend(entries.map(|entry| (entry.clone(), serde_json::to_value(&entry).expect("JSON"))));
    }

    pub(crate) fn wait(&mut self, ms: u64) {
        let until = self.centre.now().instant + Duration::from_millis(ms);
        self.centre.go_to(until).unwrap_or_else(|broken| panic!("{broken}"));
        self.look();
    }

    /// Lets time pass until a fact comes that has not been waited for yet; how long that took, in milliseconds.
    pub(crate) fn until(&mut self, fact: &str) -> u64 {
        let (began, mut found) = (self.centre.now().instant, None);
        for _ in 0..100_000 {
            let new = self.facts.iter().enumerate().skip(self.passed);
            found = new.into_iter().find(|(_, (_, json))| json["fact"] == fact).map(|(at, _)| at);
            if found.is_some() || !self.centre.step().unwrap_or_else(|broken| panic!("{broken}")) {
                break;
            }
            self.look();
        }
        let at = found.unwrap_or_else(|| {
            let facts: Vec<String> =
                self.facts[self.passed..].iter().map(|(entry, _)| entry.to_line()).collect();
            panic!("'{fact}' never came; there came:\n  {}", facts.join("\n  "))
        });
        self.passed = at + 1;
        self.facts[at].0.at.millis_since(began)
    }

    /// A value of the fact that was waited for last.
    pub(crate) fn passed(&self, key: &str) -> &Value {
        &self.facts[self.passed - 1].1[key]
    }

    pub(crate) fn count(&self, fact: &str) -> usize {
        self.facts.iter().filter(|(_, json)| json["fact"] == fact).count()
    }

    fn newest(&self, fact: &str) -> &Value {
        let found = self.facts.iter().rev().find(|(_, json)| json["fact"] == fact);
        &found.unwrap_or_else(|| panic!("no fact '{fact}'")).1
    }

    pub(crate) fn last(&self, fact: &str, key: &str) -> String {
        match &self.newest(fact)[key] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    pub(crate) fn how(&self, fact: &str) -> String {
        self.newest(fact)["cause"]["how"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn cause(&self, fact: &str) -> u64 {
        self.newest(fact)["cause"]["q850"].as_u64().unwrap_or_default()
    }

    /// A caller on this channel talks with agent 1, at this phone.
    pub(crate) fn talk(&mut self, channel: u32, phone: u32) {
        self.act(&format!("channel {channel} calls 8001 from 139"));
        self.until("offered");
        self.wait(100);
        self.act(&format!("channel {phone} answers"));
        self.until("bridged");
        self.wait(5_000);
    }

    /// A caller from outside on channel 1 talks with somebody outside.
    pub(crate) fn join_outside(&mut self) {
        self.act("channel 1 calls 8009 from 139");
        self.until("leg_begun");
        self.wait(15_000);
        let outgoing = self.outgoing();
        self.act(&format!("channel {outgoing} answers"));
        self.until("bridged");
        self.wait(5_000);
    }

    /// The channel of the newest leg that was begun from here.
    pub(crate) fn outgoing(&self) -> u64 {
        self.newest("leg_begun")["channel"]["index"].as_u64().expect("a channel has an index")
    }

    /// The number that the far exchange of a channel has.
    pub(crate) fn dialled(&self, channel: u64) -> &str {
        self.centre.dialled(u32::try_from(channel).expect("a channel"))
    }

    /// Somebody of the house calls outside; how long the number takes to get there, in milliseconds.
    pub(crate) fn call_out(&mut self, number: &str) -> u64 {
        let phone = self.phones() + 3;
        self.act(&format!("channel {phone} calls {number}"));
        self.until("leg_begun");
        self.until("leg_alerting")
    }

    /// The operator ends the newest call.
    pub(crate) fn release_last(&mut self) {
        let snapshot = self.centre.exchange().snapshot(self.centre.now());
        let call = snapshot.calls.last().expect("a call").id;
        self.command(Command::Release { call, cause: Cause::NORMAL });
    }

    /// Channels of the board to the outside.
    pub(crate) fn channels_of_trunks(&self) -> u32 {
        self.phones()
    }

    /// Whether a line to the outside has a capability bit of the contract.
    pub(crate) fn trunk_can(&self, bit: u32) -> bool {
        let info = self.centre.exchange().channel_info(ChannelId::new(0, 0));
        info.expect("the board has a channel").can(bit)
    }
}
