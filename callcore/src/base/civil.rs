//! Civil time in a time zone: what rules by time of day and file names are made of.

use super::WallTime;
use jiff::{Timestamp, tz::TimeZone};

/// A time zone by its IANA name, from the database that is built in.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

/// A moment as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each field is what its name says
pub struct Civil {
    pub year: i16,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    /// Days since Monday, 0..=6.
    pub weekday: u8,
}

impl Zone {
    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The zone of a name such as `Asia/Shanghai`.
    ///
    /// # Errors
    /// A text for the configuration's author, if there is no such zone.
    pub fn new(name: &str) -> Result<Self, String> {
        TimeZone::get(name).map(Self).map_err(|_| {
            format!("'{name}' is not a time zone: use an IANA name such as Asia/Shanghai or UTC")
        })
    }

    /// The moment as people in this zone write it.
    #[must_use]
    pub fn civil(&self, wall: WallTime) -> Civil {
        let at =
            Timestamp::from_millisecond(wall.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.0.clone());
        let small = |value: i8| value.unsigned_abs();
        Civil {
            year: at.year(),
            month: small(at.month()),
            day: small(at.day()),
            hour: small(at.hour()),
            minute: small(at.minute()),
            second: small(at.second()),
            weekday: small(at.weekday().to_monday_zero_offset()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shanghai_is_eight_hours_ahead() {
        let civil = Zone::new("Asia/Shanghai").expect("a known zone").civil(WallTime(0));
        assert_eq!((civil.year, civil.month, civil.day, civil.hour, civil.weekday), (1970, 1, 1, 8, 3));
        assert!(Zone::new("Mars/Olympus").is_err());
    }
}
