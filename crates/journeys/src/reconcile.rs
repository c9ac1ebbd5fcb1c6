//! 3201 对总账 · 3202 对明细账: the centre's side of a reconciliation, over settlement time.

use claim::{StatementRow, Sums};
use db::Tx;
use terms::{Date, DateTime, InstitutionId};

use crate::JourneyError;

/// 3201: what an institution's settlements of one 清算类别 and 险种 add up to between two
/// dates, both included. A reversal counts as a row of its own with negative amounts.
///
/// # Errors
/// [`JourneyError::Db`].
pub fn reconcile_sums(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    dates: (Date, Date),
    clr_type: &str,
    insutype: &str,
) -> Result<Sums, JourneyError> {
    Ok(claim::sums(tx, institution, whole_days(dates), clr_type, insutype)?)
}

/// 3202: an institution's settlements and reversals of one 清算类别 between two dates.
///
/// # Errors
/// [`JourneyError::Db`].
pub fn reconcile_rows(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    dates: (Date, Date),
    clr_type: &str,
) -> Result<Vec<StatementRow>, JourneyError> {
    Ok(claim::statement(tx, institution, whole_days(dates), clr_type)?)
}

fn whole_days((from, to): (Date, Date)) -> (DateTime, DateTime) {
    (from.at(0, 0, 0, 0), to.at(23, 59, 59, 0))
}
