//! 申诉: the institution's grounds against single lines, each with its evidence in slots.

use db::Tx;
use inquiry::{Appeal, LineState, Refusal};
use serde_json::json;

use super::{Doing, Effect};
use crate::JourneyError;

pub(super) fn appeal(tx: &mut dyn Tx, doing: &Doing<'_>) -> Result<Effect, JourneyError> {
    let appeals = against(doing)?;
    inquiry::add_appeals(tx, doing.case_id(), &appeals)?;
    Ok(Effect { more: json!({ "appeals": appeals }), documents: Vec::new() })
}

fn against(doing: &Doing<'_>) -> Result<Vec<Appeal>, Refusal> {
    let open: Vec<i64> = doing.lines.iter().filter(|line| line.state == LineState::Open).map(|line| line.no).collect();
    let mut appeals: Vec<Appeal> = Vec::new();
    for objection in &doing.asked.objections {
        if objection.grounds.trim().is_empty() {
            return Err(Refusal::EmptyAppeal);
        }
        let numbers = match objection.no {
            Some(no) if !open.contains(&no) => return Err(Refusal::NoSuchLine { no }),
            Some(no) => vec![no],
            None => open.clone(),
        };
        for no in numbers {
            let evidence = objection.evidence.iter().map(|(slot, name)| {
                let document = doing.asked.documents.iter().find(|document| document.name == *name);
                let document = document.ok_or_else(|| Refusal::NoEvidence { no, slot: slot.clone() })?;
                Ok((slot.clone(), document.digest.clone()))
            });
            let evidence = evidence.collect::<Result<Vec<_>, Refusal>>()?;
            match appeals.iter_mut().find(|appeal| appeal.no == no) {
                // A word on one line comes on top of a word on all.
                Some(appeal) => {
                    appeal.grounds = format!("{}；{}", appeal.grounds, objection.grounds);
                    appeal.evidence.extend(evidence);
                }
                None => {
                    let grounds = objection.grounds.clone();
                    appeals.push(Appeal { seq: doing.decision.seq, no, grounds, evidence });
                }
            }
        }
    }
    if appeals.is_empty() { Err(Refusal::EmptyAppeal) } else { Ok(appeals) }
}
