//! 检查: what compiles and still deserves a look: numbers without an article, definitions
//! that nothing uses, numbers written into formulas.

use std::collections::HashSet;

use crate::format::PolicyFile;
use crate::source::{Place, Reporter};

/// Adds warnings for the files of a law.
pub(crate) fn lint(parsed: &[PolicyFile], reporter: &mut Reporter) {
    for (file, policy) in parsed.iter().enumerate() {
        for table in &policy.table {
            let cited = !table.article.is_empty()
                || (!table.version.is_empty() && table.version.iter().all(|v| !v.get_ref().article.is_empty()));
            if !cited {
                let place = Place { file, offset: table.id.span().start };
                reporter.warn(
                    place,
                    format!("the table “{}” names no article: every number of the law is cited", table.id.as_ref()),
                );
            }
        }
    }
    numbers_in_formulas(parsed, reporter);
    let used = used_names(parsed);
    for (file, policy) in parsed.iter().enumerate() {
        let defined =
            policy.table.iter().map(|t| ("table", &t.id)).chain(policy.value.iter().map(|v| ("value", &v.id)));
        let defined = defined
            .chain(policy.find.iter().map(|f| ("find", &f.id)))
            .chain(policy.line_sum.iter().map(|s| ("line_sum", &s.id)));
        for (kind, id) in defined {
            if !used.contains(id.as_ref().as_str()) {
                reporter.warn(
                    Place { file, offset: id.span().start },
                    format!("the {kind} “{}” is used by nothing", id.as_ref()),
                );
            }
        }
    }
    let mut seen = HashSet::new();
    for (file, policy) in parsed.iter().enumerate() {
        for refusal in &policy.refusal {
            if !seen.insert((refusal.code.as_ref().clone(), refusal.at.as_ref().clone(), refusal.when.as_ref().clone()))
            {
                reporter.warn(
                    Place { file, offset: refusal.code.span().start },
                    format!("{} is there twice with the same condition", refusal.code.as_ref()),
                );
            }
        }
    }
}

/// All formula texts of a file, with where they stand.
fn formulas(policy: &PolicyFile) -> Vec<&toml::Spanned<String>> {
    let mut all = Vec::new();
    for table in &policy.table {
        all.extend(table.keys.iter().chain(&table.dated_by));
    }
    for value in &policy.value {
        all.extend(&value.formula);
        for case in &value.cases {
            all.extend(case.when.iter().chain([&case.then]));
        }
    }
    for find in &policy.find {
        all.extend([&find.condition].into_iter().chain(&find.first_by).chain(&find.last_by));
    }
    if let Some(segments) = &policy.segments {
        all.push(&segments.get_ref().on);
    }
    if let Some(split) = &policy.line_split {
        let split = split.get_ref();
        all.extend([&split.catalogue_date, &split.wholly_self_paid, &split.ceiling_key, &split.self_pay_ratio]);
    }
    all.extend(policy.line_sum.iter().map(|sum| &sum.condition));
    for layer in &policy.layer {
        all.extend([&layer.input, &layer.fund]);
        let optional =
            [&layer.when, &layer.from, &layer.threshold, &layer.bands, &layer.ratio, &layer.on, &layer.giver_total];
        all.extend(optional.into_iter().flatten());
        for limit in &layer.limits {
            all.extend([&limit.remaining].into_iter().chain(&limit.when));
        }
    }
    if let Some(output) = &policy.output {
        all.extend([&output.get_ref().act_pay_dedc, &output.get_ref().pool_prop_selfpay]);
    }
    if let Some(share) = &policy.hospital_share {
        all.extend([&share.get_ref().amount, &share.get_ref().fund]);
    }
    for accumulator in &policy.accumulator {
        all.extend(accumulator.key.iter().chain(&accumulator.when).chain(&accumulator.add));
    }
    for keep in &policy.keep {
        all.extend([&keep.value].into_iter().chain(&keep.when));
    }
    for refusal in &policy.refusal {
        all.extend([&refusal.when, &refusal.says]);
    }
    all
}

fn used_names(parsed: &[PolicyFile]) -> HashSet<&str> {
    let words = |text: &'_ str| -> Vec<(usize, usize)> {
        let mut spans = Vec::new();
        let mut start = None;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            let inside = c.is_alphanumeric() || c == '_';
            match (inside, start) {
                (true, None) => start = Some(at),
                (false, Some(begin)) => {
                    spans.push((begin, at));
                    start = None;
                }
                _ => {}
            }
        }
        spans
    };
    let mut used = HashSet::new();
    for formula in parsed.iter().flat_map(formulas) {
        let text: &str = formula.as_ref();
        used.extend(words(text).into_iter().map(|(from, to)| &text[from..to]));
    }
    used
}

/// A number of the law belongs in a table with its date and article, not in a formula.
fn numbers_in_formulas(parsed: &[PolicyFile], reporter: &mut Reporter) {
    for (file, policy) in parsed.iter().enumerate() {
        for formula in formulas(policy) {
            let Ok(node) = crate::parse::parse(formula.as_ref()) else { continue };
            if let Some(number) = node.number_of_the_law() {
                let place = Place { file, offset: formula.span().start };
                reporter.warn(
                    place,
                    format!(
                        "the number {number} stands in a formula; put it into a [[table]] with its date and article"
                    ),
                );
            }
        }
    }
}
