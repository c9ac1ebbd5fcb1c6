//! 答复: parts of answers that several transactions share, from what a journey decided.

use crate::{Reply, ReplyRow};
use adjudication::facts::{FundPayment, Heads};
use claim::Line;
use enrolment::{Coverage, Standing};
use journeys::{Centre, Reversed, Settled};
use terms::{Date, DateTime, Fen};

/// 汇总: every head of a settlement or reversal that the node has a field for.
pub(crate) fn heads(row: &mut ReplyRow, heads: &Heads) {
    let amounts = [
        ("medfee_sumamt", heads.medfee_sumamt),
        ("fulamt_ownpay_amt", heads.fulamt_ownpay_amt),
        ("overlmt_selfpay", heads.overlmt_selfpay),
        ("preselfpay_amt", heads.preselfpay_amt),
        ("inscp_scp_amt", heads.inscp_scp_amt),
        ("act_pay_dedc", heads.act_pay_dedc),
        ("crt_dedc", heads.act_pay_dedc),
        ("hifp_pay", heads.hifp_pay),
        ("cvlserv_pay", heads.cvlserv_pay),
        ("hifes_pay", heads.hifes_pay),
        ("hifmi_pay", heads.hifmi_pay),
        ("hifob_pay", heads.hifob_pay),
        ("maf_pay", heads.maf_pay),
        ("hifdm_pay", heads.hifdm_pay),
        ("oth_pay", heads.oth_pay),
        ("fund_pay_sumamt", heads.fund_pay_sumamt),
        ("psn_part_amt", heads.psn_part_amt),
        ("psn_pay", heads.psn_part_amt),
        ("acct_pay", heads.acct_pay),
        ("acct_mulaid_pay", heads.acct_mulaid_pay),
        ("psn_cash_pay", heads.psn_cash_pay),
        ("pdn_cash_pay", heads.psn_cash_pay),
        ("cash_payamt", heads.psn_cash_pay),
        ("hosp_part_amt", heads.hosp_part_amt),
        ("balc", heads.balc),
    ];
    for (field, amount) in amounts {
        if row.has(field) {
            row.money(field, amount);
        }
    }
    row.ratio("pool_prop_selfpay", heads.pool_prop_selfpay);
}

/// 基金分项. What a single fund could have paid at most is not a figure of the law's answer,
/// so 本次可支付限额金额 is 0.
pub(crate) fn funds(reply: &mut Reply, detail: &[FundPayment], in_scope: Fen) {
    for fund in detail {
        let row = reply.row("setldetail");
        let name = row.meaning("fund_pay_type", &fund.fund_pay_type).to_owned();
        row.text("fund_pay_type", &fund.fund_pay_type)
            .text("fund_pay_type_name", name)
            .money("inscp_scp_amt", in_scope)
            .money("crt_payb_lmt_amt", Fen::ZERO)
            .money("fund_payamt", fund.fund_payamt);
    }
}

/// 人员: identity, age and category on a day, as far as the node has fields for them.
pub(crate) fn person(row: &mut ReplyRow, standing: &Standing, insutype: &str, day: Date) {
    let known = &standing.person;
    let coverage = coverage(standing, insutype, day);
    let texts = [
        ("psn_no", known.psn_no.as_str()),
        ("psn_name", &known.psn_name),
        ("psn_cert_type", &known.psn_cert_type),
        ("certno", &known.certno),
        ("gend", &known.gend),
        ("naty", &known.naty),
        ("tel", &known.tel),
        ("insutype", insutype),
        ("psn_type", coverage.map_or(OTHER_PERSON, |row| &row.psn_type)),
        ("cvlserv_flag", coverage.map_or("0", |row| &row.cvlserv_flag)),
        ("insu_optins", coverage.map_or("", |row| row.insuplc_admdvs.as_str())),
        ("insu_admdvs", coverage.map_or("", |row| row.insuplc_admdvs.as_str())),
        ("emp_name", coverage.and_then(|row| row.emp_name.as_deref()).unwrap_or_default()),
    ];
    for (field, text) in texts {
        if row.has(field) {
            row.text(field, text);
        }
    }
    if row.has("brdy") {
        row.date("brdy", known.brdy);
    }
    if row.has("age") {
        row.whole("age", age(known.brdy, day));
    }
}

/// 人员类别 99 其他: of a person without any coverage.
const OTHER_PERSON: &str = "99";

/// The coverage in force, or else the person's last of the scheme, or of any.
fn coverage<'a>(standing: &'a Standing, insutype: &str, day: Date) -> Option<&'a Coverage> {
    let of_scheme = || standing.coverage.iter().rev().find(|row| row.insutype == insutype);
    journeys::coverage_on(standing, insutype, day).or_else(of_scheme).or(standing.coverage.last())
}

/// 周岁.
pub(crate) fn age(born: Date, day: Date) -> i64 {
    let before_birthday = (day.month(), day.day()) < (born.month(), born.day());
    (i64::from(day.year()) - i64::from(born.year()) - i64::from(before_birthday)).max(0)
}

/// 结算 or its trial: `setlinfo` and `setldetail`.
pub(crate) fn settlement(reply: &mut Reply, settled: &Settled, at: DateTime, cert_type: &str, msgid: &str) {
    let visit = &settled.visit;
    let row = reply.row("setlinfo");
    if let Some(setl_id) = settled.setl_id.as_ref().filter(|_| row.has("setl_id")) {
        row.text("setl_id", setl_id.as_str());
    }
    person(row, &settled.standing, &visit.insutype, visit.begntime.date());
    heads(row, &settled.settlement.heads);
    row.text("mdtrt_id", visit.mdtrt_id.as_str())
        .text("med_type", &visit.med_type)
        .time("setl_time", at)
        .text("mdtrt_cert_type", cert_type)
        .text("medins_setl_id", msgid)
        .text("clr_optins", &settled.clr_optins)
        .text("clr_way", &settled.clr_way)
        .text("clr_type", &settled.clr_type);
    funds(reply, &settled.settlement.detail, settled.settlement.heads.inscp_scp_amt);
}

/// 撤销: every head negated, under the number of the reversal itself.
pub(crate) fn reversal(reply: &mut Reply, reversed: &Reversed, at: DateTime, msgid: &str) {
    let Reversed { original, visit, standing, reversal, .. } = reversed;
    let row = reply.row("setlinfo");
    heads(row, &reversal.heads);
    if row.has("psn_name") {
        person(row, standing, &visit.insutype, visit.begntime.date());
    }
    let told = |name: &str| original.particulars.get(name).map_or("", String::as_str);
    let texts = [
        ("setl_id", reversed.setl_id.as_str()),
        ("mdtrt_id", visit.mdtrt_id.as_str()),
        ("medins_setl_id", msgid),
        ("med_type", &visit.med_type),
        ("clr_optins", &original.clr_optins),
        ("clr_way", &original.clr_way),
        ("clr_type", &original.clr_type),
        ("mdtrt_cert_type", told("mdtrt_cert_type")),
        ("mdtrt_cert_no", told("mdtrt_cert_no")),
        ("invono", told("invono")),
    ];
    for (field, text) in texts {
        if row.has(field) {
            row.text(field, text);
        }
    }
    for (field, day) in [("begndate", visit.begntime.date()), ("enddate", original.setl_time.date())] {
        if row.has(field) {
            row.date(field, day);
        }
    }
    row.time("setl_time", at);
    funds(reply, &reversal.detail, reversal.heads.inscp_scp_amt);
}

/// 费用分解: the split of one line.
pub(crate) fn split(row: &mut ReplyRow, line: &Line, centre: &Centre) {
    let told = |name: &str, else_: String| line.fields.get(name).cloned().unwrap_or(else_);
    row.text("feedetl_sn", line.feedetl_sn.as_str())
        .money("det_item_fee_sumamt", line.amount)
        .number("cnt", &told("cnt", line.cnt.to_string()))
        .number("pric", &told("pric", line.pric.to_string()))
        .number("pric_uplmt_amt", &line.pric_uplmt_amt)
        .ratio("selfpay_prop", line.selfpay_prop)
        .money("fulamt_ownpay_amt", line.fulamt_ownpay_amt)
        .money("overlmt_amt", line.overlmt_amt)
        .money("preselfpay_amt", line.preselfpay_amt)
        .money("inscp_scp_amt", line.inscp_scp_amt)
        .text("chrgitm_lv", &line.chrgitm_lv)
        .text("memo", told("memo", String::new()));
    item(row, line, centre);
}

/// 目录: what the catalogue says of a line's item on its day, as far as the node has fields.
pub(crate) fn item(row: &mut ReplyRow, line: &Line, centre: &Centre) {
    use adjudication::facts::Items as _;
    let code = line.med_list_codg.as_str();
    let day = line.fee_ocur_time.date();
    let known = centre.catalogue.on(code, day).or_else(|| centre.catalogue.rows(code).last());
    let fact = |name: &str, else_: &str| -> String {
        known.and_then(|row| row.fields.get(name)).filter(|text| !text.is_empty()).map_or(else_, |text| text).to_owned()
    };
    let texts = [
        ("med_chrgitm_type", fact("med_chrgitm_type", OTHER_CHARGE)),
        ("lmt_used_flag", known.map_or("0", |row| &row.lmt_used_flag).to_owned()),
        ("list_type", fact("list_type", OTHER_LIST)),
        ("dosform_name", fact("dosform_name", NONE)),
        ("spec", fact("spec", NONE)),
        ("hilist_code", code.to_owned()),
        ("hilist_name", known.map_or(code, |row| &row.name).to_owned()),
    ];
    for (field, text) in texts {
        if row.has(field) {
            row.text(field, text);
        }
    }
}

/// 医疗收费项目类别 14 其他费: of an item whose row does not say.
const OTHER_CHARGE: &str = "14";
/// 目录类别 105 其他.
const OTHER_LIST: &str = "105";
/// A service has neither form nor specification, and the fields may not be empty.
const NONE: &str = "无";
