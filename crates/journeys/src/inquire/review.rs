//! 初审 · 复审 · 调查 · 合议: opinions on every line, a panel's votes, and what they come to.

use db::Tx;
use inquiry::rules::opinion::{majority, of_each};
use inquiry::{Given, Opinion};
use serde_json::json;

use super::{Doing, Effect};
use crate::JourneyError;

/// An opinion on every line that is open.
pub(super) fn give(tx: &mut dyn Tx, doing: &Doing<'_>) -> Result<Effect, JourneyError> {
    record(tx, doing, of_each(doing.lines, &doing.asked.says)?)
}

/// The opinion of those who voted since the state was entered.
pub(super) fn tally(tx: &mut dyn Tx, doing: &Doing<'_>) -> Result<Effect, JourneyError> {
    let procedure = &doing.held.procedure;
    let is_vote = |step: &str| procedure.step(step).is_some_and(|rule| rule.effect.as_deref() == Some("vote"));
    let round: Vec<i64> =
        doing.held.case.round().iter().filter(|taken| is_vote(&taken.step)).map(|taken| taken.seq).collect();
    let given = inquiry::opinions(tx, doing.case_id())?;
    let votes: Vec<Opinion> =
        given.into_iter().filter(|given| round.contains(&given.seq)).map(|given| given.opinion).collect();
    record(tx, doing, majority(&votes))
}

/// The last opinion on each line that was not a single vote.
pub(super) fn last(tx: &mut dyn Tx, doing: &Doing<'_>) -> Result<Vec<Opinion>, JourneyError> {
    let procedure = &doing.held.procedure;
    let is_vote = |stage: &str| procedure.step(stage).is_some_and(|rule| rule.effect.as_deref() == Some("vote"));
    let mut last = std::collections::BTreeMap::new();
    for given in inquiry::opinions(tx, doing.case_id())? {
        if !is_vote(&given.stage) {
            last.insert(given.opinion.no, given.opinion);
        }
    }
    Ok(last.into_values().collect())
}

fn record(tx: &mut dyn Tx, doing: &Doing<'_>, opinions: Vec<Opinion>) -> Result<Effect, JourneyError> {
    let more = json!({ "opinions": opinions });
    let given = |opinion: Opinion| Given {
        seq: doing.decision.seq,
        stage: doing.asked.step.clone(),
        by: doing.asked.by.id.clone(),
        opinion,
    };
    let given: Vec<Given> = opinions.into_iter().map(given).collect();
    inquiry::add_opinions(tx, doing.case_id(), &given)?;
    Ok(Effect { more, documents: Vec::new() })
}
