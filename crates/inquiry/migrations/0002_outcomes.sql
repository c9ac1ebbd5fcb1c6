-- 追回及其撤销: amounts are negative when something is undone. by_fund and lines are JSON.
CREATE TABLE inquiry_recovery (
  case_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  way TEXT NOT NULL,
  amount BIGINT NOT NULL,
  by_fund TEXT NOT NULL,
  lines TEXT NOT NULL,
  transfer_id TEXT NOT NULL UNIQUE,
  made_at TEXT NOT NULL,
  PRIMARY KEY (case_id, seq)
);
-- 罚款: times is empty when the article names a sum.
CREATE TABLE inquiry_fine (
  case_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  article TEXT NOT NULL,
  loss BIGINT NOT NULL,
  times TEXT NOT NULL,
  amount BIGINT NOT NULL,
  made_at TEXT NOT NULL,
  revoked BIGINT NOT NULL,
  PRIMARY KEY (case_id, seq)
);
-- 信用事件: revoked is why it no longer counts, empty while it does.
CREATE TABLE inquiry_credit (
  event_id TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  code TEXT NOT NULL,
  event TEXT NOT NULL,
  points BIGINT NOT NULL,
  counts_on TEXT NOT NULL,
  case_id TEXT NOT NULL,
  article TEXT NOT NULL,
  revoked TEXT NOT NULL
);
CREATE INDEX inquiry_credit_holder ON inquiry_credit (holder, code);
CREATE INDEX inquiry_credit_case ON inquiry_credit (case_id);
-- 抽样: one a case; estimate is its JSON once the sample is evaluated.
CREATE TABLE inquiry_sample (
  case_id TEXT NOT NULL PRIMARY KEY,
  seed TEXT NOT NULL,
  drawn_at TEXT NOT NULL,
  funds TEXT NOT NULL,
  insutype TEXT NOT NULL,
  clr_type TEXT NOT NULL,
  estimate TEXT NOT NULL
);
-- 抽样总体: held is 1 while the case speaks for the visit: from the drawing until it is decided
-- without an extrapolation, dropped or overturned.
CREATE TABLE inquiry_unit (
  case_id TEXT NOT NULL,
  psn_no TEXT NOT NULL,
  mdtrt_id TEXT NOT NULL,
  stratum TEXT NOT NULL,
  paid BIGINT NOT NULL,
  drawn BIGINT NOT NULL,
  held BIGINT NOT NULL,
  PRIMARY KEY (case_id, psn_no, mdtrt_id)
);
CREATE INDEX inquiry_unit_visit ON inquiry_unit (psn_no, mdtrt_id)
