//! 报文: the input of each transaction that a hospital sends, in the field names of the
//! national interface. Amounts are written as numbers with their exact decimals.

use std::fmt::{Display, Write as _};

use terms::{DateTime, Fen, show_time};

use super::money::Settled;
use crate::region::Institution;
use crate::visit::{Line, Visit};

/// A JSON object under construction.
pub(super) struct Node(String);

impl Node {
    pub(super) fn new() -> Node {
        Node(String::from("{"))
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        let _ = write!(self.0, "\"{name}\":");
    }

    pub(super) fn text(mut self, name: &str, text: impl AsRef<str>) -> Node {
        self.name(name);
        self.0.push_str(&quoted(text.as_ref()));
        self
    }

    pub(super) fn number(mut self, name: &str, number: impl Display) -> Node {
        self.name(name);
        let _ = write!(self.0, "{number}");
        self
    }

    pub(super) fn time(self, name: &str, time: DateTime) -> Node {
        self.text(name, show_time(time))
    }

    pub(super) fn raw(mut self, name: &str, json: &str) -> Node {
        self.name(name);
        self.0.push_str(json);
        self
    }

    /// `exp_content` holds its object as a text.
    pub(super) fn extension(self, extension: Node) -> Node {
        let inner = extension.done();
        self.text("exp_content", inner)
    }

    pub(super) fn done(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(super) fn list(rows: impl Iterator<Item = String>) -> String {
    let rows: Vec<String> = rows.collect();
    format!("[{}]", rows.join(","))
}

/// `{"name": node}`.
pub(super) fn input(name: &str, node: Node) -> String {
    Node::new().raw(name, &node.done()).done()
}

/// Who is treated: the certificate that was shown.
fn certificate(node: Node, visit: &Visit, token: Option<&str>) -> Node {
    let person = &visit.person;
    let node = shown(node.text("psn_no", &person.number), visit, token);
    node.text("psn_cert_type", "01").text("certno", &person.certificate)
}

/// 就诊凭证: the token of a code that was scanned, or the identity card.
fn shown(node: Node, visit: &Visit, token: Option<&str>) -> Node {
    let (kind, number) = token.map_or(("02", visit.person.certificate.as_str()), |token| ("01", token));
    node.text("mdtrt_cert_type", kind).text("mdtrt_cert_no", number).text("card_sn", "")
}

/// 1162.
pub(super) fn decoding(visit: &Visit, code: &str, business: &str) -> String {
    let node = Node::new().text("ecQrCode", code).text("businessType", business).text("orgId", &visit.institution.code);
    let node = node.text("operatorId", "001").text("operatorName", "收费员").text("officeId", &visit.department.code);
    input("data", node.text("officeName", &visit.department.name))
}

fn flag(yes: bool) -> &'static str {
    if yes { "1" } else { "0" }
}

/// 9001.
pub(super) fn sign_in() -> String {
    input("signIn", Node::new().text("opter_no", "001").text("mac", "02-00-00-00-00-01").text("ip", "127.0.0.1"))
}

/// 1101.
pub(super) fn person(visit: &Visit, token: Option<&str>) -> String {
    let person = &visit.person;
    let node = shown(Node::new(), visit, token);
    let node = node.time("begntime", visit.begin).text("psn_cert_type", "01").text("certno", &person.certificate);
    input("data", node.text("psn_name", &person.name))
}

/// 2001.
pub(super) fn entitlement(visit: &Visit) -> String {
    let node = Node::new().text("psn_no", &visit.person.number).text("insutype", visit.scheme);
    let node = node.text("fixmedins_code", &visit.institution.code).text("med_type", visit.kind.code());
    let node = node.time("begntime", visit.begin);
    input("data", disease(node, visit, false))
}

/// 病种: the chronic disease; else the main diagnosis where the field may not be empty.
fn disease(node: Node, visit: &Visit, filled: bool) -> Node {
    let main = visit.diagnoses.first().filter(|_| filled);
    let main = main.map(|diagnosis| (diagnosis.code.as_str(), diagnosis.name.as_str()));
    let chronic = visit.disease.as_ref().map(|(code, name)| (code.as_str(), name.as_str()));
    let (code, name) = chronic.or(main).unwrap_or(("", ""));
    node.text("dise_codg", code).text("dise_name", name)
}

/// 2201.
pub(super) fn registration(visit: &Visit, token: Option<&str>) -> String {
    let node = certificate(Node::new(), visit, token).text("insutype", visit.scheme).time("begntime", visit.begin);
    let node = node.text("psn_type", visit.person_type).text("psn_name", &visit.person.name);
    let node = node.text("ipt_otp_no", &visit.label).text("atddr_no", &visit.doctor.code);
    let node = node.text("dr_name", &visit.doctor.name).text("dept_code", &visit.department.code);
    input("data", node.text("dept_name", &visit.department.name).text("caty", &visit.department.caty))
}

/// 2202.
pub(super) fn registration_cancelled(visit: &Visit, mdtrt_id: &str) -> String {
    let node = Node::new().text("psn_no", &visit.person.number).text("mdtrt_id", mdtrt_id);
    input("data", node.text("ipt_otp_no", &visit.label))
}

fn trauma(visit: &Visit) -> Node {
    let third_party = visit.trauma.is_some_and(|trauma| trauma.third_party);
    Node::new().text("TRUM_FLAG", flag(visit.trauma.is_some())).text("REL_TTP_FLAG", flag(third_party))
}

/// 2203, 2203A.
pub(super) fn consultation(visit: &Visit, mdtrt_id: &str) -> String {
    let node = Node::new().text("mdtrt_id", mdtrt_id).text("psn_no", &visit.person.number);
    let node = node.text("med_type", visit.kind.code()).time("begntime", visit.begin).text("main_cond_dscr", "");
    let extension = trauma(visit).text("RX_CIRC_FLAG", flag(visit.outside_prescription));
    let node = disease(node, visit, true).text("birctrl_type", "").extension(extension);
    let diagnoses = list((1..).zip(&visit.diagnoses).map(|(number, diagnosis)| {
        let node = Node::new().text("diag_type", "1").number("diag_srt_no", number);
        diagnosed(node.text("diag_code", &diagnosis.code).text("diag_name", &diagnosis.name), visit)
            .text("vali_flag", "1")
            .done()
    }));
    Node::new().raw("mdtrtinfo", &node.done()).raw("diseinfo", &diagnoses).done()
}

fn diagnosed(node: Node, visit: &Visit) -> Node {
    let node = node.text("diag_dept", &visit.department.name).text("dise_dor_no", &visit.doctor.code);
    node.text("dise_dor_name", &visit.doctor.name).time("diag_time", visit.begin)
}

fn line(node: Node, line: &Line) -> Node {
    let node = node.text("feedetl_sn", line.number.to_string()).time("fee_ocur_time", line.time);
    let node = node.text("med_list_codg", &line.code).text("medins_list_codg", format!("N{}", line.code));
    node.number("det_item_fee_sumamt", line.amount).number("cnt", line.count).number("pric", line.price)
}

fn ordered(node: Node, visit: &Visit) -> Node {
    let node = node.text("bilg_dept_codg", &visit.department.code).text("bilg_dept_name", &visit.department.name);
    node.text("bilg_dr_codg", &visit.doctor.code).text("bilg_dr_name", &visit.doctor.name)
}

/// 收费批次号 of a visit: a hospital numbers them by its own rule.
fn batch(visit: &Visit) -> String {
    format!("B{}", visit.label)
}

/// 2204.
pub(super) fn outpatient_lines(visit: &Visit, mdtrt_id: &str, lines: &[&Line]) -> String {
    let rows = list(lines.iter().map(|row| {
        let node = line(Node::new(), row).text("mdtrt_id", mdtrt_id).text("psn_no", &visit.person.number);
        let node = node.text("chrg_bchno", batch(visit)).text("rxno", "");
        let node = ordered(node.text("rx_circ_flag", flag(visit.outside_prescription)), visit);
        let chronic = visit.disease.as_ref().map_or("", |(code, _)| code);
        let node = node.text("dise_codg", chronic).text("hosp_appr_flag", row.approval);
        match row.refund_of {
            Some(root) => node.extension(Node::new().text("INIT_FEEDETL_SN", root.to_string())).done(),
            None => node.done(),
        }
    }));
    Node::new().raw("feedetail", &rows).done()
}

/// 2205.
pub(super) fn outpatient_lines_withdrawn(visit: &Visit, mdtrt_id: &str, numbers: &[u32]) -> String {
    let numbers = list(numbers.iter().map(|number| format!("\"{number}\"")));
    let node = Node::new().text("mdtrt_id", mdtrt_id).text("chrg_bchno", batch(visit));
    let node = node.text("psn_no", &visit.person.number);
    input("data", node.extension(Node::new().raw("FEEDETL_SN", &numbers)))
}

fn amounts(node: Node, trial: &Settled) -> Node {
    ["fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"]
        .into_iter()
        .fold(node, |node, name| node.number(name, trial.head(name)))
}

/// 2206, and 2207 with what the trial answered.
pub(super) fn outpatient_bill(
    visit: &Visit,
    mdtrt_id: &str,
    total: Fen,
    trial: Option<&Settled>,
    token: Option<&str>,
) -> String {
    let node = certificate(Node::new(), visit, token);
    let node = match trial {
        None => node.text("psn_type", visit.person_type).text("psn_name", &visit.person.name),
        Some(_) => node, // 2207 has neither
    };
    let node = node.text("med_type", visit.kind.code());
    let node = node.number("medfee_sumamt", total).text("psn_setlway", "01").text("mdtrt_id", mdtrt_id);
    let node = node.text("chrg_bchno", batch(visit)).text("acct_used_flag", visit.account_use);
    let node = node.text("insutype", visit.scheme).extension(Node::new().text("MID_SETL_FLAG", "0"));
    input("data", if let Some(trial) = trial { amounts(node.text("invono", ""), trial) } else { node })
}

/// 2208, 2305, 2103.
pub(super) fn reversal(visit: &Visit, settled: &Settled) -> String {
    let node = Node::new().text("setl_id", &settled.id).text("mdtrt_id", &settled.visit);
    input("data", node.text("psn_no", &visit.person.number))
}

/// 2601 of an earlier message.
pub(super) fn undo(visit: &Visit, msgid: &str, infno: &str) -> String {
    let node = Node::new().text("psn_no", &visit.person.number).text("omsgid", msgid);
    input("data", node.text("oinfno", infno))
}

/// 2101, 2102: a purchase in one message.
pub(super) fn purchase(visit: &Visit, lines: &[&Line], total: Fen, token: Option<&str>) -> String {
    let node = certificate(Node::new(), visit, token).text("psn_type", visit.person_type);
    let node = node.text("psn_name", &visit.person.name).time("begntime", visit.begin);
    let node = node.number("medfee_sumamt", total).text("insutype", visit.scheme);
    let node = disease(node, visit, false).text("acct_used_flag", visit.account_use);
    let flags = Node::new().text("RX_CIRC_FLAG", flag(visit.outside_prescription));
    let info = node.text("med_type", visit.kind.code()).extension(flags).done();
    let rows = list(lines.iter().map(|row| {
        let node = line(Node::new(), row).text("rxno", "").text("rx_circ_flag", flag(visit.outside_prescription));
        let node = node.text("bilg_dr_codg", &visit.doctor.code).text("bilg_dr_name", &visit.doctor.name);
        match row.refund_of {
            Some(root) => node.extension(Node::new().text("INIT_FEEDETL_SN", root.to_string())).done(),
            None => node.done(),
        }
    }));
    Node::new().raw("druginfo", &info).raw("drugdetail", &rows).done()
}

/// The people and places of a stay's diagnoses, for 2401 and 2402.
fn stay_diagnoses(visit: &Visit, mdtrt_id: Option<&str>) -> String {
    list((1..).zip(&visit.diagnoses).map(|(number, diagnosis)| {
        let node = match mdtrt_id {
            Some(id) => Node::new().text("mdtrt_id", id),
            None => Node::new(),
        };
        let node = node.text("psn_no", &visit.person.number).text("diag_type", "1");
        let node = node.text("maindiag_flag", flag(diagnosis.main)).number("diag_srt_no", number);
        let node = node.text("diag_code", &diagnosis.code).text("diag_name", &diagnosis.name);
        diagnosed(if mdtrt_id.is_none() { node.text("adm_cond", "1") } else { node }, visit).done()
    }))
}

/// 2401.
pub(super) fn admission(visit: &Visit, area: &str, token: Option<&str>) -> String {
    let main = visit.diagnoses.first();
    let (code, name) = main.map_or(("", ""), |diagnosis| (&diagnosis.code, &diagnosis.name));
    let person = &visit.person;
    let node = Node::new().text("psn_no", &person.number).text("insutype", visit.scheme);
    let node = node.text("coner_name", "").text("tel", "").time("begntime", visit.begin);
    let node = shown(node, visit, token);
    let node = node.text("cert_type", "01").text("certno", &person.certificate).text("med_type", visit.kind.code());
    let node = node.text("ipt_no", &visit.label).text("medrcdno", &visit.label);
    let node = node.text("atddr_no", &visit.doctor.code).text("chfpdr_name", &visit.doctor.name);
    let node = node.text("adm_diag_dscr", name).text("adm_dept_codg", &visit.department.code);
    let node = node.text("adm_dept_name", &visit.department.name).text("adm_bed", &visit.bed);
    let node = node.text("dscg_maindiag_code", code).text("dscg_maindiag_name", name).text("main_cond_dscr", "");
    let node = operation(node, visit);
    let node = match visit.delivery {
        Some((matn_type, _)) => node.text("matn_type", matn_type).text("fetus_cnt", "1"),
        None => node,
    };
    let node = node.text("insuplc_admdvs", area).text("mdtrtarea_admvs", &visit.institution.area);
    let info = node.extension(trauma(visit)).done();
    Node::new().raw("mdtrtinfo", &info).raw("diseinfo", &stay_diagnoses(visit, None)).done()
}

fn operation(node: Node, visit: &Visit) -> Node {
    match visit.procedures.first() {
        Some(first) => node.text("oprn_oprt_code", &first.code).text("oprn_oprt_name", &first.name),
        None => node,
    }
}

/// 2301.
pub(super) fn stay_lines(visit: &Visit, mdtrt_id: &str, lines: &[&Line]) -> String {
    let rows = list(lines.iter().map(|row| {
        let node =
            line(Node::new(), row).text("init_feedetl_sn", row.refund_of.map_or(String::new(), |n| n.to_string()));
        let node = node.text("mdtrt_id", mdtrt_id).text("drord_no", "").text("psn_no", &visit.person.number);
        ordered(node.text("med_type", visit.kind.code()), visit).text("hosp_appr_flag", row.approval).done()
    }));
    Node::new().raw("feedetail", &rows).done()
}

/// 2302, one row a line.
pub(super) fn stay_lines_withdrawn(visit: &Visit, mdtrt_id: &str, numbers: &[u32]) -> String {
    let rows = list(numbers.iter().map(|number| {
        let node = Node::new().text("feedetl_sn", number.to_string()).text("mdtrt_id", mdtrt_id);
        node.text("psn_no", &visit.person.number).done()
    }));
    Node::new().raw("data", &rows).done()
}

/// 2402.
pub(super) fn discharge(visit: &Visit, mdtrt_id: &str) -> String {
    let node = Node::new().text("mdtrt_id", mdtrt_id).text("psn_no", &visit.person.number);
    let node = node.text("insutype", visit.scheme).time("endtime", visit.end);
    let node = operation(node, visit);
    let node = match visit.delivery {
        Some((matn_type, complicated)) => {
            let born = visit.begin.date().to_string();
            node.text("matn_type", matn_type).text("cop_flag", flag(complicated)).text("birctrl_matn_date", born)
        }
        None => node,
    };
    let node = node.text("dscg_dept_codg", &visit.department.code).text("dscg_dept_name", &visit.department.name);
    let node = node.text("dscg_bed", &visit.bed).text("dscg_way", visit.discharge_way);
    let node = if visit.discharge_way == "5" { node.text("die_date", visit.end.date().to_string()) } else { node };
    Node::new().raw("dscginfo", &node.done()).raw("diseinfo", &stay_diagnoses(visit, Some(mdtrt_id))).done()
}

/// 2303, and 2304 with what the trial answered.
pub(super) fn stay_bill(
    visit: &Visit,
    mdtrt_id: &str,
    total: Fen,
    trial: Option<&Settled>,
    (area, token): (&str, Option<&str>),
) -> String {
    let node = certificate(Node::new(), visit, token).text("psn_type", visit.person_type);
    let node = node.text("psn_name", &visit.person.name).number("medfee_sumamt", total).text("psn_setlway", "01");
    let node = node.text("mdtrt_id", mdtrt_id).text("acct_used_flag", visit.account_use);
    let node = node.text("insutype", visit.scheme).text("mid_setl_flag", "0");
    let node = node.text("insuplc_admdvs", area).text("mdtrtarea_admvs", &visit.institution.area);
    let node = node.text("dscgTime", visit.end.date().to_string());
    input("data", if let Some(trial) = trial { amounts(node.text("invono", ""), trial) } else { node })
}

/// 2503: a chronic disease that the hospital has found.
pub(super) fn chronic_filing(visit: &Visit, (code, name): &(String, String), area: &str) -> String {
    let day = visit.begin.date().to_string();
    let node = Node::new().text("psn_no", &visit.person.number).text("insutype", visit.scheme);
    let node = node.text("opsp_dise_code", code).text("opsp_dise_name", name).text("insu_optins", area);
    let node = node.text("ide_fixmedins_no", &visit.institution.code);
    let node = node.text("ide_fixmedins_name", &visit.institution.name).text("hosp_ide_date", &day);
    let node = node.text("diag_dr_codg", &visit.doctor.code).text("diag_dr_name", &visit.doctor.name);
    input("data", node.text("begndate", &day))
}

/// 5301.
pub(super) fn chronic_filings(visit: &Visit) -> String {
    input("data", Node::new().text("psn_no", &visit.person.number))
}

/// 5203.
pub(super) fn settlement_query(visit: &Visit, settled: &Settled) -> String {
    let node = Node::new().text("psn_no", &visit.person.number).text("setl_id", &settled.id);
    input("data", node.text("mdtrt_id", &settled.visit))
}

/// 2501: the referral of a patient to an institution elsewhere.
pub(super) fn referral(visit: &Visit, at: DateTime) -> String {
    let main = visit.diagnoses.first();
    let (code, name) = main.map_or(("", ""), |diagnosis| (&diagnosis.code, &diagnosis.name));
    let to: &Institution = &visit.institution;
    let day = at.date().to_string();
    let node = Node::new().text("psn_no", &visit.person.number).text("insutype", visit.scheme);
    let node = node.text("diag_code", code).text("diag_name", name).text("dise_cond_dscr", "");
    let node = node.text("reflin_medins_no", &to.code).text("reflin_medins_name", &to.name);
    let node = node.text("mdtrtarea_admdvs", &to.area).text("hosp_agre_refl_flag", "1").text("refl_type", "2");
    let node = node.text("refl_date", &day).text("refl_rea", "病情需要").text("refl_opnn", "同意转院");
    let end = at.date().saturating_add(jiff::Span::new().days(180)).to_string();
    let node = node.text("begndate", &day).text("enddate", end);
    input("refmedin", node.extension(Node::new().text("ADMDVS", &to.area)))
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use serde_json::Value;

    use super::super::answer::Answer;
    use super::*;
    use crate::{City, CityOptions, RegionFiles};

    type Field = (u32, bool);

    /// The input nodes of a transaction in the committed interface catalogue.
    fn interface(infno: &str) -> Option<BTreeMap<String, BTreeMap<String, Field>>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/interface");
        let text = std::fs::read_to_string(folder.join(format!("{infno}.toml"))).ok()?;
        let table: toml::Table = text.parse().unwrap();
        let nodes = table["input"].as_array().unwrap().iter().map(|node| {
            let fields = node["fields"].as_array().unwrap().iter().map(|field| {
                let cell = |at: usize| field.get(at).and_then(toml::Value::as_str).unwrap_or("");
                let length = cell(2).strip_prefix("str ").and_then(|length| length.parse().ok()).unwrap_or(40_000);
                (cell(0).to_owned(), (length, cell(3) == "required"))
            });
            (node["node"].as_str().unwrap().to_owned(), fields.collect())
        });
        Some(nodes.collect())
    }

    pub(in super::super) fn check(infno: &str, body: &str) {
        let Some(nodes) = interface(infno) else {
            println!("not run for {infno}: the gateway's interface catalogue is absent");
            return;
        };
        assert!(body.len() < 40_000, "{infno}: {} bytes", body.len());
        let sent: Value = serde_json::from_str(body).unwrap();
        for name in sent.as_object().unwrap().keys() {
            assert!(nodes.contains_key(name), "{infno} has no node {name}");
        }
        for (name, fields) in &nodes {
            let rows = match &sent[name] {
                Value::Array(rows) => rows.clone(),
                Value::Null => continue,
                one => vec![one.clone()],
            };
            for row in rows {
                for field in row.as_object().unwrap().keys() {
                    // `stastinfo` is a node inside a node.
                    let known = fields.contains_key(field)
                        || nodes.contains_key(field)
                        || ["insuplc_admdvs", "mdtrtarea_admvs", "exp_content"].contains(&field.as_str());
                    assert!(known, "{infno} {name} has no field {field}");
                }
                for (field, (length, required)) in fields {
                    let text = match &row[field] {
                        Value::Null => String::new(),
                        Value::String(text) => text.clone(),
                        other => other.to_string(),
                    };
                    let empty = text.is_empty();
                    assert!(!required || !empty, "{infno} {name}.{field} is required: {row}");
                    assert!(text.chars().count() <= *length as usize, "{infno} {name}.{field} is too long: {text}");
                }
            }
        }
    }

    pub(in super::super) fn settled() -> Settled {
        let zero =
            super::super::money::HEADS.iter().map(|head| format!("\"{head}\":1.00")).collect::<Vec<_>>().join(",");
        let text = format!(
            r#"{{"infcode":0,"output":{{"setlinfo":{{"setl_id":"S1","mdtrt_id":"M1","balc":0,"clr_type":"11",{zero}}},"setldetail":[]}}}}"#
        );
        Settled::read(&Answer::read(text.into_bytes()).unwrap().output).unwrap()
    }

    #[test]
    fn every_message_has_what_the_interface_requires_and_nothing_it_does_not_know() {
        let region = RegionFiles::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")).unwrap();
        let options = CityOptions { people: 12_000, days: 10, ..CityOptions::default() };
        let city = City::new(options, &region).unwrap();
        check("9001", &sign_in());
        for (nth, visit) in city.visits().enumerate() {
            let lines: Vec<&Line> = visit.lines.iter().take(30).collect();
            let (settled, total) = (settled(), visit.total());
            // With a certificate, and with an electronic credential.
            let token = (nth % 2 == 0).then_some("ec-token");
            check("1101", &person(&visit, token));
            check("2001", &entitlement(&visit));
            check("2601", &undo(&visit, "H99990000001202607010900000001", "2207"));
            if visit.is_stay() {
                check("2401", &admission(&visit, city.area(), token));
                check("2301", &stay_lines(&visit, "M1", &lines));
                check("2302", &stay_lines_withdrawn(&visit, "M1", &[1, 2]));
                check("2402", &discharge(&visit, "M1"));
                check("2303", &stay_bill(&visit, "M1", total, None, (city.area(), token)));
                check("2304", &stay_bill(&visit, "M1", total, Some(&settled), (city.area(), token)));
                check("2305", &reversal(&visit, &settled));
                check("2501", &referral(&visit, visit.begin));
                continue;
            }
            check("2201", &registration(&visit, token));
            check("2202", &registration_cancelled(&visit, "M1"));
            check(if visit.institution.pharmacy { "2203A" } else { "2203" }, &consultation(&visit, "M1"));
            check("2204", &outpatient_lines(&visit, "M1", &lines));
            check("2205", &outpatient_lines_withdrawn(&visit, "M1", &[1, 2]));
            check("2206", &outpatient_bill(&visit, "M1", total, None, token));
            check("2207", &outpatient_bill(&visit, "M1", total, Some(&settled), token));
            check("5203", &settlement_query(&visit, &settled));
            check("5301", &chronic_filings(&visit));
            if let Some(disease) = &visit.new_filing {
                check("2503", &chronic_filing(&visit, disease, city.area()));
            }
            check("2208", &reversal(&visit, &settled));
            check("2101", &purchase(&visit, &lines, total, token));
            check("2102", &purchase(&visit, &lines, total, token));
            check("2103", &reversal(&visit, &settled));
        }
    }
}
