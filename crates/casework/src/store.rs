//! 存储: the room's tables and every statement it runs.

use db::{Migration, Sql};

/// The room's schema, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration { id: "casework/0001_cases", text: include_str!("../migrations/0001_cases.sql") },
    Migration { id: "casework/0002_applications", text: include_str!("../migrations/0002_applications.sql") },
];

pub(crate) static ADD_CASE: Sql = Sql::new(
    "casework.add_case",
    "INSERT INTO casework_case (case_id, procedure_id, version, hash, subject, party, state, assignee, closed, opened_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);
pub(crate) static MOVE_CASE: Sql = Sql::new(
    "casework.move_case",
    "UPDATE casework_case SET state = $2, assignee = $3, closed = $4 WHERE case_id = $1",
);
pub(crate) static HOLD: Sql = Sql::new("casework.hold", "UPDATE casework_case SET closed = closed WHERE case_id = $1");
pub(crate) static CASE: Sql = Sql::new(
    "casework.case",
    "SELECT case_id, procedure_id, version, hash, subject, party, state, assignee, closed, opened_at \
     FROM casework_case WHERE case_id = $1",
);
pub(crate) static OPEN_CASES: Sql = Sql::new(
    "casework.open_cases",
    "SELECT case_id, procedure_id, version, hash, subject, party, state, assignee, closed, opened_at \
     FROM casework_case WHERE closed = 0 ORDER BY opened_at, case_id",
);
pub(crate) static ADD_STEP: Sql = Sql::new(
    "casework.add_step",
    "INSERT INTO casework_step (case_id, seq, step_key, step, taken_by, role, taken_at, why, from_state, to_state, \
     assigned, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
);
pub(crate) static STEPS: Sql = Sql::new(
    "casework.steps",
    "SELECT seq, step_key, step, taken_by, role, taken_at, why, from_state, to_state, assigned, sealed \
     FROM casework_step WHERE case_id = $1 ORDER BY seq",
);
pub(crate) static ADD_CLOCK: Sql = Sql::new(
    "casework.add_clock",
    "INSERT INTO casework_clock (case_id, nth, clock, started_at, due, stopped_at) VALUES ($1, $2, $3, $4, $5, '')",
);
pub(crate) static STOP_CLOCK: Sql = Sql::new(
    "casework.stop_clock",
    "UPDATE casework_clock SET stopped_at = $3 WHERE case_id = $1 AND clock = $2 AND stopped_at = ''",
);
pub(crate) static EXTEND_CLOCK: Sql = Sql::new(
    "casework.extend_clock",
    "UPDATE casework_clock SET due = $3 WHERE case_id = $1 AND clock = $2 AND stopped_at = ''",
);
pub(crate) static CLOCKS: Sql = Sql::new(
    "casework.clocks",
    "SELECT clock, started_at, due, stopped_at FROM casework_clock WHERE case_id = $1 ORDER BY nth",
);
pub(crate) static OVERDUE: Sql = Sql::new(
    "casework.overdue",
    "SELECT DISTINCT case_id FROM casework_clock WHERE stopped_at = '' AND due < $1 ORDER BY case_id",
);
pub(crate) static ADD_DOCUMENT: Sql = Sql::new(
    "casework.add_document",
    "INSERT INTO casework_document (case_id, seq, nth, kind, name, media, version, digest, content, reference) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);
pub(crate) static DOCUMENTS: Sql = Sql::new(
    "casework.documents",
    "SELECT seq, kind, name, media, version, digest, content, reference FROM casework_document WHERE case_id = $1 ORDER BY seq, nth",
);

pub(crate) static ADD_APPLICATION: Sql = Sql::new(
    "casework.add_application",
    "INSERT INTO casework_application (case_id, desk, item, version, hash, applicant, form, amount, result) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
pub(crate) static AMEND_APPLICATION: Sql =
    Sql::new("casework.amend_application", "UPDATE casework_application SET form = $2, amount = $3 WHERE case_id = $1");
pub(crate) static SET_RESULT: Sql =
    Sql::new("casework.set_result", "UPDATE casework_application SET result = $2 WHERE case_id = $1");
pub(crate) static APPLICATION: Sql = Sql::new(
    "casework.application",
    "SELECT case_id, desk, item, version, hash, applicant, form, amount, result FROM casework_application WHERE case_id = $1",
);
pub(crate) static APPLICATIONS: Sql = Sql::new(
    "casework.applications",
    "SELECT a.case_id, a.desk, a.item, a.version, a.hash, a.applicant, a.form, a.amount, a.result, c.procedure_id, \
       c.version, c.subject, c.party, c.state, c.assignee, c.closed, c.opened_at \
     FROM casework_application a JOIN casework_case c ON c.case_id = a.case_id \
     WHERE ($1 = '' OR a.desk = $1) AND ($2 = '' OR a.item = $2) AND ($3 = '' OR c.state = $3) \
       AND ($4 = '' OR c.party = $4) AND ($5 = '' OR c.assignee = $5) \
       AND (CAST($6 AS BIGINT) = 2 OR c.closed = $6) AND a.case_id < $7 \
     ORDER BY a.case_id DESC LIMIT $8",
);
pub(crate) static COUNT_APPLICATIONS: Sql = Sql::new(
    "casework.count_applications",
    "SELECT COUNT(*) FROM casework_application a JOIN casework_case c ON c.case_id = a.case_id \
     WHERE ($1 = '' OR a.desk = $1) AND ($2 = '' OR a.item = $2) AND ($3 = '' OR c.state = $3) \
       AND ($4 = '' OR c.party = $4) AND ($5 = '' OR c.assignee = $5) AND (CAST($6 AS BIGINT) = 2 OR c.closed = $6)",
);
pub(crate) static TAKE_SLOT: Sql = Sql::new(
    "casework.take_slot",
    "INSERT INTO casework_slot (slot, case_id) VALUES ($1, $2) ON CONFLICT (slot) DO NOTHING",
);
pub(crate) static SLOT: Sql = Sql::new("casework.slot", "SELECT case_id FROM casework_slot WHERE slot = $1");
pub(crate) static RELEASE_SLOTS: Sql =
    Sql::new("casework.release_slots", "DELETE FROM casework_slot WHERE case_id = $1 AND slot LIKE $2");

/// Every statement of the room, for the test that prepares them all on both databases.
pub const STATEMENTS: &[&Sql] = &[
    &ADD_CASE,
    &MOVE_CASE,
    &HOLD,
    &CASE,
    &OPEN_CASES,
    &ADD_STEP,
    &STEPS,
    &ADD_CLOCK,
    &STOP_CLOCK,
    &EXTEND_CLOCK,
    &CLOCKS,
    &OVERDUE,
    &ADD_DOCUMENT,
    &DOCUMENTS,
    &ADD_APPLICATION,
    &AMEND_APPLICATION,
    &SET_RESULT,
    &APPLICATION,
    &APPLICATIONS,
    &COUNT_APPLICATIONS,
    &TAKE_SLOT,
    &SLOT,
    &RELEASE_SLOTS,
];
