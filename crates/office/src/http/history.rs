//! 个人就诊史 in a request: a person and visits with what belongs to them, each field under its
//! national name. Its schema is made from the one table of fields.

use encounter::{Encounter, Field, History, Institution, Kind, Person, Practitioner, Record, Surroundings, Table};
use serde_json::{Map, Value};
use terms::Fen;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::problem::Fault;

/// Stands for the schema of a person in documents.
pub struct PersonSchema;
/// Stands for the schema of a visit in documents.
pub struct EncounterSchema;
/// Stands for the schema of an institution in documents.
pub struct InstitutionSchema;
/// Stands for the schema of a practitioner's registration in documents.
pub struct PractitionerSchema;

macro_rules! named {
    ($($Schema:ident, $name:literal, $make:expr;)*) => {$(
        impl ToSchema for $Schema {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
        impl PartialSchema for $Schema {
            fn schema() -> RefOr<Schema> {
                RefOr::T(Schema::Object($make.build()))
            }
        }
    )*};
}

named! {
    PersonSchema, "AuditPerson", object(Table::Person, "人员");
    EncounterSchema, "AuditEncounter", encounter();
    InstitutionSchema, "AuditInstitution", object(Table::Institution, "定点医药机构");
    PractitionerSchema, "AuditPractitioner", object(Table::Practitioner, "医护人员");
}

fn encounter() -> ObjectBuilder {
    let rows = |table, label| Schema::Array(ArrayBuilder::new().items(object(table, label).build()).build());
    let funds = ObjectBuilder::new()
        .property("fund_pay_type", ObjectBuilder::new().schema_type(Type::String).description(Some("基金支付类型")))
        .property("fund_payamt", ObjectBuilder::new().schema_type(Type::String).description(Some("基金支付金额，元")));
    object(Table::Encounter, "就诊；每个字段都可以没有 every field may be absent")
        .property("diagnoses", rows(Table::Diagnosis, "诊断"))
        .property("procedures", rows(Table::Procedure, "手术操作"))
        .property("lines", rows(Table::Line, "费用明细"))
        .property("funds", Schema::Array(ArrayBuilder::new().items(funds.build()).build()))
}

fn object(table: Table, label: &str) -> ObjectBuilder {
    let object = ObjectBuilder::new().description(Some(label));
    table.fields().iter().fold(object, |object, field| object.property(field.name, schema_of(field)))
}

fn schema_of(field: &Field) -> Schema {
    let text = |format: Option<KnownFormat>, hint: &str| {
        let described = if hint.is_empty() { field.label.to_owned() } else { format!("{}; {hint}", field.label) };
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(format.map(SchemaFormat::KnownFormat))
            .description(Some(described))
            .build()
    };
    match field.kind {
        Kind::Text => Schema::Object(text(None, "")),
        Kind::Texts => Schema::Array(ArrayBuilder::new().items(text(None, "")).build()),
        Kind::Date => Schema::Object(text(Some(KnownFormat::Date), "")),
        Kind::Time => Schema::Object(text(None, "yyyy-MM-dd HH:mm:ss")),
        Kind::Money => Schema::Object(text(None, "元，两位小数 yuan")),
        Kind::Number => Schema::Object(text(None, "exact decimal")),
        Kind::Flag => Schema::Object(text(None, "1 yes, 0 no")),
    }
}

/// Reads a history and what stands around it; what is wrong is added to `faults` by its path.
pub(super) fn read(
    person: &Value,
    encounters: &[Value],
    institutions: &[Value],
    practitioners: &[Value],
    faults: &mut Vec<Fault>,
) -> (History, Surroundings) {
    let mut history = History { person: record::<Person>(person, "person", &[], faults), encounters: Vec::new() };
    for (at, visit) in encounters.iter().enumerate() {
        let row = faults.len();
        history.encounters.push(visit_of(visit, &format!("encounters[{at}]"), faults));
        faults[row..].iter_mut().for_each(|fault| fault.row = Some(at + 1));
    }
    let mut around = Surroundings::default();
    for (at, one) in institutions.iter().enumerate() {
        around.institutions.push(record::<Institution>(one, &format!("institutions[{at}]"), &[], faults));
    }
    for (at, one) in practitioners.iter().enumerate() {
        around.practitioners.push(record::<Practitioner>(one, &format!("practitioners[{at}]"), &[], faults));
    }
    (history, around)
}

/// The parts of a visit that are lists.
const LISTS: [&str; 4] = ["diagnoses", "procedures", "lines", "funds"];

fn visit_of(visit: &Value, path: &str, faults: &mut Vec<Fault>) -> Encounter {
    let mut read: Encounter = record(visit, path, &LISTS, faults);
    let id = read.mdtrt_id.clone();
    read.diagnoses = rows(visit, "diagnoses", path, faults);
    read.procedures = rows(visit, "procedures", path, faults);
    read.lines = rows(visit, "lines", path, faults);
    // Inside a visit its number need not be said again.
    read.diagnoses.iter_mut().for_each(|row| row.mdtrt_id = row.mdtrt_id.take().or_else(|| id.clone()));
    read.procedures.iter_mut().for_each(|row| row.mdtrt_id = row.mdtrt_id.take().or_else(|| id.clone()));
    read.lines.iter_mut().for_each(|row| row.mdtrt_id = row.mdtrt_id.take().or_else(|| id.clone()));
    for (at, fund) in list(visit, "funds", path, faults).iter().enumerate() {
        let said = |name: &str| fund.get(name).and_then(text);
        match (said("fund_pay_type"), said("fund_payamt").map(|text| text.parse::<Fen>())) {
            (Some(code), Some(Ok(amount))) => read.funds.push((code, amount)),
            _ => faults
                .push(fault(format!("{path}.funds[{at}]"), "give fund_pay_type and fund_payamt (yuan)".to_owned())),
        }
    }
    read
}

fn rows<R: Record>(visit: &Value, name: &str, path: &str, faults: &mut Vec<Fault>) -> Vec<R> {
    let rows = list(visit, name, path, faults);
    rows.iter().enumerate().map(|(at, row)| record(row, &format!("{path}.{name}[{at}]"), &[], faults)).collect()
}

fn list<'v>(visit: &'v Value, name: &str, path: &str, faults: &mut Vec<Fault>) -> &'v [Value] {
    match visit.get(name) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(rows)) => rows,
        Some(_) => {
            faults.push(fault(format!("{path}.{name}"), "a list [ … ] is wanted".to_owned()));
            &[]
        }
    }
}

fn record<R: Record>(value: &Value, path: &str, lists: &[&str], faults: &mut Vec<Fault>) -> R {
    let mut record = R::default();
    let none = Map::new();
    let fields = match value {
        Value::Null => &none,
        Value::Object(fields) => fields,
        _ => {
            faults.push(fault(path.to_owned(), "an object { … } is wanted".to_owned()));
            &none
        }
    };
    for (name, value) in fields.iter().filter(|(name, _)| !lists.contains(&name.as_str())) {
        let Some(text) = text(value) else {
            faults.push(fault(format!("{path}.{name}"), "a text or a number is wanted".to_owned()));
            continue;
        };
        if let Err(error) = record.read(name, &text) {
            faults.push(fault(format!("{path}.{name}"), error.to_string()));
        }
    }
    record
}

/// A value as a file would hold it: numbers as they are written, yes and no as 1 and 0.
fn text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => if *yes { "1" } else { "0" }.to_owned(),
        Value::Array(items) => {
            let texts = items.iter().map(|item| if item.is_array() { None } else { text(item) });
            texts.collect::<Option<Vec<_>>>()?.join("|")
        }
        Value::Object(_) => return None,
    })
}

fn fault(field: String, message: String) -> Fault {
    Fault { row: None, field, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_history_is_read_by_national_names_and_every_fault_has_its_path() {
        let visit = json!({
            "mdtrt_id": "V1", "psn_no": "P1", "begntime": "2026-03-01 08:00:00", "matn_fee_flag": true,
            "diagnoses": [{ "diag_code": "I10", "maindiag_flag": 1 }],
            "lines": [
                { "feedetl_sn": "1", "cnt": 2.5, "det_item_fee_sumamt": "25.00", "drug_trac_codg": ["A", "B"] },
                { "feedetl_sn": "2", "cnt": "two", "quantity": 1 }
            ],
            "funds": [{ "fund_pay_type": "310100", "fund_payamt": 20 }]
        });
        let mut faults = Vec::new();
        let (history, _) = read(&json!({ "gend": "1" }), &[visit], &[], &[], &mut faults);
        let visit = &history.encounters[0];
        assert_eq!(visit.lines[0].cnt, "2.5".parse().ok());
        assert_eq!(visit.lines[0].mdtrt_id.as_deref(), Some("V1"));
        assert_eq!(visit.lines[0].drug_trac_codg, Some(vec!["A".to_owned(), "B".to_owned()]));
        assert_eq!(visit.funds, [("310100".to_owned(), Fen(2_000))]);
        let told: Vec<_> = faults.iter().map(|fault| (fault.row, fault.field.as_str())).collect();
        assert_eq!(told, [(Some(1), "encounters[0].lines[1].cnt"), (Some(1), "encounters[0].lines[1].quantity")]);
    }

    #[test]
    fn a_part_of_the_wrong_form_is_named() {
        let mut faults = Vec::new();
        read(&json!(7), &[json!({ "lines": {}, "funds": [{}] })], &[], &[], &mut faults);
        let told: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(told, ["person", "encounters[0].lines", "encounters[0].funds[0]"]);
    }
}
