//! 参数表: dated parameters. A version changes the rows it names; the others stay in force.

use terms::{Date, Exact};

use crate::law::{Band, Formula};

/// A table has at most so many keys.
pub const KEYS_MAX: usize = 6;

/// In what a table's values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 元, held as 分.
    Yuan,
    /// 百分数 or 百分点, held as a ratio.
    Percent,
    /// A number, a count, days, hours, months.
    Number,
    /// A date.
    Date,
    /// A text.
    Text,
    /// Bands of a ratio over amounts.
    PercentByBand,
}

/// A value of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A number or an amount (分).
    Number(Exact),
    /// A text.
    Text(String),
    /// A date.
    Date(Date),
    /// Bands, lowest first.
    Bands(Vec<Band>),
}

/// A key of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    Any,
    OneOf(Vec<String>),
}

impl Key {
    fn fits(&self, text: &str) -> bool {
        match self {
            Key::Any => true,
            Key::OneOf(texts) => texts.iter().any(|t| t == text),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct TableRow {
    pub keys: Vec<Key>,
    pub cell: Cell,
}

#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub from: Date,
    pub until: Option<Date>,
    pub article: String,
    pub rows: Vec<TableRow>,
}

/// 参数表.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name in formulas.
    pub id: String,
    /// 中文名.
    pub name: String,
    /// English name, or empty.
    pub english: String,
    /// Article.
    pub article: String,
    /// Unit.
    pub unit: Unit,
    /// Which date chooses the version; `None` when the table never changes by date.
    pub dated_by: Option<Formula>,
    /// What finds the row.
    pub keys: Vec<Formula>,
    /// The value where no row fits.
    pub otherwise: Option<Cell>,
    /// Whether its keys depend on a line or a giver, so that it is looked up anew each time.
    pub volatile: bool,
    pub(crate) versions: Vec<Version>,
}

impl Table {
    /// The cell for these keys on `day`, with the article of the version that set it.
    /// The latest version in force that has a fitting row decides.
    #[must_use]
    pub fn look_up<T: AsRef<str>>(&self, day: Option<Date>, keys: &[T]) -> Option<(&Cell, &str)> {
        for version in self.versions.iter().rev() {
            let in_force = day.is_none_or(|day| version.from <= day && version.until.is_none_or(|until| day <= until));
            if !in_force {
                continue;
            }
            let fits = |row: &&TableRow| row.keys.iter().zip(keys).all(|(key, text)| key.fits(text.as_ref()));
            if let Some(row) = version.rows.iter().find(fits) {
                let article = if version.article.is_empty() { &self.article } else { &version.article };
                return Some((&row.cell, article));
            }
        }
        self.otherwise.as_ref().map(|cell| (cell, self.article.as_str()))
    }

    /// The days on which the table changes.
    pub fn dates(&self) -> impl Iterator<Item = Date> + '_ {
        self.versions.iter().map(|version| version.from)
    }

    /// Every cell with its keys as written, version by version, for people.
    pub fn cells(&self) -> impl Iterator<Item = Entry<'_>> {
        self.versions.iter().flat_map(move |version| {
            version.rows.iter().map(move |row| {
                let keys: Vec<String> = row
                    .keys
                    .iter()
                    .map(|key| match key {
                        Key::Any => "*".to_owned(),
                        Key::OneOf(texts) => texts.join("/"),
                    })
                    .collect();
                let article = if version.article.is_empty() { &self.article } else { &version.article };
                Entry { from: version.from, until: version.until, keys, cell: &row.cell, article }
            })
        })
    }
}

/// A cell of a table as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// First day.
    pub from: Date,
    /// Last day, of a version that ends.
    pub until: Option<Date>,
    /// Its keys; `*` is any, several are joined by `/`.
    pub keys: Vec<String>,
    /// The cell.
    pub cell: &'a Cell,
    /// The article that set it.
    pub article: &'a str,
}
