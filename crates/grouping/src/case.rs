//! 病例. The facts of one stay, as the engine needs them.

use terms::{Fen, Quantity};

/// 性别. As groupers know it; anything else on the list is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// 男, code 1.
    Male,
    /// 女, code 2.
    Female,
}

impl Sex {
    /// Reads the national code: 1 or 2; everything else is unknown.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Sex> {
        match code {
            "1" => Some(Sex::Male),
            "2" => Some(Sex::Female),
            _ => None,
        }
    }
}

/// 病例. One stay. `None` means unknown, never zero.
///
/// Codes are compared exactly, as written in the code system that the scheme names; they
/// are neither trimmed nor translated here. That is the work of whoever reads the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    /// 病案号 or any other name of the case; the engine only hands it through.
    pub id: String,
    /// 诊断: the principal one first. Empty, or a blank first code: the principal diagnosis is unknown.
    pub diagnoses: Vec<String>,
    /// 手术及操作: the main one first. Empty: none was done.
    pub procedures: Vec<String>,
    /// 性别.
    pub sex: Option<Sex>,
    /// 年龄 in whole years.
    pub age: Option<u32>,
    /// 天龄: days from birth to admission.
    pub age_days: Option<u32>,
    /// 新生儿体重 in grams (admission weight for 3.0, birth weight before). Zero counts as unknown.
    pub weight: Option<u32>,
    /// 住院天数.
    pub days: Option<u32>,
    /// 离院方式, national code.
    pub leaving_type: Option<String>,
    /// 科室, as the scheme names it.
    pub department: Option<String>,
    /// 重症监护小时数.
    pub icu_hours: Option<Quantity>,
    /// 总费用. DIP and some cities group by it.
    pub fee: Option<Fen>,
    /// Numbers that only some schemes know, by the scheme's field name.
    pub other_numbers: Vec<(String, Quantity)>,
    /// Codes that only some schemes know, by the scheme's field name.
    pub other_codes: Vec<(String, String)>,
}
