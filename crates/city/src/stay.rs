//! 住院病种表: which stays a hospital sees: principal diagnoses with the operations and
//! complications that go with them. The tables are `data/stays.csv` and
//! `data/operations.csv`; they decide what is plausible, never what is paid or grouped.

use std::collections::HashMap;

use crate::CityError;
use crate::disease::{Disease, age, group_of, matching};
use crate::person::Person;
use crate::plan::Kind;
use crate::random::Dice;
use crate::region::{RegionFiles, Term};

const STAYS: &str = include_str!("../data/stays.csv");
const OPERATIONS: &str = include_str!("../data/operations.csv");

/// One row of the stays' table, matched with a region's catalogue.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// Principal diagnoses of the region that fit; at least one.
    pub(crate) diagnoses: Vec<Term>,
    /// The disease whose drugs and tests belong to it, as an index.
    pub(crate) like: usize,
    /// Letters of the kinds of stay: i 21, u 24, r 23, d 28, t 22; digits: the outcome of a
    /// delivery; b: newborns only; w: only while pregnant.
    settings: String,
    ages: (u8, u8),
    male: Option<bool>,
    weights: [u64; 3],
    /// 住院天数 in hundredths of what is usual for the kind of stay.
    pub(crate) nights: i64,
    /// Words of department names, in order of fit.
    pub(crate) departments: Vec<String>,
    /// How many of a thousand are operated.
    pub(crate) operated: u64,
    /// What is done together, with its weight.
    pub(crate) operations: Vec<(u64, Vec<Term>)>,
    /// What comes with it, together.
    pub(crate) complications: Vec<Vec<Term>>,
}

/// 手术操作: what it takes, as fee items and materials.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Fee items, one of each list, so many times.
    pub(crate) fees: Vec<(Vec<usize>, i64)>,
    /// Materials, likewise.
    pub(crate) materials: Vec<(Vec<usize>, i64)>,
    /// 麻醉方式: 1… general, 2 spinal, 3… local, empty: none.
    pub(crate) anaesthesia: &'static str,
    /// Fee items of the anaesthesia.
    pub(crate) narcosis: Vec<usize>,
    /// How long.
    pub(crate) minutes: i64,
}

/// Both tables.
#[derive(Debug)]
pub(crate) struct Stays {
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) operations: HashMap<String, Operation>,
}

impl Stays {
    /// The stays of a principal diagnosis.
    pub(crate) fn about(&self, code: &str) -> Option<&Pattern> {
        self.patterns.iter().find(|pattern| pattern.diagnoses.iter().any(|term| term.code == code))
    }

    /// The tables, matched with a region's lists; rows without a diagnosis there are left out.
    pub(crate) fn read(region: &RegionFiles, diseases: &[Disease]) -> Result<Stays, CityError> {
        Ok(Stays { patterns: patterns(region, diseases)?, operations: operations(region)? })
    }

    /// What brings this person to such a stay; `None` when nothing fits.
    pub(crate) fn reason(&self, kind: Kind, person: &Person, newborn: bool, dice: &mut Dice) -> Option<&Pattern> {
        let outcome = person.pregnancy.and_then(|pregnancy| pregnancy.outcome.chars().next());
        let setting = if kind == Kind::Delivery { outcome? } else { kind.setting()? };
        let weights = self.patterns.iter().map(|pattern| pattern.weight(setting, person, newborn));
        dice.weighted(weights).map(|at| &self.patterns[at])
    }
}

impl Pattern {
    fn weight(&self, setting: char, person: &Person, newborn: bool) -> u64 {
        let fits = self.settings.contains(setting)
            && (self.ages.0..=self.ages.1).contains(&person.age)
            && self.male.is_none_or(|only| only == person.male)
            && self.settings.contains('b') == newborn
            && (!self.settings.contains('w') || person.pregnancy.is_some());
        if fits { self.weights[group_of(person.age)] } else { 0 }
    }
}

fn patterns(region: &RegionFiles, diseases: &[Disease]) -> Result<Vec<Pattern>, CityError> {
    let term = |terms: &[Term], code: &str| terms.iter().find(|term| term.code == code).cloned();
    let mut all = Vec::new();
    for row in rows(STAYS, "data/stays.csv")? {
        let words = |name: &str| -> Vec<&'static str> {
            row.get(name).copied().unwrap_or("").split('|').filter(|word| !word.is_empty()).collect()
        };
        let number = |name: &str| row.get(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let heads = words("principal");
        let fits = |term: &&Term| heads.iter().any(|head| term.code.starts_with(head));
        let diagnoses: Vec<Term> = region.diagnoses.iter().filter(fits).cloned().collect();
        if diagnoses.is_empty() {
            continue;
        }
        let like = row.get("like").copied().unwrap_or("");
        let operations = words("operations").into_iter().filter_map(|choice| {
            let (codes, weight) = choice.split_once('*').unwrap_or((choice, "1"));
            let terms = codes.split('+').map(|code| term(&region.procedures, code)).collect::<Option<Vec<_>>>()?;
            Some((weight.parse().unwrap_or(1), terms))
        });
        let complications = words("complications").into_iter().filter_map(|choice| {
            choice.split('+').map(|code| term(&region.diagnoses, code)).collect::<Option<Vec<_>>>()
        });
        all.push(Pattern {
            diagnoses,
            like: diseases.iter().position(|disease| disease.is_about(like)).unwrap_or(0),
            settings: row.get("settings").copied().unwrap_or("").to_owned(),
            ages: (age(number("min_age")), age(number("max_age"))),
            male: match row.get("sex").copied() {
                Some("1") => Some(true),
                Some("2") => Some(false),
                _ => None,
            },
            weights: [number("child"), number("adult"), number("elder")],
            nights: i64::try_from(number("nights")).unwrap_or(100),
            departments: words("department").into_iter().map(str::to_owned).collect(),
            operated: number("operated"),
            operations: operations.collect(),
            complications: complications.collect(),
        });
    }
    Ok(all)
}

fn operations(region: &RegionFiles) -> Result<HashMap<String, Operation>, CityError> {
    let find = |cell: &str, kinds: &[&str]| -> Vec<(Vec<usize>, i64)> {
        let choices = cell.split('|').filter(|word| !word.is_empty()).map(|word| {
            let (word, times) = word.split_once('*').unwrap_or((word, "1"));
            (matching(region, &[word.to_owned()], kinds), times.parse().unwrap_or(1))
        });
        choices.filter(|(items, _)| !items.is_empty()).collect()
    };
    let all = rows(OPERATIONS, "data/operations.csv")?.into_iter().filter_map(|row| {
        let cell = |name: &str| row.get(name).copied().unwrap_or("");
        let code = cell("code");
        if !region.procedures.iter().any(|term| term.code == code) {
            return None;
        }
        let anaesthesia = cell("anaesthesia");
        let narcosis = match anaesthesia {
            "" => "",
            "36" => "无痛诊疗麻醉",
            words if words.starts_with('1') => "全身麻醉",
            "2" => "椎管内麻醉",
            _ => "局部浸润麻醉",
        };
        let narcosis = if narcosis.is_empty() { Vec::new() } else { matching(region, &[narcosis.to_owned()], &["06"]) };
        let operation = Operation {
            fees: find(cell("fee"), &["03", "04", "05", "06"]),
            materials: find(cell("materials"), &["08"]),
            anaesthesia,
            narcosis,
            minutes: cell("minutes").parse().unwrap_or(60),
        };
        Some((code.to_owned(), operation))
    });
    Ok(all.collect())
}

/// The rows of a table of the crate, cells by column.
fn rows(text: &'static str, path: &'static str) -> Result<Vec<HashMap<&'static str, &'static str>>, CityError> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or("").split(',').collect();
    lines
        .zip(2..)
        .map(|(line, number)| {
            let cells: Vec<&str> = line.split(',').collect();
            if cells.len() == header.len() {
                return Ok(header.iter().copied().zip(cells).collect());
            }
            Err(CityError::Cell {
                path: path.into(),
                line: number,
                column: header.first().copied().unwrap_or("").to_owned(),
                value: cells.first().copied().unwrap_or("").to_owned(),
                problem: "stands in a row with too few or too many cells",
            })
        })
        .collect()
}

/// Whether a diagnosis can stand beside others on this person's list.
pub(crate) fn plausible(code: &str, person: &Person) -> bool {
    let begins = |heads: &[&str]| heads.iter().any(|head| code.starts_with(head));
    let women = begins(&["O", "N7", "N80", "N81", "N83", "N84", "N9", "D25", "D27", "C53", "C54", "C56"]);
    let men = begins(&["N40", "N41", "N43", "N47", "C61"]);
    let children = begins(&["R56", "A08"]);
    let old = begins(&["F01", "F03", "M81", "H25"]);
    let grown = begins(&["I10", "I25", "E11", "E78"]);
    !(women && person.male
        || men && !person.male
        || children && person.age > 6
        || old && person.age < 50
        || code.starts_with('P') && person.age > 0
        || grown && person.age < 18)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_row_of_both_tables_fits_the_fictional_region() {
        let region = RegionFiles::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")).unwrap();
        let diseases = crate::disease::diseases(&region).unwrap();
        let stays = Stays::read(&region, &diseases).unwrap();
        assert_eq!(stays.patterns.len(), STAYS.lines().count() - 1);
        assert_eq!(stays.operations.len(), OPERATIONS.lines().count() - 1);
        for (pattern, row) in stays.patterns.iter().zip(rows(STAYS, "stays").unwrap()) {
            let named = |column: &str| row[column].split('|').filter(|word| !word.is_empty()).count();
            assert_eq!(pattern.diagnoses.len(), named("principal"), "{}", row["principal"]);
            assert_eq!(pattern.operations.len(), named("operations"), "{}", row["principal"]);
            assert_eq!(pattern.complications.len(), named("complications"), "{}", row["principal"]);
            assert!(diseases.iter().any(|disease| disease.is_about(row["like"])), "{}", row["like"]);
        }
        for (code, operation) in &stays.operations {
            assert!(!operation.fees.is_empty() || !operation.materials.is_empty(), "{code} costs nothing");
        }
    }
}
