//! The messages of a case's events: standard fields first, the region's extensions in
//! `exp_content`.

use adjudication::facts::{Fields, Filing};
use adjudication::replay::{Case, CaseLine, CaseVisit, LineAnswer};
use serde_json::{Map, Value, json};
use terms::{Fen, LineNo};

use super::{KnownVisit, WorldError};

/// 住院类 by the shape of the national journey: which transactions carry it.
pub(super) fn is_stay(med_type: &str) -> bool {
    ["2", "52"].iter().any(|begin| med_type.starts_with(begin))
}

/// Sends messages, each under a number of its own.
pub(super) struct Sender {
    agent: ureq::Agent,
    url: String,
    area: String,
    serial: u64,
}

impl Sender {
    pub fn new() -> Sender {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        Sender { agent: config.into(), url: String::new(), area: String::new(), serial: 0 }
    }

    /// Where messages go from now on, and the 医保区划 that they name.
    pub fn aim(&mut self, url: String, area: String) {
        self.url = url;
        self.area = area;
    }

    /// Sends a transaction with one input node.
    pub fn send(
        &mut self,
        infno: &str,
        institution: &str,
        at: &str,
        psn_no: &str,
        node: &str,
        body: &Value,
    ) -> Result<String, WorldError> {
        self.send_nodes(infno, institution, at, psn_no, &json!({ node: body }))
    }

    /// Sends a transaction with these input nodes; answers with the text of the answer.
    pub fn send_nodes(
        &mut self,
        infno: &str,
        institution: &str,
        at: &str,
        psn_no: &str,
        input: &Value,
    ) -> Result<String, WorldError> {
        self.serial += 1;
        let digits: String = at.chars().filter(char::is_ascii_digit).collect();
        let message = json!({
            "infno": infno,
            "msgid": format!("{institution:.12}{digits}{:06}", self.serial % 1_000_000),
            "mdtrtarea_admvs": self.area,
            "insuplc_admdvs": self.area,
            "recer_sys_code": "99",
            "dev_no": "",
            "dev_safe_info": "",
            "cainfo": "",
            "signtype": "",
            "infver": "V1.0",
            "opter_type": "1",
            "opter": "conform",
            "opter_name": "conform",
            "inf_time": at,
            "fixmedins_code": institution,
            "fixmedins_name": institution,
            "sign_no": "",
            "input": input,
        });
        let failed = |error: &dyn std::fmt::Display| WorldError(format!("{infno} for {psn_no}: {error}"));
        let text = serde_json::to_string(&message).map_err(|error| failed(&error))?;
        let answered = self.agent.post(&self.url).header("content-type", "application/json").send(text.as_bytes());
        let mut answered = answered.map_err(|error| failed(&error))?;
        answered.body_mut().read_to_string().map_err(|error| failed(&error))
    }
}

/// A JSON object of texts.
pub(super) fn object<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect())
}

/// Extensions: the case's own flags under their upper-case keys.
fn extensions(fields: &Fields, keys: &[&str]) -> Value {
    let mut content = Map::new();
    for key in keys {
        if let Some(value) = fields.get(&key.to_lowercase()) {
            content.insert((*key).to_owned(), Value::from(value.as_str()));
        }
    }
    Value::Object(content)
}

fn diagnosis(visit: &CaseVisit, mdtrt_id: Option<&str>, psn_no: &str) -> Value {
    let mut row = json!({
        "psn_no": psn_no, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": 1, "diag_code": "R69.x00", "diag_name": "未特指的疾病",
        "diag_dept": "A03", "dise_dor_no": "D999900000001", "dise_dor_name": "医师", "diag_time": visit.begntime, "vali_flag": "1",
    });
    if let Some(id) = mdtrt_id {
        row["mdtrt_id"] = Value::from(id);
    }
    row
}

/// 2201: the shell of an outpatient visit.
pub(super) fn registration(psn_no: &str, visit: &CaseVisit) -> Value {
    json!({
        "psn_no": psn_no, "insutype": visit.insutype, "begntime": visit.begntime, "mdtrt_cert_type": "02", "mdtrt_cert_no": psn_no,
        "ipt_otp_no": visit.mdtrt_id, "atddr_no": "D999900000001", "dr_name": "医师", "dept_code": "A03", "dept_name": "内科", "caty": "A03",
    })
}

/// 2203, 2203A: the visit begins.
pub(super) fn visit(psn_no: &str, mdtrt_id: &str, visit: &CaseVisit) -> Value {
    let disease = visit.fields.get("dise_codg").map_or("", String::as_str);
    json!({
        "mdtrtinfo": {
            "mdtrt_id": mdtrt_id, "psn_no": psn_no, "med_type": visit.med_type, "begntime": visit.begntime,
            "main_cond_dscr": "", "dise_codg": disease, "dise_name": disease,
            "exp_content": extensions(&visit.fields, &["TRUM_FLAG", "REL_TTP_FLAG", "RX_CIRC_FLAG"]),
        },
        "diseinfo": [diagnosis(visit, None, psn_no)],
    })
}

/// 2401: admission.
pub(super) fn admission(psn_no: &str, visit: &CaseVisit) -> Value {
    let disease = visit.fields.get("dise_codg").map_or("", String::as_str);
    json!({
        "mdtrtinfo": {
            "psn_no": psn_no, "insutype": visit.insutype, "begntime": visit.begntime, "mdtrt_cert_type": "02", "mdtrt_cert_no": psn_no,
            "med_type": visit.med_type, "ipt_no": visit.mdtrt_id, "medrcdno": visit.mdtrt_id, "atddr_no": "D999900000001",
            "chfpdr_name": "医师", "adm_diag_dscr": "未特指的疾病", "adm_dept_codg": "A03", "adm_dept_name": "内科", "adm_bed": "1",
            "dscg_maindiag_code": "R69.x00", "dscg_maindiag_name": "未特指的疾病", "dise_codg": disease, "dise_name": disease,
            "exp_content": extensions(&visit.fields, &["TRUM_FLAG", "REL_TTP_FLAG"]),
        },
        "diseinfo": [diagnosis(visit, None, psn_no)],
    })
}

/// 2204 or 2301: fee lines; numbers as the case writes them.
pub(super) fn fees(
    psn_no: &str,
    mdtrt_id: &str,
    visit: Option<&KnownVisit>,
    lines: &[CaseLine],
) -> (&'static str, Value) {
    let stay = visit.is_some_and(|visit| is_stay(&visit.med_type));
    let row = |line: &CaseLine| {
        let mut row = json!({
            "feedetl_sn": line.feedetl_sn, "mdtrt_id": mdtrt_id, "psn_no": psn_no, "fee_ocur_time": line.fee_ocur_time,
            "med_list_codg": line.med_list_codg, "medins_list_codg": line.med_list_codg, "det_item_fee_sumamt": line.det_item_fee_sumamt.to_string(),
            "cnt": line.cnt, "pric": line.pric, "bilg_dept_codg": "A03", "bilg_dept_name": "内科", "bilg_dr_codg": "D999900000001",
            "bilg_dr_name": "医师", "hosp_appr_flag": line.hosp_appr_flag,
        });
        if stay {
            row["med_type"] = Value::from(visit.map_or("21", |visit| &visit.med_type));
            row["init_feedetl_sn"] =
                line.init_feedetl_sn.as_ref().map_or(Value::Null, |number| Value::from(number.as_str()));
        } else {
            row["chrg_bchno"] = Value::from("1");
            row["rx_circ_flag"] = Value::from("0");
            if let Some(number) = &line.init_feedetl_sn {
                row["exp_content"] = json!({ "INIT_FEEDETL_SN": number });
            }
        }
        row
    };
    (if stay { "2301" } else { "2204" }, Value::Array(lines.iter().map(row).collect()))
}

/// 2205: lines by number in the extension, or all of them.
pub(super) fn cancel_outpatient_lines(psn_no: &str, mdtrt_id: &str, numbers: &[LineNo]) -> Value {
    let all = numbers.len() == 1 && numbers[0].as_str() == "0000";
    let mut body = json!({ "mdtrt_id": mdtrt_id, "chrg_bchno": if all { "0000" } else { "1" }, "psn_no": psn_no });
    if !all {
        body["exp_content"] = json!({ "FEEDETL_SN": numbers });
    }
    body
}

/// 2302: one row a line.
pub(super) fn cancel_stay_lines(psn_no: &str, mdtrt_id: &str, numbers: &[LineNo]) -> Value {
    let row = |number: &LineNo| json!({ "feedetl_sn": number, "mdtrt_id": mdtrt_id, "psn_no": psn_no });
    Value::Array(numbers.iter().map(row).collect())
}

/// 2402: discharge.
pub(super) fn discharge(psn_no: &str, mdtrt_id: &str, insutype: &str, endtime: &str, fields: &Fields) -> Value {
    let mut info = json!({
        "mdtrt_id": mdtrt_id, "psn_no": psn_no, "insutype": insutype, "endtime": endtime, "dscg_dept_codg": "A03",
        "dscg_dept_name": "内科", "dscg_way": "",
    });
    for (name, value) in fields {
        info[name] = Value::from(value.as_str());
    }
    let diagnosis = json!([{
        "mdtrt_id": mdtrt_id, "psn_no": psn_no, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": 1, "diag_code": "R69.x00",
        "diag_name": "未特指的疾病", "diag_dept": "A03", "dise_dor_no": "D999900000001", "dise_dor_name": "医师", "diag_time": endtime,
    }]);
    json!({ "dscginfo": info, "diseinfo": diagnosis })
}

/// 2206, 2207, 2303, 2304: the settlement of a visit, with the sums of the lines as answered.
#[allow(clippy::too_many_arguments, reason = "the fields of one settlement message")]
pub(super) fn settle(
    case: &Case,
    psn_no: &str,
    mdtrt_id: &str,
    visit: Option<&KnownVisit>,
    infno: &str,
    declared: Fen,
    account: &str,
    mid: &str,
) -> Value {
    let sum = |part: fn(&LineAnswer) -> Fen| -> String {
        visit.map_or(Fen::ZERO, |visit| visit.lines.iter().map(part).sum()).to_string()
    };
    let psn_type = case.person.person.insu.first().map_or("", |coverage| &coverage.psn_type);
    let mut body = json!({
        "psn_no": psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": psn_no, "psn_cert_type": "01", "certno": psn_no, "psn_type": psn_type,
        "psn_name": psn_no, "med_type": visit.map_or("11", |visit| &visit.med_type), "medfee_sumamt": declared.to_string(),
        "psn_setlway": "01", "mdtrt_id": mdtrt_id, "insutype": visit.map_or("310", |visit| &visit.insutype), "acct_used_flag": account,
        "fulamt_ownpay_amt": sum(|line| line.fulamt_ownpay_amt), "overlmt_selfpay": sum(|line| line.overlmt_amt),
        "preselfpay_amt": sum(|line| line.preselfpay_amt), "inscp_scp_amt": sum(|line| line.inscp_scp_amt),
    });
    if infno.starts_with("23") {
        body["mid_setl_flag"] = Value::from(mid);
    } else {
        body["chrg_bchno"] = Value::from("1");
        body["exp_content"] = json!({ "MID_SETL_FLAG": mid });
    }
    body
}

/// 2503, 2501, 2505: chronic, referral and residence filings; `home` is the region's own area.
pub(super) fn filing(home: &str, psn_no: &str, insutype: &str, filing: &Filing) -> (&'static str, &'static str, Value) {
    let begin = filing.period.begin.to_string();
    let end = filing.period.end.map_or(String::new(), |end| end.to_string());
    let area = filing.admdvs.as_deref().unwrap_or("");
    match filing.kind.as_str() {
        "opsp" => {
            let disease = filing.dise_codg.as_deref().unwrap_or("");
            let body = json!({
                "psn_no": psn_no, "insutype": insutype, "opsp_dise_code": disease, "opsp_dise_name": disease, "insu_optins": home,
                "ide_fixmedins_no": "H99990000001", "ide_fixmedins_name": "H99990000001", "hosp_ide_date": begin,
                "diag_dr_codg": "D999900000001", "diag_dr_name": "医师", "begndate": begin, "enddate": end,
                "exp_content": { "FILING_ID": filing.filing_id },
            });
            ("2503", "data", body)
        }
        "refl" => {
            let body = json!({
                "psn_no": psn_no, "insutype": insutype, "insu_optins": home, "diag_code": "R69.x00", "diag_name": "未特指的疾病",
                "reflin_medins_no": "H98880000001", "reflin_medins_name": "H98880000001", "mdtrtarea_admdvs": area, "refl_type": "2",
                "refl_date": begin, "refl_rea": "病情需要", "refl_opnn": "同意", "begndate": begin, "enddate": end,
                "exp_content": { "FILING_ID": filing.filing_id, "ADMDVS": area },
            });
            ("2501", "refmedin", body)
        }
        _ => {
            let body = json!({
                "psn_no": psn_no, "biz_appy_type": "08", "begndate": begin, "enddate": end, "fix_srt_no": "1",
                "fixmedins_code": "H98880000001", "fixmedins_name": "H98880000001",
                "exp_content": { "FILING_ID": filing.filing_id, "ADMDVS": area },
            });
            ("2505", "data", body)
        }
    }
}
