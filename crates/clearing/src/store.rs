//! 存储: the room's tables and every statement it runs.

use db::{Migration, Sql};

/// The room's schema, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration { id: "clearing/0001_settlement_lists", text: include_str!("../migrations/0001_settlement_lists.sql") },
    Migration {
        id: "clearing/0002_applications_and_cases",
        text: include_str!("../migrations/0002_applications_and_cases.sql"),
    },
    Migration {
        id: "clearing/0003_statements_and_years",
        text: include_str!("../migrations/0003_statements_and_years.sql"),
    },
    Migration { id: "clearing/0004_deductions", text: include_str!("../migrations/0004_deductions.sql") },
    Migration {
        id: "clearing/0005_lists_of_institution",
        text: include_str!("../migrations/0005_lists_of_institution.sql"),
    },
];

pub(crate) static ADD_LIST: Sql = Sql::new(
    "clearing.add_list",
    "INSERT INTO clearing_list (psn_no, setl_id, version, setl_list_id, mdtrt_id, fixmedins_code, state, reason, digest, \
     sent_at, msgid, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
);
pub(crate) static LIST: Sql = Sql::new(
    "clearing.list",
    "SELECT psn_no, setl_id, version, setl_list_id, mdtrt_id, fixmedins_code, state, reason, digest, sent_at, msgid, content \
     FROM clearing_list WHERE psn_no = $1 AND setl_id = $2 ORDER BY version DESC LIMIT 1",
);
pub(crate) static LISTS: Sql = Sql::new(
    "clearing.lists",
    "SELECT psn_no, setl_id, version, setl_list_id, mdtrt_id, fixmedins_code, state, reason, digest, sent_at, msgid, content \
     FROM clearing_list WHERE psn_no = $1 AND setl_id = $2 ORDER BY version",
);
pub(crate) static LISTS_OF_INSTITUTION: Sql = Sql::new(
    "clearing.lists_of_institution",
    "SELECT psn_no, setl_id, version, setl_list_id, mdtrt_id, fixmedins_code, state, reason, digest, sent_at, msgid, content \
     FROM clearing_list l WHERE ($1 = '' OR fixmedins_code = $1) AND ($2 = '' OR state = $2) \
     AND version = (SELECT MAX(n.version) FROM clearing_list n WHERE n.psn_no = l.psn_no AND n.setl_id = l.setl_id) \
     AND ($3 = '' OR sent_at < $3 OR (sent_at = $3 AND setl_id < $4)) ORDER BY sent_at DESC, setl_id DESC LIMIT $5",
);
pub(crate) static COUNT_LISTS: Sql = Sql::new(
    "clearing.count_lists",
    "SELECT state, COUNT(*) FROM clearing_list l WHERE ($1 = '' OR fixmedins_code = $1) \
     AND version = (SELECT MAX(n.version) FROM clearing_list n WHERE n.psn_no = l.psn_no AND n.setl_id = l.setl_id) \
     GROUP BY state ORDER BY state",
);
pub(crate) static MOVE_LIST: Sql = Sql::new(
    "clearing.move_list",
    "UPDATE clearing_list SET state = $4, reason = $5 WHERE psn_no = $1 AND setl_id = $2 AND version = $3",
);
pub(crate) static ADD_APPLICATION: Sql = Sql::new(
    "clearing.add_application",
    "INSERT INTO clearing_application (clr_appy_evt_id, slot, fixmedins_code, clr_type, clr_way, month, begndate, enddate, \
     psntime, medfee_sumamt, med_sumfee, fund_appy_sum, cash_payamt, acct_pay, withdrawn, made_at, msgid) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, $16) ON CONFLICT (slot) DO NOTHING",
);
pub(crate) static APPLICATION: Sql = Sql::new(
    "clearing.application",
    "SELECT clr_appy_evt_id, fixmedins_code, clr_type, clr_way, month, begndate, enddate, psntime, medfee_sumamt, \
     med_sumfee, fund_appy_sum, cash_payamt, acct_pay, withdrawn, made_at, msgid \
     FROM clearing_application WHERE clr_appy_evt_id = $1 OR slot = $2",
);
pub(crate) static WITHDRAW_APPLICATION: Sql = Sql::new(
    "clearing.withdraw_application",
    "UPDATE clearing_application SET withdrawn = 1, slot = clr_appy_evt_id WHERE clr_appy_evt_id = $1 AND withdrawn = 0",
);
pub(crate) static ADD_CASE: Sql = Sql::new(
    "clearing.add_case",
    "INSERT INTO clearing_case (psn_no, setl_id, cause, reverses, mdtrt_id, month, fixmedins_code, insutype, clr_type, \
     clr_way, pool, list_version, scheme, scheme_version, plan, status, group_code, group_name, weight, points, outside, \
     fee, excluded, payment, patient, other_funds, fund, item_fund, cleared_at, explanation) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
     $24, $25, $26, $27, $28, $29, $30)",
);
pub(crate) static CASES_OF: Sql = Sql::new(
    "clearing.cases_of",
    "SELECT psn_no, setl_id, cause, reverses, mdtrt_id, month, fixmedins_code, insutype, clr_type, clr_way, pool, \
     list_version, scheme, scheme_version, plan, status, group_code, group_name, weight, points, outside, fee, excluded, \
     payment, patient, other_funds, fund, item_fund, cleared_at, explanation \
     FROM clearing_case WHERE psn_no = $1 AND setl_id = $2 ORDER BY cleared_at, cause",
);
pub(crate) static CASES_BETWEEN: Sql = Sql::new(
    "clearing.cases_between",
    "SELECT psn_no, setl_id, cause, reverses, mdtrt_id, month, fixmedins_code, insutype, clr_type, clr_way, pool, \
     list_version, scheme, scheme_version, plan, status, group_code, group_name, weight, points, outside, fee, excluded, \
     payment, patient, other_funds, fund, item_fund, cleared_at, explanation \
     FROM clearing_case WHERE fixmedins_code = $1 AND month >= $2 AND month <= $3 ORDER BY month, setl_id, cause",
);
pub(crate) static FIGURES_BETWEEN: Sql = Sql::new(
    "clearing.figures_between",
    "SELECT psn_no, setl_id, cause, reverses, mdtrt_id, month, fixmedins_code, insutype, clr_type, clr_way, pool, \
     list_version, scheme, scheme_version, plan, status, group_code, group_name, weight, points, outside, fee, excluded, \
     payment, patient, other_funds, fund, item_fund, cleared_at \
     FROM clearing_case WHERE fixmedins_code = $1 AND month >= $2 AND month <= $3 ORDER BY month, setl_id, cause",
);
pub(crate) static CLEARED_IDS: Sql =
    Sql::new("clearing.cleared_ids", "SELECT setl_id, cause, item_fund FROM clearing_case WHERE fixmedins_code = $1");
pub(crate) static ASK_SPECIAL: Sql = Sql::new(
    "clearing.ask_special",
    "INSERT INTO clearing_special (psn_no, setl_id, fixmedins_code, reason, asked_at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (psn_no, setl_id) DO NOTHING",
);
pub(crate) static DECIDE_SPECIAL: Sql = Sql::new(
    "clearing.decide_special",
    "UPDATE clearing_special SET decision = $3, decided_at = $4, decided_by = $5 \
     WHERE psn_no = $1 AND setl_id = $2 AND decision IS NULL",
);
pub(crate) static SPECIAL: Sql = Sql::new(
    "clearing.special",
    "SELECT psn_no, setl_id, fixmedins_code, reason, asked_at, decision, decided_at, decided_by \
     FROM clearing_special WHERE psn_no = $1 AND setl_id = $2",
);
pub(crate) static DECIDED_SPECIALS: Sql = Sql::new(
    "clearing.decided_specials",
    "SELECT psn_no, setl_id, fixmedins_code, reason, asked_at, decision, decided_at, decided_by \
     FROM clearing_special WHERE fixmedins_code = $1 AND decision IS NOT NULL ORDER BY setl_id",
);
pub(crate) static PUT_STATEMENT: Sql = Sql::new(
    "clearing.put_statement",
    "INSERT INTO clearing_statement (month, fixmedins_code, insutype, clr_type, clr_way, pool, state, payable, carried, \
     figures, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
     ON CONFLICT (month, fixmedins_code, insutype, clr_type) DO UPDATE SET clr_way = excluded.clr_way, \
     pool = excluded.pool, state = excluded.state, payable = excluded.payable, carried = excluded.carried, \
     figures = excluded.figures, changed_at = excluded.changed_at",
);
pub(crate) static STATEMENTS_OF: Sql = Sql::new(
    "clearing.statements_of",
    "SELECT month, fixmedins_code, insutype, clr_type, clr_way, pool, state, payable, carried, figures, changed_at \
     FROM clearing_statement WHERE fixmedins_code = $1 AND month >= $2 AND month <= $3 \
     ORDER BY month, insutype, clr_type",
);
pub(crate) static STATEMENTS_BETWEEN: Sql = Sql::new(
    "clearing.statements_between",
    "SELECT month, fixmedins_code, insutype, clr_type, clr_way, pool, state, payable, carried, figures, changed_at \
     FROM clearing_statement WHERE month >= $1 AND month <= $2 ORDER BY month DESC, fixmedins_code, insutype, clr_type",
);
pub(crate) static INSTITUTIONS: Sql = Sql::new(
    "clearing.institutions",
    "SELECT DISTINCT fixmedins_code FROM clearing_statement WHERE month >= $1 AND month <= $2 ORDER BY fixmedins_code",
);
pub(crate) static HOLD_STATEMENTS: Sql = Sql::new(
    "clearing.hold_statements",
    "UPDATE clearing_statement SET changed_at = changed_at WHERE fixmedins_code = $1 AND month = $2",
);
pub(crate) static ADD_YEAR: Sql = Sql::new(
    "clearing.add_year",
    "INSERT INTO clearing_year (year, plan, pool, fixmedins_code, balance_due, figures, closed_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
pub(crate) static YEAR: Sql = Sql::new(
    "clearing.year",
    "SELECT year, plan, pool, fixmedins_code, balance_due, figures, closed_at FROM clearing_year \
     WHERE year = $1 AND plan = $2 ORDER BY pool, fixmedins_code",
);

pub(crate) static ADD_DEDUCTION: Sql = Sql::new(
    "clearing.add_deduction",
    "INSERT INTO clearing_deduction (deduction_id, fixmedins_code, case_id, insutype, clr_type, amount, month, made_at) \
     VALUES ($1, $2, $3, $4, $5, $6, '', $7)",
);
pub(crate) static DEDUCTIONS: Sql = Sql::new(
    "clearing.deductions",
    "SELECT deduction_id, fixmedins_code, case_id, insutype, clr_type, amount, month, made_at FROM clearing_deduction \
     WHERE fixmedins_code = $1 AND (month = '' OR month = $2) ORDER BY made_at, deduction_id",
);
pub(crate) static DEDUCTIONS_OF_CASE: Sql = Sql::new(
    "clearing.deductions_of_case",
    "SELECT deduction_id, fixmedins_code, case_id, insutype, clr_type, amount, month, made_at FROM clearing_deduction \
     WHERE case_id = $1 ORDER BY made_at, deduction_id",
);
pub(crate) static TAKE_DEDUCTION: Sql = Sql::new(
    "clearing.take_deduction",
    "UPDATE clearing_deduction SET month = $2 WHERE deduction_id = $1 AND month = ''",
);

/// Every statement of the room, for the test that prepares them all on both databases.
pub const STATEMENTS: &[&Sql] = &[
    &ADD_LIST,
    &LIST,
    &LISTS,
    &LISTS_OF_INSTITUTION,
    &COUNT_LISTS,
    &MOVE_LIST,
    &ADD_APPLICATION,
    &APPLICATION,
    &WITHDRAW_APPLICATION,
    &ADD_CASE,
    &CASES_OF,
    &CASES_BETWEEN,
    &FIGURES_BETWEEN,
    &CLEARED_IDS,
    &ASK_SPECIAL,
    &DECIDE_SPECIAL,
    &SPECIAL,
    &DECIDED_SPECIALS,
    &PUT_STATEMENT,
    &STATEMENTS_OF,
    &STATEMENTS_BETWEEN,
    &INSTITUTIONS,
    &HOLD_STATEMENTS,
    &ADD_YEAR,
    &YEAR,
    &ADD_DEDUCTION,
    &DEDUCTIONS,
    &DEDUCTIONS_OF_CASE,
    &TAKE_DEDUCTION,
];
