//! The projection: entries go in, rows come out, and how far it got stands in the same transaction.

use super::{StoreError, StoreOptions, schema};
use crate::call::{CallNumber, Fact};
use crate::ledger::{Entry, Records};
use crate::shell::journal;
use rusqlite::{Connection, Transaction, params};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Entries that are projected in one transaction when the journal is read.
const BATCH: usize = 10_000;

/// The writing connection, and the calls that live at the last projected fact.
pub(super) struct Projection {
    connection: Connection,
    options: StoreOptions,
    live: Live,
}

/// What must be remembered between entries.
#[derive(Default)]
struct Live {
    records: Records,
    /// The first fact of each call that lives.
    begun: BTreeMap<CallNumber, u64>,
    last_seq: u64,
}

impl Projection {
    /// Open the database, make it if it is not there, and bring it up to the journal.
    pub(super) fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let connection = connect(&options.path)?;
        let mut projection = Self { connection, options, live: Live::default() };
        projection.recall()?;
        projection.catch_up()?;
        Ok(projection)
    }

    pub(super) fn last_seq(&self) -> u64 {
        self.live.last_seq
    }

    /// Know again what the database knows: the calls that lived at its last fact.
    pub(super) fn recall(&mut self) -> Result<(), StoreError> {
        self.roll_back()?;
        let (last_seq, open_from) = self.progress().map_err(StoreError::sql(&self.options.path))?;
        self.live = Live { records: Records::new(), ..Live::default() };
        for entry in journal::read_from(&self.options.journal_dir, open_from)? {
            let entry = entry?;
            if entry.seq > last_seq {
                break;
            }
            self.live.push(&entry);
        }
        self.live.last_seq = last_seq;
        Ok(())
    }

    /// After a power cut the database may know facts that the journal has lost, and others may stand in their place:
    /// what follows the last fact that both know is taken back.
    fn roll_back(&mut self) -> Result<(), StoreError> {
        let path = &self.options.path;
        let known = known_facts(&self.connection).map_err(StoreError::sql(path))?;
        let newest = known.last_key_value().map_or(0, |(&seq, _)| seq);
        let agreed = self.last_agreed(&known)?;
        if agreed == newest {
            return Ok(());
        }
        if agreed == 0 {
            return Err(StoreError::Schema {
                path: path.clone(),
                text: "it belongs to another journal".to_owned(),
            });
        }
        tracing::warn!(from = agreed + 1, to = newest, "the journal has lost facts that the database had");
        take_back(&mut self.connection, agreed, known[&agreed]).map_err(StoreError::sql(path))
    }

    /// The last of some facts that stands in the journal just so; 0 if none does.
    fn last_agreed(&self, known: &BTreeMap<u64, u32>) -> Result<u64, StoreError> {
        let Some((&first, _)) = known.first_key_value() else { return Ok(0) };
        let mut agreed = 0;
        for entry in journal::read_from(&self.options.journal_dir, first)? {
            let entry = entry?;
            if known.get(&entry.seq).is_some_and(|&crc| crc == checksum(&entry)) {
                agreed = entry.seq;
            }
        }
        Ok(agreed)
    }

    fn progress(&self) -> rusqlite::Result<(u64, u64)> {
        self.connection
            .query_row("SELECT last_seq, open_from FROM progress", [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Project everything that the journal has and the database has not.
    pub(super) fn catch_up(&mut self) -> Result<(), StoreError> {
        let mut batch = Vec::new();
        for entry in journal::read_from(&self.options.journal_dir, self.live.last_seq + 1)? {
            batch.push(entry?);
            if batch.len() == BATCH {
                self.project(&batch)?;
                batch.clear();
            }
        }
        self.project(&batch)
    }

    /// Project entries that follow one another; those that are projected already change nothing. False when the first
    /// of them does not follow the last projected one: what is between must be read from the journal before.
    pub(super) fn follow(&mut self, entries: &[Entry]) -> Result<bool, StoreError> {
        let new = &entries[entries.partition_point(|entry| entry.seq <= self.live.last_seq)..];
        let follows = new.iter().zip(self.live.last_seq + 1..).all(|(entry, seq)| entry.seq == seq);
        if follows {
            self.project(new)?;
        }
        Ok(follows)
    }

    /// All or nothing. After an error the memory is ahead of the database: `recall` before anything else.
    fn project(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let all = |connection: &mut Connection, live: &mut Live| -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            for entry in entries {
                live.project(&transaction, entry)?;
            }
            let open_from = live.begun.values().min().copied().unwrap_or(live.last_seq + 1);
            let last_crc = entries.last().map_or(0, checksum);
            transaction.execute(
                "UPDATE progress SET last_seq = ?, last_crc = ?, open_from = ?",
                params![live.last_seq, last_crc, open_from],
            )?;
            transaction.commit()
        };
        all(&mut self.connection, &mut self.live).map_err(StoreError::sql(&self.options.path))
    }
}

impl Live {
    fn push(&mut self, entry: &Entry) -> Option<(crate::ledger::CallRecord, u64)> {
        if let (Some(call), Fact::Arrived { .. } | Fact::Originated { .. }) = (entry.call, &entry.fact) {
            self.begun.entry(call).or_insert(entry.seq);
        }
        self.last_seq = entry.seq;
        let record = self.records.push(entry)?;
        let first_seq = self.begun.remove(&record.call).unwrap_or(entry.seq);
        Some((record, first_seq))
    }

    fn project(&mut self, to: &Transaction<'_>, entry: &Entry) -> rusqlite::Result<()> {
        log(to, entry)?;
        if let Some((record, first_seq)) = self.push(entry) {
            let mut values = schema::values(&record);
            let places = [first_seq, entry.seq, u64::from(checksum(entry))];
            values.extend(places.map(|place| i64::try_from(place).unwrap_or(i64::MAX).into()));
            to.prepare_cached(&schema::insert())?.execute(rusqlite::params_from_iter(values))?;
        }
        Ok(())
    }
}

/// What tells an entry from another in its place.
fn checksum(entry: &Entry) -> u32 {
    crc32fast::hash(entry.to_line().as_bytes())
}

/// The last fact that is projected, and the last ones of the newest calls, each with its checksum.
fn known_facts(connection: &Connection) -> rusqlite::Result<BTreeMap<u64, u32>> {
    let mut facts = connection.prepare(
        "SELECT last_seq, last_crc FROM progress WHERE last_seq > 0 UNION ALL
         SELECT * FROM (SELECT last_seq, last_crc FROM calls ORDER BY last_seq DESC LIMIT 200)",
    )?;
    let facts = facts.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    facts.collect()
}

/// Take back everything that follows a fact.
fn take_back(connection: &mut Connection, seq: u64, crc: u32) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute(
        "UPDATE progress SET last_seq = ?1, last_crc = ?2, open_from = MIN(open_from, ?1 + 1,
            (SELECT IFNULL(MIN(first_seq), open_from) FROM calls WHERE last_seq > ?1))",
        params![seq, crc],
    )?;
    transaction.execute("DELETE FROM calls WHERE last_seq > ?", [seq])?;
    transaction.execute("DELETE FROM agent_states WHERE seq > ?", [seq])?;
    transaction.execute("DELETE FROM queue_log WHERE seq > ?", [seq])?;
    transaction.commit()
}

/// The rows that an entry is by itself.
fn log(to: &Transaction<'_>, entry: &Entry) -> rusqlite::Result<()> {
    let (seq, wall, call) = (entry.seq, entry.wall.0, entry.call);
    let queue = |queue: &str, event: &str, agent: Option<&str>, result: Option<String>, ms: Option<u64>| {
        let sql = "INSERT INTO queue_log (seq, wall, call, queue, event, agent, result, ms) VALUES (?,?,?,?,?,?,?,?)";
        to.prepare_cached(sql)?.execute(params![seq, wall, call, queue, event, agent, result, ms]).map(drop)
    };
    match &entry.fact {
        Fact::Queued { queue: name } => queue(name, "queued", None, None, None),
        Fact::Offered { queue: name, agent } => queue(name, "offered", Some(agent), None, None),
        Fact::OfferEnded { queue: name, agent, end, ring_ms } => {
            queue(name, "offer_ended", Some(agent), word(end), Some(*ring_ms))
        }
        Fact::Dequeued { queue: name, end, wait_ms } => {
            queue(name, "dequeued", None, word(end), Some(*wait_ms))
        }
        Fact::AgentChanged { agent, state, reason } => {
            let sql = "INSERT INTO agent_states (seq, wall, agent, state, reason) VALUES (?,?,?,?,?)";
            to.prepare_cached(sql)?.execute(params![seq, wall, agent, state, reason]).map(drop)
        }
        _ => Ok(()),
    }
}

/// The word that the ledger has for it.
fn word(end: &impl Serialize) -> Option<String> {
    serde_json::to_value(end).ok()?.as_str().map(str::to_owned)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "normal")?;
        Ok(connection)
    };
    let mut connection = open().map_err(StoreError::sql(path))?;
    schema::migrate(&mut connection).map_err(|why| match why {
        rusqlite_migration::Error::RusqliteError { err, .. } => {
            StoreError::Sql { path: path.to_owned(), source: err }
        }
        other => StoreError::Schema { path: path.to_owned(), text: other.to_string() },
    })?;
    Ok(connection)
}
