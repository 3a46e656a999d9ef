//! `simulate`: many calls through the live exchange in virtual time.

use crate::cli::SimulateArgs;
use crate::output::{End, duration, percent, say};
use callcore::ledger::Outcome;
use callcore::sim::{Broken, Centre, CentreConfig};
use serde_json::json;
use std::io::IsTerminal;
use std::time::Instant;

const TALK_MS: u64 = 180_000;
const PATIENCE_MS: u64 = 120_000;
/// Ringing and notes around each talk, as the preset has them.
const AROUND_TALK_MS: u64 = 13_000;
/// How busy the agents are meant to be, in per cent of their time.
const LOAD_PERCENT: u64 = 90;

/// Run all calls to their end, print what came of them.
pub(crate) fn run(args: &SimulateArgs) -> Result<(), End> {
    let trunks = args.agents.saturating_mul(2).saturating_add(16);
    let per_hour = u64::from(args.agents) * 3_600_000 * LOAD_PERCENT / 100 / (TALK_MS + AROUND_TALK_MS);
    let config = CentreConfig::support(trunks, args.agents, args.seed);
    let config = config.with_calls(args.calls, per_hour as f64, TALK_MS, PATIENCE_MS);
    let mut centre =
        Centre::new(config).map_err(|problems| End::failed(format!("the preset is wrong: {problems:?}")))?;
    let begin = Instant::now();
    run_with_progress(&mut centre, args.calls)
        .map_err(|broken| End::failed(format!("a promise is broken: {broken}")))?;
    let took_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    if args.json {
        print_json(args, &mut centre)
    } else {
        print_table(args, &mut centre, took_ms)
    }
    Ok(())
}

/// Steps between two looks at the clock.
const STEPS: u32 = 100_000;

/// Run to the end; on a terminal, what takes longer than a second says how far it is.
fn run_with_progress(centre: &mut Centre, calls: u64) -> Result<(), Broken> {
    let (begin, shows) = (Instant::now(), std::io::stderr().is_terminal());
    let mut shown = false;
    loop {
        for _ in 0..STEPS {
            if !centre.step()? {
                if shown {
                    eprintln!();
                }
                return centre.run_to_end();
            }
        }
        if shows && begin.elapsed().as_secs() >= 1 {
            shown = true;
            let per_second = centre.records_count() as f64 / begin.elapsed().as_secs_f64();
            eprint!("\r{} of {calls} calls, {per_second:.0} a second ", centre.records_count());
        }
    }
}

/// Nothing in it depends on the machine, so two runs can be compared.
fn print_json(args: &SimulateArgs, centre: &mut Centre) {
    let virtual_ms = centre.now().instant.as_millis();
    let digest = centre.digest();
    let records = centre.records_count();
    let figures = centre.final_figures();
    let total = figures.total();
    let result = json!({
        "calls": args.calls,
        "agents": args.agents,
        "seed": args.seed,
        "virtual_ms": virtual_ms,
        "records": records,
        "outcomes": figures.calls().ended,
        "queue": total,
        "service_level": total.service_level(),
        "abandon_rate": total.abandon_rate(),
        "answer_ms_mean": total.answer_ms_mean(),
        "talk_ms_mean": total.talk_ms_mean(),
        "occupancy": figures.agents_total().occupancy(),
        "ledger_digest": digest,
    });
    say!("{result:#}");
}

fn print_table(args: &SimulateArgs, centre: &mut Centre, took_ms: u64) {
    let virtual_ms = centre.now().instant.as_millis();
    let digest = centre.digest();
    let figures = centre.final_figures();
    let (calls, total) = (figures.calls(), figures.total());
    say!(
        "{} calls to {} agents: {} of virtual time in {}.{:03} s, {} calls a second\n",
        args.calls,
        args.agents,
        duration(virtual_ms),
        took_ms / 1000,
        took_ms % 1000,
        args.calls * 1000 / took_ms.max(1)
    );
    let outcomes = [
        (Outcome::AnsweredByAgent, "answered by an agent"),
        (Outcome::SelfService, "served by the menu alone"),
        (Outcome::Abandoned, "abandoned in the queue"),
        (Outcome::NotAnswered, "not answered"),
        (Outcome::Refused, "refused"),
        (Outcome::Failed, "failed"),
    ];
    for (outcome, words) in outcomes.into_iter().filter(|(outcome, _)| calls.of(*outcome) > 0) {
        let count = calls.of(outcome);
        say!("  {words:<26}{count:>9}  {:>6}", percent(Some(count as f64 / calls.begun as f64)));
    }
    let seconds = |ms: Option<f64>| ms.map_or("-".to_owned(), |ms| format!("{:.1} s", ms / 1000.0));
    say!("\n  {:<26}{:>9}", "offered to the queue", total.offered);
    say!("  {:<26}{:>9}", "service level (20 s)", percent(total.service_level()));
    say!("  {:<26}{:>9}", "mean wait (ASA)", seconds(total.answer_ms_mean()));
    say!("  {:<26}{:>9}", "longest wait", seconds(Some(total.wait_ms_max as f64)));
    say!("  {:<26}{:>9}", "mean talk", seconds(total.talk_ms_mean()));
    say!("  {:<26}{:>9}", "agents' occupancy", percent(figures.agents_total().occupancy()));
    say!("\n  seed {}, ledger digest {digest}: the same each time", args.seed);
}
