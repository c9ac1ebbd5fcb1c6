//! 查询: what the room answers.

use std::collections::BTreeMap;

use db::{DbError, Tx};
use terms::{Fen, InstitutionId, PersonId, SettlementId};

use crate::operations::application_slot;
use crate::rows::{
    read_application, read_case, read_cause, read_deduction, read_list, read_special, read_statement, read_year, text,
};
use crate::store::*;
use crate::*;

/// 结算清单: the latest version.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn list(tx: &mut dyn Tx, psn_no: &PersonId, setl_id: &SettlementId) -> Result<Option<List>, DbError> {
    tx.query(&LIST, &[text(psn_no), text(setl_id)])?.first().map(read_list).transpose()
}

/// Every version of a list, the first one first.
///
/// # Errors
/// As [`list`].
pub fn list_versions(tx: &mut dyn Tx, psn_no: &PersonId, setl_id: &SettlementId) -> Result<Vec<List>, DbError> {
    tx.query(&LISTS, &[text(psn_no), text(setl_id)])?.iter().map(read_list).collect()
}

/// The latest version of each list of an institution, or of all when empty, in one state or in any;
/// the latest sent first, after a place (time sent and 结算ID), at most so many.
///
/// # Errors
/// As [`list`].
pub fn lists_of_institution(
    tx: &mut dyn Tx,
    institution: &str,
    state: Option<ListState>,
    after: Option<(&str, &str)>,
    at_most: i64,
) -> Result<Vec<List>, DbError> {
    let (sent_at, setl_id) = after.unwrap_or_default();
    let state = state.map_or("", ListState::code);
    let values = [institution.into(), state.into(), sent_at.into(), setl_id.into(), at_most.into()];
    tx.query(&LISTS_OF_INSTITUTION, &values)?.iter().map(read_list).collect()
}

/// How many lists of an institution, or of all when empty, stand in each state.
///
/// # Errors
/// As [`list`].
pub fn count_lists(tx: &mut dyn Tx, institution: &str) -> Result<BTreeMap<String, i64>, DbError> {
    tx.query(&COUNT_LISTS, &[institution.into()])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// 清算申请 by its number, withdrawn or not.
///
/// # Errors
/// As [`list`].
pub fn application(tx: &mut dyn Tx, clr_appy_evt_id: &str) -> Result<Option<Application>, DbError> {
    // No slot looks like this: a slot of a standing application has two slashes.
    tx.query(&APPLICATION, &[clr_appy_evt_id.into(), "".into()])?.first().map(read_application).transpose()
}

/// 清算申请 that stands for an institution, clearing type and month.
///
/// # Errors
/// As [`list`].
pub fn standing_application(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    clr_type: &str,
    month: Month,
) -> Result<Option<Application>, DbError> {
    let slot = application_slot(institution, clr_type, month);
    tx.query(&APPLICATION, &["".into(), slot.into()])?.first().map(read_application).transpose()
}

/// What was cleared under a settlement's or reversal's number: the case, then what a decision
/// added to it.
///
/// # Errors
/// As [`list`].
pub fn cases_of(tx: &mut dyn Tx, psn_no: &PersonId, setl_id: &SettlementId) -> Result<Vec<Cleared>, DbError> {
    tx.query(&CASES_OF, &[text(psn_no), text(setl_id)])?.iter().map(read_case).collect()
}

/// 清算明细 of an institution from one month to another, both included.
///
/// # Errors
/// As [`list`].
pub fn cases_between(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    from: Month,
    to: Month,
) -> Result<Vec<Cleared>, DbError> {
    tx.query(&CASES_BETWEEN, &[text(institution), text(from), text(to)])?.iter().map(read_case).collect()
}

/// The same as [`cases_between`] without the explanations, which stay empty: for sums.
///
/// # Errors
/// As [`list`].
pub fn figures_between(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    from: Month,
    to: Month,
) -> Result<Vec<Cleared>, DbError> {
    tx.query(&FIGURES_BETWEEN, &[text(institution), text(from), text(to)])?.iter().map(read_case).collect()
}

/// What was cleared of an institution, by number of the settlement or reversal and by cause, with
/// 按项目记账 of each.
///
/// # Errors
/// As [`list`].
pub fn cleared_ids(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
) -> Result<BTreeMap<(SettlementId, Cause), Fen>, DbError> {
    let rows = tx.query(&CLEARED_IDS, &[text(institution)])?;
    rows.iter().map(|row| Ok(((SettlementId(row.get(0)?), read_cause(row, 1)?), Fen(row.get(2)?)))).collect()
}

/// 特例单议 of a settlement.
///
/// # Errors
/// As [`list`].
pub fn special(tx: &mut dyn Tx, psn_no: &PersonId, setl_id: &SettlementId) -> Result<Option<SpecialCase>, DbError> {
    tx.query(&SPECIAL, &[text(psn_no), text(setl_id)])?.first().map(read_special).transpose()
}

/// The decided special cases of an institution.
///
/// # Errors
/// As [`list`].
pub fn decided_specials(tx: &mut dyn Tx, institution: &InstitutionId) -> Result<Vec<SpecialCase>, DbError> {
    tx.query(&DECIDED_SPECIALS, &[text(institution)])?.iter().map(read_special).collect()
}

/// 月清算单 of an institution from one month to another, both included.
///
/// # Errors
/// As [`list`].
pub fn statements(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    from: Month,
    to: Month,
) -> Result<Vec<Statement>, DbError> {
    tx.query(&STATEMENTS_OF, &[text(institution), text(from), text(to)])?.iter().map(read_statement).collect()
}

/// 月清算单 of every institution from one month to another, both included, the latest month first.
///
/// # Errors
/// As [`list`].
pub fn statements_between(tx: &mut dyn Tx, from: Month, to: Month) -> Result<Vec<Statement>, DbError> {
    tx.query(&STATEMENTS_BETWEEN, &[text(from), text(to)])?.iter().map(read_statement).collect()
}

/// The institutions that have a statement between two months, both included, by code.
///
/// # Errors
/// As [`list`].
pub fn institutions(tx: &mut dyn Tx, from: Month, to: Month) -> Result<Vec<InstitutionId>, DbError> {
    tx.query(&INSTITUTIONS, &[text(from), text(to)])?.iter().map(|row| row.get(0).map(InstitutionId)).collect()
}

/// 年终清算 of a plan; empty while the year is open.
///
/// # Errors
/// As [`list`].
pub fn year(tx: &mut dyn Tx, year: i16, plan: &str) -> Result<Vec<YearRow>, DbError> {
    tx.query(&YEAR, &[i64::from(year).into(), plan.into()])?.iter().map(read_year).collect()
}

/// 案件扣减 of an institution that a statement of the month has taken up, or none yet.
///
/// # Errors
/// As [`list`].
pub fn deductions(tx: &mut dyn Tx, institution: &InstitutionId, month: Month) -> Result<Vec<Deduction>, DbError> {
    tx.query(&DEDUCTIONS, &[text(institution), text(month)])?.iter().map(read_deduction).collect()
}

/// 案件扣减 of a case.
///
/// # Errors
/// As [`list`].
pub fn deductions_of_case(tx: &mut dyn Tx, case_id: &str) -> Result<Vec<Deduction>, DbError> {
    tx.query(&DEDUCTIONS_OF_CASE, &[case_id.into()])?.iter().map(read_deduction).collect()
}
