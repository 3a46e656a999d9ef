//! The driver at the wire: odd requests, audio and digits, with a telephone of our own on loopback.

mod peer;

use callcore_driver_sdk::sys::*;
use callcore_driver_sdk::testkit::CountingAllocator;
use peer::Bed;
use peer::phone::Phone;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn each_odd_request_gets_its_answer() {
    let bed = Bed::new(&[]);
    let ask = |method: &str, more: &str, body: &str| Phone::new(bed.port).ask(method, 1, more, body);
    let options = ask("OPTIONS", "", "");
    assert_eq!(options.status, 200);
    assert!(options.header("Allow").is_some_and(|allow| allow.contains("INVITE")), "{}", options.text);
    assert!(
        options.header("Accept").is_some_and(|accept| accept.contains("application/sdp")),
        "{}",
        options.text
    );
    let unknown = ask("BREW", "", "");
    assert_eq!(unknown.status, 501, "{}", unknown.text);
    let refused = ask("SUBSCRIBE", "Event: presence\r\n", "");
    assert_eq!((refused.status, refused.header("Allow").is_some()), (405, true));
    assert_eq!(ask("BYE", "", "").status, 481);
    let extension = ask("INVITE", "Require: nothing-known\r\n", "");
    assert_eq!((extension.status, extension.header("Unsupported")), (420, Some("nothing-known")));
    assert_eq!(ask("INVITE", "", "v=0\r\nthis is no offer").status, 488);
    assert_eq!(ask("INVITE", "", "nor is this").status, 400);
    assert!(bed.host.events().is_empty());
}

#[test]
fn a_request_in_no_dialog_gets_481() {
    let bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    for method in ["BYE", "INVITE", "UPDATE", "INFO"] {
        phone.send(method, 5, "nobody", "", "");
        assert_eq!(phone.response().status, 481, "{method}");
    }
}

#[test]
fn what_is_no_message_gets_400_or_nothing_and_does_no_harm() {
    let bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    for noise in [&b"\r\n\r\n"[..], b"INVITE", b"\x00\xff\xfe", b"SIP/2.0 200 OK\r\n\r\n"] {
        phone.send_raw(noise);
    }
    let own = phone.sip.local_addr().expect("is bound").port();
    let lines = format!(
        "Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK-bad\r\nCSeq: 1 INVITE\r\nFrom: <sip:a@b>;tag=1\r\n"
    );
    phone.send_raw(format!("INVITE sip:100@127.0.0.1 SIP/2.0\r\n{lines}\r\n").as_bytes());
    let answer = phone.response();
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(phone.ask("OPTIONS", 2, "", "").status, 200, "it still lives");
}

/// Calls in, is answered; gives the tag of the dialog and the port of the audio.
fn talk(bed: &mut Bed, phone: &mut Phone) -> (u64, String, u16) {
    let offer = phone.offer();
    phone.send("INVITE", 1, "", "", &offer);
    let call = bed.next(CCD_EV_INCOMING).call;
    bed.bench().answer(call, 1).expect("answers");
    let ok = phone.response();
    assert_eq!(ok.status, 200);
    let tag = phone.acknowledge(&ok, 1);
    bed.next(CCD_EV_CONNECTED);
    (call, tag, ok.audio_port())
}

/// Proves: A16.11
#[test]
fn what_the_caller_says_comes_back_sample_by_sample() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    let (call, tag, port) = talk(&mut bed, &mut phone);
    let word: Vec<u8> = (0..160u32).map(|n| (n % 100) as u8 + 1).collect();
    // at once, but no more than the buffer has room for
    for n in 0..9u16 {
        phone.speak(
            port,
            8,
            65_530u16.wrapping_add(n),
            0xFFFF_FF00u32.wrapping_add(u32::from(n) * 160),
            &word,
        );
    }
    let mut stamps = Vec::new();
    while stamps.len() < 9 {
        let (kind, marker, timestamp, payload) = phone.listen();
        assert_eq!((kind, payload.len(), marker), (8, 160, stamps.is_empty()));
        assert_eq!(payload, word);
        stamps.push(timestamp);
    }
    assert!(stamps.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == 160), "{stamps:?}");
    phone.send("BYE", 2, &tag, "", "");
    assert_eq!(phone.response().status, 200);
    assert_eq!(bed.next(CCD_EV_DISCONNECTED).call, call);
    bed.bench().drop_call(call, 16, 2).expect("drops");
    bed.next(CCD_EV_RELEASED);
    // a call has come, talked and gone
    assert_eq!(bed.bench().allocations(), 0, "the media thread allocates nothing");
}

#[test]
fn digits_go_both_ways_once_each() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    let (call, tag, port) = talk(&mut bed, &mut phone);
    for (n, event) in (0u16..).zip([5u8, 10, 11]) {
        let began = u32::from(n) * 2000;
        // one packet while it lasts, then its end three times, the last of it lost for the second digit
        let ends = if n == 1 { 0 } else { 3 };
        phone.speak(port, 101, n * 10, began, &[event, 10, 1, 64]);
        for again in 0..ends {
            phone.speak(port, 101, n * 10 + 1 + again, began, &[event, 0x8A, 3, 32]);
        }
    }
    let heard: Vec<_> = (0..3).map(|_| bed.next(CCD_EV_DIGIT)).map(|d| (d.digit, d.ms, d.call)).collect();
    assert_eq!(heard, [(b'5', 100, call), (b'*', 40, call), (b'#', 100, call)]);
    bed.bench().send_digits(0, "7D", 2).expect("the phone takes digits");
    let (mut digits, mut ends) = (Vec::new(), 0);
    while ends < 6 {
        let (kind, marker, timestamp, payload) = phone.listen();
        assert_eq!(kind, 101);
        if marker {
            digits.push((timestamp, payload[0]));
        }
        ends += usize::from(payload[1] & 0x80 != 0);
    }
    assert_eq!(digits.iter().map(|d| d.1).collect::<Vec<_>>(), [7, 15]);
    assert!(digits[1].0.wrapping_sub(digits[0].0) >= 800 + 480, "{digits:?}");
    phone.send("INFO", 2, &tag, "", "");
    assert_eq!(phone.response().status, 200);
}

/// Proves: A16.11 in part (digits survive what networks do)
#[test]
fn digits_survive_loss_doubling_and_swapping() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    let (_, _, port) = talk(&mut bed, &mut phone);
    let mut sequence = 0;
    let mut say = |began: u32, event: u8, flags: u8, ticks: u16| {
        let [high, low] = ticks.to_be_bytes();
        phone.speak(port, 101, sequence, began, &[event, flags, high, low]);
        sequence += 1;
    };
    const END: u8 = 0x8A;
    // all but the last packet lost; the end first and the rest behind it; no end at all, with the next digit on its heels
    say(1000, 1, END, 800);
    [(END, 800), (10, 320), (10, 480), (END, 800)]
        .iter()
        .for_each(|(flags, ticks)| say(3000, 2, *flags, *ticks));
    [160, 480, 320].iter().for_each(|ticks| say(5000, 3, 10, *ticks));
    say(6000, 4, END, 640);
    // 9 s in two segments, and what is late of the first (RFC 4733 §2.5.1.3)
    let began = 8000u32;
    [64_000, 0xFFFF].iter().for_each(|ticks| say(began, 6, 10, *ticks));
    [160, 800].iter().for_each(|ticks| say(began + 0xFFFF, 6, 10, *ticks));
    say(began, 6, 10, 0xFFFF);
    [END, END, END].iter().for_each(|flags| say(began + 0xFFFF, 6, *flags, 6465));
    let heard: Vec<_> = (0..5).map(|_| bed.next(CCD_EV_DIGIT)).map(|d| (d.digit, d.ms)).collect();
    assert_eq!(heard, [(b'1', 100), (b'2', 100), (b'3', 60), (b'4', 80), (b'6', 9000)]);
    say(100_000, 7, END, 800);
    assert_eq!(bed.next(CCD_EV_DIGIT).digit, b'7', "and nothing more came of those before");
}

#[test]
fn audio_from_elsewhere_is_not_heard_but_a_moved_phone_is() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    let (_, _, port) = talk(&mut bed, &mut phone);
    let other = Phone::new(bed.port);
    // the phone is where it said: nobody else is heard
    phone.speak(port, 8, 1, 160, &[9; 160]);
    phone.listen();
    phone.rtp.set_read_timeout(Some(Duration::from_millis(20))).expect("a socket has a timeout");
    let (mut heard, mut said) = (0, 0);
    while heard < 10 {
        assert!(said < 400, "it is heard while another speaks: {heard}");
        other.speak(port, 8, 500 + said, u32::from(said) * 160, &[77; 160]);
        phone.speak(port, 8, 2 + said, 320 + u32::from(said) * 160, &[9; 160]);
        said += 1;
        // a frame goes by: what comes back is its own
        let mut packet = [0; 1500];
        if let Ok(length) = phone.rtp.recv(&mut packet) {
            assert_ne!(packet[length - 1], 77);
            heard += 1;
        }
    }
    // a phone behind a NAT comes from elsewhere than it said, and is answered there
    let mut moved = Phone::new(bed.port);
    let (_, _, port) = talk(&mut bed, &mut moved);
    moved.rtp = Phone::new(bed.port).rtp;
    for n in 0..20u16 {
        moved.speak(port, 8, n, u32::from(n) * 160, &[33; 160]);
    }
    assert_eq!(moved.listen().3[..], [33; 160]);
}

#[test]
fn a_full_driver_says_when_to_come_back() {
    let mut bed = Bed::new(&[("channels", 1.into())]);
    let mut first = Phone::new(bed.port);
    let offer = first.offer();
    first.send("INVITE", 1, "", "", &offer);
    let call = bed.next(CCD_EV_INCOMING).call;
    let busy = Phone::new(bed.port).ask("INVITE", 1, "", &offer);
    assert_eq!((busy.status, busy.header("Retry-After").is_some()), (503, true));
    assert_eq!(bed.bench().make_via(0, 2, "1", Some("peer"), 0, 1), Err(CCD_E_BUSY));
    bed.bench().drop_call(call, 17, 2).expect("drops");
    let refused = first.response();
    assert_eq!((refused.status, refused.header("Reason")), (486, Some("Q.850;cause=17")));
    bed.next(CCD_EV_RELEASED);
}

#[test]
fn stop_says_goodbye_to_every_call() {
    let mut bed = Bed::new(&[]);
    let (mut talking, mut ringing) = (Phone::new(bed.port), Phone::new(bed.port));
    let (answered, _, _) = talk(&mut bed, &mut talking);
    let offer = ringing.offer();
    ringing.send("INVITE", 1, "", "", &offer);
    let offered = bed.next(CCD_EV_INCOMING).call;
    bed.end();
    assert_eq!(ringing.response().status, 480);
    assert!(talking.message().starts_with("BYE "));
    let events = bed.host.events();
    for call in [answered, offered] {
        assert_eq!(events.iter().filter(|e| e.kind == CCD_EV_RELEASED && e.call == call).count(), 1);
    }
}

#[test]
fn we_hold_and_take_back() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    let (call, _, _) = talk(&mut bed, &mut phone);
    for (on, ours, theirs) in [(true, "a=sendonly", "recvonly"), (false, "a=sendrecv", "sendrecv")] {
        // the change before is over a moment after its ACK
        while bed.bench().hold(call, on, 2) == Err(CCD_E_BUSY) {
            std::thread::yield_now();
        }
        let invite = phone.message();
        assert!(invite.starts_with("INVITE ") && invite.contains(ours), "{invite}");
        assert_eq!(bed.bench().hold(call, !on, 3), Err(CCD_E_BUSY), "one change at a time");
        let offer = phone.offer();
        phone.reply(&invite, "200 OK", &format!("{offer}a={theirs}\r\n"));
        assert!(phone.message().starts_with("ACK "));
    }
}

#[test]
fn a_call_that_is_dropped_before_its_ack_gets_a_bye_after_it() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    let offer = phone.offer();
    phone.send("INVITE", 1, "", "", &offer);
    let call = bed.next(CCD_EV_INCOMING).call;
    bed.bench().answer(call, 1).expect("answers");
    let ok = phone.response();
    bed.bench().drop_call(call, 16, 2).expect("drops");
    phone.acknowledge(&ok, 1);
    let bye = phone.message();
    assert!(bye.starts_with("BYE ") && bye.contains("Reason: Q.850;cause=16"), "{bye}");
    phone.reply(&bye, "200 OK", "");
    assert_eq!(bed.next(CCD_EV_RELEASED).call, call);
}

#[test]
fn one_invite_by_two_ways_is_one_call() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    let offer = phone.offer();
    phone.send("INVITE", 1, "", "", &offer);
    bed.next(CCD_EV_INCOMING);
    phone.send("INVITE", 1, "", "", &offer);
    assert_eq!(phone.response().status, 482);
}

#[test]
fn a_bye_before_the_answer_ends_the_call() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    let offer = phone.offer();
    phone.send("INVITE", 1, "", "", &offer);
    let call = bed.next(CCD_EV_INCOMING).call;
    bed.bench().accept(call, CCD_STEP_PROGRESS, 1).expect("rings");
    let early = loop {
        let text = phone.message();
        if text.starts_with("SIP/2.0 183 ") {
            break text;
        }
    };
    assert!(early.contains("m=audio "), "{early}");
    let tag = early.split(";tag=").nth(2).and_then(|rest| rest.split("\r\n").next()).expect("a tag");
    phone.send("BYE", 2, tag, "Reason: Q.850;cause=31\r\n", "");
    let mut answers = [phone.response().status, phone.response().status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 487]);
    assert_eq!(bed.next(CCD_EV_DISCONNECTED).call, call);
}

#[test]
fn events_wait_for_a_host_that_is_full() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    bed.bench().refuse_posts(3);
    let offer = phone.offer();
    phone.send("INVITE", 1, "", "", &offer);
    let call = bed.next(CCD_EV_INCOMING);
    bed.bench().refuse_posts(1);
    phone.send("CANCEL", 1, "", "", "");
    assert_eq!(call.seq, 1);
}

#[test]
fn a_channel_out_of_service_takes_no_call_and_a_replay_tells_what_is() {
    let mut bed = Bed::new(&[]);
    bed.bench().service(0, false, 1).expect("a channel");
    let mut phone = Phone::new(bed.port);
    let offer = phone.offer();
    phone.send("INVITE", 1, "", "", &offer);
    let call = bed.next(CCD_EV_INCOMING);
    assert_eq!(call.channel, 1);
    bed.bench().replay(1, 9).expect("a channel");
    let again = bed.next(CCD_EV_INCOMING);
    assert_eq!((again.call, again.calling), (call.call, call.calling));
    assert_eq!(bed.bench().make_via(0, 2, "1", Some("peer"), 0, 2), Err(CCD_E_BUSY));
    bed.bench().answer(call.call, 3).expect("answers");
    let ok = phone.response();
    phone.acknowledge(&ok, 1);
    bed.next(CCD_EV_CONNECTED);
    bed.bench().replay(1, 4).expect("a channel");
    assert_eq!(bed.next(CCD_EV_CONNECTED).call, call.call);
    bed.bench().service(0, false, 5).expect("nothing changes");
    bed.bench().replay(CCD_NO_CHAN, 6).expect("what belongs to no call");
    assert_eq!(bed.next(CCD_EV_BLOCKED).channel, 0);
}

#[test]
fn wrong_settings_are_named() {
    use callcore_driver_sdk::negotiate_fn;
    use callcore_driver_sdk::testkit::{Bench, Setting, TestHost};
    let wrong: [(&str, Setting); 8] = [
        ("keys", "info".into()),
        ("jitter_ms", 5.into()),
        ("jitter_ms", "60".into()),
        ("listen", "nowhere".into()),
        ("channels", 0.into()),
        ("codecs", "PCMA".into()),
        ("rtp_ports", 7.into()),
        ("endpoints", 1.into()),
    ];
    for (path, value) in wrong {
        let host = TestHost::new(&[(path, value)], 1);
        let refused = Bench::open(negotiate_fn::<callcore_driver_sip::SipDriver>(), &host).err();
        let (status, text) = refused.expect("is wrong");
        assert!(status == CCD_E_CONFIG && text.starts_with(path), "{path}: {status} {text}");
    }
    let host =
        TestHost::new(&[("codecs", 2.into()), ("codecs.0", "opus".into()), ("codecs.1", "G723".into())], 1);
    let refused = Bench::open(negotiate_fn::<callcore_driver_sip::SipDriver>(), &host).err();
    let (status, text) = refused.expect("is wrong");
    assert!(status == CCD_E_CONFIG && text.starts_with("codecs.1: \"G723\""), "{status} {text}");
    for (bounds, wrong) in [
        (&[300, 200][..], "jitter_ms: 300 is more than 200"),
        (&[40, 301], "jitter_ms.1: 301 is not from 20 to 300"),
        (&[40, 100, 200], "jitter_ms: one number, or a list of two"),
    ] {
        let paths: Vec<String> = (0..bounds.len()).map(|index| format!("jitter_ms.{index}")).collect();
        let mut settings: Vec<(&str, Setting)> = vec![("jitter_ms", (bounds.len() as i64).into())];
        settings.extend(paths.iter().map(String::as_str).zip(bounds.iter().map(|ms| Setting::from(*ms))));
        let host = TestHost::new(&settings, 1);
        let refused = Bench::open(negotiate_fn::<callcore_driver_sip::SipDriver>(), &host).err();
        assert!(refused.as_ref().is_some_and(|(_, text)| text.starts_with(wrong)), "{wrong}: {refused:?}");
    }
}

#[test]
fn it_stops_and_starts_again_on_the_same_ports() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    talk(&mut bed, &mut phone);
    bed.end();
    for round in 0..20 {
        bed.bench().start(160, callcore_driver_sdk::Format::ALaw).expect("the ports are free again");
        assert_eq!(Phone::new(bed.port).ask("OPTIONS", 1, "", "").status, 200, "round {round}");
        bed.bench().stop().expect("was started");
    }
}

#[test]
fn a_name_is_looked_up_where_a_trunk_has_one() {
    let mut provider = Phone::new(9);
    let port = provider.sip.local_addr().expect("is bound").port();
    let mut named = Bed::new(&[("trunks.0.address", format!("localhost:{port}").into())]);
    provider.server = named.port;
    named.bench().make_via(0, 2, "100", Some("peer"), 0, 1).expect("a trunk");
    let invite = provider.message();
    assert!(invite.starts_with(&format!("INVITE sip:100@localhost:{port} ")), "{invite}");
    provider.reply(&invite, "404 Not Found", "");
    assert_eq!(named.next(CCD_EV_DISCONNECTED).q850, 1);
}

#[test]
fn a_report_tells_what_was_sent_and_lost() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    // RTCP comes to the port after that of RTP
    let reports = loop {
        let rtp = phone.rtp.local_addr().expect("is bound").port();
        if let Ok(socket) = std::net::UdpSocket::bind(("127.0.0.1", rtp.wrapping_add(1))) {
            break socket;
        }
        phone.rtp = Phone::new(bed.port).rtp;
    };
    reports.set_read_timeout(Some(peer::LIMIT)).expect("a socket has a timeout");
    let (_, _, port) = talk(&mut bed, &mut phone);
    for n in (0..20u16).filter(|n| *n != 7) {
        phone.speak(port, 8, n, u32::from(n) * 160, &[0x55; 160]);
    }
    let mut bytes = [0; 1500];
    let word_of =
        |bytes: &[u8], at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    // a report that is due at once tells of less: the next one of everything
    let length = loop {
        let length = reports.recv(&mut bytes).expect("a report comes every 5 s");
        if bytes[0] == 0x81 && word_of(&bytes, 36) == 19 && word_of(&bytes, 20) > 0 {
            break length;
        }
    };
    let word = |at: usize| word_of(&bytes, at);
    assert_eq!((bytes[0], bytes[1]), (0x81, 200), "a sender report with one block");
    let (packets, octets) = (word(20), word(24));
    assert_eq!(octets, packets * 160, "{packets} packets of 20 ms");
    assert_eq!(
        (word(28), word(32) & 0xFF_FFFF, word(36)),
        (7, 1, 19),
        "their SSRC, one lost, the highest number"
    );
    assert_eq!(bytes[53], 202, "a description of the source in {length} bytes");
}

/// Requests damaged at random, the same at random each time.
#[test]
fn damaged_requests_do_no_harm() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    let mut random = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 11) as usize % below
    };
    let offer = phone.offer();
    let methods = ["INVITE", "REGISTER", "OPTIONS", "BYE", "CANCEL", "ACK", "INFO", "UPDATE"];
    for n in 0..3000u32 {
        let method = methods[next(methods.len())];
        let mut bytes =
            phone.request(method, n + 1, "", "Require: x\r\nAuthorization: Digest realm=\"a\"\r\n", &offer);
        for _ in 0..1 + next(4) {
            let at = next(bytes.len());
            match next(3) {
                0 => bytes[at] = next(256) as u8,
                1 => drop(bytes.drain(at..(at + 1 + next(20)).min(bytes.len()))),
                _ => bytes.insert(at, b"\r\n;,<>\"@:= %"[next(12)]),
            }
        }
        phone.send_raw(&bytes);
        // now and then wait until all is taken in, so that nothing is lost in the socket
        if n % 50 == 0 {
            assert_eq!(Phone::new(bed.port).ask("OPTIONS", 1, "", "").status, 200, "after {n}");
        }
    }
    bed.end();
}
