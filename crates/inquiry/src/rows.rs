//! Rows of the tables to and from facts.

use std::fmt::Display;

use db::{DbError, Row, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use terms::{
    DateTime, Fen, InstitutionId, ItemCode, LineNo, PersonId, SettlementId, VisitId, parse_date, parse_time, show_time,
};

use crate::*;

pub(crate) fn text(value: impl Display) -> Value {
    Value::Text(value.to_string())
}

pub(crate) fn time(value: DateTime) -> Value {
    Value::Text(show_time(value))
}

pub(crate) fn json(value: &impl Serialize) -> Value {
    Value::Text(serde_json::to_string(value).expect("plain data is always JSON"))
}

fn broken(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}

fn read_json<T: DeserializeOwned>(row: &Row, column: usize, expected: &'static str) -> Result<T, DbError> {
    serde_json::from_str(&row.get::<String>(column)?).map_err(|_| broken(row, column, expected))
}

fn read_time(row: &Row, column: usize) -> Result<DateTime, DbError> {
    parse_time(&row.get::<String>(column)?).ok_or_else(|| broken(row, column, "a time yyyy-MM-dd HH:mm:ss"))
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn confidence(value: i64) -> Option<i64> {
    (value >= 0).then_some(value)
}

pub(crate) fn clue_row(clue: &Clue) -> Vec<Value> {
    vec![
        clue.clue_id.as_str().into(),
        clue.source.word().into(),
        clue.reference.as_str().into(),
        clue.rule.as_str().into(),
        clue.version.as_str().into(),
        text(&clue.fixmedins_code),
        clue.amount.0.into(),
        clue.confidence.unwrap_or(-1).into(),
        clue.summary.as_str().into(),
        time(clue.found_at),
        clue.case_id.as_deref().unwrap_or_default().into(),
        json(&clue.lines),
    ]
}

pub(crate) fn read_clue(row: &Row) -> Result<Clue, DbError> {
    Ok(Clue {
        clue_id: row.get(0)?,
        source: Source::from_word(&row.get::<String>(1)?).ok_or_else(|| broken(row, 1, "a source"))?,
        reference: row.get(2)?,
        rule: row.get(3)?,
        version: row.get(4)?,
        fixmedins_code: InstitutionId(row.get(5)?),
        amount: Fen(row.get(6)?),
        confidence: confidence(row.get(7)?),
        summary: row.get(8)?,
        found_at: read_time(row, 9)?,
        case_id: filled(row.get(10)?),
        lines: read_json(row, 11, "what a clue points at")?,
    })
}

pub(crate) fn suspicion_row(row: &Suspicion) -> Vec<Value> {
    vec![
        row.suspicion_id.as_str().into(),
        row.model.as_str().into(),
        row.name.as_str().into(),
        row.version.as_str().into(),
        row.group.as_str().into(),
        row.score.into(),
        row.recoverable.0.into(),
        row.weighted.0.into(),
        json(&row.institutions),
        row.persons.into(),
        row.visits.into(),
        row.why.as_str().into(),
        time(row.found_at),
        row.body.clone().into(),
    ]
}

pub(crate) fn read_suspicion(row: &Row) -> Result<Suspicion, DbError> {
    Ok(Suspicion {
        suspicion_id: row.get(0)?,
        model: row.get(1)?,
        name: row.get(2)?,
        version: row.get(3)?,
        group: row.get(4)?,
        score: row.get(5)?,
        recoverable: Fen(row.get(6)?),
        weighted: Fen(row.get(7)?),
        institutions: read_json(row, 8, "a list of institutions")?,
        persons: row.get(9)?,
        visits: row.get(10)?,
        why: row.get(11)?,
        found_at: read_time(row, 12)?,
        body: if row.values.len() > 13 { row.get(13)? } else { Vec::new() },
    })
}

pub(crate) fn case_row(case: &CaseFacts) -> Vec<Value> {
    vec![
        case.case_id.as_str().into(),
        text(&case.fixmedins_code),
        case.rule.as_str().into(),
        case.rule_version.as_str().into(),
        case.disputed.0.into(),
        case.recoverable.0.into(),
        case.confidence.unwrap_or(-1).into(),
        time(case.opened_at),
    ]
}

pub(crate) fn read_case(row: &Row) -> Result<CaseFacts, DbError> {
    Ok(CaseFacts {
        case_id: row.get(0)?,
        fixmedins_code: InstitutionId(row.get(1)?),
        rule: row.get(2)?,
        rule_version: row.get(3)?,
        disputed: Fen(row.get(4)?),
        recoverable: Fen(row.get(5)?),
        confidence: confidence(row.get(6)?),
        opened_at: read_time(row, 7)?,
    })
}

/// The slot of a line: while its money is spoken for, its own; else one that nothing else has.
pub(crate) fn slot(line: &DisputedLine) -> String {
    match line.state {
        LineState::Open | LineState::Upheld if !line.psn_no.as_str().is_empty() => {
            format!("{}/{}/{}", line.psn_no, line.mdtrt_id, line.feedetl_sn)
        }
        _ => format!("case/{}/{}", line.case_id, line.no),
    }
}

pub(crate) fn line_row(line: &DisputedLine) -> Vec<Value> {
    vec![
        line.case_id.as_str().into(),
        line.no.into(),
        slot(line).into(),
        text(&line.psn_no),
        text(&line.mdtrt_id),
        text(&line.setl_id),
        line.insutype.as_str().into(),
        line.clr_type.as_str().into(),
        text(&line.feedetl_sn),
        text(&line.med_list_codg),
        line.practitioner.as_str().into(),
        line.rule.as_str().into(),
        line.rule_version.as_str().into(),
        json(&line.place),
        line.disputed.0.into(),
        line.state.word().into(),
        line.decided.0.into(),
        json(&line.by_fund),
        line.article.as_str().into(),
        line.reason.as_str().into(),
    ]
}

pub(crate) fn read_line(row: &Row) -> Result<DisputedLine, DbError> {
    Ok(DisputedLine {
        case_id: row.get(0)?,
        no: row.get(1)?,
        psn_no: PersonId(row.get(2)?),
        mdtrt_id: VisitId(row.get(3)?),
        setl_id: SettlementId(row.get(4)?),
        insutype: row.get(5)?,
        clr_type: row.get(6)?,
        feedetl_sn: LineNo(row.get(7)?),
        med_list_codg: ItemCode(row.get(8)?),
        practitioner: row.get(9)?,
        rule: row.get(10)?,
        rule_version: row.get(11)?,
        place: read_json(row, 12, "a line's place in its settlement")?,
        disputed: Fen(row.get(13)?),
        state: LineState::from_word(&row.get::<String>(14)?).ok_or_else(|| broken(row, 14, "a line's state"))?,
        decided: Fen(row.get(15)?),
        by_fund: read_json(row, 16, "amounts by fund")?,
        article: row.get(17)?,
        reason: row.get(18)?,
    })
}

pub(crate) fn read_opinion(row: &Row) -> Result<Given, DbError> {
    let opinion = Opinion { no: row.get(1)?, amount: Fen(row.get(4)?), article: row.get(5)?, reason: row.get(6)? };
    Ok(Given { seq: row.get(0)?, stage: row.get(2)?, by: row.get(3)?, opinion })
}

pub(crate) fn read_appeal(row: &Row) -> Result<Appeal, DbError> {
    let evidence = read_json(row, 3, "evidence by slot")?;
    Ok(Appeal { seq: row.get(0)?, no: row.get(1)?, grounds: row.get(2)?, evidence })
}

pub(crate) fn recovery_row(recovery: &Recovery) -> Vec<Value> {
    vec![
        recovery.case_id.as_str().into(),
        recovery.seq.into(),
        recovery.way.word().into(),
        recovery.amount.0.into(),
        json(&recovery.by_fund),
        json(&recovery.lines),
        recovery.transfer_id.as_str().into(),
        time(recovery.at),
    ]
}

pub(crate) fn read_recovery(row: &Row) -> Result<Recovery, DbError> {
    Ok(Recovery {
        case_id: row.get(0)?,
        seq: row.get(1)?,
        way: Way::from_word(&row.get::<String>(2)?).ok_or_else(|| broken(row, 2, "a way of recovery"))?,
        amount: Fen(row.get(3)?),
        by_fund: read_json(row, 4, "amounts by fund")?,
        lines: read_json(row, 5, "numbers of lines")?,
        transfer_id: row.get(6)?,
        at: read_time(row, 7)?,
    })
}

pub(crate) fn read_fine(row: &Row) -> Result<Fine, DbError> {
    Ok(Fine {
        case_id: row.get(0)?,
        seq: row.get(1)?,
        article: row.get(2)?,
        loss: Fen(row.get(3)?),
        times: row.get(4)?,
        amount: Fen(row.get(5)?),
        at: read_time(row, 6)?,
        revoked: row.get::<i64>(7)? == 1,
    })
}

pub(crate) fn credit_row(event: &CreditEvent) -> Vec<Value> {
    vec![
        event.event_id.as_str().into(),
        event.holder.word().into(),
        event.code.as_str().into(),
        event.event.as_str().into(),
        event.points.into(),
        text(event.on),
        event.case_id.as_str().into(),
        event.article.as_str().into(),
    ]
}

pub(crate) fn read_credit(row: &Row) -> Result<CreditEvent, DbError> {
    Ok(CreditEvent {
        event_id: row.get(0)?,
        holder: Holder::from_word(&row.get::<String>(1)?).ok_or_else(|| broken(row, 1, "whose credit"))?,
        code: row.get(2)?,
        event: row.get(3)?,
        points: row.get(4)?,
        on: parse_date(&row.get::<String>(5)?).ok_or_else(|| broken(row, 5, "a date yyyy-MM-dd"))?,
        case_id: row.get(6)?,
        article: row.get(7)?,
        revoked: row.get(8)?,
    })
}

pub(crate) fn unit_row(case_id: &str, unit: &SampleUnit) -> Vec<Value> {
    vec![
        case_id.into(),
        text(&unit.psn_no),
        text(&unit.mdtrt_id),
        unit.stratum.as_str().into(),
        unit.paid.0.into(),
        i64::from(unit.drawn).into(),
    ]
}

pub(crate) fn read_unit(row: &Row) -> Result<SampleUnit, DbError> {
    Ok(SampleUnit {
        psn_no: PersonId(row.get(0)?),
        mdtrt_id: VisitId(row.get(1)?),
        stratum: row.get(2)?,
        paid: Fen(row.get(3)?),
        drawn: row.get::<i64>(4)? == 1,
    })
}

pub(crate) fn read_sample(row: &Row, units: Vec<SampleUnit>) -> Result<Sample, DbError> {
    Ok(Sample {
        case_id: row.get(0)?,
        seed: row.get(1)?,
        at: read_time(row, 2)?,
        funds: read_json(row, 3, "amounts by fund")?,
        insutype: row.get(4)?,
        clr_type: row.get(5)?,
        units,
        estimate: filled(row.get(6)?),
    })
}
