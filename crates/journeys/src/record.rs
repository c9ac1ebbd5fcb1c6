//! 记录: how a settlement or a reversal is written into registers, ledger, feed and evidence.

use std::io::{Read, Write};

use adjudication::facts::{AccountUse, ChargedLine, Fields, FundPayment, Heads};
use adjudication::trace::Trace;
use db::Tx;
use evidence::{Facts, Salt};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use ledger::{Account, Transfer};
use operation::Operation;
use operation::feed::Change;
use serde::{Deserialize, Serialize};
use terms::{Date, DateTime, Fen, InstitutionId, PersonId, show_time};

use crate::reverse::Ordered;
use crate::{Centre, FundRole, JourneyError};

/// 决定: what a settlement or a reversal decided, as `claim` keeps it letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// 汇总.
    pub heads: Heads,
    /// 基金分项.
    pub detail: Vec<FundPayment>,
    /// What was added to the totals.
    pub adds: Vec<(String, i64)>,
    /// What the policy kept.
    pub kept: Fields,
    /// Which accounts gave how much; negative in a reversal.
    pub accounts: Vec<AccountUse>,
}

impl Decision {
    /// The decision of a record.
    ///
    /// # Errors
    /// [`JourneyError::Broken`] when the record does not hold one.
    pub fn read(row: &claim::Settlement) -> Result<Decision, JourneyError> {
        serde_json::from_str(&row.decision).map_err(|error| {
            JourneyError::Broken(format!("the decision of settlement {} cannot be read: {error}", row.setl_id))
        })
    }

    fn text(&self) -> String {
        serde_json::to_string(self).expect("a decision is always JSON")
    }
}

/// 说明: everything that is sealed with a settlement: what a receipt shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sealed {
    pub region: String,
    pub mdtrt_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverses: Option<String>,
    pub fixmedins_code: String,
    pub fixmedins_name: String,
    pub insutype: String,
    pub med_type: String,
    pub begntime: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endtime: Option<String>,
    pub setl_time: String,
    pub heads: Heads,
    pub detail: Vec<FundPayment>,
    pub accounts: Vec<AccountUse>,
    pub lines: Vec<ChargedLine>,
    pub trace: Trace,
    /// By whom at the bureau a reversal was ordered, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Ordered>,
}

impl Sealed {
    pub fn compress(body: &serde_json::Value) -> Vec<u8> {
        // In one write: the encoder clears a large buffer at each of them.
        let text = serde_json::to_vec(body).expect("a settlement is always JSON");
        let mut encoder = DeflateEncoder::new(Vec::with_capacity(text.len() / 2), Compression::fast());
        encoder.write_all(&text).expect("writing to memory succeeds");
        encoder.finish().expect("writing to memory succeeds")
    }

    pub fn expand(compressed: &[u8]) -> Result<serde_json::Value, String> {
        let mut text = Vec::new();
        DeflateDecoder::new(compressed).read_to_end(&mut text).map_err(|error| error.to_string())?;
        serde_json::from_slice(&text).map_err(|error| error.to_string())
    }
}

/// One settlement or reversal about to be recorded.
pub(crate) struct Recording<'a> {
    pub row: claim::Settlement,
    /// Counts the settlements of the visit from 1.
    pub nth: usize,
    pub decision: Decision,
    pub sealed: Sealed,
    pub visit: &'a claim::Visit,
    /// The person, as they stood before.
    pub standing: &'a enrolment::Standing,
}

impl Centre {
    /// Writes a settlement or reversal everywhere it belongs.
    pub(crate) fn record(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        recording: Recording<'_>,
    ) -> Result<(), JourneyError> {
        let Recording { mut row, nth, decision, sealed, visit, standing } = recording;
        crate::check_settlement(&decision.heads, &decision.detail, &decision.accounts)
            .map_err(|broken| JourneyError::Broken(format!("settlement {}: {broken}", row.setl_id)))?;
        let about = if row.reverses.is_some() { "reversal" } else { "settlement" };
        let transfer =
            self.transfer(&row.setl_id.0, &row.psn_no, row.setl_time, about, &decision, &visit.fixmedins_code);
        row.decision = decision.text();
        let body = serde_json::to_value(&sealed).expect("a settlement is always JSON");
        let facts = Facts {
            id: row.setl_id.0.clone(),
            kind: about.to_owned(),
            subject: row.setl_id.0.clone(),
            policy: row.policy.clone(),
            body,
        };
        let leaf = facts.seal(salt(operation)).map_err(evidence::EvidenceError::from)?;
        claim::record(tx, &row, nth, Sealed::compress(&facts.body))?;
        claim::add_to_totals(tx, &row.psn_no, &decision.adds)?;
        for account in decision.accounts.iter().filter(|account| !account.amount.is_zero()) {
            move_account(tx, account)?;
        }
        ledger::post(tx, &transfer)?;
        let around = self.around(visit, standing);
        operation::feed::append(tx, &[self.change(operation, about, &row, &sealed, &around)])?;
        evidence::append(tx, &leaf)?;
        Ok(())
    }

    /// The balanced transfer of a decision; a reversal's amounts are negative throughout, so
    /// it is the opposite of what it reverses.
    fn transfer(
        &self,
        id: &str,
        psn_no: &PersonId,
        at: DateTime,
        about: &str,
        decision: &Decision,
        institution: &InstitutionId,
    ) -> Transfer {
        let pools = decision.detail.iter().filter(|row| self.books.role(&row.fund_pay_type) == FundRole::Pool);
        let mut entries: Vec<(Account, Fen)> =
            pools.map(|row| (Account::Pool(row.fund_pay_type.clone()), -row.fund_payamt)).collect();
        entries.extend(decision.accounts.iter().map(|row| (Account::Personal(row.psn_no.clone()), -row.amount)));
        let heads = &decision.heads;
        let owed = if crate::manual::is_stand_in(institution.as_str()) {
            Account::Owed(psn_no.clone())
        } else {
            Account::Payable(institution.clone())
        };
        entries.push((owed, heads.fund_pay_sumamt + heads.acct_pay));
        entries.push((Account::Cash(psn_no.clone()), -heads.psn_cash_pay));
        entries.push((Account::Till(institution.clone()), heads.psn_cash_pay));
        Transfer { id: id.to_owned(), psn_no: psn_no.clone(), at, about: about.to_owned(), entries }
    }

    /// What stands around a settlement, for lists and sums: not sealed, so it may be added to.
    fn around(&self, visit: &claim::Visit, standing: &enrolment::Standing) -> Around {
        let day = visit.begntime.date();
        let coverage = crate::coverage_on(standing, &visit.insutype, day);
        let institution = self.institutions.on(visit.fixmedins_code.as_str(), day);
        let departments = ["dscg_dept_codg", "adm_dept_codg", "dept_code"];
        let department = departments.iter().find_map(|name| visit.particulars.get(*name));
        Around {
            department: department.cloned().unwrap_or_default(),
            psn_type: coverage.map_or_else(String::new, |row| row.psn_type.clone()),
            age: whole_years(standing.person.brdy, day),
            insuplc_admdvs: coverage.map_or_else(|| self.region.0.clone(), |row| row.insuplc_admdvs.0.clone()),
            mdtrtarea_admvs: institution.map_or_else(|| self.region.0.clone(), |row| row.admdvs.clone()),
        }
    }

    fn change(
        &self,
        operation: &Operation,
        about: &str,
        row: &claim::Settlement,
        sealed: &Sealed,
        around: &Around,
    ) -> Change {
        #[derive(Serialize)]
        struct Body<'a> {
            psn_no: &'a str,
            setl_id: &'a str,
            mdtrt_id: &'a str,
            reverses: Option<&'a str>,
            fixmedins_code: &'a str,
            insutype: &'a str,
            med_type: &'a str,
            begntime: &'a str,
            endtime: Option<&'a str>,
            setl_time: &'a str,
            clr_type: &'a str,
            policy: &'a str,
            heads: &'a Heads,
            detail: &'a [FundPayment],
            #[serde(flatten)]
            around: &'a Around,
        }
        let body = Body {
            psn_no: row.psn_no.as_str(),
            setl_id: row.setl_id.as_str(),
            mdtrt_id: row.mdtrt_id.as_str(),
            reverses: row.reverses.as_ref().map(|id| id.as_str()),
            fixmedins_code: row.fixmedins_code.as_str(),
            insutype: &row.insutype,
            med_type: &row.med_type,
            begntime: &sealed.begntime,
            endtime: sealed.endtime.as_deref(),
            setl_time: &sealed.setl_time,
            clr_type: &row.clr_type,
            policy: &row.policy,
            heads: &sealed.heads,
            detail: &sealed.detail,
            around,
        };
        self.changed(operation, about, row.setl_id.as_str(), &row.psn_no, &body)
    }

    /// A row of the change feed.
    pub(crate) fn changed(
        &self,
        operation: &Operation,
        kind: &str,
        subject: &str,
        psn_no: &PersonId,
        body: &impl Serialize,
    ) -> Change {
        Change {
            id: format!("{kind}/{subject}"),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            region: self.region.0.clone(),
            person: psn_no.0.clone(),
            made_at: show_time(operation.received_at),
            body: serde_json::to_string(body).expect("a change is always JSON"),
        }
    }
}

/// What the change feed says of a settlement besides the settlement itself.
#[derive(Serialize)]
struct Around {
    /// 科室: of discharge, else of admission, else of the outpatient visit; empty when not said.
    department: String,
    /// 人员类别 on the day the visit began.
    psn_type: String,
    /// 年龄 in whole years on that day.
    age: i64,
    /// 参保地.
    insuplc_admdvs: String,
    /// 就医地.
    mdtrtarea_admvs: String,
}

fn whole_years(born: Date, day: Date) -> i64 {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    (i64::from(day.year()) - i64::from(born.year()) - i64::from(!had_birthday)).max(0)
}

fn salt(operation: &Operation) -> Salt {
    let mut salt = [0; 16];
    salt.copy_from_slice(&operation.draw("salt of the leaf")[..16]);
    Salt(salt)
}

/// Takes from an account, or gives back when the amount is negative.
fn move_account(tx: &mut dyn Tx, account: &AccountUse) -> Result<(), JourneyError> {
    if account.amount < Fen::ZERO {
        return Ok(enrolment::credit_account(tx, &account.psn_no, -account.amount)?);
    }
    if enrolment::debit_account(tx, &account.psn_no, account.amount)? {
        return Ok(());
    }
    let AccountUse { psn_no, amount } = account;
    Err(JourneyError::Broken(format!("the account of {psn_no} does not hold the {amount} yuan that were decided")))
}
