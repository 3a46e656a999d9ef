//! The difference of two plans, as the commands that lead from one to the other.

use super::command::MediaCommand;
use super::plan::{Hear, LegPlan, Plan};

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
    if old.is_none() {
        commands.push(MediaCommand::Open { channel });
    }
    if old.map_or(&Hear::Nothing, |leg| &leg.hear) != &new.hear {
        commands.push(MediaCommand::Hear { channel, source: new.hear.clone() });
    }
    if old.is_some_and(|leg| leg.detect_digits) != new.detect_digits {
        commands.push(MediaCommand::DetectDigits { channel, on: new.detect_digits });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Rng, Slab};
    use crate::board::ChannelId;
    use crate::media::plan::{PlayId, Recording, RecordingId, RecordingKind, Tone};
    use std::collections::BTreeMap;

    /// What an engine would hold; it takes no command that an engine would refuse.
    #[derive(Debug, Default, PartialEq)]
    struct Model {
        channels: BTreeMap<ChannelId, (Hear, bool)>,
        recordings: BTreeMap<RecordingId, Recording>,
    }

    impl Model {
        fn of(plan: &Plan) -> Self {
            let channels = plan.legs.iter().map(|leg| (leg.channel, (leg.hear.clone(), leg.detect_digits)));
            let recordings = plan.recording.iter().map(|recording| (recording.id, recording.clone()));
            Self { channels: channels.collect(), recordings: recordings.collect() }
        }

        fn apply(&mut self, command: MediaCommand) {
            match command {
                MediaCommand::Open { channel } => {
                    assert!(self.channels.insert(channel, (Hear::Nothing, false)).is_none(), "opened twice");
                }
                MediaCommand::Close { channel } => {
                    assert!(self.channels.remove(&channel).is_some(), "not open")
                }
                MediaCommand::Hear { channel, source } => {
                    self.channels.get_mut(&channel).expect("it is open").0 = source;
                }
                MediaCommand::DetectDigits { channel, on } => {
                    self.channels.get_mut(&channel).expect("it is open").1 = on;
                }
                MediaCommand::Record(recording) => {
                    self.recordings.insert(recording.id, recording);
                }
                MediaCommand::SendDigits { .. } => panic!("no difference sends keys"),
                MediaCommand::StopRecord { id } => {
                    assert!(self.recordings.remove(&id).is_some(), "not recording")
                }
            }
        }
    }

    fn random_plan(rng: &mut Rng, recordings: &[RecordingId]) -> Plan {
        let channel = |rng: &mut Rng| ChannelId::new(rng.below(2) as u16, rng.below(3) as u32);
        let mut plan = Plan::default();
        for _ in 0..rng.below(6) {
            let leg =
                LegPlan { channel: channel(rng), hear: random_hear(rng), detect_digits: rng.chance(500) };
            if plan.leg(leg.channel).is_none() {
                plan.legs.push(leg);
            }
        }
        if rng.chance(600) {
            let id = recordings[rng.below(recordings.len() as u64) as usize];
            plan.recording = Some(Recording {
                id,
                left: channel(rng),
                right: rng.chance(500).then(|| channel(rng)),
                path: "a.wav".into(),
            });
        }
        plan
    }

    fn random_hear(rng: &mut Rng) -> Hear {
        match rng.below(5) {
            0 => Hear::Nothing,
            1 => Hear::Prompts { play: PlayId(rng.below(3)), names: ["welcome".into()].into() },
            2 => Hear::Music(["slow", "fast"][rng.below(2) as usize].into()),
            3 => Hear::Tone([Tone::Busy, Tone::Ringback][rng.below(2) as usize]),
            _ => Hear::Channel(ChannelId::new(0, rng.below(3) as u32)),
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
                recording.right = Some(ChannelId::new(9, 9));
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
