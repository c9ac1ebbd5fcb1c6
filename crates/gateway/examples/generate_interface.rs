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
    "2502", "2503", "2504", "2505", "2506", "2601", "3101", "3102", "3103", "3201", "3202", "3203", "3204", "3501",
    "3502", "3503", "3504", "3505", "3506", "3507", "3602", "3605", "3606", "4101", "4101A", "4102", "4103", "4401",
    "4402", "5201", "5202", "5203", "5204", "5205", "5206", "5301", "5303", "9001", "9002", "9101", "9102",
];

/// Transactions that the facts lack and the sibling whose nodes they share.
const SIBLINGS: &[(&str, &str, &str)] =
    &[("2206A", "2206", "门诊预结算A"), ("2207A", "2207", "门诊结算A"), ("4101A", "4101", "结算清单A")];

/// Transactions that record something, so that a repeated message is answered from memory.
const RECORDING: &[&str] = &[
    "2102", "2103", "2201", "2202", "2203", "2203A", "2204", "2205", "2207", "2207A", "2208", "2301", "2302", "2304",
    "2305", "2401", "2402", "2403", "2404", "2405", "2501", "2502", "2503", "2504", "2505", "2506", "2601", "3103",
    "3202", "3203", "3204", "3501", "3502", "3503", "3504", "3505", "3506", "3507", "3602", "4101", "4101A", "4102",
    "4401", "4402", "9001", "9002", "9101",
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
    "3101 patient_dtos",
    "3101 fsi_encounter_dtos",
    "3101 fsi_order_dtos",
    "3102 patient_dtos",
    "3102 fsi_encounter_dtos",
    "3102 fsi_order_dtos",
    "3103 warns",
    "3501 invinfo",
    "3502 invinfo",
    "3503 purcinfo",
    "3504 purcinfo",
    "3505 selinfo",
    "3506 selinfo",
    "3507 data",
    "4402 data",
];

/// Input nodes that repeat and may be absent.
const ANY_IN: &[&str] = &[
    "2102 durg_trac_info",
    "2203A diseinfo",
    "2403 diseinfo",
    "3101 fsi_diagnose_dtos",
    "3101 extend_order_map",
    "3101 fsi_operation_dtos",
    "3102 fsi_diagnose_dtos",
    "3102 extend_order_map",
    "3102 fsi_operation_dtos",
    "3501 drugtracinfo",
    "3505 drugtracinfo",
    "3506 drugtracinfo",
    "4101 opspdiseinfo",
    "4101 diseinfo",
    "4101 oprninfo",
    "4101 icuinfo",
    "4101 payinfo",
    "4101 bldinfo",
    "4101 iteminfo",
    "4102 data",
    "4102 stastinfo",
    "3602 fsiDrgAppySpcasItemEvtDTORet",
    "4401 diseinfo",
    "4401 oprninfo",
    "4401 icuinfo",
];

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
    "3101 result",
    "3101 judge_result_detail_dtos",
    "3102 result",
    "3102 judge_result_detail_dtos",
    "3605 data",
    "3606 data",
    "4103 payinfo",
    "4103 opspdiseinfo",
    "4103 diseinfo",
    "4103 iteminfo",
    "4103 oprninfo",
    "4103 icuinfo",
    "4103 drgAppyinfo",
    "4103 bldinfo",
    "5201 mdtrtinfo",
    "5202 diseinfo",
    "5203 setldetail",
    "5204 ",
    "5205 feedetail",
    "5206 cuminfo",
    "5301 feedetail",
    "5303 data",
];

/// Required by the text, yet it depends: a visit of med_type 11 has no 病种 (the law of a region
/// decides); the relation and address of a contact go with the contact's name; an outpatient
/// list has no discharge.
const LEFT_TO_THE_LAW: &[(&str, &str)] = &[
    ("2203", "dise_codg"),
    ("2203", "dise_name"),
    ("4101", "patn_rlts"),
    ("4101", "coner_addr"),
    ("4101", "coner_tel"),
    ("4101", "dscg_caty"),
    ("3101", "dscg_date"),
    ("3101", "dscg_dept_codg"),
    ("3101", "dscg_dept_name"),
    ("3101", "dscg_main_dise_codg"),
    ("3101", "dscg_main_dise_name"),
    ("3102", "dscg_date"),
    ("3102", "dscg_dept_codg"),
    ("3102", "dscg_dept_name"),
    ("3102", "dscg_main_dise_codg"),
    ("3102", "dscg_main_dise_name"),
];

/// Nodes that stand inside the rows of another: transaction, node, the node that holds it.
const WITHIN: &[(&str, &str, &str)] = &[
    ("2102", "durg_trac_info", "drugdetail"),
    ("3101", "patient_dtos", "data"),
    ("3101", "fsi_encounter_dtos", "patient_dtos"),
    ("3101", "fsi_diagnose_dtos", "fsi_encounter_dtos"),
    ("3101", "fsi_order_dtos", "fsi_encounter_dtos"),
    ("3101", "extend_order_map", "fsi_order_dtos"),
    ("3101", "fsi_operation_dtos", "fsi_encounter_dtos"),
    ("3101", "judge_result_detail_dtos", "result"),
    ("3102", "patient_dtos", "data"),
    ("3102", "fsi_encounter_dtos", "patient_dtos"),
    ("3102", "fsi_diagnose_dtos", "fsi_encounter_dtos"),
    ("3102", "fsi_order_dtos", "fsi_encounter_dtos"),
    ("3102", "extend_order_map", "fsi_order_dtos"),
    ("3102", "fsi_operation_dtos", "fsi_encounter_dtos"),
    ("3102", "judge_result_detail_dtos", "result"),
    ("3103", "warns", "data"),
    ("3501", "drugtracinfo", "invinfo"),
    ("3505", "drugtracinfo", "selinfo"),
    ("3506", "drugtracinfo", "selinfo"),
];

/// A whole stay's orders travel in one message: bytes of `input`, and rows of a node.
const LARGE: &[(&str, u32, u32)] = &[("3101", 1_000_000, 1_000), ("3102", 1_000_000, 1_000)];

/// Types of 3101 and 3102 that the text gives narrower than what travels: an order is priced and
/// counted as it is billed (2204), a moment says more than its day, and the class of an
/// institution has letters (A100).
const WIDER: &[(&str, &str)] = &[
    ("cnt", "num 16,4"),
    ("medins_type", "str 6"),
    ("pric", "num 16,6"),
    ("hilist_pric", "num 16,6"),
    ("adm_date", "datetime"),
    ("dscg_date", "datetime"),
    ("dise_date", "datetime"),
    ("drord_begn_date", "datetime"),
    ("drord_stop_date", "datetime"),
    ("oprn_date", "datetime"),
];

/// Lengths that the text gives too short for what really travels in the field. 清单流水号 is
/// drawn by the centre like every other number of its own, not counted in nine digits.
const LONGER: &[(&str, &str)] = &[("oinfno", "6"), ("omsgid", "40"), ("medins_setl_id", "40"), ("setl_list_id", "30")];

/// Queries that give back what an institution sent: a field is as full as it was sent.
const ECHOED: &[&str] = &["4103"];

/// Transactions that give other lengths to fields of the settlement messages: their lengths stay
/// their own, so that no settlement message changes for their sake.
const OWN_LENGTHS: &[&str] = &[
    "3101", "3102", "3103", "3203", "3204", "3501", "3502", "3503", "3504", "3505", "3506", "3507", "3602", "3605",
    "3606", "4101", "4101A", "4102", "4103", "4401", "4402",
];

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
    ("4101", "setlinfo", OLD_LIST),
    ("4101", "opspdiseinfo", &[("diag_name", "诊断名称", "str 500"), ("diag_code", "诊断代码", "str 30")]),
    ("4101", "oprninfo", &[("oprn_oprt_date", "手术操作日期", "date")]),
];

/// Input nodes of single regions' clients, absent from the text: the body of 4101 of 2020–21
/// lists the fees by 收费项目类别.
const ALSO_SEEN_NODES: &[(&str, &str, Extra)] = &[(
    "4101",
    "iteminfo",
    &[
        ("med_chrgitm", "医疗收费项目", "str 6"),
        ("amt", "金额", "num 16,2"),
        ("claa_sumfee", "甲类费用合计", "num 16,2"),
        ("clab_amt", "乙类金额", "num 16,2"),
        ("fulamt_ownpay_amt", "全自费金额", "num 16,2"),
        ("oth_amt", "其他金额", "num 16,2"),
    ],
)];
const OLD_LIST: Extra = &[
    ("fixmedins_code", "定点医药机构编号", "str 30"),
    ("fixmedins_name", "定点医药机构名称", "str 200"),
    ("hi_setl_lv", "医保结算等级", "str 3"),
    ("hi_no", "医保编号", "str 30"),
    ("psn_name", "人员姓名", "str 50"),
    ("gend", "性别", "str 6"),
    ("brdy", "出生日期", "date"),
    ("age", "年龄", "num 4,1"),
    ("nwb_age", "年龄不足1周岁的天数", "num 3"),
    ("naty", "民族", "str 3"),
    ("patn_cert_type", "患者证件类别", "str 3"),
    ("certno", "证件号码", "str 50"),
    ("hi_type", "医保类型", "str 6"),
    ("insuplc", "参保地", "str 6"),
    ("sp_psn_type", "特殊人员类型", "str 6"),
    ("ipt_med_type", "住院医疗类型", "str 3"),
    ("act_ipt_days", "实际住院天数", "num 4"),
    ("diag_code_cnt", "诊断代码计数", "num 4"),
    ("oprn_oprt_code_cnt", "手术操作代码计数", "num 4"),
    ("chfpdr_name", "主诊医师姓名", "str 50"),
    ("resp_nurs_name", "责任护士姓名", "str 50"),
    ("bld_cat", "输血品种", "str 3"),
    ("bld_amt", "输血量", "num 6"),
    ("bld_unt", "输血计量单位", "str 15"),
    ("psn_selfpay", "个人自付", "num 16,2"),
    ("psn_ownpay", "个人自费", "num 16,2"),
    ("acct_pay", "个人账户支出", "num 16,2"),
    ("psn_cashpay", "个人现金支付", "num 16,2"),
    ("hsorg", "医保机构", "str 100"),
    ("hsorg_opter", "医保机构经办人", "str 50"),
];
const CARD: Extra = &[
    ("order_no", "订单号", "str 50"),
    ("mdtrt_mode", "就诊方式", "str 6"),
    ("hcard_basinfo", "持卡就诊基本信息", "str 4000"),
    ("hcard_chkinfo", "持卡就诊校验信息", "str 4000"),
];

/// Dictionaries that are kept but not checked: the law refuses these itself, with its own code.
const LAW_DICTIONARIES: &[&str] = &["acct_used_flag", "insutype", "matn_type", "med_type", "mid_setl_flag"];

/// Fields whose dictionary by that name is another table than the text means (hilist_type takes
/// list_type), that only one rule reads, or that the register knows better: a code that nobody knows
/// is unknown to that rule, which is better than no reminder at all.
const WITHOUT_DICTIONARY: &[&str] = &["hilist_type", "drord_dr_profttl", "medins_type"];

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

/// The nodes whose lengths must agree.
fn served_nodes(facts: &Value) -> impl Iterator<Item = (&'static str, &Value)> {
    SERVED
        .iter()
        .filter(|infno| !OWN_LENGTHS.contains(infno))
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
        ("VARCHAR", length) => format!("str {length}"),
        ("数字型" | "BigDecimal", length) if length.contains(',') => format!("num {length}"),
        ("数字型", length) => format!("str {length}"),
        ("数值型", "") => "num 4,1".to_owned(),
        ("数值型", length) => format!("num {}", length.trim_end_matches(",0")),
        ("日期型", _) => "date".to_owned(),
        ("日期时间型", _) => "datetime".to_owned(),
        ("字节数组", _) => "bytes".to_owned(),
        ("规则标识集合", _) => "list 50".to_owned(),
        ("" | "List" | "Map<String,String>", "") => "node".to_owned(),
        (kind, "") if kind.ends_with("集合") => "node".to_owned(),
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
    if let Some((_, bytes, lines)) = LARGE.iter().find(|(number, ..)| *number == infno) {
        writeln!(text, "input_bytes = {bytes}\nlines = {lines}").unwrap();
    }
    let nodes: Vec<&Value> = facts[source]["nodes"].as_array().expect("nodes").iter().collect();
    let clients = clients(&nodes);
    for node in nodes {
        let name = node["node"].as_str().unwrap_or_default();
        let (input, name) = match (node["dir"].as_str(), name) {
            (_, "(input file, TAB txt)") => (None, "upload"),
            (_, "(output file, TAB txt)") => (None, "result"),
            // Clients send the rows as `data`, as `stastinfo`, or the second inside the first.
            (Some("in"), "data#stastinfo") => (Some(true), "data"),
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
        if let Some((.., outer)) = WITHIN.iter().find(|(number, inner, _)| (*number, *inner) == (infno, name)) {
            writeln!(text, "within = \"{outer}\"").unwrap();
        }
        writeln!(text, "fields = [").unwrap();
        let mut written = BTreeSet::new();
        for fact in node["fields"].as_array().expect("fields") {
            let mut field = fact_field(fact);
            if field.kind == "node" || !written.insert(field.name.clone()) {
                continue;
            }
            let omitted = clients.iter().any(|client| !field.seen.contains(*client));
            let relaxed = input == Some(true) && (omitted || LEFT_TO_THE_LAW.contains(&(source, field.name.as_str())));
            let echoed = input == Some(false) && ECHOED.contains(&infno);
            field.required &= !relaxed && !echoed;
            if field.kind.starts_with("str ") {
                // Where the text gives no length, that of a description.
                let own: u32 = field.kind.trim_start_matches("str ").parse().unwrap_or(255);
                field.kind = format!("str {}", lengths.get(&field.name).map_or(own, |longest| own.max(*longest)));
            }
            if let Some((_, wider)) = WIDER
                .iter()
                .find(|(known, _)| LARGE.iter().any(|(number, ..)| *number == infno) && *known == field.name)
            {
                field.kind = (*wider).to_owned();
            }
            field.dictionary &=
                dictionaries[&field.name].is_object() && !WITHOUT_DICTIONARY.contains(&field.name.as_str());
            if field.dictionary {
                used.insert(field.name.clone());
            }
            write_field(&mut text, &field);
        }
        if input == Some(true) {
            for (_, _, extra) in
                ALSO_SEEN.iter().filter(|(number, node, _)| [infno, source].contains(number) && *node == name)
            {
                write_extra(&mut text, extra.iter().filter(|(field, ..)| !written.contains(*field)));
            }
        }
        writeln!(text, "]").unwrap();
        if (infno, name) == ("4102", "data") {
            let same = text.rsplit("fields = ").next().unwrap_or_default().to_owned();
            writeln!(text, "\n[[input]]\nnode = \"stastinfo\"\nrows = \"any\"\nwithin = \"data\"\nfields = {same}")
                .unwrap();
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
    }
    for (_, name, extra) in ALSO_SEEN_NODES.iter().filter(|(number, ..)| [infno, source].contains(number)) {
        writeln!(text, "\n[[input]]\nnode = \"{name}\"\nrows = \"any\"\nfields = [").unwrap();
        write_extra(&mut text, extra.iter());
        writeln!(text, "]").unwrap();
    }
    text
}

fn write_extra<'a>(text: &mut String, extra: impl Iterator<Item = &'a (&'static str, &'static str, &'static str)>) {
    writeln!(text, "  # seen in single regions' clients").unwrap();
    for (field, label, kind) in extra {
        writeln!(text, "  [\"{field}\", \"{label}\", \"{kind}\", \"\"],").unwrap();
    }
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
