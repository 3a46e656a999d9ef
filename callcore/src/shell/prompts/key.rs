//! What prompts are called: a name, and for some of them a language (BCP 47), written `welcome` or `zh-HK/welcome`.

use crate::base::{Refused, Why};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Longest name, in bytes: a file name has room for it and its ending.
const NAME_BYTES_MAX: usize = 200;
/// Longest language tag, in bytes (RFC 5646, 4.4.1).
const LANGUAGE_BYTES_MAX: usize = 35;

/// Which prompt. A name can never lead out of the folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PromptKey {
    language: Option<String>,
    name: String,
}

impl PromptKey {
    /// A prompt by its name and language.
    ///
    /// # Errors
    /// What is wrong with either.
    pub fn new(name: &str, language: Option<&str>) -> Result<Self, Refused> {
        Ok(Self {
            language: language.map(canonical_language).transpose()?,
            name: checked_name(name)?.to_owned(),
        })
    }

    /// Its name, as flows say it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its language; `None`: it is for all of them.
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// Where its files are below a folder, without the name of the file.
    pub(super) fn folder(&self, below: &Path) -> PathBuf {
        self.language.as_ref().map_or_else(|| below.to_owned(), |language| below.join(language))
    }
}

impl FromStr for PromptKey {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        match text.split_once('/') {
            Some((language, name)) => Self::new(name, Some(language)),
            None => Self::new(text, None),
        }
    }
}

impl fmt::Display for PromptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.language {
            Some(language) => write!(f, "{language}/{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

fn checked_name(name: &str) -> Result<&str, Refused> {
    let is_right = |c: char| c.is_alphanumeric() || " _-.+()".contains(c);
    let begins_right = name.chars().next().is_some_and(|first| first.is_alphanumeric() || first == '_');
    if begins_right
        && name.len() <= NAME_BYTES_MAX
        && name.chars().all(is_right)
        && !name.ends_with(['.', ' '])
    {
        return Ok(name);
    }
    let text = format!(
        "'{name}' cannot be the name of a prompt: use letters, digits and _ - . + ( ), a letter, digit or _ first, at \
         most {NAME_BYTES_MAX} bytes"
    );
    Err(Refused::new(Why::Argument, text))
}

/// A tag as BCP 47 recommends to write it: language small, script with a capital, region in capitals.
pub(super) fn canonical_language(tag: &str) -> Result<String, Refused> {
    let subtags: Vec<&str> = tag.split('-').collect();
    let is_right = |(place, subtag): (usize, &&str)| match place {
        0 => (2..=3).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphabetic()),
        _ => (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    };
    if tag.len() > LANGUAGE_BYTES_MAX || !subtags.iter().enumerate().all(is_right) {
        let text = format!("'{tag}' is no language: write it as in zh, en, zh-HK, pt-BR (BCP 47)");
        return Err(Refused::new(Why::Argument, text));
    }
    let written = |(place, subtag): (usize, &&str)| match (place, subtag.len()) {
        (1.., 2) => subtag.to_ascii_uppercase(),
        (1.., 4) => subtag[..1].to_ascii_uppercase() + &subtag[1..].to_ascii_lowercase(),
        _ => subtag.to_ascii_lowercase(),
    };
    Ok(subtags.iter().enumerate().map(written).collect::<Vec<_>>().join("-"))
}

/// A language and those that stand for it, the nearest first: `zh-Hant-HK`, `zh-Hant`, `zh` (RFC 4647, 3.4).
pub(super) fn stand_ins(tag: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(tag), |tag| {
        let shorter = &tag[..tag.rfind('-')?];
        match shorter.rfind('-') {
            // a letter that stands alone begins an extension and means nothing without it
            Some(at) if shorter.len() - at == 2 => Some(&shorter[..at]),
            _ => Some(shorter),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_written_in_one_way() {
        for (tag, written) in [
            ("ZH", "zh"),
            ("zh-hk", "zh-HK"),
            ("ZH-hant-hK", "zh-Hant-HK"),
            ("es-419", "es-419"),
            ("yue", "yue"),
        ] {
            assert_eq!(canonical_language(tag).as_deref(), Ok(written));
        }
        for tag in ["", "z", "zh-", "-HK", "zh_HK", "chinese", "zh-Hantenglish", "..", "zh/..", "中文"] {
            assert!(canonical_language(tag).is_err(), "{tag}");
        }
    }

    #[test]
    fn the_nearest_language_stands_in() {
        let chain = |tag| stand_ins(tag).collect::<Vec<_>>();
        assert_eq!(chain("zh-Hant-HK"), ["zh-Hant-HK", "zh-Hant", "zh"]);
        assert_eq!(chain("en"), ["en"]);
        assert_eq!(chain("en-a-bbb"), ["en-a-bbb", "en"]);
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for text in [
            "",
            ".",
            "..",
            "../a",
            "a/../b",
            "/etc/passwd",
            "a/b/c",
            ".hidden",
            "zh/.x",
            "zh/",
            "/a",
            "a\\b",
            "a\0b",
            "a\nb",
            "say:hello",
            "a.",
            "C:a",
            "en/a/b",
            "-a",
        ] {
            assert!(text.parse::<PromptKey>().is_err(), "{text:?}");
        }
        for text in ["welcome", "zh-HK/welcome", "欢迎", "no_key", "menu (old)", "a.b", "_x", "1"] {
            assert_eq!(text.parse::<PromptKey>().map(|key| key.to_string()).as_deref(), Ok(text));
        }
        assert_eq!("ZH-hk/a".parse::<PromptKey>().map(|key| key.to_string()).as_deref(), Ok("zh-HK/a"));
        assert!(PromptKey::new(&"a".repeat(201), None).is_err());
    }
}
