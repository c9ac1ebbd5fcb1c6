-- 疑点 by set and key: a run that finds the same again changes nothing but the run it was last
-- found in. place tells whether its money counts: principal, supporting, excluded, suppressed;
-- under names the principal, the excluding finding or the suppression.
CREATE TABLE monitoring_finding (
  set_name TEXT NOT NULL,
  finding_key TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  rule_version TEXT NOT NULL,
  library TEXT NOT NULL,
  severity BIGINT NOT NULL,
  psn_no TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  mdtrt_id TEXT NOT NULL,
  visit_day TEXT NOT NULL,
  place TEXT NOT NULL,
  under TEXT NOT NULL,
  amount BIGINT NOT NULL,
  counted BIGINT NOT NULL,
  first_run TEXT NOT NULL,
  last_run TEXT NOT NULL,
  found_at TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (set_name, finding_key)
);
CREATE INDEX monitoring_finding_institution ON monitoring_finding (fixmedins_code, rule_id);
CREATE INDEX monitoring_finding_person ON monitoring_finding (psn_no);
CREATE INDEX monitoring_finding_run ON monitoring_finding (last_run)
