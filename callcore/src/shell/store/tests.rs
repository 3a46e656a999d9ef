//! Each fact is projected once: across restarts, lost databases, lost journals and entries that found no room.

use super::projection::Projection;
use super::*;
use crate::base::WallTime;
use crate::exchange::Output;
use crate::ledger::fixture::Script;
use crate::ledger::{CallRecord, Entry, Records};
use crate::shell::journal::{Forward, Journal, JournalNews, JournalOptions, OpenJournal, read_from};
use std::fs;
use tempfile::TempDir;

struct Nobody;
impl Forward for Nobody {
    fn output(&mut self, _: Output) {}
    fn on_news(&mut self, news: JournalNews) {
        panic!("{news:?}");
    }
}

fn folder() -> TempDir {
    let shm = tempfile::tempdir_in("/dev/shm");
    shm.or_else(|_| tempfile::tempdir()).expect("a folder for the test")
}

fn options(dir: &TempDir) -> StoreOptions {
    StoreOptions::new(dir.path())
}

fn write(dir: &TempDir, entries: &[Entry]) {
    let options = JournalOptions { segment_bytes_max: 20_000, ..JournalOptions::new(dir.path()) };
    let opened = OpenJournal::open(options, &mut |_| Ok(1)).expect("it opens");
    let journal = Journal::start(opened, Nobody).expect("a thread");
    for batch in entries.chunks(100) {
        journal.send(batch.iter().cloned().map(Output::Fact).collect()).expect("it takes");
    }
    journal.close();
}

/// What the database must hold, by the ledger alone.
fn expected(entries: &[Entry]) -> Vec<CallRecord> {
    let mut records = Records::new();
    let mut found: Vec<_> = entries.iter().filter_map(|entry| records.push(entry)).collect();
    found.sort_by_key(|record| std::cmp::Reverse((record.started, record.call)));
    found
}

fn stored(dir: &TempDir) -> Vec<CallRecord> {
    let reader = Reader::open(&database(dir.path())).expect("it is there");
    reader.records(&Query::default()).expect("it can be read")
}

fn count(dir: &TempDir, table: &str) -> u64 {
    let connection = rusqlite::Connection::open(database(dir.path())).expect("it is there");
    connection.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0)).expect("it counts")
}

fn queue_facts(entries: &[Entry]) -> u64 {
    let names = ["queued", "offered", "offer_ended", "dequeued"];
    entries
        .iter()
        .filter(|it| names.iter().any(|name| it.to_line().contains(&format!("\"fact\":\"{name}\""))))
        .count() as u64
}

#[test]
fn stopped_after_any_entry_each_call_is_stored_once() {
    let (dir, day) = (folder(), Script::day(1, 25).entries);
    write(&dir, &day);
    for stop in (1..day.len()).step_by(3) {
        let _ = fs::remove_file(database(dir.path()));
        let elsewhere = folder();
        // the first run sees the ledger up to here, and part of it twice
        let mut first =
            Projection::open(StoreOptions { journal_dir: elsewhere.path().join("none"), ..options(&dir) });
        let first = first.as_mut().expect("it is made");
        assert!(first.follow(&day[..stop / 2]).expect("it is written"));
        assert!(first.follow(&day[stop / 4..stop]).expect("it is written"));
        assert!(!first.follow(&day[stop + 1..]).expect("nothing is wrong") || stop + 1 == day.len());
        assert_eq!(stored(&dir), expected(&day[..stop]));
        drop(Projection::open(options(&dir)).expect("it is opened again"));
        assert_eq!(stored(&dir), expected(&day), "stopped after {stop}");
        assert_eq!(count(&dir, "queue_log"), queue_facts(&day));
    }
}

/// Proves: A21.30
#[test]
fn a_deleted_or_broken_database_is_made_again() {
    let (dir, day) = (folder(), Script::day(2, 60).entries);
    write(&dir, &day);
    drop(Store::start(options(&dir)).expect("it is made"));
    let before = stored(&dir);
    assert_eq!(before, expected(&day));
    assert_eq!(before.len(), 60);
    fs::remove_file(database(dir.path())).expect("it was there");
    drop(Store::start(options(&dir)).expect("it is made"));
    assert_eq!(stored(&dir), before);
    fs::write(database(dir.path()), vec![7; 9_000]).expect("written");
    drop(Store::start(options(&dir)).expect("it is made"));
    assert_eq!(stored(&dir), before);
    assert_eq!(fs::metadata(dir.path().join("callcore.db.broken")).expect("it is kept").len(), 9_000);
}

#[test]
fn what_the_journal_lost_is_taken_back() {
    let day = Script::day(3, 30).entries;
    for keep in (1..day.len()).step_by(17) {
        let (dir, shorter) = (folder(), folder());
        write(&dir, &day);
        drop(Projection::open(options(&dir)).expect("it is made"));
        write(&shorter, &day[..keep]);
        fs::remove_dir_all(dir.path().join("journal")).expect("it was there");
        fs::rename(shorter.path().join("journal"), dir.path().join("journal")).expect("moved");
        drop(OpenJournal::open(JournalOptions::new(dir.path()), &mut |_| Ok(1)).expect("it opens"));
        let ledger: Vec<_> = read_from(&dir.path().join("journal"), 1)
            .expect("a folder")
            .map(|entry| entry.expect("good"))
            .collect();
        drop(Store::start(options(&dir)).expect("it opens"));
        assert_eq!(stored(&dir), expected(&ledger), "{keep} facts kept");
        assert_eq!(count(&dir, "queue_log"), queue_facts(&ledger));
    }
}

#[test]
fn entries_that_found_no_room_come_from_the_journal() {
    let (dir, day) = (folder(), Script::day(4, 80).entries);
    drop(Store::start(options(&dir)).expect("it is made"));
    let store = Store::start(options(&dir)).expect("it opens");
    write(&dir, &day);
    for entry in day.iter().filter(|entry| entry.seq % 7 != 0 && entry.seq < 400) {
        store.push(entry.clone());
    }
    store.sync();
    let stored_now = stored(&dir);
    assert!(stored_now.len() >= expected(&day[..399]).len());
    store.push(day.last().expect("a day").clone());
    drop(store);
    assert_eq!(stored(&dir), expected(&day));
}

#[test]
fn a_transaction_that_fails_is_made_later() {
    let (dir, day) = (folder(), Script::day(5, 10).entries);
    let store = Store::start(options(&dir)).expect("it is made");
    write(&dir, &day);
    let other = rusqlite::Connection::open(database(dir.path())).expect("it is there");
    // a table that is gone makes the transaction fail; all of it is taken back
    other.execute_batch("ALTER TABLE queue_log RENAME TO hidden").expect("renamed");
    day.iter().cloned().for_each(|entry| store.push(entry));
    store.sync();
    assert!(stored(&dir).len() < 10);
    other.execute_batch("ALTER TABLE hidden RENAME TO queue_log").expect("renamed");
    drop(other);
    drop(store);
    assert_eq!(stored(&dir), expected(&day));
    assert_eq!(count(&dir, "queue_log"), queue_facts(&day));
}

#[test]
fn questions_are_answered_newest_first() {
    let (dir, day) = (folder(), Script::day(6, 60).entries);
    write(&dir, &day);
    let store = Store::start(options(&dir)).expect("it is made");
    let reader = Reader::open(&database(dir.path())).expect("while the node runs");
    let all = expected(&day);
    let middle = all[30].started;
    let ask = |query: Query, wanted: &dyn Fn(&CallRecord) -> bool| {
        let wanted: Vec<_> = all.iter().filter(|record| wanted(record)).cloned().collect();
        assert_eq!(reader.records(&query).expect("it can be read"), wanted, "{query:?}");
        wanted.len()
    };
    let any = Query::default;
    assert_eq!(ask(any(), &|_| true), 60);
    ask(Query { since: Some(middle), ..any() }, &|it| it.started >= middle);
    ask(Query { until: Some(middle), ..any() }, &|it| it.started < middle);
    assert!(ask(Query { agent: Some("7".into()), ..any() }, &|it| it.agent.as_deref() == Some("7")) > 0);
    assert!(
        ask(Query { queue: Some("sales".into()), ..any() }, &|it| it.queue.as_deref() == Some("sales")) > 0
    );
    let calling = all[5].calling.clone();
    ask(Query { calling: Some(calling.clone()), ..any() }, &|it| it.calling == calling);
    assert_eq!(ask(Query { called: Some("' OR 1=1".into()), ..any() }, &|_| false), 0);
    assert_eq!(ask(Query { call: Some(9), ..any() }, &|it| it.call == 9), 1);
    let newest = reader.records(&Query { limit: Some(3), ..any() }).expect("it can be read");
    assert_eq!(newest, all[..3]);
    drop(store);
    assert!(matches!(Reader::open(&dir.path().join("none.db")), Err(StoreError::Missing { .. })));
}

#[test]
fn every_field_comes_back_as_it_went_in() {
    let (dir, mut script) = (folder(), Script::new());
    script.arrive(1, "017", "8000").fact(1, crate::call::Fact::Answered).queued(1, "q").offered(1, "q", "7");
    script.at(5_000).answered(1, "q", "7", 4_000, 5_000);
    script.fact(1, crate::call::Fact::RecordingStarted { recording: 1, path: "ä/售后.wav".into() });
    script.fact(1, crate::call::Fact::RecordingFailed { recording: 1, text: "disk 'full'".into() });
    script.at(9_000).ended(1, crate::board::Cause::NORMAL, crate::call::Party::Called);
    write(&dir, &script.entries);
    drop(Store::start(options(&dir)).expect("it is made"));
    let stored = stored(&dir);
    assert_eq!(stored, expected(&script.entries));
    assert!(stored[0].internal && stored[0].answered > Some(WallTime(0)));
    assert_eq!(count(&dir, "agent_states"), 2);
}
