//! 请求: what a program sends. Amounts are in 元; decimals are texts (`"1234.50"`) or numbers.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::str::FromStr;

use grouping::{Case, Sex};
use journeys::{StayDefaults, case_of};
use listing::SettlementList;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use terms::{Date, Exact, Fen, InstitutionId, Quantity};
use utoipa::ToSchema;

use super::problem::{Fault, Trouble};
use super::{Limits, lists};
use crate::shelf::Installed;

/// An exact decimal, as text or as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal<T>(pub T);

impl<'de, T: FromStr<Err: std::fmt::Display>> Deserialize<'de> for Decimal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: Cow<'_, str> = match Value::deserialize(deserializer)? {
            Value::String(text) => text.into(),
            Value::Number(number) => number.to_string().into(),
            other => return Err(serde::de::Error::custom(format!("{other} is not a decimal, as \"12.50\""))),
        };
        text.trim().parse().map(Decimal).map_err(serde::de::Error::custom)
    }
}

/// A code that programs also send as a number: `"1"` or `1`.
fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) if number.is_u64() => Ok(Some(number.to_string())),
        Some(other) => Err(serde::de::Error::custom(format!("{other} is not a code, as \"1\""))),
    }
}

/// 病例. Absent means unknown, never zero.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Case)]
pub struct CaseIn {
    /// Any name of the case; it comes back with the answer. No personal data is needed.
    #[serde(default)]
    pub id: String,
    /// 诊断, the principal one first, in the scheme's code system.
    pub diagnoses: Vec<String>,
    /// 手术及操作, the main one first.
    #[serde(default)]
    pub procedures: Vec<String>,
    /// 性别: 1 male, 2 female.
    #[serde(default, deserialize_with = "code")]
    pub sex: Option<String>,
    /// 年龄 in whole years.
    pub age: Option<u32>,
    /// 天龄: days from birth to admission, of children under one year.
    pub age_days: Option<u32>,
    /// 新生儿体重 in grams.
    pub weight: Option<u32>,
    /// 住院天数.
    pub days: Option<u32>,
    /// 离院方式, national code.
    #[serde(default, deserialize_with = "code")]
    pub leaving_type: Option<String>,
    /// 科室, as the scheme names it.
    #[serde(default, deserialize_with = "code")]
    pub department: Option<String>,
    /// 重症监护小时数.
    #[schema(value_type = Option<String>, examples("36.5"))]
    pub icu_hours: Option<Decimal<Quantity>>,
    /// 总费用 in 元.
    #[schema(value_type = Option<String>, examples("12250.00"))]
    pub fee: Option<Decimal<Fen>>,
    /// Numbers that only this scheme knows, by its field name.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub numbers: BTreeMap<String, Decimal<Quantity>>,
    /// Codes that only this scheme knows, by its field name.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
    /// What a price needs besides; only for `price`.
    pub settlement: Option<SettlementIn>,
}

/// 结算信息. What a price needs of a case. Absent amounts are nothing.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Settlement)]
pub struct SettlementIn {
    /// 定点医药机构编号.
    pub institution: String,
    /// 医疗机构级别: 1, 2, 3.
    pub level: String,
    /// 险种: 310, 390 ….
    pub insurance: String,
    /// 出院日期.
    #[schema(value_type = String, format = Date)]
    pub discharged: Date,
    /// 结算日期; the discharge date unless given.
    #[schema(value_type = Option<String>, format = Date)]
    pub settled: Option<Date>,
    /// 个人支付 in 元: cash and accounts.
    #[schema(value_type = Option<String>)]
    pub patient: Option<Decimal<Fen>>,
    /// 其他基金支付 in 元.
    #[schema(value_type = Option<String>)]
    pub other_funds: Option<Decimal<Fen>>,
    /// 按项目记账 in 元.
    #[schema(value_type = Option<String>)]
    pub item_fund: Option<Decimal<Fen>>,
    /// 除外支付 in 元: new drugs and devices paid apart, part of the fee.
    #[schema(value_type = Option<String>)]
    pub excluded: Option<Decimal<Fen>>,
    /// 床日类别, as the plan names it; absent for an ordinary stay.
    #[serde(default)]
    pub day_class: String,
    /// 辅助目录: rows of the plan's auxiliary table that the case meets, besides those that the
    /// scheme finds by itself.
    #[serde(default)]
    pub auxiliary: Vec<String>,
    /// Numbers that the plan declares.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub numbers: BTreeMap<String, Decimal<Exact>>,
    /// Texts that the plan declares.
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
}

/// 分组请求. Give `cases`, or whole settlement lists in `lists`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupRequest {
    /// `id` or `id@version`; may be left out where one scheme is there.
    pub scheme: Option<String>,
    /// One case or many.
    #[serde(default)]
    #[schema(value_type = Vec<CaseIn>)]
    pub cases: Vec<Value>,
    /// 结算清单, in our field names or as the body of 4101.
    #[serde(default)]
    #[schema(value_type = Vec<lists::SettlementListSchema>)]
    pub lists: Vec<Value>,
    /// With the reasons, line by line.
    #[serde(default)]
    pub explain: bool,
    /// With what each diagnosis would lead to as principal: shown in the given order, never ranked.
    #[serde(default)]
    pub what_if: bool,
}

/// 质控请求.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QcRequest {
    /// 结算清单, in our field names or as the body of 4101.
    #[schema(value_type = Vec<lists::SettlementListSchema>)]
    pub lists: Vec<Value>,
}

/// 定价请求. Give `cases` with their `settlement`, or whole settlement lists in `lists`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceRequest {
    /// `id` or `id@version`; may be left out where one scheme is there.
    pub scheme: Option<String>,
    /// 支付方案; may be left out where the scheme has one.
    pub payment: Option<String>,
    /// One case or many.
    #[serde(default)]
    #[schema(value_type = Vec<CaseIn>)]
    pub cases: Vec<Value>,
    /// 结算清单, in our field names or as the body of 4101.
    #[serde(default)]
    #[schema(value_type = Vec<lists::SettlementListSchema>)]
    pub lists: Vec<Value>,
    /// With the steps of each price.
    #[serde(default)]
    pub explain: bool,
}

/// A request's body as `T`; a fault names the field.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Trouble> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut json);
    read.map_err(|error| Trouble::of_faults(vec![fault("", None, &error)]))
}

fn fault(before: &str, row: Option<usize>, error: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let path = error.path().to_string();
    let field = match (before, path.as_str()) {
        ("", path) => path.to_owned(),
        (before, ".") => before.to_owned(),
        (before, path) => format!("{before}.{path}"),
    };
    Fault { row, field, message: error.inner().to_string() }
}

/// A stay to be grouped, and, where it came as a list, the list.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is grouped.
    pub case: Case,
    /// What a price needs besides, where it came as a case.
    pub settlement: Option<SettlementIn>,
    /// The list, where it came as one.
    pub list: Option<SettlementList>,
}

/// The stays of a request, cases first; or every fault in them.
///
/// # Errors
/// [`Trouble`] names each fault by row and field; or there are none, or too many.
pub fn stays(
    cases: Vec<Value>,
    lists: Vec<Value>,
    installed: &Installed,
    limits: &Limits,
) -> Result<Vec<Asked>, Trouble> {
    limits.check(cases.len() + lists.len())?;
    let mut faults = Vec::new();
    let mut asked = Vec::with_capacity(cases.len() + lists.len());
    for (at, case) in cases.into_iter().enumerate() {
        match serde_path_to_error::deserialize::<_, CaseIn>(case) {
            Ok(case) => asked.push(case.asked()),
            Err(error) => faults.push(fault(&format!("cases[{at}]"), Some(at + 1), &error)),
        }
    }
    for list in self::lists::read_all(lists, &mut faults) {
        let case = case_of(&list, installed.grouper.scheme());
        asked.push(Asked { case, settlement: None, list: Some(list) });
    }
    if faults.is_empty() { Ok(asked) } else { Err(Trouble::of_faults(faults)) }
}

impl CaseIn {
    fn asked(self) -> Asked {
        let case = Case {
            id: self.id,
            diagnoses: self.diagnoses,
            procedures: self.procedures,
            sex: self.sex.as_deref().and_then(Sex::from_code),
            age: self.age,
            age_days: self.age_days,
            weight: self.weight,
            days: self.days,
            leaving_type: self.leaving_type,
            department: self.department,
            icu_hours: self.icu_hours.map(|hours| hours.0),
            fee: self.fee.map(|fee| fee.0),
            other_numbers: self.numbers.into_iter().map(|(name, number)| (name, number.0)).collect(),
            other_codes: self.codes.into_iter().collect(),
        };
        Asked { case, settlement: self.settlement, list: None }
    }
}

/// What [`Asked::to_price`] needs to know of how the stay was grouped.
#[derive(Debug, Clone, Copy)]
pub struct GroupedAs<'a> {
    /// The scheme.
    pub installed: &'a Installed,
    /// 分组状态.
    pub status: grouping::Status,
    /// 组号.
    pub group: &'a str,
    /// Levels that the case meets.
    pub auxiliary: &'a [String],
}

impl Asked {
    /// The facts of the stay's price.
    ///
    /// # Errors
    /// What is missing, in words.
    pub fn to_price(&self, grouped: &GroupedAs<'_>, plan: &payment::PaymentFile) -> Result<payment::Case, String> {
        let scheme = grouped.installed.grouper.scheme();
        let found = plan.auxiliary_of(grouped.group, grouped.auxiliary.iter().map(String::as_str));
        if let Some(list) = &self.list {
            let stay = journeys::GroupedStay {
                list,
                scheme,
                case: &self.case,
                status: grouped.status,
                group: grouped.group,
                auxiliary: &found,
            };
            let fund = |insurance: &str| plan.pool_of(insurance).map(|pool| pool.fund.clone());
            return stay.to_price(&StayDefaults::default(), fund).map_err(|missing| missing.to_string());
        }
        let settlement = self.settlement.clone().ok_or("`settlement` is missing: a price needs it")?;
        let mut auxiliary = settlement.auxiliary;
        auxiliary.extend(found);
        auxiliary.sort_unstable();
        auxiliary.dedup();
        let amount = |amount: Option<Decimal<Fen>>| amount.map_or(Fen::ZERO, |amount| amount.0);
        Ok(payment::Case {
            id: self.case.id.clone(),
            scheme: scheme.id.clone(),
            scheme_version: scheme.version.clone(),
            institution: InstitutionId(settlement.institution),
            level: settlement.level,
            insurance: settlement.insurance,
            discharged: settlement.discharged,
            settled: settlement.settled.unwrap_or(settlement.discharged),
            grouped: journeys::grouped_as(grouped.status),
            group: grouped.group.to_owned(),
            auxiliary,
            days: self.case.days.ok_or("`days` is missing: a price needs it")?,
            fee: self.case.fee.ok_or("`fee` is missing: a price needs it")?,
            excluded: amount(settlement.excluded),
            patient: amount(settlement.patient),
            other_funds: amount(settlement.other_funds),
            item_fund: amount(settlement.item_fund),
            day_class: settlement.day_class,
            decision: None,
            numbers: settlement.numbers.into_iter().map(|(name, number)| (name, number.0)).collect(),
            texts: settlement.texts,
        })
    }
}
