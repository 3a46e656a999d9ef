//! A driver's questions about its configuration: values by path (`endpoints.0.address`) in a JSON tree.

use callcore_driver_sys::{CCD_E_CONFIG, CCD_E_GONE, ccd_status};
use serde_json::Value;

/// The value at a path; list elements are numbered from 0. A null is as good as nothing.
#[must_use]
pub fn find<'a>(tree: &'a Value, path: &str) -> Option<&'a Value> {
    let step = |value: &'a Value, name: &str| match value {
        Value::Object(map) => map.get(name),
        Value::Array(list) => list.get(name.parse::<usize>().ok()?),
        _ => None,
    };
    path.split('.').try_fold(tree, step).filter(|value| !value.is_null())
}

/// A whole number; 0 or 1 for a truth value, the length for a list.
///
/// # Errors
/// `CCD_E_GONE` when nothing is there, `CCD_E_CONFIG` when it is something else.
pub fn int(tree: &Value, path: &str) -> Result<i64, ccd_status> {
    match find(tree, path).ok_or(CCD_E_GONE)? {
        Value::Number(number) => number.as_i64().ok_or(CCD_E_CONFIG),
        Value::Bool(truth) => Ok(i64::from(*truth)),
        Value::Array(list) => i64::try_from(list.len()).map_err(|_| CCD_E_CONFIG),
        _ => Err(CCD_E_CONFIG),
    }
}

/// A text; also a number with a fraction, which no other question could get at.
///
/// # Errors
/// As for [`int`].
pub fn text(tree: &Value, path: &str) -> Result<String, ccd_status> {
    match find(tree, path).ok_or(CCD_E_GONE)? {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if number.is_f64() => Ok(number.to_string()),
        _ => Err(CCD_E_CONFIG),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_find_values_and_types_are_kept_apart() {
        let tree = json!({"listen": "0.0.0.0:5060", "on": true, "share": 0.5, "no": null,
            "endpoints": [{"address": "1001"}, {"address": "1002", "port": 7}]});
        assert_eq!(text(&tree, "listen").as_deref(), Ok("0.0.0.0:5060"));
        assert_eq!(text(&tree, "endpoints.1.address").as_deref(), Ok("1002"));
        assert_eq!(text(&tree, "share").as_deref(), Ok("0.5"));
        assert_eq!(int(&tree, "endpoints"), Ok(2));
        assert_eq!(int(&tree, "endpoints.1.port"), Ok(7));
        assert_eq!(int(&tree, "on"), Ok(1));
        for absent in ["", "no", "nothing", "endpoints.2", "endpoints.-1", "listen.x", "endpoints..port"] {
            assert_eq!(int(&tree, absent), Err(CCD_E_GONE), "{absent}");
        }
        assert_eq!(int(&tree, "listen"), Err(CCD_E_CONFIG));
        assert_eq!(text(&tree, "endpoints.1.port"), Err(CCD_E_CONFIG));
        assert_eq!(text(&tree, "endpoints"), Err(CCD_E_CONFIG));
    }
}
