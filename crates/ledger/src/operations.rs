//! 办理: posting transfers and folding balances, inside the caller's transaction.

use db::{DbError, Row, Tx, Value};
use terms::{DateTime, Fen, PersonId, parse_time, show_time};

use crate::store::{ADD_ENTRY, BALANCE, BALANCES, FLOW, MOVE_ON, MOVEMENTS, READ, SUM};
use crate::{Account, LedgerError, Movement, State, Transfer};

/// 记账: writes a transfer that counts at once. Entries of nothing are left out.
///
/// # Errors
/// [`LedgerError::Unbalanced`] (a bug of the caller) before anything is written.
pub fn post(tx: &mut dyn Tx, transfer: &Transfer) -> Result<(), LedgerError> {
    write(tx, &[transfer], State::Posted)
}

/// 批量记账, such as opening balances: one multi-row insert.
///
/// # Errors
/// As [`post`].
pub fn post_many(tx: &mut dyn Tx, transfers: &[Transfer]) -> Result<(), LedgerError> {
    write(tx, &transfers.iter().collect::<Vec<_>>(), State::Posted)
}

/// 待记账: writes a transfer that counts nowhere until [`complete`].
///
/// # Errors
/// As [`post`].
pub fn pend(tx: &mut dyn Tx, transfer: &Transfer) -> Result<(), LedgerError> {
    write(tx, &[transfer], State::Pending)
}

/// Turns a pending transfer into a posted one; `false` when there is none pending.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn complete(tx: &mut dyn Tx, psn_no: &PersonId, id: &str) -> Result<bool, DbError> {
    move_on(tx, psn_no, id, State::Posted)
}

/// 作废: gives a pending transfer up; `false` when there is none pending. A posted one is
/// undone by posting its [`Transfer::opposite`].
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn void(tx: &mut dyn Tx, psn_no: &PersonId, id: &str) -> Result<bool, DbError> {
    move_on(tx, psn_no, id, State::Void)
}

/// Reads a transfer and its state back.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn read(tx: &mut dyn Tx, psn_no: &PersonId, id: &str) -> Result<Option<(Transfer, State)>, DbError> {
    let rows = tx.query(&READ, &[psn_no.as_str().into(), id.into()])?;
    let Some(first) = rows.first() else { return Ok(None) };
    let state = State::from_text(&first.get::<String>(0)?).ok_or_else(|| broken(first, 0, "a transfer's state"))?;
    let entries = rows.iter().map(read_entry).collect::<Result<_, _>>()?;
    let at = parse_time(&first.get::<String>(4)?).ok_or_else(|| broken(first, 4, "a time"))?;
    Ok(Some((Transfer { id: id.to_owned(), psn_no: psn_no.clone(), at, about: first.get(5)?, entries }, state)))
}

/// 余额 of one account: the fold of its posted entries.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn balance(tx: &mut dyn Tx, account: &Account) -> Result<Fen, DbError> {
    let (kind, name) = account.key();
    tx.query(&BALANCE, &[kind.into(), name.into()])?.first().map_or(Ok(Fen::ZERO), |row| row.get(0).map(Fen))
}

/// 余额表: the balances of all accounts of the kind of `like`, by name.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn balances(tx: &mut dyn Tx, like: &Account) -> Result<Vec<(String, Fen)>, DbError> {
    tx.query(&BALANCES, &[like.key().0.into()])?.iter().map(|row| Ok((row.get(0)?, Fen(row.get(1)?)))).collect()
}

/// 发生额: what came to the accounts of the kind of `like` between two times, by name.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn flow(tx: &mut dyn Tx, like: &Account, from: DateTime, to: DateTime) -> Result<Vec<(String, Fen)>, DbError> {
    let params = [like.key().0.into(), show_time(from).into(), show_time(to).into()];
    tx.query(&FLOW, &params)?.iter().map(|row| Ok((row.get(0)?, Fen(row.get(1)?)))).collect()
}

/// 明细账: the posted entries of one account, the latest first, before `before` (the time, transfer
/// and line that ended the page before), at most so many.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn movements(
    tx: &mut dyn Tx,
    account: &Account,
    before: Option<(DateTime, &str, i64)>,
    at_most: i64,
) -> Result<Vec<Movement>, DbError> {
    let (kind, name) = account.key();
    let (at, id, line) = before.unwrap_or((DateTime::MAX, "", 0));
    let params = [kind.into(), name.into(), show_time(at).into(), id.into(), line.into(), at_most.into()];
    let movement = |row: &Row| {
        Ok(Movement {
            psn_no: PersonId(row.get(0)?),
            transfer_id: row.get(1)?,
            line: row.get(2)?,
            amount: Fen(row.get(3)?),
            at: parse_time(&row.get::<String>(4)?).ok_or_else(|| broken(row, 4, "a time"))?,
            about: row.get(5)?,
        })
    };
    tx.query(&MOVEMENTS, &params)?.iter().map(movement).collect()
}

/// 试算平衡: the sum over all accounts; anything but zero is a bug.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn sum_of_all(tx: &mut dyn Tx) -> Result<Fen, DbError> {
    tx.query(&SUM, &[])?.first().map_or(Ok(Fen::ZERO), |row| row.get(0).map(Fen))
}

fn write(tx: &mut dyn Tx, transfers: &[&Transfer], state: State) -> Result<(), LedgerError> {
    let mut rows = Vec::new();
    for transfer in transfers {
        if !transfer.imbalance().is_zero() {
            return Err(LedgerError::Unbalanced { id: transfer.id.clone(), imbalance: transfer.imbalance() });
        }
        let at = show_time(transfer.at);
        let entries = transfer.entries.iter().filter(|(_, amount)| !amount.is_zero());
        rows.extend((1_i64..).zip(entries).map(|(line, (account, amount))| {
            let (kind, name) = account.key();
            vec![
                transfer.psn_no.as_str().into(),
                transfer.id.as_str().into(),
                line.into(),
                state.as_str().into(),
                kind.into(),
                name.into(),
                amount.0.into(),
                at.as_str().into(),
                transfer.about.as_str().into(),
            ]
        }));
    }
    if rows.is_empty() { Ok(()) } else { Ok(tx.insert_many(&ADD_ENTRY, &rows)?) }
}

fn move_on(tx: &mut dyn Tx, psn_no: &PersonId, id: &str, state: State) -> Result<bool, DbError> {
    let params: [Value; 3] = [psn_no.as_str().into(), id.into(), state.as_str().into()];
    tx.execute(&MOVE_ON, &params).map(|rows| rows > 0)
}

fn read_entry(row: &Row) -> Result<(Account, Fen), DbError> {
    let account =
        Account::from_key(&row.get::<String>(1)?, row.get(2)?).ok_or_else(|| broken(row, 1, "a kind of account"))?;
    Ok((account, Fen(row.get(3)?)))
}

fn broken(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transfer() -> Transfer {
        Transfer {
            id: "S1".into(),
            psn_no: "1".into(),
            at: parse_time("2026-03-09 16:00:00").unwrap(),
            about: "settlement".into(),
            entries: vec![
                (Account::Pool("310100".into()), Fen(-900)),
                (Account::Personal("1".into()), Fen(-100)),
                (Account::Payable("H1".into()), Fen(1000)),
            ],
        }
    }

    #[test]
    fn the_opposite_of_a_transfer_undoes_every_entry() {
        let forward = transfer();
        let back = forward.opposite("R1", forward.at, "reversal");
        for ((account, amount), (same, undone)) in forward.entries.iter().zip(&back.entries) {
            assert_eq!((account, *amount + *undone), (same, Fen::ZERO));
        }
        assert_eq!(back.imbalance(), Fen::ZERO);
    }

    #[test]
    fn every_account_reads_back_from_its_key() {
        let institution = || terms::InstitutionId::from("H1");
        let owed = [Account::Withheld(institution()), Account::Held(institution()), Account::Paid(institution())];
        for account in transfer().entries.into_iter().map(|(account, _)| account).chain(owed) {
            let (kind, name) = account.key();
            assert_eq!(Account::from_key(kind, name.to_owned()), Some(account.clone()));
        }
        assert_eq!(Account::from_key("purse", String::new()), None);
    }
}
