//! What may be done to a talk and to what is played: hold, mute, mask, pause and wind, listen; silence; a program's audio.

use crate::corners::{channel, hang_up_all, talking};
use crate::desk::{Desk, config, guess};
use callcore::base::Why;
use callcore::board::{BoardCall, BoardEvent, ChannelId, DeviceId, Supervision};
use callcore::call::{CallId, Fact, Side};
use callcore::exchange::{Command, Event, PlayControl};
use callcore::media::{Hear, Heard, Jump, KeyWatch, Levels, Listens, MediaEvent, VoiceSettings};

/// The first call of a desk.
fn call_of() -> CallId {
    guess(0, 1)
}

fn music() -> Hear {
    Hear::Music("music".into())
}

/// Hold: the customer hears the music and does not hear the agent; the agent does not hear the customer.
///
/// Proves: A3.8
#[test]
fn who_is_held_hears_music_and_neither_hears_the_other() {
    for (by, holder, held) in [(Side::Right, 4, 0), (Side::Left, 0, 4)] {
        let mut desk = Desk::ready(config());
        talking(&mut desk);
        let call = call_of();
        desk.take();
        desk.command(Command::Hold { call, by, on: true }).expect("they talk");
        assert_eq!((&desk.open[&channel(held)], &desk.open[&channel(holder)]), (&music(), &Hear::Nothing));
        let other = if by == Side::Left { Side::Right } else { Side::Left };
        for on in [true, false] {
            let refused =
                desk.command(Command::Hold { call, by: other, on }).expect_err("it is not the holder");
            assert_eq!(refused.why, Why::State);
        }
        desk.command(Command::Hold { call, by, on: true }).expect("once more is no mistake");
        desk.command(Command::Hold { call, by, on: false }).expect("it holds");
        assert_eq!(desk.open[&channel(0)], Hear::Channel(channel(4)));
        assert_eq!(desk.open[&channel(4)], Hear::Channel(channel(0)));
        assert_eq!(desk.take(), [Fact::Held { by }, Fact::Retrieved { by }]);
        hang_up_all(&mut desk);
        assert_eq!(desk.records[0].holds, 1);
    }
}

#[test]
fn a_party_is_muted_and_a_recording_masked() {
    let mut desk = Desk::ready(config());
    talking(&mut desk);
    let call = call_of();
    desk.take();
    for on in [true, true, false] {
        desk.command(Command::Mute { call, party: Side::Right, on }).expect("they talk");
        assert_eq!(desk.levels[&channel(4)].is_muted, on);
        desk.command(Command::MaskRecording { call, on }).expect("it is recorded");
        assert_eq!(desk.masked.values().copied().collect::<Vec<_>>(), [on]);
    }
    let facts = desk.take();
    assert_eq!(facts.len(), 4, "each once: {facts:?}");
    hang_up_all(&mut desk);
    let refused = desk.command(Command::Mute { call, party: Side::Left, on: true }).expect_err("it is over");
    assert_eq!(refused.why, Why::Gone);
}

#[test]
fn what_is_played_is_paused_and_wound() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8002", "138");
    let call = desk.offered();
    let control = |control| Command::ControlPlay { call, control };
    assert_eq!(desk.command(control(PlayControl::Pause)).expect_err("nothing plays").why, Why::State);
    desk.command(Command::Answer { call }).expect("it is the application's");
    desk.connected(0, 1);
    desk.command(Command::Play { call, prompts: vec!["message".into()] }).expect("it is answered");
    let before = desk.playing(channel(0)).expect("it plays");
    for wish in [PlayControl::Pause, PlayControl::Jump(Jump::By(-5000)), PlayControl::Speed(150)] {
        desk.command(control(wish)).expect("it plays");
    }
    let Hear::Prompts { play, transport, .. } = &desk.open[&channel(0)] else { panic!("it plays on") };
    assert_eq!(
        (*play, transport.is_paused, transport.jumps, transport.speed_percent),
        (before, true, 1, 150)
    );
    assert_eq!(desk.command(control(PlayControl::Speed(10))).expect_err("too slow").why, Why::Argument);
    desk.command(Command::Play { call, prompts: vec!["message".into()] }).expect("it is answered");
    let Hear::Prompts { play, transport, .. } = &desk.open[&channel(0)] else { panic!("it plays anew") };
    assert!(*play != before && !transport.is_paused && transport.jumps == 0, "from its beginning, as it is");
    hang_up_all(&mut desk);
}

/// The two voices of a talk, as the media engine tells them.
fn voice(index: u32, silent_ms: Option<u32>) -> MediaEvent {
    let heard = match silent_ms {
        Some(after_ms) => Heard::SilenceBegan { after_ms, at_ms: 60_000 },
        None => Heard::VoiceBegan { after_ms: 9_000, at_ms: 70_000, confidence: 90 },
    };
    MediaEvent::Heard { channel: channel(index), heard }
}

/// No long silences: when neither party has spoken for long, that is a fact and an event, once until somebody speaks.
///
/// Proves: A13.3
#[test]
fn a_silence_of_both_parties_is_told_once() {
    let mut desk = Desk::ready(callcore::exchange::Config { long_silence_ms: 8_000, ..config() });
    talking(&mut desk);
    let sounds = |desk: &Desk, index| desk.sounds[&channel(index)].voice.map(|voice| voice.silence_ms);
    assert_eq!((sounds(&desk, 0), sounds(&desk, 4)), (Some(8_000), Some(8_000)));
    desk.take();
    desk.events.clear();
    desk.wait(10_000);
    desk.media_event(voice(0, Some(8_000)));
    assert_eq!(desk.take(), [], "the agent still talks");
    desk.media_event(voice(4, Some(8_000)));
    desk.media_event(voice(4, Some(8_000)));
    let events =
        |desk: &Desk| desk.events.iter().filter(|event| matches!(event, Event::LongSilence { .. })).count();
    assert_eq!(events(&desk), 1);
    let told = Fact::LongSilence { silent_ms: 8_000 };
    assert_eq!(desk.take(), std::slice::from_ref(&told));
    desk.media_event(voice(0, None));
    desk.media_event(voice(0, Some(8_000)));
    assert_eq!(events(&desk), 1);
    assert_eq!(desk.take(), [told]);
    hang_up_all(&mut desk);
}

/// What a program listens for does not make a silence long, and a party who hears music is not silent.
#[test]
fn a_silence_is_long_when_the_two_who_hear_each_other_say_nothing_for_so_long() {
    let mut desk = Desk::ready(callcore::exchange::Config { long_silence_ms: 8_000, ..config() });
    talking(&mut desk);
    let call = call_of();
    let told = |desk: &mut Desk| {
        let facts = desk.take();
        facts.iter().filter(|fact| matches!(fact, Fact::LongSilence { silent_ms: 8_000 })).count()
    };
    let short = VoiceSettings { silence_ms: 2_000, ..VoiceSettings::default() };
    let sounds = Listens { voice: Some(short), ..Listens::default() };
    for party in [Side::Left, Side::Right] {
        desk.command(Command::Listen { call, party, sounds }).expect("it lives");
    }
    assert_eq!(desk.sounds[&channel(4)].voice, Some(short), "the shorter silence is told");
    desk.wait(30_000);
    desk.media_event(voice(0, Some(2_000)));
    desk.media_event(voice(4, Some(2_000)));
    desk.wait(5_999);
    assert_eq!(told(&mut desk), 0);
    desk.wait(1);
    assert_eq!(told(&mut desk), 1);
    desk.media_event(voice(0, None));
    desk.media_event(voice(0, Some(2_000)));
    desk.wait(1_000);
    desk.command(Command::Hold { call, by: Side::Right, on: true }).expect("they talk");
    desk.wait(60_000);
    assert_eq!(told(&mut desk), 0, "who is held hears music");
    desk.command(Command::Hold { call, by: Side::Right, on: false }).expect("it is held");
    desk.wait(7_999);
    assert_eq!(told(&mut desk), 0, "it begins anew");
    desk.wait(1);
    assert_eq!(told(&mut desk), 1);
    hang_up_all(&mut desk);
}

#[test]
fn the_application_hears_of_what_it_listens_for_and_of_nothing_else() {
    let mut desk = Desk::ready(config());
    talking(&mut desk);
    let call = call_of();
    let heard = |desk: &Desk| desk.events.iter().filter(|event| matches!(event, Event::Heard { .. })).count();
    desk.media_event(voice(0, None));
    assert_eq!(heard(&desk), 0);
    let tones = Listens { progress: true, ..Listens::default() };
    desk.command(Command::Listen { call, party: Side::Left, sounds: tones }).expect("it lives");
    desk.media_event(voice(0, None));
    assert_eq!(heard(&desk), 0, "voices are not asked for");
    let sounds = Listens { voice: Some(VoiceSettings::default()), ..Listens::default() };
    desk.command(Command::Listen { call, party: Side::Left, sounds }).expect("it lives");
    assert_eq!(desk.sounds[&channel(0)], sounds);
    desk.media_event(voice(0, None));
    desk.media_event(voice(4, None));
    assert_eq!(heard(&desk), 1);
    assert!(matches!(desk.events.last(), Some(Event::Heard { party: Side::Left, .. })));
    hang_up_all(&mut desk);
}

#[test]
fn keys_in_a_talk_are_blanked_where_the_configuration_says_so() {
    for (blank_keys, expected) in [(false, KeyWatch::Report), (true, KeyWatch::Blank)] {
        let mut desk = Desk::ready(callcore::exchange::Config { blank_keys, ..config() });
        desk.incoming(0, 1, "8001", "138");
        let inband = BoardEvent::Connected {
            channel: channel(0),
            call: BoardCall(1),
            supervision: Supervision::Signalled,
            inband_digits: true,
        };
        desk.board_event(inband);
        assert_eq!(desk.watched[&channel(0)], KeyWatch::Report, "nobody else hears them in the queue");
        let (index, call) = desk.made();
        desk.connected(index, call);
        assert_eq!(desk.watched[&channel(0)], expected);
        // in a conference, and on a recording
        for (line, called) in [(1, "8007"), (2, "8002")] {
            let board_call = u64::from(line) * 2 + 1;
            desk.incoming(line, board_call, called, "138");
            if called == "8002" {
                let call = desk.offered();
                desk.command(Command::Answer { call }).expect("it is the application's");
            }
            desk.board_event(BoardEvent::Connected {
                channel: channel(line),
                call: BoardCall(board_call),
                supervision: Supervision::Signalled,
                inband_digits: true,
            });
            if called == "8002" {
                assert_eq!(desk.watched[&channel(line)], KeyWatch::Report, "nobody hears them");
                let call = desk.offered();
                let record = callcore::exchange::RecordOptions::default();
                desk.command(Command::Record { call, record }).expect("it is answered");
            }
            assert_eq!(desk.watched[&channel(line)], expected, "{called}");
        }
        hang_up_all(&mut desk);
    }
}

#[test]
fn a_program_hears_and_speaks_to_its_caller() {
    let mut desk = Desk::ready(config());
    let port = ChannelId { device: DeviceId(2), index: 3 };
    desk.incoming(0, 1, "8002", "138");
    let call = desk.offered();
    desk.command(Command::ConnectAudio { call, port: Some(port) }).expect("it is the application's");
    assert!(desk.open.is_empty(), "nothing is heard before the answer");
    desk.command(Command::Answer { call }).expect("it is the application's");
    desk.connected(0, 1);
    let both = |desk: &Desk| (desk.open.get(&channel(0)).cloned(), desk.open.get(&port).cloned());
    assert_eq!(both(&desk), (Some(Hear::Channel(port)), Some(Hear::Channel(channel(0)))));
    desk.command(Command::Play { call, prompts: vec!["welcome".into()] }).expect("it is answered");
    let play = desk.playing(channel(0)).expect("prompts are heard in place of the port");
    desk.media_event(MediaEvent::PlayDone { channel: channel(0), play });
    assert_eq!(both(&desk).0, Some(Hear::Channel(port)));
    desk.incoming(1, 3, "8002", "139");
    let second = desk.offered();
    let taken =
        desk.command(Command::ConnectAudio { call: second, port: Some(port) }).expect_err("it is in use");
    assert_eq!(taken.why, Why::Busy);
    desk.command(Command::ConnectAudio { call, port: None }).expect("it is connected");
    assert_eq!(both(&desk), (Some(Hear::Nothing), None));
    // a port that is closed is not the next one's before nobody is connected with it
    desk.command(Command::ConnectAudio { call, port: Some(port) }).expect("it is free");
    desk.closes(port);
    assert_eq!((both(&desk), &desk.freed[..]), ((Some(Hear::Nothing), None), &[port][..]));
    desk.closes(port);
    assert_eq!(desk.freed.len(), 2, "one that nobody is connected with is free at once");
    hang_up_all(&mut desk);
}

#[test]
fn music_that_had_to_be_made_is_heard_when_it_is_there_and_what_is_missing_is_told() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8001", "138");
    desk.connected(0, 1);
    assert_eq!(desk.open[&channel(0)], music());
    desk.take();
    let hears = desk.hears;
    for (name, more) in [("music", 1), ("other", 1)] {
        desk.media_event(MediaEvent::MusicReady { channel: channel(0), name: name.into() });
        assert_eq!(desk.hears, hears + more, "it is told once more to hear what it is to hear");
    }
    desk.media_event(MediaEvent::MusicMissing { channel: channel(0), name: "music".into() });
    assert_eq!(desk.take(), [Fact::PromptMissing { name: "music".into() }]);
    hang_up_all(&mut desk);
}

#[test]
fn prompts_that_had_to_be_made_are_heard_when_they_are_there() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8000", "138");
    desk.connected(0, 1);
    let play = desk.playing(channel(0)).expect("the menu");
    let told = desk.hears;
    desk.media_event(MediaEvent::PlayReady { channel: channel(0), play });
    assert_eq!((desk.hears, desk.playing(channel(0))), (told + 1, Some(play)), "it is told once more");
    let other = callcore::media::PlayId(play.0 + 1);
    desk.media_event(MediaEvent::PlayReady { channel: channel(0), play: other });
    assert_eq!(desk.hears, told + 1, "of a playing that is over nothing is told");
    hang_up_all(&mut desk);
}

#[test]
fn parties_are_louder_and_softer_as_told() {
    let mut desk = Desk::ready(config());
    talking(&mut desk);
    let call = call_of();
    let gain = |party, said_db, heard_db| Command::SetGain { call, party, said_db, heard_db };
    let levels = |desk: &Desk, index| desk.levels.get(&channel(index)).copied().unwrap_or_default();
    desk.command(gain(Side::Left, 6, 0)).expect("they talk");
    desk.command(gain(Side::Right, -3, 12)).expect("they talk");
    assert_eq!((levels(&desk, 0).said_db, levels(&desk, 0).heard_db), (6, 0));
    assert_eq!((levels(&desk, 4).said_db, levels(&desk, 4).heard_db), (-3, 12));
    desk.command(Command::Mute { call, party: Side::Right, on: true }).expect("they talk");
    assert_eq!(levels(&desk, 4), Levels { said_db: -3, heard_db: 12, is_muted: true });
    for (said_db, heard_db) in [(25, 0), (0, -41)] {
        let refused = desk.command(gain(Side::Left, said_db, heard_db)).expect_err("too much");
        assert_eq!(refused.why, Why::Argument);
        assert!(refused.text.contains("use -40 to 24"), "{refused}");
    }
    // the caller stays as loud elsewhere, the other party's is the talk's
    let to = "application".parse().expect("a target");
    desk.command(Command::Transfer { call, to, by: Side::Right }).expect("they talk");
    assert_eq!(levels(&desk, 0).said_db, 6);
    assert_eq!(desk.command(gain(Side::Right, 1, 1)).expect_err("there is no other").why, Why::State);
    hang_up_all(&mut desk);
}
