//! 抽样: a frame of an institution's settled visits, the sample that is drawn of it, and what the
//! decision on the sample says of the whole.

use std::collections::{BTreeMap, BTreeSet};

use db::Tx;
use inquiry::rules::sample::{Estimate, draw, estimate};
use inquiry::rules::share::by_fund;
use inquiry::{DisputedLine, EXTRAPOLATED, LineState, Place, Refusal, Sample, SampleUnit};
use operation::Operation;
use terms::{Date, Fen, InstitutionId, PersonId};

use super::decide::found_by_visit;
use super::open::Disputing;
use super::{Casebook, Doing};
use crate::{Centre, JourneyError};

/// 抽样总体 and sample as asked for: settled visits of one institution, 险种 and 清算类别, so that
/// what comes of it belongs to one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameAsked {
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 险种类型.
    pub insutype: String,
    /// 清算类别.
    pub clr_type: String,
    /// Settled from this day.
    pub from: Date,
    /// To this day.
    pub to: Date,
    /// 种子: chosen before anybody has seen the frame.
    pub seed: String,
    /// How many visits.
    pub size: usize,
}

/// What each fund paid.
type ByFund = Vec<(String, Fen)>;

fn no_sample(why: &str) -> JourneyError {
    Refusal::NoSample { why: why.to_owned() }.into()
}

impl Disputing<'_> {
    /// Draws the sample. Everybody in the frame is held, and whoever else the case is about.
    pub(super) fn sample(
        &mut self,
        centre: &Centre,
        tx: &mut dyn Tx,
        operation: &Operation,
        book: &Casebook,
        asked: &FrameAsked,
        besides: BTreeSet<PersonId>,
    ) -> Result<(), JourneyError> {
        let rule = book
            .law
            .sampling
            .as_ref()
            .ok_or_else(|| no_sample("地区没有抽样规则 / the region has no rule for samples"))?;
        let (units, funds) = frame(centre, tx, asked, besides)?;
        let units = draw(&banded(units), &asked.seed, asked.size, rule)?;
        self.institution = Some(asked.fixmedins_code.clone());
        self.sample = Some(Sample {
            case_id: self.case_id().to_owned(),
            seed: asked.seed.clone(),
            at: operation.received_at,
            funds,
            insutype: asked.insutype.clone(),
            clr_type: asked.clr_type.clone(),
            units,
            estimate: None,
        });
        Ok(())
    }
}

/// The visits for which a fund paid, and what each fund paid for them. Visits that a case speaks
/// for are left out.
fn frame(
    centre: &Centre,
    tx: &mut dyn Tx,
    asked: &FrameAsked,
    mut held: BTreeSet<PersonId>,
) -> Result<(Vec<SampleUnit>, ByFund), JourneyError> {
    let times = (asked.from.at(0, 0, 0, 0), asked.to.at(23, 59, 59, 0));
    let rows = claim::settled(tx, &asked.fixmedins_code, times)?;
    let of_key = rows.iter().filter(|row| (&row.insutype, &row.clr_type) == (&asked.insutype, &asked.clr_type));
    let persons: BTreeSet<PersonId> = of_key.clone().map(|row| row.psn_no.clone()).collect();
    let wanted: BTreeSet<_> = of_key.map(|row| row.setl_id.clone()).collect();
    held.extend(persons.iter().cloned());
    operation::lock_persons(tx, &held.into_iter().collect::<Vec<_>>())?;
    let mut units = Vec::new();
    let mut sums = BTreeMap::<String, Fen>::new();
    for psn_no in persons {
        let history = claim::history(tx, &psn_no)?;
        let held = inquiry::held(tx, &psn_no)?;
        let framed = inquiry::framed(tx, &psn_no)?;
        let standing = history.settlements.iter().filter(|row| {
            wanted.contains(&row.setl_id) && row.reverses.is_none() && !history.is_reversed(&row.setl_id)
        });
        for row in standing {
            let taken = held.keys().any(|(visit, _)| *visit == row.mdtrt_id.0);
            let funds = centre.funds_of(row)?;
            let paid: Fen = funds.iter().map(|(_, amount)| *amount).sum();
            if taken || framed.contains_key(row.mdtrt_id.as_str()) || paid <= Fen::ZERO {
                continue;
            }
            let (psn_no, mdtrt_id) = (psn_no.clone(), row.mdtrt_id.clone());
            units.push(SampleUnit { psn_no, mdtrt_id, stratum: String::new(), paid, drawn: false });
            for (fund, amount) in funds {
                *sums.entry(fund).or_default() += amount;
            }
        }
    }
    Ok((units, sums.into_iter().collect()))
}

/// 分层: thirds by what was paid, so that a few large visits cannot be missed.
fn banded(mut units: Vec<SampleUnit>) -> Vec<SampleUnit> {
    units.sort_by(|a, b| (a.paid, &a.psn_no, &a.mdtrt_id).cmp(&(b.paid, &b.psn_no, &b.mdtrt_id)));
    let count = units.len().max(1);
    for (at, unit) in units.iter_mut().enumerate() {
        unit.stratum = ["1 低", "2 中", "3 高"][at * 3 / count].to_owned();
    }
    units
}

/// Extends the decision on the sample to its frame: one more line, for what the lower bound is
/// above what was found.
pub(super) fn extend(
    tx: &mut dyn Tx,
    doing: &Doing<'_>,
    lines: &mut Vec<DisputedLine>,
) -> Result<Estimate, JourneyError> {
    let rule = doing.book.law.sampling.as_ref();
    let sample = inquiry::sample(tx, doing.case_id())?;
    let (Some(rule), Some(sample)) = (rule, sample) else {
        return Err(no_sample("案件没有抽样 / the case has no sample to extend"));
    };
    let estimate = estimate(&sample.units, &found_by_visit(lines), rule)?;
    let more = estimate.lower - estimate.found;
    inquiry::evaluate_sample(tx, doing.case_id(), &estimate)?;
    if more > Fen::ZERO {
        let place = Place { before: Fen::ZERO, own: estimate.paid, total: estimate.paid, funds: sample.funds };
        let reason = format!(
            "抽取 {} / {} 份，样本违规 {}，总体 {} 的单侧 {} 置信下限为 {}",
            estimate.drawn, estimate.units, estimate.found, estimate.paid, estimate.confidence, estimate.lower
        );
        let line = DisputedLine {
            case_id: doing.case_id().to_owned(),
            no: doing.lines.iter().map(|line| line.no).max().unwrap_or(0) + 1,
            psn_no: "".into(),
            mdtrt_id: "".into(),
            setl_id: "".into(),
            insutype: sample.insutype,
            clr_type: sample.clr_type,
            feedetl_sn: EXTRAPOLATED.into(),
            med_list_codg: "".into(),
            practitioner: String::new(),
            rule: String::new(),
            rule_version: String::new(),
            by_fund: by_fund(&place, more),
            place,
            disputed: more,
            state: LineState::Upheld,
            decided: more,
            article: rule.article.clone(),
            reason,
        };
        inquiry::add_lines(tx, std::slice::from_ref(&line))?;
        lines.push(line);
    }
    Ok(estimate)
}
