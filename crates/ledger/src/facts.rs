//! 事实: accounts, transfers and the state of a transfer.

use db::DbError;
use terms::{DateTime, Fen, InstitutionId, PersonId};

/// 账户: where money is. An entry is positive when money comes to the account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// 基金池, by 基金支付类型.
    Pool(String),
    /// 个人账户.
    Personal(PersonId),
    /// 应付定点机构: what the fund owes an institution.
    Payable(InstitutionId),
    /// 质量保证金: withheld from an institution until the year is cleared.
    Withheld(InstitutionId),
    /// 待年终清算: held back from an institution until the year is cleared.
    Held(InstitutionId),
    /// 已拨付: what the fund has transferred to an institution.
    Paid(InstitutionId),
    /// 机构收现: what an institution took at its own till.
    Till(InstitutionId),
    /// 个人现金: what a person paid out of pocket.
    Cash(PersonId),
    /// 应付个人: what the fund owes a person for care that they paid for themselves (零星报销).
    Owed(PersonId),
    /// 已付个人: what the fund has transferred to a person.
    Reimbursed(PersonId),
    /// 暂记: money whose other side is outside the books (opening balances, contributions).
    Suspense(String),
}

impl Account {
    /// The account's kind and name, as they are stored.
    #[must_use]
    pub fn key(&self) -> (&'static str, &str) {
        match self {
            Account::Pool(name) => ("pool", name),
            Account::Personal(person) => ("personal", person.as_str()),
            Account::Payable(institution) => ("payable", institution.as_str()),
            Account::Withheld(institution) => ("withheld", institution.as_str()),
            Account::Held(institution) => ("held", institution.as_str()),
            Account::Paid(institution) => ("paid", institution.as_str()),
            Account::Till(institution) => ("till", institution.as_str()),
            Account::Cash(person) => ("cash", person.as_str()),
            Account::Owed(person) => ("owed", person.as_str()),
            Account::Reimbursed(person) => ("reimbursed", person.as_str()),
            Account::Suspense(name) => ("suspense", name),
        }
    }

    pub(crate) fn from_key(kind: &str, name: String) -> Option<Account> {
        Some(match kind {
            "pool" => Account::Pool(name),
            "personal" => Account::Personal(PersonId(name)),
            "payable" => Account::Payable(InstitutionId(name)),
            "withheld" => Account::Withheld(InstitutionId(name)),
            "held" => Account::Held(InstitutionId(name)),
            "paid" => Account::Paid(InstitutionId(name)),
            "till" => Account::Till(InstitutionId(name)),
            "cash" => Account::Cash(PersonId(name)),
            "owed" => Account::Owed(PersonId(name)),
            "reimbursed" => Account::Reimbursed(PersonId(name)),
            "suspense" => Account::Suspense(name),
            _ => return None,
        })
    }
}

/// 状态 of a transfer. A pending one counts nowhere until it is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// 待记账.
    Pending,
    /// 已记账.
    Posted,
    /// 已作废.
    Void,
}

impl State {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Posted => "posted",
            State::Void => "void",
        }
    }

    pub(crate) fn from_text(text: &str) -> Option<State> {
        [State::Pending, State::Posted, State::Void].into_iter().find(|state| state.as_str() == text)
    }
}

/// 转账: the entries of one deed, which sum to zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Unique name; a settlement's transfer carries the settlement's number.
    pub id: String,
    /// The person it concerns (the partition); empty for what an institution is owed or paid.
    pub psn_no: PersonId,
    /// When.
    pub at: DateTime,
    /// What for, in one word (`settlement`, `reversal`, `credit`, …).
    pub about: String,
    /// The entries: positive when money comes to the account.
    pub entries: Vec<(Account, Fen)>,
}

impl Transfer {
    /// The transfer that undoes this one.
    #[must_use]
    pub fn opposite(&self, id: &str, at: DateTime, about: &str) -> Transfer {
        Transfer {
            id: id.to_owned(),
            psn_no: self.psn_no.clone(),
            at,
            about: about.to_owned(),
            entries: self.entries.iter().map(|(account, amount)| (account.clone(), -*amount)).collect(),
        }
    }

    /// What is left over; zero in a balanced transfer.
    #[must_use]
    pub fn imbalance(&self) -> Fen {
        self.entries.iter().map(|(_, amount)| *amount).sum()
    }
}

/// 账户明细: one posted entry, as the account's own statement shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The person whom the transfer concerns: another than the account's owner when a relative
    /// used it.
    pub psn_no: PersonId,
    /// The transfer it is part of.
    pub transfer_id: String,
    /// Its place in the transfer, from 1.
    pub line: i64,
    /// 金额: positive when money came to the account.
    pub amount: Fen,
    /// When.
    pub at: DateTime,
    /// What for, as [`Transfer::about`].
    pub about: String,
}

/// Why an entry could not be made.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A bug of the caller: the entries do not sum to zero, so nothing was written.
    #[error(
        "transfer {id} does not balance: {imbalance} yuan are left over; every transfer's entries must sum to zero"
    )]
    Unbalanced {
        /// The transfer.
        id: String,
        /// What is left over.
        imbalance: Fen,
    },
    /// Storage failed.
    #[error(transparent)]
    Db(#[from] DbError),
}
