//! 归集: what the registers know of a person, as the law reads it, in two statements.

use adjudication::facts as law;
use claim::VisitState;
use db::Tx;
use terms::{Date, InstitutionId, PersonId, VisitId};

use crate::record::Decision;
use crate::{Centre, JourneyError, Own};

/// 归集: a person as the registers know them and as the law reads them.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// What `enrolment` knows.
    pub standing: enrolment::Standing,
    /// What `claim` knows.
    pub history: claim::History,
    /// Both, as the law reads them.
    pub dossier: law::Dossier,
}

impl Gathered {
    /// The visit as recorded, if it is this institution's and has begun.
    #[must_use]
    pub fn own_visit(&self, institution: &InstitutionId, mdtrt_id: &VisitId) -> Option<&claim::Visit> {
        self.recorded_visit(institution, mdtrt_id).filter(|visit| visit.state == VisitState::Begun)
    }

    /// The visit or shell as recorded, if it is this institution's.
    #[must_use]
    pub fn recorded_visit(&self, institution: &InstitutionId, mdtrt_id: &VisitId) -> Option<&claim::Visit> {
        let mut visits = self.history.visits.iter();
        visits.find(|visit| visit.mdtrt_id == *mdtrt_id && visit.fixmedins_code == *institution)
    }
}

impl Gathered {
    /// A person to whom nothing has happened yet, for examples.
    pub(crate) fn without_history(standing: enrolment::Standing) -> Result<Gathered, JourneyError> {
        let history = claim::History::default();
        let dossier = dossier(&standing, &history)?;
        Ok(Gathered { standing, history, dossier })
    }
}

/// What a deed on one visit has before it.
pub(crate) struct OnVisit {
    pub gathered: Gathered,
    /// The visit as recorded; `None` when the institution has no such visit.
    pub recorded: Option<claim::Visit>,
    /// The visit as the law reads it.
    pub visit: Option<law::Visit>,
    pub institution: Option<std::sync::Arc<law::Institution>>,
    pub lines: Vec<law::ChargedLine>,
}

impl OnVisit {
    /// The bill, or `None` for the law to refuse.
    pub fn bill(&self) -> Option<law::Bill<'_>> {
        Some(law::Bill { visit: self.visit.as_ref()?, institution: self.institution.as_deref()?, lines: &self.lines })
    }

    /// The visit, which the law has accepted to act on.
    pub fn accepted(&self) -> Result<&claim::Visit, JourneyError> {
        self.recorded
            .as_ref()
            .ok_or_else(|| JourneyError::Broken("the law accepted a visit that does not exist".into()))
    }
}

/// Everything known of a person, without a lock.
pub(crate) fn gather(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Gathered, JourneyError> {
    let standing = enrolment::standing(tx, psn_no)?.ok_or_else(|| Own::PersonUnknown { asked: psn_no.to_string() })?;
    let history = claim::history(tx, psn_no)?;
    let dossier = dossier(&standing, &history)?;
    Ok(Gathered { standing, history, dossier })
}

/// Everything known of a person, whom the deed holds from now on.
pub(crate) fn hold(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Gathered, JourneyError> {
    operation::lock_persons(tx, std::slice::from_ref(psn_no))?;
    gather(tx, psn_no)
}

/// The same for a deed that may move money: givers of accounts are held too.
pub(crate) fn hold_with_givers(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Gathered, JourneyError> {
    let mut persons = enrolment::givers_of(tx, psn_no)?;
    persons.push(psn_no.clone());
    operation::lock_persons(tx, &persons)?;
    gather(tx, psn_no)
}

impl Centre {
    /// Adds a visit with its lines to what is gathered of its person.
    pub(crate) fn on_visit(
        &self,
        tx: &mut dyn Tx,
        gathered: Gathered,
        institution: &InstitutionId,
        mdtrt_id: &VisitId,
    ) -> Result<OnVisit, JourneyError> {
        let Some(recorded) = gathered.own_visit(institution, mdtrt_id).cloned() else {
            return Ok(OnVisit { gathered, recorded: None, visit: None, institution: None, lines: Vec::new() });
        };
        let lines = claim::lines(tx, &recorded.psn_no, mdtrt_id)?.into_iter().map(from_claim_line).collect();
        let visit = gathered.dossier.visits.iter().find(|visit| visit.mdtrt_id == *mdtrt_id).cloned();
        let institution = self.institutions.on(institution.as_str(), recorded.begntime.date());
        if institution.is_none() {
            let code = &recorded.fixmedins_code;
            return Err(JourneyError::Broken(format!("institution {code} of visit {mdtrt_id} has left the register")));
        }
        Ok(OnVisit { gathered, recorded: Some(recorded), visit, institution, lines })
    }
}

/// 参保记录 of a scheme on a day: the normal one, or else a paused one.
#[must_use]
pub fn coverage_on<'a>(
    standing: &'a enrolment::Standing,
    insutype: &str,
    day: Date,
) -> Option<&'a enrolment::Coverage> {
    let on_day = |row: &&enrolment::Coverage| row.insutype == insutype && row.period.covers(day);
    let mut rows = standing.coverage.iter().filter(on_day);
    rows.clone().find(|row| row.psn_insu_stas == "1").or_else(|| rows.next())
}

fn dossier(standing: &enrolment::Standing, history: &claim::History) -> Result<law::Dossier, JourneyError> {
    let mut settlements = Vec::with_capacity(history.settlements.len());
    for row in history.settlements.iter().filter(|row| row.reverses.is_none()) {
        settlements.push(past_settlement(row, history.is_reversed(&row.setl_id))?);
    }
    let begun = history.visits.iter().filter(|visit| visit.state == VisitState::Begun);
    Ok(law::Dossier {
        person: person(standing),
        filings: standing.filings.iter().map(filing).collect(),
        visits: begun.map(|visit| law_visit(visit, history)).collect(),
        settlements,
        totals: history.totals.clone(),
        account: standing.balance,
        givers: standing.givers.iter().map(giver).collect(),
    })
}

fn person(standing: &enrolment::Standing) -> law::Person {
    let coverage = |row: &enrolment::Coverage| law::Coverage {
        insutype: row.insutype.clone(),
        psn_type: row.psn_type.clone(),
        cvlserv_flag: row.cvlserv_flag.clone(),
        psn_insu_stas: row.psn_insu_stas.clone(),
        period: row.period,
        fields: row.fields.clone(),
    };
    let identity =
        |row: &enrolment::Identity| law::Identity { psn_idet_type: row.psn_idet_type.clone(), period: row.period };
    law::Person {
        psn_no: standing.person.psn_no.clone(),
        brdy: standing.person.brdy,
        gend: standing.person.gend.clone(),
        insu: standing.coverage.iter().map(coverage).collect(),
        idents: standing.identities.iter().map(identity).collect(),
        fields: standing.person.fields.clone(),
    }
}

fn filing(row: &enrolment::Filing) -> law::Filing {
    law::Filing {
        filing_id: row.filing_id.clone(),
        kind: row.kind.clone(),
        period: row.period,
        dise_codg: row.dise_codg.as_ref().map(|code| code.0.clone()),
        admdvs: row.admdvs.as_ref().map(|code| code.0.clone()),
        cancelled: row.cancelled,
    }
}

fn giver(row: &enrolment::Giver) -> law::Giver {
    law::Giver { giver: row.giver.clone(), period: row.period, balc: row.balc, year_lmt: row.year_lmt }
}

pub(crate) fn law_visit(visit: &claim::Visit, history: &claim::History) -> law::Visit {
    law::Visit {
        mdtrt_id: visit.mdtrt_id.clone(),
        request: law::VisitRequest {
            label: visit.label.clone(),
            fixmedins_code: visit.fixmedins_code.clone(),
            med_type: visit.med_type.clone(),
            insutype: visit.insutype.clone(),
            begntime: visit.begntime,
            fields: visit.fields.clone(),
        },
        endtime: visit.endtime,
        kept: visit.kept.clone(),
        settled: history.settled(&visit.mdtrt_id).map(|row| row.setl_id.clone()),
    }
}

fn past_settlement(row: &claim::Settlement, reversed: bool) -> Result<law::PastSettlement, JourneyError> {
    let decision = Decision::read(row)?;
    Ok(law::PastSettlement {
        setl_id: row.setl_id.clone(),
        mdtrt_id: row.mdtrt_id.clone(),
        setl_time: row.setl_time,
        reversed,
        heads: decision.heads,
        detail: decision.detail,
        adds: decision.adds,
        kept: decision.kept,
        accounts: decision.accounts,
    })
}

pub(crate) fn from_claim_line(line: claim::Line) -> law::ChargedLine {
    law::ChargedLine {
        line: law::LineRequest {
            feedetl_sn: line.feedetl_sn,
            med_list_codg: line.med_list_codg,
            fee_ocur_time: line.fee_ocur_time,
            cnt: line.cnt,
            pric: line.pric,
            amount: line.amount,
            hosp_appr_flag: line.hosp_appr_flag,
            init_feedetl_sn: line.init_feedetl_sn,
            fields: line.fields,
        },
        allowance: line.allowance,
        split: law::Split {
            fulamt_ownpay_amt: line.fulamt_ownpay_amt,
            overlmt_amt: line.overlmt_amt,
            preselfpay_amt: line.preselfpay_amt,
            inscp_scp_amt: line.inscp_scp_amt,
            selfpay_prop: line.selfpay_prop,
            pric_uplmt_amt: line.pric_uplmt_amt,
            chrgitm_lv: line.chrgitm_lv,
        },
    }
}

/// A split line as the register keeps it.
#[must_use]
pub fn to_claim_line(charged: &law::ChargedLine) -> claim::Line {
    let law::ChargedLine { line, allowance, split } = charged.clone();
    claim::Line {
        feedetl_sn: line.feedetl_sn,
        med_list_codg: line.med_list_codg,
        fee_ocur_time: line.fee_ocur_time,
        cnt: line.cnt,
        pric: line.pric,
        amount: line.amount,
        hosp_appr_flag: line.hosp_appr_flag,
        init_feedetl_sn: line.init_feedetl_sn,
        allowance,
        fulamt_ownpay_amt: split.fulamt_ownpay_amt,
        overlmt_amt: split.overlmt_amt,
        preselfpay_amt: split.preselfpay_amt,
        inscp_scp_amt: split.inscp_scp_amt,
        selfpay_prop: split.selfpay_prop,
        pric_uplmt_amt: split.pric_uplmt_amt,
        chrgitm_lv: split.chrgitm_lv,
        fields: line.fields,
    }
}
