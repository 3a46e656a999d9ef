//! Keys that nobody here made: sox's own tones, levels, noise and dial tone.

use crate::classes::Want;
use crate::press::{frequencies, keys};
use crate::{Count, hear, without_peers};
use std::process::Command;

/// A key as sox is told to make it.
#[derive(Clone, Copy)]
struct Tones {
    ms: u32,
    low_db: f64,
    high_db: f64,
    low_off: f64,
    high_off: f64,
    /// Level of white noise, as sox has it: uniform, so 4.8 dB below its peak.
    noise_db: Option<f64>,
    /// A tone below, and its level.
    dial: Option<(f64, f64)>,
}

/// A sine of 0 dBm0 is this far below sox's full scale: 22467 of 32768.
const DBM0_DB: f64 = -3.28;
const GOOD: Tones =
    Tones { ms: 40, low_db: -10.0, high_db: -10.0, low_off: 0.0, high_off: 0.0, noise_db: None, dial: None };

fn sox(arguments: &[String]) -> Vec<i16> {
    let mut command = Command::new("sox");
    command.args(["-R", "-D", "-n", "-r", "8000", "-c", "1", "-b", "16", "-e", "signed", "-t", "raw", "-"]);
    let output = command.args(arguments).output().expect("sox is installed where CALLCORE_PEERS is set");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout.as_chunks().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect()
}

fn synth(seconds: f64, kind: &str, hz: f64, dbm0: f64) -> Vec<i16> {
    let gain = format!("{:.3}", dbm0 + DBM0_DB);
    let words = ["synth", &seconds.to_string(), kind, &hz.to_string(), "gain", &gain];
    sox(&words.map(str::to_owned))
}

/// 200 ms before, the key four times with pauses of 40 ms, 100 ms after.
fn line(key: u8, tones: &Tones) -> Vec<i16> {
    let [low, high] = frequencies(key);
    let seconds = f64::from(tones.ms) / 1000.0;
    let one = synth(seconds, "sine", low * (1.0 + tones.low_off / 100.0), tones.low_db);
    let two = synth(seconds, "sine", high * (1.0 + tones.high_off / 100.0), tones.high_db);
    let mut line = vec![0; 1600 + usize::from(key)];
    for _ in 0..4 {
        line.extend(one.iter().zip(&two).map(|(one, two)| one.saturating_add(*two)));
        line.resize(line.len() + 320, 0);
    }
    line.resize(line.len() + 800, 0);
    let whole = line.len() as f64 / 8000.0 + 0.01;
    let noise = tones.noise_db.map(|dbm0| synth(whole, "whitenoise", 0.0, dbm0));
    let dial = tones.dial.map(|(hz, dbm0)| synth(whole, "sine", hz, dbm0));
    for more in [noise, dial].into_iter().flatten() {
        assert!(more.len() >= line.len(), "sox made all of it");
        line.iter_mut().zip(more).for_each(|(sample, more)| *sample = sample.saturating_add(more));
    }
    line
}

fn cases() -> Vec<(&'static str, Want, Tones)> {
    let over = |hz: f64, level: f64| Tones { dial: Some((hz, -10.0)), low_db: level, high_db: level, ..GOOD };
    vec![
        ("40 ms on, 40 ms off", Want::All, GOOD),
        ("+1.5 %", Want::All, Tones { low_off: 1.5, high_off: 1.5, ..GOOD }),
        ("-1.5 %", Want::All, Tones { low_off: -1.5, high_off: -1.5, ..GOOD }),
        ("low 8 dB above high", Want::All, Tones { high_db: -18.0, ..GOOD }),
        ("high 4 dB above low", Want::All, Tones { low_db: -14.0, ..GOOD }),
        ("-35 dBm0", Want::All, Tones { low_db: -35.0, high_db: -35.0, ..GOOD }),
        ("0 dBm0", Want::All, Tones { low_db: 0.0, high_db: 0.0, ..GOOD }),
        // uniform noise of this peak is 15 dB below both tones: -10 + 3 - 15 + 1.8
        ("noise 15 dB below", Want::All, Tones { noise_db: Some(-20.2), ..GOOD }),
        ("over 450 Hz at -10, -10 dBm0", Want::All, over(450.0, -10.0)),
        ("over 450 Hz at -10, -20 dBm0", Want::All, over(450.0, -20.0)),
        ("over 425 Hz at -10, -20 dBm0", Want::All, over(425.0, -20.0)),
        ("low +3.5 %", Want::None, Tones { low_off: 3.5, ..GOOD }),
        ("high -3.5 %", Want::None, Tones { high_off: -3.5, ..GOOD }),
        ("20 ms", Want::None, Tones { ms: 20, ..GOOD }),
        ("low only", Want::None, Tones { high_db: -90.0, ..GOOD }),
        ("high only", Want::None, Tones { low_db: -90.0, ..GOOD }),
    ]
}

#[test]
fn keys_made_by_sox_are_heard_or_refused() {
    if without_peers("sox") {
        return;
    }
    let mut failed = Vec::new();
    for (name, want, tones) in cases() {
        let mut count = Count::default();
        for key in keys() {
            count.add(char::from(key), 4, &hear(&line(key, &tones)));
        }
        println!("{}", count.row(name, want));
        if !count.is(want) {
            failed.push(name);
        }
    }
    assert_eq!(failed, [""; 0], "see the table");
}
