//! espeak-ng as the speech command: texts in two languages become prompts that sound.

use crate::{server, skip, sound};
use std::path::Path;
use std::process::Command;

fn prompts(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new(server::binary());
    let output = command.current_dir(folder).arg("prompts").args(args).output().expect("the server runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}: {out}{err}");
    out.into_owned()
}

/// Proves: A7.11 in part (a text is spoken, trimmed, levelled and converted)
#[test]
fn espeak_speaks_prompts_in_two_languages() {
    if skip() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("callcore-speech-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("sounds")).expect("a temporary folder");
    let config =
        "hold_music = \"say:Please hold the line\"\n[node]\nprompts_dir = \"sounds\"\n[prompts.speech]\n";
    std::fs::write(folder.join("callcore.toml"), config).expect("writable");
    for (prompt, text) in
        [("en/closed", "We are closed now."), ("zh/closed", "现在下班了"), ("dash", "-w no option")]
    {
        let edit = ["--trim", "--speech", "-16", "--rate", "8000"];
        let said = prompts(&folder, &[&["say", prompt], &edit[..], &["--", text]].concat());
        assert!(said.contains("speech -16.0 dBm0") || said.contains("speech -15.9 dBm0"), "{said}");
    }
    // English and Chinese are told apart by their length and by every sample
    let (english, chinese) = (
        sound::side(&folder.join("sounds/en/closed.wav"), 1),
        sound::side(&folder.join("sounds/zh/closed.wav"), 1),
    );
    for (language, samples) in [("en", &english), ("zh", &chinese)] {
        let seconds = samples.len() as f64 / 8000.0;
        assert!((0.6..3.0).contains(&seconds), "{language}: {seconds} s");
        let loudest = samples.iter().map(|sample| sample.unsigned_abs()).max();
        assert!(loudest > Some(4000), "{language}: {loudest:?}");
    }
    assert_ne!(english, chinese);
    assert_eq!(prompts(&folder, &["list", "--json"]).lines().count(), 3);
    std::fs::remove_dir_all(&folder).expect("ours");
}
