//! 2101 药店预结算 · 2102 药店结算: visit, lines and settlement in one message.

use adjudication::facts::{Bill, ChargedLine, LineRequest, SettleRequest, VisitRequest};
use claim::{Fields, Form, Visit};
use db::Tx;
use operation::Operation;
use terms::{DateTime, PersonId, SettlementId};

use crate::admit::new_visit;
use crate::dossier::{Gathered, gather, hold_with_givers, law_visit, to_claim_line};
use crate::{Centre, JourneyError, Settled, Settling};

/// 购药 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 险种类型.
    pub insutype: String,
    /// 购药时间.
    pub begntime: DateTime,
    /// 医疗类别.
    pub med_type: String,
    /// What the law reads besides: `dise_codg`, `rx_circ_flag`, …
    pub fields: Fields,
    /// 购药明细.
    pub lines: Vec<LineRequest>,
    /// What the law is told of the settlement.
    pub request: SettleRequest,
    /// Invoice, certificate, operator and the like.
    pub particulars: Fields,
}

impl Centre {
    /// 2101: what 2102 would decide now; records nothing. Its visit is never opened.
    ///
    /// # Errors
    /// Own: [`crate::Own::TooManyLines`], [`crate::Own::PersonUnknown`],
    /// [`crate::Own::InstitutionSuspended`]; then the law's, in the order opening, lines, settlement.
    pub fn purchase_trial(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        asked: &Purchase,
    ) -> Result<Settled, JourneyError> {
        self.require_not_too_many(asked.lines.len())?;
        let gathered = gather(tx, &asked.psn_no)?;
        self.decide_purchase(operation, gathered, asked, None).map(|(_, settled)| settled)
    }

    /// 2102: opens the visit, takes the lines and settles, in one deed: all of it or nothing.
    ///
    /// # Errors
    /// As [`Centre::purchase_trial`].
    pub fn purchase(&self, tx: &mut dyn Tx, operation: &Operation, asked: &Purchase) -> Result<Settled, JourneyError> {
        self.require_not_too_many(asked.lines.len())?;
        let gathered = hold_with_givers(tx, &asked.psn_no)?;
        let setl_id = SettlementId(operation.new_id("settlement"));
        let (gathered, settled) = self.decide_purchase(operation, gathered, asked, Some(setl_id))?;
        let visit = &settled.visit;
        claim::add_visit(tx, visit)?;
        let rows: Vec<_> = settled.lines.iter().map(to_claim_line).collect();
        claim::add_lines(tx, &visit.psn_no, &visit.mdtrt_id, 0, &rows)?;
        let settling = Settling {
            psn_no: visit.psn_no.clone(),
            mdtrt_id: visit.mdtrt_id.clone(),
            request: asked.request.clone(),
            particulars: asked.particulars.clone(),
        };
        self.record_settlement(tx, operation, &settling, &gathered, &settled)?;
        Ok(settled)
    }

    fn decide_purchase(
        &self,
        operation: &Operation,
        mut gathered: Gathered,
        asked: &Purchase,
        setl_id: Option<SettlementId>,
    ) -> Result<(Gathered, Settled), JourneyError> {
        self.require_not_suspended(&operation.institution, asked.begntime)?;
        let request = VisitRequest {
            // The message has no visit number of the pharmacy's own; its message id is one.
            label: operation.msgid.0.clone(),
            fixmedins_code: operation.institution.clone(),
            med_type: asked.med_type.clone(),
            insutype: asked.insutype.clone(),
            begntime: asked.begntime,
            fields: asked.fields.clone(),
        };
        let kept = self.accept(&gathered.dossier, &request)?;
        let recorded: Visit =
            new_visit(operation, &gathered, Form::Outpatient, request, kept, asked.particulars.clone());
        let institution = self.institutions.on(operation.institution.as_str(), asked.begntime.date());
        let institution = institution
            .ok_or_else(|| JourneyError::Broken("the law accepted an institution that does not exist".into()))?;
        let visit = law_visit(&recorded, &gathered.history);
        gathered.dossier.visits.push(visit.clone());
        let bill = |lines| Some(Bill { visit: &visit, institution: &institution, lines });
        let dossier = &gathered.dossier;
        let lines: Vec<ChargedLine> =
            adjudication::charge(&self.law, dossier, bill(&[]), &asked.lines, &*self.catalogue)?;
        let settlement = adjudication::settle(&self.law, dossier, bill(&lines), &asked.request, &*self.catalogue)?;
        let settled = self.settled(setl_id, recorded, gathered.standing.clone(), lines, settlement);
        Ok((gathered, settled))
    }
}
