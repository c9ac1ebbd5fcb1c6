//! 分组规则. A condition as a tree. [`Condition::parse`] reads its text form,
//! `Display` writes it; both keep to the national workbook's rule language and extend it.

mod parse;
mod print;
mod tokens;

use terms::Quantity;

pub use parse::RuleError;

/// 规则. A condition on a case.
///
/// Unknown facts: a comparison with an unknown number is false, `in` with an unknown field is
/// false, and therefore `not in` with an unknown field is true.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Condition {
    /// `1` or `0`: always, or never.
    Always(bool),
    /// `a and b and …`: every one holds; true when empty.
    All(Vec<Condition>),
    /// `a or b or …`: at least one holds; false when empty.
    Any(Vec<Condition>),
    /// `not a`.
    Not(Box<Condition>),
    /// `{ZYZD, QTZD} in {DI_B00, MCC}`: some code of some named list is in some of the sets.
    /// A set's name may be that of a severity class (then only with `QTZD`).
    In {
        /// The lists looked at; never empty, all of one kind.
        lists: Vec<CodeList>,
        /// The sets; never empty.
        sets: Vec<SetRef>,
    },
    /// `QTZD in MCC except ami`: some code of some named list is in some of the sets and in none
    /// of the exceptions. So a diagnosis that makes the group is not also its complication.
    InExcept {
        /// The lists looked at; never empty, all of one kind.
        lists: Vec<CodeList>,
        /// The sets, or severity classes; never empty.
        sets: Vec<SetRef>,
        /// Sets whose codes are passed over; never empty.
        except: Vec<SetRef>,
    },
    /// `length(OP_IC2 ∩ {ZYSS, QTSS}) >= 2` and its kin.
    Measured {
        /// What is counted.
        measure: Measure,
        /// Only codes of this set are counted (with [`Measure::Outside`], only codes beyond it).
        /// `None`, every code, only with [`Measure::Entered`].
        set: Option<SetRef>,
        /// The lists looked at; never empty, all of one kind.
        lists: Vec<CodeList>,
        /// How it is compared.
        comparison: Comparison,
        /// With what.
        value: u32,
    },
    /// `NL >= 70`: a number compared; false when the number is unknown.
    Compare {
        /// The number.
        field: NumberField,
        /// How.
        comparison: Comparison,
        /// With what, in the field's unit.
        value: Quantity,
    },
    /// `LYFS in {"2", "5"}`: a coded field has one of these values; false when unknown.
    Is {
        /// The field.
        field: CodeField,
        /// Values, compared exactly; never empty.
        values: Vec<String>,
    },
    /// `known(XSRTL)`: the number or coded field of this name is known.
    Known(String),
    /// `procedures("A/B+C")`: the case's procedures, in any order, hold (A or B) and C.
    Procedures(ProcedureCell),
}

/// 诊断或手术栏. One of the four code lists of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeList {
    /// `ZYZD` 主要诊断: the first diagnosis.
    PrincipalDiagnosis,
    /// `QTZD` 其他诊断: all other diagnoses.
    OtherDiagnoses,
    /// `ZYSS` 主要手术: the first procedure.
    MainProcedure,
    /// `QTSS` 其他手术: all other procedures.
    OtherProcedures,
}

/// 数值项. A number of the case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberField {
    /// `NL` 年龄, whole years.
    Age,
    /// `XB` 性别: 1 male, 2 female.
    Sex,
    /// `XSRTL` 新生儿天龄: days from birth to admission.
    AgeDays,
    /// `XSRTZ` 新生儿体重 in grams.
    Weight,
    /// `ZYTS` 住院天数.
    Days,
    /// `ICUXS` 重症监护小时数.
    IcuHours,
    /// `FY` 总费用 in 元.
    Fee,
    /// A number that the scheme declares itself, by its name.
    Other(String),
}

/// 代码项. A coded field of the case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeField {
    /// `LYFS` 离院方式 (1 医嘱离院 2 转院 3 转社区 4 非医嘱 5 死亡 9 其他).
    LeavingType,
    /// `KS` 科室.
    Department,
    /// A code that the scheme declares itself, by its name.
    Other(String),
}

/// 比较. How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
}

/// 计数. What [`Condition::Measured`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// `count(lists)`, `count(set ∩ lists)`: how many codes were entered, repeats included.
    Entered,
    /// `length(set ∩ lists)`: how many distinct codes of the set.
    Codes,
    /// `outside(set, lists)`: how many codes, repeats included, are *not* in the set
    /// (“no other diagnosis than these”: `outside(X, QTZD) = 0`).
    Outside,
    /// `tags(set ∩ lists)`: how many distinct tags the codes carry in the set.
    Tags,
    /// `highest(set ∩ lists)`: the greatest tag, read as a whole number; 0 when no code is in the set.
    HighestTag,
    /// `sum(set ∩ lists)`: the tags of all codes entered, repeats included, read as whole numbers
    /// and added up.
    SumOfTags,
    /// `sum_of_highest(set ∩ lists)`: of each category the highest weight, added up. Tags are
    /// `category:weight`. 查尔森合并症指数 is `sum_of_highest(CCI ∩ QTZD)`.
    SumOfHighest,
}

/// 集合引用. A set of codes, by name or written in place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SetRef {
    /// `DI_B00`, or with one tag only: `NA1.ss#2`. Also a severity class: `MCC`.
    Named {
        /// The set's name.
        name: String,
        /// Only members with this tag.
        tag: Option<String>,
    },
    /// Codes written in place: `codes("K35.300")`, `prefix("K35.3")`, `range("A00", "B99")`.
    Here {
        /// What the texts stand for.
        shape: Shape,
        /// The codes; exactly two for a range.
        codes: Vec<String>,
    },
}

/// 匹配方式. What the text of a member stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// The code itself, character by character.
    #[default]
    Code,
    /// Every code that begins with it (亚目 `K35.3`, 类目 `K35`).
    Prefix,
    /// Every code whose first three characters lie between two categories, both included
    /// (`A00-B99`); a category is a letter and two digits.
    Range,
}

/// 手术组合. The procedure cell of a DIP catalogue: `A/B+C` is (A or B) and C.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProcedureCell {
    /// All of these parts; each is met by any one of its terms. Never empty.
    pub parts: Vec<Vec<ProcedureTerm>>,
}

/// One procedure of a [`ProcedureCell`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProcedureTerm {
    /// The code, or how it begins.
    pub code: String,
    /// Written with a trailing `*`: every code that begins so.
    pub prefix: bool,
}

impl NumberField {
    /// Its name in conditions.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            NumberField::Age => "NL",
            NumberField::Sex => "XB",
            NumberField::AgeDays => "XSRTL",
            NumberField::Weight => "XSRTZ",
            NumberField::Days => "ZYTS",
            NumberField::IcuHours => "ICUXS",
            NumberField::Fee => "FY",
            NumberField::Other(name) => name,
        }
    }

    /// The national or house name; `None` for every other word.
    #[must_use]
    pub fn named(name: &str) -> Option<NumberField> {
        Some(match name.to_ascii_uppercase().as_str() {
            "NL" => NumberField::Age,
            "XB" => NumberField::Sex,
            "XSRTL" => NumberField::AgeDays,
            "XSRTZ" => NumberField::Weight,
            "ZYTS" => NumberField::Days,
            "ICUXS" => NumberField::IcuHours,
            "FY" => NumberField::Fee,
            _ => return None,
        })
    }
}

impl CodeField {
    /// Its name in conditions.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            CodeField::LeavingType => "LYFS",
            CodeField::Department => "KS",
            CodeField::Other(name) => name,
        }
    }

    /// The house name; `None` for every other word.
    #[must_use]
    pub fn named(name: &str) -> Option<CodeField> {
        match name.to_ascii_uppercase().as_str() {
            "LYFS" => Some(CodeField::LeavingType),
            "KS" => Some(CodeField::Department),
            _ => None,
        }
    }
}

impl CodeList {
    /// Its name in conditions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CodeList::PrincipalDiagnosis => "ZYZD",
            CodeList::OtherDiagnoses => "QTZD",
            CodeList::MainProcedure => "ZYSS",
            CodeList::OtherProcedures => "QTSS",
        }
    }

    /// The national name; `None` for every other word.
    #[must_use]
    pub fn named(name: &str) -> Option<CodeList> {
        match name.to_ascii_uppercase().as_str() {
            "ZYZD" => Some(CodeList::PrincipalDiagnosis),
            "QTZD" => Some(CodeList::OtherDiagnoses),
            "ZYSS" => Some(CodeList::MainProcedure),
            "QTSS" => Some(CodeList::OtherProcedures),
            _ => None,
        }
    }

    /// Whether it holds procedures.
    #[must_use]
    pub fn is_procedures(self) -> bool {
        matches!(self, CodeList::MainProcedure | CodeList::OtherProcedures)
    }
}

impl Condition {
    /// Whether it looks at procedures anywhere.
    #[must_use]
    pub fn names_procedures(&self) -> bool {
        match self {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().any(Condition::names_procedures),
            Condition::Not(inner) => inner.names_procedures(),
            Condition::In { lists, .. } | Condition::InExcept { lists, .. } | Condition::Measured { lists, .. } => {
                lists.iter().any(|list| list.is_procedures())
            }
            Condition::Procedures(_) => true,
            Condition::Always(_) | Condition::Compare { .. } | Condition::Is { .. } | Condition::Known(_) => false,
        }
    }
}
