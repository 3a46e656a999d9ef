//! Using a codec, a resampler or a concealment neither allocates nor frees: an allocator counts every request.

mod common;

use assert_no_alloc::{AllocDisabler, assert_no_alloc as forbidden, violation_count};
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
fn the_watch_works() {
    std::thread::spawn(|| {
        let memory = forbidden(|| vec![1; 100]);
        assert_eq!(violation_count(), 1);
        drop(memory);
    })
    .join()
    .expect("the watch sees what is allocated");
}
