//! `records`: the calls that are over, newest first.

use crate::cli::RecordsArgs;
use crate::output::{End, duration};
use callcore::base::WallTime;
use callcore::ledger::CallRecord;
use callcore::shell::store::{Query, Reader, database};
use jiff::{Span, SpanRelativeTo, Timestamp};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Print them as a table, or as JSON, a line each.
pub(crate) fn run(args: &RecordsArgs) -> Result<(), End> {
    let since = args
        .since
        .as_deref()
        .map(|text| parse_since(text, Timestamp::now()))
        .transpose()
        .map_err(End::Wrong)?;
    let folder = folder(args)?;
    let records = read(&folder, &Query { since, limit: Some(args.limit), ..Query::default() })?;
    if args.json {
        print_json(&records)
    } else {
        print_table(&folder, &records)
    }
    Ok(())
}

fn folder(args: &RecordsArgs) -> Result<PathBuf, End> {
    match &args.data {
        Some(folder) => Ok(folder.clone()),
        None => Ok(super::run::load(args.config.as_deref())?.node.data_dir),
    }
}

/// The records of a data folder that are asked for, newest first.
pub(crate) fn read(folder: &Path, query: &Query) -> Result<Vec<CallRecord>, End> {
    let records = Reader::open(&database(folder)).and_then(|reader| reader.records(query));
    records.map_err(|why| End::failed(why.to_string()))
}

/// A moment (RFC 3339), or how long ago (`90s`, `30m`, `1h`, `2d`).
fn parse_since(text: &str, now: Timestamp) -> Result<WallTime, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(WallTime(moment.as_millisecond()));
    }
    let ago = text.parse::<Span>().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    match ago.map(|ago| now.checked_sub(ago.abs())) {
        Ok(Ok(moment)) => Ok(WallTime(moment.as_millisecond())),
        _ => Err(format!(
            "--since {text}: write a time such as 2026-01-31T08:00:00Z, or how long ago: 90s, 30m, 1h, 2d"
        )),
    }
}

fn print_json(records: &[CallRecord]) {
    let mut out = std::io::stdout().lock();
    for record in records {
        let line = serde_json::to_string(record).expect("numbers, strings and enums always have a JSON form");
        // who reads it may have read enough
        if writeln!(out, "{line}").is_err() {
            return;
        }
    }
}

const HEADING: &str =
    "  CALL  STARTED (UTC)        FROM          TO        QUEUE     AGENT   WAIT    TALK    OUTCOME";

fn print_table(folder: &Path, records: &[CallRecord]) {
    let mut out = std::io::stdout().lock();
    if records.is_empty() {
        let _ = writeln!(out, "No calls are recorded in {}.", folder.display());
        return;
    }
    let _ = writeln!(out, "{HEADING}");
    for record in records {
        if writeln!(out, "{}", row(record)).is_err() {
            return;
        }
    }
}

fn row(record: &CallRecord) -> String {
    let started = Timestamp::from_millisecond(record.started.0)
        .map_or_else(|_| "?".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string());
    let text = |name: &Option<std::sync::Arc<str>>| name.as_deref().unwrap_or("-").to_owned();
    let outcome = serde_json::to_value(record.outcome).ok().and_then(|name| name.as_str().map(str::to_owned));
    let row = format!(
        "{:>6}  {started}  {:<12}  {:<8}  {:<8}  {:<6}  {:<6}  {:<6}  {:<22}{}",
        record.call,
        record.calling,
        record.called,
        text(&record.queue),
        text(&record.agent),
        duration(record.queue_ms),
        duration(record.talk_ms),
        outcome.unwrap_or_default().replace('_', " "),
        record.recording.as_deref().unwrap_or_default(),
    );
    row.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_moment_or_an_age() {
        let now: Timestamp = "2026-01-03T12:00:00Z".parse().expect("RFC 3339");
        let ms = |text: &str| now.as_millisecond() - parse_since(text, now).expect(text).0;
        assert_eq!(ms("1h"), 3_600_000);
        assert_eq!(ms("90s"), 90_000);
        assert_eq!(ms("2d"), 172_800_000);
        assert_eq!(ms("2026-01-03T11:59:59Z"), 1000);
        assert_eq!(ms("2026-01-03T13:00:00+01:00"), 0);
        let wrong = parse_since("yesterday", now).expect_err("not a time");
        assert!(wrong.starts_with("--since yesterday: write a time"), "{wrong}");
    }
}
