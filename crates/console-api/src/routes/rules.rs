//! 审核规则: which stand, how often each was right, what each says and brings along, and a trial on last
//! month.

use std::collections::{BTreeMap, BTreeSet};

use access::permission::{RuleRead, RuleTry};
use axum::Json;
use axum::extract::{Path, State};
use jiff::ToSpan;
use journeys::{InForce, JourneyError};
use monitoring::Set;
use screening::{Force, Header, Outcomes};
use serde::{Deserialize, Serialize};
use terms::{Date, show_time};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cases::told::rule;
use super::findings::RuleFileTold;
use crate::coded::Coded;
use crate::frame::{
    Body, Column, Console, Cursor, Exported, Granted, Listed, Listing, Order, Paging, Problem, ProblemBody, Query,
};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).routes(routes!(try_out))
}

/// 规则 in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct AuditRuleRow {
    /// 规则标识.
    rule: String,
    name: String,
    version: String,
    class: String,
    family: String,
    /// 结果类型.
    result: String,
    /// 效力 now; lower than the rule's own after a demotion.
    force: String,
    /// Whether its force was lowered or raised from its own.
    moved: bool,
    /// 环节.
    stages: Vec<String>,
    /// How many outcomes are known.
    outcome_count: u64,
    confirmed_count: u64,
    /// 准确率 in ten-thousandths, with its 95 % Wilson interval; nothing without outcomes.
    precision: Option<i64>,
    precision_lower: Option<i64>,
    precision_upper: Option<i64>,
    /// Findings in force that count, and their money.
    finding_count: i64,
    counted_amount: i64,
}

impl Exported for AuditRuleRow {
    const FILE: &'static str = "rules";
    const COLUMNS: &'static [Column] = &[
        Column::text("rule", "规则标识"),
        Column::text("name", "规则名称"),
        Column::text("version", "版本"),
        Column::text("class", "大类"),
        Column::text("result", "结果类型"),
        Column::text("force", "效力"),
        Column::count("outcome_count", "核实数"),
        Column::count("confirmed_count", "属实数"),
        Column::count("precision", "准确率（万分之）"),
        Column::count("precision_lower", "准确率下限（万分之）"),
        Column::count("finding_count", "疑点数"),
        Column::money("counted_amount", "计入金额"),
    ];
}

/// What is known of rules besides their headers.
struct Known {
    in_force: std::sync::Arc<InForce>,
    outcomes: BTreeMap<(String, String), Outcomes>,
    sums: BTreeMap<String, (i64, i64)>,
}

fn known(tx: &mut dyn db::Tx, console: &Console) -> Result<Option<Known>, JourneyError> {
    let Some(supervision) = &console.centre.supervision else { return Ok(None) };
    supervision.refresh(tx)?;
    let Some(in_force) = supervision.in_force() else { return Ok(None) };
    let records = monitoring::records(tx)?.into_iter();
    let sums = monitoring::findings_by_rule(tx)?.into_iter();
    Ok(Some(Known {
        in_force,
        outcomes: records.map(|row| ((row.rule_id, row.rule_version), row.outcomes)).collect(),
        sums: sums.map(|row| (row.rule_id, (row.findings, row.counted.0))).collect(),
    }))
}

impl Known {
    fn row(&self, header: &Header) -> AuditRuleRow {
        let key = (header.id.clone(), header.version.clone());
        let outcomes = self.outcomes.get(&key).copied().unwrap_or_default();
        let precision = outcomes.precision();
        let own = Force::of(header.severity);
        let force = self.in_force.forces.get(&key).copied().unwrap_or(own);
        let (finding_count, counted_amount) = self.sums.get(&header.id).copied().unwrap_or_default();
        AuditRuleRow {
            rule: header.id.clone(),
            name: header.name.clone(),
            version: header.version.clone(),
            class: header.class.word().to_owned(),
            family: header.family.clone(),
            result: header.result.word().to_owned(),
            force: force.word().to_owned(),
            moved: force != own,
            stages: header.stages.iter().map(|stage| stage.word().to_owned()).collect(),
            outcome_count: outcomes.total(),
            confirmed_count: outcomes.confirmed,
            precision: precision.map(|known| known.share.0),
            precision_lower: precision.map(|known| known.lower.0),
            precision_upper: precision.map(|known| known.upper.0),
            finding_count,
            counted_amount,
        }
    }

    /// The newest version of each rule.
    fn newest(&self) -> Vec<&Header> {
        let mut newest: BTreeMap<&str, &Header> = BTreeMap::new();
        for header in &self.in_force.library.headers {
            let known = newest.entry(&header.id).or_insert(header);
            if header.begndate > known.begndate {
                *known = header;
            }
        }
        newest.into_values().collect()
    }
}

/// Which rules.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RulesAsked {
    /// 大类: 政策类, 管理类, 医疗类.
    class: Option<String>,
    /// 结果类型.
    result: Option<String>,
    /// Only those with findings.
    found: Option<bool>,
    /// Words of a name or an id.
    q: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum By {
    Rule,
    Precision,
    Findings,
    Counted,
}

/// 规则 of the library in force.
#[utoipa::path(
    get, path = "/rules", tag = "rules", params(Paging, RulesAsked),
    extensions(("x-permission" = json!("rule.read"))),
    responses(
        (status = 200, body = Listing<AuditRuleRow>),
    )
)]
async fn list(
    State(console): State<Console>,
    _: Granted<RuleRead>,
    Query(paging): Query<Paging>,
    Query(asked): Query<RulesAsked>,
) -> Result<Listed<AuditRuleRow>, Problem> {
    let fields = [
        ("rule", By::Rule),
        ("precision", By::Precision),
        ("finding_count", By::Findings),
        ("counted_amount", By::Counted),
    ];
    let order = paging.order(&fields, Order { field: By::Counted, descending: true })?;
    let after = paging.cursor::<String>()?;
    let world = console.clone();
    let found = console.read(move |tx| known(tx, &world)).await?;
    let mut rows: Vec<AuditRuleRow> =
        found.iter().flat_map(|known| known.newest().into_iter().map(|header| known.row(header))).collect();
    let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|one| one.is_empty() || one == value);
    let words = asked.q.as_deref().unwrap_or_default().trim();
    rows.retain(|row| {
        is(&asked.class, &row.class)
            && is(&asked.result, &row.result)
            && (asked.found != Some(true) || row.finding_count > 0)
            && (row.name.contains(words) || row.rule.contains(words))
    });
    rows.sort_by(|a, b| {
        let by = match order.field {
            By::Rule => a.rule.cmp(&b.rule),
            By::Precision => a.precision_lower.cmp(&b.precision_lower),
            By::Findings => a.finding_count.cmp(&b.finding_count),
            By::Counted => a.counted_amount.cmp(&b.counted_amount),
        };
        let by = if order.descending { by.reverse() } else { by };
        by.then_with(|| a.rule.cmp(&b.rule))
    });
    let total = u64::try_from(rows.len()).ok();
    let from = after.and_then(|id| rows.iter().position(|row| row.rule == id)).map_or(0, |at| at + 1);
    let page = rows.into_iter().skip(from).take(paging.limit()? + 1).collect();
    Listed::of(&paging, page, total, |row: &AuditRuleRow| Cursor::write(&row.rule))
}

/// 升降级.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RuleForceChange {
    at: String,
    by: String,
    version: String,
    from: String,
    to: String,
    why: String,
    outcome_count: u64,
    confirmed_count: u64,
}

/// 核实结果.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RuleOutcome {
    /// 疑点标识 or 违规标识 of a reminder.
    subject: String,
    /// `doctor` or `case`.
    source: String,
    institution: Coded,
    confirmed: bool,
    at: String,
    by: String,
    why: String,
}

/// 规则库 in which it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RuleLibrary {
    version: String,
    deed: String,
    at: String,
    by: String,
    why: String,
}

/// 规则 in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct AuditRuleFile {
    rule: AuditRuleRow,
    /// 依据.
    basis: Vec<String>,
    /// 生效日期.
    from: String,
    /// 失效日期.
    until: Option<String>,
    /// What the doctor reads.
    doctor: String,
    /// What the auditor reads.
    auditor: String,
    /// The files as they were written, with the cases inside.
    texts: Vec<RuleFileTold>,
    /// Every change of its force.
    changes: Vec<RuleForceChange>,
    /// The latest outcomes, at most 200.
    outcomes: Vec<RuleOutcome>,
    /// Libraries that were put in force.
    libraries: Vec<RuleLibrary>,
}

/// Outcomes shown, at most.
const OUTCOMES: i64 = 200;

/// 规则.
#[utoipa::path(
    get, path = "/rules/{rule}", tag = "rules", params(("rule" = String, Path, description = "规则标识")),
    extensions(("x-permission" = json!("rule.read"))),
    responses(
        (status = 200, body = AuditRuleFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(console): State<Console>,
    _: Granted<RuleRead>,
    Path(id): Path<String>,
) -> Result<Json<AuditRuleFile>, Problem> {
    let world = console.clone();
    let found = console.read(move |tx| file(tx, &world, &id)).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("rule 规则"))
}

fn file(tx: &mut dyn db::Tx, console: &Console, id: &str) -> Result<Option<AuditRuleFile>, JourneyError> {
    let Some(known) = known(tx, console)? else { return Ok(None) };
    let Some(header) = known.newest().into_iter().find(|header| header.id == id) else { return Ok(None) };
    let sources = journeys::library_sources(tx, &known.in_force.library.version)?;
    let day = (console.now)().date();
    let changes = monitoring::force_changes(tx)?.into_iter().filter(|row| row.rule_id == id);
    let outcomes = monitoring::outcomes_told(tx, id, OUTCOMES)?.into_iter();
    let placings = monitoring::placings(tx, Set::Active)?.into_iter();
    Ok(Some(AuditRuleFile {
        rule: known.row(header),
        basis: header.basis.clone(),
        from: header.begndate.to_string(),
        until: header.enddate.map(|day| day.to_string()),
        doctor: header.doctor.clone(),
        auditor: header.auditor.clone(),
        texts: sources.rule(id).into_iter().map(RuleFileTold::of).collect(),
        changes: changes
            .map(|row| RuleForceChange {
                at: show_time(row.at),
                by: row.by,
                version: row.rule_version,
                from: row.from.word().to_owned(),
                to: row.to.word().to_owned(),
                why: row.why,
                outcome_count: row.outcomes.total(),
                confirmed_count: row.outcomes.confirmed,
            })
            .collect(),
        outcomes: outcomes
            .map(|row| RuleOutcome {
                subject: row.subject,
                source: row.source.code().to_owned(),
                institution: Coded::institution(&console.centre, row.fixmedins_code.as_str(), day),
                confirmed: row.confirmed,
                at: show_time(row.at),
                by: row.by,
                why: row.why,
            })
            .collect(),
        libraries: placings
            .map(|row| RuleLibrary {
                version: row.version,
                deed: row.deed.code().to_owned(),
                at: show_time(row.at),
                by: row.by,
                why: row.why,
            })
            .collect(),
    }))
}

/// 试运行.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TryRules {
    /// Only this rule's figures are told; every rule's without one.
    #[serde(default)]
    rule: Option<String>,
}

/// What would change under one rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RuleTrialRow {
    rule: Coded,
    same_count: u64,
    new_count: u64,
    new_amount: i64,
    gone_count: u64,
    gone_amount: i64,
    changed_count: u64,
    changed_amount: i64,
    /// Findings that would block from now on.
    blocking_more_count: u64,
}

/// What could not be checked.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RuleUnchecked {
    rule: Coded,
    /// The facts that were missing.
    facts: Vec<String>,
}

/// 试运行结果: the folder's library beside the one in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RuleTrial {
    /// 任务ID.
    run: String,
    /// The library tried.
    version: String,
    /// The library in force.
    beside: String,
    /// First and last day of settling.
    from: String,
    to: String,
    person_count: i64,
    /// Persons looked at, at most.
    at_most: i64,
    /// Whether there were more persons than were looked at.
    capped: bool,
    /// 计入金额 of what the library tried finds.
    counted_amount: i64,
    rules: Vec<RuleTrialRow>,
    not_checked: Vec<RuleUnchecked>,
}

/// Persons that a trial from a desk looks at, at most; the command line has no such bound.
const TRIED: i64 = 300;

/// 上月试运行: the library of the region's folder on the settlements of last month, beside the one in
/// force. It tells nobody and puts nothing in force.
#[utoipa::path(
    post, path = "/rules/try", tag = "rules", request_body = TryRules,
    extensions(("x-permission" = json!("rule.try"))),
    responses(
        (status = 200, body = RuleTrial),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn try_out(
    State(console): State<Console>,
    grant: Granted<RuleTry>,
    Body(asked): Body<TryRules>,
) -> Result<Json<RuleTrial>, Problem> {
    let operation = console.operation(grant.caller(), "rules");
    let (from, to) = last_month(operation.received_at.date());
    let (world, begun) = (console.clone(), operation.clone());
    let version = console.deed(move |tx| world.centre.bring_in_library(tx, &begun)).await?;
    let world = console.clone();
    let (report, capped) = console
        .work(move || {
            let period = (from.at(0, 0, 0, 0), to.at(23, 59, 59, 0));
            Ok(world.centre.try_library(&world.database, &operation, &version, period, TRIED)?)
        })
        .await?;
    let wanted = |id: &&String| asked.rule.as_ref().is_none_or(|wanted| wanted == *id);
    let ids: BTreeSet<&String> = report.rules.keys().filter(wanted).collect();
    let row = |id: &String| {
        let change = report.rules[id];
        RuleTrialRow {
            rule: rule(&console, id),
            same_count: change.same,
            new_count: change.new,
            new_amount: change.new_amount.0,
            gone_count: change.gone,
            gone_amount: change.gone_amount.0,
            changed_count: change.changed,
            changed_amount: change.changed_amount.0,
            blocking_more_count: change.blocking_more,
        }
    };
    let unchecked = report.not_checked.iter().filter(|(id, _)| wanted(id));
    let unchecked = unchecked.map(|(id, facts)| RuleUnchecked { rule: rule(&console, id), facts: facts.clone() });
    Ok(Json(RuleTrial {
        run: report.run_id.clone(),
        version: report.version.clone(),
        beside: report.beside.clone(),
        from: from.to_string(),
        to: to.to_string(),
        person_count: report.persons,
        at_most: TRIED,
        capped,
        counted_amount: report.amount.0,
        rules: ids.into_iter().map(row).collect(),
        not_checked: unchecked.collect(),
    }))
}

/// The first and the last day of the month before a day's.
fn last_month(today: Date) -> (Date, Date) {
    let last = today.first_of_month().saturating_sub(1.day());
    (last.first_of_month(), last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_month_of_a_day_in_january_lies_in_the_year_before() {
        let days = last_month(Date::constant(2026, 1, 31));
        assert_eq!(days, (Date::constant(2025, 12, 1), Date::constant(2025, 12, 31)));
    }
}
