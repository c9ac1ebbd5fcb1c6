//! Case files: one JSON object a line, plain or gzip.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use adjudication::replay::Case;

/// A case file, or a line of it, that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The file.
    #[error("{file}: {error}")]
    File {
        /// Which file.
        file: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// A line that is not a case.
    #[error("{file}:{line}: this is not a case: {error}")]
    Line {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
    },
}

/// The cases of a file, one by one; a line that cannot be read is an error in its place.
///
/// # Errors
/// When the file cannot be opened.
pub fn cases(path: &Path) -> Result<impl Iterator<Item = Result<Case, CaseError>>, CaseError> {
    let name = path.display().to_string();
    let failed = |error| CaseError::File { file: path.display().to_string(), error };
    let file = File::open(path).map_err(failed)?;
    let packed = path.extension().is_some_and(|extension| extension == "gz");
    let reader: Box<dyn Read> = if packed { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let lines = BufReader::new(reader).lines().enumerate();
    Ok(lines.filter_map(move |(n, line)| match line {
        Err(error) => Some(Err(CaseError::File { file: name.clone(), error })),
        Ok(line) if line.trim().is_empty() => None,
        Ok(line) => Some(serde_json::from_str(&line).map_err(|error| CaseError::Line {
            file: name.clone(),
            line: n + 1,
            error,
        })),
    }))
}
