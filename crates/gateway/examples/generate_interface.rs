//! Writes `crates/gateway/interface/` from the collected facts of the national interface.
//!
//! Development only: `cargo run -p gateway --example generate_interface -- REFERENCE_DIR`
//! (default `../shared/reference`). What this program changes on the way is listed in the
//! constants below, each with its reason; the result is committed and reviewed like code.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::{fs, path::Path};

/// The transactions that the gateway knows field by field.
const SERVED: &[&str] = &[
    "1101", "1201", "2001", "2101", "2102", "2103", "2201", "2202", "2203", "2203A", "2204", "2205", "2206", "2206A",
    "2207", "2207A", "2208", "2301", "2302", "2303", "2304", "2305", "2401", "2402", "2403", "2404", "2405", "2501",
    "2502", "2503", "2504", "2505", "2506", "2601", "3201", "3202", "5201", "5202", "5203", "5204", "5205", "5206",
    "5301", "5303", "9001", "9002", "9101", "9102",
];

/// Transactions that the facts lack and the sibling whose nodes they share.
const SIBLINGS: &[(&str, &str, &str)] = &[("2206A", "2206", "门诊预结算A"), ("2207A", "2207", "门诊结算A")];

/// Transactions that record something, so that a repeated message is answered from memory.
const RECORDING: &[&str] = &[
    "2102", "2103", "2201", "2202", "2203", "2203A", "2204", "2205", "2207", "2207A", "2208", "2301", "2302", "2304",
    "2305", "2401", "2402", "2403", "2404", "2405", "2501", "2502", "2503", "2504", "2505", "2506", "2601", "3202",
    "9001", "9002", "9101",
];

/// Input nodes that repeat (at least one row).
const MANY_IN: &[&str] = &[
    "2101 drugdetail",
    "2102 drugdetail",
    "2203 diseinfo",
    "2204 feedetail",
    "2301 feedetail",
    "2302 data",
    "2401 diseinfo",
    "2402 diseinfo",
];

/// Input nodes that repeat and may be absent.
const ANY_IN: &[&str] = &["2102 durg_trac_info", "2203A diseinfo", "2403 diseinfo"];

/// Output nodes that repeat.
const MANY_OUT: &[&str] = &[
    "1101 insuinfo",
    "1101 idetinfo",
    "2001 trtinfo",
    "2101 setldetail",
    "2101 detlcutinfo",
    "2102 setldetail",
    "2102 detlcutinfo",
    "2103 setldetail",
    "2204 result",
    "2206 setldetail",
    "2206A setldetail",
    "2207 setldetail",
    "2207A setldetail",
    "2208 setldetail",
    "2301 result",
    "2303 setldetail",
    "2304 setldetail",
    "2305 setldetail",
    "5201 mdtrtinfo",
    "5202 diseinfo",
    "5203 setldetail",
    "5204 ",
    "5205 feedetail",
    "5206 cuminfo",
    "5301 feedetail",
    "5303 data",
];

/// Required by the text, yet the law of a region decides (a visit of med_type 11 has no 病种).
const LEFT_TO_THE_LAW: &[(&str, &str)] = &[("2203", "dise_codg"), ("2203", "dise_name")];

/// Lengths that the text gives too short for what really travels in the field.
const LONGER: &[(&str, &str)] = &[("oinfno", "6"), ("omsgid", "40"), ("medins_setl_id", "40")];

/// Name, 中文名 and type of fields.
type Extra = &'static [(&'static str, &'static str, &'static str)];

/// Optional input fields of single regions' clients, absent from the text.
const ALSO_SEEN: &[(&str, &str, Extra)] = &[
    ("2203", "mdtrtinfo", &[("matn_type", "生育类别", "str 6"), ("geso_val", "孕周数", "num 2")]),
    ("2204", "feedetail", &[("er_flag", "急诊标志", "str 6")]),
    ("2206A", "data", CARD),
    ("2207A", "data", CARD),
    ("2301", "feedetail", &[("er_flag", "急诊标志", "str 6")]),
    ("2303", "data", &[("dscg_time", "出院时间", "datetime")]),
    ("2304", "data", &[("dscg_time", "出院时间", "datetime")]),
    ("2402", "diseinfo", &[("adm_cond", "入院病情", "str 500")]),
];
const CARD: Extra = &[
    ("order_no", "订单号", "str 50"),
    ("mdtrt_mode", "就诊方式", "str 6"),
    ("hcard_basinfo", "持卡就诊基本信息", "str 4000"),
    ("hcard_chkinfo", "持卡就诊校验信息", "str 4000"),
];

/// Dictionaries that are kept but not checked: the law refuses these itself, with its own code.
const LAW_DICTIONARIES: &[&str] = &["acct_used_flag", "insutype", "matn_type", "med_type", "mid_setl_flag"];

struct Field {
    name: String,
    label: String,
    kind: String,
    required: bool,
    dictionary: bool,
    seen: String,
}

struct Title {
    title: String,
    caller: &'static str,
    path: String,
}

fn main() {
    let reference = std::env::args().nth(1).unwrap_or_else(|| "../shared/reference".to_owned());
    let reference = Path::new(&reference);
    let read = |name: &str| {
        fs::read_to_string(reference.join(name))
            .unwrap_or_else(|error| panic!("cannot read {name} in {}: {error}", reference.display()))
    };
    let facts: Value = serde_json::from_str(&read("nhsa-interface-fields.json")).expect("field facts are JSON");
    let dictionaries: Value = serde_json::from_str(&read("nhsa-interface-dicts.json")).expect("dictionaries are JSON");
    let titles = titles(&read("nhsa-interface.md"), &facts);
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("interface");
    let lengths = longest(&facts["transactions"]);
    let mut used = BTreeSet::new();
    for infno in SERVED {
        let text = transaction(infno, &facts["transactions"], &titles, &lengths, &dictionaries, &mut used);
        fs::write(out.join(format!("{infno}.toml")), text).expect("write a transaction");
    }
    let mut text = String::from("# infno\t名称\tcaller\n");
    for (infno, title) in &titles {
        writeln!(text, "{infno}\t{}\t{}", title.title, title.caller).unwrap();
    }
    fs::write(out.join("titles.tsv"), text).expect("write the titles");
    fs::write(out.join("dictionaries.toml"), dictionary_file(&dictionaries, &used)).expect("write dictionaries");
    println!("{} transactions, {} titles, {} dictionaries", SERVED.len(), titles.len(), used.len());
}

/// Number, title, caller and path of every transaction, from the catalogue table and the facts.
fn titles(markdown: &str, facts: &Value) -> BTreeMap<String, Title> {
    let mut titles = BTreeMap::new();
    for (infno, fact) in facts["transactions"].as_object().expect("transactions") {
        let title = fact["title"].as_str().unwrap_or_default().to_owned();
        titles.insert(infno.clone(), Title { title, caller: "institution", path: String::new() });
    }
    let section = markdown.split("## 2. ").nth(1).and_then(|rest| rest.split("\n## 3").next()).unwrap_or_default();
    for line in section.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if cells.len() < 6 || !cells[0].starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let caller = match cells[3] {
            "H" => "hospital",
            "P" => "pharmacy",
            "C→I" => "centre",
            _ => "institution",
        };
        let path = cells[5].trim_start_matches('…').to_owned();
        titles.insert(cells[0].to_owned(), Title { title: cells[1].to_owned(), caller, path });
    }
    titles
}

fn served_nodes(facts: &Value) -> impl Iterator<Item = (&'static str, &Value)> {
    SERVED
        .iter()
        .flat_map(move |infno| facts[*infno]["nodes"].as_array().into_iter().flatten().map(move |node| (*infno, node)))
}

/// The longest text length that any served transaction gives a field: what one answer may
/// carry, another message must be able to send back.
fn longest(facts: &Value) -> BTreeMap<String, u32> {
    let mut lengths = BTreeMap::new();
    for (_, node) in served_nodes(facts) {
        for field in node["fields"].as_array().expect("fields").iter().map(fact_field) {
            if let Some(length) = field.kind.strip_prefix("str ").and_then(|length| length.parse::<u32>().ok()) {
                let longest = lengths.entry(field.name).or_insert(length);
                *longest = length.max(*longest);
            }
        }
    }
    for (name, length) in LONGER {
        lengths.insert((*name).to_owned(), length.parse().expect("a length"));
    }
    lengths
}

fn fact_field(fact: &Value) -> Field {
    let text = |key: &str| fact[key].as_str().unwrap_or_default().trim().replace('，', ",");
    let (kind, length) = (text("type"), text("len"));
    let kind = match (kind.as_str(), length.as_str()) {
        ("字符型", length) if length.contains(',') => format!("num {length}"),
        ("字符型", length) => format!("str {length}"),
        ("数字型", length) => format!("str {length}"),
        ("数值型", "") => "num 4,1".to_owned(),
        ("数值型", length) => format!("num {}", length.trim_end_matches(",0")),
        ("日期型", _) => "date".to_owned(),
        ("日期时间型", _) => "datetime".to_owned(),
        ("字节数组", _) => "bytes".to_owned(),
        ("", "") => "node".to_owned(),
        other => panic!("an unknown type {other:?} of {}", fact["f"]),
    };
    Field {
        name: text("f"),
        label: text("name"),
        kind,
        required: fact["req"] == true,
        dictionary: fact["dict"] == true,
        seen: text("seen"),
    }
}

fn transaction(
    infno: &str,
    facts: &Value,
    titles: &BTreeMap<String, Title>,
    lengths: &BTreeMap<String, u32>,
    dictionaries: &Value,
    used: &mut BTreeSet<String>,
) -> String {
    let sibling = SIBLINGS.iter().find(|(number, ..)| *number == infno);
    let source = sibling.map_or(infno, |(_, source, _)| source);
    let title = &titles[infno];
    let mut text = String::new();
    if let Some((_, source, _)) = sibling {
        writeln!(text, "# Derived from {source}: only client code names this number; same nodes, open exp_content.")
            .unwrap();
    }
    writeln!(text, "infno = \"{infno}\"").unwrap();
    writeln!(text, "title = \"{}\"", sibling.map_or(title.title.as_str(), |(.., name)| name)).unwrap();
    writeln!(text, "caller = \"{}\"", title.caller).unwrap();
    if !title.path.is_empty() {
        writeln!(text, "path = \"{}\"", title.path).unwrap();
    }
    writeln!(text, "records = {}", RECORDING.contains(&infno)).unwrap();
    let nodes: Vec<&Value> = facts[source]["nodes"].as_array().expect("nodes").iter().collect();
    let clients = clients(&nodes);
    for node in nodes {
        let name = node["node"].as_str().unwrap_or_default();
        let (input, name) = match (node["dir"].as_str(), name) {
            (_, "(input file, TAB txt)") => (None, "upload"),
            (_, "(output file, TAB txt)") => (None, "result"),
            (Some("in"), name) => (Some(true), name),
            (_, "(none)") => (Some(false), ""),
            (_, name) => (Some(false), name),
        };
        let key = format!("{infno} {name}");
        let base = format!("{source} {name}");
        let listed = |list: &[&str]| list.contains(&key.as_str()) || list.contains(&base.as_str());
        let rows = match input {
            None => "any",
            Some(true) if listed(ANY_IN) => "any",
            Some(true) if listed(MANY_IN) => "many",
            Some(false) if listed(MANY_OUT) => "any",
            Some(_) => "one",
        };
        let direction = match input {
            Some(true) => "input",
            Some(false) => "output",
            None => "file",
        };
        writeln!(text, "\n[[{direction}]]\nnode = \"{name}\"\nrows = \"{rows}\"").unwrap();
        if name == "durg_trac_info" {
            writeln!(text, "within = \"drugdetail\"").unwrap();
        }
        writeln!(text, "fields = [").unwrap();
        let mut written = BTreeSet::new();
        for fact in node["fields"].as_array().expect("fields") {
            let mut field = fact_field(fact);
            if field.kind == "node" || !written.insert(field.name.clone()) {
                continue;
            }
            let omitted = clients.iter().any(|client| !field.seen.contains(*client));
            let relaxed = input == Some(true) && (omitted || LEFT_TO_THE_LAW.contains(&(infno, field.name.as_str())));
            field.required &= !relaxed;
            if field.kind.starts_with("str ") {
                field.kind = format!("str {}", lengths[&field.name]);
            }
            field.dictionary &= dictionaries[&field.name].is_object();
            if field.dictionary {
                used.insert(field.name.clone());
            }
            write_field(&mut text, &field);
        }
        if input == Some(true) {
            for (_, _, extra) in ALSO_SEEN.iter().filter(|(number, node, _)| *number == infno && *node == name) {
                writeln!(text, "  # seen in single regions' clients").unwrap();
                for (field, label, kind) in *extra {
                    writeln!(text, "  [\"{field}\", \"{label}\", \"{kind}\", \"\"],").unwrap();
                }
            }
        }
        writeln!(text, "]").unwrap();
    }
    text
}

/// The clients (by source letter) that have a file for this transaction.
fn clients(nodes: &[&Value]) -> Vec<char> {
    let seen: String = nodes
        .iter()
        .filter(|node| node["dir"] == "in")
        .flat_map(|node| node["fields"].as_array().expect("fields"))
        .map(|fact| fact_field(fact).seen)
        .collect();
    "CNZT".chars().filter(|client| seen.contains(*client)).collect()
}

fn write_field(text: &mut String, field: &Field) {
    let required = if field.required { "required" } else { "" };
    let dictionary = if field.dictionary { format!(", \"{}\"", field.name) } else { String::new() };
    writeln!(text, "  [\"{}\", \"{}\", \"{}\", \"{required}\"{dictionary}],", field.name, field.label, field.kind)
        .unwrap();
}

fn dictionary_file(dictionaries: &Value, used: &BTreeSet<String>) -> String {
    let mut text = String::from(
        "# Code lists of the served fields. A code is known when it begins with a listed code: provinces\n\
         # extend a code by appending digits. checked = false: the law of the region refuses it itself.\n",
    );
    for name in used {
        let dictionary = &dictionaries[name];
        writeln!(text, "\n[{name}]\nname = \"{}\"", dictionary["name"].as_str().unwrap_or_default()).unwrap();
        if LAW_DICTIONARIES.contains(&name.as_str()) {
            writeln!(text, "checked = false").unwrap();
        }
        if name == "naty" {
            writeln!(text, "leading_zero = true # 01 is 1").unwrap();
        }
        writeln!(text, "codes = [").unwrap();
        let mut codes: BTreeMap<&str, &str> = BTreeMap::new();
        for value in dictionary["values"].as_array().expect("values") {
            let part = |at: usize| value[at].as_str().unwrap_or_default().trim();
            codes.entry(part(0)).or_insert(part(1));
        }
        for (code, meaning) in codes {
            writeln!(text, "  [\"{code}\", \"{}\"],", meaning.replace('"', "'").replace('\n', " ")).unwrap();
        }
        writeln!(text, "]").unwrap();
    }
    text
}
