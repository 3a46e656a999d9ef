//! A caller's number there and back: through noise, quiet lines, twist, the laws, and with damage.

use super::*;
use crate::g711;
use proptest::prelude::*;

/// A generator of noise that is the same everywhere.
struct Noise(u64);

impl Noise {
    /// Uniform in -1 to 1.
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

fn anna() -> CallerId {
    CallerId {
        time: "10311545".into(),
        number: "02087654321".into(),
        name: "Anna Smith 3".into(),
        is_withheld: false,
    }
}

fn sent(modem: Modem, bytes: Vec<u8>, peak: i16) -> Vec<i16> {
    let mut sender = FskSender::new(modem, &bytes, peak);
    // a pause before and after
    let mut samples = vec![0; 400 + sender.samples() + 400];
    let end = 400 + sender.samples();
    sender.fill(&mut samples[400..end]);
    assert!(sender.is_over());
    samples
}

fn received(samples: &[i16]) -> Vec<Vec<u8>> {
    let mut receiver = FskReceiver::new();
    let mut messages = Vec::new();
    // frames of 20 ms, as they come
    for frame in samples.chunks(160) {
        receiver.listen(frame, &mut |bytes| messages.push(bytes.to_vec()));
    }
    messages
}

fn through(
    modem: Modem,
    peak: i16,
    change: impl FnMut((usize, i16)) -> i16,
) -> Result<CallerId, Vec<Vec<u8>>> {
    let samples: Vec<i16> =
        sent(modem, anna().encode(Shape::Multiple), peak).into_iter().enumerate().map(change).collect();
    let messages = received(&samples);
    match &messages[..] {
        [one] => CallerId::decode(one).map_err(|_| messages.clone()),
        _ => Err(messages),
    }
}

const MODEMS: [Modem; 2] = [Modem::Bell202, Modem::V23];

/// Proves: A21.10 in part (the signal: Latin letters and digits, both formats, both modems)
#[test]
fn a_number_and_a_name_come_through() {
    for modem in MODEMS {
        assert_eq!(through(modem, 9_000, |(_, sample)| sample), Ok(anna()), "{modem:?}");
        let single = sent(modem, anna().encode(Shape::Single), 9_000);
        let expected = CallerId { name: String::new(), ..anna() };
        let decoded: Vec<_> = received(&single).iter().map(|bytes| CallerId::decode(bytes)).collect();
        assert_eq!(decoded, [Ok(expected)], "{modem:?}");
    }
}

#[test]
fn no_number_says_why() {
    for (is_withheld, shape) in
        [(true, Shape::Single), (false, Shape::Single), (true, Shape::Multiple), (false, Shape::Multiple)]
    {
        let caller = CallerId { time: "01010000".into(), is_withheld, ..CallerId::default() };
        assert_eq!(CallerId::decode(&caller.encode(shape)), Ok(caller), "{shape:?}");
    }
}

/// From -10 dBm0 to -40 dBm0: more than any line has between exchange and telephone.
#[test]
fn the_level_does_not_matter() {
    for modem in MODEMS {
        for peak in [14_000, 9_000, 3_000, 1_000, 450] {
            assert_eq!(through(modem, peak, |(_, sample)| sample), Ok(anna()), "{modem:?} at {peak}");
        }
    }
}

/// White noise of the whole band; a telephone must take 25 dB (GR-30).
#[test]
fn noise_20_db_below_does_not_matter() {
    for modem in MODEMS {
        for seed in 1..=20 {
            let mut noise = Noise(seed * 77);
            // uniform noise of amplitude a has a power of a²/3, a sine of peak p one of p²/2
            let amplitude = 9_000.0 * (1.5f64).sqrt() * 0.1;
            let noisy = |(_, sample): (usize, i16)| sample + (noise.next() * amplitude) as i16;
            assert_eq!(through(modem, 9_000, noisy), Ok(anna()), "{modem:?}, seed {seed}");
        }
    }
}

/// One of the two tones up to 10 dB quieter, as on a long cable (GR-30).
#[test]
fn twist_does_not_matter() {
    for modem in MODEMS {
        for tilt in [-0.55f64, 0.55] {
            let mut last = 0.0;
            // a filter of one zero: louder or quieter with the frequency
            let cable = |(_, sample): (usize, i16)| {
                let sample = f64::from(sample);
                let out = (sample + tilt * last) / (1.0 + tilt.abs());
                last = sample;
                out as i16
            };
            assert_eq!(through(modem, 12_000, cable), Ok(anna()), "{modem:?}, {tilt}");
        }
    }
}

#[test]
fn the_laws_do_not_matter() {
    for modem in MODEMS {
        let a_law = |(_, s): (usize, i16)| g711::ALAW[usize::from(g711::linear_to_alaw(s))];
        assert_eq!(through(modem, 4_000, a_law), Ok(anna()), "{modem:?}");
        let mu_law = |(_, s): (usize, i16)| g711::ULAW[usize::from(g711::linear_to_ulaw(s))];
        assert_eq!(through(modem, 4_000, mu_law), Ok(anna()), "{modem:?}");
    }
}

/// The sender's clock is off by 1 %, as EN 300 659-1 allows.
#[test]
fn a_clock_that_is_off_does_not_matter() {
    for modem in MODEMS {
        for percent in [99, 101] {
            let samples = sent(modem, anna().encode(Shape::Multiple), 9_000);
            let between = |n: usize| {
                let (at, part) = (n * percent / 100, (n * percent % 100) as i32);
                let (one, next) = (i32::from(*samples.get(at)?), i32::from(*samples.get(at + 1)?));
                Some((one + (next - one) * part / 100) as i16)
            };
            let stretched: Vec<i16> = (0..samples.len() * 100 / percent).filter_map(between).collect();
            let decoded: Vec<_> = received(&stretched).iter().map(|bytes| CallerId::decode(bytes)).collect();
            assert_eq!(decoded, [Ok(anna())], "{modem:?} at {percent} %");
        }
    }
}

/// A number that is cut off by an early answer is none, and the next is heard again.
#[test]
fn what_is_cut_off_is_none() {
    for modem in MODEMS {
        let whole = sent(modem, anna().encode(Shape::Multiple), 9_000);
        for cut in (1_000..whole.len() - 800).step_by(257) {
            let mut samples = whole[..cut].to_vec();
            samples.extend([0; 800]);
            samples.extend(&whole);
            let decoded: Vec<_> = received(&samples).iter().map(|bytes| CallerId::decode(bytes)).collect();
            assert_eq!(decoded, [Ok(anna())], "{modem:?}, cut at {cut}");
        }
    }
}

/// Nobody who only talks tells a number.
#[test]
fn noise_and_tones_are_no_message() {
    let mut noise = Noise(5);
    let hiss: Vec<i16> = (0..8_000 * 60).map(|_| (noise.next() * 8_000.0) as i16).collect();
    let tone = |hz: f64| -> Vec<i16> {
        (0..8_000 * 5)
            .map(|n| ((std::f64::consts::TAU * hz * f64::from(n) / 8_000.0).sin() * 8_000.0) as i16)
            .collect()
    };
    for samples in [hiss, tone(450.0), tone(1_200.0), tone(1_700.0), tone(2_200.0)] {
        let messages = received(&samples);
        assert!(messages.iter().all(|bytes| CallerId::decode(bytes).is_err()), "{messages:?}");
    }
}

#[test]
fn every_damage_of_a_byte_is_found() {
    for shape in [Shape::Single, Shape::Multiple] {
        let bytes = anna().encode(shape);
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                assert!(CallerId::decode(&damaged).is_err(), "byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn keys_carry_a_number_too() {
    assert_eq!(to_keys("020-8765 4321"), "D02087654321C");
    assert_eq!(from_keys("D02087654321C"), Some("02087654321"));
    assert_eq!(from_keys("A1234#"), Some("1234"));
    for keys in ["", "D", "DC", "1234", "D12", "12C", "D1*2C"] {
        assert_eq!(from_keys(keys), None, "{keys}");
    }
}

proptest! {
    /// Whatever is to be shown comes out as telephones show it.
    #[test]
    fn what_goes_in_comes_out(number in "[0-9*#]{0,20}", name in "[ -~]{0,15}", is_withheld: bool) {
        let caller = CallerId { time: "12312359".into(), number, name, is_withheld };
        let decoded = CallerId::decode(&caller.encode(Shape::Multiple)).expect("our own bytes");
        // what is shown is not withheld, and what is withheld is not shown
        let is_withheld = caller.is_withheld && caller.number.is_empty();
        prop_assert_eq!(decoded, CallerId { is_withheld, ..caller });
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes: Vec<u8>) {
        let _ = CallerId::decode(&bytes);
    }

    #[test]
    fn any_sound_is_survived(samples: Vec<i16>) {
        received(&samples);
    }
}
