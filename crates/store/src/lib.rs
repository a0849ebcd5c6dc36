//! What is kept from run to run, in one SQLite file. A process that is killed loses
//! at most what it was writing, and never the file.
//!
//! Calls block for as long as the disk takes: not for a thread that serves sockets.
//! Not here: what the definitions mean (they are text to this crate), recordings.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eyeline_media::StreamId;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};

/// The layout of the file that this program writes, in SQLite's `user_version`.
const VERSION: i64 = 2;
/// How long to wait for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// From each layout to the next; the first makes it out of an empty file.
const STEPS: [&str; VERSION as usize] = [
    "CREATE TABLE IF NOT EXISTS streams (
        id TEXT PRIMARY KEY,
        definition TEXT NOT NULL
    ) STRICT;",
    "CREATE TABLE IF NOT EXISTS controls (
        stream TEXT PRIMARY KEY,
        kept TEXT NOT NULL
    ) STRICT;",
];

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be made.
    #[error("cannot make the folder {path}: {error}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A newer program wrote the file.
    #[error(
        "{path} was written by a newer version of this program (layout {found}, this one knows {VERSION}); \
         use that version, or move the file away"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its layout.
        found: i64,
    },
    /// SQLite said no.
    #[error("{path}: {error}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What it said.
        error: rusqlite::Error,
    },
}

/// What is kept. Clones share one connection.
#[derive(Clone)]
pub struct Store {
    path: PathBuf,
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the file, making it and its folder if they are not there. A file that is
    /// no database any more is moved aside, to the same name with `.damaged`.
    ///
    /// # Errors
    /// [`StoreError`]: the folder or the file cannot be made, or is of a newer program.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| StoreError::Folder {
                path: folder.to_owned(),
                error,
            })?;
        }
        match Self::open_file(path) {
            Err(StoreError::Sqlite { error, .. }) if is_damaged(&error) => {
                let aside = path.with_extension("damaged");
                tracing::error!(path = %path.display(), aside = %aside.display(), %error, "the store is damaged and was moved aside");
                let _ = fs::rename(path, &aside);
                Self::open_file(path)
            }
            opened => opened,
        }
    }

    fn open_file(path: &Path) -> Result<Self, StoreError> {
        let of_sqlite = |error| StoreError::Sqlite {
            path: path.to_owned(),
            error,
        };
        let connection = Connection::open(path).map_err(of_sqlite)?;
        let found = lay_out(&connection).map_err(of_sqlite)?;
        if found > VERSION {
            let path = path.to_owned();
            return Err(StoreError::Newer { path, found });
        }
        Ok(Self {
            path: path.to_owned(),
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Keeps the definition of a stream, in place of an earlier one.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`], such as a full disk; then the earlier one is still there.
    pub fn put(&self, id: &StreamId, definition: &str) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO streams (id, definition) VALUES (?1, ?2)
            ON CONFLICT (id) DO UPDATE SET definition = excluded.definition";
        let kept = self.lock().execute(PUT, params![id.as_str(), definition]);
        kept.map(|_| ()).map_err(|error| self.failed(error))
    }

    /// Forgets a stream and what is set on its camera; `false` if it was not kept.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn remove(&self, id: &StreamId) -> Result<bool, StoreError> {
        const REMOVE: &str = "DELETE FROM streams WHERE id = ?1";
        self.put_controls(id, "")?;
        let removed = self.lock().execute(REMOVE, params![id.as_str()]);
        removed
            .map(|count| count > 0)
            .map_err(|error| self.failed(error))
    }

    /// Whether a stream is kept.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn holds(&self, id: &StreamId) -> Result<bool, StoreError> {
        const FIND: &str = "SELECT 1 FROM streams WHERE id = ?1";
        let connection = self.lock();
        let found = connection
            .query_row(FIND, params![id.as_str()], |_| Ok(()))
            .optional();
        found
            .map(|row| row.is_some())
            .map_err(|error| self.failed(error))
    }

    /// Keeps what is set on the camera of a stream, in place of what was; nothing if empty.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`], such as a full disk; then what was kept is still there.
    pub fn put_controls(&self, stream: &StreamId, kept: &str) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO controls (stream, kept) VALUES (?1, ?2)
            ON CONFLICT (stream) DO UPDATE SET kept = excluded.kept";
        const REMOVE: &str = "DELETE FROM controls WHERE stream = ?1";
        let (connection, id) = (self.lock(), stream.as_str());
        let done = if kept.is_empty() {
            connection.execute(REMOVE, params![id])
        } else {
            connection.execute(PUT, params![id, kept])
        };
        done.map(|_| ()).map_err(|error| self.failed(error))
    }

    /// What is kept of the camera of a stream, if anything is.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn controls(&self, stream: &StreamId) -> Result<Option<String>, StoreError> {
        const FIND: &str = "SELECT kept FROM controls WHERE stream = ?1";
        let connection = self.lock();
        let found = connection.query_row(FIND, params![stream.as_str()], |row| row.get(0));
        found.optional().map_err(|error| self.failed(error))
    }

    /// Every definition that is kept, by name. What is no name of a stream is left out.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn all(&self) -> Result<Vec<(StreamId, String)>, StoreError> {
        self.read_all().map_err(|error| self.failed(error))
    }

    fn read_all(&self) -> Result<Vec<(StreamId, String)>, rusqlite::Error> {
        let connection = self.lock();
        let mut query = connection.prepare("SELECT id, definition FROM streams ORDER BY id")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
        let mut all = Vec::new();
        for row in rows {
            let (id, definition) = row?;
            match id.parse() {
                Ok(id) => all.push((id, definition)),
                Err(error) => tracing::warn!(id, %error, "the store holds a stream of no name"),
            }
        }
        Ok(all)
    }

    fn failed(&self, error: rusqlite::Error) -> StoreError {
        StoreError::Sqlite {
            path: self.path.clone(),
            error,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the tables if there are none; which layout there is.
fn lay_out(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // With WAL a crash of the system may lose the latest definitions, and harms nothing.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get(0))
    };
    let found: i64 = version(connection)?;
    for (step, next) in STEPS
        .iter()
        .zip(1..)
        .skip(usize::try_from(found).unwrap_or(0))
    {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {step} PRAGMA user_version = {next}; COMMIT;"
        ))?;
    }
    version(connection)
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
    )
}

#[cfg(test)]
mod tests;
