//! A far end that moves in a call: by a description, and behind a NAT that has given it another port.

mod peer;

use callcore_driver_sdk::sys::*;
use peer::Bed;
use peer::phone::Phone;
use std::net::UdpSocket;
use std::time::Duration;

/// How often the bed exchanges.
const FRAME: Duration = Duration::from_millis(20);
/// Frames after which the driver has a connected socket for who speaks from one place.
const SETTLED: u16 = 130;

/// A phone that speaks as long as the driver's frames go by, and counts what comes back.
struct Talker {
    phone: Phone,
    port: u16,
    said: u16,
}

impl Talker {
    /// Another place; gives the one before.
    fn moves(&mut self, server: u16) -> UdpSocket {
        let rtp = Phone::new(server).rtp;
        rtp.set_read_timeout(Some(FRAME)).expect("a socket has a timeout");
        std::mem::replace(&mut self.phone.rtp, rtp)
    }

    /// Speaks until so many packets came back: one for each, or, where none came, after a frame. What a frame that was
    /// late on either side costs is said once more, and no more than there is a bound for.
    fn talks(&mut self, until: u16) {
        let (mut heard, from) = (0, self.said);
        while heard < until {
            assert!(self.said - from < 8 * SETTLED, "heard {heard} of {until}");
            self.phone.speak(self.port, 8, self.said, u32::from(self.said) * 160, &[33; 160]);
            self.said += 1;
            heard += u16::from(self.phone.rtp.recv(&mut [0; 2048]).is_ok());
        }
    }
}

/// Proves: A16.11 in part (sound goes where the other side is)
#[test]
fn a_phone_that_moves_is_heard_and_answered_where_it_is() {
    let mut bed = Bed::new(&[]);
    let mut phone = Phone::new(bed.port);
    let offer = phone.offer();
    phone.send("INVITE", 1, "", "", &offer);
    let call = bed.next(CCD_EV_INCOMING).call;
    bed.bench().answer(call, 1).expect("answers");
    let ok = phone.response();
    let tag = phone.acknowledge(&ok, 1);
    bed.next(CCD_EV_CONNECTED);
    let port = ok.audio_port();
    let mut talker = Talker { phone, port, said: 0 };
    talker.phone.rtp.set_read_timeout(Some(FRAME)).expect("a socket has a timeout");
    talker.talks(SETTLED);

    let before = talker.moves(bed.port);
    let offer = talker.phone.offer();
    talker.phone.send("INVITE", 2, &tag, "", &offer);
    let ok = talker.phone.response();
    assert_eq!((ok.status, ok.audio_port()), (200, port));
    talker.phone.acknowledge(&ok, 2);
    talker.talks(SETTLED);

    // it is not told this time; who stands still where it was gets nothing more
    let told = talker.moves(bed.port);
    talker.talks(1);
    for socket in [&before, &told] {
        socket.set_nonblocking(true).expect("a socket can be so");
        while socket.recv(&mut [0; 2048]).is_ok() {}
    }
    talker.talks(SETTLED);
    assert!([before, told].iter().all(|socket| socket.recv(&mut [0; 2048]).is_err()));
}
