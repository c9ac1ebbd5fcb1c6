//! 台账: what each institution has booked on a day, for its reconciliation.

use std::collections::HashMap;
use std::sync::Mutex;

use terms::{Date, Fen};

use super::money::Settled;

/// 对账: institution and day of the settlement time.
pub(super) type Page = (String, Date);
/// 险种 and 清算类别.
pub(super) type Column = (String, String);

/// A settlement or reversal as the hospital books it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) column: Column,
    pub(super) settlement: String,
    pub(super) visit: String,
    pub(super) person: String,
    pub(super) total: Fen,
    pub(super) fund: Fen,
    pub(super) account: Fen,
    pub(super) cash: Fen,
    pub(super) refund: bool,
    /// The message that made it; a reversal by 2601 has no settlement id, only this.
    pub(super) msgid: String,
}

impl Entry {
    /// Books an answer.
    pub(super) fn of(settled: &Settled, scheme: &str, person: &str, refund: bool, msgid: &str) -> Entry {
        Entry {
            column: (scheme.to_owned(), settled.clearing.clone()),
            settlement: settled.id.clone(),
            visit: settled.visit.clone(),
            person: person.to_owned(),
            total: settled.head("medfee_sumamt"),
            fund: settled.head("fund_pay_sumamt"),
            account: settled.head("acct_pay"),
            cash: settled.head("psn_cash_pay"),
            refund,
            msgid: msgid.to_owned(),
        }
    }

    /// The same, taken back by 2601: negative, without an id of its own.
    pub(super) fn taken_back(&self, msgid: &str) -> Entry {
        Entry {
            settlement: String::new(),
            total: -self.total,
            fund: -self.fund,
            account: -self.account,
            cash: -self.cash,
            refund: true,
            msgid: msgid.to_owned(),
            ..self.clone()
        }
    }
}

/// All institutions' open pages; a page leaves when it is reconciled.
#[derive(Debug, Default)]
pub(super) struct Books(Mutex<HashMap<Page, Vec<Entry>>>);

impl Books {
    pub(super) fn enter(&self, page: Page, entry: Entry) {
        if let Ok(mut pages) = self.0.lock() {
            pages.entry(page).or_default().push(entry);
        }
    }

    /// Takes a page out, in the order of its columns.
    pub(super) fn close(&self, page: &Page) -> Vec<Entry> {
        let mut entries = self.0.lock().ok().and_then(|mut pages| pages.remove(page)).unwrap_or_default();
        entries.sort_by(|a, b| (&a.column, &a.msgid).cmp(&(&b.column, &b.msgid)));
        entries
    }
}
