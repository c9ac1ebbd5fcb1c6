-- 核实结果: whether a finding or reminder was right (1) or wrong (0), by whose word: doctor or
-- case. A case's word stands over the doctor's. generation counts the standings of the rule's
-- version: a demotion begins a new one, and only its own outcomes are looked at for the next.
CREATE TABLE monitoring_outcome (
  subject TEXT NOT NULL,
  source TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  rule_version TEXT NOT NULL,
  generation BIGINT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  confirmed BIGINT NOT NULL,
  told_at TEXT NOT NULL,
  told_by TEXT NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (subject, source)
);
CREATE INDEX monitoring_outcome_rule ON monitoring_outcome (rule_id, rule_version, generation);
-- 规则效力 of a rule's version that does not stand at its own; without a row it does.
CREATE TABLE monitoring_standing (
  rule_id TEXT NOT NULL,
  rule_version TEXT NOT NULL,
  rule_force TEXT NOT NULL,
  generation BIGINT NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (rule_id, rule_version)
);
-- 升降级记录: every change of a rule's force, with the figures it rests on (ratios in 0.0001);
-- rows are never changed.
CREATE TABLE monitoring_demotion (
  rule_id TEXT NOT NULL,
  rule_version TEXT NOT NULL,
  generation BIGINT NOT NULL,
  from_force TEXT NOT NULL,
  to_force TEXT NOT NULL,
  decided_at TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  why TEXT NOT NULL,
  confirmed BIGINT NOT NULL,
  refuted BIGINT NOT NULL,
  institutions BIGINT NOT NULL,
  lower_bound BIGINT NOT NULL,
  floor_bound BIGINT NOT NULL,
  PRIMARY KEY (rule_id, rule_version, generation)
);
-- 豁免: whom or what a rule leaves alone; blank conditions hold for all. Ended, never deleted.
CREATE TABLE monitoring_suppression (
  suppression_id TEXT NOT NULL PRIMARY KEY,
  rule_id TEXT NOT NULL,
  psn_no TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  med_list_codg TEXT NOT NULL,
  diag_code TEXT NOT NULL,
  from_day TEXT NOT NULL,
  until_day TEXT,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  why TEXT NOT NULL,
  ended_at TEXT,
  ended_by TEXT NOT NULL,
  ended_why TEXT NOT NULL
)
