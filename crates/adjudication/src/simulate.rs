//! 模拟: a person's settled past decided once more, under the law that decided it or under
//! another. The first must give what was recorded (that is how faithful the replay is); the
//! second says who gains, who loses, and what the funds pay.
//!
//! What a person did is taken as it was: the same visits, lines and days. Whether another law
//! would have sent people elsewhere is not in the record.

use std::collections::BTreeMap;

use policy::Law;
use serde::{Deserialize, Serialize};
use terms::{DateTime, Fen, InstitutionId, PersonId, SettlementId, VisitId};

use crate::facts::{
    AccountUse, Bill, Dossier, Fields, Filing, FundPayment, Giver, Heads, Institution, Items, LineRequest,
    PastSettlement, Person, Refusal, SettleRequest, Settlement, Totals, Visit, VisitRequest,
};
use crate::{PolicyError, Stop};

/// 过往: what is needed to decide a person's settled visits again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// The person, as registered.
    pub person: Person,
    /// 备案, in order of registration.
    pub filings: Vec<Filing>,
    /// 共济授权, with what each giver's account would hold if this person had drawn nothing.
    pub givers: Vec<Giver>,
    /// 累计 before the first of the visits.
    pub totals: Totals,
    /// Settled visits; reversed settlements and visits never settled are left out.
    pub visits: Vec<PastVisit>,
}

/// One settled visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastVisit {
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// As it was asked for, with what discharge added.
    pub request: VisitRequest,
    /// 出院时刻.
    pub endtime: Option<DateTime>,
    /// 费用明细, as uploaded.
    pub lines: Vec<LineRequest>,
    /// 结算ID.
    pub setl_id: SettlementId,
    /// 结算时刻.
    pub setl_time: DateTime,
    /// 个人账户使用标志; of an old record it may be unknown.
    pub acct_used_flag: Option<String>,
    /// 中途结算标志.
    pub mid_setl_flag: String,
    /// 汇总, as recorded.
    pub heads: Heads,
    /// 基金分项, as recorded.
    pub detail: Vec<FundPayment>,
    /// Which accounts gave, as recorded.
    pub accounts: Vec<AccountUse>,
}

impl PastVisit {
    /// What the person's own account gave.
    fn own_use(&self, person: &PersonId) -> Fen {
        own_use(&self.accounts, person)
    }
}

fn own_use(accounts: &[AccountUse], person: &PersonId) -> Fen {
    accounts.iter().filter(|account| account.psn_no == *person).map(|account| account.amount).sum()
}

/// What a law says of one past visit.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It settles.
    Settled(Box<Settlement>),
    /// It would have been refused: nothing is paid, and nothing accumulates.
    Refused(Refusal),
}

/// What a law says of a past: a verdict a visit, in the order of settlement.
///
/// # Errors
/// [`PolicyError`] when the law's files do not cover the past.
pub fn replay(
    law: &Law,
    past: &Past,
    items: &dyn Items,
    institution_on: &dyn Fn(&InstitutionId, DateTime) -> Option<Institution>,
) -> Result<Vec<Verdict>, PolicyError> {
    let mut world = World { law, items, past, dossier: opening(past), drawn: 0, refused: BTreeMap::new() };
    let mut steps: Vec<Step> = Vec::with_capacity(past.visits.len() * 2);
    for (nth, visit) in past.visits.iter().enumerate() {
        steps.push(Step { at: visit.request.begntime.min(visit.setl_time), settles: false, nth });
        steps.push(Step { at: visit.setl_time, settles: true, nth });
    }
    steps.sort();
    let mut verdicts = Vec::with_capacity(past.visits.len());
    for step in steps {
        let visit = &past.visits[step.nth];
        let institution = institution_on(&visit.request.fixmedins_code, visit.request.begntime);
        if step.settles {
            verdicts.push((step.nth, world.settle(step.nth, institution.as_ref())?));
        } else {
            world.open(step.nth, institution.as_ref())?;
        }
    }
    verdicts.sort_by_key(|(nth, _)| *nth);
    Ok(verdicts.into_iter().map(|(_, verdict)| verdict).collect())
}

/// A moment of the past: a visit begins, or it is settled. At one moment, what was begun
/// first comes first, and beginning before settling.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    at: DateTime,
    nth: usize,
    settles: bool,
}

fn opening(past: &Past) -> Dossier {
    Dossier {
        person: past.person.clone(),
        filings: past.filings.clone(),
        visits: Vec::new(),
        settlements: Vec::new(),
        totals: past.totals.clone(),
        account: Fen::ZERO,
        givers: past.givers.clone(),
    }
}

struct World<'a> {
    law: &'a Law,
    items: &'a dyn Items,
    past: &'a Past,
    dossier: Dossier,
    /// Own account: what this law drew so far beyond what was recorded, 分.
    drawn: i64,
    refused: BTreeMap<VisitId, Refusal>,
}

impl World<'_> {
    fn open(&mut self, nth: usize, institution: Option<&Institution>) -> Result<(), PolicyError> {
        let visit = &self.past.visits[nth];
        match crate::open_visit(self.law, &self.dossier, institution, &visit.request) {
            Ok(opening) => self.push(visit, opening.kept),
            Err(Stop::Refused(refusal)) => drop(self.refused.insert(visit.mdtrt_id.clone(), refusal)),
            Err(Stop::Broken(error)) => return Err(error),
        }
        Ok(())
    }

    fn push(&mut self, visit: &PastVisit, kept: Fields) {
        self.dossier.visits.push(Visit {
            mdtrt_id: visit.mdtrt_id.clone(),
            request: visit.request.clone(),
            endtime: None,
            kept,
            settled: None,
        });
    }

    fn settle(&mut self, nth: usize, institution: Option<&Institution>) -> Result<Verdict, PolicyError> {
        let visit = &self.past.visits[nth];
        let drawn_then = visit.own_use(&self.past.person.psn_no);
        if let Some(refusal) = self.refused.remove(&visit.mdtrt_id) {
            self.drawn -= drawn_then.0;
            return Ok(Verdict::Refused(refusal));
        }
        self.dossier.account = Fen((visit.heads.balc.0 + drawn_then.0 - self.drawn).max(0));
        match self.decide(visit, institution) {
            Ok(settlement) => {
                self.record(visit, &settlement);
                self.drawn += own_use(&settlement.accounts, &self.past.person.psn_no).0 - drawn_then.0;
                Ok(Verdict::Settled(Box::new(settlement)))
            }
            Err(Stop::Refused(refusal)) => {
                self.drawn -= drawn_then.0;
                self.dossier.visits.retain(|known| known.mdtrt_id != visit.mdtrt_id);
                Ok(Verdict::Refused(refusal))
            }
            Err(Stop::Broken(error)) => Err(error),
        }
    }

    fn decide(&mut self, past: &PastVisit, institution: Option<&Institution>) -> Result<Settlement, Stop> {
        let visit = self.dossier.visits.iter_mut().find(|visit| visit.mdtrt_id == past.mdtrt_id);
        let visit = visit.expect("a visit that was not refused is open");
        visit.endtime = past.endtime;
        let visit = visit.clone();
        let bill = |lines| institution.map(|institution| Bill { visit: &visit, institution, lines });
        let lines = crate::charge(self.law, &self.dossier, bill(&[]), &past.lines, self.items)?;
        let request = SettleRequest {
            setl_time: past.setl_time,
            medfee_sumamt: past.heads.medfee_sumamt,
            acct_used_flag: past.acct_used_flag.clone().unwrap_or_else(|| acct_used(past, &self.past.person.psn_no)),
            mid_setl_flag: past.mid_setl_flag.clone(),
        };
        crate::settle(self.law, &self.dossier, bill(&lines), &request, self.items)
    }

    fn record(&mut self, visit: &PastVisit, settlement: &Settlement) {
        for (key, amount) in &settlement.adds {
            *self.dossier.totals.entry(key.clone()).or_default() += amount;
        }
        for used in &settlement.accounts {
            if let Some(giver) = self.dossier.givers.iter_mut().find(|giver| giver.giver == used.psn_no) {
                giver.balc = Fen((giver.balc.0 - used.amount.0).max(0));
            }
        }
        self.dossier.settlements.push(PastSettlement {
            setl_id: visit.setl_id.clone(),
            mdtrt_id: visit.mdtrt_id.clone(),
            setl_time: visit.setl_time,
            reversed: false,
            heads: settlement.heads.clone(),
            detail: settlement.detail.clone(),
            adds: settlement.adds.clone(),
            kept: settlement.kept.clone(),
            accounts: settlement.accounts.clone(),
        });
        if let Some(known) = self.dossier.visits.iter_mut().find(|known| known.mdtrt_id == visit.mdtrt_id) {
            known.settled = Some(visit.setl_id.clone());
        }
    }
}

/// Whether the person let the account pay, where the record does not say: no, if nothing was
/// drawn although money lay there and cash was paid.
fn acct_used(visit: &PastVisit, person: &PersonId) -> String {
    let left_alone = visit.own_use(person).is_zero()
        && visit.accounts.is_empty()
        && visit.heads.balc > Fen::ZERO
        && visit.heads.psn_cash_pay > Fen::ZERO;
    if left_alone { "0" } else { "1" }.to_owned()
}
