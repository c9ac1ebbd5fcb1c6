//! 科室与医师: under whom a stay is counted.

use listing::SettlementList;

/// What stands where a list names nobody.
pub const UNNAMED: &str = "（未填）";

/// 出院科室: its name, or its code.
#[must_use]
pub fn department(list: &SettlementList) -> &str {
    let stay = &list.stay;
    first([&stay.discharge_department_name, &stay.discharge_department, &stay.discharge_department_code])
}

/// 主诊医师: code and name where both are there, so that two of one name stay two; otherwise the
/// physician of the home page.
#[must_use]
pub fn doctor(list: &SettlementList) -> String {
    let stay = &list.stay;
    match (stay.attending.as_deref(), stay.attending_name.as_deref()) {
        (Some(code), Some(name)) => format!("{code} {name}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => first([&list.home_page.physician, &list.home_page.chief, &list.home_page.resident]).to_owned(),
    }
}

/// 医疗机构: its name, or its code, or what was stated for the whole file.
#[must_use]
pub fn institution<'a>(list: &'a SettlementList, otherwise: Option<&'a str>) -> &'a str {
    let basic = &list.basic;
    let stated = [&basic.institution_name, &basic.institution].into_iter().find_map(|name| name.as_deref());
    stated.or(otherwise).unwrap_or(UNNAMED)
}

fn first<const N: usize>(names: [&Option<String>; N]) -> &str {
    names.into_iter().find_map(|name| name.as_deref()).unwrap_or(UNNAMED)
}
