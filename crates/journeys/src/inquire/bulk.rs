//! 批量: every open clue of one rule at one institution becomes one case.

use casework::{Actor, Document};
use db::Tx;
use operation::Operation;
use terms::InstitutionId;

use super::{CaseFile, Casebook, NewCase};
use crate::{Centre, JourneyError};

/// A case of many clues about to be opened.
#[derive(Debug, Clone)]
pub struct BulkCase {
    /// Which procedure of the region.
    pub procedure: String,
    /// 规则 or model.
    pub rule: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// How many clues at most; the rest waits for the next case.
    pub at_most: usize,
    /// Who opens it.
    pub by: Actor,
    /// Why.
    pub why: String,
    /// Filed with the first step.
    pub exhibits: Vec<Document>,
}

impl Centre {
    /// 批量立案: the oldest open clues of the rule at the institution. Lines that another case has
    /// already are left out.
    ///
    /// # Errors
    /// As [`Centre::open_inquiry`].
    pub fn open_bulk(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        book: &Casebook,
        asked: &BulkCase,
    ) -> Result<CaseFile, JourneyError> {
        let open = inquiry::clues(tx, "")?;
        let same = open.iter().filter(|clue| clue.rule == asked.rule && clue.fixmedins_code == asked.fixmedins_code);
        let clues: Vec<String> = same.take(asked.at_most).map(|clue| clue.clue_id.clone()).collect();
        let new = NewCase {
            procedure: asked.procedure.clone(),
            subject: format!("{} 规则 {}：{} 条疑点", asked.fixmedins_code, asked.rule, clues.len()),
            clues,
            targets: Vec::new(),
            frame: None,
            by: asked.by.clone(),
            why: asked.why.clone(),
            exhibits: asked.exhibits.clone(),
        };
        self.open_inquiry(tx, operation, book, &new)
    }
}
