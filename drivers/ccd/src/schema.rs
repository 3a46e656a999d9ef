//! Whether a JSON Schema is one: the keywords that drivers use, each with a value of its kind (JSON Schema 2020-12).

use serde_json::{Value, json};

const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "integer", "string"];

/// Looks at a schema and at all schemas in it.
///
/// # Errors
/// Where it is wrong, and how, for people.
pub fn check(schema: &Value) -> Result<(), String> {
    check_at(schema, "the schema")
}

fn check_at(schema: &Value, at: &str) -> Result<(), String> {
    let keywords = match schema {
        Value::Bool(_) => return Ok(()),
        Value::Object(keywords) => keywords,
        other => return Err(format!("{at} is {other}: a schema is an object, true or false")),
    };
    for (keyword, value) in keywords {
        let wrong = |wanted: &str| Err(format!("{at}: \"{keyword}\" is {value}; it must be {wanted}"));
        match keyword.as_str() {
            "type" if !is_type(value) => {
                return wrong(
                    "one of null, boolean, object, array, number, integer, string, or a list of them",
                );
            }
            "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
                let Some(inner) = value.as_object() else { return wrong("an object of schemas") };
                inner.iter().try_for_each(|(name, schema)| check_at(schema, &format!("{at}/{name}")))?;
            }
            "items"
            | "additionalProperties"
            | "not"
            | "if"
            | "then"
            | "else"
            | "contains"
            | "propertyNames" => {
                check_at(value, &format!("{at}/{keyword}"))?;
            }
            "anyOf" | "allOf" | "oneOf" | "prefixItems" => {
                let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
                    return wrong("a list of schemas");
                };
                list.iter().try_for_each(|schema| check_at(schema, &format!("{at}/{keyword}")))?;
            }
            "required" | "enum" | "examples" if !value.is_array() => return wrong("a list"),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf"
                if !value.is_number() =>
            {
                return wrong("a number");
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
                if !value.is_u64() =>
            {
                return wrong("a whole number, 0 or more");
            }
            "title" | "description" | "pattern" | "format" | "$schema" | "$id" | "$ref"
                if !value.is_string() =>
            {
                return wrong("a text");
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_type(value: &Value) -> bool {
    let is_name = |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name));
    is_name(value) || value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_name))
}

/// Values that a schema's top-level settings cannot have: path, value, and what is wrong with it.
#[must_use]
pub fn wrong_values(schema: &Value) -> Vec<(String, Value, &'static str)> {
    let mut wrong = Vec::new();
    for (path, setting) in schema["properties"].as_object().into_iter().flatten() {
        match setting["type"].as_str() {
            Some("integer" | "boolean") => wrong.push((path.clone(), json!("no number"), "a text")),
            Some("string") => wrong.push((path.clone(), json!({"no": "text"}), "an object")),
            _ => {}
        }
        if setting["type"] == "integer" {
            let next = |bound: &Value, step: i64| bound.as_i64()?.checked_add(step);
            wrong.extend(next(&setting["maximum"], 1).map(|value| (path.clone(), json!(value), "too much")));
            wrong.extend(
                next(&setting["minimum"], -1).map(|value| (path.clone(), json!(value), "too little")),
            );
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_read_to_its_depths() {
        let good = json!({"type": "object", "properties": {"channels": {"type": ["integer", "null"], "minimum": 1},
            "lines": {"type": "array", "items": {"type": "string"}}}, "required": ["channels"], "x-vendor": 7});
        assert_eq!(check(&good), Ok(()));
        assert_eq!(check(&json!(true)), Ok(()));
        for (bad, place) in [
            (json!([]), "the schema"),
            (json!({"type": "objekt"}), "\"type\""),
            (json!({"properties": {"a": {"items": {"minimum": "1"}}}}), "the schema/a/items: \"minimum\""),
            (json!({"anyOf": []}), "\"anyOf\""),
            (json!({"properties": 3}), "\"properties\""),
            (json!({"properties": {"a": {"maxLength": -1}}}), "/a: \"maxLength\""),
            (json!({"required": "a"}), "\"required\""),
            (json!({"title": 1}), "\"title\""),
        ] {
            let said = check(&bad).expect_err("it is wrong");
            assert!(said.contains(place), "{said}");
        }
    }

    #[test]
    fn what_cannot_be_is_taken_from_the_schema() {
        let schema = json!({"properties": {"n": {"type": "integer", "minimum": 1, "maximum": 9}, "t": {"type": "string"},
            "any": {"type": ["integer", "string"]}}});
        let values: Vec<Value> = wrong_values(&schema).into_iter().map(|(_, value, _)| value).collect();
        assert_eq!(values, [json!("no number"), json!(10), json!(0), json!({"no": "text"})]);
    }
}
