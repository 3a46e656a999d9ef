//! minimodem, a modem in software that knows nothing of ours, as the telephone that is told who calls.

use crate::skip;
use callcore_codec::caller_id::{CallerId, FskSender, Modem, Shape};
use std::path::Path;
use std::process::Command;

/// A message as a file of sound.
fn write(path: &Path, modem: Modem, shape: Shape) {
    let caller = CallerId {
        time: "10311545".into(),
        number: "02087654321".into(),
        name: "Anna Smith 3".into(),
        is_withheld: false,
    };
    let mut sender = FskSender::new(modem, &caller.encode(shape), 9_000);
    let mut samples = vec![0; 8_000 + sender.samples()];
    sender.fill(&mut samples[4_000..]);
    let raw = path.with_extension("raw");
    std::fs::write(&raw, samples.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<u8>>())
        .expect("a temporary file");
    let format = ["-t", "raw", "-e", "signed", "-b", "16", "-r", "8000", "-c", "1"];
    let made = Command::new("sox").args(format).arg(&raw).arg(path).status().expect("sox runs");
    assert!(made.success(), "sox makes a file of sound");
    let _ = std::fs::remove_file(&raw);
}

/// What minimodem says of a file.
fn said(path: &Path, args: &[&str]) -> Vec<u8> {
    let mut command = Command::new("minimodem");
    let output = command.arg("--rx").arg("-q").args(args).arg("-f").arg(path).output();
    output.expect("minimodem runs").stdout
}

/// An independent receiver reads number and name from our signal. That the signal is on a telephone's line between the first
/// ring and the second is shown in `callcore/tests/lines/phones.rs`.
///
/// Proves: A21.10
#[test]
fn minimodem_reads_who_calls() {
    if skip() {
        return;
    }
    let path = std::env::temp_dir().join(format!("callcore-caller-id-{}.wav", std::process::id()));
    for shape in [Shape::Single, Shape::Multiple] {
        write(&path, Modem::Bell202, shape);
        let text = String::from_utf8_lossy(&said(&path, &["callerid"])).into_owned();
        let shown = |what: &str| text.contains(what);
        assert!(shown("10/31 15:45") && shown("02087654321"), "{shape:?}: {text}");
        assert_eq!(shown("Anna Smith 3"), shape == Shape::Multiple, "{shape:?}: {text}");
    }
    // it has no V.23 telephone in it, but takes any pair of tones
    write(&path, Modem::V23, Shape::Multiple);
    let bytes = said(&path, &["-8", "-M", "1300", "-S", "2100", "1200"]);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("02087654321") && text.contains("Anna Smith 3"), "{text}");
    let _ = std::fs::remove_file(&path);
}
