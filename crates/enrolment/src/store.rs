//! 存储: the room's tables and every statement it runs.

use db::{Migration, Sql};

/// The room's schema, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        id: "enrolment/0001_persons_and_coverage",
        text: include_str!("../migrations/0001_persons_and_coverage.sql"),
    },
    Migration { id: "enrolment/0002_filings", text: include_str!("../migrations/0002_filings.sql") },
    Migration {
        id: "enrolment/0003_personal_accounts",
        text: include_str!("../migrations/0003_personal_accounts.sql"),
    },
    Migration { id: "enrolment/0004_givers", text: include_str!("../migrations/0004_givers.sql") },
    Migration { id: "enrolment/0005_search", text: include_str!("../migrations/0005_search.sql") },
];

pub(crate) static ADD_PERSON: Sql = Sql::new(
    "enrolment.add_person",
    "INSERT INTO enrolment_person (psn_no, psn_name, psn_cert_type, certno, gend, naty, brdy, tel, fields, registered_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);
pub(crate) static CHANGE_PERSON: Sql = Sql::new(
    "enrolment.change_person",
    "UPDATE enrolment_person SET psn_name = $2, psn_cert_type = $3, certno = $4, gend = $5, naty = $6, brdy = $7, \
     tel = $8, fields = $9 WHERE psn_no = $1",
);
pub(crate) static EMPLOYER: Sql = Sql::new(
    "enrolment.employer",
    "SELECT emp_no, emp_name, begndate, enddate FROM enrolment_employer WHERE emp_no = $1",
);
pub(crate) static ADD_EMPLOYER: Sql = Sql::new(
    "enrolment.add_employer",
    "INSERT INTO enrolment_employer (emp_no, emp_name, begndate, enddate) VALUES ($1, $2, $3, $4)",
);
pub(crate) static ADD_NEW_EMPLOYER: Sql = Sql::new(
    "enrolment.add_new_employer",
    "INSERT INTO enrolment_employer (emp_no, emp_name, begndate, enddate) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (emp_no) DO NOTHING",
);
pub(crate) static ADD_FAMILY_MEMBER: Sql = Sql::new(
    "enrolment.add_family_member",
    "INSERT INTO enrolment_family (family_no, psn_no, relation) VALUES ($1, $2, $3)",
);
pub(crate) static FAMILY_OF: Sql = Sql::new(
    "enrolment.family_of",
    "SELECT m.family_no, m.psn_no, m.relation FROM enrolment_family m \
     WHERE m.family_no IN (SELECT f.family_no FROM enrolment_family f WHERE f.psn_no = $1) ORDER BY 1, 2",
);
pub(crate) static ADD_COVERAGE: Sql = Sql::new(
    "enrolment.add_coverage",
    "INSERT INTO enrolment_coverage (psn_no, seq, insutype, psn_type, cvlserv_flag, psn_insu_stas, begndate, enddate, \
     insuplc_admdvs, emp_no, fields) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);
pub(crate) static NEXT_COVERAGE: Sql =
    Sql::new("enrolment.next_coverage", "SELECT COALESCE(MAX(seq), 0) + 1 FROM enrolment_coverage WHERE psn_no = $1");
pub(crate) static END_COVERAGE: Sql = Sql::new(
    "enrolment.end_coverage",
    "UPDATE enrolment_coverage SET enddate = $4 WHERE psn_no = $1 AND insutype = $2 AND begndate = $3",
);
pub(crate) static ADD_CONTRIBUTION: Sql = Sql::new(
    "enrolment.add_contribution",
    "INSERT INTO enrolment_contribution (psn_no, insutype, month, base, paid, status) VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (psn_no, insutype, month) DO UPDATE SET base = excluded.base, paid = excluded.paid, status = excluded.status",
);
pub(crate) static CONTRIBUTIONS_OF: Sql = Sql::new(
    "enrolment.contributions_of",
    "SELECT insutype, month, base, paid, status FROM enrolment_contribution WHERE psn_no = $1 ORDER BY insutype, month",
);
pub(crate) static ADD_IDENTITY: Sql = Sql::new(
    "enrolment.add_identity",
    "INSERT INTO enrolment_identity (psn_no, seq, psn_idet_type, psn_type_lv, memo, begndate, enddate) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
pub(crate) static NEXT_IDENTITY: Sql =
    Sql::new("enrolment.next_identity", "SELECT COALESCE(MAX(seq), 0) + 1 FROM enrolment_identity WHERE psn_no = $1");
pub(crate) static ADD_FILING: Sql = Sql::new(
    "enrolment.add_filing",
    "INSERT INTO enrolment_filing (psn_no, seq, filing_id, kind, begndate, enddate, dise_codg, admdvs, cancelled, fields, filed_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);
pub(crate) static CANCEL_FILING: Sql = Sql::new(
    "enrolment.cancel_filing",
    "UPDATE enrolment_filing SET cancelled = 1, cancelled_at = $3 WHERE psn_no = $1 AND filing_id = $2 AND cancelled = 0",
);
pub(crate) static ADD_GIVER: Sql = Sql::new(
    "enrolment.add_giver",
    "INSERT INTO enrolment_mutual_aid (psn_no, seq, giver, begndate, enddate, year_lmt) VALUES ($1, $2, $3, $4, $5, $6)",
);
pub(crate) static NEXT_GIVER: Sql =
    Sql::new("enrolment.next_giver", "SELECT COALESCE(MAX(seq), 0) + 1 FROM enrolment_mutual_aid WHERE psn_no = $1");
pub(crate) static RENEW_GIVER: Sql = Sql::new(
    "enrolment.renew_giver",
    "UPDATE enrolment_mutual_aid SET begndate = $3, enddate = $4, year_lmt = $5 WHERE psn_no = $1 AND giver = $2",
);
pub(crate) static END_GIVER: Sql = Sql::new(
    "enrolment.end_giver",
    "UPDATE enrolment_mutual_aid SET enddate = $3 WHERE psn_no = $1 AND giver = $2 AND (enddate IS NULL OR enddate > $3)",
);
pub(crate) static RECEIVERS_OF: Sql = Sql::new(
    "enrolment.receivers_of",
    "SELECT m.psn_no, p.psn_name, m.begndate, m.enddate, m.year_lmt FROM enrolment_mutual_aid m \
     JOIN enrolment_person p ON p.psn_no = m.psn_no WHERE m.giver = $1 ORDER BY m.psn_no",
);
pub(crate) static GIVERS_OF: Sql =
    Sql::new("enrolment.givers_of", "SELECT giver FROM enrolment_mutual_aid WHERE psn_no = $1 ORDER BY seq");
pub(crate) static CREDIT_ACCOUNT: Sql = Sql::new(
    "enrolment.credit_account",
    "INSERT INTO enrolment_account (psn_no, balance) VALUES ($1, $2) \
     ON CONFLICT (psn_no) DO UPDATE SET balance = enrolment_account.balance + excluded.balance",
);
pub(crate) static DEBIT_ACCOUNT: Sql = Sql::new(
    "enrolment.debit_account",
    "UPDATE enrolment_account SET balance = balance - $2 WHERE psn_no = $1 AND balance >= $2",
);
pub(crate) static BALANCE_OF: Sql =
    Sql::new("enrolment.balance_of", "SELECT balance FROM enrolment_account WHERE psn_no = $1");
pub(crate) static BALANCES_TOTAL: Sql = Sql::new(
    "enrolment.balances_total",
    "SELECT CAST(COALESCE(SUM(balance), 0) AS BIGINT), COUNT(*) FROM enrolment_account",
);
pub(crate) static BY_CERTIFICATE: Sql = Sql::new(
    "enrolment.by_certificate",
    "SELECT psn_no FROM enrolment_person WHERE psn_cert_type = $1 AND certno = $2",
);
pub(crate) static BY_CERTIFICATE_NUMBER: Sql = Sql::new(
    "enrolment.by_certificate_number",
    "SELECT psn_no FROM enrolment_person WHERE certno = $1 ORDER BY psn_no",
);
/// Numbers looked up by one statement of [`REGISTERED`] or [`CERTIFICATES`].
pub(crate) const ASKED: usize = 32;
pub(crate) static REGISTERED: Sql = Sql::new(
    "enrolment.registered",
    "SELECT psn_no FROM enrolment_person WHERE psn_no IN \
     ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
     $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)",
);
pub(crate) static CERTIFICATES: Sql = Sql::new(
    "enrolment.certificates",
    "SELECT psn_cert_type, certno, psn_no FROM enrolment_person WHERE certno IN \
     ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
     $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)",
);
pub(crate) static COUNT_PERSONS: Sql = Sql::new("enrolment.count_persons", "SELECT COUNT(*) FROM enrolment_person");

macro_rules! found {
    ($($rest:literal)+) => {
        concat!("SELECT p.psn_no, p.psn_name, p.psn_cert_type, p.certno, p.gend, p.brdy, p.tel FROM enrolment_person p WHERE ", $($rest),+)
    };
}

/// `$1` up to `$2`: the beginning of a name. After it, `$3` and `$4`: where the page before ended.
macro_rules! page {
    ($($employer:literal)? up) => {
        found!("p.psn_name >= $1 AND p.psn_name < $2 AND (p.psn_name, p.psn_no) > ($3, $4)" $($employer)?
            " ORDER BY p.psn_name, p.psn_no LIMIT $5")
    };
    ($($employer:literal)? down) => {
        found!("p.psn_name >= $1 AND p.psn_name < $2 AND (p.psn_name, p.psn_no) < ($3, $4)" $($employer)?
            " ORDER BY p.psn_name DESC, p.psn_no DESC LIMIT $5")
    };
}

pub(crate) static NAMED: Sql = Sql::new("enrolment.named", page!(up));
pub(crate) static NAMED_DOWN: Sql = Sql::new("enrolment.named_down", page!(down));
/// `$6` up to `$7`: the beginning of an employer's name; `$6` its number.
pub(crate) static EMPLOYED: Sql = Sql::new(
    "enrolment.employed",
    page!(" AND p.psn_no IN (SELECT c.psn_no FROM enrolment_coverage c WHERE c.emp_no IN (SELECT e.emp_no \
        FROM enrolment_employer e WHERE e.emp_no = $6 OR (e.emp_name >= $6 AND e.emp_name < $7)))" up),
);
pub(crate) static EMPLOYED_DOWN: Sql = Sql::new(
    "enrolment.employed_down",
    page!(" AND p.psn_no IN (SELECT c.psn_no FROM enrolment_coverage c WHERE c.emp_no IN (SELECT e.emp_no \
        FROM enrolment_employer e WHERE e.emp_no = $6 OR (e.emp_name >= $6 AND e.emp_name < $7)))" down),
);
pub(crate) static COUNT_NAMED: Sql = Sql::new(
    "enrolment.count_named",
    "SELECT COUNT(*) FROM enrolment_person p WHERE p.psn_name >= $1 AND p.psn_name < $2",
);
pub(crate) static COUNT_EMPLOYED: Sql = Sql::new(
    "enrolment.count_employed",
    "SELECT COUNT(*) FROM enrolment_person p WHERE p.psn_name >= $1 AND p.psn_name < $2 \
     AND p.psn_no IN (SELECT c.psn_no FROM enrolment_coverage c WHERE c.emp_no IN (SELECT e.emp_no \
     FROM enrolment_employer e WHERE e.emp_no = $3 OR (e.emp_name >= $3 AND e.emp_name < $4)))",
);
pub(crate) static FOUND: Sql = Sql::new(
    "enrolment.found",
    found!(
        "p.psn_no IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
         $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)"
    ),
);
pub(crate) static COVERAGE_OF_MANY: Sql = Sql::new(
    "enrolment.coverage_of_many",
    "SELECT c.psn_no, c.seq, c.insutype, c.psn_type, c.cvlserv_flag, c.psn_insu_stas, c.begndate, c.enddate, \
       c.insuplc_admdvs, c.emp_no, e.emp_name, c.fields \
     FROM enrolment_coverage c LEFT JOIN enrolment_employer e ON e.emp_no = c.emp_no WHERE c.psn_no IN \
     ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
     $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32) ORDER BY c.psn_no, c.seq",
);

/// One statement for everything known of a person. Each branch has the same shape:
/// kind, order, ten texts, two amounts.
pub(crate) static STANDING: Sql = Sql::new(
    "enrolment.standing",
    "SELECT CAST(1 AS BIGINT) AS kind, CAST(0 AS BIGINT) AS seq, psn_name AS t1, psn_cert_type AS t2, certno AS t3, \
       gend AS t4, naty AS t5, brdy AS t6, tel AS t7, fields AS t8, CAST(NULL AS TEXT) AS t9, CAST(NULL AS TEXT) AS t10, \
       CAST(NULL AS BIGINT) AS n1, CAST(NULL AS BIGINT) AS n2 \
     FROM enrolment_person WHERE psn_no = $1 \
     UNION ALL SELECT 2, c.seq, c.insutype, c.psn_type, c.cvlserv_flag, c.psn_insu_stas, c.begndate, c.enddate, \
       c.insuplc_admdvs, c.emp_no, e.emp_name, c.fields, NULL, NULL \
     FROM enrolment_coverage c LEFT JOIN enrolment_employer e ON e.emp_no = c.emp_no WHERE c.psn_no = $1 \
     UNION ALL SELECT 3, seq, psn_idet_type, psn_type_lv, memo, begndate, enddate, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
     FROM enrolment_identity WHERE psn_no = $1 \
     UNION ALL SELECT 4, seq, filing_id, kind, begndate, enddate, dise_codg, admdvs, fields, NULL, NULL, NULL, cancelled, NULL \
     FROM enrolment_filing WHERE psn_no = $1 \
     UNION ALL SELECT 5, m.seq, m.giver, m.begndate, m.enddate, NULL, NULL, NULL, NULL, NULL, NULL, NULL, m.year_lmt, a.balance \
     FROM enrolment_mutual_aid m LEFT JOIN enrolment_account a ON a.psn_no = m.giver WHERE m.psn_no = $1 \
     UNION ALL SELECT 6, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, balance, NULL \
     FROM enrolment_account WHERE psn_no = $1 \
     ORDER BY 1, 2",
);

/// Every statement of the room, for the test that prepares them all on both databases.
pub const STATEMENTS: &[&Sql] = &[
    &ADD_PERSON,
    &ADD_EMPLOYER,
    &ADD_NEW_EMPLOYER,
    &ADD_FAMILY_MEMBER,
    &FAMILY_OF,
    &ADD_COVERAGE,
    &NEXT_COVERAGE,
    &END_COVERAGE,
    &ADD_CONTRIBUTION,
    &CONTRIBUTIONS_OF,
    &ADD_IDENTITY,
    &NEXT_IDENTITY,
    &ADD_FILING,
    &CANCEL_FILING,
    &ADD_GIVER,
    &NEXT_GIVER,
    &RENEW_GIVER,
    &END_GIVER,
    &RECEIVERS_OF,
    &CHANGE_PERSON,
    &EMPLOYER,
    &GIVERS_OF,
    &CREDIT_ACCOUNT,
    &DEBIT_ACCOUNT,
    &BALANCE_OF,
    &BALANCES_TOTAL,
    &BY_CERTIFICATE,
    &BY_CERTIFICATE_NUMBER,
    &REGISTERED,
    &CERTIFICATES,
    &COUNT_PERSONS,
    &STANDING,
    &NAMED,
    &NAMED_DOWN,
    &EMPLOYED,
    &EMPLOYED_DOWN,
    &COUNT_NAMED,
    &COUNT_EMPLOYED,
    &FOUND,
    &COVERAGE_OF_MANY,
];
