//! 病例: a settlement list as the grouper needs it, and a grouped stay as its price needs it.
//!
//! Nothing is corrected here: codes are taken as they stand on the list, and what the list does
//! not say stays unknown. Ages that are not stated are counted from the birth date.

use grouping::{Answer, Case, Grouper, NewbornWeight, OtherField, Scheme, Scratch, Sex, Status};
use listing::{Moment, Part, SettlementList, Value, by_path};
use terms::{Date, Exact, Fen, InstitutionId, Quantity};

/// 病例 of a list, for a scheme: a field that the scheme declares itself and whose name is a path
/// of the list (`stay.ventilator`), or whose title is the list's own word, is filled from it.
#[must_use]
pub fn case_of(list: &SettlementList, scheme: &Scheme) -> Case {
    let (basic, stay) = (&list.basic, &list.stay);
    let (other_numbers, other_codes) = others_of(list, &scheme.fields);
    Case {
        id: [&basic.settlement, &basic.list_no, &basic.record_no, &basic.visit]
            .into_iter()
            .find_map(Clone::clone)
            .unwrap_or_default(),
        diagnoses: diagnoses_of(list),
        procedures: procedures_of(list),
        sex: basic.sex.as_deref().and_then(Sex::from_code),
        age: small(basic.age).or_else(|| age_of(list)),
        age_days: small(basic.age_days).or_else(|| age_days_of(list)),
        weight: weight_of(list, scheme.options.newborn_weight),
        days: small(stay.days).or_else(|| days_of(list)),
        leaving_type: stay.way_out.clone(),
        department: stay.discharge_department.clone(),
        icu_hours: icu_hours_of(list),
        fee: list.charges.total,
        other_numbers,
        other_codes,
    }
}

/// Western diagnoses, the principal one first.
fn diagnoses_of(list: &SettlementList) -> Vec<String> {
    let western = |row: &&listing::Diagnosis| matches!(row.kind.as_deref(), None | Some("1"));
    let rows: Vec<_> = list.diagnoses.iter().filter(western).collect();
    let main = rows.iter().position(|row| row.main.as_deref() == Some("1")).unwrap_or_default();
    let principal = rows.get(main).map(|row| row.code.clone().unwrap_or_default());
    let others = rows.iter().enumerate().filter(|(at, _)| *at != main).filter_map(|(_, row)| row.code.clone());
    principal.into_iter().chain(others).collect()
}

/// Operations, the main one first.
fn procedures_of(list: &SettlementList) -> Vec<String> {
    let main = list.operations.iter().position(|row| row.kind.as_deref() == Some("1")).unwrap_or_default();
    let first = list.operations.get(main);
    let others = list.operations.iter().enumerate().filter(|(at, _)| *at != main).map(|(_, row)| row);
    first.into_iter().chain(others).filter_map(|row| row.code.clone()).collect()
}

fn small(number: Option<i64>) -> Option<u32> {
    u32::try_from(number?).ok()
}

/// Whole years on the day of admission.
pub(crate) fn age_of(list: &SettlementList) -> Option<u32> {
    if list.basic.age_days.is_some_and(|days| (0..365).contains(&days)) {
        return Some(0);
    }
    let (born, admitted) = (list.basic.birth?, list.stay.admitted?.date);
    let had_birthday = (admitted.month(), admitted.day()) >= (born.month(), born.day());
    let years = admitted.year() - born.year() - i16::from(!had_birthday);
    u32::try_from(years).ok()
}

/// Days from birth to admission, of children under one year.
pub(crate) fn age_days_of(list: &SettlementList) -> Option<u32> {
    let (born, admitted) = (list.basic.birth?, list.stay.admitted?);
    let days = u32::try_from(Moment::day(born).days_until(admitted)).ok()?;
    (age_of(list) == Some(0)).then_some(days)
}

/// 同日出入院按 1 天: days between the dates, at least one.
fn days_of(list: &SettlementList) -> Option<u32> {
    let days = list.stay.admitted?.days_until(list.stay.discharged?);
    u32::try_from(days).ok().map(|days| days.max(1))
}

fn weight_of(list: &SettlementList, wanted: NewbornWeight) -> Option<u32> {
    let (birth, admission) = (list.basic.birth_weight, list.basic.admission_weight);
    let known = |weight: Option<Quantity>| weight.filter(|weight| weight.0 > 0);
    let weight = match wanted {
        NewbornWeight::Admission => known(admission).or(known(birth)),
        NewbornWeight::Birth => known(birth).or(known(admission)),
    };
    u32::try_from(Exact::from(weight?).floor().as_whole()?).ok()
}

/// The stated sum, or the stays in intensive care added up; unknown when one of them is open.
fn icu_hours_of(list: &SettlementList) -> Option<Quantity> {
    if let Some(hours) = list.stay.icu_hours {
        return Some(hours);
    }
    if list.icu_stays.is_empty() {
        // A source that has the section and left it empty says: none.
        return list.scope.holds_part(Part::IcuStays).then_some(Quantity(0));
    }
    let minutes = list.icu_stays.iter().map(|stay| match stay.length {
        Some(length) => Some(length.0),
        None => stay.entered?.minutes_until(stay.left?),
    });
    let minutes = minutes.sum::<Option<i64>>()?;
    let hours = Exact::whole(minutes).over(Exact::whole(60))?;
    Some(Quantity(hours.to_scaled(4)))
}

type Others = (Vec<(String, Quantity)>, Vec<(String, String)>);

fn others_of(list: &SettlementList, fields: &[OtherField]) -> Others {
    let (mut numbers, mut codes) = (Vec::new(), Vec::new());
    for field in fields {
        let named = |(_, entry): &(_, &'static listing::Entry)| entry.chinese == field.title;
        let place = by_path(&field.name).or_else(|| listing::fields().find(named).map(|(place, _)| place));
        match (place.and_then(|place| list.get(place, 0)), field.kind) {
            (Some(Value::Number(number)), grouping::FieldKind::Number) => {
                numbers.push((field.name.clone(), Quantity(number.to_scaled(4))));
            }
            (Some(Value::Text(code)), grouping::FieldKind::Code) => codes.push((field.name.clone(), code.to_owned())),
            _ => {}
        }
    }
    (numbers, codes)
}

/// How the price sees a grouper's answer.
#[must_use]
pub fn grouped_as(status: Status) -> payment::Grouped {
    match status {
        Status::Grouped | Status::Fallback => payment::Grouped::Grouped,
        Status::Ambiguous => payment::Grouped::Ambiguous,
        Status::Ungroupable => payment::Grouped::Ungroupable,
        Status::NeedsData | Status::Invalid => payment::Grouped::Invalid,
    }
}

/// 辅助目录: the levels that a grouped case meets and that the plan prices in its group.
#[must_use]
pub fn auxiliary_of(
    grouper: &Grouper,
    plan: &payment::PaymentFile,
    case: &Case,
    answer: &Answer,
    scratch: &mut Scratch,
) -> Vec<String> {
    let met = grouper.auxiliary(case, scratch, answer);
    plan.auxiliary_of(grouper.groups(answer).group, met.iter().map(|row| row.id.as_str()))
}

/// What a hospital's own export often leaves out, because it is the same for every row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StayDefaults {
    /// 定点医疗机构代码.
    pub institution: Option<String>,
    /// 医保结算等级.
    pub level: Option<String>,
    /// 险种.
    pub insurance: Option<String>,
}

/// A fact that a price needs and the list does not state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("定价缺少{chinese} (`{path}`): the list does not state it; {way_out}")]
pub struct MissingFact {
    /// The field's path in the list.
    pub path: &'static str,
    /// Its Chinese name.
    pub chinese: &'static str,
    /// What to do.
    pub way_out: &'static str,
}

/// A stay that is to be priced: the list, and how it was grouped.
#[derive(Debug, Clone, Copy)]
pub struct GroupedStay<'a> {
    /// 结算清单.
    pub list: &'a SettlementList,
    /// The scheme that grouped it.
    pub scheme: &'a Scheme,
    /// What was asked of it.
    pub case: &'a Case,
    /// Status.
    pub status: Status,
    /// 组号; empty if there is none.
    pub group: &'a str,
    /// 辅助目录, as [`auxiliary_of`] gives it.
    pub auxiliary: &'a [String],
}

impl GroupedStay<'_> {
    /// The facts of its price. Before settlement an export holds neither funds nor what the
    /// patient pays: an amount that is not stated at all counts as nothing, and the settlement
    /// date is the discharge date. `pool_fund` is the 基金支付类型 that pays the pool's part.
    ///
    /// # Errors
    /// The first fact that must be known and is not.
    pub fn to_price(
        &self,
        defaults: &StayDefaults,
        pool_fund: impl Fn(&str) -> Option<String>,
    ) -> Result<payment::Case, MissingFact> {
        const STATE_OR_OPTION: &str = "add the column, or state it once for the whole file";
        const STATE: &str = "add the column";
        let missing = |path, chinese, way_out| MissingFact { path, chinese, way_out };
        let (basic, charges) = (&self.list.basic, &self.list.charges);
        let either = |stated: &Option<String>, otherwise: &Option<String>| stated.clone().or_else(|| otherwise.clone());
        let insurance = either(&basic.insurance, &defaults.insurance).ok_or(missing(
            "basic.insurance",
            "医保类型",
            STATE_OR_OPTION,
        ))?;
        let discharged = self.list.stay.discharged.ok_or(missing("stay.discharged", "出院时间", STATE))?.date;
        let (item_fund, other_funds) = self.funds(pool_fund(&insurance).as_deref());
        Ok(payment::Case {
            id: self.case.id.clone(),
            scheme: self.scheme.id.clone(),
            scheme_version: self.scheme.version.clone(),
            institution: either(&basic.institution, &defaults.institution).map(InstitutionId).ok_or(missing(
                "basic.institution",
                "定点医疗机构代码",
                STATE_OR_OPTION,
            ))?,
            level: either(&basic.settlement_level, &defaults.level).ok_or(missing(
                "basic.settlement_level",
                "医保结算等级",
                STATE_OR_OPTION,
            ))?,
            insurance,
            discharged,
            settled: self.settled().unwrap_or(discharged),
            grouped: grouped_as(self.status),
            group: self.group.to_owned(),
            auxiliary: self.auxiliary.to_vec(),
            days: self.case.days.ok_or(missing("stay.days", "实际住院天数", STATE))?,
            fee: charges.total.ok_or(missing("charges.total", "医疗费用总额", STATE))?,
            excluded: Fen::ZERO,
            patient: self.patient(),
            other_funds,
            item_fund,
            day_class: String::new(),
            decision: None,
            numbers: std::collections::BTreeMap::new(),
            texts: std::collections::BTreeMap::new(),
        })
    }

    fn settled(&self) -> Option<Date> {
        self.list.charges.settled.map(|moment| moment.date).or(self.list.charges.end)
    }

    /// Cash and account, or, where a list states neither, own share and own payment.
    fn patient(&self) -> Fen {
        let charges = &self.list.charges;
        let of = |one: Option<Fen>, other: Option<Fen>| one.unwrap_or_default() + other.unwrap_or_default();
        match (charges.cash, charges.account) {
            (None, None) => of(charges.self_pay, charges.own_pay),
            (cash, account) => of(cash, account),
        }
    }

    /// What the pool's fund booked item by item, and what other funds paid.
    fn funds(&self, pool_fund: Option<&str>) -> (Fen, Fen) {
        let rows = &self.list.fund_payments;
        if rows.is_empty() {
            return (self.list.charges.fund.unwrap_or_default(), Fen::ZERO);
        }
        let sum = |pool: bool| {
            let of_pool = |row: &&listing::FundPayment| (row.fund.as_deref() == pool_fund) == pool;
            rows.iter().filter(of_pool).filter_map(|row| row.amount).sum()
        };
        (sum(true), sum(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(fields: &[(&str, usize, &str)]) -> SettlementList {
        let mut list = SettlementList::default();
        for (path, row, text) in fields {
            list.set(by_path(path).expect("a field"), *row, text).expect("a value");
        }
        list
    }

    #[test]
    fn the_principal_diagnosis_and_the_main_operation_come_first_and_chinese_medicine_is_left_out() {
        let list = list(&[
            ("diagnoses.code", 0, "BNW010"),
            ("diagnoses.kind", 0, "2"),
            ("diagnoses.code", 1, "I10.x00x002"),
            ("diagnoses.kind", 1, "1"),
            ("diagnoses.code", 2, "I63.900"),
            ("diagnoses.main", 2, "1"),
            ("operations.code", 0, "88.4100"),
            ("operations.kind", 0, "2"),
            ("operations.code", 1, "38.1200x001"),
            ("operations.kind", 1, "1"),
        ]);
        let case = case_of(&list, &Scheme::default());
        assert_eq!(case.diagnoses, ["I63.900", "I10.x00x002"]);
        assert_eq!(case.procedures, ["38.1200x001", "88.4100"]);
    }

    #[test]
    fn an_age_that_is_not_stated_is_counted_and_a_newborns_days_too() {
        let child = list(&[("basic.birth", 0, "2026-03-01"), ("stay.admitted", 0, "2026-03-09 10:00")]);
        let case = case_of(&child, &Scheme::default());
        assert_eq!((case.age, case.age_days), (Some(0), Some(8)));
        let adult = list(&[("basic.birth", 0, "1960-03-10"), ("stay.admitted", 0, "2026-03-09")]);
        let case = case_of(&adult, &Scheme::default());
        assert_eq!((case.age, case.age_days), (Some(65), None));
        assert_eq!(case_of(&SettlementList::default(), &Scheme::default()).age, None);
    }

    #[test]
    fn of_two_weights_the_one_that_the_scheme_wants_is_taken() {
        let both = list(&[("basic.birth_weight", 0, "1980"), ("basic.admission_weight", 0, "2010.00")]);
        assert_eq!(case_of(&both, &Scheme::default()).weight, Some(2010));
        let mut birth = Scheme::default();
        birth.options.newborn_weight = NewbornWeight::Birth;
        assert_eq!(case_of(&both, &birth).weight, Some(1980));
        let one = list(&[("basic.birth_weight", 0, "1980"), ("basic.admission_weight", 0, "0")]);
        assert_eq!(case_of(&one, &Scheme::default()).weight, Some(1980));
    }

    #[test]
    fn hours_in_intensive_care_are_added_up_only_when_every_stay_is_closed() {
        let mut stays = list(&[
            ("icu_stays.length", 0, "1/6/0"),
            ("icu_stays.entered", 1, "2026-03-09 10:00"),
            ("icu_stays.left", 1, "2026-03-09 12:30"),
        ]);
        assert_eq!(case_of(&stays, &Scheme::default()).icu_hours, Some(Quantity(325_000)));
        stays.icu_stays[1].left = None;
        assert_eq!(case_of(&stays, &Scheme::default()).icu_hours, None);
    }

    #[test]
    fn a_field_of_a_citys_own_is_filled_from_the_list_by_path_or_by_its_chinese_word() {
        let ventilated = list(&[("stay.ventilator", 0, "1/1/0"), ("stay.way_in", 0, "1")]);
        let field = |name: &str, title: &str, kind| OtherField { name: name.into(), title: title.into(), kind };
        let fields = vec![
            field("VENT", "呼吸机使用时长", grouping::FieldKind::Number),
            field("stay.way_in", "", grouping::FieldKind::Code),
            field("XYZ", "没有这一项", grouping::FieldKind::Number),
        ];
        let case = case_of(&ventilated, &Scheme { fields, ..Scheme::default() });
        assert_eq!(case.other_numbers, [("VENT".to_owned(), Quantity(15_000_000))]);
        assert_eq!(case.other_codes, [("stay.way_in".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn a_price_names_the_fact_that_it_lacks_and_parts_the_funds() {
        let scheme = Scheme { id: "s".into(), version: "1".into(), ..Scheme::default() };
        let mut list = list(&[
            ("basic.insurance", 0, "310"),
            ("stay.discharged", 0, "2026-03-09"),
            ("stay.days", 0, "4"),
            ("charges.total", 0, "1000.00"),
            ("charges.cash", 0, "200.00"),
            ("fund_payments.fund", 0, "390100"),
            ("fund_payments.amount", 0, "700.00"),
            ("fund_payments.fund", 1, "330100"),
            ("fund_payments.amount", 1, "100.00"),
        ]);
        let case = case_of(&list, &Scheme::default());
        let price = |list: &SettlementList| {
            let auxiliary = ["age:66+".to_owned()];
            let stay = GroupedStay {
                list,
                scheme: &scheme,
                case: &case,
                status: Status::Grouped,
                group: "AA19",
                auxiliary: &auxiliary,
            };
            let defaults = StayDefaults { institution: Some("H1".into()), level: Some("3".into()), insurance: None };
            stay.to_price(&defaults, |_| Some("390100".to_owned()))
        };
        let priced = price(&list).expect("all facts");
        assert_eq!((priced.item_fund, priced.other_funds, priced.patient), (Fen(70_000), Fen(10_000), Fen(20_000)));
        assert_eq!(priced.auxiliary, ["age:66+"]);
        list.charges.total = None;
        assert!(price(&list).expect_err("no total").to_string().contains("医疗费用总额"));
    }
}
