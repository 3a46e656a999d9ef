//! Texts spoken by commands that behave and commands that do not. (Apart from the tests of the journal: a process that is
//! just being made holds its locks for a moment.)

use callcore::media::Prompt;
use callcore::media::prompt::{Sound, WavCoding};
use callcore::shell::Prompts;
use callcore::shell::prompts::{Found, Missing, PromptOptions, SAY, SpeechOptions};
use crossbeam_channel::bounded;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

type Spoken = Result<Arc<Prompt>, Missing>;

/// A folder with a sound that a "voice" copies, and a store whose command is `script` with file and text behind it.
fn store(script: &str, change: impl FnOnce(&mut SpeechOptions)) -> (TempDir, Prompts) {
    let (folder, options) = options(script, change);
    let prompts = open(&folder, &options);
    (folder, prompts)
}

fn open(folder: &TempDir, options: &PromptOptions) -> Prompts {
    Prompts::open(&folder.path().join("prompts"), options.clone()).expect("right")
}

fn options(script: &str, change: impl FnOnce(&mut SpeechOptions)) -> (TempDir, PromptOptions) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sound = Sound { rate_hz: 16_000, samples: vec![1000; 1600] };
    let source = folder.path().join("source");
    std::fs::write(&source, sound.to_wav(WavCoding::Pcm16)).expect("writable");
    let source = source.to_string_lossy().into_owned();
    let command = ["sh", "-c", script, &source, "{file}", "{text}", "{voice}"].map(str::to_owned).to_vec();
    let mut speech = SpeechOptions { command, ..SpeechOptions::default() };
    change(&mut speech);
    let options = PromptOptions { speech: Some(speech), ..PromptOptions::default() };
    (folder, options)
}

/// $0 is the source, $1 the file, $2 the text, $3 the voice.
const COPY: &str = "cp \"$0\" \"$1\"";

fn ask(prompts: &Prompts, text: &str, language: Option<&str>) -> Spoken {
    let (to, from) = bounded(1);
    match prompts.request(
        &format!("{SAY}{text}"),
        language,
        Box::new(move |spoken| to.send(spoken).expect("waited for")),
    ) {
        Found::Ready(prompt) => Ok(prompt),
        Found::Missing(missing) => Err(missing),
        Found::Pending => from.recv().expect("everybody is told"),
    }
}

#[test]
fn a_text_is_spoken_once() {
    let (folder, options) = options(COPY, |_| {});
    let prompts = open(&folder, &options);
    assert!(matches!(prompts.get("say:Hello", None), Found::Pending));
    let prompt = ask(&prompts, "Hello", None).expect("the command is right");
    assert_eq!(prompt.duration_ms(), 100);
    assert!(matches!(prompts.get("say: Hello ", None), Found::Ready(_)));
    assert_eq!(prompts.spoken_count(), 1);
    // another text, another language: another run
    ask(&prompts, "Good bye", None).expect("right");
    ask(&prompts, "Hello", Some("zh")).expect("right");
    assert_eq!(prompts.spoken_count(), 3);
    // the next start has it on disk
    drop(prompts);
    let again = open(&folder, &options);
    ask(&again, "Hello", None).expect("kept");
    assert_eq!(again.spoken_count(), 0);
}

#[test]
fn many_who_ask_at_once_wait_for_one_run() {
    let (_folder, prompts) = store("sleep 0.2; cp \"$0\" \"$1\"", |_| {});
    let (to, from) = bounded(50);
    for _ in 0..50 {
        let to = to.clone();
        let found = prompts.request(
            "say:One",
            None,
            Box::new(move |spoken| to.send(spoken.is_ok()).expect("waited for")),
        );
        assert!(matches!(found, Found::Pending));
    }
    assert_eq!((0..50).filter(|_| from.recv().expect("told")).count(), 50);
    assert_eq!(prompts.spoken_count(), 1);
}

#[test]
fn voices_are_those_of_the_language() {
    let (_folder, prompts) = store("echo \"voice $3\" >&2; exit 1", |_| {});
    let voice = |language| ask(&prompts, "a", language).expect_err("it fails").why;
    assert!(voice(Some("zh-HK")).contains("voice cmn"));
    assert!(voice(Some("de")).contains("voice de"));
    assert!(voice(None).contains("voice en"));
}

#[test]
fn commands_that_fail_say_why() {
    let failure = |script: &str| {
        let (folder, prompts) = store(script, |speech| {
            // only who sleeps is to be ended by time
            speech.time_max = Duration::from_millis(if script.contains("sleep") { 300 } else { 60_000 });
            speech.file_bytes_max = 100_000;
        });
        let why = ask(&prompts, "Hello", None).expect_err("it fails").to_string();
        assert!(why.starts_with("there is no prompt 'say:Hello' in en: "), "{why}");
        assert_eq!(prompts.missing_count(), 0, "it was not known before");
        let left: Vec<_> = std::fs::read_dir(folder.path().join("prompts/.spoken")).expect("made").collect();
        assert!(left.is_empty(), "{left:?}");
        why
    };
    assert!(
        failure("echo no such voice >&2; exit 3").contains("sh ended with exit status: 3: no such voice")
    );
    assert!(failure("true").contains("No such file"));
    assert!(failure("echo nonsense > \"$1\"").contains("this is not a WAV file"));
    assert!(failure("exec sleep 30").contains("did not end in 300 ms"));
    let endless = failure("exec dd if=/dev/zero of=\"$1\" bs=65536 2>&-");
    assert!(
        endless.contains("more than 100000 bytes") || endless.contains("100000 are allowed"),
        "{endless}"
    );
}

#[test]
fn texts_that_cannot_be_spoken_are_missing_at_once() {
    let (_folder, prompts) = store(COPY, |_| {});
    for text in ["", "  ", "two\nlines", &"x".repeat(2001)] {
        assert!(matches!(prompts.get(&format!("say:{text}"), None), Found::Missing(_)), "{text:?}");
    }
    assert_eq!((prompts.missing_count(), prompts.spoken_count()), (4, 0));
    let broken =
        SpeechOptions { command: vec!["espeak-ng".into(), "{text}".into()], ..SpeechOptions::default() };
    assert!(broken.mistake().is_some_and(|text| text.contains("{file} is not in it")));
    let nothing = PromptOptions { speech: Some(broken), ..PromptOptions::default() };
    assert!(Prompts::open(&std::env::temp_dir().join("nothing-here"), nothing).is_err());
}

#[test]
fn what_is_kept_is_bounded() {
    // a file has 3244 bytes, a prompt 1600
    let (folder, prompts) = store(COPY, |speech| {
        speech.disk_bytes_max = 7000;
        speech.memory_bytes_max = 3200;
    });
    for text in ["one", "two", "three"] {
        ask(&prompts, text, None).expect("right");
    }
    let files = std::fs::read_dir(folder.path().join("prompts/.spoken")).expect("made").count();
    assert_eq!(files, 2);
    assert!(matches!(prompts.get("say:three", None), Found::Ready(_)));
    assert!(matches!(prompts.get("say:two", None), Found::Ready(_)));
    ask(&prompts, "one", None).expect("spoken again");
    assert_eq!(prompts.spoken_count(), 4);
    // of the two others, "three" was not used for the longer time
    assert!(matches!(prompts.get("say:two", None), Found::Ready(_)));
    assert!(matches!(prompts.get("say:three", None), Found::Pending));
}

#[test]
fn who_waits_is_told_when_the_store_ends() {
    let (_folder, prompts) = store("exec sleep 30", |speech| speech.time_max = Duration::from_secs(60));
    let (to, from) = bounded(2);
    for text in ["say:one", "say:two"] {
        let to = to.clone();
        let found =
            prompts.request(text, None, Box::new(move |spoken| to.send(spoken.is_err()).expect("room")));
        assert!(matches!(found, Found::Pending));
    }
    drop(prompts);
    assert_eq!((from.recv(), from.recv()), (Ok(true), Ok(true)));
}

#[test]
fn texts_of_the_configuration_are_spoken_before_the_first_call() {
    let (_folder, prompts) = store("[ \"$2\" = bad ] && exit 1; cp \"$0\" \"$1\"", |_| {});
    let wanted = |name: &str| (format!("at.{name}"), format!("say:{name}"));
    let problems = prompts.check(vec![wanted("good"), wanted("bad")]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].to_string().starts_with("at.bad: there is no prompt 'say:bad' in en: sh ended"),
        "{problems:?}"
    );
    assert!(matches!(prompts.get("say:good", None), Found::Ready(_)));
}
