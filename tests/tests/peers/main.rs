//! Real peers against the real server: SIPp and baresip call `callcore-server`, sox opens what it recorded, espeak-ng speaks;
//! and minimodem is told who calls.
//!
//! Needs the Debian packages sip-tester, baresip, sox, espeak-ng and minimodem, and runs where `CALLCORE_PEERS=1` says that they are there.
//! Everything is on loopback, on ports that were free, and stopped by its own id.

mod call;
mod caller_id;
mod crash;
mod phones;
mod server;
mod sound;
mod speech;

/// Whether there are no peers to test with; says so.
fn skip() -> bool {
    let skip = std::env::var_os("CALLCORE_PEERS").is_none();
    if skip {
        println!(
            "skipped: needs sipp, baresip, sox, espeak-ng and minimodem; set CALLCORE_PEERS=1 where they are installed"
        );
    }
    skip
}
