//! 存储: the room's tables and every statement it runs.

use db::{Migration, Sql};

/// The room's schema, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration { id: "monitoring/0001_libraries", text: include_str!("../migrations/0001_libraries.sql") },
    Migration { id: "monitoring/0002_findings", text: include_str!("../migrations/0002_findings.sql") },
    Migration { id: "monitoring/0003_reminders", text: include_str!("../migrations/0003_reminders.sql") },
    Migration { id: "monitoring/0004_precision", text: include_str!("../migrations/0004_precision.sql") },
    Migration { id: "monitoring/0005_lists", text: include_str!("../migrations/0005_lists.sql") },
];

macro_rules! statements {
    ($($name:ident, $id:literal, $text:expr;)*) => {
        $(pub(crate) static $name: Sql = Sql::new($id, $text);)*

        /// Every statement of the room, for the test that prepares them all on both databases.
        pub const STATEMENTS: &[&Sql] = &[$(&$name,)*];
    };
}

statements! {
    ADD_LIBRARY, "monitoring.add_library",
        "INSERT INTO monitoring_library (version, rules, brought_at, brought_by, sources) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (version) DO NOTHING";
    LIBRARY, "monitoring.library",
        "SELECT version, rules, brought_at, brought_by, sources FROM monitoring_library WHERE version = $1";
    LIBRARIES, "monitoring.libraries",
        "SELECT version, rules, brought_at, brought_by FROM monitoring_library ORDER BY brought_at, version";
    ADD_PLACING, "monitoring.add_placing",
        "INSERT INTO monitoring_placing (place, seq, version, deed, placed_at, placed_by, why, run_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    PLACINGS, "monitoring.placings",
        "SELECT place, seq, version, deed, placed_at, placed_by, why, run_id FROM monitoring_placing \
         WHERE place = $1 ORDER BY seq DESC";
    BUMP, "monitoring.bump",
        "INSERT INTO monitoring_revision (name, revision) VALUES ('in force', 1) \
         ON CONFLICT (name) DO UPDATE SET revision = monitoring_revision.revision + 1";
    REVISION, "monitoring.revision", "SELECT revision FROM monitoring_revision WHERE name = 'in force'";
    PUT_RUN, "monitoring.put_run",
        "INSERT INTO monitoring_run (run_id, set_name, version, as_of, scope, began_at, ended_at, persons, findings, \
         amount, coverage) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (run_id) DO UPDATE SET ended_at = excluded.ended_at, persons = excluded.persons, \
         findings = excluded.findings, amount = excluded.amount, coverage = excluded.coverage";
    RUN, "monitoring.run",
        "SELECT run_id, set_name, version, as_of, scope, began_at, ended_at, persons, findings, amount, coverage \
         FROM monitoring_run WHERE run_id = $1";
    RUNS, "monitoring.runs",
        "SELECT run_id, set_name, version, as_of, scope, began_at, ended_at, persons, findings, amount, coverage \
         FROM monitoring_run ORDER BY began_at, run_id";
    PUT_FINDING, "monitoring.put_finding",
        "INSERT INTO monitoring_finding (set_name, finding_key, rule_id, rule_version, library, severity, psn_no, \
         fixmedins_code, mdtrt_id, visit_day, place, under, amount, counted, first_run, last_run, found_at, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
         ON CONFLICT (set_name, finding_key) DO UPDATE SET library = excluded.library, severity = excluded.severity, \
         place = excluded.place, under = excluded.under, amount = excluded.amount, counted = excluded.counted, \
         last_run = excluded.last_run, body = excluded.body";
    FINDING, "monitoring.finding",
        "SELECT set_name, finding_key, rule_id, rule_version, library, severity, psn_no, fixmedins_code, mdtrt_id, \
         visit_day, place, under, amount, counted, first_run, last_run, found_at, body FROM monitoring_finding \
         WHERE set_name = $1 AND finding_key = $2";
    FINDINGS_OF_RUN, "monitoring.findings_of_run",
        "SELECT set_name, finding_key, rule_id, rule_version, library, severity, psn_no, fixmedins_code, mdtrt_id, \
         visit_day, place, under, amount, counted, first_run, last_run, found_at, body FROM monitoring_finding \
         WHERE last_run = $1 ORDER BY rule_id, finding_key";
    FINDINGS_OF_INSTITUTION, "monitoring.findings_of_institution",
        "SELECT set_name, finding_key, rule_id, rule_version, library, severity, psn_no, fixmedins_code, mdtrt_id, \
         visit_day, place, under, amount, counted, first_run, last_run, found_at, body FROM monitoring_finding \
         WHERE fixmedins_code = $1 AND set_name = 'active' AND ($2 = '' OR rule_id = $2) ORDER BY rule_id, finding_key";
    FINDINGS_OF_PERSON, "monitoring.findings_of_person",
        "SELECT set_name, finding_key, rule_id, rule_version, library, severity, psn_no, fixmedins_code, mdtrt_id, \
         visit_day, place, under, amount, counted, first_run, last_run, found_at, body FROM monitoring_finding \
         WHERE psn_no = $1 AND set_name = 'active' ORDER BY rule_id, finding_key";
    FINDINGS_PAGE, "monitoring.findings_page",
        "SELECT set_name, finding_key, rule_id, rule_version, library, severity, psn_no, fixmedins_code, mdtrt_id, \
         visit_day, place, under, amount, counted, first_run, last_run, found_at, body FROM monitoring_finding \
         WHERE set_name = 'active' AND ($1 = '' OR fixmedins_code = $1) AND ($2 = '' OR rule_id = $2) \
         AND ($3 = '' OR place = $3) AND ($4 = '' OR psn_no = $4 OR mdtrt_id = $4 OR finding_key = $4) \
         AND (counted < $5 OR (counted = $5 AND finding_key > $6)) ORDER BY counted DESC, finding_key LIMIT $7";
    COUNT_FINDINGS, "monitoring.count_findings",
        "SELECT COUNT(*) FROM monitoring_finding \
         WHERE set_name = 'active' AND ($1 = '' OR fixmedins_code = $1) AND ($2 = '' OR rule_id = $2) \
         AND ($3 = '' OR place = $3) AND ($4 = '' OR psn_no = $4 OR mdtrt_id = $4 OR finding_key = $4)";
    FINDINGS_BY_RULE, "monitoring.findings_by_rule",
        "SELECT rule_id, COUNT(*), CAST(COALESCE(SUM(counted), 0) AS BIGINT) FROM monitoring_finding \
         WHERE set_name = 'active' AND place = 'principal' GROUP BY rule_id ORDER BY rule_id";
    SUPPORTING, "monitoring.supporting",
        "SELECT set_name, finding_key, rule_id, rule_version, library, severity, psn_no, fixmedins_code, mdtrt_id, \
         visit_day, place, under, amount, counted, first_run, last_run, found_at, body FROM monitoring_finding \
         WHERE set_name = 'active' AND under = $1 ORDER BY rule_id, finding_key";
    ADD_CHECK, "monitoring.add_check",
        "INSERT INTO monitoring_check (task_id, stage, fixmedins_code, psn_no, mdtrt_id, trig_scen, library, asked_at, \
         micros, rules_run, rules_not_checked, reminders, blocking, not_checked) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (task_id) DO NOTHING";
    CHECK, "monitoring.check",
        "SELECT task_id, stage, fixmedins_code, psn_no, mdtrt_id, trig_scen, library, asked_at, micros, rules_run, \
         rules_not_checked, reminders, blocking, not_checked FROM monitoring_check WHERE task_id = $1";
    CHECK_SUMS, "monitoring.check_sums",
        "SELECT COUNT(*), CAST(COALESCE(SUM(micros), 0) AS BIGINT), CAST(COALESCE(MAX(micros), 0) AS BIGINT), \
         CAST(COALESCE(SUM(CASE WHEN rules_not_checked > 0 THEN 1 ELSE 0 END), 0) AS BIGINT), \
         CAST(COALESCE(SUM(reminders), 0) AS BIGINT), CAST(COALESCE(SUM(blocking), 0) AS BIGINT) FROM monitoring_check \
         WHERE ($1 = '' OR fixmedins_code = $1) AND asked_at >= $2 AND asked_at <= $3";
    PUT_REMINDER, "monitoring.put_reminder",
        "INSERT INTO monitoring_reminder (jr_id, task_id, stage, rule_id, rule_version, library, severity, level, \
         fixmedins_code, psn_no, mdtrt_id, dept, doctor, amount, first_at, last_at, times, body, handling, reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, $17, '', '') \
         ON CONFLICT (jr_id) DO UPDATE SET library = excluded.library, level = excluded.level, \
         amount = excluded.amount, last_at = excluded.last_at, times = monitoring_reminder.times + 1, \
         body = excluded.body";
    REMINDER, "monitoring.reminder",
        "SELECT jr_id, task_id, stage, rule_id, rule_version, library, severity, level, fixmedins_code, psn_no, mdtrt_id, \
         dept, doctor, amount, first_at, last_at, times, body, handling, reason, answered_at FROM monitoring_reminder \
         WHERE jr_id = $1";
    REMINDERS_OF, "monitoring.reminders_of",
        "SELECT jr_id, task_id, stage, rule_id, rule_version, library, severity, level, fixmedins_code, psn_no, mdtrt_id, \
         dept, doctor, amount, first_at, last_at, times, body, handling, reason, answered_at FROM monitoring_reminder \
         WHERE psn_no = $1 AND ($2 = '' OR mdtrt_id = $2) ORDER BY first_at, jr_id";
    ADD_FEEDBACK, "monitoring.add_feedback",
        "INSERT INTO monitoring_feedback (jr_id, msgid, warn_type, handling, reason, answered_at, answered_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (jr_id, msgid) DO NOTHING";
    FEEDBACK, "monitoring.feedback",
        "SELECT jr_id, msgid, warn_type, handling, reason, answered_at, answered_by FROM monitoring_feedback \
         WHERE jr_id = $1 ORDER BY answered_at, msgid";
    ANSWER_REMINDER, "monitoring.answer_reminder",
        "UPDATE monitoring_reminder SET handling = $2, reason = $3, answered_at = $4 WHERE jr_id = $1";
    PUT_OUTCOME, "monitoring.put_outcome",
        "INSERT INTO monitoring_outcome (subject, source, rule_id, rule_version, generation, fixmedins_code, confirmed, \
         told_at, told_by, why) VALUES ($1, $2, $3, $4, \
         COALESCE((SELECT generation FROM monitoring_standing WHERE rule_id = $3 AND rule_version = $4), 0), \
         $5, $6, $7, $8, $9) \
         ON CONFLICT (subject, source) DO UPDATE SET confirmed = excluded.confirmed, told_at = excluded.told_at, \
         told_by = excluded.told_by, why = excluded.why";
    OUTCOMES, "monitoring.outcomes",
        "SELECT CAST(COALESCE(SUM(o.confirmed), 0) AS BIGINT), CAST(COALESCE(SUM(1 - o.confirmed), 0) AS BIGINT), \
         COUNT(DISTINCT CASE WHEN o.confirmed = 0 THEN o.fixmedins_code END) FROM monitoring_outcome o \
         WHERE o.rule_id = $1 AND o.rule_version = $2 AND o.generation >= $3 AND (o.source = 'case' OR NOT EXISTS \
         (SELECT 1 FROM monitoring_outcome c WHERE c.subject = o.subject AND c.source = 'case'))";
    OUTCOMES_TOLD, "monitoring.outcomes_told",
        "SELECT subject, source, rule_id, rule_version, fixmedins_code, confirmed, told_at, told_by, why \
         FROM monitoring_outcome WHERE rule_id = $1 ORDER BY told_at DESC, subject LIMIT $2";
    RECORDS, "monitoring.records",
        "SELECT o.rule_id, o.rule_version, CAST(COALESCE(SUM(o.confirmed), 0) AS BIGINT), \
         CAST(COALESCE(SUM(1 - o.confirmed), 0) AS BIGINT), \
         COUNT(DISTINCT CASE WHEN o.confirmed = 0 THEN o.fixmedins_code END) FROM monitoring_outcome o \
         WHERE o.source = 'case' OR NOT EXISTS \
         (SELECT 1 FROM monitoring_outcome c WHERE c.subject = o.subject AND c.source = 'case') \
         GROUP BY o.rule_id, o.rule_version ORDER BY o.rule_id, o.rule_version";
    STANDINGS, "monitoring.standings",
        "SELECT rule_id, rule_version, rule_force, generation, since FROM monitoring_standing ORDER BY rule_id, rule_version";
    PUT_STANDING, "monitoring.put_standing",
        "INSERT INTO monitoring_standing (rule_id, rule_version, rule_force, generation, since) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (rule_id, rule_version) DO UPDATE SET rule_force = excluded.rule_force, \
         generation = excluded.generation, since = excluded.since";
    ADD_CHANGE, "monitoring.add_change",
        "INSERT INTO monitoring_demotion (rule_id, rule_version, generation, from_force, to_force, decided_at, decided_by, \
         why, confirmed, refuted, institutions, lower_bound, floor_bound) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    CHANGES, "monitoring.changes",
        "SELECT rule_id, rule_version, generation, from_force, to_force, decided_at, decided_by, why, confirmed, refuted, \
         institutions, lower_bound, floor_bound FROM monitoring_demotion ORDER BY decided_at, rule_id, generation";
    ADD_SUPPRESSION, "monitoring.add_suppression",
        "INSERT INTO monitoring_suppression (suppression_id, rule_id, psn_no, fixmedins_code, med_list_codg, diag_code, \
         from_day, until_day, made_at, made_by, why, ended_by, ended_why) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '')";
    END_SUPPRESSION, "monitoring.end_suppression",
        "UPDATE monitoring_suppression SET ended_at = $2, ended_by = $3, ended_why = $4 \
         WHERE suppression_id = $1 AND ended_at IS NULL";
    SUPPRESSIONS, "monitoring.suppressions",
        "SELECT suppression_id, rule_id, psn_no, fixmedins_code, med_list_codg, diag_code, from_day, until_day, made_at, \
         made_by, why, ended_at, ended_by, ended_why FROM monitoring_suppression ORDER BY made_at, suppression_id";
}
