//! 表: the fields of each kind of record, named once.

use crate::value::{FieldError, Kind, Value, ValueRef};
use serde::{Deserialize, Serialize};

/// 记录种类.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// 人员.
    Person,
    /// 就诊.
    Encounter,
    /// 诊断.
    Diagnosis,
    /// 手术操作.
    Procedure,
    /// 费用明细.
    Line,
    /// 定点医药机构.
    Institution,
    /// 医护人员.
    Practitioner,
    /// 进销存.
    Stock,
}

/// 字段.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The national name; where the national interface has none, ours, in its manner.
    pub name: &'static str,
    /// 中文名.
    pub label: &'static str,
    /// What it holds.
    pub kind: Kind,
}

impl Table {
    /// Every table.
    pub const ALL: [Table; 8] = [
        Table::Person,
        Table::Encounter,
        Table::Diagnosis,
        Table::Procedure,
        Table::Line,
        Table::Institution,
        Table::Practitioner,
        Table::Stock,
    ];

    /// The field of this name.
    #[must_use]
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }
}

/// 记录: what every kind of record can do, for whoever reads or writes all of them alike.
pub trait Record: Default {
    /// Which kind.
    const TABLE: Table;

    /// Shows each field, in the order of the columns.
    fn each<'a>(&'a self, see: &mut dyn FnMut(usize, Option<ValueRef<'a>>));

    /// Sets each field, in the order of the columns; a value of another kind than the field's is
    /// a bug of the caller.
    fn fill(&mut self, give: &mut dyn FnMut(usize) -> Option<Value>);

    /// Sets a field from text; blank is unknown.
    ///
    /// # Errors
    /// [`FieldError`] names the field and what it holds.
    fn read(&mut self, name: &str, text: &str) -> Result<(), FieldError>;
}

/// The known name most like `name`, if one is near.
pub(crate) fn nearest(name: &str, fields: &'static [Field]) -> Option<&'static str> {
    let scored = fields.iter().map(|field| (distance(name, field.name), field.name));
    scored.min().filter(|(apart, _)| *apart <= 2 + name.len() / 4).map(|(_, name)| name)
}

/// Letters to change, add or leave out.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let changed = corner + usize::from(a != *b);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[to.len()]
}

/// Declares a record: its struct, its list of fields, reading and showing by name.
macro_rules! record {
    ($(#[$doc:meta])* $Name:ident { $($(#[$more:meta])* $field:ident: $Type:ty, $label:literal;)* } $({ $($(#[$own:meta])* $extra:ident: $Extra:ty,)* })?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $Name {
            $(#[doc = $label] $(#[$more])* pub $field: Option<$Type>,)*
            $($($(#[$own])* pub $extra: $Extra,)*)?
        }

        impl $Name {
            /// The fields, in the order of the columns.
            pub const FIELDS: &'static [Field] = &[
                $(Field { name: stringify!($field), label: $label, kind: <$Type as $crate::value::Fact>::KIND },)*
            ];

            /// The value of a field; `None` when it is unknown or no field.
            #[must_use]
            pub fn value(&self, name: &str) -> Option<Value> {
                match name {
                    $(stringify!($field) => self.$field.as_ref().map($crate::value::Fact::value),)*
                    _ => None,
                }
            }

            /// Sets a field from text; blank is unknown.
            ///
            /// # Errors
            /// [`FieldError`] names the field and what it holds.
            pub fn set(&mut self, name: &str, text: &str) -> Result<(), FieldError> {
                let text = text.trim();
                match name {
                    $(stringify!($field) => {
                        self.$field = if text.is_empty() {
                            None
                        } else {
                            let wrong = || FieldError::Value {
                                field: stringify!($field),
                                text: text.to_owned(),
                                wanted: <$Type as $crate::value::Fact>::WANTED,
                            };
                            Some(<$Type as $crate::value::Fact>::read(text).ok_or_else(wrong)?)
                        };
                    })*
                    _ => {
                        return Err(FieldError::Unknown {
                            table: stringify!($Name),
                            name: name.to_owned(),
                            nearest: $crate::table::nearest(name, Self::FIELDS),
                        });
                    }
                }
                Ok(())
            }
        }

        impl $crate::table::Record for $Name {
            const TABLE: $crate::table::Table = $crate::table::Table::$Name;

            fn each<'a>(&'a self, see: &mut dyn FnMut(usize, Option<$crate::value::ValueRef<'a>>)) {
                let mut fields = 0..;
                $(see(fields.next().unwrap_or_default(), self.$field.as_ref().map($crate::value::Fact::look));)*
            }

            fn fill(&mut self, give: &mut dyn FnMut(usize) -> Option<Value>) {
                let mut fields = 0..;
                $(self.$field = give(fields.next().unwrap_or_default()).map(|value| {
                    $crate::value::Fact::of(value).expect(concat!("a value of the kind of ", stringify!($field)))
                });)*
            }

            fn read(&mut self, name: &str, text: &str) -> Result<(), FieldError> {
                self.set(name, text)
            }
        }
    };
}
pub(crate) use record;
