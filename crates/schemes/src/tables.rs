//! 中性表: a scheme as neutral tables, one folder a scheme (`mdc.tsv`, `adrg.tsv`, `drg.tsv`,
//! code lists, severity and exclusion tables, conditions as JSON).
//!
//! The tables say nothing of their title, their code systems or what happens after a first run
//! without a group. A [`profile`] says it for published schemes that we know; a `profile.toml`
//! beside the tables says it for all others and goes before the profile.

mod condition;
mod profile;
mod sets;

use std::collections::BTreeMap;
use std::path::Path;

use grouping::{
    CodeField, CodeList, Comparison, Condition, Level, Node, NodeStatus, NumberField, Outcome, Requirement, Scheme,
    Select, SeverityClass, Ungroupable, WhenNoChild,
};
use terms::Quantity;

use crate::files::{self, Row, Table};
use crate::report::{Findings, Place, SchemesError, Trap, file_error};
use crate::{Loaded, Origin};

/// Room between two 排序 numbers, so that a city can put a group between them.
const STEP: i64 = 10;

/// [`Quantity`] counts in 0.0001.
const QUANTITY: i64 = 10_000;

/// Whether a folder holds neutral tables.
pub(crate) fn recognised(folder: &Path) -> bool {
    ["mdc.tsv", "adrg.tsv", "drg.tsv"].iter().all(|name| files::find(folder, name).is_some())
}

/// Reads a folder of neutral tables.
///
/// # Errors
/// A file that is missing or cannot be read, and everything in the tables that is not understood.
pub fn read(folder: &Path) -> Result<Loaded, SchemesError> {
    let mut findings = Findings::default();
    let mut reading = Reading { folder, findings: &mut findings };
    let mdc = reading.table("mdc.tsv", &["mdc", "condition"])?;
    let adrg = reading.table("adrg.tsv", &["mdc", "adrg", "condition", "when_no_split_matches"])?;
    let drg = reading.table("drg.tsv", &["adrg", "drg", "condition"])?;
    let mut scheme = Scheme { levels: levels(), ungroupable: ungroupable(), ..Scheme::default() };
    scheme.requirements = requirements();
    let mut sets = sets::Sets::read(&mut reading)?;
    reading.severity(&mut scheme)?;
    scheme.nodes = Tree::grow(&mdc, &adrg, &drg, &mut sets, &mut findings);
    scheme.sets = sets.finish(&mut findings);
    let path = files::find(folder, "profile.toml");
    let own = path.map(|path| files::text(&path).map(|text| (path, text))).transpose()?;
    profile::apply(folder, own, &drg, &mut scheme, &mut findings);
    let notes = findings.finish(folder.to_owned())?;
    Ok(Loaded::imported(scheme, notes, Origin::Tables))
}

/// The folder and what was found in it so far.
struct Reading<'a> {
    folder: &'a Path,
    findings: &'a mut Findings,
}

impl Reading<'_> {
    fn table(&mut self, name: &str, headings: &[&str]) -> Result<Table, SchemesError> {
        let path = files::find(self.folder, name).ok_or_else(|| {
            let missing = std::io::Error::new(
                std::io::ErrorKind::NotFound,
                format!("neither this file nor {name}.gz is there; neutral tables need it"),
            );
            file_error(&self.folder.join(name))(missing)
        })?;
        let table = Table::tabbed(name, &files::text(&path)?, self.findings);
        table.require(headings, self.findings);
        Ok(table)
    }

    /// Fills the severity classes, their codes and the exclusion tables.
    fn severity(&mut self, scheme: &mut Scheme) -> Result<(), SchemesError> {
        for (name, title, file) in [("MCC", "严重并发症或合并症", "mcc.tsv"), ("CC", "并发症或合并症", "cc.tsv")]
        {
            scheme.severity_classes.push(SeverityClass { name: name.to_owned(), title: title.to_owned() });
            let table = self.table(file, &["code", "exclusion_table"])?;
            scheme.severity_codes.extend(table.rows().map(|row| grouping::SeverityCode {
                code: row.get("code").to_owned(),
                class: name.to_owned(),
                exclusion: Some(row.get("exclusion_table").to_owned()).filter(|table| !table.is_empty()),
                only_if: None,
            }));
        }
        let table = self.table("pdx_exclusion.tsv", &["code", "exclusion_table"])?;
        scheme.exclusions.extend(table.rows().map(|row| grouping::Exclusion {
            table: row.get("exclusion_table").to_owned(),
            code: row.get("code").to_owned(),
        }));
        Ok(())
    }
}

fn levels() -> Vec<Level> {
    ["MDC", "ADRG", "DRG"].map(|name| Level { name: name.to_owned(), select: Select::First }).into()
}

fn ungroupable() -> Ungroupable {
    Ungroupable { codes: ["0000", "00", "0000"].map(str::to_owned).into(), entered: Vec::new() }
}

/// What must be known before grouping (`check_failed` of the tables' documentation).
pub(crate) fn requirements() -> Vec<Requirement> {
    let number = |field, comparison, value| Condition::Compare { field, comparison, value: Quantity(value * QUANTITY) };
    let newborn = number(NumberField::Age, Comparison::Equal, 0);
    let under_29 = number(NumberField::AgeDays, Comparison::LessOrEqual, 28);
    let need = |when, field: &str, says: &str| Requirement {
        when,
        fields: vec![field.to_owned()],
        check: Condition::Always(true),
        outcome: Outcome::NeedsData,
        says: says.to_owned(),
    };
    vec![
        need(Condition::Always(true), "ZYZD", "主要诊断不能为空 / there must be a principal diagnosis"),
        need(Condition::Always(true), "XB", "性别必须是 1 或 2 / the sex must be 1 or 2"),
        need(Condition::Always(true), "NL", "年龄不能为空 / the age in years must be known"),
        need(newborn.clone(), "XSRTL", "不足 1 岁须有天龄 / under one year the age in days must be known"),
        need(
            Condition::All(vec![newborn, under_29]),
            "XSRTZ",
            "不足 29 天须有体重 / under 29 days the weight must be known",
        ),
    ]
}

/// The tree while it grows.
struct Tree<'a> {
    sets: &'a mut sets::Sets,
    findings: &'a mut Findings,
}

impl Tree<'_> {
    fn grow(mdc: &Table, adrg: &Table, drg: &Table, sets: &mut sets::Sets, findings: &mut Findings) -> Vec<Node> {
        let mut tree = Tree { sets, findings };
        let mut splits = children_of(drg, "adrg");
        let mut groups = children_of(adrg, "mdc");
        let mut nodes = Vec::new();
        for row in mdc.rows() {
            let code = row.get("mdc");
            let mut node = Node::new(code, row.get("name"), tree.condition(row, "condition", code));
            node.order = tree.order(row, "order", nodes.len());
            for (code, rows) in joined(groups.remove(code).unwrap_or_default()) {
                if node.children.iter().any(|child| child.code == code) {
                    tree.findings.problem(rows[0].place(code), "rows of one group must follow each other");
                }
                let child = tree.adrg(code, &rows, &mut splits, node.children.len());
                node.children.push(child);
            }
            tree.insert_qy(row, &mut node);
            nodes.push(node);
        }
        let strays = groups.into_values().chain(splits.into_values()).flatten();
        let strays: Vec<Place> = strays
            .map(|row| row.place(if row.get("drg").is_empty() { row.get("adrg") } else { row.get("drg") }))
            .collect();
        for place in strays {
            findings.problem(place, "belongs to a group that has no row of its own");
        }
        nodes
    }

    /// One ADRG out of its rows. Where it has several (`AH1_1`, `AH1_2`), either leads to it.
    fn adrg(&mut self, code: &str, rows: &[Row], splits: &mut BTreeMap<String, Vec<Row>>, index: usize) -> Node {
        let first = rows[0];
        let mut node = self.adrg_row(code, first, splits, index);
        let mut conditions = vec![std::mem::replace(&mut node.condition, Condition::Always(true))];
        for row in &rows[1..] {
            let other = self.adrg_row(code, *row, splits, index);
            let outline = |node: &Node| -> Vec<(String, Condition)> {
                node.children.iter().map(|split| (split.code.clone(), split.condition.clone())).collect()
            };
            if outline(&other) != outline(&node) || other.when_no_child != node.when_no_child {
                self.findings.problem(row.place(code), format!("splits otherwise than {}", first.get("adrg")));
            }
            self.findings.note(Trap::RowsJoined, row.place(code), format!("joined with {}", first.get("adrg")));
            conditions.push(other.condition);
        }
        node.condition = match <[Condition; 1]>::try_from(conditions) {
            Ok([only]) => only,
            Err(several) => Condition::Any(several),
        };
        node
    }

    fn adrg_row(&mut self, code: &str, row: Row, splits: &mut BTreeMap<String, Vec<Row>>, index: usize) -> Node {
        let mut node = Node::new(code, row.get("name"), self.condition(row, "condition", code));
        node.order = self.order(row, "seq", index);
        node.when_no_child = match row.get("when_no_split_matches").split_once(' ') {
            Some(("return", own)) if own == code => WhenNoChild::Itself,
            Some(("return", other)) => WhenNoChild::Code(other.to_owned()),
            None if row.get("when_no_split_matches") == "continue" => WhenNoChild::Continue,
            _ => {
                let message = format!("“{}” is neither continue nor return CODE", row.get("when_no_split_matches"));
                self.findings.problem(row.place(code), message);
                WhenNoChild::Continue
            }
        };
        for split in splits.remove(row.get("adrg")).unwrap_or_default() {
            let code = split.get("drg");
            let mut child = Node::new(code, split.get("name"), self.condition(split, "condition", code));
            child.order = self.order(split, "seq", node.children.len());
            node.children.push(child);
        }
        node
    }

    /// 歧义组: stands after the ADRG whose number is given.
    fn insert_qy(&mut self, row: Row, node: &mut Node) {
        let code = row.get("qy_code");
        if code.is_empty() {
            return;
        }
        let mut ambiguous = Node::new("QY", "歧义组", self.condition(row, "qy_condition", code));
        ambiguous.order = self.order(row, "qy_after_adrg_seq", node.children.len()) + STEP / 2;
        ambiguous.status = NodeStatus::Ambiguous;
        ambiguous.children.push(Node::new(code, "歧义组", Condition::Always(true)));
        node.children.push(ambiguous);
    }

    fn order(&mut self, row: Row, heading: &str, index: usize) -> i64 {
        let index = i64::try_from(index).unwrap_or(i64::MAX - STEP) + 1;
        let text = row.get(heading);
        let number = if text.is_empty() { Ok(index) } else { text.parse::<i64>() };
        number.unwrap_or_else(|_| {
            self.findings.note(Trap::OrderNotNumber, row.place(""), format!("{heading} “{text}”: taken as {index}"));
            index
        }) * STEP
    }

    fn condition(&mut self, row: Row, heading: &str, code: &str) -> Condition {
        let text = row.get(heading);
        let read =
            serde_json::from_str(text).map_err(|e| e.to_string()).and_then(|json| condition::read(&json, self.sets));
        read.unwrap_or_else(|message| {
            self.findings.problem(row.place(code), format!("{heading}: {message}; it reads {text}"));
            Condition::Always(false)
        })
    }
}

fn children_of<'a>(table: &'a Table, heading: &str) -> BTreeMap<String, Vec<Row<'a>>> {
    let mut out: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in table.rows() {
        out.entry(row.get(heading).to_owned()).or_default().push(row);
    }
    out
}

/// Rows that follow each other and are of one ADRG: `AH1_1` and `AH1_2` are both AH1.
fn joined<'a>(rows: Vec<Row<'a>>) -> Vec<(&'a str, Vec<Row<'a>>)> {
    let mut out: Vec<(&str, Vec<Row>)> = Vec::new();
    for row in rows {
        let code = row.get("adrg");
        let code = code.split_once('_').map_or(code, |(group, _)| group);
        match out.last_mut() {
            Some((last, run)) if *last == code => run.push(row),
            _ => out.push((code, vec![row])),
        }
    }
    out
}

pub(crate) const ALL_DIAGNOSES: [CodeList; 2] = [CodeList::PrincipalDiagnosis, CodeList::OtherDiagnoses];
pub(crate) const ALL_PROCEDURES: [CodeList; 2] = [CodeList::MainProcedure, CodeList::OtherProcedures];
pub(crate) const DEPARTMENT: CodeField = CodeField::Department;
