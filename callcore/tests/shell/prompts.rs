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
    assert!(records()[0].duration_ms >= 20_000, "{:?}", records()[0]);
    let Err(PromptsError::Refused(refused)) = prompts.remove(&welcome, "anna") else {
        panic!("it is played")
    };
    assert_eq!(refused.why, Why::Busy);
    assert!(refused.text.contains("flow.main"), "{refused}");
    centre.node.stop().expect("it stops in an orderly way");
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
