//! 归集: an institution's settled stays that a month has to clear, on the read pool.

use std::collections::{BTreeMap, BTreeSet};

use claim::{Form, SettledRow};
use clearing::{Cause, Cleared, ListState, Month, StatementState};
use db::{Database, Tx};
use listing::{Part, SettlementList};
use terms::{Date, Fen, InstitutionId, PersonId, SettlementId};

use super::view::Grouping;
use super::{GroupPayment, GroupPlan, Outstanding};
use crate::apply::month_times;
use crate::dossier::{Gathered, gather};
use crate::record::Decision;
use crate::stays::{GroupedStay, StayDefaults, age_days_of, age_of, auxiliary_of, case_of};
use crate::{Centre, FundRole, JourneyError, content_of};

/// 险种 and 清算类别.
pub(super) type Key = (String, String);

/// Everything that a month needs of one institution.
#[derive(Debug, Default)]
pub(super) struct GatheredMonth {
    /// What was settled in the month, by 险种 and 清算类别.
    pub settled: Vec<claim::SettledSums>,
    /// Stays to be priced.
    pub ready: Vec<Ready>,
    /// Cases to be taken back, as they stood.
    pub reversed: Vec<(SettlementId, Cleared)>,
    /// Cases whose price a decision replaces, as they stood.
    pub decided: Vec<(Cleared, payment::Decision)>,
    /// Cases that the month holds already.
    pub known: Vec<Cleared>,
    /// Lists that quality control sends back: person, settlement, version, reason.
    pub rejected: Vec<(PersonId, SettlementId, i64, String)>,
    /// Stays that wait.
    pub outstanding: Vec<Outstanding>,
    /// How many of them wait under a key.
    pub waiting: BTreeMap<Key, i64>,
    /// What pools booked by item for the group-paid stays settled in the month.
    pub by_group: BTreeMap<Key, Fen>,
    /// Keys whose statement of the month is approved: they get no more rows.
    pub closed: BTreeSet<Key>,
}

/// A stay that is grouped and waits for its price.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub psn_no: PersonId,
    pub settlement: claim::Settlement,
    pub list_version: i64,
    pub plan: usize,
    pub case: payment::Case,
    pub grouping: Grouping,
}

/// Why a stay waits, and the version of its list that is sent back for it, if one is.
struct Waits {
    reason: String,
    rejects: Option<i64>,
}

/// How many settlements one read transaction looks at.
const AT_ONCE: usize = 200;

impl GatheredMonth {
    pub fn is_empty(&self) -> bool {
        self.settled.is_empty()
            && self.ready.is_empty()
            && self.reversed.is_empty()
            && self.decided.is_empty()
            && self.known.is_empty()
    }

    fn join(&mut self, other: GatheredMonth) {
        self.ready.extend(other.ready);
        self.reversed.extend(other.reversed);
        self.rejected.extend(other.rejected);
        self.outstanding.extend(other.outstanding);
        for (key, count) in other.waiting {
            *self.waiting.entry(key).or_default() += count;
        }
        for (key, amount) in other.by_group {
            *self.by_group.entry(key).or_default() += amount;
        }
    }
}

impl Centre {
    pub(super) fn gather_month(
        &self,
        database: &Database,
        pay: &GroupPayment,
        month: Month,
        institution: &InstitutionId,
    ) -> Result<GatheredMonth, JourneyError> {
        let begin = pay.begin().unwrap_or_else(|| month.first()).min(month.first());
        let (mut gathered, open, cleared) = {
            let institution = institution.clone();
            database.read(move |tx| overview(tx, &institution, begin, month))?
        };
        let (centre, pay) = (self.clone(), pay.clone());
        let cleared = std::sync::Arc::new(cleared);
        for rows in open.chunks(AT_ONCE) {
            let (centre, pay, rows, cleared) = (centre.clone(), pay.clone(), rows.to_vec(), cleared.clone());
            let closed = gathered.closed.clone();
            let part = database.read(move |tx| centre.look_at(tx, &pay, month, &rows, &cleared, &closed))?;
            gathered.join(part);
        }
        Ok(gathered)
    }

    fn look_at(
        &self,
        tx: &mut dyn Tx,
        pay: &GroupPayment,
        month: Month,
        rows: &[SettledRow],
        cleared: &BTreeMap<(SettlementId, Cause), Fen>,
        closed: &BTreeSet<Key>,
    ) -> Result<GatheredMonth, JourneyError> {
        let mut found = GatheredMonth::default();
        for row in rows {
            let key = (row.insutype.clone(), row.clr_type.clone());
            let in_month = Month::of(row.setl_time.date()) == month;
            let cause = if row.reverses.is_some() { Cause::Reversal } else { Cause::Settlement };
            if let Some(item_fund) = cleared.get(&(row.setl_id.clone(), cause)) {
                if in_month {
                    *found.by_group.entry(key).or_default() += *item_fund;
                }
                continue;
            }
            let person = gather(tx, &row.psn_no)?;
            let original = row.reverses.as_ref().unwrap_or(&row.setl_id);
            let Some((plan, at)) = self.paid_by_group(pay, &person, original) else { continue };
            let settlement = recorded(&person, &row.setl_id)?;
            if in_month {
                *found.by_group.entry(key.clone()).or_default() += self.pool_part(plan, settlement)?;
            }
            if closed.contains(&key) {
                continue;
            }
            if let Some(original) = &row.reverses {
                if let Some(standing) = standing_case(&clearing::cases_of(tx, &row.psn_no, original)?) {
                    found.reversed.push((row.setl_id.clone(), standing.clone()));
                }
                continue;
            }
            if person.history.is_reversed(&row.setl_id) {
                continue;
            }
            match self.ready(tx, pay, at, &person, settlement)? {
                Ok(ready) => found.ready.push(ready),
                Err(Waits { reason, rejects }) => {
                    let (psn_no, setl_id) = (row.psn_no.clone(), row.setl_id.clone());
                    found.rejected.extend(rejects.map(|version| (psn_no, setl_id, version, reason.clone())));
                    *found.waiting.entry(key).or_default() += 1;
                    let (psn_no, setl_id) = (row.psn_no.clone(), row.setl_id.clone());
                    found.outstanding.push(Outstanding { psn_no, setl_id, reason });
                }
            }
        }
        Ok(found)
    }

    /// The plan that pays a settlement of a stay by group.
    fn paid_by_group<'a>(
        &self,
        pay: &'a GroupPayment,
        person: &Gathered,
        setl_id: &SettlementId,
    ) -> Option<(&'a GroupPlan, usize)> {
        let settlement = person.history.settlements.iter().find(|row| row.setl_id == *setl_id)?;
        let visit = person.history.visits.iter().find(|visit| visit.mdtrt_id == settlement.mdtrt_id)?;
        if visit.form != Form::Stay {
            return None;
        }
        let discharged = visit.endtime.unwrap_or(settlement.setl_time).date();
        pay.of(self, settlement, discharged).map(|(at, plan)| (plan, at))
    }

    /// 按项目记账: what the pool's fund paid at settlement.
    fn pool_part(&self, plan: &GroupPlan, settlement: &claim::Settlement) -> Result<Fen, JourneyError> {
        let fund = plan.plan.pool_of(&settlement.insutype).map(|pool| pool.fund.as_str());
        let detail = Decision::read(settlement)?.detail;
        Ok(detail.iter().filter(|row| Some(row.fund_pay_type.as_str()) == fund).map(|row| row.fund_payamt).sum())
    }

    /// Groups a stay, or says what it waits for.
    fn ready(
        &self,
        tx: &mut dyn Tx,
        pay: &GroupPayment,
        at: usize,
        person: &Gathered,
        settlement: &claim::Settlement,
    ) -> Result<Result<Ready, Waits>, JourneyError> {
        let waits = |reason: String| Ok(Err(Waits { reason, rejects: None }));
        let plan = &pay.plans()[at];
        let Some(list) = clearing::list(tx, &settlement.psn_no, &settlement.setl_id)? else {
            return waits(
                "没有结算清单：请用 4101 上传并用 4102 提交 / no settlement list; upload and submit it".to_owned(),
            );
        };
        if list.state != ListState::Submitted {
            let (state, why) = (list.state.code(), &list.reason);
            return waits(format!(
                "结算清单状态为 {state}，未提交 / the settlement list is in state {state}; submit it {why}"
            ));
        }
        let content = self.completed(content_of(&list)?, person, settlement)?;
        if let Some(objections) = pay.objections(&content) {
            let reason = format!("结算清单质控未通过，退回：{objections}");
            return Ok(Err(Waits { reason, rejects: Some(list.version) }));
        }
        let scheme = plan.grouper.scheme();
        let case = case_of(&content, scheme);
        let explained = plan.grouper.explain(&case);
        let groups = plan.grouper.groups(&explained.answer);
        let mut scratch = grouping::Scratch::new();
        let auxiliary = auxiliary_of(&plan.grouper, &plan.plan, &case, &explained.answer, &mut scratch);
        let stay = GroupedStay {
            list: &content,
            scheme,
            case: &case,
            status: explained.answer.status,
            group: groups.group,
            auxiliary: &auxiliary,
        };
        let fund = |insurance: &str| plan.plan.pool_of(insurance).map(|pool| pool.fund.clone());
        let mut priced = match stay.to_price(&StayDefaults::default(), fund) {
            Ok(case) => case,
            Err(missing) => return waits(missing.to_string()),
        };
        priced.id = settlement.setl_id.0.clone();
        let special = clearing::special(tx, &settlement.psn_no, &settlement.setl_id)?;
        if let Some(decided) = special.and_then(|special| special.decision) {
            priced.decision = Some(super::special::read_decision(&decided)?);
        }
        Ok(Ok(Ready {
            psn_no: settlement.psn_no.clone(),
            settlement: settlement.clone(),
            list_version: list.version,
            plan: at,
            case: priced,
            grouping: Grouping::of(&plan.grouper, &explained),
        }))
    }

    /// 清单质控 of the latest list of a settlement, as clearing would hold it against the rules: the
    /// list, completed, and the report; `None` without a list, no report without rules.
    ///
    /// # Errors
    /// [`crate::Own::PersonUnknown`]; [`JourneyError::Broken`] when a record cannot be read.
    pub fn check_list(
        &self,
        tx: &mut dyn Tx,
        pay: &GroupPayment,
        psn_no: &PersonId,
        setl_id: &SettlementId,
    ) -> Result<Option<(clearing::List, Option<listing::quality::Report>)>, JourneyError> {
        let Some(list) = clearing::list(tx, psn_no, setl_id)? else { return Ok(None) };
        let person = gather(tx, psn_no)?;
        let content = self.completed(content_of(&list)?, &person, recorded(&person, setl_id)?)?;
        let report = pay.quality().map(|quality| quality.check(&content));
        Ok(Some((list, report)))
    }

    /// The list with what the centre knows itself: the person, the institution and the money are
    /// the registers', whatever the list says or leaves out.
    fn completed(
        &self,
        mut list: SettlementList,
        person: &Gathered,
        settlement: &claim::Settlement,
    ) -> Result<SettlementList, JourneyError> {
        let decision = Decision::read(settlement)?;
        let known = &person.standing.person;
        let visit = person.history.visits.iter().find(|visit| visit.mdtrt_id == settlement.mdtrt_id);
        let begin = visit.map_or(settlement.setl_time, |visit| visit.begntime);
        let end = visit.and_then(|visit| visit.endtime).unwrap_or(settlement.setl_time);
        let place = self.institutions.on(settlement.fixmedins_code.as_str(), end.date());
        list.basic.settlement = Some(settlement.setl_id.0.clone());
        list.basic.sex = Some(known.gend.clone());
        list.basic.birth = Some(known.brdy);
        list.basic.insurance = Some(settlement.insutype.clone());
        list.basic.institution = Some(settlement.fixmedins_code.0.clone());
        list.basic.settlement_level = place.map(|place| place.hi_setl_lv.clone());
        list.stay.admitted.get_or_insert(moment(begin));
        list.stay.discharged.get_or_insert(moment(end));
        if list.basic.age.is_none() && list.basic.age_days.is_none() {
            // The shorter form leaves the age to the visit.
            list.basic.age_days = age_days_of(&list).map(i64::from);
            list.basic.age = age_of(&list).filter(|years| *years > 0).map(i64::from);
        }
        let charges = &mut list.charges;
        charges.total = Some(settlement.medfee_sumamt);
        charges.fund = Some(settlement.fund_pay_sumamt);
        charges.account = Some(settlement.acct_pay);
        charges.cash = Some(settlement.psn_cash_pay);
        charges.settled = Some(moment(settlement.setl_time));
        let pools = decision.detail.iter().filter(|row| self.books.role(&row.fund_pay_type) == FundRole::Pool);
        let paid = |row: &adjudication::facts::FundPayment| listing::FundPayment {
            fund: Some(row.fund_pay_type.clone()),
            amount: Some(row.fund_payamt),
        };
        list.fund_payments = pools.map(paid).collect();
        // A message without fee items is of the shorter form, and no list carries the home page.
        let unsent = |part: Part| part == Part::HomePage || part == Part::FeeItems && list.fee_items.is_empty();
        for (place, _) in listing::fields().filter(|(place, _)| unsent(place.part)) {
            list.scope.remove(place);
        }
        Ok(list)
    }
}

fn moment(at: terms::DateTime) -> listing::Moment {
    listing::Moment { date: at.date(), time: Some(at.time()) }
}

fn recorded<'a>(person: &'a Gathered, setl_id: &SettlementId) -> Result<&'a claim::Settlement, JourneyError> {
    let row = person.history.settlements.iter().find(|row| row.setl_id == *setl_id);
    row.ok_or_else(|| JourneyError::Broken(format!("settlement {setl_id} is in the index and not in its history")))
}

/// The price of a case that stands: the last one that nothing took back.
pub(super) fn standing_case(rows: &[Cleared]) -> Option<&Cleared> {
    rows.iter()
        .find(|row| row.cause == Cause::Special)
        .or_else(|| rows.iter().find(|row| row.cause == Cause::Settlement))
}

type Overview = (GatheredMonth, Vec<SettledRow>, BTreeMap<(SettlementId, Cause), Fen>);

fn overview(tx: &mut dyn Tx, institution: &InstitutionId, begin: Date, month: Month) -> Result<Overview, JourneyError> {
    let (first, last) = month_times(month);
    let rows = claim::settled(tx, institution, (begin.at(0, 0, 0, 0), last))?;
    let cleared = clearing::cleared_ids(tx, institution)?;
    let in_month = |row: &SettledRow| row.setl_time >= first;
    let is_open = |row: &SettledRow| {
        let cause = if row.reverses.is_some() { Cause::Reversal } else { Cause::Settlement };
        !cleared.contains_key(&(row.setl_id.clone(), cause))
    };
    let open = rows.into_iter().filter(|row| in_month(row) || is_open(row)).collect();
    let closed = clearing::statements(tx, institution, month, month)?
        .into_iter()
        .filter(|row| row.state != StatementState::Estimated)
        .map(|row| (row.insutype, row.clr_type))
        .collect::<BTreeSet<Key>>();
    let gathered = GatheredMonth {
        settled: claim::settled_sums(tx, institution, (first, last), "")?,
        known: clearing::cases_between(tx, institution, month, month)?,
        decided: super::special::undone_decisions(tx, institution, &cleared, &closed)?,
        closed,
        ..GatheredMonth::default()
    };
    Ok((gathered, open, cleared))
}
