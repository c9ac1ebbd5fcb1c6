//! 读湖: a part's files, all sorted by person, read side by side, so that each person comes with
//! everything of all months and no more than a piece of each file is held.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{Field as Column, Schema};
use encounter::{Encounter, History, Person, Record, Value};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use terms::Fen;

use crate::rows::Rows;
use crate::{Lake, LakeError, LakeTable, Month};

/// Rows of a file that are held at a time, shared among all files of a table.
const HELD: usize = 65_536;
const HELD_AT_LEAST: usize = 1_024;

/// A file of a table, batch by batch, in the lake's own types.
pub struct TableReader {
    path: PathBuf,
    table: LakeTable,
    reader: ParquetRecordBatchReader,
}

impl TableReader {
    /// Opens a file; `wanted` are the columns to be read, all of them when `None`.
    ///
    /// # Errors
    /// It is no Parquet file, or a column is of another type.
    pub fn open(
        path: &Path,
        table: LakeTable,
        wanted: Option<&[&str]>,
        batch: usize,
    ) -> Result<TableReader, LakeError> {
        let wrong = LakeError::parquet(path);
        let file = File::open(path).map_err(LakeError::file(path))?;
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let found = ArrowReaderMetadata::load(&file, options.clone()).map_err(&wrong)?;
        // The lake's types for the columns it knows: codes come with their dictionary.
        let ours = table.schema();
        let typed = found.schema().fields().iter().map(|column| match ours.field_with_name(column.name()) {
            Ok(known) => Arc::new(Column::new(known.name(), known.data_type().clone(), column.is_nullable())),
            Err(_) => column.clone(),
        });
        let schema = Arc::new(Schema::new(typed.collect::<Vec<_>>()));
        let known = ArrowReaderMetadata::load(&file, options.with_schema(schema)).map_err(&wrong)?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, known);
        let names = builder.schema().fields().iter().map(|column| column.name().as_str());
        let taken = names.enumerate().filter(|(_, name)| {
            ours.field_with_name(name).is_ok() && wanted.is_none_or(|wanted| *name == "psn_no" || wanted.contains(name))
        });
        let mask = ProjectionMask::roots(builder.parquet_schema(), taken.map(|(at, _)| at).collect::<Vec<_>>());
        let reader = builder.with_projection(mask).with_batch_size(batch).build().map_err(&wrong)?;
        Ok(TableReader { path: path.to_owned(), table, reader })
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read on.
    pub fn next_rows(&mut self) -> Result<Option<Rows>, LakeError> {
        loop {
            let Some(batch) = self.reader.next() else { return Ok(None) };
            let batch = batch.map_err(|error| LakeError::content(&self.path, error))?;
            let rows = Rows::of(self.table, &batch)
                .map_err(|column| LakeError::content(&self.path, format!("the column {column} has another type")))?;
            if !rows.is_empty() {
                return Ok(Some(rows));
            }
        }
    }
}

/// A file read in order of person.
struct Cursor {
    reader: TableReader,
    key: usize,
    rows: Option<Rows>,
    at: usize,
}

impl Cursor {
    fn open(path: &Path, table: LakeTable, wanted: Option<&[&str]>, batch: usize) -> Result<Cursor, LakeError> {
        let key = table.columns().iter().position(|field| field.name == "psn_no").expect("sorted by person");
        let mut reader = TableReader::open(path, table, wanted, batch)?;
        let rows = reader.next_rows()?;
        Ok(Cursor { reader, key, rows, at: 0 })
    }

    /// The person of the row that is next.
    fn person(&self) -> Option<&str> {
        let rows = self.rows.as_ref()?;
        Some(rows.column(self.key).and_then(|column| column.text(self.at)).unwrap_or_default())
    }

    /// Goes to the first row of `person` or of whoever comes after.
    fn seek(&mut self, person: &str) -> Result<(), LakeError> {
        while self.person().is_some_and(|here| here < person) {
            self.step(self.at + 1)?;
        }
        Ok(())
    }

    fn step(&mut self, to: usize) -> Result<(), LakeError> {
        self.at = to;
        if self.rows.as_ref().is_some_and(|rows| to >= rows.len()) {
            self.rows = self.reader.next_rows()?;
            self.at = 0;
        }
        Ok(())
    }

    /// Shows all rows of `person`, piece by piece.
    fn take(&mut self, person: &str, see: &mut dyn FnMut(&Rows, Range<usize>)) -> Result<(), LakeError> {
        self.seek(person)?;
        while let Some(rows) = &self.rows {
            let is_theirs = |row: usize| rows.column(self.key).and_then(|column| column.text(row)) == Some(person);
            let from = self.at;
            let mut to = from;
            while to < rows.len() && is_theirs(to) {
                to += 1;
            }
            if to == from {
                return Ok(());
            }
            see(rows, from..to);
            let ended = to < rows.len();
            self.step(to)?;
            if ended {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// What is read of each table; all columns unless said otherwise.
pub type Wanted<'a> = &'a dyn Fn(LakeTable) -> Option<Vec<&'static str>>;

/// Everything of a part, person by person.
pub struct PartReader {
    persons: Option<Cursor>,
    monthly: Vec<(LakeTable, Vec<Cursor>)>,
    person: String,
    begun: bool,
}

impl PartReader {
    /// Opens the files of a part for these months, and no more of them than is wanted.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn open(lake: &Lake, part: u32, months: &[Month], wanted: Wanted<'_>) -> Result<PartReader, LakeError> {
        let batch = (HELD / months.len().max(1)).max(HELD_AT_LEAST);
        let open = |path: PathBuf, table: LakeTable| {
            let present = path.is_file().then(|| Cursor::open(&path, table, wanted(table).as_deref(), batch));
            present.transpose()
        };
        let persons = open(lake.persons(part), LakeTable::Persons)?;
        let mut monthly = Vec::new();
        for table in LakeTable::MONTHLY {
            let cursors = months.iter().map(|month| open(lake.monthly(table, *month, part), table));
            monthly.push((table, cursors.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?));
        }
        Ok(PartReader { persons, monthly, person: String::new(), begun: false })
    }

    /// Goes to the next person that has a visit; `false` at the end.
    ///
    /// # Errors
    /// A file cannot be read on.
    pub fn next_person(&mut self) -> Result<bool, LakeError> {
        let (_, visits) = &mut self.monthly[0];
        if self.begun {
            for cursor in visits.iter_mut() {
                // Rows of the person that nobody asked for.
                while cursor.person() == Some(&self.person) {
                    cursor.step(cursor.at + 1)?;
                }
            }
        }
        self.begun = true;
        let Some(least) = visits.iter().filter_map(Cursor::person).min() else { return Ok(false) };
        let least = least.to_owned();
        self.person = least;
        Ok(true)
    }

    /// Of whom the rows are.
    #[must_use]
    pub fn person(&self) -> &str {
        &self.person
    }

    /// Shows the person's rows in a table, month after month, piece by piece.
    ///
    /// # Errors
    /// A file cannot be read on.
    pub fn take(&mut self, table: LakeTable, see: &mut dyn FnMut(&Rows, Range<usize>)) -> Result<(), LakeError> {
        if table == LakeTable::Persons {
            return self.persons.as_mut().map_or(Ok(()), |cursor| cursor.take(&self.person, see));
        }
        let cursors = self.monthly.iter_mut().filter(|(of, _)| *of == table).flat_map(|(_, cursors)| cursors);
        for cursor in cursors {
            cursor.take(&self.person, see)?;
        }
        Ok(())
    }

    /// The next person's history, its visits in order of beginning; `None` at the end. Visits
    /// that stand in two months are both there.
    ///
    /// # Errors
    /// A file cannot be read on.
    pub fn next_history(&mut self) -> Result<Option<History>, LakeError> {
        if !self.next_person()? {
            return Ok(None);
        }
        let mut person = Person { psn_no: Some(self.person.clone()), ..Person::default() };
        self.take(LakeTable::Persons, &mut |rows, range| person = rows.record(range.start))?;
        let mut visits: Vec<Encounter> = Vec::new();
        self.take(LakeTable::Encounters, &mut |rows, range| {
            visits.extend(range.map(|row| rows.record::<Encounter>(row)))
        })?;
        visits.sort_by(|one, other| (one.begntime, &one.mdtrt_id).cmp(&(other.begntime, &other.mdtrt_id)));
        let mut place: HashMap<String, usize> = HashMap::new();
        for (at, visit) in visits.iter().enumerate() {
            place.entry(visit.mdtrt_id.clone().unwrap_or_default()).or_insert(at);
        }
        let mut of = Children { visits: &mut visits, place };
        of.read(self, LakeTable::Diagnoses, |visit| &mut visit.diagnoses, |row| row.mdtrt_id.as_deref())?;
        of.read(self, LakeTable::Procedures, |visit| &mut visit.procedures, |row| row.mdtrt_id.as_deref())?;
        of.read(self, LakeTable::Lines, |visit| &mut visit.lines, |row| row.mdtrt_id.as_deref())?;
        self.take(LakeTable::Funds, &mut |rows, range| range.for_each(|row| of.fund(rows, row)))?;
        Ok(Some(History { person, encounters: visits }))
    }
}

/// Visits of a person that get what belongs to them.
struct Children<'a> {
    visits: &'a mut Vec<Encounter>,
    place: HashMap<String, usize>,
}

impl Children<'_> {
    fn read<R: Record>(
        &mut self,
        part: &mut PartReader,
        table: LakeTable,
        list: impl Fn(&mut Encounter) -> &mut Vec<R>,
        id: impl Fn(&R) -> Option<&str>,
    ) -> Result<(), LakeError> {
        part.take(table, &mut |rows, range| {
            for row in range {
                let record: R = rows.record(row);
                if let Some(at) = id(&record).and_then(|id| self.place.get(id)) {
                    list(&mut self.visits[*at]).push(record);
                }
            }
        })
    }

    fn fund(&mut self, rows: &Rows, row: usize) {
        let [visit, fund, amount] = [0, 1, 2].map(|field| rows.value(field, row));
        let (Some(Value::Text(visit)), Some(Value::Text(fund))) = (visit, fund) else { return };
        let amount = if let Some(Value::Money(amount)) = amount { amount } else { Fen::ZERO };
        if let Some(at) = self.place.get(&visit) {
            self.visits[*at].funds.push((fund, amount));
        }
    }
}

/// All records of a table that is one file; none where there is no file.
///
/// # Errors
/// The file cannot be read.
pub fn read_records<R: Record>(path: &Path, table: LakeTable) -> Result<Vec<R>, LakeError> {
    let mut records = Vec::new();
    if path.is_file() {
        let mut reader = TableReader::open(path, table, None, HELD)?;
        while let Some(rows) = reader.next_rows()? {
            records.extend((0..rows.len()).map(|row| rows.record::<R>(row)));
        }
    }
    Ok(records)
}
