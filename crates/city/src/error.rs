//! What can go wrong with the world around the city.

use std::path::PathBuf;

/// Why the city could not be built, written or run.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    /// A file could not be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A CSV file is not what it should be.
    #[error("{}: {cause}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        cause: csv::Error,
    },
    /// A CSV file lacks a column, or a cell cannot be read.
    #[error("{}:{line}: column {column}: “{value}” {problem}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// The column.
        column: String,
        /// What stands there.
        value: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The region folder lacks what a city needs.
    #[error("the region folder has no {0}: add rows to its files, or run the city on another region")]
    Missing(&'static str),
    /// The centre could not be reached or did not answer as the interface says.
    #[error("{infno} to {url}: {problem}")]
    Centre {
        /// The transaction.
        infno: String,
        /// Where it was sent.
        url: String,
        /// What happened.
        problem: String,
    },
    /// A worker thread stopped without an answer.
    #[error("a client thread stopped: {0}")]
    Client(String),
}
