//! The room's own tables: every statement is a named constant in [`STATEMENTS`], so that one test
//! can prepare them all on both databases.

use crate::{Code, Credential, Device, Identity, Purpose, Relation, State, Use};
use db::{DbError, FromValue, Migration, Row, Sql, Value};
use terms::{DateTime, InstitutionId, PersonId, parse_time, show_time};

/// The steps of the schema, in order.
pub const MIGRATIONS: &[Migration] =
    &[Migration { id: "credential/0001_credentials", text: include_str!("../migrations/0001_credentials.sql") }];

macro_rules! statements {
    ($($name:ident, $id:literal, $text:expr;)*) => {
        $(pub(crate) static $name: Sql = Sql::new($id, $text);)*

        /// Every statement of the room, for the test that prepares them all on both databases.
        pub const STATEMENTS: &[&Sql] = &[$(&$name,)*];
    };
}

macro_rules! code_columns {
    () => {
        "c.code_id, c.ec_no, c.psn_no, c.device_id, c.purpose, c.drawn_at, c.expires_at, c.typed, c.used_at, \
         c.institution, c.operator, c.business, c.msgid, c.token, c.token_until, c.spent_at, c.spent_on"
    };
}

macro_rules! standing_columns {
    () => {
        ", (SELECT h.state FROM credential AS h WHERE h.ec_no = c.ec_no), \
         (SELECT max(m.state) FROM credential AS m WHERE m.psn_no = c.psn_no AND m.state <> 3), \
         (SELECT d.state FROM credential_device AS d WHERE d.device_id = c.device_id), \
         (SELECT count(*) FROM credential AS o WHERE o.ec_no = c.ec_no AND (o.psn_no = c.psn_no OR EXISTS \
         (SELECT 1 FROM credential_identity AS i WHERE i.holder = o.psn_no AND i.member = c.psn_no \
         AND i.ended_at IS NULL))), \
         (SELECT p.psn_no FROM credential AS p WHERE p.ec_no = c.ec_no) "
    };
}

statements! {
    ISSUE, "credential.issue",
        "INSERT INTO credential (ec_no, psn_no, state, issued_at, changed_at, reason) VALUES ($1, $2, $3, $4, $5, $6)";
    SET_STATE, "credential.set_state",
        "UPDATE credential SET state = $2, changed_at = $3, reason = $4 WHERE ec_no = $1 AND state <> 3";
    OF_PERSON, "credential.of_person",
        "SELECT ec_no, psn_no, state, issued_at, changed_at, reason FROM credential \
         WHERE psn_no = $1 ORDER BY CASE WHEN state = 3 THEN 1 ELSE 0 END, issued_at DESC LIMIT 1";
    BY_NUMBER, "credential.by_number",
        "SELECT ec_no, psn_no, state, issued_at, changed_at, reason FROM credential WHERE ec_no = $1";
    COUNT, "credential.count", "SELECT count(*) FROM credential WHERE state <> 3";
    BIND_IDENTITY, "credential.bind_identity",
        "INSERT INTO credential_identity (holder, member, relation, bound_at) VALUES ($1, $2, $3, $4)";
    END_IDENTITY, "credential.end_identity",
        "UPDATE credential_identity SET ended_at = $3 WHERE holder = $1 AND member = $2 AND ended_at IS NULL";
    IDENTITIES_OF, "credential.identities_of",
        "SELECT holder, member, relation, bound_at FROM credential_identity \
         WHERE holder = $1 AND ended_at IS NULL ORDER BY bound_at, member";
    HOLDERS_OF, "credential.holders_of",
        "SELECT holder, member, relation, bound_at FROM credential_identity \
         WHERE member = $1 AND ended_at IS NULL ORDER BY bound_at, holder";
    OPEN_ACTIVATION, "credential.open_activation",
        "INSERT INTO credential_activation (ec_no, digest, expires_at, tries_left) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (ec_no) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at, \
         tries_left = excluded.tries_left, used_at = NULL";
    ACTIVATION, "credential.activation",
        "SELECT digest, expires_at, tries_left FROM credential_activation WHERE ec_no = $1 AND used_at IS NULL";
    USE_ACTIVATION, "credential.use_activation",
        "UPDATE credential_activation SET used_at = $2 WHERE ec_no = $1 AND used_at IS NULL";
    LOSE_TRY, "credential.lose_try",
        "UPDATE credential_activation SET tries_left = tries_left - 1 WHERE ec_no = $1 AND tries_left > 0";
    BIND_DEVICE, "credential.bind_device",
        "INSERT INTO credential_device (device_id, ec_no, name, public_key, state, bound_at, changed_at, reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    REVOKE_DEVICE, "credential.revoke_device",
        "UPDATE credential_device SET state = 3, changed_at = $2, reason = $3 WHERE device_id = $1 AND state = 1";
    DEVICE, "credential.device",
        "SELECT device_id, ec_no, name, public_key, state, bound_at, changed_at, reason FROM credential_device \
         WHERE device_id = $1";
    DEVICES_OF, "credential.devices_of",
        "SELECT device_id, ec_no, name, public_key, state, bound_at, changed_at, reason FROM credential_device \
         WHERE ec_no = $1 ORDER BY bound_at, device_id";
    TAKE_NONCE, "credential.take_nonce",
        "INSERT INTO credential_nonce (device_id, nonce, made_at) VALUES ($1, $2, $3) \
         ON CONFLICT (device_id, nonce) DO NOTHING";
    FORGET_NONCES, "credential.forget_nonces",
        "DELETE FROM credential_nonce WHERE device_id = $1 AND made_at < $2";
    DRAW, "credential.draw",
        "INSERT INTO credential_code (code_id, ec_no, psn_no, device_id, purpose, drawn_at, expires_at, typed) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    FORGET_CODES, "credential.forget_codes",
        "DELETE FROM credential_code WHERE device_id = $1 AND used_at IS NULL AND expires_at < $2";
    CODE, "credential.code",
        concat!("SELECT ", code_columns!(), standing_columns!(), "FROM credential_code AS c WHERE c.code_id = $1");
    CODE_OF_TYPED, "credential.code_of_typed",
        concat!("SELECT ", code_columns!(), standing_columns!(), "FROM credential_code AS c WHERE c.typed = $1");
    CODE_OF_TOKEN, "credential.code_of_token",
        concat!("SELECT ", code_columns!(), standing_columns!(), "FROM credential_code AS c WHERE c.token = $1");
    TAKE, "credential.take",
        "UPDATE credential_code SET used_at = $2, institution = $3, operator = $4, business = $5, msgid = $6, \
         token = $7, token_until = $8 WHERE code_id = $1 AND used_at IS NULL AND expires_at > $2";
    SPEND, "credential.spend",
        "UPDATE credential_code SET spent_at = $2, spent_on = $3 WHERE token = $1 AND spent_at IS NULL";
    USES_OF, "credential.uses_of",
        concat!("SELECT ", code_columns!(), " FROM credential_code AS c WHERE c.psn_no = $1 AND c.used_at IS NOT NULL \
                 ORDER BY c.used_at DESC, c.code_id LIMIT $2");
}

pub(crate) fn credential_values(row: &Credential) -> Vec<Value> {
    vec![
        row.ec_no.as_str().into(),
        row.psn_no.as_str().into(),
        row.state.number().into(),
        show_time(row.issued_at).into(),
        show_time(row.changed_at).into(),
        row.reason.as_str().into(),
    ]
}

pub(crate) fn credential_of(row: &Row) -> Result<Credential, DbError> {
    Ok(Credential {
        ec_no: row.get(0)?,
        psn_no: PersonId(row.get(1)?),
        state: state_of(row, 2)?,
        issued_at: time_of(row, 3)?,
        changed_at: time_of(row, 4)?,
        reason: row.get(5)?,
    })
}

pub(crate) fn identity_of(row: &Row) -> Result<Identity, DbError> {
    Ok(Identity {
        holder: PersonId(row.get(0)?),
        member: PersonId(row.get(1)?),
        relation: Relation::of_number(row.get(2)?).ok_or_else(|| wrong(row, 2, "a relation"))?,
        bound_at: time_of(row, 3)?,
    })
}

pub(crate) fn device_values(row: &Device) -> Vec<Value> {
    vec![
        row.device_id.as_str().into(),
        row.ec_no.as_str().into(),
        row.name.as_str().into(),
        row.public_key.clone().into(),
        row.state.number().into(),
        show_time(row.bound_at).into(),
        show_time(row.changed_at).into(),
        row.reason.as_str().into(),
    ]
}

pub(crate) fn device_of(row: &Row) -> Result<Device, DbError> {
    Ok(Device {
        device_id: row.get(0)?,
        ec_no: row.get(1)?,
        name: row.get(2)?,
        public_key: row.get(3)?,
        state: state_of(row, 4)?,
        bound_at: time_of(row, 5)?,
        changed_at: time_of(row, 6)?,
        reason: row.get(7)?,
    })
}

pub(crate) fn code_of(row: &Row) -> Result<Code, DbError> {
    let used_at = row.get::<Option<String>>(8)?;
    Ok(Code {
        code_id: row.get(0)?,
        ec_no: row.get(1)?,
        psn_no: PersonId(row.get(2)?),
        device_id: row.get(3)?,
        purpose: Purpose::of_number(row.get(4)?).ok_or_else(|| wrong(row, 4, "a purpose"))?,
        drawn_at: time_of(row, 5)?,
        expires_at: time_of(row, 6)?,
        typed: row.get(7)?,
        used: used_at.is_some().then(|| use_of(row)).transpose()?,
    })
}

fn use_of(row: &Row) -> Result<Use, DbError> {
    let token = row.get::<Option<String>>(13)?;
    let spent_on = row.get::<Option<String>>(16)?;
    Ok(Use {
        at: time_of(row, 8)?,
        institution: InstitutionId(row.get(9)?),
        operator: row.get(10)?,
        business: row.get(11)?,
        msgid: row.get(12)?,
        token: token.map(|token| Ok::<_, DbError>((token, time_of(row, 14)?))).transpose()?,
        spent: spent_on.map(|on| Ok::<_, DbError>((time_of(row, 15)?, on))).transpose()?,
    })
}

pub(crate) fn state_of(row: &Row, column: usize) -> Result<State, DbError> {
    State::of_number(row.get(column)?).ok_or_else(|| wrong(row, column, "a state from 1 to 3"))
}

pub(crate) fn time_of(row: &Row, column: usize) -> Result<DateTime, DbError> {
    let text = String::from_value(row.values.get(column).unwrap_or(&Value::Null));
    text.and_then(|text| parse_time(&text)).ok_or_else(|| wrong(row, column, "a time"))
}

pub(crate) fn wrong(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}
