//! 整理: staged records become a lake. DataFusion finds the person and month of what belongs to a
//! visit and sorts, on disk where memory does not suffice; what comes twice or belongs to nobody
//! is told by file and row and left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use datafusion::common::JoinType;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{DataFrame, ParquetReadOptions, SessionConfig, SessionContext, col};
use futures::StreamExt;
use intake::{CellError, RowError};

use crate::stage::{Staged, staged};
use crate::write::TableFile;
use crate::{Lake, LakeError, LakeTable, Month, Problems};

/// 引擎: what sorts and joins, within so much memory.
pub struct Engine {
    context: SessionContext,
    runtime: tokio::runtime::Runtime,
}

/// More visits than this are joined by sorting both sides, which needs no memory for either.
const HASHED_VISITS: u64 = 2_000_000;

impl Engine {
    /// An engine that holds at most `memory` bytes and puts the rest into `spill`.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn new(memory: usize, threads: usize, spill: &Path, visits: u64) -> Result<Engine, LakeError> {
        fs::create_dir_all(spill).map_err(LakeError::file(spill))?;
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![spill.to_owned()]));
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(memory)))
            .with_disk_manager_builder(disk)
            .build_arc()
            .map_err(LakeError::engine("beginning"))?;
        let mut config = SessionConfig::new().with_target_partitions(threads.max(1)).with_batch_size(8_192);
        config.options_mut().optimizer.prefer_hash_join = visits <= HASHED_VISITS;
        // A merge of spilled runs needs room of its own.
        config.options_mut().execution.sort_spill_reservation_bytes = (memory / 8 / threads.max(1)).min(64 << 20);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .enable_all()
            .build()
            .map_err(LakeError::file(spill))?;
        Ok(Engine { context: SessionContext::new_with_config_rt(config, environment), runtime })
    }

    fn read(&self, path: &Path) -> Result<DataFrame, LakeError> {
        let name = path.to_string_lossy().into_owned();
        let options = ParquetReadOptions::default();
        self.runtime.block_on(self.context.read_parquet(name.clone(), options)).map_err(LakeError::engine(name))
    }

    /// Runs a plan and shows its rows, batch by batch.
    fn run(
        &self,
        about: &str,
        plan: DataFrame,
        mut see: impl FnMut(RecordBatch) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        self.runtime.block_on(async {
            let mut stream = plan.execute_stream().await.map_err(LakeError::engine(about))?;
            while let Some(batch) = stream.next().await {
                see(batch.map_err(LakeError::engine(about))?)?;
            }
            Ok(())
        })
    }
}

/// Puts what was staged in `from` into an empty lake.
///
/// # Errors
/// The disk or the memory does not suffice; the lake is then unfinished and is made anew.
pub fn arrange(
    engine: &Engine,
    from: &Path,
    told: &Staged,
    lake: &Lake,
    problems: &mut Problems,
    progress: &dyn Fn(LakeTable),
) -> Result<(), LakeError> {
    let mut arranger = Arranger { engine, from, told, lake, problems };
    arranger.persons()?;
    progress(LakeTable::Persons);
    let keys = arranger.visits()?;
    progress(LakeTable::Encounters);
    if told.has_diagnoses {
        arranger.without_diagnosis(&keys)?;
    }
    for table in LakeTable::OF_VISIT {
        arranger.children(table, &keys)?;
        progress(table);
    }
    for table in [LakeTable::Institutions, LakeTable::Practitioners, LakeTable::Stock] {
        arranger.whole(table)?;
        progress(table);
    }
    Ok(())
}

struct Arranger<'a> {
    engine: &'a Engine,
    from: &'a Path,
    told: &'a Staged,
    lake: &'a Lake,
    problems: &'a mut Problems,
}

/// What tells one record of a table from the next; blank: nothing does.
fn identity(table: LakeTable) -> &'static [&'static str] {
    match table {
        LakeTable::Persons => &["psn_no"],
        LakeTable::Encounters => &["mdtrt_id"],
        LakeTable::Diagnoses => &["mdtrt_id", "diag_srt_no", "inout_diag_type", "diag_code"],
        LakeTable::Lines => &["mdtrt_id", "feedetl_sn"],
        LakeTable::Funds => &["mdtrt_id", "fund_pay_type"],
        LakeTable::Institutions => &["fixmedins_code"],
        LakeTable::Procedures | LakeTable::Practitioners | LakeTable::Stock => &[],
    }
}

/// The fields that must be known for two records to be one.
fn decisive(table: LakeTable) -> &'static str {
    match table {
        LakeTable::Lines => "feedetl_sn",
        LakeTable::Diagnoses => "diag_code",
        other => identity(other).last().copied().unwrap_or_default(),
    }
}

impl Arranger<'_> {
    fn staged(&self, table: LakeTable) -> Result<DataFrame, LakeError> {
        self.engine.read(&staged(self.from, table))
    }

    fn persons(&mut self) -> Result<(), LakeError> {
        let table = LakeTable::Persons;
        let plan = sorted(self.staged(table)?, &["_part", "psn_no", "_file", "_row"])?;
        let mut out = Partitions::new(self.lake, table);
        let mut twice = Twice::of(table);
        let (engine, told, problems) = (self.engine, self.told, &mut *self.problems);
        engine.run("persons", plan, |batch| {
            let kept = twice.drop_repeats(&batch, told, problems)?;
            out.write(&kept, false)
        })?;
        out.finish()
    }

    /// Visits without those that come twice, and what the other tables need to find them.
    fn visits(&mut self) -> Result<PathBuf, LakeError> {
        let table = LakeTable::Encounters;
        let plan = sorted(self.staged(table)?, &["mdtrt_id", "_file", "_row"])?;
        let once = self.from.join("visits-once.parquet");
        let mut twice = Twice::of(table);
        let mut out: Option<Plain> = None;
        let (engine, told, problems) = (self.engine, self.told, &mut *self.problems);
        engine.run("visits by number", plan, |batch| {
            let kept = twice.drop_repeats(&batch, told, problems)?;
            match &mut out {
                Some(out) => out.write(&kept),
                none => none.insert(Plain::create(&once, &kept)?).write(&kept),
            }
        })?;
        match out {
            Some(out) => out.finish()?,
            // No visit at all: the staged file, without rows, will do.
            None => fs::copy(staged(self.from, table), &once).map(|_| ()).map_err(LakeError::file(&once))?,
        }
        let plan = sorted(engine.read(&once)?, &["_part", "_month", "psn_no", "begntime", "mdtrt_id"])?;
        let mut out = Partitions::new(self.lake, table);
        engine.run("visits by person", plan, |batch| out.write(&batch, true))?;
        out.finish()?;
        Ok(once)
    }

    /// Visits that have no diagnosis although the files tell diagnoses: rules on diagnoses will not
    /// be able to check them.
    fn without_diagnosis(&mut self, keys: &Path) -> Result<(), LakeError> {
        let engine_error = || LakeError::engine("visits without diagnosis");
        let diagnoses = self.staged(LakeTable::Diagnoses)?;
        let diagnoses = diagnoses.select(vec![col("mdtrt_id").alias("_visit")]).map_err(engine_error())?;
        let visits = self.engine.read(keys)?;
        let visits = visits.select_columns(&["mdtrt_id", "_file", "_row"]).map_err(engine_error())?;
        let plan = visits.join(diagnoses, JoinType::LeftAnti, &["mdtrt_id"], &["_visit"], None);
        let plan = sorted(plan.map_err(engine_error())?, &["_file", "_row"])?;
        let (engine, told, problems) = (self.engine, self.told, &mut *self.problems);
        engine.run("visits without diagnosis", plan, |batch| {
            for row in 0..batch.num_rows() {
                problems.note(&problem(
                    &batch,
                    row,
                    told,
                    ("diag_code 诊断代码", &text(&batch, "mdtrt_id", row)),
                    "就诊没有诊断 the visit has no diagnosis",
                    "保留；需要诊断的规则记为未检查 kept; rules that need one come out as not checked",
                ))?;
            }
            Ok(())
        })
    }

    /// What belongs to visits gets the visit's person, month and part.
    fn children(&mut self, table: LakeTable, keys: &Path) -> Result<(), LakeError> {
        let about = format!("{table} by person");
        let wrong = || LakeError::engine(about.clone());
        let keys = self.engine.read(keys)?.select(vec![
            col("mdtrt_id").alias("_visit"),
            col("psn_no").alias("_person"),
            col("_month").alias("_in"),
            col("_part").alias("_of"),
        ]);
        let rows = self.staged(table)?;
        let plan =
            rows.join(keys.map_err(wrong())?, JoinType::Left, &["mdtrt_id"], &["_visit"], None).map_err(wrong())?;
        let mut order = vec!["_of", "_in", "_person", "mdtrt_id"];
        order.extend(identity(table).iter().skip(1));
        order.extend(["_file", "_row"]);
        let plan = sorted(plan, &order)?;
        let mut out = Partitions::new(self.lake, table);
        let mut twice = Twice::of(table);
        let (engine, told, problems) = (self.engine, self.told, &mut *self.problems);
        engine.run(&about, plan, |batch| {
            let batch = drop_orphans(&batch, table, told, problems)?;
            let kept = twice.drop_repeats(&batch, told, problems)?;
            out.write(&kept, true)
        })?;
        out.finish()
    }

    fn whole(&mut self, table: LakeTable) -> Result<(), LakeError> {
        let first: &[&str] = if table == LakeTable::Practitioners { &["prac_psn_code"] } else { &["fixmedins_code"] };
        let plan = sorted(self.staged(table)?, &[first, &["_file", "_row"]].concat())?;
        let path = self.lake.whole(table);
        let mut twice = Twice::of(table);
        let mut file: Option<TableFile> = None;
        let (engine, told, problems) = (self.engine, self.told, &mut *self.problems);
        engine.run(table.name(), plan, |batch| {
            let kept = twice.drop_repeats(&batch, told, problems)?;
            if kept.num_rows() == 0 {
                return Ok(());
            }
            let rows = in_schema(&kept, table, "psn_no")?;
            match &mut file {
                Some(file) => file.write(&rows),
                none => none.insert(TableFile::create(&path, table)?).write(&rows),
            }
        })?;
        file.map_or(Ok(()), TableFile::finish)
    }
}

fn sorted(plan: DataFrame, by: &[&str]) -> Result<DataFrame, LakeError> {
    let order = by.iter().map(|name| col(*name).sort(true, true)).collect();
    plan.sort(order).map_err(LakeError::engine(by.join(", ")))
}

/// Parquet in whatever schema the rows have.
struct Plain {
    path: PathBuf,
    writer: parquet::arrow::ArrowWriter<fs::File>,
}

impl Plain {
    fn create(path: &Path, like: &RecordBatch) -> Result<Plain, LakeError> {
        let file = fs::File::create(path).map_err(LakeError::file(path))?;
        let writer = parquet::arrow::ArrowWriter::try_new(file, like.schema(), None);
        Ok(Plain { path: path.to_owned(), writer: writer.map_err(LakeError::parquet(path))? })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        self.writer.write(batch).map_err(LakeError::parquet(&self.path))
    }

    fn finish(self) -> Result<(), LakeError> {
        self.writer.close().map(|_| ()).map_err(LakeError::parquet(&self.path))
    }
}

/// Rows sorted by part and month go to their files, one file open at a time.
struct Partitions<'a> {
    lake: &'a Lake,
    table: LakeTable,
    open: Option<((Month, u32), TableFile)>,
    done: BTreeSet<(Month, u32)>,
}

impl<'a> Partitions<'a> {
    fn new(lake: &'a Lake, table: LakeTable) -> Partitions<'a> {
        Partitions { lake, table, open: None, done: BTreeSet::new() }
    }

    fn write(&mut self, batch: &RecordBatch, monthly: bool) -> Result<(), LakeError> {
        let of_visit = self.table.is_of_visit();
        let (part, month) = if of_visit { ("_of", "_in") } else { ("_part", "_month") };
        let parts = column(batch, part).as_primitive::<Int32Type>().clone();
        let months = column(batch, month).as_primitive::<Int32Type>().clone();
        let place = |row: usize| {
            let month = if monthly { Month(months.value(row)) } else { Month::UNKNOWN };
            (month, u32::try_from(parts.value(row)).unwrap_or_default())
        };
        let rows = in_schema(batch, self.table, if of_visit { "_person" } else { "psn_no" })?;
        let mut from = 0;
        while from < rows.num_rows() {
            let here = place(from);
            let mut to = from + 1;
            while to < rows.num_rows() && place(to) == here {
                to += 1;
            }
            self.file(here, monthly)?.write(&rows.slice(from, to - from))?;
            from = to;
        }
        Ok(())
    }

    fn file(&mut self, at: (Month, u32), monthly: bool) -> Result<&mut TableFile, LakeError> {
        if self.open.as_ref().is_none_or(|(open, _)| *open != at) {
            if let Some((_, file)) = self.open.take() {
                file.finish()?;
            }
            assert!(self.done.insert(at), "the rows are sorted by part and month");
            let (month, part) = at;
            let path = if monthly { self.lake.monthly(self.table, month, part) } else { self.lake.persons(part) };
            self.open = Some((at, TableFile::create(&path, self.table)?));
        }
        Ok(&mut self.open.as_mut().expect("opened").1)
    }

    fn finish(self) -> Result<(), LakeError> {
        self.open.map_or(Ok(()), |(_, file)| file.finish())
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    batch.column_by_name(name).expect("a column of the plan")
}

/// The rows in the table's own types; the person's number comes from the column `person`.
fn in_schema(batch: &RecordBatch, table: LakeTable, person: &str) -> Result<RecordBatch, LakeError> {
    let schema = table.schema();
    let columns = schema.fields().iter().map(|field| {
        let name = if field.name() == "psn_no" { person } else { field.name() };
        cast(column(batch, name), field.data_type())
    });
    let columns = columns.collect::<Result<Vec<_>, _>>();
    let batch = columns.and_then(|columns| RecordBatch::try_new(schema.clone(), columns));
    batch.map_err(|error| LakeError::engine(table.name())(error))
}

fn text(batch: &RecordBatch, name: &str, row: usize) -> String {
    let one = column(batch, name).slice(row, 1);
    let read = cast(&one, &DataType::Utf8).ok();
    read.filter(|read| read.is_valid(0)).map_or(String::new(), |read| read.as_string::<i32>().value(0).to_owned())
}

fn problem(
    batch: &RecordBatch,
    row: usize,
    told: &Staged,
    (heading, value): (&str, &str),
    problem: &str,
    way_out: &str,
) -> RowError {
    let file = column(batch, "_file").as_primitive::<Int32Type>().value(row);
    let name = usize::try_from(file).ok().and_then(|file| told.files.get(file));
    RowError {
        file: name.cloned().unwrap_or_default(),
        row: u64::try_from(column(batch, "_row").as_primitive::<Int64Type>().value(row)).unwrap_or_default(),
        cells: vec![CellError {
            column: 0,
            heading: heading.to_owned(),
            value: value.to_owned(),
            problem: problem.to_owned(),
            way_out: way_out.to_owned(),
        }],
    }
}

fn keep(batch: &RecordBatch, which: &BooleanArray) -> Result<RecordBatch, LakeError> {
    if which.true_count() == batch.num_rows() {
        return Ok(batch.clone());
    }
    filter_record_batch(batch, which).map_err(|error| LakeError::engine("filtering")(error))
}

/// Leaves out what belongs to no visit.
fn drop_orphans(
    batch: &RecordBatch,
    table: LakeTable,
    told: &Staged,
    problems: &mut Problems,
) -> Result<RecordBatch, LakeError> {
    let people = column(batch, "_person");
    if people.null_count() == 0 {
        return Ok(batch.clone());
    }
    for row in (0..batch.num_rows()).filter(|row| people.is_null(*row)) {
        let what = format!("{} 的就诊不在 encounters 中 its visit is in no file", table.label());
        let way_out =
            "补上该就诊，或改正就诊ID；此行未采用 give the visit too, or correct mdtrt_id; the row is left out";
        problems.refuse(&problem(batch, row, told, ("mdtrt_id", &text(batch, "mdtrt_id", row)), &what, way_out))?;
    }
    let which: BooleanArray = (0..batch.num_rows()).map(|row| Some(people.is_valid(row))).collect();
    keep(batch, &which)
}

/// What tells a record from the next; a part may be unknown.
type Key = Vec<Option<String>>;

/// Finds records that are there twice among rows sorted by what tells them apart.
struct Twice {
    table: LakeTable,
    last: Option<(Key, (String, u64))>,
}

impl Twice {
    fn of(table: LakeTable) -> Twice {
        Twice { table, last: None }
    }

    /// The rows without repeats; each repeat is told with the row that it repeats.
    fn drop_repeats(
        &mut self,
        batch: &RecordBatch,
        told: &Staged,
        problems: &mut Problems,
    ) -> Result<RecordBatch, LakeError> {
        let names = identity(self.table);
        if names.is_empty() || batch.num_rows() == 0 {
            return Ok(batch.clone());
        }
        let texts = |name: &&str| cast(column(batch, name), &DataType::Utf8);
        let arrays = names.iter().map(texts).collect::<Result<Vec<_>, _>>();
        let arrays = arrays.map_err(|error| LakeError::engine("repeats")(error))?;
        let columns: Vec<_> = arrays.iter().map(|array| array.as_string::<i32>()).collect();
        let at = names.iter().position(|name| *name == decisive(self.table)).unwrap_or_default();
        let same = |row: usize, other: usize| {
            columns[at].is_valid(row)
                && columns.iter().all(|column| {
                    column.is_valid(row) == column.is_valid(other)
                        && (column.is_null(row) || column.value(row) == column.value(other))
                })
        };
        let own = |row: usize| -> Key {
            columns.iter().map(|column| column.is_valid(row).then(|| column.value(row).to_owned())).collect()
        };
        let mut which = Vec::with_capacity(batch.num_rows());
        let mut first = None;
        for row in 0..batch.num_rows() {
            let repeats = match (first, &self.last) {
                (Some(first), _) => same(row, first),
                (None, Some((key, _))) => columns[at].is_valid(row) && *key == own(row),
                (None, None) => false,
            };
            which.push(Some(!repeats));
            if !repeats {
                first = Some(row);
                continue;
            }
            let before = match first {
                Some(first) => place(batch, first, told),
                None => self.last.as_ref().map(|(_, place)| place.clone()).unwrap_or_default(),
            };
            if !self.is_told_again(batch, row, first, told) {
                self.tell(batch, row, told, &before, problems)?;
            }
        }
        if let Some(first) = first {
            self.last = Some((own(first), place(batch, first, told)));
        }
        keep(batch, &which.into_iter().collect())
    }

    /// Whether a wide file only says again what it said before, as it does with every line.
    fn is_told_again(&self, batch: &RecordBatch, row: usize, first: Option<usize>, told: &Staged) -> bool {
        let file = column(batch, "_file").as_primitive::<Int32Type>().value(row);
        let wide = usize::try_from(file).ok().and_then(|file| told.wide.get(file)).copied().unwrap_or_default();
        let same = |first: usize| {
            let own = batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
            own.iter().zip(batch.columns()).all(|(name, values)| {
                matches!(name.as_str(), "_file" | "_row") || values.slice(row, 1) == values.slice(first, 1)
            })
        };
        wide && self.table != LakeTable::Lines && first.is_none_or(same)
    }

    fn tell(
        &self,
        batch: &RecordBatch,
        row: usize,
        told: &Staged,
        (file, line): &(String, u64),
        problems: &mut Problems,
    ) -> Result<(), LakeError> {
        let names = identity(self.table);
        let values: Vec<String> = names.iter().map(|name| text(batch, name, row)).collect();
        let what = format!("{}重复，与 {file} 第 {line} 行相同 repeats that row", self.table.label());
        let way_out = "只计前一行；此行未采用 only the first counts; this row is left out";
        problems.refuse(&problem(batch, row, told, (&names.join(", "), &values.join(", ")), &what, way_out))
    }
}

fn place(batch: &RecordBatch, row: usize, told: &Staged) -> (String, u64) {
    let error = problem(batch, row, told, ("", ""), "", "");
    (error.file, error.row)
}
