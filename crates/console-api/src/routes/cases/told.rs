//! 案卷 as shown: to the bureau whole, to the institution what was told it.

use access::Scope;
use casework::{Actor, PARTY};
use inquiry::rules::share::by_fund;
use inquiry::{Clue, DisputedLine, LineState, Source};
use journeys::{CaseFile, Queued};
use serde::Serialize;
use terms::{Fen, show_time};
use utoipa::ToSchema;

use super::StaffTold;
use crate::coded::Coded;
use crate::frame::{Caller, Column, Console, Exported};

/// 案件 in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct AuditCaseRow {
    /// 案件编号.
    pub case: String,
    /// 案由.
    pub subject: String,
    /// 机构.
    pub institution: Coded,
    /// 办案程序.
    pub procedure: String,
    /// 状态.
    pub state: Coded,
    /// Whether it is closed.
    pub closed: bool,
    /// 承办人; nobody while it waits to be assigned.
    pub assignee: Option<StaffTold>,
    /// 规则 or model; empty when there are several.
    pub rule: Coded,
    /// 争议金额.
    pub disputed_amount: i64,
    /// What the funds would get back.
    pub recoverable_amount: i64,
    /// 置信度 in ten-thousandths, if known.
    pub confidence: Option<i64>,
    /// Recoverable × confidence, by which the queue is ranked; of an unknown confidence one half.
    pub rank_amount: i64,
    /// When it was opened.
    pub opened_at: String,
    /// The clock that runs out first.
    pub clock: Option<RunningClock>,
}

impl Exported for AuditCaseRow {
    const FILE: &'static str = "cases";
    const COLUMNS: &'static [Column] = &[
        Column::text("case", "案件编号"),
        Column::text("subject", "案由"),
        Column::text("institution.code", "机构编号"),
        Column::text("institution.name", "机构"),
        Column::text("state.name", "状态"),
        Column::text("assignee.name", "承办人"),
        Column::text("rule.name", "规则"),
        Column::money("disputed_amount", "争议金额"),
        Column::money("recoverable_amount", "可追回金额"),
        Column::count("confidence", "置信度（万分之）"),
        Column::text("opened_at", "立案时间"),
        Column::text("clock.due", "最近期限"),
    ];
}

/// 期限 that runs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct RunningClock {
    /// 名称.
    pub name: String,
    /// The last day in time.
    pub due: String,
    /// Whether that day is over.
    pub over: bool,
}

/// 规则 by the name that it has in the library in force; models and rules that are gone by their id.
pub(in crate::routes) fn rule(console: &Console, id: &str) -> Coded {
    let in_force = console.centre.supervision.as_ref().and_then(|supervision| supervision.in_force());
    let named = in_force.as_ref().and_then(|known| known.library.headers.iter().rev().find(|header| header.id == id));
    let name = named.map_or_else(|| id.to_owned(), |header| header.name.clone());
    Coded { code: id.to_owned(), name, english: String::new() }
}

/// 承办人 by their number.
pub(in crate::routes) fn staff(console: &Console, id: &str) -> StaffTold {
    let known = console.casebook.staff.find(id);
    StaffTold { id: id.to_owned(), name: known.map_or_else(|| id.to_owned(), |actor| actor.name.clone()) }
}

/// A case of a list.
pub(super) fn row(console: &Console, one: &Queued) -> AuditCaseRow {
    let today = (console.now)().date();
    let state = one.procedure.state_name(&one.case.state).to_owned();
    let clock = one.clock.as_ref().map(|clock| RunningClock {
        name: one.procedure.clock(&clock.id).map_or_else(|| clock.id.clone(), |rule| rule.name.clone()),
        due: clock.due.to_string(),
        over: clock.due < today,
    });
    AuditCaseRow {
        case: one.case.case_id.clone(),
        subject: one.case.subject.clone(),
        institution: Coded::institution(&console.centre, one.facts.fixmedins_code.as_str(), today),
        procedure: one.procedure.name.clone(),
        state: Coded { code: one.case.state.clone(), name: state, english: String::new() },
        closed: one.case.closed,
        assignee: one.case.assignee.as_deref().map(|id| staff(console, id)),
        rule: rule(console, &one.facts.rule),
        disputed_amount: one.facts.disputed.0,
        recoverable_amount: one.facts.recoverable.0,
        confidence: one.facts.confidence,
        rank_amount: i64::try_from(one.rank() / 10_000).unwrap_or(i64::MAX),
        opened_at: show_time(one.case.opened_at),
        clock,
    }
}

/// 办理记录.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseStep {
    number: i64,
    step: String,
    name: String,
    /// Who; of the bureau's people an institution is told only that it was the bureau.
    by: Option<StaffTold>,
    /// Whether the institution itself took it.
    by_party: bool,
    at: String,
    /// Why; the institution reads what is addressed to it.
    why: String,
    /// 状态 afterwards.
    state: String,
    assigned: Option<StaffTold>,
    documents: Vec<CaseDocument>,
}

/// 文书.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseDocument {
    /// Which of its step's documents, from 1.
    number: i64,
    kind: String,
    name: String,
    media: String,
    /// SM3 in hexadecimal.
    digest: String,
    /// Whether it can be fetched here.
    kept_here: bool,
}

/// 期限.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseClock {
    name: String,
    started_at: String,
    due: String,
    stopped_at: Option<String>,
    over: bool,
    /// The step that silence means.
    silence: Option<String>,
}

/// 线索.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct ClueRow {
    /// 线索编号.
    pub clue: String,
    /// `finding`, `suspicion`, `tip-off` or `hand`.
    pub source: String,
    /// Its number at its source: a finding's.
    pub reference: String,
    /// 规则 or model.
    pub rule: Coded,
    /// 机构.
    pub institution: Coded,
    /// 可追回金额, as estimated.
    pub amount: i64,
    /// 置信度 in ten-thousandths, if known.
    pub confidence: Option<i64>,
    /// Amount × confidence; of an unknown confidence one half.
    pub rank_amount: i64,
    /// In a line.
    pub summary: String,
    /// When it was found.
    pub found_at: String,
    /// How many lines or visits it points at.
    pub lines: usize,
    /// The case that took it up.
    pub case: Option<String>,
}

impl Exported for ClueRow {
    const FILE: &'static str = "clues";
    const COLUMNS: &'static [Column] = &[
        Column::text("clue", "线索编号"),
        Column::text("source", "来源"),
        Column::text("rule.name", "规则或模型"),
        Column::text("institution.name", "机构"),
        Column::money("amount", "可追回金额"),
        Column::count("confidence", "置信度（万分之）"),
        Column::text("summary", "内容"),
        Column::text("found_at", "发现时间"),
    ];
}

/// By which clues are ranked, as cases are.
pub(in crate::routes) fn clue_rank(clue: &Clue) -> i64 {
    let rank = i128::from(clue.amount.0) * i128::from(clue.confidence.unwrap_or(5_000)) / 10_000;
    i64::try_from(rank).unwrap_or(i64::MAX)
}

/// A clue of a list.
pub(in crate::routes) fn clue(console: &Console, clue: &Clue) -> ClueRow {
    ClueRow {
        clue: clue.clue_id.clone(),
        source: clue.source.word().to_owned(),
        reference: clue.reference.clone(),
        rule: rule(console, &clue.rule),
        institution: Coded::institution(&console.centre, clue.fixmedins_code.as_str(), (console.now)().date()),
        amount: clue.amount.0,
        confidence: clue.confidence,
        rank_amount: clue_rank(clue),
        summary: clue.summary.clone(),
        found_at: show_time(clue.found_at),
        lines: clue.lines.len(),
        case: clue.case_id.clone(),
    }
}

/// 基金 and an amount.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct FundPart {
    fund: Coded,
    amount: i64,
}

pub(in crate::routes) fn funds(console: &Console, parts: &[(String, Fen)]) -> Vec<FundPart> {
    parts.iter().map(|(fund, amount)| FundPart { fund: console.fund(fund), amount: amount.0 }).collect()
}

/// 争议明细.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseLine {
    number: i64,
    /// 人员编号; empty of what a sample was extrapolated to.
    person: String,
    /// 就诊ID.
    visit: String,
    /// 结算ID.
    settlement: String,
    /// 费用明细流水号.
    line: String,
    /// 项目.
    item: Coded,
    /// 医师.
    practitioner: String,
    rule: Coded,
    /// 争议金额, in-scope money.
    disputed_amount: i64,
    /// What the funds get back: if all were upheld while it is open, of what was upheld afterwards.
    recoverable_amount: i64,
    by_fund: Vec<FundPart>,
    /// `open`, `upheld`, `dropped` or `overturned`.
    state: String,
    decided_amount: i64,
    /// 依据 of the decision.
    article: String,
    reason: String,
    /// The opinions given on it, the latest last.
    opinions: Vec<CaseOpinion>,
    appeals: Vec<CaseAppeal>,
}

/// 意见.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseOpinion {
    /// The number of its step.
    step: i64,
    name: String,
    by: Option<StaffTold>,
    amount: i64,
    article: String,
    reason: String,
}

/// 申诉.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseAppeal {
    /// The number of its step.
    step: i64,
    grounds: String,
    evidence: Vec<CaseEvidence>,
}

/// 证据: slot and the document that fills it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseEvidence {
    slot: String,
    name: String,
    /// The document's number in the step of the appeal.
    document: Option<i64>,
}

/// 追回.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseRecovery {
    /// `deduction`, `refund`, `deduction-undone` or `refund-undone`.
    way: String,
    amount: i64,
    by_fund: Vec<FundPart>,
    /// The transfer in the ledger.
    transfer: String,
    at: String,
}

/// 案件扣减 of a statement.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseDeductionTold {
    scheme: Coded,
    stream: Coded,
    amount: i64,
    /// 清算年月 of the statement that took it up; none yet.
    month: Option<String>,
}

/// 罚款.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseFine {
    article: String,
    loss_amount: i64,
    times: String,
    amount: i64,
    revoked: bool,
}

/// 信用事件.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseCredit {
    /// `institution` or `practitioner`.
    holder: String,
    code: String,
    event: String,
    points: i64,
    on: String,
    article: String,
    /// Why it no longer counts; empty while it does.
    revoked: String,
}

/// 可办步骤.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct CaseStepPossible {
    step: String,
    name: String,
    /// What it does: `review`, `appeal`, `decide` …; nothing besides moving the case without one.
    effect: Option<String>,
    article: String,
    /// Kinds of documents that it must bring.
    documents: Vec<String>,
    /// Whether it assigns the case to somebody.
    assigns: bool,
    /// To whom it may.
    assignable: Vec<StaffTold>,
    /// Why whoever asks may not take it now, `中文 / English`.
    refused: Option<String>,
}

/// 案卷.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct AuditCaseFile {
    /// The case as in a list.
    case: AuditCaseRow,
    /// 依据 of the procedure.
    article: String,
    /// When the institution was told.
    told_at: Option<String>,
    steps: Vec<CaseStep>,
    clocks: Vec<CaseClock>,
    clues: Vec<ClueRow>,
    lines: Vec<CaseLine>,
    recoveries: Vec<CaseRecovery>,
    deductions: Vec<CaseDeductionTold>,
    fines: Vec<CaseFine>,
    credit: Vec<CaseCredit>,
    /// What was upheld in all.
    decided_amount: i64,
    /// What the funds have back now.
    recovered_amount: i64,
    /// Steps out of the present state.
    possible: Vec<CaseStepPossible>,
}

/// Whether a step's words and documents are addressed to the institution: what it did itself, and what
/// was found, decided or done to it.
pub(super) fn shown_to_party(file: &CaseFile, seq: i64) -> bool {
    const ADDRESSED: &[&str] = &["review", "decide", "penalise", "drop", "deduct", "refund", "overturn"];
    let Some(taken) = file.case.steps.iter().find(|taken| taken.seq == seq) else { return false };
    let effect = file.procedure.step(&taken.step).and_then(|rule| rule.effect.as_deref());
    taken.role == PARTY || effect.is_some_and(|effect| ADDRESSED.contains(&effect))
}

/// The file as somebody may see it.
pub(super) fn file(console: &Console, caller: &Caller, scope: &Scope, file: &CaseFile) -> AuditCaseFile {
    let party = !matches!(scope, Scope::Region);
    let today = (console.now)().date();
    let told = |amounts: &[Fen]| amounts.iter().copied().sum::<Fen>().0;
    let clue_rows = file.clues.iter().filter(|_| !party).map(|one| clue(console, one)).collect();
    let recovery = |one: &inquiry::Recovery| CaseRecovery {
        way: one.way.word().to_owned(),
        amount: one.amount.0,
        by_fund: funds(console, &one.by_fund),
        transfer: one.transfer_id.clone(),
        at: show_time(one.at),
    };
    let deduction = |one: &clearing::Deduction| CaseDeductionTold {
        scheme: console.scheme(&one.insutype),
        stream: Coded::stream(&one.clr_type),
        amount: one.amount.0,
        month: one.month.map(|month| month.to_string()),
    };
    let fine = |one: &inquiry::Fine| CaseFine {
        article: one.article.clone(),
        loss_amount: one.loss.0,
        times: one.times.clone(),
        amount: one.amount.0,
        revoked: one.revoked,
    };
    let credit = |one: &inquiry::CreditEvent| CaseCredit {
        holder: one.holder.word().to_owned(),
        code: one.code.clone(),
        event: one.event.clone(),
        points: one.points,
        on: one.on.to_string(),
        article: one.article.clone(),
        revoked: one.revoked.clone(),
    };
    let clock = |one: &casework::Clock| {
        let rule = file.procedure.clock(&one.id);
        let silence = rule.and_then(|rule| rule.silence.as_deref());
        CaseClock {
            name: rule.map_or_else(|| one.id.clone(), |rule| rule.name.clone()),
            started_at: show_time(one.started_at),
            due: one.due.to_string(),
            stopped_at: one.stopped_at.map(show_time),
            over: one.stopped_at.is_none() && one.due < today,
            silence: silence.map(|step| file.procedure.step_name(step).to_owned()),
        }
    };
    let lines: Vec<CaseLine> = file.lines.iter().map(|one| line(console, file, one, party)).collect();
    AuditCaseFile {
        case: row(console, &queued(file, party)),
        article: file.procedure.article.clone(),
        told_at: journeys::told_party(&file.procedure, &file.case).map(show_time),
        steps: file.case.steps.iter().map(|taken| step(console, file, taken, party)).collect(),
        clocks: file.case.clocks.iter().map(clock).collect(),
        clues: clue_rows,
        decided_amount: told(&file.lines.iter().map(|one| one.decided).collect::<Vec<_>>()),
        lines,
        recoveries: file.recoveries.iter().map(recovery).collect(),
        deductions: file.deductions.iter().map(deduction).collect(),
        fines: file.fines.iter().map(fine).collect(),
        credit: file.credit.iter().map(credit).collect(),
        recovered_amount: file.recovered().0,
        possible: possible(console, caller, scope, file),
    }
}

/// The case as a list has it; an institution is not told who works on it.
fn queued(file: &CaseFile, party: bool) -> Queued {
    let facts = file.facts.clone().expect("a file that is shown is of an inquiry");
    let clock = file.case.running().min_by_key(|clock| clock.due).cloned();
    let mut case = file.case.clone();
    if party {
        case.assignee = None;
    }
    Queued { case, procedure: file.procedure.clone(), facts, clock }
}

fn step(console: &Console, file: &CaseFile, taken: &casework::Taken, party: bool) -> CaseStep {
    let shown = !party || shown_to_party(file, taken.seq);
    let by_party = taken.role == PARTY;
    let own = file.documents.iter().filter(|(seq, _)| *seq == taken.seq);
    let documents = (1..).zip(own).map(|(number, (_, document))| CaseDocument {
        number,
        kind: document.kind.clone(),
        name: document.name.clone(),
        media: document.media.clone(),
        digest: document.digest.clone(),
        kept_here: document.content.is_some(),
    });
    CaseStep {
        number: taken.seq,
        step: taken.step.clone(),
        name: file.procedure.step_name(&taken.step).to_owned(),
        by: (!party || by_party).then(|| staff(console, &taken.by)),
        by_party,
        at: show_time(taken.at),
        why: if shown { taken.why.clone() } else { String::new() },
        state: file.procedure.state_name(&taken.to).to_owned(),
        assigned: taken.assigned.as_deref().filter(|_| !party).map(|id| staff(console, id)),
        documents: if shown { documents.collect() } else { Vec::new() },
    }
}

fn line(console: &Console, file: &CaseFile, one: &DisputedLine, party: bool) -> CaseLine {
    let open = one.state == LineState::Open;
    let parts = if open { by_fund(&one.place, one.disputed) } else { one.by_fund.clone() };
    let day = (console.now)().date();
    let named = console.centre.catalogue.on(one.med_list_codg.as_str(), day).map(|row| row.name.clone());
    let code = one.med_list_codg.0.clone();
    let opinions = file.opinions.iter().filter(|given| given.opinion.no == one.no);
    let opinions = opinions.filter(|given| !party || shown_to_party(file, given.seq)).map(|given| CaseOpinion {
        step: given.seq,
        name: file.procedure.step_name(&given.stage).to_owned(),
        by: (!party).then(|| staff(console, &given.by)),
        amount: given.opinion.amount.0,
        article: given.opinion.article.clone(),
        reason: given.opinion.reason.clone(),
    });
    let appeals = file.appeals.iter().filter(|appeal| appeal.no == one.no).map(|appeal| CaseAppeal {
        step: appeal.seq,
        grounds: appeal.grounds.clone(),
        evidence: appeal.evidence.iter().map(|(slot, digest)| evidence(file, appeal.seq, slot, digest)).collect(),
    });
    CaseLine {
        number: one.no,
        person: one.psn_no.0.clone(),
        visit: one.mdtrt_id.0.clone(),
        settlement: one.setl_id.0.clone(),
        line: one.feedetl_sn.0.clone(),
        item: Coded { name: named.unwrap_or_else(|| code.clone()), code, english: String::new() },
        practitioner: one.practitioner.clone(),
        rule: rule(console, &one.rule),
        disputed_amount: one.disputed.0,
        recoverable_amount: parts.iter().map(|(_, amount)| *amount).sum::<Fen>().0,
        by_fund: funds(console, &parts),
        state: one.state.word().to_owned(),
        decided_amount: one.decided.0,
        article: one.article.clone(),
        reason: one.reason.clone(),
        opinions: opinions.collect(),
        appeals: appeals.collect(),
    }
}

fn evidence(file: &CaseFile, seq: i64, slot: &str, digest: &str) -> CaseEvidence {
    let own = file.documents.iter().filter(|(of, _)| *of == seq);
    let found = (1..).zip(own).find(|(_, (_, document))| document.digest == digest);
    CaseEvidence {
        slot: slot.to_owned(),
        name: found.map(|(_, (_, document))| document.name.clone()).unwrap_or_default(),
        document: found.map(|(number, _)| number),
    }
}

fn possible(console: &Console, caller: &Caller, scope: &Scope, file: &CaseFile) -> Vec<CaseStepPossible> {
    // Who is nobody of the staff is told the steps with the reason.
    let nobody = || Actor { party: None, roles: Vec::new(), ..Actor::of_party(&caller.account, "") };
    let by = super::actor(console, caller, scope).unwrap_or_else(|_| nobody());
    let steps = journeys::possible_steps(&console.casebook, file, &by, (console.now)());
    let told = |one: journeys::PossibleStep| CaseStepPossible {
        step: one.rule.id,
        name: one.rule.name,
        effect: one.rule.effect,
        article: one.rule.article,
        documents: one.rule.documents,
        assigns: one.rule.assigns.is_some(),
        assignable: one.assignable.into_iter().map(|actor| StaffTold { id: actor.id, name: actor.name }).collect(),
        refused: one.refused.map(|refusal| refusal.to_string()),
    };
    steps.into_iter().map(told).collect()
}

/// 线索来源.
pub(in crate::routes) fn source(word: &str) -> Option<Source> {
    Source::from_word(word)
}
