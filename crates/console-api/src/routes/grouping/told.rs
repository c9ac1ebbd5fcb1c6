//! A stay as it is told: its group with the reasons, its price, and what stands around it.

use access::Subject;
use grouping::{Scratch, Status};
use listing::SettlementList;
use office::around::{Change, Neighbour, around, stand};
use office::http::Asked;
use office::shelf::Installed;
use payment::{PaymentFile, Priced};
use serde::Serialize;
use terms::Exact;
use utoipa::ToSchema;

use super::code_name;
use crate::frame::{Console, Granted, Problem};
use crate::routes::clearing::cases::PlaceTold;
use crate::routes::clearing::statement::StepTold;

/// 分组状态 as pages name it.
fn word(status: Status) -> &'static str {
    office::group::word(status)
}

/// A code with its name in the region's catalogue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialCode)]
struct CodeTold {
    code: String,
    name: String,
}

/// 定价.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialPrice)]
struct PriceTold {
    /// 统筹池.
    pool: String,
    route: String,
    band: Option<String>,
    /// 权重 or 分值.
    #[schema(value_type = Option<String>)]
    weight: Option<Exact>,
    #[schema(value_type = String)]
    points: Exact,
    /// 倍率.
    #[schema(value_type = Option<String>)]
    ratio: Option<Exact>,
    fee_amount: i64,
    excluded_amount: i64,
    /// 病组支付总额.
    payment_amount: i64,
    patient_amount: i64,
    other_fund_amount: i64,
    /// 统筹基金应付.
    fund_amount: i64,
    /// 按项目记账.
    item_amount: i64,
    difference_amount: i64,
    /// 结余或亏损 of the institution.
    balance_amount: i64,
    /// 定价步骤.
    steps: Vec<StepTold>,
}

impl PriceTold {
    fn of(priced: &Priced, explained: bool) -> PriceTold {
        PriceTold {
            pool: priced.pool.clone(),
            route: priced.route.clone(),
            band: priced.band.clone(),
            weight: priced.weight,
            points: priced.points,
            ratio: priced.r,
            fee_amount: priced.fee.0,
            excluded_amount: priced.excluded.0,
            payment_amount: priced.payment.0,
            patient_amount: priced.patient.0,
            other_fund_amount: priced.other_funds.0,
            fund_amount: priced.fund.0,
            item_amount: priced.item_fund.0,
            difference_amount: priced.difference.0,
            balance_amount: priced.balance.0,
            steps: if explained { priced.steps.iter().map(StepTold::of).collect() } else { Vec::new() },
        }
    }
}

/// Why there is no price.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialRefusal)]
struct RefusalTold {
    code: String,
    message: String,
}

/// What would have to be otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialChange)]
struct ChangeTold {
    #[schema(pattern = "^(principal|without_diagnosis|main_procedure|without_procedure)$")]
    kind: &'static str,
    code: CodeTold,
}

/// 邻组.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialNeighbour)]
struct NeighbourTold {
    status: &'static str,
    group: String,
    name: String,
    /// The group's own rule.
    rule: String,
    /// Any one of these leads there; empty: a group beside it in the tree that no single change reaches.
    by: Vec<ChangeTold>,
    price: Option<PriceTold>,
    refusal: Option<RefusalTold>,
}

/// 试算结果 of one stay.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialStay)]
pub(super) struct StayTold {
    /// Number in the request, from 1: cases first, then lists.
    row: usize,
    id: String,
    #[schema(pattern = "^(grouped|ambiguous|fallback|ungroupable|needs_data|invalid)$")]
    status: &'static str,
    group: String,
    name: String,
    /// From the first level down to where it ended.
    path: Vec<PlaceTold>,
    /// 诊断 and 手术 as they were read.
    diagnoses: Vec<CodeTold>,
    procedures: Vec<CodeTold>,
    /// Severity classes that stand after exclusion.
    severity: Vec<String>,
    /// 辅助目录 that the case meets.
    auxiliary: Vec<String>,
    /// Fields that are needed or refused.
    fields: Vec<String>,
    price: Option<PriceTold>,
    /// Why there is no price.
    refusal: Option<RefusalTold>,
    /// 分组过程 in words, line by line; only with details.
    why: Vec<String>,
    /// 邻组; only with details.
    neighbours: Vec<NeighbourTold>,
}

type Price = Option<Result<Priced, (String, String)>>;

fn price_told(price: &Price, explained: bool) -> (Option<PriceTold>, Option<RefusalTold>) {
    match price {
        None => (None, None),
        Some(Ok(priced)) => (Some(PriceTold::of(priced, explained)), None),
        Some(Err((code, message))) => (None, Some(RefusalTold { code: code.clone(), message: message.clone() })),
    }
}

/// Tells one stay.
pub(super) fn tell(
    console: &Console,
    installed: &Installed,
    plan: Option<&PaymentFile>,
    (row, asked): (usize, &Asked),
    details: bool,
) -> StayTold {
    let grouper = &installed.grouper;
    let named = |code: &String| CodeTold { code: code.clone(), name: code_name(console, code) };
    let standing = stand(installed, plan, asked, &mut Scratch::default());
    let answer = &standing.answer;
    let groups = grouper.groups(answer);
    let texts = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
    let (price, refusal) = price_told(&standing.price, details);
    let around = if details { around(installed, plan, asked, &standing) } else { Vec::new() };
    StayTold {
        row,
        id: asked.case.id.clone(),
        status: word(answer.status),
        group: groups.group.to_owned(),
        name: groups.name.to_owned(),
        path: grouper.path(answer).into_iter().map(PlaceTold::from).collect(),
        diagnoses: asked.case.diagnoses.iter().map(named).collect(),
        procedures: asked.case.procedures.iter().map(named).collect(),
        severity: texts(grouper.severity_names(answer.severity)),
        fields: texts(grouper.field_names(answer.fields)),
        price,
        refusal,
        why: if details {
            grouper.explain(&asked.case).to_string().lines().map(str::to_owned).collect()
        } else {
            Vec::new()
        },
        neighbours: around.iter().map(|one| neighbour(console, one)).collect(),
        auxiliary: standing.auxiliary,
    }
}

fn neighbour(console: &Console, one: &Neighbour) -> NeighbourTold {
    let change = |change: &Change| {
        let (kind, code) = match change {
            Change::Principal(code) => ("principal", code),
            Change::WithoutDiagnosis(code) => ("without_diagnosis", code),
            Change::MainProcedure(code) => ("main_procedure", code),
            Change::WithoutProcedure(code) => ("without_procedure", code),
        };
        ChangeTold { kind, code: CodeTold { code: code.clone(), name: code_name(console, code) } }
    };
    let (price, refusal) = price_told(&one.price, false);
    NeighbourTold {
        status: word(one.status),
        group: one.group.clone(),
        name: one.name.clone(),
        rule: one.rule.clone(),
        by: one.by.iter().map(change).collect(),
        price,
        refusal,
    }
}

/// Whether a stay is of an institution that the grant reaches; one that names none is nobody's.
pub(super) fn within<P>(grant: &Granted<P>, asked: &Asked) -> Result<(), Problem> {
    let of_list = |list: &SettlementList| list.basic.institution.clone();
    let named = asked.settlement.as_ref().map(|settlement| settlement.institution.clone());
    let institution = named.or_else(|| asked.list.as_ref().and_then(of_list)).filter(|code| !code.is_empty());
    match institution {
        Some(code) => grant.cover(&Subject::of_institution(&code), &format!("institution 机构 {code}")),
        None => Ok(()),
    }
}
