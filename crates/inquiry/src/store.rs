//! 存储: the room's tables and every statement it runs.

use db::{Migration, Sql};

/// The room's schema, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration { id: "inquiry/0001_clues_and_cases", text: include_str!("../migrations/0001_clues_and_cases.sql") },
    Migration { id: "inquiry/0002_outcomes", text: include_str!("../migrations/0002_outcomes.sql") },
    Migration { id: "inquiry/0003_suspicions", text: include_str!("../migrations/0003_suspicions.sql") },
];

pub(crate) static ADD_CLUE: Sql = Sql::new(
    "inquiry.add_clue",
    "INSERT INTO inquiry_clue (clue_id, source, reference, rule, version, fixmedins_code, amount, confidence, summary, \
     found_at, case_id, lines) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
     ON CONFLICT (source, reference) DO NOTHING",
);
pub(crate) static CLUE: Sql = Sql::new(
    "inquiry.clue",
    "SELECT clue_id, source, reference, rule, version, fixmedins_code, amount, confidence, summary, found_at, case_id, \
     lines FROM inquiry_clue WHERE clue_id = $1",
);
pub(crate) static CLUE_OF: Sql = Sql::new(
    "inquiry.clue_of",
    "SELECT clue_id, source, reference, rule, version, fixmedins_code, amount, confidence, summary, found_at, case_id, \
     lines FROM inquiry_clue WHERE source = $1 AND reference = $2",
);
pub(crate) static CLUES_OF_CASE: Sql = Sql::new(
    "inquiry.clues_of_case",
    "SELECT clue_id, source, reference, rule, version, fixmedins_code, amount, confidence, summary, found_at, case_id, \
     lines FROM inquiry_clue WHERE case_id = $1 ORDER BY found_at, clue_id",
);
pub(crate) static TAKE_CLUE: Sql =
    Sql::new("inquiry.take_clue", "UPDATE inquiry_clue SET case_id = $2 WHERE clue_id = $1 AND case_id = ''");
pub(crate) static ADD_CASE: Sql = Sql::new(
    "inquiry.add_case",
    "INSERT INTO inquiry_case (case_id, fixmedins_code, rule, rule_version, disputed, recoverable, confidence, opened_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);
pub(crate) static CASE: Sql = Sql::new(
    "inquiry.case",
    "SELECT case_id, fixmedins_code, rule, rule_version, disputed, recoverable, confidence, opened_at \
     FROM inquiry_case WHERE case_id = $1",
);
pub(crate) static CASES: Sql = Sql::new(
    "inquiry.cases",
    "SELECT case_id, fixmedins_code, rule, rule_version, disputed, recoverable, confidence, opened_at \
     FROM inquiry_case WHERE ($1 = '' OR fixmedins_code = $1) ORDER BY opened_at DESC, case_id DESC LIMIT $2",
);
pub(crate) static PUT_SUSPICION: Sql = Sql::new(
    "inquiry.put_suspicion",
    "INSERT INTO inquiry_suspicion (suspicion_id, model, name, version, group_name, score, recoverable, weighted, \
     institutions, persons, visits, why, found_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
     ON CONFLICT (model, version, group_name) DO UPDATE SET score = excluded.score, recoverable = excluded.recoverable, \
     weighted = excluded.weighted, institutions = excluded.institutions, persons = excluded.persons, \
     visits = excluded.visits, why = excluded.why, body = excluded.body",
);
pub(crate) static SUSPICION: Sql = Sql::new(
    "inquiry.suspicion",
    "SELECT suspicion_id, model, name, version, group_name, score, recoverable, weighted, institutions, persons, visits, \
     why, found_at, body FROM inquiry_suspicion WHERE suspicion_id = $1",
);
pub(crate) static SUSPICIONS: Sql = Sql::new(
    "inquiry.suspicions",
    "SELECT suspicion_id, model, name, version, group_name, score, recoverable, weighted, institutions, persons, visits, \
     why, found_at FROM inquiry_suspicion WHERE ($1 = '' OR model = $1) \
     AND (weighted < $2 OR (weighted = $2 AND suspicion_id > $3)) ORDER BY weighted DESC, suspicion_id LIMIT $4",
);
pub(crate) static ADD_LINE: Sql = Sql::new(
    "inquiry.add_line",
    "INSERT INTO inquiry_line (case_id, no, slot, psn_no, mdtrt_id, setl_id, insutype, clr_type, feedetl_sn, \
     med_list_codg, practitioner, rule, rule_version, place, disputed, state, decided, by_fund, article, reason) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
);
pub(crate) static DECIDE_LINE: Sql = Sql::new(
    "inquiry.decide_line",
    "UPDATE inquiry_line SET slot = $3, state = $4, decided = $5, by_fund = $6, article = $7, reason = $8 \
     WHERE case_id = $1 AND no = $2",
);
pub(crate) static LINES: Sql = Sql::new(
    "inquiry.lines",
    "SELECT case_id, no, psn_no, mdtrt_id, setl_id, insutype, clr_type, feedetl_sn, med_list_codg, practitioner, rule, \
     rule_version, place, disputed, state, decided, by_fund, article, reason \
     FROM inquiry_line WHERE case_id = $1 ORDER BY no",
);
pub(crate) static HELD: Sql = Sql::new(
    "inquiry.held",
    "SELECT mdtrt_id, feedetl_sn, case_id FROM inquiry_line WHERE psn_no = $1 AND state IN ('open', 'upheld')",
);
pub(crate) static FRAMED: Sql =
    Sql::new("inquiry.framed", "SELECT mdtrt_id, case_id FROM inquiry_unit WHERE psn_no = $1 AND held = 1");
pub(crate) static ADD_OPINION: Sql = Sql::new(
    "inquiry.add_opinion",
    "INSERT INTO inquiry_opinion (case_id, seq, no, stage, given_by, amount, article, reason) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);
pub(crate) static OPINIONS: Sql = Sql::new(
    "inquiry.opinions",
    "SELECT seq, no, stage, given_by, amount, article, reason FROM inquiry_opinion WHERE case_id = $1 ORDER BY seq, no",
);
pub(crate) static ADD_APPEAL: Sql = Sql::new(
    "inquiry.add_appeal",
    "INSERT INTO inquiry_appeal (case_id, seq, no, grounds, evidence) VALUES ($1, $2, $3, $4, $5)",
);
pub(crate) static APPEALS: Sql = Sql::new(
    "inquiry.appeals",
    "SELECT seq, no, grounds, evidence FROM inquiry_appeal WHERE case_id = $1 ORDER BY seq, no",
);
pub(crate) static ADD_RECOVERY: Sql = Sql::new(
    "inquiry.add_recovery",
    "INSERT INTO inquiry_recovery (case_id, seq, way, amount, by_fund, lines, transfer_id, made_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);
pub(crate) static RECOVERIES: Sql = Sql::new(
    "inquiry.recoveries",
    "SELECT case_id, seq, way, amount, by_fund, lines, transfer_id, made_at \
     FROM inquiry_recovery WHERE case_id = $1 ORDER BY seq",
);
pub(crate) static ADD_FINE: Sql = Sql::new(
    "inquiry.add_fine",
    "INSERT INTO inquiry_fine (case_id, seq, article, loss, times, amount, made_at, revoked) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
);
pub(crate) static REVOKE_FINES: Sql =
    Sql::new("inquiry.revoke_fines", "UPDATE inquiry_fine SET revoked = 1 WHERE case_id = $1");
pub(crate) static FINES: Sql = Sql::new(
    "inquiry.fines",
    "SELECT case_id, seq, article, loss, times, amount, made_at, revoked FROM inquiry_fine WHERE case_id = $1 ORDER BY seq",
);
pub(crate) static ADD_CREDIT: Sql = Sql::new(
    "inquiry.add_credit",
    "INSERT INTO inquiry_credit (event_id, holder, code, event, points, counts_on, case_id, article, revoked) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '')",
);
pub(crate) static REVOKE_CREDIT: Sql =
    Sql::new("inquiry.revoke_credit", "UPDATE inquiry_credit SET revoked = $2 WHERE event_id = $1 AND revoked = ''");
pub(crate) static CREDIT: Sql = Sql::new(
    "inquiry.credit",
    "SELECT event_id, holder, code, event, points, counts_on, case_id, article, revoked FROM inquiry_credit \
     WHERE holder = $1 AND code = $2 ORDER BY counts_on, event_id",
);
pub(crate) static CREDIT_OF_CASE: Sql = Sql::new(
    "inquiry.credit_of_case",
    "SELECT event_id, holder, code, event, points, counts_on, case_id, article, revoked FROM inquiry_credit \
     WHERE case_id = $1 ORDER BY event_id",
);
pub(crate) static CREDIT_HOLDERS: Sql =
    Sql::new("inquiry.credit_holders", "SELECT DISTINCT code FROM inquiry_credit WHERE holder = $1 ORDER BY code");
pub(crate) static ADD_SAMPLE: Sql = Sql::new(
    "inquiry.add_sample",
    "INSERT INTO inquiry_sample (case_id, seed, drawn_at, funds, insutype, clr_type, estimate) \
     VALUES ($1, $2, $3, $4, $5, $6, '') \
     ON CONFLICT (case_id) DO NOTHING",
);
pub(crate) static ADD_UNIT: Sql = Sql::new(
    "inquiry.add_unit",
    "INSERT INTO inquiry_unit (case_id, psn_no, mdtrt_id, stratum, paid, drawn, held) VALUES ($1, $2, $3, $4, $5, $6, 1)",
);
pub(crate) static SAMPLE: Sql = Sql::new(
    "inquiry.sample",
    "SELECT case_id, seed, drawn_at, funds, insutype, clr_type, estimate FROM inquiry_sample WHERE case_id = $1",
);
pub(crate) static UNITS: Sql = Sql::new(
    "inquiry.units",
    "SELECT psn_no, mdtrt_id, stratum, paid, drawn FROM inquiry_unit WHERE case_id = $1 ORDER BY stratum, psn_no, mdtrt_id",
);
pub(crate) static EVALUATE_SAMPLE: Sql =
    Sql::new("inquiry.evaluate_sample", "UPDATE inquiry_sample SET estimate = $2 WHERE case_id = $1");
pub(crate) static RELEASE_UNITS: Sql =
    Sql::new("inquiry.release_units", "UPDATE inquiry_unit SET held = 0 WHERE case_id = $1");

/// Every statement of the room, for the test that prepares them all on both databases.
pub const STATEMENTS: &[&Sql] = &[
    &ADD_CLUE,
    &CLUE,
    &CLUE_OF,
    &CLUES_OF_CASE,
    &TAKE_CLUE,
    &ADD_CASE,
    &CASE,
    &CASES,
    &PUT_SUSPICION,
    &SUSPICION,
    &SUSPICIONS,
    &ADD_LINE,
    &DECIDE_LINE,
    &LINES,
    &HELD,
    &FRAMED,
    &ADD_OPINION,
    &OPINIONS,
    &ADD_APPEAL,
    &APPEALS,
    &ADD_RECOVERY,
    &RECOVERIES,
    &ADD_FINE,
    &REVOKE_FINES,
    &FINES,
    &ADD_CREDIT,
    &REVOKE_CREDIT,
    &CREDIT,
    &CREDIT_OF_CASE,
    &CREDIT_HOLDERS,
    &ADD_SAMPLE,
    &ADD_UNIT,
    &SAMPLE,
    &UNITS,
    &EVALUATE_SAMPLE,
    &RELEASE_UNITS,
];
