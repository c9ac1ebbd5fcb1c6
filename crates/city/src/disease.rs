//! 病种表: which diseases bring whom to which kind of care, and which words in a catalogue's
//! names fit them. The table is `data/diseases.csv`; it decides what is plausible, never
//! what is paid.

use std::collections::HashMap;

use crate::CityError;
use crate::region::{ChronicDisease, RegionFiles, Term};

const TABLE: &str = include_str!("../data/diseases.csv");

/// One row of the table, matched with a region's catalogue.
#[derive(Debug)]
pub(crate) struct Disease {
    /// Diagnoses of the region that fit; at least one.
    pub(crate) diagnoses: Vec<Term>,
    /// Letters of the kinds of care: o 11, p 41, e 13, n 51. Stays have a table of their own.
    settings: String,
    ages: (u8, u8),
    male: Option<bool>,
    /// How common for children, adults, the old.
    weights: [u64; 3],
    season: char,
    /// Words of department names, in order of fit.
    pub(crate) departments: Vec<String>,
    /// Drugs that fit, as indexes of items.
    pub(crate) drugs: Vec<usize>,
    /// Tests that fit.
    pub(crate) tests: Vec<usize>,
    /// Treatments that fit, as fee items.
    pub(crate) treatments: Vec<usize>,
}

/// How many of 10,000 people of an age band have a chronic disease, how many of 1,000 of those
/// have filed it, and how many visits a year it then brings. The disease is known by the
/// diagnoses that the region lists for it.
pub(crate) fn prevalence(chronic: &ChronicDisease, band: usize) -> (u64, u64, u64) {
    const BY_DIAGNOSIS: &[(&[&str], [u64; 6], u64, u64)] = &[
        (&["Z94"], [0, 0, 2, 4, 4, 1], 1000, 12),
        (&["N18", "Z49"], [0, 0, 3, 9, 20, 18], 990, 130),
        (&["C", "Z51"], [1, 2, 18, 70, 160, 190], 930, 9),
        (&["I10", "I11"], [0, 0, 250, 2200, 4600, 5400], 420, 7),
        (&["E11", "E10"], [0, 2, 130, 900, 1900, 1900], 520, 8),
        (&["J44"], [0, 0, 10, 150, 650, 1100], 450, 7),
        (&["M05", "M06"], [0, 1, 15, 60, 110, 90], 600, 8),
    ];
    let begins = |heads: &[&str]| chronic.diagnoses.iter().any(|code| heads.iter().any(|head| code.starts_with(head)));
    let row = BY_DIAGNOSIS.iter().find(|(heads, ..)| begins(heads));
    let (counts, filed, visits) =
        row.map_or(([0, 1, 10, 40, 90, 110], 500, 6), |(_, counts, filed, visits)| (*counts, *filed, *visits));
    (counts[band.min(5)], filed, visits)
}

impl Disease {
    /// How likely this disease is the reason of a visit: 0 if it does not fit.
    pub(crate) fn weight(&self, setting: char, age: u8, male: bool, month: i8) -> u64 {
        let fits = self.settings.contains(setting)
            && (self.ages.0..=self.ages.1).contains(&age)
            && self.male.is_none_or(|only| only == male);
        if !fits {
            return 0;
        }
        let group = group_of(age);
        let season = match (self.season, month) {
            ('w', 11 | 12 | 1 | 2) | ('s', 6..=9) => 16,
            ('w', 5..=9) | ('s', 11 | 12 | 1..=3) => 6,
            _ => 10,
        };
        self.weights[group] * season
    }

    /// Whether one of the diagnoses begins so.
    pub(crate) fn is_about(&self, head: &str) -> bool {
        self.diagnoses.iter().any(|term| term.code.starts_with(head))
    }
}

/// The table, matched with a region's lists; diseases without a diagnosis there are left out.
pub(crate) fn diseases(region: &RegionFiles) -> Result<Vec<Disease>, CityError> {
    let mut reader = csv::Reader::from_reader(TABLE.as_bytes());
    let bad = |cause| CityError::Csv { path: "data/diseases.csv".into(), cause };
    let mut all = Vec::new();
    for row in reader.deserialize::<HashMap<String, String>>() {
        let row = row.map_err(bad)?;
        let cell = |name: &str| row.get(name).map_or("", String::as_str);
        let words = |name: &str| -> Vec<String> {
            cell(name).split('|').filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let number = |name: &str| cell(name).parse::<u64>().unwrap_or(0);
        let heads = words("diagnoses");
        let diagnoses: Vec<Term> = region
            .diagnoses
            .iter()
            .filter(|term| heads.iter().any(|head| term.code.starts_with(head.as_str())))
            .cloned()
            .collect();
        if diagnoses.is_empty() {
            continue;
        }
        let items = |words: &[String], kinds: &[&str]| matching(region, words, kinds);
        all.push(Disease {
            diagnoses,
            settings: cell("settings").to_owned(),
            ages: (age(number("min_age")), age(number("max_age"))),
            male: match cell("sex") {
                "1" => Some(true),
                "2" => Some(false),
                _ => None,
            },
            weights: [number("child"), number("adult"), number("elder")],
            season: cell("season").chars().next().unwrap_or('-'),
            departments: words("department"),
            drugs: items(&words("drugs"), &["09", "11"]),
            tests: items(&words("tests"), &["03", "04"]),
            treatments: items(&words("procedures"), &["05", "06"]),
        });
    }
    Ok(all)
}

/// The column of the tables' weights: child, adult, elder.
pub(crate) fn group_of(age: u8) -> usize {
    match age {
        0..=14 => 0,
        15..=59 => 1,
        _ => 2,
    }
}

pub(crate) fn age(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// Items of these charge types whose names hold one of the words.
pub(crate) fn matching(region: &RegionFiles, words: &[String], kinds: &[&str]) -> Vec<usize> {
    let fits = |(at, item): (usize, &crate::Item)| {
        let named = words.iter().any(|word| item.name.contains(word.as_str()));
        (named && kinds.contains(&item.charge_type.as_str())).then_some(at)
    };
    region.items.iter().enumerate().filter_map(fits).collect()
}
