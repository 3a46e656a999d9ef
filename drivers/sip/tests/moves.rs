//! A far end that moves in a call: by a description, and behind a NAT that has given it another port.

mod peer;

use callcore_driver_sdk::sys::*;
use peer::Bed;
use peer::phone::Phone;

/// Frames after which the driver has a connected socket for who speaks from one place.
const SETTLED: u16 = 130;

/// Says so many packets, one for each that comes back, so that neither side is ahead.
fn talk(phone: &Phone, port: u16, numbers: std::ops::Range<u16>) {
    for number in numbers {
        phone.speak(port, 8, number, u32::from(number) * 160, &[33; 160]);
        phone.listen();
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
    // nothing comes back before something was heard
    (0..6).for_each(|number| phone.speak(port, 8, number, u32::from(number) * 160, &[33; 160]));
    talk(&phone, port, 6..SETTLED);

    let before = std::mem::replace(&mut phone.rtp, Phone::new(bed.port).rtp);
    let offer = phone.offer();
    phone.send("INVITE", 2, &tag, "", &offer);
    let ok = phone.response();
    assert_eq!((ok.status, ok.audio_port()), (200, port));
    phone.acknowledge(&ok, 2);
    (0..6).for_each(|n| phone.speak(port, 8, SETTLED + n, u32::from(SETTLED + n) * 160, &[33; 160]));
    talk(&phone, port, SETTLED + 6..2 * SETTLED);

    // it is not told this time; who stands still where it was gets nothing more
    phone.rtp = Phone::new(bed.port).rtp;
    let mut number = 2 * SETTLED;
    let patience = phone.rtp.read_timeout().expect("a socket tells its timeout");
    phone.rtp.set_read_timeout(Some(std::time::Duration::from_millis(20))).expect("a socket has a timeout");
    while phone.rtp.recv(&mut [0; 2048]).is_err() {
        assert!(number < 6 * SETTLED, "it is not found again");
        phone.speak(port, 8, number, u32::from(number) * 160, &[33; 160]);
        number += 1;
    }
    phone.rtp.set_read_timeout(patience).expect("a socket has a timeout");
    before.set_nonblocking(true).expect("a socket can be so");
    while before.recv(&mut [0; 2048]).is_ok() {}
    phone.listen();
    assert!(before.recv(&mut [0; 2048]).is_err());
}
