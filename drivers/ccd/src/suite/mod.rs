//! All checks, level by level.

mod binary;
mod calls;
mod device;
mod edges;
mod guest;
mod life;
mod line;
mod loopback;
mod media;
mod promise;
mod robust;
mod script;
mod tones;

use crate::check::Check;

/// Every check there is.
#[must_use]
pub fn all() -> Vec<Check> {
    let mut all = [
        binary::CHECKS,
        life::CHECKS,
        device::CHECKS,
        guest::CHECKS,
        calls::CHECKS,
        edges::CHECKS,
        promise::CHECKS,
        media::CHECKS,
        loopback::CHECKS,
        line::CHECKS,
        tones::CHECKS,
        robust::CHECKS,
    ]
    .concat();
    all.sort_by_key(|check| (check.level, check.number));
    all
}

/// What a level is called.
#[must_use]
pub const fn level_name(level: u8) -> &'static str {
    match level {
        0 => "binary",
        1 => "life cycle",
        2 => "calls",
        3 => "media",
        4 => "line and board",
        _ => "robustness",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_and_names_are_there_once() {
        let all = all();
        let numbers: BTreeSet<u16> = all.iter().map(|check| check.number).collect();
        let ids: BTreeSet<&str> = all.iter().map(|check| check.id).collect();
        assert_eq!((numbers.len(), ids.len()), (all.len(), all.len()));
        assert!(ids.iter().all(|id| id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    }
}
