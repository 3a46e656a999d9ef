//! People who talk all the time, for measuring: callers over a trunk, and the phones that they reach, with sound both ways
//! on all calls. One thread, one RTP socket, 50 packets a second and stream, spread over the frame.
//!
//! `cargo run --release -p callcore-tests --example talkers -- --calls 100 --first 20001`; `tests/load/measure.py` runs it.
//!
//! It says `up N`, `measuring`, `measured`, then one line of JSON (see `account.rs`) and `done`. What it hears has the
//! kernel's time of arrival, so its own haste or delay is not measured.

#[cfg(target_os = "linux")]
mod account;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod sip;
#[cfg(target_os = "linux")]
mod sound;

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    run::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("takes the times of arrival from Linux");
}
