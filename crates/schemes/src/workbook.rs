//! 配置信息工作簿: the national DRG workbook in the form in which it was published on 2026-09-09.
//!
//! Sheets and columns are found by their names, never by position. Dirt in the cells is taken
//! off, known traps are dealt with, and each is told ([`crate::Loaded::notes`]). Whatever is not
//! understood fails the import, all of it at once, by sheet, row and code.

mod amend;
pub(crate) mod cell;
mod layout;
mod lists;
mod rules;
mod sheet;
mod tree;

use std::path::{Path, PathBuf};

use calamine::{Reader, Xlsx, open_workbook};
use grouping::{
    CodeSystems, Comparison, Condition, Level, NumberField, Options, Outcome, Requirement, Scheme, Select,
    SeverityClass, SkipMedical, Ungroupable,
};
use terms::Quantity;

use crate::report::{Findings, Note, Place, SchemesError, Trap, file_error};
use crate::{Loaded, Origin};
use layout::Layout;
use sheet::Sheet;

/// The severity classes, heaviest first.
const CLASSES: [(&str, &str); 2] = [("MCC", "严重并发症或合并症"), ("CC", "并发症或合并症")];

/// The set of procedures that make a case surgical.
const ALL_PROCEDURES: &str = "OP_ALL";

/// What the book leaves open.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// 手术病例不入内科组: footnote 17 of the scheme read as its own rule. Without it the order of
    /// the rows alone decides.
    pub surgical_skips_medical: bool,
    /// A case under one year whose age in days is unknown needs data, instead of going where
    /// the rules lead it.
    pub newborn_days_required: bool,
    /// Amendment files, in order.
    pub amendments: Vec<PathBuf>,
    /// The scheme's id; `chs-drg` unless given.
    pub id: Option<String>,
    /// The scheme's version; `3.0` unless given.
    pub version: Option<String>,
}

/// Reads the workbook.
///
/// # Errors
/// A file that cannot be read or is no workbook, and everything in it that is not understood.
pub fn read(path: &Path, settings: &Settings) -> Result<Loaded, SchemesError> {
    let mut book: Xlsx<_> = open_workbook(path).map_err(|error: calamine::XlsxError| {
        file_error(path)(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            format!("not a readable .xlsx workbook: {error}"),
        ))
    })?;
    let mut findings = Findings::default();
    let mut sheets = Sheets::open(path, &mut book, &mut findings)?;
    let all = layout::ALL.map(|layout| sheets.take(layout, &mut findings));
    let [mdc, adrg, drg, sets, severity, exclusions] = &all;
    let mut scheme = head(path, settings);
    scheme.sets = lists::sets(sets, &mut findings);
    scheme.severity_codes = lists::severity(severity, &mut findings);
    scheme.exclusions = lists::exclusions(exclusions, &mut findings);
    lists::check_tables(severity, &scheme.severity_codes, &scheme.exclusions, &mut findings);
    let mut names = rules::Names::new(&scheme.sets);
    scheme.nodes = tree::Tree::grow(mdc, adrg, drg, &mut names, &mut findings);
    scheme.ungroupable = ungroupable(&scheme);
    if settings.surgical_skips_medical {
        names.used.insert(ALL_PROCEDURES.to_owned());
        if !scheme.sets.iter().any(|set| set.name == ALL_PROCEDURES) {
            findings.problem(
                Place::sheet(sets.name),
                format!("there is no set {ALL_PROCEDURES}, which says what a surgical case is"),
            );
        }
    }
    for set in scheme.sets.iter().filter(|set| !names.used.contains(&set.name)) {
        let place = Place { code: set.name.clone(), ..Place::sheet(sets.name) };
        findings.note(Trap::SetUnused, place, format!("no rule names it; its {} codes are kept", set.members.len()));
    }
    for amendment in &settings.amendments {
        amend::apply(amendment, &mut scheme, &mut findings)?;
    }
    let notes: Vec<Note> = findings.finish(path.to_owned())?;
    Ok(Loaded::imported(scheme, notes, Origin::Workbook))
}

/// The sheets of the book, by their clean names.
struct Sheets<'a> {
    book: &'a mut Xlsx<std::io::BufReader<std::fs::File>>,
    names: Vec<String>,
}

impl<'a> Sheets<'a> {
    fn open(
        path: &Path,
        book: &'a mut Xlsx<std::io::BufReader<std::fs::File>>,
        findings: &mut Findings,
    ) -> Result<Sheets<'a>, SchemesError> {
        let names = book.sheet_names();
        let known = |name: &str| layout::ALL.iter().any(|layout| cell::heading(layout.sheet) == cell::heading(name));
        if !names.iter().any(|name| known(name)) {
            let message = format!("no sheet of the national workbook in it; its sheets are {}", names.join(", "));
            return Err(SchemesError::NotAScheme { path: path.to_owned(), message });
        }
        for name in names.iter().filter(|name| !known(name)) {
            findings.note(Trap::SheetUnknown, Place::sheet(name), "means nothing here and was left out");
        }
        Ok(Sheets { book, names })
    }

    fn take(&mut self, layout: &'static Layout, findings: &mut Findings) -> Sheet {
        let wanted = cell::heading(layout.sheet);
        let found: Vec<&String> = self.names.iter().filter(|name| cell::heading(name) == wanted).collect();
        let range = match found.as_slice() {
            [name] => match self.book.worksheet_range(name) {
                Ok(range) => range,
                Err(error) => {
                    findings.problem(Place::sheet(layout.sheet), format!("cannot be read: {error}"));
                    return Sheet::absent(layout);
                }
            },
            [] => {
                let message = format!("there is no such sheet; the sheets are {}", self.names.join(", "));
                findings.problem(Place::sheet(layout.sheet), message);
                return Sheet::absent(layout);
            }
            _ => {
                findings.problem(Place::sheet(layout.sheet), "more than one sheet has this name");
                return Sheet::absent(layout);
            }
        };
        Sheet::read(layout, &range, findings)
    }
}

/// Everything of the scheme that does not stand in the sheets.
fn head(path: &Path, settings: &Settings) -> Scheme {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let text = |given: &Option<String>, usual: &str| given.clone().unwrap_or_else(|| usual.to_owned());
    let skip = SkipMedical { set: ALL_PROCEDURES.to_owned(), level: "ADRG".to_owned() };
    Scheme {
        id: text(&settings.id, "chs-drg"),
        version: text(&settings.version, "3.0"),
        title: "按病组（DRG）付费分组方案".to_owned(),
        source: file,
        code_systems: CodeSystems {
            diagnoses: "医保版ICD-10 2.0".to_owned(),
            procedures: "医保版ICD-9-CM-3 2.0".to_owned(),
        },
        levels: ["MDC", "ADRG", "DRG"].map(|name| Level { name: name.to_owned(), select: Select::First }).into(),
        severity_classes: CLASSES
            .map(|(name, title)| SeverityClass { name: name.to_owned(), title: title.to_owned() })
            .into(),
        requirements: requirements(settings),
        options: Options {
            surgical_skips_medical: settings.surgical_skips_medical.then_some(skip),
            age_days_only_under_one: true,
            ..Options::default()
        },
        ..Scheme::default()
    }
}

fn requirements(settings: &Settings) -> Vec<Requirement> {
    let need = |when, field: &str, says: &str| Requirement {
        when,
        fields: vec![field.to_owned()],
        check: Condition::Always(true),
        outcome: Outcome::NeedsData,
        says: says.to_owned(),
    };
    let mut all = vec![
        need(Condition::Always(true), "ZYZD", "主要诊断不能为空 / there must be a principal diagnosis"),
        need(Condition::Always(true), "XB", "性别必须是 1 或 2 / the sex must be 1 or 2"),
    ];
    if settings.newborn_days_required {
        let newborn = Condition::Compare { field: NumberField::Age, comparison: Comparison::Equal, value: Quantity(0) };
        all.push(need(newborn, "XSRTL", "不足 1 岁须有天龄 / under one year the age in days must be known"));
    }
    all
}

/// The codes of the row `0000` and of what stands below it.
fn ungroupable(scheme: &Scheme) -> Ungroupable {
    let mut codes = Vec::new();
    let mut nodes = scheme.nodes.as_slice();
    while let Some(node) = nodes.iter().find(|node| !codes.is_empty() || node.code == tree::NOWHERE) {
        codes.push(node.code.clone());
        nodes = &node.children;
    }
    if codes.is_empty() {
        codes = [tree::NOWHERE, "000", tree::NOWHERE].map(str::to_owned).into();
    }
    Ungroupable { codes, entered: Vec::new() }
}
