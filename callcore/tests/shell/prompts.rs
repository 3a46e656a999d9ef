//! Prompts of a running node: replaced while calls come, kept where the configuration plays them.

use crate::centre::{Centre, config, folder, settings};
use callcore::base::Why;
use callcore::media::prompt::{Sound, WavCoding};
use callcore::shell::prompts::PromptsError;
use callcore::shell::store::Query;
use callcore::shell::{Failed, Node};
use serde_json::json;

/// Proves: A6.17 in part (while the node runs)
#[test]
fn a_new_prompt_is_heard_by_the_next_call() {
    let centre = Centre::start_with(20.0, |config| {
        let flow = json!({"start": "bye", "node": {
            "bye": {"type": "play_only", "prompts": ["welcome"], "next": "hangup"},
        }});
        config.flow.insert("main".into(), serde_json::from_value(flow).expect("a flow"));
    });
    let prompts = centre.handle.prompts();
    let welcome = "welcome".parse().expect("a name");
    let (kind, text) = match prompts.upload(&welcome, b"no sound", "anna") {
        Err(PromptsError::Refused(refused)) => (refused.why, refused.text),
        other => panic!("it cannot be played: {other:?}"),
    };
    assert_eq!(kind, Why::Argument, "{text}");
    let long = Sound { rate_hz: 8000, samples: vec![1000; 8000 * 20] };
    prompts.upload(&welcome, &long.to_wav(WavCoding::Pcm16), "anna").expect("it can be played");
    centre.act("channel 1 calls 8000 from 13800000000");
    let records = || centre.handle.records(&Query::default()).expect("readable");
    centre.until("the call is over", |_| records().len() == 1);
    // the old one plays 400 ms
    assert!(records()[0].duration_ms > 19_000, "{:?}", records()[0]);
    let Err(PromptsError::Refused(refused)) = prompts.remove(&welcome, "anna") else {
        panic!("it is played")
    };
    assert_eq!(refused.why, Why::Busy);
    assert!(refused.text.contains("flow.main"), "{refused}");
    centre.node.stop().expect("it stops in an orderly way");
}

/// Proves: A2.5, A6.7 (the prompts are those of the language)
#[test]
fn a_caller_hears_the_prompts_of_the_language() {
    // the flow's language, what its node selects, and which of two prompts is then played
    for (of_flow, selected, heard, other) in [
        (None, Some("ZH-hk"), "zh/welcome", "welcome"),
        (Some("zh-HK"), None, "zh/welcome", "en/welcome"),
        (Some("zh"), Some("en"), "en/welcome", "zh/welcome"),
        (None, Some("fr"), "welcome", "zh/welcome"),
        (None, None, "welcome", "zh/welcome"),
    ] {
        let centre = Centre::start_with(20.0, |config| {
            let first = if selected.is_some() { "select" } else { "welcome" };
            let mut flow = json!({"start": first, "language": of_flow, "node": {
                "welcome": {"type": "play_only", "prompts": ["welcome"], "next": "hangup"},
            }});
            if let Some(language) = selected {
                flow["node"]["select"] =
                    json!({"type": "select_language", "language": language, "next": "welcome"});
            }
            config.flow.insert("main".into(), serde_json::from_value(flow).expect("a flow"));
        });
        for (name, seconds) in [(heard, 20), (other, 1)] {
            let sound = Sound { rate_hz: 8000, samples: vec![1000; 8000 * seconds] };
            let key = name.parse().expect("a name");
            let sound = sound.to_wav(WavCoding::Pcm16);
            centre.handle.prompts().upload(&key, &sound, "anna").expect("it can be played");
        }
        let records = || centre.handle.records(&Query::default()).expect("readable");
        centre.act("channel 1 calls 8000 from 13800000000");
        centre.until("the call is over", |_| records().len() == 1);
        assert!(records()[0].duration_ms > 19_000, "{heard}: {:?}", records()[0]);
        centre.node.stop().expect("it stops in an orderly way");
    }
}

#[test]
fn a_missing_prompt_is_told_with_its_place_before_anything_runs() {
    let (folder, mut config) = (folder(), config());
    config.hold_music = Some("say:Please wait".into());
    std::fs::remove_file(folder.path().join("prompts/menu.wav")).expect("there");
    let Err(Failed::Config(problems)) = Node::start(config, settings(folder.path(), 1.0)) else {
        panic!("two prompts are missing")
    };
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    let has =
        |place: &str, what: &str| texts.iter().any(|text| text.starts_with(place) && text.contains(what));
    assert!(has("hold_music: ", "no command speaks texts"), "{texts:?}");
    assert!(has("flow.main: ", "there is no prompt 'menu': put menu.wav into"), "{texts:?}");
}

#[test]
fn tones_and_pauses_are_played_by_their_names() {
    let centre = Centre::start_with(20.0, |config| {
        let flow = json!({"start": "bye", "node": {
            "bye": {"type": "play_only", "prompts": ["silence:15000", "tone:busy:5000"], "next": "hangup"},
        }});
        config.flow.insert("main".into(), serde_json::from_value(flow).expect("a flow"));
    });
    centre.act("channel 1 calls 8000 from 13800000000");
    let records = || centre.handle.records(&Query::default()).expect("readable");
    centre.until("the call is over", |_| records().len() == 1);
    assert!(records()[0].duration_ms > 19_000, "{:?}", records()[0]);
    centre.node.stop().expect("it stops in an orderly way");
}
