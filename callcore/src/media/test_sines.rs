//! Sines for tests, by the machine's own arithmetic: the engine's is made for tables, not for speed.

/// Sine of an angle in turns.
pub(super) fn sin_turns(turns: f64) -> f64 {
    (turns * std::f64::consts::TAU).sin()
}

/// Peak of a sine of a level.
pub(super) fn peak(dbm0: f64) -> f64 {
    22_467.0 * 10f64.powf(dbm0 / 20.0)
}
