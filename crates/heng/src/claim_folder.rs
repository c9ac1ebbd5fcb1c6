//! 中立结算文件夹, whole and in memory: what detection needs, since it holds everybody against
//! everybody. (Work that goes person by person reads through the lake and never holds it all.)

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use encounter::{
    Diagnosis, Encounter, Field, History, Institution, Line, Person, Practitioner, Procedure, Record, Stock,
    Surroundings,
};
use intake::{CellError, Row, RowError, Source, SourceOptions};
use terms::Fen;

use crate::commands::Problem;

/// What a claim folder holds.
#[derive(Debug, Default)]
pub struct ClaimFolder {
    /// 就诊史 of everybody.
    pub histories: Vec<History>,
    /// 机构与人员.
    pub surroundings: Surroundings,
    /// 进销存.
    pub stock: Vec<Stock>,
    /// Cells that could not be read; each counts as unknown and the rest goes on.
    pub errors: Vec<RowError>,
}

/// The endings under which a table may stand.
const ENDINGS: [&str; 4] = ["csv", "parquet", "xlsx", "csv.gz"];

/// Reads a folder. `persons` may be missing; `encounters` may not.
///
/// # Errors
/// The folder has no table of visits, or a file cannot be read at all.
pub fn read(folder: &Path) -> Result<ClaimFolder, Problem> {
    let mut found = ClaimFolder::default();
    let visits = records::<Encounter>(folder, "encounters", &mut found.errors)?;
    let visits = visits.ok_or_else(|| format!("{}: has no table encounters.csv or .parquet", folder.display()))?;
    let persons = records::<Person>(folder, "persons", &mut found.errors)?.unwrap_or_default();
    found.surroundings.institutions =
        records::<Institution>(folder, "institutions", &mut found.errors)?.unwrap_or_default();
    found.surroundings.practitioners =
        records::<Practitioner>(folder, "practitioners", &mut found.errors)?.unwrap_or_default();
    found.stock = records::<Stock>(folder, "stock", &mut found.errors)?.unwrap_or_default();
    let mut visits: Vec<Encounter> = visits;
    let mut place: HashMap<String, usize> = HashMap::new();
    for (at, visit) in visits.iter().enumerate() {
        place.entry(visit.mdtrt_id.clone().unwrap_or_default()).or_insert(at);
    }
    let of = |id: Option<&String>| id.and_then(|id| place.get(id)).copied();
    for row in records::<Diagnosis>(folder, "diagnoses", &mut found.errors)?.unwrap_or_default() {
        of(row.mdtrt_id.as_ref()).into_iter().for_each(|at| visits[at].diagnoses.push(row.clone()));
    }
    for row in records::<Procedure>(folder, "procedures", &mut found.errors)?.unwrap_or_default() {
        of(row.mdtrt_id.as_ref()).into_iter().for_each(|at| visits[at].procedures.push(row.clone()));
    }
    for row in records::<Line>(folder, "lines", &mut found.errors)?.unwrap_or_default() {
        if let Some(at) = of(row.mdtrt_id.as_ref()) {
            visits[at].lines.push(row);
        }
    }
    for (visit, fund, amount) in funds(folder, &mut found.errors)? {
        if let Some(at) = of(Some(&visit)) {
            visits[at].funds.push((fund, amount));
        }
    }
    found.histories = by_person(persons, visits);
    Ok(found)
}

fn by_person(persons: Vec<Person>, visits: Vec<Encounter>) -> Vec<History> {
    let mut histories: Vec<History> =
        persons.into_iter().map(|person| History { person, encounters: Vec::new() }).collect();
    let mut place: HashMap<String, usize> = HashMap::new();
    for (at, history) in histories.iter().enumerate() {
        place.entry(history.person.psn_no.clone().unwrap_or_default()).or_insert(at);
    }
    for visit in visits {
        let number = visit.psn_no.clone();
        let at = *place.entry(number.clone().unwrap_or_default()).or_insert_with(|| {
            histories.push(History { person: Person { psn_no: number, ..Person::default() }, encounters: Vec::new() });
            histories.len() - 1
        });
        histories[at].encounters.push(visit);
    }
    histories
}

fn file(folder: &Path, table: &str) -> Option<PathBuf> {
    ENDINGS.iter().map(|ending| folder.join(format!("{table}.{ending}"))).find(|path| path.is_file())
}

/// The records of a table; `None` where there is no file.
fn records<R: Record>(folder: &Path, table: &str, errors: &mut Vec<RowError>) -> Result<Option<Vec<R>>, Problem> {
    let Some(path) = file(folder, table) else { return Ok(None) };
    let mut source = Source::open(&path, SourceOptions::default())?;
    let mut table = source.table()?;
    let known: &[Field] = R::TABLE.fields();
    let headings = table.headings().names.clone();
    let columns: Vec<(usize, &str)> = headings
        .iter()
        .enumerate()
        .filter_map(|(at, heading)| Some((at, known.iter().find(|field| field.name == heading)?.name)))
        .collect();
    let (mut row, mut records) = (Row::new(), Vec::new());
    while table.next(&mut row)? {
        let mut record = R::default();
        let mut cells = Vec::new();
        for (at, name) in &columns {
            if let Err(error) = record.read(name, row.cell(*at)) {
                cells.push(CellError {
                    column: at + 1,
                    heading: (*name).to_owned(),
                    value: row.cell(*at).to_owned(),
                    problem: error.to_string(),
                    way_out: "改正或留空（留空即未知） correct it, or leave it blank: blank is unknown".to_owned(),
                });
            }
        }
        if !cells.is_empty() {
            errors.push(RowError { file: path.display().to_string(), row: row.number(), cells });
        }
        records.push(record);
    }
    Ok(Some(records))
}

fn funds(folder: &Path, errors: &mut Vec<RowError>) -> Result<Vec<(String, String, Fen)>, Problem> {
    let Some(path) = file(folder, "funds") else { return Ok(Vec::new()) };
    let mut source = Source::open(&path, SourceOptions::default())?;
    let mut table = source.table()?;
    let headings = table.headings().names.clone();
    let column = |name: &str| {
        let found = headings.iter().position(|heading| heading == name);
        found.ok_or_else(|| format!("{}: has no column {name}", path.display()))
    };
    let (visit, fund, amount) = (column("mdtrt_id")?, column("fund_pay_type")?, column("fund_payamt")?);
    let (mut row, mut rows) = (Row::new(), Vec::new());
    while table.next(&mut row)? {
        match row.cell(amount).trim().parse::<Fen>() {
            Ok(paid) => rows.push((row.cell(visit).trim().to_owned(), row.cell(fund).trim().to_owned(), paid)),
            Err(error) => errors.push(RowError {
                file: path.display().to_string(),
                row: row.number(),
                cells: vec![CellError {
                    column: amount + 1,
                    heading: "fund_payamt".to_owned(),
                    value: row.cell(amount).to_owned(),
                    problem: error.to_string(),
                    way_out: "write yuan with at most two decimals".to_owned(),
                }],
            }),
        }
    }
    Ok(rows)
}
