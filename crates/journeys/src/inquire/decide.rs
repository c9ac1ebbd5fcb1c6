//! 决定 · 处罚 · 不予认定: what is upheld of each line, what it says of those who answer for it,
//! and, if the lines are a sample, what it says of the whole.

use std::collections::BTreeMap;

use db::Tx;
use inquiry::rules::credit::points_of;
use inquiry::rules::opinion::{Say, Says, of_each};
use inquiry::rules::penalty;
use inquiry::rules::share::by_fund;
use inquiry::{Amount, CreditEvent, DisputedLine, Fine, Holder, LineState, Opinion, Refusal};
use serde_json::json;
use terms::Fen;

use super::{Doing, Effect, review, sample};
use crate::JourneyError;

/// 决定, with a fine if one is asked for.
pub(super) fn decide(tx: &mut dyn Tx, doing: &Doing<'_>) -> Result<Effect, JourneyError> {
    let opinions = decided(tx, doing)?;
    let mut lines: Vec<DisputedLine> = Vec::new();
    for opinion in &opinions {
        let line = doing.lines.iter().find(|line| line.no == opinion.no).expect("an opinion is on a line of the case");
        lines.push(upheld(line, opinion));
    }
    let estimate = if doing.asked.extrapolate {
        Some(sample::extend(tx, doing, &mut lines)?)
    } else {
        // What is not extrapolated is not spoken for.
        inquiry::release_frame(tx, doing.case_id())?;
        None
    };
    let loss: Fen = lines.iter().map(DisputedLine::recoverable).sum();
    let fine = fine(doing, loss)?;
    let credit = events(doing, loss, lines.iter().map(|line| line.decided).sum())?;
    for line in lines.iter().filter(|line| line.feedetl_sn.as_str() != inquiry::EXTRAPOLATED) {
        inquiry::put_line(tx, line)?;
    }
    if let Some(fine) = &fine {
        inquiry::add_fine(tx, fine)?;
    }
    inquiry::add_credit(tx, &credit)?;
    let decided: Vec<_> = lines
        .iter()
        .map(|line| {
            json!({
                "no": line.no, "state": line.state, "decided": line.decided, "by_fund": line.by_fund,
                "article": line.article, "reason": line.reason,
            })
        })
        .collect();
    let credit: Vec<_> = credit.iter().map(|one| json!([one.holder, one.code, one.event, one.points])).collect();
    let more = json!({
        "decided": decided, "loss": loss, "estimate": estimate, "credit": credit,
        "fine": fine.map(|fine| json!({ "article": fine.article, "times": fine.times, "amount": fine.amount })),
    });
    Ok(Effect { more, documents: Vec::new() })
}

/// 不予认定: every open line is let go.
pub(super) fn drop_all(tx: &mut dyn Tx, doing: &Doing<'_>) -> Result<Effect, JourneyError> {
    let open: Vec<&DisputedLine> = doing.lines.iter().filter(|line| line.state == LineState::Open).collect();
    for line in &open {
        let line = DisputedLine { state: LineState::Dropped, reason: doing.asked.why.clone(), ..(*line).clone() };
        inquiry::put_line(tx, &line)?;
    }
    inquiry::release_frame(tx, doing.case_id())?;
    Ok(Effect { more: json!({ "dropped": open.len() }), documents: Vec::new() })
}

/// The opinions given now, or the last ones on each line.
fn decided(tx: &mut dyn Tx, doing: &Doing<'_>) -> Result<Vec<Opinion>, JourneyError> {
    if !doing.asked.says.is_empty() {
        return Ok(of_each(doing.lines, &doing.asked.says)?);
    }
    let say = |last: Opinion| (last.no, Say { amount: Some(last.amount), article: last.article, reason: last.reason });
    let lines = review::last(tx, doing)?.into_iter().map(say).collect();
    Ok(of_each(doing.lines, &Says { all: None, lines })?)
}

fn upheld(line: &DisputedLine, opinion: &Opinion) -> DisputedLine {
    DisputedLine {
        state: if opinion.amount.is_zero() { LineState::Dropped } else { LineState::Upheld },
        decided: opinion.amount,
        by_fund: by_fund(&line.place, opinion.amount),
        article: opinion.article.clone(),
        reason: opinion.reason.clone(),
        ..line.clone()
    }
}

fn fine(doing: &Doing<'_>, loss: Fen) -> Result<Option<Fine>, JourneyError> {
    let Some(asked) = doing.asked.fine.as_ref().filter(|_| doing.decision.effect.as_deref() == Some("penalise")) else {
        return Ok(None);
    };
    let day = doing.operation.received_at.date();
    let (_, amount) = penalty::fine(&doing.book.law, &asked.article, loss, &asked.amount, day)?;
    Ok(Some(Fine {
        case_id: doing.case_id().to_owned(),
        seq: doing.decision.seq,
        article: asked.article.clone(),
        loss,
        times: if let Amount::Times(times) = &asked.amount { times.to_string() } else { String::new() },
        amount,
        at: doing.operation.received_at,
        revoked: false,
    }))
}

/// Credit events of the institution, by what was decided, and of whom the decision names.
fn events(doing: &Doing<'_>, loss: Fen, upheld: Fen) -> Result<Vec<CreditEvent>, Refusal> {
    let card = &doing.book.law.card;
    let outcome = match (&doing.asked.fine, doing.decision.effect.as_deref()) {
        (Some(fine), Some("penalise")) => Some(format!("penalise/{}", fine.article)),
        _ if upheld > Fen::ZERO => Some("decide".to_owned()),
        _ => None,
    };
    let mut named: Vec<(Holder, String, String)> = Vec::new();
    for rule in card.events.iter().filter(|rule| rule.of == Holder::Institution) {
        if outcome.as_ref().is_some_and(|outcome| rule.when.contains(outcome)) {
            named.push((Holder::Institution, doing.held.case.party.clone(), rule.id.clone()));
        }
    }
    for one in &doing.asked.responsible {
        named.push((Holder::Practitioner, one.practitioner.clone(), one.event.clone()));
    }
    let event = |(n, (holder, code, event)): (i32, (Holder, String, String))| {
        let (rule, points) = points_of(card, holder, &event, loss)?;
        Ok(CreditEvent {
            event_id: format!("{}/{}/{n}", doing.case_id(), doing.decision.seq),
            holder,
            code,
            event,
            points,
            on: doing.operation.received_at.date(),
            case_id: doing.case_id().to_owned(),
            article: rule.article.clone(),
            revoked: String::new(),
        })
    };
    (1..).zip(named).map(event).collect()
}

/// Sums of what was upheld, by visit.
pub(super) fn found_by_visit(lines: &[DisputedLine]) -> BTreeMap<String, Fen> {
    let mut found = BTreeMap::new();
    for line in lines {
        *found.entry(line.mdtrt_id.0.clone()).or_default() += line.recoverable();
    }
    found
}
