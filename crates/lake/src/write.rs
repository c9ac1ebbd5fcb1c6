//! 写湖: histories in order of person become the files of one month and part, or none of them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use encounter::{Encounter, Person, Record};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::rows::TableBuilder;
use crate::{Lake, LakeError, LakeTable, Month};

/// Rows that are gathered before they are compressed.
const BATCH: usize = 4_096;
/// Rows of a group: what a reader passes over as a whole.
const GROUP: usize = 131_072;

/// A Parquet file that stands under its name only when it is whole.
pub struct TableFile {
    path: PathBuf,
    part: PathBuf,
    writer: ArrowWriter<File>,
}

impl TableFile {
    /// Begins a file; folders are made.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(path: &Path, table: LakeTable) -> Result<TableFile, LakeError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(LakeError::file(folder))?;
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).map_err(LakeError::file(&part))?;
        let level = ZstdLevel::try_new(1).expect("level 1 exists");
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(GROUP))
            .build();
        // Without Arrow's own note of types: other readers see plain texts and decimals.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer =
            ArrowWriter::try_new_with_options(file, table.schema(), options).map_err(LakeError::parquet(path))?;
        Ok(TableFile { path: path.to_owned(), part, writer })
    }

    /// Writes rows in the table's schema.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        self.writer.write(batch).map_err(LakeError::parquet(&self.path))
    }

    /// Ends the file durably; it still waits for its name.
    fn close(self) -> Result<Closed, LakeError> {
        let file = self.writer.into_inner().map_err(LakeError::parquet(&self.path))?;
        file.sync_all().map_err(LakeError::file(&self.part))?;
        Ok(Closed { path: self.path, part: self.part })
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> Result<(), LakeError> {
        self.close()?.put()
    }
}

struct Closed {
    path: PathBuf,
    part: PathBuf,
}

impl Closed {
    fn put(&self) -> Result<(), LakeError> {
        fs::rename(&self.part, &self.path).map_err(LakeError::file(&self.path))
    }
}

/// A table under construction: rows, and the file once there is one.
struct Sink {
    table: LakeTable,
    path: PathBuf,
    rows: TableBuilder,
    file: Option<TableFile>,
}

impl Sink {
    fn new(table: LakeTable, path: PathBuf) -> Sink {
        Sink { table, path, rows: TableBuilder::new(table), file: None }
    }

    fn push(&mut self, add: impl FnOnce(&mut TableBuilder)) -> Result<(), LakeError> {
        add(&mut self.rows);
        if self.rows.rows() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), LakeError> {
        if self.rows.rows() == 0 {
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(TableFile::create(&self.path, self.table)?);
        }
        let batch = self.rows.finish();
        self.file.as_mut().map_or(Ok(()), |file| file.write(&batch))
    }

    fn close(mut self) -> Result<(PathBuf, Option<Closed>), LakeError> {
        self.flush()?;
        Ok((self.path, self.file.map(TableFile::close).transpose()?))
    }
}

/// Puts finished files in the place of those that stood there; a table without rows has no file.
fn replace(sinks: Vec<Sink>) -> Result<(), LakeError> {
    let closed = sinks.into_iter().map(Sink::close).collect::<Result<Vec<_>, _>>()?;
    for (path, file) in closed {
        match file {
            Some(file) => file.put()?,
            None if path.exists() => fs::remove_file(&path).map_err(LakeError::file(&path))?,
            None => {}
        }
    }
    Ok(())
}

/// Writes the visits of one month and part, person by person in order.
pub struct MonthWriter {
    sinks: Vec<Sink>,
    last: String,
}

impl MonthWriter {
    /// Begins; what stands there stays until [`MonthWriter::finish`].
    #[must_use]
    pub fn new(lake: &Lake, month: Month, part: u32) -> MonthWriter {
        let sink = |table: &LakeTable| Sink::new(*table, lake.monthly(*table, month, part));
        MonthWriter { sinks: LakeTable::MONTHLY.iter().map(sink).collect(), last: String::new() }
    }

    /// Adds the visits of a person, in order of beginning.
    ///
    /// # Errors
    /// A visit has no number or is another person's, the persons are not in order, or the disk says no.
    pub fn add(&mut self, psn_no: &str, visits: &[Encounter]) -> Result<(), LakeError> {
        if visits.is_empty() {
            return Ok(());
        }
        assert!(self.last.as_str() < psn_no, "persons in order: {psn_no} after {}", self.last);
        self.last.clear();
        self.last.push_str(psn_no);
        for visit in visits {
            self.visit(psn_no, visit)?;
        }
        Ok(())
    }

    fn visit(&mut self, psn_no: &str, visit: &Encounter) -> Result<(), LakeError> {
        let wrong = |problem| LakeError::History {
            psn_no: psn_no.to_owned(),
            mdtrt_id: visit.mdtrt_id.clone().unwrap_or_default(),
            problem,
        };
        let id = visit.mdtrt_id.as_deref().ok_or_else(|| wrong("a visit is found by 就诊ID mdtrt_id: give it one"))?;
        if visit.psn_no.as_deref() != Some(psn_no) {
            return Err(wrong("the visit is not of this person: 人员编号 psn_no differs"));
        }
        let belongs = |of: &Option<String>| of.as_deref() == Some(id);
        let children = visit.diagnoses.iter().all(|row| belongs(&row.mdtrt_id))
            && visit.procedures.iter().all(|row| belongs(&row.mdtrt_id))
            && visit.lines.iter().all(|row| belongs(&row.mdtrt_id));
        if !children {
            return Err(wrong("a diagnosis, operation or line names another visit (mdtrt_id)"));
        }
        let [encounters, diagnoses, procedures, lines, funds] = &mut self.sinks[..] else {
            unreachable!("one sink a monthly table")
        };
        encounters.push(|rows| rows.push(psn_no, visit))?;
        each(diagnoses, psn_no, &visit.diagnoses)?;
        each(procedures, psn_no, &visit.procedures)?;
        each(lines, psn_no, &visit.lines)?;
        for (fund, amount) in &visit.funds {
            funds.push(|rows| rows.push_fund(psn_no, id, fund, *amount))?;
        }
        Ok(())
    }

    /// The files take their places.
    ///
    /// # Errors
    /// The disk says no; what stood there before stands there still, or is replaced in part and
    /// will be by the next run.
    pub fn finish(self) -> Result<(), LakeError> {
        replace(self.sinks)
    }
}

fn each<R: Record>(sink: &mut Sink, psn_no: &str, records: &[R]) -> Result<(), LakeError> {
    records.iter().try_for_each(|record| sink.push(|rows| rows.push(psn_no, record)))
}

/// Writes a table of records that is one file: the persons of a part, institutions,
/// practitioners, stock.
///
/// # Errors
/// The disk says no.
pub fn write_records<'a, R: Record + 'a>(
    path: &Path,
    table: LakeTable,
    records: impl IntoIterator<Item = &'a R>,
) -> Result<(), LakeError> {
    let mut sink = Sink::new(table, path.to_owned());
    for record in records {
        sink.push(|rows| rows.push("", record))?;
    }
    replace(vec![sink])
}

/// Writes the persons of a part, in order of their numbers.
pub struct PersonWriter {
    sink: Sink,
}

impl PersonWriter {
    /// Begins; what stands there stays until [`PersonWriter::finish`].
    #[must_use]
    pub fn new(lake: &Lake, part: u32) -> PersonWriter {
        PersonWriter { sink: Sink::new(LakeTable::Persons, lake.persons(part)) }
    }

    /// Adds one.
    ///
    /// # Errors
    /// The disk says no.
    pub fn add(&mut self, person: &Person) -> Result<(), LakeError> {
        self.sink.push(|rows| rows.push("", person))
    }

    /// The file takes its place.
    ///
    /// # Errors
    /// The disk says no.
    pub fn finish(self) -> Result<(), LakeError> {
        replace(vec![self.sink])
    }
}
