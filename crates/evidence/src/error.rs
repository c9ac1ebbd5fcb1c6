//! What can go wrong with the log.

use crate::checkpoint::NotACheckpoint;
use crate::facts::NotCanonical;
use crate::high_water::MarkError;
use crate::keys::KeyError;
use crate::tiles::TileGap;
use db::{DbError, DeedError};
use std::path::PathBuf;

/// An error of the log, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// Storage failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The high-water file failed.
    #[error(transparent)]
    Mark(#[from] MarkError),
    /// A published row is no checkpoint.
    #[error("the evidence log is damaged: {0}; restore the database from a backup")]
    Checkpoint(#[from] NotACheckpoint),
    /// A tile is missing.
    #[error("the evidence log is damaged: {0}; restore the database from a backup")]
    Gap(#[from] TileGap),
    /// The facts cannot be sealed.
    #[error("these facts cannot be sealed: {0}")]
    Facts(#[from] NotCanonical),
    /// No such leaf.
    #[error("leaf {id} is not in the log: its deed was never committed here")]
    UnknownLeaf {
        /// The leaf's id.
        id: String,
    },
    /// The facts given for a receipt are not those that were sealed.
    #[error(
        "the facts given for leaf {id} are not the facts that were sealed: the record was changed after the deed, or is read differently"
    )]
    FactsDiffer {
        /// The leaf's id.
        id: String,
    },
    /// 待存证: not everything is covered by a signed checkpoint yet.
    #[error("leaf {id} is pending: no signed checkpoint covers it yet. Ask again; it takes about a second")]
    Pending {
        /// The leaf's id.
        id: String,
    },
    /// A document names a file whose bytes were not given.
    #[error("the file {name} belongs into the bundle, but no given file has the hash that was sealed")]
    FileMissing {
        /// The file's name.
        name: String,
    },
    /// A proof was asked for a tree that is not there.
    #[error("no proof from a tree of {old} leaves to one of {new}: the log has {size}")]
    NoSuchTree {
        /// The smaller size asked for.
        old: u64,
        /// The larger size asked for.
        new: u64,
        /// Leaves in the log.
        size: u64,
    },
    /// 回退: the tree is smaller than one that was seen.
    #[error(
        "the evidence log has {size} leaves, but a checkpoint of {seen} was signed and may have been seen ({by}): this database is older than what the centre has answered. Numbering has stopped. Restore a newer backup; if none exists, start a log with a new name and publish what was lost"
    )]
    Smaller {
        /// Leaves in the database.
        size: u64,
        /// Leaves in the largest checkpoint seen.
        seen: u64,
        /// Who remembers it.
        by: String,
    },
    /// 分叉: the tree does not continue the one that was seen.
    #[error(
        "the first {seen} leaves of the evidence log are not those that were signed ({by}): the log was rewritten, or went on after an old backup was restored. Numbering has stopped. Restore the database that signed them; if it is lost, start a log with a new name and publish what was lost"
    )]
    Forked {
        /// Leaves in the checkpoint that was seen.
        seen: u64,
        /// Who remembers it.
        by: String,
    },
    /// The mark is gone, though checkpoints were published.
    #[error(
        "high-water file {path} is missing, though the log {origin} published a checkpoint of {size} leaves: without it an old backup could go unnoticed. Put the file back, or write the newest checkpoint anyone holds into it", path = path.display()
    )]
    MarkMissing {
        /// Where it should be.
        path: PathBuf,
        /// The log.
        origin: String,
        /// Leaves in the last checkpoint of the database.
        size: u64,
    },
    /// The mark belongs to another log.
    #[error("high-water file {path} is of the log {found}, not of {origin}: give each log its own file", path = path.display())]
    MarkOfAnother {
        /// The file.
        path: PathBuf,
        /// The log it is of.
        found: String,
        /// The log that is run.
        origin: String,
    },
}

impl From<EvidenceError> for DeedError<EvidenceError> {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::Db(error) => DeedError::Db(error),
            other => DeedError::Own(other),
        }
    }
}
