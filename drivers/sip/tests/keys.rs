//! How keys go over the wire: as telephone events, or as sound.

mod peer;

use callcore_driver_sdk::sys::*;
use peer::Bed;
use peer::phone::Phone;

/// Proves: A16.11 in part (keys as sound, where that is wanted)
#[test]
fn keys_are_sound_both_ways_where_that_is_set() {
    for (keys, events) in [("events", true), ("sound", false)] {
        let mut bed = Bed::new(&[("keys", keys.into())]);
        let mut phone = Phone::new(bed.port);
        let offer = phone.offer();
        phone.send("INVITE", 1, "", "", &offer);
        let call = bed.next(CCD_EV_INCOMING).call;
        bed.bench().answer(call, 1).expect("answers");
        let ok = phone.response();
        assert_eq!(ok.text.contains("telephone-event"), events, "{}", ok.text);
        phone.acknowledge(&ok, 1);
        bed.next(CCD_EV_CONNECTED);
        // the host, which is told that this cannot be, sends them as sound
        let sent = bed.bench().send_digits(0, "7", 2);
        assert_eq!(sent, if events { Ok(()) } else { Err(CCD_E_UNSUPPORTED) });
        // and the other way: an event of a phone that sends one all the same is none
        phone.speak(ok.audio_port(), 101, 1, 1000, &[5, 0x8A, 3, 32]);
        // sound that comes back was said after it
        for number in 2..12u16 {
            phone.speak(ok.audio_port(), 8, number, 1000 + u32::from(number) * 160, &[33; 160]);
        }
        while phone.listen().0 != 8 {}
        bed.end();
        let digits = bed.host.events().iter().filter(|event| event.kind == CCD_EV_DIGIT).count();
        assert_eq!(digits, usize::from(events));
    }
}
