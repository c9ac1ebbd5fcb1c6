//! Rows of the tables to and from facts.

use std::fmt::Display;
use std::str::FromStr;

use db::{DbError, Row, Value};
use terms::{
    Date, DateTime, Fen, InstitutionId, MessageId, PersonId, SettlementId, VisitId, parse_date, parse_time, show_time,
};

use crate::*;

pub(crate) fn text(value: impl Display) -> Value {
    Value::Text(value.to_string())
}

pub(crate) fn time(value: DateTime) -> Value {
    Value::Text(show_time(value))
}

fn broken(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}

fn read_time(row: &Row, column: usize) -> Result<DateTime, DbError> {
    parse_time(&row.get::<String>(column)?).ok_or_else(|| broken(row, column, "a time yyyy-MM-dd HH:mm:ss"))
}

fn read_date(row: &Row, column: usize) -> Result<Date, DbError> {
    parse_date(&row.get::<String>(column)?).ok_or_else(|| broken(row, column, "a date yyyy-MM-dd"))
}

fn read<T: FromStr>(row: &Row, column: usize, expected: &'static str) -> Result<T, DbError> {
    row.get::<String>(column)?.parse().map_err(|_| broken(row, column, expected))
}

fn read_fen(row: &Row, column: usize) -> Result<Fen, DbError> {
    row.get(column).map(Fen)
}

pub(crate) fn list_row(list: &List) -> Vec<Value> {
    vec![
        text(&list.psn_no),
        text(&list.setl_id),
        list.version.into(),
        list.setl_list_id.as_str().into(),
        text(&list.mdtrt_id),
        text(&list.fixmedins_code),
        list.state.code().into(),
        list.reason.as_str().into(),
        list.digest.as_str().into(),
        time(list.sent_at),
        text(&list.msgid),
        list.content.clone().into(),
    ]
}

pub(crate) fn read_list(row: &Row) -> Result<List, DbError> {
    Ok(List {
        psn_no: PersonId(row.get(0)?),
        setl_id: SettlementId(row.get(1)?),
        version: row.get(2)?,
        setl_list_id: row.get(3)?,
        mdtrt_id: VisitId(row.get(4)?),
        fixmedins_code: InstitutionId(row.get(5)?),
        state: ListState::from_code(&row.get::<String>(6)?).ok_or_else(|| broken(row, 6, "a list's state"))?,
        reason: row.get(7)?,
        digest: row.get(8)?,
        sent_at: read_time(row, 9)?,
        msgid: MessageId(row.get(10)?),
        content: row.get(11)?,
    })
}

pub(crate) fn application_row(row: &Application, slot: String) -> Vec<Value> {
    vec![
        row.clr_appy_evt_id.as_str().into(),
        slot.into(),
        text(&row.fixmedins_code),
        row.clr_type.as_str().into(),
        row.clr_way.as_str().into(),
        text(row.month),
        text(row.begndate),
        text(row.enddate),
        row.psntime.into(),
        row.medfee_sumamt.0.into(),
        row.med_sumfee.0.into(),
        row.fund_appy_sum.0.into(),
        row.cash_payamt.0.into(),
        row.acct_pay.0.into(),
        time(row.made_at),
        text(&row.msgid),
    ]
}

pub(crate) fn read_application(row: &Row) -> Result<Application, DbError> {
    Ok(Application {
        clr_appy_evt_id: row.get(0)?,
        fixmedins_code: InstitutionId(row.get(1)?),
        clr_type: row.get(2)?,
        clr_way: row.get(3)?,
        month: read(row, 4, "a month yyyy-MM")?,
        begndate: read_date(row, 5)?,
        enddate: read_date(row, 6)?,
        psntime: row.get(7)?,
        medfee_sumamt: read_fen(row, 8)?,
        med_sumfee: read_fen(row, 9)?,
        fund_appy_sum: read_fen(row, 10)?,
        cash_payamt: read_fen(row, 11)?,
        acct_pay: read_fen(row, 12)?,
        withdrawn: row.get::<i64>(13)? == 1,
        made_at: read_time(row, 14)?,
        msgid: MessageId(row.get(15)?),
    })
}

pub(crate) fn case_row(row: &Cleared) -> Vec<Value> {
    vec![
        text(&row.psn_no),
        text(&row.setl_id),
        row.cause.code().into(),
        row.reverses.as_ref().map_or(Value::Null, text),
        text(&row.mdtrt_id),
        text(row.month),
        text(&row.fixmedins_code),
        row.insutype.as_str().into(),
        row.clr_type.as_str().into(),
        row.clr_way.as_str().into(),
        row.pool.as_str().into(),
        row.list_version.into(),
        row.scheme.as_str().into(),
        row.scheme_version.as_str().into(),
        row.plan.as_str().into(),
        row.status.as_str().into(),
        row.group_code.as_str().into(),
        row.group_name.as_str().into(),
        row.weight.map_or_else(String::new, |weight| weight.to_string()).into(),
        text(row.points),
        i64::from(row.outside).into(),
        row.fee.0.into(),
        row.excluded.0.into(),
        row.payment.0.into(),
        row.patient.0.into(),
        row.other_funds.0.into(),
        row.fund.0.into(),
        row.item_fund.0.into(),
        time(row.cleared_at),
        row.explanation.clone().into(),
    ]
}

pub(crate) fn read_cause(row: &Row, column: usize) -> Result<Cause, DbError> {
    Cause::from_code(&row.get::<String>(column)?).ok_or_else(|| broken(row, column, "a cause"))
}

pub(crate) fn read_case(row: &Row) -> Result<Cleared, DbError> {
    let weight: String = row.get(18)?;
    Ok(Cleared {
        psn_no: PersonId(row.get(0)?),
        setl_id: SettlementId(row.get(1)?),
        cause: read_cause(row, 2)?,
        reverses: row.get::<Option<String>>(3)?.map(SettlementId),
        mdtrt_id: VisitId(row.get(4)?),
        month: read(row, 5, "a month yyyy-MM")?,
        fixmedins_code: InstitutionId(row.get(6)?),
        insutype: row.get(7)?,
        clr_type: row.get(8)?,
        clr_way: row.get(9)?,
        pool: row.get(10)?,
        list_version: row.get(11)?,
        scheme: row.get(12)?,
        scheme_version: row.get(13)?,
        plan: row.get(14)?,
        status: row.get(15)?,
        group_code: row.get(16)?,
        group_name: row.get(17)?,
        weight: if weight.is_empty() { None } else { Some(read(row, 18, "an exact decimal")?) },
        points: read(row, 19, "an exact decimal")?,
        outside: row.get::<i64>(20)? == 1,
        fee: read_fen(row, 21)?,
        excluded: read_fen(row, 22)?,
        payment: read_fen(row, 23)?,
        patient: read_fen(row, 24)?,
        other_funds: read_fen(row, 25)?,
        fund: read_fen(row, 26)?,
        item_fund: read_fen(row, 27)?,
        cleared_at: read_time(row, 28)?,
        explanation: if row.values.len() > 29 { row.get(29)? } else { Vec::new() },
    })
}

pub(crate) fn read_special(row: &Row) -> Result<SpecialCase, DbError> {
    let decision = match row.get::<Option<String>>(5)? {
        None => None,
        Some(decision) => Some(Decided { decision, at: read_time(row, 6)?, by: row.get(7)? }),
    };
    Ok(SpecialCase {
        psn_no: PersonId(row.get(0)?),
        setl_id: SettlementId(row.get(1)?),
        fixmedins_code: InstitutionId(row.get(2)?),
        reason: row.get(3)?,
        asked_at: read_time(row, 4)?,
        decision,
    })
}

pub(crate) fn statement_row(row: &Statement) -> Vec<Value> {
    vec![
        text(row.month),
        text(&row.fixmedins_code),
        row.insutype.as_str().into(),
        row.clr_type.as_str().into(),
        row.clr_way.as_str().into(),
        row.pool.as_str().into(),
        row.state.code().into(),
        row.payable.0.into(),
        row.carried.0.into(),
        row.figures.as_str().into(),
        time(row.changed_at),
    ]
}

pub(crate) fn read_statement(row: &Row) -> Result<Statement, DbError> {
    Ok(Statement {
        month: read(row, 0, "a month yyyy-MM")?,
        fixmedins_code: InstitutionId(row.get(1)?),
        insutype: row.get(2)?,
        clr_type: row.get(3)?,
        clr_way: row.get(4)?,
        pool: row.get(5)?,
        state: StatementState::from_code(&row.get::<String>(6)?)
            .ok_or_else(|| broken(row, 6, "a statement's state"))?,
        payable: read_fen(row, 7)?,
        carried: read_fen(row, 8)?,
        figures: row.get(9)?,
        changed_at: read_time(row, 10)?,
    })
}

pub(crate) fn year_row(row: &YearRow) -> Vec<Value> {
    vec![
        i64::from(row.year).into(),
        row.plan.as_str().into(),
        row.pool.as_str().into(),
        row.fixmedins_code.as_ref().map_or("", InstitutionId::as_str).into(),
        row.balance_due.0.into(),
        row.figures.as_str().into(),
        time(row.closed_at),
    ]
}

pub(crate) fn read_year(row: &Row) -> Result<YearRow, DbError> {
    let institution: String = row.get(3)?;
    Ok(YearRow {
        year: i16::try_from(row.get::<i64>(0)?).map_err(|_| broken(row, 0, "a year"))?,
        plan: row.get(1)?,
        pool: row.get(2)?,
        fixmedins_code: (!institution.is_empty()).then_some(InstitutionId(institution)),
        balance_due: read_fen(row, 4)?,
        figures: row.get(5)?,
        closed_at: read_time(row, 6)?,
    })
}

pub(crate) fn deduction_row(row: &Deduction) -> Vec<Value> {
    vec![
        row.deduction_id.as_str().into(),
        text(&row.fixmedins_code),
        row.case_id.as_str().into(),
        row.insutype.as_str().into(),
        row.clr_type.as_str().into(),
        row.amount.0.into(),
        time(row.made_at),
    ]
}

pub(crate) fn read_deduction(row: &Row) -> Result<Deduction, DbError> {
    let month: String = row.get(6)?;
    Ok(Deduction {
        deduction_id: row.get(0)?,
        fixmedins_code: InstitutionId(row.get(1)?),
        case_id: row.get(2)?,
        insutype: row.get(3)?,
        clr_type: row.get(4)?,
        amount: read_fen(row, 5)?,
        month: if month.is_empty() { None } else { Some(read(row, 6, "a month yyyy-MM")?) },
        made_at: read_time(row, 7)?,
    })
}
