//! 撤销决定: all or some lines are no longer upheld. What came back goes out again, to the fen and
//! by the same way, also when the month was cleared; fines and credit events go with the lines
//! that they rest on; the lines are free again.

use std::collections::BTreeSet;

use db::Tx;
use inquiry::{DisputedLine, EXTRAPOLATED, Holder, LineState, Recovery, Refusal, Way};
use serde_json::json;

use super::execute::{told, undoes};
use super::{Doing, Effect};
use crate::{Centre, JourneyError};

impl Centre {
    pub(super) fn overturn(&self, tx: &mut dyn Tx, doing: &Doing<'_>) -> Result<Effect, JourneyError> {
        let lines = chosen(doing)?;
        let recoveries = inquiry::recoveries(tx, doing.case_id())?;
        let (way, recovered) = standing(&recoveries);
        let back: Vec<&DisputedLine> = lines.iter().copied().filter(|line| recovered.contains(&line.no)).collect();
        let undone = match way {
            Some(Way::Deduction) if !back.is_empty() => {
                Some(self.post_recovery(tx, doing, Way::DeductionUndone, &back)?)
            }
            Some(Way::Refund) if !back.is_empty() => Some(self.post_recovery(tx, doing, Way::RefundUndone, &back)?),
            _ => None,
        };
        for line in &lines {
            let line =
                DisputedLine { state: LineState::Overturned, reason: doing.asked.why.clone(), ..(*line).clone() };
            inquiry::put_line(tx, &line)?;
            if line.feedetl_sn.as_str() == EXTRAPOLATED {
                inquiry::release_frame(tx, doing.case_id())?;
            }
        }
        let left: Vec<&DisputedLine> = doing
            .lines
            .iter()
            .filter(|line| line.state == LineState::Upheld && !lines.iter().any(|gone| gone.no == line.no))
            .collect();
        if left.is_empty() {
            inquiry::revoke_fines(tx, doing.case_id())?;
            inquiry::release_frame(tx, doing.case_id())?;
        }
        let revoked = revoke_credit(tx, doing, &lines, &left)?;
        let more = json!({
            "overturned": lines.iter().map(|line| line.no).collect::<Vec<_>>(),
            "left": left.len(), "undone": undone.as_ref().map(told), "credit_revoked": revoked,
        });
        Ok(Effect { more, documents: Vec::new() })
    }
}

/// The lines to overturn. A step that leads to another state overturns everything.
fn chosen<'d>(doing: &'d Doing<'_>) -> Result<Vec<&'d DisputedLine>, Refusal> {
    let upheld = || doing.lines.iter().filter(|line| line.state == LineState::Upheld);
    let named = &doing.asked.lines;
    if let Some(no) = named.iter().find(|no| !doing.lines.iter().any(|line| line.no == **no)) {
        return Err(Refusal::NoSuchLine { no: *no });
    }
    let wrong = doing.lines.iter().find(|line| named.contains(&line.no) && line.state != LineState::Upheld);
    if let Some(line) = wrong {
        return Err(Refusal::NotUpheld { no: line.no, state: line.state.word() });
    }
    let moves = doing.decision.from != doing.decision.to;
    if moves && !named.is_empty() && upheld().any(|line| !named.contains(&line.no)) {
        return Err(Refusal::NotAll { step: doing.step_name() });
    }
    if !moves && named.is_empty() {
        return Err(Refusal::WhichLines { step: doing.step_name() });
    }
    let extrapolated = upheld().find(|line| line.feedetl_sn.as_str() == EXTRAPOLATED);
    if let Some(line) = extrapolated.filter(|line| !named.is_empty() && !named.contains(&line.no)) {
        return Err(Refusal::RestsOnSample { no: line.no });
    }
    Ok(upheld().filter(|line| named.is_empty() || named.contains(&line.no)).collect())
}

/// How the case's money came back, and the lines whose money is still back.
fn standing(recoveries: &[Recovery]) -> (Option<Way>, BTreeSet<i64>) {
    let mut way = None;
    let mut lines = BTreeSet::new();
    for recovery in recoveries {
        if undoes(recovery.way) {
            lines.retain(|no| !recovery.lines.contains(no));
        } else {
            way = Some(recovery.way);
            lines.extend(&recovery.lines);
        }
    }
    (way, lines)
}

/// An event of the institution goes when nothing is upheld any more; one of a practitioner when
/// none of their lines is, or, if no line names them, when nothing is.
fn revoke_credit(
    tx: &mut dyn Tx,
    doing: &Doing<'_>,
    gone: &[&DisputedLine],
    left: &[&DisputedLine],
) -> Result<usize, JourneyError> {
    let mut revoked = 0;
    for event in inquiry::credit_of_case(tx, doing.case_id())? {
        let own = |line: &&&DisputedLine| line.practitioner == event.code;
        let theirs = event.holder == Holder::Practitioner && gone.iter().any(|line| own(&line));
        let stands = if theirs { left.iter().any(|line| own(&line)) } else { !left.is_empty() };
        if !stands && inquiry::revoke_credit(tx, &event.event_id, &doing.asked.why)? {
            revoked += 1;
        }
    }
    Ok(revoked)
}
