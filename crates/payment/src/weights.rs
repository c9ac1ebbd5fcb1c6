//! 权重表与辅助目录: the groups' table beside a plan, as CSV text with a heading row.
//!
//! Columns of the groups' table, in any order: `group`, `name`, `weight` (权重, 基准点数
//! or 分值), `cases` (历史病例数), `mean_fee` (全市组均费用, 元), `mean_fee_<level>`
//! (同级别组均费用, 元), `median_fee`, `cv`, `mean_days`, `flags` (joined by `|`),
//! `from`, `until` (dates), `article`. Only `group` and `weight` are required.
//!
//! Columns of the auxiliary table: `group`, `auxiliary`, `name`, `factor`, `cases`,
//! `mean_fee`, `article`; the first, second and fourth are required.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use policy::Severity;
use terms::{Date, Fen, parse_date};

use crate::number::Fraction;
use crate::source::Reporter;

/// 病组: one row of the groups' table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupRow {
    /// 组号.
    pub group: String,
    /// 组名.
    pub name: String,
    /// 权重, 基准点数 or 分值.
    pub weight: Fraction,
    /// 历史病例数, if known.
    pub cases: Option<u64>,
    /// 全市组均费用.
    pub mean_fee: Option<Fen>,
    /// 同级别组均费用, by level.
    pub mean_fee_by_level: BTreeMap<String, Fen>,
    /// 中位费用.
    pub median_fee: Option<Fen>,
    /// 变异系数, for people.
    pub cv: Option<Fraction>,
    /// 组均住院天数.
    pub mean_days: Option<Fraction>,
    /// Flags: `grassroots`, `tcm`, `stable`, `unstable`, `low_risk` …
    pub flags: BTreeSet<String>,
    /// First day; `None` is the plan's.
    pub from: Option<Date>,
    /// Last day; `None` is the plan's.
    pub until: Option<Date>,
    /// Article, or empty for the table's.
    pub article: String,
    /// Line in its file, from 1; 0 for a row that is in none.
    pub line: usize,
}

impl GroupRow {
    fn covers(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

/// 权重表.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    /// File.
    pub file: String,
    /// What its measure is called: 权重, 基准点数, 分值.
    pub name: Arc<str>,
    /// Article of the table.
    pub article: Arc<str>,
    /// The measure of a case of mean cost: 1, 100, 1000.
    pub scale: Fraction,
    /// Where a level has no mean of its own: use the region's mean instead of refusing.
    pub level_falls_back: bool,
    /// Flags that the plan knows.
    pub flags: BTreeSet<String>,
    pub(crate) rows: HashMap<String, Vec<GroupRow>>,
}

impl Weights {
    /// The row of a group on `day`.
    #[must_use]
    pub fn row(&self, group: &str, day: Date) -> Option<&GroupRow> {
        let rows = self.rows.get(group)?;
        rows.iter().filter(|row| row.covers(day)).max_by_key(|row| row.from)
    }

    /// All rows, by group.
    #[must_use]
    pub fn rows(&self) -> Vec<&GroupRow> {
        let mut all: Vec<&GroupRow> = self.rows.values().flatten().collect();
        all.sort_by(|a, b| (&a.group, a.from).cmp(&(&b.group, b.from)));
        all
    }

    /// Whether the table has no group.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// 辅助目录的一行.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuxiliaryRow {
    /// 名称.
    pub name: String,
    /// 系数 k_ij.
    pub factor: Fraction,
    /// Article, or empty for the table's.
    pub article: String,
}

/// 辅助目录.
#[derive(Debug, Clone, Default)]
pub struct Auxiliary {
    /// File.
    pub file: String,
    /// Article of the table.
    pub article: Arc<str>,
    pub(crate) rows: HashMap<(String, String), AuxiliaryRow>,
}

impl Auxiliary {
    /// The row of a group and auxiliary level; `*` in the table stands for any group.
    #[must_use]
    pub fn row(&self, group: &str, auxiliary: &str) -> Option<&AuxiliaryRow> {
        let at = |group: &str| self.rows.get(&(group.to_owned(), auxiliary.to_owned()));
        at(group).or_else(|| at("*"))
    }
}

/// A CSV text with a heading row, read cell by cell with its line.
pub(crate) struct Sheet {
    pub name: String,
    /// Where the text begins in its file: 1 for a file of its own.
    first_line: usize,
    pub columns: Vec<String>,
    pub rows: Vec<(usize, Vec<String>)>,
}

impl Sheet {
    pub fn read(name: &str, text: &str, first_line: usize, reporter: &mut Reporter<'_>) -> Sheet {
        let mut sheet = Sheet { name: name.to_owned(), first_line, columns: Vec::new(), rows: Vec::new() };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(1, |at| usize::try_from(at.line()).unwrap_or(1));
                    let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
                    sheet.take(line, cells, reporter);
                }
                Err(error) => {
                    let line = error.position().map_or(1, |at| usize::try_from(at.line()).unwrap_or(1));
                    sheet.error(reporter, line, format!("this line cannot be read as CSV: {error}"));
                }
            }
        }
        if sheet.columns.is_empty() {
            sheet.error(reporter, 1, "the table has no heading row");
        }
        sheet
    }

    fn take(&mut self, line: usize, cells: Vec<String>, reporter: &mut Reporter<'_>) {
        if self.columns.is_empty() {
            for (i, column) in cells.iter().enumerate() {
                if cells[..i].contains(column) {
                    self.error(reporter, line, format!("the column “{column}” is there twice"));
                }
            }
            self.columns = cells;
        } else if cells.len() == self.columns.len() {
            self.rows.push((line, cells));
        } else {
            let (got, wants) = (cells.len(), self.columns.len());
            self.error(reporter, line, format!("{got} cells under {wants} headings; is a comma missing or too many?"));
        }
    }

    /// Refuses columns that nobody reads and missing ones.
    pub fn expect(&self, required: &[&str], known: impl Fn(&str) -> bool, reporter: &mut Reporter<'_>) -> bool {
        for column in self.columns.iter().filter(|column| !known(column)) {
            self.error(reporter, 1, format!("the column “{column}” has no meaning here"));
        }
        let missing: Vec<&str> =
            required.iter().copied().filter(|name| !self.columns.iter().any(|column| column == name)).collect();
        for column in &missing {
            self.error(reporter, 1, format!("the column “{column}” is missing"));
        }
        missing.is_empty()
    }

    pub fn cell<'a>(&self, row: &'a [String], column: &str) -> &'a str {
        self.columns.iter().position(|name| name == column).map_or("", |at| row[at].as_str())
    }

    /// The line in the file that the text stands in.
    fn line(&self, line: usize) -> usize {
        self.first_line + line - 1
    }

    pub fn error(&self, reporter: &mut Reporter<'_>, line: usize, message: impl Into<String>) {
        reporter.line(&self.name, self.line(line), Severity::Error, message);
    }

    pub fn parsed<T: std::str::FromStr>(
        &self,
        (line, row): (usize, &[String]),
        column: &str,
        reporter: &mut Reporter<'_>,
        wants: &str,
    ) -> Option<T> {
        let text = self.cell(row, column);
        if text.is_empty() {
            return None;
        }
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.error(reporter, line, format!("{column} “{text}” is not {wants}"));
        }
        parsed
    }

    pub fn fraction(&self, at: (usize, &[String]), column: &str, reporter: &mut Reporter<'_>) -> Option<Fraction> {
        self.parsed::<terms::Exact>(at, column, reporter, "a number with at most ten decimals").map(Fraction::from)
    }

    pub fn day(&self, (line, row): (usize, &[String]), column: &str, reporter: &mut Reporter<'_>) -> Option<Date> {
        let text = self.cell(row, column);
        let day = parse_date(text);
        if day.is_none() && !text.is_empty() {
            self.error(reporter, line, format!("{column} “{text}” is not a date; write 2026-01-31"));
        }
        day
    }
}

const GROUP_COLUMNS: [&str; 12] = [
    "group",
    "name",
    "weight",
    "cases",
    "mean_fee",
    "median_fee",
    "cv",
    "mean_days",
    "flags",
    "from",
    "until",
    "article",
];

/// Reads the rows of the groups' table into `weights`.
pub(crate) fn read_groups(weights: &mut Weights, sheet: &Sheet, reporter: &mut Reporter<'_>) {
    let known = |column: &str| {
        GROUP_COLUMNS.contains(&column) || column.strip_prefix("mean_fee_").is_some_and(|level| !level.is_empty())
    };
    if !sheet.expect(&["group", "weight"], known, reporter) {
        return;
    }
    for (line, row) in &sheet.rows {
        if let Some(found) = group_row(weights, sheet, (*line, row), reporter) {
            let rows = weights.rows.entry(found.group.clone()).or_default();
            if rows.iter().any(|other| other.from == found.from) {
                sheet.error(reporter, *line, format!("group “{}” is there twice from the same day", found.group));
            }
            rows.push(found);
        }
    }
}

fn group_row(
    weights: &Weights,
    sheet: &Sheet,
    at: (usize, &[String]),
    reporter: &mut Reporter<'_>,
) -> Option<GroupRow> {
    let (line, row) = at;
    let group = sheet.cell(row, "group").to_owned();
    if group.is_empty()
        || !group.is_ascii() && group.chars().any(|c| c.is_whitespace() || ('\u{ff01}'..='\u{ff5e}').contains(&c))
    {
        sheet.error(reporter, line, format!("group “{group}” is empty or has full-width characters or spaces"));
        return None;
    }
    let Some(weight) = sheet.fraction(at, "weight", reporter) else {
        if sheet.cell(row, "weight").is_empty() {
            sheet.error(reporter, line, format!("group “{group}” has no weight"));
        }
        return None;
    };
    if weight.is_negative() {
        sheet.error(reporter, line, format!("the weight of “{group}” is below zero"));
    }
    let flags: BTreeSet<String> =
        sheet.cell(row, "flags").split('|').filter(|flag| !flag.is_empty()).map(str::to_owned).collect();
    for flag in flags.difference(&weights.flags) {
        sheet.error(reporter, line, format!("the flag “{flag}” is not among `flags` of [weights]"));
    }
    let money = "an amount in 元 with at most two decimals";
    let mut by_level = BTreeMap::new();
    for column in &sheet.columns {
        if let Some(level) = column.strip_prefix("mean_fee_")
            && let Some(mean) = sheet.parsed::<Fen>(at, column, reporter, money)
        {
            by_level.insert(level.to_owned(), mean);
        }
    }
    Some(GroupRow {
        name: sheet.cell(row, "name").to_owned(),
        weight,
        cases: sheet.parsed(at, "cases", reporter, "a whole number"),
        mean_fee: sheet.parsed(at, "mean_fee", reporter, money),
        mean_fee_by_level: by_level,
        median_fee: sheet.parsed(at, "median_fee", reporter, money),
        cv: sheet.fraction(at, "cv", reporter),
        mean_days: sheet.fraction(at, "mean_days", reporter),
        flags,
        from: sheet.day(at, "from", reporter),
        until: sheet.day(at, "until", reporter),
        article: sheet.cell(row, "article").to_owned(),
        line: sheet.line(line),
        group,
    })
}

/// Σ cases × weight = Σ cases × scale, within the tolerance: the table sums.
pub(crate) fn check_sum(weights: &Weights, tolerance: &Fraction, sheet: &Sheet, reporter: &mut Reporter<'_>) {
    let counted: Vec<(&GroupRow, u64)> =
        weights.rows.values().flatten().filter_map(|row| row.cases.map(|cases| (row, cases))).collect();
    let cases: u64 = counted.iter().map(|(_, cases)| cases).sum();
    if cases == 0 {
        return;
    }
    let sum = counted.iter().fold(Fraction::zero(), |sum, (row, n)| sum + row.weight.clone() * Fraction::whole(*n));
    let mean = sum.over(&Fraction::whole(cases)).unwrap_or_default();
    let off = mean.over(&weights.scale).unwrap_or_default() - Fraction::one();
    let off = if off.is_negative() { -off } else { off };
    if off > *tolerance {
        sheet.error(
            reporter,
            1,
            format!(
                "the weights do not sum: {cases} cases have a mean {} of {}, it should be {} within {} of it",
                weights.name,
                mean.rounded(6, crate::Mode::HalfUp),
                weights.scale,
                tolerance
            ),
        );
    }
}

const AUXILIARY_COLUMNS: [&str; 7] = ["group", "auxiliary", "name", "factor", "cases", "mean_fee", "article"];

/// Reads the rows of the auxiliary table.
pub(crate) fn read_auxiliary(into: &mut Auxiliary, sheet: &Sheet, reporter: &mut Reporter<'_>) {
    if !sheet.expect(&["group", "auxiliary", "factor"], |c| AUXILIARY_COLUMNS.contains(&c), reporter) {
        return;
    }
    for (line, row) in &sheet.rows {
        let Some(factor) = sheet.fraction((*line, row), "factor", reporter) else {
            sheet.error(reporter, *line, "this row has no factor");
            continue;
        };
        let key = (sheet.cell(row, "group").to_owned(), sheet.cell(row, "auxiliary").to_owned());
        let found = AuxiliaryRow {
            name: sheet.cell(row, "name").to_owned(),
            factor,
            article: sheet.cell(row, "article").to_owned(),
        };
        if into.rows.insert(key.clone(), found).is_some() {
            sheet.error(reporter, *line, format!("“{}” of group “{}” is there twice", key.1, key.0));
        }
    }
}
