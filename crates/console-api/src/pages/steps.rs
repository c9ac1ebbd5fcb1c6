//! 步骤: the trace of a decision, told step by step with its articles.

use adjudication::trace::{BandStep, LimitStep, Operand, Shown, Step, StepKind};
use journeys::Explanation;
use maud::{Markup, html};
use terms::{Exact, Fen};

use crate::Page;
use crate::html::{both, grouped, named, yuan};

/// The steps in which something happened, in order.
pub(crate) fn steps(page: &Page, explained: &Explanation) -> Markup {
    let told = explained.trace.0.iter();
    html! {
        @if explained.trace.0.is_empty() {
            p.empty { (both("撤销不另作决定：各项金额取原结算的相反数。", "A reversal decides nothing: every amount is the opposite of what it reverses.")) }
        } @else {
            ol.steps { @for step in told { (one(page, step)) } }
        }
    }
}

fn one(page: &Page, step: &Step) -> Markup {
    html! {
        li {
            div.what {
                h3 { (both(&step.name, &step.english)) }
                @if !step.article.is_empty() { p.article { (step.article) } }
            }
            div.how { (how(page, step)) }
            div.result { (result(step)) }
        }
    }
}

/// What came out.
fn result(step: &Step) -> Markup {
    match &step.kind {
        StepKind::Lines { in_scope, .. } => {
            html! { span.fine { (both("符合范围", "in scope")) } b { (yuan(*in_scope)) } }
        }
        StepKind::Value { result, .. } => html! { b { (shown(result)) } },
        StepKind::Layer { paid, .. } | StepKind::Account { paid, .. } => {
            html! { span.fine { (both("支付", "pays")) } b { (yuan(*paid)) } }
        }
        StepKind::Person { person, .. } => {
            html! { span.fine { (both("个人负担", "the person")) } b { (yuan(*person)) } }
        }
    }
}

/// What went in and what was done with it.
fn how(page: &Page, step: &Step) -> Markup {
    match &step.kind {
        StepKind::Lines { total, full_self_pay, over_limit, pre_self_pay, in_scope } => pairs(&[
            (both("总额 T", "the bill"), yuan(*total)),
            (both("全自费 A", "wholly self-paid"), yuan(*full_self_pay)),
            (both("超限价 B", "above ceilings"), yuan(*over_limit)),
            (both("先行自付 C", "paid first"), yuan(*pre_self_pay)),
            (both("符合范围 I", "in scope"), yuan(*in_scope)),
        ]),
        StepKind::Value { formula, operands, result } => value(formula, operands, result),
        StepKind::Layer { fund, input, from, threshold, bands, limits, uncapped, paid } => html! {
            p.fund { (named(page.funds.get(fund), fund)) }
            (pairs(&entering(*input, *from, *threshold)))
            (priced(bands, *uncapped))
            (limited(limits, *uncapped, *paid))
        },
        StepKind::Account { fund, input, .. } => html! {
            p.fund { (named(page.funds.get(fund), fund)) }
            (pairs(&[(both("可由账户支付", "payable from accounts"), yuan(*input))]))
        },
        StepKind::Person { fund_total, hospital, person, account, cash } => pairs(&[
            (both("基金 F", "all funds"), yuan(*fund_total)),
            (both("医院 Hp", "the hospital"), yuan(*hospital)),
            (both("个人 P", "the person"), yuan(*person)),
            (both("其中账户 W", "from accounts"), yuan(*account)),
            (both("现金 X", "in cash"), yuan(*cash)),
        ]),
    }
}

fn pairs(pairs: &[(Markup, String)]) -> Markup {
    html! { dl.pairs { @for (name, value) in pairs { div { dt { (name) } dd { (value) } } } } }
}

fn entering(input: Fen, from: Fen, threshold: Option<Fen>) -> Vec<(Markup, String)> {
    let mut told = vec![(both("计入", "goes in"), yuan(input))];
    if !from.is_zero() {
        told.push((both("此前累计", "accumulated before"), yuan(from)));
    }
    if let Some(threshold) = threshold {
        told.push((both("起付", "counts above"), yuan(threshold)));
    }
    told
}

fn priced(bands: &[BandStep], uncapped: Fen) -> Markup {
    let used: Vec<&BandStep> = bands.iter().filter(|band| !band.fee.is_zero()).collect();
    html! {
        @if used.is_empty() {
            p.fine { (both("没有可支付的部分", "nothing is left to be paid")) }
        } @else {
            ul.bands {
                @for band in &used {
                    li { (yuan(band.fee)) " × " (percent(band.ratio)) " = " b { (product(band.product)) } }
                }
                @if used.len() > 1 { li { (both("合计", "together")) " " b { (yuan(uncapped)) } } }
            }
        }
    }
}

fn limited(limits: &[LimitStep], uncapped: Fen, paid: Fen) -> Markup {
    html! {
        @for limit in limits {
            @let binds = paid < uncapped && limit.remaining <= paid;
            p.limit.binds[binds] {
                (limit.name) " 尚余 " b { (yuan(limit.remaining)) }
                @if !limit.article.is_empty() { " " span.article { (limit.article) } }
                @if binds { "，以此为限 " span.en lang="en" { "the limit binds" } }
            }
        }
    }
}

fn value(formula: &str, operands: &[Operand], result: &Shown) -> Markup {
    let words = formula.split_whitespace().collect::<Vec<_>>().join(" ");
    html! {
        @if !operands.is_empty() {
            dl.pairs { @for operand in operands { div { dt { (called(operand)) } dd { (shown(&operand.value)) } } } }
        }
        @if !words.is_empty() && words != shown(result) { p.formula { code { (words) } } }
    }
}

/// What the law calls a value, or what everybody calls a fact of the settlement.
fn called(operand: &Operand) -> Markup {
    if !operand.name.is_empty() {
        return both(&operand.name, &operand.english);
    }
    match &*operand.id {
        "in_scope" => both("符合范围 I", "in scope"),
        "pre_self_pay" => both("先行自付 C", "paid first"),
        "over_limit" => both("超限价 B", "above ceilings"),
        "full_self_pay" => both("全自费 A", "wholly self-paid"),
        "total_fee" => both("总额 T", "the bill"),
        "fund_total" => both("基金 F", "all funds"),
        "person_part" => both("个人负担 P", "the person's part"),
        other => html! { code { (other) } },
    }
}

fn shown(value: &Shown) -> String {
    match value {
        Shown::Money(amount) => yuan(*amount),
        Shown::Number(number) => number.to_string(),
        Shown::Text(text) => match text.as_str() {
            "true" => "是".to_owned(),
            "false" => "否".to_owned(),
            text => text.to_owned(),
        },
    }
}

/// A ratio as a percentage.
pub(crate) fn percent(ratio: Exact) -> String {
    ratio.times(Exact::whole(100)).map_or_else(|_| ratio.to_string(), |percent| format!("{percent}%"))
}

/// An exact amount in 分 as yuan, with its decimals where it is not a whole 分.
fn product(amount: Exact) -> String {
    match amount.as_whole() {
        Some(fen) => yuan(Fen(fen)),
        None => grouped(&amount.over(Exact::whole(100)).unwrap_or(amount).to_string()),
    }
}
