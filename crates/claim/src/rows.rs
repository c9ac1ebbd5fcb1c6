//! Rows of the tables to and from facts.

use std::fmt::Display;

use db::{DbError, Row, Value};
use terms::{
    DateTime, Fen, InstitutionId, ItemCode, LineNo, MessageId, PersonId, Quantity, Ratio, SettlementId, UnitPrice,
    VisitId, parse_time, show_time,
};

use crate::*;

pub(crate) fn text(value: impl Display) -> Value {
    Value::Text(value.to_string())
}

pub(crate) fn time(value: DateTime) -> Value {
    Value::Text(show_time(value))
}

fn json(fields: &Fields) -> Value {
    Value::Text(serde_json::to_string(fields).expect("a map of texts is always JSON"))
}

fn broken(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}

pub(crate) fn read_time(row: &Row, column: usize) -> Result<DateTime, DbError> {
    parse_time(&row.get::<String>(column)?).ok_or_else(|| broken(row, column, "a time yyyy-MM-dd HH:mm:ss"))
}

fn read_fields(row: &Row, column: usize) -> Result<Fields, DbError> {
    let text: String = row.get(column)?;
    if text == "{}" {
        return Ok(Fields::new());
    }
    serde_json::from_str(&text).map_err(|_| broken(row, column, "a JSON object of texts"))
}

pub(crate) fn visit_row(visit: &Visit) -> Vec<Value> {
    vec![
        text(&visit.psn_no),
        text(&visit.mdtrt_id),
        visit.seq.into(),
        visit.state.as_str().into(),
        visit.form.as_str().into(),
        text(&visit.fixmedins_code),
        visit.label.as_str().into(),
        visit.med_type.as_str().into(),
        visit.insutype.as_str().into(),
        time(visit.begntime),
        visit.endtime.map_or(Value::Null, time),
        json(&visit.fields),
        json(&visit.kept),
        json(&visit.particulars),
        text(&visit.msgid),
    ]
}

pub(crate) fn changed_visit_row(visit: &Visit) -> Vec<Value> {
    vec![
        text(&visit.psn_no),
        text(&visit.mdtrt_id),
        visit.seq.into(),
        visit.state.as_str().into(),
        visit.label.as_str().into(),
        visit.med_type.as_str().into(),
        visit.insutype.as_str().into(),
        time(visit.begntime),
        visit.endtime.map_or(Value::Null, time),
        json(&visit.fields),
        json(&visit.kept),
        json(&visit.particulars),
    ]
}

pub(crate) fn read_visit(psn_no: &PersonId, row: &Row) -> Result<Visit, DbError> {
    Ok(Visit {
        psn_no: psn_no.clone(),
        seq: row.get(1)?,
        mdtrt_id: VisitId(row.get(2)?),
        state: VisitState::from_text(&row.get::<String>(3)?).ok_or_else(|| broken(row, 3, "a visit's state"))?,
        form: Form::from_text(&row.get::<String>(4)?).ok_or_else(|| broken(row, 4, "a visit's form"))?,
        fixmedins_code: InstitutionId(row.get(5)?),
        label: row.get(6)?,
        med_type: row.get(7)?,
        insutype: row.get(8)?,
        begntime: read_time(row, 9)?,
        endtime: match row.get::<Option<String>>(10)? {
            Some(_) => Some(read_time(row, 10)?),
            None => None,
        },
        fields: read_fields(row, 11)?,
        kept: read_fields(row, 12)?,
        particulars: read_fields(row, 13)?,
        msgid: MessageId(row.get(14)?),
    })
}

pub(crate) fn diagnosis_row(psn_no: &PersonId, mdtrt_id: &VisitId, row: &Diagnosis) -> Vec<Value> {
    vec![
        text(psn_no),
        text(mdtrt_id),
        row.inout_diag_type.as_str().into(),
        row.diag_srt_no.into(),
        row.diag_type.as_str().into(),
        row.maindiag_flag.as_str().into(),
        row.diag_code.as_str().into(),
        row.diag_name.as_str().into(),
        row.vali_flag.as_str().into(),
        json(&row.fields),
    ]
}

pub(crate) fn read_diagnosis(row: &Row) -> Result<Diagnosis, DbError> {
    Ok(Diagnosis {
        inout_diag_type: row.get(0)?,
        diag_srt_no: row.get(1)?,
        diag_type: row.get(2)?,
        maindiag_flag: row.get(3)?,
        diag_code: row.get(4)?,
        diag_name: row.get(5)?,
        vali_flag: row.get(6)?,
        fields: read_fields(row, 7)?,
    })
}

pub(crate) fn line_row(psn_no: &PersonId, mdtrt_id: &VisitId, seq: i64, line: &Line) -> Vec<Value> {
    vec![
        text(psn_no),
        text(mdtrt_id),
        seq.into(),
        text(&line.feedetl_sn),
        text(&line.med_list_codg),
        time(line.fee_ocur_time),
        line.cnt.0.into(),
        line.pric.0.into(),
        line.amount.0.into(),
        line.hosp_appr_flag.as_str().into(),
        line.init_feedetl_sn.as_ref().map_or(Value::Null, text),
        line.allowance.map(|allowance| allowance.0).into(),
        line.fulamt_ownpay_amt.0.into(),
        line.overlmt_amt.0.into(),
        line.preselfpay_amt.0.into(),
        line.inscp_scp_amt.0.into(),
        line.selfpay_prop.0.into(),
        line.pric_uplmt_amt.as_str().into(),
        line.chrgitm_lv.as_str().into(),
        json(&line.fields),
    ]
}

pub(crate) fn read_line(row: &Row) -> Result<Line, DbError> {
    Ok(Line {
        feedetl_sn: LineNo(row.get(0)?),
        med_list_codg: ItemCode(row.get(1)?),
        fee_ocur_time: read_time(row, 2)?,
        cnt: Quantity(row.get(3)?),
        pric: UnitPrice(row.get(4)?),
        amount: Fen(row.get(5)?),
        hosp_appr_flag: row.get(6)?,
        init_feedetl_sn: row.get::<Option<String>>(7)?.map(LineNo),
        allowance: row.get::<Option<i64>>(8)?.map(Quantity),
        fulamt_ownpay_amt: Fen(row.get(9)?),
        overlmt_amt: Fen(row.get(10)?),
        preselfpay_amt: Fen(row.get(11)?),
        inscp_scp_amt: Fen(row.get(12)?),
        selfpay_prop: Ratio(row.get(13)?),
        pric_uplmt_amt: row.get(14)?,
        chrgitm_lv: row.get(15)?,
        fields: read_fields(row, 16)?,
    })
}

pub(crate) fn settlement_row(row: &Settlement, slot: String, trace: Vec<u8>) -> Vec<Value> {
    vec![
        text(&row.psn_no),
        text(&row.setl_id),
        row.seq.into(),
        slot.into(),
        text(&row.mdtrt_id),
        row.reverses.as_ref().map_or(Value::Null, text),
        text(&row.fixmedins_code),
        row.insutype.as_str().into(),
        row.med_type.as_str().into(),
        time(row.setl_time),
        row.medfee_sumamt.0.into(),
        row.fund_pay_sumamt.0.into(),
        row.acct_pay.0.into(),
        row.psn_cash_pay.0.into(),
        row.clr_type.as_str().into(),
        row.clr_way.as_str().into(),
        row.clr_optins.as_str().into(),
        text(&row.msgid),
        row.policy.as_str().into(),
        row.decision.as_str().into(),
        json(&row.particulars),
        trace.into(),
    ]
}

pub(crate) fn read_settlement(psn_no: &PersonId, row: &Row) -> Result<Settlement, DbError> {
    Ok(Settlement {
        psn_no: psn_no.clone(),
        seq: row.get(1)?,
        setl_id: SettlementId(row.get(2)?),
        mdtrt_id: VisitId(row.get(3)?),
        reverses: row.get::<Option<String>>(4)?.map(SettlementId),
        fixmedins_code: InstitutionId(row.get(5)?),
        insutype: row.get(6)?,
        med_type: row.get(7)?,
        setl_time: read_time(row, 8)?,
        clr_type: row.get(9)?,
        clr_way: row.get(10)?,
        clr_optins: row.get(11)?,
        msgid: MessageId(row.get(12)?),
        policy: row.get(13)?,
        decision: row.get(14)?,
        particulars: read_fields(row, 15)?,
        medfee_sumamt: Fen(row.get(16)?),
        fund_pay_sumamt: Fen(row.get(17)?),
        acct_pay: Fen(row.get(18)?),
        psn_cash_pay: Fen(row.get(19)?),
    })
}

pub(crate) fn read_reconciliation(row: &Row) -> Result<Reconciliation, DbError> {
    let day = |column: usize| -> Result<terms::Date, DbError> {
        let read = terms::parse_date(&row.get::<String>(column)?);
        read.ok_or_else(|| broken(row, column, "a date yyyy-MM-dd"))
    };
    let differences: String = row.get(7)?;
    Ok(Reconciliation {
        reconciliation_id: row.get(0)?,
        fixmedins_code: InstitutionId(row.get(1)?),
        infno: row.get(2)?,
        begndate: day(3)?,
        enddate: day(4)?,
        clr_type: row.get(5)?,
        insutype: row.get(6)?,
        differences: serde_json::from_str(&differences).map_err(|_| broken(row, 7, "a list of texts"))?,
        made_at: read_time(row, 8)?,
    })
}
