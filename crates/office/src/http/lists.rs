//! 结算清单 in a request: in our own field names, part by part, or as the body of 4101. Its
//! schema is made from the one table of fields.

use listing::{Kind, Part, SettlementList, by_national};
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::problem::Fault;

/// Stands for the list's schema in documents.
pub struct SettlementListSchema;

impl ToSchema for SettlementListSchema {
    fn name() -> std::borrow::Cow<'static, str> {
        "SettlementList".into()
    }
}

impl PartialSchema for SettlementListSchema {
    fn schema() -> RefOr<Schema> {
        let described = "医疗保障基金结算清单: one stay. Every field may be absent. Or send the body of 4101 \
                         as it is, its nodes `setlinfo`, `diseinfo`, `oprninfo` … at this place.";
        let list = ObjectBuilder::new().description(Some(described));
        let list = Part::ALL.into_iter().fold(list, |list, part| list.property(part.name(), schema_of(part)));
        RefOr::T(Schema::Object(list.build()))
    }
}

fn schema_of(part: Part) -> Schema {
    let object = ObjectBuilder::new().description(Some(part.chinese()));
    let object = part.entries().iter().fold(object, |object, entry| {
        let (kind, format) = match entry.kind {
            Kind::Whole => (Type::Integer, None),
            Kind::Date => (Type::String, Some(KnownFormat::Date)),
            _ => (Type::String, None),
        };
        let field = ObjectBuilder::new()
            .schema_type(kind)
            .format(format.map(SchemaFormat::KnownFormat))
            .description(Some(format!("{}: {}; {}", entry.chinese, entry.english, entry.kind.hint())));
        object.property(entry.name, field)
    });
    let object = object.build();
    if part.has_rows() { Schema::Array(ArrayBuilder::new().items(object).build()) } else { Schema::Object(object) }
}

/// Reads each list; what is wrong is added to `faults` with its row and field.
pub(super) fn read_all(lists: Vec<Value>, faults: &mut Vec<Fault>) -> Vec<SettlementList> {
    let read = |(at, list): (usize, Value)| {
        let mut list_faults = Vec::new();
        let list = read_list(&list, &mut list_faults);
        faults.extend(list_faults.into_iter().map(|(field, message)| Fault {
            row: Some(at + 1),
            field: format!("lists[{at}]{field}"),
            message,
        }));
        list
    };
    lists.into_iter().enumerate().map(read).collect()
}

type Faults = Vec<(String, String)>;

fn read_list(list: &Value, faults: &mut Faults) -> SettlementList {
    let mut read = SettlementList::default();
    let Value::Object(parts) = list else {
        faults.push((String::new(), "a list is a JSON object".to_owned()));
        return read;
    };
    for (name, content) in parts {
        for (row, object) in rows_of(name, content, faults) {
            for (field, value) in object {
                set(&mut read, (name, field), row, value, faults);
            }
        }
    }
    read
}

/// The objects of a part: one, or one a row.
fn rows_of<'a>(name: &str, content: &'a Value, faults: &mut Faults) -> Vec<(usize, &'a Map<String, Value>)> {
    let rows: Vec<&Value> = match content {
        Value::Array(rows) => rows.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    };
    let mut objects = Vec::with_capacity(rows.len());
    for (row, content) in rows.into_iter().enumerate() {
        match content {
            Value::Object(object) => objects.push((row, object)),
            _ => faults.push((format!(".{name}[{row}]"), "here stands an object with the fields".to_owned())),
        }
    }
    objects
}

fn set(list: &mut SettlementList, at: (&str, &str), row: usize, value: &Value, faults: &mut Faults) {
    let (part, field) = at;
    let path = || format!(".{part}[{row}].{field}");
    let own = || listing::by_path(&format!("{part}.{field}"));
    let Some(place) = own().or_else(|| by_national(part, field)) else {
        faults.push((path(), "there is no such field".to_owned()));
        return;
    };
    if row > 0 && !place.part.has_rows() {
        faults.push((path(), "this part stands once".to_owned()));
        return;
    }
    let text = match value {
        Value::Null => return,
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => {
            faults.push((path(), format!("{other} is neither a text nor a number")));
            return;
        }
    };
    if let Err(error) = list.set(place, row, &text) {
        faults.push((path(), error.to_string()));
    }
}
