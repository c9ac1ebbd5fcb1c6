//! 标签: who did what in truth. Only a bench may read it; it never stands in a claim folder.

use std::collections::HashSet;

use encounter::Encounter;

use super::line;
use crate::chart::Mistake;
use crate::city::City;
use crate::visit::Visit;

/// 成员种类 of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// 人员: `psn_no`.
    Person,
    /// 就诊: `mdtrt_id`.
    Visit,
    /// 费用明细: `feedetl_sn`.
    Line,
    /// 机构: `fixmedins_code`.
    Institution,
    /// 医师: the code.
    Doctor,
    /// 机构的一种药品耗材: `fixmedins_code` and `med_list_codg`, joined by `|`.
    Article,
}

impl Member {
    /// As a file has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Member::Person => "person",
            Member::Visit => "visit",
            Member::Line => "line",
            Member::Institution => "institution",
            Member::Doctor => "doctor",
            Member::Article => "article",
        }
    }
}

/// What a case was in truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Planted fraud.
    Fraud,
    /// Innocent, of this kind, and easily mistaken.
    Innocent(&'static str),
}

/// 标签: one member of one case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    /// The scheme of fraud; of an innocent case the one that it resembles.
    pub scheme: &'static str,
    /// The case, unique in the city.
    pub case: u32,
    /// Kind of member.
    pub member: Member,
    /// Which.
    pub id: String,
    /// Fraud or not.
    pub truth: Truth,
}

/// 违规标签: a bill that was made to break a national rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Breach {
    /// The rule's number in the national list, or X1 to X8.
    pub rule: &'static str,
    /// 就诊.
    pub visit: String,
    /// 费用明细; empty when the visit as a whole breaks the rule.
    pub line: String,
}

/// All that is true of a city.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// Members of cases, by case.
    pub members: Vec<Label>,
    /// Broken rules, by visit.
    pub breaches: Vec<Breach>,
}

/// Collects labels while visits are told.
pub(super) struct Labelling<'a> {
    city: &'a City,
    seen: HashSet<u32>,
    labels: Labels,
}

impl<'a> Labelling<'a> {
    pub(super) fn new(city: &'a City) -> Labelling<'a> {
        Labelling { city, seen: HashSet::new(), labels: Labels::default() }
    }

    /// A visit of a person, with all visits of that person.
    pub(super) fn see(&mut self, all: &[Visit], visit: &Visit, told: &Encounter) {
        let breach = |rule, line| Breach { rule, visit: visit.label.clone(), line };
        if !visit.breaks.is_empty() {
            self.labels.breaches.push(breach(visit.breaks, String::new()));
        }
        for row in visit.lines.iter().filter(|row| !row.breaks.is_empty() && !row.withdrawn) {
            self.labels.breaches.push(breach(row.breaks, line::number(visit, row.number)));
        }
        let inside = |stay: &&Visit| {
            let day = visit.begin.date();
            stay.is_stay() && !std::ptr::eq(*stay, visit) && stay.begin.date() < day && day < stay.end.date()
        };
        if !visit.is_stay() && all.iter().any(|stay| inside(&stay)) {
            self.labels.breaches.push(breach("X5", String::new()));
        }
        let mistaken = visit.chart.as_ref().is_some_and(|chart| chart.mistake == Some(Mistake::OtherSex));
        if mistaken {
            self.labels.breaches.push(breach("54", String::new()));
        }
        if visit.person.death.is_some_and(|death| death.day < visit.begin.date()) {
            self.labels.breaches.push(breach("X3", String::new()));
        }
        if visit.plot == 0 {
            return;
        }
        self.seen.insert(visit.plot);
        self.member(visit.plot, Member::Person, visit.person.number.clone());
        self.member(visit.plot, Member::Visit, told.mdtrt_id.clone().unwrap_or_default());
        for row in visit.lines.iter().filter(|row| row.planted && !row.withdrawn) {
            self.member(visit.plot, Member::Line, line::number(visit, row.number));
        }
    }

    fn member(&mut self, plot: u32, member: Member, id: String) {
        if let Some(own) = self.city.plots.get(plot) {
            self.labels.members.push(Label { scheme: own.scheme, case: plot, member, id, truth: own.truth });
        }
    }

    /// The labels, with the institutions, doctors and articles of the cases that came about.
    pub(super) fn labels(mut self, articles: &[(u32, String)]) -> Labels {
        self.seen.extend(articles.iter().map(|(plot, _)| *plot));
        for (plot, id) in articles {
            self.member(*plot, Member::Article, id.clone());
        }
        let mut seen: Vec<u32> = self.seen.iter().copied().collect();
        seen.sort_unstable();
        for plot in seen {
            let members = self.city.plots.get(plot).map(|own| own.members.clone()).unwrap_or_default();
            for (member, id) in members {
                self.member(plot, member, id);
            }
        }
        self.labels.members.sort_by(|a, b| (a.case, a.member, &a.id).cmp(&(b.case, b.member, &b.id)));
        self.labels.members.dedup();
        self.labels.breaches.sort();
        self.labels
    }
}
