//! 政策模拟: a period replayed under another region folder: who gains, who loses, what each
//! fund pays. Both laws replay the same past; only where the present law gives again exactly
//! what was recorded is the other law's answer compared with it.

use std::collections::{BTreeMap, BTreeSet};

use adjudication::PolicyError;
use adjudication::facts::{FundPayment, Heads};
use adjudication::simulate::{Past, PastVisit, Verdict, replay};
use terms::{Date, Fen, Period};

use crate::Ground;

/// 变动: one settlement under both laws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// 人员编号.
    pub psn_no: String,
    /// 结算ID.
    pub setl_id: String,
    /// 结算日期.
    pub day: Date,
    /// 险种类型.
    pub insutype: String,
    /// 人员类别 of the coverage on the day of the visit.
    pub psn_type: String,
    /// 医疗类别.
    pub med_type: String,
    /// 机构编号.
    pub fixmedins_code: String,
    /// 医保结算等级.
    pub hi_setl_lv: String,
    /// T 医疗费总额.
    pub medfee_sumamt: Fen,
    /// Under the present law.
    pub before: Share,
    /// Under the other.
    pub after: Share,
}

/// Who pays of one settlement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Share {
    /// F 基金支付总额.
    pub funds: Fen,
    /// P 个人负担, accounts included.
    pub person: Fen,
    /// By fund.
    pub detail: Vec<FundPayment>,
    /// The refusal's code, when the law would not settle at all.
    pub refused: Option<String>,
}

/// 模拟结果 of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The settlements of the period.
    pub changes: Vec<Change>,
    /// Settlements left out, as the present law does not give what was recorded: 结算ID and why.
    pub unlike: Vec<(String, String)>,
}

/// Replays one person's past under both folders.
///
/// # Errors
/// [`PolicyError`] when one of the laws does not cover the past.
pub fn simulate(before: Ground, after: Ground, past: &Past, period: &Period) -> Result<Outcome, PolicyError> {
    let under = |ground: Ground| {
        let on = |code: &terms::InstitutionId, at: terms::DateTime| {
            ground.institutions.on(code.as_str(), at.date()).map(|row| (*row).clone())
        };
        replay(ground.law, past, ground.items, &on)
    };
    let (old, new) = (under(before)?, under(after)?);
    let mut outcome = Outcome::default();
    // One unlike settlement makes all later ones of the person doubtful.
    let mut doubt: Option<String> = None;
    for ((visit, old), new) in past.visits.iter().zip(&old).zip(&new) {
        doubt = doubt.or_else(|| unlike(visit, old));
        if !period.covers(visit.setl_time.date()) {
            continue;
        }
        match &doubt {
            Some(why) => outcome.unlike.push((visit.setl_id.to_string(), why.clone())),
            None => outcome.changes.push(change(before, past, visit, old, new)),
        }
    }
    Ok(outcome)
}

/// How a replay differs from the record.
fn unlike(visit: &PastVisit, verdict: &Verdict) -> Option<String> {
    let settlement = match verdict {
        Verdict::Refused(refusal) => return Some(format!("refused: [{}] {}", refusal.code, refusal.message)),
        Verdict::Settled(settlement) => settlement,
    };
    if settlement.heads != visit.heads {
        return Some(format!("settlement {}: {}", visit.setl_id, first_difference(&visit.heads, &settlement.heads)));
    }
    (settlement.detail != visit.detail).then(|| format!("settlement {}: the funds differ", visit.setl_id))
}

fn first_difference(recorded: &Heads, replayed: &Heads) -> String {
    let fields = |heads: &Heads| match serde_json::to_value(heads) {
        Ok(serde_json::Value::Object(map)) => map,
        _ => serde_json::Map::new(),
    };
    let replayed = fields(replayed);
    fields(recorded).into_iter().find(|(name, value)| replayed.get(name) != Some(value)).map_or_else(
        String::new,
        |(name, value)| {
            format!("{name} was {value}, replayed {}", replayed.get(&name).unwrap_or(&serde_json::Value::Null))
        },
    )
}

fn share(visit: &PastVisit, verdict: &Verdict) -> Share {
    match verdict {
        Verdict::Settled(settlement) => Share {
            funds: settlement.heads.fund_pay_sumamt,
            person: settlement.heads.psn_part_amt,
            detail: settlement.detail.clone(),
            refused: None,
        },
        Verdict::Refused(refusal) => Share {
            funds: Fen::ZERO,
            person: visit.heads.medfee_sumamt,
            detail: Vec::new(),
            refused: Some(refusal.code.clone()),
        },
    }
}

fn change(ground: Ground, past: &Past, visit: &PastVisit, old: &Verdict, new: &Verdict) -> Change {
    let day = visit.request.begntime.date();
    let mut coverage = past.person.insu.iter().filter(|row| row.insutype == visit.request.insutype);
    let on_day = coverage.clone().find(|row| row.period.covers(day)).or_else(|| coverage.next());
    let institution = ground.institutions.on(visit.request.fixmedins_code.as_str(), day);
    Change {
        psn_no: past.person.psn_no.to_string(),
        setl_id: visit.setl_id.to_string(),
        day: visit.setl_time.date(),
        insutype: visit.request.insutype.clone(),
        psn_type: on_day.map_or_else(String::new, |row| row.psn_type.clone()),
        med_type: visit.request.med_type.clone(),
        fixmedins_code: visit.request.fixmedins_code.to_string(),
        hi_setl_lv: institution.map_or_else(String::new, |row| row.hi_setl_lv.clone()),
        medfee_sumamt: visit.heads.medfee_sumamt,
        before: share(visit, old),
        after: share(visit, new),
    }
}

/// 合计 of some settlements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Settlements.
    pub settlements: u64,
    /// Persons.
    pub persons: BTreeSet<String>,
    /// T 医疗费总额.
    pub medfee_sumamt: Fen,
    /// What the funds pay, before and after.
    pub funds: (Fen, Fen),
    /// What the persons pay, before and after.
    pub person: (Fen, Fen),
    /// Refused under the other law only.
    pub refused: u64,
}

impl Sums {
    fn add(&mut self, change: &Change) {
        self.settlements += 1;
        self.persons.insert(change.psn_no.clone());
        self.medfee_sumamt += change.medfee_sumamt;
        self.funds.0 += change.before.funds;
        self.funds.1 += change.after.funds;
        self.person.0 += change.before.person;
        self.person.1 += change.after.person;
        self.refused += u64::from(change.after.refused.is_some());
    }
}

/// 汇总: what a simulation comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Everything compared.
    pub all: Sums,
    /// By fund: before and after.
    pub by_fund: BTreeMap<String, (Fen, Fen)>,
    /// By 险种 and 人员类别.
    pub by_person_group: BTreeMap<(String, String), Sums>,
    /// By 医疗类别 and 医保结算等级.
    pub by_care: BTreeMap<(String, String), Sums>,
    /// A person's change over the period, 分: positive pays more.
    pub by_person: BTreeMap<String, i64>,
    /// Settlements left out, by reason, with one of them.
    pub left_out: BTreeMap<String, (u64, String)>,
}

impl Summary {
    /// Takes in a person's outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        for change in &outcome.changes {
            self.all.add(change);
            self.by_person_group.entry((change.insutype.clone(), change.psn_type.clone())).or_default().add(change);
            self.by_care.entry((change.med_type.clone(), change.hi_setl_lv.clone())).or_default().add(change);
            *self.by_person.entry(change.psn_no.clone()).or_default() += change.after.person.0 - change.before.person.0;
            for row in &change.before.detail {
                self.by_fund.entry(row.fund_pay_type.clone()).or_default().0 += row.fund_payamt;
            }
            for row in &change.after.detail {
                self.by_fund.entry(row.fund_pay_type.clone()).or_default().1 += row.fund_payamt;
            }
        }
        for (setl_id, why) in &outcome.unlike {
            let kind = why.split_once(": ").map_or(why.as_str(), |(_, kind)| kind);
            let kind = kind.split_once(" was ").map_or(kind, |(field, _)| field);
            self.left_out.entry(kind.to_owned()).or_insert_with(|| (0, format!("{setl_id}: {why}"))).0 += 1;
        }
    }

    /// How many persons pay less, the same, and more.
    #[must_use]
    pub fn persons(&self) -> (usize, usize, usize) {
        let count = |sign: i64| self.by_person.values().filter(|change| change.signum() == sign).count();
        (count(-1), count(0), count(1))
    }
}
