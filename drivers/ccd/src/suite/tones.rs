//! Level 4, what a board makes of sound: keys in it, and echoes that it takes off.
//!
//! The tool is the line: on a channel whose sound comes back it sends what a line would bring.

use super::line::{ALL_DIGITS, hear_digits, with_capability};
use crate::check::{Check, Ran, Stop, Subject, Suite, broken, require, skip};
use crate::session::{FRAME, Session};
use callcore_codec::{Format, g711};
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Function};
use std::f64::consts::TAU;

const SUITE: Suite = Suite { level: 4, seconds: 90 };

/// The checks of it.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        54,
        "dtmf-quality",
        "the board hears digits at every level, twist and noise",
        "CCD_CAPB_DTMF_RX: keys come as CCD_EV_DIGIT; without it the host listens (ITU-T Q.23, Q.24).",
        dtmf_quality,
    ),
    SUITE.check(
        62,
        "echo-canceller",
        "the echo canceller takes 30 dB off, and is off for modems",
        "CCD_CAPB_EC: ITU-T G.168.",
        echo_canceller,
    ),
];

/// How keys are sent: the level of the stronger tone in dBm0, how much stronger the high one is than the low one in dB, and
/// how far the noise is below the weaker one in dB; none: no noise.
#[derive(Clone, Copy, Debug)]
struct Line {
    dbm0: f64,
    twist_db: f64,
    noise_db: Option<f64>,
}

/// As they come from a telephone nearby.
const USUAL: Line = Line { dbm0: -10.0, twist_db: 0.0, noise_db: None };
/// What administrations of Q.24 have in common.
const LINES: [Line; 7] = [
    Line { dbm0: -3.0, ..USUAL },
    Line { dbm0: -24.0, ..USUAL },
    Line { twist_db: 4.0, ..USUAL },
    Line { twist_db: -6.0, ..USUAL },
    Line { dbm0: -20.0, twist_db: 4.0, noise_db: None },
    Line { noise_db: Some(24.0), ..USUAL },
    Line { dbm0: -20.0, twist_db: -4.0, noise_db: Some(20.0) },
];

fn dtmf_quality(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    with_capability(&session, CCD_CAPB_DTMF_RX, "CCD_CAPB_DTMF_RX: the host listens")?;
    session.frames()?;
    let (channel, call) = session.looped()?;
    if !session.can(channel, CCD_CAPB_DTMF_RX) {
        return skip(format!("channel {channel} has no CCD_CAPB_DTMF_RX: the host listens"));
    }
    if send_keys(&mut session, call, USUAL)?.is_empty() {
        return skip("no key is heard in sound that comes back: the board is told of keys in another way");
    }
    for line in [USUAL].iter().chain(&LINES) {
        let heard = send_keys(&mut session, call, *line)?;
        session.require_up(call)?;
        require(heard == ALL_DIGITS, || format!("{ALL_DIGITS} were sent, {heard} came: {line:?}"))?;
    }
    let first = session.host().count();
    say(&mut session, Box::new(speech()))?;
    session.run(150 * FRAME);
    let wrong = session.host().since(first).iter().filter(|seen| seen.event().kind() == CCD_EV_DIGIT).count();
    require(wrong == 0, || format!("{wrong} digits were heard in 3 s of what is no key"))?;
    Ok(format!("{} lines, 16 digits each", LINES.len() + 1))
}

/// Echo return loss enhancement that G.168 wants, in dB.
const ERLE_MIN_DB: f64 = 30.0;
/// An echo that is weaker than this, in dBm0, is none to measure at.
const ECHO_MIN_DBM0: f64 = -45.0;

fn echo_canceller(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    with_capability(&session, CCD_CAPB_EC, "CCD_CAPB_EC")?;
    session.require(Function::Tune)?;
    session.frames()?;
    let (channel, call) = session.connected_on(|_, info| info.caps & ccd_cap(CCD_CAPB_EC) != 0)?;
    if session.has_acts() {
        // the far end says nothing that could be taken for an echo
        session.act(&format!("channel {channel} silent"))?;
    }
    if !tune(&mut session, channel, 0) {
        return skip("the echo canceller cannot be switched off, to see what it takes off");
    }
    let noise = || {
        let mut random = noise_source();
        Box::new(move || (random() * peak(-15.0)) as i16)
    };
    say(&mut session, noise())?;
    session.run(25 * FRAME);
    let off = heard_dbm0(&mut session, channel)?;
    session.require_up(call)?;
    if off < ECHO_MIN_DBM0 {
        return skip(format!("the line has no echo to measure at: {off:.0} dBm0 came back of -15"));
    }
    // without suppression of the rest, if the board knows that
    if !tune(&mut session, channel, 2) && !tune(&mut session, channel, 1) {
        return broken(format!("channel {channel} has CCD_CAPB_EC, and tune refuses CCD_TUNE_EC 1"));
    }
    session.run(100 * FRAME);
    let on = heard_dbm0(&mut session, channel)?;
    session.require_up(call)?;
    require(off - on >= ERLE_MIN_DB, || {
        format!(
            "an echo of {off:.1} dBm0 is one of {on:.1} dBm0 after 2 s with the canceller: {ERLE_MIN_DB} dB are due"
        )
    })?;
    say(&mut session, Box::new(answer_tone()))?;
    session.run(150 * FRAME);
    say(&mut session, noise())?;
    let modem = heard_dbm0(&mut session, channel)?;
    session.require_up(call)?;
    require(off - modem < 10.0, || {
        format!(
            "after 2100 Hz with phase reversals an echo of {off:.1} dBm0 is still one of {modem:.1}: it must be off for modems"
        )
    })?;
    Ok(format!("{:.0} dB taken off", off - on))
}

fn tune(session: &mut Session<'_>, channel: u32, value: i64) -> bool {
    session.command(&Command::Tune { channel, key: CCD_TUNE_EC, value }).0 >= 0
}

/// How loud the next 20 frames are.
fn heard_dbm0(session: &mut Session<'_>, channel: u32) -> Result<f64, Stop> {
    let (mut sum, mut count) = (0.0, 0u32);
    for _ in 0..20 {
        session.frame();
        let frames = session.frames()?;
        let samples = frames.heard(channel).map(|bytes| read(&bytes, frames.format())).unwrap_or_default();
        count += samples.len() as u32;
        sum += samples.iter().map(|s| f64::from(*s) * f64::from(*s)).sum::<f64>();
    }
    if count == 0 {
        return skip("nothing is heard on the channel (check 74)");
    }
    let full = peak(0.0) * peak(0.0) / 2.0;
    Ok(10.0 * ((sum / f64::from(count) + 1e-3) / full).log10())
}

fn read(bytes: &[u8], format: Format) -> Vec<i16> {
    match format {
        Format::ALaw => bytes.iter().map(|byte| g711::ALAW[usize::from(*byte)]).collect(),
        Format::MuLaw => bytes.iter().map(|byte| g711::ULAW[usize::from(*byte)]).collect(),
        _ => bytes.as_chunks::<2>().0.iter().map(|pair| i16::from_ne_bytes(*pair)).collect(),
    }
}

/// The answer tone of a modem: 2100 Hz, whose phase turns every 450 ms (ITU-T V.8).
fn answer_tone() -> impl FnMut() -> i16 {
    let mut at = 0u32;
    move || {
        at += 1;
        let sign = if at / 3_600 % 2 == 1 { -1.0 } else { 1.0 };
        (sign * (f64::from(at) * 2_100.0 / 8_000.0 * TAU).sin() * peak(-12.0)) as i16
    }
}

/// Sends all digits, 50 ms each with pauses of 50 ms; what is heard.
fn send_keys(session: &mut Session<'_>, call: ccd_call, line: Line) -> Result<String, Stop> {
    let first = session.host().count();
    say(session, Box::new(keys(line)))?;
    let heard = hear_digits(session, first, call)?;
    // the rest of the last key, and the silence after it
    session.run(10 * FRAME);
    session.frames()?.hush();
    Ok(heard)
}

/// A source of samples.
type Samples = Box<dyn FnMut() -> i16>;

/// Says this on all channels from now on, in the pool's format.
fn say(session: &mut Session<'_>, mut samples: Samples) -> Result<(), Stop> {
    let frames = session.frames()?;
    let (format, mut last, mut said) = (frames.format(), None, Vec::new());
    frames.say(Box::new(move |frame, _, bytes| {
        if last.replace(frame) != Some(frame) {
            let count = if format == Format::L16 { bytes.len() / 2 } else { bytes.len() };
            said = (0..count).map(|_| samples()).collect();
        }
        write(&said, format, bytes);
        true
    }));
    Ok(())
}

fn write(samples: &[i16], format: Format, bytes: &mut [u8]) {
    match format {
        Format::ALaw => bytes.iter_mut().zip(samples).for_each(|(to, s)| *to = g711::linear_to_alaw(*s)),
        Format::MuLaw => bytes.iter_mut().zip(samples).for_each(|(to, s)| *to = g711::linear_to_ulaw(*s)),
        _ => bytes.as_chunks_mut::<2>().0.iter_mut().zip(samples).for_each(|(to, s)| *to = s.to_ne_bytes()),
    }
}

/// Peak of a sine of so many dBm0; the largest one has 3.14.
fn peak(dbm0: f64) -> f64 {
    32_767.0 * 10f64.powf((dbm0 * 100.0 - 314.0) / 2_000.0)
}

const ROW_HZ: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMN_HZ: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
/// Samples of a key, and of a key with its pause.
const ON: usize = 400;
const EACH: usize = 800;

fn tones(digit: u8) -> (f64, f64) {
    let place = b"123A456B789C*0#D".iter().position(|key| *key == digit).unwrap_or(0);
    (ROW_HZ[place / 4], COLUMN_HZ[place % 4])
}

/// All digits, then silence, as a line brings them.
fn keys(line: Line) -> impl FnMut() -> i16 {
    let (high, low) = (line.dbm0 + line.twist_db.min(0.0), line.dbm0 - line.twist_db.max(0.0));
    let noise = line.noise_db.map_or(0.0, |below| peak(high.min(low) - below));
    let (mut at, mut random) = (0, noise_source());
    move || {
        let (key, sample) = (at / EACH, at % EACH);
        at += 1;
        let key = ALL_DIGITS.as_bytes().get(key).filter(|_| sample < ON);
        let tone = key.map_or(0.0, |key| {
            let (row, column) = tones(*key);
            let sine = |hz: f64, dbm0| (sample as f64 * hz / 8000.0 * TAU).sin() * peak(dbm0);
            sine(row, low) + sine(column, high)
        });
        (tone + noise * random()).clamp(-32_768.0, 32_767.0) as i16
    }
}

/// Noise with the power of a sine of peak 1.
fn noise_source() -> impl FnMut() -> f64 {
    let mut state = 1u64;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // even between -1.22 and 1.22: a mean square of one half
        ((state >> 33) as f64 / f64::from(1u32 << 31) * 2.0 - 1.0) * 1.5f64.sqrt()
    }
}

/// A voice that glides over the frequencies of keys: a pitch with its harmonics, each weaker than the one below.
fn speech() -> impl FnMut() -> i16 {
    let (mut at, mut phase, mut random) = (0.0f64, 0.0f64, noise_source());
    move || {
        at += 1.0;
        phase += (140.0 + 60.0 * (at / 8000.0 * TAU * 0.7).sin()) / 8000.0 * TAU;
        let voice: f64 = (1..=12).map(|n| (phase * f64::from(n)).sin() / f64::from(n)).sum();
        ((voice * 0.6 + 0.05 * random()) * peak(-12.0)) as i16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power(samples: &[i16]) -> f64 {
        samples.iter().map(|s| f64::from(*s) * f64::from(*s)).sum::<f64>() / samples.len() as f64
    }

    #[test]
    fn keys_have_the_levels_that_are_said() {
        let db = |power: f64, of: f64| 10.0 * (power / of).log10();
        let sine = |dbm0| peak(dbm0) * peak(dbm0) / 2.0;
        let samples = |line| {
            let mut next = keys(line);
            (0..EACH).map(|_| next()).collect::<Vec<_>>()
        };
        let usual = samples(USUAL);
        assert!(db(power(&usual[..ON]), 2.0 * sine(-10.0)).abs() < 0.5);
        assert_eq!(power(&usual[ON..]), 0.0);
        for twist_db in [-6.0, 6.0] {
            let twisted = samples(Line { twist_db, ..USUAL });
            assert!(db(power(&twisted[..ON]), sine(-10.0) + sine(-16.0)).abs() < 0.5, "{twist_db}");
        }
        let noisy = samples(Line { noise_db: Some(20.0), ..USUAL });
        assert!(db(power(&noisy[ON..]), sine(-30.0)).abs() < 1.0);
    }
}
