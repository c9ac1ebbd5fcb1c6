//! 审核 · 记账 · 拨付: a month's statements go from estimated (30) to approved (40), posted (50) and
//! paid (60), each step a deed. The ledger knows the item money since settlement; posting brings
//! the difference of the groups, what is withheld and what is held back.

use clearing::{Month, Statement, StatementState};
use db::Tx;
use ledger::{Account, Transfer};
use operation::Operation;
use serde_json::json;
use terms::{DateTime, Fen, InstitutionId};

use super::statement::{Figures, PlanMonth};
use crate::{Centre, JourneyError, Own};

impl Centre {
    /// Moves every statement of an institution's month one step on; those that are there already
    /// stay. Gives the statements as they now stand.
    ///
    /// # Errors
    /// [`Own::StatementState`] when one is not in the state before.
    pub fn advance_month(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        institution: &InstitutionId,
        month: Month,
        to: StatementState,
    ) -> Result<Vec<Statement>, JourneyError> {
        clearing::hold_statements(tx, institution, month)?;
        let statements = clearing::statements(tx, institution, month, month)?;
        let wrong = |from: &'static str| -> JourneyError {
            let (institution, month) = (institution.to_string(), month.to_string());
            Own::StatementState { institution, month, from, to: to.code() }.into()
        };
        if statements.is_empty() {
            return Err(wrong("0"));
        }
        let mut moved = Vec::new();
        for statement in statements {
            if statement.state >= to {
                moved.push(statement);
                continue;
            }
            if next(statement.state) != Some(to) {
                return Err(wrong(statement.state.code()));
            }
            let statement = Statement { state: to, changed_at: operation.received_at, ..statement };
            self.carry_out(tx, operation, &statement)?;
            clearing::put_statement(tx, &statement)?;
            self.tell_statement(tx, operation, &statement)?;
            moved.push(statement);
        }
        Ok(moved)
    }

    /// The postings and the leaf of a step.
    fn carry_out(&self, tx: &mut dyn Tx, operation: &Operation, statement: &Statement) -> Result<(), JourneyError> {
        let Statement { month, fixmedins_code, insutype, clr_type, state, .. } = statement;
        let name = format!("{month}/{fixmedins_code}/{insutype}/{clr_type}");
        let at = operation.received_at;
        match state {
            StatementState::Estimated | StatementState::Approved => Ok(()),
            StatementState::Posted => {
                let figures = Figures::read(statement)?;
                for row in &figures.group {
                    let id = format!("clearing/{name}/{}/{}", row.plan, row.month.pool);
                    ledger::post(tx, &of_month(&id, fixmedins_code, at, row))?;
                }
                let body = json!({ "state": state.code(), "payable": statement.payable, "figures": statement.figures });
                self.seal(tx, operation, "clearing_statement", &name, body)
            }
            StatementState::Paid => {
                let id = format!("clearing_paid/{name}");
                Ok(ledger::post(tx, &paid(&id, fixmedins_code, at, statement.payable))?)
            }
        }
    }
}

fn next(state: StatementState) -> Option<StatementState> {
    match state {
        StatementState::Estimated => Some(StatementState::Approved),
        StatementState::Approved => Some(StatementState::Posted),
        StatementState::Posted => Some(StatementState::Paid),
        StatementState::Paid => None,
    }
}

/// The group price replaces the item money: the pool gives, or takes back, the difference; the
/// deposit and what is held back leave what is payable now.
fn of_month(id: &str, institution: &InstitutionId, at: DateTime, row: &PlanMonth) -> Transfer {
    let month = &row.month;
    let difference = month.due - month.item_fund;
    transfer(
        id,
        at,
        "clearing",
        vec![
            (Account::Pool(row.fund.clone()), -difference),
            (Account::Payable(institution.clone()), difference - month.deposit - month.held),
            (Account::Withheld(institution.clone()), month.deposit),
            (Account::Held(institution.clone()), month.held),
        ],
    )
}

/// What is transferred to the institution.
pub(super) fn paid(id: &str, institution: &InstitutionId, at: DateTime, amount: Fen) -> Transfer {
    let entries = vec![(Account::Payable(institution.clone()), -amount), (Account::Paid(institution.clone()), amount)];
    transfer(id, at, "clearing_paid", entries)
}

/// A transfer that is about an institution and no person.
pub(super) fn transfer(id: &str, at: DateTime, about: &str, entries: Vec<(Account, Fen)>) -> Transfer {
    Transfer { id: id.to_owned(), psn_no: "".into(), at, about: about.to_owned(), entries }
}
