//! 3101 事前提醒 · 3102 事中提醒: what the rules say of an order before it is carried out, and of a
//! visit before it is settled.
//!
//! Two steps, so that nobody waits for a reader of the database while rules are evaluated: *recall*
//! reads the person's past, *remind* evaluates. The caller holds the clock. Whatever could not be
//! evaluated in time, or for want of a fact, comes out as not checked, never as clean.

use std::collections::{BTreeMap, BTreeSet};

use db::Tx;
use encounter::{Encounter, History, Line, Person};
use monitoring::{Check, Reminder};
use screening::{Claims, Coverage, Finding, FoundLine, Header, ItemType, Options, Severity, Skipped, Stage, reconcile};
use serde::Serialize;
use sm3::{Digest, Sm3};
use terms::{DateTime, Fen, InstitutionId, PersonId, VisitId};

use crate::histories::{Gathered, Reach};
use crate::record::Sealed;
use crate::supervision::InForce;
use crate::{Centre, JourneyError};

/// What an institution asks about one visit of one person.
#[derive(Debug, Clone)]
pub struct Asked {
    /// 任务ID.
    pub task_id: String,
    /// 环节: before or during.
    pub stage: Stage,
    /// 触发场景.
    pub trig_scen: String,
    /// 规则标识集合: only these; all when empty. National codes and numbers are understood.
    pub rules: Vec<String>,
    /// When, by the message.
    pub at: DateTime,
    /// Who asks.
    pub institution: InstitutionId,
    /// The person as the message has it.
    pub person: Person,
    /// The visit in question, with its orders as lines.
    pub visit: Encounter,
    /// The person's other visits, as the message has them.
    pub others: Vec<Encounter>,
}

/// The past of a person as the register has it.
#[derive(Debug, Clone, Default)]
pub struct Recalled {
    /// `None`: nobody has this number here, or the register could not be asked.
    past: Option<Gathered>,
}

/// 提醒, as told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// 违规标识: the same finding has the same number again.
    pub jr_id: String,
    /// The finding.
    pub finding: Finding,
    /// `sev_deg`: 1 明确违规 may block; 2 and 3 only remind.
    pub level: Severity,
    /// 违规金额 after reconciliation.
    pub amount: Fen,
    /// What the message's own orders contribute, and what else is concerned.
    pub lines: Vec<FoundLine>,
    /// Names of the rules that say the same of these lines.
    pub also: Vec<String>,
    /// 依据.
    pub basis: Vec<String>,
}

/// 未检查 of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotChecked {
    /// 规则标识.
    pub rule_id: String,
    /// 规则名称.
    pub rule_name: String,
    /// Why.
    pub why: Unchecked,
}

/// Why a rule was not checked, or not on everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unchecked {
    /// 缺少事实: these facts, by national name.
    Facts(Vec<String>),
    /// 超过时限.
    Time,
    /// 没有知识.
    Knowledge,
    /// 需要更多人的数据.
    Population,
    /// 已停用 for want of precision.
    Off,
    /// 没有这条规则.
    Unknown,
}

impl Unchecked {
    /// For the doctor's screen.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Unchecked::Facts(facts) => format!("缺少 {}", facts.join("、")),
            Unchecked::Time => "超过时限".to_owned(),
            Unchecked::Knowledge => "没有可用的知识".to_owned(),
            Unchecked::Population => "需要全体数据".to_owned(),
            Unchecked::Off => "规则已停用".to_owned(),
            Unchecked::Unknown => "没有这条规则".to_owned(),
        }
    }
}

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminded {
    /// 规则库版本.
    pub library: String,
    /// Reminders, the gravest first.
    pub told: Vec<Told>,
    /// Rules that were checked, wholly or in part.
    pub rules_run: usize,
    /// What was not checked, by rule.
    pub not_checked: Vec<NotChecked>,
}

impl Centre {
    /// What the register knows of the person: run it on the read pool.
    ///
    /// # Errors
    /// [`JourneyError::Db`], or [`JourneyError::Broken`] when a record cannot be read. The caller
    /// goes on with [`Recalled::default`]: rules that look back are then not checked.
    pub fn recall(&self, tx: &mut dyn Tx, psn_no: &PersonId, at: DateTime) -> Result<Recalled, JourneyError> {
        let days = self.supervision()?.settings.look_back_days;
        let since = at.date().saturating_sub(jiff::Span::new().days(days));
        let reach = Reach { since: Some(since), unsettled: true, lists: false };
        Ok(Recalled { past: self.gather_history(tx, psn_no, reach)? })
    }

    /// Evaluates the rules. `left` says whether there is time left; it is asked before each rule.
    #[must_use]
    pub fn remind(&self, in_force: &InForce, asked: &Asked, recalled: Recalled, left: &dyn Fn() -> bool) -> Reminded {
        let (history, known) = self.whole_history(asked, recalled);
        let headers = &in_force.library.headers;
        let wanted = Wanted::of(headers, &asked.rules);
        let options = Options {
            stage: Some(asked.stage),
            known_since: Some(known.unwrap_or_else(|| asked.visit.begntime.unwrap_or(asked.at).date())),
            focus: asked.visit.mdtrt_id.clone(),
            only: Some(wanted.standing(headers, in_force)),
            ..Options::default()
        };
        let screened = (in_force.library.screen)(&history, &options, &mut || left());
        let mut not_checked = wanted.unknown;
        let rules_run = coverage(headers, &screened.coverage, asked.stage, &wanted.ids, in_force, &mut not_checked);
        let told = told(in_force, asked, &history, screened.findings);
        Reminded { library: in_force.library.version.clone(), told, rules_run, not_checked }
    }

    /// The visit in question and everything before it, each line once, and the day from which the
    /// past is known.
    fn whole_history(&self, asked: &Asked, recalled: Recalled) -> (History, Option<terms::Date>) {
        let mut visit = asked.visit.clone();
        visit.lines.iter_mut().for_each(|line| self.item(line));
        if let (Some(code), Some(time)) = (visit.fixmedins_code.clone(), visit.begntime) {
            self.place(&mut visit, &InstitutionId(code), time.date());
        }
        let Some(Gathered { mut history, labels, since }) = recalled.past else {
            let encounters = asked.others.iter().cloned().chain([visit]).collect();
            return (in_order(History { person: asked.person.clone(), encounters }), None);
        };
        // What the register knows of the person holds; the message tells the rest.
        complete(&mut history.person, &asked.person);
        let number = visit.mdtrt_id.clone().unwrap_or_default();
        let begins = visit.begntime.map(|time| time.date());
        let house = visit.fixmedins_code.clone();
        let same_house = |other: &Encounter| other.fixmedins_code == house;
        let is_this = |other: &Encounter| {
            let id = other.mdtrt_id.clone().unwrap_or_default();
            same_house(other) && (id == number || labels.get(&VisitId(id)).is_some_and(|label| *label == number))
        };
        let mut encounters = Vec::new();
        for other in history.encounters {
            if is_this(&other) {
                take_over(&mut visit, other);
            } else if other.setl_id.is_none() && same_house(&other) && other.begntime.map(|time| time.date()) == begins
            {
                // Not settled, same house, same day, another number: it may be this very visit.
            } else {
                encounters.push(other);
            }
        }
        encounters.push(visit);
        (in_order(History { person: history.person, encounters }), Some(since))
    }
}

/// Lines of this visit that the register has and the message does not tell: the fees of former days.
/// What is ordered and billed on one day is one thing.
fn take_over(visit: &mut Encounter, known: Encounter) {
    let told: BTreeSet<(Option<String>, Option<terms::Date>)> = visit.lines.iter().map(item_and_day).collect();
    let number = visit.mdtrt_id.clone();
    let other = known.lines.into_iter().filter(|line| !told.contains(&item_and_day(line)));
    let fee = |number: Option<String>| number.map(|number| format!("{FEE}{number}"));
    let lines: Vec<Line> = other
        .map(|line| Line {
            mdtrt_id: number.clone(),
            feedetl_sn: fee(line.feedetl_sn),
            init_feedetl_sn: fee(line.init_feedetl_sn),
            curr_drord_flag: Some(false),
            ..line
        })
        .collect();
    visit.lines.extend(lines);
    if visit.diagnoses.is_empty() {
        visit.diagnoses = known.diagnoses;
    }
    if visit.procedures.is_empty() {
        visit.procedures = known.procedures;
    }
    visit.dise_codg = visit.dise_codg.take().or(known.dise_codg);
}

/// Stands before the number of a fee, so that no order has the same.
const FEE: &str = "fee ";

fn item_and_day(line: &Line) -> (Option<String>, Option<terms::Date>) {
    (line.med_list_codg.clone(), line.fee_ocur_time.map(|time| time.date()))
}

fn complete(person: &mut Person, told: &Person) {
    person.gend = person.gend.take().or_else(|| told.gend.clone());
    person.brdy = person.brdy.or(told.brdy);
}

fn in_order(mut history: History) -> History {
    history.encounters.sort_by(|a, b| (a.begntime, &a.mdtrt_id).cmp(&(b.begntime, &b.mdtrt_id)));
    history
}

/// The rules that were asked for.
struct Wanted<'h> {
    ids: BTreeSet<&'h str>,
    unknown: Vec<NotChecked>,
}

impl<'h> Wanted<'h> {
    fn of(headers: &'h [Header], named: &[String]) -> Wanted<'h> {
        if named.is_empty() {
            return Wanted { ids: headers.iter().map(|header| header.id.as_str()).collect(), unknown: Vec::new() };
        }
        let mut wanted = Wanted { ids: BTreeSet::new(), unknown: Vec::new() };
        for name in named {
            let is = |header: &&Header| {
                let national = header.national.as_ref();
                header.id == *name
                    || national.is_some_and(|national| national.code.as_ref() == Some(name))
                    || national.is_some_and(|national| national.number.to_string() == *name)
            };
            let before = wanted.ids.len();
            wanted.ids.extend(headers.iter().filter(is).map(|header| header.id.as_str()));
            if wanted.ids.len() == before && !headers.iter().any(|header| is(&header)) {
                let (rule_id, rule_name) = (name.clone(), String::new());
                wanted.unknown.push(NotChecked { rule_id, rule_name, why: Unchecked::Unknown });
            }
        }
        wanted
    }

    /// Those that are not switched off.
    fn standing(&self, headers: &[Header], in_force: &InForce) -> Vec<String> {
        let stands = |header: &&Header| {
            self.ids.contains(header.id.as_str())
                && in_force.level(&header.id, &header.version, header.severity).is_some()
        };
        let ids: BTreeSet<&String> = headers.iter().filter(stands).map(|header| &header.id).collect();
        ids.into_iter().cloned().collect()
    }
}

/// What was checked and what was not; gives the number of rules that ran.
fn coverage(
    headers: &[Header],
    covered: &[Coverage],
    stage: Stage,
    wanted: &BTreeSet<&str>,
    in_force: &InForce,
    not_checked: &mut Vec<NotChecked>,
) -> usize {
    let mut run: BTreeSet<&str> = BTreeSet::new();
    let mut missed: BTreeMap<&str, (&str, Unchecked)> = BTreeMap::new();
    for (at, header) in headers.iter().enumerate() {
        let id = header.id.as_str();
        if !wanted.contains(id) || !header.stages.contains(&stage) {
            continue;
        }
        let off = in_force.level(id, &header.version, header.severity).is_none();
        let why = match covered.get(at) {
            _ if off => Some(Unchecked::Off),
            Some(Coverage { skipped: Some(Skipped::NoKnowledge), .. }) => Some(Unchecked::Knowledge),
            Some(Coverage { skipped: Some(Skipped::NeedsPopulation), .. }) => Some(Unchecked::Population),
            Some(Coverage { skipped: Some(Skipped::OutOfTime), .. }) => Some(Unchecked::Time),
            Some(Coverage { skipped: Some(Skipped::Stage | Skipped::LeftOut), .. }) => continue,
            Some(Coverage { skipped: None, not_checked, .. }) => {
                run.insert(id);
                let facts: Vec<String> = not_checked.keys().map(|fact| fact.to_string()).collect();
                (!facts.is_empty()).then_some(Unchecked::Facts(facts))
            }
            None => Some(Unchecked::Time),
        };
        if let Some(why) = why {
            missed.entry(id).or_insert((&header.name, why));
        }
    }
    not_checked.extend(missed.into_iter().map(|(id, (name, why))| NotChecked {
        rule_id: id.to_owned(),
        rule_name: name.to_owned(),
        why,
    }));
    run.len()
}

/// The findings that concern this message, reconciled, the gravest first.
fn told(in_force: &InForce, asked: &Asked, history: &History, findings: Vec<Finding>) -> Vec<Told> {
    let mut own: BTreeMap<String, Severity> = BTreeMap::new();
    let levelled: Vec<Finding> = findings
        .into_iter()
        .filter_map(|mut finding| {
            own.insert(finding.key.clone(), finding.severity);
            finding.severity = in_force.level(&finding.rule, &finding.version, finding.severity)?;
            Some(finding)
        })
        .collect();
    let headers = &in_force.library.headers;
    let reconciled = reconcile(levelled, headers, &in_force.suppressions, &Claims::of([history]));
    let number = asked.visit.mdtrt_id.as_deref().unwrap_or_default();
    let mut told: Vec<Told> = reconciled
        .principals
        .into_iter()
        .map(|principal| {
            let mut finding = principal.finding;
            let level = finding.severity;
            finding.severity = own.get(&finding.key).copied().unwrap_or(level);
            let header = headers.iter().find(|header| header.id == *finding.rule && header.version == *finding.version);
            let also: BTreeSet<String> =
                principal.supporting.iter().map(|support| support.finding.name.to_string()).collect();
            Told {
                jr_id: jr_id(&asked.institution, number, asked.stage, &finding.key),
                level,
                amount: principal.amount,
                lines: finding.lines.clone(),
                also: also.into_iter().collect(),
                basis: header.map(|header| header.basis.clone()).unwrap_or_default(),
                finding,
            }
        })
        .collect();
    told.sort_by(|a, b| (a.level, &a.finding.rule, &a.jr_id).cmp(&(b.level, &b.finding.rule, &b.jr_id)));
    told
}

/// 违规标识 of a finding told to an institution about a visit: 32 characters, always the same.
fn jr_id(institution: &InstitutionId, visit: &str, stage: Stage, key: &str) -> String {
    let mut hasher = Sm3::new();
    for part in [institution.as_str(), visit, stage.word(), key] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 提醒登记: what is written down of a question and its answer.
#[derive(Debug, Clone)]
pub struct ReminderRecord {
    check: Check,
    reminders: Vec<Reminder>,
}

impl ReminderRecord {
    /// The record of an answer that took `micros` to work out.
    #[must_use]
    pub fn of(asked: &Asked, reminded: &Reminded, micros: u64) -> ReminderRecord {
        let whole = |count: usize| i64::try_from(count).expect("few rules");
        let psn_no = PersonId(asked.person.psn_no.clone().unwrap_or_default());
        let mdtrt_id = VisitId(asked.visit.mdtrt_id.clone().unwrap_or_default());
        let stage = match asked.stage {
            Stage::Before => monitoring::Stage::Before,
            Stage::During | Stage::After => monitoring::Stage::During,
        };
        let check = Check {
            task_id: asked.task_id.clone(),
            stage,
            fixmedins_code: asked.institution.clone(),
            psn_no: psn_no.clone(),
            mdtrt_id: mdtrt_id.clone(),
            trig_scen: asked.trig_scen.clone(),
            library: reminded.library.clone(),
            asked_at: asked.at,
            micros: i64::try_from(micros).unwrap_or(i64::MAX),
            rules_run: whole(reminded.rules_run),
            rules_not_checked: whole(reminded.not_checked.len()),
            reminders: whole(reminded.told.len()),
            blocking: whole(reminded.told.iter().filter(|told| told.level == Severity(1)).count()),
            not_checked: serde_json::to_string(&reminded.not_checked).expect("words are always JSON"),
        };
        let reminders = reminded.told.iter().map(|told| {
            let (dept, doctor) = prescriber(&asked.visit, &told.finding);
            Reminder {
                jr_id: told.jr_id.clone(),
                task_id: asked.task_id.clone(),
                stage,
                rule_id: told.finding.rule.to_string(),
                rule_version: told.finding.version.to_string(),
                library: reminded.library.clone(),
                severity: i64::from(told.finding.severity.0),
                level: i64::from(told.level.0),
                fixmedins_code: asked.institution.clone(),
                psn_no: psn_no.clone(),
                mdtrt_id: mdtrt_id.clone(),
                dept,
                doctor,
                amount: told.amount,
                first_at: asked.at,
                last_at: asked.at,
                times: 1,
                body: Sealed::compress(&serde_json::to_value(&told.finding).expect("a finding is always JSON")),
                handling: None,
                reason: String::new(),
                answered_at: None,
            }
        });
        ReminderRecord { check, reminders: reminders.collect() }
    }
}

/// Writes records down, many in one deed.
///
/// # Errors
/// [`JourneyError::Db`].
pub fn record_reminders(tx: &mut dyn Tx, records: &[ReminderRecord]) -> Result<(), JourneyError> {
    let checks: Vec<Check> = records.iter().map(|record| record.check.clone()).collect();
    let reminders: Vec<Reminder> = records.iter().flat_map(|record| record.reminders.clone()).collect();
    Ok(monitoring::record_reminders(tx, &checks, &reminders)?)
}

/// Department and doctor who ordered what was found.
fn prescriber(visit: &Encounter, finding: &Finding) -> (String, String) {
    let violating = finding.lines.iter().find(|line| line.item == ItemType::Violating);
    let line = violating.and_then(|found| {
        visit.lines.iter().find(|line| line.feedetl_sn.as_deref() == Some(found.feedetl_sn.as_str()))
    });
    let dept = line.and_then(|line| line.bilg_dept_codg.clone()).or_else(|| visit.adm_dept_codg.clone());
    let doctor = line.and_then(|line| line.bilg_dr_codg.clone()).or_else(|| visit.dr_codg.clone());
    (dept.unwrap_or_default(), doctor.unwrap_or_default())
}
