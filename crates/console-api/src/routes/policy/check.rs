//! 检查: the folder looked through now: every slip by file and line, every example with its result.

use access::permission::PolicyRead;
use axum::Json;
use axum::extract::State;
use policy::Severity;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{PlaceTold, open};
use crate::frame::{Console, Granted, Problem, ProblemBody};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(check))
}

/// 问题 of a folder.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyFinding)]
pub(in crate::routes) struct FindingTold {
    #[schema(pattern = "^(error|warning)$")]
    severity: &'static str,
    file: String,
    line: usize,
    /// What is wrong and the way out.
    message: String,
}

impl From<&policy::Problem> for FindingTold {
    fn from(problem: &policy::Problem) -> FindingTold {
        FindingTold {
            severity: if problem.severity == Severity::Error { "error" } else { "warning" },
            file: problem.file.clone(),
            line: problem.line,
            message: problem.message.clone(),
        }
    }
}

/// How many of what the folder holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyCount)]
pub(in crate::routes) struct CountTold {
    /// What, in English.
    what: String,
    count: usize,
}

impl From<&(&'static str, usize)> for CountTold {
    fn from((what, count): &(&'static str, usize)) -> CountTold {
        CountTold { what: (*what).to_owned(), count: *count }
    }
}

/// 示例 and how it went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyExample)]
struct ExampleTold {
    id: String,
    title: String,
    source: String,
    place: PlaceTold,
    /// Steps that were compared.
    steps: usize,
    /// Whether every answer is what the example expects.
    holds: bool,
    /// What differs, step by step.
    differences: Vec<String>,
    /// Layers that took part.
    layers: Vec<String>,
    /// Codes with which a step was refused, as expected or not.
    refused: Vec<String>,
}

/// 检查结果.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyCheck)]
struct CheckTold {
    errors: usize,
    warnings: usize,
    findings: Vec<FindingTold>,
    counts: Vec<CountTold>,
    examples: Vec<ExampleTold>,
}

/// 检查: the whole folder with every example and case, run now.
#[utoipa::path(
    get, path = "/policy/check", tag = "policy",
    extensions(("x-permission" = json!("policy.read"))),
    responses(
        (status = 200, body = CheckTold),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn check(State(console): State<Console>, _: Granted<PolicyRead>) -> Result<Json<CheckTold>, Problem> {
    let folder = console.folder.clone();
    console
        .work(move || {
            let report = region::check(&folder);
            let region = open(&folder)?.region;
            let examples = region.law.examples.iter().map(|(file, line, example)| {
                let place = PlaceTold { file: file.clone(), line: *line };
                let (id, title, source) = (example.id.clone(), example.title.clone(), example.source.clone());
                match region::run_example(region.ground(), example) {
                    Ok(run) => {
                        let mut layers = run.layers;
                        layers.sort();
                        layers.dedup();
                        let (holds, steps) = (run.differences.is_empty(), run.steps);
                        let (differences, refused) = (run.differences, run.refused);
                        ExampleTold { id, title, source, place, steps, holds, differences, layers, refused }
                    }
                    Err(error) => {
                        let (differences, layers, refused) = (vec![error.to_string()], Vec::new(), Vec::new());
                        ExampleTold { id, title, source, place, steps: 0, holds: false, differences, layers, refused }
                    }
                }
            });
            Ok(Json(CheckTold {
                errors: report.errors(),
                warnings: report.warnings(),
                findings: report.problems.iter().map(FindingTold::from).collect(),
                counts: report.counts.iter().map(CountTold::from).collect(),
                examples: examples.collect(),
            }))
        })
        .await
}
