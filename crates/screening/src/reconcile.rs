//! 归并: several findings on the same lines become one principal with supporting views, and each
//! line's money counts once.
//!
//! A line belongs to one finding only. Which one: what a rule's relations say, then the graver
//! severity, then the larger amount on that line, then the rule's id and the finding's key; so the
//! order in which findings come never matters. A finding that keeps at least one of its lines is a
//! *principal* and counts what its own lines say; one that keeps none stands under the finding that
//! took its dearest line. Money of a whole visit (findings without lines) counts what its visit's
//! other principals have left over.

use crate::finding::{Finding, ItemType, Subject};
use crate::header::{Header, Relations};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use terms::{Date, Fen};

/// 明细标识: which fee line. Lines without a number are told apart by their code, so that one of
/// them is counted at most once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineKey {
    /// 就诊ID.
    pub mdtrt_id: String,
    /// 费用明细流水号; blank if the line does not say.
    pub feedetl_sn: String,
    /// 目录编码 of a line without a number, else blank.
    pub med_list_codg: String,
}

impl LineKey {
    /// The line of these facts.
    #[must_use]
    pub fn new(mdtrt_id: &str, feedetl_sn: &str, med_list_codg: &str) -> LineKey {
        let code = if feedetl_sn.is_empty() { med_list_codg } else { "" };
        LineKey { mdtrt_id: mdtrt_id.to_owned(), feedetl_sn: feedetl_sn.to_owned(), med_list_codg: code.to_owned() }
    }
}

/// What is known of a visit, for suppressions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisitFacts {
    /// 定点医药机构编号.
    pub fixmedins_code: Option<String>,
    /// The day it began.
    pub day: Option<Date>,
    /// 诊断代码.
    pub diagnoses: Vec<String>,
}

/// What stands behind the findings: the claims themselves, or columns of them.
pub trait Behind {
    /// 明细项目费用总额 of a line; `None` when it is not known, and then nothing caps it.
    fn line_amount(&self, line: &LineKey) -> Option<Fen>;
    /// The visit of that number.
    fn visit(&self, mdtrt_id: &str) -> Option<VisitFacts>;
}

/// The claims of histories, looked up by number.
#[derive(Debug, Default)]
pub struct Claims {
    lines: BTreeMap<LineKey, Fen>,
    visits: BTreeMap<String, VisitFacts>,
}

impl Claims {
    /// The claims of these histories.
    #[must_use]
    pub fn of<'a>(histories: impl IntoIterator<Item = &'a encounter::History>) -> Claims {
        let mut claims = Claims::default();
        for visit in histories.into_iter().flat_map(|history| &history.encounters) {
            let id = visit.mdtrt_id.clone().unwrap_or_default();
            for line in &visit.lines {
                let text = |field: &Option<String>| field.clone().unwrap_or_default();
                let own = line.mdtrt_id.as_deref().unwrap_or(&id);
                let key = LineKey::new(own, &text(&line.feedetl_sn), &text(&line.med_list_codg));
                // A line delivered twice is one line.
                if let Some(amount) = line.det_item_fee_sumamt {
                    claims.lines.entry(key).or_insert(amount);
                }
            }
            let diagnoses = visit.diagnoses.iter().filter_map(|row| row.diag_code.clone()).collect();
            let day = visit.begntime.map(|time| time.date());
            claims.visits.insert(id, VisitFacts { fixmedins_code: visit.fixmedins_code.clone(), day, diagnoses });
        }
        claims
    }
}

impl Behind for Claims {
    fn line_amount(&self, line: &LineKey) -> Option<Fen> {
        self.lines.get(line).copied()
    }

    fn visit(&self, mdtrt_id: &str) -> Option<VisitFacts> {
        self.visits.get(mdtrt_id).cloned()
    }
}

/// 豁免: whom or what a rule leaves alone for some time, who said so and why. Every condition that
/// is given must hold; one that cannot be looked up does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// 豁免编号.
    pub id: String,
    /// 规则标识; every rule without one.
    pub rule: Option<String>,
    /// 人员编号.
    pub psn_no: Option<String>,
    /// 定点医药机构编号.
    pub fixmedins_code: Option<String>,
    /// 目录编码: every violating line must have it.
    pub med_list_codg: Option<String>,
    /// 诊断代码, or the beginning of it.
    pub diag_code: Option<String>,
    /// First day of the visits it covers.
    pub from: Date,
    /// Last day; open without one.
    pub until: Option<Date>,
    /// Who decided it.
    pub by: String,
    /// Why.
    pub why: String,
}

impl Suppression {
    /// Whether it covers a finding.
    #[must_use]
    pub fn covers(&self, finding: &Finding, behind: &impl Behind) -> bool {
        if self.rule.as_deref().is_some_and(|rule| *rule != *finding.rule) {
            return false;
        }
        if let Some(person) = &self.psn_no
            && !finding.persons.iter().all(|known| known == person)
        {
            return false;
        }
        if let Some(code) = &self.med_list_codg {
            let mut lines = finding.lines.iter().filter(|line| line.item == ItemType::Violating).peekable();
            if lines.peek().is_none() || !lines.all(|line| line.med_list_codg == *code) {
                return false;
            }
        }
        let visits: Vec<VisitFacts> = finding.encounters.iter().filter_map(|id| behind.visit(id)).collect();
        let on = |visit: &VisitFacts| {
            let within = |day: Date| day >= self.from && self.until.is_none_or(|until| day <= until);
            let at = |wanted: &String| visit.fixmedins_code.as_ref() == Some(wanted);
            let ill = |wanted: &String| visit.diagnoses.iter().any(|code| code.starts_with(wanted.as_str()));
            visit.day.is_some_and(within)
                && self.fixmedins_code.as_ref().is_none_or(at)
                && self.diag_code.as_ref().is_none_or(ill)
        };
        visits.iter().any(on)
    }
}

/// Why a finding is a supporting view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supports {
    /// All of its lines count elsewhere.
    SameLines,
    /// The principal's rule subsumes or overrides its rule.
    Related,
}

/// 佐证: another rule's view of what is counted already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    /// The finding.
    pub finding: Finding,
    /// Why it stands here.
    pub why: Supports,
}

/// 主疑点: a finding whose money counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// The finding, as its rule made it.
    pub finding: Finding,
    /// The lines that belong to it and what counts of each, in order.
    pub lines: Vec<(LineKey, Fen)>,
    /// What counts of the visit itself, beyond lines.
    pub visit_amount: Fen,
    /// 计入金额: the sum of both.
    pub amount: Fen,
    /// Other rules' views, by rule and key.
    pub supporting: Vec<Support>,
}

/// A finding that was put aside, and on whose account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// The finding.
    pub finding: Finding,
    /// 豁免编号, or the key of the finding whose rule excludes it.
    pub by: String,
}

/// 归并结果. Every finding given stands in exactly one place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// By rule and key.
    pub principals: Vec<Principal>,
    /// 互斥: dropped because another rule excludes them, by rule and key.
    pub excluded: Vec<Aside>,
    /// 豁免, by rule and key.
    pub suppressed: Vec<Aside>,
    /// 计入金额 of all principals.
    pub amount: Fen,
}

/// Joins findings so that each line's money counts once.
#[must_use]
pub fn reconcile<'h>(
    findings: impl IntoIterator<Item = Finding>,
    headers: impl IntoIterator<Item = &'h Header>,
    suppressions: &[Suppression],
    behind: &impl Behind,
) -> Reconciled {
    let relations: BTreeMap<&str, &Relations> =
        headers.into_iter().map(|header| (header.id.as_str(), &header.relations)).collect();
    let mut known: BTreeMap<String, Finding> = BTreeMap::new();
    let mut suppressed = Vec::new();
    let mut suppressions: Vec<&Suppression> = suppressions.iter().collect();
    suppressions.sort_by(|a, b| a.id.cmp(&b.id));
    for finding in findings {
        match suppressions.iter().find(|row| row.covers(&finding, behind)) {
            Some(row) => suppressed.push(Aside { finding, by: row.id.clone() }),
            None => {
                known.entry(finding.key.clone()).or_insert(finding);
            }
        }
    }
    let mut work = Work::new(known.into_values().collect(), &relations);
    work.share_out_lines();
    work.relate_visits();
    let mut reconciled = work.conclude(behind);
    by_rule(&mut suppressed, |aside| &aside.finding);
    suppressed.dedup_by(|a, b| a.finding.key == b.finding.key);
    reconciled.suppressed = suppressed;
    reconciled
}

fn by_rule<T>(rows: &mut [T], finding: impl Fn(&T) -> &Finding) {
    rows.sort_by(|a, b| {
        let order = |row: &Finding| (row.rule.clone(), row.key.clone());
        order(finding(a)).cmp(&order(finding(b)))
    });
}

/// Where a finding ends up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Principal,
    Under(usize, Supports),
    Excluded(usize),
}

struct Work<'r> {
    /// By key.
    findings: Vec<Finding>,
    relations: &'r BTreeMap<&'r str, &'r Relations>,
    /// What each finding says of each violating line; a line twice in one finding says the larger.
    says: Vec<BTreeMap<LineKey, Fen>>,
    /// Whose a line is.
    owner: BTreeMap<LineKey, usize>,
    places: Vec<Place>,
}

impl<'r> Work<'r> {
    fn new(findings: Vec<Finding>, relations: &'r BTreeMap<&'r str, &'r Relations>) -> Work<'r> {
        let says = findings.iter().map(said_of_lines).collect();
        let places = vec![Place::Principal; findings.len()];
        Work { findings, relations, says, owner: BTreeMap::new(), places }
    }

    /// Gives each line to one finding, and finds the place of every finding that has lines.
    fn share_out_lines(&mut self) {
        let mut on_line: BTreeMap<&LineKey, Vec<usize>> = BTreeMap::new();
        for (at, says) in self.says.iter().enumerate() {
            says.keys().for_each(|line| on_line.entry(line).or_default().push(at));
        }
        let mut owner = BTreeMap::new();
        let mut dropped: BTreeMap<(usize, LineKey), usize> = BTreeMap::new();
        for (line, at) in on_line {
            let amount = |finding: usize| self.says[finding][line];
            let mut candidates = at;
            candidates.sort_by_key(|at| self.order(*at, amount(*at)));
            let excluded = self.excluded(&candidates);
            candidates.retain(|at| !excluded.contains_key(at));
            excluded.into_iter().for_each(|(at, by)| _ = dropped.insert((at, line.clone()), by));
            owner.insert(line.clone(), self.first(&candidates));
        }
        for at in 0..self.findings.len() {
            if self.says[at].is_empty() || self.says[at].keys().any(|line| owner[line] == at) {
                continue;
            }
            let of = |line: &LineKey| dropped.get(&(at, line.clone())).copied();
            let by = self.says[at].keys().map(of).collect::<Option<Vec<usize>>>();
            self.places[at] = match by.and_then(|by| by.first().copied()) {
                Some(by) => Place::Excluded(by),
                None => {
                    let kept = self.says[at].iter().filter(|(line, _)| of(line).is_none());
                    let dearest =
                        kept.max_by_key(|(line, amount)| (**amount, Reverse(*line))).expect("not all dropped");
                    let owner = owner[dearest.0];
                    let why = if self.stands_over(owner, at) { Supports::Related } else { Supports::SameLines };
                    Place::Under(owner, why)
                }
            };
        }
        self.owner = owner;
    }

    /// Findings without lines give way to a related finding on the same visit.
    fn relate_visits(&mut self) {
        let mut on_visit: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, finding) in self.findings.iter().enumerate() {
            finding.encounters.iter().for_each(|visit| on_visit.entry(visit).or_default().push(at));
        }
        let lineless = |at: usize| self.says[at].is_empty();
        let mut order: Vec<usize> = (0..self.findings.len()).filter(|at| lineless(*at)).collect();
        order.sort_by_key(|at| self.order(*at, self.findings[*at].amount));
        let mut moved: BTreeMap<usize, Place> = BTreeMap::new();
        for at in order {
            let beside: BTreeSet<usize> = self.findings[at]
                .encounters
                .iter()
                .flat_map(|visit| on_visit[visit.as_str()].iter().copied())
                .collect();
            let mut standing: Vec<usize> = beside
                .into_iter()
                .filter(|other| *other != at && !moved.contains_key(other) && self.places[*other] == Place::Principal)
                .collect();
            standing.sort_by_key(|other| self.order(*other, self.findings[*other].amount));
            let related = |names: fn(&Relations) -> Vec<&String>| {
                let rule = &*self.findings[at].rule;
                let by = |other: &&usize| self.names(**other, names).any(|id| id == rule);
                standing.iter().find(by).copied()
            };
            if let Some(by) = related(|relations| relations.excludes.iter().collect()) {
                moved.insert(at, Place::Excluded(by));
            } else if let Some(by) = related(over) {
                moved.insert(at, Place::Under(by, Supports::Related));
            }
        }
        moved.into_iter().for_each(|(at, place)| self.places[at] = place);
    }

    fn conclude(self, behind: &impl Behind) -> Reconciled {
        let mut own: Vec<Vec<(LineKey, Fen)>> = vec![Vec::new(); self.findings.len()];
        let mut of_visit: BTreeMap<String, Fen> = BTreeMap::new();
        for (line, at) in &self.owner {
            let says = self.says[*at][line];
            let counts = behind.line_amount(line).map_or(says, |most| says.min(most.max(Fen::ZERO)));
            *of_visit.entry(line.mdtrt_id.clone()).or_default() += counts;
            own[*at].push((line.clone(), counts));
        }
        let visit_amounts = self.visit_amounts(of_visit);
        let places = self.places;
        let mut reconciled = Reconciled::default();
        let mut supporting: BTreeMap<usize, Vec<Support>> = BTreeMap::new();
        let mut standing = Vec::new();
        let keys: Vec<String> = self.findings.iter().map(|finding| finding.key.clone()).collect();
        for (at, finding) in self.findings.into_iter().enumerate() {
            match places[at] {
                Place::Principal => standing.push((at, finding)),
                Place::Under(by, why) => {
                    supporting.entry(root(&places, by)).or_default().push(Support { finding, why })
                }
                Place::Excluded(by) => reconciled.excluded.push(Aside { finding, by: keys[by].clone() }),
            }
        }
        for (at, finding) in standing {
            let lines = std::mem::take(&mut own[at]);
            let visit_amount = visit_amounts[at];
            let amount = lines.iter().map(|(_, amount)| *amount).sum::<Fen>() + visit_amount;
            let mut supporting = supporting.remove(&at).unwrap_or_default();
            by_rule(&mut supporting, |support| &support.finding);
            reconciled.amount += amount;
            reconciled.principals.push(Principal { finding, lines, visit_amount, amount, supporting });
        }
        by_rule(&mut reconciled.principals, |principal| &principal.finding);
        by_rule(&mut reconciled.excluded, |aside| &aside.finding);
        reconciled
    }

    /// What principals without lines count: what is left of their amount after everything that
    /// counts on any of their visits.
    fn visit_amounts(&self, mut of_visit: BTreeMap<String, Fen>) -> Vec<Fen> {
        let mut amounts = vec![Fen::ZERO; self.findings.len()];
        let stands = |at: &usize| self.says[*at].is_empty() && self.places[*at] == Place::Principal;
        let mut order: Vec<usize> = (0..self.findings.len()).filter(stands).collect();
        order.sort_by_key(|at| self.order(*at, self.findings[*at].amount));
        for at in order {
            let visits: BTreeSet<&String> = self.findings[at].encounters.iter().collect();
            let counted: Fen = visits.iter().filter_map(|visit| of_visit.get(*visit)).copied().sum();
            let left = (self.findings[at].amount - counted).max(Fen::ZERO);
            amounts[at] = left;
            for visit in visits {
                *of_visit.entry(visit.clone()).or_default() += left;
            }
        }
        amounts
    }

    /// The order in which findings stand, the first first.
    fn order(&self, at: usize, amount: Fen) -> (u8, Reverse<Fen>, String, String) {
        let finding = &self.findings[at];
        (finding.severity.0, Reverse(amount), finding.rule.to_string(), finding.key.clone())
    }

    fn names(&self, at: usize, names: fn(&Relations) -> Vec<&String>) -> impl Iterator<Item = &str> {
        let relations = self.relations.get(&*self.findings[at].rule);
        relations.into_iter().flat_map(move |relations| names(relations)).map(String::as_str)
    }

    fn stands_over(&self, at: usize, other: usize) -> bool {
        self.names(at, over).any(|id| *id == *self.findings[other].rule)
    }

    /// Which of the candidates, in order, are excluded, and by which that itself is not.
    fn excluded(&self, candidates: &[usize]) -> BTreeMap<usize, usize> {
        let excludes = |a: usize, b: usize| {
            a != b
                && self
                    .names(a, |relations| relations.excludes.iter().collect())
                    .any(|id| *id == *self.findings[b].rule)
        };
        let mut open: Vec<usize> = candidates.to_vec();
        let mut excluded = BTreeMap::new();
        while !open.is_empty() {
            // One that nobody left excludes; in a circle, the first.
            let free = open.iter().position(|b| !open.iter().any(|a| excludes(*a, *b))).unwrap_or(0);
            let stays = open.remove(free);
            open.retain(|at| {
                let goes = excludes(stays, *at);
                if goes {
                    excluded.insert(*at, stays);
                }
                !goes
            });
        }
        excluded
    }

    /// Whose a line is, of the candidates in order.
    fn first(&self, candidates: &[usize]) -> usize {
        let under = |at: &usize| candidates.iter().any(|other| other != at && self.stands_over(*other, *at));
        let free = candidates.iter().find(|at| !under(at));
        *free.or(candidates.first()).expect("a line is in somebody's finding")
    }
}

fn over(relations: &Relations) -> Vec<&String> {
    relations.subsumes.iter().chain(&relations.overrides).collect()
}

/// The principal at the end of a chain of supports.
fn root(places: &[Place], from: usize) -> usize {
    let mut at = from;
    for _ in 0..places.len() {
        match places[at] {
            Place::Under(by, _) | Place::Excluded(by) => at = by,
            Place::Principal => break,
        }
    }
    at
}

fn said_of_lines(finding: &Finding) -> BTreeMap<LineKey, Fen> {
    let mut says: BTreeMap<LineKey, Fen> = BTreeMap::new();
    for line in finding.lines.iter().filter(|line| line.item == ItemType::Violating) {
        let said = says.entry(LineKey::new(&line.mdtrt_id, &line.feedetl_sn, &line.med_list_codg)).or_default();
        *said = (*said).max(line.amount);
    }
    says
}

/// 疑点标识 apart from the rule's version: what two versions of a library find alike.
pub(crate) type Identity = (String, Subject, Vec<LineKey>, Vec<String>);

/// The identity of a finding.
pub(crate) fn identity(finding: &Finding) -> Identity {
    let lines: BTreeSet<LineKey> =
        finding.lines.iter().map(|line| LineKey::new(&line.mdtrt_id, &line.feedetl_sn, &line.med_list_codg)).collect();
    let visits = if lines.is_empty() { finding.encounters.clone() } else { Vec::new() };
    (finding.rule.to_string(), finding.subject.clone(), lines.into_iter().collect(), visits)
}

#[cfg(test)]
mod tests;
