//! Reading a table into a type with all its mistakes at once, not only the first.
//!
//! serde stops at the first mistake. Here the value it stopped at is taken out of the tree and the rest is read again,
//! until nothing is wrong any more or nothing is left.

use super::place::paths_of;
use super::words::{meant, say};
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Error, ValueDeserializer};

/// One mistake: its place in the file's bytes, its path, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) span: Option<Range<usize>>,
    pub(crate) path: String,
    pub(crate) text: String,
}

/// What could be read, and what could not.
pub(crate) struct Reading<T> {
    pub(crate) value: Option<T>,
    pub(crate) mistakes: Vec<Mistake>,
}

/// Read `T` from a table.
pub(crate) fn read<T: DeserializeOwned>(table: Spanned<DeTable<'_>>) -> Reading<T> {
    let original = table.get_ref().clone();
    let span = table.span();
    let mut tree = Spanned::new(span, DeValue::Table(table.into_inner()));
    let mut mistakes = Vec::new();
    // what was taken out, and what it was probably meant to be: both are not missing
    let mut taken: Vec<String> = Vec::new();
    loop {
        let error = match deserialize::<T>(&tree) {
            Ok(value) => return Reading { value: Some(value), mistakes },
            Err(error) => error,
        };
        let (span, path) = culprit::<T>(&original, &tree, &error);
        let depth = depth(&path);
        if !missing(&error).is_some_and(|key| taken.contains(&join(&path, key))) {
            mistakes.push(Mistake { span: span.clone(), path: path.clone(), text: say(error.message()) });
        }
        taken.extend(meant(error.message()).map(|name| join(parent(&path), name)));
        taken.push(path);
        if !span.is_some_and(|span| remove(&mut tree, &span, depth)) {
            return Reading { value: None, mistakes };
        }
    }
}

fn deserialize<T: DeserializeOwned>(tree: &Spanned<DeValue<'_>>) -> Result<T, Error> {
    T::deserialize(ValueDeserializer::from(tree.clone()))
}

fn missing(error: &Error) -> Option<&str> {
    error.message().strip_prefix("missing field `")?.split('`').next()
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(parent, _)| parent)
}

/// How many steps down the tree a path is. Names with dots make it too many, never too few.
fn depth(path: &str) -> usize {
    path.matches(['.', '[']).count() + 1
}

/// What is wrong: its bytes and its path.
fn culprit<T: DeserializeOwned>(
    original: &DeTable<'_>,
    tree: &Spanned<DeValue<'_>>,
    error: &Error,
) -> (Option<Range<usize>>, String) {
    let Some(span) = error.span() else { return (None, String::new()) };
    let span = match missing(error) {
        Some(_) => span,
        None => below_tag::<T>(tree, error, &span).unwrap_or(span),
    };
    let mut paths = paths_of(original, &span);
    // serde's path has no places: extension.number for extension[0].number
    let said = error.to_string();
    let said =
        said.split_once("in `").and_then(|(_, keys)| keys.split_once('`')).map(|(keys, _)| keys.to_owned());
    let exact =
        paths.iter().rposition(|path| said.as_ref().is_some_and(|said| without_places(path) == *said));
    let path = match exact {
        Some(place) => paths.swap_remove(place),
        None => paths.pop().unwrap_or_default(),
    };
    (Some(span), path)
}

fn without_places(path: &str) -> String {
    path.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect()
}

/// Below a tagged table serde only knows the table. Then that key is meant without which the complaint is another one.
fn below_tag<T: DeserializeOwned>(
    tree: &Spanned<DeValue<'_>>,
    error: &Error,
    span: &Range<usize>,
) -> Option<Range<usize>> {
    let mut keys = Vec::new();
    keys_below(tree, span, (0, false), &mut keys);
    // children before parents, and the tag last: without it, everything is another complaint
    keys.reverse();
    keys.sort_by_key(|(name, ..)| name == "type");
    let without = |span: &Range<usize>, depth: usize| {
        let mut tree = tree.clone();
        remove(&mut tree, span, depth);
        deserialize::<T>(&tree).err()
    };
    let changed = |now: &Error| now.message() != error.message() || now.span() != error.span();
    let tried: Vec<_> = keys.iter().map(|(name, span, depth)| (name, span, without(span, *depth))).collect();
    let freely = |(name, _, now): &&(&String, _, Option<Error>)| {
        now.as_ref().is_none_or(|now| changed(now) && missing(now) != Some(name.as_str()))
    };
    let at_all = |(_, _, now): &&(&String, _, Option<Error>)| now.as_ref().is_none_or(changed);
    tried.iter().find(freely).or_else(|| tried.iter().find(at_all)).map(|(_, span, _)| (*span).clone())
}

/// A key: its name, its bytes, and how deep in the whole tree it is.
type Key = (String, Range<usize>, usize);

/// All keys below the tables with these bytes.
fn keys_below(
    value: &Spanned<DeValue<'_>>,
    span: &Range<usize>,
    (depth, within): (usize, bool),
    keys: &mut Vec<Key>,
) {
    let within = within || value.span() == *span;
    match value.get_ref() {
        DeValue::Table(table) => table.iter().for_each(|(key, value)| {
            if within {
                keys.push((key.get_ref().to_string(), key.span(), depth + 1));
            }
            keys_below(value, span, (depth + 1, within), keys);
        }),
        DeValue::Array(array) => {
            array.iter().for_each(|item| keys_below(item, span, (depth + 1, within), keys))
        }
        _ => {}
    }
}

/// Take out the key or value with these bytes, the deepest down to a depth; whether there was one.
fn remove(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match value.get_mut() {
        DeValue::Table(table) => {
            if table.iter_mut().any(|(_, below)| remove(below, span, depth - 1)) {
                return true;
            }
            let found = table.iter().find(|(key, below)| key.span() == *span || below.span() == *span);
            let Some(key) = found.map(|(key, _)| key.get_ref().to_string()) else { return false };
            table.remove(key.as_str()).is_some()
        }
        DeValue::Array(array) => {
            if array.iter_mut().any(|item| remove(item, span, depth - 1)) {
                return true;
            }
            let before = array.len();
            let all = std::mem::replace(array, DeArray::new());
            *array = all.into_iter().filter(|item| item.span() != *span).collect();
            array.len() < before
        }
        _ => false,
    }
}
