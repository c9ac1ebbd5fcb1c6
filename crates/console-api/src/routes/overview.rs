//! 总览: what the funds paid, against what budget, for whom and where, and what to look at.
//! Every figure is a sum of settlements; each answer names the filters that open its rows.

use access::Scope;
use access::permission::OverviewRead;
use axum::Json;
use axum::extract::State;
use overview::{Bucket, Dimension, Filter};
use serde::{Deserialize, Serialize};
use terms::Date;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::settlements::{SettlementSums, day, narrow};
use crate::coded::Coded;
use crate::frame::{Console, Granted, Problem, ProblemBody, Query};

mod budget;
mod warnings;

use budget::OverviewBudget;
use warnings::OverviewWarnings;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(summary))
        .routes(routes!(series))
        .routes(routes!(funds))
        .routes(routes!(budget))
        .routes(routes!(burden))
        .routes(routes!(institutions))
        .routes(routes!(areas))
        .routes(routes!(warnings))
}

/// Of which settlements.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// First day of settling, `2026-01-31`.
    from: Option<String>,
    /// Last day of settling, included.
    to: Option<String>,
    /// 机构编号.
    institution: Option<String>,
    /// 险种类型.
    scheme: Option<String>,
    /// 清算类别.
    stream: Option<String>,
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Narrows to what the scope reaches. Sums of days know institutions, but neither departments
/// nor persons.
fn within(scope: &Scope, filter: Filter) -> Result<Filter, Problem> {
    match scope {
        Scope::Region | Scope::Institution(_) => narrow(scope, filter),
        Scope::Department { .. } | Scope::Person(_) => Err(Problem::forbidden("overview.read")),
    }
}

impl Asked {
    fn filter(self, grant: &Granted<OverviewRead>) -> Result<Filter, Problem> {
        let filter = Filter {
            from: day("from", self.from.as_deref())?,
            to: day("to", self.to.as_deref())?,
            institution: given(self.institution),
            scheme: given(self.scheme),
            stream: given(self.stream),
            ..Filter::default()
        };
        within(grant.scope(), filter)
    }
}

/// 概况.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewSummary {
    /// The newest day with a settlement; none before the first.
    day: Option<String>,
    /// The first day of its month.
    month_from: Option<String>,
    /// The first day of its year.
    year_from: Option<String>,
    /// That day.
    today: SettlementSums,
    /// Its month, up to that day.
    month: SettlementSums,
    /// Its year, up to that day.
    year: SettlementSums,
    /// Changes of the feed that are not counted yet.
    behind: i64,
    /// What fills the database now, if anything does.
    progress: Option<String>,
}

/// 概况: the newest day, its month and its year.
#[utoipa::path(
    get, path = "/overview/summary", tag = "overview", params(Asked),
    extensions(("x-permission" = json!("overview.read"))),
    responses(
        (status = 200, body = OverviewSummary),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn summary(
    State(console): State<Console>,
    grant: Granted<OverviewRead>,
    Query(asked): Query<Asked>,
) -> Result<Json<OverviewSummary>, Problem> {
    let filter = asked.filter(&grant)?;
    let progress = (console.progress)();
    let answer = console
        .read(move |tx| {
            let reach = overview::reach(tx)?;
            let newest = overview::newest_day(tx)?;
            let mut since = |from: Option<Date>| -> Result<SettlementSums, journeys::JourneyError> {
                if newest.is_none() {
                    return Ok(SettlementSums::default());
                }
                Ok(overview::sums(tx, &Filter { from, to: newest, ..filter.clone() })?.into())
            };
            let month_from = newest.map(Date::first_of_month);
            let year_from = newest.map(Date::first_of_year);
            Ok(OverviewSummary {
                today: since(newest)?,
                month: since(month_from)?,
                year: since(year_from)?,
                day: newest.map(|day| day.to_string()),
                month_from: month_from.map(|day| day.to_string()),
                year_from: year_from.map(|day| day.to_string()),
                behind: reach.head - reach.seen,
                progress: progress.clone(),
            })
        })
        .await?;
    Ok(Json(answer))
}

/// How wide the steps are.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StepAsked {
    /// One over all.
    Whole,
    /// By month.
    #[default]
    Month,
    /// By day.
    Day,
}

impl From<StepAsked> for Bucket {
    fn from(step: StepAsked) -> Bucket {
        match step {
            StepAsked::Whole => Bucket::Whole,
            StepAsked::Month => Bucket::Month,
            StepAsked::Day => Bucket::Day,
        }
    }
}

/// What the parts of a step are.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PartAsked {
    /// No parts.
    #[default]
    None,
    /// 险种.
    Scheme,
    /// 清算类别.
    Stream,
    /// 医疗类别.
    MedType,
    /// 机构.
    Institution,
}

/// Which steps and parts.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Cut {
    /// How wide the steps are; a month unless asked otherwise.
    #[param(inline)]
    step: Option<StepAsked>,
    /// What the parts of a step are.
    #[param(inline)]
    by: Option<PartAsked>,
}

/// One step and part.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewPoint {
    /// `2026-01-31`, `2026-01`, or empty over all.
    step: String,
    /// The part; an empty code without parts.
    part: Coded,
    #[serde(flatten)]
    sums: SettlementSums,
}

/// 序列.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewSeries {
    /// In order of step and part.
    points: Vec<OverviewPoint>,
}

/// 序列: sums by day or month and scheme, stream, 医疗类别 or institution.
#[utoipa::path(
    get, path = "/overview/series", tag = "overview", params(Asked, Cut),
    extensions(("x-permission" = json!("overview.read"))),
    responses(
        (status = 200, body = OverviewSeries),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn series(
    State(console): State<Console>,
    grant: Granted<OverviewRead>,
    Query(asked): Query<Asked>,
    Query(cut): Query<Cut>,
) -> Result<Json<OverviewSeries>, Problem> {
    let filter = asked.filter(&grant)?;
    let (step, by) = (cut.step.unwrap_or_default(), cut.by.unwrap_or_default());
    let dimension = match by {
        PartAsked::None => Dimension::None,
        PartAsked::Scheme => Dimension::Scheme,
        PartAsked::Stream => Dimension::Stream,
        PartAsked::MedType => Dimension::MedType,
        PartAsked::Institution => Dimension::Institution,
    };
    let rows = console.read(move |tx| Ok(overview::series(tx, &filter, step.into(), dimension)?)).await?;
    let today = (console.now)().date();
    let part = |code: &str| match by {
        PartAsked::None => Coded::default(),
        PartAsked::Scheme => console.scheme(code),
        PartAsked::Stream => Coded::stream(code),
        PartAsked::MedType => Coded::med_type(code),
        PartAsked::Institution => Coded::institution(&console.centre, code, today),
    };
    let points =
        rows.into_iter().map(|(step, code, sums)| OverviewPoint { step, part: part(&code), sums: sums.into() });
    Ok(Json(OverviewSeries { points: points.collect() }))
}

/// 基金支付 of one step, scheme, stream and fund.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewFundPoint {
    /// `2026-01-31`, `2026-01`, or empty over all.
    step: String,
    scheme: Coded,
    stream: Coded,
    fund: Coded,
    amount: i64,
}

/// 基金支付.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewFunds {
    /// In order of step, scheme, stream and fund.
    points: Vec<OverviewFundPoint>,
}

/// Which steps.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Steps {
    /// How wide the steps are; a month unless asked otherwise.
    #[param(inline)]
    step: Option<StepAsked>,
}

/// 基金支付 by fund, scheme and stream: what each fund and account gave.
#[utoipa::path(
    get, path = "/overview/funds", tag = "overview", params(Asked, Steps),
    extensions(("x-permission" = json!("overview.read"))),
    responses(
        (status = 200, body = OverviewFunds),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn funds(
    State(console): State<Console>,
    grant: Granted<OverviewRead>,
    Query(asked): Query<Asked>,
    Query(cut): Query<Steps>,
) -> Result<Json<OverviewFunds>, Problem> {
    let filter = asked.filter(&grant)?;
    let step = cut.step.unwrap_or_default();
    let rows = console.read(move |tx| Ok(overview::by_funds(tx, &filter, step.into(), false)?)).await?;
    let mut points: Vec<OverviewFundPoint> = Vec::new();
    for row in rows {
        // 医疗类别 of one stream are told together.
        let same = |point: &&mut OverviewFundPoint| {
            (&point.step, &point.scheme.code, &point.stream.code, &point.fund.code)
                == (&row.step, &row.insutype, &row.clr_type, &row.fund)
        };
        match points.iter_mut().rev().find(same) {
            Some(point) => point.amount += row.amount.0,
            None => points.push(OverviewFundPoint {
                step: row.step,
                scheme: console.scheme(&row.insutype),
                stream: Coded::stream(&row.clr_type),
                fund: console.fund(&row.fund),
                amount: row.amount.0,
            }),
        }
    }
    Ok(Json(OverviewFunds { points }))
}

/// Of which year.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct YearAsked {
    /// The year; that of the newest settlement unless asked otherwise.
    #[param(minimum = 2000, maximum = 2200)]
    year: Option<i16>,
}

/// 收支与预算: what each budgeted pool paid of its budget and whether it keeps pace; what is known
/// of income.
#[utoipa::path(
    get, path = "/overview/budget", tag = "overview", params(YearAsked),
    extensions(("x-permission" = json!("overview.read"))),
    responses(
        (status = 200, body = OverviewBudget),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn budget(
    State(console): State<Console>,
    grant: Granted<OverviewRead>,
    Query(asked): Query<YearAsked>,
) -> Result<Json<OverviewBudget>, Problem> {
    if let Some(year) = asked.year.filter(|year| !(2000..=2200).contains(year)) {
        return Err(Problem::invalid(
            "year",
            [format!("没有 {year} 年的数据"), format!("there is nothing of the year {year}")],
        ));
    }
    let filter = within(grant.scope(), Filter::default())?;
    let world = console.clone();
    let answer = console.read(move |tx| budget::year(&world, tx, &filter, asked.year)).await?;
    Ok(Json(answer))
}

/// 负担 of one group.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewBurdenRow {
    /// 人员类别.
    group: Coded,
    /// 年龄段; empty where the age is not known.
    age_band: String,
    /// 个人负担 of the whole in ten-thousandths, rounded down; none where nothing was billed.
    person_share: Option<i64>,
    #[serde(flatten)]
    sums: SettlementSums,
}

/// 负担.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewBurden {
    /// In order of group and band.
    rows: Vec<OverviewBurdenRow>,
}

/// 负担 by group of persons and band of ages: what part of their bills they paid themselves.
#[utoipa::path(
    get, path = "/overview/burden", tag = "overview", params(Asked),
    extensions(("x-permission" = json!("overview.read"))),
    responses(
        (status = 200, body = OverviewBurden),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn burden(
    State(console): State<Console>,
    grant: Granted<OverviewRead>,
    Query(asked): Query<Asked>,
) -> Result<Json<OverviewBurden>, Problem> {
    let filter = asked.filter(&grant)?;
    let rows = console.read(move |tx| Ok(overview::burden(tx, &filter)?)).await?;
    let row = |row: overview::Burden| {
        let (person, total) = (row.sums.amounts.person.0, row.sums.amounts.total.0);
        OverviewBurdenRow {
            group: Coded::person_group(&row.person_group),
            age_band: row.age_band,
            person_share: share(person, total),
            sums: row.sums.into(),
        }
    };
    Ok(Json(OverviewBurden { rows: rows.into_iter().map(row).collect() }))
}

/// A part of a whole in ten-thousandths, rounded down.
fn share(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (i128::from(part) * 10_000).div_euclid(i128::from(whole)).try_into().unwrap_or(i64::MAX))
}

/// 机构排名.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewInstitution {
    institution: Coded,
    /// 医院等级, as the institution stands today; empty for pharmacies.
    level: String,
    /// 医保区划.
    area: String,
    #[serde(flatten)]
    sums: SettlementSums,
}

/// 机构排名.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewRanking {
    /// By 基金支付, the greatest first.
    rows: Vec<OverviewInstitution>,
}

/// 机构排名 by what the funds paid there.
#[utoipa::path(
    get, path = "/overview/institutions", tag = "overview", params(Asked),
    extensions(("x-permission" = json!("overview.read"))),
    responses(
        (status = 200, body = OverviewRanking),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn institutions(
    State(console): State<Console>,
    grant: Granted<OverviewRead>,
    Query(asked): Query<Asked>,
) -> Result<Json<OverviewRanking>, Problem> {
    let filter = asked.filter(&grant)?;
    Ok(Json(OverviewRanking { rows: ranking(&console, filter).await? }))
}

async fn ranking(console: &Console, filter: Filter) -> Result<Vec<OverviewInstitution>, Problem> {
    let parts = Dimension::Institution;
    let mut rows = console.read(move |tx| Ok(overview::series(tx, &filter, Bucket::Whole, parts)?)).await?;
    rows.sort_by(|(_, a, left), (_, b, right)| right.amounts.funds.cmp(&left.amounts.funds).then_with(|| a.cmp(b)));
    let today = (console.now)().date();
    let row = |(_, code, sums): (String, String, overview::Sums)| {
        let known = console.centre.institutions.on(&code, today);
        OverviewInstitution {
            institution: Coded::institution(&console.centre, &code, today),
            level: known.as_ref().map_or_else(String::new, |row| row.hi_setl_lv.clone()),
            area: known.map_or_else(String::new, |row| row.admdvs.clone()),
            sums: sums.into(),
        }
    };
    Ok(rows.into_iter().map(row).collect())
}

/// 异地就医.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewAreas {
    /// 就医地 to which the region's insured went, with the institutions there.
    outside: Vec<OverviewArea>,
    /// The same in all.
    out_of_area: SettlementSums,
    /// What was settled at home.
    home: SettlementSums,
}

/// 就医地.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewArea {
    /// 医保区划.
    area: String,
    #[serde(flatten)]
    sums: SettlementSums,
    institutions: Vec<OverviewInstitution>,
}

/// 异地就医: where the region's insured went for care.
#[utoipa::path(
    get, path = "/overview/areas", tag = "overview", params(Asked),
    extensions(("x-permission" = json!("overview.read"))),
    responses(
        (status = 200, body = OverviewAreas),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn areas(
    State(console): State<Console>,
    grant: Granted<OverviewRead>,
    Query(asked): Query<Asked>,
) -> Result<Json<OverviewAreas>, Problem> {
    let filter = asked.filter(&grant)?;
    let away = Filter { out_of_area: Some(true), ..filter.clone() };
    let home = Filter { out_of_area: Some(false), ..filter };
    let mut institutions = ranking(&console, away.clone()).await?;
    let (areas, out_of_area, home) = console
        .read(move |tx| {
            let areas = overview::series(tx, &away, Bucket::Whole, Dimension::Area)?;
            Ok((areas, overview::sums(tx, &away)?, overview::sums(tx, &home)?))
        })
        .await?;
    let mut outside: Vec<OverviewArea> = Vec::new();
    for (_, area, sums) in areas {
        let here = institutions.extract_if(.., |row| row.area == area).collect();
        outside.push(OverviewArea { area, sums: sums.into(), institutions: here });
    }
    Ok(Json(OverviewAreas { outside, out_of_area: out_of_area.into(), home: home.into() }))
}

/// 预警: what to look at, each with what opens its rows.
#[utoipa::path(
    get, path = "/overview/warnings", tag = "overview",
    extensions(("x-permission" = json!("overview.read"))),
    responses(
        (status = 200, body = OverviewWarnings),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn warnings(
    State(console): State<Console>,
    grant: Granted<OverviewRead>,
) -> Result<Json<OverviewWarnings>, Problem> {
    let filter = within(grant.scope(), Filter::default())?;
    let of_region = matches!(grant.scope(), Scope::Region);
    let world = console.clone();
    Ok(Json(console.read(move |tx| warnings::now(&world, tx, &filter, of_region)).await?))
}
