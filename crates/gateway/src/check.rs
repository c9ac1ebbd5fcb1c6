//! 形式校验: whether a message has the form that the catalogue asks for. The first fault, in
//! the order of nodes, rows and fields, is refused; nothing here knows the law.

use crate::catalogue::{Field, Interface, Kind, Node, Rows};
use crate::dispatch::Limits;
use crate::json::Json;
use crate::message::{is_number, place};
use crate::refusal::shown;
use crate::{Envelope, Form, Message, Refused, Row, tolerance};
use std::fmt::Write as _;
use std::sync::Arc;

/// Checks an input against its transaction.
///
/// # Errors
/// [`Refused`] naming node, row, field and the way out.
pub fn check(
    envelope: Envelope,
    interface: &Arc<Interface>,
    input: Vec<(String, Json)>,
    limits: &Limits,
) -> Result<Message, Refused> {
    let mut canonical = String::new();
    let whole = Json::Object(input);
    canonicalise(&whole, &mut canonical);
    let Json::Object(mut input) = whole else { unreachable!("made above") };
    let mut nodes: Vec<Vec<Row>> = Vec::new();
    let mut inner: Inner = Vec::new();
    for node in &interface.input {
        let mut sent: Vec<Sent> =
            take_rows(&mut input, node)?.into_iter().map(|members| Sent { outer: 0, members }).collect();
        sent.extend(nested_rows(&mut inner, node)?);
        count_rows(node, &sent, &nodes, interface, limits)?;
        let mut rows = Vec::with_capacity(sent.len());
        for (at, sent) in sent.into_iter().enumerate() {
            rows.push(read_row(node, at + 1, sent, interface, &mut inner)?);
        }
        nodes.push(rows);
    }
    Ok(Message { envelope, interface: Arc::clone(interface), nodes, canonical })
}

type Members = Vec<(String, Json)>;

/// A row as sent, and the number of the row that held it; 0 when it stood in the input itself.
struct Sent {
    outer: usize,
    members: Members,
}

/// What stood inside rows read so far and belongs to a later node.
type Inner = Vec<Held>;

struct Held {
    node: String,
    outer: usize,
    /// `feedetl_sn` of the outer row, for rows that do not repeat it.
    line: Option<String>,
    json: Json,
}

/// The rows of a node as sent, taken out of the input.
fn take_rows(input: &mut Members, node: &Node) -> Result<Vec<Members>, Refused> {
    match input.iter().position(|(name, _)| tolerance::same_name(name, &node.name)) {
        Some(at) => as_rows(node, input.swap_remove(at).1),
        None => Ok(Vec::new()),
    }
}

fn as_rows(node: &Node, json: Json) -> Result<Vec<Members>, Refused> {
    let json = tolerance::object_in_text(json)?;
    tolerance::rows(json).ok_or_else(|| {
        let words = if node.rows == Rows::One { "应为一个对象" } else { "应为对象的数组" };
        Refused::form(Form::NodeShape, &node.name, words)
    })
}

/// Rows that clients put inside the rows of another node: each belongs to the row that holds it.
fn nested_rows(inner: &mut Inner, node: &Node) -> Result<Vec<Sent>, Refused> {
    let mut found = Vec::new();
    for held in inner.extract_if(.., |held| held.node == node.name) {
        let Held { outer, line, json, .. } = held;
        for mut members in as_rows(node, json)? {
            if let Some(line) = line.clone().filter(|_| !members.iter().any(|(name, _)| name == "feedetl_sn")) {
                members.push(("feedetl_sn".to_owned(), Json::Text(line)));
            }
            found.push(Sent { outer, members });
        }
    }
    Ok(found)
}

fn count_rows(
    node: &Node,
    sent: &[Sent],
    read: &[Vec<Row>],
    interface: &Interface,
    limits: &Limits,
) -> Result<(), Refused> {
    let count = sent.len();
    if count == 0 && node.rows != Rows::Any {
        return Err(Refused::form(Form::NodeMissing, &node.name, "缺少此节点或没有数据行，请补齐后重发"));
    }
    if count > 1 && node.rows == Rows::One {
        let words = format!("只能有 1 行，收到 {count} 行，请分次发送");
        return Err(Refused::form(Form::NodeShape, &node.name, words));
    }
    let most = interface.lines.unwrap_or(limits.lines);
    if count > most {
        let words = format!("{count} 行超过每次 {most} 行的上限，请分批发送");
        return Err(Refused::form(Form::TooManyLines, &node.name, words));
    }
    let outer = node.within.as_ref().and_then(|outer| interface.input.iter().position(|n| n.name == *outer));
    let Some(outer) = outer.filter(|_| node.rows == Rows::Many).and_then(|at| read.get(at)) else { return Ok(()) };
    match outer.iter().find(|row| sent.iter().all(|sent| sent.outer != row.number)) {
        None => Ok(()),
        Some(row) => {
            let place = format!("{}[{}].{}", row.node.name, row.number, node.name);
            Err(Refused::form(Form::NodeMissing, place, "缺少此节点或没有数据行，请补齐后重发"))
        }
    }
}

fn read_row(
    node: &Arc<Node>,
    number: usize,
    sent: Sent,
    interface: &Interface,
    inner: &mut Inner,
) -> Result<Row, Refused> {
    let mut cells: Vec<Option<String>> = vec![None; node.fields.len()];
    let mut extension = None;
    let held_before = inner.len();
    for (name, json) in sent.members {
        if tolerance::is_extension_field(&name) {
            extension = Some(json);
        } else if let Some(at) = position(node, &name) {
            cells[at] = Some(cell(node, number, &node.fields[at], &json)?);
        } else if let Some(known) = interface
            .input
            .iter()
            .find(|n| n.within.as_ref() == Some(&node.name) && tolerance::same_name(&name, &n.name))
        {
            inner.push(Held { node: known.name.clone(), outer: number, line: None, json });
        }
    }
    for (field, cell) in node.fields.iter().zip(&mut cells) {
        // An empty number is nought, so only an absent one is missing.
        let missing = cell.as_ref().is_none_or(|text| text.is_empty() && !is_number(field.kind));
        if field.required && missing {
            return Err(fault(node, number, field, Form::FieldMissing, "缺少或为空，请补齐后重发".to_owned()));
        }
        *cell = cell.take().filter(|text| !text.is_empty() || is_number(field.kind));
        if cell.as_deref() == Some("") {
            *cell = Some("0".to_owned());
        }
    }
    let extensions = read_extensions(node, number, extension, &mut cells)?;
    let row = Row { node: Arc::clone(node), number, outer: sent.outer, cells, extensions };
    if let Some(line) = row.given_if_any("feedetl_sn") {
        inner[held_before..].iter_mut().for_each(|held| held.line = Some(line.to_owned()));
    }
    Ok(row)
}

/// Where a field stands; a name in other letters than the catalogue's is understood.
fn position(node: &Node, name: &str) -> Option<usize> {
    let bent = || node.fields.iter().position(|field| tolerance::same_name(name, &field.name));
    node.position(name).or_else(|| if name.bytes().any(|byte| byte.is_ascii_uppercase()) { bent() } else { None })
}

/// The checked text of a field.
fn cell(node: &Node, row: usize, field: &Field, json: &Json) -> Result<String, Refused> {
    let wrong = |words: String| fault(node, row, field, Form::FieldType, words);
    if field.kind == Kind::Bytes {
        use base64::Engine as _;
        if tolerance::scalar_text(json).is_some_and(|text| text.is_empty()) {
            return Ok(String::new());
        }
        let bytes = tolerance::file_bytes(json).ok_or_else(|| wrong("应为 Base64 文本或字节数组".to_owned()))?;
        return Ok(base64::engine::general_purpose::STANDARD.encode(bytes));
    }
    if let Kind::List(most) = field.kind {
        let list = tolerance::listed(json).ok_or_else(|| wrong("应为文本的数组".to_owned()))?;
        let list = list.into_iter().map(|text| text_of(node, row, field, text, most)).collect::<Result<Vec<_>, _>>()?;
        return Ok(list.join(","));
    }
    let text = tolerance::scalar_text(json).ok_or_else(|| wrong("应为单个值，收到对象或数组".to_owned()))?;
    if text.is_empty() {
        return Ok(text);
    }
    match field.kind {
        Kind::Text(most) => text_of(node, row, field, text, most),
        Kind::Number { digits, places } => number_of(node, row, field, &text, digits, places),
        Kind::Date => tolerance::date_in(&text)
            .map(|date| date.to_string())
            .ok_or_else(|| wrong(format!("“{}”不是 yyyy-MM-dd 的日期", shown(&text, 20)))),
        Kind::DateTime => tolerance::time_in(&text)
            .map(terms::show_time)
            .ok_or_else(|| wrong(format!("“{}”不是 yyyy-MM-dd HH:mm:ss 的时间", shown(&text, 20)))),
        Kind::Bytes | Kind::List(_) => unreachable!("read above"),
    }
}

fn text_of(node: &Node, row: usize, field: &Field, text: String, most: usize) -> Result<String, Refused> {
    let length = text.chars().count();
    if length > most {
        let words = format!("长度 {length} 超过 {most} 个字符，请缩短后重发");
        return Err(fault(node, row, field, Form::FieldLength, words));
    }
    match &field.dictionary {
        Some(dictionary) if dictionary.checked => tolerance::code_of(dictionary, &text).ok_or_else(|| {
            let few: Vec<String> =
                dictionary.codes.iter().take(6).map(|(code, name)| format!("{code} {name}")).collect();
            let more = if dictionary.codes.len() > 6 { " 等" } else { "" };
            let words = format!("代码“{}”不在字典内，可用：{}{more}", shown(&text, 20), few.join("、"));
            fault(node, row, field, Form::FieldCode, words)
        }),
        _ => Ok(text),
    }
}

fn number_of(
    node: &Node,
    row: usize,
    field: &Field,
    text: &str,
    digits_most: usize,
    places_most: usize,
) -> Result<String, Refused> {
    let number = tolerance::number_text(text);
    let unsigned = number.strip_prefix('-').unwrap_or(number);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + decimals.len() == 0 || !is_digits(whole) || !is_digits(decimals) {
        let words = format!("“{}”不是数字，请写成如 12.50（不用千分位、不用科学计数）", shown(text, 20));
        return Err(fault(node, row, field, Form::FieldType, words));
    }
    let places = decimals.trim_end_matches('0').len();
    if places > places_most {
        let words = format!("“{}”有 {places} 位小数，最多 {places_most} 位", shown(text, 20));
        return Err(fault(node, row, field, Form::FieldLength, words));
    }
    let most = digits_most - places_most;
    if whole.trim_start_matches('0').len() > most || decimals.len() > 20 {
        let words = format!("“{}”的整数部分超过 {most} 位", shown(text, 20));
        return Err(fault(node, row, field, Form::FieldLength, words));
    }
    Ok(number.to_owned())
}

/// The declared keys of `exp_content`; undeclared ones are nobody's business and pass.
fn read_extensions(
    node: &Node,
    row: usize,
    sent: Option<Json>,
    cells: &mut [Option<String>],
) -> Result<Vec<Option<Vec<String>>>, Refused> {
    let mut values = vec![None; node.extensions.len()];
    let Some(sent) = sent else { return Ok(values) };
    let wrong = |form: Form, words: &str| Refused::form(form, place(node, row, "exp_content"), words);
    let text = as_text(&sent);
    let most = node.position("exp_content").map_or(4000, |at| match node.fields[at].kind {
        Kind::Text(most) => most,
        _ => 4000,
    });
    if text.chars().count() > most {
        return Err(wrong(Form::FieldLength, &format!("超过 {most} 个字符，请缩短后重发")));
    }
    if let Some(at) = node.position("exp_content") {
        cells[at] = Some(text).filter(|text| !text.is_empty());
    }
    let members = match tolerance::object_in_text(sent) {
        Ok(Json::Object(members)) => members,
        Ok(Json::List(_)) => return Err(wrong(Form::Extension, "应为 JSON 对象或其字符串")),
        Ok(_) => return Ok(values),
        Err(_) => return Err(wrong(Form::Extension, "不是合法的 JSON 对象，请改正后重发")),
    };
    for (key, json) in members {
        let Some(at) = node.extension_position(&tolerance::extension_key(&key)) else { continue };
        let field = &node.extensions[at];
        let list = match field.kind {
            Kind::List(most) => {
                let list = tolerance::listed(&json)
                    .ok_or_else(|| fault(node, row, field, Form::Extension, "应为文本的数组".to_owned()))?;
                list.into_iter().map(|text| text_of(node, row, field, text, most)).collect::<Result<Vec<_>, _>>()?
            }
            _ => vec![cell(node, row, field, &json)?],
        };
        values[at] =
            Some(list.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>()).filter(|list| !list.is_empty());
    }
    for (field, value) in node.extensions.iter().zip(&values) {
        if field.required && value.is_none() {
            return Err(fault(node, row, field, Form::FieldMissing, "缺少或为空，请补齐后重发".to_owned()));
        }
    }
    Ok(values)
}

fn fault(node: &Node, row: usize, field: &Field, form: Form, words: String) -> Refused {
    Refused::form(form, place(node, row, &field.name), words)
}

/// A value as compact JSON text; a text as itself.
fn as_text(json: &Json) -> String {
    match tolerance::scalar_text(json) {
        Some(text) => text,
        None => {
            let mut out = String::new();
            canonicalise(json, &mut out);
            out
        }
    }
}

/// Writes a value with names sorted, empties left out and every scalar as text.
fn canonicalise(json: &Json, out: &mut String) {
    match json {
        Json::Object(members) => {
            let mut members: Vec<&(String, Json)> = members.iter().collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            out.push('{');
            let mut first = true;
            for (name, json) in members {
                if tolerance::scalar_text(json).is_some_and(|text| text.is_empty()) {
                    continue;
                }
                if !std::mem::take(&mut first) {
                    out.push(',');
                }
                crate::json::write_text(out, name);
                out.push(':');
                canonicalise(json, out);
            }
            out.push('}');
        }
        Json::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                canonicalise(item, out);
            }
            out.push(']');
        }
        scalar => {
            let text = tolerance::scalar_text(scalar).expect("a scalar has a text");
            write!(out, "{}", Quoted(&text)).expect("a string takes any text");
        }
    }
}

struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        crate::json::write_text(&mut text, self.0);
        f.write_str(&text)
    }
}
