//! 过往: a person's settled visits as a replay takes them.

use adjudication::simulate::{Past, PastVisit};
use db::Tx;
use terms::{DateTime, Fen, PersonId};

use crate::dossier::{from_claim_line, gather, law_visit};
use crate::record::Decision;
use crate::settle::{ACCT_USED_FLAG, MID_SETL_FLAG};
use crate::{Centre, JourneyError};

impl Centre {
    /// 过往 of the persons with a settlement between two times, in order of their number, after
    /// one of them and at most so many.
    ///
    /// # Errors
    /// As [`Centre::past`].
    pub fn pasts(
        &self,
        tx: &mut dyn Tx,
        after: &PersonId,
        between: (DateTime, DateTime),
        at_most: i64,
    ) -> Result<Vec<Past>, JourneyError> {
        let persons = claim::persons_settled(tx, after, between, at_most)?;
        persons.iter().map(|psn_no| self.past(tx, psn_no)).collect()
    }

    /// 过往 of a person, out of the registers; run it on the read pool. A settlement that was
    /// reversed is left out, and so is a visit that is not settled.
    ///
    /// # Errors
    /// [`crate::Own::PersonUnknown`]; [`JourneyError::Broken`] when a record cannot be read.
    pub fn past(&self, tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Past, JourneyError> {
        let gathered = gather(tx, psn_no)?;
        let (history, mut totals) = (&gathered.history, gathered.history.totals.clone());
        let mut givers = gathered.dossier.givers.clone();
        let mut visits = Vec::new();
        for row in history.settlements.iter().filter(|row| row.reverses.is_none() && !history.is_reversed(&row.setl_id))
        {
            let Decision { heads, detail, adds, accounts, .. } = Decision::read(row)?;
            for (key, amount) in adds {
                *totals.entry(key).or_default() -= amount;
            }
            for giver in &mut givers {
                giver.balc +=
                    accounts.iter().filter(|used| used.psn_no == giver.giver).map(|used| used.amount).sum::<Fen>();
            }
            let recorded = history.visits.iter().find(|visit| visit.mdtrt_id == row.mdtrt_id);
            let recorded =
                recorded.ok_or_else(|| JourneyError::Broken(format!("settlement {} has no visit", row.setl_id)))?;
            let visit = law_visit(recorded, history);
            let lines = claim::lines(tx, psn_no, &row.mdtrt_id)?;
            visits.push(PastVisit {
                mdtrt_id: visit.mdtrt_id,
                request: visit.request,
                endtime: visit.endtime,
                lines: lines.into_iter().map(|line| from_claim_line(line).line).collect(),
                setl_id: row.setl_id.clone(),
                setl_time: row.setl_time,
                acct_used_flag: row.particulars.get(ACCT_USED_FLAG).cloned(),
                mid_setl_flag: row.particulars.get(MID_SETL_FLAG).cloned().unwrap_or_else(|| "0".to_owned()),
                heads,
                detail,
                accounts,
            });
        }
        totals.retain(|_, amount| *amount != 0);
        let dossier = gathered.dossier;
        Ok(Past { person: dossier.person, filings: dossier.filings, givers, totals, visits })
    }
}
