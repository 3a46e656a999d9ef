//! What prompts are called: a name, and for some of them a language (BCP 47), written `welcome` or `zh-HK/welcome`.

use crate::base::language::canonical;
use crate::base::{Refused, Why};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Longest name, in bytes: a file name has room for it and its ending.
const NAME_BYTES_MAX: usize = 200;

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
        Ok(Self { language: language.map(canonical).transpose()?, name: checked_name(name)?.to_owned() })
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

#[cfg(test)]
mod tests {
    use super::*;

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
