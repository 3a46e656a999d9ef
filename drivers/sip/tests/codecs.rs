//! Codecs at the wire: what is agreed, how payloads pass, and what becomes of digits and of a change in the call.

mod peer;

use callcore_driver_sdk::Format;
use callcore_driver_sdk::sys::*;
use callcore_driver_sdk::testkit::{CountingAllocator, Setting};
use peer::Bed;
use peer::phone::Phone;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const OPUS: [&str; 3] =
    ["rtpmap:96 opus/48000/2", "rtpmap:97 telephone-event/8000", "rtpmap:98 telephone-event/48000"];

fn bed() -> Bed {
    let names = ["PCMA", "PCMU", "G722", "G729", "opus"];
    let paths = ["codecs.0", "codecs.1", "codecs.2", "codecs.3", "codecs.4"];
    let mut settings: Vec<(&str, Setting)> = vec![("codecs", 5.into())];
    settings.extend(paths.into_iter().zip(names.map(Setting::from)));
    Bed::new(&settings)
}

/// A call with this offer, answered.
struct Talk {
    phone: Phone,
    call: u64,
    tag: String,
    port: u16,
    answer: String,
}

impl Talk {
    fn new(bed: &mut Bed, types: &str, attributes: &[&str]) -> Self {
        let mut phone = Phone::new(bed.port);
        let offer = phone.offer_of(types, attributes);
        phone.send("INVITE", 1, "", "", &offer);
        let call = bed.next(CCD_EV_INCOMING).call;
        bed.bench().answer(call, 1).expect("answers");
        let ok = phone.response();
        assert_eq!(ok.status, 200, "{}", ok.text);
        let tag = phone.acknowledge(&ok, 1);
        bed.next(CCD_EV_CONNECTED);
        Self { port: ok.audio_port(), answer: ok.text, phone, call, tag }
    }

    /// Says these payloads, each so many ticks after the one before, but all at once: what the buffer does not need yet waits
    /// in the socket, so that no clock of the test's matters.
    fn say(&self, payload_type: u8, first: u32, ticks: u32, payloads: &[Vec<u8>]) {
        for (n, payload) in (0u32..).zip(payloads) {
            self.phone.speak(self.port, payload_type, n as u16, first.wrapping_add(n * ticks), payload);
        }
    }

    /// So many packets of sound that come back: their payloads, of one type, each so many ticks after the one before.
    fn hear(&self, payload_type: u8, ticks: u32, count: usize) -> Vec<Vec<u8>> {
        let (mut stamps, mut heard) = (Vec::new(), Vec::new());
        while heard.len() < count {
            let (kind, _, timestamp, payload) = self.phone.listen();
            assert_eq!(kind, payload_type);
            stamps.push(timestamp);
            heard.push(payload);
        }
        assert!(stamps.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == ticks), "{stamps:?}");
        heard
    }
}

/// An Opus packet of 20 ms of which the decoder would make nothing, but the first byte is right.
fn opus(n: u8) -> Vec<u8> {
    [&[1 << 3, n][..], &vec![n; 20 + usize::from(n)]].concat()
}

#[test]
fn opus_passes_packet_by_packet_with_its_own_clock() {
    let mut bed = bed();
    let talk = Talk::new(&mut bed, "96 8 97 98", &OPUS);
    assert!(talk.answer.contains(" RTP/AVP 96 98\r\n"), "{}", talk.answer);
    let said: Vec<Vec<u8>> = (1..10).map(opus).collect();
    talk.say(96, u32::MAX - 5000, 960, &said);
    assert_eq!(talk.hear(96, 960, 9), said);
    assert_eq!(bed.bench().format(0), Format::Opus);
    assert_eq!(bed.bench().allocations(), 0, "the media thread allocates nothing");
}

#[test]
fn an_opus_packet_of_another_length_is_left_out() {
    let mut bed = bed();
    let talk = Talk::new(&mut bed, "96", &OPUS[..1]);
    let mut said: Vec<Vec<u8>> = (1..10).map(opus).collect();
    // 40 ms (RFC 6716, table 2), and bytes that are no packet
    said[4][0] = 2 << 3;
    said[7] = vec![3];
    talk.say(96, 0, 960, &said);
    let heard: Vec<Vec<u8>> = (0..7).map(|_| talk.phone.listen().3).collect();
    let expected: Vec<Vec<u8>> = said
        .iter()
        .enumerate()
        .filter(|(n, _)| ![4, 7].contains(n))
        .map(|(_, payload)| payload.clone())
        .collect();
    assert_eq!(heard, expected);
    let stats = bed.bench().stats();
    assert!(stats.contains("\"packets_unfit\":2,"), "{stats}");
}

#[test]
fn g722_of_any_packet_time_comes_back_in_20_ms() {
    for ms in [10usize, 20, 30, 40] {
        let mut bed = bed();
        let talk = Talk::new(&mut bed, "9 0", &["rtpmap:9 G722/8000", "ptime:30"]);
        assert!(talk.answer.contains("a=rtpmap:9 G722/8000\r\n"), "{}", talk.answer);
        let word: Vec<u8> = (0..180u32 * 8).map(|n| (n % 251) as u8).collect();
        let said: Vec<Vec<u8>> = word.chunks(ms * 8).map(<[u8]>::to_vec).collect();
        // the clock of G.722 in RTP is 8000, by a mistake that was kept (RFC 3551 §4.5.2)
        talk.say(9, 77, ms as u32 * 8, &said);
        assert_eq!(talk.hear(9, 160, 9).concat(), word, "{ms} ms");
    }
}

#[test]
fn g729_is_taken_apart_into_frames() {
    for pieces in [1usize, 2, 3] {
        let mut bed = bed();
        let talk = Talk::new(&mut bed, "18 101", &["rtpmap:101 telephone-event/8000", "fmtp:18 annexb=yes"]);
        assert!(talk.answer.contains("a=fmtp:18 annexb=no\r\n"), "{}", talk.answer);
        let word: Vec<u8> = (0..180).collect();
        let said: Vec<Vec<u8>> = word.chunks(10 * pieces).map(<[u8]>::to_vec).collect();
        talk.say(18, 0, 80 * pieces as u32, &said);
        assert_eq!(talk.hear(18, 160, 9).concat(), word, "{pieces} pieces");
    }
}

/// Proves: A16.11 in part (digits beside a codec with another clock)
#[test]
fn digits_beside_opus_are_counted_in_its_clock() {
    let mut bed = bed();
    let talk = Talk::new(&mut bed, "96 97 98", &OPUS);
    let digit = |began: u32, event: u8, flags: u8, ticks: u16| {
        let [high, low] = ticks.to_be_bytes();
        talk.phone.speak(talk.port, 98, 0, began, &[event, flags, high, low]);
    };
    digit(1000, 5, 0x8A, 4800);
    // 2 s: longer than a packet can say, so the last 0.635 s are a segment of their own, without a marker
    for (began, ticks) in [(500_000, 48_000), (500_000, 0xFFFF), (500_000 + 0xFFFF, 10_000)] {
        digit(began, 11, 10, ticks);
    }
    digit(500_000 + 0xFFFF, 11, 0x8A, 30_465);
    let heard: Vec<_> = (0..2).map(|_| bed.next(CCD_EV_DIGIT)).map(|d| (d.digit, d.ms, d.call)).collect();
    assert_eq!(heard, [(b'5', 100, talk.call), (b'#', 2000, talk.call)]);
    bed.bench().send_digits(0, "9", 2).expect("the phone takes digits");
    let mut longest = 0;
    for _ in 0..7 {
        let (kind, _, _, payload) = talk.phone.listen();
        assert_eq!((kind, payload[0]), (98, 9));
        longest = longest.max(u16::from_be_bytes([payload[2], payload[3]]));
    }
    assert_eq!(longest, 4800, "100 ms of 48 kHz");
}

#[test]
fn the_codec_changes_in_the_call() {
    let mut bed = bed();
    let mut talk = Talk::new(&mut bed, "8 101", &["rtpmap:101 telephone-event/8000"]);
    talk.say(8, 0, 160, &vec![vec![0x31; 160]; 9]);
    let before = talk.phone.packet();
    assert_eq!((before[1] & 0x7F, &before[12..]), (8, &[0x31; 160][..]));
    let (offer, tag) = (talk.phone.offer_of("96 98", &[OPUS[0], OPUS[2]]), talk.tag.clone());
    talk.phone.send("INVITE", 2, &tag, "", &offer);
    let ok = talk.phone.response();
    assert!(ok.status == 200 && ok.text.contains(" RTP/AVP 96 98\r\n"), "{}", ok.text);
    talk.phone.acknowledge(&ok, 2);
    let said: Vec<Vec<u8>> = (1..10).map(opus).collect();
    talk.say(96, 9_000_000, 960, &said);
    let after = loop {
        let packet = talk.phone.packet();
        if packet[1] & 0x7F == 96 {
            break packet;
        }
    };
    assert_eq!((&after[12..], after[1] & 0x80), (&said[0][..], 0x80), "a talkspurt begins");
    assert_ne!(after[8..12], before[8..12], "another clock is another source (RFC 7160 §4.2)");
    assert_eq!(talk.hear(96, 960, 8), said[1..]);
    // and back
    let offer = talk.phone.offer_of("9", &[]);
    talk.phone.send("INVITE", 3, &tag, "", &offer);
    let ok = talk.phone.response();
    talk.phone.acknowledge(&ok, 3);
    talk.say(9, 0, 160, &vec![vec![0x5A; 160]; 9]);
    while talk.phone.listen().0 != 9 {}
    assert_eq!(talk.hear(9, 160, 5), vec![vec![0x5A; 160]; 5]);
}

/// We offer by our numbers; the far end answers by its own, and sends by ours as RFC 3264 §6.1 has it.
#[test]
fn numbers_may_differ_between_the_directions() {
    let mut phone = Phone::new(9);
    let own = phone.sip.local_addr().expect("is bound").port();
    let mut bed = Bed::new(&[
        ("codecs", 1.into()),
        ("codecs.0", "opus".into()),
        ("trunks.0.address", format!("127.0.0.1:{own}").into()),
    ]);
    phone.server = bed.port;
    bed.bench().make_via(0, 2, "100", Some("peer"), 0, 1).expect("a trunk");
    let invite = phone.message();
    for line in ["a=rtpmap:111 opus/48000/2", "a=rtpmap:110 telephone-event/48000", " RTP/AVP 111 110\r\n"] {
        assert!(invite.contains(line), "{line} is missing in {invite}");
    }
    assert!(!invite.contains("/8000"), "no clock that is not used: {invite}");
    let answer = phone.offer_of("96 98", &[OPUS[0], OPUS[2]]);
    phone.reply(&invite, "200 OK", &answer);
    assert!(phone.message().starts_with("ACK "));
    bed.next(CCD_EV_CONNECTED);
    let port = invite.split("m=audio ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a port");
    let port = port.parse().expect("a number");
    for n in 0..9u8 {
        phone.speak(port, 111, n.into(), u32::from(n) * 960, &opus(n));
    }
    let (kind, _, _, payload) = phone.listen();
    assert_eq!((kind, payload), (96, opus(0)));
    phone.speak(port, 110, 9, 99_000, &[3, 0x8A, 18, 192]);
    let digit = bed.next(CCD_EV_DIGIT);
    assert_eq!((digit.digit, digit.ms), (b'3', 100));
}
