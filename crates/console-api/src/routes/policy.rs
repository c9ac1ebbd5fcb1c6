//! 政策: the region's folder as pages: parameters over time, rules, articles and what they set,
//! examples run now, and what another version would change and for whom. Never a write.

use std::path::{Path as FilePath, PathBuf};

use access::permission::PolicyRead;
use axum::Json;
use axum::extract::{Path, State};
use policy::{SourceFile, Unit};
use region::outline::{self, ArticleChange, Parameter, Place, Rule};
use region::{Manifest, Region, RegionError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::frame::{Console, Fault, Granted, Problem, ProblemBody, Query};

pub(super) mod check;
mod compare;
mod simulate;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(folder))
        .routes(routes!(parameters))
        .routes(routes!(rules))
        .routes(routes!(articles))
        .routes(routes!(article))
        .routes(routes!(file))
        .merge(check::routes())
        .merge(compare::routes())
}

/// The folder as it lies there now.
pub(super) struct Opened {
    pub region: Region,
    pub sources: Vec<SourceFile>,
}

/// Opens the region's folder, off the server's threads.
async fn opened(console: &Console) -> Result<Opened, Problem> {
    let folder = console.folder.clone();
    console.work(move || open(&folder)).await
}

pub(super) fn open(folder: &FilePath) -> Result<Opened, Problem> {
    let read = || -> Result<Opened, RegionError> {
        let sources = region::read_policy(folder, &Manifest::read(folder)?)?;
        Ok(Opened { region: Region::open(folder)?, sources })
    };
    read().map_err(|error| unsound(&error))
}

/// A folder that cannot be used: each slip by its file and line.
fn unsound(error: &RegionError) -> Problem {
    match error {
        RegionError::Policy(problems) => slips(problems),
        RegionError::Manifest(problem) => slips(&policy::Problems(vec![problem.clone()])),
        other => {
            Problem::conflict([format!("政策文件夹不能使用：{other}"), format!("the folder cannot be used: {other}")])
        }
    }
}

fn slips(problems: &policy::Problems) -> Problem {
    let errors = problems.0.iter().filter(|problem| problem.severity == policy::Severity::Error);
    let fault = |problem: &policy::Problem| Fault {
        field: problem.file.clone(),
        row: u32::try_from(problem.line).ok(),
        message: problem.message.clone(),
    };
    Problem::faults(errors.take(100).map(fault).collect())
}

/// 政策文件.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyTopic)]
struct TopicTold {
    file: String,
    /// What its first comment says it is about.
    title: String,
    lines: usize,
}

/// 政策文件夹.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyFolder)]
struct FolderTold {
    /// 名称 of the law.
    title: String,
    english: String,
    /// 政策版本: the hash of the folder.
    hash: String,
    /// The hash that settlements are decided by now; another one when the folder was edited since
    /// the centre was started.
    running: String,
    topics: Vec<TopicTold>,
    /// How many tables it has.
    parameters: usize,
    rules: usize,
    examples: usize,
    /// Other folders beside it, to compare with.
    beside: Vec<String>,
    /// Days on which some parameter changes, the latest first.
    dates: Vec<String>,
    /// The region's present day.
    today: String,
}

/// 政策文件夹.
#[utoipa::path(
    get, path = "/policy", tag = "policy",
    extensions(("x-permission" = json!("policy.read"))),
    responses(
        (status = 200, body = FolderTold),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn folder(State(console): State<Console>, _: Granted<PolicyRead>) -> Result<Json<FolderTold>, Problem> {
    let Opened { region, sources } = opened(&console).await?;
    let topic = |one: outline::Topic| TopicTold { file: one.file, title: one.title, lines: one.lines };
    let law = &region.law;
    let mut dates: Vec<_> = law.tables.iter().flat_map(policy::Table::dates).collect();
    dates.sort_unstable();
    dates.dedup();
    Ok(Json(FolderTold {
        title: law.title.clone(),
        english: law.english.clone(),
        hash: law.hash().to_owned(),
        running: console.centre.law.hash().to_owned(),
        topics: outline::topics(&sources).into_iter().map(topic).collect(),
        parameters: law.tables.len(),
        rules: outline::rules(law, &sources).len(),
        examples: law.examples.len(),
        beside: beside(&console.folder).into_iter().map(|(name, _)| name).collect(),
        dates: dates.iter().rev().map(ToString::to_string).collect(),
        today: (console.now)().date().to_string(),
    }))
}

/// Other region folders beside the region's own, by a name that people know them by.
fn beside(own: &FilePath) -> Vec<(String, PathBuf)> {
    let Ok(own) = own.canonicalize() else { return Vec::new() };
    let Some(parent) = own.parent() else { return Vec::new() };
    let below = |folder: &FilePath| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        found.sort();
        found
    };
    let children = below(parent);
    let nested = children.iter().filter(|path| !path.join("region.toml").is_file()).flat_map(|path| below(path));
    let all = children.iter().cloned().chain(nested.collect::<Vec<_>>());
    all.filter(|path| *path != own && path.join("region.toml").is_file())
        .filter_map(|path| Some((path.strip_prefix(parent).ok()?.to_string_lossy().into_owned(), path)))
        .collect()
}

/// 位置 in the folder.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PolicyPlace)]
struct PlaceTold {
    file: String,
    line: usize,
}

impl From<&Place> for PlaceTold {
    fn from(place: &Place) -> PlaceTold {
        PlaceTold { file: place.file.clone(), line: place.line }
    }
}

/// 取值 over a period.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PolicySetting)]
struct SettingTold {
    from: String,
    until: Option<String>,
    /// As people write it, without the unit.
    value: String,
    /// The same as a decimal, where it is a number.
    number: Option<String>,
    article: String,
}

impl From<&outline::Setting> for SettingTold {
    fn from(setting: &outline::Setting) -> SettingTold {
        SettingTold {
            from: setting.from.to_string(),
            until: setting.until.map(|day| day.to_string()),
            value: setting.value.clone(),
            number: setting.number.clone(),
            article: setting.article.clone(),
        }
    }
}

/// A row of a parameter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyParameterRow)]
struct RowTold {
    /// What each key is; `*` is any.
    keys: Vec<String>,
    /// The oldest first.
    values: Vec<SettingTold>,
}

/// 参数.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyParameter)]
struct ParameterTold {
    id: String,
    name: String,
    english: String,
    article: String,
    /// In what it is written.
    #[schema(pattern = "^(yuan|percent|number|date|text|percent_by_band)$")]
    unit: &'static str,
    /// The formulas that find a row.
    keys: Vec<String>,
    /// The formula of the date that chooses a version, or empty.
    dated_by: String,
    place: PlaceTold,
    rows: Vec<RowTold>,
}

fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Yuan => "yuan",
        Unit::Percent => "percent",
        Unit::Number => "number",
        Unit::Date => "date",
        Unit::Text => "text",
        Unit::PercentByBand => "percent_by_band",
    }
}

impl From<&Parameter> for ParameterTold {
    fn from(one: &Parameter) -> ParameterTold {
        let row = |row: &outline::ParameterRow| RowTold {
            keys: row.keys.clone(),
            values: row.values.iter().map(SettingTold::from).collect(),
        };
        ParameterTold {
            id: one.id.clone(),
            name: one.name.clone(),
            english: one.english.clone(),
            article: one.article.clone(),
            unit: unit_word(one.unit),
            keys: one.keys.clone(),
            dated_by: one.dated_by.clone(),
            place: (&one.place).into(),
            rows: one.rows.iter().map(row).collect(),
        }
    }
}

/// 参数 with every value that it ever had.
#[utoipa::path(
    get, path = "/policy/parameters", tag = "policy",
    extensions(("x-permission" = json!("policy.read"))),
    responses(
        (status = 200, body = Vec<ParameterTold>),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn parameters(
    State(console): State<Console>,
    _: Granted<PolicyRead>,
) -> Result<Json<Vec<ParameterTold>>, Problem> {
    let Opened { region, sources } = opened(&console).await?;
    Ok(Json(outline::parameters(&region.law, &sources).iter().map(ParameterTold::from).collect()))
}

/// What is written of a rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicySaid)]
struct SaidTold {
    /// The key in the file.
    field: String,
    text: String,
}

/// 规则: 支付层, 取值, 查找, 累计, 行合计 or 拒绝.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyRule)]
struct RuleTold {
    #[schema(pattern = "^(layer|value|find|accumulator|line_sum|refusal)$")]
    kind: &'static str,
    /// Its name in formulas; the code of a refusal.
    id: String,
    /// 中文名; the words of a refusal.
    name: String,
    english: String,
    article: String,
    place: PlaceTold,
    said: Vec<SaidTold>,
}

impl From<&Rule> for RuleTold {
    fn from(rule: &Rule) -> RuleTold {
        let said = rule.said.iter().map(|(field, text)| SaidTold { field: (*field).to_owned(), text: text.clone() });
        RuleTold {
            kind: rule.kind,
            id: rule.id.clone(),
            name: rule.name.clone(),
            english: rule.english.clone(),
            article: rule.article.clone(),
            place: (&rule.place).into(),
            said: said.collect(),
        }
    }
}

/// 规则: layers in the order in which they pay, formulas, look-ups, accumulators, refusals in their
/// order of precedence.
#[utoipa::path(
    get, path = "/policy/rules", tag = "policy",
    extensions(("x-permission" = json!("policy.read"))),
    responses(
        (status = 200, body = Vec<RuleTold>),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn rules(State(console): State<Console>, _: Granted<PolicyRead>) -> Result<Json<Vec<RuleTold>>, Problem> {
    let Opened { region, sources } = opened(&console).await?;
    Ok(Json(outline::rules(&region.law, &sources).iter().map(RuleTold::from).collect()))
}

/// 条文 and how much of the law rests on it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyArticle)]
struct ArticleRow {
    article: String,
    /// Values that it set.
    values: usize,
    /// Of them values that took over from an earlier one.
    changed: usize,
    /// Rules that cite it.
    rules: usize,
}

/// 条文 that the law cites.
#[utoipa::path(
    get, path = "/policy/articles", tag = "policy",
    extensions(("x-permission" = json!("policy.read"))),
    responses(
        (status = 200, body = Vec<ArticleRow>),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn articles(State(console): State<Console>, _: Granted<PolicyRead>) -> Result<Json<Vec<ArticleRow>>, Problem> {
    let Opened { region, sources } = opened(&console).await?;
    let parameters = outline::parameters(&region.law, &sources);
    let works = outline::by_article(&parameters, &outline::rules(&region.law, &sources));
    let mut rows: Vec<ArticleRow> = works
        .into_iter()
        .map(|(article, work)| ArticleRow {
            article,
            values: work.changes.len(),
            changed: work.changes.iter().filter(|change| change.before.is_some()).count(),
            rules: work.rules.len(),
        })
        .collect();
    rows.sort_by_key(|row| (number_of(&row.article), row.article.clone()));
    Ok(Json(rows))
}

/// The number of an article, so that 第9条 stands before 第10条; what has none comes last.
fn number_of(article: &str) -> (u8, u32) {
    let digits: String = article.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    match digits.parse() {
        Ok(number) if article.starts_with('第') => (0, number),
        Ok(number) => (1, number),
        Err(_) => (2, 0),
    }
}

/// A value that an article set.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyArticleChange)]
struct ChangeTold {
    parameter: String,
    name: String,
    english: String,
    unit: &'static str,
    keys: Vec<String>,
    /// The value that it took over from.
    before: Option<String>,
    set: SettingTold,
    place: PlaceTold,
}

/// 一条条文.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyArticleTold)]
struct ArticleTold {
    article: String,
    changes: Vec<ChangeTold>,
    rules: Vec<RuleTold>,
}

/// What an article set and changed.
#[utoipa::path(
    get, path = "/policy/articles/{article}", tag = "policy",
    params(("article" = String, Path, description = "as it is cited: 第48条")),
    extensions(("x-permission" = json!("policy.read"))),
    responses(
        (status = 200, body = ArticleTold),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn article(
    State(console): State<Console>,
    _: Granted<PolicyRead>,
    Path(article): Path<String>,
) -> Result<Json<ArticleTold>, Problem> {
    let Opened { region, sources } = opened(&console).await?;
    let parameters = outline::parameters(&region.law, &sources);
    let rules = outline::rules(&region.law, &sources);
    let mut works = outline::by_article(&parameters, &rules);
    let work = works.remove(&article).ok_or_else(|| Problem::not_found(format!("article 条文 {article}")))?;
    let change = |change: &ArticleChange| {
        let parameter = &parameters[change.parameter];
        ChangeTold {
            parameter: parameter.id.clone(),
            name: parameter.name.clone(),
            english: parameter.english.clone(),
            unit: unit_word(parameter.unit),
            keys: change.keys.clone(),
            before: change.before.clone(),
            set: (&change.set).into(),
            place: (&parameter.place).into(),
        }
    };
    Ok(Json(ArticleTold {
        article,
        changes: work.changes.iter().map(change).collect(),
        rules: work.rules.iter().map(|at| RuleTold::from(&rules[*at])).collect(),
    }))
}

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileAsked {
    /// As the folder's topics name it.
    file: String,
}

/// The text of a policy file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyText)]
struct TextTold {
    file: String,
    text: String,
}

/// The text of a policy file: one of the topics, no other.
#[utoipa::path(
    get, path = "/policy/text", tag = "policy", params(FileAsked),
    extensions(("x-permission" = json!("policy.read"))),
    responses(
        (status = 200, body = TextTold),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn file(
    State(console): State<Console>,
    _: Granted<PolicyRead>,
    Query(asked): Query<FileAsked>,
) -> Result<Json<TextTold>, Problem> {
    let sources = opened(&console).await?.sources;
    let found = sources.into_iter().find(|source| source.name == asked.file);
    let found = found.ok_or_else(|| Problem::not_found(format!("policy file 政策文件 {}", asked.file)))?;
    Ok(Json(TextTold { file: found.name, text: found.text }))
}
