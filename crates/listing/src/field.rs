//! 数据项表: one table of every field, which the gateway, the file readers and the rules share.

use crate::facts::SettlementList;
use crate::value::{Kind, ReadError, Value};
use std::fmt;

/// One field: our name, the field's own words, the national names.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Our name, unique in its part.
    pub name: &'static str,
    /// The Chinese term.
    pub chinese: &'static str,
    /// The term in English.
    pub english: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// National names: first that of 4101, then older ones and those of 4401.
    pub national: &'static [&'static str],
}

/// 部分. A part of the list: five that stand once, and seven of which there are rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Part {
    /// 基本信息.
    Basic,
    /// 门诊慢特病诊疗信息.
    Chronic,
    /// 住院诊疗信息.
    Stay,
    /// 医疗收费信息.
    Charges,
    /// 病案首页 items that the list does not have.
    HomePage,
    /// 门诊慢特病诊断与手术, rows.
    ChronicItems,
    /// 出院诊断, rows; the first is the principal diagnosis.
    Diagnoses,
    /// 手术及操作, rows; the first is the main operation.
    Operations,
    /// 重症监护, rows.
    IcuStays,
    /// 输血, rows.
    Transfusions,
    /// 收费项目, rows.
    FeeItems,
    /// 基金支付, rows.
    FundPayments,
}

impl Part {
    /// All parts, in the order of the paper form.
    pub const ALL: [Part; 12] = [
        Part::Basic,
        Part::Chronic,
        Part::Stay,
        Part::Charges,
        Part::HomePage,
        Part::ChronicItems,
        Part::Diagnoses,
        Part::Operations,
        Part::IcuStays,
        Part::Transfusions,
        Part::FeeItems,
        Part::FundPayments,
    ];

    /// Our name of the part, as rules and mapping files write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Part::Basic => "basic",
            Part::Chronic => "chronic",
            Part::Stay => "stay",
            Part::Charges => "charges",
            Part::HomePage => "home_page",
            Part::ChronicItems => "chronic_items",
            Part::Diagnoses => "diagnoses",
            Part::Operations => "operations",
            Part::IcuStays => "icu_stays",
            Part::Transfusions => "transfusions",
            Part::FeeItems => "fee_items",
            Part::FundPayments => "fund_payments",
        }
    }

    /// The part's Chinese name.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Part::Basic => "基本信息",
            Part::Chronic => "门诊慢特病诊疗信息",
            Part::Stay => "住院诊疗信息",
            Part::Charges => "医疗收费信息",
            Part::HomePage => "病案首页",
            Part::ChronicItems => "门诊慢特病诊断与手术",
            Part::Diagnoses => "出院诊断",
            Part::Operations => "手术及操作",
            Part::IcuStays => "重症监护",
            Part::Transfusions => "输血",
            Part::FeeItems => "收费项目",
            Part::FundPayments => "基金支付",
        }
    }

    /// The nodes of 4101 and 4401 in which the part travels.
    #[must_use]
    pub fn nodes(self) -> &'static [&'static str] {
        match self {
            Part::Basic | Part::Chronic | Part::Stay | Part::Charges => &["setlinfo"],
            Part::HomePage => &["baseinfo"],
            Part::ChronicItems => &["opspdiseinfo"],
            Part::Diagnoses => &["diseinfo"],
            Part::Operations => &["oprninfo"],
            Part::IcuStays => &["icuinfo"],
            Part::Transfusions => &["bldinfo"],
            Part::FeeItems => &["iteminfo"],
            Part::FundPayments => &["payinfo"],
        }
    }

    /// Whether there are rows of it.
    #[must_use]
    pub fn has_rows(self) -> bool {
        self >= Part::ChronicItems
    }

    /// The part of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.name() == name)
    }

    /// Its fields.
    #[must_use]
    pub fn entries(self) -> &'static [Entry] {
        SettlementList::entries(self)
    }
}

/// Where a field stands: its part and its number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The part.
    pub part: Part,
    /// The number in [`Part::entries`].
    pub index: usize,
}

impl Place {
    /// What stands there.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        &self.part.entries()[self.index]
    }
}

impl fmt::Display for Place {
    /// The path, as `stay.admitted`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.part.name(), self.entry().name)
    }
}

/// Every field of the list, with where it stands.
pub fn fields() -> impl Iterator<Item = (Place, &'static Entry)> {
    Part::ALL
        .into_iter()
        .flat_map(|part| part.entries().iter().enumerate().map(move |(index, entry)| (Place { part, index }, entry)))
}

/// The field of a path such as `stay.admitted` or `diagnoses.code`.
#[must_use]
pub fn by_path(path: &str) -> Option<Place> {
    let (part, name) = path.split_once('.')?;
    let part = Part::named(part)?;
    let index = part.entries().iter().position(|entry| entry.name == name)?;
    Some(Place { part, index })
}

/// The field of a national name in a node of 4101 or 4401 (`baseinfo` is the home page,
/// whose names may also be those of the list's own sections). Names are compared without
/// regard to case, as clients write them.
#[must_use]
pub fn by_national(node: &str, name: &str) -> Option<Place> {
    let single = matches!(node, "setlinfo" | "baseinfo");
    let parts =
        Part::ALL.into_iter().filter(|part| if single { !part.has_rows() } else { part.nodes().contains(&node) });
    parts.into_iter().find_map(|part| {
        let hit = |entry: &Entry| entry.national.iter().any(|national| national.eq_ignore_ascii_case(name));
        part.entries().iter().position(hit).map(|index| Place { part, index })
    })
}

/// 来源所载. Which fields the source can hold at all: an export without a column for the
/// bill number is not a list whose bill number is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope([u128; 12]);

impl Default for Scope {
    /// Everything, as in a 4101 message.
    fn default() -> Scope {
        Scope([u128::MAX; 12])
    }
}

impl Scope {
    /// Nothing yet.
    #[must_use]
    pub fn nothing() -> Scope {
        Scope([0; 12])
    }

    /// Adds a field.
    pub fn add(&mut self, place: Place) {
        self.0[place.part as usize] |= 1 << place.index;
    }

    /// Takes a field away.
    pub fn remove(&mut self, place: Place) {
        self.0[place.part as usize] &= !(1 << place.index);
    }

    /// Takes a whole part away.
    pub fn remove_part(&mut self, part: Part) {
        self.0[part as usize] = 0;
    }

    /// Whether the source holds the field.
    #[must_use]
    pub fn holds(&self, place: Place) -> bool {
        self.0[place.part as usize] >> place.index & 1 == 1
    }

    /// Whether the source holds anything of the part.
    #[must_use]
    pub fn holds_part(&self, part: Part) -> bool {
        self.0[part as usize] != 0
    }
}

impl SettlementList {
    /// The value of a field; `row` counts from 0 and is ignored for parts that stand once.
    #[must_use]
    pub fn get(&self, place: Place, row: usize) -> Option<Value<'_>> {
        self.value(place, row)
    }

    /// Reads `text` into a field. Rows in between are made; an empty text changes nothing.
    ///
    /// # Errors
    /// The text is not of the field's kind.
    pub fn set(&mut self, place: Place, row: usize, text: &str) -> Result<(), ReadError> {
        let text = text.trim();
        if text.is_empty() || self.read_into(place, row, text) {
            return Ok(());
        }
        Err(ReadError { text: text.to_owned(), kind: place.entry().kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_path_leads_to_its_field_and_back() {
        for (place, entry) in fields() {
            assert_eq!(by_path(&place.to_string()), Some(place), "{}", entry.chinese);
            assert!(place.index < 128);
        }
        assert_eq!(by_path("stay.nothing"), None);
    }

    #[test]
    fn a_national_name_stands_for_one_field_of_its_node() {
        let mut seen = BTreeSet::new();
        for (place, entry) in fields() {
            for national in entry.national {
                assert_eq!(by_national(place.part.nodes()[0], national), Some(place), "{national}");
                assert!(
                    seen.insert((place.part.nodes()[0].replace("baseinfo", "setlinfo"), *national)),
                    "{national} twice"
                );
            }
        }
        assert_eq!(by_national("setlinfo", "ADM_TIME").map(|p| p.to_string()).as_deref(), Some("stay.admitted"));
        assert_eq!(by_national("diseinfo", "adm_time"), None);
    }

    #[test]
    fn rows_are_made_where_a_value_needs_them() {
        let mut list = SettlementList::default();
        let code = by_path("diagnoses.code").expect("a field");
        list.set(code, 2, " I10.x00 ").expect("read");
        assert_eq!(list.diagnoses.len(), 3);
        assert_eq!(list.get(code, 2), Some(Value::Text("I10.x00")));
        assert_eq!(list.get(code, 0), None);
        let total = by_path("charges.total").expect("a field");
        let refused = list.set(total, 0, "12.345").expect_err("three decimals");
        assert!(refused.to_string().contains("12.345"));
        assert_eq!(list.charges.total, None);
    }
}
