//! Rows of the tables to and from facts.

use std::fmt::Display;

use db::{DbError, Row, Value};
use screening::{Force, Outcomes, Suppression};
use terms::{
    Date, DateTime, Fen, InstitutionId, MessageId, PersonId, Ratio, VisitId, parse_date, parse_time, show_time,
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

pub(crate) fn read_time(row: &Row, column: usize) -> Result<DateTime, DbError> {
    parse_time(&row.get::<String>(column)?).ok_or_else(|| broken(row, column, "a time yyyy-MM-dd HH:mm:ss"))
}

fn time_if_any(row: &Row, column: usize) -> Result<Option<DateTime>, DbError> {
    match row.get::<Option<String>>(column)? {
        None => Ok(None),
        Some(_) => read_time(row, column).map(Some),
    }
}

fn read_date(row: &Row, column: usize) -> Result<Date, DbError> {
    parse_date(&row.get::<String>(column)?).ok_or_else(|| broken(row, column, "a date yyyy-MM-dd"))
}

fn coded<T>(row: &Row, column: usize, read: fn(&str) -> Option<T>, expected: &'static str) -> Result<T, DbError> {
    read(&row.get::<String>(column)?).ok_or_else(|| broken(row, column, expected))
}

fn force_of(word: &str) -> Option<Force> {
    Force::ALL.into_iter().find(|force| force.word() == word)
}

fn count(row: &Row, column: usize) -> Result<u64, DbError> {
    u64::try_from(row.get::<i64>(column)?).map_err(|_| broken(row, column, "a count"))
}

pub(crate) fn library_row(row: &Library) -> Vec<Value> {
    vec![text(&row.version), row.rules.into(), time(row.brought_at), text(&row.brought_by), row.sources.clone().into()]
}

pub(crate) fn read_library(row: &Row) -> Result<Library, DbError> {
    Ok(Library {
        version: row.get(0)?,
        rules: row.get(1)?,
        brought_at: read_time(row, 2)?,
        brought_by: row.get(3)?,
        sources: if row.values.len() > 4 { row.get(4)? } else { Vec::new() },
    })
}

pub(crate) fn placing_row(row: &Placing) -> Vec<Value> {
    vec![
        row.set.code().into(),
        row.seq.into(),
        text(&row.version),
        row.deed.code().into(),
        time(row.at),
        text(&row.by),
        text(&row.why),
        text(&row.run_id),
    ]
}

pub(crate) fn read_placing(row: &Row) -> Result<Placing, DbError> {
    Ok(Placing {
        set: coded(row, 0, Set::from_code, "a set")?,
        seq: row.get(1)?,
        version: row.get(2)?,
        deed: coded(row, 3, Deed::from_code, "a placing's deed")?,
        at: read_time(row, 4)?,
        by: row.get(5)?,
        why: row.get(6)?,
        run_id: row.get(7)?,
    })
}

pub(crate) fn run_row(row: &Run) -> Vec<Value> {
    vec![
        text(&row.run_id),
        row.set.code().into(),
        text(&row.version),
        time(row.as_of),
        text(&row.scope),
        time(row.began_at),
        row.ended_at.map_or(Value::Null, time),
        row.persons.into(),
        row.findings.into(),
        row.amount.0.into(),
        text(&row.coverage),
    ]
}

pub(crate) fn read_run(row: &Row) -> Result<Run, DbError> {
    Ok(Run {
        run_id: row.get(0)?,
        set: coded(row, 1, Set::from_code, "a set")?,
        version: row.get(2)?,
        as_of: read_time(row, 3)?,
        scope: row.get(4)?,
        began_at: read_time(row, 5)?,
        ended_at: time_if_any(row, 6)?,
        persons: row.get(7)?,
        findings: row.get(8)?,
        amount: Fen(row.get(9)?),
        coverage: row.get(10)?,
    })
}

pub(crate) fn finding_row(row: &Finding) -> Vec<Value> {
    vec![
        row.set.code().into(),
        text(&row.key),
        text(&row.rule_id),
        text(&row.rule_version),
        text(&row.library),
        row.severity.into(),
        text(&row.psn_no),
        text(&row.fixmedins_code),
        text(&row.mdtrt_id),
        row.visit_day.map_or_else(|| "".into(), text),
        row.place.code().into(),
        text(&row.under),
        row.amount.0.into(),
        row.counted.0.into(),
        text(&row.first_run),
        text(&row.last_run),
        time(row.found_at),
        row.body.clone().into(),
    ]
}

pub(crate) fn read_finding(row: &Row) -> Result<Finding, DbError> {
    let day: String = row.get(9)?;
    Ok(Finding {
        set: coded(row, 0, Set::from_code, "a set")?,
        key: row.get(1)?,
        rule_id: row.get(2)?,
        rule_version: row.get(3)?,
        library: row.get(4)?,
        severity: row.get(5)?,
        psn_no: PersonId(row.get(6)?),
        fixmedins_code: InstitutionId(row.get(7)?),
        mdtrt_id: VisitId(row.get(8)?),
        visit_day: if day.is_empty() { None } else { Some(read_date(row, 9)?) },
        place: coded(row, 10, Place::from_code, "a finding's place")?,
        under: row.get(11)?,
        amount: Fen(row.get(12)?),
        counted: Fen(row.get(13)?),
        first_run: row.get(14)?,
        last_run: row.get(15)?,
        found_at: read_time(row, 16)?,
        body: row.get(17)?,
    })
}

pub(crate) fn check_row(row: &Check) -> Vec<Value> {
    vec![
        text(&row.task_id),
        row.stage.code().into(),
        text(&row.fixmedins_code),
        text(&row.psn_no),
        text(&row.mdtrt_id),
        text(&row.trig_scen),
        text(&row.library),
        time(row.asked_at),
        row.micros.into(),
        row.rules_run.into(),
        row.rules_not_checked.into(),
        row.reminders.into(),
        row.blocking.into(),
        text(&row.not_checked),
    ]
}

pub(crate) fn read_check(row: &Row) -> Result<Check, DbError> {
    Ok(Check {
        task_id: row.get(0)?,
        stage: coded(row, 1, Stage::from_code, "a reminder's stage")?,
        fixmedins_code: InstitutionId(row.get(2)?),
        psn_no: PersonId(row.get(3)?),
        mdtrt_id: VisitId(row.get(4)?),
        trig_scen: row.get(5)?,
        library: row.get(6)?,
        asked_at: read_time(row, 7)?,
        micros: row.get(8)?,
        rules_run: row.get(9)?,
        rules_not_checked: row.get(10)?,
        reminders: row.get(11)?,
        blocking: row.get(12)?,
        not_checked: row.get(13)?,
    })
}

pub(crate) fn reminder_row(row: &Reminder) -> Vec<Value> {
    vec![
        text(&row.jr_id),
        text(&row.task_id),
        row.stage.code().into(),
        text(&row.rule_id),
        text(&row.rule_version),
        text(&row.library),
        row.severity.into(),
        row.level.into(),
        text(&row.fixmedins_code),
        text(&row.psn_no),
        text(&row.mdtrt_id),
        text(&row.dept),
        text(&row.doctor),
        row.amount.0.into(),
        time(row.first_at),
        time(row.last_at),
        row.body.clone().into(),
    ]
}

pub(crate) fn read_reminder(row: &Row) -> Result<Reminder, DbError> {
    let handling: String = row.get(18)?;
    Ok(Reminder {
        jr_id: row.get(0)?,
        task_id: row.get(1)?,
        stage: coded(row, 2, Stage::from_code, "a reminder's stage")?,
        rule_id: row.get(3)?,
        rule_version: row.get(4)?,
        library: row.get(5)?,
        severity: row.get(6)?,
        level: row.get(7)?,
        fixmedins_code: InstitutionId(row.get(8)?),
        psn_no: PersonId(row.get(9)?),
        mdtrt_id: VisitId(row.get(10)?),
        dept: row.get(11)?,
        doctor: row.get(12)?,
        amount: Fen(row.get(13)?),
        first_at: read_time(row, 14)?,
        last_at: read_time(row, 15)?,
        times: row.get(16)?,
        body: row.get(17)?,
        handling: if handling.is_empty() { None } else { Some(coded(row, 18, Handling::from_code, "a handling")?) },
        reason: row.get(19)?,
        answered_at: time_if_any(row, 20)?,
    })
}

pub(crate) fn feedback_row(row: &Feedback) -> Vec<Value> {
    vec![
        text(&row.jr_id),
        text(&row.msgid),
        text(&row.warn_type),
        row.handling.code().into(),
        text(&row.reason),
        time(row.at),
        text(&row.by),
    ]
}

pub(crate) fn read_feedback(row: &Row) -> Result<Feedback, DbError> {
    Ok(Feedback {
        jr_id: row.get(0)?,
        msgid: MessageId(row.get(1)?),
        warn_type: row.get(2)?,
        handling: coded(row, 3, Handling::from_code, "a handling")?,
        reason: row.get(4)?,
        at: read_time(row, 5)?,
        by: row.get(6)?,
    })
}

pub(crate) fn outcome_row(row: &Outcome) -> Vec<Value> {
    vec![
        text(&row.subject),
        row.source.code().into(),
        text(&row.rule_id),
        text(&row.rule_version),
        text(&row.fixmedins_code),
        i64::from(row.confirmed).into(),
        time(row.at),
        text(&row.by),
        text(&row.why),
    ]
}

/// Confirmed, refuted and institutions, from a column on.
pub(crate) fn read_outcome(row: &Row) -> Result<Outcome, DbError> {
    Ok(Outcome {
        subject: row.get(0)?,
        source: coded(row, 1, Source::from_code, "whose word it is")?,
        rule_id: row.get(2)?,
        rule_version: row.get(3)?,
        fixmedins_code: InstitutionId(row.get(4)?),
        confirmed: row.get::<i64>(5)? != 0,
        at: read_time(row, 6)?,
        by: row.get(7)?,
        why: row.get(8)?,
    })
}

pub(crate) fn read_outcomes(row: &Row, from: usize) -> Result<Outcomes, DbError> {
    Ok(Outcomes { confirmed: count(row, from)?, refuted: count(row, from + 1)?, institutions: count(row, from + 2)? })
}

pub(crate) fn standing_row(row: &Standing) -> Vec<Value> {
    vec![text(&row.rule_id), text(&row.rule_version), row.force.word().into(), row.generation.into(), time(row.since)]
}

pub(crate) fn read_standing(row: &Row) -> Result<Standing, DbError> {
    Ok(Standing {
        rule_id: row.get(0)?,
        rule_version: row.get(1)?,
        force: coded(row, 2, force_of, "a rule's force")?,
        generation: row.get(3)?,
        since: read_time(row, 4)?,
    })
}

pub(crate) fn change_row(row: &ForceChange) -> Vec<Value> {
    let whole = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    vec![
        text(&row.rule_id),
        text(&row.rule_version),
        row.generation.into(),
        row.from.word().into(),
        row.to.word().into(),
        time(row.at),
        text(&row.by),
        text(&row.why),
        whole(row.outcomes.confirmed),
        whole(row.outcomes.refuted),
        whole(row.outcomes.institutions),
        row.lower.0.into(),
        row.floor.0.into(),
    ]
}

pub(crate) fn read_change(row: &Row) -> Result<ForceChange, DbError> {
    Ok(ForceChange {
        rule_id: row.get(0)?,
        rule_version: row.get(1)?,
        generation: row.get(2)?,
        from: coded(row, 3, force_of, "a rule's force")?,
        to: coded(row, 4, force_of, "a rule's force")?,
        at: read_time(row, 5)?,
        by: row.get(6)?,
        why: row.get(7)?,
        outcomes: read_outcomes(row, 8)?,
        lower: Ratio(row.get(11)?),
        floor: Ratio(row.get(12)?),
    })
}

pub(crate) fn suppression_row(row: &Suppressing) -> Vec<Value> {
    let Suppression { id, rule, psn_no, fixmedins_code, med_list_codg, diag_code, from, until, by, why } =
        &row.suppression;
    let blank = |field: &Option<String>| text(field.as_deref().unwrap_or_default());
    vec![
        text(id),
        blank(rule),
        blank(psn_no),
        blank(fixmedins_code),
        blank(med_list_codg),
        blank(diag_code),
        text(from),
        until.map_or(Value::Null, text),
        time(row.made_at),
        text(by),
        text(why),
    ]
}

pub(crate) fn read_suppression(row: &Row) -> Result<Suppressing, DbError> {
    let given = |column: usize| row.get::<String>(column).map(|text| (!text.is_empty()).then_some(text));
    let until = match row.get::<Option<String>>(7)? {
        None => None,
        Some(_) => Some(read_date(row, 7)?),
    };
    let ended = match time_if_any(row, 11)? {
        None => None,
        Some(at) => Some(Ended { at, by: row.get(12)?, why: row.get(13)? }),
    };
    Ok(Suppressing {
        suppression: Suppression {
            id: row.get(0)?,
            rule: given(1)?,
            psn_no: given(2)?,
            fixmedins_code: given(3)?,
            med_list_codg: given(4)?,
            diag_code: given(5)?,
            from: read_date(row, 6)?,
            until,
            by: row.get(9)?,
            why: row.get(10)?,
        },
        made_at: read_time(row, 8)?,
        ended,
    })
}
