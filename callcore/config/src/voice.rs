//! The built-in prompts: a voice and hold music, part of the program, so that it runs from any folder.

use std::io;
use std::path::Path;

macro_rules! prompts {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../prompts/", $name, ".wav")))),*]
    };
}

/// Name and WAV file of each; made by `prompts/make.py`.
const PROMPTS: &[(&str, &[u8])] = prompts![
    "busy",
    "closed",
    "enter_number",
    "goodbye",
    "hold_music",
    "invalid",
    "menu",
    "no_key",
    "number_wrong",
    "please_wait",
    "thank_you",
    "welcome",
];

/// The names of the built-in prompts.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PROMPTS.iter().map(|(name, _)| *name)
}

/// Put the built-in prompts into a folder; a file that is already there stays as it is, so that it can be replaced, and one
/// that was removed stays away.
///
/// # Errors
/// Why a file cannot be written.
pub(crate) fn unpack(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (name, wav) in PROMPTS {
        let path = folder.join(format!("{name}.wav"));
        let was_there = folder.join(".versions").join(name).exists();
        if !path.exists() && !was_there {
            std::fs::write(path, wav)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_prompt_can_be_played() {
        for (name, wav) in PROMPTS {
            let prompt = callcore::media::prompt::decode_wav(wav).expect(name);
            assert!(prompt.duration_ms() > 500, "{name}");
            let loudest = prompt.samples.iter().map(|sample| sample.unsigned_abs()).max();
            assert!(loudest.is_some_and(|peak| peak > 3000), "{name} is too quiet: {loudest:?}");
        }
        let bytes: usize = PROMPTS.iter().map(|(_, wav)| wav.len()).sum();
        assert!(bytes < 1_500_000, "{bytes} bytes of prompts make the program too big");
    }

    #[test]
    fn unpacking_keeps_what_a_person_put_there() {
        let folder = std::env::temp_dir().join(format!("callcore-prompts-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        std::fs::write(folder.join("welcome.wav"), b"mine").expect("a temporary file");
        unpack(&folder).expect("a writable folder");
        assert_eq!(std::fs::read(folder.join("welcome.wav")).expect("still there"), b"mine");
        assert_eq!(callcore::shell::prompts::names(&folder).expect("readable").len(), PROMPTS.len());
        std::fs::remove_dir_all(&folder).expect("ours");
    }
}
