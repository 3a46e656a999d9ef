//! Causes across the border between Q.850 and SIP, after RFC 3398 §7.2.4.1, §8.2.6.1 and RFC 4497.

use callcore_driver_sdk::Cause;

/// Q.850 cause of a SIP final response.
pub(crate) fn q850_of_status(status: u16) -> u16 {
    match status {
        400 | 481 | 500 | 503 => 41,
        401 | 402 | 403 | 407 | 603 => 21,
        404 | 485 | 604 => 1,
        405 => 63,
        406 => 79,
        408 | 504 => 102,
        410 => 22,
        480 => 18,
        482 | 483 => 25,
        484 => 28,
        486 | 600 => 17,
        487 => 16,
        488 | 606 => 31,
        501 => 79,
        502 => 38,
        413..=439 | 505 | 513 => 127,
        300..=399 => 23,
        _ => 31,
    }
}

/// SIP status that refuses an INVITE for a Q.850 cause, and its reason phrase is the stack's.
pub(crate) fn status_of_q850(q850: u16) -> u16 {
    match q850 {
        1..=3 => 404,
        17 => 486,
        16 | 18..=20 | 31 => 480,
        21 | 55 | 57 | 87 => 403,
        22 | 23 => 410,
        26 => 404,
        27 => 502,
        28 => 484,
        29 | 69 | 79 => 501,
        34 | 38 | 41 | 42 | 44 | 47 | 58 | 63 | 88 => 503,
        65 | 70 => 488,
        102 => 504,
        _ => 500,
    }
}

/// The cause of a failed INVITE: the peer's own `Reason` when it gives a Q.850 one (RFC 3326), else by its status.
pub(crate) fn of_response(status: u16, reason: Option<&str>) -> Cause {
    let q850 = reason.and_then(q850_of_reason).unwrap_or_else(|| q850_of_status(status));
    Cause { vendor_code: status.into(), ..Cause::signalled(q850) }
}

/// The cause of a BYE or CANCEL: its `Reason`, else normal clearing.
pub(crate) fn of_request(reason: Option<&str>) -> Cause {
    Cause::signalled(reason.and_then(q850_of_reason).unwrap_or(16))
}

/// `Q.850;cause=17;text="..."` gives 17.
fn q850_of_reason(reason: &str) -> Option<u16> {
    reason.split(',').find_map(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case("Q.850") {
            return None;
        }
        let cause = parts.find_map(|p| p.strip_prefix("cause=").or_else(|| p.strip_prefix("Cause=")))?;
        cause.trim().parse().ok().filter(|q850| (1..=127).contains(q850))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_cause_and_every_cause_a_status() {
        for status in 300..=699 {
            assert!((1..=127).contains(&q850_of_status(status)), "{status}");
        }
        for q850 in 0..=200 {
            assert!((400..=699).contains(&status_of_q850(q850)), "{q850}");
        }
    }

    #[test]
    fn the_common_outcomes_survive_the_way_there_and_back() {
        for (q850, status) in [(1, 404), (17, 486), (28, 484), (38, 503), (79, 501), (102, 504)] {
            assert_eq!(status_of_q850(q850), status);
        }
        for (status, q850) in [(404, 1), (486, 17), (480, 18), (484, 28), (603, 21), (503, 41)] {
            assert_eq!(q850_of_status(status), q850);
        }
    }

    #[test]
    fn a_reason_header_wins() {
        assert_eq!(of_response(480, Some("SIP;cause=480, Q.850;cause=27;text=\"x\"")).q850, 27);
        assert_eq!(of_response(480, Some("Q.850;cause=0")).q850, 18);
        assert_eq!(of_request(Some("q.850 ; cause=17")).q850, 17);
        assert_eq!(of_request(Some(";;;")).q850, 16);
    }
}
