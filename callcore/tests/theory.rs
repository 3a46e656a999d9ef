//! The simulated centre against queueing theory: what Erlang B, C and A say lies inside the interval of what many seeds gave.
#![cfg(feature = "sim")]

use callcore::acd::erlang;
use callcore::call::{Dequeue, Fact, Target};
use callcore::sim::model::Dist;
use callcore::sim::{Centre, CentreConfig};

const TALK_MS: u64 = 150_000;
const SEEDS: u64 = 10;
/// Calls of one seed; `CALLCORE_CALLS` asks for more, and the intervals shrink with their root.
const CALLS: u64 = 2_000;
/// Student's t for nine degrees of freedom, 99 % on both sides.
const T99: f64 = 3.250;

/// Callers to a queue without a menu, agents who answer at once and write no notes: M/M/N.
fn centre(load: f64, trunks: u32, agents: u32, patience: Dist, calls: u64, seed: u64) -> Centre {
    let per_hour = load * 3_600_000.0 / TALK_MS as f64;
    let mut config = CentreConfig::support(trunks, agents, seed).with_calls(calls, per_hour, TALK_MS, 1);
    config.exchange.route[0].to = Target::Queue("support".into());
    config.exchange.queue[0].wrap_up_ms = 0;
    config.world.caller.patience_ms = patience;
    config.world.caller.digits.clear();
    config.world.caller.hangs_up_share = 0.0;
    config.world.agent.answer_after_ms = Dist::Fixed(0);
    config.keep_entries = true;
    Centre::new(config).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn calls() -> u64 {
    std::env::var("CALLCORE_CALLS").ok().and_then(|text| text.parse().ok()).unwrap_or(CALLS)
}

/// How each wait ended, and after how many milliseconds.
fn waits(mut centre: Centre) -> Vec<(Dequeue, u64)> {
    let mut waits = Vec::new();
    while centre.step().unwrap_or_else(|broken| panic!("{broken}")) {
        waits.extend(centre.take_entries().into_iter().filter_map(|entry| match entry.fact {
            Fact::Dequeued { end, wait_ms, .. } => Some((end, wait_ms)),
            _ => None,
        }));
    }
    waits
}

fn share(waits: &[(Dequeue, u64)], wanted: impl Fn(&(Dequeue, u64)) -> bool) -> f64 {
    waits.iter().filter(|wait| wanted(wait)).count() as f64 / waits.len() as f64
}

/// The theory's value lies in the 99 % interval of the seeds' values, and the interval is narrow enough to mean something.
fn agree(name: &str, values: &[f64], theory: f64, width_max: f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let half = T99 * (variance / n).sqrt();
    println!("{name}: {mean:.4} +- {half:.4}, theory {theory:.4}");
    assert!((mean - theory).abs() <= half, "{name}: {mean} +- {half}, theory {theory}");
    assert!(half <= width_max, "{name}: +- {half} says nothing");
}

/// Proves: A15.5 in part (the formula's seats, by theory and by simulation)
#[test]
fn waits_are_as_erlang_c_has_them() {
    let (load, agents) = (11.25, 16);
    let runs: Vec<_> =
        (0..SEEDS).map(|seed| waits(centre(load, 80, agents, Dist::Never, 2 * calls(), seed))).collect();
    let of = |wanted: fn(&[(Dequeue, u64)]) -> f64| runs.iter().map(|run| wanted(run)).collect::<Vec<_>>();
    let waited = of(|run| share(run, |(_, ms)| *ms > 0));
    let within = of(|run| share(run, |(_, ms)| *ms <= 20_000));
    let seconds = of(|run| run.iter().map(|(_, ms)| *ms as f64 / 1e3).sum::<f64>() / run.len() as f64);
    let talk_ms = TALK_MS as f64;
    agree("share that waits", &waited, erlang::erlang_c(load, agents), 0.05);
    agree("answered in 20 s", &within, erlang::service_level(load, agents, talk_ms, 20_000.0), 0.04);
    let theory = erlang::answer_ms_mean(load, agents, talk_ms).expect("it is bounded") / 1e3;
    agree("mean wait in s", &seconds, theory, 3.0);
}

#[test]
fn callers_give_up_as_erlang_a_has_it() {
    let (load, agents, patience_ms) = (17.0, 16, 60_000);
    let patience = Dist::Exponential(patience_ms);
    let runs: Vec<_> =
        (0..SEEDS).map(|seed| waits(centre(load, 120, agents, patience, calls(), seed))).collect();
    let of = |wanted: fn(&[(Dequeue, u64)]) -> f64| runs.iter().map(|run| wanted(run)).collect::<Vec<_>>();
    let theory = erlang::erlang_a(load, agents, TALK_MS as f64, patience_ms as f64);
    agree(
        "share that gives up",
        &of(|run| share(run, |(end, _)| *end == Dequeue::Abandoned)),
        theory.abandons,
        0.03,
    );
    agree("share that waits", &of(|run| share(run, |(_, ms)| *ms > 0)), theory.waits, 0.05);
    let seconds = of(|run| run.iter().map(|(_, ms)| *ms as f64 / 1e3).sum::<f64>() / run.len() as f64);
    agree("mean wait in s", &seconds, theory.wait_ms_mean / 1e3, 2.0);
}

/// Proves: A7.8 in part (call loss by full trunks, as theory has it)
#[test]
fn full_trunks_lose_calls_as_erlang_b_has_it() {
    let (load, trunks, calls) = (7.0, 10, calls());
    let lost = |seed| {
        // as many agents as lines: nobody waits, a call that gets in is answered
        let mut centre = centre(load, trunks, trunks, Dist::Never, calls, seed);
        centre.run_to_end().unwrap_or_else(|broken| panic!("{broken}"));
        1.0 - centre.records_count() as f64 / calls as f64
    };
    let shares: Vec<_> = (0..SEEDS).map(lost).collect();
    agree("share that is lost", &shares, erlang::erlang_b(load, trunks), 0.02);
}
