//! 列识别: what each column of a file is, found by its heading and never by its position.
//!
//! Headings are looked up in mapping files (`columns.toml` of this crate, and the user's own
//! before it), then in the table of fields of `listing`: national names, Chinese names, and
//! our own paths such as `stay.admitted`.

use listing::{Part, Place, by_path, fields};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

/// How a cell's text goes into its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Manner {
    /// The whole cell.
    Whole,
    /// Several values with a separator between, one a row.
    Joined(char),
    /// A part of a length of time: so many minutes each.
    TimesMinutes(i64),
}

/// Where a column's cells go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) place: Place,
    pub(crate) row: usize,
    pub(crate) manner: Manner,
    pub(crate) values: Arc<BTreeMap<String, String>>,
}

/// What is wrong with a mapping file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct MapError {
    /// The file, as the caller names it.
    pub name: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// Why the headings do not serve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnRefusal {
    /// Columns that are needed are not there.
    #[error(
        "缺少必需的列 missing: {missing}。已识别 understood: {understood}。未识别 not understood: {unknown}。请在映射文件中为其写明列名 name the column in a mapping file, or --heading-row if the headings stand lower"
    )]
    Missing {
        /// The fields.
        missing: String,
        /// What was found.
        understood: String,
        /// What was not.
        unknown: String,
    },
    /// Two columns are the same field.
    #[error(
        "第 {first} 列“{first_heading}”与第 {second} 列“{second_heading}”都是 {field}：请在映射文件的 ignore 中写明不用哪一列 two columns claim the same field: list one under `ignore`"
    )]
    Twice {
        /// Column, counted from 1.
        first: usize,
        /// Its heading.
        first_heading: String,
        /// Column, counted from 1.
        second: usize,
        /// Its heading.
        second_heading: String,
        /// The field.
        field: String,
    },
    /// A heading says two things.
    #[error(
        "第 {column} 列“{heading}”自相矛盾：既是 {one} 又是 {other}。请在映射文件中写明 the heading contradicts itself"
    )]
    Contradiction {
        /// Column, counted from 1.
        column: usize,
        /// The heading.
        heading: String,
        /// One meaning.
        one: String,
        /// The other.
        other: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapText {
    #[serde(default)]
    ignore: Vec<String>,
    #[serde(default, rename = "column")]
    columns: Vec<ColumnText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnText {
    field: String,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    first: Vec<String>,
    #[serde(default)]
    rest: Vec<String>,
    #[serde(default)]
    numbered: Vec<String>,
    #[serde(default)]
    joined: Vec<String>,
    #[serde(default)]
    separator: Option<char>,
    #[serde(default)]
    days: Vec<String>,
    #[serde(default)]
    hours: Vec<String>,
    #[serde(default)]
    minutes: Vec<String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
enum Meaning {
    Ignored,
    Field(Target),
}

/// A heading with a number in it: what stands before and after, and the row of number 1.
#[derive(Debug, Clone)]
struct Pattern {
    before: String,
    after: String,
    target: Target,
}

#[derive(Debug, Clone, Default)]
struct Layer {
    exact: HashMap<String, Meaning>,
    patterns: Vec<Pattern>,
}

/// 列映射. Which heading means which field; layers, the user's before the built-in one.
#[derive(Debug, Clone)]
pub struct ColumnMap {
    layers: Vec<Layer>,
}

impl ColumnMap {
    /// The mapping that ships with Heng: home page exports, Chinese headings, names of 4101
    /// and 4401, the neutral case file.
    ///
    /// # Errors
    /// Never for the file as shipped; a test holds it.
    pub fn builtin() -> Result<ColumnMap, MapError> {
        let mut layer = Layer::read("columns.toml", include_str!("../columns.toml"))?;
        for (place, entry) in fields() {
            let target = Target { place, row: 0, manner: Manner::Whole, values: Arc::default() };
            layer.put_softly(&place.to_string(), &target);
            if place.part.has_rows() {
                // 门慢特 rows share their national names with the stay's own diagnoses and operations.
                let national = if place.part == Part::ChronicItems { &[] } else { entry.national };
                for national in national {
                    layer.number_softly(&format!("{national}{{n}}"), &target);
                    layer.number_softly(&format!("{national}_{{n}}"), &target);
                }
                layer.number_softly(&format!("{place}[{{n}}]"), &target);
                continue;
            }
            for name in entry.national.iter().chain([&entry.chinese]) {
                layer.put_softly(name, &target);
            }
        }
        Ok(ColumnMap { layers: vec![layer] })
    }

    /// With the user's mapping file before what is known already.
    ///
    /// # Errors
    /// The text is no mapping.
    pub fn with(mut self, name: &str, text: &str) -> Result<ColumnMap, MapError> {
        self.layers.insert(0, Layer::read(name, text)?);
        Ok(self)
    }

    /// Reads the headings of a table.
    ///
    /// # Errors
    /// Two columns are one field, or a heading contradicts itself.
    pub fn detect(&self, headings: &[String]) -> Result<Columns, ColumnRefusal> {
        let mut columns = Columns { headings: headings.to_vec(), ..Columns::default() };
        let mut taken: BTreeMap<(Place, usize, Manner), usize> = BTreeMap::new();
        for (index, heading) in headings.iter().enumerate() {
            match self.meaning(index, heading)? {
                Some(Meaning::Field(target)) => {
                    let key = (target.place, target.row, target.manner);
                    if let Some(first) = taken.insert(key, index) {
                        return Err(twice(headings, first, index, &target));
                    }
                    columns.targets.push((index, target));
                }
                Some(Meaning::Ignored) => columns.ignored.push(index),
                None => columns.unknown.push(index),
            }
        }
        columns.refuse_two_manners(headings)?;
        Ok(columns)
    }

    fn meaning(&self, index: usize, heading: &str) -> Result<Option<Meaning>, ColumnRefusal> {
        if let Some(meaning) = self.look_up(heading) {
            return Ok(Some(meaning));
        }
        let parts: Vec<&str> = heading.split(['/', '(', ')', '（', '）', ' ', '\u{3000}', '_', ':', '：']).collect();
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.trim().is_empty()).collect();
        if parts.len() < 2 {
            return Ok(None);
        }
        let mut found: Option<Target> = None;
        let (mut coded, mut unknown) = (false, false);
        for part in parts {
            match self.look_up(part) {
                Some(Meaning::Field(target)) => {
                    coded |= is_home_page_number(part);
                    match &found {
                        Some(first) if (first.place, first.row) != (target.place, target.row) => {
                            return Err(ColumnRefusal::Contradiction {
                                column: index + 1,
                                heading: heading.to_owned(),
                                one: show(first),
                                other: show(&target),
                            });
                        }
                        Some(_) => {}
                        None => found = Some(target),
                    }
                }
                _ => unknown = true,
            }
        }
        Ok(found.filter(|_| coded || !unknown).map(Meaning::Field))
    }

    fn look_up(&self, heading: &str) -> Option<Meaning> {
        let name = normal(heading);
        self.layers.iter().find_map(|layer| layer.look_up(&name))
    }
}

fn twice(headings: &[String], first: usize, second: usize, target: &Target) -> ColumnRefusal {
    ColumnRefusal::Twice {
        first: first + 1,
        first_heading: headings[first].clone(),
        second: second + 1,
        second_heading: headings[second].clone(),
        field: show(target),
    }
}

impl Layer {
    fn read(name: &str, text: &str) -> Result<Layer, MapError> {
        let error = |problem: String| MapError { name: name.to_owned(), problem };
        let map: MapText = toml::from_str(text).map_err(|problem| error(problem.to_string()))?;
        let mut layer = Layer::default();
        for heading in &map.ignore {
            layer.put(heading, Meaning::Ignored).map_err(error)?;
        }
        for column in map.columns {
            layer.read_column(column).map_err(error)?;
        }
        Ok(layer)
    }

    fn read_column(&mut self, column: ColumnText) -> Result<(), String> {
        let path = &column.field;
        let place = by_path(path).ok_or_else(|| format!("field = \"{path}\": there is no such field"))?;
        let values = Arc::new(column.values);
        let target = |row, manner| Target { place, row, manner, values: Arc::clone(&values) };
        let in_rows = place.part.has_rows();
        if in_rows && !column.names.is_empty() {
            return Err(format!("{path} has rows: say `first`, `rest`, `numbered` or `joined`, not `names`"));
        }
        for name in column.names.iter().chain(&column.first) {
            self.put(name, Meaning::Field(target(0, Manner::Whole)))?;
        }
        for (names, row) in [(&column.rest, 1), (&column.numbered, 0)] {
            for name in names {
                let (before, after) = name.split_once("{n}").ok_or_else(|| format!("“{name}” needs {{n}}"))?;
                let pattern =
                    Pattern { before: normal(before), after: normal(after), target: target(row, Manner::Whole) };
                self.patterns.push(pattern);
            }
        }
        for name in &column.joined {
            self.put(name, Meaning::Field(target(0, Manner::Joined(column.separator.unwrap_or('|')))))?;
        }
        for (names, minutes) in [(&column.days, 1440), (&column.hours, 60), (&column.minutes, 1)] {
            for name in names {
                self.put(name, Meaning::Field(target(0, Manner::TimesMinutes(minutes))))?;
            }
        }
        Ok(())
    }

    fn put(&mut self, heading: &str, meaning: Meaning) -> Result<(), String> {
        match self.exact.insert(normal(heading), meaning) {
            None => Ok(()),
            Some(_) => Err(format!("“{heading}” stands twice")),
        }
    }

    /// Puts a name that the mapping file does not hold already.
    fn put_softly(&mut self, heading: &str, target: &Target) {
        self.exact.entry(normal(heading)).or_insert_with(|| Meaning::Field(target.clone()));
    }

    fn number_softly(&mut self, name: &str, target: &Target) {
        if let Some((before, after)) = name.split_once("{n}") {
            self.patterns.push(Pattern { before: normal(before), after: normal(after), target: target.clone() });
        }
    }

    fn look_up(&self, name: &str) -> Option<Meaning> {
        if let Some(meaning) = self.exact.get(name) {
            return Some(meaning.clone());
        }
        self.patterns.iter().find_map(|pattern| {
            let digits = name.strip_prefix(&*pattern.before)?.strip_suffix(&*pattern.after)?;
            if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let number: usize = digits.parse().ok().filter(|number| *number > 0)?;
            let row = pattern.target.row + number - 1;
            Some(Meaning::Field(Target { row, ..pattern.target.clone() }))
        })
    }
}

/// A heading without what does not matter: white space, width, case.
fn normal(heading: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        other => other,
    };
    heading.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}').map(half).flat_map(char::to_lowercase).collect()
}

/// `A12C`, `C06x01C`: a number of the home page export layout.
fn is_home_page_number(text: &str) -> bool {
    let text = text.trim().as_bytes();
    matches!(text, [letter, tens, ones, ..] if letter.is_ascii_alphabetic() && tens.is_ascii_digit() && ones.is_ascii_digit())
}

fn show(target: &Target) -> String {
    let entry = target.place.entry();
    let row = if target.place.part.has_rows() && !matches!(target.manner, Manner::Joined(_)) {
        format!("[{}]", target.row + 1)
    } else {
        String::new()
    };
    format!("{}{row} {}", target.place, entry.chinese)
}

/// 已识别的列. What each column of a table is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    pub(crate) headings: Vec<String>,
    pub(crate) targets: Vec<(usize, Target)>,
    ignored: Vec<usize>,
    unknown: Vec<usize>,
}

/// One column that is understood, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// Column, counted from 1.
    pub column: usize,
    /// The heading as written.
    pub heading: String,
    /// The field, its row counted from 1 and its Chinese name.
    pub field: String,
}

impl Columns {
    /// What was understood, in the order of the file.
    #[must_use]
    pub fn understood(&self) -> Vec<Understood> {
        let tell = |(index, target): &(usize, Target)| Understood {
            column: index + 1,
            heading: self.headings[*index].clone(),
            field: show(target),
        };
        self.targets.iter().map(tell).collect()
    }

    /// Headings that were not understood and are passed over.
    #[must_use]
    pub fn unknown(&self) -> Vec<&str> {
        self.unknown.iter().map(|index| self.headings[*index].as_str()).filter(|name| !name.is_empty()).collect()
    }

    /// Whether a column holds the field (its first row, where there are rows).
    #[must_use]
    pub fn has(&self, place: Place) -> bool {
        self.targets.iter().any(|(_, target)| target.place == place && target.row == 0)
    }

    /// Refuses when one of the fields has no column.
    ///
    /// # Errors
    /// [`ColumnRefusal::Missing`].
    pub fn require(&self, places: &[Place]) -> Result<(), ColumnRefusal> {
        let missing: Vec<String> = places
            .iter()
            .filter(|place| !self.has(**place))
            .map(|place| format!("{} {}", place, place.entry().chinese))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let understood: Vec<String> = self.understood().into_iter().map(|column| column.heading).collect();
        Err(ColumnRefusal::Missing {
            missing: missing.join(", "),
            understood: understood.join(", "),
            unknown: self.unknown().join(", "),
        })
    }

    /// A joined column and numbered ones, or minutes and a whole length, for one field.
    fn refuse_two_manners(&self, headings: &[String]) -> Result<(), ColumnRefusal> {
        for (at, (second, target)) in self.targets.iter().enumerate() {
            let clash = self.targets[..at].iter().find(|(_, other)| {
                let same_row = other.row == target.row
                    || matches!(other.manner, Manner::Joined(_))
                    || matches!(target.manner, Manner::Joined(_));
                let both_parts =
                    matches!((other.manner, target.manner), (Manner::TimesMinutes(_), Manner::TimesMinutes(_)));
                other.place == target.place && same_row && !both_parts
            });
            if let Some((first, _)) = clash {
                return Err(twice(headings, *first, *second, target));
            }
        }
        Ok(())
    }

    pub(crate) fn scope(&self) -> listing::Scope {
        let mut scope = listing::Scope::nothing();
        for (_, target) in &self.targets {
            scope.add(target.place);
        }
        scope
    }

    pub(crate) fn holds_part(&self, part: Part) -> bool {
        self.targets.iter().any(|(_, target)| target.place.part == part)
    }
}

impl fmt::Display for Columns {
    /// One line a column, for people to check.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for column in self.understood() {
            writeln!(f, "第 {:>3} 列  {}  →  {}", column.column, column.heading, column.field)?;
        }
        let ignored: Vec<&str> = self.ignored.iter().map(|index| self.headings[*index].as_str()).collect();
        if !ignored.is_empty() {
            writeln!(f, "按映射文件不用 ignored: {}", ignored.join(", "))?;
        }
        if !self.unknown().is_empty() {
            writeln!(f, "未识别，不用 not understood: {}", self.unknown().join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(headings: &[&str]) -> Result<Columns, ColumnRefusal> {
        let headings: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
        ColumnMap::builtin().expect("the shipped mapping").detect(&headings)
    }

    fn fields_of(headings: &[&str]) -> Vec<String> {
        let columns = detect(headings).expect("detected");
        columns.understood().into_iter().map(|column| column.field.split(' ').next().unwrap_or("").to_owned()).collect()
    }

    #[test]
    fn home_page_numbers_chinese_headings_national_names_and_paths_mean_the_same() {
        let expected =
            ["basic.sex", "basic.age", "stay.admitted", "diagnoses.code[1]", "diagnoses.code[2]", "operations.code[1]"];
        assert_eq!(fields_of(&["A12C", "A14", "B12", "C03C", "C06x01C", "C14x01C"]), expected);
        assert_eq!(
            fields_of(&["性别", "年龄", "入院时间", "出院主要诊断编码", "其他诊断编码1", "主要手术编码"]),
            expected
        );
        assert_eq!(fields_of(&["gend", "AGE", "adm_time", "diag_code1", "diag_code_2", "oprn_oprt_code1"]), expected);
        assert_eq!(
            fields_of(&[
                "A12C/性别",
                "年龄（岁）",
                "入院时间(B12)",
                "C03C 主要诊断编码",
                "Ｃ06x01Ｃ",
                "operations.code[1]"
            ]),
            expected
        );
    }

    #[test]
    fn the_neutral_case_file_is_understood() {
        let found = fields_of(&[
            "id",
            "sex",
            "age",
            "age_days",
            "weight",
            "dept",
            "los",
            "leaving_type",
            "icu_hours",
            "dx",
            "proc",
        ]);
        assert_eq!(found.len(), 11, "{found:?}");
        assert_eq!(found[9], "diagnoses.code");
    }

    #[test]
    fn two_columns_that_claim_one_field_are_refused_until_one_is_ignored() {
        let refused = detect(&["性别", "年龄", "A12C"]).expect_err("two").to_string();
        assert!(refused.contains("第 1 列“性别”") && refused.contains("第 3 列“A12C”"), "{refused}");
        assert!(detect(&["dx", "其他诊断编码3"]).is_err(), "joined and numbered");
        let map = ColumnMap::builtin().and_then(|map| map.with("mine.toml", "ignore = [\"性别\"]")).expect("a mapping");
        let headings = ["性别", "A12C"].map(str::to_owned);
        assert_eq!(map.detect(&headings).map(|columns| columns.understood().len()), Ok(1));
    }

    #[test]
    fn a_heading_that_contradicts_itself_is_refused() {
        let refused = detect(&["A12C/年龄"]).expect_err("contradiction").to_string();
        assert!(refused.contains("basic.sex") && refused.contains("basic.age"), "{refused}");
    }

    #[test]
    fn nothing_is_guessed_from_half_a_heading() {
        let columns = detect(&["年龄(估计)", "某列", "主要诊断(初步)", "性别"]).expect("detected");
        assert_eq!(columns.unknown(), ["年龄(估计)", "某列", "主要诊断(初步)"]);
    }

    #[test]
    fn a_users_mapping_comes_first() {
        let text = "[[column]]\nfield = \"basic.sex\"\nnames = [\"XB\"]\nvalues = { \"M\" = \"1\" }\n";
        let map = ColumnMap::builtin().and_then(|map| map.with("mine.toml", text)).expect("a mapping");
        let columns = map.detect(&["xb".to_owned()]).expect("detected");
        assert_eq!(columns.targets[0].1.values.get("M").map(String::as_str), Some("1"));
        let wrong = "[[column]]\nfield = \"basic.sexx\"\nnames = [\"XB\"]\n";
        let error = ColumnMap::builtin().and_then(|map| map.with("mine.toml", wrong)).expect_err("no such field");
        assert!(error.to_string().contains("mine.toml") && error.to_string().contains("basic.sexx"));
    }

    #[test]
    fn what_is_required_and_missing_is_named_with_what_was_found() {
        let columns = detect(&["性别", "怪列"]).expect("detected");
        let places = ["basic.sex", "diagnoses.code"].map(|path| by_path(path).expect("a field"));
        let refused = columns.require(&places).expect_err("missing").to_string();
        assert!(
            refused.contains("诊断代码") && refused.contains("怪列") && !refused.contains("missing: basic.sex"),
            "{refused}"
        );
    }
}
