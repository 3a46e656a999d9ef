//! Patterns of numbers (`8000`, `86*`, `1xxx`) and of hours (`mon-fri 08:30-17:30`).

use crate::base::Civil;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A number; `x` stands for any digit, a `*` at the end for any rest (none, too).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(String);

impl Pattern {
    /// Whether a number fits.
    #[must_use]
    pub fn matches(&self, number: &str) -> bool {
        match self.0.strip_suffix('*').filter(|head| !head.is_empty()) {
            Some(head) => {
                number.is_char_boundary(head.len())
                    && number.len() >= head.len()
                    && same(head, &number[..head.len()])
            }
            None if self.0 == "*" => true,
            None => same(&self.0, number),
        }
    }
}

impl Pattern {
    /// Whether a number that fits can begin with these digits and go on after them.
    #[must_use]
    pub fn goes_on_after(&self, digits: &str) -> bool {
        let (head, any_rest) = match self.0.strip_suffix('*') {
            Some(head) => (head, true),
            None => (self.0.as_str(), false),
        };
        let common = head.len().min(digits.len());
        let begins = digits.is_char_boundary(common)
            && head.is_char_boundary(common)
            && same(&head[..common], &digits[..common]);
        begins && (any_rest || head.len() > digits.len())
    }
}

fn same(pattern: &str, number: &str) -> bool {
    pattern.len() == number.len()
        && pattern.bytes().zip(number.bytes()).all(|(p, n)| p == n || (p == b'x' && n.is_ascii_digit()))
}

impl TryFrom<String> for Pattern {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = text.chars().find(
            |c| !matches!(c, '0'..='9' | '*' | '#' | '+' | 'x' | 'A'..='D' | 'a'..='w' | '.' | '-' | '_'),
        );
        match wrong {
            Some(c) => Err(format!(
                "'{c}' in '{text}' cannot be in a number: use digits, x for any digit, * at the end for any rest"
            )),
            None if text.is_empty() => Err("an empty pattern fits no number: leave it out to fit all".into()),
            None => Ok(Self(text)),
        }
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Days of the week and hours of the day. A span that ends before it begins goes over midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    text: String,
    days: u8,
    from_minute: u16,
    until_minute: u16,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Hours {
    /// Whether a moment is within.
    #[must_use]
    pub fn contains(&self, at: Civil) -> bool {
        let minute = u16::from(at.hour) * 60 + u16::from(at.minute);
        let on = |weekday: u8| self.days & (1 << weekday) != 0;
        if self.from_minute < self.until_minute {
            return on(at.weekday) && (self.from_minute..self.until_minute).contains(&minute);
        }
        // over midnight: the early hours belong to the day before
        (on(at.weekday) && minute >= self.from_minute)
            || (on((at.weekday + 6) % 7) && minute < self.until_minute)
    }
}

impl TryFrom<String> for Hours {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |what: &str| {
            format!("'{text}': {what}; use a form such as 'mon-fri 08:30-17:30' or '17:30-08:30'")
        };
        let (days, span) = text.rsplit_once(' ').unwrap_or(("mon-sun", &text));
        let days = days_of(days)
            .ok_or_else(|| wrong("days are mon tue wed thu fri sat sun, as mon-fri or mon,wed"))?;
        let (from, until) = span.split_once('-').ok_or_else(|| wrong("hours are FROM-UNTIL"))?;
        let from_minute = minute_of(from).ok_or_else(|| wrong("hours are written as 08:30"))?;
        let until_minute = minute_of(until).ok_or_else(|| wrong("hours are written as 17:30"))?;
        Ok(Self { days, from_minute, until_minute, text })
    }
}

fn minute_of(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then_some(hour * 60 + minute)
}

fn days_of(text: &str) -> Option<u8> {
    let day = |name: &str| DAYS.iter().position(|known| *known == name);
    let mut set = 0;
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let length = (last + 7 - first) % 7;
        (0..=length).for_each(|step| set |= 1 << ((first + step) % 7));
    }
    Some(set)
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        hours.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn civil(weekday: u8, hour: u8, minute: u8) -> Civil {
        Civil { year: 2026, month: 1, day: 1, hour, minute, second: 0, weekday }
    }

    #[test]
    fn patterns_fit_what_they_say() {
        let fits = |pattern: &str, number: &str| {
            Pattern::try_from(pattern.to_owned()).expect(pattern).matches(number)
        };
        assert!(fits("8000", "8000") && !fits("8000", "80001") && !fits("8000", "800"));
        assert!(fits("86*", "86") && fits("86*", "8613") && !fits("86*", "8"));
        assert!(fits("1xxx", "1234") && !fits("1xxx", "12a4") && !fits("1xxx", "123"));
        assert!(fits("*", "") && fits("*", "anything"));
        assert!(Pattern::try_from("8 000".to_owned()).is_err());
    }

    /// Proves: A19.29
    #[test]
    fn day_and_night_divide_the_week() {
        let day = Hours::try_from("08:30-17:30".to_owned()).expect("day");
        let night = Hours::try_from("17:30-08:30".to_owned()).expect("night");
        for weekday in 0..7 {
            for minute in 0..24 * 60 {
                let at = civil(weekday, (minute / 60) as u8, (minute % 60) as u8);
                assert_ne!(day.contains(at), night.contains(at), "{weekday} {minute}");
            }
        }
        let week = Hours::try_from("mon-fri 00:00-24:00".to_owned()).expect("week");
        assert!(week.contains(civil(4, 23, 59)) && !week.contains(civil(5, 0, 0)));
        assert!(Hours::try_from("someday 1-2".to_owned()).is_err());
    }
}
