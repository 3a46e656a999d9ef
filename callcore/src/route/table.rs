//! The tables that decide: rules for calls that come in, extensions, and prefixes for calls that go out.

use super::config::{ExtensionConfig, OutboundConfig, RouteConfig, TrunkGroupConfig};
use crate::base::limits::NUMBER_LEN_MAX;
use crate::base::{Civil, Problem};
use crate::board::Cause;
use crate::call::Target;
use std::collections::BTreeMap;

/// What a route is decided by.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The number that was dialled.
    pub called: &'a str,
    /// The number it comes from.
    pub calling: &'a str,
    /// The device's name.
    pub device: &'a str,
    /// The channel.
    pub channel: u32,
    /// Whether one of our extensions calls.
    pub internal: bool,
    /// When.
    pub at: Civil,
}

/// How a call leaves the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound<'a> {
    /// The lines.
    pub trunk_group: &'a TrunkGroupConfig,
    /// The digits to send.
    pub number: &'a str,
    /// The number to show, if the rule says one.
    pub calling: Option<&'a str>,
}

/// How far the digits of a number that is dialled piece by piece have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialled {
    /// They lead somewhere, and no further digit leads elsewhere.
    Whole,
    /// They lead somewhere, and further digits can belong to them, or lead elsewhere.
    Open,
    /// They lead nowhere; with further digits they can.
    Short,
    /// They lead nowhere, whatever follows.
    Unknown,
}

/// All routes of a node.
#[derive(Debug, Default)]
pub struct Routes {
    rules: Vec<RouteConfig>,
    extensions: Vec<ExtensionConfig>,
    by_number: BTreeMap<String, usize>,
    by_place: BTreeMap<String, Wiring>,
    outbound: BTreeMap<String, (OutboundConfig, usize)>,
    trunk_groups: Vec<TrunkGroupConfig>,
}

/// Whose phone is where on one device.
#[derive(Debug, Default)]
struct Wiring {
    by_channel: BTreeMap<u32, usize>,
    by_endpoint: BTreeMap<String, usize>,
}

impl Wiring {
    /// Note where an extension is; the one that is there already.
    fn add(&mut self, place: usize, extension: &ExtensionConfig) -> Option<usize> {
        match (&extension.endpoint, extension.channel) {
            (Some(endpoint), _) => self.by_endpoint.insert(endpoint.clone(), place),
            (None, Some(channel)) => self.by_channel.insert(channel, place),
            (None, None) => None,
        }
    }
}

impl Routes {
    /// The tables from a configuration.
    ///
    /// # Errors
    /// Numbers that are given twice, extensions that are nowhere, prefixes that lead to no trunk group.
    pub fn new(
        rules: Vec<RouteConfig>,
        extensions: Vec<ExtensionConfig>,
        outbound: Vec<OutboundConfig>,
        trunk_groups: Vec<TrunkGroupConfig>,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut routes = Self { rules, extensions, trunk_groups, ..Self::default() };
        routes.index_extensions(&mut problems);
        routes.index_outbound(outbound, &mut problems);
        if problems.is_empty() { Ok(routes) } else { Err(problems) }
    }

    fn index_extensions(&mut self, problems: &mut Vec<Problem>) {
        for (place, extension) in self.extensions.iter().enumerate() {
            let at = format!("extension[{place}]");
            if extension.channel.is_some() == extension.endpoint.is_some() {
                let text = "an extension is either on a channel or at an endpoint: set one of `channel` and `endpoint`";
                problems.push(Problem::new(&at, text));
            }
            if self.by_number.insert(extension.number.clone(), place).is_some() {
                let text = format!("extension {} is there twice: give each its own number", extension.number);
                problems.push(Problem::new(format!("{at}.number"), text));
            }
            let wiring = self.by_place.entry(extension.device.clone()).or_default();
            if let Some(other) = wiring.add(place, extension) {
                let text =
                    format!("extension[{other}] is there as well: give each its own channel or endpoint");
                problems.push(Problem::new(&at, text));
            }
        }
    }

    fn index_outbound(&mut self, outbound: Vec<OutboundConfig>, problems: &mut Vec<Problem>) {
        for (place, rule) in outbound.into_iter().enumerate() {
            let at = format!("outbound[{place}]");
            if rule.strip > rule.prefix.len() {
                let text = format!("cannot strip {} digits of the prefix '{}'", rule.strip, rule.prefix);
                problems.push(Problem::new(format!("{at}.strip"), text));
            }
            let (least, _) = rule.digits();
            let wrong = match (rule.digits_min, rule.digits_max) {
                (Some(min), _) if !(rule.strip + 1..=NUMBER_LEN_MAX).contains(&min) => {
                    Some(("digits_min", min))
                }
                (_, Some(max)) if !(least..=NUMBER_LEN_MAX).contains(&max) => Some(("digits_max", max)),
                _ => None,
            };
            if let Some((field, digits)) = wrong {
                let least = if field == "digits_min" { rule.strip + 1 } else { least };
                let text = format!("a number of {digits} digits cannot be: use {least} to {NUMBER_LEN_MAX}");
                problems.push(Problem::new(format!("{at}.{field}"), text));
            }
            match self.trunk_groups.iter().position(|group| group.name == rule.trunk_group) {
                Some(group) => {
                    let twice = format!("the prefix '{}' is there twice: keep one rule for it", rule.prefix);
                    if self.outbound.insert(rule.prefix.clone(), (rule, group)).is_some() {
                        problems.push(Problem::new(format!("{at}.prefix"), twice));
                    }
                }
                None => {
                    let text =
                        format!("no trunk group is called '{}': add a [[trunk_group]]", rule.trunk_group);
                    problems.push(Problem::new(format!("{at}.trunk_group"), text));
                }
            }
        }
    }

    /// Where a call goes: by the first rule that fits, else to the extension of that number, else (from the house only)
    /// out by prefix. `None`: nowhere.
    #[must_use]
    pub fn find(&self, origin: &Origin<'_>) -> Option<Target> {
        if let Some(rule) = self.rules.iter().find(|rule| rule.fits(origin)) {
            return Some(rule.to.clone());
        }
        if self.by_number.contains_key(origin.called) {
            return Some(Target::Extension(origin.called.to_owned()));
        }
        let out = origin.internal && self.outbound(origin.called).is_ok();
        out.then(|| Target::Number(origin.called.to_owned()))
    }

    /// How far the digits of a call that dials piece by piece have come.
    #[must_use]
    pub fn dialled(&self, origin: &Origin<'_>) -> Dialled {
        let number = origin.called;
        let by_rule = self.rules.iter().any(|rule| rule.called.is_some() && rule.fits(origin));
        let may_go_on = self.is_begun_number(number);
        if by_rule || self.by_number.contains_key(number) {
            return if may_go_on { Dialled::Open } else { Dialled::Whole };
        }
        let rules_go_on = || {
            let mut rules = self.rules.iter().filter(|rule| rule.fits_but_for_number(origin));
            rules.any(|rule| rule.called.as_ref().is_some_and(|called| called.goes_on_after(number)))
        };
        let by_any_number = || self.rules.iter().any(|rule| rule.called.is_none() && rule.fits(origin));
        match self.dialled_outside(origin) {
            Dialled::Whole if may_go_on => Dialled::Open,
            Dialled::Unknown | Dialled::Short if by_any_number() => Dialled::Open,
            Dialled::Unknown if may_go_on || rules_go_on() => Dialled::Short,
            outside => outside,
        }
    }

    /// The same for a number to the outside, which the house alone may dial.
    fn dialled_outside(&self, origin: &Origin<'_>) -> Dialled {
        let number = origin.called;
        if !origin.internal {
            return Dialled::Unknown;
        }
        let goes_on = || self.is_begun_prefix(number);
        match self.outbound_rule(number).map(|(rule, _)| rule.digits()) {
            Some((least, _)) if number.len() < least => Dialled::Short,
            Some((_, most)) if number.len() > most => Dialled::Unknown,
            Some((_, most)) if number.len() == most && !goes_on() => Dialled::Whole,
            Some(_) => Dialled::Open,
            None if goes_on() => Dialled::Short,
            None => Dialled::Unknown,
        }
    }

    /// Whether an extension has a number that begins with these digits and goes on.
    fn is_begun_number(&self, digits: &str) -> bool {
        let longer = self.by_number.range(digits.to_owned()..).map(|(number, _)| number);
        longer.take_while(|number| number.starts_with(digits)).any(|number| number.len() > digits.len())
    }

    /// Whether a prefix to the outside begins with these digits and goes on.
    fn is_begun_prefix(&self, digits: &str) -> bool {
        self.outbound.keys().any(|prefix| prefix.len() > digits.len() && prefix.starts_with(digits))
    }

    /// The place of the extension with a number.
    #[must_use]
    pub fn extension(&self, number: &str) -> Option<usize> {
        self.by_number.get(number).copied()
    }

    /// The extension whose phone is on this channel or at this endpoint of a device.
    #[must_use]
    pub fn extension_at(&self, device: &str, channel: u32, via: &str) -> Option<usize> {
        let wiring = self.by_place.get(device)?;
        wiring
            .by_endpoint
            .get(via)
            .filter(|_| !via.is_empty())
            .or_else(|| wiring.by_channel.get(&channel))
            .copied()
    }

    /// All extensions, in the order of the configuration.
    #[must_use]
    pub fn extensions(&self) -> &[ExtensionConfig] {
        &self.extensions
    }

    /// All trunk groups, in the order of the configuration.
    #[must_use]
    pub fn trunk_groups(&self) -> &[TrunkGroupConfig] {
        &self.trunk_groups
    }

    /// All rules for calls that come in.
    #[must_use]
    pub fn rules(&self) -> &[RouteConfig] {
        &self.rules
    }

    /// How a number leaves the house: by the longest prefix that fits.
    ///
    /// # Errors
    /// `NO_ROUTE`: no prefix fits; `INVALID_NUMBER`: the number is too short for it; `UNALLOCATED`: it is too long.
    pub fn outbound<'a>(&'a self, number: &'a str) -> Result<Outbound<'a>, Cause> {
        let (rule, group) = self.outbound_rule(number).ok_or(Cause::NO_ROUTE)?;
        let (least, most) = rule.digits();
        match number.len() {
            length if length < least => Err(Cause::INVALID_NUMBER),
            length if length > most => Err(Cause::UNALLOCATED),
            _ => self.outbound_by(rule, group, number).ok_or(Cause::INVALID_NUMBER),
        }
    }

    fn outbound_by<'a>(
        &'a self,
        rule: &'a OutboundConfig,
        group: usize,
        number: &'a str,
    ) -> Option<Outbound<'a>> {
        let number = number.get(rule.strip..).filter(|rest| !rest.is_empty())?;
        Some(Outbound { trunk_group: &self.trunk_groups[group], number, calling: rule.calling.as_deref() })
    }

    /// How a number that is still being dialled leaves the house, if what there is of it leads outside and nowhere else.
    #[must_use]
    pub fn outbound_begun<'a>(&'a self, origin: &Origin<'a>) -> Option<Outbound<'a>> {
        let number = origin.called;
        let elsewhere = self.by_number.contains_key(number)
            || self.is_begun_number(number)
            || self.rules.iter().any(|rule| rule.fits(origin));
        let may_dial = origin.internal && !elsewhere && !self.is_begun_prefix(number);
        let rule = self.outbound_rule(number).filter(|_| may_dial);
        rule.and_then(|(rule, group)| self.outbound_by(rule, group, number))
    }

    fn outbound_rule(&self, number: &str) -> Option<(&OutboundConfig, usize)> {
        let prefixes = (0..=number.len()).rev().filter_map(|length| number.get(..length));
        prefixes.into_iter().find_map(|prefix| self.outbound.get(prefix)).map(|(rule, group)| (rule, *group))
    }
}

impl RouteConfig {
    fn fits(&self, origin: &Origin<'_>) -> bool {
        self.called.as_ref().is_none_or(|pattern| pattern.matches(origin.called))
            && self.fits_but_for_number(origin)
    }

    fn fits_but_for_number(&self, origin: &Origin<'_>) -> bool {
        self.calling.as_ref().is_none_or(|pattern| pattern.matches(origin.calling))
            && self.device.as_ref().is_none_or(|device| device == origin.device)
            && self.channel.is_none_or(|channel| channel == origin.channel)
            && self.hours.as_ref().is_none_or(|hours| hours.contains(origin.at))
    }
}
