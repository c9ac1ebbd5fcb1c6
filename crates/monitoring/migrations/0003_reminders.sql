-- 提醒调用: one message 3101 or 3102 about one visit: when, how long the analysis took
-- (microseconds), what was checked and what was not.
CREATE TABLE monitoring_check (
  task_id TEXT NOT NULL PRIMARY KEY,
  stage TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  psn_no TEXT NOT NULL,
  mdtrt_id TEXT NOT NULL,
  trig_scen TEXT NOT NULL,
  library TEXT NOT NULL,
  asked_at TEXT NOT NULL,
  micros BIGINT NOT NULL,
  rules_run BIGINT NOT NULL,
  rules_not_checked BIGINT NOT NULL,
  reminders BIGINT NOT NULL,
  blocking BIGINT NOT NULL,
  not_checked TEXT NOT NULL
);
CREATE INDEX monitoring_check_institution ON monitoring_check (fixmedins_code, asked_at);
-- 提醒 by its number (违规标识): the same finding told again is the same reminder. level is what was
-- told (sev_deg), severity what the rule says; handling and reason are the doctor's last answer.
CREATE TABLE monitoring_reminder (
  jr_id TEXT NOT NULL PRIMARY KEY,
  task_id TEXT NOT NULL,
  stage TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  rule_version TEXT NOT NULL,
  library TEXT NOT NULL,
  severity BIGINT NOT NULL,
  level BIGINT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  psn_no TEXT NOT NULL,
  mdtrt_id TEXT NOT NULL,
  dept TEXT NOT NULL,
  doctor TEXT NOT NULL,
  amount BIGINT NOT NULL,
  first_at TEXT NOT NULL,
  last_at TEXT NOT NULL,
  times BIGINT NOT NULL,
  body BLOB NOT NULL,
  handling TEXT NOT NULL,
  reason TEXT NOT NULL,
  answered_at TEXT
);
CREATE INDEX monitoring_reminder_visit ON monitoring_reminder (psn_no, mdtrt_id);
CREATE INDEX monitoring_reminder_rule ON monitoring_reminder (rule_id, rule_version);
-- 反馈: every answer a doctor gave (3103), by message.
CREATE TABLE monitoring_feedback (
  jr_id TEXT NOT NULL,
  msgid TEXT NOT NULL,
  warn_type TEXT NOT NULL,
  handling TEXT NOT NULL,
  reason TEXT NOT NULL,
  answered_at TEXT NOT NULL,
  answered_by TEXT NOT NULL,
  PRIMARY KEY (jr_id, msgid)
)
