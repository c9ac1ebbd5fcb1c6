//! 3101, 3102: the message read into a visit, the reminders written out of it, within the region's
//! time limit. The clock stands here.

use super::prelude::*;
use encounter::{Diagnosis, Encounter, Line, Person, Procedure};
use journeys::{Asked, NotChecked, Recalled, Reminded, ReminderRecord, Told};
use screening::{Evidence, ItemType, Stage};
use std::time::{Duration, Instant};
use terms::{DateTime, Exact, InstitutionId};

/// Characters of 违规内容 and 违规依据.
const WORDS: usize = 500;
/// Characters of `warn_msg`.
const WARNING: usize = 200;

pub(super) fn remind(desk: &Desk, request: &Request<'_>, stage: Stage) -> Result<Answer, Declined> {
    let begun = Instant::now();
    let centre = desk.centre();
    let supervision = centre.supervision().map_err(crate::desk::declined)?;
    let none = || crate::desk::declined(journeys::Own::NoLibrary.into());
    let in_force = supervision.in_force().ok_or_else(none)?;
    let until = begun + Duration::from_micros(supervision.settings.budget_micros);
    let left = || Instant::now() < until;
    let mut reply = request.message.reply();
    let mut missed = Vec::new();
    for patient in request.message.rows("patient_dtos") {
        let asked = asked(request, patient, stage)?;
        let recalled = recall(desk, patient, asked.at);
        let reminded = centre.remind(&in_force, &asked, recalled, &left);
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        write(&mut reply, patient, &asked, &reminded);
        desk.remember(ReminderRecord::of(&asked, &reminded, micros));
        missed.extend(reminded.not_checked);
    }
    reply.warning = warning(&missed);
    Ok(Answer::Reply(reply))
}

/// What the register knows; nothing when it cannot be asked, and then what looks back is not checked.
fn recall(desk: &Desk, patient: &Row, at: DateTime) -> Recalled {
    let psn_no = PersonId::from(patient.text("patn_id"));
    let asked = desk.ask(move |centre, tx| centre.recall(tx, &psn_no, at));
    asked.unwrap_or_else(|declined| {
        tracing::error!(?declined, "a person's past could not be read for a reminder");
        Recalled::default()
    })
}

fn asked(request: &Request<'_>, patient: &Row, stage: Stage) -> Result<Asked, Declined> {
    let (message, envelope) = (request.message, &request.message.envelope);
    let data = message.row("data");
    let current = patient.text("curr_mdtrt_id");
    let rows: Vec<&Row> = message.rows_within("fsi_encounter_dtos", patient).collect();
    let this = rows.iter().find(|row| row.text("mdtrt_id") == current);
    let Some(this) = this else {
        let words = format!("“{current}”不是所报就诊之一，请核对 fsi_encounter_dtos 的 mdtrt_id");
        return Err(patient.refusal(Form::FieldCode, "curr_mdtrt_id", &words).into());
    };
    let operation = request.operation(1)?;
    let label = format!("{} {}", patient.number, stage.word());
    let others = rows.iter().filter(|row| row.number != this.number);
    let mut visit = visit(message, this);
    visit.fixmedins_code = Some(envelope.institution.0.clone());
    Ok(Asked {
        task_id: operation.new_id(&label),
        stage,
        trig_scen: data.text("trig_scen").to_owned(),
        rules: data.text("rule_ids").split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        at: envelope.sent_at,
        institution: InstitutionId(envelope.institution.0.clone()),
        person: Person {
            psn_no: owned(patient, "patn_id"),
            gend: owned(patient, "gend"),
            brdy: patient.date_given("brdy"),
            ..Person::default()
        },
        visit,
        others: others.map(|row| self::visit(message, row)).collect(),
    })
}

fn owned(row: &Row, field: &str) -> Option<String> {
    row.given(field).map(str::to_owned)
}

fn yes(row: &Row, field: &str) -> Option<bool> {
    match row.given(field) {
        Some("1") => Some(true),
        Some("0") => Some(false),
        _ => None,
    }
}

fn number(row: &Row, field: &str) -> Option<Exact> {
    row.given(field).and_then(|text| text.parse().ok())
}

/// 就诊, with its diagnoses, operations and orders.
fn visit(message: &Message, row: &Row) -> Encounter {
    let id = owned(row, "mdtrt_id");
    let mut visit = Encounter {
        mdtrt_id: id.clone(),
        fixmedins_code: owned(row, "medins_id"),
        medins_lv: owned(row, "medins_lv"),
        medins_type: owned(row, "medins_type"),
        medins_admdvs: owned(row, "medins_admdvs"),
        med_type: owned(row, "med_type"),
        med_mdtrt_type: owned(row, "med_mdtrt_type"),
        insutype: owned(row, "insutype"),
        begntime: row.time_given("adm_date"),
        endtime: row.time_given("dscg_date").map(end_of_day),
        adm_dept_codg: owned(row, "adm_dept_codg"),
        dscg_dept_codg: owned(row, "dscg_dept_codg"),
        dr_codg: owned(row, "dr_codg"),
        wardarea_codg: owned(row, "wardarea_codg"),
        bedno: owned(row, "bedno"),
        dise_codg: owned(row, "dise_no"),
        matn_stas: owned(row, "matn_stas"),
        sinc_heal_lv: owned(row, "sinc_heal_lv"),
        out_setl_flag: yes(row, "out_setl_flag"),
        setl_totlnum: number(row, "setl_totlnum"),
        medfee_sumamt: row.money_given("medfee_sumamt"),
        acct_pay: row.money_given("acct_payamt"),
        hifp_pay: row.money_given("hifp_payamt"),
        ..Encounter::default()
    };
    visit.diagnoses = message.rows_within("fsi_diagnose_dtos", row).map(|row| diagnosis(&id, row)).collect();
    if visit.diagnoses.is_empty() && row.given("dscg_main_dise_codg").is_some() {
        visit.diagnoses.push(Diagnosis {
            mdtrt_id: id.clone(),
            diag_srt_no: Some(Exact::ONE),
            diag_code: owned(row, "dscg_main_dise_codg"),
            diag_name: owned(row, "dscg_main_dise_name"),
            maindiag_flag: Some(true),
            ..Diagnosis::default()
        });
    }
    visit.procedures = message.rows_within("fsi_operation_dtos", row).map(|row| operation(&id, row)).collect();
    visit.lines = message.rows_within("fsi_order_dtos", row).map(|row| order(message, &id, row)).collect();
    visit
}

/// A day without a time of day ends at its end.
fn end_of_day(time: DateTime) -> DateTime {
    if time.time() == jiff::civil::Time::midnight() { time.date().at(23, 59, 59, 0) } else { time }
}

fn diagnosis(id: &Option<String>, row: &Row) -> Diagnosis {
    Diagnosis {
        mdtrt_id: id.clone(),
        diag_srt_no: number(row, "dias_srt_no"),
        diag_code: owned(row, "dise_codg"),
        diag_name: owned(row, "dise_name"),
        maindiag_flag: yes(row, "maindise_flag"),
        inout_diag_type: owned(row, "inout_dise_type"),
        diag_time: row.time_given("dise_date"),
    }
}

fn operation(id: &Option<String>, row: &Row) -> Procedure {
    Procedure {
        mdtrt_id: id.clone(),
        oprn_oprt_code: owned(row, "oprn_code"),
        oprn_oprt_name: owned(row, "oprn_name"),
        main_oprn_flag: yes(row, "main_oprn_flag"),
        oprn_oprt_begntime: row.time_given("oprn_date"),
        oper_dr_code: owned(row, "oper_dr_code"),
        anst_dr_code: owned(row, "anst_dr_code"),
        anst_way: owned(row, "anst_way"),
        ..Procedure::default()
    }
}

/// 处方(医嘱) as a fee line: its number is the order's.
fn order(message: &Message, id: &Option<String>, row: &Row) -> Line {
    let (total, own, part) = (row.money("sumamt"), row.money("ownpay_amt"), row.money("selfpay_amt"));
    let in_scope = total - own - part;
    let mut line = Line {
        feedetl_sn: owned(row, "rx_id"),
        mdtrt_id: id.clone(),
        med_list_codg: owned(row, "hilist_code"),
        med_list_name: owned(row, "hilist_name"),
        list_type: owned(row, "hilist_type"),
        med_chrgitm_type: owned(row, "chrg_type"),
        chrgitm_lv: owned(row, "hilist_lv"),
        fee_ocur_time: row.time_given("drord_begn_date"),
        cnt: number(row, "cnt"),
        pric: number(row, "pric"),
        det_item_fee_sumamt: row.money_given("sumamt"),
        fulamt_ownpay_amt: row.money_given("ownpay_amt"),
        inscp_scp_amt: (row.given("sumamt").is_some() && in_scope >= terms::Fen::ZERO).then_some(in_scope),
        rxno: owned(row, "rxno"),
        drord_no: owned(row, "rx_id"),
        bilg_dept_codg: owned(row, "drord_dept_codg"),
        bilg_dr_codg: owned(row, "drord_dr_codg"),
        drord_dr_profttl: owned(row, "drord_dr_profttl"),
        drord_begn_date: row.time_given("drord_begn_date"),
        drord_stop_date: row.time_given("drord_stop_date").map(end_of_day),
        curr_drord_flag: yes(row, "curr_drord_flag"),
        ..Line::default()
    };
    let more = message.rows_within("extend_order_map", row).next();
    if let Some(more) = more {
        line.first_line_flag = yes(more, "o_firstItemFlag");
    }
    let extra = |field: &str| more.and_then(|more| more.given(field));
    let spec = extra("o_drugSpec").or_else(|| row.given("spec"));
    journeys::describe_dose(&mut line, extra("o_sinDosDscr"), extra("o_used_frqu_dscr"), extra("o_prdDays"), spec);
    line
}

fn write(reply: &mut Reply, patient: &Row, asked: &Asked, reminded: &Reminded) {
    let visit = asked.visit.mdtrt_id.as_deref().unwrap_or_default();
    for told in &reminded.told {
        let finding = &told.finding;
        let row = reply.row("result");
        row.text("jr_id", &told.jr_id)
            .text("rule_id", &finding.rule)
            .text("rule_name", cut(&finding.name, 200))
            .text("vola_cont", cut(&finding.doctor, WORDS))
            .text("patn_id", patient.text("patn_id"))
            .text("mdtrt_id", visit)
            .money("vola_amt", told.amount)
            .text("vola_amt_stas", "1")
            .text("sev_deg", told.level.0.to_string())
            .text("vola_evid", cut(&grounds(told), WORDS))
            .text("vola_bhvr_type", finding.behaviour.code())
            .text("task_id", &asked.task_id);
        for (at, line) in told.lines.iter().enumerate() {
            row.inner_row("judge_result_detail_dtos")
                .text("jrd_id", format!("{}-{}", told.jr_id, at + 1))
                .text("patn_id", patient.text("patn_id"))
                .text("mdtrt_id", &line.mdtrt_id)
                .text("rx_id", &line.feedetl_sn)
                .text("vola_item_type", line.item.code())
                .money("vola_amt", if line.item == ItemType::Violating { line.amount } else { terms::Fen::ZERO });
        }
    }
    if reply.has("not_checked") {
        for missed in &reminded.not_checked {
            reply
                .row("not_checked")
                .text("patn_id", patient.text("patn_id"))
                .text("mdtrt_id", visit)
                .text("rule_id", cut(&missed.rule_id, 50))
                .text("rule_name", cut(&missed.rule_name, 200))
                .text("reason", cut(&missed.why.words(), WORDS));
        }
    }
}

/// 违规依据: what it rests on, the law first, then the facts, then who else says so.
fn grounds(told: &Told) -> String {
    let mut parts = Vec::new();
    if !told.basis.is_empty() {
        parts.push(format!("依据：{}", told.basis.join("；")));
    }
    let fact = |fact: &Evidence| format!("{}={}", fact.fact, fact.value);
    let facts: Vec<String> = told.finding.evidence.iter().map(fact).collect();
    if !facts.is_empty() {
        parts.push(format!("事实：{}", facts.join("，")));
    }
    if !told.also.is_empty() {
        parts.push(format!("另见：{}", told.also.join("、")));
    }
    if told.level > told.finding.severity {
        parts.push(format!("本规则因准确率不足由 {} 级降为 {} 级", told.finding.severity.0, told.level.0));
    }
    parts.join("。")
}

/// What a client that knows only `result` reads: that the answer is not the whole answer.
fn warning(missed: &[NotChecked]) -> Option<String> {
    if missed.is_empty() {
        return None;
    }
    let rules: std::collections::BTreeSet<&str> = missed.iter().map(|missed| missed.rule_id.as_str()).collect();
    let first: Vec<String> =
        missed.iter().take(3).map(|missed| format!("{}（{}）", named(missed), missed.why.words())).collect();
    let words = format!("有 {} 条规则未检查或未全部检查，不等于没有问题：{}", rules.len(), first.join("；"));
    Some(cut(&words, WARNING))
}

fn named(missed: &NotChecked) -> &str {
    if missed.rule_name.is_empty() { &missed.rule_id } else { &missed.rule_name }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
