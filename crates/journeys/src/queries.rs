//! 5201–5206, 5301, 5303: what an institution may ask. Reads only; run them on the read
//! pool. A visit of another institution is not shown.

use std::collections::BTreeMap;

use claim::{Diagnosis, Line, Visit, VisitState};
use db::Tx;
use enrolment::Filing;
use terms::{DateTime, InstitutionId, PersonId, SettlementId, VisitId};

use crate::dossier::gather;
use crate::record::Decision;
use crate::{Explanation, JourneyError, explanation};

/// A visit as a query shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastVisit {
    /// The visit.
    pub visit: Visit,
    /// The person.
    pub standing: enrolment::Standing,
    /// The settlement that stands.
    pub settlement: Option<(SettlementId, Decision)>,
}

/// 5201 就诊信息: the institution's visits of a person that begin between two times, of one
/// 医疗类别 or, when empty, of any.
///
/// # Errors
/// [`crate::Own::PersonUnknown`].
pub fn visits_of(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    psn_no: &PersonId,
    (from, to): (DateTime, DateTime),
    med_type: &str,
) -> Result<Vec<PastVisit>, JourneyError> {
    let gathered = gather(tx, psn_no)?;
    let shown = |visit: &&Visit| {
        visit.state == VisitState::Begun
            && visit.fixmedins_code == *institution
            && visit.begntime >= from
            && visit.begntime <= to
            && (med_type.is_empty() || visit.med_type == med_type)
    };
    let past = |visit: &Visit| {
        let settlement = gathered.history.settled(&visit.mdtrt_id);
        let settlement = settlement.map(|row| Ok::<_, JourneyError>((row.setl_id.clone(), Decision::read(row)?)));
        Ok(PastVisit { visit: visit.clone(), standing: gathered.standing.clone(), settlement: settlement.transpose()? })
    };
    gathered.history.visits.iter().filter(shown).map(past).collect()
}

/// 5202 诊断信息 of a visit; empty when the institution has no such visit.
///
/// # Errors
/// [`crate::Own::PersonUnknown`].
pub fn diagnoses_of(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    psn_no: &PersonId,
    mdtrt_id: &VisitId,
) -> Result<Vec<Diagnosis>, JourneyError> {
    match gather(tx, psn_no)?.own_visit(institution, mdtrt_id) {
        None => Ok(Vec::new()),
        Some(_) => Ok(claim::diagnoses(tx, psn_no, mdtrt_id)?),
    }
}

/// 5203 结算信息 with its visit and person; `None` when the institution has no such
/// settlement.
///
/// # Errors
/// [`crate::Own::PersonUnknown`].
pub fn settlement_of(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    psn_no: &PersonId,
    mdtrt_id: Option<&VisitId>,
    setl_id: &SettlementId,
) -> Result<Option<(PastVisit, Explanation)>, JourneyError> {
    let gathered = gather(tx, psn_no)?;
    let Some(explained) = explanation(tx, psn_no, setl_id)? else { return Ok(None) };
    let visit_id = explained.row.mdtrt_id.clone();
    if mdtrt_id.is_some_and(|asked| *asked != visit_id) {
        return Ok(None);
    }
    let Some(visit) = gathered.recorded_visit(institution, &visit_id).cloned() else { return Ok(None) };
    let standing = gathered.history.settled(&visit_id);
    let settlement =
        standing.map(|row| Ok::<_, JourneyError>((row.setl_id.clone(), Decision::read(row)?))).transpose()?;
    Ok(Some((PastVisit { visit, standing: gathered.standing, settlement }, explained)))
}

/// 5204 费用明细: of a settlement, the lines as they were settled; of a visit without one
/// asked for, its lines as they are.
///
/// # Errors
/// [`crate::Own::PersonUnknown`].
pub fn lines_of(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    psn_no: &PersonId,
    mdtrt_id: &VisitId,
    setl_id: Option<&SettlementId>,
) -> Result<Vec<Line>, JourneyError> {
    if gather(tx, psn_no)?.own_visit(institution, mdtrt_id).is_none() {
        return Ok(Vec::new());
    }
    let Some(setl_id) = setl_id else { return Ok(claim::lines(tx, psn_no, mdtrt_id)?) };
    let settled = settlement_of(tx, institution, psn_no, Some(mdtrt_id), setl_id)?;
    Ok(settled.map_or_else(Vec::new, |(_, explained)| explained.lines.iter().map(crate::to_claim_line).collect()))
}

/// 5205 用药记录: the lines of a person's visits of one 医疗类别, or of those under it, that
/// arose between two times, wherever the visits were.
///
/// # Errors
/// [`crate::Own::PersonUnknown`].
pub fn lines_between(
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    (from, to): (DateTime, DateTime),
    med_type: &str,
) -> Result<Vec<(Visit, Line)>, JourneyError> {
    let gathered = gather(tx, psn_no)?;
    let mut found = Vec::new();
    let of_type = |visit: &&Visit| visit.state == VisitState::Begun && visit.med_type.starts_with(med_type);
    for visit in gathered.history.visits.iter().filter(of_type) {
        let lines = claim::lines(tx, psn_no, &visit.mdtrt_id)?;
        let within = lines.into_iter().filter(|line| line.fee_ocur_time >= from && line.fee_ocur_time <= to);
        found.extend(within.map(|line| (visit.clone(), line)));
    }
    Ok(found)
}

/// 累计: one running total, its key taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// The accumulator.
    pub name: String,
    /// The parts of its key between name and period (scheme, disease, giver …).
    pub key: Vec<String>,
    /// The period (a year), or the last part of the key of one without a period.
    pub period: String,
    /// In 分 or as a count.
    pub amount: i64,
}

/// 5206 人员累计: every total of a person that is not zero, by key; of one period when
/// `period` (a year) is given.
///
/// # Errors
/// [`crate::Own::PersonUnknown`].
pub fn accumulated(tx: &mut dyn Tx, psn_no: &PersonId, period: Option<&str>) -> Result<Vec<Total>, JourneyError> {
    crate::person(tx, psn_no)?;
    let totals = claim::history(tx, psn_no)?.totals;
    let all = totals.into_iter().filter(|(_, amount)| *amount != 0).map(|(key, amount)| Total::of(&key, amount));
    Ok(all.filter(|total| period.is_none_or(|period| total.period == period)).collect())
}

impl Total {
    /// A running total, from its key as it is kept.
    #[must_use]
    pub fn of(key: &str, amount: i64) -> Total {
        let mut parts: Vec<String> = key.split('/').map(str::to_owned).collect();
        let period = if parts.len() > 1 { parts.pop().unwrap_or_default() } else { String::new() };
        let name = parts.remove(0);
        Total { name, key: parts, period, amount }
    }
}

/// 累计的来源: what one settlement or reversal added to a total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// 结算ID.
    pub setl_id: SettlementId,
    /// 结算时刻.
    pub setl_time: DateTime,
    /// In 分 or as a count.
    pub amount: i64,
}

/// 累计与来源: every total that is not zero or was added to, by key, with the settlements and
/// reversals that made it. What they do not add up to came with the opening data.
///
/// # Errors
/// [`crate::Own::PersonUnknown`].
pub fn accumulated_by(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Vec<(Total, Vec<Addition>)>, JourneyError> {
    crate::person(tx, psn_no)?;
    let history = claim::history(tx, psn_no)?;
    let mut additions: BTreeMap<String, Vec<Addition>> = BTreeMap::new();
    for row in &history.settlements {
        for (key, amount) in Decision::read(row)?.adds.into_iter().filter(|(_, amount)| *amount != 0) {
            let addition = Addition { setl_id: row.setl_id.clone(), setl_time: row.setl_time, amount };
            additions.entry(key).or_default().push(addition);
        }
    }
    let told = history.totals.into_iter().map(|(key, amount)| {
        let made_by = additions.remove(&key).unwrap_or_default();
        (Total::of(&key, amount), made_by)
    });
    Ok(told.filter(|(total, made_by)| total.amount != 0 || !made_by.is_empty()).collect())
}

/// 5301 慢特病备案: filings of the kind `opsp` that are not cancelled, in order.
///
/// # Errors
/// [`crate::Own::PersonUnknown`].
pub fn chronic_filings(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Vec<Filing>, JourneyError> {
    let filings = crate::person(tx, psn_no)?.filings;
    Ok(filings.into_iter().filter(|row| row.kind == "opsp" && !row.cancelled).collect())
}

/// 5303 在院信息: the institution's stays that began between two times and are not
/// discharged, each with its person; of one person when given.
///
/// # Errors
/// [`JourneyError::Db`].
pub fn in_hospital(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    psn_no: Option<&PersonId>,
    (from, to): (DateTime, DateTime),
) -> Result<Vec<(Visit, enrolment::Standing)>, JourneyError> {
    let stays = claim::in_hospital(tx, institution, from, to)?;
    let mut shown = Vec::new();
    for visit in stays.into_iter().filter(|visit| psn_no.is_none_or(|psn_no| visit.psn_no == *psn_no)) {
        let standing = crate::person(tx, &visit.psn_no)?;
        shown.push((visit, standing));
    }
    Ok(shown)
}
