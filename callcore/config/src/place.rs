//! Where in the file a value is: paths such as `queue[0].ring_ms` to lines, and spans to paths.

use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The line (from 1) of a byte of a text.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// The bytes of the value at a path, or of the nearest part of the path that is there; `None` if nothing of it is.
///
/// Names may hold dots, so at each table the longest key that fits is taken.
pub(crate) fn span_at(root: &DeTable<'_>, path: &str) -> Option<Range<usize>> {
    let (key, value, rest) = step(root, path)?;
    Some(span_below(value, rest).unwrap_or(key))
}

fn step<'a, 'i>(
    table: &'a DeTable<'i>,
    path: &'a str,
) -> Option<(Range<usize>, &'a Spanned<DeValue<'i>>, &'a str)> {
    let fits = |key: &str| {
        let rest = path.strip_prefix(key)?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest.strip_prefix('.').unwrap_or(rest))
    };
    let found = table.iter().filter_map(|(key, value)| Some((key, value, fits(key.get_ref())?)));
    let (key, value, rest) = found.max_by_key(|(key, ..)| key.get_ref().len())?;
    Some((key.span(), value, rest))
}

fn span_below(value: &Spanned<DeValue<'_>>, path: &str) -> Option<Range<usize>> {
    match value.get_ref() {
        DeValue::Table(table) => span_at(table, path),
        DeValue::Array(array) => {
            let (place, rest) = path.strip_prefix('[')?.split_once(']')?;
            let item = array.get(place.parse::<usize>().ok()?)?;
            Some(span_below(item, rest.strip_prefix('.').unwrap_or(rest)).unwrap_or_else(|| item.span()))
        }
        _ => None,
    }
}

/// The paths of all keys and values that have exactly these bytes, outermost first.
///
/// There can be several: a table that is only named in its child's header has that header's bytes.
pub(crate) fn paths_of(root: &DeTable<'_>, span: &Range<usize>) -> Vec<String> {
    let mut found = Vec::new();
    in_table(root, "", span, &mut found);
    found
}

fn in_table(table: &DeTable<'_>, at: &str, span: &Range<usize>, found: &mut Vec<String>) {
    for (key, value) in table {
        let dot = if at.is_empty() { "" } else { "." };
        let path = format!("{at}{dot}{}", key.get_ref());
        if key.span() == *span || value.span() == *span {
            found.push(path.clone());
        }
        in_value(value, &path, span, found);
    }
}

fn in_value(value: &Spanned<DeValue<'_>>, at: &str, span: &Range<usize>, found: &mut Vec<String>) {
    match value.get_ref() {
        DeValue::Table(table) => in_table(table, at, span, found),
        DeValue::Array(array) => {
            for (place, item) in array.iter().enumerate() {
                let path = format!("{at}[{place}]");
                if item.span() == *span {
                    found.push(path.clone());
                }
                in_value(item, &path, span, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "time_zone = \"UTC\"\n\n[[queue]]\nname = \"a\"\n\n[[queue]]\nname = \"b\"\nring_ms = 5\n\n\
                        [flow.main]\nstart = \"x\"\n[flow.main.node.\"a.b\"]\noptions = { 1 = \"n\",\n 2 = \"m\" }\n";

    fn line(path: &str) -> Option<usize> {
        let table = DeTable::parse(TEXT).expect("good TOML");
        span_at(table.get_ref(), path).map(|span| line_of(TEXT, span.start))
    }

    #[test]
    fn paths_lead_to_lines() {
        assert_eq!(line("time_zone"), Some(1));
        assert_eq!(line("queue[0]"), Some(3));
        assert_eq!(line("queue[1].ring_ms"), Some(8));
        assert_eq!(line("queue[1].no_such"), Some(6));
        assert_eq!(line("flow.main.start"), Some(11));
        assert_eq!(line("flow.main.node.a.b.options.2"), Some(14));
        assert_eq!(line("flow.main.node.a.b.next"), Some(12));
        assert_eq!(line("agent[0]"), None);
    }

    #[test]
    fn every_span_leads_back_to_its_path() {
        let table = DeTable::parse(TEXT).expect("good TOML");
        for path in ["time_zone", "queue[1]", "queue[1].ring_ms", "flow.main.node.a.b.options.1"] {
            let span = span_at(table.get_ref(), path).expect(path);
            assert!(paths_of(table.get_ref(), &span).iter().any(|found| found == path), "{path}");
        }
    }
}
