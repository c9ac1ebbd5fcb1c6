//! 存储: the room's table and every statement it runs.

use db::{Migration, Sql};

/// The room's schema, in order.
pub const MIGRATIONS: &[Migration] =
    &[Migration { id: "ledger/0001_entries", text: include_str!("../migrations/0001_entries.sql") }];

pub(crate) static ADD_ENTRY: Sql = Sql::new(
    "ledger.add_entry",
    "INSERT INTO ledger_entry (psn_no, transfer_id, line, state, kind, name, amount, at, about) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
pub(crate) static MOVE_ON: Sql = Sql::new(
    "ledger.move_on",
    "UPDATE ledger_entry SET state = $3 WHERE psn_no = $1 AND transfer_id = $2 AND state = 'pending'",
);
pub(crate) static READ: Sql = Sql::new(
    "ledger.read",
    "SELECT state, kind, name, amount, at, about FROM ledger_entry WHERE psn_no = $1 AND transfer_id = $2 ORDER BY line",
);
pub(crate) static BALANCE: Sql = Sql::new(
    "ledger.balance",
    "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_entry \
     WHERE kind = $1 AND name = $2 AND state = 'posted'",
);
pub(crate) static BALANCES: Sql = Sql::new(
    "ledger.balances",
    "SELECT name, CAST(SUM(amount) AS BIGINT) FROM ledger_entry WHERE kind = $1 AND state = 'posted' GROUP BY name ORDER BY name",
);
pub(crate) static FLOW: Sql = Sql::new(
    "ledger.flow",
    "SELECT name, CAST(SUM(amount) AS BIGINT) FROM ledger_entry \
     WHERE kind = $1 AND state = 'posted' AND at >= $2 AND at <= $3 GROUP BY name ORDER BY name",
);
pub(crate) static MOVEMENTS: Sql = Sql::new(
    "ledger.movements",
    "SELECT psn_no, transfer_id, line, amount, at, about FROM ledger_entry \
     WHERE kind = $1 AND name = $2 AND state = 'posted' AND (at, transfer_id, line) < ($3, $4, $5) \
     ORDER BY at DESC, transfer_id DESC, line DESC LIMIT $6",
);
pub(crate) static SUM: Sql =
    Sql::new("ledger.sum", "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_entry WHERE state = 'posted'");

/// Every statement of the room, for the test that prepares them all on both databases.
pub const STATEMENTS: &[&Sql] = &[&ADD_ENTRY, &MOVE_ON, &READ, &BALANCE, &BALANCES, &FLOW, &MOVEMENTS, &SUM];
