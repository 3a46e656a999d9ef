//! What a driver says of its settings (JSON Schema), held against what is written: the part of the standard that
//! drivers use. `type`, `properties`, `required`, `items`, `minimum`, `maximum`, `enum`, `oneOf`.

use serde_json::Value;
use std::fmt;

/// Keys that every driver has, by the driver contract: the host chooses a device by the one, and gives the other.
const ALWAYS: &[&str] = &["uid", "name"];

/// A setting that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The path of the value: `config.trunks[0].name`; "" for all of it.
    pub path: String,
    /// What is wrong, and what to do.
    pub text: String,
}

impl Misfit {
    fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.text),
            path => write!(f, "{path}: {}", self.text),
        }
    }
}

/// Everything in `value`, which is at that path, that does not fit the schema.
#[must_use]
pub fn misfits(schema: &Value, value: &Value, at: &str) -> Vec<Misfit> {
    let mut problems = Vec::new();
    one(schema, value, at, &mut problems);
    problems
}

/// The name that is meant by a word, if one is near enough.
#[must_use]
pub fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let ranked = names.iter().map(|name| (strsim::damerau_levenshtein(word, name), *name));
    let (steps, name) = ranked.min_by_key(|(steps, _)| *steps)?;
    (steps <= 1 + word.len() / 4).then_some(name)
}

fn below(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

fn one(schema: &Value, value: &Value, at: &str, problems: &mut Vec<Misfit>) {
    if let Some(ways) = schema["oneOf"].as_array() {
        if !ways.iter().any(|way| misfits(way, value, at).is_empty()) {
            problems.push(Misfit::new(at, format!("{value} does not fit; {}", wanted(schema))));
        }
        return;
    }
    if !fits(schema, value) {
        return problems.push(Misfit::new(at, format!("found {value}; write {}", wanted(schema))));
    }
    match value {
        Value::Object(_) => object(schema, value, at, problems),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                one(&schema["items"], item, &format!("{at}[{place}]"), problems);
            }
        }
        _ => {}
    }
}

/// Keys that a schema does not name are mistakes, unless it says in so many words that there may be others.
fn object(schema: &Value, value: &Value, at: &str, problems: &mut Vec<Misfit>) {
    let Some(properties) = schema["properties"].as_object() else { return };
    let Some(object) = value.as_object() else { return };
    let others = &schema["additionalProperties"];
    let has_others = *others == true || schema["patternProperties"].is_object();
    for (key, value) in object {
        match properties.get(key) {
            Some(schema) => one(schema, value, &below(at, key), problems),
            None if has_others || ALWAYS.contains(&key.as_str()) => {}
            None if others.is_object() => one(others, value, &below(at, key), problems),
            None => {
                let known: Vec<&str> = properties.keys().map(String::as_str).collect();
                let hint = match nearest(key, &known) {
                    Some(near) => format!("did you mean '{near}'?"),
                    None => format!("the keys are {}", known.join(", ")),
                };
                let text = format!("the key '{key}' is not known to this driver; {hint}");
                problems.push(Misfit::new(below(at, key), text));
            }
        }
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(key) {
            problems.push(Misfit::new(at, format!("the key '{key}' is missing; add it")));
        }
    }
}

/// Whether a value is of the type, in the range, and among the values of a schema.
fn fits(schema: &Value, value: &Value) -> bool {
    let is_type = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    let not_less = schema["minimum"].as_f64().is_none_or(|least| value.as_f64().is_none_or(|it| it >= least));
    let not_more = schema["maximum"].as_f64().is_none_or(|most| value.as_f64().is_none_or(|it| it <= most));
    let among = schema["enum"].as_array().is_none_or(|all| all.contains(value));
    is_type && not_less && not_more && among
}

/// What would be right, in words.
fn wanted(schema: &Value) -> String {
    if let Some(all) = schema["enum"].as_array() {
        return format!("one of {}", all.iter().map(Value::to_string).collect::<Vec<_>>().join(", "));
    }
    let kind = match schema["type"].as_str() {
        Some("object") => "a table",
        Some("array") => "a list",
        Some("string") => "a text",
        Some("integer") => "a whole number",
        Some(other) => other,
        None => "another value",
    };
    let range = match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (Some(least), Some(most)) => format!(" from {least} to {most}"),
        (Some(least), None) => format!(", {least} or more"),
        _ => String::new(),
    };
    match schema["description"].as_str() {
        Some(about) => format!("{kind}{range} ({about})"),
        None => format!("{kind}{range}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_mistake_is_found_at_its_path() {
        let schema = json!({"type": "object", "properties": {
            "listen": {"type": "string", "description": "address:port"},
            "channels": {"type": "integer", "minimum": 1, "maximum": 9},
            "people": {"enum": ["auto", "manual"]},
            "ms": {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]},
            "trunks": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}}}}}});
        let right = json!({"uid": "x", "listen": "a", "channels": 9, "people": "auto", "ms": 3, "trunks": [{"name": "a"}]});
        assert_eq!(misfits(&schema, &right, "c"), []);
        let wrong = json!({"lisen": "a", "channels": 10, "people": "both", "ms": -1, "trunks": [{"nam": "a"}], "listen": 4});
        let found: Vec<String> = misfits(&schema, &wrong, "c").iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "c.channels: found 10; write a whole number from 1 to 9",
                "c.lisen: the key 'lisen' is not known to this driver; did you mean 'listen'?",
                "c.listen: found 4; write a text (address:port)",
                "c.ms: -1 does not fit; another value",
                "c.people: found \"both\"; write one of \"auto\", \"manual\"",
                "c.trunks[0].nam: the key 'nam' is not known to this driver; did you mean 'name'?",
                "c.trunks[0]: the key 'name' is missing; add it",
            ]
        );
    }

    #[test]
    fn a_whole_file_has_paths_without_a_beginning_and_others_where_the_schema_says_so() {
        let mut schema =
            json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}});
        let found = |schema: &Value, value: Value| {
            misfits(schema, &value, "").iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(found(&schema, json!({"a": "x"})), ["a: found \"x\"; write a whole number"]);
        assert_eq!(found(&schema, json!({})), ["the key 'a' is missing; add it"]);
        schema["additionalProperties"] = json!({"type": "boolean"});
        assert_eq!(found(&schema, json!({"a": 1, "b": 2})), ["b: found 2; write boolean"]);
        schema["additionalProperties"] = json!(true);
        assert_eq!(found(&schema, json!({"a": 1, "b": 2})), [""; 0]);
    }
}
