-- 线索: lines is the JSON of what it points at; confidence is in hundredths of a percent, -1
-- when unknown; case_id is empty until a case takes it up. Amounts are in 分.
CREATE TABLE inquiry_clue (
  clue_id TEXT NOT NULL PRIMARY KEY,
  source TEXT NOT NULL,
  reference TEXT NOT NULL,
  rule TEXT NOT NULL,
  version TEXT NOT NULL,
  fixmedins_code TEXT NOT NULL,
  amount BIGINT NOT NULL,
  confidence BIGINT NOT NULL,
  summary TEXT NOT NULL,
  found_at TEXT NOT NULL,
  case_id TEXT NOT NULL,
  lines TEXT NOT NULL,
  UNIQUE (source, reference)
);
CREATE INDEX inquiry_clue_open ON inquiry_clue (case_id, fixmedins_code, rule);
-- 案件事实: what an audit case is about, beside the case of the same number.
CREATE TABLE inquiry_case (
  case_id TEXT NOT NULL PRIMARY KEY,
  fixmedins_code TEXT NOT NULL,
  rule TEXT NOT NULL,
  rule_version TEXT NOT NULL,
  disputed BIGINT NOT NULL,
  recoverable BIGINT NOT NULL,
  confidence BIGINT NOT NULL,
  opened_at TEXT NOT NULL
);
-- 争议明细: slot is person/visit/line while the line is open or upheld, else case/number; unique,
-- so that the money of a line counts once. place is the JSON of what the funds paid for it.
CREATE TABLE inquiry_line (
  case_id TEXT NOT NULL,
  no BIGINT NOT NULL,
  slot TEXT NOT NULL UNIQUE,
  psn_no TEXT NOT NULL,
  mdtrt_id TEXT NOT NULL,
  setl_id TEXT NOT NULL,
  insutype TEXT NOT NULL,
  clr_type TEXT NOT NULL,
  feedetl_sn TEXT NOT NULL,
  med_list_codg TEXT NOT NULL,
  practitioner TEXT NOT NULL,
  rule TEXT NOT NULL,
  rule_version TEXT NOT NULL,
  place TEXT NOT NULL,
  disputed BIGINT NOT NULL,
  state TEXT NOT NULL,
  decided BIGINT NOT NULL,
  by_fund TEXT NOT NULL,
  article TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (case_id, no)
);
CREATE INDEX inquiry_line_visit ON inquiry_line (psn_no, mdtrt_id);
-- 意见: never changed; seq is the step that gave it.
CREATE TABLE inquiry_opinion (
  case_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  no BIGINT NOT NULL,
  stage TEXT NOT NULL,
  given_by TEXT NOT NULL,
  amount BIGINT NOT NULL,
  article TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (case_id, seq, no)
);
-- 申诉: evidence is the JSON of slots and digests of documents.
CREATE TABLE inquiry_appeal (
  case_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  no BIGINT NOT NULL,
  grounds TEXT NOT NULL,
  evidence TEXT NOT NULL,
  PRIMARY KEY (case_id, seq, no)
)
