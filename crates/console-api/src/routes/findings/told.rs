//! 疑点 as shown: what the rule says, what it found, on what it rests, and what the doctor answered.

use std::collections::BTreeSet;

use db::Tx;
use inquiry::Source;
use jiff::ToSpan;
use journeys::{JourneyError, VisitBehind};
use monitoring::{Finding, Reminder};
use screening::{FoundLine, ItemType};
use serde::Serialize;
use terms::{Fen, PersonId, VisitId, show_time};
use utoipa::ToSchema;

use crate::coded::Coded;
use crate::frame::{Column, Console, Exported};
use crate::routes::cases::told::rule;

/// 疑点 in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct FindingRow {
    /// 疑点标识.
    pub finding: String,
    pub rule: Coded,
    pub rule_version: String,
    /// 严重程度: 1 明确违规, 2 高度可疑, 3 轻度可疑.
    pub severity: i64,
    /// 人员编号; empty of a finding about no single person.
    pub person: String,
    pub institution: Coded,
    /// 就诊ID of the last visit.
    pub visit: String,
    pub visit_day: Option<String>,
    /// `principal`, `supporting`, `excluded` or `suppressed`.
    pub place: String,
    /// 违规金额, as its rule says.
    pub amount: i64,
    /// 计入金额: what counts after reconciliation.
    pub counted_amount: i64,
    /// What the auditor reads.
    pub message: String,
    pub found_at: String,
    /// 线索编号, once it is one.
    pub clue: Option<String>,
    /// The case that took it up.
    pub case: Option<String>,
}

impl Exported for FindingRow {
    const FILE: &'static str = "findings";
    const COLUMNS: &'static [Column] = &[
        Column::text("finding", "疑点标识"),
        Column::text("rule.name", "规则"),
        Column::count("severity", "严重程度"),
        Column::text("institution.name", "机构"),
        Column::text("person", "人员编号"),
        Column::text("visit", "就诊ID"),
        Column::text("visit_day", "就诊日期"),
        Column::money("amount", "违规金额"),
        Column::money("counted_amount", "计入金额"),
        Column::text("message", "内容"),
        Column::text("case", "案件编号"),
    ];
}

/// A finding of a list.
pub(super) fn row(tx: &mut dyn Tx, console: &Console, found: &Finding) -> Result<FindingRow, JourneyError> {
    let body = journeys::finding_of(found)?;
    let clue = inquiry::clue_of(tx, Source::Finding, &found.key)?;
    let day = found.visit_day.unwrap_or_else(|| found.found_at.date());
    Ok(FindingRow {
        finding: found.key.clone(),
        rule: rule(console, &found.rule_id),
        rule_version: found.rule_version.clone(),
        severity: found.severity,
        person: found.psn_no.0.clone(),
        institution: Coded::institution(&console.centre, found.fixmedins_code.as_str(), day),
        visit: found.mdtrt_id.0.clone(),
        visit_day: found.visit_day.map(|day| day.to_string()),
        place: found.place.code().to_owned(),
        amount: found.amount.0,
        counted_amount: found.counted.0,
        message: body.auditor,
        found_at: show_time(found.found_at),
        clue: clue.as_ref().map(|clue| clue.clue_id.clone()),
        case: clue.and_then(|clue| clue.case_id),
    })
}

/// 就诊 on a timeline.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct VisitInQuestion {
    visit: String,
    person: String,
    institution: Coded,
    department: Coded,
    med_type: Coded,
    doctor: String,
    begin: String,
    /// None of a visit of one day, or of one that is not over.
    end: Option<String>,
    /// The settlement that stands.
    settlement: Option<String>,
    total_amount: i64,
    fund_amount: i64,
    /// Whether it is one of those in question, or beside them.
    in_question: bool,
}

impl VisitInQuestion {
    pub(super) fn of(console: &Console, visit: &VisitBehind, in_question: bool) -> VisitInQuestion {
        let code = visit.fixmedins_code.as_str();
        VisitInQuestion {
            visit: visit.mdtrt_id.0.clone(),
            person: visit.psn_no.0.clone(),
            institution: Coded::institution(&console.centre, code, visit.begin.date()),
            department: Coded::department(&console.centre, code, &visit.department),
            med_type: Coded::med_type(&visit.med_type),
            doctor: visit.doctor.clone(),
            begin: show_time(visit.begin),
            end: visit.end.map(show_time),
            settlement: visit.setl_id.as_ref().map(|id| id.0.clone()),
            total_amount: visit.total.0,
            fund_amount: visit.funds.0,
            in_question,
        }
    }
}

/// 费用明细 of a visit in question.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct FindingLine {
    visit: String,
    line: String,
    item: Coded,
    at: String,
    quantity: String,
    price: String,
    amount: i64,
    /// 符合范围金额.
    in_scope_amount: i64,
    doctor: String,
    /// `violating`, `involved`, or nothing of a line that is only beside them.
    found: Option<&'static str>,
    /// 违规金额 of a violating line.
    violating_amount: i64,
}

/// 规则 as it stood.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct RuleBehind {
    rule: Coded,
    version: String,
    class: String,
    family: String,
    result: String,
    /// 依据.
    basis: Vec<String>,
    /// The files as they were written.
    texts: Vec<RuleFileTold>,
}

/// 规则文件.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct RuleFileTold {
    pub file: String,
    pub text: String,
    /// Its cases: what must flag, what must not.
    pub cases: Vec<RuleCase>,
}

/// 规则自带的例子.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct RuleCase {
    pub name: String,
    pub text: String,
}

impl RuleFileTold {
    pub fn of(text: journeys::RuleText) -> RuleFileTold {
        let cases = text.cases.into_iter().map(|(name, text)| RuleCase { name, text });
        RuleFileTold { file: text.file, text: text.text, cases: cases.collect() }
    }
}

/// 知识依据.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct KnowledgeBehind {
    table: String,
    line: u32,
    note: String,
    file: String,
    cells: Vec<FactTold>,
}

/// A fact with its value.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct FactTold {
    fact: String,
    value: String,
}

/// 提醒 that the doctor had, and the answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct ReminderTold {
    reminder: String,
    /// `before` or `during`.
    stage: String,
    level: i64,
    doctor: String,
    told_at: String,
    times: i64,
    /// `1` went on, `2` changed it; none without an answer.
    handling: Option<String>,
    /// 处理原因.
    reason: String,
    answered_at: Option<String>,
    amount: i64,
}

/// 疑点 in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct FindingFile {
    pub finding: FindingRow,
    /// What the doctor reads.
    doctor_message: String,
    rule: RuleBehind,
    /// 规则库版本.
    library: String,
    evidence: Vec<FactTold>,
    knowledge: Option<KnowledgeBehind>,
    /// The lines of the visits, those found first.
    lines: Vec<FindingLine>,
    /// The person's visits from 60 days before to 60 days after.
    visits: Vec<VisitInQuestion>,
    reminders: Vec<ReminderTold>,
    /// Findings that stand under it.
    supporting: Vec<FindingRow>,
}

/// Visits whose lines are shown, at most; days around on the timeline.
const VISITS: usize = 10;
const AROUND: i64 = 60;

/// A finding with its evidence.
pub(super) fn file(tx: &mut dyn Tx, console: &Console, found: &Finding) -> Result<FindingFile, JourneyError> {
    let body = journeys::finding_of(found)?;
    let sources = journeys::library_sources(tx, &found.library)?;
    let visits = around(tx, found, &body.encounters)?;
    let mut lines = Vec::new();
    for visit in body.encounters.iter().take(VISITS).filter(|_| !found.psn_no.as_str().is_empty()) {
        lines.extend(lines_of(tx, console, &found.psn_no, visit, &body.lines)?);
    }
    lines.sort_by_key(|line: &FindingLine| (line.found.is_none(), line.found == Some("involved"), line.at.clone()));
    let labels: BTreeSet<String> =
        visits.iter().filter(|(_, within)| *within).map(|(visit, _)| visit.label.clone()).collect();
    let mut supporting = Vec::new();
    for under in monitoring::findings_under(tx, &found.key)? {
        supporting.push(row(tx, console, &under)?);
    }
    let knowledge = body.row.as_ref().map(|used| {
        let row = sources.knowledge(&used.table, used.line);
        let (file, cells) = row.map_or_else(Default::default, |row| (row.file, row.cells));
        let cells = cells.into_iter().filter(|(_, value)| !value.is_empty());
        KnowledgeBehind {
            table: used.table.clone(),
            line: used.line,
            note: used.note.clone(),
            file,
            cells: cells.map(|(fact, value)| FactTold { fact, value }).collect(),
        }
    });
    Ok(FindingFile {
        finding: row(tx, console, found)?,
        doctor_message: body.doctor.clone(),
        rule: behind(console, found, &body, &sources),
        library: found.library.clone(),
        evidence: body.evidence.into_iter().map(|one| FactTold { fact: one.fact, value: one.value }).collect(),
        knowledge,
        lines,
        visits: visits.iter().map(|(visit, within)| VisitInQuestion::of(console, visit, *within)).collect(),
        reminders: reminders(tx, found, &body.encounters, &labels)?,
        supporting,
    })
}

fn behind(console: &Console, found: &Finding, body: &screening::Finding, sources: &journeys::Sources) -> RuleBehind {
    let in_force = console.centre.supervision.as_ref().and_then(|supervision| supervision.in_force());
    let headers = in_force.as_ref().map(|known| known.library.headers.as_slice()).unwrap_or_default();
    let own = |version: bool| {
        headers.iter().find(|header| header.id == found.rule_id && (!version || header.version == found.rule_version))
    };
    let header = own(true).or_else(|| own(false));
    RuleBehind {
        rule: Coded { code: found.rule_id.clone(), name: body.name.to_string(), english: String::new() },
        version: found.rule_version.clone(),
        class: header.map(|header| header.class.word().to_owned()).unwrap_or_default(),
        family: header.map(|header| header.family.clone()).unwrap_or_default(),
        result: body.result.word().to_owned(),
        basis: header.map(|header| header.basis.clone()).unwrap_or_default(),
        texts: sources.rule(&found.rule_id).into_iter().map(RuleFileTold::of).collect(),
    }
}

/// The person's visits around the finding, and whether each is in question.
fn around(tx: &mut dyn Tx, found: &Finding, encounters: &[String]) -> Result<Vec<(VisitBehind, bool)>, JourneyError> {
    if found.psn_no.as_str().is_empty() {
        return Ok(Vec::new());
    }
    let day = found.visit_day.unwrap_or_else(|| found.found_at.date());
    let from = day.checked_sub(AROUND.days()).unwrap_or(day);
    let to = day.checked_add(AROUND.days()).unwrap_or(day);
    let within = |visit: &claim::Visit| encounters.contains(&visit.mdtrt_id.0);
    let near = |visit: &claim::Visit| (from..=to).contains(&visit.begntime.date());
    let persons: BTreeSet<PersonId> = [found.psn_no.clone()].into();
    let visits = journeys::visits_behind(tx, &persons, |visit| within(visit) || near(visit))?;
    Ok(visits.into_iter().map(|visit| (visit.clone(), encounters.contains(&visit.mdtrt_id.0))).collect())
}

fn lines_of(
    tx: &mut dyn Tx,
    console: &Console,
    psn_no: &PersonId,
    visit: &str,
    found: &[FoundLine],
) -> Result<Vec<FindingLine>, JourneyError> {
    let lines = claim::lines(tx, psn_no, &VisitId(visit.to_owned()))?;
    let told = |line: &claim::Line| {
        let mut own = found.iter().filter(|one| one.mdtrt_id == visit && one.feedetl_sn == line.feedetl_sn.as_str());
        let own = own.next();
        let code = line.med_list_codg.0.clone();
        let known = console.centre.catalogue.on(&code, line.fee_ocur_time.date()).map(|row| row.name.clone());
        let doctor = ["bilg_dr_codg", "orders_dr_code"].iter().find_map(|name| line.fields.get(*name));
        FindingLine {
            visit: visit.to_owned(),
            line: line.feedetl_sn.0.clone(),
            item: Coded { name: known.unwrap_or_else(|| code.clone()), code, english: String::new() },
            at: show_time(line.fee_ocur_time),
            quantity: line.cnt.to_string(),
            price: line.pric.to_string(),
            amount: line.amount.0,
            in_scope_amount: line.inscp_scp_amt.0,
            doctor: doctor.cloned().unwrap_or_default(),
            found: own.map(|one| if one.item == ItemType::Violating { "violating" } else { "involved" }),
            violating_amount: own.map_or(Fen::ZERO, |one| one.amount).0,
        }
    };
    Ok(lines.iter().map(told).collect())
}

fn reminders(
    tx: &mut dyn Tx,
    found: &Finding,
    encounters: &[String],
    labels: &BTreeSet<String>,
) -> Result<Vec<ReminderTold>, JourneyError> {
    let all = monitoring::reminders_of(tx, &found.psn_no, None)?;
    let own = |reminder: &&Reminder| {
        let visit = &reminder.mdtrt_id.0;
        reminder.rule_id == found.rule_id && (encounters.contains(visit) || labels.contains(visit))
    };
    let told = |reminder: &Reminder| ReminderTold {
        reminder: reminder.jr_id.clone(),
        stage: reminder.stage.code().to_owned(),
        level: reminder.level,
        doctor: reminder.doctor.clone(),
        told_at: show_time(reminder.first_at),
        times: reminder.times,
        handling: reminder.handling.map(|handling| handling.code().to_owned()),
        reason: reminder.reason.clone(),
        answered_at: reminder.answered_at.map(show_time),
        amount: reminder.amount.0,
    };
    Ok(all.iter().filter(own).map(told).collect())
}
