//! 2206 · 2303 预结算, 2207 · 2304 结算.

use adjudication::facts::{ChargedLine, SettleRequest, Settlement};
use claim::{Fields, Visit};
use db::Tx;
use enrolment::Standing;
use operation::Operation;
use terms::{InstitutionId, PersonId, SettlementId, VisitId, show_time};

use crate::dossier::{Gathered, OnVisit, gather, hold_with_givers};
use crate::record::{Decision, Recording, Sealed};
use crate::{Centre, JourneyError};

/// 结算 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settling {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// What the law is told.
    pub request: SettleRequest,
    /// Invoice, certificate, operator and the like.
    pub particulars: Fields,
}

/// 结算 as decided; of a trial, as it would be decided now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// 结算ID; `None` for a trial.
    pub setl_id: Option<SettlementId>,
    /// The visit.
    pub visit: Visit,
    /// The person, as they stood before.
    pub standing: Standing,
    /// The decision.
    pub settlement: Settlement,
    /// The lines that were settled.
    pub lines: Vec<ChargedLine>,
    /// 清算类别.
    pub clr_type: String,
    /// 清算方式.
    pub clr_way: String,
    /// 清算经办机构.
    pub clr_optins: String,
    /// Hash of the law that decided.
    pub policy: String,
}

impl Centre {
    /// 2206, 2303: what a settlement would decide now. Takes no lock, records nothing, and
    /// promises nothing; run it on the read pool.
    ///
    /// # Errors
    /// [`crate::Own::PersonUnknown`]; then the law's.
    pub fn trial(
        &self,
        tx: &mut dyn Tx,
        institution: &InstitutionId,
        asked: &Settling,
    ) -> Result<Settled, JourneyError> {
        let gathered = gather(tx, &asked.psn_no)?;
        let on = self.on_visit(tx, gathered, institution, &asked.mdtrt_id)?;
        let settlement = self.decide(&on, &asked.request)?;
        let visit = on.accepted()?.clone();
        Ok(self.settled(None, visit, on.gathered.standing, on.lines, settlement))
    }

    /// 2207, 2304: settles.
    ///
    /// # Errors
    /// [`crate::Own::PersonUnknown`]; then the law's. [`JourneyError::Broken`] when an
    /// identity does not hold, which rolls the deed back.
    pub fn settle(&self, tx: &mut dyn Tx, operation: &Operation, asked: &Settling) -> Result<Settled, JourneyError> {
        let gathered = hold_with_givers(tx, &asked.psn_no)?;
        let on = self.on_visit(tx, gathered, &operation.institution, &asked.mdtrt_id)?;
        let settlement = self.decide(&on, &asked.request)?;
        let visit = on.accepted()?.clone();
        let setl_id = SettlementId(operation.new_id("settlement"));
        let settled = self.settled(Some(setl_id), visit, on.gathered.standing.clone(), on.lines, settlement);
        self.record_settlement(tx, operation, asked, &on.gathered, &settled)?;
        Ok(settled)
    }

    fn decide(&self, on: &OnVisit, request: &SettleRequest) -> Result<Settlement, JourneyError> {
        Ok(adjudication::settle(&self.law, &on.gathered.dossier, on.bill(), request, &*self.catalogue)?)
    }

    pub(crate) fn settled(
        &self,
        setl_id: Option<SettlementId>,
        visit: Visit,
        standing: Standing,
        lines: Vec<ChargedLine>,
        settlement: Settlement,
    ) -> Settled {
        Settled {
            setl_id,
            clr_type: self.clearing.clr_type(&visit.med_type).to_owned(),
            clr_way: self.clearing.clr_way.clone(),
            clr_optins: self.clearing.clr_optins.clone(),
            policy: self.law.hash().to_owned(),
            visit,
            standing,
            settlement,
            lines,
        }
    }

    pub(crate) fn record_settlement(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        asked: &Settling,
        gathered: &Gathered,
        settled: &Settled,
    ) -> Result<(), JourneyError> {
        let setl_id = settled.setl_id.clone().expect("only a settlement with a number is recorded");
        let Settlement { heads, detail, adds, kept, accounts, trace } = settled.settlement.clone();
        crate::check_lines(&heads, &settled.lines)
            .map_err(|broken| JourneyError::Broken(format!("settlement {setl_id}: {broken}")))?;
        let visit = &settled.visit;
        let institution = self.institutions.on(visit.fixmedins_code.as_str(), visit.begntime.date());
        let sealed = Sealed {
            region: self.region.0.clone(),
            mdtrt_id: visit.mdtrt_id.0.clone(),
            reverses: None,
            fixmedins_code: visit.fixmedins_code.0.clone(),
            fixmedins_name: institution.map_or_else(String::new, |row| row.name.clone()),
            insutype: visit.insutype.clone(),
            med_type: visit.med_type.clone(),
            begntime: show_time(visit.begntime),
            endtime: visit.endtime.map(show_time),
            setl_time: show_time(asked.request.setl_time),
            heads: heads.clone(),
            detail: detail.clone(),
            accounts: accounts.clone(),
            lines: settled.lines.clone(),
            trace,
            ordered: None,
        };
        let row = claim::Settlement {
            psn_no: visit.psn_no.clone(),
            setl_id,
            seq: gathered.history.next_settlement(),
            mdtrt_id: visit.mdtrt_id.clone(),
            reverses: None,
            fixmedins_code: visit.fixmedins_code.clone(),
            insutype: visit.insutype.clone(),
            med_type: visit.med_type.clone(),
            setl_time: asked.request.setl_time,
            medfee_sumamt: heads.medfee_sumamt,
            fund_pay_sumamt: heads.fund_pay_sumamt,
            acct_pay: heads.acct_pay,
            psn_cash_pay: heads.psn_cash_pay,
            clr_type: settled.clr_type.clone(),
            clr_way: settled.clr_way.clone(),
            clr_optins: settled.clr_optins.clone(),
            msgid: operation.msgid.clone(),
            policy: settled.policy.clone(),
            decision: String::new(),
            particulars: particulars(asked),
        };
        let of_visit = |other: &&claim::Settlement| other.mdtrt_id == visit.mdtrt_id && other.reverses.is_none();
        let nth = gathered.history.settlements.iter().filter(of_visit).count() + 1;
        let decision = Decision { heads, detail, adds, kept, accounts };
        self.record(tx, operation, Recording { row, nth, decision, sealed, visit, standing: &settled.standing })
    }
}

/// What is kept of a settlement besides the decision, with what the person and the hospital
/// chose: whether the account pays and whether the stay goes on. A replay asks for both.
fn particulars(asked: &Settling) -> Fields {
    let mut kept = asked.particulars.clone();
    kept.insert(ACCT_USED_FLAG.to_owned(), asked.request.acct_used_flag.clone());
    kept.insert(MID_SETL_FLAG.to_owned(), asked.request.mid_setl_flag.clone());
    kept
}

/// 个人账户使用标志, as kept with a settlement.
pub(crate) const ACCT_USED_FLAG: &str = "acct_used_flag";
/// 中途结算标志, as kept with a settlement.
pub(crate) const MID_SETL_FLAG: &str = "mid_setl_flag";
