//! 代码与名称: a code with what it is called, so that pages and files need no table of their own.
//! Names of the region's things come from its folder; those of national code lists stand here.

use journeys::Centre;
use serde::Serialize;
use terms::Date;
use utoipa::ToSchema;

use crate::frame::Console;
use crate::{Named, words};

/// A code with its names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Coded {
    /// The code.
    pub code: String,
    /// 中文名; the code itself where it has none.
    pub name: String,
    /// English name, or empty.
    pub english: String,
}

impl Coded {
    fn of(code: &str, (name, english): (&str, &str)) -> Coded {
        let name = if name.is_empty() { code } else { name };
        Coded { code: code.to_owned(), name: name.to_owned(), english: english.to_owned() }
    }

    fn named(code: &str, named: Option<&Named>) -> Coded {
        Coded::of(code, named.map_or(("", ""), |named| (&named.name, &named.english)))
    }

    /// 医疗类别.
    #[must_use]
    pub fn med_type(code: &str) -> Coded {
        Coded::of(code, words::med_type(code))
    }

    /// 收费项目等级.
    #[must_use]
    pub fn level(code: &str) -> Coded {
        Coded::of(code, words::level(code))
    }

    /// 清算类别.
    #[must_use]
    pub fn stream(code: &str) -> Coded {
        let names = match code {
            "11" => ("门诊", "outpatient"),
            "12" => ("门诊挂号", "registration"),
            "13" => ("急诊", "emergency"),
            "14" => ("门诊慢特病", "chronic disease"),
            "21" => ("住院", "inpatient"),
            "22" => ("外伤住院", "stay after injury"),
            "28" => ("日间手术", "day surgery"),
            "41" => ("定点药店", "pharmacy"),
            "53" => ("生育门诊", "maternity outpatient"),
            "9978" => ("生育住院", "maternity stay"),
            "99" => ("其他", "other"),
            _ => ("", ""),
        };
        Coded::of(code, names)
    }

    /// 人员类别; a code that is not listed is named by its first two digits.
    #[must_use]
    pub fn person_group(code: &str) -> Coded {
        let names = match (code, code.get(..2).unwrap_or(code)) {
            ("", _) => ("未说明", "not said"),
            ("1103", _) => ("灵活就业在职", "flexibly employed"),
            ("1203", _) => ("灵活就业退休", "retired, flexibly employed"),
            ("1401", _) => ("新生儿", "newborn"),
            ("1402", _) => ("学龄前儿童", "pre-school child"),
            ("1403", _) => ("中小学生", "pupil"),
            ("1404", _) => ("大学生", "student"),
            (_, "11") => ("在职职工", "employed"),
            (_, "12") => ("退休人员", "retired"),
            (_, "13") => ("离休人员", "veteran cadre"),
            (_, "14") => ("未成年居民", "resident, minor"),
            (_, "15") => ("成年居民", "resident, adult"),
            (_, "16") => ("老年居民", "resident, elderly"),
            _ => ("", ""),
        };
        Coded::of(code, names)
    }

    /// 账户 of the ledger.
    #[must_use]
    pub fn account(account: &ledger::Account) -> Coded {
        Coded::of(account.key().0, words::account(account))
    }

    /// 机构, by the name that it has on a day.
    #[must_use]
    pub fn institution(centre: &Centre, code: &str, day: Date) -> Coded {
        let known = centre.institutions.on(code, day);
        Coded::of(code, (known.as_ref().map_or("", |row| &row.name), ""))
    }

    /// 科室 of an institution.
    #[must_use]
    pub fn department(centre: &Centre, institution: &str, code: &str) -> Coded {
        Coded::of(code, (centre.institutions.department(institution, code).unwrap_or(""), ""))
    }
}

impl Console {
    /// 险种 with its names.
    #[must_use]
    pub fn scheme(&self, code: &str) -> Coded {
        Coded::named(code, self.schemes.get(code))
    }

    /// 基金支付类型 with its names.
    #[must_use]
    pub fn fund(&self, code: &str) -> Coded {
        Coded::named(code, self.funds.get(code))
    }
}
