//! CSV files into rows. The file's name says what is in it: `drugs.csv`, `services.csv`
//! and `consumables.csv` hold items; `diagnoses.csv`, `procedures.csv` and `chronic.csv`
//! hold code lists. Columns beyond the ones named here are ignored.

use std::collections::{BTreeMap, HashMap};

use terms::{ItemCode, Period, Quantity, Ratio, UnitPrice};

use crate::rows::{Line, Rows};
use crate::{Item, Level, Per, Quota, RowError, Term, TermKind};

/// 目录类别 of the national dictionary.
const LIST_TYPES: &[&str] = &["101", "102", "103", "104", "105", "106", "201", "301"];
/// 医疗收费项目类别 of the national dictionary.
const CHARGE_TYPES: &[&str] = &["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14"];
const ITEM_COLUMNS: &[&str] = &[
    "med_list_codg",
    "name",
    "list_type",
    "med_chrgitm_type",
    "chrgitm_lv",
    "lmt_used_flag",
    "qty_lmt_per",
    "qty_lmt_cnt",
    "acct_pay_flag",
    "begndate",
    "enddate",
];
const SELF_PAY: &str = "selfpay_prop_";
const CEILING: &str = "pric_uplmt_";
/// 万分位: wholly self-paid.
const WHOLLY: Ratio = Ratio(10_000);

/// A file's name (with or without its folder) and its text.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The name, for messages and to tell what the file holds.
    pub file: &'a str,
    /// The whole text, UTF-8.
    pub text: &'a str,
}

/// 合计: what became of a file's lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The file's name.
    pub file: String,
    /// Rows taken.
    pub taken: usize,
    /// Rows refused.
    pub refused: usize,
}

/// The good rows of some files, and what was wrong with the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// 目录行.
    pub items: Vec<Item>,
    /// 诊断、手术、慢特病.
    pub terms: Vec<Term>,
    /// Rows not taken, in order of file and line.
    pub errors: Vec<RowError>,
    /// Totals by file.
    pub tallies: Vec<Tally>,
}

impl Content {
    /// Reads files in order. Good rows are taken and bad ones are reported; of two rows
    /// of one code whose periods share a day, the one read later is the bad one.
    #[must_use]
    pub fn read(sources: &[Source<'_>]) -> Content {
        let mut content = Content::default();
        let mut seen = Seen::default();
        for source in sources {
            let errors_before = content.errors.len();
            let taken = content.read_one(source, &mut seen);
            content.errors[errors_before..].sort_by_key(|error| error.line);
            let refused = content.errors.len() - errors_before;
            content.tallies.push(Tally { file: source.file.to_owned(), taken, refused });
        }
        content
    }

    fn read_one(&mut self, source: &Source<'_>, seen: &mut Seen) -> usize {
        let kind = match source.file.rsplit(['/', '\\']).next().unwrap_or_default() {
            "drugs.csv" | "services.csv" | "consumables.csv" => None,
            "diagnoses.csv" => Some((TermKind::Diagnosis, "chapter")),
            "procedures.csv" => Some((TermKind::Procedure, "category")),
            "chronic.csv" => Some((TermKind::Chronic, "diagnoses")),
            _ => {
                self.errors.push(RowError {
                    file: source.file.into(),
                    line: 1,
                    column: String::new(),
                    value: String::new(),
                    problem: "no catalogue file has this name".to_owned(),
                    remedy: "name it drugs.csv, services.csv, consumables.csv, diagnoses.csv, procedures.csv or \
                             chronic.csv"
                        .to_owned(),
                });
                return 0;
            }
        };
        match kind {
            None => {
                let rows = self.lines(source, ITEM_COLUMNS, read_item);
                let rows = self.disjoint(source.file, rows, seen, |item| ("item", item.code.as_str(), item.period));
                keep(&mut self.items, rows)
            }
            Some((kind, group)) => {
                let columns = &["code", "name", group, "begndate", "enddate"];
                let rows = self.lines(source, columns, |line| read_term(line, kind, group));
                let rows = self.disjoint(source.file, rows, seen, |term| (kind.code(), &term.code, term.period));
                keep(&mut self.terms, rows)
            }
        }
    }

    fn lines<T>(
        &mut self,
        source: &Source<'_>,
        columns: &[&str],
        read: impl Fn(&Line<'_>) -> Result<T, RowError>,
    ) -> Vec<(u64, T)> {
        match Rows::open(source.file, source.text, columns) {
            Ok(rows) => {
                let (good, bad) = rows.each(read);
                self.errors.extend(bad);
                good
            }
            Err(error) => {
                self.errors.push(error);
                Vec::new()
            }
        }
    }

    /// Keeps the rows whose period shares no day with an earlier row of the same code.
    fn disjoint<T>(
        &mut self,
        file: &str,
        rows: Vec<(u64, T)>,
        seen: &mut Seen,
        key: impl Fn(&T) -> (&'static str, &str, Period),
    ) -> Vec<T> {
        let mut kept = Vec::with_capacity(rows.len());
        for (line, row) in rows {
            let (list, code, period) = key(&row);
            match seen.take(list, code, period, file, line) {
                Ok(()) => kept.push(row),
                Err(other) => self.errors.push(RowError {
                    file: file.into(),
                    line,
                    column: "begndate".to_owned(),
                    value: period.begin.to_string(),
                    problem: format!("the period of {code} shares days with {other}"),
                    remedy: "end the earlier row the day before this one begins".to_owned(),
                }),
            }
        }
        kept
    }
}

fn keep<T>(all: &mut Vec<T>, rows: Vec<T>) -> usize {
    let taken = rows.len();
    all.extend(rows);
    taken
}

/// The periods read so far, by list and code.
#[derive(Default)]
struct Seen(HashMap<(&'static str, String), Vec<Taken>>);

/// A period that is taken, and the line that took it.
struct Taken {
    period: Period,
    file: String,
    line: u64,
}

impl Seen {
    fn take(&mut self, list: &'static str, code: &str, period: Period, file: &str, line: u64) -> Result<(), String> {
        let rows = self.0.entry((list, code.to_owned())).or_default();
        if let Some(other) = rows.iter().find(|other| other.period.overlaps(&period)) {
            return Err(format!("{}:{}", other.file, other.line));
        }
        rows.push(Taken { period, file: file.to_owned(), line });
        Ok(())
    }
}

fn read_term(line: &Line<'_>, kind: TermKind, group: &str) -> Result<Term, RowError> {
    Ok(Term {
        kind,
        code: code(line, "code")?,
        name: line.text("name")?,
        group: line.text(group)?,
        period: line.period()?,
    })
}

fn read_item(line: &Line<'_>) -> Result<Item, RowError> {
    let level = Level::from_code(line.cell("chrgitm_lv"))
        .ok_or_else(|| line.error("chrgitm_lv", "not a level", "use 01 (甲类), 02 (乙类) or 03 (丙类)"))?;
    let typical_price = match line.cell("typ_pric") {
        "" => None,
        _ => Some(price(line, "typ_pric")?),
    };
    Ok(Item {
        code: ItemCode(code(line, "med_list_codg")?),
        name: line.text("name")?,
        list_type: line.one_of("list_type", LIST_TYPES)?.to_owned(),
        charge_type: line.one_of("med_chrgitm_type", CHARGE_TYPES)?.to_owned(),
        level,
        self_pay: self_pay(line, level)?,
        ceilings: ceilings(line)?,
        restricted: flag(line, "lmt_used_flag")?,
        quota: quota(line)?,
        account_payable: flag(line, "acct_pay_flag")?,
        dosage_form: line.cell("dosform").to_owned(),
        specification: line.cell("spec").to_owned(),
        unit: line.cell("unit").to_owned(),
        typical_price,
        period: line.period()?,
    })
}

fn code(line: &Line<'_>, column: &str) -> Result<String, RowError> {
    let text = line.text(column)?;
    let fits = text.len() <= 50 && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(text) } else { Err(line.error(column, "not a code", "at most 50 letters and digits, no spaces")) }
}

fn flag(line: &Line<'_>, column: &str) -> Result<bool, RowError> {
    line.one_of(column, &["0", "1"]).map(|flag| flag == "1")
}

fn price(line: &Line<'_>, column: &str) -> Result<UnitPrice, RowError> {
    let price: UnitPrice = line.number(column, "write 元 with at most six decimals, without signs")?;
    if price.0 < 0 { Err(line.error(column, "a price below zero", "write what one unit costs")) } else { Ok(price) }
}

/// 先行自付比例: one for every key that the header names; what it may be depends on the level.
fn self_pay(line: &Line<'_>, level: Level) -> Result<BTreeMap<String, Ratio>, RowError> {
    let mut ratios = BTreeMap::new();
    for (key, cell) in line.family(SELF_PAY) {
        let column = format!("{SELF_PAY}{key}");
        let ratio = cell.parse().ok().filter(|ratio| (0..=WHOLLY.0).contains(ratio)).map(Ratio);
        let ratio =
            ratio.ok_or_else(|| line.error(&column, "not a ratio", "a whole number from 0 to 10000: 1500 is 15%"))?;
        let (fits, rule) = match level {
            Level::First => (ratio.0 == 0, "甲类 pays nothing first: write 0"),
            Level::Second => (ratio != WHOLLY, "乙类 is below 10000; a wholly self-paid item is 03 (丙类)"),
            Level::Third => (ratio == WHOLLY, "丙类 is wholly self-paid: write 10000"),
        };
        if !fits {
            let problem = format!("does not go with level {}", level.code());
            return Err(line.error(&column, problem, rule));
        }
        ratios.insert(key.to_owned(), ratio);
    }
    if ratios.is_empty() {
        return Err(line.error(
            SELF_PAY,
            "the file has no column of self-pay ratios",
            "add selfpay_prop_310 and the like",
        ));
    }
    Ok(ratios)
}

fn ceilings(line: &Line<'_>) -> Result<BTreeMap<String, String>, RowError> {
    let mut ceilings = BTreeMap::new();
    for (level, cell) in line.family(CEILING).into_iter().filter(|(_, cell)| !cell.is_empty()) {
        price(line, &format!("{CEILING}{level}"))?;
        ceilings.insert(level.to_owned(), cell.to_owned());
    }
    Ok(ceilings)
}

fn quota(line: &Line<'_>) -> Result<Option<Quota>, RowError> {
    match (line.cell("qty_lmt_per"), line.cell("qty_lmt_cnt")) {
        ("", "") => Ok(None),
        (per, _) => {
            let per = Per::from_code(per).ok_or_else(|| {
                line.error("qty_lmt_per", "not a quota period", "use day or visit, or leave both quota columns empty")
            })?;
            let count: Quantity = line.number("qty_lmt_cnt", "write how many units, at most four decimals")?;
            if count.0 <= 0 {
                return Err(line.error("qty_lmt_cnt", "a quota of nothing", "write a number above zero"));
            }
            Ok(Some(Quota { per, count }))
        }
    }
}
