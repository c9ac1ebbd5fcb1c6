//! 示例: worked examples inside a plan. Each is run when the plan is read; a difference is
//! a problem with its line, as a wrong number of the law would be.

use std::collections::BTreeMap;

use policy::{Problems, SourceFile};
use terms::{Date, Exact, Fen};
use toml::{Spanned, Value};

use crate::expr::Kind;
use crate::facts::{Case, Decision, Grouped};
use crate::format::{ExampleFile, PlanFile, YearExampleFile};
use crate::number::Fraction;
use crate::plan::PaymentFile;
use crate::priced::Priced;
use crate::source::{Reporter, Unit};
use crate::weights::GroupRow;
use crate::year::{PoolYear, YearCase};

type Table = BTreeMap<String, Value>;

/// Runs the examples; the plan comes back if all of them hold.
pub(crate) fn run(mut plan: PaymentFile, parsed: &PlanFile, file: &SourceFile) -> Result<PaymentFile, Problems> {
    let mut reporter = Reporter::new(file);
    for example in &parsed.example {
        case_example(&plan, example, &mut reporter);
    }
    for example in &parsed.year_example {
        year_example(&plan, example, &mut reporter);
    }
    if reporter.any_error() {
        reporter.problems.extend(plan.warnings);
        return Err(crate::source::refuse(reporter.problems));
    }
    plan.warnings.extend(reporter.problems);
    Ok(plan)
}

fn case_example(plan: &PaymentFile, written: &Spanned<ExampleFile>, reporter: &mut Reporter<'_>) {
    let (at, example) = (written.span().start, written.get_ref());
    let read = case(plan, &example.id, &example.case)
        .and_then(|case| Ok((case, example.group.as_ref().map(group_row).transpose()?)))
        .and_then(|(case, row)| Ok((case, row, example.point_value.as_ref().map(yuan_exact).transpose()?)));
    let (case, row, point_value) = match read {
        Ok(read) => read,
        Err(message) => return reporter.error(at, format!("example {}: {message}", example.id)),
    };
    let result = match (&row, point_value) {
        (Some(row), value) => plan.price_as(&case, row, value),
        (None, Some(value)) => plan.price_at(&case, value),
        (None, None) => plan.price(&case),
    };
    match (result, &example.refused) {
        (Ok(priced), None) => {
            for (key, wanted) in &example.expect {
                compare(&example.id, key, wanted, field(&priced, key), reporter);
            }
        }
        (Err(refusal), Some(code)) if refusal.code() == code.as_ref() => {}
        (Err(refusal), _) => reporter.error(at, format!("example {} is refused: {refusal}", example.id)),
        (Ok(_), Some(code)) => {
            reporter.error(code.span().start, format!("example {} is priced, and should be refused", example.id));
        }
    }
}

fn compare(id: &str, key: &str, wanted: &Spanned<Value>, got: Option<String>, reporter: &mut Reporter<'_>) {
    let at = wanted.span().start;
    let text = match wanted.get_ref() {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let Some(got) = got else {
        return reporter.error(at, format!("example {id}: nothing is called “{key}” here"));
    };
    let same = match (text.parse::<Exact>(), got.parse::<Exact>()) {
        (Ok(a), Ok(b)) => a == b,
        _ => text == got,
    };
    if !same {
        reporter.error(at, format!("example {id}: {key} is {got}, the example says {text}"));
    }
}

/// A field of a price as text, money in 元; a missing one is “”.
fn field(priced: &Priced, key: &str) -> Option<String> {
    let yuan = |fen: Exact| Fraction::from(fen).over(&Fraction::whole(100)).unwrap_or_default().to_string();
    let number = |number: Option<Exact>| number.map(|number| number.to_string()).unwrap_or_default();
    Some(match key {
        "pool" => priced.pool.clone(),
        "route" => priced.route.clone(),
        "band" => priced.band.clone().unwrap_or_default(),
        "weight" => number(priced.weight),
        "points" => priced.points.to_string(),
        "r" => number(priced.r),
        "standard" => priced.standard.map(yuan).unwrap_or_default(),
        "point_value" => yuan(priced.point_value),
        "outside" => priced.outside.to_string(),
        "excluded" => priced.excluded.to_string(),
        "payment" => priced.payment.to_string(),
        "fund" => priced.fund.to_string(),
        "difference" => priced.difference.to_string(),
        "balance" => priced.balance.to_string(),
        _ => return None,
    })
}

fn year_example(plan: &PaymentFile, written: &Spanned<YearExampleFile>, reporter: &mut Reporter<'_>) {
    let (at, example) = (written.span().start, written.get_ref());
    let mut cases = Vec::new();
    let mut prepaid = BTreeMap::new();
    for table in &example.institution {
        match year_case(&example.pool, table) {
            Ok((case, paid)) => {
                *prepaid.entry(case.institution.clone()).or_insert(Fen::ZERO) += paid;
                cases.push(case);
            }
            Err(message) => return reporter.error(at, format!("example {}: {message}", example.id)),
        }
    }
    match plan.year_end(&example.pool, example.year, cases, &prepaid) {
        Ok(cleared) => {
            for (key, wanted) in &example.expect {
                compare(&example.id, key, wanted, year_field(&cleared, key), reporter);
            }
        }
        Err(refusal) => reporter.error(at, format!("example {} is refused: {refusal}", example.id)),
    }
}

/// `left`, `point_value` … of the pool, `H1.payable` … of an institution.
fn year_field(cleared: &PoolYear, key: &str) -> Option<String> {
    let Some((institution, key)) = key.split_once('.') else {
        return Some(match key {
            "distributable" => cleared.distributable.to_string(),
            "points" => cleared.points.to_string(),
            "point_value" => {
                Fraction::from(cleared.point_value).over(&Fraction::whole(100)).unwrap_or_default().to_string()
            }
            "drawn" => cleared.drawn.to_string(),
            "left" => cleared.left.to_string(),
            _ => return None,
        });
    };
    let row = cleared.institutions.iter().find(|row| row.institution.as_str() == institution)?;
    let fen = match key {
        "shared" => row.shared,
        "withheld" => row.withheld,
        "entitled" => row.entitled,
        "booked" => row.booked,
        "retained" => row.retained,
        "returned" => row.returned,
        "overspend_shared" => row.overspend_shared,
        "overspend_borne" => row.overspend_borne,
        "outside" => row.outside,
        "payable" => row.payable,
        "balance_due" => row.balance_due,
        "band" => return Some(row.band.clone().unwrap_or_default()),
        "ratio" => return Some(row.ratio.map(|ratio| ratio.to_string()).unwrap_or_default()),
        _ => return None,
    };
    Some(fen.to_string())
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn fen(value: &Value) -> Result<Fen, String> {
    text_of(value).parse().map_err(|error: terms::NumberError| error.to_string())
}

fn exact(value: &Value) -> Result<Exact, String> {
    text_of(value).parse().map_err(|error: terms::NumberError| error.to_string())
}

/// 元 in the text, 分 in the answer.
fn yuan_exact(value: &Value) -> Result<Exact, String> {
    Unit::Yuan.read(exact(value)?.into()).to_exact().ok_or_else(|| "an amount too large".to_owned())
}

fn date(value: &Value) -> Result<Date, String> {
    terms::parse_date(&text_of(value)).ok_or_else(|| format!("“{}” is not a date", text_of(value)))
}

/// A case from its table; what is not said is an ordinary grouped stay of the plan's first
/// pool on its first day.
fn case(plan: &PaymentFile, id: &str, table: &Table) -> Result<Case, String> {
    let mut case = Case {
        id: id.to_owned(),
        scheme: plan.scheme.clone(),
        scheme_version: plan.scheme_version.clone(),
        institution: "H".into(),
        level: "3".to_owned(),
        insurance: plan.pools.first().and_then(|pool| pool.insurance.first()).cloned().unwrap_or_default(),
        discharged: plan.from,
        settled: plan.from,
        grouped: Grouped::Grouped,
        group: String::new(),
        auxiliary: Vec::new(),
        days: 1,
        fee: Fen::ZERO,
        excluded: Fen::ZERO,
        patient: Fen::ZERO,
        other_funds: Fen::ZERO,
        item_fund: Fen::ZERO,
        day_class: String::new(),
        decision: None,
        numbers: BTreeMap::new(),
        texts: BTreeMap::new(),
    };
    for (key, value) in table {
        match key.as_str() {
            "scheme" => case.scheme = text_of(value),
            "scheme_version" => case.scheme_version = text_of(value),
            "institution" => case.institution = text_of(value).as_str().into(),
            "level" => case.level = text_of(value),
            "insurance" => case.insurance = text_of(value),
            "discharged" => case.discharged = date(value)?,
            "settled" => case.settled = date(value)?,
            "grouped" => case.grouped = grouped(&text_of(value))?,
            "group" => case.group = text_of(value),
            "auxiliary" => {
                let list = value.as_array().ok_or("auxiliary is a list of texts")?;
                case.auxiliary = list.iter().map(text_of).collect();
            }
            "days" => case.days = text_of(value).parse().map_err(|_| "days is a whole number".to_owned())?,
            "fee" => case.fee = fen(value)?,
            "excluded" => case.excluded = fen(value)?,
            "patient" => case.patient = fen(value)?,
            "other_funds" => case.other_funds = fen(value)?,
            "item_fund" => case.item_fund = fen(value)?,
            "day_class" => case.day_class = text_of(value),
            "decision_amount" => case.decision = Some(Decision::Amount(fen(value)?)),
            "decision_points" => case.decision = Some(Decision::Points(exact(value)?)),
            other => further(plan, &mut case, other, value)?,
        }
    }
    Ok(case)
}

fn grouped(word: &str) -> Result<Grouped, String> {
    [Grouped::Grouped, Grouped::Ambiguous, Grouped::Ungroupable, Grouped::Invalid]
        .into_iter()
        .find(|grouped| grouped.word() == word)
        .ok_or_else(|| format!("grouped “{word}” is not grouped, ambiguous, ungroupable or invalid"))
}

fn further(plan: &PaymentFile, case: &mut Case, id: &str, value: &Value) -> Result<(), String> {
    let declared = plan.declared.iter().find(|declared| &*declared.id == id);
    match declared.map(|declared| declared.kind) {
        Some(Kind::Text) => {
            case.texts.insert(id.to_owned(), text_of(value));
        }
        Some(_) => {
            case.numbers.insert(id.to_owned(), exact(value)?);
        }
        None => return Err(format!("“{id}” is not a fact of a case; declare it with [[fact]]")),
    }
    Ok(())
}

fn group_row(table: &Table) -> Result<GroupRow, String> {
    let mut row = GroupRow::default();
    for (key, value) in table {
        match key.as_str() {
            "group" => row.group = text_of(value),
            "name" => row.name = text_of(value),
            "weight" => row.weight = exact(value)?.into(),
            "mean_fee" => row.mean_fee = Some(fen(value)?),
            "median_fee" => row.median_fee = Some(fen(value)?),
            "mean_days" => row.mean_days = Some(exact(value)?.into()),
            "flags" => {
                let list = value.as_array().ok_or("flags is a list of texts")?;
                row.flags = list.iter().map(text_of).collect();
            }
            other => match other.strip_prefix("mean_fee_") {
                Some(level) => {
                    row.mean_fee_by_level.insert(level.to_owned(), fen(value)?);
                }
                None => return Err(format!("“{other}” is not a column of the groups' table")),
            },
        }
    }
    Ok(row)
}

fn year_case(pool: &str, table: &Table) -> Result<(YearCase, Fen), String> {
    let mut case = YearCase {
        institution: "".into(),
        pool: pool.to_owned(),
        reversal: false,
        points: Exact::ZERO,
        outside: false,
        payment: Fen::ZERO,
        fee: Fen::ZERO,
        excluded: Fen::ZERO,
        patient: Fen::ZERO,
        other_funds: Fen::ZERO,
        fund: Fen::ZERO,
        item_fund: Fen::ZERO,
    };
    let mut prepaid = Fen::ZERO;
    for (key, value) in table {
        match key.as_str() {
            "institution" => case.institution = text_of(value).as_str().into(),
            "points" => case.points = exact(value)?,
            "outside" => case.outside = value.as_bool().unwrap_or(false),
            "payment" => case.payment = fen(value)?,
            "fee" => case.fee = fen(value)?,
            "excluded" => case.excluded = fen(value)?,
            "patient" => case.patient = fen(value)?,
            "other_funds" => case.other_funds = fen(value)?,
            "fund" => case.fund = fen(value)?,
            "item_fund" => case.item_fund = fen(value)?,
            "prepaid" => prepaid = fen(value)?,
            other => return Err(format!("“{other}” is not a fact of an institution's year")),
        }
    }
    Ok((case, prepaid))
}
