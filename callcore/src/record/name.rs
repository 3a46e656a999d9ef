//! Names of recordings: a template filled with what is known of the call, safe against anything a caller can send.
//!
//! `{date}/{date}{time}-{ani}-{call}` gives `20260131/20260131142501-02087654321-17.wav`.

use crate::base::civil::Civil;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Longest part of a path that a template gives, in bytes; file systems stop at 255.
const PART_LEN_MAX: usize = 200;
/// Longest value that is put in, in characters.
const VALUE_CHARS_MAX: usize = 40;
const FIELDS: [&str; 9] = ["date", "time", "year", "month", "day", "ani", "dnis", "agent", "queue"];
const FIELD_CALL: &str = "call";

/// What is known when a recording begins.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Its beginning in the time zone of the node.
    pub at: Civil,
    /// Who called.
    pub ani: &'a str,
    /// The number that was called.
    pub dnis: &'a str,
    /// The agent, or the extension, that speaks.
    pub agent: &'a str,
    /// The queue it came through.
    pub queue: &'a str,
    /// The call's number.
    pub call: u64,
}

/// How the files are named: text with `{date}`, `{time}`, `{year}`, `{month}`, `{day}`, `{ani}`, `{dnis}`, `{agent}`,
/// `{queue}` and `{call}` in it; `/` makes folders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NameTemplate(String);

impl Default for NameTemplate {
    fn default() -> Self {
        Self("{date}/{date}{time}-{ani}-{call}".into())
    }
}

impl From<NameTemplate> for String {
    fn from(template: NameTemplate) -> Self {
        template.0
    }
}

impl TryFrom<String> for NameTemplate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Some(field) = fields(&text)?.find(|field| !FIELDS.contains(field) && *field != FIELD_CALL) {
            return Err(format!(
                "'{{{field}}}' in '{text}' is not known: use {{{}}} or {{call}}",
                FIELDS.join("}, {")
            ));
        }
        if !fields(&text)?.any(|field| field == FIELD_CALL || field == "time") {
            return Err(format!("'{text}' gives every recording the same name: add {{time}} or {{call}}"));
        }
        if text.starts_with('/') || text.split('/').any(|part| part.is_empty() || part == "." || part == "..")
        {
            return Err(format!(
                "'{text}' must be a path below the folder of recordings, without '.', '..' and '//'"
            ));
        }
        if let Some(bad) = text.chars().find(|c| !is_safe(*c) && !"{}/".contains(*c)) {
            return Err(format!(
                "'{bad}' in '{text}' must not be in a file name: use letters, digits, - _ + . and space"
            ));
        }
        Ok(Self(text))
    }
}

/// The names between braces.
fn fields(text: &str) -> Result<impl Iterator<Item = &str>, String> {
    let open = text.split('{').skip(1);
    if open.clone().any(|rest| !rest.contains('}')) || text.matches('}').count() != open.clone().count() {
        return Err(format!("'{text}' has a brace without its other one"));
    }
    Ok(open.map(|rest| rest.split('}').next().unwrap_or_default()))
}

fn is_safe(c: char) -> bool {
    c.is_alphanumeric() || "-_+. ".contains(c)
}

impl NameTemplate {
    /// The path of a recording, `/` between folders, ending in `.wav`. Numbers and names come in cut and cleaned: no value
    /// can lead out of its folder. Two recordings may get the same path (see [`with_number`]).
    #[must_use]
    pub fn path(&self, about: &About<'_>) -> String {
        let mut path = String::new();
        for part in self.0.split('/') {
            let part = fill(part, about);
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(safe_part(&part));
        }
        path + ".wav"
    }
}

/// The same path for the `number`th file that would have it: `a.wav`, `a-2.wav`, `a-3.wav`.
#[must_use]
pub fn with_number(path: &str, number: u32) -> String {
    match path.strip_suffix(".wav") {
        Some(stem) if number > 1 => format!("{stem}-{number}.wav"),
        _ => path.to_owned(),
    }
}

fn fill(part: &str, about: &About<'_>) -> String {
    let mut filled = String::new();
    for (n, piece) in part.split('{').enumerate() {
        // before the first brace there is text only
        let (field, text) = if n == 0 { ("", piece) } else { piece.split_once('}').unwrap_or((piece, "")) };
        push_value(&mut filled, field, about);
        filled.push_str(text);
    }
    filled
}

fn push_value(to: &mut String, field: &str, about: &About<'_>) {
    let at = &about.at;
    // writing to a string cannot fail
    let _ = match field {
        "date" => write!(to, "{:04}{:02}{:02}", at.year, at.month, at.day),
        "time" => write!(to, "{:02}{:02}{:02}", at.hour, at.minute, at.second),
        "year" => write!(to, "{:04}", at.year),
        "month" => write!(to, "{:02}", at.month),
        "day" => write!(to, "{:02}", at.day),
        "ani" => write!(to, "{}", clean(about.ani)),
        "dnis" => write!(to, "{}", clean(about.dnis)),
        "agent" => write!(to, "{}", clean(about.agent)),
        "queue" => write!(to, "{}", clean(about.queue)),
        "call" => write!(to, "{}", about.call),
        _ => Ok(()),
    };
}

/// A value as it may stand in a file name; `unknown` for an empty one.
fn clean(value: &str) -> String {
    let safe = |c: char| if is_safe(c) && c != '.' { c } else { '_' };
    let cleaned: String = value.trim().chars().take(VALUE_CHARS_MAX).map(safe).collect();
    if cleaned.is_empty() { "unknown".into() } else { cleaned }
}

/// A part that is no hidden file, no way up, and not too long.
fn safe_part(part: &str) -> &str {
    let part = part.trim_start_matches(['.', ' ']);
    let mut end = part.len().min(PART_LEN_MAX);
    while !part.is_char_boundary(end) {
        end -= 1;
    }
    let part = part[..end].trim_end_matches(['.', ' ']);
    if part.is_empty() { "_" } else { part }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Rng;

    fn about(ani: &str) -> About<'_> {
        let at = Civil { year: 2026, month: 1, day: 31, hour: 14, minute: 5, second: 9, weekday: 5 };
        About { at, ani, dnis: "4008", agent: "7", queue: "售后", call: 17 }
    }

    fn template(text: &str) -> NameTemplate {
        NameTemplate::try_from(text.to_owned()).expect("a good template")
    }

    /// Proves: A19.32
    #[test]
    fn a_name_is_date_time_to_the_second_and_number() {
        let path = NameTemplate::default().path(&about("02087654321"));
        assert_eq!(path, "20260131/20260131140509-02087654321-17.wav");
        assert_eq!(
            template("{date}{time}{ani}").path(&about("13800138000")),
            "2026013114050913800138000.wav"
        );
        let all = template("{year}/{month}/{day}/{queue}/{time} {dnis}+{agent}_{call}").path(&about(""));
        assert_eq!(all, "2026/01/31/售后/140509 4008+7_17.wav");
        assert_eq!(with_number("a/b.wav", 1), "a/b.wav");
        assert_eq!(with_number("a/b.wav", 3), "a/b-3.wav");
    }

    #[test]
    fn no_caller_leads_out_of_the_folder() {
        for ani in [
            "../../etc/passwd",
            "..",
            ".",
            "a/b",
            "a\\b",
            "C:x",
            "a\0b",
            "*#06#",
            "",
            " ",
            "\u{202e}x",
            "a\nb",
        ] {
            let path = template("{ani}/{ani}{call}").path(&about(ani));
            let parts: Vec<&str> = path.split('/').collect();
            assert_eq!(parts.len(), 2, "{path}");
            for part in parts {
                assert!(!part.starts_with('.') && part.chars().all(is_safe), "{ani:?} gives {path:?}");
            }
        }
        assert_eq!(template("x{ani}{call}").path(&about("")), "xunknown17.wav");
    }

    #[test]
    fn any_value_gives_a_path_that_can_be() {
        let mut rng = Rng::new(11);
        for _ in 0..5000 {
            let ani: String =
                (0..rng.below(90)).filter_map(|_| char::from_u32(rng.below(0x3000) as u32)).collect();
            let path = template("{date}/{ani}/{ani}{ani}{ani}{ani}{ani}{time}").path(&about(&ani));
            assert_eq!(path.split('/').count(), 3);
            assert!(
                path.split('/').all(|part| !part.is_empty() && part.len() <= 255 && !part.starts_with('.'))
            );
        }
    }

    #[test]
    fn bad_templates_are_refused_with_the_reason() {
        for (text, reason) in [
            ("{date}{who}{call}", "'{who}'"),
            ("{date}", "same name"),
            ("/elsewhere/{call}", "below the folder"),
            ("../{call}", "below the folder"),
            ("a//{call}", "below the folder"),
            ("{call", "brace"),
            ("call}{call}", "brace"),
            ("a:{call}", "':'"),
        ] {
            let error = NameTemplate::try_from(text.to_owned()).expect_err(text);
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
