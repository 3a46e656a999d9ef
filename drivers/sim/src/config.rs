//! The simulator's configuration: each path with its default and its range; an error names the path.

use crate::country::Country;
use crate::echo::DELAY_MS_MAX;
use callcore_codec::caller_id::Modem;
use callcore_driver_sdk::{CallerIdForm, Error, Host, sys};
use callcore_sim_model::{AgentConfig, Arrivals, CallerConfig, Dist, WorldConfig, is_digit};
use std::ops::RangeInclusive;

/// Numbers callers can dial.
const CALLED_MAX: i64 = 1_000;

/// Where settings come from: a host, or whoever makes a world without one.
pub trait Source {
    /// A whole number, a truth value as 0 or 1, or the length of a list; `None` when it is not set.
    ///
    /// # Errors
    /// It is of another type; the text begins with the path.
    fn int(&self, path: &str) -> Result<Option<i64>, Error>;

    /// A text; `None` when it is not set.
    ///
    /// # Errors
    /// As for [`Source::int`].
    fn text(&self, path: &str) -> Result<Option<String>, Error>;
}

impl Source for Host {
    fn int(&self, path: &str) -> Result<Option<i64>, Error> {
        self.cfg_int(path)
    }

    fn text(&self, path: &str) -> Result<Option<String>, Error> {
        self.cfg_str(path)
    }
}

/// The world that settings of this driver describe, for virtual time.
///
/// # Errors
/// What is wrong with a setting, its path first.
pub fn world(source: &dyn Source) -> Result<WorldConfig, Error> {
    Settings::read(source, "").map(|settings| settings.world)
}

/// How long a prompt lasts in virtual time, where there is no sound, in milliseconds.
///
/// # Errors
/// As for [`world`].
pub fn prompt_ms(source: &dyn Source) -> Result<u64, Error> {
    Settings::read(source, "").map(|settings| settings.prompt_ms)
}

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) world: WorldConfig,
    pub(crate) inband_digits: bool,
    /// The weakest keys that the boards hear in the sound of their lines; none: they are told of keys in another way.
    pub(crate) digit_receiver_dbm0: Option<i32>,
    /// The far end of a call sends back what it hears.
    pub(crate) loopback: bool,
    /// The lines have hybrids: how much weaker their echo is, in dB, and how many milliseconds later.
    pub(crate) echo: Option<(u32, u32)>,
    pub(crate) country: Country,
    /// How exchanges tell who calls.
    pub(crate) caller_id: (Modem, CallerIdForm),
    pub(crate) speed_milli: u64,
    prompt_ms: u64,
}

impl Settings {
    /// Keys go as sound, for whoever hears them.
    pub(crate) fn sounds_keys(&self) -> bool {
        self.inband_digits || self.digit_receiver_dbm0.is_some()
    }

    /// Boards hear keys, or are told of them.
    pub(crate) fn knows_keys(&self) -> bool {
        !self.inband_digits || self.digit_receiver_dbm0.is_some()
    }

    /// Everything below `prefix`.
    pub(crate) fn read(host: &dyn Source, prefix: &str) -> Result<Self, Error> {
        uid(host, prefix)?;
        let read = Reader(host, prefix);
        let country = read.one_of("country", &Country::ALL)?;
        let forms =
            [("v23", (Modem::V23, CallerIdForm::V23)), ("bell202", (Modem::Bell202, CallerIdForm::Bell202))];
        let caller_id = read.one_of("caller_id_form", &forms)?;
        let world = read.world(country)?.counted();
        world.check().map_err(|error| Error::config(error.to_string()))?;
        let inband_digits = read.int("inband_digits", 0, 0..=1)? == 1;
        let least_dbm0 = read.int("digit_receiver_dbm0", 0, -45..=0)? as i32;
        let digit_receiver_dbm0 = (least_dbm0 < 0).then_some(least_dbm0);
        let loopback = read.int("loopback", 0, 0..=1)? == 1;
        let echo_db = read.int("echo_db", 0, 0..=40)? as u32;
        let echo_delay_ms = read.int("echo_delay_ms", 2, 0..=DELAY_MS_MAX)? as u32;
        if (1..6).contains(&echo_db) {
            let text = format!("echo_db: {echo_db} is neither 0 (no echo) nor between 6 and 40");
            return Err(Error::config(text));
        }
        let echo = (echo_db > 0).then_some((echo_db, echo_delay_ms));
        let speed_milli = read.int("speed_milli", 1_000, 1..=1_000_000)? as u64;
        let prompt_ms = read.int("prompt_ms", 3_000, 0..=600_000)? as u64;
        Ok(Self {
            world,
            inband_digits,
            digit_receiver_dbm0,
            loopback,
            echo,
            country,
            caller_id,
            speed_milli,
            prompt_ms,
        })
    }
}

/// The name of a device: its own, or the one that the host gave it.
pub(crate) fn uid(host: &dyn Source, prefix: &str) -> Result<String, Error> {
    let read = Reader(host, prefix);
    let uid = match read.text("uid")? {
        Some(uid) => uid,
        None => read.text("name")?.unwrap_or_else(|| "sim0".to_owned()),
    };
    if uid.is_empty() || uid.len() > 63 {
        return Err(Error::config("uid: a name of 1 to 63 bytes"));
    }
    Ok(uid)
}

/// Reads one setting at a time, below a prefix; what is not set takes the default.
pub(crate) struct Reader<'a>(&'a dyn Source, &'a str);

impl Reader<'_> {
    fn world(&self, country: Country) -> Result<WorldConfig, Error> {
        let plain = WorldConfig::default();
        Ok(WorldConfig {
            trunks: self.int("trunks", 16, 0..=4_096)? as u32,
            extensions: self.int("extensions", 16, 0..=4_096)? as u32,
            boards: self.boards(country)?,
            seed: self.int("seed", 1, 0..=i64::MAX)? as u64,
            arrivals: self.arrivals()?,
            caller: self.caller(&plain.caller)?,
            agent: self.callee("", &plain.agent)?,
            outside: self.callee("outside_", &plain.outside)?,
            setup_ms: self.dist("setup_ms", plain.setup_ms)?,
            by_hand: self.by_hand()?,
        })
    }

    fn by_hand(&self) -> Result<bool, Error> {
        match self.text("people")?.as_deref() {
            None | Some("auto") => Ok(false),
            Some("manual") => Ok(true),
            Some(other) => {
                Err(Error::config(format!("people: \"{other}\" is neither \"auto\" nor \"manual\"")))
            }
        }
    }

    fn arrivals(&self) -> Result<Arrivals, Error> {
        let per_hour = self.int("arrivals_per_hour", 0, 0..=10_000_000)? as f64;
        let total = self.int("arrivals_total", 0, 0..=i64::MAX)? as u64;
        Ok(Arrivals { per_hour, called: self.called()?, total: (total > 0).then_some(total) })
    }

    fn called(&self) -> Result<Vec<(String, u32)>, Error> {
        let count = self.int("called", 0, 0..=CALLED_MAX)?;
        if count == 0 {
            return Ok(Arrivals::default().called);
        }
        let one = |i: i64| {
            let path = format!("called.{i}.number");
            let number = self
                .text(&path)?
                .ok_or_else(|| Error::config(format!("{path}: every entry needs a number")))?;
            Ok((number, self.int(&format!("called.{i}.weight"), 1, 0..=1_000_000)? as u32))
        };
        (0..count).map(one).collect()
    }

    fn caller(&self, plain: &CallerConfig) -> Result<CallerConfig, Error> {
        Ok(CallerConfig {
            digits: self.digits()?,
            menus: self.int("menus", 1, 0..=64)? as u32,
            press_after_ms: self.dist("press_after_ms", plain.press_after_ms)?,
            wrong_digit_share: self.percent("wrong_digit_percent", 90)?,
            hang_up_in_menu_share: self.percent("hang_up_in_menu_percent", 100)?,
            ring_patience_ms: self.dist("ring_patience_ms", plain.ring_patience_ms)?,
            patience_ms: self.dist("patience_ms", plain.patience_ms)?,
            hangs_up_share: self.percent("caller_hangs_up_percent", 100)?,
            talk_ms: self.dist("caller_talk_ms", plain.talk_ms)?,
            withheld_share: self.percent("withheld_percent", 100)?,
        })
    }

    /// Agents, and with the prefix people outside.
    fn callee(&self, prefix: &str, plain: &AgentConfig) -> Result<AgentConfig, Error> {
        let path = |name: &str| format!("{prefix}{name}");
        Ok(AgentConfig {
            busy_share: self.percent(&path("busy_percent"), 100)?,
            no_answer_share: self.percent(&path("no_answer_percent"), 100)?,
            reject_share: self.percent(&path("reject_percent"), 100)?,
            reject_q850: self.int(&path("reject_q850"), i64::from(plain.reject_q850), 1..=127)? as u16,
            answer_after_ms: self.dist(&path("answer_after_ms"), plain.answer_after_ms)?,
            talk_ms: self.dist(&path("talk_ms"), plain.talk_ms)?,
            alone_ms: self.dist(&path("alone_ms"), plain.alone_ms)?,
            machine_ms: self.dist(&path("machine_ms"), plain.machine_ms)?,
        })
    }

    /// "1:3 2 #:1": keys with their weights, 1 when none is given.
    fn digits(&self) -> Result<Vec<(char, u32)>, Error> {
        let text = self.text("digits")?.unwrap_or_default();
        text.split_whitespace().map(|word| digit(word).ok_or_else(|| digits_error(word))).collect()
    }

    fn percent(&self, path: &str, max: i64) -> Result<f64, Error> {
        Ok(self.int(path, 0, 0..=max)? as f64 / 100.0)
    }

    pub(crate) fn int(&self, path: &str, default: i64, range: RangeInclusive<i64>) -> Result<i64, Error> {
        let value = self.number(path)?.unwrap_or(default);
        if range.contains(&value) {
            return Ok(value);
        }
        Err(Error::config(format!("{path}: {value} is not between {} and {}", range.start(), range.end())))
    }

    pub(crate) fn text(&self, path: &str) -> Result<Option<String>, Error> {
        self.0.text(&format!("{}{path}", self.1))
    }

    fn number(&self, path: &str) -> Result<Option<i64>, Error> {
        self.0.int(&format!("{}{path}", self.1))
    }

    /// A number of milliseconds, or a distribution in words.
    fn dist(&self, path: &str, default: Dist) -> Result<Dist, Error> {
        let dist = match self.number(path) {
            Ok(None) => return Ok(default),
            Ok(Some(ms)) => u64::try_from(ms).map(Dist::Fixed).map_err(|_| below_zero(path, ms))?,
            Err(error) if error.code == sys::CCD_E_CONFIG => self.dist_in_words(path)?,
            Err(error) => return Err(error),
        };
        dist.check().map_err(|error| Error::config(format!("{path}: {error}")))?;
        Ok(dist)
    }

    fn dist_in_words(&self, path: &str) -> Result<Dist, Error> {
        let text = self.text(path)?.unwrap_or_default();
        text.parse().map_err(|error: callcore_sim_model::DistError| Error::config(format!("{path}: {error}")))
    }
}

fn below_zero(path: &str, ms: i64) -> Error {
    Error::config(format!("{path}: {ms} is below 0 ms"))
}

fn digit(word: &str) -> Option<(char, u32)> {
    let (key, weight) = word.split_once(':').unwrap_or((word, "1"));
    let mut chars = key.chars();
    let key = chars.next().filter(|key| is_digit(*key) && chars.next().is_none())?;
    weight.parse().ok().map(|weight| (key, weight))
}

fn digits_error(word: &str) -> Error {
    Error::config(format!(
        "digits: \"{word}\" is not a key 0-9 * # A-D with an optional weight, as in \"1:3 2\""
    ))
}
