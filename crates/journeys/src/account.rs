//! 账户划入: the bureau's own deed, for a person's account or that of a giver.

use db::Tx;
use ledger::{Account, Transfer};
use operation::Operation;
use serde_json::json;
use terms::{DateTime, Fen, PersonId};

use crate::{Centre, JourneyError, Own};

impl Centre {
    /// Adds to a personal account; the money comes from outside the books (contributions).
    ///
    /// # Errors
    /// [`Own::AmountNotPositive`].
    pub fn credit_account(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        amount: Fen,
        at: DateTime,
    ) -> Result<(), JourneyError> {
        if amount <= Fen::ZERO {
            return Err(Own::AmountNotPositive { amount: amount.to_string() }.into());
        }
        operation::lock_persons(tx, std::slice::from_ref(psn_no))?;
        let id = operation.new_id("credit");
        enrolment::credit_account(tx, psn_no, amount)?;
        let transfer = Transfer {
            id: id.clone(),
            psn_no: psn_no.clone(),
            at,
            about: "credit".to_owned(),
            entries: vec![
                (Account::Suspense("contributions".to_owned()), -amount),
                (Account::Personal(psn_no.clone()), amount),
            ],
        };
        ledger::post(tx, &transfer)?;
        let body = json!({ "psn_no": psn_no, "amount": amount });
        operation::feed::append(tx, &[self.changed(operation, "credit", &id, psn_no, &body)])?;
        Ok(())
    }
}
