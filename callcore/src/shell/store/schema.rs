//! The tables, and how a call record becomes a row and a row a record.

use crate::ledger::CallRecord;
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, Row};
use rusqlite_migration::{M, Migrations};
use serde_json::{Map, Value};

/// The columns of `calls` that are fields of a record, in the order in which they are read.
pub(super) const COLUMNS: [&str; 32] = [
    "call",
    "direction",
    "calling",
    "called",
    "name",
    "via",
    "channel",
    "internal",
    "started",
    "answered",
    "ended",
    "duration_ms",
    "connected_ms",
    "flow",
    "node",
    "digits",
    "queue",
    "queue_ms",
    "ring_ms",
    "offers",
    "agent",
    "party",
    "talk_ms",
    "holds",
    "recording",
    "recording_ms",
    "recording_error",
    "gap_frames",
    "cause_q850",
    "cause",
    "ended_by",
    "outcome",
];

/// Each change of the tables is one more step; steps that were given out are never changed.
const STEPS: [&str; 1] = ["CREATE TABLE progress (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        last_seq INTEGER NOT NULL,  -- the last fact that is projected
        last_crc INTEGER NOT NULL,  -- the checksum of its line
        open_from INTEGER NOT NULL  -- the first fact of the oldest call that lived then
    ) STRICT;
    INSERT INTO progress VALUES (1, 0, 0, 1);
    CREATE TABLE calls (
        call INTEGER PRIMARY KEY, direction TEXT NOT NULL, calling TEXT NOT NULL, called TEXT NOT NULL,
        name TEXT NOT NULL, via TEXT NOT NULL, channel TEXT NOT NULL, internal INTEGER NOT NULL,
        started INTEGER NOT NULL, answered INTEGER, ended INTEGER NOT NULL, duration_ms INTEGER NOT NULL,
        connected_ms INTEGER NOT NULL, flow TEXT, node TEXT, digits TEXT NOT NULL, queue TEXT,
        queue_ms INTEGER NOT NULL, ring_ms INTEGER, offers INTEGER NOT NULL, agent TEXT, party TEXT,
        talk_ms INTEGER NOT NULL, holds INTEGER NOT NULL, recording TEXT, recording_ms INTEGER,
        recording_error TEXT, gap_frames INTEGER NOT NULL, cause_q850 INTEGER, cause TEXT, ended_by TEXT,
        outcome TEXT NOT NULL,
        first_seq INTEGER NOT NULL, -- its first fact
        last_seq INTEGER NOT NULL,  -- its last
        last_crc INTEGER NOT NULL   -- the checksum of that one's line
    ) STRICT;
    CREATE INDEX calls_by_started ON calls (started);
    CREATE INDEX calls_by_calling ON calls (calling, started);
    CREATE INDEX calls_by_called ON calls (called, started);
    CREATE INDEX calls_by_agent ON calls (agent, started);
    CREATE INDEX calls_by_queue ON calls (queue, started);
    CREATE INDEX calls_by_last_seq ON calls (last_seq);
    CREATE TABLE agent_states (
        seq INTEGER PRIMARY KEY, wall INTEGER NOT NULL, agent TEXT NOT NULL, state TEXT NOT NULL, reason TEXT
    ) STRICT;
    CREATE INDEX agent_states_by_agent ON agent_states (agent, wall);
    CREATE TABLE queue_log (
        seq INTEGER PRIMARY KEY, wall INTEGER NOT NULL, call INTEGER NOT NULL, queue TEXT NOT NULL,
        event TEXT NOT NULL,        -- queued, offered, offer_ended, dequeued
        agent TEXT, result TEXT, ms INTEGER
    ) STRICT;
    CREATE INDEX queue_log_by_queue ON queue_log (queue, wall);"];

/// Bring the tables to this program's version. A text if they are a later program's.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    Migrations::new(STEPS.iter().map(|step| M::up(step)).collect()).to_latest(connection)
}

/// The statement that stores a record; its parameters are those of [`values`] and its places in the ledger.
pub(super) fn insert() -> String {
    let columns = COLUMNS.join(", ");
    let marks = vec!["?"; COLUMNS.len() + 3].join(", ");
    format!("INSERT INTO calls ({columns}, first_seq, last_seq, last_crc) VALUES ({marks})")
}

/// The fields of a record in the order of [`COLUMNS`].
pub(super) fn values(record: &CallRecord) -> Vec<Sql> {
    let json = serde_json::to_value(record).expect("numbers, strings and enums always have a JSON form");
    COLUMNS.iter().map(|column| to_sql(&json[column])).collect()
}

fn to_sql(value: &Value) -> Sql {
    match value {
        Value::Bool(flag) => Sql::Integer(i64::from(*flag)),
        Value::Number(number) => Sql::Integer(number.as_i64().unwrap_or(i64::MAX)),
        Value::String(text) => Sql::Text(text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => Sql::Null,
    }
}

/// The record of a row whose first columns are [`COLUMNS`].
pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<CallRecord> {
    let mut json = Map::new();
    for (place, column) in COLUMNS.iter().enumerate() {
        let value = match row.get_ref(place)? {
            ValueRef::Integer(number) if *column == "internal" => Value::Bool(number != 0),
            ValueRef::Integer(number) => number.into(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
        };
        json.insert((*column).to_owned(), value);
    }
    serde_json::from_value(Value::Object(json))
        .map_err(|why| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Null, why.into()))
}
