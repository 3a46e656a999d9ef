//! The kinds of boards in the simulator's configuration, and what the host is told of their channels.

use crate::config::Reader;
use crate::country::Country;
use callcore_driver_sdk::{ChannelInfo, Error, sys};
use callcore_sim_model::{
    BoardConfig, BoardKind, CallerIdAt, E1_CHANNELS, E1Config, FxoConfig, HangUp, World, WorldConfig,
};

/// Boards side by side on one device.
const BOARDS_MAX: i64 = 64;

impl Reader<'_> {
    /// The list `boards`; none: ideal channels.
    pub(crate) fn boards(&self, country: Country) -> Result<Vec<BoardConfig>, Error> {
        let count = self.int("boards", 0, 0..=BOARDS_MAX)?;
        (0..count).map(|i| self.board(&format!("boards.{i}"), country)).collect()
    }

    fn board(&self, at: &str, country: Country) -> Result<BoardConfig, Error> {
        let path = |name: &str| format!("{at}.{name}");
        let kind = match self.text(&path("kind"))?.as_deref() {
            Some("trunks") => BoardKind::Calls { phones: false },
            Some("phones") => BoardKind::Calls { phones: true },
            Some("fxo") => BoardKind::Fxo(self.exchange_line(at, country)?),
            Some("fxs") => BoardKind::Fxs,
            Some("tap") => BoardKind::Tap,
            Some("e1") => BoardKind::E1(E1Config {
                overlap: self.int(&path("overlap"), 0, 0..=1)? == 1,
                numbers: self.numbers(&path("numbers"))?,
            }),
            other => {
                let other = other.unwrap_or_default();
                let text = format!("{at}.kind: \"{other}\" is none of trunks, phones, fxo, fxs, tap, e1");
                return Err(Error::config(text));
            }
        };
        let default = if matches!(kind, BoardKind::E1(_)) { i64::from(E1_CHANNELS) } else { 4 };
        let channels = self.int(&path("channels"), default, 1..=4_096)? as u32;
        Ok(BoardConfig { kind, channels })
    }

    /// Numbers with commas between them.
    fn numbers(&self, path: &str) -> Result<Vec<String>, Error> {
        let text = self.text(path)?.unwrap_or_default();
        let numbers = text.split(',').map(str::trim).filter(|number| !number.is_empty());
        Ok(numbers.map(str::to_owned).collect())
    }

    fn exchange_line(&self, at: &str, country: Country) -> Result<FxoConfig, Error> {
        let path = |name: &str| format!("{at}.{name}");
        let plain = FxoConfig::default();
        let hang_ups = [
            ("busy_tone", HangUp::BusyTone),
            ("polarity", HangUp::Polarity),
            ("loop", HangUp::Loop),
            ("silence", HangUp::Silence),
            ("nothing", HangUp::Nothing),
        ];
        let callers = [
            ("first_ring", CallerIdAt::FirstRing),
            ("polarity", CallerIdAt::Polarity),
            ("never", CallerIdAt::Never),
        ];
        Ok(FxoConfig {
            ring_cadence_ms: country.ring_cadence_ms(),
            hang_up: self.one_of(&path("hang_up"), &hang_ups)?,
            caller_id: self.one_of(&path("caller_id"), &callers)?,
            answer_by_polarity: self.int(&path("answer_by_polarity"), 0, 0..=1)? == 1,
            inter_digit_ms: self.int(&path("inter_digit_ms"), plain.inter_digit_ms as i64, 500..=20_000)?
                as u64,
        })
    }

    /// A word with a meaning; the first is the default.
    pub(crate) fn one_of<T: Clone>(&self, path: &str, words: &[(&str, T)]) -> Result<T, Error> {
        let text = self.text(path)?;
        let word = text.as_deref().unwrap_or(words[0].0);
        words.iter().find(|(known, _)| *known == word).map(|(_, value)| value.clone()).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
            Error::config(format!("{path}: \"{word}\" is none of {}", known.join(", ")))
        })
    }
}

const CALLS: u64 = sys::ccd_cap(sys::CCD_CAPB_ANSWER_SUPERVISION)
    | sys::ccd_cap(sys::CCD_CAPB_DISCONNECT_SUPERVISION)
    | sys::ccd_cap(sys::CCD_CAPB_CALLER_ID_RX)
    | sys::ccd_cap(sys::CCD_CAPB_CALLER_ID_TX)
    | sys::ccd_cap(sys::CCD_CAPB_OVERLAP_TX)
    | sys::ccd_cap(sys::CCD_CAPB_DTMF_TX)
    | sys::ccd_cap(sys::CCD_CAPB_HOLD);
const FXO: u64 = sys::ccd_cap(sys::CCD_CAPB_CALLER_ID_RX)
    | sys::ccd_cap(sys::CCD_CAPB_POLARITY)
    | sys::ccd_cap(sys::CCD_CAPB_DTMF_TX)
    | sys::ccd_cap(sys::CCD_CAPB_VOLTAGE);
const FXS: u64 = sys::ccd_cap(sys::CCD_CAPB_CALLER_ID_TX) | sys::ccd_cap(sys::CCD_CAPB_POLARITY);

/// What the host is told of a channel; `None` past the last.
pub(crate) fn channel_info(config: &WorldConfig, channel: u32, knows_keys: bool) -> Option<ChannelInfo> {
    let kind = config.kind(channel)?;
    let heard = if knows_keys { sys::ccd_cap(sys::CCD_CAPB_DTMF_RX) } else { 0 };
    let plain = ChannelInfo {
        codecs: sys::CCD_LAW_A | sys::CCD_LAW_U | sys::CCD_L16,
        frame_min: 8,
        frame_max: 8_000,
        frame_pref: 160,
        ..ChannelInfo::default()
    };
    let line = ChannelInfo { signalling: sys::CCD_SIG_LOOP, level: sys::CCD_LEVEL_LINE, ..plain };
    let info = match kind {
        BoardKind::Calls { phones } => {
            let kind = if *phones { sys::CCD_KIND_FXS } else { sys::CCD_KIND_BEARER };
            ChannelInfo { kind, signalling: sys::CCD_SIG_SIM, caps: CALLS, ..plain }
        }
        BoardKind::E1(e1) => {
            let overlap = if e1.overlap { sys::ccd_cap(sys::CCD_CAPB_OVERLAP_RX) } else { 0 };
            let caps = CALLS | overlap;
            let (kind, law) = (sys::CCD_KIND_BEARER, sys::CCD_LAW_A);
            ChannelInfo { kind, signalling: sys::CCD_SIG_PRI_USER, caps, law, ..plain }
        }
        BoardKind::Fxo(config) => {
            let tells = matches!(config.hang_up, HangUp::Polarity | HangUp::Loop);
            let told = if tells { sys::ccd_cap(sys::CCD_CAPB_DISCONNECT_SUPERVISION) } else { 0 };
            ChannelInfo { kind: sys::CCD_KIND_FXO, caps: FXO | told, ..line }
        }
        BoardKind::Fxs => ChannelInfo { kind: sys::CCD_KIND_FXS, caps: FXS, ..line },
        BoardKind::Tap => {
            ChannelInfo { kind: sys::CCD_KIND_TAP, caps: sys::ccd_cap(sys::CCD_CAPB_VOLTAGE), ..line }
        }
    };
    Some(ChannelInfo { caps: info.caps | heard, ..info })
}

/// The span and the timeslot of a channel: 1 to 15 and 17 to 31, as slot 16 carries the D-channel.
pub(crate) fn place(world: &World, channel: u32) -> (u32, u32) {
    let Some(span) = world.span_of(channel) else { return (0, 0) };
    let first = world.span_channels(span).map_or(0, |channels| channels.start);
    let slot = channel - first + 1;
    (span, if slot < 16 { slot } else { slot + 1 })
}
