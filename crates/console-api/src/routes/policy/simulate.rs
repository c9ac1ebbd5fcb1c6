//! 政策模拟: the settlements of a month replayed under two versions of the law.

use std::time::{Duration, Instant};

use clearing::Month;
use policy::Law;
use region::Ground;
use region::simulate::{Change, Summary, Sums};
use serde::Serialize;
use terms::{Fen, Period, PersonId};
use utoipa::ToSchema;

use crate::coded::Coded;
use crate::frame::{Console, Problem};

/// Persons of a page, persons at most, and how long a reader waits for it.
const PAGE: i64 = 100;
const PERSONS_AT_MOST: usize = 5_000;
const AT_MOST: Duration = Duration::from_secs(15);
/// Settlements that are shown one by one.
const SHOWN: usize = 50;

/// 合计 before and after, in 分.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = SimulatedSums)]
struct SumsTold {
    settlements: u64,
    persons: usize,
    total_amount: i64,
    funds_before_amount: i64,
    funds_after_amount: i64,
    person_before_amount: i64,
    person_after_amount: i64,
    /// Refused under the other version only.
    refused: u64,
}

impl From<&Sums> for SumsTold {
    fn from(sums: &Sums) -> SumsTold {
        SumsTold {
            settlements: sums.settlements,
            persons: sums.persons.len(),
            total_amount: sums.medfee_sumamt.0,
            funds_before_amount: sums.funds.0.0,
            funds_after_amount: sums.funds.1.0,
            person_before_amount: sums.person.0.0,
            person_after_amount: sums.person.1.0,
            refused: sums.refused,
        }
    }
}

/// 基金 before and after.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulatedFund)]
struct FundTold {
    fund: Coded,
    before_amount: i64,
    after_amount: i64,
}

/// 分组合计: by 险种 and 人员类别, or by 医疗类别 and 医保结算等级.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulatedGroup)]
struct GroupTold {
    first: Coded,
    second: Coded,
    sums: SumsTold,
}

/// A settlement that changes most.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulatedSettlement)]
struct ChangeTold {
    /// 结算ID.
    settlement: String,
    day: String,
    institution: Coded,
    med_type: Coded,
    person_group: Coded,
    total_amount: i64,
    funds_before_amount: i64,
    funds_after_amount: i64,
    person_before_amount: i64,
    person_after_amount: i64,
    /// The code with which the other version refuses it.
    refused: Option<String>,
}

/// Settlements that were left out, since the present version replayed does not give the record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulatedLeftOut)]
struct LeftOutTold {
    reason: String,
    settlements: u64,
    example: String,
}

/// 政策模拟.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicySimulation)]
pub(super) struct SimulationTold {
    month: String,
    /// Not every person of the month was replayed: there are more than can be in the time.
    capped: bool,
    /// Persons that pay less, the same, more.
    persons_less: usize,
    persons_same: usize,
    persons_more: usize,
    all: SumsTold,
    by_fund: Vec<FundTold>,
    by_person_group: Vec<GroupTold>,
    by_care: Vec<GroupTold>,
    left_out: Vec<LeftOutTold>,
    /// Those that change most for the person.
    largest: Vec<ChangeTold>,
}

/// Replays a month under the folder's present law and another, on the catalogue and the institutions
/// of the centre. It stops after a number of persons or a time, and says so.
pub(super) fn simulate(console: &Console, before: &Law, after: &Law, month: Month) -> Result<SimulationTold, Problem> {
    let centre = &console.centre;
    let ground = |law| Ground {
        law,
        items: &*centre.catalogue,
        institutions: &centre.institutions,
        area: centre.region.as_str(),
    };
    let (begin, end) = (month.first(), month.last());
    let period = Period { begin, end: Some(end) };
    let between = (begin.at(0, 0, 0, 0), end.at(23, 59, 59, 0));
    let (mut summary, mut largest) = (Summary::default(), Vec::<Change>::new());
    let (mut last, mut seen, started) = (PersonId(String::new()), 0, Instant::now());
    let capped = loop {
        if seen >= PERSONS_AT_MOST || started.elapsed() > AT_MOST {
            break true;
        }
        let (centre, after_person) = (centre.clone(), last.clone());
        let page = console.database.read(move |tx| centre.pasts(tx, &after_person, between, PAGE))?;
        let Some(end_of_page) = page.last() else { break false };
        last = end_of_page.person.psn_no.clone();
        seen += page.len();
        for past in &page {
            let outcome =
                region::simulate::simulate(ground(before), ground(after), past, &period).map_err(|error| {
                    Problem::conflict([
                        format!("有结算不能按这个版本重算：{error}"),
                        format!("a settlement cannot be replayed under this version: {error}"),
                    ])
                })?;
            summary.add(&outcome);
            largest.extend(outcome.changes.into_iter().filter(|change| moved(change) != Fen::ZERO));
        }
        largest.sort_by_key(|change| (std::cmp::Reverse(moved(change).0.abs()), change.setl_id.clone()));
        largest.truncate(SHOWN);
    };
    let (persons_less, persons_same, persons_more) = summary.persons();
    Ok(SimulationTold {
        month: month.to_string(),
        capped,
        persons_less,
        persons_same,
        persons_more,
        all: (&summary.all).into(),
        by_fund: summary
            .by_fund
            .iter()
            .map(|(fund, (old, new))| FundTold { fund: console.fund(fund), before_amount: old.0, after_amount: new.0 })
            .collect(),
        by_person_group: summary
            .by_person_group
            .iter()
            .map(|((scheme, group), sums)| GroupTold {
                first: console.scheme(scheme),
                second: Coded::person_group(group),
                sums: sums.into(),
            })
            .collect(),
        by_care: summary
            .by_care
            .iter()
            .map(|((kind, level), sums)| GroupTold {
                first: Coded::med_type(kind),
                second: institution_level(level),
                sums: sums.into(),
            })
            .collect(),
        left_out: summary
            .left_out
            .iter()
            .map(|(reason, (settlements, example))| LeftOutTold {
                reason: reason.clone(),
                settlements: *settlements,
                example: example.clone(),
            })
            .collect(),
        largest: largest.iter().map(|change| told(console, change)).collect(),
    })
}

/// How much more the person pays.
fn moved(change: &Change) -> Fen {
    change.after.person - change.before.person
}

/// 医保结算等级.
fn institution_level(code: &str) -> Coded {
    let (name, english) = match code {
        "1" => ("一级及以下", "first level"),
        "2" => ("二级", "second level"),
        "3" => ("三级", "third level"),
        "" => ("未定级", "without a level"),
        other => (other, ""),
    };
    Coded { code: code.to_owned(), name: name.to_owned(), english: english.to_owned() }
}

fn told(console: &Console, change: &Change) -> ChangeTold {
    ChangeTold {
        settlement: change.setl_id.clone(),
        day: change.day.to_string(),
        institution: Coded::institution(&console.centre, &change.fixmedins_code, change.day),
        med_type: Coded::med_type(&change.med_type),
        person_group: Coded::person_group(&change.psn_type),
        total_amount: change.medfee_sumamt.0,
        funds_before_amount: change.before.funds.0,
        funds_after_amount: change.after.funds.0,
        person_before_amount: change.before.person.0,
        person_after_amount: change.after.person.0,
        refused: change.after.refused.clone(),
    }
}
