//! A sound as a picture of one line: how loud it is from its beginning to its end.

use callcore::media::prompt::Sound;

const WIDTH: usize = 72;
/// From silence to full scale, 6 dB a step.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The peak of each of 72 equal parts.
pub(super) fn picture(sound: &Sound) -> String {
    let samples = &sound.samples;
    let part = |at: usize| samples.len() * at / WIDTH;
    let bars = (0..WIDTH).map(|at| bar(&samples[part(at)..part(at + 1)]));
    format!("|{}|", bars.collect::<String>())
}

fn bar(samples: &[i16]) -> char {
    let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0);
    // full scale has 15 bits and a bit is 6 dB; below -48 dB it is silent
    let bits = (16 - peak.leading_zeros()) as usize;
    BARS[bits.saturating_sub(7).min(8)]
}

/// A peak in decibels below full scale.
pub(super) fn peak(peak: u16) -> String {
    match peak {
        0 => "none".to_owned(),
        peak => format!("{:.1} dBFS", 20.0 * (f64::from(peak) / 32_768.0).log10()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loud_is_high() {
        let mut samples = vec![0; 720];
        samples[360..].fill(32_000);
        samples[..10].fill(1000);
        let picture: Vec<char> = picture(&Sound { rate_hz: 8000, samples }).chars().collect();
        assert_eq!((picture.len(), picture[1], picture[2], picture[40]), (74, '▃', ' ', '█'));
        let short = super::picture(&Sound { rate_hz: 8000, samples: vec![32_767; 3] });
        assert_eq!(short.chars().filter(|bar| *bar == '█').count(), 3);
    }

    #[test]
    fn peaks_are_decibels() {
        assert_eq!(
            (peak(32_768), peak(16_384), peak(0)),
            ("0.0 dBFS".into(), "-6.0 dBFS".into(), "none".into())
        );
    }
}
