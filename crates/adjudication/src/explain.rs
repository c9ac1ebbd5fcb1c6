//! 说明: a settlement told to a citizen, step by step, in Chinese or English, from its trace.

use std::collections::HashMap;

use policy::Law;
use terms::{Exact, Fen};

use crate::facts::Settlement;
use crate::trace::{BandStep, LimitStep, Shown, Step, StepKind};

/// In which language people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 中文.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// `zh…` is Chinese, anything else English.
    #[must_use]
    pub fn of_tag(tag: &str) -> Language {
        if tag.to_ascii_lowercase().starts_with("zh") { Language::Chinese } else { Language::English }
    }
}

/// 说明 of a settlement: each step with its article, what went in, the ratio or limit, what
/// came out, and at the end where each fen went. The names of values are the law's.
#[must_use]
pub fn explain(settlement: &Settlement, law: Option<&Law>, language: Language) -> String {
    let teller = Teller { names: names(settlement), language };
    let title = law.map(|law| match language {
        Language::English if !law.english.is_empty() => law.english.as_str(),
        _ => law.title.as_str(),
    });
    let mut told = vec![match (title, language) {
        (Some(title), Language::Chinese) => format!("按《{title}》结算，各步如下（单位：元）。"),
        (None, Language::Chinese) => "结算的各步如下（单位：元）。".to_owned(),
        (Some(title), Language::English) => format!("Settled under “{title}”, step by step (in yuan)."),
        (None, Language::English) => "Settled step by step (in yuan).".to_owned(),
    }];
    let mut number = 0;
    for step in &settlement.trace.0 {
        let Some(words) = teller.step(step) else { continue };
        number += 1;
        let article = match (step.article.is_empty(), language) {
            (true, _) => String::new(),
            (false, Language::Chinese) => format!("（{}）", step.article),
            (false, Language::English) => format!(" ({})", step.article),
        };
        let colon = if language == Language::Chinese { "：" } else { ": " };
        told.push(format!("{number}. {}{article}{colon}{words}", teller.name(step)));
    }
    told.push(teller.where_each_fen_went(settlement));
    told.join("\n")
}

struct Teller<'a> {
    /// 中文名 and English name by the name in formulas.
    names: HashMap<&'a str, (&'a str, &'a str)>,
    language: Language,
}

/// What the trace itself calls things: its steps and the names in their formulas.
fn names(settlement: &Settlement) -> HashMap<&str, (&str, &str)> {
    let mut names: HashMap<&str, (&str, &str)> = HashMap::new();
    for step in &settlement.trace.0 {
        names.insert(&step.rule, (&step.name, &step.english));
        if let StepKind::Value { operands, .. } = &step.kind {
            for operand in operands.iter().filter(|operand| !operand.name.is_empty()) {
                let id = operand.id.split('.').next().unwrap_or(&operand.id);
                names.entry(id).or_insert((&operand.name, &operand.english));
            }
        }
    }
    names
}

impl Teller<'_> {
    fn name(&self, step: &Step) -> String {
        let english = self.language == Language::English && !step.english.is_empty();
        if english { step.english.to_string() } else { step.name.to_string() }
    }

    fn pick(&self, chinese: String, english: String) -> String {
        if self.language == Language::Chinese { chinese } else { english }
    }

    /// `None` for a step in which nothing happened that a citizen would ask about.
    fn step(&self, step: &Step) -> Option<String> {
        match &step.kind {
            StepKind::Lines { total, full_self_pay, over_limit, pre_self_pay, in_scope } => Some(self.pick(
                format!(
                    "费用总额 {total}，其中全自费 {full_self_pay}、超限价自费 {over_limit}、先行自付 {pre_self_pay}，\
                     符合政策范围 {in_scope}。"
                ),
                format!(
                    "the bill is {total}: {full_self_pay} wholly self-paid, {over_limit} above price ceilings, \
                     {pre_self_pay} paid first by the person, and {in_scope} within the scope of the policy."
                ),
            )),
            StepKind::Value { formula, operands, result } => {
                let shown: Vec<String> = operands
                    .iter()
                    .filter(|operand| operand.value != *result)
                    .map(|operand| format!("{} {}", self.called(&operand.id), value(&operand.value)))
                    .collect();
                let result = value(result);
                if shown.is_empty() {
                    return Some(self.pick(format!("{result}。"), format!("{result}.")));
                }
                let formula = if formula.chars().count() > 120 { String::new() } else { self.formula(formula) };
                Some(match (self.language, formula.is_empty()) {
                    (Language::Chinese, true) => format!("由 {} 得 {result}。", shown.join("、")),
                    (Language::Chinese, false) => {
                        format!("由 {}，按“{formula}”得 {result}。", shown.join("、"))
                    }
                    (Language::English, true) => format!("from {} comes {result}.", shown.join(", ")),
                    (Language::English, false) => {
                        format!("from {}, by “{formula}”, comes {result}.", shown.join(", "))
                    }
                })
            }
            StepKind::Layer { input, from, threshold, bands, limits, uncapped, paid, .. } => {
                Some(self.layer(Priced { input: *input, from: *from, threshold: *threshold }, bands, limits, *uncapped, *paid))
            }
            StepKind::Account { input, paid, .. } => Some(self.pick(
                format!("账户可付 {input}，实付 {paid}。"),
                format!("of {input} that accounts may pay, {paid} is paid."),
            )),
            StepKind::Person { fund_total, hospital, person, account, cash } => Some(self.pick(
                format!(
                    "各项基金合计支付 {fund_total}，医院负担 {hospital}，个人负担 {person}：其中账户支付 {account}，现金 {cash}。"
                ),
                format!(
                    "all funds pay {fund_total}, the hospital bears {hospital} and the person {person}: {account} from \
                     accounts and {cash} in cash."
                ),
            )),
        }
    }

    fn layer(&self, priced: Priced, bands: &[BandStep], limits: &[LimitStep], uncapped: Fen, paid: Fen) -> String {
        let Priced { input, from, threshold } = priced;
        let mut told = vec![self.pick(format!("计入 {input}"), format!("{input} goes in"))];
        if !from.is_zero() {
            told.push(self.pick(format!("此前已累计 {from}"), format!("{from} had already accumulated")));
        }
        if let Some(threshold) = threshold {
            told.push(self.pick(format!("起付 {threshold}"), format!("only what lies above {threshold} counts")));
        }
        let used: Vec<String> = bands
            .iter()
            .filter(|band| !band.fee.is_zero())
            .map(|band| format!("{} × {} = {}", band.fee, percent(band.ratio), yuan(band.product)))
            .collect();
        if used.is_empty() {
            told.push(self.pick("没有可支付的部分".to_owned(), "nothing is left to be paid".to_owned()));
        } else {
            told.push(used.join(if self.language == Language::Chinese { "；" } else { "; " }));
            if used.len() > 1 || paid == uncapped {
                told.push(self.pick(format!("得 {uncapped}"), format!("which gives {uncapped}")));
            }
        }
        for limit in limits.iter().filter(|limit| paid < uncapped && limit.remaining <= paid) {
            let article = if limit.article.is_empty() { String::new() } else { format!("，{}", limit.article) };
            told.push(self.pick(
                format!("不超过{} {}{article}", limit.name, limit.remaining),
                format!("no more than the limit “{}” with {} left", limit.name, limit.remaining),
            ));
        }
        told.push(self.pick(format!("支付 {paid}。"), format!("it pays {paid}.")));
        told.join(if self.language == Language::Chinese { "，" } else { ", " })
    }

    fn where_each_fen_went(&self, settlement: &Settlement) -> String {
        let heads = &settlement.heads;
        let mut parts = Vec::new();
        for row in &settlement.detail {
            let name = self.fund_name(settlement, &row.fund_pay_type);
            parts.push(format!("{name} [{}] {}", row.fund_pay_type, row.fund_payamt));
        }
        parts.push(self.pick(format!("现金 {}", heads.psn_cash_pay), format!("cash {}", heads.psn_cash_pay)));
        self.pick(
            format!("每一分的去处：{} = {}。", heads.medfee_sumamt, parts.join(" + ")),
            format!("Where each fen went: {} = {}.", heads.medfee_sumamt, parts.join(" + ")),
        )
    }

    fn fund_name(&self, settlement: &Settlement, code: &str) -> String {
        let of_step = settlement.trace.0.iter().find(|step| match &step.kind {
            StepKind::Layer { fund, paid, .. } | StepKind::Account { fund, paid, .. } => {
                **fund == *code && !paid.is_zero()
            }
            _ => false,
        });
        if let Some(step) = of_step {
            return self.name(step);
        }
        if settlement.heads.hosp_part_amt.is_zero() {
            return code.to_owned();
        }
        self.pick("医院负担".to_owned(), "the hospital".to_owned())
    }

    /// What the law calls a name of a formula.
    fn called(&self, name: &str) -> String {
        let (head, part) = name.split_once('.').unwrap_or((name, ""));
        if let Some((chinese, english)) = self.names.get(head) {
            let called = if self.language == Language::English && !english.is_empty() { english } else { chinese };
            return match (part, self.language) {
                ("" | "paid", _) => (*called).to_owned(),
                (_, Language::Chinese) => format!("{called}（{part}）"),
                (_, Language::English) => format!("{called} ({part})"),
            };
        }
        let (chinese, english) = match name {
            "in_scope" => ("符合政策范围", "amount in scope"),
            "pre_self_pay" => ("先行自付", "pre-self-pay"),
            "over_limit" => ("超限价自费", "above ceilings"),
            "full_self_pay" => ("全自费", "wholly self-paid"),
            "total_fee" => ("费用总额", "the whole bill"),
            "fund_total" => ("基金支付合计", "all funds"),
            "person_part" => ("个人负担", "the person's part"),
            _ => (name, name),
        };
        self.pick(chinese.to_owned(), english.to_owned())
    }

    /// A formula with the law's words for its names.
    fn formula(&self, formula: &str) -> String {
        let mut told = String::new();
        let mut word = String::new();
        for c in formula.split_whitespace().collect::<Vec<_>>().join(" ").chars().chain([' ']) {
            if c.is_alphanumeric() || c == '_' || c == '.' {
                word.push(c);
                continue;
            }
            told.push_str(&self.word(&word));
            word.clear();
            match c {
                '*' => told.push('×'),
                '/' => told.push('÷'),
                other => told.push(other),
            }
        }
        told.trim_end().to_owned()
    }

    fn word(&self, word: &str) -> String {
        let chinese = match word {
            "if" => "若",
            "then" => "则",
            "else" => "否则",
            "and" => "且",
            "or" => "或",
            "not" => "非",
            "min" => "取小",
            "max" => "取大",
            "in" => "属于",
            _ => return self.called(word),
        };
        self.pick(chinese.to_owned(), word.to_owned())
    }
}

/// What a layer priced.
struct Priced {
    input: Fen,
    from: Fen,
    threshold: Option<Fen>,
}

fn value(shown: &Shown) -> String {
    match shown {
        Shown::Money(amount) => amount.to_string(),
        Shown::Number(number) => number.to_string(),
        Shown::Text(text) => text.clone(),
    }
}

/// A ratio as a percentage.
fn percent(ratio: Exact) -> String {
    ratio.times(Exact::whole(100)).map_or_else(|_| ratio.to_string(), |percent| format!("{percent} %"))
}

/// An exact amount in 分 as yuan, to 分 where it is whole and with its decimals where not.
fn yuan(product: Exact) -> String {
    match product.as_whole() {
        Some(fen) => Fen(fen).to_string(),
        None => product.over(Exact::whole(100)).unwrap_or(product).to_string(),
    }
}
