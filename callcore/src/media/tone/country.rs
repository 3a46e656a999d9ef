//! The countries, and which tone stands in where a country has none of its own.

use super::notation::{Cadence, e180};
use super::{Tone, africa_america, asia_oceania, europe};
use serde::{Deserialize, Serialize};

/// The special information tone of E.180.
pub(super) const INFORMATION: Cadence = e180("950/1400/1800", "3x0.33 on 1.0 off");
/// E.180 recommends a pause of 8 to 10 seconds.
static CALL_WAITING: Cadence = e180("425", "0.2 on 0.2 off 0.2 on 10.0 off");
static INFORMATION_COMMON: Cadence = INFORMATION;
/// GR-506: the receiver-off-hook tone of North America; E.182 names a howler and leaves its sound open.
static HOWLER: Cadence = e180("1400+2060+2450+2600@-12", "0.1 on 0.1 off");
/// T.30 4.3.3.1.2.
static FAX_CALLING: Cadence = e180("1100", "0.5 on 3.0 off");
/// T.30 4.3.3.1.1: 2.6 to 4.0 seconds.
static FAX_ANSWER: Cadence = e180("2100", "3.3 on").times(1);
/// V.25 4.2 with the reversals of 4.3 (G.164, G.165: they disable echo control).
static MODEM_ANSWER: Cadence = e180("2100", "3.3 on").times(1).reversed_every(450);

/// The tones of one country.
///
/// What a country lacks sounds by rule: special dial as dial; congestion as busy; number unobtainable as special
/// information; special information as in E.180; call waiting as 425 Hz twice 0.2 s every 10 s; the howler as in North
/// America. The tones of fax and modem machines are the same everywhere.
#[derive(Debug)]
pub struct TonePlan {
    /// ISO 3166 letters.
    pub letters: &'static str,
    /// Its name in English.
    pub name: &'static str,
    /// Where the values are from.
    pub source: &'static str,
    /// What is doubtful, or where sources disagree; empty: nothing.
    pub remark: &'static str,
    pub(super) dial: Cadence,
    pub(super) ringback: Cadence,
    pub(super) busy: Cadence,
    pub(super) special_dial: Option<Cadence>,
    pub(super) congestion: Option<Cadence>,
    pub(super) call_waiting: Option<Cadence>,
    pub(super) intrusion: Option<Cadence>,
    pub(super) third_party: Option<Cadence>,
    pub(super) number_unobtainable: Option<Cadence>,
    pub(super) special_information: Option<Cadence>,
    pub(super) howler: Option<Cadence>,
}

/// A plan to be filled in.
pub(super) const fn plan(letters: &'static str, name: &'static str) -> TonePlan {
    let silence = e180("425", "continuous");
    TonePlan {
        letters,
        name,
        source: super::E180,
        remark: "",
        dial: silence,
        ringback: silence,
        busy: silence,
        special_dial: None,
        congestion: None,
        call_waiting: None,
        intrusion: None,
        third_party: None,
        number_unobtainable: None,
        special_information: None,
        howler: None,
    }
}

impl TonePlan {
    /// The country's own cadence of a tone, if it has one.
    #[must_use]
    pub const fn own(&self, tone: Tone) -> Option<&Cadence> {
        match tone {
            Tone::Dial => Some(&self.dial),
            Tone::Ringback => Some(&self.ringback),
            Tone::Busy => Some(&self.busy),
            Tone::SpecialDial => self.special_dial.as_ref(),
            Tone::Congestion => self.congestion.as_ref(),
            Tone::CallWaiting => self.call_waiting.as_ref(),
            Tone::Intrusion => self.intrusion.as_ref(),
            Tone::ThirdParty => self.third_party.as_ref(),
            Tone::NumberUnobtainable => self.number_unobtainable.as_ref(),
            Tone::SpecialInformation => self.special_information.as_ref(),
            Tone::Howler => self.howler.as_ref(),
            Tone::FaxCalling | Tone::FaxAnswer | Tone::ModemAnswer => None,
        }
    }

    /// How a tone sounds here: its own, or the one that stands in by rule.
    #[must_use]
    pub const fn cadence(&self, tone: Tone) -> &Cadence {
        if let Some(own) = self.own(tone) {
            return own;
        }
        match tone {
            Tone::Dial | Tone::SpecialDial => &self.dial,
            Tone::Ringback => &self.ringback,
            Tone::Busy | Tone::Congestion => &self.busy,
            Tone::CallWaiting => &CALL_WAITING,
            // one says the same as the other, that somebody is there
            Tone::Intrusion => self.cadence(Tone::CallWaiting),
            Tone::ThirdParty => self.cadence(Tone::Intrusion),
            Tone::NumberUnobtainable => self.cadence(Tone::SpecialInformation),
            Tone::SpecialInformation => &INFORMATION_COMMON,
            Tone::Howler => &HOWLER,
            Tone::FaxCalling => &FAX_CALLING,
            Tone::FaxAnswer => &FAX_ANSWER,
            Tone::ModemAnswer => &MODEM_ANSWER,
        }
    }
}

macro_rules! countries {
    ($($name:ident $letters:literal $table:path),* $(,)?) => {
        /// A country whose tones are known; in configurations by its ISO 3166 letters.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[allow(missing_docs)] // the names say which
        pub enum Country {
            $(#[serde(rename = $letters)] $name),*
        }

        impl Default for Country {
            fn default() -> Self {
                Self::China
            }
        }

        impl Country {
            /// All of them, by their letters.
            pub const ALL: [Self; [$($letters),*].len()] = [$(Self::$name),*];

            /// Its tones.
            #[must_use]
            pub const fn plan(self) -> &'static TonePlan {
                match self { $(Self::$name => &$table),* }
            }

            /// Its ISO 3166 letters.
            #[must_use]
            pub const fn letters(self) -> &'static str {
                match self { $(Self::$name => $letters),* }
            }
        }
    };
}

countries! {
    Emirates "ae" asia_oceania::EMIRATES,
    Argentina "ar" africa_america::ARGENTINA,
    Austria "at" europe::AUSTRIA,
    Australia "au" asia_oceania::AUSTRALIA,
    Belgium "be" europe::BELGIUM,
    Bulgaria "bg" europe::BULGARIA,
    Brazil "br" africa_america::BRAZIL,
    Switzerland "ch" europe::SWITZERLAND,
    Chile "cl" africa_america::CHILE,
    China "cn" asia_oceania::CHINA,
    CostaRica "cr" africa_america::COSTA_RICA,
    Czechia "cz" europe::CZECHIA,
    Germany "de" europe::GERMANY,
    Denmark "dk" europe::DENMARK,
    Estonia "ee" europe::ESTONIA,
    Spain "es" europe::SPAIN,
    Finland "fi" europe::FINLAND,
    France "fr" europe::FRANCE,
    UnitedKingdom "gb" europe::UNITED_KINGDOM,
    Greece "gr" europe::GREECE,
    HongKong "hk" asia_oceania::HONG_KONG,
    Hungary "hu" europe::HUNGARY,
    Indonesia "id" asia_oceania::INDONESIA,
    Ireland "ie" europe::IRELAND,
    Israel "il" asia_oceania::ISRAEL,
    India "in" asia_oceania::INDIA,
    Iran "ir" asia_oceania::IRAN,
    Italy "it" europe::ITALY,
    Japan "jp" asia_oceania::JAPAN,
    Kenya "ke" africa_america::KENYA,
    Lithuania "lt" europe::LITHUANIA,
    Macao "mo" asia_oceania::MACAO,
    Mexico "mx" africa_america::MEXICO,
    Malaysia "my" asia_oceania::MALAYSIA,
    Netherlands "nl" europe::NETHERLANDS,
    Norway "no" europe::NORWAY,
    NewZealand "nz" asia_oceania::NEW_ZEALAND,
    Panama "pa" africa_america::PANAMA,
    Philippines "ph" asia_oceania::PHILIPPINES,
    Poland "pl" europe::POLAND,
    Portugal "pt" europe::PORTUGAL,
    Romania "ro" europe::ROMANIA,
    Russia "ru" europe::RUSSIA,
    Sweden "se" europe::SWEDEN,
    Singapore "sg" asia_oceania::SINGAPORE,
    Thailand "th" asia_oceania::THAILAND,
    Turkey "tr" europe::TURKEY,
    Taiwan "tw" asia_oceania::TAIWAN,
    UnitedStates "us" africa_america::UNITED_STATES,
    Venezuela "ve" africa_america::VENEZUELA,
    SouthAfrica "za" africa_america::SOUTH_AFRICA,
}

impl Country {
    /// The country with these letters, in either case.
    ///
    /// # Errors
    ///
    /// Nothing is known of that country; the error lists those that are.
    pub fn from_letters(letters: &str) -> Result<Self, UnknownCountry> {
        let found = Self::ALL.into_iter().find(|country| country.letters().eq_ignore_ascii_case(letters));
        found.ok_or_else(|| UnknownCountry { letters: letters.to_owned() })
    }
}

/// A country whose tones are not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{letters}' is unknown: use one of {}", known())]
pub struct UnknownCountry {
    letters: String,
}

fn known() -> String {
    Country::ALL.map(Country::letters).join(" ")
}
