//! 应答: what a program gets. Amounts are texts in 元, numbers exact decimal texts.

use grouping::{Answer, Case, Grouper, Scratch, Status};
use payment::Priced;
use serde::Serialize;
use terms::{Exact, Fen};
use utoipa::ToSchema;

/// 分组状态.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Status)]
pub enum StatusOut {
    /// 入组.
    Grouped,
    /// 歧义 (QY): there is a group code.
    Ambiguous,
    /// A rest group of the scheme.
    Fallback,
    /// 未入组.
    Ungroupable,
    /// A field that the scheme needs is unknown: `fields` names it.
    NeedsData,
    /// A field holds something that the scheme refuses: `fields` names it.
    Invalid,
}

impl From<Status> for StatusOut {
    fn from(status: Status) -> StatusOut {
        match status {
            Status::Grouped => StatusOut::Grouped,
            Status::Ambiguous => StatusOut::Ambiguous,
            Status::Fallback => StatusOut::Fallback,
            Status::Ungroupable => StatusOut::Ungroupable,
            Status::NeedsData => StatusOut::NeedsData,
            Status::Invalid => StatusOut::Invalid,
        }
    }
}

/// 分组结果 of one case.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GroupAnswer)]
pub struct GroupOut {
    /// Number in the request, from 1: cases first, then lists.
    pub row: usize,
    /// The name that the case came with.
    pub id: String,
    /// 状态.
    pub status: StatusOut,
    /// 主要诊断大类; empty if there is none.
    pub mdc: String,
    /// 核心疾病诊断相关组; empty if there is none.
    pub adrg: String,
    /// 组号; empty if there is none.
    pub group: String,
    /// 组名.
    pub name: String,
    /// Severity classes that stand after exclusion (MCC, CC).
    pub severity: Vec<String>,
    /// 辅助目录: levels that the case meets, by their ids (`age:66+`).
    pub auxiliary: Vec<String>,
    /// Fields that are needed or refused, as conditions name them.
    pub fields: Vec<String>,
    /// The reasons, line by line; only when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
    /// What each diagnosis would lead to as principal, in the given order; only when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub what_if: Vec<WhatIfOut>,
}

/// 若以此为主要诊断.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WhatIf)]
pub struct WhatIfOut {
    /// The diagnosis taken as principal.
    pub diagnosis: String,
    /// 状态.
    pub status: StatusOut,
    /// 组号; empty if there is none.
    pub group: String,
    /// 组名.
    pub name: String,
}

impl GroupOut {
    pub(super) fn of(grouper: &Grouper, case: &Case, answer: &Answer, row: usize, scratch: &mut Scratch) -> GroupOut {
        let groups = grouper.groups(answer);
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        GroupOut {
            row,
            id: case.id.clone(),
            status: answer.status.into(),
            mdc: groups.mdc.to_owned(),
            adrg: groups.adrg.to_owned(),
            group: groups.group.to_owned(),
            name: groups.name.to_owned(),
            severity: owned(grouper.severity_names(answer.severity)),
            auxiliary: grouper.auxiliary(case, scratch, answer).into_iter().map(|row| row.id.clone()).collect(),
            fields: owned(grouper.field_names(answer.fields)),
            why: Vec::new(),
            what_if: Vec::new(),
        }
    }
}

/// The scheme that answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SchemeName {
    /// Id.
    pub id: String,
    /// Version.
    pub version: String,
}

impl SchemeName {
    pub(super) fn of(scheme: &grouping::Scheme) -> SchemeName {
        SchemeName { id: scheme.id.clone(), version: scheme.version.clone() }
    }
}

/// 分组应答.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GroupResponse {
    /// Which scheme.
    pub scheme: SchemeName,
    /// One answer a case, in order.
    pub answers: Vec<GroupOut>,
}

/// 质控问题.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingOut {
    /// 规则编号.
    pub rule: String,
    /// `error`: the list should not be declared as it is; `warning`: somebody should look.
    pub severity: &'static str,
    /// The field, as `stay.admitted`.
    pub field: String,
    /// Its row counted from 1, where there are rows.
    pub row: Option<usize>,
    /// What stands there.
    pub value: Option<String>,
    /// For people, Chinese.
    pub message: String,
    /// For people, English.
    pub english: String,
}

/// 未检查. A rule that could say neither yes nor no.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Unchecked)]
pub struct UncheckedOut {
    /// 规则编号.
    pub rule: String,
    /// Fields, rows or tables that are missing.
    pub missing: Vec<String>,
}

/// 质控报告 of one list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = QcReport)]
pub struct QcOut {
    /// Number in the request, from 1.
    pub row: usize,
    /// 病案号.
    pub record_no: String,
    /// Whether nothing is an error.
    pub acceptable: bool,
    /// Findings by rule.
    pub findings: Vec<FindingOut>,
    /// What could not be checked.
    pub unchecked: Vec<UncheckedOut>,
}

/// 质控应答.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QcResponse {
    /// One report a list, in order.
    pub reports: Vec<QcOut>,
}

/// 定价步骤.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PriceStep)]
pub struct StepOut {
    /// The rule of the plan.
    pub rule: String,
    /// 中文名.
    pub name: String,
    /// The article cited.
    pub article: String,
    /// One line for people.
    pub text: String,
}

/// 定价.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Price)]
pub struct PriceOut {
    /// 统筹池.
    pub pool: String,
    /// The route taken.
    pub route: String,
    /// 倍率 band, if the route has bands.
    pub band: Option<String>,
    /// 权重, 基准点数 or 分值 of the group.
    #[schema(value_type = Option<String>)]
    pub weight: Option<Exact>,
    /// 结算点数.
    #[schema(value_type = String)]
    pub points: Exact,
    /// 倍率.
    #[schema(value_type = Option<String>)]
    pub r: Option<Exact>,
    /// 医疗总费用, 元.
    pub fee: String,
    /// 除外支付, 元.
    pub excluded: String,
    /// 病组支付总额, 元.
    pub payment: String,
    /// 个人支付, 元.
    pub patient: String,
    /// 其他基金支付, 元.
    pub other_funds: String,
    /// 统筹基金应付, 元.
    pub fund: String,
    /// 按项目记账, 元.
    pub item_fund: String,
    /// 与按项目之差, 元.
    pub difference: String,
    /// 结余或亏损 of the hospital, 元.
    pub balance: String,
    /// Why; only when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepOut>,
}

impl PriceOut {
    pub(super) fn of(priced: &Priced, explain: bool) -> PriceOut {
        let yuan = |fen: Fen| fen.to_string();
        let steps = if explain { priced.steps.as_slice() } else { &[] };
        PriceOut {
            pool: priced.pool.clone(),
            route: priced.route.clone(),
            band: priced.band.clone(),
            weight: priced.weight,
            points: priced.points,
            r: priced.r,
            fee: yuan(priced.fee),
            excluded: yuan(priced.excluded),
            payment: yuan(priced.payment),
            patient: yuan(priced.patient),
            other_funds: yuan(priced.other_funds),
            fund: yuan(priced.fund),
            item_fund: yuan(priced.item_fund),
            difference: yuan(priced.difference),
            balance: yuan(priced.balance),
            steps: steps
                .iter()
                .map(|step| StepOut {
                    rule: step.rule.to_string(),
                    name: step.name.to_string(),
                    article: step.article.to_string(),
                    text: step.to_string(),
                })
                .collect(),
        }
    }
}

/// 拒绝: why one case has no price. The others have theirs.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Refusal)]
pub struct RefusalOut {
    /// A stable code.
    pub code: String,
    /// What is wrong and the way out.
    pub message: String,
}

/// A case, grouped, with its price or why it has none.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PricedCase)]
pub struct PricedOut {
    /// How it was grouped.
    pub grouped: GroupOut,
    /// 定价.
    pub price: Option<PriceOut>,
    /// 拒绝.
    pub refusal: Option<RefusalOut>,
}

/// 定价应答.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PriceResponse {
    /// Which scheme.
    pub scheme: SchemeName,
    /// Which plan.
    pub plan: String,
    /// SHA-256 of the plan's files.
    pub plan_hash: String,
    /// One answer a case, in order.
    pub answers: Vec<PricedOut>,
}

/// 方案 at hand.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Scheme)]
pub struct SchemeOut {
    /// Id.
    pub id: String,
    /// Version.
    pub version: String,
    /// Title.
    pub title: String,
    /// Where it was published.
    pub source: String,
    /// Code system of diagnoses.
    pub diagnoses: String,
    /// Code system of procedures.
    pub procedures: String,
    /// Levels of its tree, top first.
    pub levels: Vec<String>,
    /// Fields beyond those every case has, for `numbers` and `codes`.
    pub fields: Vec<FieldOut>,
    /// 支付方案 that price it.
    pub plans: Vec<PlanOut>,
}

/// A field of the scheme's own.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SchemeField)]
pub struct FieldOut {
    /// Its name in `numbers` or `codes`.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Whether it is a number; otherwise a code.
    pub number: bool,
}

/// 支付方案.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Plan)]
pub struct PlanOut {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// First day.
    pub from: String,
    /// Last day, if it ends.
    pub until: Option<String>,
    /// SHA-256 of its files.
    pub hash: String,
}

/// 方案应答.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SchemesResponse {
    /// Schemes at hand.
    pub schemes: Vec<SchemeOut>,
    /// Whether quality rules are at hand (`qc`).
    pub quality: bool,
}
