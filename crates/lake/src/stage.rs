//! 接入: a user's files, row by row, into typed Parquet that still says which row of which file
//! each record comes from. What cannot be read is told by file, row and field and left out; the
//! rest goes on.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Builder, Int64Builder, RecordBatch};
use arrow::datatypes::{DataType, Field as Column, Schema, SchemaRef};
use encounter::{Diagnosis, Encounter, FieldError, Institution, Line, Person, Practitioner, Procedure, Record, Stock};
use intake::{CellError, Row, RowError, Source, SourceOptions};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use terms::Fen;

use crate::headings::{Detected, FieldMap, Understood};
use crate::rows::TableBuilder;
use crate::tidy::tidy;
use crate::{LakeError, LakeTable, Month, Problems, part_of};

/// Rows that are gathered before they are written.
const BATCH: usize = 8_192;

/// The files of a run and how they are read.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// Files, or folders of files named after the tables.
    pub paths: Vec<PathBuf>,
    /// Sheet, encoding and the like.
    pub options: SourceOptions,
    /// Which heading is which field.
    pub map: FieldMap,
}

/// A file and the table that its name says; `None`: a wide file, a row a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// Where.
    pub path: PathBuf,
    /// Which table.
    pub table: Option<LakeTable>,
}

impl InputFile {
    fn name(&self) -> String {
        self.path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned())
    }
}

/// The table that a file's name says: `lines.csv`, `lines-2026.parquet`, `费用明细.xlsx`.
fn table_of(path: &Path) -> Option<LakeTable> {
    let name = path.file_name()?.to_str()?.to_lowercase();
    let stem = name.split('.').next()?;
    LakeTable::ALL.into_iter().find(|table| {
        [table.name(), table.label()]
            .iter()
            .any(|known| stem.strip_prefix(known).is_some_and(|rest| !rest.starts_with(char::is_alphabetic)))
    })
}

fn is_readable(path: &Path) -> bool {
    let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().to_lowercase());
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    [".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".parquet"].iter().any(|ending| plain.ends_with(ending))
}

impl Inputs {
    /// The files, those of folders in order of their names; of a folder only those that are named
    /// after a table.
    ///
    /// # Errors
    /// A folder cannot be read or has none.
    pub fn files(&self) -> Result<Vec<InputFile>, LakeError> {
        let mut files = Vec::new();
        for path in &self.paths {
            if !path.is_dir() {
                files.push(InputFile { path: path.clone(), table: table_of(path) });
                continue;
            }
            let mut inside = Vec::new();
            for entry in fs::read_dir(path).map_err(LakeError::file(path))? {
                let file = entry.map_err(LakeError::file(path))?.path();
                if let (true, Some(table)) = (is_readable(&file), table_of(&file)) {
                    inside.push(InputFile { path: file, table: Some(table) });
                }
            }
            if inside.is_empty() {
                let names: Vec<_> = LakeTable::ALL.iter().map(|table| format!("{table} {}", table.label())).collect();
                let problem =
                    format!("no file is named after a table ({}) with .csv, .xlsx or .parquet", names.join(", "));
                return Err(LakeError::content(path, problem));
            }
            inside.sort_by(|one, other| one.path.cmp(&other.path));
            files.extend(inside);
        }
        Ok(files)
    }

    /// How many parts suit files of that size: about a million and a half lines each, two at least
    /// where it is worth a second thread.
    ///
    /// # Errors
    /// A file cannot be seen.
    pub fn parts(&self) -> Result<u32, LakeError> {
        let mut lines = 0;
        for file in self.files()? {
            let bytes = fs::metadata(&file.path).map_err(LakeError::file(&file.path))?.len();
            let name = file.name().to_lowercase();
            lines += bytes
                / if name.ends_with(".csv") || name.ends_with(".txt") || name.ends_with(".tsv") { 120 } else { 15 };
        }
        let parts = u32::try_from(lines / 1_500_000).unwrap_or(u32::MAX).clamp(1, 512);
        Ok(if parts == 1 && lines > 20_000 { 2 } else { parts })
    }
}

/// A table being staged.
struct Sink {
    schema: SchemaRef,
    rows: TableBuilder,
    file: Int32Builder,
    row: Int64Builder,
    month: Int32Builder,
    part: Int32Builder,
    path: PathBuf,
    writer: ArrowWriter<File>,
}

/// Where a staged record comes from and goes to.
#[derive(Clone, Copy)]
struct Origin {
    file: i32,
    row: i64,
    month: Option<Month>,
    part: Option<u32>,
}

/// The file of a staged table.
pub(crate) fn staged(folder: &Path, table: LakeTable) -> PathBuf {
    folder.join(format!("{table}.parquet"))
}

impl Sink {
    fn create(folder: &Path, table: LakeTable) -> Result<Sink, LakeError> {
        let mut columns: Vec<Arc<Column>> = table.schema().fields().iter().cloned().collect();
        for (name, kind) in [
            ("_file", DataType::Int32),
            ("_row", DataType::Int64),
            ("_month", DataType::Int32),
            ("_part", DataType::Int32),
        ] {
            columns.push(Arc::new(Column::new(name, kind, true)));
        }
        let schema = Arc::new(Schema::new(columns));
        let path = staged(folder, table);
        let file = File::create(&path).map_err(LakeError::file(&path))?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer =
            ArrowWriter::try_new_with_options(file, schema.clone(), options).map_err(LakeError::parquet(&path))?;
        Ok(Sink {
            schema,
            rows: TableBuilder::new(table),
            file: Int32Builder::new(),
            row: Int64Builder::new(),
            month: Int32Builder::new(),
            part: Int32Builder::new(),
            path,
            writer,
        })
    }

    fn push(&mut self, origin: Origin, add: impl FnOnce(&mut TableBuilder)) -> Result<(), LakeError> {
        add(&mut self.rows);
        self.file.append_value(origin.file);
        self.row.append_value(origin.row);
        self.month.append_option(origin.month.map(|month| month.0));
        self.part.append_option(origin.part.and_then(|part| i32::try_from(part).ok()));
        if self.rows.rows() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), LakeError> {
        let mut columns: Vec<ArrayRef> = self.rows.finish().columns().to_vec();
        columns.push(Arc::new(self.file.finish()));
        columns.push(Arc::new(self.row.finish()));
        columns.push(Arc::new(self.month.finish()));
        columns.push(Arc::new(self.part.finish()));
        let batch = RecordBatch::try_new(self.schema.clone(), columns).expect("columns of the schema");
        self.writer.write(&batch).map_err(LakeError::parquet(&self.path))
    }

    fn close(mut self) -> Result<(), LakeError> {
        self.flush()?;
        self.writer.close().map_err(LakeError::parquet(&self.path)).map(|_| ())
    }
}

/// What was staged.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Staged {
    /// The files' names, in order: how problems call them.
    pub files: Vec<String>,
    /// Which of them are wide: they tell a person and a visit again with each line.
    pub wide: Vec<bool>,
    /// Rows of lines.
    pub lines: u64,
    /// Rows of visits.
    pub visits: u64,
    /// Whether any diagnoses were given.
    pub has_diagnoses: bool,
}

/// Reads all files into `folder`, one Parquet file a table.
///
/// # Errors
/// A file cannot be read or its headings cannot be understood; rows that cannot be read are told
/// to `problems` and left out.
pub fn stage(
    inputs: &Inputs,
    folder: &Path,
    parts: u32,
    problems: &mut Problems,
    tell: &dyn Fn(&str),
    progress: &dyn Fn(u64),
) -> Result<Staged, LakeError> {
    fs::create_dir_all(folder).map_err(LakeError::file(folder))?;
    let sinks = LakeTable::ALL.iter().map(|table| Sink::create(folder, *table)).collect::<Result<Vec<_>, _>>()?;
    let mut stager = Stager { sinks, parts, problems, staged: Staged::default(), seen: Seen::default() };
    for (number, file) in inputs.files()?.iter().enumerate() {
        stager.staged.files.push(file.name());
        stager.staged.wide.push(file.table.is_none());
        stager.read(inputs, (i32::try_from(number).unwrap_or(i32::MAX), file), tell, progress)?;
    }
    let Stager { sinks, staged, .. } = stager;
    sinks.into_iter().try_for_each(Sink::close)?;
    Ok(staged)
}

struct Stager<'a> {
    sinks: Vec<Sink>,
    parts: u32,
    problems: &'a mut Problems,
    staged: Staged,
    seen: Seen,
}

/// What the row before said: of a wide file a visit is told once, and rows out of order are noted.
#[derive(Default)]
struct Seen {
    person: Option<Person>,
    visit: Option<Encounter>,
    order: Option<(String, terms::DateTime)>,
    out_of_order: u64,
    first: u64,
}

/// The fields without which a row of the table means nothing.
fn keys(table: LakeTable) -> &'static [&'static str] {
    match table {
        LakeTable::Persons => &["psn_no"],
        LakeTable::Encounters => &["psn_no", "mdtrt_id"],
        LakeTable::Diagnoses => &["mdtrt_id", "diag_code"],
        LakeTable::Procedures => &["mdtrt_id", "oprn_oprt_code"],
        LakeTable::Lines => &["mdtrt_id"],
        LakeTable::Funds => &["mdtrt_id", "fund_pay_type", "fund_payamt"],
        LakeTable::Institutions => &["fixmedins_code"],
        LakeTable::Practitioners => &["prac_psn_code"],
        LakeTable::Stock => &["fixmedins_code", "med_list_codg"],
    }
}

/// Facts that many rules need: a row without them stays, and the gap is told.
fn wanted(table: LakeTable) -> &'static [&'static str] {
    match table {
        LakeTable::Encounters => &["begntime"],
        LakeTable::Lines => &["med_list_codg", "fee_ocur_time"],
        _ => &[],
    }
}

impl Stager<'_> {
    fn read(
        &mut self,
        inputs: &Inputs,
        (number, file): (i32, &InputFile),
        tell: &dyn Fn(&str),
        progress: &dyn Fn(u64),
    ) -> Result<(), LakeError> {
        let mut source = Source::open(&file.path, inputs.options.clone())?;
        let mut table = source.table()?;
        let headings = &table.headings().names;
        let wrong = |error: crate::MapError| LakeError::content(&file.path, error);
        let detected = match file.table {
            Some(of) => inputs.map.of_table(of, headings).map_err(wrong)?,
            None => inputs.map.of_wide(headings).map_err(wrong)?,
        };
        let of = file.table.unwrap_or(LakeTable::Encounters);
        detected.require(of, keys(of)).map_err(wrong)?;
        if !detected.unknown.is_empty() {
            tell(&format!("{}: 未识别，不用 not understood: {}", file.path.display(), detected.unknown.join(", ")));
        }
        self.seen = Seen::default();
        let name = file.name();
        let (mut row, mut unseen) = (Row::new(), 0);
        while table.next(&mut row)? {
            let place = Place { number, name: &name, detected: &detected, row: &row };
            match file.table {
                Some(of) => self.row(of, &place)?,
                None => self.wide(&place)?,
            }
            unseen += 1;
            if unseen == 1_000 {
                progress(unseen);
                unseen = 0;
            }
        }
        progress(unseen);
        self.tell_order(&name)
    }

    fn row(&mut self, table: LakeTable, place: &Place<'_>) -> Result<(), LakeError> {
        match table {
            LakeTable::Persons => self.record::<Person>(table, place).map(|_| ()),
            LakeTable::Encounters => self.record::<Encounter>(table, place).map(|_| ()),
            LakeTable::Diagnoses => self.record::<Diagnosis>(table, place).map(|_| ()),
            LakeTable::Procedures => self.record::<Procedure>(table, place).map(|_| ()),
            LakeTable::Lines => self.record::<Line>(table, place).map(|_| ()),
            LakeTable::Institutions => self.record::<Institution>(table, place).map(|_| ()),
            LakeTable::Practitioners => self.record::<Practitioner>(table, place).map(|_| ()),
            LakeTable::Stock => self.record::<Stock>(table, place).map(|_| ()),
            LakeTable::Funds => self.fund(place),
        }
    }

    /// Reads, checks and stages one record; `None` when the row is refused.
    fn record<R: Record + Dated>(&mut self, table: LakeTable, place: &Place<'_>) -> Result<Option<R>, LakeError> {
        match place.record::<R>(table) {
            Err(cells) => {
                self.problems.refuse(&place.error(cells))?;
                Ok(None)
            }
            Ok(record) => {
                self.put(table, place, &record)?;
                Ok(Some(record))
            }
        }
    }

    fn put<R: Record + Dated>(&mut self, table: LakeTable, place: &Place<'_>, record: &R) -> Result<(), LakeError> {
        let mut known = vec![false; table.fields().len()];
        record.each(&mut |at, value| known[at] = value.is_some());
        for name in wanted(table) {
            if table.fields().iter().zip(&known).any(|(field, known)| field.name == *name && !known) {
                let field = table.fields().iter().find(|field| field.name == *name).map_or("", |field| field.label);
                self.problems.note(&place.error(vec![CellError {
                    column: 0,
                    heading: format!("{name} {field}"),
                    value: String::new(),
                    problem: "缺少 missing".to_owned(),
                    way_out:
                        "保留此行，需要它的规则记为未检查 kept; rules that need it come out as not checked".to_owned(),
                }]))?;
            }
        }
        self.order(place, record)?;
        let person = record.person();
        let origin = Origin {
            file: place.number,
            row: i64::try_from(place.row.number()).unwrap_or(i64::MAX),
            month: record.month(),
            part: person.map(|person| part_of(person, self.parts)),
        };
        match table {
            LakeTable::Lines => self.staged.lines += 1,
            LakeTable::Encounters => self.staged.visits += 1,
            LakeTable::Diagnoses => self.staged.has_diagnoses = true,
            _ => {}
        }
        self.sink(table).push(origin, |rows| rows.push("", record))
    }

    fn sink(&mut self, table: LakeTable) -> &mut Sink {
        let at = LakeTable::ALL.iter().position(|one| *one == table).expect("every table is listed");
        &mut self.sinks[at]
    }

    fn fund(&mut self, place: &Place<'_>) -> Result<(), LakeError> {
        let cell = |name: &str| {
            let found = place.detected.columns.iter().find(|one| LakeTable::Funds.fields()[one.field].name == name);
            found.map(|one| (one, place.row.cell(one.column).trim()))
        };
        let (Some((_, visit)), Some((_, fund)), Some((column, amount))) =
            (cell("mdtrt_id"), cell("fund_pay_type"), cell("fund_payamt"))
        else {
            return Ok(());
        };
        let read = tidy(encounter::Kind::Money, amount).parse::<Fen>();
        let problem = match &read {
            _ if visit.is_empty() || fund.is_empty() => Some("就诊ID 或基金支付类型为空 a key is blank".to_owned()),
            Err(error) => Some(error.to_string()),
            Ok(_) => None,
        };
        if let Some(problem) = problem {
            return self.problems.refuse(&place.error(vec![place.cell(column, problem)]));
        }
        let row = i64::try_from(place.row.number()).unwrap_or(i64::MAX);
        let origin = Origin { file: place.number, row, month: None, part: None };
        let amount = read.unwrap_or_default();
        self.sink(LakeTable::Funds).push(origin, |rows| rows.push_fund("", visit, fund, amount))
    }

    /// A row that tells of a line, its visit, its person and their diagnoses at once.
    fn wide(&mut self, place: &Place<'_>) -> Result<(), LakeError> {
        let (person, visit) =
            (place.record::<Person>(LakeTable::Persons), place.record::<Encounter>(LakeTable::Encounters));
        let line = place.detected.columns.iter().any(|one| one.table == LakeTable::Lines);
        let line = if line { Some(place.record::<Line>(LakeTable::Lines)) } else { None };
        let mut cells = Vec::new();
        let person = person.map_err(|wrong| cells.extend(wrong)).ok();
        let visit = visit.map_err(|wrong| cells.extend(wrong)).ok();
        let line = line.transpose().map_err(|wrong| cells.extend(wrong)).ok().flatten();
        let (Some(person), Some(visit), true) = (person, visit, cells.is_empty()) else {
            cells.dedup();
            return self.problems.refuse(&place.error(cells));
        };
        if self.seen.person.as_ref() != Some(&person) {
            self.put(LakeTable::Persons, place, &person)?;
            self.seen.person = Some(person);
        }
        if self.seen.visit.as_ref() != Some(&visit) {
            self.put(LakeTable::Encounters, place, &visit)?;
            self.put_codes(place, &visit)?;
            self.seen.visit = Some(visit);
        }
        line.map_or(Ok(()), |line| self.put(LakeTable::Lines, place, &line))
    }

    /// The diagnoses and operations of a wide row: a column each, or several in a cell.
    fn put_codes(&mut self, place: &Place<'_>, visit: &Encounter) -> Result<(), LakeError> {
        let codes = |table: LakeTable, field: &str| -> Vec<String> {
            let columns = place.detected.columns.iter();
            let of = columns.filter(|one| one.table == table && table.fields()[one.field].name == field);
            let cells = of.flat_map(|one| place.row.cell(one.column).split(['|', '；', ';']));
            cells.map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect()
        };
        for (at, code) in codes(LakeTable::Diagnoses, "diag_code").into_iter().enumerate() {
            let diagnosis = Diagnosis {
                mdtrt_id: visit.mdtrt_id.clone(),
                diag_srt_no: Some(terms::Exact::whole(i64::try_from(at + 1).unwrap_or(i64::MAX))),
                diag_code: Some(code),
                maindiag_flag: Some(at == 0),
                ..Diagnosis::default()
            };
            self.put(LakeTable::Diagnoses, place, &diagnosis)?;
        }
        for (at, code) in codes(LakeTable::Procedures, "oprn_oprt_code").into_iter().enumerate() {
            let procedure = Procedure {
                mdtrt_id: visit.mdtrt_id.clone(),
                oprn_oprt_code: Some(code),
                main_oprn_flag: Some(at == 0),
                ..Procedure::default()
            };
            self.put(LakeTable::Procedures, place, &procedure)?;
        }
        Ok(())
    }

    /// Counts rows that stand before their time within a person or visit.
    fn order<R: Dated>(&mut self, place: &Place<'_>, record: &R) -> Result<(), LakeError> {
        if let Some(problem) = record.contradiction() {
            let (field, problem) = problem;
            self.problems.note(&place.error(vec![CellError {
                column: 0,
                heading: field.to_owned(),
                value: String::new(),
                problem: problem.to_owned(),
                way_out: "保留此行，请核对 kept; look at the times".to_owned(),
            }]))?;
        }
        if let Some((of, at)) = record.order() {
            let seen = &mut self.seen;
            if seen.order.as_ref().is_some_and(|(before, time)| before == of && *time > at) {
                seen.out_of_order += 1;
                if seen.out_of_order == 1 {
                    seen.first = place.row.number();
                }
            }
            seen.order = Some((of.to_owned(), at));
        }
        Ok(())
    }

    fn tell_order(&mut self, name: &str) -> Result<(), LakeError> {
        if self.seen.out_of_order == 0 {
            return Ok(());
        }
        self.problems.note(&RowError {
            file: name.to_owned(),
            row: self.seen.first,
            cells: vec![CellError {
                column: 0,
                heading: "begntime / fee_ocur_time".to_owned(),
                value: String::new(),
                problem: format!(
                    "{} 行不按时间先后 rows out of order in time, this is the first",
                    self.seen.out_of_order
                ),
                way_out: "已排序，全部保留 sorted; all are kept".to_owned(),
            }],
        })
    }
}

/// What the stage needs to know of a record besides its fields.
trait Dated {
    fn person(&self) -> Option<&str> {
        None
    }
    fn month(&self) -> Option<Month> {
        None
    }
    /// Within what and when: such rows are expected in order of time.
    fn order(&self) -> Option<(&str, terms::DateTime)> {
        None
    }
    /// Two times that contradict each other: the field and what is wrong.
    fn contradiction(&self) -> Option<(&'static str, &'static str)> {
        None
    }
}

impl Dated for Person {
    fn person(&self) -> Option<&str> {
        self.psn_no.as_deref()
    }
}

impl Dated for Encounter {
    fn person(&self) -> Option<&str> {
        self.psn_no.as_deref()
    }
    fn month(&self) -> Option<Month> {
        Some(Month::of_visit(self))
    }
    fn order(&self) -> Option<(&str, terms::DateTime)> {
        Some((self.psn_no.as_deref()?, self.begntime?))
    }
    fn contradiction(&self) -> Option<(&'static str, &'static str)> {
        (self.endtime? < self.begntime?).then_some(("endtime 结束时间", "早于开始时间 before the beginning"))
    }
}

impl Dated for Line {
    fn order(&self) -> Option<(&str, terms::DateTime)> {
        Some((self.mdtrt_id.as_deref()?, self.fee_ocur_time?))
    }
    fn contradiction(&self) -> Option<(&'static str, &'static str)> {
        let wrong = self.drord_stop_date? < self.drord_begn_date?;
        wrong.then_some(("drord_stop_date 医嘱停止时间", "早于医嘱开始时间 before the order's beginning"))
    }
}

impl Dated for Diagnosis {}
impl Dated for Procedure {}
impl Dated for Institution {}
impl Dated for Practitioner {}
impl Dated for Stock {}

/// A row and what its columns mean.
struct Place<'a> {
    number: i32,
    name: &'a str,
    detected: &'a Detected,
    row: &'a Row,
}

impl Place<'_> {
    fn error(&self, cells: Vec<CellError>) -> RowError {
        RowError { file: self.name.to_owned(), row: self.row.number(), cells }
    }

    fn cell(&self, column: &Understood, problem: String) -> CellError {
        CellError {
            column: column.column + 1,
            heading: self.detected.headings[column.column].clone(),
            value: self.row.cell(column.column).to_owned(),
            problem,
            way_out: "改正后重新运行；此行未采用 correct it and run again; the row is left out".to_owned(),
        }
    }

    /// The record that the row's cells make, or every cell that is wrong.
    fn record<R: Record>(&self, table: LakeTable) -> Result<R, Vec<CellError>> {
        let fields = table.fields();
        let (mut record, mut wrong) = (R::default(), Vec::new());
        for column in self.detected.columns.iter().filter(|one| one.table == table) {
            let field = &fields[column.field];
            let text = tidy(field.kind, self.row.cell(column.column));
            let text = column.words.get(text.as_ref()).map_or(text.as_ref(), String::as_str);
            if let Err(error) = record.read(field.name, text) {
                let problem = match error {
                    FieldError::Value { wanted, .. } => format!("不是 is not {wanted}"),
                    unknown @ FieldError::Unknown { .. } => unknown.to_string(),
                };
                wrong.push(self.cell(column, problem));
            }
        }
        let mut known = vec![false; fields.len()];
        record.each(&mut |at, value| known[at] = value.is_some());
        for key in keys(table) {
            let at = fields.iter().position(|field| field.name == *key).unwrap_or_default();
            let told = wrong.iter().any(|cell| cell.heading == *key);
            if !known[at] && !told {
                let column = self.detected.columns.iter().find(|one| one.table == table && one.field == at);
                let problem = format!("{key} {} 为空 is blank", fields[at].label);
                wrong.push(match column {
                    Some(column) => self.cell(column, problem),
                    None => CellError {
                        column: 0,
                        heading: (*key).to_owned(),
                        value: String::new(),
                        problem,
                        way_out: "补上此列 add the column".to_owned(),
                    },
                });
            }
        }
        if wrong.is_empty() { Ok(record) } else { Err(wrong) }
    }
}
