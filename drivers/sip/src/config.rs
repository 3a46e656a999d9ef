//! The configuration of the driver, read by path and checked once.

use crate::codec;
use crate::sdp::Keys;
use callcore_codec::jitter::Settings;
use callcore_driver_sdk::{Error, Format, Host};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

/// More channels than one process should carry.
pub(crate) const CHANNELS_MAX: i64 = 8192;
/// As many as are usual.
pub(crate) const CHANNELS: i64 = 256;
/// Where it listens if nobody says.
pub(crate) const LISTEN: &str = "127.0.0.1:5060";
/// Endpoints and trunks that are read; more are refused.
const ENTRIES_MAX: i64 = 10_000;

/// All settings, with their defaults filled in.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// As written.
    pub(crate) listen_text: String,
    pub(crate) listen: SocketAddr,
    /// Even ports from the first to the last, both included.
    pub(crate) rtp_first: u16,
    pub(crate) rtp_last: u16,
    pub(crate) channels: u32,
    pub(crate) realm: String,
    /// In the order of our offers.
    pub(crate) codecs: Vec<Format>,
    /// How long sound waits; its frames are the host's.
    pub(crate) jitter: Settings,
    pub(crate) keys: Keys,
    pub(crate) symmetric_rtp: bool,
    pub(crate) accept_unknown: bool,
    pub(crate) endpoints: Vec<EndpointConfig>,
    pub(crate) trunks: Vec<TrunkConfig>,
    /// Endpoints by their addresses.
    index: HashMap<String, usize>,
}

/// A phone that may register and call.
#[derive(Clone, Debug)]
pub(crate) struct EndpointConfig {
    pub(crate) address: String,
    pub(crate) password: String,
    pub(crate) name: String,
}

/// Another SIP server.
#[derive(Clone, Debug)]
pub(crate) struct TrunkConfig {
    pub(crate) name: String,
    /// `host` or `host:port`.
    pub(crate) address: String,
    pub(crate) matches: Vec<Source>,
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) register: bool,
}

/// A source address, with its port when it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) ip: IpAddr,
    pub(crate) port: Option<u16>,
}

impl Source {
    fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Some(Self { ip: address.ip(), port: Some(address.port()) });
        }
        text.parse().ok().map(|ip| Self { ip, port: None })
    }

    pub(crate) fn is(&self, address: SocketAddr) -> bool {
        self.ip == address.ip() && self.port.is_none_or(|port| port == address.port())
    }
}

impl Config {
    /// Reads everything.
    ///
    /// # Errors
    /// `CCD_E_CONFIG`, with the path of the setting and what it should be.
    pub(crate) fn read(host: &Host) -> Result<Self, Error> {
        let listen_text = text(host, "listen", LISTEN)?;
        let listen = listen_text.parse().map_err(|_| {
            Error::config(format!("listen: \"{listen_text}\" is not address:port, as 127.0.0.1:5060"))
        })?;
        let (rtp_first, rtp_last) = read_ports(&text(host, "rtp_ports", "10000-20000")?)?;
        let config = Self {
            listen_text,
            listen,
            rtp_first,
            rtp_last,
            channels: number(host, "channels", CHANNELS, 1, CHANNELS_MAX)? as u32,
            realm: text(host, "realm", "callcore")?,
            codecs: read_codecs(host)?,
            jitter: read_jitter(host)?,
            keys: read_keys(host)?,
            symmetric_rtp: number(host, "symmetric_rtp", 1, 0, 1)? == 1,
            accept_unknown: number(host, "accept_unknown", 0, 0, 1)? == 1,
            endpoints: read_list(host, "endpoints", read_endpoint)?,
            trunks: read_list(host, "trunks", read_trunk)?,
            index: HashMap::new(),
        };
        config.indexed()
    }

    /// A call leaves by a name, so every name is there once, endpoint or trunk.
    fn indexed(mut self) -> Result<Self, Error> {
        for (number, endpoint) in self.endpoints.iter().enumerate() {
            if self.index.insert(endpoint.address.clone(), number).is_some() {
                let address = &endpoint.address;
                return Err(Error::config(format!(
                    "endpoints.{number}.address: \"{address}\" is there twice"
                )));
            }
        }
        for (number, trunk) in self.trunks.iter().enumerate() {
            let before = self.trunks[..number].iter().any(|other| other.name == trunk.name);
            if before || self.index.contains_key(&trunk.name) {
                let name = &trunk.name;
                return Err(Error::config(format!("trunks.{number}.name: \"{name}\" is there twice")));
            }
        }
        Ok(self)
    }

    pub(crate) fn endpoint(&self, address: &str) -> Option<&EndpointConfig> {
        self.index.get(address).and_then(|number| self.endpoints.get(*number))
    }

    pub(crate) fn trunk(&self, name: &str) -> Option<&TrunkConfig> {
        self.trunks.iter().find(|trunk| trunk.name == name)
    }

    /// The trunk that a request from `source` comes by.
    pub(crate) fn trunk_of(&self, source: SocketAddr) -> Option<&TrunkConfig> {
        self.trunks.iter().find(|trunk| trunk.matches.iter().any(|m| m.is(source)))
    }
}

fn text(host: &Host, path: &str, default: &str) -> Result<String, Error> {
    Ok(host.cfg_str(path)?.unwrap_or_else(|| default.to_owned()))
}

fn number(host: &Host, path: &str, default: i64, min: i64, max: i64) -> Result<i64, Error> {
    let value = host.cfg_int(path)?.unwrap_or(default);
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err(Error::config(format!("{path}: {value} is not from {min} to {max}")))
}

fn read_ports(text: &str) -> Result<(u16, u16), Error> {
    let wrong = || Error::config(format!("rtp_ports: \"{text}\" is not first-last, as 10000-20000"));
    let (first, last) = text.split_once('-').ok_or_else(wrong)?;
    let first: u16 = first.trim().parse().map_err(|_| wrong())?;
    let last: u16 = last.trim().parse().map_err(|_| wrong())?;
    let even = first.checked_add(first % 2).ok_or_else(wrong)?;
    if first == 0 || even >= last {
        return Err(wrong());
    }
    Ok((even, last))
}

/// Codecs that are read; there are fewer.
const CODECS_MAX: i64 = 16;
/// What is offered when nothing is set: what every telephone has and the engine hands on untouched.
const CODECS: [Format; 2] = [Format::ALaw, Format::MuLaw];

fn read_codecs(host: &Host) -> Result<Vec<Format>, Error> {
    let mut codecs = Vec::new();
    for index in 0..number(host, "codecs", 0, 0, CODECS_MAX)? {
        let path = format!("codecs.{index}");
        let name = text(host, &path, "")?;
        let codec = codec::named(&name)
            .ok_or_else(|| Error::config(format!("{path}: \"{name}\" is none of {}", codec::NAMES)))?;
        if !codecs.contains(&codec.format) {
            codecs.push(codec.format);
        }
    }
    Ok(if codecs.is_empty() { CODECS.to_vec() } else { codecs })
}

/// Shortest and longest delay of the jitter buffer, in ms.
const JITTER_MS: std::ops::RangeInclusive<i64> = 20..=300;
/// Bounds of a delay that follows the network.
const JITTER_MS_ADAPTIVE: [i64; 2] = [40, 200];

/// One number is a delay that stays, a list of two the bounds of one that follows the network.
fn read_jitter(host: &Host) -> Result<Settings, Error> {
    let [min, max] = [*JITTER_MS.start(), *JITTER_MS.end()];
    let bound =
        |index: usize| number(host, &format!("jitter_ms.{index}"), JITTER_MS_ADAPTIVE[index], min, max);
    let is_list = host.cfg_int("jitter_ms.0")?.is_some();
    match host.cfg_int("jitter_ms")? {
        None => Ok(Settings::adaptive(bound(0)? as u32, bound(1)? as u32)),
        Some(2) if is_list => {
            let (least, most) = (bound(0)?, bound(1)?);
            if least > most {
                return Err(Error::config(format!("jitter_ms: {least} is more than {most}")));
            }
            Ok(Settings::adaptive(least as u32, most as u32))
        }
        Some(_) if is_list => Err(Error::config("jitter_ms: one number, or a list of two: [40, 200]")),
        Some(_) => Ok(Settings::fixed(number(host, "jitter_ms", 0, min, max)? as u32)),
    }
}

fn read_keys(host: &Host) -> Result<Keys, Error> {
    match text(host, "keys", "events")?.as_str() {
        "events" => Ok(Keys::Events),
        "sound" => Ok(Keys::Sound),
        other => Err(Error::config(format!("keys: \"{other}\" is neither events nor sound"))),
    }
}

fn read_list<T>(host: &Host, path: &str, read: fn(&Host, &str) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    let count = number(host, path, 0, 0, ENTRIES_MAX)?;
    (0..count).map(|index| read(host, &format!("{path}.{index}"))).collect()
}

fn must(host: &Host, path: &str, key: &str) -> Result<String, Error> {
    let path = format!("{path}.{key}");
    match host.cfg_str(&path)? {
        Some(value) if !value.is_empty() => Ok(value),
        _ => Err(Error::config(format!("{path}: this setting is missing"))),
    }
}

fn read_endpoint(host: &Host, path: &str) -> Result<EndpointConfig, Error> {
    let address = must(host, path, "address")?;
    if address.len() > 63 || address.contains(|c: char| c.is_whitespace() || c == '@' || c == '"') {
        return Err(Error::config(format!(
            "{path}.address: \"{address}\" cannot be the user of a SIP address"
        )));
    }
    Ok(EndpointConfig {
        password: must(host, path, "password")?,
        name: text(host, &format!("{path}.name"), "")?,
        address,
    })
}

fn read_trunk(host: &Host, path: &str) -> Result<TrunkConfig, Error> {
    let address = must(host, path, "address")?;
    let host_part = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
    let allowed = text(host, &format!("{path}.match"), host_part)?;
    let trunk = TrunkConfig {
        name: must(host, path, "name")?,
        matches: read_sources(&format!("{path}.match"), &allowed)?,
        username: text(host, &format!("{path}.username"), "")?,
        password: text(host, &format!("{path}.password"), "")?,
        register: number(host, &format!("{path}.register"), 0, 0, 1)? == 1,
        address,
    };
    if trunk.register && trunk.username.is_empty() {
        return Err(Error::config(format!("{path}.username: a trunk that registers needs one")));
    }
    Ok(trunk)
}

/// Addresses separated by commas; a name is looked up now, once.
fn read_sources(path: &str, text: &str) -> Result<Vec<Source>, Error> {
    let mut sources = Vec::new();
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        if let Some(source) = Source::parse(entry) {
            sources.push(source);
            continue;
        }
        let found = std::net::ToSocketAddrs::to_socket_addrs(&(entry, 0)).map_err(|error| {
            Error::config(format!("{path}: \"{entry}\" is no address and cannot be looked up: {error}"))
        })?;
        sources.extend(found.map(|address| Source { ip: address.ip(), port: None }));
    }
    Ok(sources)
}

/// The schema of the above, for tools.
pub(crate) const SCHEMA: &std::ffi::CStr = cr#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "callcore SIP driver",
  "type": "object",
  "properties": {
    "listen": {"type": "string", "default": "127.0.0.1:5060", "description": "address:port for SIP over UDP and TCP"},
    "rtp_ports": {"type": "string", "default": "10000-20000", "description": "first-last UDP port for RTP and RTCP"},
    "channels": {"type": "integer", "minimum": 1, "maximum": 8192, "default": 256, "description": "calls at one time"},
    "realm": {"type": "string", "default": "callcore", "description": "digest realm"},
    "codecs": {"type": "array", "items": {"enum": ["PCMA", "PCMU", "G722", "G729", "opus"]}, "default": ["PCMA", "PCMU"],
      "description": "in the order of our offers; of an offer the first that is here is taken"},
    "jitter_ms": {"oneOf": [{"type": "integer", "minimum": 20, "maximum": 300},
      {"type": "array", "items": {"type": "integer", "minimum": 20, "maximum": 300}, "minItems": 2, "maxItems": 2}], "default": [40, 200],
      "description": "milliseconds that sound waits for late packets: one number always, [least, most] as much as the network needs"},
    "keys": {"enum": ["events", "sound"], "default": "events",
      "description": "how keys (DTMF) go out and come in: as telephone events (RFC 4733) where the far end has them, or as sound"},
    "symmetric_rtp": {"type": "integer", "minimum": 0, "maximum": 1, "default": 1,
      "description": "1: send RTP to where it comes from, and follow who goes on from elsewhere after a second of silence"},
    "accept_unknown": {"type": "integer", "minimum": 0, "maximum": 1, "default": 0, "description": "1: take calls from anybody"},
    "endpoints": {"type": "array", "items": {"type": "object", "required": ["address", "password"], "properties": {
      "address": {"type": "string"}, "password": {"type": "string"}, "name": {"type": "string"}}}},
    "trunks": {"type": "array", "items": {"type": "object", "required": ["name", "address"], "properties": {
      "name": {"type": "string"}, "address": {"type": "string", "description": "host or host:port"},
      "match": {"type": "string", "description": "source addresses, separated by commas"},
      "username": {"type": "string"}, "password": {"type": "string"},
      "register": {"type": "integer", "minimum": 0, "maximum": 1, "default": 0}}}}
  }
}"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_json_with_every_setting() {
        let schema: serde_json::Value = serde_json::from_slice(SCHEMA.to_bytes()).expect("it is JSON");
        let settings = schema["properties"].as_object().expect("an object").keys().map(String::as_str);
        let known = [
            "accept_unknown",
            "channels",
            "codecs",
            "endpoints",
            "jitter_ms",
            "keys",
            "listen",
            "realm",
            "rtp_ports",
            "symmetric_rtp",
            "trunks",
        ];
        assert_eq!(settings.collect::<std::collections::BTreeSet<_>>(), known.into());
    }

    #[test]
    fn ports_say_what_is_wrong() {
        assert_eq!(read_ports("10001-10010").expect("is a range"), (10_002, 10_010));
        for wrong in ["", "1", "5-4", "0-10", "a-b", "65535-65535"] {
            assert!(read_ports(wrong).expect_err("no range").text.starts_with("rtp_ports: "), "{wrong}");
        }
    }

    #[test]
    fn a_source_matches_with_or_without_its_port() {
        let from = "10.0.0.1:5060".parse().expect("an address");
        assert!(Source::parse("10.0.0.1").expect("an address").is(from));
        assert!(Source::parse("10.0.0.1:5060").expect("an address").is(from));
        assert!(!Source::parse("10.0.0.1:5061").expect("an address").is(from));
    }
}
