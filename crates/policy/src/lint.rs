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
    versions_of_tables(parsed, reporter);
    order_of_codes(parsed, reporter);
    let used = used_names(parsed);
    for (file, policy) in parsed.iter().enumerate() {
        let defined =
            policy.table.iter().map(|t| ("table", &t.id)).chain(policy.value.iter().map(|v| ("value", &v.id)));
        let defined = defined
            .chain(policy.find.iter().map(|f| ("find", &f.id)))
            .chain(policy.line_sum.iter().map(|s| ("line_sum", &s.id)))
            .chain(policy.accumulator.iter().map(|a| ("accumulator", &a.id)));
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

/// Versions that begin on one day, end before they begin, or leave days without a value.
fn versions_of_tables(parsed: &[PolicyFile], reporter: &mut Reporter) {
    let day = |value: &toml::Spanned<toml::Value>| terms::parse_date(value.get_ref().to_string().trim_matches('"'));
    for (file, policy) in parsed.iter().enumerate() {
        for table in &policy.table {
            let name: &str = table.id.as_ref();
            let mut covered_to: Option<Option<terms::Date>> = None;
            let mut begun: Option<terms::Date> = None;
            for version in &table.version {
                let place = Place { file, offset: version.span().start };
                let item = version.get_ref();
                let Some(from) = day(&item.from) else { continue };
                let until = item.until.as_ref().and_then(day);
                if until.is_some_and(|until| until < from) {
                    reporter.error(place, format!("this version of “{name}” ends before it begins"));
                }
                if begun == Some(from) {
                    reporter.warn(
                        place,
                        format!("two versions of “{name}” begin on {from}; where both have a row the later one counts"),
                    );
                }
                begun = Some(from);
                if let Some(Some(end)) = covered_to
                    && end.tomorrow().is_ok_and(|next| next < from)
                {
                    reporter.warn(place, format!("“{name}” has no value between {end} and {from}"));
                }
                covered_to = match (covered_to, until) {
                    (Some(None), _) | (_, None) => Some(None),
                    (Some(Some(known)), Some(until)) => Some(Some(known.max(until))),
                    (None, Some(until)) => Some(Some(until)),
                };
            }
        }
    }
}

/// Within one file and step, codes of one series usually rise: another order may be meant,
/// and may be a slip, because the first refusal that applies is the answer.
fn order_of_codes(parsed: &[PolicyFile], reporter: &mut Reporter) {
    for (file, policy) in parsed.iter().enumerate() {
        let mut last: std::collections::HashMap<(&str, &str), &str> = std::collections::HashMap::new();
        for refusal in &policy.refusal {
            let code: &str = refusal.code.as_ref();
            let series = code.trim_end_matches(|c: char| c.is_ascii_digit());
            let at: &str = refusal.at.as_ref();
            if let Some(before) = last.insert((at, series), code)
                && (before.len(), before) > (code.len(), code)
            {
                reporter.warn(
                    Place { file, offset: refusal.code.span().start },
                    format!("{code} stands after {before}: the first refusal that applies is the answer, so check that this order is meant"),
                );
            }
        }
    }
}
