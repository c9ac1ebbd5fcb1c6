//! 运行: rows out one after the other, errors beside them, and a journal, so that a run that
//! was killed goes on where it was and writes the same bytes as one that was not.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use intake::RowError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Problem;

/// Rows of input between two looks at the clock.
const CHUNK: u64 = 1_000;
/// How long a kill may throw a run back.
const JOURNAL_EVERY: Duration = Duration::from_millis(250);
/// Errors that are shown where there is no file for them.
const SHOWN: u64 = 20;

/// What a run is begun with.
pub struct Setting<'a> {
    /// What decides the rows: command, options, contents of all files read. Two runs with the
    /// same identity write the same bytes.
    pub identity: String,
    /// Where the rows go; standard output, as CSV and without a journal, when `None`.
    pub out: Option<&'a Path>,
    /// Where rows in error are told; beside `out` unless given.
    pub errors: Option<&'a Path>,
    /// Goes on with an unfinished run of the same identity.
    pub resume: bool,
    /// The first row of the result.
    pub columns: Vec<String>,
    /// Is told of so many more rows of input.
    pub progress: Progress,
}

/// What a run tells whoever watches it.
pub type Progress = Box<dyn Fn(u64)>;

/// Where in its files a run is: everything up to this row of this file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The number of the file among those given.
    pub file: usize,
    /// The row in it.
    pub row: u64,
}

#[derive(Serialize, Deserialize)]
struct Journal<T> {
    identity: String,
    done: Place,
    out_bytes: u64,
    error_bytes: u64,
    errors: u64,
    tally: T,
}

const ERROR_COLUMNS: [&str; 7] = ["file", "row", "column", "heading", "value", "problem", "way_out"];

enum Sink {
    File(File),
    Standard(std::io::Stdout),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Sink::File(file) => file.write(bytes),
            Sink::Standard(stdout) => stdout.write(bytes),
        }
    }
    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Sink::File(file) => file.flush(),
            Sink::Standard(stdout) => stdout.flush(),
        }
    }
}

/// The files that a run keeps while it is unfinished, all beside its result.
struct Parts {
    rows: PathBuf,
    errors: PathBuf,
    journal: PathBuf,
}

impl Parts {
    fn of(out: &Path) -> Parts {
        Parts {
            rows: beside(out, ".unfinished"),
            errors: beside(out, ".unfinished-errors"),
            journal: beside(out, ".unfinished-journal"),
        }
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A run under way. `T` is what it counts, kept in the journal.
pub struct Run<T> {
    rows: csv::Writer<Sink>,
    errors: Option<csv::Writer<File>>,
    parts: Option<Parts>,
    errors_to: Option<PathBuf>,
    identity: String,
    /// What was counted so far.
    pub tally: T,
    done: Place,
    troubles: u64,
    unlooked: u64,
    kept_at: Instant,
    progress: Progress,
}

/// What a finished run leaves.
pub struct Finished<T> {
    /// What was counted.
    pub tally: T,
    /// Rows in error.
    pub errors: u64,
    /// Where they are told, if there are any and there is a file.
    pub errors_in: Option<PathBuf>,
    /// All rows as CSV, still to be put in their place; `None` when they went to standard output.
    pub rows: Option<PathBuf>,
}

impl<T: Serialize + DeserializeOwned + Default> Run<T> {
    /// Begins a run, or goes on with one.
    ///
    /// # Errors
    /// A file cannot be written, or what is to be resumed was begun with something else.
    pub fn begin(setting: Setting<'_>) -> Result<Run<T>, Problem> {
        let Some(out) = setting.out else {
            if setting.resume {
                return Err("--resume needs --out: what went to standard output cannot be gone on with".into());
            }
            let errors = setting.errors.map(create).transpose()?;
            return Run::start(setting, Sink::Standard(std::io::stdout()), errors, None);
        };
        let parts = Parts::of(out);
        if setting.resume && parts.journal.exists() {
            return Run::go_on(setting, parts);
        }
        let rows = Sink::File(create(&parts.rows)?);
        let errors = Some(create(&parts.errors)?);
        let _ = std::fs::remove_file(&parts.journal);
        Run::start(setting, rows, errors, Some(parts))
    }

    fn start(setting: Setting<'_>, rows: Sink, errors: Option<File>, parts: Option<Parts>) -> Result<Run<T>, Problem> {
        let columns = setting.columns.clone();
        let mut run = Run::over(setting, rows, errors, parts);
        run.rows.write_record(&columns)?;
        if let Some(errors) = &mut run.errors {
            // Spreadsheets read Chinese only after this mark.
            errors.get_ref().write_all("\u{feff}".as_bytes())?;
            errors.write_record(ERROR_COLUMNS)?;
        }
        Ok(run)
    }

    fn over(setting: Setting<'_>, rows: Sink, errors: Option<File>, parts: Option<Parts>) -> Run<T> {
        let writer = || {
            let mut builder = csv::WriterBuilder::new();
            builder.flexible(false).buffer_capacity(1 << 17);
            builder
        };
        Run {
            rows: writer().from_writer(rows),
            errors: errors.map(|file| writer().from_writer(file)),
            errors_to: setting
                .errors
                .map(Path::to_owned)
                .or_else(|| setting.out.map(|out| beside(&out.with_extension(""), ".errors.csv"))),
            parts,
            identity: setting.identity,
            tally: T::default(),
            done: Place::default(),
            troubles: 0,
            unlooked: 0,
            kept_at: Instant::now(),
            progress: setting.progress,
        }
    }

    fn go_on(setting: Setting<'_>, parts: Parts) -> Result<Run<T>, Problem> {
        let text = std::fs::read_to_string(&parts.journal)?;
        let journal: Journal<T> = serde_json::from_str(&text)
            .map_err(|error| format!("{}: {error}; delete it to begin anew", parts.journal.display()))?;
        if journal.identity != setting.identity {
            return Err(format!(
                "{} was left by a run with other files, another scheme or other options; run without --resume to begin anew",
                parts.journal.display()
            )
            .into());
        }
        let rows = reopen(&parts.rows, journal.out_bytes)?;
        let errors = reopen(&parts.errors, journal.error_bytes)?;
        let mut run = Run::over(setting, Sink::File(rows), Some(errors), Some(parts));
        (run.tally, run.done, run.troubles) = (journal.tally, journal.done, journal.errors);
        eprintln!("heng: going on after row {} of file {}", run.done.row, run.done.file + 1);
        Ok(run)
    }

    /// Whether this row was written before the run was interrupted.
    pub fn is_done(&self, place: Place) -> bool {
        self.done != Place::default() && place <= self.done
    }

    /// The result, row by row. Every row has as many cells as there are columns.
    pub fn rows(&mut self) -> &mut csv::Writer<impl Write + use<T>> {
        &mut self.rows
    }

    /// Tells a row in error, with everything that is wrong in it; the run goes on.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn trouble(&mut self, error: &RowError) -> Result<(), Problem> {
        self.troubles += 1;
        for cell in &error.cells {
            match &mut self.errors {
                Some(errors) => {
                    let (row, column) = (error.row.to_string(), cell.column.to_string());
                    let told: [&str; 7] =
                        [&error.file, &row, &column, &cell.heading, &cell.value, &cell.problem, &cell.way_out];
                    errors.write_record(told)?;
                }
                None if self.troubles <= SHOWN => eprintln!("{error}"),
                None => {}
            }
        }
        Ok(())
    }

    /// Says that everything of this row is written.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn row_done(&mut self, place: Place) -> Result<(), Problem> {
        self.done = place;
        self.unlooked += 1;
        if self.unlooked >= CHUNK {
            (self.progress)(self.unlooked);
            self.unlooked = 0;
            if self.parts.is_some() && self.kept_at.elapsed() >= JOURNAL_EVERY {
                self.keep()?;
            }
        }
        Ok(())
    }

    /// Rows and errors first, durable; then the journal that speaks of them, in one step.
    fn keep(&mut self) -> Result<(), Problem> {
        let (out_bytes, error_bytes) = self.flush()?;
        let Some(parts) = &self.parts else { return Ok(()) };
        let journal = Journal {
            identity: self.identity.clone(),
            done: self.done,
            out_bytes,
            error_bytes,
            errors: self.troubles,
            tally: &self.tally,
        };
        let fresh = beside(&parts.journal, "-new");
        std::fs::write(&fresh, serde_json::to_vec(&journal)?)?;
        std::fs::rename(&fresh, &parts.journal)?;
        self.kept_at = Instant::now();
        Ok(())
    }

    fn flush(&mut self) -> Result<(u64, u64), Problem> {
        self.rows.flush()?;
        let mut sizes = (0, 0);
        if let Sink::File(file) = self.rows.get_ref() {
            file.sync_data()?;
            sizes.0 = file.metadata()?.len();
        }
        if let Some(errors) = &mut self.errors {
            errors.flush()?;
            errors.get_ref().sync_data()?;
            sizes.1 = errors.get_ref().metadata()?.len();
        }
        Ok(sizes)
    }

    /// Ends the run: the errors go to their file (or the empty file goes), the rows are ready.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn finish(mut self) -> Result<Finished<T>, Problem> {
        self.flush()?;
        (self.progress)(self.unlooked);
        if self.errors.is_none() && self.troubles > SHOWN {
            eprintln!("… and {} more; --errors FILE keeps them all", self.troubles - SHOWN);
        }
        let mut errors_in = None;
        if let Some(parts) = &self.parts {
            if let (true, Some(to)) = (self.troubles > 0, &self.errors_to) {
                std::fs::rename(&parts.errors, to)?;
                errors_in = Some(to.clone());
            } else {
                std::fs::remove_file(&parts.errors)?;
                // What an earlier run said of these files no longer holds.
                if let Some(stale) = self.errors_to.as_deref().filter(|stale| stale.exists()) {
                    std::fs::remove_file(stale)?;
                }
            }
            let _ = std::fs::remove_file(&parts.journal);
        } else if self.troubles > 0 && self.errors.is_some() {
            errors_in = self.errors_to;
        }
        let rows = self.parts.map(|parts| parts.rows);
        Ok(Finished { tally: self.tally, errors: self.troubles, errors_in, rows })
    }
}

fn create(path: &Path) -> Result<File, Problem> {
    File::create(path).map_err(|error| format!("{}: cannot be written: {error}", path.display()).into())
}

/// Opens a part again, without what was written after its journal.
fn reopen(path: &Path, bytes: u64) -> Result<File, Problem> {
    let file = OpenOptions::new().append(true).open(path);
    let file = file.map_err(|error| format!("{}: cannot be gone on with: {error}", path.display()))?;
    if file.metadata()?.len() < bytes {
        return Err(format!("{} is shorter than its journal says; run without --resume", path.display()).into());
    }
    file.set_len(bytes)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting<'a>(out: &'a Path, identity: &str, resume: bool) -> Setting<'a> {
        let columns = vec!["row".to_owned()];
        let progress = Box::new(|_| ());
        Setting { identity: identity.to_owned(), out: Some(out), errors: None, resume, columns, progress }
    }

    fn trouble(row: u64) -> RowError {
        let text = |text: &str| text.to_owned();
        let cell = intake::CellError {
            column: 1,
            heading: text("h"),
            value: text("v"),
            problem: text("p"),
            way_out: text("w"),
        };
        RowError { file: text("f"), row, cells: vec![cell] }
    }

    fn write(run: &mut Run<u64>, from: u64, to: u64) {
        for row in from..=to {
            let place = Place { file: 0, row };
            if run.is_done(place) {
                continue;
            }
            run.rows().write_record([row.to_string()]).expect("a row");
            run.tally += 1;
            if row % 10 == 0 {
                run.trouble(&trouble(row)).expect("an error");
            }
            run.row_done(place).expect("done");
        }
    }

    #[test]
    fn a_run_that_was_cut_off_goes_on_to_the_same_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let (whole, cut) = (folder.path().join("whole.csv"), folder.path().join("cut.csv"));
        let mut run = Run::<u64>::begin(setting(&whole, "a", false)).expect("begun");
        write(&mut run, 1, 50);
        let whole = run.finish().expect("finished");

        let mut run = Run::<u64>::begin(setting(&cut, "a", false)).expect("begun");
        write(&mut run, 1, 20);
        run.keep().expect("kept");
        write(&mut run, 21, 33);
        run.flush().expect("written, but after the journal");
        drop(run);
        assert!(Run::<u64>::begin(setting(&cut, "b", true)).is_err(), "another identity is refused");
        let mut run = Run::<u64>::begin(setting(&cut, "a", true)).expect("gone on with");
        assert_eq!(run.tally, 20);
        write(&mut run, 1, 50);
        let cut = run.finish().expect("finished");

        let read = |path: &Option<PathBuf>| std::fs::read(path.as_ref().expect("a file")).expect("read");
        assert_eq!((read(&cut.rows), read(&cut.errors_in)), (read(&whole.rows), read(&whole.errors_in)));
        assert_eq!((cut.tally, cut.errors), (50, 5));
    }

    #[test]
    fn a_run_without_errors_leaves_no_file_of_errors() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("result.xlsx");
        std::fs::write(folder.path().join("result.errors.csv"), "stale").expect("written");
        let mut run = Run::<u64>::begin(setting(&out, "a", true)).expect("begun");
        write(&mut run, 1, 5);
        let finished = run.finish().expect("finished");
        assert_eq!(finished.errors_in, None);
        let left: Vec<_> = std::fs::read_dir(folder.path()).expect("read").map(|f| f.expect("a file").path()).collect();
        assert_eq!(left, [finished.rows.expect("rows")]);
    }
}
