//! 日账: what was settled, by day and fund: a projection of the change feed, kept in memory.
//! It follows the feed by its numbers, so each change counts once; it can always be made
//! again from the feed.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use adjudication::facts::{FundPayment, Heads};
use db::{Database, DbError, DeedError};
use operation::feed::{self, Change, Numbered};
use serde::Deserialize;
use terms::{Date, DateTime, Fen, parse_time};

/// Changes numbered, or read, in one transaction. Numbering sorts all that waits, so few large
/// rounds get through a backlog sooner than many small ones.
const BATCH: i64 = 4_096;

/// 结算变更: a settlement or reversal as the feed tells it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SettlementChange {
    pub setl_id: String,
    pub fixmedins_code: String,
    pub insutype: String,
    pub med_type: String,
    pub setl_time: String,
    pub reverses: Option<String>,
    pub heads: Heads,
    pub detail: Vec<FundPayment>,
}

impl SettlementChange {
    /// The settlement or reversal in a change; `None` when it is about something else.
    pub fn of(change: &Change) -> Result<Option<SettlementChange>, DaybookError> {
        if change.kind != "settlement" && change.kind != "reversal" {
            return Ok(None);
        }
        let read = serde_json::from_str(&change.body);
        read.map(Some).map_err(|error| DaybookError::Change { id: change.id.clone(), detail: error.to_string() })
    }

    pub fn time(&self) -> Option<DateTime> {
        parse_time(&self.setl_time)
    }
}

/// Why the feed could not be followed.
#[derive(Debug, thiserror::Error)]
pub enum DaybookError {
    /// A change that is not what its kind says.
    #[error("the change {id} of the feed cannot be read: {detail}")]
    Change {
        /// The change.
        id: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Storage failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<DaybookError> for DeedError<DaybookError> {
    fn from(error: DaybookError) -> Self {
        match error {
            DaybookError::Db(error) => DeedError::Db(error),
            own => DeedError::Own(own),
        }
    }
}

/// 合计 of some settlements and reversals; a reversal's amounts are negative.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// 结算笔数, reversals not counted.
    pub settlements: u64,
    /// 撤销笔数.
    pub reversals: u64,
    /// T 医疗费总额.
    pub total: Fen,
    /// F 基金支付总额.
    pub funds: Fen,
    /// W 个人账户支出.
    pub account: Fen,
    /// X 个人现金支出.
    pub cash: Fen,
    /// Hp 医院负担.
    pub hospital: Fen,
    /// By 基金支付类型, as in `setldetail`.
    pub by_fund: BTreeMap<String, Fen>,
}

impl Sums {
    fn add(&mut self, change: &SettlementChange) {
        *(if change.reverses.is_some() { &mut self.reversals } else { &mut self.settlements }) += 1;
        let heads = &change.heads;
        self.total += heads.medfee_sumamt;
        self.funds += heads.fund_pay_sumamt;
        self.account += heads.acct_pay;
        self.cash += heads.psn_cash_pay;
        self.hospital += heads.hosp_part_amt;
        for row in &change.detail {
            *self.by_fund.entry(row.fund_pay_type.clone()).or_default() += row.fund_payamt;
        }
    }
}

/// 日账. Share it between the one who follows and the pages.
#[derive(Debug, Default)]
pub struct Daybook(RwLock<Kept>);

#[derive(Debug, Default)]
struct Kept {
    seen: i64,
    all: Sums,
    days: BTreeMap<Date, Sums>,
    behind: bool,
    trouble: Option<String>,
}

/// The daybook at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Glance {
    /// The last change that is counted.
    pub seen: i64,
    /// Everything.
    pub all: Sums,
    /// The newest days, latest first.
    pub days: Vec<(Date, Sums)>,
    /// Whether more changes wait to be counted.
    pub behind: bool,
    /// What keeps the feed from being followed.
    pub trouble: Option<String>,
}

impl Daybook {
    /// An empty daybook, to be filled from the feed's beginning.
    #[must_use]
    pub fn new() -> Arc<Daybook> {
        Arc::default()
    }

    /// Numbers what waits in the feed and counts it; says whether more may wait.
    ///
    /// # Errors
    /// [`DaybookError`]; what was counted before stays counted.
    pub fn catch_up(&self, database: &Database) -> Result<bool, DaybookError> {
        let seen = self.write(|kept| kept.seen);
        let mut news = read(database, seen)?;
        if news.is_empty() && is_waiting(database)? {
            database.deed(|tx| feed::number(tx, BATCH))?;
            news = read(database, seen)?;
        }
        let read = news.iter().map(|row| Ok((row.number, SettlementChange::of(&row.change)?)));
        let changes = read.collect::<Result<Vec<_>, DaybookError>>()?;
        let more = !news.is_empty();
        self.write(|kept| {
            for (number, change) in &changes {
                kept.count(*number, change.as_ref());
            }
            kept.behind = news.len() as i64 == BATCH;
            kept.trouble = None;
        });
        Ok(more)
    }

    /// Follows the feed on a thread of its own, looking `every` so often, until the answer is
    /// dropped.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn follow(self: &Arc<Self>, database: Database, every: Duration) -> std::io::Result<Following> {
        let (stop, stopped) = sync_channel::<()>(1);
        let book = Arc::clone(self);
        let work = move || {
            let mut pause = Duration::ZERO;
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                pause = match book.catch_up(&database) {
                    Ok(true) => Duration::ZERO,
                    Ok(false) => every,
                    Err(error) => {
                        book.write(|kept| kept.trouble = Some(error.to_string()));
                        every.max(Duration::from_secs(1))
                    }
                };
            }
        };
        let thread = std::thread::Builder::new().name("daybook".to_owned()).spawn(work)?;
        Ok(Following { stop, thread: Some(thread) })
    }

    pub(crate) fn glance(&self, days: usize) -> Glance {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let newest = kept.days.iter().rev().take(days).map(|(day, sums)| (*day, sums.clone()));
        Glance {
            seen: kept.seen,
            all: kept.all.clone(),
            days: newest.collect(),
            behind: kept.behind,
            trouble: kept.trouble.clone(),
        }
    }

    fn write<T>(&self, change: impl FnOnce(&mut Kept) -> T) -> T {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    /// Counts a change once, whoever reads it twice.
    fn count(&mut self, number: i64, change: Option<&SettlementChange>) {
        if number <= self.seen {
            return;
        }
        self.seen = number;
        let Some(change) = change else { return };
        self.all.add(change);
        if let Some(time) = change.time() {
            self.days.entry(time.date()).or_default().add(change);
        }
    }
}

fn read(database: &Database, seen: i64) -> Result<Vec<Numbered>, DbError> {
    database.read(move |tx| feed::read_after(tx, seen, BATCH))
}

fn is_waiting(database: &Database) -> Result<bool, DbError> {
    database.read(feed::is_waiting)
}

/// Follows the feed until it is dropped.
pub struct Following {
    stop: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Following {
    fn drop(&mut self) {
        // The thread may have ended already; then nobody listens.
        let _ = self.stop.try_send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
