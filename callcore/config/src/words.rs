//! serde's words in the reader's: what is wrong; what to do.

use callcore_driver_host::schema::nearest;

/// A mistake in plain words.
pub(crate) fn say(message: &str) -> String {
    let message = message.trim();
    if let Some((key, expected)) = parts(message, "unknown field `") {
        let names = names(expected);
        return match nearest(key, &names) {
            Some(name) => format!("the key '{key}' is not known here; did you mean '{name}'?"),
            None => format!("the key '{key}' is not known here; the keys are {}", names.join(", ")),
        };
    }
    if let Some((key, _)) = parts(message, "missing field `") {
        return format!("the key '{key}' is missing; add it");
    }
    if let Some((word, expected)) = parts(message, "unknown variant `") {
        return format!("'{word}' is not known here; use one of {}", names(expected).join(", "));
    }
    for start in ["invalid type: ", "invalid value: "] {
        if let Some((found, expected)) =
            message.strip_prefix(start).and_then(|rest| rest.split_once(", expected "))
        {
            let expected = match expected {
                "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
                other => other,
            };
            return format!("found {}; write {expected}", found.replace('`', ""));
        }
    }
    message.replace('\n', " ")
}

/// The key that was probably meant by one that is not known.
pub(crate) fn meant(message: &str) -> Option<&str> {
    let (key, expected) = parts(message.trim(), "unknown field `")?;
    nearest(key, &names(expected))
}

fn parts<'a>(message: &'a str, start: &str) -> Option<(&'a str, &'a str)> {
    message.strip_prefix(start)?.split_once('`')
}

fn names(expected: &str) -> Vec<&str> {
    expected.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_said_in_plain_words() {
        let said = say("unknown field `promts`, expected one of `prompts`, `next`");
        assert_eq!(said, "the key 'promts' is not known here; did you mean 'prompts'?");
        let said = say("unknown field `zzzzz`, expected `prompts` or `next`");
        assert_eq!(said, "the key 'zzzzz' is not known here; the keys are prompts, next");
        assert_eq!(say("invalid type: integer `5`, expected a string"), "found integer 5; write a string");
        assert_eq!(say("missing field `name`"), "the key 'name' is missing; add it");
        assert_eq!(say("anything else"), "anything else");
    }
}
