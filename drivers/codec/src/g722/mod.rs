//! ITU-T G.722 at 64 kbit/s: 16 kHz sound in one byte for two samples. Bit-exact to the ITU-T Software Tool Library.
//!
//! ```text
//!            ┌─ low,  0-4 kHz ─▶ ADPCM 6 bits ─┐ byte: hh llllll       ┌─ ADPCM ─┐
//!  16 kHz ──▶│ QMF                             ├──────────────────────▶│         │ QMF ──▶ 16 kHz
//!            └─ high, 4-8 kHz ─▶ ADPCM 2 bits ─┘                       └─ ADPCM ─┘
//! ```
//!
//! The quadrature mirror filter (QMF) splits each pair of samples into one of each band. ADPCM guesses each sample from
//! those before and sends how far off the guess was, in steps that grow and shrink with the signal.

mod band;
mod quantizer;
#[cfg(test)]
mod tests;

use band::Band;

/// Taps of the QMF.
const TAPS: usize = 24;
/// Pairs that are filtered in one go: 20 ms.
const PAIRS: usize = 160;

/// The QMF's impulse response (G.722 table 11), its second half being the mirror of the first.
const RESPONSE: [i16; TAPS / 2] = [3, -11, -11, 53, 12, -156, 32, 362, -210, -805, 951, 3876];

/// The response with every second tap times `odd`, the others times `even`.
const fn taps(even: i16, odd: i16) -> [i16; TAPS] {
    let mut taps = [0; TAPS];
    let mut n = 0;
    while n < TAPS {
        let tap = RESPONSE[if n < TAPS / 2 { n } else { TAPS - 1 - n }];
        taps[n] = tap * if n % 2 == 0 { even } else { odd };
        n += 1;
    }
    taps
}

static SUM: [i16; TAPS] = taps(1, 1);
static DIFFERENCE: [i16; TAPS] = taps(-1, 1);
static EVEN: [i16; TAPS] = taps(1, 0);
static ODD: [i16; TAPS] = taps(0, 1);

/// Samples before those that are filtered now, and room for these.
#[derive(Clone, Debug)]
struct Window([i16; TAPS - 2 + 2 * PAIRS]);

impl Window {
    const fn new() -> Self {
        Self([0; TAPS - 2 + 2 * PAIRS])
    }

    fn pairs(&mut self, count: usize) -> &mut [[i16; 2]] {
        self.0[TAPS - 2..][..2 * count].as_chunks_mut().0
    }

    /// What two filters make of the samples up to and with each pair.
    fn filtered<'a>(
        &'a self,
        count: usize,
        with: [&'a [i16; TAPS]; 2],
    ) -> impl Iterator<Item = [i32; 2]> + 'a {
        (0..count).map(move |pair| {
            let window: &[i16; TAPS] = self.0[2 * pair..].first_chunk().expect("it is that long");
            with.map(|taps| dot(window, taps))
        })
    }

    fn forget(&mut self, count: usize) {
        self.0.copy_within(2 * count..2 * count + TAPS - 2, 0);
    }
}

#[inline(always)]
fn dot(samples: &[i16; TAPS], taps: &[i16; TAPS]) -> i32 {
    samples.iter().zip(taps).map(|(sample, tap)| i32::from(*sample) * i32::from(*tap)).sum()
}

/// A value of a band: 15 bits.
fn limited(value: i32) -> i16 {
    value.clamp(-16_384, 16_383) as i16
}

/// One direction of a call, outwards.
#[derive(Clone, Debug)]
pub struct Encoder {
    window: Window,
    low: Band,
    high: Band,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { window: Window::new(), low: Band::low(), high: Band::high() }
    }
}

impl Encoder {
    /// Pairs of samples to bytes, as many as fit in both; how many bytes that are.
    pub fn encode(&mut self, samples: &[i16], bytes: &mut [u8]) -> usize {
        let pairs = samples.as_chunks::<2>().0;
        for (bytes, pairs) in bytes.chunks_mut(PAIRS).zip(pairs.chunks(PAIRS)) {
            self.encode_block(pairs, bytes);
        }
        pairs.len().min(bytes.len())
    }

    fn encode_block(&mut self, pairs: &[[i16; 2]], bytes: &mut [u8]) {
        let count = pairs.len().min(bytes.len());
        self.window.pairs(count).copy_from_slice(&pairs[..count]);
        for (byte, [sum, difference]) in
            bytes.iter_mut().zip(self.window.filtered(count, [&SUM, &DIFFERENCE]))
        {
            let low = self.low.encode(limited(sum >> 14), &quantizer::LOW);
            let high = self.high.encode(limited(difference >> 14), &quantizer::HIGH);
            *byte = high << 6 | low;
        }
        self.window.forget(count);
    }
}

/// One direction of a call, inwards.
#[derive(Clone, Debug)]
pub struct Decoder {
    window: Window,
    low: Band,
    high: Band,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { window: Window::new(), low: Band::low(), high: Band::high() }
    }
}

impl Decoder {
    /// Bytes to pairs of samples, as many as fit in both; how many samples that are.
    pub fn decode(&mut self, bytes: &[u8], samples: &mut [i16]) -> usize {
        let pairs = samples.as_chunks_mut::<2>().0;
        let count = pairs.len().min(bytes.len());
        for (pairs, bytes) in pairs.chunks_mut(PAIRS).zip(bytes.chunks(PAIRS)) {
            self.decode_block(bytes, pairs);
        }
        2 * count
    }

    fn decode_block(&mut self, bytes: &[u8], pairs: &mut [[i16; 2]]) {
        let count = pairs.len().min(bytes.len());
        let (low, high) = (&mut self.low, &mut self.high);
        for (pair, byte) in self.window.pairs(count).iter_mut().zip(bytes) {
            let low = low.decode(byte & 0x3F, &quantizer::LOW);
            let high = high.decode(byte >> 6, &quantizer::HIGH);
            *pair = [low + high, low - high];
        }
        for (pair, filtered) in pairs.iter_mut().zip(self.window.filtered(count, [&ODD, &EVEN])) {
            *pair = filtered.map(|sum| (sum >> 11).clamp(-32_768, 32_767) as i16);
        }
        self.window.forget(count);
    }
}
