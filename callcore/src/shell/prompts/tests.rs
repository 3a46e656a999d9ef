//! The store as a program uses it: languages, replacing, versions, bounds, and two programs on one folder.

use super::*;
use crate::base::Why;
use crate::media::prompt::{Edit, Sound, WavCoding};
use tempfile::TempDir;

/// A sound that can be told from others by its first sample.
fn wav(value: i16) -> Vec<u8> {
    Sound { rate_hz: 8000, samples: vec![value; 800] }.to_wav(WavCoding::Pcm16)
}

fn key(text: &str) -> PromptKey {
    text.parse().expect(text)
}

fn store_with(folder: &Path, files: &[(&str, i16)], options: PromptOptions) -> Prompts {
    for (name, value) in files {
        let path = folder.join(format!("{name}.wav"));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        std::fs::write(path, wav(*value)).expect("writable");
    }
    Prompts::open(folder, options).expect("all can be played")
}

fn store(files: &[(&str, i16)]) -> (TempDir, Prompts) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let prompts = store_with(folder.path(), files, PromptOptions::default());
    (folder, prompts)
}

/// The first sample of what is found.
fn heard(prompts: &Prompts, name: &str, language: Option<&str>) -> Option<i16> {
    match prompts.get(name, language) {
        Found::Ready(prompt) => Some(prompt.samples[0]),
        Found::Pending | Found::Missing(_) => None,
    }
}

fn why(result: Result<PromptInfo, PromptsError>) -> (Why, String) {
    match result {
        Err(PromptsError::Refused(refused)) => (refused.why, refused.text),
        other => panic!("not refused: {other:?}"),
    }
}

/// Proves: A2.5 in part (the store), A6.7 in part (the store)
#[test]
fn the_nearest_language_is_heard() {
    let files = [("welcome", 1), ("zh/welcome", 2), ("zh-HK/welcome", 3), ("en/only", 4), ("de/other", 5)];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = PromptOptions { default_language: Some("en-GB".into()), ..PromptOptions::default() };
    let prompts = store_with(folder.path(), &files, options);
    for (language, expected) in [
        (Some("zh-HK"), 3),
        (Some("ZH-hk"), 3),
        (Some("zh-Hant-HK"), 2),
        (Some("zh"), 2),
        (Some("fr"), 1),
        (None, 1),
    ] {
        assert_eq!(heard(&prompts, "welcome", language), Some(expected), "{language:?}");
    }
    // the default language comes last, and what stands in for it
    assert_eq!(heard(&prompts, "only", Some("zh")), Some(4));
    let Found::Missing(missing) = prompts.get("other", Some("zh")) else {
        panic!("it is there in German only")
    };
    assert_eq!(
        missing.to_string(),
        "there is no prompt 'other' in zh: there is one in de only; add it without a language"
    );
    let Found::Missing(missing) = prompts.get("nothing", None) else { panic!("it is not there") };
    assert!(
        missing.to_string().starts_with("there is no prompt 'nothing': put nothing.wav into "),
        "{missing}"
    );
    assert_eq!(prompts.missing_count(), 2);
}

/// Proves: A6.17
#[test]
fn an_uploaded_voice_is_heard_by_new_calls_at_once() {
    let (folder, prompts) = store(&[("welcome", 1)]);
    let Found::Ready(playing) = prompts.get("welcome", None) else { panic!("it is there") };
    let info = prompts.upload(&key("welcome"), &wav(2), "anna").expect("it can be played");
    assert_eq!((info.duration_ms, info.rate_hz, info.memory_bytes), (100, 8000, 1600));
    assert_eq!(heard(&prompts, "welcome", None), Some(2));
    assert_eq!(playing.samples[0], 1, "a call that plays goes on with the old one");
    prompts.upload(&key("zh/welcome"), &wav(3), "anna").expect("a new language");
    assert_eq!(heard(&prompts, "welcome", Some("zh")), Some(3));
    assert_eq!(prompts.export(&key("zh/welcome")).expect("there"), wav(3));
    // the next start finds the same
    let again = Prompts::open(folder.path(), PromptOptions::default()).expect("right");
    assert_eq!(again.list(), prompts.list());
    assert_eq!(
        again.list().iter().map(|info| info.key.to_string()).collect::<Vec<_>>(),
        ["welcome", "zh/welcome"]
    );
}

#[test]
fn what_cannot_be_played_changes_nothing() {
    let (folder, prompts) = store(&[("welcome", 1)]);
    let before = std::fs::read(folder.path().join("welcome.wav")).expect("there");
    let (kind, text) = why(prompts.upload(&key("welcome"), b"GIF89a", "anna"));
    assert_eq!(kind, Why::Argument);
    assert!(text.starts_with("prompt welcome: this is not a WAV file"), "{text}");
    let mut cut = wav(5);
    cut.truncate(30);
    assert!(why(prompts.upload(&key("new"), &cut, "anna")).1.contains("damaged"));
    assert_eq!(std::fs::read(folder.path().join("welcome.wav")).expect("there"), before);
    assert_eq!((heard(&prompts, "welcome", None), heard(&prompts, "new", None)), (Some(1), None));
    assert!(!folder.path().join("new.wav").exists());
    assert_eq!(prompts.versions(&key("welcome")).expect("there").len(), 1);
}

#[test]
fn every_change_can_be_taken_back() {
    let (folder, prompts) = store(&[("welcome", 1)]);
    let welcome = key("welcome");
    prompts.upload(&welcome, &wav(2), "anna").expect("right");
    prompts.edit(&welcome, &[Edit::Gain { db: 6.020_6 }], WavCoding::Pcm16, "bert").expect("right");
    assert_eq!(heard(&prompts, "welcome", None), Some(4));
    let told = |version: &PromptVersion| {
        (version.number, version.is_current, version.who.clone(), version.what.clone())
    };
    let versions = prompts.versions(&welcome).expect("known");
    assert_eq!(
        versions.iter().map(told).collect::<Vec<_>>(),
        [
            (3, true, "bert".to_owned(), "edit".to_owned()),
            (2, false, "anna".to_owned(), "upload".to_owned()),
            (1, false, String::new(), String::new()),
        ]
    );
    assert!(versions[0].at_ms > Some(1_600_000_000_000) && versions[2].at_ms.is_none());
    prompts.roll_back(&welcome, 1, "anna").expect("it is kept");
    assert_eq!(heard(&prompts, "welcome", None), Some(1));
    assert_eq!(prompts.versions(&welcome).expect("known")[0].what, "roll back to 1");
    prompts.remove(&welcome, "anna").expect("nobody needs it");
    assert_eq!((heard(&prompts, "welcome", None), folder.path().join("welcome.wav").exists()), (None, false));
    assert!(prompts.versions(&welcome).expect("known").iter().all(|version| !version.is_current));
    // what was removed comes back, too
    prompts.roll_back(&welcome, 2, "anna").expect("it is kept");
    assert_eq!(heard(&prompts, "welcome", None), Some(2));
    assert!(matches!(prompts.roll_back(&welcome, 99, "anna"), Err(PromptsError::Refused(_))));
    assert!(matches!(prompts.versions(&key("nothing")), Err(PromptsError::Refused(_))));
}

#[test]
fn the_newest_versions_are_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = PromptOptions { versions_max: 3, ..PromptOptions::default() };
    let prompts = store_with(folder.path(), &[], options);
    for value in 1..=8 {
        prompts.upload(&key("zh/a"), &wav(value), "anna").expect("right");
    }
    let numbers: Vec<u32> =
        prompts.versions(&key("zh/a")).expect("known").iter().map(|it| it.number).collect();
    assert_eq!(numbers, [8, 7, 6, 5]);
    prompts.roll_back(&key("zh/a"), 5, "anna").expect("it is kept");
    assert_eq!(heard(&prompts, "a", Some("zh")), Some(5));
}

#[test]
fn bounds_refuse() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = PromptOptions {
        file_bytes_max: 2000,
        prompts_max: 2,
        memory_bytes_max: 3200,
        ..PromptOptions::default()
    };
    let prompts = store_with(folder.path(), &[("a", 1), ("b", 2)], options.clone());
    assert_eq!(why(prompts.upload(&key("c"), &wav(3), "anna")).0, Why::Full);
    prompts.upload(&key("a"), &wav(3), "anna").expect("in the place of another");
    let long = Sound { rate_hz: 8000, samples: vec![1; 900] }.to_wav(WavCoding::ALaw);
    let (_, text) = why(prompts.upload(&key("a"), &long, "anna"));
    assert!(text.contains("3400 bytes of memory, 3200 are allowed"), "{text}");
    let (_, text) = why(prompts.upload(&key("a"), &vec![0; 2001], "anna"));
    assert!(text.contains("2001 bytes, 2000 are allowed"), "{text}");
    std::fs::write(folder.path().join("c.wav"), wav(3)).expect("writable");
    assert!(matches!(Prompts::open(folder.path(), options), Err(PromptsError::Refused(_))));
}

#[test]
fn files_that_cannot_be_are_told_at_the_start() {
    for (name, bytes, expected) in [
        ("a.wav", b"no sound".as_slice(), "this is not a WAV file"),
        ("-a.wav", b"RIFF", "'-a' cannot be the name of a prompt"),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join(name), bytes).expect("writable");
        let why = Prompts::open(folder.path(), PromptOptions::default()).expect_err(name).to_string();
        assert!(why.contains(expected) && why.contains(name), "{why}");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("a.ulaw"), [0xFF; 80]).expect("writable");
    let prompts = store_with(folder.path(), &[], PromptOptions::default());
    assert_eq!(prompts.list()[0].duration_ms, 10);
    // what replaces it is a WAV file, and the old one is not found a second time
    prompts.upload(&key("a"), &wav(9), "anna").expect("right");
    let again = Prompts::open(folder.path(), PromptOptions::default()).expect("one file a name");
    assert_eq!(heard(&again, "a", None), Some(9));
    prompts.roll_back(&key("a"), 1, "anna").expect("raw G.711, too");
    assert_eq!(prompts.list()[0].duration_ms, 10);
    std::fs::write(folder.path().join("a.al"), [0xD5; 80]).expect("writable");
    let why = Prompts::open(folder.path(), PromptOptions::default()).expect_err("two files").to_string();
    assert!(why.contains("has the same name"), "{why}");
}

#[test]
fn what_the_configuration_plays_is_missed_and_cannot_be_removed() {
    let (_folder, prompts) = store(&[("welcome", 1), ("zh/menu", 2)]);
    let wanted =
        ["welcome", "menu", "nothing", "say:Hello"].map(|name| (format!("at.{name}"), name.to_owned()));
    let problems: Vec<String> = prompts.check(wanted.to_vec()).iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems[0].starts_with("at.nothing: there is no prompt 'nothing': put nothing.wav into"),
        "{problems:?}"
    );
    assert!(problems[1].contains("no command speaks texts: set [prompts.speech]"), "{problems:?}");
    let Err(PromptsError::Refused(refused)) = prompts.remove(&key("welcome"), "anna") else {
        panic!("it is played")
    };
    assert_eq!((refused.why, heard(&prompts, "welcome", None)), (Why::Busy, Some(1)));
    assert!(refused.text.contains("at.welcome plays it"), "{refused}");
    // one language of several may go
    prompts.upload(&key("zh/welcome"), &wav(3), "anna").expect("right");
    prompts.remove(&key("welcome"), "anna").expect("another is left");
}

#[test]
fn two_programs_share_a_folder() {
    let (folder, running) = store(&[("a", 1), ("b", 2)]);
    let tool = Prompts::open(folder.path(), PromptOptions::default()).expect("right");
    assert_eq!(running.refresh().expect("readable"), 0);
    tool.upload(&key("a"), &wav(10), "anna").expect("right");
    tool.upload(&key("zh/c"), &wav(30), "anna").expect("right");
    tool.remove(&key("b"), "anna").expect("nobody needs it");
    assert_eq!(heard(&running, "a", None), Some(1), "not yet");
    assert_eq!(running.refresh().expect("readable"), 3);
    assert_eq!(running.refresh().expect("readable"), 0);
    assert_eq!(
        [heard(&running, "a", None), heard(&running, "b", None), heard(&running, "c", Some("zh"))],
        [Some(10), None, Some(30)]
    );
    // a file that was spoilt by hand does not take the old sound away
    std::fs::write(folder.path().join("a.wav"), b"spoilt").expect("writable");
    tool.upload(&key("d"), &wav(4), "anna").expect("right");
    assert_eq!(running.refresh().expect("readable"), 1);
    assert_eq!(heard(&running, "a", None), Some(10));
}

#[test]
fn a_torn_index_is_no_harm() {
    let (folder, prompts) = store(&[]);
    prompts.upload(&key("a"), &wav(1), "anna").expect("right");
    let index = folder.path().join(".versions/index.jsonl");
    let text = std::fs::read_to_string(&index).expect("there");
    std::fs::write(&index, &text[..text.len() - 10]).expect("writable");
    prompts.upload(&key("a"), &wav(2), "bert").expect("right");
    let versions = prompts.versions(&key("a")).expect("known");
    assert_eq!(versions.iter().map(|version| &*version.who).collect::<Vec<_>>(), ["bert", ""]);
}

#[test]
fn threads_hear_whole_prompts_while_they_change() {
    let (_folder, prompts) = store(&[("a", 0)]);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = 0;
                    while last < 20 {
                        let Found::Ready(prompt) = prompts.get("a", None) else {
                            panic!("it is always there")
                        };
                        assert!(prompt.samples.iter().all(|sample| *sample == prompt.samples[0]));
                        assert!(prompt.samples[0] >= last, "an old one after a new one");
                        last = prompt.samples[0];
                    }
                })
            })
            .collect();
        for value in 1..=20 {
            prompts.upload(&key("a"), &wav(value), "anna").expect("right");
        }
        readers.into_iter().for_each(|reader| reader.join().expect("all it heard was whole"));
    });
}

#[test]
fn tones_and_pauses_need_no_file() {
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let options = PromptOptions { country: Country::Germany, ..PromptOptions::default() };
    let prompts = Prompts::open(folder.path(), options).expect("an empty folder is right");
    let Found::Ready(busy) = prompts.get("tone:busy:3000", Some("zh")) else { panic!("it is made") };
    assert_eq!(busy.duration_ms(), 3000);
    let Found::Ready(again) = prompts.get("tone:busy:3000", None) else { panic!("it is kept") };
    assert!(Arc::ptr_eq(&busy, &again));
    // 0.48 s on in Germany, 0.35 s in China
    let samples = busy.samples(callcore_codec::Rate::Narrow);
    assert!(samples[3000..3700].iter().any(|sample| sample.abs() > 1000));
    for n in 0..2 * MADE_MAX as u32 {
        assert!(matches!(prompts.get(&format!("silence:{}", n + 1), None), Found::Ready(_)));
    }
    assert!(prompts.made.lock().expect("no panic").len() <= MADE_MAX);
    let wanted =
        [("flow.main", "tone:busy:500"), ("flow.other", "tone:bussy:500"), ("hold_music", "silence:")];
    let wanted = wanted.map(|(at, name)| (at.to_owned(), name.to_owned())).to_vec();
    let problems: Vec<String> = prompts.check(wanted).iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("flow.other: there is no prompt 'tone:bussy:500'"), "{problems:?}");
}
