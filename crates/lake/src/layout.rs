//! 湖的目录: where what stands.
//!
//! ```text
//! lake.json                             the form, the number of parts, how far the feed was read
//! persons/part-00.parquet               sorted by person
//! encounters/month=2026-01/part-00.parquet, the same for diagnoses, procedures, lines, funds
//! institutions.parquet, practitioners.parquet, stock.parquet
//! ```
//!
//! A person belongs to one part for ever (a hash of the number); a visit to the month of its
//! settlement, else of its end, else of its beginning. So a part is complete in itself: all that
//! is known of its persons. A file stands under its name only when it is whole.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use encounter::Encounter;
use serde::{Deserialize, Serialize};
use terms::DateTime;

use crate::{LakeError, LakeTable};

/// 月份 of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub i32);

impl Month {
    /// Of visits without any time.
    pub const UNKNOWN: Month = Month(0);

    /// The month of a moment.
    #[must_use]
    pub fn of(time: DateTime) -> Month {
        Month(i32::from(time.year()) * 100 + i32::from(time.month()))
    }

    /// The month to which a visit belongs.
    #[must_use]
    pub fn of_visit(visit: &Encounter) -> Month {
        let time = visit.setl_time.or(visit.endtime).or(visit.begntime);
        time.map_or(Month::UNKNOWN, Month::of)
    }
}

impl fmt::Display for Month {
    /// As in the name of a folder.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Month::UNKNOWN {
            f.write_str("unknown")
        } else {
            write!(f, "{:04}-{:02}", self.0 / 100, self.0 % 100)
        }
    }
}

impl FromStr for Month {
    type Err = ();

    fn from_str(text: &str) -> Result<Month, ()> {
        if text == "unknown" {
            return Ok(Month::UNKNOWN);
        }
        let (year, month) = text.split_once('-').ok_or(())?;
        let (year, month): (i32, i32) = (year.parse().map_err(drop)?, month.parse().map_err(drop)?);
        if (1..=12).contains(&month) { Ok(Month(year * 100 + month)) } else { Err(()) }
    }
}

/// The part of a person: FNV-1a of the number, which must never change.
#[must_use]
pub fn part_of(psn_no: &str, parts: u32) -> u32 {
    let hash = psn_no
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    // The low bits of this hash are its weakest.
    u32::try_from((hash ^ (hash >> 32)) % u64::from(parts.max(1))).unwrap_or_default()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    form: u32,
    parts: u32,
    feed: i64,
}

/// The form of lake that this program reads and writes.
const FORM: u32 = 1;

/// 数据湖. A folder of claims as Parquet.
#[derive(Debug, Clone)]
pub struct Lake {
    folder: PathBuf,
    head: Head,
}

impl Lake {
    /// Whether the folder is a lake.
    #[must_use]
    pub fn is_one(folder: &Path) -> bool {
        folder.join("lake.json").is_file()
    }

    /// Opens one.
    ///
    /// # Errors
    /// The folder is none, or of a later form.
    pub fn open(folder: &Path) -> Result<Lake, LakeError> {
        let path = folder.join("lake.json");
        let text = fs::read_to_string(&path).map_err(LakeError::file(&path))?;
        let head: Head = serde_json::from_str(&text).map_err(|error| LakeError::content(&path, error))?;
        if head.form != FORM || head.parts == 0 {
            let problem =
                format!("form {} is not known here: use the program that wrote it, or write it anew", head.form);
            return Err(LakeError::content(&path, problem));
        }
        Ok(Lake { folder: folder.to_owned(), head })
    }

    /// Makes one with so many parts in a folder that holds none. A part is worked on as a whole
    /// by one thread: give about one for each two million lines.
    ///
    /// # Errors
    /// The folder cannot be written or holds something else already.
    pub fn create(folder: &Path, parts: u32) -> Result<Lake, LakeError> {
        fs::create_dir_all(folder).map_err(LakeError::file(folder))?;
        if fs::read_dir(folder).map_err(LakeError::file(folder))?.next().is_some() {
            return Err(LakeError::content(folder, "the folder is neither empty nor a lake: name another one"));
        }
        let lake = Lake { folder: folder.to_owned(), head: Head { form: FORM, parts: parts.max(1), feed: 0 } };
        lake.keep()?;
        Ok(lake)
    }

    fn keep(&self) -> Result<(), LakeError> {
        let path = self.folder.join("lake.json");
        let text = serde_json::to_string_pretty(&self.head).expect("plain data");
        let part = self.folder.join("lake.json.part");
        fs::write(&part, text + "\n").map_err(LakeError::file(&part))?;
        fs::rename(&part, &path).map_err(LakeError::file(&path))
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many parts.
    #[must_use]
    pub fn parts(&self) -> u32 {
        self.head.parts
    }

    /// The last number of the change feed that is in the lake.
    #[must_use]
    pub fn feed(&self) -> i64 {
        self.head.feed
    }

    /// Says that the feed is in the lake up to this number.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn set_feed(&mut self, number: i64) -> Result<(), LakeError> {
        self.head.feed = number;
        self.keep()
    }

    /// The part of a person.
    #[must_use]
    pub fn part_of(&self, psn_no: &str) -> u32 {
        part_of(psn_no, self.head.parts)
    }

    /// A month's file of a part.
    #[must_use]
    pub fn monthly(&self, table: LakeTable, month: Month, part: u32) -> PathBuf {
        self.folder.join(format!("{table}/month={month}/part-{part:02}.parquet"))
    }

    /// The persons of a part.
    #[must_use]
    pub fn persons(&self, part: u32) -> PathBuf {
        self.folder.join(format!("{}/part-{part:02}.parquet", LakeTable::Persons))
    }

    /// A table that is one file: institutions, practitioners, stock.
    #[must_use]
    pub fn whole(&self, table: LakeTable) -> PathBuf {
        self.folder.join(format!("{table}.parquet"))
    }

    /// The months that have visits, in order.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn months(&self) -> Result<Vec<Month>, LakeError> {
        let folder = self.folder.join(LakeTable::Encounters.name());
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut months = BTreeSet::new();
        for entry in fs::read_dir(&folder).map_err(LakeError::file(&folder))? {
            let name = entry.map_err(LakeError::file(&folder))?.file_name();
            let month = name.to_str().and_then(|name| name.strip_prefix("month=")?.parse().ok());
            months.extend(month.iter());
        }
        Ok(months.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_keeps_the_part_for_ever_and_parts_are_even() {
        assert_eq!(["P1", "430100000001", ""].map(|person| part_of(person, 16)), [13, 2, 1]);
        let mut counts = [0_u32; 8];
        for number in 0..8_000 {
            counts[part_of(&format!("43010019{number:06}"), 8) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (800..1_200).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_month_is_read_as_it_is_written() {
        for month in [Month(202601), Month(199912), Month::UNKNOWN] {
            assert_eq!(month.to_string().parse(), Ok(month));
        }
        assert_eq!("2026-13".parse::<Month>(), Err(()));
    }

    #[test]
    fn a_folder_that_holds_something_else_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("mine.txt"), "x").expect("written");
        let error = Lake::create(folder.path(), 4).expect_err("not empty").to_string();
        assert!(error.contains("name another one"), "{error}");
        let mut lake = Lake::create(&folder.path().join("lake"), 4).expect("a lake");
        lake.set_feed(17).expect("kept");
        let again = Lake::open(lake.folder()).expect("opened");
        assert_eq!((again.parts(), again.feed()), (4, 17));
    }
}
