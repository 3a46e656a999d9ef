//! The scenes of telephony, each with whom every party has to hear.

use crate::stage::{HEARD_DB, MUSIC_HZ, NAMES, NOT_HEARD_DB, PARTIES, PROMPT_HZ, channel, hz, level_db};
use callcore::media::scene::{Participation, Supervised};
use callcore::media::{Plan, Role, RoomId};
use callcore_codec::Format;

/// A line of the table: a plan, and who is on it.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) plan: Plan,
    /// Of each party that is there.
    pub(crate) hears: Vec<Heard>,
}

pub(crate) fn scene(name: &'static str, plan: Plan, hears: &[(usize, &'static [usize], bool)]) -> Scene {
    let heard = |(listener, parties, music): &(usize, &'static [usize], bool)| Heard {
        listener: *listener,
        parties,
        other: if *music { "music" } else { "" },
    };
    Scene { name, plan, hears: hears.iter().map(heard).collect() }
}

pub(crate) fn scenes(room: RoomId) -> Vec<Scene> {
    [scenes_of_two_and_three(room), scenes_of_supervision(room), scenes_of_conferences(room)]
        .into_iter()
        .flatten()
        .collect()
}

pub(crate) fn scenes_of_two_and_three(room: RoomId) -> Vec<Scene> {
    let [caller, agent, third] = [0, 1, 2].map(channel);
    let all = [(caller, Role::Talk), (agent, Role::Talk), (third, Role::Talk)];
    vec![
        scene("talk", Plan::talk(caller, agent), &[(0, &[1], false), (1, &[0], false)]),
        scene("hold", Plan::hold(caller, agent, Some("music")), &[(0, &[], true), (1, &[], false)]),
        scene("hold, no music", Plan::hold(caller, agent, None), &[(0, &[], false), (1, &[], false)]),
        scene("retrieve", Plan::talk(caller, agent), &[(0, &[1], false), (1, &[0], false)]),
        scene(
            "mute agent",
            Plan::talk(caller, agent).with_muted(agent, true),
            &[(0, &[], false), (1, &[0], false)],
        ),
        scene("park", Plan::park(caller, Some("music")), &[(0, &[], true)]),
        scene("pick up", Plan::talk(caller, third), &[(0, &[2], false), (2, &[0], false)]),
        scene(
            "consult",
            Plan::consult(caller, agent, third, Some("music")),
            &[(0, &[], true), (1, &[2], false), (2, &[1], false)],
        ),
        scene(
            "conference of 3",
            Plan::conference(room, &all),
            &[(0, &[1, 2], false), (1, &[0, 2], false), (2, &[0, 1], false)],
        ),
        scene("transfer", Plan::talk(caller, third), &[(0, &[2], false), (2, &[0], false)]),
    ]
}

pub(crate) fn scenes_of_supervision(room: RoomId) -> Vec<Scene> {
    let three = Supervised { room, caller: channel(0), agent: channel(1), supervisor: channel(3) };
    vec![
        scene(
            "listen",
            Plan::supervised(three, Participation::Listen),
            &[(0, &[1], false), (1, &[0], false), (3, &[0, 1], false)],
        ),
        scene(
            "whisper",
            Plan::supervised(three, Participation::Whisper),
            &[(0, &[1], false), (1, &[0, 3], false), (3, &[0, 1], false)],
        ),
        scene(
            "barge",
            Plan::supervised(three, Participation::Barge),
            &[(0, &[1, 3], false), (1, &[0, 3], false), (3, &[0, 1], false)],
        ),
        scene("intercept", Plan::intercept(three), &[(0, &[3], false), (1, &[], false), (3, &[0], false)]),
    ]
}

pub(crate) fn scenes_of_conferences(room: RoomId) -> Vec<Scene> {
    let all = [0, 1, 2, 3, 4].map(|party| (channel(party), Role::Talk));
    let panel = [(0, Role::Moderate), (1, Role::Talk), (2, Role::Listen), (4, Role::Listen)];
    let panel = panel.map(|(party, role)| (channel(party), role));
    vec![
        scene(
            "conference of 5",
            Plan::conference(room, &all),
            &[
                (0, &[1, 2, 3, 4], false),
                (1, &[0, 2, 3, 4], false),
                (2, &[0, 1, 3, 4], false),
                (3, &[0, 1, 2, 4], false),
                (4, &[0, 1, 2, 3], false),
            ],
        ),
        scene(
            "host mutes one",
            Plan::conference(room, &all[..4]).with_muted(channel(2), true),
            &[(0, &[1, 3], false), (1, &[0, 3], false), (2, &[0, 1, 3], false), (3, &[0, 1], false)],
        ),
        scene(
            "host drops one",
            Plan::conference(room, &[all[0], all[1], all[3]]),
            &[(0, &[1, 3], false), (1, &[0, 3], false), (3, &[0, 1], false)],
        ),
        scene(
            "panel",
            Plan::conference(room, &panel),
            &[(0, &[1], false), (1, &[0], false), (2, &[0, 1], false), (4, &[0, 1], false)],
        ),
    ]
}

/// What a party that is there is to hear.
#[derive(Clone, Copy)]
pub(crate) struct Heard {
    pub(crate) listener: usize,
    pub(crate) parties: &'static [usize],
    /// `music`, `prompt`, or nothing besides.
    pub(crate) other: &'static str,
}

/// One line for each listener, and what is wrong with it.
pub(crate) fn judge(scene: &str, hears: &[Heard], heard: &[Vec<i16>], formats: &[Format]) -> Vec<String> {
    let mut wrong = Vec::new();
    for Heard { listener, parties, other } in hears {
        let (samples, rate) = (&heard[*listener], f64::from(formats[*listener].rate().hz()));
        print!("{scene:22} {:8}", NAMES[*listener]);
        let mut look = |name: &str, hz: f64, is_heard: bool| {
            let db = level_db(samples, hz, rate);
            print!(" {:>9}", if db < NOT_HEARD_DB { "-".to_owned() } else { format!("{db:+.2} dB") });
            if if is_heard { db.abs() > HEARD_DB } else { db > NOT_HEARD_DB } {
                wrong.push(format!("{scene}: {} hears {name} at {db:.1} dB", NAMES[*listener]));
            }
        };
        (0..PARTIES).for_each(|party| look(NAMES[party], hz(party), parties.contains(&party)));
        look("music", MUSIC_HZ, *other == "music");
        look("prompt", PROMPT_HZ, *other == "prompt");
        println!();
    }
    wrong
}
