//! 限制内容: what an official knowledge point says in a sentence, as parameters of its rule.
//!
//! A handful of patterns, each for one thing (age, course, level, kind of visit, frequency,
//! interval, sex). What no pattern reads is told and never guessed.

use super::text::{Number, after, clauses, numbers, plain};

/// One column of a knowledge row.
pub type Cell = (&'static str, String);

/// Why a sentence gives no parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotUnderstood(pub String);

fn not(words: &str) -> NotUnderstood {
    NotUnderstood(words.to_owned())
}

fn cell(column: &'static str, value: impl ToString) -> Cell {
    (column, value.to_string())
}

/// 年龄范围, in completed units, both ends allowed; an end that is left open is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ages {
    from: Option<u32>,
    to: Option<u32>,
}

/// 年龄: the range within which a drug or service is paid. Several indications with their own
/// ages give the range around them all: only an age outside every one is outside. A child without
/// an age leaves both ends open: until when one is a child is the region's to say.
pub(super) fn ages(text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    let mut around: Option<(Ages, &'static str)> = None;
    for clause in clauses(text) {
        let Some((own, unit)) = ages_of(&clause)? else { continue };
        around = Some(match around {
            None => (own, unit),
            Some((all, known)) if known == unit => {
                (Ages { from: open(all.from, own.from, u32::min), to: open(all.to, own.to, u32::max) }, unit)
            }
            Some(_) => return Err(not("ages in different units")),
        });
    }
    let Some((range, unit)) = around else {
        let text = plain(text);
        let child = ["儿童", "小儿", "青少年"].iter().any(|word| text.contains(word));
        return if child { Ok(Vec::new()) } else { Err(not("no age and no word for a child")) };
    };
    let from = range.from.map(|from| cell("age_min", format!("{from}{unit}")));
    let to = range.to.map(|to| cell("age_max", format!("{to}{unit}")));
    Ok(from.into_iter().chain(to).collect())
}

/// The wider of two ends; an open one stays open.
fn open(a: Option<u32>, b: Option<u32>, wider: fn(u32, u32) -> u32) -> Option<u32> {
    Some(wider(a?, b?))
}

fn ages_of(clause: &str) -> Result<Option<(Ages, &'static str)>, NotUnderstood> {
    let mut found: Option<(Ages, &'static str)> = None;
    let mut add = |ages: Ages, unit| {
        if found.is_some_and(|(known, _)| known != ages) {
            return Err(not("two ages in one indication"));
        }
        found = Some((ages, unit));
        Ok(())
    };
    let numbers: Vec<Number> = numbers(clause);
    let mut at = 0;
    while let Some(number) = numbers.get(at) {
        at += 1;
        let rest = number.rest;
        if let Some(second) = numbers.get(at).filter(|_| joined(rest).is_some())
            && let Some((unit, tail)) = age_unit(second.rest)
        {
            at += 1;
            let to = if tail.starts_with("以下") { second.value.saturating_sub(1) } else { second.value };
            add(Ages { from: Some(number.value), to: Some(to) }, unit)?;
            continue;
        }
        let Some((unit, tail)) = age_unit(rest) else { continue };
        let again = after(tail, &["及", "以及"]).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if ["及以上", "以上", "及其以上"].iter().any(|word| tail.starts_with(word)) || again.is_some() || number.least
        {
            at += usize::from(again.is_some());
            add(Ages { from: Some(number.value), to: None }, unit)?;
        } else if tail.starts_with("及以下") {
            add(Ages { from: None, to: Some(number.value) }, unit)?;
        } else if tail.starts_with("以下") || number.below {
            add(Ages { from: None, to: Some(number.value.saturating_sub(1)) }, unit)?;
        } else {
            return Err(not("an age without 以上 or 以下"));
        }
    }
    Ok(found)
}

/// What follows the word between two ends of a range, if there is one.
fn joined(rest: &str) -> Option<&str> {
    let rest = age_unit(rest).map_or(rest, |(_, tail)| tail);
    after(rest, &["-", "~", "～", "—", "–", "至"]).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn age_unit(rest: &str) -> Option<(&'static str, &str)> {
    let units: [(&[&str], &str); 3] = [(&["周岁", "岁"], "y"), (&["个月龄", "月龄"], "m"), (&["日龄", "天龄"], "d")];
    units.into_iter().find_map(|(words, unit)| Some((unit, after(rest, words)?)))
}

/// 支付疗程: so many days of one stay or (blank) one episode, or until so long after the first.
pub(super) fn course(text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    let limits: Vec<(u32, &str)> = numbers(text)
        .iter()
        .filter(|number| ends_with_any(number.before, &["不超过", "最多支付", "最多"]))
        .filter_map(|number| Some((number.value, span(number.rest)?)))
        .collect();
    let [(limit, unit)] = limits[..] else {
        return Err(not(if limits.is_empty() { "no number of days" } else { "several numbers of days" }));
    };
    match unit {
        "d" if text.contains("单次") => Ok(vec![cell("max", limit), cell("window", "stay")]),
        "d" => Ok(vec![cell("max", limit), cell("window", "")]),
        "m" | "y" => Ok(vec![cell("after", format!("{limit}{unit}"))]),
        _ => Err(not("a course counted in weeks")),
    }
}

fn ends_with_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.ends_with(word))
}

fn span(rest: &str) -> Option<&'static str> {
    let units: [(&[&str], &str); 4] = [(&["天", "日"], "d"), (&["周"], "w"), (&["个月", "月"], "m"), (&["年"], "y")];
    units.into_iter().find_map(|(words, unit)| after(rest, words).map(|_| unit))
}

/// 医疗机构级别: the lowest level that may use it.
pub(super) fn level(text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    let third = text.contains("三级");
    let second = ["二级及以上", "二级以上"].iter().any(|word| text.contains(word));
    let least = match (second, third) {
        (true, false) => 2,
        (false, true) => 3,
        (true, true) => return Err(not("two levels for different institutions")),
        (false, false) => return Err(not("no level")),
    };
    let mut cells = vec![cell("level_min", least)];
    if text.contains("首次处方") {
        cells.push(cell("first_only", 1));
    }
    Ok(cells)
}

/// 就医方式: the kinds of visit in which it is paid.
pub(super) fn visits(text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    let inpatient = ["住院患者", "住院方可支付", "住院病人", "限住院"].iter().any(|word| text.contains(word));
    let kinds = match (inpatient, text.contains("急诊")) {
        (true, true) => "住院|急诊",
        (true, false) => "住院",
        (false, true) => "急诊",
        (false, false) => return Err(not("no kind of visit")),
    };
    Ok(vec![cell("kinds", kinds)])
}

/// 限定频次: once a day, or so many hours as a day has.
pub(super) fn frequency(text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    match plain(text).as_str() {
        "日" | "天" | "每日一次" | "每天一次" => Ok(vec![cell("max", 1)]),
        "小时" => Ok(vec![cell("max", 24), cell("hourly", 1)]),
        _ => Err(not("neither 日 nor 小时")),
    }
}

/// 周期: the least time from one to the next; once a week is a limit of the calendar week.
pub(super) fn interval(text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    if ["每周最多支付一次", "每周一次", "每周最多一次"].iter().any(|word| text.contains(word)) {
        return Ok(vec![cell("per_week", 1)]);
    }
    let least = |least: u32, unit: &str| match unit {
        "w" => Ok(vec![cell("min", format!("{}d", least * 7))]),
        unit => Ok(vec![cell("min", format!("{least}{unit}"))]),
    };
    let all = numbers(text);
    for number in all.iter().filter(|number| ends_with_any(number.before, &["不短于", "不少于", "不得少于"]))
    {
        if let Some(unit) = span(number.rest) {
            return least(number.value, unit);
        }
    }
    // A result that speaks for the last two to three months: the shorter end is the interval.
    for number in all.iter().filter(|number| number.before.ends_with('近')) {
        let far = joined(number.rest).and_then(|rest| numbers(rest).first().and_then(|far| span(far.rest)));
        if let Some(unit) = far.or_else(|| span(number.rest)) {
            return least(number.value, unit);
        }
    }
    Err(not("no interval"))
}

/// 儿童专用的项目: until which age.
pub(super) fn for_children(text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    let until = |age: &str| Ok(vec![cell("age_max", age)]);
    if text.contains("新生儿") {
        until("28d")
    } else if text.contains("婴幼儿") {
        until("2y")
    } else if text.contains("婴儿") {
        until("0y")
    } else if ["小儿", "儿童"].iter().any(|word| text.contains(word)) {
        Ok(Vec::new())
    } else {
        Err(not("no word for a child"))
    }
}

/// 儿童专用的药品: all are, by the rule that lists them, unless the label has a dose for adults.
pub(super) fn drug_for_children(text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    if ["成人用法", "成人用量", "成人及儿童", "成人和儿童"].iter().any(|word| text.contains(word)) {
        return Err(not("the label has a dose for adults"));
    }
    Ok(Vec::new())
}

const FEMALE: [&str; 44] = [
    "女",
    "妇",
    "经带",
    "经前",
    "宫内",
    "月经",
    "经期",
    "经行",
    "痛经",
    "调经",
    "闭经",
    "通经",
    "经水",
    "经量",
    "经血",
    "绝经",
    "白带",
    "带下",
    "止带",
    "阴道",
    "子宫",
    "宫颈",
    "宫缩",
    "外阴",
    "卵巢",
    "盆腔",
    "输卵管",
    "产后",
    "分娩",
    "催产",
    "引产",
    "妊娠",
    "早孕",
    "孕妇",
    "受孕",
    "流产",
    "安胎",
    "胎动",
    "恶露",
    "乳汁",
    "缺乳",
    "催乳",
    "下乳",
    "排卵",
];
const MALE: [&str; 12] =
    ["男", "前列腺", "阳痿", "阳萎", "阳事", "早泄", "遗精", "滑精", "勃起", "睾", "精子", "不射精"];

/// 性别: of whom the words speak, the item's name or its sentence.
pub(super) fn sex(item: &str, text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word) || item.contains(word));
    match (has(&FEMALE), has(&MALE)) {
        (true, false) => Ok(vec![cell("gend", 2)]),
        (false, true) => Ok(vec![cell("gend", 1)]),
        (true, true) => Err(not("words for both sexes")),
        (false, false) => Err(not("no word for a sex")),
    }
}

/// 年龄 with both ends said: blank ends mean the working age, which the region says.
pub(super) fn working_age(text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    if ["法定就业年龄", "劳动年龄"].iter().any(|word| text.contains(word)) {
        return Ok(Vec::new());
    }
    let mut cells = ages(text)?;
    for (column, widest) in [("age_min", "0d"), ("age_max", "200y")] {
        if !cells.iter().any(|(known, _)| *known == column) {
            cells.push(cell(column, widest));
        }
    }
    Ok(cells)
}

/// 手术组.
pub(super) fn operation_group(text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    let name = plain(text);
    if name.ends_with("手术组") { Ok(vec![cell("group", name)]) } else { Err(not("no group of operations")) }
}

/// 适应症: a sentence names diseases, a rule needs their codes.
pub(super) fn indication() -> Result<Vec<Cell>, NotUnderstood> {
    Err(not("the sentence names diseases and no codes of them"))
}

/// 二线: which drugs come first is not in the sentence; that it is second line is.
pub(super) fn second_line(text: &str) -> Result<Vec<Cell>, NotUnderstood> {
    match plain(text).trim_end_matches('。') {
        "限二线用药" | "二线用药" => Ok(Vec::new()),
        _ => Err(not("which treatment comes first stands in words")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(cells: Result<Vec<Cell>, NotUnderstood>) -> String {
        match cells {
            Ok(cells) => cells.iter().map(|(column, value)| format!("{column}={value}")).collect::<Vec<_>>().join(" "),
            Err(NotUnderstood(why)) => format!("? {why}"),
        }
    }

    #[test]
    fn ages_are_completed_years_with_both_ends_allowed() {
        let cases = [
            ("仅付4-10岁患儿", "age_min=4y age_max=10y"),
            ("仅付4岁至10岁患儿", "age_min=4y age_max=10y"),
            ("仅付4至10岁以下儿童", "age_min=4y age_max=9y"),
            ("仅付8周岁及以上患者", "age_min=8y"),
            ("仅付8岁及8岁以上儿童", "age_min=8y"),
            ("≥8岁儿童", "age_min=8y"),
            ("用于6月龄以下者", "age_max=5m"),
            ("用于6月龄及以下者", "age_max=6m"),
            ("仅付儿童", ""),
            ("仅付⼉童", ""),
            ("限：1.2岁至9岁儿童甲病；2.3岁至12岁儿童乙病。", "age_min=2y age_max=12y"),
            ("限：1.2岁至9岁儿童甲病；2.3岁及以上儿童乙病。", "age_min=2y"),
        ];
        for (text, wanted) in cases {
            assert_eq!(shown(ages(text)), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_not_certain_is_told_and_not_guessed() {
        assert_eq!(shown(ages("仅付8岁患者")), "? an age without 以上 or 以下");
        assert_eq!(shown(ages("仅付重症患者")), "? no age and no word for a child");
        assert_eq!(shown(course("支付不超过5支")), "? no number of days");
        assert_eq!(shown(course("首年不超过5天，此后不超过3天")), "? several numbers of days");
        assert_eq!(shown(level("三级医院或二级及以上专科医院")), "? two levels for different institutions");
        assert_eq!(shown(visits("限重症")), "? no kind of visit");
        assert_eq!(shown(sex("某片", "用于前列腺炎、盆腔炎")), "? words for both sexes");
        assert_eq!(shown(frequency("次")), "? neither 日 nor 小时");
    }

    #[test]
    fn a_course_has_its_unit_and_its_window() {
        let cases = [
            ("支付不超过7天", "max=7 window="),
            ("单次住院最多支付9天", "max=9 window=stay"),
            ("支付不超过6个月。", "after=6m"),
            ("支付不超过一年，每周最多支付一次", "after=1y"),
            ("限发作24小时内开始使用，支付不超过7天", "max=7 window="),
        ];
        for (text, wanted) in cases {
            assert_eq!(shown(course(text)), wanted, "{text}");
        }
    }

    #[test]
    fn an_interval_is_the_shorter_end() {
        assert_eq!(shown(interval("间隔不短于10天")), "min=10d");
        assert_eq!(shown(interval("每周最多支付一次")), "per_week=1");
        assert_eq!(shown(interval("反映近3-4周的水平")), "min=21d");
        assert_eq!(shown(interval("反映近3-4个月的水平")), "min=3m");
    }

    #[test]
    fn level_visit_sex_and_children_are_read_from_their_words() {
        assert_eq!(shown(level("限二级及以上医疗机构")), "level_min=2");
        assert_eq!(shown(level("首次处方时由二级及以上医疗机构开具")), "level_min=2 first_only=1");
        assert_eq!(shown(visits("限急诊或住院患者")), "kinds=住院|急诊");
        assert_eq!(shown(sex("某丸", "调经养血")), "gend=2");
        assert_eq!(shown(sex("前列某片", "")), "? no word for a sex");
        assert_eq!(shown(for_children("新生儿专用")), "age_max=28d");
        assert_eq!(shown(for_children("婴幼儿专用")), "age_max=2y");
        assert_eq!(shown(drug_for_children("用于小儿咳嗽")), "");
        assert_eq!(shown(working_age("限法定就业年龄段")), "");
        assert_eq!(shown(operation_group("胃肠手术组")), "group=胃肠手术组");
    }
}
