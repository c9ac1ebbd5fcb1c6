//! 官方表格: rule, batch, day of publication, item, sentence, codes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use intake::{IntakeError, Row, Source, SourceOptions};
use terms::{Date, parse_date};

use super::constraint::{self, Cell, NotUnderstood};
use super::tables::{KnowledgeRow, KnowledgeTable};

/// How one rule's sentence is read.
type Reader = fn(item: &str, text: &str) -> Result<Vec<Cell>, NotUnderstood>;

/// The rules with published knowledge points that a sentence or a list of codes can carry:
/// national number, name, table, its own columns.
const RULES: [(u32, &str, &str, &[&str], Reader); 21] = [
    (1, "药品限工伤保险", "drug-work-injury-only", &[], |_, _| Ok(Vec::new())),
    (2, "药品限生育保险", "drug-maternity-only", &[], |_, _| Ok(Vec::new())),
    (3, "中药饮片单复方均不予支付", "herb-never-payable", &[], |_, _| Ok(Vec::new())),
    (4, "中药饮片单方使用不予支付", "herb-not-payable-alone", &[], |_, _| Ok(Vec::new())),
    (5, "药品限二线使用", "drug-second-line", &["first_line"], |_, text| constraint::second_line(text)),
    (7, "药品限儿童使用", "drug-child-range", &["age_min", "age_max"], |_, text| constraint::ages(text)),
    (8, "药品限适应症", "drug-indication", &["needs"], |_, _| constraint::indication()),
    (10, "药品限支付疗程", "drug-course", &["group", "max", "window"], |_, text| constraint::course(text)),
    (12, "药品限医疗机构级别", "drug-institution-level", &["level_min", "first_only"], |_, text| {
        constraint::level(text)
    }),
    (13, "药品限就医方式", "drug-visit-kind", &["kinds"], |_, text| constraint::visits(text)),
    (15, "手术项目未按规定折价收费", "operation-discount", &["group"], |_, text| {
        constraint::operation_group(text)
    }),
    (23, "医疗服务项目限支付疗程", "service-course", &["group", "max", "window"], |_, text| {
        constraint::course(text)
    }),
    (25, "医疗服务项目重复收费", "service-duplicate-charge", &[], |_, _| Ok(Vec::new())),
    (27, "医疗服务项目限定频次", "service-daily-limit", &["max", "hourly"], |_, text| {
        constraint::frequency(text)
    }),
    (29, "医疗服务项目限年龄", "service-age-range", &["age_min", "age_max"], |_, text| {
        constraint::working_age(text)
    }),
    (31, "医疗服务项目周期超频次", "service-interval", &["group", "min"], |_, text| {
        constraint::interval(text)
    }),
    (47, "超互联网医院药品支付范围", "internet-excluded-drug", &[], |_, _| Ok(Vec::new())),
    (65, "药品儿童专用", "drug-for-children", &["age_max"], |_, text| constraint::drug_for_children(text)),
    (67, "药品区分性别使用", "drug-sex", &["gend"], constraint::sex),
    (80, "医疗服务项目儿童专用", "service-for-children", &["age_max"], |_, text| {
        constraint::for_children(text)
    }),
    (81, "医疗服务项目区分性别使用", "service-sex", &["gend"], constraint::sex),
];

/// Parameters that make a row one of another table: a limit of another shape.
const OTHER_TABLES: [(&str, &str, &str); 3] = [
    ("drug-course", "after", "drug-course-months"),
    ("service-course", "after", "service-course-months"),
    ("service-interval", "per_week", "service-weekly"),
];

/// What an import made.
#[derive(Debug, Default)]
pub struct Imported {
    /// By name, in order.
    pub tables: BTreeMap<String, KnowledgeTable>,
    /// Rows read by national number of the rule.
    pub rows: BTreeMap<u32, usize>,
    /// Distinct codes by national number.
    pub codes: BTreeMap<u32, BTreeSet<String>>,
    /// Rows whose sentence gave parameters (or needs none).
    pub understood: BTreeMap<u32, usize>,
    /// Rows that no table holds, and why.
    pub not_used: Vec<NotUsed>,
    days: BTreeMap<&'static str, BTreeMap<String, BTreeSet<Date>>>,
}

/// A row that is in no table.
#[derive(Debug, Clone)]
pub struct NotUsed {
    /// The file.
    pub file: String,
    /// The row as the file counts it.
    pub row: u64,
    /// The rule, as written.
    pub rule: String,
    /// 项目/药品名称.
    pub item: String,
    /// Why, and what can be done.
    pub why: String,
    /// 限制内容, as written.
    pub sentence: String,
    /// 国家编码, as written.
    pub codes: String,
}

/// The columns, by their headings.
struct Places {
    rule: Option<usize>,
    number: Option<usize>,
    batch: Option<usize>,
    published: usize,
    item: usize,
    sentence: usize,
    codes: usize,
}

impl Places {
    fn find(path: &Path, names: &[String]) -> Result<Places, IntakeError> {
        let place = |known: &[&str]| names.iter().position(|name| known.contains(&name.trim()));
        let must = |known: &[&str]| {
            place(known).ok_or_else(|| {
                let message = format!("there is no column {}; name it so in the first row", known.join(" or "));
                IntakeError::Content { path: path.to_owned(), problem: message }
            })
        };
        let (rule, number) = (place(&["规则名称", "rule_name"]), place(&["规则序号", "rule_seq"]));
        if rule.is_none() && number.is_none() {
            must(&["规则名称", "rule_name", "rule_seq"])?;
        }
        Ok(Places {
            rule,
            number,
            batch: place(&["批次", "batch"]),
            published: must(&["发布日期", "公布日期", "published"])?,
            item: must(&["项目/药品名称", "药品名称", "项目名称", "耗材名称", "item"])?,
            sentence: must(&["限制内容/逻辑", "限制内容", "逻辑", "constraint"])?,
            codes: must(&["国家编码", "医保编码", "国家医保编码", "codes"])?,
        })
    }
}

/// Reads official files; `episode` is the gap in days that begins a new course where the
/// sentence names no stay.
///
/// # Errors
/// A file that cannot be read, or lacks a column.
pub fn import(files: &[PathBuf], episode: u32) -> Result<Imported, IntakeError> {
    let mut imported = Imported::default();
    for path in files {
        let file = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let mut source = Source::open(path, SourceOptions::default())?;
        let mut table = source.table()?;
        let places = Places::find(path, &table.headings().names)?;
        let mut row = Row::new();
        while table.next(&mut row)? {
            imported.take(&file, &places, &row, episode);
        }
    }
    for (name, table) in &mut imported.tables {
        let base = OTHER_TABLES.iter().find(|other| other.2 == name).map_or(name.as_str(), |other| other.0);
        table.days = imported.days.get(base).cloned().unwrap_or_default();
        table.supersede();
    }
    Ok(imported)
}

impl Imported {
    fn take(&mut self, file: &str, places: &Places, row: &Row, episode: u32) {
        let text = |place: usize| row.cell(place).trim();
        let name = places.rule.map_or("", text);
        let number: Option<u32> = places.number.and_then(|place| text(place).parse().ok());
        let (item, sentence, written) = (text(places.item), text(places.sentence), text(places.codes));
        let refuse = |why: String| NotUsed {
            file: file.to_owned(),
            row: row.number(),
            rule: if name.is_empty() { number.map_or_else(String::new, |n| n.to_string()) } else { name.to_owned() },
            item: item.to_owned(),
            why,
            sentence: sentence.to_owned(),
            codes: written.to_owned(),
        };
        let rule = RULES.iter().find(|rule| if name.is_empty() { Some(rule.0) == number } else { rule.1 == name });
        let Some(&(number, _, table, columns, reader)) = rule else {
            let why = "no rule with published knowledge points has this name; add its table by hand".to_owned();
            self.not_used.push(refuse(why));
            return;
        };
        let separators = |c: char| c.is_whitespace() || ['、', ',', '，', ';', '；', '|'].contains(&c);
        let codes: Vec<&str> = written.split(separators).filter(|code| !code.is_empty()).collect();
        *self.rows.entry(number).or_default() += 1;
        self.codes.entry(number).or_default().extend(codes.iter().map(|&code| code.to_owned()));
        let Some(published) = parse_date(text(places.published)) else {
            self.not_used
                .push(refuse(format!("发布日期 “{}” is no date; write it as 2026-07-01", text(places.published))));
            return;
        };
        self.days.entry(table).or_default().entry(item.to_owned()).or_default().insert(published);
        let read = codes_as_needed(number, &codes).and_then(|keys| Ok((keys, reader(item, sentence)?)));
        match read {
            Err(NotUnderstood(why)) => self.not_used.push(refuse(format!("{why}; add the row by hand"))),
            Ok((keys, cells)) => {
                *self.understood.entry(number).or_default() += 1;
                let batch = places.batch.map_or("", text);
                self.add(table, columns, keys, cells, (item, batch, published), episode);
            }
        }
    }

    fn add(
        &mut self,
        table: &str,
        columns: &[&str],
        keys: Vec<Vec<Cell>>,
        mut cells: Vec<Cell>,
        (item, batch, published): (&str, &str, Date),
        episode: u32,
    ) {
        if let Some(window) = cells.iter_mut().find(|(column, value)| *column == "window" && value.is_empty()) {
            window.1 = format!("episode {episode}d");
        }
        let other =
            OTHER_TABLES.iter().find(|(from, column, _)| *from == table && cells.iter().any(|cell| cell.0 == *column));
        let (table, columns): (&str, Vec<&str>) = match other {
            Some((_, "per_week", other)) => (other, vec!["group", "per_week"]),
            Some((_, column, other)) => (other, vec![column]),
            None => (table, columns.to_vec()),
        };
        if columns.contains(&"group") && !cells.iter().any(|(column, _)| *column == "group") {
            // 通用名: forms and methods of one thing, which the name tells in brackets, count together.
            let plain = item.split(['(', '（']).next().unwrap_or(item).trim();
            cells.push(("group", plain.to_owned()));
        }
        let keyed: Vec<&str> = keys.first().into_iter().flatten().map(|(column, _)| *column).collect();
        let columns: Vec<&str> = keyed.into_iter().chain(columns).collect();
        let target = self.tables.entry(table.to_owned()).or_insert_with(|| KnowledgeTable::new(&columns));
        for key in keys {
            target.rows.push(KnowledgeRow {
                cells: key
                    .into_iter()
                    .chain(cells.iter().cloned())
                    .map(|(column, value)| (column.to_owned(), value))
                    .collect(),
                begndate: Some(published),
                enddate: None,
                name: item.to_owned(),
                note: if batch.is_empty() { String::new() } else { format!("批次 {batch}") },
            });
        }
    }
}

/// The code columns of the rows that one official row becomes: a row a code, or one of a pair.
fn codes_as_needed(number: u32, codes: &[&str]) -> Result<Vec<Vec<Cell>>, NotUnderstood> {
    if codes.is_empty() {
        return Err(NotUnderstood("there is no 国家编码".to_owned()));
    }
    if number == 25 {
        let [a, b] = codes else {
            return Err(NotUnderstood(format!("a pair needs two codes and has {}", codes.len())));
        };
        return Ok(vec![vec![("a", (*a).to_owned()), ("b", (*b).to_owned())]]);
    }
    Ok(codes.iter().map(|&code| vec![("code", code.to_owned())]).collect())
}
