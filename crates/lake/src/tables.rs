//! 湖中的表: which tables a lake has, and each column's type.
//!
//! A column is a field of [`encounter`], under its national name. Codes are dictionary-encoded,
//! numbers of things (a visit, a line) are plain texts; money is a decimal of 18 digits with 2
//! decimals, which Parquet keeps as a 64-bit whole number of 分; other numbers are decimals with
//! the ten decimals that [`terms::Exact`] has; several texts stand in one, separated by `|`, as
//! in a file. What belongs to a visit carries 人员编号 as well, so that every table can be sorted
//! by person.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field as Column, Schema, SchemaRef, TimeUnit};
use encounter::{Field, Kind, Table};

/// 表.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LakeTable {
    /// 人员.
    Persons,
    /// 就诊.
    Encounters,
    /// 诊断.
    Diagnoses,
    /// 手术操作.
    Procedures,
    /// 费用明细.
    Lines,
    /// 基金分项.
    Funds,
    /// 定点医药机构.
    Institutions,
    /// 医护人员.
    Practitioners,
    /// 进销存.
    Stock,
}

/// What 基金分项 holds: one row a fund of a visit.
const FUNDS: &[Field] = &[
    Field { name: "mdtrt_id", label: "就诊ID", kind: Kind::Text },
    Field { name: "fund_pay_type", label: "基金支付类型", kind: Kind::Text },
    Field { name: "fund_payamt", label: "基金支付金额", kind: Kind::Money },
];

/// 人员编号: the key by which everything of a person is found.
pub(crate) const PERSON: Field = Field { name: "psn_no", label: "人员编号", kind: Kind::Text };

/// Texts that differ from row to row: a dictionary would only be longer.
const UNIQUE: [&str; 11] = [
    "psn_no",
    "mdtrt_id",
    "setl_id",
    "feedetl_sn",
    "init_feedetl_sn",
    "rxno",
    "drord_no",
    "household",
    "incision_no",
    "fixmedins_bchno",
    "prac_psn_name",
];

impl LakeTable {
    /// Every table.
    pub const ALL: [LakeTable; 9] = [
        LakeTable::Persons,
        LakeTable::Encounters,
        LakeTable::Diagnoses,
        LakeTable::Procedures,
        LakeTable::Lines,
        LakeTable::Funds,
        LakeTable::Institutions,
        LakeTable::Practitioners,
        LakeTable::Stock,
    ];

    /// The tables that are partitioned by month.
    pub const MONTHLY: [LakeTable; 5] =
        [LakeTable::Encounters, LakeTable::Diagnoses, LakeTable::Procedures, LakeTable::Lines, LakeTable::Funds];

    /// What belongs to a visit and is found by it.
    pub(crate) const OF_VISIT: [LakeTable; 4] =
        [LakeTable::Diagnoses, LakeTable::Procedures, LakeTable::Lines, LakeTable::Funds];

    /// Its name: of a file, of a folder.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            LakeTable::Persons => "persons",
            LakeTable::Encounters => "encounters",
            LakeTable::Diagnoses => "diagnoses",
            LakeTable::Procedures => "procedures",
            LakeTable::Lines => "lines",
            LakeTable::Funds => "funds",
            LakeTable::Institutions => "institutions",
            LakeTable::Practitioners => "practitioners",
            LakeTable::Stock => "stock",
        }
    }

    /// 中文名.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            LakeTable::Persons => "人员",
            LakeTable::Encounters => "就诊",
            LakeTable::Diagnoses => "诊断",
            LakeTable::Procedures => "手术操作",
            LakeTable::Lines => "费用明细",
            LakeTable::Funds => "基金分项",
            LakeTable::Institutions => "定点医药机构",
            LakeTable::Practitioners => "医护人员",
            LakeTable::Stock => "进销存",
        }
    }

    /// The facts of a row.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            LakeTable::Persons => Table::Person.fields(),
            LakeTable::Encounters => Table::Encounter.fields(),
            LakeTable::Diagnoses => Table::Diagnosis.fields(),
            LakeTable::Procedures => Table::Procedure.fields(),
            LakeTable::Lines => Table::Line.fields(),
            LakeTable::Funds => FUNDS,
            LakeTable::Institutions => Table::Institution.fields(),
            LakeTable::Practitioners => Table::Practitioner.fields(),
            LakeTable::Stock => Table::Stock.fields(),
        }
    }

    /// Whether a leading column names the person besides the facts of a row.
    #[must_use]
    pub fn is_of_visit(self) -> bool {
        LakeTable::OF_VISIT.contains(&self)
    }

    /// All columns, in order.
    #[must_use]
    pub fn columns(self) -> Vec<Field> {
        let key = self.is_of_visit().then_some(PERSON);
        key.into_iter().chain(self.fields().iter().copied()).collect()
    }

    /// The columns as Arrow has them.
    #[must_use]
    pub fn schema(self) -> SchemaRef {
        let columns = self.columns().into_iter().map(|field| Column::new(field.name, data_type(&field), true));
        Arc::new(Schema::new(columns.collect::<Vec<_>>()))
    }
}

impl fmt::Display for LakeTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn data_type(field: &Field) -> DataType {
    match field.kind {
        Kind::Text if UNIQUE.contains(&field.name) => DataType::Utf8,
        Kind::Text => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Kind::Texts => DataType::Utf8,
        Kind::Date => DataType::Date32,
        Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, None),
        Kind::Money => DataType::Decimal64(18, 2),
        Kind::Number => DataType::Decimal128(38, 10),
        Kind::Flag => DataType::Boolean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_its_columns_once_and_what_belongs_to_a_visit_is_found_by_person() {
        for table in LakeTable::ALL {
            let schema = table.schema();
            let mut names: Vec<_> = schema.fields().iter().map(|column| column.name().as_str()).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{table}");
        }
        for table in LakeTable::MONTHLY {
            assert!(table.schema().field_with_name("psn_no").is_ok(), "{table}");
        }
    }

    #[test]
    fn every_text_that_is_called_unique_is_a_column() {
        for name in UNIQUE {
            assert!(LakeTable::ALL.iter().any(|table| table.schema().field_with_name(name).is_ok()), "{name}");
        }
    }
}
