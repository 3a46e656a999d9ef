//! A session by itself, frame by frame: how long sound waits, what is counted, and a sender whose clock is another.

use super::*;
use callcore_codec::jitter::Settings;

const WORD: [u8; 160] = [0x31; 160];
const AUDIO: u8 = 8;
const DIGITS: u8 = 101;

/// A session and the far end, which speaks from a socket of its own; what is sent over loopback is there at once.
struct Call {
    session: Session,
    far: UdpSocket,
    counters: Arc<Counters>,
    slot: [u8; 160],
}

/// A socket on a port that was asked for by its number: one that the kernel chose is lost when a socket is disconnected.
fn named_port() -> UdpSocket {
    let bind = |port| UdpSocket::bind(("127.0.0.1", port));
    let free = || bind(0).and_then(|socket| socket.local_addr()).expect("a port is free").port();
    std::iter::repeat_with(|| bind(free())).find_map(Result::ok).expect("it does not end")
}

impl Call {
    fn new(settings: Settings) -> Self {
        let (own, far) = (named_port(), named_port());
        own.set_nonblocking(true).expect("a socket can be so");
        let to = own.local_addr().expect("is bound");
        let address = far.local_addr().ok();
        far.connect(to).expect("is an address");
        let terms = Terms {
            address,
            format: Format::ALaw,
            payload_type: AUDIO,
            events: Some(Events { payload_type: DIGITS, clock_hz: 8000 }),
            send: true,
            receive: true,
            symmetric: false,
        };
        let counters = Arc::<Counters>::default();
        let jitter = Jitter::with_room_for(&[Format::MuLaw, Format::ALaw], settings);
        let session = Session::new((own, to.port()), 1, 7, (terms, jitter), Arc::clone(&counters));
        Self { session, far, counters, slot: [0; 160] }
    }

    fn speak(&self, payload_type: u8, sequence: u16, timestamp: u32, payload: &[u8]) {
        let packet = Packet { marker: false, payload_type, sequence, timestamp, ssrc: 9, payload: &[] };
        let mut bytes = [0; HEADER_BYTES];
        packet.write_header(&mut bytes);
        let bytes = [&bytes[..], payload].concat();
        // what was said of the packet before, by a socket that is connected to another, is no matter
        let sent = self.far.send(&bytes).or_else(|_| self.far.send(&bytes));
        sent.expect("loopback takes it");
    }

    fn say(&self, number: u32) {
        self.speak(AUDIO, number as u16, number.wrapping_mul(160), &WORD);
    }

    /// A frame of 20 ms; whether something is heard.
    fn frame(&mut self) -> bool {
        self.session.receive(&mut [0; 2048], 160, false);
        self.session.take(&mut self.slot)
    }

    fn counted(&self, counter: fn(&Counters) -> &AtomicU32) -> u32 {
        counter(&self.counters).load(Ordering::Relaxed)
    }
}

#[test]
fn sound_waits_as_long_as_it_is_set() {
    for (settings, silent) in [
        (Settings::fixed(20), 1),
        (Settings::fixed(100), 5),
        (Settings::fixed(300), 15),
        (Settings::adaptive(40, 200), 3),
    ] {
        let mut call = Call::new(settings);
        assert!(!call.frame(), "nothing has come");
        let heard: Vec<bool> = (0..20)
            .map(|number| {
                call.say(number);
                call.frame()
            })
            .collect();
        assert_eq!(heard.iter().take_while(|heard| !**heard).count(), silent, "{settings:?}");
        assert!(heard[silent..].iter().all(|heard| *heard), "{settings:?}");
        assert_eq!(call.slot, WORD);
        assert_eq!(call.counted(|counters| &counters.concealed), silent as u32);
    }
}

#[test]
fn what_never_came_is_lost_and_what_comes_too_late_is_late() {
    let mut call = Call::new(Settings::fixed(60));
    for number in 0..30 {
        if number != 7 {
            call.say(number);
        }
        call.frame();
    }
    let figures = |call: &Call| {
        [
            call.counted(|counters| &counters.lost),
            call.counted(|counters| &counters.late),
            call.counted(|counters| &counters.concealed),
        ]
    };
    // three frames before the first is due, and frame 7
    assert_eq!(figures(&call), [1, 0, 4]);
    call.say(7);
    call.frame();
    assert_eq!(figures(&call)[..2], [0, 1], "it has come after all, but not in time");
    call.speak(AUDIO, 30, 30 * 160, &[]);
    call.frame();
    assert_eq!(call.counted(|counters| &counters.unfit), 1);
    assert_eq!(call.counted(|counters| &counters.received), 31);
    assert_eq!(call.counted(|counters| &counters.highest), 30);
}

#[test]
fn the_numbers_of_digits_are_not_missed() {
    let mut call = Call::new(Settings::fixed(60));
    for number in 0..30 {
        if (10..15).contains(&number) {
            let ends = if number == 14 { 0x80 } else { 0 };
            call.speak(DIGITS, number as u16, 1600, &[5, ends | 10, 0, 32 * (number as u8 - 9)]);
        } else {
            call.say(number);
        }
        call.frame();
    }
    assert_eq!(call.session.first_heard().map(|digit| digit.digit), Some(b'5'));
    assert_eq!(call.counted(|counters| &counters.lost), 0);
    assert_eq!(call.counted(|counters| &counters.received), 30);
}

/// One packet more in fifty frames: 2 %, far more than any clock is off.
#[test]
fn a_sender_that_is_fast_is_followed_and_nothing_piles_up_before_the_buffer() {
    let mut call = Call::new(Settings::adaptive(40, 200));
    let (mut said, frames) = (0, 3000);
    for frame in 0..frames {
        for _ in 0..if frame % 50 == 49 { 2 } else { 1 } {
            call.say(said);
            said += 1;
        }
        call.frame();
    }
    let dropped = call.counted(|counters| &counters.dropped);
    let ahead = (said - frames) * 160;
    assert!((ahead * 3 / 4..=ahead).contains(&dropped), "{dropped} left out of {ahead}");
    assert_eq!(call.counted(|counters| &counters.late), 0);
    assert_eq!(call.counted(|counters| &counters.concealed), 3, "only the wait for the first");
    let mut left = 0;
    while call.session.wire.receive(&mut [0; 2048]).is_some() {
        left += 1;
    }
    assert!(left <= 3, "{left} packets wait in the socket");
}

impl Call {
    fn with(symmetric: bool) -> Self {
        let mut call = Self::new(Settings::fixed(20));
        call.session.terms.symmetric = symmetric;
        call
    }

    /// So many frames in which the far end speaks, as it is numbered from here on.
    fn talk(&mut self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.say(number);
            self.frame();
        }
    }

    fn far_at(&self) -> SocketAddr {
        self.far.local_addr().expect("is bound")
    }

    /// The far end has another port from now on; gives the old one, still open.
    fn move_far(&mut self) -> UdpSocket {
        let moved = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
        moved.connect(("127.0.0.1", self.session.port)).expect("is an address");
        std::mem::replace(&mut self.far, moved)
    }

    /// What we send, and whether it comes to where the far end is.
    fn is_answered(&mut self) -> bool {
        self.session.send(160, Some(&WORD), &mut [0; 2048]);
        self.far.set_nonblocking(true).expect("a socket can be so");
        std::iter::from_fn(|| self.far.recv(&mut [0; 2048]).ok()).count() > 0
    }

    fn is_connected(&self) -> bool {
        self.session.wire.is_connected()
    }
}

/// Frames after which a far end that speaks has a connected socket for sure.
const SETTLED: u32 = 2 * DRAIN_FRAMES as u32;

#[test]
fn strangers_are_not_heard_whether_they_came_before_the_connection_or_after() {
    let mut call = Call::with(true);
    let stranger = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    let shout = |call: &Call| {
        let packet =
            Packet { marker: false, payload_type: AUDIO, sequence: 1, timestamp: 1, ssrc: 9, payload: &[] };
        let mut bytes = [0x77; HEADER_BYTES + 160];
        packet.write_header(bytes.first_chunk_mut().expect("long enough"));
        stranger.send_to(&bytes, ("127.0.0.1", call.session.port)).expect("loopback takes it");
    };
    let mut connected = 0;
    for number in 0..SETTLED {
        call.say(number);
        shout(&call);
        call.frame();
        connected += u32::from(call.is_connected());
        assert_ne!(call.slot, [0x77; 160]);
        assert!(call.is_answered(), "frame {number}");
    }
    assert!(connected >= DRAIN_FRAMES as u32, "connected in {connected} frames");
    let foreign = call.counted(|counters| &counters.foreign);
    // with the one that was there already
    assert!(foreign <= SETTLED - connected + 1, "the kernel keeps the others away: {foreign}");
    assert_eq!(call.counted(|counters| &counters.received), SETTLED);
}

#[test]
fn a_far_end_that_another_description_moves_is_heard_at_once_and_answered_there() {
    let mut call = Call::with(true);
    call.talk(0..SETTLED);
    assert!(call.is_connected());
    let before = call.move_far();
    call.session.set_terms(Terms { address: Some(call.far_at()), ..call.session.terms });
    assert!(!call.is_connected());
    assert!(call.is_answered(), "also before it speaks");
    call.say(SETTLED);
    assert!(call.frame() && call.is_answered());
    call.talk(SETTLED + 1..2 * SETTLED);
    assert!(call.is_connected() && call.is_answered());
    before.set_nonblocking(true).expect("a socket can be so");
    assert!(before.recv(&mut [0; 2048]).is_err(), "nothing more goes where it was");
}

#[test]
fn a_far_end_whose_nat_gives_it_another_port_is_found_again_after_a_second() {
    for symmetric in [true, false] {
        let mut call = Call::with(symmetric);
        call.talk(0..SETTLED);
        let _before = call.move_far();
        call.talk(SETTLED..SETTLED + 100);
        assert_eq!(call.is_answered(), symmetric, "as symmetric RTP is on");
        let told = call.counters.learned.load(Ordering::Relaxed);
        assert_eq!(told as u16 == call.far_at().port(), symmetric, "RTCP follows");
    }
    // only who goes on with the SSRC is the same one
    let mut call = Call::with(true);
    call.talk(0..SETTLED);
    let _before = call.move_far();
    call.session.ssrc_in = Some(8);
    call.talk(SETTLED..SETTLED + 100);
    assert!(!call.is_answered());
}

#[test]
fn a_far_end_in_whose_place_nobody_is_does_no_harm_and_may_come_back() {
    let mut call = Call::with(true);
    call.talk(0..SETTLED);
    assert!(call.is_connected());
    let at = call.far_at();
    // its machine says by ICMP that the port is closed
    drop(call.move_far());
    for _ in 0..10 {
        call.session.send(160, Some(&WORD), &mut [0; 2048]);
        call.frame();
    }
    assert!(!call.is_connected());
    call.far = UdpSocket::bind(at).expect("was free a moment ago");
    call.far.connect(("127.0.0.1", call.session.port)).expect("is an address");
    assert!(call.is_answered(), "it is sent to all the while");
    call.talk(SETTLED + 10..2 * SETTLED + 10);
    assert!(call.is_connected() && call.is_answered());
    assert_eq!(call.slot, WORD);
}

#[test]
fn a_socket_comes_back_for_everybody() {
    let mut call = Call::with(true);
    call.talk(0..SETTLED);
    assert!(call.is_connected());
    let (socket, port) = call.session.into_socket();
    let socket = socket.expect("the kernel lets go");
    let other = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    other.send_to(&WORD, ("127.0.0.1", port)).expect("loopback takes it");
    let came = socket.recv_from(&mut [0; 2048]).expect("it is there at once");
    assert_eq!(came, (WORD.len(), other.local_addr().expect("is bound")));
}

#[test]
fn samples_are_those_of_8_khz_whatever_the_clock_of_the_codec() {
    let mut call = Call::new(Settings::fixed(40));
    call.session.jitter = Jitter::with_room_for(&[Format::Opus], Settings::fixed(40));
    let terms = Terms { format: Format::Opus, ..call.session.terms };
    call.session.set_terms(terms);
    let mut slot = [0; SLOT_BYTES_MAX];
    let mut number = 0u32;
    for frame in 0..2000 {
        // quiet packets, so that one can be left out
        for _ in 0..if frame % 100 == 99 { 2 } else { 1 } {
            call.speak(AUDIO, number as u16, number * 960, &[1 << 3, 0, 0]);
            number += 1;
        }
        call.session.receive(&mut [0; 2048], 160, true);
        call.session.take(&mut slot);
    }
    let dropped = call.counted(|counters| &counters.dropped);
    assert!((15 * 160..=20 * 160).contains(&dropped) && dropped.is_multiple_of(160), "{dropped}");
}
