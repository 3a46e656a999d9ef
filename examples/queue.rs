//! How many agents does it take? The same afternoon with 8 to 14 agents, in virtual time.
//!
//! `cargo run --release -p callcore-examples --bin queue`

use callcore::sim::{Centre, CentreConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("agents  answered  abandoned  in 20 s  mean wait  occupancy");
    for agents in 8..=14 {
        let config = CentreConfig::support(60, agents, 1).with_calls(1_000, 250.0, 150_000, 90_000);
        let mut centre = Centre::new(config).map_err(|problems| format!("{problems:?}"))?;
        centre.run_to_end()?;
        let figures = centre.final_figures();
        let total = figures.total();
        println!(
            "{agents:>6}  {:>8}  {:>9}  {:>5.1} %  {:>7.1} s  {:>7.1} %",
            total.answered,
            total.abandoned,
            100.0 * total.service_level().unwrap_or(1.0),
            total.answer_ms_mean().unwrap_or(0.0) / 1000.0,
            100.0 * figures.agents_total().occupancy().unwrap_or(0.0),
        );
    }
    Ok(())
}
