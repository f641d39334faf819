//! The SQLite index: which records match. Derived from the log, made again when it is missing
//! or wrong, and never trusted: records come from the tree, and [`verify`](crate::verify)
//! compares every row.

use std::{path::Path, sync::Arc};

use capability::Digest;
use serde::{Deserialize, Serialize};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{Error, Moment, Record, Result, View, error::io};

/// Its name in the directory of the log.
pub(crate) const INDEX: &str = "index.sqlite";

/// The tables, and their version. What is derived is not migrated: another version is made
/// again.
const TABLES: &str = include_str!("index.sql");
const VERSION: i64 = 1;

/// Which records to show; each field that is set narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// How the kind starts: `grant.` finds drafts, approvals and revocations.
    pub kind: Option<String>,
    /// Exactly this actor.
    pub actor: Option<String>,
    /// Exactly this subject.
    pub subject: Option<String>,
    /// Not before.
    pub since: Option<Moment>,
    /// Before.
    pub until: Option<Moment>,
    /// Only records before this number: for paging.
    pub before: Option<u64>,
    /// At most this many, the latest.
    pub limit: Option<u32>,
}

/// An open index.
pub(crate) struct Index {
    connection: SqliteConnection,
    path: String,
}

/// One row, as far as it is compared.
pub(crate) struct IndexRow {
    pub(crate) record: u64,
    pub(crate) at: i64,
    pub(crate) kind: String,
    pub(crate) actor: String,
    pub(crate) subject: String,
    pub(crate) hash: Vec<u8>,
}

impl Index {
    /// Opens the index for writing, making it if it is missing.
    async fn open(dir: &Path) -> Result<Self> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let path = dir.join(INDEX);
        // SQLite would make it readable for others; its side files take their mode from it.
        std::fs::File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(io("open", path.display()))?;
        let mut index = Self::connect(dir, false).await?;
        index.make_tables().await.map_err(|e| index.failed(e))?;
        Ok(index)
    }

    async fn make_tables(&mut self) -> Result<(), sqlx::Error> {
        let version = "PRAGMA user_version";
        if sqlx::query_scalar::<_, i64>(version)
            .fetch_one(&mut self.connection)
            .await?
            == VERSION
        {
            return Ok(());
        }
        let mut change = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        // Another process may have made them meanwhile.
        match sqlx::query_scalar::<_, i64>(version)
            .fetch_one(&mut *change)
            .await?
        {
            VERSION => return Ok(()),
            0 => {}
            other => {
                let other = format!("it has version {other}, expected {VERSION}");
                return Err(sqlx::Error::Configuration(other.into()));
            }
        }
        sqlx::raw_sql(TABLES).execute(&mut *change).await?;
        change.commit().await
    }

    /// Opens an index that exists for reading.
    pub(crate) async fn open_read_only(dir: &Path) -> Result<Self> {
        Self::connect(dir, true).await
    }

    async fn connect(dir: &Path, read_only: bool) -> Result<Self> {
        let path = dir.join(INDEX);
        let mut options = SqliteConnectOptions::new()
            .filename(&path)
            .read_only(read_only)
            .busy_timeout(std::time::Duration::from_secs(10));
        if !read_only {
            // A rollback journal: unlike with WAL, reading needs no side files.
            options = options
                .journal_mode(SqliteJournalMode::Delete)
                .synchronous(SqliteSynchronous::Normal);
        }
        let path = path.display().to_string();
        match options.connect().await {
            Ok(connection) => Ok(Self { connection, path }),
            Err(source) => Err(Error::Index {
                path,
                source: Arc::new(source),
            }),
        }
    }

    fn failed(&self, source: sqlx::Error) -> Error {
        Error::Index {
            path: self.path.clone(),
            source: Arc::new(source),
        }
    }

    /// How many records it knows.
    pub(crate) async fn size(&mut self) -> Result<u64> {
        let size: Result<i64, _> =
            sqlx::query_scalar("SELECT coalesce(max(record) + 1, 0) FROM events")
                .fetch_one(&mut self.connection)
                .await;
        size.map(i64::cast_unsigned).map_err(|e| self.failed(e))
    }

    /// Takes in what the log holds and it doesn't.
    async fn follow(&mut self, view: &View) -> Result<()> {
        let path = self.path.clone();
        let failed = |source| Error::Index {
            path: path.clone(),
            source: Arc::new(source),
        };
        if self.size().await? == view.size() {
            return Ok(());
        }
        let mut change = self
            .connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(failed)?;
        // Another process may have followed meanwhile.
        let from: i64 = sqlx::query_scalar("SELECT coalesce(max(record) + 1, 0) FROM events")
            .fetch_one(&mut *change)
            .await
            .map_err(failed)?;
        for record in view.iter(from.cast_unsigned()) {
            let Record { index, hash, event } = record?;
            sqlx::query("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)")
                .bind(index.cast_signed())
                .bind(event.at.unix_micros())
                .bind(event.kind)
                .bind(event.actor)
                .bind(event.subject)
                .bind(&hash.as_bytes()[..])
                .execute(&mut *change)
                .await
                .map_err(failed)?;
        }
        change.commit().await.map_err(failed)
    }

    /// Numbers and hashes of the records that match, oldest first.
    async fn find(&mut self, filter: &Filter, size: u64) -> Result<Vec<(u64, Vec<u8>)>> {
        let Filter {
            kind,
            actor,
            subject,
            since,
            until,
            before,
            limit,
        } = filter;
        // Only these fixed clauses are put together; values are bound.
        let mut sql = "SELECT record, hash FROM events WHERE record < ?".to_owned();
        let clauses = [
            (kind.is_some(), " AND substr(kind, 1, length(?)) = ?"),
            (actor.is_some(), " AND actor = ?"),
            (subject.is_some(), " AND subject = ?"),
            (since.is_some(), " AND at >= ?"),
            (until.is_some(), " AND at < ?"),
        ];
        clauses
            .iter()
            .filter(|(set, _)| *set)
            .for_each(|(_, clause)| sql.push_str(clause));
        sql.push_str(" ORDER BY record DESC LIMIT ?");

        let below = before.unwrap_or(size).min(size);
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(below.cast_signed());
        if let Some(kind) = kind {
            query = query.bind(kind).bind(kind);
        }
        for text in [actor, subject].into_iter().flatten() {
            query = query.bind(text);
        }
        for at in [since, until].into_iter().flatten() {
            query = query.bind(at.unix_micros());
        }
        let query = query.bind(limit.map_or(-1, i64::from));
        let rows = query
            .fetch_all(&mut self.connection)
            .await
            .map_err(|e| self.failed(e))?;
        let pair = |row: sqlx::sqlite::SqliteRow| {
            Ok((row.try_get::<i64, _>(0)?.cast_unsigned(), row.try_get(1)?))
        };
        rows.into_iter()
            .rev()
            .map(pair)
            .collect::<Result<_, sqlx::Error>>()
            .map_err(|e| self.failed(e))
    }

    /// Up to `count` rows from record `from` on, in order.
    pub(crate) async fn rows(&mut self, from: u64, count: u32) -> Result<Vec<IndexRow>> {
        let sql = "SELECT record, at, kind, actor, subject, hash FROM events
                   WHERE record >= ? ORDER BY record LIMIT ?";
        let query = sqlx::query(sql).bind(from.cast_signed()).bind(count);
        let rows = query
            .fetch_all(&mut self.connection)
            .await
            .map_err(|e| self.failed(e))?;
        let row = |row: sqlx::sqlite::SqliteRow| {
            Ok(IndexRow {
                record: row.try_get::<i64, _>(0)?.cast_unsigned(),
                at: row.try_get(1)?,
                kind: row.try_get(2)?,
                actor: row.try_get(3)?,
                subject: row.try_get(4)?,
                hash: row.try_get(5)?,
            })
        };
        rows.into_iter()
            .map(row)
            .collect::<Result<_, sqlx::Error>>()
            .map_err(|e| self.failed(e))
    }
}

/// See [`Ledger::query`](crate::Ledger::query).
pub(crate) async fn query(dir: &Path, view: &View, filter: &Filter) -> Result<Vec<Record>> {
    match try_query(dir, view, filter).await {
        Ok(Some(records)) => return Ok(records),
        // Locked by another process for very long is no reason to throw it away.
        Err(Error::Index { source, path }) if is_busy(&source) => {
            return Err(Error::Index { source, path });
        }
        Ok(None) | Err(Error::Index { .. }) => {}
        Err(other) => return Err(other),
    }
    for name in [INDEX.to_owned(), format!("{INDEX}-journal")] {
        match std::fs::remove_file(dir.join(&name)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(io("remove", name)(e));
            }
            _ => {}
        }
    }
    try_query(dir, view, filter)
        .await?
        .ok_or_else(|| crate::tip::damaged(INDEX, "made again, it still differs from the tree"))
}

/// Nothing where the index disagrees with the tree.
async fn try_query(dir: &Path, view: &View, filter: &Filter) -> Result<Option<Vec<Record>>> {
    let mut index = Index::open(dir).await?;
    index.follow(view).await?;
    let mut records = Vec::new();
    for (number, hash) in index.find(filter, view.size()).await? {
        let record = view.read(number)?;
        if hash != Digest::as_bytes(&record.hash) {
            return Ok(None);
        }
        records.push(record);
    }
    Ok(Some(records))
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code == "5" || code == "261") // SQLITE_BUSY, SQLITE_BUSY_RECOVERY
}

/// Runs one of the above on this thread, which must not be one that drives a tokio runtime.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime
        .map_err(io("start", "a thread for SQLite"))?
        .block_on(future)
}
