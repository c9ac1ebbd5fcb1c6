//! 3203 清算申请 · 3204 清算申请撤销: an institution declares what it settled in a month under one
//! 清算类别. The figures must be those of the settlements, as 3201 tells them.

use claim::Sums;
use clearing::{Application, Month, StatementState};
use db::Tx;
use operation::Operation;
use serde_json::json;
use terms::{Date, DateTime, Fen, InstitutionId};

use crate::{Centre, JourneyError, Own};

/// 清算申请 as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applying {
    /// 清算类别.
    pub clr_type: String,
    /// 清算方式.
    pub clr_way: String,
    /// 清算年月.
    pub month: Month,
    /// 开始日期 and 结束日期.
    pub dates: (Date, Date),
    /// 清算人次: settlements and reversals, as 3201 counts them, or settlements less reversals.
    pub psntime: i64,
    /// 医疗费总额.
    pub medfee_sumamt: Fen,
    /// 医保认可费用总额: declared, and not held against anything.
    pub med_sumfee: Fen,
    /// 基金申报总额.
    pub fund_appy_sum: Fen,
    /// 现金支付金额.
    pub cash_payamt: Fen,
    /// 个人账户支出.
    pub acct_pay: Fen,
}

impl Centre {
    /// 3203: records an application whose figures agree with the settlements of the month.
    ///
    /// # Errors
    /// [`Own::NotTheMonth`], [`Own::MonthNotOver`], [`Own::ApplicationDiffers`] naming every
    /// figure with both values, [`Own::MonthClosed`], [`Own::ApplicationStands`].
    pub fn apply_for_clearing(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        asked: &Applying,
    ) -> Result<Application, JourneyError> {
        let institution = &operation.institution;
        require_whole_month(asked, operation.received_at)?;
        let settled = claim::settled_sums(tx, institution, month_times(asked.month), &asked.clr_type)?;
        require_agreement(asked, &settled)?;
        require_open(tx, institution, asked.month, &asked.clr_type)?;
        let row = Application {
            clr_appy_evt_id: operation.new_id("clearing application"),
            fixmedins_code: institution.clone(),
            clr_type: asked.clr_type.clone(),
            clr_way: asked.clr_way.clone(),
            month: asked.month,
            begndate: asked.dates.0,
            enddate: asked.dates.1,
            psntime: asked.psntime,
            medfee_sumamt: asked.medfee_sumamt,
            med_sumfee: asked.med_sumfee,
            fund_appy_sum: asked.fund_appy_sum,
            cash_payamt: asked.cash_payamt,
            acct_pay: asked.acct_pay,
            withdrawn: false,
            made_at: operation.received_at,
            msgid: operation.msgid.clone(),
        };
        if !clearing::apply(tx, &row)? {
            let standing = clearing::standing_application(tx, institution, &asked.clr_type, asked.month)?;
            return Err(Own::ApplicationStands {
                month: asked.month.to_string(),
                clr_type: asked.clr_type.clone(),
                clr_appy_evt_id: standing.map_or_else(String::new, |row| row.clr_appy_evt_id),
            }
            .into());
        }
        let told = json!({
            "fixmedins_code": row.fixmedins_code, "clr_type": row.clr_type, "month": row.month.to_string(),
            "psntime": row.psntime, "medfee_sumamt": row.medfee_sumamt.0, "fund_appy_sum": row.fund_appy_sum.0,
            "cash_payamt": row.cash_payamt.0, "acct_pay": row.acct_pay.0,
        });
        let change = self.changed_of_institution(operation, "clearing_application", &row.clr_appy_evt_id, &told);
        operation::feed::append(tx, &[change])?;
        self.seal(tx, operation, "clearing_application", &row.clr_appy_evt_id, told)?;
        Ok(row)
    }

    /// 3204: withdraws an application of a month that is not approved yet.
    ///
    /// # Errors
    /// [`Own::ApplicationUnknown`], [`Own::MonthClosed`].
    pub fn withdraw_application(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        clr_appy_evt_id: &str,
    ) -> Result<Application, JourneyError> {
        let unknown = || JourneyError::from(Own::ApplicationUnknown { clr_appy_evt_id: clr_appy_evt_id.to_owned() });
        let found = clearing::application(tx, clr_appy_evt_id)?;
        let row = found.filter(|row| row.fixmedins_code == operation.institution).ok_or_else(unknown)?;
        require_open(tx, &row.fixmedins_code, row.month, &row.clr_type)?;
        if !clearing::withdraw(tx, clr_appy_evt_id)? {
            return Err(unknown());
        }
        let told = json!({ "fixmedins_code": row.fixmedins_code, "month": row.month.to_string() });
        let change = self.changed_of_institution(operation, "clearing_application_withdrawn", clr_appy_evt_id, &told);
        operation::feed::append(tx, &[change])?;
        Ok(Application { withdrawn: true, ..row })
    }

    /// A row of the change feed that is about an institution and no person.
    pub(crate) fn changed_of_institution(
        &self,
        operation: &Operation,
        kind: &str,
        subject: &str,
        body: &impl serde::Serialize,
    ) -> operation::feed::Change {
        self.changed(operation, kind, subject, &"".into(), body)
    }
}

/// From the first second of a month to its last.
pub(crate) fn month_times(month: Month) -> (DateTime, DateTime) {
    (month.first().at(0, 0, 0, 0), month.last().at(23, 59, 59, 0))
}

fn require_whole_month(asked: &Applying, now: DateTime) -> Result<(), JourneyError> {
    let month = asked.month.to_string();
    if asked.dates != (asked.month.first(), asked.month.last()) {
        let (begndate, enddate) = (asked.dates.0.to_string(), asked.dates.1.to_string());
        return Err(Own::NotTheMonth { begndate, enddate, month }.into());
    }
    require_over(asked.month, now)
}

/// That a month is over.
pub(crate) fn require_over(month: Month, now: DateTime) -> Result<(), JourneyError> {
    if now.date() > month.last() { Ok(()) } else { Err(Own::MonthNotOver { month: month.to_string() }.into()) }
}

fn require_agreement(asked: &Applying, settled: &[claim::SettledSums]) -> Result<(), JourneyError> {
    let total = settled.iter().fold(Sums::default(), |sum, row| Sums {
        count: sum.count + row.sums.count,
        medfee_sumamt: sum.medfee_sumamt + row.sums.medfee_sumamt,
        fund_pay_sumamt: sum.fund_pay_sumamt + row.sums.fund_pay_sumamt,
        acct_pay: sum.acct_pay + row.sums.acct_pay,
        psn_cash_pay: sum.psn_cash_pay + row.sums.psn_cash_pay,
    });
    let persons = total.count - 2 * settled.iter().map(|row| row.reversals).sum::<i64>();
    let amounts = [
        ("medfee_sumamt 医疗费总额", total.medfee_sumamt, asked.medfee_sumamt),
        ("fund_appy_sum 基金申报总额", total.fund_pay_sumamt, asked.fund_appy_sum),
        ("cash_payamt 现金支付金额", total.psn_cash_pay, asked.cash_payamt),
        ("acct_pay 个人账户支出", total.acct_pay, asked.acct_pay),
    ];
    let mut differing: Vec<String> = amounts
        .into_iter()
        .filter(|(_, centre, institution)| centre != institution)
        .map(|(name, centre, institution)| format!("{name}：中心 {centre}，机构 {institution}"))
        .collect();
    if asked.psntime != persons && asked.psntime != total.count {
        differing.push(format!("psntime 清算人次：中心 {persons}，机构 {}", asked.psntime));
    }
    if differing.is_empty() {
        Ok(())
    } else {
        Err(Own::ApplicationDiffers { differences: differing.join("；") }.into())
    }
}

/// That no statement of the month and 清算类别 is approved.
fn require_open(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    month: Month,
    clr_type: &str,
) -> Result<(), JourneyError> {
    let statements = clearing::statements(tx, institution, month, month)?;
    let closed = |row: &&clearing::Statement| row.clr_type == clr_type && row.state != StatementState::Estimated;
    match statements.iter().find(closed) {
        None => Ok(()),
        Some(row) => Err(Own::MonthClosed {
            institution: institution.to_string(),
            month: month.to_string(),
            state: row.state.code(),
        }
        .into()),
    }
}
