//! The difference of two plans, as the commands that lead from one to the other.

use super::command::MediaCommand;
use super::plan::{Hear, LegPlan, Plan};
use crate::board::ChannelId;

/// Commands that turn `old` into `new`: endings first, so that nobody hears what he should no longer hear.
#[must_use]
pub fn diff(old: &Plan, new: &Plan) -> Vec<MediaCommand> {
    let mut commands = Vec::new();
    diff_recording(old, new, &mut commands);
    for leg in old.legs.iter().filter(|leg| new.leg(leg.channel).is_none()) {
        commands.push(MediaCommand::Close { channel: leg.channel });
    }
    for leg in &new.legs {
        diff_leg(old.leg(leg.channel), leg, &mut commands);
    }
    if let Some(recording) =
        new.recording.as_ref().filter(|recording| old.recording.as_ref() != Some(recording))
    {
        commands.push(MediaCommand::Record(recording.clone()));
    }
    commands
}

fn diff_recording(old: &Plan, new: &Plan, commands: &mut Vec<MediaCommand>) {
    let Some(was) = &old.recording else { return };
    if new.recording.as_ref().is_none_or(|is| is.id != was.id) {
        commands.push(MediaCommand::StopRecord { id: was.id });
    }
}

fn diff_leg(old: Option<&LegPlan>, new: &LegPlan, commands: &mut Vec<MediaCommand>) {
    let channel = new.channel;
    let nothing = LegPlan::new(channel, Hear::Nothing);
    if old.is_none() {
        commands.push(MediaCommand::Open { channel });
    }
    let old = old.unwrap_or(&nothing);
    // what a leg says is as it should be before anybody hears it
    if old.levels != new.levels {
        commands.push(MediaCommand::Levels { channel, levels: new.levels });
    }
    if old.listen != new.listen {
        commands.push(MediaCommand::Listen { channel, listen: new.listen.clone() });
    }
    commands.extend(diff_hear(channel, &old.hear, &new.hear));
}

fn diff_hear(channel: ChannelId, old: &Hear, new: &Hear) -> Option<MediaCommand> {
    match (old, new) {
        (old, new) if old == new => None,
        (Hear::Prompts { play: was, names: had, .. }, Hear::Prompts { play, names, transport, .. })
            if was == play && had == names =>
        {
            Some(MediaCommand::Transport { channel, play: *play, transport: *transport })
        }
        _ => Some(MediaCommand::Hear { channel, source: new.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Rng, Slab};
    use crate::media::plan::{
        Jump, KeyWatch, Levels, Listen, PlayId, Recording, RecordingId, RecordingKind, Role, RoomId,
        RoomKind, Seat, Tap, Tone, Transport,
    };
    use std::collections::BTreeMap;

    /// What an engine would hold; it takes no command that an engine would refuse.
    #[derive(Debug, Default, PartialEq)]
    struct Model {
        channels: BTreeMap<ChannelId, LegPlan>,
        recordings: BTreeMap<RecordingId, Recording>,
    }

    impl Model {
        fn of(plan: &Plan) -> Self {
            let channels = plan.legs.iter().map(|leg| (leg.channel, leg.clone()));
            let recordings = plan.recording.iter().map(|recording| (recording.id, recording.clone()));
            Self { channels: channels.collect(), recordings: recordings.collect() }
        }

        fn leg(&mut self, channel: ChannelId) -> &mut LegPlan {
            self.channels.get_mut(&channel).expect("it is open")
        }

        fn apply(&mut self, command: MediaCommand) {
            match command {
                MediaCommand::Open { channel } => {
                    let leg = LegPlan::new(channel, Hear::Nothing);
                    assert!(self.channels.insert(channel, leg).is_none(), "opened twice");
                }
                MediaCommand::Close { channel } => {
                    assert!(self.channels.remove(&channel).is_some(), "not open")
                }
                MediaCommand::Hear { channel, source } => self.leg(channel).hear = source,
                MediaCommand::Transport { channel, play, transport: new } => {
                    match &mut self.leg(channel).hear {
                        Hear::Prompts { play: now, transport, .. } if *now == play => *transport = new,
                        other => panic!("{other:?} is not this playing"),
                    }
                }
                MediaCommand::Listen { channel, listen } => self.leg(channel).listen = listen,
                MediaCommand::Levels { channel, levels } => self.leg(channel).levels = levels,
                MediaCommand::Record(recording) => {
                    self.recordings.insert(recording.id, recording);
                }
                MediaCommand::SendDigits { .. } | MediaCommand::FreePort { .. } => {
                    panic!("no difference does that")
                }
                MediaCommand::StopRecord { id } => {
                    assert!(self.recordings.remove(&id).is_some(), "not recording")
                }
            }
        }
    }

    fn random_channel(rng: &mut Rng) -> ChannelId {
        ChannelId::new(rng.below(2) as u16, rng.below(3) as u32)
    }

    fn random_plan(rng: &mut Rng, recordings: &[RecordingId]) -> Plan {
        let mut plan = Plan::default();
        for _ in 0..rng.below(6) {
            let mut leg = LegPlan::new(random_channel(rng), random_hear(rng));
            leg.listen =
                Listen::keys([KeyWatch::Pass, KeyWatch::Report, KeyWatch::Blank][rng.below(3) as usize]);
            leg.levels = Levels { said_db: rng.below(2) as i8, heard_db: 0, is_muted: rng.chance(300) };
            if plan.leg(leg.channel).is_none() {
                plan.legs.push(leg);
            }
        }
        if rng.chance(600) {
            let id = recordings[rng.below(recordings.len() as u64) as usize];
            plan.recording = Some(Recording {
                id,
                left: Tap::said(random_channel(rng)),
                right: rng.chance(500).then(|| Tap::said(random_channel(rng))),
                path: "a.wav".into(),
                is_masked: rng.chance(300),
            });
        }
        plan
    }

    fn random_hear(rng: &mut Rng) -> Hear {
        match rng.below(6) {
            0 => Hear::Nothing,
            1 => Hear::Prompts {
                play: PlayId(rng.below(3)),
                names: ["welcome".into()].into(),
                language: None,
                transport: Transport {
                    jumps: rng.below(2) as u32,
                    jump: Jump::By(-5000),
                    ..Transport::default()
                },
            },
            2 => Hear::Music(["slow", "fast"][rng.below(2) as usize].into()),
            3 => Hear::Tone([Tone::Busy, Tone::Ringback][rng.below(2) as usize]),
            4 => Hear::Channel(ChannelId::new(0, rng.below(3) as u32)),
            _ => {
                let mut rooms: Slab<RoomKind, ()> = Slab::new(1);
                let room: RoomId = rooms.insert(|_| ()).expect("there is room");
                Hear::Room(Seat { room, role: [Role::Talk, Role::Listen][rng.below(2) as usize] })
            }
        }
    }

    #[test]
    fn the_difference_leads_from_any_plan_to_any_other() {
        let mut slab: Slab<RecordingKind, ()> = Slab::new(3);
        let recordings: Vec<RecordingId> = (0..3).filter_map(|_| slab.insert(|_| ())).collect();
        let mut rng = Rng::new(17);
        let mut old = Plan::default();
        let mut model = Model::default();
        for _ in 0..20_000 {
            let new = random_plan(&mut rng, &recordings);
            diff(&old, &new).into_iter().for_each(|command| model.apply(command));
            assert_eq!(model, Model::of(&new), "from {old:?}");
            old = new;
        }
    }

    #[test]
    fn no_difference_is_no_command_and_a_changed_track_is_one() {
        let mut slab: Slab<RecordingKind, ()> = Slab::new(1);
        let id = slab.insert(|_| ()).expect("there is room");
        let mut rng = Rng::new(18);
        for _ in 0..1000 {
            let plan = random_plan(&mut rng, &[id]);
            assert_eq!(diff(&plan, &plan), []);
            let mut changed = plan.clone();
            if let Some(recording) = &mut changed.recording {
                recording.right = Some(Tap::said(ChannelId::new(9, 9)));
                let expected = changed.recording.clone().map(MediaCommand::Record);
                assert_eq!(diff(&plan, &changed), Vec::from_iter(expected), "it goes on in the same file");
            }
        }
    }

    #[test]
    fn endings_come_before_beginnings() {
        let mut slab: Slab<RecordingKind, ()> = Slab::new(3);
        let recordings: Vec<RecordingId> = (0..3).filter_map(|_| slab.insert(|_| ())).collect();
        let mut rng = Rng::new(19);
        for _ in 0..5000 {
            let (old, new) = (random_plan(&mut rng, &recordings), random_plan(&mut rng, &recordings));
            let is_end =
                |c: &MediaCommand| matches!(c, MediaCommand::Close { .. } | MediaCommand::StopRecord { .. });
            let commands = diff(&old, &new);
            let ends = commands.iter().take_while(|command| is_end(command)).count();
            assert!(!commands[ends..].iter().any(is_end), "{commands:?}");
        }
    }
}
