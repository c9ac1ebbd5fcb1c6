//! 申请 as told: items with their forms, assessments, applications with their steps; and as sent.

use adjudication::explain::{Language, explain};
use casework::form::{Field, FieldKind};
use journeys::{Assessment, Counter, Item};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::frame::{Column, Console, Exported, Masked};

/// 选项 of a field.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ServiceOption {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) english: String,
}

/// 字段 of a form.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ServiceField {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) english: String,
    /// `text`, `paragraph`, `date`, `money` (分), `number`, `flag`, `code`, `choice`, `person`,
    /// `institution`, `employer`, `rows`.
    #[schema(value_type = String)]
    pub(super) kind: FieldKind,
    pub(super) required: bool,
    pub(super) help: String,
    pub(super) english_help: String,
    /// `code`: the list, searched at `/services/{item}/codes`.
    pub(super) list: String,
    pub(super) options: Vec<ServiceOption>,
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
    /// `rows`: the columns.
    #[schema(no_recursion)]
    pub(super) columns: Vec<ServiceField>,
}

impl ServiceField {
    fn of(field: &Field) -> ServiceField {
        let option = |one: &casework::form::Choice| ServiceOption {
            code: one.code.clone(),
            name: one.name.clone(),
            english: one.english.clone(),
        };
        ServiceField {
            id: field.id.clone(),
            name: field.name.clone(),
            english: field.english.clone(),
            kind: field.kind,
            required: field.required,
            help: field.help.clone(),
            english_help: field.english_help.clone(),
            list: field.list.clone(),
            options: field.options.iter().map(option).collect(),
            min: field.min,
            max: field.max,
            columns: field.columns.iter().map(ServiceField::of).collect(),
        }
    }
}

/// 办理条件: a sentence, which may name values in braces.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ServiceCondition {
    pub(super) says: String,
    pub(super) english: String,
    pub(super) article: String,
}

/// 材料.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ServiceMaterial {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) english: String,
}

/// 期限 of an item's procedure.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ServiceTime {
    pub(super) name: String,
    pub(super) days: u32,
    /// Working days, or calendar days.
    pub(super) working: bool,
    pub(super) article: String,
}

/// 服务事项.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ServiceItem {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) desk: String,
    pub(super) name: String,
    pub(super) english: String,
    pub(super) group: String,
    pub(super) summary: String,
    pub(super) english_summary: String,
    pub(super) article: String,
    /// `citizen`, `staff`, `institution`.
    pub(super) who: Vec<String>,
    /// Whether the rule alone may decide.
    pub(super) automatic: bool,
    pub(super) conditions: Vec<ServiceCondition>,
    pub(super) materials: Vec<ServiceMaterial>,
    pub(super) times: Vec<ServiceTime>,
    pub(super) fields: Vec<ServiceField>,
}

impl ServiceItem {
    pub(in crate::routes) fn of(counter: &Counter, item: &Item) -> ServiceItem {
        let text = str::to_owned;
        let procedure = counter.book.procedures.on(&item.procedure, item.from);
        let conditions = item.conditions().map(|(says, english, article)| ServiceCondition {
            says: text(says),
            english: text(english),
            article: text(article),
        });
        let materials = item.materials.iter().map(|one| ServiceMaterial {
            id: one.id.clone(),
            name: one.name.clone(),
            english: one.english.clone(),
        });
        let times = procedure.into_iter().flat_map(|procedure| &procedure.clocks).map(|clock| ServiceTime {
            name: clock.name.clone(),
            days: clock.days,
            working: clock.unit == casework::Unit::Working,
            article: clock.article.clone(),
        });
        ServiceItem {
            id: item.id.clone(),
            version: item.version.clone(),
            desk: item.desk.clone(),
            name: item.name.clone(),
            english: item.english.clone(),
            group: item.group.clone(),
            summary: item.summary.clone(),
            english_summary: item.english_summary.clone(),
            article: item.article.clone(),
            who: item.who.clone(),
            automatic: item.automatic_when().is_some(),
            conditions: conditions.collect(),
            materials: materials.collect(),
            times: times.collect(),
            fields: item.fields.iter().map(ServiceField::of).collect(),
        }
    }
}

/// 材料 or 文书 as sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct ServiceDocument {
    /// A material's id, or the kind that a step asks for.
    pub(super) kind: String,
    /// The file's name.
    pub(super) name: String,
    /// Its media type.
    pub(super) media: String,
    /// The file in base64.
    pub(super) content: String,
}

/// 申请 as sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct ApplicationSent {
    /// 人员编号 of the person it is for; a citizen may leave it out.
    #[serde(default)]
    pub(super) person: Option<String>,
    /// Drawn by the sender; the same key again is the same application.
    #[serde(default)]
    pub(super) key: String,
    /// 填报内容 by field.
    #[serde(default)]
    pub(super) form: Map<String, Value>,
    #[serde(default)]
    pub(super) documents: Vec<ServiceDocument>,
    #[serde(default)]
    pub(super) why: String,
}

/// 步骤 as sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct ApplicationStepSent {
    /// Which step of the procedure.
    pub(super) step: String,
    /// Drawn by the sender; the same key again is the same step.
    pub(super) key: String,
    pub(super) why: String,
    /// 办案人编号, where the step assigns.
    #[serde(default)]
    pub(super) assign_to: Option<String>,
    #[serde(default)]
    pub(super) documents: Vec<ServiceDocument>,
    /// 补正: the whole form as it should read.
    #[serde(default)]
    pub(super) form: Option<Map<String, Value>>,
}

/// Which applications.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::routes) struct Filter {
    /// 事项.
    pub item: Option<String>,
    /// 状态.
    pub state: Option<String>,
    /// 人员编号 or 机构编号.
    pub party: Option<String>,
    /// 承办人.
    pub assignee: Option<String>,
    /// Closed ones, or open ones.
    pub closed: Option<bool>,
}

/// 不符合条件.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ServiceReason {
    pub(super) id: String,
    pub(super) says: String,
    pub(super) english: String,
    pub(super) article: String,
}

/// A head of a settlement, as it would be.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ClaimPreview {
    pub(super) medfee_amount: i64,
    pub(super) own_amount: i64,
    pub(super) over_limit_amount: i64,
    pub(super) first_self_amount: i64,
    pub(super) in_scope_amount: i64,
    pub(super) deductible_amount: i64,
    pub(super) fund_amount: i64,
    pub(super) account_amount: i64,
    pub(super) cash_amount: i64,
    /// 基金分项: code, name, amount.
    pub(super) funds: Vec<ClaimFund>,
    pub(super) lines: Vec<ClaimLine>,
    /// 计算说明: why, step by step, in words.
    pub(super) explanation: String,
    pub(super) english_explanation: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ClaimFund {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) amount: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ClaimLine {
    pub(super) number: String,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) amount: i64,
    pub(super) own_amount: i64,
    pub(super) over_limit_amount: i64,
    pub(super) first_self_amount: i64,
    pub(super) in_scope_amount: i64,
}

/// 预审: what the rules say.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ServiceAssessment {
    /// Whether it could be applied for now.
    pub(super) ready: bool,
    /// Whether it would be decided at once.
    pub(super) automatic: bool,
    pub(super) faults: Vec<ServiceFault>,
    pub(super) missing: Vec<String>,
    pub(super) reasons: Vec<ServiceReason>,
    pub(super) amount: i64,
    /// 试算 of a claim.
    pub(super) settlement: Option<ClaimPreview>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ServiceFault {
    pub(super) field: String,
    pub(super) row: Option<usize>,
    pub(super) message: String,
}

impl ServiceAssessment {
    pub(in crate::routes) fn of(console: &Console, found: &Assessment) -> ServiceAssessment {
        ServiceAssessment {
            ready: found.require().is_ok(),
            automatic: found.automatic,
            faults: found
                .slips
                .iter()
                .map(|slip| ServiceFault { field: slip.field.clone(), row: slip.row, message: slip.message.clone() })
                .collect(),
            missing: found.missing.clone(),
            reasons: found
                .reasons
                .iter()
                .map(|one| ServiceReason {
                    id: one.id.clone(),
                    says: one.says.clone(),
                    english: one.english.clone(),
                    article: one.article.clone(),
                })
                .collect(),
            amount: found.amount.0,
            settlement: found.settled.as_ref().map(|settled| preview(console, settled)),
        }
    }
}

fn preview(console: &Console, settled: &journeys::Settled) -> ClaimPreview {
    let heads = &settled.settlement.heads;
    let funds = settled.settlement.detail.iter().map(|row| ClaimFund {
        name: console
            .funds
            .get(&row.fund_pay_type)
            .map_or_else(|| row.fund_pay_type.clone(), |named| named.name.clone()),
        code: row.fund_pay_type.clone(),
        amount: row.fund_payamt.0,
    });
    let lines = settled.lines.iter().map(|charged| ClaimLine {
        number: charged.line.feedetl_sn.to_string(),
        code: charged.line.med_list_codg.to_string(),
        name: charged.line.fields.get("name").cloned().unwrap_or_default(),
        amount: charged.line.amount.0,
        own_amount: charged.split.fulamt_ownpay_amt.0,
        over_limit_amount: charged.split.overlmt_amt.0,
        first_self_amount: charged.split.preselfpay_amt.0,
        in_scope_amount: charged.split.inscp_scp_amt.0,
    });
    let explained = |language| explain(&settled.settlement, Some(&console.centre.law), language);
    ClaimPreview {
        medfee_amount: heads.medfee_sumamt.0,
        own_amount: heads.fulamt_ownpay_amt.0,
        over_limit_amount: heads.overlmt_selfpay.0,
        first_self_amount: heads.preselfpay_amt.0,
        in_scope_amount: heads.inscp_scp_amt.0,
        deductible_amount: heads.act_pay_dedc.0,
        fund_amount: heads.fund_pay_sumamt.0,
        account_amount: heads.acct_pay.0,
        cash_amount: heads.psn_cash_pay.0,
        funds: funds.collect(),
        lines: lines.collect(),
        explanation: explained(Language::Chinese),
        english_explanation: explained(Language::English),
    }
}

/// 申请 in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct ApplicationRow {
    pub(super) case_id: String,
    pub(super) item: String,
    pub(super) item_name: String,
    pub(super) item_english: String,
    pub(super) subject: String,
    /// 人员编号 or 机构编号.
    pub(super) party: String,
    pub(super) applicant: String,
    pub(super) state: String,
    pub(super) state_name: String,
    pub(super) assignee: String,
    pub(super) closed: bool,
    pub(super) amount: i64,
    pub(super) opened_at: String,
    /// The day by which the next thing is due, and what that is.
    pub(super) due: String,
    pub(super) due_name: String,
    pub(super) overdue: bool,
}

impl Exported for ApplicationRow {
    const FILE: &'static str = "applications";
    const COLUMNS: &'static [Column] = &[
        Column::text("case_id", "编号"),
        Column::text("item_name", "事项"),
        Column::text("subject", "内容"),
        Column::text("party", "当事人"),
        Column::text("applicant", "申请人"),
        Column::text("state_name", "状态"),
        Column::text("assignee", "承办人"),
        Column::money("amount", "金额"),
        Column::text("opened_at", "申请时间"),
        Column::text("due", "到期日"),
    ];
}

/// A step that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ApplicationStep {
    pub(super) seq: i64,
    pub(super) step: String,
    pub(super) name: String,
    pub(super) by: String,
    pub(super) by_name: String,
    pub(super) role: String,
    pub(super) at: String,
    pub(super) why: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) assigned: String,
}

/// A step that may be taken now.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ApplicationNext {
    pub(super) step: String,
    pub(super) name: String,
    /// Roles among the staff; `party` is whoever applied.
    pub(super) roles: Vec<String>,
    /// Whether the asker's account may take it, as far as roles say.
    pub(super) mine: bool,
    pub(super) documents: Vec<String>,
    /// To whom it may be assigned: 办案人编号 and name.
    pub(super) assignees: Vec<ServiceOption>,
    /// 补正: sends the form again.
    pub(super) amends: bool,
    pub(super) article: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ApplicationDocument {
    pub(super) seq: i64,
    pub(super) nth: usize,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) media: String,
    pub(super) digest: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ApplicationClock {
    pub(super) name: String,
    pub(super) due: String,
    pub(super) running: bool,
}

/// 申请案卷.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct ApplicationFile {
    pub(super) row: ApplicationRow,
    pub(super) item: ServiceItem,
    /// Decided at once by the rule alone.
    pub(super) automatic: bool,
    pub(super) person_name: Option<Masked>,
    pub(super) form: Map<String, Value>,
    /// What an approval gave: numbers of filings, settlements.
    pub(super) result: Option<Value>,
    pub(super) steps: Vec<ApplicationStep>,
    pub(super) possible: Vec<ApplicationNext>,
    pub(super) clocks: Vec<ApplicationClock>,
    pub(super) documents: Vec<ApplicationDocument>,
    /// The procedure and its version.
    pub(super) procedure: String,
}
