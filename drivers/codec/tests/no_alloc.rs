//! Using a codec, a resampler, a concealment or a jitter buffer neither allocates nor frees: an allocator counts every request.

mod common;

use assert_no_alloc::{AllocDisabler, assert_no_alloc as forbidden, violation_count};
use callcore_codec::jitter::{Jitter, Settings};
use callcore_codec::{Concealment, Format, Rate, Resampler, new_decoder_at, new_encoder_at};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

#[test]
fn no_codec_allocates_in_use() {
    for format in Format::ALL {
        for rate in Rate::ALL {
            let (Some(mut encoder), Some(mut decoder)) =
                (new_encoder_at(format, rate), new_decoder_at(format, rate))
            else {
                continue;
            };
            let sound = common::speech(rate, 1000);
            let (mut payload, mut heard) = ([0; 2000], vec![0; rate.samples(20)]);
            for (n, frame) in sound.chunks(rate.samples(20)).enumerate() {
                forbidden(|| {
                    let length = encoder.encode(frame, &mut payload).expect("there is room");
                    match n % 7 {
                        3 => decoder.conceal(&mut heard),
                        4 => decoder.recover(&payload[..length], &mut heard),
                        5 => decoder.fill(&payload[..length.min(9)], &mut heard),
                        _ => assert_eq!(decoder.decode(&payload[..length], &mut heard), Ok(heard.len())),
                    }
                });
            }
            forbidden(|| {
                encoder.reset();
                decoder.reset();
            });
            assert_eq!(violation_count(), 0, "{format:?} at {rate:?}");
        }
    }
}

#[test]
fn neither_do_rates_and_losses() {
    for from in Rate::ALL {
        let sound = common::speech(from, 100);
        let mut output = vec![0; 960];
        for to in Rate::ALL {
            let mut resampler = Resampler::new(from, to);
            forbidden(|| resampler.process(&sound[..from.samples(20)], &mut output));
        }
        forbidden(|| {
            let mut concealment = Concealment::begin(&sound, from);
            concealment.fill(&mut output);
            concealment.rejoin(&mut output);
        });
    }
    assert_eq!(violation_count(), 0);
}

#[test]
fn neither_does_a_jitter_buffer() {
    for format in Format::ALL {
        let mut jitter = Jitter::new(format, Settings::adaptive(20, 200));
        // a packet of Opus says itself how long it is: 20 ms of SILK
        let payload =
            if format == Format::Opus { vec![1 << 3; 60] } else { vec![0x55; format.slot_bytes(160)] };
        let payload = if format == Format::G729 { &payload[2..] } else { &payload[..] };
        let ticks = 20 * rtp_ticks_a_ms(format);
        let mut slot = vec![0; format.slot_bytes(160)];
        forbidden(|| {
            for n in 0..600 {
                jitter.put(u64::from(n) * 20_000_000, n * ticks, n as u16, payload);
                // too few are taken, so that time has to be left out as well
                if n % 50 != 0 {
                    jitter.take(&mut slot);
                }
            }
            jitter.reset(format);
        });
        assert!(jitter.counts().joins > 0, "{format:?}: {:?}", jitter.counts());
        assert_eq!(violation_count(), 0, "{format:?}");
    }
}

/// The clock of G.722 is said to be 8 kHz (RFC 3551 §4.5.2), that of Opus is 48 kHz.
fn rtp_ticks_a_ms(format: Format) -> u32 {
    match format {
        Format::G722 => 8,
        Format::Opus => 48,
        _ => format.rate().hz() / 1000,
    }
}

#[test]
fn the_watch_works() {
    std::thread::spawn(|| {
        let memory = forbidden(|| vec![1; 100]);
        assert_eq!(violation_count(), 1);
        drop(memory);
    })
    .join()
    .expect("the watch sees what is allocated");
}
