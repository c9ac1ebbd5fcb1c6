//! 描述: what every route may answer because of the frame, added to the description in one place,
//! so that no route need say it.

use serde_json::{Map, Value, json};

const PROBLEM: &str = "application/problem+json";
/// What an export is.
const FILES: [&str; 2] = ["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"];

/// Names each operation, and adds the frame's own answers to it.
pub(crate) fn describe(description: &mut Value) {
    let Some(paths) = description.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths.iter_mut() {
        for (method, operation) in item.as_object_mut().into_iter().flat_map(Map::iter_mut) {
            if let Some(operation) = operation.as_object_mut() {
                operation.insert("operationId".to_owned(), json!(named(method, path)));
                add(method, operation);
            }
        }
    }
}

/// An operation's name, `get_settlements_id`: handlers of several files are called `list` and
/// `show`, and clients need one name each.
fn named(method: &str, path: &str) -> String {
    let short = path.strip_prefix(crate::PREFIX).unwrap_or(path);
    let words = short.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn add(method: &str, operation: &mut Map<String, Value>) {
    let parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let asked = |place: &str| parameters.iter().any(|one| one["in"] == place);
    let exported = parameters.iter().any(|one| one["in"] == "query" && one["name"] == "format");
    let has_body = operation.contains_key("requestBody");
    let guarded = operation.contains_key("x-permission");
    let answers = operation.entry("responses").or_insert_with(|| json!({}));
    let Some(answers) = answers.as_object_mut() else { return };
    for (status, may, why) in [
        ("400", asked("path") || asked("query"), "the address cannot be read"),
        ("401", guarded, "not signed in"),
        ("403", guarded || method != "get", "not allowed, or not the session's own request"),
        ("413", has_body, "the body is too large"),
        ("415", has_body, "not this kind of body"),
        ("422", has_body || asked("path") || asked("query"), "something in it is wrong"),
        ("429", true, "too many requests"),
    ] {
        if may && !answers.contains_key(status) {
            let problem = json!({PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}});
            answers.insert(status.to_owned(), json!({"description": why, "content": problem}));
        }
    }
    answers.sort_keys();
    if let Some(content) = answers.get_mut("200").and_then(|answer| answer.get_mut("content")).filter(|_| exported)
        && let Some(content) = content.as_object_mut()
    {
        for kind in FILES {
            content.entry(kind).or_insert_with(|| json!({"schema": {"type": "string"}}));
        }
    }
}
