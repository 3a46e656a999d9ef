//! How good each codec sounds for the kilobits a second it takes, measured on sound that is like speech.
//!
//! Three measures: the signal-to-noise ratio of 20 ms segments (meaningful where the wave itself is kept), how far the
//! loudness in bands is off, as an ear hears it (meaningful for all), and the compression.

mod common;

use callcore_codec::{Format, Rate, new_decoder_at, new_encoder_at};
use std::f64::consts::TAU;

const MS: u32 = 2000;

/// What goes in, and what comes out in step with it.
struct Trip {
    rate: Rate,
    sent: Vec<i16>,
    heard: Vec<i16>,
    bytes: usize,
    delay: usize,
}

impl Trip {
    /// Through encoder and decoder in frames of 20 ms; every `lost`th frame is lost, if not 0.
    fn of(format: Format, rate: Rate, lost: usize) -> Self {
        let mut encoder = new_encoder_at(format, rate).expect("it is built in");
        let mut decoder = new_decoder_at(format, rate).expect("it is built in");
        let sound = common::speech(rate, MS);
        let (mut all, mut bytes) = (Vec::new(), 0);
        for (n, frame) in sound.chunks(rate.samples(20)).enumerate() {
            let (mut payload, mut heard) = ([0; 2000], vec![0; frame.len()]);
            let length = encoder.encode(frame, &mut payload).expect("there is room");
            bytes += length;
            let is_lost = lost > 0 && n % lost == lost - 1;
            decoder.fill(if is_lost { &[] } else { &payload[..length] }, &mut heard);
            all.extend(heard);
        }
        let delay = delay(&sound, &all, rate);
        let sent = sound[..sound.len() - delay].to_vec();
        Self { rate, sent, heard: all.split_off(delay), bytes, delay }
    }

    fn kilobits_a_second(&self) -> f64 {
        self.bytes as f64 * 8.0 / f64::from(MS)
    }

    /// Against 16-bit linear at the same rate.
    fn compression(&self) -> f64 {
        f64::from(MS) * f64::from(self.rate.hz()) / 1000.0 * 2.0 / self.bytes as f64
    }

    /// Pairs of segments of 20 ms in which somebody talks.
    fn segments(&self) -> impl Iterator<Item = (&[i16], &[i16])> {
        let length = self.rate.samples(20);
        let pairs = self.sent.chunks_exact(length).zip(self.heard.chunks_exact(length));
        pairs.skip(5).filter(|(sent, _)| energy(sent) / sent.len() as f64 > 100.0 * 100.0)
    }

    /// Mean of the segments' signal-to-noise ratios, each between -10 and 45 dB.
    fn segmental_snr_db(&self) -> f64 {
        let snr = |(sent, heard): (&[i16], &[i16])| {
            let error: Vec<i16> = sent.iter().zip(heard).map(|(a, b)| a.saturating_sub(*b)).collect();
            (10.0 * (energy(sent) / energy(&error).max(1.0)).log10()).clamp(-10.0, 45.0)
        };
        mean(self.segments().map(snr))
    }

    /// Root mean square of how many decibels the bands of 250 Hz up to 3.5 kHz are off.
    fn off_db(&self) -> f64 {
        let off = |(sent, heard): (&[i16], &[i16])| {
            let bands = bands_db(sent, self.rate).into_iter().zip(bands_db(heard, self.rate));
            mean(bands.map(|(sent, heard)| (sent - heard).powi(2))).sqrt()
        };
        mean(self.segments().map(off))
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

fn energy(samples: &[i16]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample).powi(2)).sum()
}

/// Samples by which what is heard is later: where it is most alike.
fn delay(sent: &[i16], heard: &[i16], rate: Rate) -> usize {
    let alike = |delay: &usize| -> i64 {
        heard[*delay..]
            .iter()
            .zip(sent)
            .take(rate.samples(1000))
            .map(|(a, b)| i64::from(*a) * i64::from(*b))
            .sum()
    };
    (0..rate.samples(30)).max_by_key(alike).expect("there are some")
}

/// Loudness of each band of 250 Hz; what is 45 dB below the loudest is not heard beside it.
fn bands_db(samples: &[i16], rate: Rate) -> Vec<f64> {
    let window = |n: usize| 0.5 - 0.5 * (n as f64 / samples.len() as f64 * TAU).cos();
    let shaped: Vec<f64> =
        samples.iter().enumerate().map(|(n, sample)| f64::from(*sample) * window(n)).collect();
    let band = |from: i32| (0..5).map(|n| power(&shaped, f64::from(from + 50 * n), rate)).sum::<f64>();
    let bands: Vec<f64> = (0..13).map(|n| band(250 * n + 200)).collect();
    let floor = bands.iter().copied().fold(1.0, f64::max) / 10f64.powf(4.5);
    bands.into_iter().map(|band| 10.0 * (band + floor).log10()).collect()
}

/// Of one frequency, by Goertzel's algorithm.
fn power(samples: &[f64], hz: f64, rate: Rate) -> f64 {
    let twice = 2.0 * (hz / f64::from(rate.hz()) * TAU).cos();
    let (last, before) =
        samples.iter().fold((0.0, 0.0), |(last, before), sample| (sample + twice * last - before, last));
    last * last + before * before - twice * last * before
}

/// What must be reached.
struct Gate {
    kilobits_max: f64,
    compression_min: f64,
    snr_db_min: f64,
    off_db_max: f64,
    /// The same with every twentieth frame lost.
    lossy_off_db_max: f64,
}

impl Gate {
    fn hold(&self, format: Format, rate: Rate) {
        let whole = Trip::of(format, rate, 0);
        let lossy = Trip::of(format, rate, 20);
        let (kilobits, compression) = (whole.kilobits_a_second(), whole.compression());
        let (snr, off, lossy) = (whole.segmental_snr_db(), whole.off_db(), lossy.off_db());
        let text = format!(
            "{format:?} at {} Hz: {kilobits:.1} kbit/s, {compression:.1} to 1, {snr:.1} dB; bands off by {off:.2} dB, with \
             5 % lost {lossy:.2} dB; {} samples late",
            rate.hz(),
            whole.delay
        );
        println!("{text}");
        assert!(
            kilobits <= self.kilobits_max && compression >= self.compression_min,
            "too many bits: {text}"
        );
        assert!(snr >= self.snr_db_min && off <= self.off_db_max, "distorted: {text}");
        assert!(lossy <= self.lossy_off_db_max, "losses are heard: {text}");
    }
}

/// Proves: A18.6
#[test]
fn g711_is_as_good_as_its_64_kilobits() {
    let gate = Gate {
        kilobits_max: 64.0,
        compression_min: 2.0,
        snr_db_min: 36.0,
        off_db_max: 0.4,
        lossy_off_db_max: 1.2,
    };
    gate.hold(Format::ALaw, Rate::Narrow);
    gate.hold(Format::MuLaw, Rate::Narrow);
}

#[test]
fn linear_loses_nothing() {
    for format in [Format::L16, Format::L16Wide, Format::L16Full] {
        let trip = Trip::of(format, format.rate(), 0);
        assert_eq!(trip.sent, trip.heard, "{format:?}");
    }
}

/// Proves: A18.6
#[test]
fn g722_gives_twice_the_band_for_the_same_64_kilobits() {
    let gate = Gate {
        kilobits_max: 64.0,
        compression_min: 4.0,
        snr_db_min: 25.0,
        off_db_max: 0.6,
        lossy_off_db_max: 2.0,
    };
    gate.hold(Format::G722, Rate::Wide);
}

/// Proves: A18.6
#[cfg(feature = "g729")]
#[test]
fn g729_compresses_to_a_sixteenth() {
    let gate = Gate {
        kilobits_max: 8.0,
        compression_min: 16.0,
        snr_db_min: 5.0,
        off_db_max: 4.5,
        lossy_off_db_max: 6.2,
    };
    gate.hold(Format::G729, Rate::Narrow);
}

/// Proves: A18.6
#[cfg(feature = "opus")]
#[test]
fn opus_compresses_to_a_twelfth_and_sounds_better() {
    let gate = |kilobits_max, compression_min| Gate {
        kilobits_max,
        compression_min,
        snr_db_min: 9.0,
        off_db_max: 2.3,
        lossy_off_db_max: 3.4,
    };
    gate(16.0, 8.0).hold(Format::Opus, Rate::Narrow);
    gate(24.0, 10.0).hold(Format::Opus, Rate::Wide);
    gate(40.0, 19.0).hold(Format::Opus, Rate::Full);
}

#[test]
fn the_measures_hear_what_is_wrong() {
    let mut trip = Trip::of(Format::L16, Rate::Narrow, 0);
    assert!(trip.segmental_snr_db() > 44.9 && trip.off_db() < 0.01);
    let mut noise = common::Noise(9);
    trip.heard.iter_mut().for_each(|sample| *sample += (noise.next() * 1000.0) as i16);
    let noisy = (trip.segmental_snr_db(), trip.off_db());
    assert!(noisy.0 < 15.0 && noisy.1 > 3.0, "noise 25 dB below: {noisy:?}");
    trip.heard.fill(0);
    assert!(trip.off_db() > 20.0, "silence: {}", trip.off_db());
}
