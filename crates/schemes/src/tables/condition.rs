//! Conditions of the neutral tables: JSON in, our own tree out.

use grouping::{CodeField, CodeList, Comparison, Condition, Measure, NumberField, SetRef};
use serde_json::Value;
use terms::Quantity;

use super::sets::{Sets, Use};
use super::{ALL_DIAGNOSES, ALL_PROCEDURES};

/// Reads one condition and tells `sets` how it uses each list.
pub(super) fn read(json: &Value, sets: &mut Sets) -> Result<Condition, String> {
    let Value::Object(object) = json else {
        return json.as_bool().map(Condition::Always).ok_or_else(|| format!("{json} is not a condition"));
    };
    let mut entries = object.iter();
    let (Some((name, value)), None) = (entries.next(), entries.next()) else {
        return Err(format!("{json} must have exactly one name"));
    };
    match name.as_str() {
        "all" => Ok(Condition::All(list(value, sets)?)),
        "any" => Ok(Condition::Any(list(value, sets)?)),
        "not" => Ok(Condition::Not(Box::new(read(value, sets)?))),
        "pdx_in" => member(&[CodeList::PrincipalDiagnosis], value, sets),
        "any_dx_in" => member(&ALL_DIAGNOSES, value, sets),
        "sdx_in" => member(&[CodeList::OtherDiagnoses], value, sets),
        "main_proc_in" => member(&[CodeList::MainProcedure], value, sets),
        "any_proc_in" => member(&ALL_PROCEDURES, value, sets),
        "other_proc_in" => member(&[CodeList::OtherProcedures], value, sets),
        "has_proc" => is_true(value).map(|()| entered(&ALL_PROCEDURES, Comparison::GreaterOrEqual, 1)),
        "has_sdx" => is_true(value).map(|()| entered(&[CodeList::OtherDiagnoses], Comparison::GreaterOrEqual, 1)),
        "n_proc" => {
            let (comparison, n) = comparison(value)?;
            Ok(entered(&ALL_PROCEDURES, comparison, whole(n)?))
        }
        "proc_tag" => tagged(value, sets),
        "distinct_tags_ge" => distinct_tags(value, sets),
        "mcc" => is_true(value).map(|()| severity("MCC")),
        "cc" => is_true(value).map(|()| severity("CC")),
        "sex" => {
            let sex = text(value)?.parse::<i64>().map_err(|_| format!("sex {value} is not a number"))?;
            Ok(compare(NumberField::Sex, Comparison::Equal, sex))
        }
        "dept" => Ok(Condition::Is { field: super::DEPARTMENT, values: vec![text(value)?] }),
        "leaving_type_in" => {
            let values = value.as_array().ok_or_else(|| format!("{value} is not a list"))?;
            let values = values.iter().map(text).collect::<Result<_, _>>()?;
            Ok(Condition::Is { field: CodeField::LeavingType, values })
        }
        "age" => number(NumberField::Age, value),
        "age_days" => number(NumberField::AgeDays, value),
        "weight" => number(NumberField::Weight, value),
        "los" => number(NumberField::Days, value),
        "icu_hours" => number(NumberField::IcuHours, value),
        other => Err(format!("“{other}” is not a kind of condition that is known")),
    }
}

fn list(value: &Value, sets: &mut Sets) -> Result<Vec<Condition>, String> {
    value.as_array().ok_or_else(|| format!("{value} is not a list"))?.iter().map(|each| read(each, sets)).collect()
}

fn member(lists: &[CodeList], value: &Value, sets: &mut Sets) -> Result<Condition, String> {
    let name = text(value)?;
    let usage = if lists.iter().any(|list| ALL_DIAGNOSES.contains(list)) { Use::Diagnosis } else { Use::Procedure };
    let name = sets.used(&name, usage)?;
    Ok(Condition::In { lists: lists.to_vec(), sets: vec![SetRef::Named { name, tag: None }] })
}

fn tagged(value: &Value, sets: &mut Sets) -> Result<Condition, String> {
    let (set, tag) = pair(value)?;
    let name = sets.used(&text(set)?, Use::FirstTag)?;
    let tag = Some(text(tag)?);
    Ok(Condition::In { lists: ALL_PROCEDURES.to_vec(), sets: vec![SetRef::Named { name, tag }] })
}

fn distinct_tags(value: &Value, sets: &mut Sets) -> Result<Condition, String> {
    let (set, least) = pair(value)?;
    let name = sets.used(&text(set)?, Use::LastTag)?;
    Ok(Condition::Measured {
        measure: Measure::Tags,
        set: Some(SetRef::Named { name, tag: None }),
        lists: ALL_DIAGNOSES.to_vec(),
        comparison: Comparison::GreaterOrEqual,
        value: whole(least.as_i64().ok_or_else(|| format!("{least} is not a whole number"))?)?,
    })
}

fn severity(class: &str) -> Condition {
    let name = class.to_owned();
    Condition::In { lists: vec![CodeList::OtherDiagnoses], sets: vec![SetRef::Named { name, tag: None }] }
}

fn entered(lists: &[CodeList], comparison: Comparison, value: u32) -> Condition {
    Condition::Measured { measure: Measure::Entered, set: None, lists: lists.to_vec(), comparison, value }
}

fn number(field: NumberField, value: &Value) -> Result<Condition, String> {
    if value.as_array().is_some_and(|parts| parts.len() == 1 && parts[0] == "known") {
        return Ok(Condition::Known(field.name().to_owned()));
    }
    let (comparison, n) = comparison(value)?;
    Ok(compare(field, comparison, n))
}

fn compare(field: NumberField, comparison: Comparison, n: i64) -> Condition {
    Condition::Compare { field, comparison, value: Quantity(n * super::QUANTITY) }
}

fn comparison(value: &Value) -> Result<(Comparison, i64), String> {
    let (op, n) = pair(value)?;
    let op = match op.as_str() {
        Some("lt") => Comparison::Less,
        Some("le") => Comparison::LessOrEqual,
        Some("gt") => Comparison::Greater,
        Some("ge") => Comparison::GreaterOrEqual,
        Some("eq") => Comparison::Equal,
        _ => return Err(format!("{op} is not one of lt, le, gt, ge, eq")),
    };
    Ok((op, n.as_i64().ok_or_else(|| format!("{n} is not a whole number"))?))
}

fn pair(value: &Value) -> Result<(&Value, &Value), String> {
    match value.as_array().map(Vec::as_slice) {
        Some([first, second]) => Ok((first, second)),
        _ => Err(format!("{value} is not a pair")),
    }
}

fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("{value} is not a text"))
}

fn is_true(value: &Value) -> Result<(), String> {
    if value == &Value::Bool(true) { Ok(()) } else { Err(format!("{value} must be true")) }
}

fn whole(n: i64) -> Result<u32, String> {
    u32::try_from(n).map_err(|_| format!("{n} is not a count"))
}
