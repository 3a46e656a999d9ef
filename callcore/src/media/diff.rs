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
