//! 审核 of one person's visits before they are submitted.

use axum::http::StatusCode;
use encounter::Surroundings;
use screening::{ItemType, Options, Screener, Skipped, Stage};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::history::{self, EncounterSchema, InstitutionSchema, PersonSchema, PractitionerSchema};
use super::request::read;
use super::{Fault, Limits, Trouble};
use crate::shelf::Shelf;

/// 审核请求: a person with the visit that is about to be submitted and those that are known before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreenRequest {
    /// 人员.
    #[serde(default)]
    #[schema(value_type = PersonSchema)]
    pub person: Value,
    /// 就诊, with diagnoses, operations and lines, in any order.
    #[schema(value_type = Vec<EncounterSchema>)]
    pub encounters: Vec<Value>,
    /// 就诊ID of the visit that is about to be submitted: only what touches it is told. All visits
    /// unless given.
    pub focus: Option<String>,
    /// 环节: 事前, 事中, 事后; rules of all stages unless given.
    #[schema(value_type = Option<String>, examples("事中"))]
    pub stage: Option<Stage>,
    /// The history is complete from this day on, yyyy-MM-dd; as far back as any rule looks unless given.
    pub known_since: Option<String>,
    /// Rules to leave out, by id.
    #[serde(default)]
    pub without: Vec<String>,
    /// 定点医药机构 around the visits; those of the region's folder unless given.
    #[serde(default)]
    #[schema(value_type = Vec<InstitutionSchema>)]
    pub institutions: Vec<Value>,
    /// 医护人员 around the visits.
    #[serde(default)]
    #[schema(value_type = Vec<PractitionerSchema>)]
    pub practitioners: Vec<Value>,
}

/// 审核应答. Nothing found is not clean: `not_checked` tells what could not be looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScreenResponse {
    /// 规则库版本.
    pub library: String,
    /// 疑点.
    pub findings: Vec<AuditFinding>,
    /// 未检查, by rule.
    pub not_checked: Vec<AuditGap>,
    /// How many rules ran.
    pub rules_run: usize,
}

/// 疑点.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditFinding {
    /// 疑点编号: the same finding has it again in a later run.
    pub key: String,
    /// 规则.
    pub rule: String,
    /// 规则版本.
    pub version: String,
    /// 规则名称.
    pub name: String,
    /// 结果类型: 明确违规, 高度可疑, 轻度可疑, 指标, 数据质量.
    pub result: &'static str,
    /// 严重程度: 1, 2, 3.
    pub severity: u8,
    /// 就诊ID.
    pub encounters: Vec<String>,
    /// 费用明细.
    pub lines: Vec<AuditLine>,
    /// 违规金额 in 元.
    #[schema(examples("26.00"))]
    pub amount: String,
    /// 提示医师.
    pub doctor: String,
    /// 提示审核员.
    pub auditor: String,
    /// What it rests on: a fact and its value.
    pub evidence: Vec<(String, String)>,
}

/// 疑点明细.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditLine {
    /// 就诊ID.
    pub mdtrt_id: String,
    /// 费用明细流水号.
    pub feedetl_sn: String,
    /// 目录编码.
    pub med_list_codg: String,
    /// Whether it violates (违规项); else it is only concerned (涉及项).
    pub violating: bool,
    /// 违规金额 in 元.
    pub amount: String,
}

/// 未检查.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditGap {
    /// 规则.
    pub rule: String,
    /// 规则名称.
    pub name: String,
    /// Why: `missing`, `stage`, `needs_population`, `no_knowledge`, `left_out`, `out_of_time`.
    pub why: &'static str,
    /// The missing fact, where that is why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// How many records.
    pub records: u64,
}

pub(super) fn screen(shelf: &Shelf, limits: &Limits, body: &[u8]) -> Result<ScreenResponse, Trouble> {
    let request: ScreenRequest = read(body)?;
    let none = "no audit rules are at hand: open this interface with a region that has screening/rules";
    let screener = shelf.screening.as_ref();
    let screener = screener.ok_or_else(|| Trouble::new(StatusCode::NOT_FOUND, "没有审核规则 no rules", none))?;
    limits.check(request.encounters.len())?;
    let mut faults = Vec::new();
    let (institutions, practitioners) = (&request.institutions, &request.practitioners);
    let (history, around) =
        history::read(&request.person, &request.encounters, institutions, practitioners, &mut faults);
    let known_since = request.known_since.as_deref().map(|text| {
        let day = terms::parse_date(text);
        if day.is_none() {
            let message = format!("“{text}” is not a date, as 2026-01-31");
            faults.push(Fault { row: None, field: "known_since".to_owned(), message });
        }
        day
    });
    if !faults.is_empty() {
        return Err(Trouble::of_faults(faults));
    }
    let own = (around != Surroundings::default()).then(|| screener.library().around(&around));
    let screener = own.as_ref().unwrap_or(screener);
    let options = Options {
        stage: request.stage,
        known_since: known_since.flatten(),
        focus: request.focus,
        without: request.without,
        ..Options::default()
    };
    Ok(answer(screener, screener.screen(&history, &options)))
}

fn answer(screener: &Screener, screened: screening::Screened) -> ScreenResponse {
    let line = |line: screening::FoundLine| AuditLine {
        mdtrt_id: line.mdtrt_id,
        feedetl_sn: line.feedetl_sn,
        med_list_codg: line.med_list_codg,
        violating: line.item == ItemType::Violating,
        amount: line.amount.to_string(),
    };
    let finding = |one: screening::Finding| AuditFinding {
        key: one.key,
        rule: one.rule.to_string(),
        version: one.version.to_string(),
        name: one.name.to_string(),
        result: one.result.word(),
        severity: one.severity.0,
        encounters: one.encounters,
        lines: one.lines.into_iter().map(line).collect(),
        amount: one.amount.to_string(),
        doctor: one.doctor,
        auditor: one.auditor,
        evidence: one.evidence.into_iter().map(|fact| (fact.fact, fact.value)).collect(),
    };
    let headers = screener.library().headers();
    let rules_run = screened.coverage.iter().filter(|rule| rule.skipped.is_none()).count();
    let mut gaps = Vec::new();
    for (header, coverage) in headers.iter().zip(&screened.coverage) {
        let mut gap = |why, fact: Option<String>, records| {
            gaps.push(AuditGap { rule: header.id.clone(), name: header.name.clone(), why, fact, records });
        };
        if let Some(skipped) = coverage.skipped {
            gap(why(skipped), None, 0);
        }
        for (fact, times) in &coverage.not_checked {
            gap("missing", Some(fact.to_string()), *times);
        }
    }
    ScreenResponse {
        library: screener.library().version().to_owned(),
        findings: screened.findings.into_iter().map(finding).collect(),
        not_checked: gaps,
        rules_run,
    }
}

fn why(skipped: Skipped) -> &'static str {
    match skipped {
        Skipped::Stage => "stage",
        Skipped::NeedsPopulation => "needs_population",
        Skipped::NoKnowledge => "no_knowledge",
        Skipped::LeftOut => "left_out",
        Skipped::OutOfTime => "out_of_time",
    }
}
