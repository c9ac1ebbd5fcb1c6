//! Reads the reference tables (facts of six published schemes) just far enough to test the engine
//! against the oracle's answers. The product's own importer lives in `schemes`.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use grouping::{
    Case, CodeList, CodeSet, CodeSystems, Comparison, Condition, Exclusion, Kind, Level, Measure, Member, Node,
    NodeStatus, NumberField, Options, Outcome, Requirement, Retry, Scheme, Select, SetRef, SeverityClass, SeverityCode,
    Sex, TagPolicy, Ungroupable, WhenNoChild,
};
use serde_json::Value;
use terms::Quantity;

/// The six schemes.
pub const SCHEMES: [&str; 6] =
    ["chs_drg_10", "chs_drg_11", "beijing_2022", "zhejiang_2022", "changzhou_2022", "foshan_2022"];

/// The folder of the reference tables, or `None` when it is absent and not required.
pub fn reference() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/drg");
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var("HENG_REFERENCE").as_deref() != Ok("required"), "{} is missing", path.display());
    println!("not run: reference absent");
    None
}

/// A table's rows, header left out.
pub fn rows(path: &Path) -> Vec<Vec<String>> {
    let bytes = std::fs::read(path).unwrap();
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    let separator = if path.to_string_lossy().contains(".csv") { ',' } else { '\t' };
    text.lines().skip(1).map(|line| line.split(separator).map(str::to_owned).collect()).collect()
}

/// Reads one scheme's tables.
pub fn load(folder: &Path, name: &str) -> Scheme {
    let dir = folder.join(name);
    let mut sets: BTreeMap<String, CodeSet> =
        rows(&dir.join("list_index.tsv")).into_iter().map(|row| (row[0].clone(), set(row[0].clone()))).collect();
    for row in rows(&dir.join("lists.tsv.gz")) {
        let tag = row.get(3).filter(|tag| !tag.is_empty()).cloned();
        sets.get_mut(&row[0]).unwrap().members.push(Member { code: row[2].clone(), tag, ..Member::default() });
    }
    let mut operations = set("SS_VALID".to_owned());
    for row in rows(&dir.join("or_procedures.tsv.gz")) {
        operations.members.push(Member { code: row[0].clone(), ..Member::default() });
    }
    sets.insert("SS_VALID".to_owned(), operations);
    let mut reader = Reader { sets };
    let nodes = reader.nodes(&dir);
    let mut severity_codes = Vec::new();
    for (class, file) in [("MCC", "mcc.tsv.gz"), ("CC", "cc.tsv.gz")] {
        severity_codes.extend(rows(&dir.join(file)).into_iter().map(|row| SeverityCode {
            code: row[0].clone(),
            class: class.to_owned(),
            exclusion: row.get(1).filter(|table| !table.is_empty()).cloned(),
            only_if: None,
        }));
    }
    let exclusions = rows(&dir.join("pdx_exclusion.tsv.gz"));
    let class = |name: &str, title: &str| SeverityClass { name: name.to_owned(), title: title.to_owned() };
    let level = |name: &str| Level { name: name.to_owned(), select: Select::First };
    Scheme {
        id: name.to_owned(),
        version: "2022".to_owned(),
        title: name.to_owned(),
        code_systems: CodeSystems::default(),
        levels: ["MDC", "ADRG", "DRG"].map(level).to_vec(),
        sets: reader.sets.into_values().collect(),
        severity_classes: vec![class("MCC", "严重并发症或合并症"), class("CC", "并发症或合并症")],
        severity_codes,
        exclusions: exclusions
            .into_iter()
            .map(|row| Exclusion { code: row[0].clone(), table: row[1].clone() })
            .collect(),
        requirements: requirements(),
        options: Options {
            retry: if name.starts_with("zhejiang") { Some(Retry::EachOtherProcedure) } else { None },
            ..Options::default()
        },
        ungroupable: Ungroupable { codes: ["0000", "00", "0000"].map(str::to_owned).to_vec(), entered: Vec::new() },
        nodes,
        ..Scheme::default()
    }
}

fn set(name: String) -> CodeSet {
    CodeSet { name, kind: Kind::Diagnosis, tags: TagPolicy::All, members: Vec::new() }
}

fn requirements() -> Vec<Requirement> {
    let rule = |when: &str, field: &str, outcome| Requirement {
        when: Condition::parse(when).unwrap(),
        fields: vec![field.to_owned()],
        check: Condition::Always(true),
        outcome,
        says: String::new(),
    };
    vec![
        rule("", "ZYZD", Outcome::Invalid),
        rule("", "XB", Outcome::Invalid),
        rule("", "NL", Outcome::NeedsData),
        rule("NL = 0", "XSRTL", Outcome::NeedsData),
        rule("NL = 0 and XSRTL <= 28", "XSRTZ", Outcome::NeedsData),
    ]
}

struct Reader {
    sets: BTreeMap<String, CodeSet>,
}

impl Reader {
    fn nodes(&mut self, dir: &Path) -> Vec<Node> {
        let adrgs = rows(&dir.join("adrg.tsv"));
        let drgs = rows(&dir.join("drg.tsv"));
        let mut nodes = Vec::new();
        for mdc in rows(&dir.join("mdc.tsv")) {
            let mut node = Node::new(&mdc[1], "", self.condition(&mdc[2]));
            node.order = mdc[0].parse().unwrap();
            for adrg in adrgs.iter().filter(|adrg| adrg[0] == mdc[1]) {
                // `AH1_1` and `AH1_2` are two rows of one group.
                let code = adrg[2].split('_').next().unwrap_or_default();
                let mut group = Node::new(code, adrg[3].trim(), self.condition(&adrg[5]));
                group.order = adrg[1].parse::<i64>().unwrap() * 2;
                if let Some(code) = adrg[6].strip_prefix("return ") {
                    group.when_no_child = WhenNoChild::Code(code.to_owned());
                }
                for drg in drgs.iter().filter(|drg| drg[0] == adrg[2]) {
                    let mut split = Node::new(&drg[2], drg[3].trim(), self.condition(&drg[4]));
                    split.order = drg[1].parse().unwrap();
                    group.children.push(split);
                }
                node.children.push(group);
            }
            if let Some(after) = mdc.get(3).filter(|after| !after.is_empty()) {
                let mut unclear = Node::new("QY", "歧义组", self.condition(&mdc[4]));
                unclear.order = after.parse::<i64>().unwrap() * 2 + 1;
                unclear.status = NodeStatus::Ambiguous;
                unclear.children.push(Node::new(&mdc[5], "", Condition::Always(true)));
                node.children.push(unclear);
            }
            nodes.push(node);
        }
        nodes
    }

    fn condition(&mut self, text: &str) -> Condition {
        self.read(&serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}")))
    }

    fn read(&mut self, value: &Value) -> Condition {
        if let Value::Bool(holds) = value {
            return Condition::Always(*holds);
        }
        let (key, value) = value.as_object().unwrap().iter().next().unwrap();
        let first = [CodeList::PrincipalDiagnosis];
        let any = [CodeList::PrincipalDiagnosis, CodeList::OtherDiagnoses];
        let procedures = [CodeList::MainProcedure, CodeList::OtherProcedures];
        match key.as_str() {
            "all" => Condition::All(value.as_array().unwrap().iter().map(|part| self.read(part)).collect()),
            "any" => Condition::Any(value.as_array().unwrap().iter().map(|part| self.read(part)).collect()),
            "not" => Condition::Not(Box::new(self.read(value))),
            "pdx_in" => self.inside(&first, value, None),
            "any_dx_in" => self.inside(&any, value, None),
            "sdx_in" => self.inside(&[CodeList::OtherDiagnoses], value, None),
            "main_proc_in" => self.inside(&[CodeList::MainProcedure], value, None),
            "other_proc_in" => self.inside(&[CodeList::OtherProcedures], value, None),
            "any_proc_in" => self.inside(&procedures, value, None),
            "proc_tag" => {
                self.sets.get_mut(value[0].as_str().unwrap()).unwrap().tags = TagPolicy::First;
                self.inside(&procedures, &value[0], value[1].as_str().map(str::to_owned))
            }
            "distinct_tags_ge" => {
                let name = value[0].as_str().unwrap();
                self.sets.get_mut(name).unwrap().tags = TagPolicy::Last;
                Condition::Measured {
                    measure: Measure::Tags,
                    set: Some(SetRef::Named { name: name.to_owned(), tag: None }),
                    lists: any.to_vec(),
                    comparison: Comparison::GreaterOrEqual,
                    value: value[1].as_u64().unwrap() as u32,
                }
            }
            "has_proc" => entered(&procedures, Comparison::GreaterOrEqual, 1),
            "has_sdx" => entered(&[CodeList::OtherDiagnoses], Comparison::GreaterOrEqual, 1),
            "n_proc" => entered(&procedures, comparison(&value[0]), value[1].as_u64().unwrap() as u32),
            "mcc" | "cc" => Condition::parse(&format!("QTZD in {}", key.to_uppercase())).unwrap(),
            "sex" => Condition::parse(&format!("XB = {}", value.as_str().unwrap())).unwrap(),
            "dept" => Condition::parse(&format!("KS = '{}'", value.as_str().unwrap())).unwrap(),
            "leaving_type_in" => {
                let values: Vec<String> =
                    value.as_array().unwrap().iter().map(|value| format!("'{}'", value.as_str().unwrap())).collect();
                Condition::parse(&format!("LYFS in {{{}}}", values.join(","))).unwrap()
            }
            number => self.number(number, value),
        }
    }

    fn number(&mut self, key: &str, value: &Value) -> Condition {
        let field = match key {
            "age" => NumberField::Age,
            "age_days" => NumberField::AgeDays,
            "weight" => NumberField::Weight,
            "los" => NumberField::Days,
            "icu_hours" => NumberField::IcuHours,
            other => panic!("condition '{other}'"),
        };
        if value[0] == "known" {
            return Condition::Known(field.name().to_owned());
        }
        let value_of = Quantity(value[1].as_i64().unwrap() * 10_000);
        Condition::Compare { field, comparison: comparison(&value[0]), value: value_of }
    }

    fn inside(&mut self, lists: &[CodeList], name: &Value, tag: Option<String>) -> Condition {
        let name = name.as_str().unwrap().to_owned();
        if lists[0].is_procedures() {
            self.sets.get_mut(&name).unwrap_or_else(|| panic!("list {name}")).kind = Kind::Procedure;
        }
        Condition::In { lists: lists.to_vec(), sets: vec![SetRef::Named { name, tag }] }
    }
}

fn entered(lists: &[CodeList], comparison: Comparison, value: u32) -> Condition {
    Condition::Measured { measure: Measure::Entered, set: None, lists: lists.to_vec(), comparison, value }
}

fn comparison(value: &Value) -> Comparison {
    match value.as_str().unwrap() {
        "lt" => Comparison::Less,
        "le" => Comparison::LessOrEqual,
        "gt" => Comparison::Greater,
        "ge" => Comparison::GreaterOrEqual,
        "eq" => Comparison::Equal,
        other => panic!("comparison '{other}'"),
    }
}

/// A case and what the oracle answered: status, mdc, adrg, drg.
pub struct Expected {
    /// The case.
    pub case: Case,
    /// The oracle's answer.
    pub answer: [String; 4],
}

/// Reads a scheme's cases.
pub fn cases(folder: &Path, name: &str) -> Vec<Expected> {
    rows(&folder.join(name).join("cases.csv.gz"))
        .into_iter()
        .map(|row| {
            let text = |index: usize| Some(row[index].clone()).filter(|text| !text.is_empty());
            let whole = |index: usize| row[index].parse().ok();
            let codes =
                |index: usize| text(index).map_or(Vec::new(), |text| text.split('|').map(str::to_owned).collect());
            Expected {
                case: Case {
                    id: row[0].clone(),
                    diagnoses: codes(10),
                    procedures: codes(11),
                    sex: Sex::from_code(&row[2]),
                    age: whole(3),
                    age_days: whole(4),
                    weight: whole(5),
                    days: whole(7),
                    leaving_type: text(8),
                    department: text(6),
                    icu_hours: row[9].parse().ok(),
                    ..Case::default()
                },
                answer: [12, 13, 14, 15].map(|index| row[index].clone()),
            }
        })
        .collect()
}
