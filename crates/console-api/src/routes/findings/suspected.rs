//! 可疑线索 as shown: the parts of its score with their facts, members, visits, graph.

use std::collections::BTreeSet;

use db::Tx;
use inquiry::{Source, Suspicion};
use journeys::{JourneyError, VisitBehind};
use serde::Serialize;
use serde_json::Value;
use terms::{PersonId, show_time};
use utoipa::ToSchema;

use super::graph::{self, Graph};
use super::told::VisitInQuestion;
use crate::coded::Coded;
use crate::frame::{Column, Console, Exported};
use crate::routes::cases::told::{ClueRow, clue};

/// 可疑线索 in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct SuspicionRow {
    /// 疑点编号.
    pub suspicion: String,
    /// 模型, with its name.
    pub model: Coded,
    /// Version of its parameters.
    pub version: String,
    /// 得分 in points, 0 to 1000.
    pub score: i64,
    /// 可追回金额.
    pub recoverable_amount: i64,
    /// Recoverable × score.
    pub weighted_amount: i64,
    pub institutions: Vec<Coded>,
    /// How many persons.
    pub person_count: i64,
    /// How many visits.
    pub visit_count: i64,
    /// Why, in words.
    pub why: String,
    pub found_at: String,
}

impl Exported for SuspicionRow {
    const FILE: &'static str = "suspicions";
    const COLUMNS: &'static [Column] = &[
        Column::text("suspicion", "疑点编号"),
        Column::text("model.name", "模型"),
        Column::count("score", "得分"),
        Column::money("recoverable_amount", "可追回金额"),
        Column::money("weighted_amount", "金额×得分"),
        Column::count("person_count", "人数"),
        Column::count("visit_count", "就诊数"),
        Column::text("why", "缘由"),
        Column::text("found_at", "发现时间"),
    ];
}

/// 分项 of a score.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct ScorePart {
    part: String,
    name: String,
    /// What was measured; nothing when the facts for it are missing.
    value: Option<String>,
    unit: String,
    /// The most that it can give.
    weight: i64,
    /// What it gave.
    contribution: i64,
    /// The facts in words.
    facts: String,
}

/// 可疑线索 in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::routes) struct SuspicionFile {
    suspicion: SuspicionRow,
    parts: Vec<ScorePart>,
    /// Parts that could not be looked at.
    missing: Vec<String>,
    /// 人员编号 of the members.
    pub persons: Vec<String>,
    /// 医师代码.
    doctors: Vec<String>,
    /// 品种, as institution|item.
    articles: Vec<String>,
    /// The visits in question, by time; at most 2,000 of 200 persons.
    visits: Vec<VisitInQuestion>,
    graph: Graph,
    /// Its clues, one an institution.
    clues: Vec<ClueRow>,
}

/// Persons and visits that are drawn, at most.
const PERSONS: usize = 200;
const VISITS: usize = 2_000;

pub(super) fn row(console: &Console, one: &Suspicion) -> SuspicionRow {
    let day = (console.now)().date();
    SuspicionRow {
        suspicion: one.suspicion_id.clone(),
        model: Coded { code: one.model.clone(), name: one.name.clone(), english: String::new() },
        version: one.version.clone(),
        score: one.score,
        recoverable_amount: one.recoverable.0,
        weighted_amount: one.weighted.0,
        institutions: one.institutions.iter().map(|code| Coded::institution(&console.centre, code, day)).collect(),
        person_count: one.persons,
        visit_count: one.visits,
        why: one.why.clone(),
        found_at: show_time(one.found_at),
    }
}

pub(super) fn file(tx: &mut dyn Tx, console: &Console, one: &Suspicion) -> Result<SuspicionFile, JourneyError> {
    let body = journeys::suspicion_of(one)?;
    let members = |name: &str| texts(&body["members"][name]);
    let persons = members("persons");
    let wanted: BTreeSet<String> = members("visits").into_iter().collect();
    let drawn: BTreeSet<PersonId> = persons.iter().take(PERSONS).map(|person| PersonId(person.clone())).collect();
    let mut visits: Vec<VisitBehind> =
        journeys::visits_behind(tx, &drawn, |visit| wanted.contains(visit.mdtrt_id.as_str()))?;
    visits.truncate(VISITS);
    let mut clues = Vec::new();
    for institution in &one.institutions {
        let reference = format!("{}/{}/{}/{institution}", one.model, one.version, one.group);
        clues.extend(inquiry::clue_of(tx, Source::Suspicion, &reference)?.map(|found| clue(console, &found)));
    }
    let parts = body["parts"].as_array().map(|parts| parts.iter().map(part).collect());
    Ok(SuspicionFile {
        suspicion: row(console, one),
        parts: parts.unwrap_or_default(),
        missing: texts(&body["missing"]),
        doctors: members("doctors"),
        articles: members("articles"),
        graph: graph::of(console, &visits),
        visits: visits.iter().map(|visit| VisitInQuestion::of(console, visit, true)).collect(),
        persons,
        clues,
    })
}

fn part(told: &Value) -> ScorePart {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    let number = |name: &str| told[name].as_i64().unwrap_or_default();
    ScorePart {
        part: text("id"),
        name: text("name"),
        value: told["value"].as_number().map(ToString::to_string),
        unit: text("unit"),
        weight: number("weight"),
        contribution: number("contribution"),
        facts: text("facts"),
    }
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}
