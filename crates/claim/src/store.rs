//! 存储: the room's tables and every statement it runs.

use db::{Migration, Sql};

/// The room's schema, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration { id: "claim/0001_visits_and_lines", text: include_str!("../migrations/0001_visits_and_lines.sql") },
    Migration {
        id: "claim/0002_settlements_and_totals",
        text: include_str!("../migrations/0002_settlements_and_totals.sql"),
    },
    Migration { id: "claim/0003_sign_ins", text: include_str!("../migrations/0003_sign_ins.sql") },
    Migration { id: "claim/0004_files", text: include_str!("../migrations/0004_files.sql") },
    Migration { id: "claim/0005_documents", text: include_str!("../migrations/0005_documents.sql") },
    Migration { id: "claim/0006_reconciliations", text: include_str!("../migrations/0006_reconciliations.sql") },
    Migration { id: "claim/0007_search", text: include_str!("../migrations/0007_search.sql") },
];

pub(crate) static SIGN_IN: Sql = Sql::new(
    "claim.sign_in",
    "INSERT INTO claim_sign_in (sign_no, fixmedins_code, opter_no, mac, ip, sign_time) VALUES ($1, $2, $3, $4, $5, $6)",
);
pub(crate) static SIGN_OUT: Sql = Sql::new(
    "claim.sign_out",
    "UPDATE claim_sign_in SET sign_out_time = $2 WHERE sign_no = $1 AND sign_out_time IS NULL",
);
pub(crate) static SIGNED_IN: Sql = Sql::new(
    "claim.signed_in",
    "SELECT sign_no, fixmedins_code, opter_no, mac, ip, sign_time, sign_out_time FROM claim_sign_in WHERE sign_no = $1",
);
pub(crate) static ADD_VISIT: Sql = Sql::new(
    "claim.add_visit",
    "INSERT INTO claim_visit (psn_no, mdtrt_id, seq, state, form, fixmedins_code, label, med_type, insutype, begntime, \
     endtime, fields, kept, particulars, msgid) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
);
pub(crate) static CHANGE_VISIT: Sql = Sql::new(
    "claim.change_visit",
    "UPDATE claim_visit SET seq = $3, state = $4, label = $5, med_type = $6, insutype = $7, begntime = $8, endtime = $9, \
     fields = $10, kept = $11, particulars = $12 WHERE psn_no = $1 AND mdtrt_id = $2",
);
pub(crate) static PUT_DIAGNOSIS: Sql = Sql::new(
    "claim.put_diagnosis",
    "INSERT INTO claim_diagnosis (psn_no, mdtrt_id, inout_diag_type, diag_srt_no, diag_type, maindiag_flag, diag_code, \
     diag_name, vali_flag, fields) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
     ON CONFLICT (psn_no, mdtrt_id, inout_diag_type, diag_srt_no) DO UPDATE SET diag_type = excluded.diag_type, \
     maindiag_flag = excluded.maindiag_flag, diag_code = excluded.diag_code, diag_name = excluded.diag_name, \
     vali_flag = excluded.vali_flag, fields = excluded.fields",
);
pub(crate) static DIAGNOSES: Sql = Sql::new(
    "claim.diagnoses",
    "SELECT inout_diag_type, diag_srt_no, diag_type, maindiag_flag, diag_code, diag_name, vali_flag, fields \
     FROM claim_diagnosis WHERE psn_no = $1 AND mdtrt_id = $2 ORDER BY inout_diag_type, diag_srt_no",
);
pub(crate) static REMOVE_DIAGNOSES: Sql = Sql::new(
    "claim.remove_diagnoses",
    "DELETE FROM claim_diagnosis WHERE psn_no = $1 AND mdtrt_id = $2 AND inout_diag_type = $3",
);
pub(crate) static ADD_LINE: Sql = Sql::new(
    "claim.add_line",
    "INSERT INTO claim_line (psn_no, mdtrt_id, seq, feedetl_sn, med_list_codg, fee_ocur_time, cnt, pric, amount, \
     hosp_appr_flag, init_feedetl_sn, allowance, fulamt_ownpay_amt, overlmt_amt, preselfpay_amt, inscp_scp_amt, \
     selfpay_prop, pric_uplmt_amt, chrgitm_lv, fields) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
);
pub(crate) static REMOVE_LINES: Sql =
    Sql::new("claim.remove_lines", "DELETE FROM claim_line WHERE psn_no = $1 AND mdtrt_id = $2");
pub(crate) static LINES: Sql = Sql::new(
    "claim.lines",
    "SELECT feedetl_sn, med_list_codg, fee_ocur_time, cnt, pric, amount, hosp_appr_flag, init_feedetl_sn, allowance, \
     fulamt_ownpay_amt, overlmt_amt, preselfpay_amt, inscp_scp_amt, selfpay_prop, pric_uplmt_amt, chrgitm_lv, fields, seq \
     FROM claim_line WHERE psn_no = $1 AND mdtrt_id = $2 ORDER BY seq",
);
pub(crate) static LINES_SINCE: Sql = Sql::new(
    "claim.lines_since",
    "SELECT feedetl_sn, med_list_codg, fee_ocur_time, cnt, pric, amount, hosp_appr_flag, init_feedetl_sn, allowance, \
     fulamt_ownpay_amt, overlmt_amt, preselfpay_amt, inscp_scp_amt, selfpay_prop, pric_uplmt_amt, chrgitm_lv, fields, \
     mdtrt_id FROM claim_line WHERE psn_no = $1 AND fee_ocur_time >= $2 ORDER BY mdtrt_id, seq",
);
pub(crate) static ALL_DIAGNOSES: Sql = Sql::new(
    "claim.all_diagnoses",
    "SELECT inout_diag_type, diag_srt_no, diag_type, maindiag_flag, diag_code, diag_name, vali_flag, fields, mdtrt_id \
     FROM claim_diagnosis WHERE psn_no = $1 ORDER BY mdtrt_id, inout_diag_type, diag_srt_no",
);
pub(crate) static ADD_SETTLEMENT: Sql = Sql::new(
    "claim.add_settlement",
    "INSERT INTO claim_settlement (psn_no, setl_id, seq, slot, mdtrt_id, reverses, fixmedins_code, insutype, med_type, \
     setl_time, medfee_sumamt, fund_pay_sumamt, acct_pay, psn_cash_pay, clr_type, clr_way, clr_optins, msgid, policy, \
     decision, particulars, trace) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
);
pub(crate) static TRACE: Sql =
    Sql::new("claim.trace", "SELECT trace FROM claim_settlement WHERE psn_no = $1 AND setl_id = $2");
pub(crate) static ADD_TO_TOTAL: Sql = Sql::new(
    "claim.add_to_total",
    "INSERT INTO claim_total (psn_no, name, amount) VALUES ($1, $2, $3) \
     ON CONFLICT (psn_no, name) DO UPDATE SET amount = claim_total.amount + excluded.amount",
);

/// From `name/` on, up to but not with `name0`: `0` is the character after `/`.
pub(crate) static TOTALS_OF: Sql = Sql::new(
    "claim.totals_of",
    "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM claim_total \
     WHERE name = $1 OR (name >= $1 || '/' AND name < $1 || '0')",
);
/// One statement for visits, settlements and totals. Each branch has the same shape:
/// kind, number, then texts in the order of the record's fields, then four amounts.
pub(crate) static HISTORY: Sql = Sql::new(
    "claim.history",
    "SELECT CAST(1 AS BIGINT) AS kind, seq AS num, mdtrt_id AS t1, state AS t2, form AS t3, fixmedins_code AS t4, \
       label AS t5, med_type AS t6, insutype AS t7, begntime AS t8, endtime AS t9, fields AS t10, kept AS t11, \
       particulars AS t12, msgid AS t13, CAST(NULL AS TEXT) AS t14, \
       CAST(NULL AS BIGINT) AS n1, CAST(NULL AS BIGINT) AS n2, CAST(NULL AS BIGINT) AS n3, CAST(NULL AS BIGINT) AS n4 \
     FROM claim_visit WHERE psn_no = $1 \
     UNION ALL SELECT 2, seq, setl_id, mdtrt_id, reverses, fixmedins_code, insutype, med_type, setl_time, clr_type, \
       clr_way, clr_optins, msgid, policy, decision, particulars, medfee_sumamt, fund_pay_sumamt, acct_pay, psn_cash_pay \
     FROM claim_settlement WHERE psn_no = $1 \
     UNION ALL SELECT 3, amount, name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
       NULL, NULL, NULL, NULL \
     FROM claim_total WHERE psn_no = $1 \
     ORDER BY 1, 2",
);
pub(crate) static IN_HOSPITAL: Sql = Sql::new(
    "claim.in_hospital",
    "SELECT CAST(1 AS BIGINT), seq, mdtrt_id, state, form, fixmedins_code, label, med_type, insutype, begntime, endtime, \
       fields, kept, particulars, msgid, psn_no FROM claim_visit \
     WHERE fixmedins_code = $1 AND begntime >= $2 AND begntime <= $3 \
       AND form = 'stay' AND state = 'begun' AND endtime IS NULL ORDER BY begntime, mdtrt_id",
);
macro_rules! visit_columns {
    () => {
        "SELECT CAST(1 AS BIGINT), v.seq, v.mdtrt_id, v.state, v.form, v.fixmedins_code, v.label, v.med_type, \
           v.insutype, v.begntime, v.endtime, v.fields, v.kept, v.particulars, v.msgid, v.psn_no, \
           (SELECT CAST(COALESCE(SUM(CASE WHEN s.reverses IS NULL THEN 1 ELSE -1 END), 0) AS BIGINT) \
            FROM claim_settlement s WHERE s.psn_no = v.psn_no AND s.mdtrt_id = v.mdtrt_id), \
           (SELECT CAST(COALESCE(SUM(s.medfee_sumamt), 0) AS BIGINT) \
            FROM claim_settlement s WHERE s.psn_no = v.psn_no AND s.mdtrt_id = v.mdtrt_id), \
           (SELECT CAST(COALESCE(SUM(s.fund_pay_sumamt), 0) AS BIGINT) \
            FROM claim_settlement s WHERE s.psn_no = v.psn_no AND s.mdtrt_id = v.mdtrt_id) \
         FROM claim_visit v WHERE "
    };
}

/// What narrows a list of visits, `$2` to `$8`; `$1` is what the list walks along.
macro_rules! narrowed {
    ($way:literal) => {
        concat!(
            $way,
            " AND v.begntime >= $2 AND v.begntime <= $3 AND ($4 = '' OR v.fixmedins_code = $4) \
             AND ($5 = '' OR v.med_type = $5) AND ($6 = '' OR v.form = $6) AND ($7 = '' OR v.state = $7) \
             AND ($8 = '' OR v.insutype = $8)"
        )
    };
}

macro_rules! visits {
    ($up:ident, $down:ident, $count:ident, $name:literal: $way:literal) => {
        pub(crate) static $up: Sql = Sql::new(
            concat!("claim.visits_", $name),
            concat!(
                visit_columns!(),
                narrowed!($way),
                " AND (v.begntime, v.mdtrt_id) > ($9, $10) \
                 ORDER BY v.begntime, v.mdtrt_id LIMIT $11"
            ),
        );
        pub(crate) static $down: Sql = Sql::new(
            concat!("claim.visits_", $name, "_down"),
            concat!(
                visit_columns!(),
                narrowed!($way),
                " AND (v.begntime, v.mdtrt_id) < ($9, $10) \
                 ORDER BY v.begntime DESC, v.mdtrt_id DESC LIMIT $11"
            ),
        );
        pub(crate) static $count: Sql = Sql::new(
            concat!("claim.count_visits_", $name),
            concat!("SELECT COUNT(*) FROM claim_visit v WHERE ", narrowed!($way)),
        );
    };
}

visits!(VISITS, VISITS_DOWN, COUNT_VISITS, "all": "$1 = ''");
visits!(VISITS_OF_INSTITUTION, VISITS_OF_INSTITUTION_DOWN, COUNT_VISITS_OF_INSTITUTION, "institution": "v.fixmedins_code = $1");
visits!(VISITS_OF_PERSON, VISITS_OF_PERSON_DOWN, COUNT_VISITS_OF_PERSON, "person": "v.psn_no = $1");
pub(crate) static VISIT: Sql = Sql::new("claim.visit", concat!(visit_columns!(), "v.mdtrt_id = $1"));
pub(crate) static DOCUMENTS_OF: Sql = Sql::new(
    "claim.documents_of",
    "SELECT kind, number, sent_at FROM claim_document WHERE psn_no = $1 AND mdtrt_id = $2 ORDER BY kind, number",
);
pub(crate) static SUMS: Sql = Sql::new(
    "claim.sums",
    "SELECT COUNT(*), CAST(COALESCE(SUM(medfee_sumamt), 0) AS BIGINT), CAST(COALESCE(SUM(fund_pay_sumamt), 0) AS BIGINT), \
       CAST(COALESCE(SUM(acct_pay), 0) AS BIGINT), CAST(COALESCE(SUM(psn_cash_pay), 0) AS BIGINT) FROM claim_settlement \
     WHERE fixmedins_code = $1 AND setl_time >= $2 AND setl_time <= $3 AND clr_type = $4 AND insutype = $5",
);
pub(crate) static STATEMENT: Sql = Sql::new(
    "claim.statement",
    "SELECT psn_no, mdtrt_id, setl_id, msgid, reverses, setl_time, medfee_sumamt, fund_pay_sumamt, acct_pay, psn_cash_pay \
     FROM claim_settlement WHERE fixmedins_code = $1 AND setl_time >= $2 AND setl_time <= $3 AND ($4 = '' OR clr_type = $4) \
     ORDER BY setl_time, setl_id",
);
pub(crate) static SETTLED_SUMS: Sql = Sql::new(
    "claim.settled_sums",
    "SELECT insutype, clr_type, COUNT(reverses), COUNT(*), CAST(COALESCE(SUM(medfee_sumamt), 0) AS BIGINT), \
       CAST(COALESCE(SUM(fund_pay_sumamt), 0) AS BIGINT), CAST(COALESCE(SUM(acct_pay), 0) AS BIGINT), \
       CAST(COALESCE(SUM(psn_cash_pay), 0) AS BIGINT) FROM claim_settlement \
     WHERE fixmedins_code = $1 AND setl_time >= $2 AND setl_time <= $3 AND ($4 = '' OR clr_type = $4) \
     GROUP BY insutype, clr_type ORDER BY insutype, clr_type",
);
pub(crate) static SETTLED: Sql = Sql::new(
    "claim.settled",
    "SELECT psn_no, setl_id, reverses, insutype, clr_type, setl_time, fund_pay_sumamt FROM claim_settlement \
     WHERE fixmedins_code = $1 AND setl_time >= $2 AND setl_time <= $3 ORDER BY setl_time, setl_id",
);
pub(crate) static PERSONS_SETTLED: Sql = Sql::new(
    "claim.persons_settled",
    "SELECT DISTINCT psn_no FROM claim_settlement WHERE psn_no > $1 AND setl_time >= $2 AND setl_time <= $3 \
     ORDER BY psn_no LIMIT $4",
);
pub(crate) static PUT_FILE: Sql = Sql::new(
    "claim.put_file",
    "INSERT INTO claim_file (file_qury_no, fixmedins_code, filename, bytes, kept_until) VALUES ($1, $2, $3, $4, $5)",
);
pub(crate) static FILE: Sql = Sql::new(
    "claim.file",
    "SELECT file_qury_no, fixmedins_code, filename, bytes, kept_until FROM claim_file \
     WHERE file_qury_no = $1 AND fixmedins_code = $2",
);
pub(crate) static NOTE_RECONCILIATION: Sql = Sql::new(
    "claim.note_reconciliation",
    "INSERT INTO claim_reconciliation (reconciliation_id, fixmedins_code, infno, begndate, enddate, clr_type, insutype, \
     equal, differences, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (reconciliation_id) DO NOTHING",
);
pub(crate) static RECONCILIATIONS: Sql = Sql::new(
    "claim.reconciliations",
    "SELECT reconciliation_id, fixmedins_code, infno, begndate, enddate, clr_type, insutype, differences, made_at \
     FROM claim_reconciliation WHERE ($1 = '' OR fixmedins_code = $1) AND (CAST($2 AS BIGINT) = 0 OR equal = 0) \
     AND ($3 = '' OR made_at < $3 OR (made_at = $3 AND reconciliation_id < $4)) \
     ORDER BY made_at DESC, reconciliation_id DESC LIMIT $5",
);

pub(crate) static PUT_DOCUMENT: Sql = Sql::new(
    "claim.put_document",
    "INSERT INTO claim_document (fixmedins_code, kind, number, psn_no, mdtrt_id, sent_at, msgid, content) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (fixmedins_code, kind, number) DO UPDATE SET \
     psn_no = excluded.psn_no, mdtrt_id = excluded.mdtrt_id, sent_at = excluded.sent_at, msgid = excluded.msgid, \
     content = excluded.content",
);
pub(crate) static DOCUMENT: Sql = Sql::new(
    "claim.document",
    "SELECT fixmedins_code, kind, number, psn_no, mdtrt_id, sent_at, msgid, content FROM claim_document \
     WHERE fixmedins_code = $1 AND kind = $2 AND number = $3",
);

/// Every statement of the room, for the test that prepares them all on both databases.
pub const STATEMENTS: &[&Sql] = &[
    &SIGN_IN,
    &SIGN_OUT,
    &SIGNED_IN,
    &ADD_VISIT,
    &CHANGE_VISIT,
    &PUT_DIAGNOSIS,
    &DIAGNOSES,
    &REMOVE_DIAGNOSES,
    &ADD_LINE,
    &REMOVE_LINES,
    &LINES,
    &LINES_SINCE,
    &ALL_DIAGNOSES,
    &ADD_SETTLEMENT,
    &TRACE,
    &ADD_TO_TOTAL,
    &TOTALS_OF,
    &HISTORY,
    &IN_HOSPITAL,
    &SUMS,
    &STATEMENT,
    &SETTLED_SUMS,
    &SETTLED,
    &PERSONS_SETTLED,
    &PUT_FILE,
    &FILE,
    &NOTE_RECONCILIATION,
    &RECONCILIATIONS,
    &PUT_DOCUMENT,
    &DOCUMENT,
    &VISITS,
    &VISITS_DOWN,
    &COUNT_VISITS,
    &VISITS_OF_INSTITUTION,
    &VISITS_OF_INSTITUTION_DOWN,
    &COUNT_VISITS_OF_INSTITUTION,
    &VISITS_OF_PERSON,
    &VISITS_OF_PERSON_DOWN,
    &COUNT_VISITS_OF_PERSON,
    &VISIT,
    &DOCUMENTS_OF,
];
