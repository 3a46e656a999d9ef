//! Which features of the source systems are proven: by tests that name their ids and that have passed.
//!
//! A test says `/// Proves: A6.3, A19.9 in part (only one side)`. An id "in part" is counted apart.

use std::collections::{BTreeMap, BTreeSet};

/// What a test says it proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The test function's name.
    pub test: String,
    /// The feature's id, such as `A6.3`.
    pub id: String,
    /// Only a part of it.
    pub in_part: bool,
}

/// The claims of a source file, in its order.
#[must_use]
pub fn claims(source: &str) -> Vec<Claim> {
    let mut open: Vec<(String, bool)> = Vec::new();
    let mut found = Vec::new();
    for line in source.lines() {
        let line = line.trim_start();
        if let Some(text) = line.strip_prefix("/// Proves:") {
            open.extend(ids(text));
        } else if let Some(test) = function_name(line) {
            found.extend(open.drain(..).map(|(id, in_part)| Claim { test: test.to_owned(), id, in_part }));
        }
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

/// The ids of a line, each with whether `in part` follows it before the next id.
fn ids(text: &str) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = Vec::new();
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == ',' || c == '(').collect();
    for (at, word) in words.iter().enumerate() {
        let word = word.trim_end_matches([')', ':', ';', '.']);
        if is_id(word) {
            found.push((word.to_owned(), false));
        } else if word == "in" && words.get(at + 1).is_some_and(|next| next.starts_with("part")) {
            found.iter_mut().rev().take(1).for_each(|(_, in_part)| *in_part = true);
        }
    }
    found
}

fn is_id(word: &str) -> bool {
    let Some((area, number)) = word.strip_prefix('A').and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number(area) && is_number(number)
}

/// The names of the tests that a log of `cargo test` says have passed, without their modules.
#[must_use]
pub fn passed(log: &str) -> BTreeSet<String> {
    let names = log.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("test ")?.strip_suffix(" ... ok")?;
        name.rsplit("::").next()?.split(' ').next()
    });
    names.map(str::to_owned).collect()
}

/// `(passed, failed)` over all `test result:` lines of a log.
#[must_use]
pub fn counts(log: &str) -> (u64, u64) {
    let number = |line: &str, word: &str| -> u64 {
        let before = line.split(&format!(" {word}")).next().unwrap_or_default();
        before.rsplit([' ', ';', '.']).next().and_then(|number| number.parse().ok()).unwrap_or(0)
    };
    let results = log.lines().filter(|line| line.starts_with("test result: "));
    results.fold((0, 0), |(passed, failed), line| {
        (passed + number(line, "passed"), failed + number(line, "failed"))
    })
}

/// The ids of a list, one a line; `#` begins a remark.
#[must_use]
pub fn listed(list: &str) -> Vec<String> {
    list.lines().map(str::trim).filter(|line| is_id(line)).map(str::to_owned).collect()
}

/// What is proven of a list: whole, and in part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proven {
    /// Ids that a passed test proves.
    pub whole: BTreeSet<String>,
    /// Ids that passed tests prove in part only.
    pub in_part: BTreeSet<String>,
    /// Ids that a test names and that are not in the list.
    pub unknown: BTreeSet<String>,
}

/// Put claims, passed tests and the list together.
#[must_use]
pub fn proven(list: &[String], claims: &[Claim], passed: &BTreeSet<String>) -> Proven {
    let mut best: BTreeMap<&str, bool> = BTreeMap::new();
    for claim in claims.iter().filter(|claim| passed.contains(&claim.test)) {
        *best.entry(&claim.id).or_default() |= !claim.in_part;
    }
    let mut proven = Proven::default();
    for (id, whole) in best {
        let set = match (list.iter().any(|known| known == id), whole) {
            (false, _) => &mut proven.unknown,
            (true, true) => &mut proven.whole,
            (true, false) => &mut proven.in_part,
        };
        set.insert(id.to_owned());
    }
    proven
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_belong_to_the_next_function() {
        let source = "/// Says much.\n/// Proves: A6.3, A18.1\n#[test]\nfn one() {\n}\nfn two() {}\n    \
                      /// Proves: A19.6 in part (a, b), A19.7\n    fn three() {}\n";
        let found: Vec<(String, String, bool)> =
            claims(source).into_iter().map(|claim| (claim.test, claim.id, claim.in_part)).collect();
        let expected = [
            ("one", "A6.3", false),
            ("one", "A18.1", false),
            ("three", "A19.6", true),
            ("three", "A19.7", false),
        ];
        assert_eq!(found, expected.map(|(test, id, in_part)| (test.to_owned(), id.to_owned(), in_part)));
    }

    #[test]
    fn logs_are_read() {
        let log = "test a::b::one ... ok\ntest two ... FAILED\ntest src/lib.rs - x (line 3) ... ok\n\
                   test result: FAILED. 12 passed; 1 failed; 0 ignored; 0 measured\n\
                   test result: ok. 3 passed; 0 failed; 0 ignored\n";
        assert_eq!(counts(log), (15, 1));
        assert!(passed(log).contains("one") && !passed(log).contains("two"));
    }

    #[test]
    fn only_passed_tests_prove() {
        let claim =
            |test: &str, id: &str, in_part| Claim { test: test.to_owned(), id: id.to_owned(), in_part };
        let claims = [
            claim("one", "A1.1", true),
            claim("two", "A1.1", false),
            claim("bad", "A1.2", false),
            claim("one", "A9.9", false),
        ];
        let passed: BTreeSet<String> = ["one".to_owned(), "two".to_owned()].into();
        let result = proven(&listed("# list\nA1.1\nA1.2\n"), &claims, &passed);
        assert_eq!(result.whole, ["A1.1".to_owned()].into());
        assert_eq!(result.unknown, ["A9.9".to_owned()].into());
        assert!(result.in_part.is_empty());
    }
}
