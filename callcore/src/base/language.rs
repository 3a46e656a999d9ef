//! Languages by their tags (BCP 47): how they are written, and which stands in for which.

use super::{Refused, Why};

/// Longest language tag, in bytes (RFC 5646, 4.4.1).
const LANGUAGE_BYTES_MAX: usize = 35;

/// A tag as BCP 47 recommends to write it: language small, script with a capital, region in capitals.
///
/// # Errors
/// The text is no tag, or longer than 35 bytes.
pub fn canonical(tag: &str) -> Result<String, Refused> {
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
pub fn stand_ins(tag: &str) -> impl Iterator<Item = &str> {
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
            assert_eq!(canonical(tag).as_deref(), Ok(written));
        }
        for tag in ["", "z", "zh-", "-HK", "zh_HK", "chinese", "zh-Hantenglish", "..", "zh/..", "中文"] {
            assert!(canonical(tag).is_err(), "{tag}");
        }
    }

    #[test]
    fn the_nearest_language_stands_in() {
        let chain = |tag| stand_ins(tag).collect::<Vec<_>>();
        assert_eq!(chain("zh-Hant-HK"), ["zh-Hant-HK", "zh-Hant", "zh"]);
        assert_eq!(chain("en"), ["en"]);
        assert_eq!(chain("en-a-bbb"), ["en-a-bbb", "en"]);
    }
}
