//! 比较: two dates of the folder, or the folder and another version of it: what changes in words,
//! what the examples come to, and who gains and who loses when a settled month is replayed.

use access::permission::{PolicyCompare, PolicyRead};
use adjudication::explain::Language;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use policy::{ExampleFile, Law, SourceFile};
use region::{Ground, Region};
use serde::{Deserialize, Serialize};
use terms::parse_date;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::simulate::{SimulationTold, simulate};
use super::{Opened, beside, open, opened, slips};
use crate::frame::{Body, Console, Granted, Problem, ProblemBody, Query};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(dates)).routes(routes!(versions))
}

fn language(headers: &HeaderMap) -> Language {
    let tag = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Language::of_tag(tag.trim_start().get(..2).unwrap_or("zh"))
}

/// Which dates.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DatesAsked {
    /// The earlier day, `2026-06-30`.
    from: String,
    /// The later day.
    to: String,
}

/// 变化 in words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyChanges)]
struct ChangesTold {
    /// One sentence a change, in the reader's language.
    changes: Vec<String>,
}

/// What is otherwise on one day than on another.
#[utoipa::path(
    get, path = "/policy/changes", tag = "policy", params(DatesAsked),
    extensions(("x-permission" = json!("policy.read"))),
    responses(
        (status = 200, body = ChangesTold),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn dates(
    State(console): State<Console>,
    _: Granted<PolicyRead>,
    headers: HeaderMap,
    Query(asked): Query<DatesAsked>,
) -> Result<Json<ChangesTold>, Problem> {
    let day = |field: &str, text: &str| {
        parse_date(text).ok_or_else(|| {
            Problem::invalid(
                field,
                [format!("“{text}” 不是日期，请写成 2026-07-01"), format!("“{text}” is no day; write 2026-07-01")],
            )
        })
    };
    let (from, to) = (day("from", &asked.from)?, day("to", &asked.to)?);
    let region = opened(&console).await?.region;
    Ok(Json(ChangesTold { changes: region::diff_dates(&region.law, from, to, language(&headers)) }))
}

/// A policy file as it would be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyFileIn)]
struct FileIn {
    /// Its name; it replaces the file of that name, or is added.
    file: String,
    text: String,
}

/// Which other version: a folder beside the region's own, or files.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyComparison)]
struct ComparisonIn {
    /// A folder beside the region's own, by the name that `GET /policy` gives it.
    folder: Option<String>,
    /// Files that replace those of the same name.
    #[serde(default)]
    #[schema(max_items = 200)]
    files: Vec<FileIn>,
    /// The files are the whole policy: those that are not among them are left out.
    #[serde(default)]
    whole: bool,
    /// 结算年月 to replay, `2026-03`; nothing is replayed without it.
    month: Option<String>,
}

/// 比较结果.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyComparisonTold)]
struct ComparisonTold {
    /// The hash of the present version.
    before: String,
    /// The hash of the other.
    after: String,
    /// One sentence a change, in the reader's language.
    changes: Vec<String>,
    /// What the examples come to under both, the sum last.
    examples: Vec<String>,
    /// 政策模拟 over the month asked for.
    simulation: Option<SimulationTold>,
}

/// The other version.
enum Other {
    Folder(Box<Region>),
    Files(Box<Law>),
}

impl Other {
    fn law(&self) -> &Law {
        match self {
            Other::Folder(region) => &region.law,
            Other::Files(law) => law,
        }
    }
}

fn other(own: &std::path::Path, present: &Opened, asked: &ComparisonIn) -> Result<Other, Problem> {
    match &asked.folder {
        Some(name) => {
            let found = beside(own).into_iter().find(|(known, _)| known == name);
            let (_, path) = found.ok_or_else(|| Problem::not_found(format!("folder 文件夹 {name}")))?;
            Ok(Other::Folder(Box::new(open(&path)?.region)))
        }
        None if asked.files.is_empty() => {
            let told = ["请选一个文件夹，或给出改过的文件", "name a folder, or send the files that differ"];
            Err(Problem::invalid("files", told))
        }
        None => {
            let kept = if asked.whole { &[][..] } else { &present.sources };
            let mut sources: Vec<SourceFile> = kept.to_vec();
            for FileIn { file, text } in &asked.files {
                match sources.iter_mut().find(|source| source.name == *file) {
                    Some(source) => source.text.clone_from(text),
                    None => sources.push(SourceFile { name: file.clone(), text: text.clone() }),
                }
            }
            let shared = present.region.manifest.include.clone();
            sources.sort_by_key(|source| (!shared.contains(&source.name), source.name.clone()));
            let (law, _) = policy::compile(&sources).map_err(|problems| slips(&problems))?;
            Ok(Other::Files(Box::new(law)))
        }
    }
}

/// What another version of the folder would change, and for whom. Nothing is written.
#[utoipa::path(
    post, path = "/policy/comparison", tag = "policy", request_body = ComparisonIn,
    extensions(("x-permission" = json!("policy.compare"))),
    responses(
        (status = 200, body = ComparisonTold),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn versions(
    State(console): State<Console>,
    grant: Granted<PolicyCompare>,
    headers: HeaderMap,
    Body(asked): Body<ComparisonIn>,
) -> Result<Json<ComparisonTold>, Problem> {
    if *grant.scope() != access::Scope::Region {
        return Err(Problem::not_found("policy 政策"));
    }
    let month =
        asked.month.as_deref().filter(|month| !month.is_empty()).map(super::super::clearing::month_of).transpose()?;
    let language = language(&headers);
    let at = console.clone();
    console
        .work(move || {
            let present = open(&at.folder)?;
            let other = other(&at.folder, &present, &asked)?;
            let (law, region) = (other.law(), &present.region);
            let mut changes = region::diff(&region.law, law, language);
            if let Other::Folder(other) = &other {
                let told = region::diff_screening(region, other, language);
                changes.extend(told.map_err(|error| super::unsound(&error))?);
            }
            let mut examples: Vec<ExampleFile> = Vec::new();
            for (_, _, example) in region.law.examples.iter().chain(&law.examples) {
                if examples.iter().all(|known| known.id != example.id) {
                    examples.push(example.clone());
                }
            }
            let before = region.ground();
            let after = Ground { law, ..before };
            Ok(Json(ComparisonTold {
                before: region.law.hash().to_owned(),
                after: law.hash().to_owned(),
                changes,
                examples: region::who_gains(before, after, &examples, language),
                simulation: month.map(|month| simulate(&at, &region.law, law, month)).transpose()?,
            }))
        })
        .await
}
