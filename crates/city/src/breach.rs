//! 违规账单: bills that break a national rule, at a low rate and labelled with the rule's number,
//! so that the findings of an audit can be held against what is true.

use jiff::ToSpan as _;
use terms::{DateTime, Quantity, line_amount};

use crate::city::City;
use crate::person::Person;
use crate::plan::Kind;
use crate::random::Dice;
use crate::region::Doctor;
use crate::visit::{Line, Visit, VisitDiagnosis};

/// Of ten thousand visits, how many are tried, at the full rate.
const TRIED: u64 = 110;

/// How a rule is broken; false when this visit gives no occasion.
type Break = fn(&City, &mut Visit, &mut Dice) -> bool;

/// By the rule's number in the national list.
const BREAKS: [Break; 13] = [
    prescribed_too_long,
    contained_test,
    counted_twice,
    after_discharge,
    too_many_drugs,
    diagnosis_of_the_other_sex,
    drug_for_children,
    drug_not_for_children,
    drug_of_the_other_sex,
    two_of_one_group,
    service_for_children,
    service_of_the_other_sex,
    too_many_implants,
];

/// Lets a visit break one rule, if its dice say so.
pub(crate) fn breach(city: &City, visit: &mut Visit, dice: &mut Dice) {
    if dice.below(10_000) >= TRIED * u64::from(city.options.fraud) / 100 {
        return;
    }
    let first = usize::try_from(dice.below(u64::try_from(BREAKS.len()).unwrap_or(1))).unwrap_or(0);
    let in_turn = BREAKS.iter().cycle().skip(first).take(BREAKS.len());
    for way in in_turn {
        if way(city, visit, dice) {
            visit.lines.sort_by_key(|line| line.time);
            return;
        }
    }
}

/// 医师暂停支付资格: the days of one in a hundred doctors, while the city plants anything.
pub(crate) fn suspension(city: &City, doctor: &Doctor) -> Option<terms::Period> {
    let options = &city.options;
    let code: u64 = doctor.code.bytes().fold(11, |sum, byte| sum * 31 % 1_000_003 + u64::from(byte));
    let mut dice = Dice::keyed(options.seed, &[SUSPENSION, code]);
    if options.fraud == 0 || !doctor.title.ends_with("医师") || !dice.chance(12) {
        return None;
    }
    let first = i64::try_from(dice.below(u64::from(options.days))).unwrap_or(0);
    let begin = options.from.saturating_add(first.days());
    Some(terms::Period { begin, end: Some(begin.saturating_add(dice.range(30, 90).days())) })
}

const SUSPENSION: u64 = 90;

fn years(person: &Person, visit: &Visit) -> i16 {
    person.birth.until((jiff::Unit::Year, visit.begin.date())).map_or(0, |span| span.get_years())
}

/// Adds a line of a named item; false when the catalogue has none in force.
fn add(city: &City, visit: &mut Visit, name: &str, time: DateTime, (count, days): (i64, u16)) -> bool {
    let day = time.date();
    let item = city.region.items.iter().find(|item| item.name == name && item.period.covers(day));
    let Some(item) = item.filter(|item| visit.lines.iter().all(|line| line.code != item.code)) else {
        return false;
    };
    let price =
        item.ceilings.get(&visit.institution.level).map_or(item.typical_price, |top| item.typical_price.min(*top));
    let count = Quantity(count * 10_000);
    let Ok(amount) = line_amount(price, count) else {
        return false;
    };
    visit.lines.push(Line {
        number: visit.lines.iter().map(|line| line.number).max().unwrap_or(0) + 1,
        code: item.code.clone(),
        name: item.name.clone(),
        time,
        count,
        price,
        amount,
        approval: if item.restricted { "1" } else { "0" },
        refund_of: None,
        withdrawn: false,
        days,
        package: 0,
        breaks: "",
        planted: false,
    });
    true
}

/// Adds a line that breaks a rule.
fn wrong(city: &City, visit: &mut Visit, rule: &'static str, name: &str, how: (i64, u16)) -> bool {
    let time = usual_time(visit);
    let added = add(city, visit, name, time, how);
    if let Some(line) = visit.lines.last_mut().filter(|_| added) {
        line.breaks = rule;
    }
    added
}

/// When the visit's first line is keyed in.
fn usual_time(visit: &Visit) -> DateTime {
    visit.lines.first().map_or(visit.begin, |line| line.time)
}

fn outpatient(visit: &Visit) -> bool {
    matches!(visit.kind, Kind::Outpatient | Kind::Emergency)
}

/// An untouched line whose name holds one of the words.
fn find<'a>(visit: &'a mut Visit, words: &[&str]) -> Option<&'a mut Line> {
    let refunded: Vec<u32> = visit.lines.iter().filter_map(|line| line.refund_of).collect();
    visit.lines.iter_mut().find(|line| {
        let named = words.iter().any(|word| line.name.contains(word));
        named && line.refund_of.is_none() && !line.withdrawn && !refunded.contains(&line.number)
    })
}

fn recount(line: &mut Line, count: i64, rule: &'static str) -> bool {
    let Ok(amount) = line_amount(line.price, Quantity(count * 10_000)) else {
        return false;
    };
    (line.count, line.amount, line.breaks) = (Quantity(count * 10_000), amount, rule);
    true
}

/// 9: weeks of a drug at an ordinary visit.
fn prescribed_too_long(_: &City, visit: &mut Visit, dice: &mut Dice) -> bool {
    if visit.kind != Kind::Outpatient {
        return false;
    }
    let days = dice.pick(&[14, 15, 21, 30]).copied().unwrap_or(15);
    let line =
        visit.lines.iter_mut().find(|line| line.days > 0 && line.code.starts_with(['X', 'Z']) && !line.withdrawn);
    line.is_some_and(|line| {
        (line.days, line.breaks) = (days, "9");
        true
    })
}

/// 25: a test that another one contains.
fn contained_test(city: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    if !(outpatient(visit) || visit.is_stay()) {
        return false;
    }
    let time = usual_time(visit);
    add(city, visit, "口服葡萄糖耐量试验", time, (1, 0)) && wrong(city, visit, "25", "葡萄糖测定", (1, 0))
}

/// 27: a day's care or bed twice.
fn counted_twice(_: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    visit.is_stay() && find(visit, &["级护理", "床位费"]).is_some_and(|line| recount(line, 2, "27"))
}

/// 42: care on the day after discharge.
fn after_discharge(_: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    let late = visit.end.date().saturating_add(1.days()).at(8, 30, 0, 0);
    let number = visit.lines.iter().map(|line| line.number).max().unwrap_or(0) + 1;
    let stay = visit.is_stay();
    let Some(line) = find(visit, &["级护理"]).filter(|_| stay) else {
        return false;
    };
    let line = Line { number, time: late, breaks: "42", ..line.clone() };
    visit.lines.push(line);
    true
}

/// 46: seven drugs on one prescription.
fn too_many_drugs(city: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    if visit.kind != Kind::Outpatient || years(&visit.person, visit) < 18 {
        return false;
    }
    let time = usual_time(visit);
    let more = [
        "连花清瘟胶囊",
        "布洛芬缓释胶囊",
        "盐酸氨溴索口服溶液",
        "盐酸西替利嗪片",
        "胃苏颗粒",
        "甲钴胺片",
        "金水宝胶囊",
    ];
    let added = more.iter().filter(|name| add(city, visit, name, time, (1, 5))).count();
    if added >= 6 {
        visit.breaks = "46";
    }
    added >= 6
}

/// 54: a diagnosis that this sex cannot have.
fn diagnosis_of_the_other_sex(city: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    let code = if visit.person.male { "N72.x00" } else { "N40.x00" };
    let term = city.region.diagnoses.iter().find(|term| term.code == code);
    let Some(term) = term.filter(|_| visit.kind == Kind::Outpatient && visit.person.age >= 18) else {
        return false;
    };
    visit.diagnoses.push(VisitDiagnosis::new(term, false));
    visit.breaks = "54";
    true
}

/// 65: a children's drug for an adult.
fn drug_for_children(city: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    outpatient(visit) && years(&visit.person, visit) >= 20 && wrong(city, visit, "65", "小儿氨酚黄那敏颗粒", (1, 3))
}

/// 66: a fluoroquinolone for a child.
fn drug_not_for_children(city: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    outpatient(visit)
        && (3..16).contains(&years(&visit.person, visit))
        && wrong(city, visit, "66", "左氧氟沙星片", (1, 5))
}

/// 67: a drug for the other sex.
fn drug_of_the_other_sex(city: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    let name = if visit.person.male { "乌鸡白凤丸" } else { "非那雄胺片" };
    outpatient(visit) && years(&visit.person, visit) >= 18 && wrong(city, visit, "67", name, (1, 5))
}

/// 69: two drugs that do the same.
fn two_of_one_group(city: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    if visit.kind != Kind::Outpatient || years(&visit.person, visit) < 18 {
        return false;
    }
    let time = usual_time(visit);
    add(city, visit, "奥美拉唑肠溶胶囊", time, (1, 7)) && wrong(city, visit, "69", "艾司奥美拉唑镁肠溶片", (1, 7))
}

/// 80: a children's service for an adult.
fn service_for_children(city: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    outpatient(visit) && years(&visit.person, visit) >= 20 && wrong(city, visit, "80", "小儿推拿", (1, 0))
}

/// 81: a service for the other sex.
fn service_of_the_other_sex(city: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    let name = if visit.person.male { "妇科彩色多普勒超声" } else { "总前列腺特异性抗原测定" };
    let possible = outpatient(visit) || visit.is_stay() && visit.kind != Kind::Delivery;
    possible && years(&visit.person, visit) >= 18 && wrong(city, visit, "81", name, (1, 0))
}

/// 86: more joints than a person has.
fn too_many_implants(_: &City, visit: &mut Visit, _: &mut Dice) -> bool {
    find(visit, &["人工膝关节", "人工髋关节"]).is_some_and(|line| recount(line, 4, "86"))
}
