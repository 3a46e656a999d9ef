//! The classes of the criteria: ITU-T Q.24 and what the product adds, each with what has to become of it.

use crate::press::{Press, QUIET, Steady, good};
use callcore_codec::Format;

/// What has to become of the presses of a class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Want {
    /// All are heard.
    All,
    /// At least 999 of 1000 are heard, none wrongly.
    Nearly,
    /// None is heard.
    None,
}

/// Some kind of key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Class {
    pub(crate) name: &'static str,
    pub(crate) want: Want,
    pub(crate) press: Press,
    pub(crate) law: Format,
}

const fn tone(hz: f64, dbm0: f64) -> [Steady; 2] {
    [Steady { hz, dbm0 }, QUIET[1]]
}

const fn tones(one_hz: f64, two_hz: f64, dbm0: f64) -> [Steady; 2] {
    [Steady { hz: one_hz, dbm0 }, Steady { hz: two_hz, dbm0 }]
}

fn off(low_off: f64, high_off: f64) -> Press {
    Press { low_off, high_off, ..good(b'1') }
}

fn level(low_dbm0: f64, high_dbm0: f64) -> Press {
    Press { low_dbm0, high_dbm0, ..good(b'1') }
}

fn over(below: [Steady; 2], dbm0: f64) -> Press {
    Press { below, ..level(dbm0, dbm0) }
}

fn on(on_ms: f64) -> Press {
    Press { on_ms, ..good(b'1') }
}

fn class(name: &'static str, want: Want, press: Press) -> Class {
    Class { name, want, press, law: Format::L16 }
}

/// All classes.
pub(crate) fn classes() -> Vec<Class> {
    [frequencies(), levels(), times_and_noise(), over_dial_tone(), refused_over_dial_tone()].concat()
}

fn frequencies() -> Vec<Class> {
    vec![
        class("nominal, 40 ms on, 40 ms off", Want::All, good(b'1')),
        class("both +1.5 %", Want::All, off(1.5, 1.5)),
        class("both -1.5 %", Want::All, off(-1.5, -1.5)),
        class("low +1.5 %, high -1.5 %", Want::All, off(1.5, -1.5)),
        class("low -1.5 %, high +1.5 %", Want::All, off(-1.5, 1.5)),
        class("low +1.8 %, high -1.8 %", Want::All, off(1.8, -1.8)),
        class("both -1.8 %", Want::All, off(-1.8, -1.8)),
        class("low +3 %", Want::None, off(3.0, 0.0)),
        class("low -3 %", Want::None, off(-3.0, 0.0)),
        class("high +3 %", Want::None, off(0.0, 3.0)),
        class("high -3 %", Want::None, off(0.0, -3.0)),
        class("low +3.5 %", Want::None, off(3.5, 0.0)),
        class("low -3.5 %", Want::None, off(-3.5, 0.0)),
        class("high +3.5 %", Want::None, off(0.0, 3.5)),
        class("high -3.5 %", Want::None, off(0.0, -3.5)),
        class("both +3.5 %", Want::None, off(3.5, 3.5)),
        class("both -3.5 %", Want::None, off(-3.5, -3.5)),
        class("low only", Want::None, level(-10.0, -200.0)),
        class("high only", Want::None, level(-200.0, -10.0)),
    ]
}

fn levels() -> Vec<Class> {
    let quiet = class("-35 dBm0", Want::All, level(-35.0, -35.0));
    let twisted = Press { low_off: -1.5, high_off: 1.5, ..level(-27.0, -35.0) };
    let reverse = Press { low_off: 1.5, high_off: -1.5, ..level(-35.0, -31.0) };
    vec![
        class("0 dBm0", Want::All, level(0.0, 0.0)),
        class("-20 dBm0", Want::All, level(-20.0, -20.0)),
        class("-30 dBm0", Want::All, level(-30.0, -30.0)),
        quiet,
        Class { name: "-35 dBm0 in A-law", law: Format::ALaw, ..quiet },
        Class { name: "-35 dBm0 in u-law", law: Format::MuLaw, ..quiet },
        class("low 8 dB above high", Want::All, level(-10.0, -18.0)),
        class("high 4 dB above low", Want::All, level(-14.0, -10.0)),
        class("low 8 dB above, 1.5 % off, -27/-35 dBm0", Want::All, twisted),
        class("high 4 dB above, 1.5 % off, -35/-31 dBm0", Want::All, reverse),
        class("low 12 dB above high", Want::None, level(-10.0, -22.0)),
        class("high 8 dB above low", Want::None, level(-18.0, -10.0)),
        class("-38 dBm0", Want::None, level(-38.0, -38.0)),
        class("-55 dBm0", Want::None, level(-55.0, -55.0)),
    ]
}

fn times_and_noise() -> Vec<Class> {
    let long = Press { on_ms: 100.0, break_ms: 10.0, ..good(b'1') };
    let noisy = Press { snr_db: 15.0, ..good(b'1') };
    vec![
        class("70 ms on", Want::All, on(70.0)),
        class("break of 10 ms in the middle", Want::All, long),
        class("20 ms", Want::None, on(20.0)),
        class("23 ms", Want::None, on(23.0)),
        class("10 ms", Want::None, on(10.0)),
        class("octaves 20 dB below each tone", Want::All, Press { octaves_db: -20.0, ..good(b'1') }),
        class("noise 15 dB below", Want::Nearly, noisy),
        class("noise 15 dB below, 1.5 % off", Want::Nearly, Press { low_off: 1.5, high_off: -1.5, ..noisy }),
        class("noise 15 dB below, -30 dBm0", Want::Nearly, Press { snr_db: 15.0, ..level(-30.0, -30.0) }),
    ]
}

fn over_dial_tone() -> Vec<Class> {
    let off = Press { low_off: -1.5, high_off: 1.5, ..over(tone(450.0, -10.0), -20.0) };
    let alaw = Class { law: Format::ALaw, ..class("", Want::All, over(tone(450.0, -10.0), -20.0)) };
    vec![
        class("450 Hz at -10, keys -10 dBm0", Want::All, over(tone(450.0, -10.0), -10.0)),
        class("450 Hz at -10, keys -15 dBm0", Want::All, over(tone(450.0, -10.0), -15.0)),
        class("450 Hz at -10, keys -20 dBm0", Want::All, over(tone(450.0, -10.0), -20.0)),
        Class { name: "450 Hz at -10, keys -20 dBm0 in A-law", ..alaw },
        class("450 Hz at -10, keys -20 dBm0, 1.5 % off", Want::All, off),
        class("425 Hz at -10, keys -20 dBm0", Want::All, over(tone(425.0, -10.0), -20.0)),
        class("400 Hz at -10, keys -20 dBm0", Want::All, over(tone(400.0, -10.0), -20.0)),
        class("475 Hz at -10, keys -20 dBm0", Want::All, over(tone(475.0, -10.0), -20.0)),
        class("350+440 Hz at -13, keys -10 dBm0", Want::All, over(tones(350.0, 440.0, -13.0), -10.0)),
        class("350+440 Hz at -13, keys -20 dBm0", Want::All, over(tones(350.0, 440.0, -13.0), -20.0)),
    ]
}

fn refused_over_dial_tone() -> Vec<Class> {
    let dial = over(tone(450.0, -10.0), -15.0);
    vec![
        class("450 Hz at -10, 20 ms", Want::None, Press { on_ms: 20.0, ..dial }),
        class("450 Hz at -10, low +3.5 %", Want::None, Press { low_off: 3.5, ..dial }),
        class("450 Hz at -10, high -3.5 %", Want::None, Press { high_off: -3.5, ..dial }),
        class("450 Hz at -10, low only", Want::None, Press { high_dbm0: -200.0, ..dial }),
        class("450 Hz at -10, high only", Want::None, Press { low_dbm0: -200.0, ..dial }),
        class(
            "350+440 Hz at -13, 20 ms",
            Want::None,
            Press { below: tones(350.0, 440.0, -13.0), on_ms: 20.0, ..dial },
        ),
    ]
}
