//! What people and machines read of a run.

use crate::check::{CALLED_USUAL, Check};
use crate::run::{Finding, Outcome, Target, Verdict};
use crate::suite::level_name;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// A run, from which reports are made.
pub struct Report<'a> {
    /// What was checked.
    pub target: &'a Target,
    /// All checks there are, run or not.
    pub checks: &'a [Check],
    /// What came of those that were run.
    pub outcomes: &'a [Outcome],
    /// The file with the driver's configuration.
    pub config: Option<&'a Path>,
    /// How long all of it took, in seconds.
    pub seconds: f64,
}

/// Colours for a terminal, or none.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Use them.
    pub is_coloured: bool,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.is_coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn verdict(self, verdict: Verdict) -> String {
        match verdict {
            Verdict::Passed => self.paint("32", "ok     "),
            Verdict::Broken => self.paint("1;31", "BROKEN "),
            Verdict::Skipped => self.paint("2", "skipped"),
        }
    }
}

/// The line of a check while checks are run.
#[must_use]
pub fn live_line(check: &Check, outcome: &Outcome, style: Style) -> String {
    let mut line = format!("  {:>3} {}  {}", check.number, style.verdict(outcome.verdict), check.title);
    let note = match outcome.verdict {
        Verdict::Passed if outcome.note.is_empty() => String::new(),
        Verdict::Broken => String::new(),
        _ => format!("  ({})", outcome.note),
    };
    line.push_str(&style.paint("2", &note));
    let others: Vec<String> =
        outcome.findings.iter().filter(|f| f.check != check.number).map(|f| f.check.to_string()).collect();
    if let Some(first) = others.first() {
        let _ = write!(line, "  {}", style.paint("31", &format!("saw {first} broken")));
    }
    if outcome.seconds >= 1.0 {
        let _ = write!(line, "  {:.1} s", outcome.seconds);
    }
    line
}

/// The heading of a level.
#[must_use]
pub fn level_line(level: u8, style: Style) -> String {
    style.paint("1", &format!("level {level}: {}", level_name(level)))
}

impl Report<'_> {
    /// What was seen broken, clause by clause.
    #[must_use]
    pub fn broken(&self) -> BTreeMap<u16, Vec<&Finding>> {
        let mut broken: BTreeMap<u16, Vec<&Finding>> = BTreeMap::new();
        for finding in self.outcomes.iter().flat_map(|outcome| &outcome.findings) {
            broken.entry(finding.check).or_default().push(finding);
        }
        broken
    }

    fn check(&self, number: u16) -> Option<&Check> {
        self.checks.iter().find(|check| check.number == number)
    }

    /// The command that shows a finding again.
    #[must_use]
    pub fn again(&self, finding: &Finding) -> String {
        let mut command = format!("ccd check {} --filter {}", self.target.path.display(), finding.seen_in);
        if let Some(uid) = &self.target.uid {
            let _ = write!(command, " --device {uid}");
        }
        if let Some(config) = self.config {
            let _ = write!(command, " --config {}", config.display());
        }
        let usual = ("--called", CALLED_USUAL);
        for (flag, value) in self.target.dial.arguments().into_iter().filter(|argument| *argument != usual) {
            let _ = write!(command, " {flag} {value}");
        }
        let _ = write!(command, " --seed {}", self.target.seed);
        command
    }

    fn count(&self, verdict: Verdict) -> usize {
        let broken = self.broken();
        let counts = |outcome: &&Outcome| match verdict {
            Verdict::Broken => broken.contains_key(&outcome.number),
            other => outcome.verdict == other && !broken.contains_key(&outcome.number),
        };
        self.outcomes.iter().filter(counts).count()
    }

    /// The end of a run, for people.
    #[must_use]
    pub fn for_people(&self, style: Style) -> String {
        let mut text = String::new();
        for (number, findings) in self.broken() {
            let Some(check) = self.check(number) else { continue };
            let head = format!("BROKEN {number} {}: {}", check.id, check.title);
            let _ = writeln!(text, "\n{}", style.paint("1;31", &head));
            let _ = writeln!(text, "  contract  {}", check.clause);
            // what several checks came across is said once
            let mut seen: Vec<&str> = Vec::new();
            for finding in &findings {
                if !seen.contains(&finding.seen.as_str()) {
                    seen.push(&finding.seen);
                }
            }
            for seen in seen.iter().take(3) {
                let _ = writeln!(text, "  seen      {}", seen.replace('\n', "\n            "));
            }
            if seen.len() > 3 {
                let _ = writeln!(text, "            and {} more", seen.len() - 3);
            }
            let _ = writeln!(text, "  again     {}", self.again(findings[0]));
        }
        let (passed, broken, skipped) =
            (self.count(Verdict::Passed), self.broken().len(), self.count(Verdict::Skipped));
        let sum = format!("{passed} passed, {broken} broken, {skipped} skipped in {:.1} s", self.seconds);
        let sum =
            self.levels_kept().map_or_else(|| sum.clone(), |level| format!("{sum}; keeps level {level}"));
        let colour = if broken > 0 { "1;31" } else { "1;32" };
        let _ = writeln!(text, "\n{}", style.paint(colour, &sum));
        text
    }

    /// The highest level up to which every level was run and nothing of it is broken.
    #[must_use]
    pub fn levels_kept(&self) -> Option<u8> {
        let broken = self.broken();
        let levels = self.checks.iter().map(|check| check.level).max()?;
        let is_run = |check: &Check| self.outcomes.iter().any(|outcome| outcome.number == check.number);
        let is_kept = |level: &u8| {
            let mut of_level = self.checks.iter().filter(|check| check.level == *level);
            of_level.all(|check| is_run(check) && !broken.contains_key(&check.number))
        };
        (0..=levels).take_while(is_kept).last()
    }

    /// For machines, as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let broken = self.broken();
        let checks: Vec<Value> = self
            .outcomes
            .iter()
            .filter_map(|outcome| {
                let check = self.check(outcome.number)?;
                let mut tree = serde_json::to_value(outcome).ok()?;
                for (name, value) in [("id", check.id), ("title", check.title), ("clause", check.clause)] {
                    tree[name] = json!(value);
                }
                tree["level"] = json!(check.level);
                Some(tree)
            })
            .collect();
        json!({
            "driver": self.target.path, "seed": self.target.seed, "seconds": self.seconds,
            "passed": self.count(Verdict::Passed), "broken": broken.keys().collect::<Vec<_>>(),
            "skipped": self.count(Verdict::Skipped), "level_kept": self.levels_kept(), "checks": checks,
        })
    }

    /// For CI servers, as JUnit XML.
    #[must_use]
    pub fn junit(&self) -> String {
        let (broken, count) = (self.broken(), self.outcomes.len());
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"ccd check\" tests=\"{count}\" failures=\"{}\" \
             skipped=\"{}\" time=\"{:.3}\">\n",
            self.count(Verdict::Broken),
            self.count(Verdict::Skipped),
            self.seconds
        );
        for outcome in self.outcomes {
            let Some(check) = self.check(outcome.number) else { continue };
            let _ = write!(
                text,
                "  <testcase classname=\"level{}.{}\" name=\"{} {}\" time=\"{:.3}\">",
                check.level,
                level_name(check.level).replace(' ', "-"),
                check.number,
                xml(check.title),
                outcome.seconds
            );
            if let Some(findings) = broken.get(&check.number) {
                for finding in findings {
                    let _ = write!(
                        text,
                        "<failure message=\"{}\">{}</failure>",
                        xml(check.clause),
                        xml(&finding.seen)
                    );
                }
            } else if outcome.verdict == Verdict::Skipped {
                let _ = write!(text, "<skipped message=\"{}\"/>", xml(&outcome.note));
            }
            text.push_str("</testcase>\n");
        }
        text.push_str("</testsuite>\n");
        text
    }
}

/// Text in XML; what XML cannot have is left out.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Dial;
    use crate::suite;

    fn outcomes() -> Vec<Outcome> {
        let outcome =
            |number, verdict, findings| Outcome { number, verdict, note: "n".into(), findings, seconds: 0.1 };
        let find = |check, seen_in| Finding { check, seen_in, seen: "<two & more>".into() };
        vec![
            outcome(1, Verdict::Passed, vec![]),
            outcome(2, Verdict::Broken, vec![find(2, 2)]),
            outcome(13, Verdict::Passed, vec![find(71, 13)]),
            outcome(14, Verdict::Skipped, vec![]),
        ]
    }

    fn with_report(see: impl FnOnce(&Report<'_>)) {
        let target = Target {
            program: "ccd".into(),
            path: "./board.so".into(),
            uid: Some("0001".into()),
            config: json!({}),
            seed: 7,
            dial: Dial { called: CALLED_USUAL.into(), via: Some("loop".into()), ..Dial::default() },
            preload: None,
        };
        let (checks, outcomes) = (suite::all(), outcomes());
        see(&Report { target: &target, checks: &checks, outcomes: &outcomes, config: None, seconds: 1.0 });
    }

    #[test]
    fn people_read_what_is_broken_and_how_to_see_it_again() {
        with_report(|report| {
            let text = report.for_people(Style { is_coloured: false });
            assert!(text.contains("BROKEN 2 exports"), "{text}");
            assert!(
                text.contains("again     ccd check ./board.so --filter 2 --device 0001 --via loop --seed 7"),
                "{text}"
            );
            // another's clause that was seen broken is told under its own number, with the check that saw it
            assert!(text.contains("BROKEN 71") && text.contains("--filter 13 "), "{text}");
            assert!(text.contains("2 passed, 2 broken, 1 skipped in 1.0 s"), "{text}");
        });
    }

    #[test]
    fn machines_read_the_same() {
        with_report(|report| {
            let tree = report.json();
            assert_eq!((tree["broken"].clone(), tree["passed"].clone()), (json!([2, 71]), json!(2)));
            assert_eq!(tree["checks"][1]["id"], "exports");
            let xml = report.junit();
            assert!(xml.contains("tests=\"4\" failures=\"1\" skipped=\"1\""), "{xml}");
            assert!(xml.contains("&lt;two &amp; more&gt;"), "{xml}");
        });
    }
}
