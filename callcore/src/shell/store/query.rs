//! Questions to the database, by a connection of their own: while the node runs, also from another process.

use super::{StoreError, schema};
use crate::base::WallTime;
use crate::ledger::CallRecord;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Which calls are wanted; what is left out does not matter. Numbers and names must be equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Begun at this moment or later.
    pub since: Option<WallTime>,
    /// Begun before this moment.
    pub until: Option<WallTime>,
    /// From this number.
    pub calling: Option<String>,
    /// To this number.
    pub called: Option<String>,
    /// The agent who talked last.
    pub agent: Option<String>,
    /// The last queue.
    pub queue: Option<String>,
    /// The one call of this number.
    pub call: Option<u64>,
    /// At most so many: the newest.
    pub limit: Option<usize>,
}

/// A connection that only reads.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    path: PathBuf,
}

impl Reader {
    /// Open the database that a node makes.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(StoreError::sql(path))?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(StoreError::sql(path))?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// The finished calls that are asked for, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn records(&self, query: &Query) -> Result<Vec<CallRecord>, StoreError> {
        self.read(query).map_err(StoreError::sql(&self.path))
    }

    fn read(&self, query: &Query) -> rusqlite::Result<Vec<CallRecord>> {
        let (sql, values) = statement(query);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let records = statement.query_map(params_from_iter(values), schema::record)?;
        records.collect()
    }
}

fn statement(query: &Query) -> (String, Vec<Sql>) {
    let text = |value: &Option<String>| value.clone().map(Sql::Text);
    let number = |value: u64| Sql::Integer(i64::try_from(value).unwrap_or(i64::MAX));
    let wanted = [
        ("started >= ?", query.since.map(|wall| Sql::Integer(wall.0))),
        ("started < ?", query.until.map(|wall| Sql::Integer(wall.0))),
        ("calling = ?", text(&query.calling)),
        ("called = ?", text(&query.called)),
        ("agent = ?", text(&query.agent)),
        ("queue = ?", text(&query.queue)),
        ("call = ?", query.call.map(number)),
    ];
    let (conditions, mut values): (Vec<_>, Vec<_>) =
        wanted.into_iter().filter_map(|(condition, value)| Some((condition, value?))).unzip();
    let filter =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    values.push(number(query.limit.map_or(u64::MAX, |limit| limit as u64)));
    let columns = schema::COLUMNS.join(", ");
    (format!("SELECT {columns} FROM calls {filter} ORDER BY started DESC, call DESC LIMIT ?"), values)
}
