//! What a driver says of its settings (JSON Schema), held against what is written: the part of the standard that
//! drivers use. `type`, `properties`, `required`, `items`, `minimum`, `maximum`, `enum`, `oneOf`.

use super::nearest;
use callcore::base::Problem;
use serde_json::Value;

/// Keys that every driver has, by the driver contract: the host chooses a device by them.
const ALWAYS: &[&str] = &["uid"];

/// Everything in `value` that does not fit the schema.
pub(super) fn check(schema: &Value, value: &Value, at: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    one(schema, value, at, &mut problems);
    problems
}

fn one(schema: &Value, value: &Value, at: &str, problems: &mut Vec<Problem>) {
    if let Some(ways) = schema["oneOf"].as_array() {
        if !ways.iter().any(|way| check(way, value, at).is_empty()) {
            problems.push(Problem::new(at, format!("{value} does not fit; {}", wanted(schema))));
        }
        return;
    }
    if !fits(schema, value) {
        return problems.push(Problem::new(at, format!("found {value}; write {}", wanted(schema))));
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

fn object(schema: &Value, value: &Value, at: &str, problems: &mut Vec<Problem>) {
    let Some(properties) = schema["properties"].as_object() else { return };
    let Some(object) = value.as_object() else { return };
    for (key, below) in object {
        match properties.get(key) {
            Some(schema) => one(schema, below, &format!("{at}.{key}"), problems),
            None if ALWAYS.contains(&key.as_str()) => {}
            None => {
                let known: Vec<&str> = properties.keys().map(String::as_str).collect();
                let hint = match nearest(key, &known) {
                    Some(near) => format!("did you mean '{near}'?"),
                    None => format!("the keys are {}", known.join(", ")),
                };
                let text = format!("the key '{key}' is not known to this driver; {hint}");
                problems.push(Problem::new(format!("{at}.{key}"), text));
            }
        }
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(key) {
            problems.push(Problem::new(at, format!("the key '{key}' is missing; add it")));
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
        assert_eq!(check(&schema, &right, "c"), []);
        let wrong = json!({"lisen": "a", "channels": 10, "people": "both", "ms": -1, "trunks": [{"nam": "a"}], "listen": 4});
        let found: Vec<String> = check(&schema, &wrong, "c").iter().map(ToString::to_string).collect();
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
}
