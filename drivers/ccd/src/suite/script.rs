//! Random commands that a host could give, from a seed.

use crate::check::Stop;
use crate::session::{Session, make};
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Function};
use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::collections::BTreeMap;
use std::time::Duration;

/// Chance from a seed.
pub(super) struct Chance(Xoshiro256PlusPlus);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// Below `n`.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n.max(1)
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len() as u64) as usize)
    }
}

/// Calls that are not released, with their channels: from what was posted.
pub(super) fn live_calls(session: &Session<'_>) -> BTreeMap<ccd_call, u32> {
    let mut live = BTreeMap::new();
    for seen in session.host().since(session.begun()) {
        let event = seen.event();
        match event.kind() {
            CCD_EV_RELEASED => drop(live.remove(&event.call())),
            CCD_EV_INCOMING..=CCD_EV_RETRIEVED if event.call() != 0 => {
                live.insert(event.call(), event.chan());
            }
            _ => {}
        }
    }
    live
}

/// Clears all calls that there are, and waits for their ends.
///
/// # Errors
/// One does not end.
pub(super) fn drop_all(session: &mut Session<'_>) -> Result<(), Stop> {
    for call in live_calls(session).into_keys() {
        session.drop_call(call, 16);
    }
    for call in live_calls(session).into_keys() {
        // a call that came in meanwhile, too
        session.drop_call(call, 16);
        session.require_released(call, "was dropped")?;
    }
    Ok(())
}

/// A command for a device in this state, or a rest.
fn command(session: &mut Session<'_>, chance: &mut Chance) -> Option<Command> {
    let live: Vec<(ccd_call, u32)> = live_calls(session).into_iter().collect();
    let channel = chance.below(session.channels().len() as u64) as u32;
    let some = |chance: &mut Chance| chance.pick(&live).map_or(999_998, |(call, _)| *call);
    Some(match chance.below(12) {
        0 | 1 => {
            let (dial, call) = (session.subject().dial.clone(), session.new_call());
            make(channel, call, &dial.called, dial.via)
        }
        2 => Command::Answer { call: some(chance) },
        3 | 4 => Command::Drop { call: some(chance), q850: chance.below(130) as u16 },
        5 => Command::Hold { call: some(chance), on: chance.below(2) == 1 },
        6 => Command::Accept { call: some(chance), step: 1 + chance.below(4) as i32 },
        7 => {
            let digits = ["1", "0*#", "ABCD", "1234567890"][chance.below(4) as usize].to_owned();
            Command::SendDigits { channel, kind: i32::from(CCD_DIGIT_DTMF), digits, on_ms: 0, off_ms: 0 }
        }
        8 => Command::Replay { channel },
        9 => Command::Enable { channel, on: chance.below(2) == 1 },
        10 => Command::Drop { call: 1_000_000, q850: 16 },
        _ => return None,
    })
}

/// Gives `steps` commands, each offered by the driver, with a few frames between them; then clears all calls.
///
/// # Errors
/// A call does not end.
pub(super) fn random(session: &mut Session<'_>, chance: &mut Chance, steps: usize) -> Result<usize, Stop> {
    let has_acts = session.has_acts();
    let mut given = 0;
    for _ in 0..steps {
        match command(session, chance) {
            Some(command) if session.offers(command.function()) => {
                session.command(&command);
                given += 1;
            }
            _ if has_acts => act(session, chance),
            _ => {}
        }
        session.run(Duration::from_millis(20 * chance.below(3)));
    }
    for channel in 0..session.channels().len() as u32 {
        if session.offers(Function::Service) {
            session.command(&Command::Service { channel, in_service: true });
        }
    }
    drop_all(session)?;
    session.run(Duration::from_millis(60));
    Ok(given)
}

/// Somebody does something that may or may not be possible now.
fn act(session: &mut Session<'_>, chance: &mut Chance) {
    let channel = chance.below(session.channels().len() as u64);
    let verb =
        ["calls 1000 from 13800000000", "answers", "hangs up", "digits 12#", "holds", "retrieves", "rejects"];
    let line = format!("channel {channel} {}", verb[chance.below(verb.len() as u64) as usize]);
    let _ = session.act(&line);
}
