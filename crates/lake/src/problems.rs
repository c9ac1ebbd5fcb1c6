//! 问题清单: rows that were left out, and rows that were kept although something about them is odd.

use std::path::Path;

use intake::{RowError, RowErrors};

use crate::LakeError;

/// 问题清单, written to a CSV file as they come.
#[derive(Debug)]
pub struct Problems {
    file: RowErrors,
    /// Rows left out.
    pub refused: u64,
    /// Rows kept.
    pub noted: u64,
}

impl Problems {
    /// They will stand in that file, which is made with the first of them.
    #[must_use]
    pub fn to(path: &Path) -> Problems {
        Problems { file: RowErrors::to(path), refused: 0, noted: 0 }
    }

    /// Tells a row that is left out.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn refuse(&mut self, error: &RowError) -> Result<(), LakeError> {
        self.refused += 1;
        Ok(self.file.add(error)?)
    }

    /// Tells a row that is kept.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn note(&mut self, error: &RowError) -> Result<(), LakeError> {
        self.noted += 1;
        Ok(self.file.add(error)?)
    }

    /// Ends the file; `true` if there is one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> Result<bool, LakeError> {
        Ok(self.file.finish()?)
    }
}
