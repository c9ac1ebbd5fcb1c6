//! Errors: why the feed could not be followed, or a row not be read.

use db::{DbError, DeedError};

/// Why the feed could not be followed.
#[derive(Debug, thiserror::Error)]
pub enum OverviewError {
    /// A change that is not what its kind says.
    #[error(
        "the change {id} of the feed cannot be read: {detail}; lists and sums wait before it until the programme knows its form"
    )]
    Change {
        /// The change.
        id: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Storage failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<OverviewError> for DeedError<OverviewError> {
    fn from(error: OverviewError) -> Self {
        match error {
            OverviewError::Db(error) => DeedError::Db(error),
            own => DeedError::Own(own),
        }
    }
}
