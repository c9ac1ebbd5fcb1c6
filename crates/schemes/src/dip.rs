//! DIP 病种目录: a city's directory of case groups by value, as it publishes it (xlsx or CSV),
//! becomes a scheme whose groups compete (`best`), and a table of their scores.
//!
//! The tree has two levels. The first is the order in which a case is tried: core groups with
//! operations, core groups without, then comprehensive groups by ever shorter beginnings of the
//! principal diagnosis (`K35`, `K3`, `K`) and by ranges of categories (`A00-B99`). The second
//! holds the directory's rows. Which of several wins (most parts of an operation cell, most
//! operations, nearest mean fee, order of types) is decided in `grouping`.

mod auxiliary;
mod row;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use grouping::{
    CodeList, CodeSet, Comparison, Condition, Kind, Level, Measure, Member, Node, Outcome, Requirement, Scheme, Select,
    SetRef, TagPolicy, Ungroupable,
};
use intake::{Row, Source, SourceOptions};

use crate::report::{Findings, Place, SchemesError, Trap, file_error};
use crate::tables::ALL_PROCEDURES;
use crate::workbook::cell;
use crate::{Loaded, Origin};
use auxiliary::Levels;
use row::{Entry, GroupKind, Reach};
use words::{Columns, Words};

/// So many rows at the top are searched for headings.
const HEADING_ROWS: u64 = 4;

/// The set of procedures with their treatment class as tag.
const CLASSES: &str = "OP_CLASS";

/// Room between two order numbers.
const STEP: i64 = 10;

/// What a directory leaves open.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// 手术操作分类: a table of procedures (手术操作编码) and their treatment class (治疗方式).
    /// Comprehensive groups need it; without it, "conservative" means that nothing was entered.
    pub classes: Option<PathBuf>,
    /// 辅助目录: a table of levels within groups (病种编码 or `*`, 辅助目录, 级别, 系数, 规则).
    pub auxiliary: Option<PathBuf>,
    /// The sheet of a workbook that has several.
    pub sheet: Option<String>,
    /// The scheme's id; `dip` unless given.
    pub id: Option<String>,
    /// The scheme's version; `1` unless given.
    pub version: Option<String>,
}

/// A directory as a scheme and a table of scores.
#[derive(Debug)]
pub struct Directory {
    /// The scheme, and what was met.
    pub loaded: Loaded,
    /// The scores as CSV, in the form that payment plans read (`group,name,weight,…`).
    pub scores: String,
    /// 辅助目录系数 as CSV, in the form that payment plans read (`group,auxiliary,name,factor`); only
    /// where a table of levels was given.
    pub factors: Option<String>,
}

/// Reads a directory.
///
/// # Errors
/// A file that cannot be read, a heading that is missing, and every row that is not understood.
pub fn read(path: &Path, settings: &Settings) -> Result<Directory, SchemesError> {
    let words = Words::shipped();
    let mut findings = Findings::default();
    let classes = match &settings.classes {
        Some(path) => Some(classes(path, &words, &mut findings)?),
        None => None,
    };
    let mut entries: Vec<Entry> = Vec::new();
    let mut seen: HashMap<String, u64> = HashMap::new();
    let sheet = name(path);
    each_row(
        path,
        settings.sheet.as_deref(),
        &words,
        &["diagnosis", "procedures", "kind"],
        &mut findings,
        |columns, row, findings| {
            let place = |code: &str| Place::of(&sheet, usize::try_from(row.number()).unwrap_or(usize::MAX), code);
            match Entry::read(columns, row, &words, classes.as_ref()) {
                Err((code, message)) => findings.problem(place(&code), message),
                Ok(entry) => match seen.insert(entry.code.clone(), row.number()) {
                    None => entries.push(entry),
                    Some(first) => {
                        let message = format!("row {first} is the same combination; one of them must go");
                        findings.problem(place(&entry.code), message);
                    }
                },
            }
        },
    )?;
    if entries.is_empty() && findings.problems.is_empty() {
        findings.problem(Place::sheet(&sheet), "no row below the headings");
    }
    let shortened = entries.iter().flat_map(Entry::beginnings).collect::<Vec<_>>();
    if !shortened.is_empty() {
        let shown = shortened.iter().take(5).cloned().collect::<Vec<_>>().join(" ");
        let done = format!(
            "{} procedures are shorter than a full code ({shown} …); each stands for all codes that begin so",
            shortened.len()
        );
        findings.note(Trap::ShortCode, Place::sheet(&sheet), done);
    }
    if classes.is_none() {
        let done =
            "no table of treatment classes was given: a case counts as conservative when no procedure was entered";
        findings.note(Trap::ProfileApplied, Place::sheet(&sheet), done);
        if let Some(entry) = entries.iter().find(|entry| entry.kind == GroupKind::Comprehensive) {
            let message =
                "comprehensive groups are told apart by treatment class; give a table of procedures and their classes";
            findings.problem(Place { code: entry.code.clone(), ..Place::sheet(&sheet) }, message);
        }
    }
    let levels = match &settings.auxiliary {
        Some(path) => Levels::read(path, &words, &mut findings)?,
        None => Levels::default(),
    };
    let known = |group: &str| entries.iter().any(|entry| entry.code == group);
    for group in levels.strays(&known) {
        let place = Place {
            code: group.to_owned(),
            ..Place::sheet(settings.auxiliary.as_deref().map(name).unwrap_or_default().as_str())
        };
        findings.problem(place, "the directory has no such group");
    }
    let scores = scores(&entries);
    let scheme = scheme(path, settings, entries, classes, &levels);
    let notes = findings.finish(path.to_owned())?;
    let factors = settings.auxiliary.as_ref().map(|_| levels.factors());
    Ok(Directory { loaded: Loaded::imported(scheme, notes, Origin::Directory), scores, factors })
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Finds the row of headings and hands over each row below it.
fn each_row(
    path: &Path,
    sheet: Option<&str>,
    words: &Words,
    required: &[&str],
    findings: &mut Findings,
    mut take: impl FnMut(&Columns, &Row, &mut Findings),
) -> Result<(), SchemesError> {
    let failed = |error: intake::IntakeError| {
        file_error(path)(std::io::Error::new(std::io::ErrorKind::InvalidData, error.to_string()))
    };
    let mut refusal = String::new();
    for heading_row in 1..=HEADING_ROWS {
        let options = SourceOptions {
            sheet: sheet.map(str::to_owned),
            heading_row: Some(heading_row),
            ..SourceOptions::default()
        };
        let mut source = Source::open(path, options).map_err(failed)?;
        let Ok(mut table) = source.table() else { continue };
        match words.columns(&table.headings().names, required) {
            Ok(columns) => {
                if heading_row > 1 {
                    let done = format!("the headings stand in row {heading_row}; rows above were left out");
                    findings.note(Trap::HeadingsLower, Place::sheet(&name(path)), done);
                }
                for unknown in &columns.unknown {
                    let done = format!("“{unknown}” means nothing here and was left out");
                    findings.note(Trap::ColumnUnknown, Place::sheet(&name(path)), done);
                }
                let mut row = Row::new();
                while table.next(&mut row).map_err(failed)? {
                    take(&columns, &row, findings);
                }
                return Ok(());
            }
            Err(message) if refusal.is_empty() || message.known > 0 => refusal = message.text,
            Err(_) => {}
        }
    }
    findings.problem(Place::sheet(&name(path)), refusal);
    Ok(())
}

/// 手术操作 → 治疗方式.
fn classes(path: &Path, words: &Words, findings: &mut Findings) -> Result<BTreeMap<String, u8>, SchemesError> {
    let mut out = BTreeMap::new();
    let file = name(path);
    each_row(path, None, words, &["procedures", "treatment"], findings, |columns, row, findings| {
        let code = cell::code(columns.cell(row, "procedures"));
        let text = columns.cell(row, "treatment");
        match words.treatment(text) {
            Some(class) => {
                out.insert(code, class);
            }
            None => {
                let place = Place::of(&file, usize::try_from(row.number()).unwrap_or(usize::MAX), &code);
                findings.problem(place, format!("治疗方式 “{text}” is not known; known are {}", words.treatments()));
            }
        }
    })?;
    Ok(out)
}

fn scheme(
    path: &Path,
    settings: &Settings,
    entries: Vec<Entry>,
    classes: Option<BTreeMap<String, u8>>,
    auxiliary: &Levels,
) -> Scheme {
    let text = |given: &Option<String>, usual: &str| given.clone().unwrap_or_else(|| usual.to_owned());
    let classed = classes.is_some();
    let mut stages: BTreeMap<Reach, Vec<Node>> = BTreeMap::new();
    for entry in entries {
        let siblings = stages.entry(entry.reach()).or_default();
        let mut node = Node::new(&entry.code, &entry.name, entry.condition(classed));
        node.order = i64::try_from(siblings.len() + 1).unwrap_or(i64::MAX / STEP) * STEP;
        node.rank = Some(entry.rank());
        node.mean_fee = entry.mean_fee;
        siblings.push(node);
    }
    let stage = |(at, (reach, children)): (usize, (Reach, Vec<Node>))| {
        let condition = if reach == Reach::CoreConservative { conservative(classed) } else { Condition::Always(true) };
        let order = i64::try_from(at + 1).unwrap_or(i64::MAX / STEP) * STEP;
        Node { order, children, ..Node::new(reach.code(), reach.title(), condition) }
    };
    let level = |name: &str, select| Level { name: name.to_owned(), select };
    Scheme {
        id: text(&settings.id, "dip"),
        version: text(&settings.version, "1"),
        title: "按病种分值付费（DIP）病种目录".to_owned(),
        source: name(path),
        levels: vec![level("目录", Select::First), level("病种", Select::Best)],
        fields: auxiliary.fields(),
        sets: classes.map(class_set).into_iter().collect(),
        requirements: vec![Requirement {
            when: Condition::Always(true),
            fields: vec!["ZYZD".to_owned()],
            check: Condition::Always(true),
            outcome: Outcome::NeedsData,
            says: "主要诊断不能为空 / there must be a principal diagnosis".to_owned(),
        }],
        ungroupable: Ungroupable { codes: ["00", "0000"].map(str::to_owned).into(), entered: Vec::new() },
        nodes: stages.into_iter().enumerate().map(stage).collect(),
        auxiliary: auxiliary.declared(),
        ..Scheme::default()
    }
}

fn class_set(classes: BTreeMap<String, u8>) -> CodeSet {
    let member = |(code, class): (String, u8)| Member { code, tag: Some(class.to_string()), ..Member::default() };
    let members = classes.into_iter().map(member).collect();
    CodeSet { name: CLASSES.to_owned(), kind: Kind::Procedure, tags: TagPolicy::Last, members }
}

/// The case's highest treatment class is this one.
fn highest(class: u8) -> Condition {
    Condition::Measured {
        measure: Measure::HighestTag,
        set: Some(SetRef::Named { name: CLASSES.to_owned(), tag: None }),
        lists: ALL_PROCEDURES.to_vec(),
        comparison: Comparison::Equal,
        value: u32::from(class),
    }
}

fn conservative(classed: bool) -> Condition {
    if classed {
        return highest(0);
    }
    let lists: Vec<CodeList> = ALL_PROCEDURES.to_vec();
    Condition::Measured { measure: Measure::Entered, set: None, lists, comparison: Comparison::Equal, value: 0 }
}

/// The table of scores that payment plans read.
fn scores(entries: &[Entry]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heads = ["group", "name", "weight", "cases", "mean_fee", "cv", "mean_days", "flags"];
    let mut write = |cells: [&str; 8]| writer.write_record(cells).expect("writing to memory");
    write(heads);
    for entry in entries {
        let fee = entry.mean_fee.map_or(String::new(), |fee| fee.to_string());
        let flags = if entry.kind == GroupKind::Grassroots { "grassroots" } else { "" };
        write([&entry.code, &entry.name, &entry.score, &entry.cases, &fee, &entry.cv, &entry.mean_days, flags]);
    }
    String::from_utf8(writer.into_inner().expect("writing to memory")).expect("texts are UTF-8")
}
