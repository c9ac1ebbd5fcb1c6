//! 列: many persons' records as plain slices, the way a columnar file holds them. Nothing is
//! copied; dictionaries may differ from column to column.

use encounter::Table;

/// Which values are known: a bit a row, least significant first.
#[derive(Debug, Clone, Copy)]
pub struct Bits<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// The bit of row 0.
    pub offset: usize,
}

impl Bits<'_> {
    /// Whether the bit of a row is set.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> bool {
        let at = row + self.offset;
        self.bytes[at >> 3] >> (at & 7) & 1 == 1
    }
}

/// The values of a column.
#[derive(Debug, Clone, Copy)]
pub enum Data<'a> {
    /// Texts by number into a dictionary; a number outside of it is unknown.
    Codes {
        /// A number a row.
        ids: &'a [u32],
        /// The dictionary.
        texts: &'a [&'a str],
    },
    /// Texts one after another: row r is `bytes[offsets[r]..offsets[r + 1]]`, UTF-8.
    Texts {
        /// One more than rows.
        offsets: &'a [i32],
        /// The texts.
        bytes: &'a [u8],
    },
    /// Lists of texts: row r is `ids[offsets[r]..offsets[r + 1]]`.
    Lists {
        /// One more than rows.
        offsets: &'a [i32],
        /// Numbers into the dictionary.
        ids: &'a [u32],
        /// The dictionary.
        texts: &'a [&'a str],
    },
    /// Dates: days since 1970-01-01.
    Days(&'a [i32]),
    /// Local times: seconds since 1970-01-01 00:00.
    Seconds(&'a [i64]),
    /// Money in 分.
    Fen(&'a [i64]),
    /// Numbers times 10^places.
    Numbers {
        /// Scaled values.
        values: &'a [i64],
        /// Decimals, at most 10.
        places: u32,
    },
    /// Numbers times 10^places, wide.
    Decimals {
        /// Scaled values.
        values: &'a [i128],
        /// Decimals, at most 10.
        places: u32,
    },
    /// 0 no, 1 yes, anything else unknown.
    Flags(&'a [u8]),
    /// Yes or no, a bit a row.
    FlagBits(Bits<'a>),
}

/// One field of all records of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// National name, as in `encounter::Table::fields()`.
    pub field: &'static str,
    /// The values.
    pub data: Data<'a>,
    /// Which are known; `None`: all.
    pub valid: Option<Bits<'a>>,
}

/// All records of a table.
#[derive(Debug, Clone, Default)]
pub struct Sheet<'a> {
    /// How many records.
    pub rows: usize,
    /// Of visits the row of the person, of the others the row of the visit.
    pub parents: &'a [u32],
    /// The columns there are; a field without a column is unknown throughout.
    pub columns: Vec<Column<'a>>,
}

/// Many persons' records. Records of one person stand together and persons follow one another in
/// one order in every sheet; within a person the order is free.
#[derive(Debug, Clone, Default)]
pub struct Columns<'a> {
    /// 人员.
    pub persons: Sheet<'a>,
    /// 就诊.
    pub visits: Sheet<'a>,
    /// 诊断.
    pub diagnoses: Sheet<'a>,
    /// 手术操作.
    pub procedures: Sheet<'a>,
    /// 费用明细.
    pub lines: Sheet<'a>,
}

/// Columns that do not fit together: the reader made a mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnsError {
    /// A sheet's parents are not one a row.
    #[error("{table:?}: {parents} parents for {rows} rows")]
    Parents {
        /// The sheet.
        table: Table,
        /// Rows.
        rows: usize,
        /// Parents.
        parents: usize,
    },
    /// A column is shorter than its sheet.
    #[error("{table:?}.{field}: {values} values for {rows} rows")]
    Short {
        /// The sheet.
        table: Table,
        /// The column.
        field: &'static str,
        /// Values.
        values: usize,
        /// Rows.
        rows: usize,
    },
    /// A column's kind is not its field's.
    #[error("{table:?}.{field}: the column holds {holds}, the field {wanted:?}")]
    Kind {
        /// The sheet.
        table: Table,
        /// The column.
        field: &'static str,
        /// What the column holds.
        holds: &'static str,
        /// What the field is.
        wanted: encounter::Kind,
    },
    /// No such field.
    #[error("{table:?} has no field {field}")]
    Field {
        /// The sheet.
        table: Table,
        /// The column.
        field: &'static str,
    },
    /// A parent that is not there, or persons out of order.
    #[error("{table:?} row {row}: its parent {parent} is not there or stands out of order (sort by person)")]
    Order {
        /// The sheet.
        table: Table,
        /// The row, from 0.
        row: usize,
        /// The parent.
        parent: u32,
    },
}

impl<'a> Columns<'a> {
    /// The sheet of a table; `None` for the tables that stand around.
    #[must_use]
    pub fn sheet(&self, table: Table) -> Option<&Sheet<'a>> {
        match table {
            Table::Person => Some(&self.persons),
            Table::Encounter => Some(&self.visits),
            Table::Diagnosis => Some(&self.diagnoses),
            Table::Procedure => Some(&self.procedures),
            Table::Line => Some(&self.lines),
            Table::Institution | Table::Practitioner | Table::Stock => None,
        }
    }
}
