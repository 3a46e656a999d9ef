//! Queueing theory of telephone traffic: Erlang B (blocked calls are lost), C (callers wait for ever), A (they give up).
//!
//! Load is in Erlang: arrivals per unit of time times the mean time each keeps a server. Arrivals are Poisson, times to
//! serve and patience exponential. The simulator is held against these formulas, and staffing is reckoned with them.
//!
//! A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
//! exchanges" (1917); C. Palm (1957) for impatient callers.

/// The share of calls that find all servers taken and are lost (Erlang B). 1 for no servers.
///
/// `B(0) = 1`, `B(n) = a B(n-1) / (n + a B(n-1))`: no factorials, so it holds for thousands of servers.
#[must_use]
pub fn erlang_b(load: f64, servers: u32) -> f64 {
    (1..=servers).fold(1.0, |blocked, n| load * blocked / (f64::from(n) + load * blocked))
}

/// The share of callers who have to wait, when all do as long as it takes (Erlang C). 1 if the load is too much for ever.
#[must_use]
pub fn erlang_c(load: f64, agents: u32) -> f64 {
    let occupancy = load / f64::from(agents);
    if agents == 0 || occupancy >= 1.0 {
        return 1.0;
    }
    let blocked = erlang_b(load, agents);
    blocked / (1.0 - occupancy * (1.0 - blocked))
}

/// The mean wait of all callers, those who need not wait too, in milliseconds (average speed of answer). `None`: without
/// bound. `talk_ms` is the mean time an agent has with a caller, wrap-up included.
#[must_use]
pub fn answer_ms_mean(load: f64, agents: u32, talk_ms: f64) -> Option<f64> {
    let spare = f64::from(agents) - load;
    (spare > 0.0).then(|| erlang_c(load, agents) * talk_ms / spare)
}

/// The share of callers who are answered within `within_ms` (service level), when nobody gives up.
#[must_use]
pub fn service_level(load: f64, agents: u32, talk_ms: f64, within_ms: f64) -> f64 {
    let spare = f64::from(agents) - load;
    if spare <= 0.0 {
        return 0.0;
    }
    1.0 - erlang_c(load, agents) * (-spare * within_ms / talk_ms).exp()
}

/// The fewest agents with whom at least `level` (0 to 1) of the callers are answered within `within_ms`.
#[must_use]
pub fn agents_for(load: f64, talk_ms: f64, within_ms: f64, level: f64) -> u32 {
    let enough = |agents: &u32| service_level(load, *agents, talk_ms, within_ms) >= level.min(1.0 - 1e-9);
    // with load + 40 sqrt(load) + 40 agents hardly anybody ever waits
    let most = load + 40.0 * load.sqrt() + 40.0;
    (0..=most as u32).find(enough).unwrap_or(most as u32)
}

/// The load that so many servers carry with this share of calls lost, in Erlang (the inverse of Erlang B).
#[must_use]
pub fn load_for(servers: u32, blocked: f64) -> f64 {
    let (mut low, mut high) = (0.0, 2.0 * f64::from(servers) / (1.0 - blocked).max(1e-6) + 1.0);
    // 100 halvings are more than a double has bits
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if erlang_b(middle, servers) < blocked { low = middle } else { high = middle }
    }
    low
}

/// What callers live through who give up after a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impatient {
    /// The share that finds all agents taken.
    pub waits: f64,
    /// The share that gives up.
    pub abandons: f64,
    /// The mean wait of all callers, whether answered or not, in milliseconds.
    pub wait_ms_mean: f64,
}

/// Callers whose patience is exponential with a mean of `patience_ms` (Erlang A, M/M/N+M).
///
/// The birth-and-death chain is summed outwards from the state in which all agents just talk, so nothing overflows.
#[must_use]
pub fn erlang_a(load: f64, agents: u32, talk_ms: f64, patience_ms: f64) -> Impatient {
    let agents_f = f64::from(agents);
    let (mut below, mut weight) = (0.0, 1.0);
    for busy in (1..=agents).rev() {
        weight *= f64::from(busy) / load;
        below += weight;
    }
    let (mut full, mut waiting) = (1.0, 0.0);
    let (mut weight, mut in_queue) = (1.0, 0.0);
    while weight > full * 1e-15 || in_queue < load {
        in_queue += 1.0;
        weight *= load / (agents_f + in_queue * talk_ms / patience_ms);
        full += weight;
        waiting += weight * in_queue;
    }
    let all = below + full;
    let queue_mean = waiting / all;
    // Little: so many wait on average, and so many of them give up per arrival
    Impatient {
        waits: full / all,
        abandons: queue_mean * talk_ms / patience_ms / load,
        wait_ms_mean: queue_mean * talk_ms / load,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, wanted: f64, within: f64) {
        assert!((value - wanted).abs() <= within, "{value}, not {wanted} within {within}");
    }

    /// 270 calls an hour of 150 s: 11.25 Erlang.
    /// Proves: A15.5 in part (what the formula leaves out: the wait)
    #[test]
    fn seats_of_the_example() {
        let talk_ms = 150_000.0;
        let rows = [
            (14, 0.343, 18_700.0, 0.763),
            (15, 0.218, 8_700.0, 0.868),
            (16, 0.134, 4_220.0, 0.929),
            (17, 0.079, 2_100.0, 0.963),
        ];
        for (agents, waits, answer_ms, level) in rows {
            near(erlang_c(11.25, agents), waits, 0.0006);
            near(answer_ms_mean(11.25, agents, talk_ms).expect("it is bounded"), answer_ms, 60.0);
            near(service_level(11.25, agents, talk_ms, 20_000.0), level, 0.0006);
        }
        assert_eq!(agents_for(11.25, talk_ms, 20_000.0, 0.80), 15);
        assert_eq!(agents_for(11.25, talk_ms, 20_000.0, 0.95), 17);
    }

    #[test]
    fn trunks_that_lose_one_call_in_ten_thousand() {
        for (trunks, load) in [(30, 14.25), (60, 36.62), (120, 86.2)] {
            near(load_for(trunks, 1e-4), load, 0.06);
        }
        near(erlang_b(10.0, 10), 0.2146, 0.0001);
        near(load_for(10, erlang_b(7.0, 10)), 7.0, 1e-9);
    }

    #[test]
    fn the_ends_are_where_they_should_be() {
        assert_eq!((erlang_b(5.0, 0), erlang_b(0.0, 5)), (1.0, 0.0));
        assert_eq!((erlang_c(5.0, 0), erlang_c(5.0, 5), erlang_c(0.0, 5)), (1.0, 1.0, 0.0));
        assert_eq!(answer_ms_mean(5.0, 5, 1.0), None);
        assert_eq!(service_level(5.0, 4, 1.0, 1e9), 0.0);
        assert!(agents_for(100.0, 1.0, 0.0, 1.0) < 600);
        near(erlang_b(10_000.0, 10_100), 0.0027, 0.001);
    }

    #[test]
    fn patience_joins_c_and_b() {
        // those who hardly ever give up wait as in Erlang C; those who give up at once are lost as in Erlang B
        let patient = erlang_a(11.25, 16, 150_000.0, 1e12);
        near(patient.waits, erlang_c(11.25, 16), 1e-6);
        near(patient.wait_ms_mean, answer_ms_mean(11.25, 16, 150_000.0).expect("it is bounded"), 0.1);
        let hasty = erlang_a(11.25, 16, 150_000.0, 1.0);
        near(hasty.abandons, erlang_b(11.25, 16), 1e-4);
        // more load than agents is no harm: callers leave
        let heavy = erlang_a(20.0, 16, 150_000.0, 60_000.0);
        assert!(heavy.abandons > 0.2 && heavy.abandons < 0.3, "{heavy:?}");
        near(heavy.abandons * 60_000.0, heavy.wait_ms_mean, 1e-6);
    }
}
