//! 案头: what people at a desk ask of a case, a finding or a suspicion before they act. Reads only.

use std::collections::BTreeSet;

use casework::{Actor, Asked, CLOCK, Case, Document, OPEN, PARTY, Procedure, StepRule, next};
use claim::{Visit, VisitState};
use db::Tx;
use screening::Finding;
use terms::{DateTime, Fen, InstitutionId, PersonId, SettlementId, VisitId};

use super::{CaseFile, Casebook};
use crate::JourneyError;
use crate::record::Sealed;

/// A step that leads out of a case's state, and whether somebody may take it now.
#[derive(Debug, Clone)]
pub struct PossibleStep {
    /// The step.
    pub rule: StepRule,
    /// To whom it may assign the case; empty of a step that assigns nobody.
    pub assignable: Vec<Actor>,
    /// Why this person may not take it now.
    pub refused: Option<casework::Refusal>,
}

/// 可办步骤: the steps out of a case's state that are somebody's kind (the staff's or the party's),
/// each with whether they may take it. Words, documents and lines are theirs to bring.
#[must_use]
pub fn possible_steps(book: &Casebook, file: &CaseFile, by: &Actor, now: DateTime) -> Vec<PossibleStep> {
    let of_kind = |rule: &&StepRule| {
        rule.roles.iter().any(|role| if by.party.is_some() { role == PARTY } else { role != PARTY && role != CLOCK })
    };
    let steps = file.procedure.steps_from(&file.case.state).filter(of_kind);
    steps.map(|rule| possible(book, file, rule, by, now)).collect()
}

fn possible(book: &Casebook, file: &CaseFile, rule: &StepRule, by: &Actor, now: DateTime) -> PossibleStep {
    let last = file.case.steps.last().map_or(now, |taken| taken.at);
    let brought = |kind: &String| Document::of(kind, kind, "text/plain", Vec::new());
    let asked = |assign_to: Option<Actor>| Asked {
        key: String::new(),
        step: rule.id.clone(),
        at: now.max(last),
        by: by.clone(),
        why: rule.name.clone(),
        assign_to,
        documents: rule.documents.iter().map(brought).collect(),
    };
    let tried = |assign_to| next(&file.procedure, &book.calendar, &file.case, &asked(assign_to)).map(drop);
    let Some(role) = &rule.assigns else {
        return PossibleStep { rule: rule.clone(), assignable: Vec::new(), refused: tried(None).err() };
    };
    let of_role: Vec<&Actor> = book.staff.iter().filter(|person| person.roles.contains(role)).collect();
    let assignable: Vec<Actor> = of_role
        .iter()
        .filter(|person| tried(Some((**person).clone())).is_ok())
        .map(|person| (*person).clone())
        .collect();
    let refused =
        if assignable.is_empty() { tried(of_role.first().map(|person| (*person).clone())).err() } else { None };
    PossibleStep { rule: rule.clone(), assignable, refused }
}

/// 告知: when the party of a case was first told of it, which is when a state was entered in which it
/// may speak; before, the case is nobody's but the bureau's.
#[must_use]
pub fn told_party(procedure: &Procedure, case: &Case) -> Option<DateTime> {
    let speaks = |state: &str| procedure.steps_from(state).any(|rule| rule.roles.iter().any(|role| role == PARTY));
    case.steps
        .iter()
        .find(|taken| (taken.step == OPEN || taken.from != taken.to) && speaks(&taken.to))
        .map(|taken| taken.at)
}

/// 疑点 with all that it rests on.
///
/// # Errors
/// [`JourneyError::Broken`] when the record cannot be read.
pub fn finding_of(row: &monitoring::Finding) -> Result<Finding, JourneyError> {
    let broken = |error: String| JourneyError::Broken(format!("finding {} cannot be read: {error}", row.key));
    let body = Sealed::expand(&row.body).map_err(broken)?;
    serde_json::from_value(body).map_err(|error| broken(error.to_string()))
}

/// What a model said of a suspicion, as JSON: parts, members, money.
///
/// # Errors
/// [`JourneyError::Broken`] when the record cannot be read.
pub fn suspicion_of(row: &inquiry::Suspicion) -> Result<serde_json::Value, JourneyError> {
    let broken = |error| JourneyError::Broken(format!("suspicion {} cannot be read: {error}", row.suspicion_id));
    Sealed::expand(&row.body).map_err(broken)
}

/// 就诊 behind a finding or a suspicion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitBehind {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// 住院/门诊号, by which the institution knows it.
    pub label: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 医疗类别.
    pub med_type: String,
    /// 医师; empty when nobody is named.
    pub doctor: String,
    /// 科室编码; empty when it was not said.
    pub department: String,
    /// 开始时间.
    pub begin: DateTime,
    /// 结束时间.
    pub end: Option<DateTime>,
    /// The settlement that stands.
    pub setl_id: Option<SettlementId>,
    /// 医疗费总额.
    pub total: Fen,
    /// 基金支付总额.
    pub funds: Fen,
}

/// The visits of some persons that are wanted, by time.
///
/// # Errors
/// [`JourneyError::Db`].
pub fn visits_behind(
    tx: &mut dyn Tx,
    persons: &BTreeSet<PersonId>,
    wanted: impl Fn(&Visit) -> bool,
) -> Result<Vec<VisitBehind>, JourneyError> {
    let mut found = Vec::new();
    for psn_no in persons {
        let history = claim::history(tx, psn_no)?;
        for visit in history.visits.iter().filter(|visit| visit.state == VisitState::Begun && wanted(visit)) {
            found.push(behind(visit, history.settled(&visit.mdtrt_id)));
        }
    }
    found.sort_by(|a, b| (a.begin, &a.mdtrt_id.0).cmp(&(b.begin, &b.mdtrt_id.0)));
    Ok(found)
}

fn behind(visit: &Visit, settlement: Option<&claim::Settlement>) -> VisitBehind {
    let told = |names: &[&str]| {
        let found = names.iter().filter_map(|name| visit.particulars.get(*name));
        found.into_iter().find(|text| !text.is_empty()).cloned().unwrap_or_default()
    };
    VisitBehind {
        psn_no: visit.psn_no.clone(),
        mdtrt_id: visit.mdtrt_id.clone(),
        label: visit.label.clone(),
        fixmedins_code: visit.fixmedins_code.clone(),
        med_type: visit.med_type.clone(),
        doctor: told(&["atddr_no", "chfpdr_code", "dr_codg"]),
        department: told(&["dscg_dept_codg", "adm_dept_codg", "dept_code"]),
        begin: visit.begntime,
        end: visit.endtime,
        setl_id: settlement.map(|row| row.setl_id.clone()),
        total: settlement.map_or(Fen::ZERO, |row| row.medfee_sumamt),
        funds: settlement.map_or(Fen::ZERO, |row| row.fund_pay_sumamt),
    }
}
