-- 备案. A cancelled filing stays: its number is never free again.
CREATE TABLE enrolment_filing (
  psn_no TEXT NOT NULL,
  seq BIGINT NOT NULL,
  filing_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  begndate TEXT NOT NULL,
  enddate TEXT,
  dise_codg TEXT,
  admdvs TEXT,
  cancelled BIGINT NOT NULL,
  fields TEXT NOT NULL,
  filed_at TEXT NOT NULL,
  cancelled_at TEXT,
  PRIMARY KEY (psn_no, seq)
);
CREATE UNIQUE INDEX enrolment_filing_number ON enrolment_filing (psn_no, filing_id)
