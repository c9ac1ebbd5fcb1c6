//! 检验: suspicions held against what is known to be true: of a synthetic city, or of cases that
//! ended. Pure: whoever calls has the labels; no model ever sees them.

use crate::facts::Suspicion;
use crate::numbers::{share, whole};
use std::collections::{BTreeMap, BTreeSet};

/// 成员种类 of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberKind {
    /// 人员.
    Person,
    /// 就诊.
    Visit,
    /// 明细.
    Line,
    /// 机构.
    Institution,
    /// 医师.
    Doctor,
    /// 机构的一个品种, `institution|article`.
    Article,
}

/// 标签: one member of one case that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The scheme; of an innocent case the one that it resembles.
    pub scheme: String,
    /// The case.
    pub case: String,
    /// What kind of member.
    pub kind: MemberKind,
    /// Its number.
    pub id: String,
    /// What the innocent case is; `None` for fraud.
    pub innocent: Option<String>,
}

/// Which kind of member a scheme is told by, and which models look for it.
pub const SCHEMES: &[(&str, MemberKind, &[&str])] = &[
    ("admission_cluster", MemberKind::Visit, &["admission_cluster"]),
    ("card_pooling", MemberKind::Person, &["card_pooling"]),
    ("checkup_stay", MemberKind::Visit, &["checkup_stay"]),
    ("frequent_person", MemberKind::Person, &["frequent_person"]),
    ("identical_amounts", MemberKind::Visit, &["identical_amounts"]),
    ("over_prescribing", MemberKind::Person, &["over_prescribing"]),
    ("paper_stay", MemberKind::Visit, &["paper_stay"]),
    ("phantom_visits", MemberKind::Visit, &["impossible_load", "phantom_visits"]),
    ("pharmacy_burst", MemberKind::Visit, &["pharmacy_burst"]),
    ("similar_cases", MemberKind::Visit, &["similar_cases"]),
    ("split_stay", MemberKind::Visit, &["split_stay"]),
    ("stock_gap", MemberKind::Article, &["stock_gap"]),
    ("substitution", MemberKind::Visit, &["substitution"]),
    ("trace_reuse", MemberKind::Visit, &["trace_reuse"]),
    ("upcoding", MemberKind::Visit, &["upcoding"]),
];

/// How the models of one scheme did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Cases of fraud, and those of which at least half the members were named.
    pub cases: (usize, usize),
    /// Members of fraud, and those that were named.
    pub members: (usize, usize),
    /// Members named, and those that belong to this scheme.
    pub named: (usize, usize),
    /// Members named that belong to fraud of any scheme.
    pub named_any: usize,
    /// Suspicions told, and those of which at least half the members belong to this scheme.
    pub told: (usize, usize),
    /// Among the first ten, fifty, hundred by amount × score: told, and right.
    pub first: [(usize, usize); 3],
    /// Innocent cases by kind: all of them, and those of which at least half the members were
    /// named by the models of the scheme that they resemble.
    pub near_misses: BTreeMap<String, (usize, usize)>,
}

impl Figures {
    /// The figures of several cities together.
    pub fn add(&mut self, other: &Figures) {
        let add = |one: &mut (usize, usize), two: (usize, usize)| {
            one.0 += two.0;
            one.1 += two.1;
        };
        add(&mut self.cases, other.cases);
        add(&mut self.members, other.members);
        add(&mut self.named, other.named);
        self.named_any += other.named_any;
        add(&mut self.told, other.told);
        for (one, two) in self.first.iter_mut().zip(other.first) {
            add(one, two);
        }
        for (kind, counts) in &other.near_misses {
            add(self.near_misses.entry(kind.clone()).or_default(), *counts);
        }
    }

    /// 召回率 of cases.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(whole(self.cases.1), whole(self.cases.0))
    }

    /// 准确率 of the members named.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(whole(self.named.1), whole(self.named.0))
    }
}

/// The places at which precision is measured.
pub const FIRST: [usize; 3] = [10, 50, 100];

/// Holds suspicions, the most important first, against what is known, scheme by scheme.
#[must_use]
pub fn measure(suspicions: &[Suspicion], known: &[Known]) -> BTreeMap<&'static str, Figures> {
    let fraud: BTreeSet<(MemberKind, &str)> =
        known.iter().filter(|label| label.innocent.is_none()).map(|label| (label.kind, label.id.as_str())).collect();
    let one = |(scheme, kind, models): &(&'static str, MemberKind, &[&str])| {
        let mine: Vec<&Suspicion> = suspicions.iter().filter(|one| models.contains(&one.model.as_str())).collect();
        (*scheme, scheme_figures(scheme, *kind, &mine, known, &fraud))
    };
    SCHEMES.iter().map(one).collect()
}

fn ids(suspicion: &Suspicion, kind: MemberKind) -> impl Iterator<Item = &str> {
    let members = &suspicion.members;
    let set = match kind {
        MemberKind::Person => &members.persons,
        MemberKind::Visit => &members.visits,
        MemberKind::Line => &members.lines,
        MemberKind::Institution => &members.institutions,
        MemberKind::Doctor => &members.doctors,
        MemberKind::Article => &members.articles,
    };
    set.iter().map(String::as_str)
}

fn scheme_figures(
    scheme: &str,
    kind: MemberKind,
    mine: &[&Suspicion],
    known: &[Known],
    fraud: &BTreeSet<(MemberKind, &str)>,
) -> Figures {
    let of_scheme = || known.iter().filter(|label| label.scheme == scheme && label.kind == kind);
    let truth: BTreeSet<&str> =
        of_scheme().filter(|label| label.innocent.is_none()).map(|label| label.id.as_str()).collect();
    let named: BTreeSet<&str> = mine.iter().flat_map(|one| ids(one, kind)).collect();
    let mut cases: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for label in of_scheme().filter(|label| label.innocent.is_none()) {
        let (all, found) = cases.entry(&label.case).or_default();
        *all += 1;
        *found += usize::from(named.contains(label.id.as_str()));
    }
    let right = |one: &&Suspicion| {
        let (all, good) =
            ids(one, kind).fold((0, 0), |(all, good), id| (all + 1, good + usize::from(truth.contains(id))));
        2 * good >= all && all > 0
    };
    let near = if kind == MemberKind::Person { MemberKind::Person } else { MemberKind::Visit };
    let accused: BTreeSet<&str> = mine.iter().flat_map(|one| ids(one, near)).collect();
    let mut innocent: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for label in known.iter().filter(|label| label.scheme == scheme) {
        let Some(sort) = label.innocent.as_deref() else { continue };
        if label.kind == near {
            let (all, hit) = innocent.entry((sort, &label.case)).or_default();
            *all += 1;
            *hit += usize::from(accused.contains(label.id.as_str()));
        }
    }
    let mut near_misses: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for ((sort, _), (all, hit)) in innocent {
        let (cases, hits) = near_misses.entry(sort.to_owned()).or_default();
        *cases += 1;
        *hits += usize::from(2 * hit >= all);
    }
    let at = |k: usize| {
        let first = &mine[..k.min(mine.len())];
        (first.len(), first.iter().filter(|one| right(one)).count())
    };
    Figures {
        cases: (cases.len(), cases.values().filter(|(all, found)| 2 * found >= *all).count()),
        members: (truth.len(), truth.iter().filter(|id| named.contains(*id)).count()),
        named: (named.len(), named.iter().filter(|id| truth.contains(*id)).count()),
        named_any: named.iter().filter(|id| fraud.contains(&(kind, **id))).count(),
        told: (mine.len(), mine.iter().filter(|one| right(one)).count()),
        first: FIRST.map(at),
        near_misses,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Members, Stake};

    fn told(visits: &[&str]) -> Suspicion {
        Suspicion {
            model: "split_stay".to_owned(),
            name: String::new(),
            version: 1,
            group: visits[0].to_owned(),
            score: 700,
            parts: Vec::new(),
            members: Members { visits: visits.iter().map(|id| (*id).to_owned()).collect(), ..Members::default() },
            stake: Stake::default(),
            why: String::new(),
            missing: Vec::new(),
        }
    }

    fn label(case: &str, id: &str, innocent: Option<&str>) -> Known {
        Known {
            scheme: "split_stay".to_owned(),
            case: case.to_owned(),
            kind: MemberKind::Visit,
            id: id.to_owned(),
            innocent: innocent.map(str::to_owned),
        }
    }

    #[test]
    fn half_of_a_case_is_found_and_an_innocent_that_is_named_counts_against_precision() {
        let known = [
            label("1", "a", None),
            label("1", "b", None),
            label("2", "c", None),
            label("2", "d", None),
            label("2", "e", None),
            label("3", "x", Some("relapse")),
            label("4", "y", Some("relapse")),
        ];
        let figures = &measure(&[told(&["a", "b"]), told(&["c", "x", "z"])], &known)["split_stay"];
        assert_eq!(figures.cases, (2, 1), "one of three members is not half a case");
        assert_eq!((figures.named, figures.members), ((5, 3), (5, 3)));
        assert_eq!(figures.told, (2, 1));
        assert_eq!(figures.near_misses["relapse"], (2, 1));
        assert_eq!((figures.recall(), figures.precision()), (Some(0.5), Some(0.6)));
        assert_eq!(measure(&[], &known)["upcoding"].recall(), None);
    }
}
