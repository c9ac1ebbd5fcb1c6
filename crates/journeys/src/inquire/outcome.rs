//! 规则的核实结果: what a decision says of the findings that led to it goes back to the rules, whose
//! measured precision it changes; an overturned decision is told again the other way round.

use casework::Document;
use db::Tx;
use inquiry::{Clue, ClueLine, DisputedLine, LineState, Source};
use operation::Operation;
use screening::{Finding, ItemType};
use terms::{Fen, PersonId};

use super::Doing;
use crate::record::Sealed;
use crate::{Centre, JourneyError, Own};

/// The effects after which a line is no longer open, or no longer upheld.
pub(super) const SETTLES: &[&str] = &["decide", "penalise", "drop", "overturn"];

impl Centre {
    /// Tells each finding's rule whether any of its lines is upheld now.
    pub(super) fn tell_rules(&self, tx: &mut dyn Tx, doing: &Doing<'_>) -> Result<(), JourneyError> {
        let lines = inquiry::lines(tx, doing.case_id())?;
        for clue in inquiry::clues(tx, doing.case_id())?.iter().filter(|clue| clue.source == Source::Finding) {
            let own: Vec<&DisputedLine> =
                lines.iter().filter(|line| clue.lines.iter().any(|at| points_at(at, line))).collect();
            if own.is_empty() || own.iter().any(|line| line.state == LineState::Open) {
                continue;
            }
            let upheld = own.iter().any(|line| line.state == LineState::Upheld);
            self.tell_outcome(tx, doing.operation, &clue.reference, upheld, &doing.asked.why)?;
        }
        Ok(())
    }

    /// 由疑点立线索: a finding in force as a clue; the same finding again is the same clue.
    ///
    /// # Errors
    /// [`Own::ClueUnknown`] when no finding in force has that key.
    pub fn clue_of_finding(&self, tx: &mut dyn Tx, operation: &Operation, key: &str) -> Result<Clue, JourneyError> {
        if let Some(known) = inquiry::clue_of(tx, Source::Finding, key)? {
            return Ok(known);
        }
        let row = monitoring::finding(tx, monitoring::Set::Active, key)?;
        let row = row.ok_or_else(|| Own::ClueUnknown { clue: key.to_owned() })?;
        let finding = super::finding_of(&row)?;
        let told = monitoring::outcomes(tx, &row.rule_id, &row.rule_version, 0)?;
        let clue = Clue {
            clue_id: operation.new_id(&format!("clue {key}")),
            source: Source::Finding,
            reference: key.to_owned(),
            rule: row.rule_id.clone(),
            version: row.rule_version.clone(),
            fixmedins_code: row.fixmedins_code.clone(),
            amount: row.counted,
            // How often the rule was right, by the careful bound; unknown while nobody has said.
            confidence: told.precision().map(|precision| precision.lower.0),
            summary: finding.auditor.clone(),
            found_at: row.found_at,
            case_id: None,
            lines: lines_of(&finding, &row.psn_no),
        };
        self.add_clue(tx, operation, &clue)
    }
}

/// 说明: each finding behind the clues with all it rests on, to be filed with the first step.
pub(super) fn explanations(tx: &mut dyn Tx, clues: &[Clue]) -> Result<Vec<Document>, JourneyError> {
    let mut findings = Vec::new();
    let mut library = String::new();
    for clue in clues.iter().filter(|clue| clue.source == Source::Finding) {
        let Some(row) = monitoring::finding(tx, monitoring::Set::Active, &clue.reference)? else { continue };
        let broken = |error| JourneyError::Broken(format!("finding {} cannot be read: {error}", clue.reference));
        findings.push(Sealed::expand(&row.body).map_err(broken)?);
        library = row.library;
    }
    if findings.is_empty() {
        return Ok(Vec::new());
    }
    let text = serde_json::Value::from(findings).to_string();
    Ok(vec![Document::plain("explanation", "疑点及其依据", &library, &text)])
}

fn points_at(at: &ClueLine, line: &DisputedLine) -> bool {
    (&at.psn_no, &at.mdtrt_id) == (&line.psn_no, &line.mdtrt_id)
        && at.feedetl_sn.as_ref().is_none_or(|feedetl_sn| *feedetl_sn == line.feedetl_sn)
}

/// 违规项 of a finding about one person; its visits where it names no line.
fn lines_of(finding: &Finding, psn_no: &PersonId) -> Vec<ClueLine> {
    if psn_no.as_str().is_empty() {
        return Vec::new();
    }
    let line = |mdtrt_id: &str, feedetl_sn: Option<&str>, amount: Option<Fen>| ClueLine {
        psn_no: psn_no.clone(),
        mdtrt_id: mdtrt_id.into(),
        feedetl_sn: feedetl_sn.map(Into::into),
        amount,
    };
    let violating = finding.lines.iter().filter(|line| line.item == ItemType::Violating);
    let named: Vec<ClueLine> = violating
        .filter(|found| !found.mdtrt_id.is_empty() && !found.feedetl_sn.is_empty() && found.amount > Fen::ZERO)
        .map(|found| line(&found.mdtrt_id, Some(&found.feedetl_sn), Some(found.amount)))
        .collect();
    if named.is_empty() { finding.encounters.iter().map(|visit| line(visit, None, None)).collect() } else { named }
}
