//! 比较: what changed between two folders, or two dates of one, in words a clerk understands;
//! and who gains or loses by it.

use std::collections::{BTreeMap, BTreeSet};

use adjudication::explain::Language;
use policy::{Cell, ExampleFile, Formula, Law, Table, Unit};
use terms::{Date, Exact, Fen};

use crate::world::{Ground, World};

/// What changed from law `a` to law `b`, one sentence a change.
#[must_use]
pub fn diff(a: &Law, b: &Law, language: Language) -> Vec<String> {
    let teller = Teller { language };
    let mut told = Vec::new();
    let new: BTreeMap<&str, &Table> = b.tables.iter().map(|table| (table.id.as_str(), table)).collect();
    for table in &a.tables {
        match new.get(table.id.as_str()) {
            Some(other) => teller.table(table, other, &mut told),
            None => told.push(teller.gone("参数表", "table", &table.name, &table.english)),
        }
    }
    for table in b.tables.iter().filter(|table| a.tables.iter().all(|other| other.id != table.id)) {
        told.push(teller.came("参数表", "table", &table.name, &table.english));
        for entry in table.cells() {
            told.push(teller.cell_set(table, &entry));
        }
    }
    teller.parts(&parts(a), &parts(b), &mut told);
    let order = |law: &Law| law.layers.iter().map(|layer| layer.name.to_string()).collect::<Vec<_>>();
    let common = |law: &Law, other: &Law| {
        let there = |layer: &&policy::Layer| other.layers.iter().any(|known| known.id == layer.id);
        law.layers.iter().filter(there).map(|layer| layer.id.to_string()).collect::<Vec<_>>()
    };
    if common(a, b) != common(b, a) {
        told.push(teller.pick(
            format!("支付次序：{} → {}", order(a).join("、"), order(b).join("、")),
            format!("order of payment: {} → {}", order(a).join(", "), order(b).join(", ")),
        ));
    }
    told
}

/// What is different in one law between two dates: every value that one day has and the
/// other has otherwise.
#[must_use]
pub fn diff_dates(law: &Law, before: Date, after: Date, language: Language) -> Vec<String> {
    let teller = Teller { language };
    let mut told = Vec::new();
    for table in &law.tables {
        for keys in keys_of(table) {
            let (old, new) = (in_force(table, &keys, before), in_force(table, &keys, after));
            let (Some(new), old) = (new, old) else { continue };
            if old.as_ref().map(|old| &old.0) != Some(&new.0) {
                told.push(teller.change(table, &keys, after, old.map(|old| old.0), Some(new.0), &new.1));
            }
        }
    }
    told
}

/// Who gains and who loses: every step of the examples is run under both laws, each example
/// in its own history, and the difference of the person's part is told.
#[must_use]
pub fn who_gains(a: Ground, b: Ground, examples: &[ExampleFile], language: Language) -> Vec<String> {
    let teller = Teller { language };
    let mut told = Vec::new();
    let (mut more, mut less, mut same, mut sum) = (0_u64, 0_u64, 0_u64, 0_i64);
    for example in examples {
        let (old, new) = (answers(a, example), answers(b, example));
        for (n, (old, new)) in (1..).zip(old.iter().zip(&new)) {
            match (old, new) {
                (Some(Ok(old)), Some(Ok(new))) if old == new => same += 1,
                (Some(Ok(old)), Some(Ok(new))) => {
                    sum += new.0 - old.0;
                    if new < old {
                        less += 1
                    } else {
                        more += 1
                    }
                    let (rises, falls) = (new > old, Fen((new.0 - old.0).abs()));
                    told.push(teller.pick(
                        format!(
                            "例 {} 第 {n} 步：个人负担 {old} → {new} 元（{} {falls}）",
                            example.id,
                            if rises { "多付" } else { "少付" }
                        ),
                        format!(
                            "example {} step {n}: the person's part {old} → {new} yuan ({falls} {})",
                            example.id,
                            if rises { "more" } else { "less" }
                        ),
                    ));
                }
                (Some(old), Some(new)) if old != new => {
                    let shown = |one: &Result<Fen, String>| match one {
                        Ok(part) => teller.pick(format!("个人负担 {part} 元"), format!("the person pays {part} yuan")),
                        Err(refusal) => refusal.clone(),
                    };
                    told.push(teller.pick(
                        format!("例 {} 第 {n} 步：{} → {}", example.id, shown(old), shown(new)),
                        format!("example {} step {n}: {} → {}", example.id, shown(old), shown(new)),
                    ));
                }
                _ => {}
            }
        }
    }
    told.push(teller.pick(
        format!("合计：{less} 笔少付，{more} 笔多付，{same} 笔不变；个人负担共变动 {} 元", Fen(sum)),
        format!(
            "in all: {less} bill(s) cost the person less, {more} more, {same} the same; together {} yuan",
            Fen(sum)
        ),
    ));
    told
}

/// The person's part of each step, or why there is none; `None` for steps without a bill.
fn answers(ground: Ground, example: &ExampleFile) -> Vec<Option<Result<Fen, String>>> {
    let world = World::new(ground, &example.person, &example.before, &example.filing);
    let mut world = match world {
        Ok(world) => world,
        Err(error) => return example.step.iter().map(|_| Some(Err(error.to_string()))).collect(),
    };
    let mut told = Vec::new();
    for step in &example.step {
        told.push(match world.step(step) {
            Err(error) => Some(Err(error.to_string())),
            Ok(outcome) => match (&outcome.refusal, outcome.heads()) {
                (Some(refusal), _) => Some(Err(format!("[{}] {}", refusal.code, refusal.message))),
                (None, Some(heads)) if crate::example::is_bill(step) => Some(Ok(heads.psn_part_amt)),
                _ => None,
            },
        });
    }
    told
}

/// 定义: everything but tables, as (kind, name) → what is written of it.
pub(crate) type Parts = BTreeMap<(&'static str, &'static str, String), (String, Vec<(&'static str, String)>)>;

pub(crate) fn parts(law: &Law) -> Parts {
    let mut parts = Parts::new();
    let text = |formula: &Formula| formula.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let optional = |formula: &Option<Formula>| formula.as_ref().map_or_else(String::new, text);
    let list = |list: &[Formula]| list.iter().map(text).collect::<Vec<_>>().join(", ");
    for value in &law.values {
        let cases: Vec<String> = value
            .cases
            .iter()
            .map(|case| match &case.when {
                None => text(&case.then),
                Some(when) => format!("{} ⇒ {}", text(when), text(&case.then)),
            })
            .collect();
        parts.insert(
            ("取值", "value", value.id.to_string()),
            (value.name.to_string(), vec![("formula", cases.join("; "))]),
        );
    }
    for find in &law.finds {
        let said = vec![
            ("in", format!("{:?}", find.source)),
            ("where", text(&find.condition)),
            ("first_by", list(&find.first_by)),
            ("last_by", list(&find.last_by)),
        ];
        parts.insert(("查找", "find", find.id.clone()), (find.name.clone(), said));
    }
    for layer in &law.layers {
        let limits: Vec<String> = layer
            .limits
            .iter()
            .map(|limit| format!("{} {} {}", limit.name, optional(&limit.when), text(&limit.remaining)))
            .collect();
        let bands = layer.bands.map_or_else(String::new, |n| law.tables[n].name.clone());
        let said = vec![
            ("when", optional(&layer.when)),
            ("pays", layer.pays.clone().unwrap_or_default()),
            ("fund", text(&layer.fund)),
            ("input", text(&layer.input)),
            ("from", optional(&layer.from)),
            ("threshold", optional(&layer.threshold)),
            ("bands", bands),
            ("ratio", optional(&layer.ratio)),
            ("limits", limits.join("; ")),
            ("rounding", format!("{:?}", layer.rounding)),
        ];
        parts.insert(("支付层", "layer", layer.id.to_string()), (layer.name.to_string(), said));
    }
    for total in &law.accumulators {
        let said = vec![("key", list(&total.key)), ("when", optional(&total.when)), ("add", optional(&total.add))];
        parts.insert(("累计", "accumulator", total.id.clone()), (total.name.clone(), said));
    }
    for sum in &law.line_sums {
        let said = vec![("part", format!("{:?}", sum.part)), ("where", text(&sum.condition))];
        parts.insert(("行合计", "line sum", sum.id.clone()), (sum.name.clone(), said));
    }
    for (n, refusal) in law.refusals.iter().enumerate() {
        let same =
            law.refusals[..n].iter().filter(|other| other.code == refusal.code && other.at == refusal.at).count();
        let id = format!("{} {:?} {same}", refusal.code, refusal.at);
        let said = vec![("when", text(&refusal.when))];
        parts.insert(("拒绝", "refusal", id), (refusal.code.clone(), said));
    }
    let split = &law.line_split;
    let said = vec![
        ("catalogue_date", text(&split.catalogue_date)),
        ("wholly_self_paid", text(&split.wholly_self_paid)),
        ("ceiling_key", text(&split.ceiling_key)),
        ("self_pay_ratio", text(&split.self_pay_ratio)),
    ];
    parts.insert(("费用分解", "line split", String::new()), (String::new(), said));
    let said = vec![("act_pay_dedc", text(&law.act_pay_dedc)), ("pool_prop_selfpay", text(&law.pool_prop_selfpay))];
    parts.insert(("输出", "output", String::new()), (String::new(), said));
    if let Some(share) = &law.hospital_share {
        parts.insert(
            ("医院负担", "hospital share", String::new()),
            (share.name.clone(), vec![("amount", text(&share.amount))]),
        );
    }
    parts
}

fn keys_of(table: &Table) -> BTreeSet<Vec<String>> {
    table.cells().map(|entry| entry.keys).collect()
}

/// The value written for these keys that is in force on `day`, and its article.
fn in_force(table: &Table, keys: &[String], day: Date) -> Option<(Cell, String)> {
    let fits =
        |entry: &policy::Entry| entry.keys == keys && entry.from <= day && entry.until.is_none_or(|until| day <= until);
    table.cells().filter(fits).last().map(|entry| (entry.cell.clone(), entry.article.to_owned()))
}

struct Teller {
    language: Language,
}

impl Teller {
    fn pick(&self, chinese: String, english: String) -> String {
        if self.language == Language::Chinese { chinese } else { english }
    }

    fn named<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        if self.language == Language::English && !english.is_empty() { english } else { chinese }
    }

    fn gone(&self, chinese: &str, english: &str, name: &str, name_english: &str) -> String {
        self.pick(format!("删去{chinese}“{name}”"), format!("{english} “{}” is gone", self.named(name, name_english)))
    }

    fn came(&self, chinese: &str, english: &str, name: &str, name_english: &str) -> String {
        self.pick(format!("新增{chinese}“{name}”"), format!("{english} “{}” is new", self.named(name, name_english)))
    }

    /// The days on which two versions of a table differ, key by key.
    fn table(&self, old: &Table, new: &Table, told: &mut Vec<String>) {
        let days: BTreeSet<Date> = old.cells().chain(new.cells()).flat_map(days_of).collect();
        for keys in keys_of(old).union(&keys_of(new)) {
            let mut last: Option<(Option<Cell>, Option<Cell>)> = None;
            for day in &days {
                let (was, is) = (in_force(old, keys, *day), in_force(new, keys, *day));
                let article = is.as_ref().or(was.as_ref()).map(|found| found.1.clone()).unwrap_or_default();
                let pair = (was.map(|found| found.0), is.map(|found| found.0));
                if pair.0 != pair.1 && last.as_ref() != Some(&pair) {
                    told.push(self.change(new, keys, *day, pair.0.clone(), pair.1.clone(), &article));
                }
                last = Some(pair);
            }
        }
    }

    fn change(
        &self,
        table: &Table,
        keys: &[String],
        day: Date,
        old: Option<Cell>,
        new: Option<Cell>,
        article: &str,
    ) -> String {
        let keys = if keys.is_empty() { String::new() } else { format!(" [{}]", keys.join(" · ")) };
        let none = self.pick("无".to_owned(), "none".to_owned());
        let shown = |cell: &Option<Cell>| cell.as_ref().map_or_else(|| none.clone(), |cell| show(cell, table.unit));
        let unit = self.unit(table.unit);
        let name = self.named(&table.name, &table.english);
        let article = match (article.is_empty(), self.language) {
            (true, _) => String::new(),
            (false, Language::Chinese) => format!("（{article}）"),
            (false, Language::English) => format!(" ({article})"),
        };
        self.pick(
            format!("{name}{keys}: {day} 起 {} → {}{unit}{article}", shown(&old), shown(&new)),
            format!("{name}{keys}: from {day} {} → {}{unit}{article}", shown(&old), shown(&new)),
        )
    }

    fn cell_set(&self, table: &Table, entry: &policy::Entry) -> String {
        self.change(table, &entry.keys, entry.from, None, Some(entry.cell.clone()), entry.article)
    }

    fn unit(&self, unit: Unit) -> &'static str {
        match (unit, self.language) {
            (Unit::Yuan, Language::Chinese) => " 元",
            (Unit::Yuan, Language::English) => " yuan",
            (Unit::Percent, _) => " %",
            _ => "",
        }
    }

    fn parts(&self, old: &Parts, new: &Parts, told: &mut Vec<String>) {
        for (key, (name, said)) in old {
            let (chinese, english, id) = key;
            let called = if name.is_empty() || name == id { id.clone() } else { format!("{name} ({id})") };
            let Some((_, now)) = new.get(key) else {
                told.push(self.gone(chinese, english, &called, ""));
                continue;
            };
            for ((aspect, was), (_, is)) in said.iter().zip(now).filter(|((_, was), (_, is))| was != is) {
                let none = self.pick("（无）".to_owned(), "(none)".to_owned());
                let shown = |text: &str| if text.is_empty() { none.clone() } else { text.to_owned() };
                told.push(self.pick(
                    format!("{chinese}“{called}” 的 {aspect}：{} → {}", shown(was), shown(is)),
                    format!("{english} “{called}”, {aspect}: {} → {}", shown(was), shown(is)),
                ));
            }
        }
        for ((chinese, english, id), (name, _)) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
            let called = if name.is_empty() { id.clone() } else { format!("{name} ({id})") };
            told.push(self.came(chinese, english, &called, ""));
        }
    }
}

/// The days on which an entry begins and ceases.
fn days_of(entry: policy::Entry) -> Vec<Date> {
    let after = entry.until.and_then(|until| until.tomorrow().ok());
    [Some(entry.from), after].into_iter().flatten().collect()
}

pub(crate) fn show(cell: &Cell, unit: Unit) -> String {
    let number = |number: &Exact, unit: Unit| match unit {
        Unit::Yuan => plain(terms::round_half_away(*number)),
        Unit::Percent => number.times(Exact::whole(100)).map_or_else(|_| number.to_string(), |n| n.to_string()),
        _ => number.to_string(),
    };
    match cell {
        Cell::Number(value) => number(value, unit),
        Cell::Text(text) => text.clone(),
        Cell::Date(date) => date.to_string(),
        Cell::Bands(bands) => bands
            .iter()
            .map(|band| match band.upto {
                Some(upto) => format!("≤{}: {} %", number(&upto, Unit::Yuan), number(&band.ratio, Unit::Percent)),
                None => format!("{} %", number(&band.ratio, Unit::Percent)),
            })
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// An amount without `.00`.
fn plain(amount: Fen) -> String {
    let text = amount.to_string();
    text.strip_suffix(".00").map_or_else(|| text.clone(), str::to_owned)
}
