//! 查询: what the room answers.

use db::{DbError, Tx};
use screening::Outcomes;
use terms::{DateTime, InstitutionId, PersonId, VisitId};

use crate::rows::{
    read_change, read_check, read_feedback, read_finding, read_library, read_outcome, read_outcomes, read_placing,
    read_reminder, read_run, read_standing, read_suppression, text, time,
};
use crate::store::*;
use crate::*;

/// Counts every change of what is in force; whoever remembers it compares this first.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn revision(tx: &mut dyn Tx) -> Result<i64, DbError> {
    tx.query(&REVISION, &[])?.first().map_or(Ok(0), |row| row.get(0))
}

/// 规则库 with its sources.
///
/// # Errors
/// As [`revision`].
pub fn library(tx: &mut dyn Tx, version: &str) -> Result<Option<Library>, DbError> {
    tx.query(&LIBRARY, &[version.into()])?.first().map(read_library).transpose()
}

/// Every library, by time; without the sources, which stay empty.
///
/// # Errors
/// As [`revision`].
pub fn libraries(tx: &mut dyn Tx) -> Result<Vec<Library>, DbError> {
    tx.query(&LIBRARIES, &[])?.iter().map(read_library).collect()
}

/// 生效记录 of a set, the one that counts first.
///
/// # Errors
/// As [`revision`].
pub fn placings(tx: &mut dyn Tx, set: Set) -> Result<Vec<Placing>, DbError> {
    tx.query(&PLACINGS, &[set.code().into()])?.iter().map(read_placing).collect()
}

/// 运行 by its number.
///
/// # Errors
/// As [`revision`].
pub fn run(tx: &mut dyn Tx, run_id: &str) -> Result<Option<Run>, DbError> {
    tx.query(&RUN, &[run_id.into()])?.first().map(read_run).transpose()
}

/// Every run, by time.
///
/// # Errors
/// As [`revision`].
pub fn runs(tx: &mut dyn Tx) -> Result<Vec<Run>, DbError> {
    tx.query(&RUNS, &[])?.iter().map(read_run).collect()
}

/// 疑点 by its key.
///
/// # Errors
/// As [`revision`].
pub fn finding(tx: &mut dyn Tx, set: Set, key: &str) -> Result<Option<Finding>, DbError> {
    tx.query(&FINDING, &[set.code().into(), key.into()])?.first().map(read_finding).transpose()
}

/// What a run found last of all runs, by rule.
///
/// # Errors
/// As [`revision`].
pub fn findings_of_run(tx: &mut dyn Tx, run_id: &str) -> Result<Vec<Finding>, DbError> {
    tx.query(&FINDINGS_OF_RUN, &[run_id.into()])?.iter().map(read_finding).collect()
}

/// 疑点 in force of an institution, of one rule or, when blank, of all.
///
/// # Errors
/// As [`revision`].
pub fn findings_of_institution(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    rule_id: &str,
) -> Result<Vec<Finding>, DbError> {
    tx.query(&FINDINGS_OF_INSTITUTION, &[text(institution), rule_id.into()])?.iter().map(read_finding).collect()
}

/// 疑点 in force of a person.
///
/// # Errors
/// As [`revision`].
pub fn findings_of_person(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Vec<Finding>, DbError> {
    tx.query(&FINDINGS_OF_PERSON, &[text(psn_no)])?.iter().map(read_finding).collect()
}

/// 疑点 in force as asked for, the most money first, at most so many.
///
/// # Errors
/// As [`revision`].
pub fn findings(tx: &mut dyn Tx, asked: &FindingsAsked, at_most: i64) -> Result<Vec<Finding>, DbError> {
    let (counted, key) = asked.after.as_ref().map_or((i64::MAX, ""), |(counted, key)| (counted.0, key.as_str()));
    let mut values = narrowed(asked);
    values.extend([counted.into(), key.into(), at_most.into()]);
    tx.query(&FINDINGS_PAGE, &values)?.iter().map(read_finding).collect()
}

/// How many 疑点 in force there are as asked for, wherever the page begins.
///
/// # Errors
/// As [`revision`].
pub fn count_findings(tx: &mut dyn Tx, asked: &FindingsAsked) -> Result<i64, DbError> {
    tx.query(&COUNT_FINDINGS, &narrowed(asked))?.first().map_or(Ok(0), |row| row.get(0))
}

fn narrowed(asked: &FindingsAsked) -> Vec<db::Value> {
    let place = asked.place.map_or("", Place::code);
    vec![asked.institution.as_str().into(), asked.rule_id.as_str().into(), place.into(), asked.search.as_str().into()]
}

/// 疑点 in force that count, by rule.
///
/// # Errors
/// As [`revision`].
pub fn findings_by_rule(tx: &mut dyn Tx) -> Result<Vec<RuleSums>, DbError> {
    let read =
        |row: &db::Row| Ok(RuleSums { rule_id: row.get(0)?, findings: row.get(1)?, counted: terms::Fen(row.get(2)?) });
    tx.query(&FINDINGS_BY_RULE, &[])?.iter().map(read).collect()
}

/// 佐证 and whatever else stands under a finding in force.
///
/// # Errors
/// As [`revision`].
pub fn findings_under(tx: &mut dyn Tx, key: &str) -> Result<Vec<Finding>, DbError> {
    tx.query(&SUPPORTING, &[key.into()])?.iter().map(read_finding).collect()
}

/// 核实结果 of a rule in all its versions, the latest first, at most so many.
///
/// # Errors
/// As [`revision`].
pub fn outcomes_told(tx: &mut dyn Tx, rule_id: &str, at_most: i64) -> Result<Vec<Outcome>, DbError> {
    tx.query(&OUTCOMES_TOLD, &[rule_id.into(), at_most.into()])?.iter().map(read_outcome).collect()
}

/// 提醒调用 by its number.
///
/// # Errors
/// As [`revision`].
pub fn check(tx: &mut dyn Tx, task_id: &str) -> Result<Option<Check>, DbError> {
    tx.query(&CHECK, &[task_id.into()])?.first().map(read_check).transpose()
}

/// 提醒用时 and numbers between two times, of one institution or of all.
///
/// # Errors
/// As [`revision`].
pub fn check_sums(
    tx: &mut dyn Tx,
    institution: Option<&InstitutionId>,
    (from, to): (DateTime, DateTime),
) -> Result<CheckSums, DbError> {
    let institution = institution.map_or_else(|| "".into(), text);
    let rows = tx.query(&CHECK_SUMS, &[institution, time(from), time(to)])?;
    let Some(row) = rows.first() else { return Ok(CheckSums::default()) };
    Ok(CheckSums {
        checks: row.get(0)?,
        micros: row.get(1)?,
        slowest: row.get(2)?,
        incomplete: row.get(3)?,
        reminders: row.get(4)?,
        blocking: row.get(5)?,
    })
}

/// 提醒 by its number.
///
/// # Errors
/// As [`revision`].
pub fn reminder(tx: &mut dyn Tx, jr_id: &str) -> Result<Option<Reminder>, DbError> {
    tx.query(&REMINDER, &[jr_id.into()])?.first().map(read_reminder).transpose()
}

/// 提醒 of a person, of one visit or of all.
///
/// # Errors
/// As [`revision`].
pub fn reminders_of(tx: &mut dyn Tx, psn_no: &PersonId, mdtrt_id: Option<&VisitId>) -> Result<Vec<Reminder>, DbError> {
    let mdtrt_id = mdtrt_id.map_or_else(|| "".into(), text);
    tx.query(&REMINDERS_OF, &[text(psn_no), mdtrt_id])?.iter().map(read_reminder).collect()
}

/// 反馈 to a reminder, by time.
///
/// # Errors
/// As [`revision`].
pub fn feedback_of(tx: &mut dyn Tx, jr_id: &str) -> Result<Vec<Feedback>, DbError> {
    tx.query(&FEEDBACK, &[jr_id.into()])?.iter().map(read_feedback).collect()
}

/// 核实结果 of a rule's version since a generation of its standing began.
///
/// # Errors
/// As [`revision`].
pub fn outcomes(tx: &mut dyn Tx, rule_id: &str, rule_version: &str, generation: i64) -> Result<Outcomes, DbError> {
    let rows = tx.query(&OUTCOMES, &[rule_id.into(), rule_version.into(), generation.into()])?;
    rows.first().map_or_else(|| Ok(Outcomes::default()), |row| read_outcomes(row, 0))
}

/// 规则表现 of every rule with an outcome.
///
/// # Errors
/// As [`revision`].
pub fn records(tx: &mut dyn Tx) -> Result<Vec<Record>, DbError> {
    let read = |row: &db::Row| {
        Ok(Record { rule_id: row.get(0)?, rule_version: row.get(1)?, outcomes: read_outcomes(row, 2)? })
    };
    tx.query(&RECORDS, &[])?.iter().map(read).collect()
}

/// 规则效力 of every version that does not stand at its own.
///
/// # Errors
/// As [`revision`].
pub fn standings(tx: &mut dyn Tx) -> Result<Vec<Standing>, DbError> {
    tx.query(&STANDINGS, &[])?.iter().map(read_standing).collect()
}

/// 升降级记录, by time.
///
/// # Errors
/// As [`revision`].
pub fn force_changes(tx: &mut dyn Tx) -> Result<Vec<ForceChange>, DbError> {
    tx.query(&CHANGES, &[])?.iter().map(read_change).collect()
}

/// 豁免, ended ones included, by time.
///
/// # Errors
/// As [`revision`].
pub fn suppressions(tx: &mut dyn Tx) -> Result<Vec<Suppressing>, DbError> {
    tx.query(&SUPPRESSIONS, &[])?.iter().map(read_suppression).collect()
}
