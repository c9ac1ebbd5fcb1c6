//! 分组: the schemes and payment plans of the region to look through, what the linter says of them,
//! and stays tried out: group, reasons, price, and what stands around them. Nothing is kept.

use access::permission::PaymentRead;
use axum::Json;
use axum::extract::{Path, State};
use office::shelf::{Installed, name_of};
use payment::PaymentFile;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::frame::{Column, Console, Exported, Granted, Listed, Listing, Paging, Problem, ProblemBody, Query};
use crate::routes::policy::check::{CountTold, FindingTold};

mod told;
mod trial;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(schemes))
        .routes(routes!(nodes))
        .routes(routes!(set))
        .routes(routes!(lint))
        .merge(trial::routes())
}

/// A field of the scheme's own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupingField)]
struct FieldTold {
    name: String,
    title: String,
    /// Whether it is a number; otherwise a code.
    number: bool,
}

/// 支付方案 of a scheme.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupingPlan)]
struct PlanTold {
    id: String,
    title: String,
    english: String,
    from: String,
    until: Option<String>,
    /// What its measure is called: 权重, 基准点数, 分值.
    measure: String,
}

/// 分组方案.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupingScheme)]
struct SchemeTold {
    /// `id@version`.
    name: String,
    id: String,
    version: String,
    title: String,
    source: String,
    /// Code systems.
    diagnoses: String,
    procedures: String,
    /// Levels of the tree, top first, with how many nodes each has.
    levels: Vec<LevelTold>,
    sets: usize,
    fields: Vec<FieldTold>,
    plans: Vec<PlanTold>,
}

/// A level of the tree.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupingLevel)]
struct LevelTold {
    name: String,
    nodes: usize,
}

/// 分组方案 at hand.
#[utoipa::path(
    get, path = "/grouping/schemes", tag = "grouping",
    extensions(("x-permission" = json!("payment.read"))),
    responses(
        (status = 200, body = Vec<SchemeTold>),
    )
)]
async fn schemes(State(console): State<Console>, _: Granted<PaymentRead>) -> Json<Vec<SchemeTold>> {
    let plan = |plan: &PaymentFile| PlanTold {
        id: plan.id.clone(),
        title: plan.title.clone(),
        english: plan.english.clone(),
        from: plan.from.to_string(),
        until: plan.until.map(|day| day.to_string()),
        measure: plan.weights.name.to_string(),
    };
    let told = |one: &Installed| {
        let scheme = one.grouper.scheme();
        let field = |field: &grouping::OtherField| FieldTold {
            name: field.name.clone(),
            title: field.title.clone(),
            number: field.kind == grouping::FieldKind::Number,
        };
        let mut level: Vec<&grouping::Node> = scheme.nodes.iter().collect();
        let levels = scheme.levels.iter().map(|own| {
            let nodes = level.len();
            level = level.iter().flat_map(|node| &node.children).collect();
            LevelTold { name: own.name.clone(), nodes }
        });
        SchemeTold {
            name: name_of(scheme),
            id: scheme.id.clone(),
            version: scheme.version.clone(),
            title: scheme.title.clone(),
            source: scheme.source.clone(),
            diagnoses: scheme.code_systems.diagnoses.clone(),
            procedures: scheme.code_systems.procedures.clone(),
            levels: levels.collect(),
            sets: scheme.sets.len(),
            fields: scheme.fields.iter().map(field).collect(),
            plans: one.plans.iter().map(plan).collect(),
        }
    };
    Json(console.shelf.schemes.iter().map(told).collect())
}

/// A scheme by its name.
fn installed<'a>(console: &'a Console, name: &str) -> Result<&'a Installed, Problem> {
    console.shelf.scheme(Some(name)).map_err(|_| Problem::not_found(format!("scheme 分组方案 {name}")))
}

/// Which nodes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NodesAsked {
    /// The node above, by its codes from the top: `B/BR2`; the first level unless given.
    parent: Option<String>,
    /// Part of a code or a name, anywhere in the tree; `parent` is passed over.
    q: Option<String>,
    /// 支付方案 whose weights are shown; the scheme's only one unless given.
    plan: Option<String>,
}

/// 分组节点.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GroupingNode)]
struct NodeTold {
    /// Its codes from the top: `B/BR2/BR21`.
    path: String,
    level: String,
    code: String,
    name: String,
    /// 入组条件, in the scheme's own language; empty: every case that comes here.
    rule: String,
    /// Names of code sets in the condition.
    sets: Vec<String>,
    #[schema(pattern = "^(grouped|ambiguous|fallback|ungroupable)$")]
    status: &'static str,
    /// How many nodes stand below it.
    children: usize,
    /// 权重, 基准点数 or 分值 in the plan, of a final group.
    weight: Option<String>,
    /// 组均费用 in the plan.
    mean_amount: Option<i64>,
    /// 历史病例数 in the plan.
    cases: Option<u64>,
}

impl Exported for NodeTold {
    const FILE: &'static str = "groups";
    const COLUMNS: &'static [Column] = &[
        Column::text("path", "路径"),
        Column::text("level", "层级"),
        Column::text("code", "编码"),
        Column::text("name", "名称"),
        Column::text("rule", "入组条件"),
        Column::text("weight", "权重或分值"),
        Column::money("mean_amount", "组均费用"),
        Column::count("cases", "历史病例数"),
    ];
}

/// The nodes of a scheme's tree: those below a node, or those that a search finds.
#[utoipa::path(
    get, path = "/grouping/schemes/{scheme}/nodes", tag = "grouping",
    params(("scheme" = String, Path, description = "id@version"), Paging, NodesAsked),
    extensions(("x-permission" = json!("payment.read"))),
    responses(
        (status = 200, body = Listing<NodeTold>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn nodes(
    State(console): State<Console>,
    _: Granted<PaymentRead>,
    Path(scheme): Path<String>,
    Query(paging): Query<Paging>,
    Query(asked): Query<NodesAsked>,
) -> Result<Listed<NodeTold>, Problem> {
    let one = installed(&console, &scheme)?;
    let plan = match asked.plan.as_deref().filter(|plan| !plan.is_empty()) {
        Some(plan) => Some(one.plan(Some(plan)).map_err(|_| Problem::not_found(format!("plan 支付方案 {plan}")))?),
        None => one.plan(None).ok(),
    };
    let scheme = one.grouper.scheme();
    let day = (console.now)().date();
    let mut rows = Vec::new();
    let mut tell = |node: &grouping::Node, above: &str, depth: usize| {
        rows.push(node_told(scheme, plan, day, node, above, depth));
    };
    match asked.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        Some(q) => search(&scheme.nodes, "", 0, &q.to_uppercase(), &mut tell),
        None => {
            let mut level = scheme.nodes.as_slice();
            let mut depth = 0;
            let parent = asked.parent.unwrap_or_default();
            for code in parent.split('/').filter(|code| !code.is_empty()) {
                let node = level.iter().find(|node| node.code == code);
                level = &node.ok_or_else(|| Problem::not_found(format!("group 分组 {parent}")))?.children;
                depth += 1;
            }
            level.iter().for_each(|node| tell(node, &parent, depth));
        }
    }
    Listed::of_all(&paging, rows, |row| row.path.clone())
}

fn search(
    level: &[grouping::Node],
    above: &str,
    depth: usize,
    q: &str,
    tell: &mut impl FnMut(&grouping::Node, &str, usize),
) {
    for node in level {
        if node.code.to_uppercase().contains(q) || node.name.to_uppercase().contains(q) {
            tell(node, above, depth);
        }
        search(&node.children, &below(above, &node.code), depth + 1, q, tell);
    }
}

fn below(above: &str, code: &str) -> String {
    if above.is_empty() { code.to_owned() } else { format!("{above}/{code}") }
}

fn node_told(
    scheme: &grouping::Scheme,
    plan: Option<&PaymentFile>,
    day: terms::Date,
    node: &grouping::Node,
    above: &str,
    depth: usize,
) -> NodeTold {
    use grouping::{Condition, NodeStatus};
    let weight = plan.filter(|_| node.children.is_empty()).and_then(|plan| {
        let day = plan.until.map_or(day, |until| until.min(day)).max(plan.from);
        plan.weights.row(&node.code, day)
    });
    NodeTold {
        path: below(above, &node.code),
        level: scheme.levels.get(depth).map_or_else(String::new, |level| level.name.clone()),
        code: node.code.clone(),
        name: node.name.clone(),
        rule: if node.condition == Condition::Always(true) { String::new() } else { node.condition.to_string() },
        sets: sets_of(&node.condition, scheme),
        status: match node.status {
            NodeStatus::Grouped => "grouped",
            NodeStatus::Ambiguous => "ambiguous",
            NodeStatus::Fallback => "fallback",
            NodeStatus::Ungroupable => "ungroupable",
        },
        children: node.children.len(),
        weight: weight.map(|row| row.weight.to_string()),
        mean_amount: weight.and_then(|row| row.mean_fee).map(|fee| fee.0),
        cases: weight.and_then(|row| row.cases),
    }
}

/// Names of the scheme's code sets in a condition, as they stand there.
fn sets_of(condition: &grouping::Condition, scheme: &grouping::Scheme) -> Vec<String> {
    let text = condition.to_string();
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-' || c == '.'));
    let mut found: Vec<String> = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        if scheme.sets.iter().any(|set| set.name == word) && !found.iter().any(|known| known == word) {
            found.push(word.to_owned());
        }
    }
    found
}

/// A code of a set.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GroupingMember)]
struct MemberTold {
    /// The code, its beginning, or `A00-B99`.
    code: String,
    /// Its name in the region's catalogue, where it has one.
    name: String,
    tag: Option<String>,
}

impl Exported for MemberTold {
    const FILE: &'static str = "codes";
    const COLUMNS: &'static [Column] =
        &[Column::text("code", "编码"), Column::text("name", "名称"), Column::text("tag", "标签")];
}

/// The codes of a set.
#[utoipa::path(
    get, path = "/grouping/schemes/{scheme}/sets/{set}", tag = "grouping",
    params(("scheme" = String, Path, description = "id@version"), ("set" = String, Path, description = "as conditions name it"), Paging),
    extensions(("x-permission" = json!("payment.read"))),
    responses(
        (status = 200, body = Listing<MemberTold>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn set(
    State(console): State<Console>,
    _: Granted<PaymentRead>,
    Path((scheme, set)): Path<(String, String)>,
    Query(paging): Query<Paging>,
) -> Result<Listed<MemberTold>, Problem> {
    let scheme = installed(&console, &scheme)?.grouper.scheme();
    let found = scheme.sets.iter().find(|known| known.name == set);
    let found = found.ok_or_else(|| Problem::not_found(format!("set 编码集 {set}")))?;
    let member = |member: &grouping::Member| MemberTold {
        code: member.code.clone(),
        name: code_name(&console, &member.code),
        tag: member.tag.clone(),
    };
    let rows: Vec<MemberTold> = found.members.iter().map(member).collect();
    Listed::of_all(&paging, rows, |row| format!("{}/{}", row.code, row.tag.as_deref().unwrap_or_default()))
}

/// The name of a diagnosis or procedure in the region's catalogue, or nothing.
fn code_name(console: &Console, code: &str) -> String {
    let tables = console.shelf.quality.iter().flat_map(|quality| &quality.tables);
    let names = tables.filter(|(name, _)| name == "diagnoses" || name == "procedures");
    names.filter_map(|(_, table)| table.name(code)).next().unwrap_or_default().to_owned()
}

/// What the linter says of the schemes and plans, and whether their cases and examples hold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupingLint)]
struct LintTold {
    errors: usize,
    warnings: usize,
    /// Schemes, grouping cases, plans that were looked through.
    counts: Vec<CountTold>,
    findings: Vec<FindingTold>,
}

/// 方案检查: schemes and plans looked through now.
#[utoipa::path(
    get, path = "/grouping/lint", tag = "grouping",
    extensions(("x-permission" = json!("payment.read"))),
    responses(
        (status = 200, body = LintTold),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn lint(State(console): State<Console>, _: Granted<PaymentRead>) -> Result<Json<LintTold>, Problem> {
    let folder = console.folder.clone();
    console
        .work(move || {
            let region = crate::routes::policy::open(&folder)?.region;
            let report = region::check_grouping(&region);
            Ok(Json(LintTold {
                errors: report.errors(),
                warnings: report.warnings(),
                counts: report.counts.iter().map(CountTold::from).collect(),
                findings: report.problems.iter().map(FindingTold::from).collect(),
            }))
        })
        .await
}
