//! The driver against a real SIP peer, `sipp`. These tests need it installed and say so when they are skipped.

mod peer;

use callcore_driver_sdk::sys::*;
use peer::{Bed, skip};

/// A caller is answered, talks and hangs up.
#[test]
fn a_call_is_answered_and_cleared_by_the_caller() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[]);
    let caller = bed.sipp("uac", &["-m", "1", "-d", "300"]);
    let call = bed.next(CCD_EV_INCOMING);
    assert_eq!((call.called.as_str(), call.via.as_str(), call.channel), ("service", "peer", 0));
    bed.bench().accept(call.call, CCD_STEP_ALERTING, 1).expect("rings");
    bed.bench().answer(call.call, 2).expect("answers");
    bed.next(CCD_EV_CONNECTED);
    let gone = bed.next(CCD_EV_DISCONNECTED);
    assert_eq!((gone.call, gone.q850), (call.call, 16));
    bed.bench().drop_call(call.call, 16, 3).expect("drops");
    bed.next(CCD_EV_RELEASED);
    caller.succeeds();
    let stats = bed.bench().stats();
    assert!(stats.starts_with("{\"calls\":0,\"dialogs\":0,"), "{stats}");
}
