//! 块: the rows of some thousand persons, gathered from the files of all months into plain columns
//! as `screening` reads them. Buffers and dictionaries are used again for the next block.

use std::collections::HashMap;
use std::ops::Range;

use arrow::array::{Array, StringArray};
use encounter::{Field, Kind};
use screening::{Bits, Column, Columns, Data, Sheet};

use crate::rows::{Rows, Typed};
use crate::{LakeError, LakeTable, PartReader};

/// The tables of a block.
const TABLES: [LakeTable; 5] =
    [LakeTable::Persons, LakeTable::Encounters, LakeTable::Diagnoses, LakeTable::Procedures, LakeTable::Lines];
/// A dictionary longer than this is begun anew with the next block.
const WORDS_KEPT: usize = 1 << 18;
const UNKNOWN: u32 = u32::MAX;

/// 块.
pub struct Chunk {
    sheets: Vec<Own>,
    place: HashMap<String, u32>,
}

/// One table of a block.
struct Own {
    table: LakeTable,
    rows: usize,
    parents: Vec<u32>,
    columns: Vec<OwnColumn>,
}

struct OwnColumn {
    field: &'static Field,
    /// Its place in [`LakeTable::columns`].
    at: usize,
    data: OwnData,
    known: Known,
}

enum OwnData {
    Codes { ids: Vec<u32>, words: Words },
    Texts { offsets: Vec<i32>, bytes: Vec<u8> },
    Lists { offsets: Vec<i32>, ids: Vec<u32>, words: Words },
    Days(Vec<i32>),
    Seconds(Vec<i64>),
    Fen(Vec<i64>),
    Numbers(Vec<i128>),
    Flags(Vec<u8>),
}

/// Which values are known, a bit a row.
#[derive(Default)]
struct Known {
    bits: Vec<u8>,
    rows: usize,
    gaps: bool,
}

impl Known {
    fn push(&mut self, known: bool) {
        if self.rows & 7 == 0 {
            self.bits.push(0);
        }
        if known && let Some(byte) = self.bits.last_mut() {
            *byte |= 1 << (self.rows & 7);
        }
        self.gaps |= !known;
        self.rows += 1;
    }

    fn clear(&mut self) {
        self.bits.clear();
        (self.rows, self.gaps) = (0, false);
    }
}

/// A dictionary that grows, and how the dictionary of the file being read maps to it.
#[derive(Default)]
struct Words {
    words: Vec<String>,
    index: HashMap<String, u32>,
    /// With the dictionary itself, so that its place in memory is no other's.
    maps: HashMap<(usize, usize), (StringArray, Vec<u32>)>,
}

impl Words {
    fn id(&mut self, word: &str) -> u32 {
        if let Some(id) = self.index.get(word) {
            return *id;
        }
        let id = u32::try_from(self.words.len()).unwrap_or(UNKNOWN);
        self.words.push(word.to_owned());
        self.index.insert(word.to_owned(), id);
        id
    }

    fn clear_if_long(&mut self) {
        self.maps.clear();
        if self.words.len() > WORDS_KEPT {
            self.words.clear();
            self.index.clear();
        }
    }
}

impl OwnColumn {
    fn new(field: &'static Field, at: usize, is_code: bool) -> OwnColumn {
        let data = match field.kind {
            Kind::Text if is_code => OwnData::Codes { ids: Vec::new(), words: Words::default() },
            Kind::Text => OwnData::Texts { offsets: vec![0], bytes: Vec::new() },
            Kind::Texts => OwnData::Lists { offsets: vec![0], ids: Vec::new(), words: Words::default() },
            Kind::Date => OwnData::Days(Vec::new()),
            Kind::Time => OwnData::Seconds(Vec::new()),
            Kind::Money => OwnData::Fen(Vec::new()),
            Kind::Number => OwnData::Numbers(Vec::new()),
            Kind::Flag => OwnData::Flags(Vec::new()),
        };
        OwnColumn { field, at, data, known: Known::default() }
    }

    fn clear(&mut self) {
        self.known.clear();
        match &mut self.data {
            OwnData::Codes { ids, words } => {
                ids.clear();
                words.clear_if_long();
            }
            OwnData::Texts { offsets, bytes } => {
                offsets.truncate(1);
                bytes.clear();
            }
            OwnData::Lists { offsets, ids, words } => {
                offsets.truncate(1);
                ids.clear();
                words.clear_if_long();
            }
            OwnData::Days(values) => values.clear(),
            OwnData::Seconds(values) | OwnData::Fen(values) => values.clear(),
            OwnData::Numbers(values) => values.clear(),
            OwnData::Flags(values) => values.clear(),
        }
    }

    fn extend(&mut self, rows: &Rows, range: Range<usize>) {
        let Some(typed) = rows.column(self.at) else { return range.for_each(|_| self.push_unknown()) };
        match (typed, &mut self.data) {
            (Typed::Code(codes, dictionary), OwnData::Codes { ids, words }) => {
                // The dictionary of a batch is known by where its texts stand.
                let at = (dictionary.value_data().as_ptr() as usize, dictionary.len());
                if !words.maps.contains_key(&at) {
                    let map = (0..dictionary.len()).map(|word| words.id(dictionary.value(word))).collect();
                    words.maps.insert(at, (dictionary.clone(), map));
                }
                let (_, map) = &words.maps[&at];
                let keys = codes.keys();
                ids.extend(range.map(|row| match keys.is_valid(row) {
                    true => {
                        usize::try_from(keys.value(row)).ok().and_then(|key| map.get(key)).copied().unwrap_or(UNKNOWN)
                    }
                    false => UNKNOWN,
                }));
            }
            (Typed::Text(texts), OwnData::Texts { offsets, bytes }) => {
                for row in range {
                    let known = texts.is_valid(row);
                    if known {
                        bytes.extend_from_slice(texts.value(row).as_bytes());
                    }
                    offsets.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
                    self.known.push(known);
                }
            }
            (Typed::Text(texts), OwnData::Lists { offsets, ids, words }) => {
                for row in range {
                    let known = texts.is_valid(row);
                    if known {
                        ids.extend(texts.value(row).split('|').map(|word| words.id(word)));
                    }
                    offsets.push(i32::try_from(ids.len()).unwrap_or(i32::MAX));
                    self.known.push(known);
                }
            }
            (Typed::Day(days), OwnData::Days(values)) => {
                for row in range {
                    values.push(days.value(row));
                    self.known.push(days.is_valid(row));
                }
            }
            (Typed::Time(times), OwnData::Seconds(values)) => {
                for row in range {
                    values.push(times.value(row).div_euclid(1_000_000));
                    self.known.push(times.is_valid(row));
                }
            }
            (Typed::Money(amounts), OwnData::Fen(values)) => {
                for row in range {
                    values.push(amounts.value(row));
                    self.known.push(amounts.is_valid(row));
                }
            }
            (Typed::Number(numbers), OwnData::Numbers(values)) => {
                for row in range {
                    values.push(numbers.value(row));
                    self.known.push(numbers.is_valid(row));
                }
            }
            (Typed::Flag(flags), OwnData::Flags(values)) => {
                values.extend(range.map(|row| if flags.is_valid(row) { u8::from(flags.value(row)) } else { 2 }));
            }
            (_, _) => range.for_each(|_| self.push_unknown()),
        }
    }

    fn push_unknown(&mut self) {
        match &mut self.data {
            OwnData::Codes { ids, .. } => return ids.push(UNKNOWN),
            OwnData::Flags(values) => return values.push(2),
            OwnData::Texts { offsets, bytes } => offsets.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX)),
            OwnData::Lists { offsets, ids, .. } => offsets.push(i32::try_from(ids.len()).unwrap_or(i32::MAX)),
            OwnData::Days(values) => values.push(0),
            OwnData::Seconds(values) | OwnData::Fen(values) => values.push(0),
            OwnData::Numbers(values) => values.push(0),
        }
        self.known.push(false);
    }

    fn push_text(&mut self, text: &str) {
        match &mut self.data {
            OwnData::Codes { ids, words } => ids.push(words.id(text)),
            OwnData::Texts { offsets, bytes } => {
                bytes.extend_from_slice(text.as_bytes());
                offsets.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
                self.known.push(true);
            }
            _ => self.push_unknown(),
        }
    }

    fn words(&self) -> Vec<&str> {
        match &self.data {
            OwnData::Codes { words, .. } | OwnData::Lists { words, .. } => {
                words.words.iter().map(String::as_str).collect()
            }
            _ => Vec::new(),
        }
    }

    fn view<'a>(&'a self, texts: &'a [&'a str]) -> Column<'a> {
        let data = match &self.data {
            OwnData::Codes { ids, .. } => Data::Codes { ids, texts },
            OwnData::Texts { offsets, bytes } => Data::Texts { offsets, bytes },
            OwnData::Lists { offsets, ids, .. } => Data::Lists { offsets, ids, texts },
            OwnData::Days(values) => Data::Days(values),
            OwnData::Seconds(values) => Data::Seconds(values),
            OwnData::Fen(values) => Data::Fen(values),
            OwnData::Numbers(values) => Data::Decimals { values, places: 10 },
            OwnData::Flags(values) => Data::Flags(values),
        };
        let valid = self.known.gaps.then_some(Bits { bytes: &self.known.bits, offset: 0 });
        Column { field: self.field.name, data, valid }
    }
}

impl Own {
    fn new(table: LakeTable, wanted: Option<&[&'static str]>) -> Own {
        let skip = usize::from(table.is_of_visit());
        let schema = table.schema();
        let fields = table.fields().iter().enumerate();
        let taken = fields.filter(|(_, field)| wanted.is_none_or(|wanted| wanted.contains(&field.name)));
        let columns = taken.map(|(at, field)| {
            let kind = schema.field(at + skip).data_type();
            let is_code = matches!(kind, arrow::datatypes::DataType::Dictionary(..));
            OwnColumn::new(field, at + skip, is_code)
        });
        Own { table, rows: 0, parents: Vec::new(), columns: columns.collect() }
    }

    fn clear(&mut self) {
        self.rows = 0;
        self.parents.clear();
        self.columns.iter_mut().for_each(OwnColumn::clear);
    }

    fn extend(&mut self, rows: &Rows, range: Range<usize>, parent: u32) {
        self.rows += range.len();
        self.parents.resize(self.parents.len() + range.len(), parent);
        for column in &mut self.columns {
            column.extend(rows, range.clone());
        }
    }

    fn view<'a>(&'a self, texts: &'a [Vec<&'a str>]) -> Sheet<'a> {
        let columns = self.columns.iter().zip(texts).map(|(column, texts)| column.view(texts)).collect();
        Sheet { rows: self.rows, parents: &self.parents, columns }
    }
}

/// Where a table's 就诊ID stands among [`LakeTable::columns`].
fn visit_column(table: LakeTable) -> usize {
    table.columns().iter().position(|field| field.name == "mdtrt_id").expect("it belongs to a visit")
}

impl Chunk {
    /// An empty block with the columns that are wanted of each table; all where `None`.
    #[must_use]
    pub fn new(wanted: &dyn Fn(LakeTable) -> Option<Vec<&'static str>>) -> Chunk {
        let sheets = TABLES.iter().map(|table| Own::new(*table, wanted(*table).as_deref())).collect();
        Chunk { sheets, place: HashMap::new() }
    }

    /// Lines in the block.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.sheets[4].rows
    }

    /// Visits in the block.
    #[must_use]
    pub fn visits(&self) -> usize {
        self.sheets[1].rows
    }

    /// Persons in the block.
    #[must_use]
    pub fn persons(&self) -> usize {
        self.sheets[0].rows
    }

    /// Forgets the rows; buffers stay.
    pub fn clear(&mut self) {
        self.sheets.iter_mut().for_each(Own::clear);
    }

    /// Adds the part's next person; `false` when there is none.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn add_person(&mut self, part: &mut PartReader) -> Result<bool, LakeError> {
        if !part.next_person()? {
            return Ok(false);
        }
        let Chunk { sheets, place } = self;
        let [persons, visits, children @ ..] = &mut sheets[..] else { return Ok(false) };
        let person = u32::try_from(persons.rows).unwrap_or(UNKNOWN);
        part.take(LakeTable::Persons, &mut |rows, range| {
            if persons.rows == person as usize {
                persons.extend(rows, range.start..range.start + 1, 0);
            }
        })?;
        if persons.rows == person as usize {
            for column in &mut persons.columns {
                if column.field.name == "psn_no" { column.push_text(part.person()) } else { column.push_unknown() }
            }
            persons.rows += 1;
            persons.parents.push(0);
        }
        place.clear();
        let at = visit_column(LakeTable::Encounters);
        part.take(LakeTable::Encounters, &mut |rows, range| {
            for row in range.clone() {
                let visit = rows.column(at).and_then(|column| column.text(row)).unwrap_or_default();
                let number = u32::try_from(visits.rows + row - range.start).unwrap_or(UNKNOWN);
                place.entry(visit.to_owned()).or_insert(number);
            }
            visits.extend(rows, range, person);
        })?;
        for sheet in children {
            let at = visit_column(sheet.table);
            part.take(sheet.table, &mut |rows, range| {
                let visit = |row: usize| rows.column(at).and_then(|column| column.text(row)).unwrap_or_default();
                let mut from = range.start;
                while from < range.end {
                    let here = visit(from);
                    let mut to = from + 1;
                    while to < range.end && visit(to) == here {
                        to += 1;
                    }
                    if let Some(parent) = place.get(here) {
                        sheet.extend(rows, from..to, *parent);
                    }
                    from = to;
                }
            })?;
        }
        Ok(true)
    }

    /// The dictionaries, in the order that [`Chunk::columns`] wants them.
    #[must_use]
    pub fn words(&self) -> Vec<Vec<Vec<&str>>> {
        self.sheets.iter().map(|sheet| sheet.columns.iter().map(OwnColumn::words).collect()).collect()
    }

    /// The rows as `screening` reads them; `words` are [`Chunk::words`].
    #[must_use]
    pub fn columns<'a>(&'a self, words: &'a [Vec<Vec<&'a str>>]) -> Columns<'a> {
        let sheet = |at: usize| self.sheets[at].view(&words[at]);
        Columns { persons: sheet(0), visits: sheet(1), diagnoses: sheet(2), procedures: sheet(3), lines: sheet(4) }
    }
}
