//! What a row may say: the region's codes, the law's accumulators, and what earlier rows said.

use std::collections::{BTreeSet, HashMap, HashSet};

use catalogue::{RowError, TermKind};
use policy::Type;
use region::Region;
use terms::{Date, Fen};

use super::sheet::{Places, Row};

/// 累计项: how a key of the law is written.
pub struct Accumulator {
    /// Its name.
    pub id: String,
    /// Whether it holds money; else it counts.
    pub money: bool,
    /// Its parts after the name: whether it is a year.
    parts: Vec<bool>,
}

/// What the rows are held against.
pub struct Rules {
    /// The first day of the region.
    pub on: Date,
    /// 险种.
    pub schemes: BTreeSet<String>,
    /// 慢特病 codes.
    pub chronic: HashSet<String>,
    /// 累计项, in the order of the law.
    pub accumulators: Vec<Accumulator>,
    /// Everybody in persons.csv.
    pub places: Places,
    /// 单位编号 to 单位名称, as first read.
    pub employers: HashMap<String, String>,
    /// Certificates read so far, with the line.
    pub certificates: HashMap<(String, String), u64>,
}

impl Rules {
    /// The rules of a region.
    pub fn new(region: &Region, on: Date, places: Places) -> Rules {
        let accumulator = |accumulator: &policy::Accumulator| Accumulator {
            id: accumulator.id.clone(),
            money: accumulator.kind == Type::Money,
            parts: accumulator.key.iter().map(|part| part.text.starts_with("year(")).collect(),
        };
        let chronic = region.catalogue.terms.iter().filter(|term| term.kind == TermKind::Chronic);
        Rules {
            on,
            schemes: region.manifest.scheme.iter().map(|scheme| scheme.code.clone()).collect(),
            chronic: chronic.map(|term| term.code.clone()).collect(),
            accumulators: region.law.accumulators.iter().map(accumulator).collect(),
            places,
            employers: HashMap::new(),
            certificates: HashMap::new(),
        }
    }

    /// 险种 of the region.
    pub fn scheme<'a>(&self, row: &Row<'a>, column: &str) -> Result<&'a str, RowError> {
        let cell = row.cell(column);
        if self.schemes.contains(cell) {
            return Ok(cell);
        }
        let known = self.schemes.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        Err(row.error(column, "the region has no such scheme", format!("use {known}, or add it to region.toml")))
    }

    /// The accumulator and amount of a row of totals.csv.
    pub fn total(&self, row: &Row<'_>) -> Result<(usize, i64), RowError> {
        let key = row.text("key", 200)?;
        let (id, rest) = key.split_once('/').map_or((key, None), |(id, rest)| (id, Some(rest)));
        let Some((at, accumulator)) = self.accumulators.iter().enumerate().find(|(_, known)| known.id == id) else {
            let known: Vec<&str> = self.accumulators.iter().map(|known| known.id.as_str()).collect();
            let remedy = format!("use one of the law's: {}", known.join(", "));
            return Err(row.error("key", format!("the law has no accumulator {id}"), remedy));
        };
        // A part that is a number such as a filing's may itself hold a slash, so the last takes the rest.
        let wanted = accumulator.parts.len();
        let parts: Vec<&str> = rest.map_or_else(Vec::new, |rest| rest.splitn(wanted.max(1), '/').collect());
        if parts.len() != wanted || parts.iter().any(|part| part.is_empty()) {
            let problem =
                format!("{} parts after {id}, not {wanted}", parts.iter().filter(|part| !part.is_empty()).count());
            return Err(row.error("key", problem, "write the name and each part of the key, joined by /"));
        }
        let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some((part, _)) = parts.iter().zip(&accumulator.parts).find(|(part, year)| **year && !is_year(part)) {
            return Err(row.error("key", format!("the part {part} is no year"), "write the year, such as 2026"));
        }
        Ok((at, accumulator.amount(row)?))
    }
}

impl Accumulator {
    fn amount(&self, row: &Row<'_>) -> Result<i64, RowError> {
        if self.money {
            return row.money("amount").map(|fen| fen.0);
        }
        let count = row.cell("amount").parse::<u32>();
        count.map(i64::from).map_err(|_| row.error("amount", format!("{} counts", self.id), "write a whole number"))
    }

    /// The amount in the accumulator's own unit.
    pub fn shown(&self, amount: i64) -> String {
        if self.money { Fen(amount).to_string() } else { amount.to_string() }
    }
}
