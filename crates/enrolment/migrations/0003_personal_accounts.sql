-- 个人账户. The balance in 分, changed only together with ledger entries, never below zero.
CREATE TABLE enrolment_account (
  psn_no TEXT PRIMARY KEY,
  balance BIGINT NOT NULL CHECK (balance >= 0)
);
-- 共济授权: psn_no may use giver's account; seq is the order of use; no year_lmt is no limit.
CREATE TABLE enrolment_mutual_aid (
  psn_no TEXT NOT NULL,
  seq BIGINT NOT NULL,
  giver TEXT NOT NULL,
  begndate TEXT NOT NULL,
  enddate TEXT,
  year_lmt BIGINT,
  PRIMARY KEY (psn_no, seq)
);
CREATE UNIQUE INDEX enrolment_mutual_aid_giver ON enrolment_mutual_aid (psn_no, giver)
