//! 读入: parts of messages that several transactions share, as the journeys take them.

use crate::{Form, Message, Refused, Row};
use adjudication::facts::{LineRequest, SettleRequest};
use claim::{Diagnosis, Fields};
use journeys::Certificate;
use listing::SettlementList;
use terms::PersonId;

/// What the law may be told of a visit or discharge, by its standard field; a region's
/// declared extensions reach it besides, under their names in lower case.
const FOR_THE_LAW: &[&str] =
    &["dise_codg", "matn_type", "birctrl_type", "fetus_cnt", "geso_val", "cop_flag", "dscg_way", "oprn_oprt_code"];

/// Fields with a place of their own in a journey, and what is not kept: the card's chip
/// number and a prescription's file.
const NOT_PARTICULARS: &[&str] = &[
    "psn_no",
    "mdtrt_id",
    "insutype",
    "begntime",
    "endtime",
    "med_type",
    "ipt_otp_no",
    "ipt_no",
    "card_sn",
    "rxIn",
    "medfee_sumamt",
    "acct_used_flag",
    "mid_setl_flag",
];

/// What the law reads of a visit or discharge.
pub(crate) fn law_fields(row: &Row) -> Fields {
    let standard = FOR_THE_LAW.iter().filter_map(|name| Some(((*name).to_owned(), row.given_if_any(name)?.to_owned())));
    let declared = row.all_extensions().map(|(key, text)| (key.to_lowercase(), text.to_owned()));
    standard.chain(declared).collect()
}

/// What only institutions read: every other field that is given, and the operator.
pub(crate) fn particulars(message: &Message, row: &Row) -> Fields {
    let others = row.all_given().filter(|(name, _)| !NOT_PARTICULARS.contains(name) && !FOR_THE_LAW.contains(name));
    let mut fields: Fields = others.map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    fields.insert("opter_id".to_owned(), message.envelope.operator.clone());
    fields.insert("opter_name".to_owned(), message.envelope.operator_name.clone());
    fields
}

/// 诊断 of one kind: `1` on admission or outpatient, `2` on discharge.
pub(crate) fn diagnoses(rows: &[Row], inout_diag_type: &str) -> Vec<Diagnosis> {
    let own =
        ["diag_srt_no", "diag_type", "maindiag_flag", "diag_code", "diag_name", "vali_flag", "psn_no", "mdtrt_id"];
    let read = |row: &Row| Diagnosis {
        inout_diag_type: inout_diag_type.to_owned(),
        diag_srt_no: row.whole("diag_srt_no"),
        diag_type: row.text("diag_type").to_owned(),
        // An outpatient message has no such flag: its first diagnosis is the main one.
        maindiag_flag: row.given_if_any("maindiag_flag").unwrap_or(if row.number == 1 { "1" } else { "0" }).to_owned(),
        diag_code: row.text("diag_code").to_owned(),
        diag_name: row.text("diag_name").to_owned(),
        vali_flag: row.given_if_any("vali_flag").unwrap_or("1").to_owned(),
        fields: kept(row, &own),
    };
    rows.iter().map(read).collect()
}

fn kept(row: &Row, own: &[&str]) -> Fields {
    let others = row.all_given().filter(|(name, _)| !own.contains(name));
    others.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

/// 费用明细: one line; quantity and price are kept as they were written, for the answer.
pub(crate) fn line(row: &Row) -> Result<LineRequest, Refused> {
    let own = [
        "feedetl_sn",
        "med_list_codg",
        "fee_ocur_time",
        "det_item_fee_sumamt",
        "hosp_appr_flag",
        "init_feedetl_sn",
        "psn_no",
        "mdtrt_id",
        "med_type",
    ];
    let of = "INIT_FEEDETL_SN";
    let declared = if row.declares(of) { row.extension(of) } else { None };
    Ok(LineRequest {
        feedetl_sn: row.need("feedetl_sn")?.into(),
        med_list_codg: row.need("med_list_codg")?.into(),
        fee_ocur_time: row.time("fee_ocur_time")?,
        cnt: row.quantity("cnt"),
        pric: row.unit_price("pric"),
        amount: row.money("det_item_fee_sumamt"),
        hosp_appr_flag: row.given_if_any("hosp_appr_flag").unwrap_or_default().to_owned(),
        init_feedetl_sn: row.given_if_any("init_feedetl_sn").or(declared).map(Into::into),
        fields: kept(row, &own),
    })
}

/// The lines of one visit of one person: `mdtrt_id` and `psn_no` stand in every row.
pub(crate) fn lines_of_one_visit(rows: &[Row]) -> Result<Vec<LineRequest>, Refused> {
    one_visit(rows)?;
    rows.iter().map(line).collect()
}

/// That every row is about the visit and the person of the first.
pub(crate) fn one_visit(rows: &[Row]) -> Result<(), Refused> {
    for field in ["mdtrt_id", "psn_no"] {
        let first = rows.first().map(|row| row.text(field));
        if let Some(other) = rows.iter().find(|row| Some(row.text(field)) != first) {
            return Err(other.refusal(Form::FieldCode, field, "与第 1 行不同；一个报文只办一人一次就诊，请分开发送"));
        }
    }
    Ok(())
}

/// 结算: what the law is told. Its time is the message's, for the interface has no other.
pub(crate) fn settle_request(message: &Message, row: &Row) -> SettleRequest {
    let of = "MID_SETL_FLAG";
    let declared = if row.declares(of) { row.extension(of) } else { None };
    SettleRequest {
        setl_time: message.envelope.sent_at,
        medfee_sumamt: row.money("medfee_sumamt"),
        acct_used_flag: row.given_if_any("acct_used_flag").unwrap_or("0").to_owned(),
        mid_setl_flag: row.given_if_any("mid_setl_flag").or(declared).unwrap_or("0").to_owned(),
    }
}

/// 结算清单: every field of the message that the list has a place for. An empty weight or age
/// arrives as 0 and says nothing.
pub(crate) fn settlement_list(message: &Message) -> Result<SettlementList, Refused> {
    const NOUGHT_IS_EMPTY: &[&str] = &["nwb_bir_wt", "nwb_adm_wt", "age", "nwb_age", "age_days", "act_ipt_days"];
    let mut list = SettlementList::default();
    for node in ["setlinfo", "opspdiseinfo", "diseinfo", "oprninfo", "icuinfo", "bldinfo", "iteminfo", "payinfo"] {
        for (at, row) in message.rows(node).iter().enumerate() {
            for (name, text) in row.all_given() {
                let empty = NOUGHT_IS_EMPTY.contains(&name) && text.trim_matches(['0', '.']).is_empty();
                let Some(place) = listing::by_national(node, name).filter(|_| !empty) else { continue };
                list.set(place, at, text).map_err(|error| row.refusal(Form::FieldType, name, &error.to_string()))?;
            }
        }
    }
    Ok(list)
}

/// 就诊凭证 of a row: what the institution was shown.
pub(crate) fn certificate(row: &Row) -> Certificate {
    Certificate { kind: row.text("mdtrt_cert_type").to_owned(), number: row.text("mdtrt_cert_no").to_owned() }
}

/// 人员编号 of a row.
pub(crate) fn person(row: &Row) -> Result<PersonId, Refused> {
    Ok(row.need("psn_no")?.into())
}
