//! 错误清单: every row that was not taken, in a file for the clerk and the first few on the screen.

use std::fs::File;
use std::path::Path;

use catalogue::RowError;

use crate::commands::Problem;

/// Errors shown on the screen.
const SHOWN: u64 = 20;

/// Where errors go. The file may hold personal data and is made for its owner's eyes only.
pub struct Report {
    file: Option<csv::Writer<File>>,
    /// Rows reported.
    pub errors: u64,
}

impl Report {
    /// A report into a new file, or on the screen alone.
    pub fn create(path: Option<&Path>) -> Result<Report, Problem> {
        let Some(path) = path else { return Ok(Report { file: None, errors: 0 }) };
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let cannot = |error: std::io::Error| format!("--errors {}: {error}; name a new file", path.display());
        let mut file = csv::Writer::from_writer(options.open(path).map_err(cannot)?);
        file.write_record(["file", "line", "column", "value", "problem", "remedy", "psn_no"])?;
        Ok(Report { file: Some(file), errors: 0 })
    }

    /// Takes an error, of a person if that is known.
    pub fn add(&mut self, psn_no: &str, error: &RowError) -> Result<(), Problem> {
        self.errors += 1;
        if self.errors <= SHOWN {
            eprintln!("{error}");
        } else if self.errors == SHOWN + 1 {
            let all = if self.file.is_some() { "the rest stands in the file" } else { "--errors FILE keeps them all" };
            eprintln!("… {all}");
        }
        if let Some(file) = &mut self.file {
            let line = error.line.to_string();
            let cells = [&*error.file, &line, &error.column, &error.value, &error.problem, &error.remedy, psn_no];
            file.write_record(cells)?;
        }
        Ok(())
    }

    /// Writes out what is left.
    pub fn close(mut self) -> Result<u64, Problem> {
        if let Some(file) = &mut self.file {
            file.flush()?;
        }
        Ok(self.errors)
    }
}
