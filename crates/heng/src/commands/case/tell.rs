//! How `heng case` tells cases: in Chinese first.

use std::fmt::Write;

use casework::{CLOCK, PARTY};
use inquiry::rules::credit::{Points, Standing};
use inquiry::rules::sample::Estimate;
use inquiry::{Clue, CreditEvent, DisputedLine, LineState};
use journeys::{CaseFile, Queued, ServiceFile};
use terms::{Date, Fen, show_time};

use super::Problem;

fn state(state: LineState) -> &'static str {
    match state {
        LineState::Open => "在办",
        LineState::Upheld => "认定",
        LineState::Dropped => "不认定",
        LineState::Overturned => "已撤销",
    }
}

fn percent(hundredths: Option<i64>) -> String {
    hundredths.map_or_else(|| "未知".to_owned(), |value| format!("{}.{:02}%", value / 100, value % 100))
}

fn funds(by_fund: &[(String, Fen)]) -> String {
    let parts: Vec<String> = by_fund.iter().map(|(fund, amount)| format!("{fund} {amount}")).collect();
    if parts.is_empty() { "—".to_owned() } else { parts.join("，") }
}

/// A clue in a line.
pub fn clue(clue: &Clue) -> String {
    let case = clue.case_id.as_deref().map_or_else(String::new, |case| format!(" → 案件 {case}"));
    format!(
        "{} {} {} 金额 {} 置信度 {} {}{case}",
        clue.clue_id,
        clue.fixmedins_code,
        clue.rule,
        clue.amount,
        percent(clue.confidence),
        clue.summary
    )
}

/// 待办.
pub fn queue(queue: &[Queued], today: Date) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "在办案件 {} 件，按可追回金额 × 置信度排列 open cases", queue.len());
    for (n, one) in (1..).zip(queue) {
        let clock = one.clock.as_ref().map_or_else(
            || "无期限".to_owned(),
            |clock| {
                let name = one.procedure.clock(&clock.id).map_or(clock.id.as_str(), |rule| &rule.name);
                let late = if clock.due < today { "，已逾期" } else { "" };
                format!("{name}至 {}{late}", clock.due)
            },
        );
        let _ = writeln!(
            out,
            "{n:>3}. {} {} 【{}】 可追回 {} 置信度 {} 承办 {}；{clock}；{}",
            one.case.case_id,
            one.facts.fixmedins_code,
            one.procedure.state_name(&one.case.state),
            one.facts.recoverable,
            percent(one.facts.confidence),
            one.case.assignee.as_deref().unwrap_or("未分派"),
            one.case.subject
        );
    }
    out
}

/// A case after a step: where it stands, and what may be done.
pub fn step(file: &CaseFile) -> String {
    let mut out = String::new();
    if let Some(last) = file.case.steps.last() {
        let _ = writeln!(out, "{}", taken(file, last));
    }
    standing(&mut out, file);
    out
}

/// A step of an application, and where it stands.
pub fn service(file: &ServiceFile) -> String {
    let last = file.case.steps.last().map_or("", |last| file.procedure.step_name(&last.step));
    let state = file.procedure.state_name(&file.case.state);
    format!("{} {}：{last} → {state}\n", file.case.case_id, file.item.name)
}

fn taken(file: &CaseFile, taken: &casework::Taken) -> String {
    let who = match taken.role.as_str() {
        CLOCK => "（逾期）".to_owned(),
        PARTY => format!("{}（当事机构）", taken.by),
        role => format!("{}（{role}）", taken.by),
    };
    let to = taken.assigned.as_ref().map_or_else(String::new, |named| format!(" → {named}"));
    format!(
        "{:>3}. {} {} {who}{to}：{} → {}。{}",
        taken.seq,
        show_time(taken.at),
        file.procedure.step_name(&taken.step),
        if taken.from.is_empty() { "—" } else { file.procedure.state_name(&taken.from) },
        file.procedure.state_name(&taken.to),
        taken.why
    )
}

/// State, clocks, and what may be done next.
fn standing(out: &mut String, file: &CaseFile) {
    let case = &file.case;
    let _ = writeln!(
        out,
        "状态 state：{}（{}）；承办 {}；已追回 {}",
        file.procedure.state_name(&case.state),
        case.state,
        case.assignee.as_deref().unwrap_or("未分派"),
        file.recovered()
    );
    for clock in case.running() {
        let rule = file.procedure.clock(&clock.id);
        let silence = rule.and_then(|rule| rule.silence.as_deref());
        let silence =
            silence.map_or_else(String::new, |step| format!("，逾期按“{}”处理", file.procedure.step_name(step)));
        let _ = writeln!(
            out,
            "期限 clock：{}至 {}{silence}（{}）",
            rule.map_or(clock.id.as_str(), |rule| &rule.name),
            clock.due,
            rule.map_or("", |rule| &rule.article)
        );
    }
    let possible = casework::operations::possible(&file.procedure, case);
    let names: Vec<String> =
        possible.iter().map(|rule| format!("{} {}（{}）", rule.id, rule.name, rule.roles.join("、"))).collect();
    if !names.is_empty() {
        let _ = writeln!(out, "可办 next：{}", names.join("；"));
    }
}

/// 案卷.
pub fn file(file: &CaseFile) -> String {
    let case = &file.case;
    let mut out = String::new();
    let _ = writeln!(out, "案件 {} {} · {}", case.case_id, file.procedure.name, case.subject);
    let _ = writeln!(
        out,
        "当事机构 {}；程序 {} {}（{}）",
        case.party, case.procedure, case.version, file.procedure.article
    );
    if let Some(facts) = &file.facts {
        let _ = writeln!(
            out,
            "争议 {}，应追回至多 {}，置信度 {}；规则 {}",
            facts.disputed,
            facts.recoverable,
            percent(facts.confidence),
            if facts.rule.is_empty() { "—" } else { &facts.rule }
        );
    }
    standing(&mut out, file);
    for one in &file.clues {
        let _ = writeln!(out, "线索 clue：{}", clue(one));
    }
    let _ = writeln!(out, "争议明细 lines：");
    file.lines.iter().for_each(|row| line(&mut out, file, row));
    for recovery in &file.recoveries {
        let way = match recovery.way {
            inquiry::Way::Deduction => "扣减拨付",
            inquiry::Way::Refund => "机构退回",
            inquiry::Way::DeductionUndone => "撤销扣减",
            inquiry::Way::RefundUndone => "撤销退回",
        };
        let _ = writeln!(
            out,
            "资金 money：{} {way} {}（{}）",
            show_time(recovery.at),
            recovery.amount,
            funds(&recovery.by_fund)
        );
    }
    for row in &file.deductions {
        let month = row.month.map_or_else(|| "下一期".to_owned(), |month| month.to_string());
        let _ = writeln!(
            out,
            "清算 statement：{month} 险种 {} 清算类别 {} 扣减 {}",
            row.insutype, row.clr_type, row.amount
        );
    }
    for fine in &file.fines {
        let revoked = if fine.revoked { "（已撤销）" } else { "" };
        let times = if fine.times.is_empty() {
            String::new()
        } else {
            format!("，损失 {} 的 {} 倍", fine.loss, fine.times)
        };
        let _ =
            writeln!(out, "罚款 fine：{} 元，条款 {}{times}{revoked}（入国库，不入基金）", fine.amount, fine.article);
    }
    for one in &file.credit {
        let _ = writeln!(out, "信用 credit：{}", event(one));
    }
    if !file.documents.is_empty() {
        let _ = writeln!(out, "文书 documents：");
        for (seq, document) in &file.documents {
            let _ = writeln!(out, "  第 {seq} 步 {} {} SM3 {}", document.kind, document.name, document.digest);
        }
    }
    let _ = writeln!(out, "办理记录 steps：");
    case.steps.iter().for_each(|row| {
        let _ = writeln!(out, "{}", taken(file, row));
    });
    out
}

fn line(out: &mut String, file: &CaseFile, row: &DisputedLine) {
    let _ = writeln!(
        out,
        "  {:>3}. 就诊 {} 明细 {} {} 争议 {} {} {} 追回 {} {}",
        row.no,
        row.mdtrt_id,
        row.feedetl_sn,
        row.med_list_codg,
        row.disputed,
        state(row.state),
        row.decided,
        funds(&row.by_fund),
        row.article
    );
    for given in file.opinions.iter().filter(|given| given.opinion.no == row.no) {
        let _ = writeln!(
            out,
            "       {}（{}）认定 {} {}",
            file.procedure.step_name(&given.stage),
            given.by,
            given.opinion.amount,
            given.opinion.article
        );
    }
    for appeal in file.appeals.iter().filter(|appeal| appeal.no == row.no) {
        let slots: Vec<&str> = appeal.evidence.iter().map(|(slot, _)| slot.as_str()).collect();
        let _ = writeln!(
            out,
            "       申诉：{}；证据：{}",
            appeal.grounds,
            if slots.is_empty() { "无".to_owned() } else { slots.join("、") }
        );
    }
}

fn event(event: &CreditEvent) -> String {
    let revoked = if event.revoked.is_empty() { String::new() } else { format!("（已撤销：{}）", event.revoked) };
    format!(
        "{} {} {} 记 {} 分，案件 {}，{}{revoked}",
        event.on, event.code, event.event, event.points, event.case_id, event.article
    )
}

/// 信用分.
pub fn credit(code: &str, day: Date, standing: &Standing) -> String {
    let mut out =
        format!("{code} {} 年至 {day} 信用分 {}，等级 {} credit\n", day.year(), standing.score, standing.grade);
    for part in &standing.parts {
        let _ = writeln!(out, "  − {}", event(part));
    }
    out
}

/// 记分.
pub fn points(code: &str, day: Date, points: &Points) -> String {
    let lost = points
        .lost_until
        .map_or_else(|| "支付资格有效".to_owned(), |until| format!("支付资格终止至 {until}（急诊抢救除外）"));
    let mut out = format!("{code} {} 年至 {day} 记 {} 分；{lost} points\n", day.year(), points.points);
    for part in &points.parts {
        let _ = writeln!(out, "  + {}", event(part));
    }
    out
}

/// 抽样.
pub fn sample(file: &CaseFile, units: bool) -> Result<String, Problem> {
    let Some(sample) = &file.sample else {
        return Err(format!("案件 {} 没有抽样 the case has no sample", file.case.case_id).into());
    };
    let drawn = sample.units.iter().filter(|unit| unit.drawn).count();
    let mut out =
        format!("总体 {} 份，抽取 {drawn} 份，种子“{}” frame, drawn, seed\n", sample.units.len(), sample.seed);
    match &sample.estimate {
        None => out.push_str("尚未推断 not estimated yet\n"),
        Some(text) => {
            let estimate: Estimate = serde_json::from_str(text)?;
            for stratum in &estimate.strata {
                let _ = writeln!(
                    out,
                    "  层 {}：{} 份，抽 {}，基金支付 {}，样本违规 {}",
                    stratum.name, stratum.units, stratum.drawn, stratum.paid, stratum.found
                );
            }
            let _ = writeln!(
                out,
                "总体基金支付 {}；样本违规 {}；比率估计 {}；单侧 {} 置信下限 {}",
                estimate.paid, estimate.found, estimate.point, estimate.confidence, estimate.lower
            );
        }
    }
    for unit in sample.units.iter().filter(|unit| units || unit.drawn) {
        let mark = if unit.drawn { "抽中" } else { "" };
        let _ = writeln!(out, "  {} {} {} {} {mark}", unit.stratum, unit.psn_no, unit.mdtrt_id, unit.paid);
    }
    Ok(out)
}
