//! 高水位: the largest checkpoint that may have been seen outside, kept in a file beside
//! the key and not in the database, so that a restored database cannot forget it.

use crate::checkpoint::{NotACheckpoint, Note};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The file that holds the largest checkpoint seen.
#[derive(Debug, Clone)]
pub struct HighWater {
    path: PathBuf,
}

/// Why the mark cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// The file could not be read or written.
    #[error("high-water file {path}: {detail}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        detail: String,
    },
    /// The file holds something else.
    #[error("high-water file {path}: {why}; put back the file, or write the newest checkpoint anyone holds into it", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: NotACheckpoint,
    },
}

impl HighWater {
    /// The mark kept in `path`, which need not exist before the first checkpoint.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> HighWater {
        HighWater { path: path.into() }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The largest checkpoint seen; `None` before the first.
    ///
    /// # Errors
    /// [`MarkError`] names the file.
    pub fn read(&self) -> Result<Option<Note>, MarkError> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => {
                let unreadable = |why| MarkError::Unreadable { path: self.path.clone(), why };
                Note::parse(&text).map(Some).map_err(unreadable)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Raises the mark to `note`, durably; a smaller note of the same log leaves it as it
    /// is. Also the way to tell a restored centre what the world has seen.
    ///
    /// # Errors
    /// [`MarkError`] names the file.
    pub fn raise(&self, note: &Note) -> Result<(), MarkError> {
        if self.read()?.is_some_and(|mark| mark.checkpoint.size >= note.checkpoint.size) {
            return Ok(());
        }
        replace_file(&self.path, note.text().as_bytes()).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &std::io::Error) -> MarkError {
        MarkError::File { path: self.path.clone(), detail: error.to_string() }
    }
}

/// Writes a file durably: a new one takes the old one's name, so a crash leaves one of the two.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = std::fs::File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
