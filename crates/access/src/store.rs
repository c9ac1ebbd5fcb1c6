//! 存储: the room's tables and every statement it runs.

use db::{DbError, Migration, Row, Sql, Value};
use terms::{DateTime, parse_time, show_time};

use crate::{Account, Read, Scope, Session};

/// The room's schema, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration { id: "access/0001_access", text: include_str!("../migrations/0001_access.sql") },
    Migration { id: "access/0002_start_password", text: include_str!("../migrations/0002_start_password.sql") },
];

/// Leaves what happened at sign-in (wrong passwords, the lock, used codes) and the second factor as they are.
pub(crate) static PUT_ACCOUNT: Sql = Sql::new(
    "access.put_account",
    "INSERT INTO access_account (account, name, roles, scope_kind, scope_of, staff, password, totp, totp_step, oidc, \
     disabled, failed, locked_until, must_change) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
     ON CONFLICT (account) DO UPDATE SET name = excluded.name, roles = excluded.roles, \
     scope_kind = excluded.scope_kind, scope_of = excluded.scope_of, staff = excluded.staff, \
     password = excluded.password, oidc = excluded.oidc, disabled = excluded.disabled, \
     must_change = excluded.must_change",
);
pub(crate) static ACCOUNT: Sql = Sql::new(
    "access.account",
    "SELECT account, name, roles, scope_kind, scope_of, staff, password, totp, totp_step, oidc, disabled, failed, \
     locked_until, must_change FROM access_account WHERE account = $1",
);
pub(crate) static ACCOUNT_OF_OIDC: Sql = Sql::new(
    "access.account_of_oidc",
    "SELECT account, name, roles, scope_kind, scope_of, staff, password, totp, totp_step, oidc, disabled, failed, \
     locked_until, must_change FROM access_account WHERE oidc = $1 AND oidc <> '' ORDER BY account",
);
pub(crate) static ACCOUNTS: Sql = Sql::new(
    "access.accounts",
    "SELECT account, name, roles, scope_kind, scope_of, staff, password, totp, totp_step, oidc, disabled, failed, \
     locked_until, must_change FROM access_account \
     WHERE account > $1 AND ($2 = '' OR account LIKE $2 OR name LIKE $2) AND ($3 < 0 OR disabled = $3) \
     ORDER BY account LIMIT $4",
);
pub(crate) static SET_TOTP: Sql =
    Sql::new("access.set_totp", "UPDATE access_account SET totp = $2, totp_step = $3 WHERE account = $1");
/// One statement, so that two attempts at once both count.
pub(crate) static COUNT_FAILURE: Sql = Sql::new(
    "access.count_failure",
    "UPDATE access_account SET failed = failed + 1, \
     locked_until = CASE WHEN failed + 1 >= $2 THEN $3 ELSE locked_until END WHERE account = $1",
);
pub(crate) static FORGIVE: Sql =
    Sql::new("access.forgive", "UPDATE access_account SET failed = 0, locked_until = '' WHERE account = $1");
/// Changes nothing when the step was used before: a code counts once.
pub(crate) static USE_TOTP: Sql =
    Sql::new("access.use_totp", "UPDATE access_account SET totp_step = $2 WHERE account = $1 AND totp_step < $2");
pub(crate) static BEGIN_SESSION: Sql = Sql::new(
    "access.begin_session",
    "INSERT INTO access_session (token_hash, account, persons, csrf, begun_at, seen_at, ends_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
pub(crate) static SESSION: Sql = Sql::new(
    "access.session",
    "SELECT token_hash, account, persons, csrf, begun_at, seen_at, ends_at FROM access_session WHERE token_hash = $1",
);
/// The newest first; those that have ended are left out.
pub(crate) static SESSIONS: Sql = Sql::new(
    "access.sessions",
    "SELECT token_hash, account, persons, csrf, begun_at, seen_at, ends_at FROM access_session \
     WHERE ($1 = '' OR account = $1) AND ends_at >= $2 AND seen_at >= $3 \
     AND ($4 = '' OR begun_at < $4 OR (begun_at = $4 AND token_hash < $5)) \
     ORDER BY begun_at DESC, token_hash DESC LIMIT $6",
);
pub(crate) static TOUCH: Sql = Sql::new("access.touch", "UPDATE access_session SET seen_at = $2 WHERE token_hash = $1");
pub(crate) static END_SESSION: Sql = Sql::new("access.end_session", "DELETE FROM access_session WHERE token_hash = $1");
pub(crate) static END_SESSIONS_OF: Sql =
    Sql::new("access.end_sessions_of", "DELETE FROM access_session WHERE account = $1");
pub(crate) static SWEEP: Sql = Sql::new("access.sweep", "DELETE FROM access_session WHERE ends_at < $1");
pub(crate) static ADD_READ: Sql = Sql::new(
    "access.add_read",
    "INSERT INTO access_read (id, account, at, person, what, purpose, note) VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
pub(crate) static READS: Sql = Sql::new(
    "access.reads",
    "SELECT id, account, at, person, what, purpose, note FROM access_read \
     WHERE id < $1 AND ($2 = '' OR person = $2) AND ($3 = '' OR account = $3) AND ($4 = 0 OR purpose <> '') \
     ORDER BY id DESC LIMIT $5",
);

/// Every statement of the room, for the test that prepares them all on both databases.
pub const STATEMENTS: &[&Sql] = &[
    &PUT_ACCOUNT,
    &ACCOUNT,
    &ACCOUNT_OF_OIDC,
    &ACCOUNTS,
    &SET_TOTP,
    &COUNT_FAILURE,
    &FORGIVE,
    &USE_TOTP,
    &BEGIN_SESSION,
    &SESSION,
    &SESSIONS,
    &TOUCH,
    &END_SESSION,
    &END_SESSIONS_OF,
    &SWEEP,
    &ADD_READ,
    &READS,
];

pub(crate) fn time(value: DateTime) -> Value {
    Value::Text(show_time(value))
}

fn read_time(row: &Row, column: usize) -> Result<DateTime, DbError> {
    let broken =
        || DbError::Column { statement: row.statement.to_owned(), column, expected: "a time yyyy-MM-dd HH:mm:ss" };
    parse_time(&row.get::<String>(column)?).ok_or_else(broken)
}

/// Several words in one column.
fn joined(words: &[String]) -> Value {
    words.join("|").into()
}

fn parted(text: &str) -> Vec<String> {
    text.split('|').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

pub(crate) fn account_row(account: &Account) -> Vec<Value> {
    let (kind, of): (&str, Value) = match &account.scope {
        Scope::Region => ("region", "".into()),
        Scope::Institution(code) => ("institution", code.as_str().into()),
        Scope::Department { institution, department } => {
            ("department", joined(&[institution.clone(), department.clone()]))
        }
        Scope::Person(persons) => ("person", joined(persons)),
    };
    vec![
        account.account.as_str().into(),
        account.name.as_str().into(),
        joined(&account.roles),
        kind.into(),
        of,
        account.staff.as_deref().unwrap_or_default().into(),
        account.password.as_str().into(),
        account.totp.as_str().into(),
        account.totp_step.into(),
        account.oidc.as_str().into(),
        i64::from(account.disabled).into(),
        account.failed.into(),
        account.locked_until.map_or_else(|| "".into(), time),
        i64::from(account.must_change).into(),
    ]
}

pub(crate) fn read_account(row: &Row) -> Result<Account, DbError> {
    let of: String = row.get(4)?;
    let scope = match (row.get::<String>(3)?.as_str(), parted(&of).as_slice()) {
        ("region", []) => Scope::Region,
        ("institution", [code]) => Scope::Institution(code.clone()),
        ("department", [institution, department]) => {
            Scope::Department { institution: institution.clone(), department: department.clone() }
        }
        ("person", persons) => Scope::Person(persons.to_vec()),
        _ => {
            return Err(DbError::Column { statement: row.statement.to_owned(), column: 3, expected: "a data scope" });
        }
    };
    let locked: String = row.get(12)?;
    Ok(Account {
        account: row.get(0)?,
        name: row.get(1)?,
        roles: parted(&row.get::<String>(2)?),
        scope,
        staff: filled(row.get(5)?),
        password: row.get(6)?,
        must_change: row.get::<i64>(13)? == 1,
        totp: row.get(7)?,
        totp_step: row.get(8)?,
        oidc: row.get(9)?,
        disabled: row.get::<i64>(10)? == 1,
        failed: row.get(11)?,
        locked_until: if locked.is_empty() { None } else { Some(read_time(row, 12)?) },
    })
}

pub(crate) fn session_row(session: &Session) -> Vec<Value> {
    vec![
        session.token_hash.as_str().into(),
        session.account.as_str().into(),
        joined(&session.persons),
        session.csrf.as_str().into(),
        time(session.begun_at),
        time(session.seen_at),
        time(session.ends_at),
    ]
}

pub(crate) fn read_session(row: &Row) -> Result<Session, DbError> {
    Ok(Session {
        token_hash: row.get(0)?,
        account: row.get(1)?,
        persons: parted(&row.get::<String>(2)?),
        csrf: row.get(3)?,
        begun_at: read_time(row, 4)?,
        seen_at: read_time(row, 5)?,
        ends_at: read_time(row, 6)?,
    })
}

pub(crate) fn read_row(read: &Read) -> Vec<Value> {
    vec![
        read.id.as_str().into(),
        read.account.as_str().into(),
        time(read.at),
        read.person.as_str().into(),
        read.what.as_str().into(),
        read.purpose.as_str().into(),
        read.note.as_str().into(),
    ]
}

pub(crate) fn read_read(row: &Row) -> Result<Read, DbError> {
    Ok(Read {
        id: row.get(0)?,
        account: row.get(1)?,
        at: read_time(row, 2)?,
        person: row.get(3)?,
        what: row.get(4)?,
        purpose: row.get(5)?,
        note: row.get(6)?,
    })
}
