//! Answers of the interface, back in the words of the case format.

use std::collections::BTreeMap;
use std::str::FromStr;

use adjudication::facts::{FundPayment, Heads};
use adjudication::replay::{Answer, LineAnswer};
use serde::Deserialize;
use serde_json::value::RawValue;
use terms::{Fen, LineNo, Ratio};

use super::WorldError;

/// A row of an output node, each value as it was written.
type Row = BTreeMap<String, Box<RawValue>>;

#[derive(Deserialize)]
struct Envelope {
    infcode: serde_json::Value,
    #[serde(default)]
    err_msg: Option<String>,
    #[serde(default)]
    output: Option<BTreeMap<String, Box<RawValue>>>,
}

/// Accepted output nodes, or the refusal.
type Opened = Result<BTreeMap<String, Box<RawValue>>, Answer>;

fn open(text: &str) -> Result<Opened, WorldError> {
    let envelope: Envelope = serde_json::from_str(text)
        .map_err(|error| WorldError(format!("the answer is not an envelope ({error}): {text:.300}")))?;
    let code = envelope.infcode.as_i64().or_else(|| envelope.infcode.as_str().and_then(|code| code.parse().ok()));
    if code == Some(0) {
        return Ok(Ok(envelope.output.unwrap_or_default()));
    }
    let words = envelope.err_msg.unwrap_or_default();
    let refusal = words.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(inside, _)| inside);
    let Some(inside) = refusal else { return Err(WorldError(format!("refused without a code: {words}"))) };
    let (code, row) = inside.split_once(' ').unwrap_or((inside, ""));
    if !code.starts_with("HZ") {
        return Err(WorldError(format!("refused by form, not by law: {words}")));
    }
    Ok(Err(Answer::refused(code.to_owned(), row.strip_prefix("feedetl_sn=").map(|number| LineNo(number.to_owned())))))
}

fn text(row: &Row, field: &str) -> Result<String, WorldError> {
    let raw = row.get(field).ok_or_else(|| WorldError(format!("the answer lacks {field}")))?.get();
    match serde_json::from_str::<String>(raw) {
        Ok(text) => Ok(text),
        Err(_) => Ok(raw.to_owned()),
    }
}

fn number<T: FromStr>(row: &Row, field: &str) -> Result<T, WorldError> {
    let text = text(row, field)?;
    text.parse().map_err(|_| WorldError(format!("{field} is “{text}”, which is no such number")))
}

fn node<T: for<'de> Deserialize<'de>>(nodes: &BTreeMap<String, Box<RawValue>>, name: &str) -> Result<T, WorldError> {
    let raw = nodes.get(name).ok_or_else(|| WorldError(format!("the answer lacks the node {name}")))?;
    serde_json::from_str(raw.get()).map_err(|error| WorldError(format!("node {name}: {error}")))
}

/// Accepted or refused, nothing more.
pub(super) fn plain(answer: String) -> Result<Answer, WorldError> {
    Ok(match open(&answer)? {
        Ok(_) => Answer::accepted(),
        Err(refused) => refused,
    })
}

/// Accepted with the `mdtrt_id` that was issued, or refused.
pub(super) fn issued(answer: String, name: &str) -> Result<(Answer, Option<String>), WorldError> {
    Ok(match open(&answer)? {
        Ok(nodes) => (Answer::accepted(), Some(text(&node::<Row>(&nodes, name)?, "mdtrt_id")?)),
        Err(refused) => (refused, None),
    })
}

/// Accepted with the split of lines, or refused.
pub(super) fn lines(answer: String) -> Result<Answer, WorldError> {
    let nodes = match open(&answer)? {
        Ok(nodes) => nodes,
        Err(refused) => return Ok(refused),
    };
    let rows: Vec<Row> = if nodes.contains_key("result") { node(&nodes, "result")? } else { Vec::new() };
    let lines = rows.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer { lines: Some(lines), ..Answer::accepted() })
}

fn line(row: &Row) -> Result<LineAnswer, WorldError> {
    Ok(LineAnswer {
        feedetl_sn: LineNo(text(row, "feedetl_sn")?),
        det_item_fee_sumamt: number(row, "det_item_fee_sumamt")?,
        cnt: text(row, "cnt")?,
        pric: text(row, "pric")?,
        pric_uplmt_amt: text(row, "pric_uplmt_amt")?,
        selfpay_prop: number::<Ratio>(row, "selfpay_prop")?,
        fulamt_ownpay_amt: number(row, "fulamt_ownpay_amt")?,
        overlmt_amt: number(row, "overlmt_amt")?,
        preselfpay_amt: number(row, "preselfpay_amt")?,
        inscp_scp_amt: number(row, "inscp_scp_amt")?,
        chrgitm_lv: text(row, "chrgitm_lv")?,
    })
}

/// Accepted with heads and rows and the `setl_id` that was issued, or refused.
pub(super) fn settlement(answer: String) -> Result<(Answer, Option<String>), WorldError> {
    let nodes = match open(&answer)? {
        Ok(nodes) => nodes,
        Err(refused) => return Ok((refused, None)),
    };
    let row: Row = node(&nodes, "setlinfo")?;
    let details: Vec<Row> = if nodes.contains_key("setldetail") { node(&nodes, "setldetail")? } else { Vec::new() };
    let detail = details
        .iter()
        .map(|row| {
            Ok(FundPayment { fund_pay_type: text(row, "fund_pay_type")?, fund_payamt: number(row, "fund_payamt")? })
        })
        .collect::<Result<Vec<_>, WorldError>>()?;
    let issued = text(&row, "setl_id").ok().filter(|id| !id.is_empty() && id != "null");
    Ok((Answer { setl: Some(heads(&row)?), detail: Some(detail), ..Answer::accepted() }, issued))
}

fn heads(row: &Row) -> Result<Heads, WorldError> {
    let money = |field: &str| number::<Fen>(row, field);
    Ok(Heads {
        medfee_sumamt: money("medfee_sumamt")?,
        fulamt_ownpay_amt: money("fulamt_ownpay_amt")?,
        overlmt_selfpay: money("overlmt_selfpay")?,
        preselfpay_amt: money("preselfpay_amt")?,
        inscp_scp_amt: money("inscp_scp_amt")?,
        act_pay_dedc: money("act_pay_dedc")?,
        hifp_pay: money("hifp_pay")?,
        pool_prop_selfpay: number::<Ratio>(row, "pool_prop_selfpay")?,
        cvlserv_pay: money("cvlserv_pay")?,
        hifes_pay: money("hifes_pay")?,
        hifmi_pay: money("hifmi_pay")?,
        hifob_pay: money("hifob_pay")?,
        maf_pay: money("maf_pay")?,
        hifdm_pay: money("hifdm_pay")?,
        oth_pay: money("oth_pay")?,
        fund_pay_sumamt: money("fund_pay_sumamt")?,
        psn_part_amt: money("psn_part_amt")?,
        acct_pay: money("acct_pay")?,
        acct_mulaid_pay: money("acct_mulaid_pay")?,
        psn_cash_pay: money("psn_cash_pay")?,
        hosp_part_amt: money("hosp_part_amt")?,
        balc: money("balc")?,
    })
}
